"""Max pooling, forward and backward."""

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
    "a3.max_pooling",
    "Max pooling",
    defines=("MaxPool2d",),
    parts={
        "output": 4,
        "negative": 2,
        "grad_input": 5,
        "ties": 3,
        "remainder": 2,
        "no loop over images": 1,
        "contract": 1,
    },
)


def made(
    MaxPool2d: Any,
    rng: np.random.Generator,
    *,
    images: int = 0,
    kernel: Extent,
    stride: Extent,
    places: Extent = (3, 5),
    left: Extent = (0, 0),
) -> Drawn:
    """Positive numbers, no two alike; height and width are exchanged at random, in all settings at once.

    images: N; 0 draws it
    places: how many windows lie along each axis
    left: pixels that no window covers, at the bottom and on the right
    """
    if rng.random() < 0.5:
        kernel, stride, places, left = ((pair[1], pair[0]) for pair in (kernel, stride, places, left))
    N, C = (int(number) for number in rng.permutation([2, 3, 4])[:2])
    N = images or N
    H, W = (s * (o - 1) + k + r for o, k, s, r in zip(places, kernel, stride, left, strict=True))
    x = 1 + rng.permutation(N * C * H * W).reshape(N, C, H, W) / 10
    return Drawn(MaxPool2d(kernel, stride), x, rng.normal(size=(N, C, *places)))


OVERLAP: dict[str, Any] = {"kernel": (3, 4), "stride": (2, 1)}
SIDE_BY_SIDE: dict[str, Any] = {"kernel": (2, 3), "stride": (2, 3)}
SQUARE: dict[str, Any] = {"kernel": (2, 2), "stride": (2, 2)}
GAPS: dict[str, Any] = {"kernel": (1, 2), "stride": (2, 3)}
ONE_PLACE: dict[str, Any] = {"kernel": (4, 3), "stride": (2, 1), "places": (1, 1)}


