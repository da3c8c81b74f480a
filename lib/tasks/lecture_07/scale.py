"""A layer that learns: one factor for each feature."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from lib import nn
from lib.nn.testing import check_module
from lib.tasks.lecture_07._layers import MODULE, sent_forward
from lib.tasks.task import Task

task = Task(
    "07.scale",
    "A layer that learns",
    defines=("Scale",),
    parts={"output": 1, "grad_input": 1, "grad_weight": 1, "check_module": 1},
    allows=(*MODULE, "lib.nn.testing", "lib.gradient_check"),
    hints=(
        "output and grad_input are much alike: the Jacobian of an example is diagonal, with the weights.",
        "∂L/∂w_k: the weight w_k touches feature k of all N examples. Add their shares, x · grad_output.",
        "A sum over the examples is .sum(axis=0). Add scale times it to self.grad_weight, with +=.",
    ),
    minutes=8,
    tells=("(grad_output * x).sum", "(x * grad_output).sum", "over the batch"),
)


def drawn_scale(Scale: Any, rng: np.random.Generator) -> tuple[Any, np.ndarray, np.ndarray]:
    """A layer with drawn weights, an input and a gradient from above."""
    examples, features = (int(size) for size in rng.permutation(np.arange(3, 7))[:2])
    layer = Scale(features)
    layer.weight[...] = rng.uniform(1.5, 3, features)
    return layer, rng.normal(size=(examples, features)), rng.normal(size=(examples, features))


@task.check("output")
def scale_forward(Scale: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward"""
    layer, x, _ = drawn_scale(Scale, rng)
    return {"forward(x)": layer.forward(x)}


@task.check("grad_input")
def scale_backward(Scale: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward, then ∂L/∂x"""
    layer, x, grad_output = drawn_scale(Scale, rng)
    return {"∂L/∂x": sent_forward(layer, x).update_grad_input(x, grad_output)}


@task.check("grad_weight")
def scale_accumulates(Scale: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward, then acc_grad_parameters twice, the second time with scale 0.5"""
    layer, x, grad_output = drawn_scale(Scale, rng)
    sent_forward(layer, x).acc_grad_parameters(x, grad_output, 1.0)
    found = {"grad_weight after one": np.array(layer.grad_weight)}
    layer.acc_grad_parameters(x, grad_output, 0.5)
    return found | {"grad_weight after two": np.array(layer.grad_weight)}


@task.check("check_module")
def scale_before_its_judge(Scale: Any, rng: np.random.Generator) -> dict[str, Any]:
    """check_module(layer, x)"""
    layer, x, _ = drawn_scale(Scale, rng)
    report = check_module(layer, x)
    lines = re.sub(rf"\b{re.escape(Scale.__name__)}\b", "the layer", str(report)).splitlines()[1:]
    return {"check_module": "no fault" if report.ok else " ".join(line.strip() for line in lines)}


@task.reference
class Scale(nn.Module):
    def __init__(self, features):
        self.weight = np.ones(features, np.float32)
        self.grad_weight = np.zeros(features, np.float32)

    def update_output(self, x):
        self.output = x * self.weight
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = grad_output * self.weight
        return self.grad_input

    def acc_grad_parameters(self, x, grad_output, scale=1.0):
        self.grad_weight += scale * (grad_output * x).sum(axis=0)


IN_WEIGHT = ("grad_weight", "check_module")


@task.wrong(
    0,
    "The second call has overwritten the first. acc_grad_parameters adds to grad_weight: +=.",
    breaks=IN_WEIGHT,
)
class SecondCallAlone(Scale):
    def acc_grad_parameters(self, x, grad_output, scale=1.0):
        self.grad_weight[...] = scale * (grad_output * x).sum(axis=0)


@task.wrong(
    0,
    "self.grad_weight = … makes a new array, and others keep the old one: change it in its place, with +=.",
    breaks="check_module",
)
class NewArray(Scale):
    def acc_grad_parameters(self, x, grad_output, scale=1.0):
        self.grad_weight = self.grad_weight + scale * (grad_output * x).sum(axis=0)


@task.wrong(
    0,
    "This averages over the examples. A layer adds their shares up; a mean is the criterion's affair.",
    breaks=IN_WEIGHT,
)
class MeanOfExamples(Scale):
    def acc_grad_parameters(self, x, grad_output, scale=1.0):
        self.grad_weight += scale * (grad_output * x).mean(axis=0)


@task.wrong(0, "scale is not used: multiply by it what you add.", breaks=IN_WEIGHT)
class DeafToScale(Scale):
    def acc_grad_parameters(self, x, grad_output, scale=1.0):
        self.grad_weight += (grad_output * x).sum(axis=0)


@task.wrong(0, "x is missing in grad_weight: the slope of the output in its weight is x.", breaks=IN_WEIGHT)
class WithoutX(Scale):
    def acc_grad_parameters(self, x, grad_output, scale=1.0):
        self.grad_weight += scale * grad_output.sum(axis=0)


@task.wrong(
    0,
    "grad_input is the gradient from above, unchanged: multiply it by the weights, as forward does with x.",
    breaks=("grad_input", "check_module"),
)
class WeightsForgottenGoingBack(Scale):
    def update_grad_input(self, x, grad_output):
        self.grad_input = 1.0 * grad_output
        return self.grad_input


@task.wrong(
    0,
    "Does grad_weight keep its shape? Each weight serves all examples: add up their shares, with axis=0.",
    breaks=IN_WEIGHT,
)
class SharesNotAdded(Scale):
    def acc_grad_parameters(self, x, grad_output, scale=1.0):
        self.grad_weight += scale * grad_output * x


@task.wrong(
    0,
    "All weights get one number, summed over everything; sum over the examples alone, axis=0.",
    breaks=IN_WEIGHT,
)
class OneSumForAll(Scale):
    def acc_grad_parameters(self, x, grad_output, scale=1.0):
        self.grad_weight += scale * (grad_output * x).sum()


@task.wrong(
    0,
    "grad_weight is made with the weights here; the slope of the output in its weight is x.",
    breaks=IN_WEIGHT,
)
class WeightsForX(Scale):
    def acc_grad_parameters(self, x, grad_output, scale=1.0):
        self.grad_weight += scale * (grad_output * self.weight).sum(axis=0)


@task.wrong(
    0,
    "grad_input is made with x here; the way back multiplies the gradient from above by the weights.",
    breaks=("grad_input", "check_module"),
)
class InputSentBack(Scale):
    def update_grad_input(self, x, grad_output):
        self.grad_input = x * self.weight
        return self.grad_input
