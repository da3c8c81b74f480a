"""What a net is worth: beside sklearn and plain loops, and no look at the test set goes uncounted."""

import warnings

import hypothesis.strategies as st
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from sklearn.metrics import confusion_matrix
from torch.nn import functional as F

from lib.convnets.device import say_once
from lib.convnets.evaluate import (
    accuracies,
    accuracy,
    confusion,
    confusion_counts,
    predict,
    scores_and_labels,
    share_right,
    worst_mistakes,
)
from lib.convnets.images import DeviceImages


class Corner:
    """Scores an image by its upper left pixel, so that a mirror image has other scores."""

    weight = torch.linspace(-1, 1, 10)

    def scores(self, images):
        self.seen = getattr(self, "seen", 0) + len(images)
        return images[:, :1, 0, 0] * self.weight


class Looks:
    test_looks = 0


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    return DeviceImages(rng.integers(0, 256, (2300, 3, 4, 4), np.uint8), rng.integers(0, 10, 2300))


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 40), st.integers(2, 6), st.integers(0, 2**32))
def test_confusions_are_those_of_sklearn(count, classes, seed):
    generator = torch.Generator().manual_seed(seed)
    scores = torch.randn(count, classes, generator=generator)
    labels = torch.randint(classes, (count,), generator=generator)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # sklearn's, of a single class among few images
        expected = confusion_matrix(labels, scores.argmax(1), labels=range(classes))
    assert np.array_equal(confusion_counts(scores, labels), expected)
    assert share_right(scores, labels) == pytest.approx(np.trace(expected) / count)


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 40), st.integers(2, 6), st.integers(0, 2**32), st.integers(0, 50))
def test_the_worst_mistakes_are_those_with_the_highest_losses(count, classes, seed, most):
    generator = torch.Generator().manual_seed(seed)
    scores = torch.randn(count, classes, generator=generator)
    labels = torch.randint(classes, (count,), generator=generator)
    losses = [F.cross_entropy(scores[i : i + 1], labels[i : i + 1]).item() for i in range(count)]
    wrong = [i for i in range(count) if scores[i].argmax() != labels[i]]
    expected = sorted(wrong, key=lambda i: -losses[i])[:most]
    got = worst_mistakes(scores, labels, most)
    np.testing.assert_allclose([losses[i] for i in got], [losses[i] for i in expected], rtol=1e-5)
    assert set(got.tolist()) <= set(wrong)
    assert len(set(got.tolist())) == len(expected)


def test_a_score_that_is_no_number_is_the_worst_mistake():
    scores = torch.tensor([[9.0, 0.0], [0.0, float("nan")], [0.0, 1.0]])
    assert worst_mistakes(scores, torch.tensor([1, 0, 1])).tolist() == [1, 0]


def test_every_image_is_scored_once_in_its_order(data):
    learner = Corner()
    scores, labels = scores_and_labels(learner, data)
    assert learner.seen == len(data)
    assert torch.equal(labels, data.labels)
    (x, _), = data.in_order(len(data))  # fmt: skip
    assert torch.equal(scores, learner.scores(x))
    assert accuracy(learner, data) == (scores.argmax(1) == labels).double().mean()
    assert torch.equal(predict(learner, data), scores.argmax(1))
    assert torch.equal(confusion(learner, data), confusion_counts(scores, labels))


def test_mirrored_views_are_averaged(data):
    learner = Corner()
    scores, _ = scores_and_labels(learner, data, mirrored=True)
    (x, _), = data.in_order(len(data))  # fmt: skip
    both = (x[:, :1, 0, 0] + x[:, :1, 0, -1]) / 2
    torch.testing.assert_close(scores, both * learner.weight)
    assert accuracy(learner, data, mirrored=True) == share_right(scores, data.labels)


def test_a_learner_may_give_arrays(data):
    class Numpy(Corner):
        def scores(self, images):
            return super().scores(images).double().numpy()

    scores, labels = scores_and_labels(Numpy(), data, mirrored=True)
    assert scores.dtype == torch.float64
    assert accuracy(Numpy(), data) == accuracy(Corner(), data)
    assert torch.equal(labels, data.labels)


