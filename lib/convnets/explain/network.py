"""What all explanations share: an image goes through a net, which is left as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor, nn

from lib.checks import check_whole, mismatch, shown

Image: TypeAlias = np.ndarray | Tensor  # floats (C, H, W), on any device
COLOURS = (1, 3)  # channels of what can be shown as an image
SMALL_FLOATS = (torch.bfloat16, torch.float16)  # numpy has no bfloat16, and half of it is half as exact


class FromPixels(nn.Module):
    """A net that takes pixels from 0 to 1: it centres and scales them itself, as was done in its training.

    Its scores are those of the net within, and so are the names of its layers for `find_layer`.

    model: takes images (N, C, H, W) of which `mean` was subtracted, and which were divided by `deviation`
    mean, deviation: of each channel, C numbers each; deviation > 0
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, model: nn.Module, mean: object, deviation: object):
        super().__init__()
        self.model = check_model(model)
        some = next(self.model.parameters(), torch.zeros(0))
        for name, values in (("mean", mean), ("deviation", deviation)):
            self.register_buffer(name, _of_channels(values, name, some)[:, None, None])
        if self.mean.shape != self.deviation.shape:
            got = f"{len(self.deviation)} for {len(self.mean)}"
            raise mismatch("FromPixels", "deviation", "as many numbers as in mean", got)
        if not (self.deviation > 0).all():
            raise mismatch("FromPixels", "deviation", "numbers above 0", shown(deviation))

    def forward(self, pixels: Tensor) -> Tensor:
        return self.model((pixels - self.mean) / self.deviation)


def _of_channels(values: object, name: str, like: Tensor) -> Tensor:
    """A number for each channel, on the device and in the dtype of `like`."""
    try:
        numbers = torch.as_tensor(values).to(like.dtype).to(like.device, copy=True)
    except (TypeError, ValueError, RuntimeError):
        numbers = torch.zeros(0)
    if numbers.ndim != 1 or not len(numbers) or not numbers.isfinite().all():
        raise mismatch("FromPixels", name, "a finite number for each channel", shown(values))
    return numbers


def check_model(model: object) -> nn.Module:
    """A net of torch, returned; a compiled one as it was before: for one image, compiling does not pay."""
    model = getattr(model, "_orig_mod", model)
    if not isinstance(model, nn.Module):
        advice = "to_torch(module) makes one of a net of lib.nn" if hasattr(model, "update_output") else ""
        raise mismatch("", "model", "a torch.nn.Module", shown(model), advice)
    return model


@torch.inference_mode(False)  # which the caller may have switched on: it would forbid gradients here
def as_input(model: nn.Module, image: Image, *, pixels: bool = False) -> Tensor:
    """One image as a batch (1, C, H, W) on the device of the model, in its dtype; always a copy.

    pixels: True where all must be from 0 to 1
    """
    if not isinstance(image, (np.ndarray, Tensor)):
        raise mismatch("", "image", "an array or a tensor (C, H, W)", shown(image))
    shape = tuple(image.shape)
    if len(shape) != 3 or 0 in shape:
        advice = "one image of a batch is images[0]" if len(shape) == 4 else ""
        raise mismatch("", "image", "one image (C, H, W)", f"shape {shape}", advice)
    if not (image.dtype.kind == "f" if isinstance(image, np.ndarray) else image.is_floating_point()):
        advice = "bytes become floats with image / 255" if "uint8" in str(image.dtype) else ""
        raise mismatch("", "image", "floats", str(image.dtype), advice)
    if isinstance(image, np.ndarray):
        image = torch.from_numpy(image.astype(np.float64 if image.itemsize > 4 else np.float32, order="C"))
    values = image.detach().clone()
    low, high = (float(end) for end in values.aminmax())
    if not np.isfinite([low, high]).all():
        raise mismatch("", "image", "finite numbers", f"numbers from {low} to {high}")
    if pixels and not 0 <= low <= high <= 1:
        advice = "wrap a net that takes standardised images: FromPixels(model, mean, deviation)"
        raise mismatch("", "image", "pixels from 0 to 1", f"{low:g} to {high:g}", advice)
    some = next((p for p in model.parameters() if p.is_floating_point()), values)
    return values.to(some.dtype).to(some.device)[None]  # first the dtype: MPS has no float64


def to_array(values: Tensor) -> np.ndarray:
    """A copy of the numbers in numpy; those of 16 bits become float32."""
    values = values.detach().cpu()
    return (values.float() if values.dtype in SMALL_FLOATS else values).numpy().copy()


@contextmanager
def evaluating(model: nn.Module, *, gradient: bool = False) -> Iterator[None]:
    """The net in evaluation mode; afterwards each of its modules has the mode that it had.

    gradient: True where gradients are needed, whatever the caller has switched off; it is faster without
    """
    modes = [(module, module.training) for module in model.modules()]
    try:
        model.eval()
        with torch.inference_mode(not gradient), torch.set_grad_enabled(gradient):
            yield
    finally:
        for module, mode in modes:
            module.training = mode


def scores_of(model: nn.Module, batch: Tensor) -> Tensor:
    """What the net says about each image: finite scores (N, classes), before any softmax."""
    try:
        scores = model(batch.clone())  # its first layer may work in place
    except torch.OutOfMemoryError:
        raise
    except RuntimeError as error:
        reason = str(error).partition("\n")[0]
        expected = f"a net that takes images {tuple(batch.shape)}"
        got = f"{type(model).__name__}, where torch says: {reason}"
        last = batch.shape[1] not in COLOURS and batch.shape[3] in COLOURS
        advice = "channels come first: image.transpose(2, 0, 1)" if last else ""
        raise mismatch("", "model", expected, got, advice) from error
    if not isinstance(scores, Tensor) or scores.ndim != 2 or len(scores) != len(batch):
        what = f"shape {tuple(scores.shape)}" if isinstance(scores, Tensor) else type(scores).__name__
        raise mismatch("", "model", f"scores ({len(batch)}, classes)", what)
    if not scores.isfinite().all():
        raise mismatch("", "model", "finite scores", "nan or inf", "did its training diverge?")
    return scores


def choose_label(scores: Tensor, label: int | None) -> int:
    """The class to explain: `label`, or with None the one of the highest score; scores: (1, classes)."""
    if label is None:
        return int(scores[0].argmax())
    return check_whole(label, name="label", high=scores.shape[1] - 1, of="the classes of the net")


def gradient_of(value: Tensor, x: Tensor) -> Tensor:
    """∂value/∂x, of the shape of x; the parameters of the net gather nothing in their `grad`."""
    if not value.requires_grad:
        advice = "does its forward run under no_grad, or detach?"
        raise mismatch("", "model", "scores that have a gradient", "scores cut off from the image", advice)
    return torch.autograd.grad(value, x, materialize_grads=True)[0]


def probabilities(model: nn.Module, image: Image) -> np.ndarray:
    """What the net says about an image: the softmax of its scores, (classes,).

    model: takes (1, C, H, W), gives scores (1, classes)
    image: floats (C, H, W)
    """
    model = check_model(model)
    x = as_input(model, image)
    with evaluating(model):
        return to_array(scores_of(model, x).softmax(dim=1)[0])
