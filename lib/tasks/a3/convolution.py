"""Convolution, forward and backward, with stride and padding."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np

from lib.tasks.a3.drawn import Drawn, Extent, alike, in_both_orders
from lib.tasks.counting import steps
from lib.tasks.facts import any_nonzero, are_same
from lib.tasks.task import Task
from lib.tasks.values import plain_array as copy

task = Task(
    "a3.convolution",
    "Convolution",
    defines=("Conv2d",),
    parts={
        "output": 9,
        "grad_input": 7,
        "grad_weight": 5,
        "grad_bias": 2,
        "remainder": 3,
        "no loop over images": 2,
        "contract": 2,
    },
)


def made(
    Conv2d: Any,
    rng: np.random.Generator,
    *,
    images: int = 0,
    channels: Extent | None = None,
    kernel: Extent = (3, 4),
    stride: Extent = (1, 1),
    padding: Extent = (0, 0),
    places: Extent = (3, 4),
    left: Extent = (0, 0),
) -> Drawn:
    """Height and width are exchanged at random, in all settings at once; no two sizes of x are alike.

    images: N; 0 draws it
    channels: C and F; None draws them
    places: how many windows lie along each axis
    left: pixels of the padded image that no window covers, at its bottom and on its right
    """
    if rng.random() < 0.5:
        kernel, stride, padding, places, left = (
            (pair[1], pair[0]) for pair in (kernel, stride, padding, places, left)
        )
    N, C, F = (int(number) for number in rng.permutation([2, 3, 4, 5])[:3])
    N, (C, F) = images or N, channels or (C, F)
    H, W = (
        s * (o - 1) + k + r - 2 * p
        for o, k, s, p, r in zip(places, kernel, stride, padding, left, strict=True)
    )
    layer = Conv2d(C, F, kernel, stride, padding)
    layer.weight[...] = rng.normal(size=(F, C, *kernel))
    layer.bias[...] = rng.normal(size=F)
    return Drawn(layer, rng.normal(size=(N, C, H, W)), rng.normal(size=(N, F, *places)))


PADDED: dict[str, Any] = {"kernel": (4, 5), "stride": (3, 2), "padding": (1, 2), "places": (3, 5)}
LOPSIDED: dict[str, Any] = {"kernel": (3, 2), "stride": (2, 1), "padding": (2, 0), "places": (4, 5)}
GAPS: dict[str, Any] = {"kernel": (1, 2), "stride": (2, 3), "places": (4, 3)}
PIXELS: dict[str, Any] = {"channels": (1, 1), "kernel": (1, 1), "padding": (1, 1), "places": (5, 6)}
SQUARE: dict[str, Any] = {"kernel": (3, 3), "padding": (1, 1), "places": (5, 4)}
ONE_PLACE: dict[str, Any] = {"kernel": (4, 3), "places": (1, 1)}


@task.check("output")
def forward_with_padding(Conv2d: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward, with padding and stride"""
    both, one = made(Conv2d, rng, **PADDED), made(Conv2d, rng, **LOPSIDED)
    return {
        "forward(x)": both.forward(),
        "forward(x), padded along one axis": one.forward(),
        "forward(x), kernel and padding (1, 1), one channel": made(Conv2d, rng, **PIXELS).forward(),
        "forward(x), kernel (3, 3)": made(Conv2d, rng, **SQUARE).forward(),
    }