@task.check("output")
def largest_numbers(MaxPool2d: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward, of positive numbers"""
    cases = {
        ", windows overlap": made(MaxPool2d, rng, **OVERLAP),
        ", windows side by side": made(MaxPool2d, rng, **SIDE_BY_SIDE),
        ", windows 2 × 2 side by side": made(MaxPool2d, rng, **SQUARE),
        ", windows apart": made(MaxPool2d, rng, **GAPS),
        ", one image as large as the window": made(MaxPool2d, rng, images=1, **ONE_PLACE),
    }
    return {f"forward(x){name}": case.forward() for name, case in cases.items()}


@task.check("negative")
def negative_numbers(MaxPool2d: Any, rng: np.random.Generator) -> dict[str, Any]:
    """all numbers are negative, some of them large"""
    case = made(MaxPool2d, rng, **SIDE_BY_SIDE)
    case.x[...] *= -1
    case.x[0] *= 1000
    output = case.forward()
    huge = case._replace(x=1e15 * case.x)
    return {
        "forward(x)": output,
        "backward(x, grad_output)": case.backward(),
        "forward(10¹⁵ · x)": huge.forward(),
    }


@task.check("grad_input")
def gradients_of_overlapping_windows(MaxPool2d: Any, rng: np.random.Generator) -> dict[str, Any]:
    """backward, windows overlap: a pixel may win several"""
    case, one = made(MaxPool2d, rng, **OVERLAP), made(MaxPool2d, rng, images=1, **ONE_PLACE)
    case.x[:, :, 2::4, 2::4] += 1000  # wins whatever it is in
    found = {}
    for name, drawn in (("", case), (", one image as large as the window", one)):
        drawn.forward()
        found[f"backward(x, grad_output){name}"] = drawn.backward()
    return found


@task.check("grad_input")
def gradients_of_windows_apart(MaxPool2d: Any, rng: np.random.Generator) -> dict[str, Any]:
    """backward, windows do not overlap"""
    found = {}
    for name, settings in (("side by side", SIDE_BY_SIDE), ("2 × 2", SQUARE), ("apart", GAPS)):
        case = made(MaxPool2d, rng, **settings)
        case.forward()
        found[f"backward(x, grad_output), windows {name}"] = case.backward()
    return found


@task.check("ties")
def equal_numbers(MaxPool2d: Any, rng: np.random.Generator) -> dict[str, Any]:
    """backward, where the largest number of a window comes more than once"""
    found = {}
    square = made(MaxPool2d, rng, **SQUARE)
    square.x[...] = rng.integers(2, size=square.x.shape)
    for name, highest in (("zeros and ones", 2), ("all zeros, as after ReLU", 1)):
        case = made(MaxPool2d, rng, kernel=(3, 4), stride=(3, 4))
        case.x[...] = rng.integers(highest, size=case.x.shape)
        case.forward()
        found[f"backward(x, grad_output), {name}"] = case.backward()
    square.forward()
    found["backward(x, grad_output), zeros and ones, windows 2 × 2"] = square.backward()
    return found


@task.check("ties")
def equal_numbers_where_windows_overlap(MaxPool2d: Any, rng: np.random.Generator) -> dict[str, Any]:
    """windows overlap, and all numbers are equal"""
    case = made(MaxPool2d, rng, **OVERLAP)
    case.x[...] = 1
    case.grad_output[...] = 1
    case.forward()
    return {"pixels with a gradient": (np.array(case.backward()) != 0).astype(int)}


@task.check("remainder")
def what_no_window_covers(MaxPool2d: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the stride does not divide the image: a row at the bottom and a column on the right stay uncovered"""
    case = made(MaxPool2d, rng, kernel=(3, 4), stride=(2, 3), left=(1, 1))
    output = case.forward()
    changed: dict[str, list[Any]] = {"outside": [], "inside": []}  # pairs: before, after
    for step in (1000, -1000):
        outside, inside = case.x.copy(), case.x.copy()
        outside[:, :, -1] += step
        outside[:, :, :, -1] += step
        inside[:, :, -2] += step
        changed["outside"] += [output, case._replace(x=outside).forward()]
        changed["inside"] += [output, case._replace(x=inside).forward()]
    case.x[:, :, -2, :-1] += 1000
    case.forward()
    grad_input = case.backward()
    return {
        "shape of forward(x)": np.array(np.shape(output)),
        "shape of backward(x, grad_output)": np.array(np.shape(grad_input)),
        "the last row and column change the output": ~alike(*changed["outside"]),
        "the last row but one changes the output": ~alike(*changed["inside"]),
        "gradient of the last row": grad_input[:, :, -1],
        "gradient of the last column": grad_input[:, :, :, -1],
        "the last row but one has a gradient": any_nonzero(grad_input[:, :, -2]),
    }


@task.check("no loop over images")
def steps_of_python(MaxPool2d: Any, rng: np.random.Generator) -> dict[str, Any]:
    """ten times the images, and the steps that Python takes"""
    layer, *few = made(MaxPool2d, rng, images=3, **OVERLAP)
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
def untouched(MaxPool2d: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward and two backwards, beside copies made before"""
    layer, x, grad_output = made(MaxPool2d, rng, **OVERLAP)
    before = x.copy(), grad_output.copy()
    output = copy(layer.forward(x))
    once = copy(layer.backward(x, grad_output))
    again = copy(layer.backward(x, grad_output))
    return {
        "x is as before": are_same(x, before[0]),
        "grad_output is as before": are_same(grad_output, before[1]),
        "a second backward gives the same": alike(once, again),
        "forward(x) holds other numbers than 0": any_nonzero(output),
    }


@task.check("contract")
def one_batch_after_another(MaxPool2d: Any, rng: np.random.Generator) -> dict[str, Any]:
    """a batch, then one of another size, beside a fresh layer that sees the second alone"""
    used, *first = made(MaxPool2d, rng, **OVERLAP)
    channels = first[0].shape[1] + 1
    x, grad_output = (rng.normal(size=(7, channels, *array.shape[2:])) for array in first)
    fresh = deepcopy(used)
    used.forward(first[0].copy())
    used.backward(*(array.copy() for array in first))
    second = [Drawn(layer, x, grad_output) for layer in (used, fresh)]
    forward, backward = [case.forward() for case in second], [case.backward() for case in second]
    return {
        "forward is that of a fresh layer": alike(*forward),
        "backward is that of a fresh layer": alike(*backward),
        "forward(x) holds other numbers than 0": any_nonzero(forward[0]),
    }


@task.check("contract")
def both_precisions(MaxPool2d: Any, rng: np.random.Generator) -> dict[str, Any]:
    """float32 images, beside the same in float64"""
    layer, x, grad_output = made(MaxPool2d, rng, **OVERLAP)
    cases = [Drawn(layer, x.astype(dtype), grad_output.astype(dtype)) for dtype in (np.float32, np.float64)]
    results = [(case.forward(), case.backward()) for case in cases]
    outputs, grad_inputs = zip(*results, strict=True)
    return {
        "forward is the same": alike(*outputs),
        "backward is the same": alike(*grad_inputs),
        "forward(x) holds other numbers than 0": any_nonzero(outputs[0]),
    }


@task.check("contract")
def channels_last_in_memory(MaxPool2d: Any, rng: np.random.Generator) -> dict[str, Any]:
    """images whose channels lie last in memory, beside the same in numpy's usual order"""
    return in_both_orders(*made(MaxPool2d, rng, **OVERLAP))


@task.check("contract")
def images_of_another_size(MaxPool2d: Any, rng: np.random.Generator) -> dict[str, Any]:
    """images of one size, then larger ones, beside a fresh layer that sees these alone"""
    used, x, grad_output = made(MaxPool2d, rng, **SIDE_BY_SIDE)
    fresh = deepcopy(used)
    used.forward(x.copy())
    used.backward(x.copy(), grad_output.copy())
    x, grad_output = (
        rng.normal(size=(*array.shape[:2], 2 * array.shape[2], 3 * array.shape[3]))
        for array in (x, grad_output)
    )
    second = [Drawn(layer, x, grad_output) for layer in (used, fresh)]
    forward, backward = [case.forward() for case in second], [case.backward() for case in second]
    return {
        "forward is that of a fresh layer": alike(*forward),
        "backward is that of a fresh layer": alike(*backward),
        "forward(x) holds other numbers than 0": any_nonzero(forward[0]),
    }