def test_both_accuracies_come_from_one_look(data):
    test, history, learner = data.with_same_scale(Both(data), is_test=True), Looks(), Corner()
    found = accuracies(learner, test, history=history)
    assert (history.test_looks, learner.seen) == (1, 2 * len(data))
    assert found == tuple(
        accuracy(learner, data, mirrored=mirrored, history=history) for mirrored in (False, True)
    )
    assert found[0] != found[1]


@pytest.mark.parametrize("measure", [accuracy, confusion, predict, scores_and_labels])
@pytest.mark.parametrize("mirrored", [False, True])
def test_each_look_at_the_test_set_is_counted_once(data, measure, mirrored, capsys):
    test, history = data.with_same_scale(Both(data), is_test=True), Looks()
    measure(Corner(), data, mirrored=mirrored, history=history)
    assert history.test_looks == 0
    measure(Corner(), test, mirrored=mirrored, history=history)
    measure(Corner(), test, mirrored=mirrored, history=history)
    assert history.test_looks == 2
    assert capsys.readouterr().out == ""


def test_a_look_that_nobody_counts_is_said(data, capsys):
    say_once.cache_clear()
    accuracy(Corner(), data.with_same_scale(Both(data), is_test=True))
    assert capsys.readouterr().out == "The test set is looked at, and no history counts how often\n"


class Both:
    """Images and labels, as a Split has them."""

    def __init__(self, data):
        self.images, self.labels = data.images, data.labels


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        (lambda x: x[:, 0, 0, 0], r"scores: expected floats \(250, classes\) .*, got float32 \(250,\)"),
        (lambda x: x[:2, :, 0, 0], r"scores: expected floats \(250, classes\) .*, got float32 \(2, 3\)"),
        (lambda x: x[:, :, 0, 0].long(), r"scores: expected floats .*, got int64 \(250, 3\)"),
        (lambda x: x[:, :3, 0, 0], "labels: expected 0 to 2, as there are scores, got [0-9] at "),
    ],
)
def test_a_learner_that_gives_no_scores_is_refused(data, scores, message):
    learner = Corner()
    learner.scores = scores
    with pytest.raises(ValueError, match=message):
        accuracy(learner, data)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            Both(DeviceImages(np.zeros((1, 3, 4, 4), np.uint8), [0])),
            "data: expected DeviceImages, got .*with_same",
        ),
        (np.zeros((2, 3, 4, 4)), "data: expected DeviceImages, got float64"),
        (None, "data: expected DeviceImages, got None"),
    ],
)
def test_what_does_not_come_in_batches_is_refused(data, message):
    with pytest.raises(ValueError, match=message):
        accuracy(Corner(), data)


@pytest.mark.parametrize(
    ("scores", "labels", "message"),
    [
        (
            np.zeros((2, 2)),
            torch.zeros(2).long(),
            r"scores: expected a tensor \(N, classes\).*float64 \(2, 2\)",
        ),
        (
            torch.zeros(0, 3),
            torch.zeros(0).long(),
            r"scores: expected a tensor \(N, classes\), at least one row",
        ),
        (
            torch.zeros(2, 3),
            torch.zeros(3).long(),
            r"labels: expected a tensor int64 \(2,\), got int64 \(3,\)",
        ),
        (torch.zeros(2, 3), torch.zeros(2), r"labels: expected a tensor int64 \(2,\), got float32 \(2,\)"),
        (torch.zeros(2, 3), torch.tensor([0, 3]), r"labels: expected 0 to 2, .*, got 3 at \[1\]"),
        (torch.zeros(2, 3), torch.tensor([-1, 0]), r"labels: expected 0 to 2, .*, got -1 at \[0\]"),
    ],
)
@pytest.mark.parametrize("measure", [share_right, confusion_counts, worst_mistakes])
def test_scores_and_labels_that_do_not_fit_are_refused(measure, scores, labels, message):
    with pytest.raises(ValueError, match=message):
        measure(scores, labels)


def test_a_net_alone_is_told_how_to_become_a_learner():
    with pytest.raises(
        ValueError, match=r"learner: expected a TorchLearner, .* TorchLearner\(model, recipe\)"
    ):
        accuracy(torch.nn.Flatten(), DeviceImages(np.zeros((2, 3, 8, 8), np.uint8), [0, 1]))