@task.check("output")
def forward_without_padding(Conv2d: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward, without padding"""
    plain, gaps, one = made(Conv2d, rng), made(Conv2d, rng, **GAPS), made(Conv2d, rng, images=1, **ONE_PLACE)
    return {
        "forward(x)": plain.forward(),
        "forward(x), stride larger than the kernel": gaps.forward(),
        "forward(x), one image as large as the kernel": one.forward(),
        "forward(x) in float32": copy(plain.layer.forward(plain.x.astype(np.float32))),
    }


@task.check("grad_input")
def backward_with_padding(Conv2d: Any, rng: np.random.Generator) -> dict[str, Any]:
    """backward, with padding and stride"""
    both, one = made(Conv2d, rng, **PADDED), made(Conv2d, rng, **LOPSIDED)
    found = {}
    for name, case in (("", both), (", padded along one axis", one)):
        case.forward()
        found[f"backward(x, grad_output){name}"] = case.backward()
    pixels, square = made(Conv2d, rng, **PIXELS), made(Conv2d, rng, **SQUARE)
    for name, case in (("kernel and padding (1, 1), one channel", pixels), ("kernel (3, 3)", square)):
        case.forward()
        found[f"backward(x, grad_output), {name}"] = case.backward()
    scaled = made(Conv2d, rng, **LOPSIDED)
    scaled.forward()
    found["backward(x, grad_output, scale=0.5)"] = scaled.backward(scale=0.5)
    return found


@task.check("grad_input")
def backward_without_padding(Conv2d: Any, rng: np.random.Generator) -> dict[str, Any]:
    """backward, without padding"""
    cases = {
        "": made(Conv2d, rng),
        ", stride larger than the kernel": made(Conv2d, rng, **GAPS),
        ", one image as large as the kernel": made(Conv2d, rng, images=1, **ONE_PLACE),
    }
    found = {}
    for name, case in cases.items():
        case.forward()
        found[f"backward(x, grad_output){name}"] = case.backward()
    return found


@task.check("grad_weight")
def gradient_of_the_weight(Conv2d: Any, rng: np.random.Generator) -> dict[str, Any]:
    """two backwards, the second with scale=0.5"""
    found = {}
    for name, settings in (("", PADDED), (", no padding", GAPS)):
        case = made(Conv2d, rng, **settings)
        case.forward()
        case.backward()
        found[f"grad_weight after one{name}"] = copy(case.layer.grad_weight)
        case.backward(scale=0.5)
        found[f"grad_weight after both{name}"] = copy(case.layer.grad_weight)
        floats = case._replace(x=case.x.astype(np.float32), grad_output=case.grad_output.astype(np.float32))
        floats.forward()
        floats.backward()
        found[f"grad_weight after a third in float32{name}"] = copy(case.layer.grad_weight)
    return found


@task.check("grad_bias")
def gradient_of_the_bias(Conv2d: Any, rng: np.random.Generator) -> dict[str, Any]:
    """two backwards, the second with scale=0.5"""
    case = made(Conv2d, rng, **PADDED)
    case.forward()
    case.backward()
    once = copy(case.layer.grad_bias)
    case.backward(scale=0.5)
    return {"grad_bias after one": once, "grad_bias after both": copy(case.layer.grad_bias)}


REMAINDER: dict[str, Any] = {
    "kernel": (4, 5),
    "stride": (3, 4),
    "padding": (1, 2),
    "places": (2, 3),
    "left": (2, 3),
}


@task.check("remainder")
def what_no_window_covers(Conv2d: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the stride does not divide the image: a row at the bottom and a column on the right stay uncovered"""
    case = made(Conv2d, rng, **REMAINDER)
    outside, edge = case.x.copy(), case.x.copy()
    outside[:, :, -1] += 1
    outside[:, :, :, -1] += 1
    edge[:, :, -2] += 1
    changed = [case._replace(x=x).forward() for x in (outside, edge)]
    output, grad_input = case.forward(), case.backward()
    return {
        "shape of forward(x)": np.array(np.shape(output)),
        "shape of backward(x, grad_output)": np.array(np.shape(grad_input)),
        "the last row and column change the output": ~alike(output, changed[0]),
        "the last row but one changes the output": ~alike(output, changed[1]),
        "gradient of the last row": grad_input[:, :, -1],
        "gradient of the last column": grad_input[:, :, :, -1],
        "the last row but one has a gradient": any_nonzero(grad_input[:, :, -2]),
    }


@task.check("no loop over images")
def steps_of_python(Conv2d: Any, rng: np.random.Generator) -> dict[str, Any]:
    """ten times the images, and the steps that Python takes"""
    layer, *few = made(Conv2d, rng, images=3)
    forward, backward = [], []
    for arrays in (few, [np.tile(array, (10, 1, 1, 1)) for array in few]):
        fresh = deepcopy(layer)
        forward.append(steps(fresh.forward, arrays[0]))
        output = fresh.forward(arrays[0])
        backward.append(steps(fresh.backward, *arrays))
    return {
        "forward takes less than twice the steps": forward[1] < 2 * forward[0],
        "backward takes less than twice the steps": backward[1] < 2 * backward[0],
        "forward(x) holds other numbers than 0": any_nonzero(output),
    }


@task.check("contract")
def untouched(Conv2d: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward and backward, beside copies made before"""
    layer, x, grad_output = made(Conv2d, rng, **PADDED)
    before = [copy(array) for array in (x, grad_output, layer.weight, layer.bias)]
    output = copy(layer.forward(x))
    layer.backward(x, grad_output)
    after = {"x": x, "grad_output": grad_output, "weight": layer.weight, "bias": layer.bias}
    same = {
        f"{name} is as before": are_same(array, old)
        for (name, array), old in zip(after.items(), before, strict=True)
    }
    return {**same, "forward(x) holds other numbers than 0": any_nonzero(output)}


@task.check("contract")
def one_batch_after_another(Conv2d: Any, rng: np.random.Generator) -> dict[str, Any]:
    """a batch, then one of another size, beside a fresh layer that sees the second alone"""
    used, *first = made(Conv2d, rng, **PADDED)
    x, grad_output = (rng.normal(size=(7, *array.shape[1:])) for array in first)
    fresh = deepcopy(used)
    used.forward(first[0].copy())
    used.backward(*(array.copy() for array in first))
    for layer in (used, fresh):
        layer.weight[...] *= -0.5
    second = [Drawn(layer, x, grad_output) for layer in (used, fresh)]
    pairs = {
        "forward": [case.forward() for case in second],
        "backward": [case.backward() for case in second],
    }
    found = {f"{name} is that of a fresh layer": alike(*both) for name, both in pairs.items()}
    return {**found, "forward(x) holds other numbers than 0": any_nonzero(pairs["forward"][0])}


@task.check("contract")
def channels_last_in_memory(Conv2d: Any, rng: np.random.Generator) -> dict[str, Any]:
    """images whose channels lie last in memory, beside the same in numpy's usual order"""
    return in_both_orders(*made(Conv2d, rng, **PADDED))


@task.check("contract")
def images_of_another_size(Conv2d: Any, rng: np.random.Generator) -> dict[str, Any]:
    """images of one size, then larger ones, beside a fresh layer that sees these alone"""
    used, x, grad_output = made(Conv2d, rng, **PADDED)
    fresh, turned = deepcopy(used), grad_output.shape[2:] != PADDED["places"]
    down, right = PADDED["stride"][:: -1 if turned else 1]
    used.forward(x.copy())
    used.backward(x.copy(), grad_output.copy())
    larger, N, F = (x.shape[2] + 2 * down, x.shape[3] + right), *grad_output.shape[:2]
    x, grad_output = (
        rng.normal(size=(N, x.shape[1], *larger)),
        rng.normal(size=(N, F, grad_output.shape[2] + 2, grad_output.shape[3] + 1)),
    )
    second = [Drawn(layer, x, grad_output) for layer in (used, fresh)]
    forward, backward = [case.forward() for case in second], [case.backward() for case in second]
    return {
        "forward is that of a fresh layer": alike(*forward),
        "backward is that of a fresh layer": alike(*backward),
        "forward(x) holds other numbers than 0": any_nonzero(forward[0]),
    }
