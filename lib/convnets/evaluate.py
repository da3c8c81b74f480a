"""How good a net is: scores, accuracy, confusions and the worst mistakes, with or without mirrored views."""

from __future__ import annotations

from typing import Any, Protocol

import torch
from torch import Tensor
from torch.nn import functional as F

from lib.checks import check_switch, check_whole, mismatch, shown
from lib.convnets.device import say_once

EVALUATED = 250  # images at a time: of 1,000 the features leave a processor's cache, in twice the time


class Scores(Protocol):
    """What is evaluated: a `Learner`, or anything that scores images."""

    def scores(self, images: Any) -> Any:
        """(N, classes) of images (N, C, H, W), in evaluation mode."""


def scores_and_labels(
    learner: Scores, data: Any, *, mirrored: bool = False, history: Any = None
) -> tuple[Tensor, Tensor]:
    """The scores of all images in their order, float (N, classes), and their labels, int64 (N,).

    learner: what scores the images
    data: `DeviceImages`; its images are shown as they are, without augmentation
    mirrored: True scores each image and its mirror image, and gives the mean: test-time augmentation
    history: the training's, whose `test_looks` counts each look at the test set (data.is_test); without one,
        the look is announced

    Raises `ValueError` where there are no images, or the learner gives anything but a row of scores an image.
    """
    views, labels = _views_and_labels(learner, data, check_switch(mirrored, name="mirrored"), history)
    return views.mean(0), labels


def _views_and_labels(learner: Scores, data: Any, mirrored: bool, history: Any) -> tuple[Tensor, Tensor]:
    """The scores of each view: float (1 or 2 views, N, classes), and the labels; one look."""
    check_split(data)
    if not hasattr(learner, "scores"):
        advice = "TorchLearner(model, recipe) makes one of a net"
        raise mismatch("", "learner", "a TorchLearner, or what has `scores`", shown(learner), advice)
    if getattr(data, "is_test", False):
        count_look(history)
    scored, labels = [], []
    for x, y in data.in_order(EVALUATED):
        views = [_checked(learner.scores(view), x) for view in ([x, x.flip(3)] if mirrored else [x])]
        scored.append(torch.stack(views))
        labels.append(torch.as_tensor(y).to(views[0].device))
    return torch.cat(scored, 1), torch.cat(labels)


def accuracy(learner: Scores, data: Any, *, mirrored: bool = False, history: Any = None) -> float:
    """The share of the images that is classified rightly, 0…1; arguments as of `scores_and_labels`."""
    scores, labels = scores_and_labels(learner, data, mirrored=mirrored, history=history)
    return share_right(scores, labels)


def accuracies(learner: Scores, data: Any, *, history: Any = None) -> tuple[float, float]:
    """The accuracy of single views, and that of the means over each image and its mirror image: one look."""
    views, labels = _views_and_labels(learner, data, True, history)
    return share_right(views[0], labels), share_right(views.mean(0), labels)


def predict(learner: Scores, data: Any, *, mirrored: bool = False, history: Any = None) -> Tensor:
    """The class with the highest score: int64 (N,); arguments as of `scores_and_labels`."""
    return scores_and_labels(learner, data, mirrored=mirrored, history=history)[0].argmax(1)


def confusion(learner: Scores, data: Any, *, mirrored: bool = False, history: Any = None) -> Tensor:
    """How often images of each class were taken for each other: int64 (classes, classes) on the CPU.

    Rows are the true classes, columns the predicted ones; arguments as of `scores_and_labels`.
    """
    scores, labels = scores_and_labels(learner, data, mirrored=mirrored, history=history)
    return confusion_counts(scores, labels)


def share_right(scores: Tensor, labels: Tensor) -> float:
    """The share of rows of scores (N, classes) whose highest is at the label: 0…1."""
    check_scores(scores, labels)
    return (scores.argmax(1) == labels).double().mean().item()


def confusion_counts(scores: Tensor, labels: Tensor) -> Tensor:
    """Pairs of true and predicted class, counted: int64 (classes, classes) on the CPU.

    >>> confusion_counts(torch.tensor([[2.0, 1.0], [0.0, 3.0], [0.0, 1.0]]), torch.tensor([0, 0, 1]))
    tensor([[1, 1],
            [0, 1]])
    """
    check_scores(scores, labels)
    classes = scores.shape[1]
    pairs = (labels * classes + scores.argmax(1)).cpu()
    return torch.bincount(pairs, minlength=classes**2).reshape(classes, classes)


def worst_mistakes(scores: Tensor, labels: Tensor, count: int = 10) -> Tensor:
    """Which images are classified wrongly with the highest losses, the worst first: int64 (≤ count,).

    scores: float (N, classes)
    labels: int64 (N,)
    count: how many at most
    """
    check_whole(count, name="count")
    check_scores(scores, labels)
    losses = F.cross_entropy(scores.float(), labels, reduction="none")
    losses = losses.nan_to_num(nan=torch.inf)
    order = losses.argsort(descending=True, stable=True)
    wrong = (scores.argmax(1) != labels)[order]
    return order[wrong][:count]


def count_look(history: Any) -> None:
    """Writes down a look at the test set: in the history's `test_looks`, or else for everyone to see."""
    if history is None:
        say_once("The test set is looked at, and no history counts how often")
    else:
        history.test_looks += 1


def check_split(data: Any) -> None:
    """Raises `ValueError` where data are not images that come in batches, or none at all."""
    if not (hasattr(data, "in_order") and hasattr(data, "__len__")):
        advice = "make them with train.with_same_scale(data.test)" if hasattr(data, "images") else ""
        raise mismatch("", "data", "DeviceImages", shown(data), advice)
    if not len(data):
        raise mismatch("", "data", "at least one image", "none")


def check_scores(scores: Any, labels: Any) -> None:
    """Raises `ValueError` where these are not scores (N, classes) and a label of each row."""
    if not isinstance(scores, Tensor) or scores.ndim != 2 or not scores.numel():
        raise mismatch("", "scores", "a tensor (N, classes), at least one row", _tensor_shown(scores))
    if not isinstance(labels, Tensor) or labels.shape != scores.shape[:1] or labels.dtype != torch.int64:
        raise mismatch("", "labels", f"a tensor int64 ({len(scores)},)", _tensor_shown(labels))
    classes = scores.shape[1]
    wrong = (labels < 0) | (labels >= classes)
    if wrong.any():
        place = int(wrong.nonzero()[0])
        raise mismatch(
            "", "labels", f"0 to {classes - 1}, as there are scores", f"{labels[place].item()} at [{place}]"
        )


def _checked(scores: Any, images: Any) -> Tensor:
    """What a learner gave, also an array of numpy, as floats (N, classes)."""
    scores = torch.as_tensor(scores)
    if scores.ndim != 2 or len(scores) != len(images) or not scores.is_floating_point():
        raise mismatch("", "scores", f"floats ({len(images)}, classes) of the learner", _tensor_shown(scores))
    return scores if scores.dtype == torch.float64 else scores.float()


def _tensor_shown(value: Any) -> str:
    """A tensor in an error message, by its type and shape."""
    if isinstance(value, Tensor):
        return f"{str(value.dtype).removeprefix('torch.')} {tuple(value.shape)}"
    return shown(value)
