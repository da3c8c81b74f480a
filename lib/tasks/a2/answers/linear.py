"""`Linear`: the right answer, and those that students give."""

from __future__ import annotations

import numpy as np

from lib.tasks.a2.linear import task


@task.reference
class Linear:
    """y = x Wᵀ + b."""

    def __init__(self, in_features, out_features, seed=0):
        rng = np.random.default_rng(seed)
        self.weight = rng.normal(size=(out_features, in_features)) / np.sqrt(in_features)
        self.bias = np.zeros(out_features)
        self.grad_weight = np.zeros_like(self.weight)
        self.grad_bias = np.zeros_like(self.bias)

    def forward(self, x):
        return x @ self.weight.T + self.bias

    def backward(self, x, grad_output, scale=1.0):
        self.grad_weight += scale * grad_output.T @ x
        self.grad_bias += scale * grad_output.sum(axis=0)
        return grad_output @ self.weight

    def zero_grad_parameters(self):
        self.grad_weight.fill(0)
        self.grad_bias.fill(0)


SHAPES = (
    "The output is x Wᵀ + b: weight has the shape (out_features, in_features), and bias is one number"
    " for each output."
)


@task.wrong(67, SHAPES, breaks="output")
class NotTransposed(Linear):
    def forward(self, x):
        return x @ self.weight + self.bias


@task.wrong(67, SHAPES, breaks="output")
class BiasAsColumn(Linear):
    def forward(self, x):
        return x @ self.weight.T + self.bias[:, None]


@task.wrong(67, SHAPES, breaks="output")
class Columns(Linear):
    def forward(self, x):
        return self.weight @ x + self.bias


@task.wrong(
    0,
    "Your output has the examples in columns: one example is one row, (N, out_features).",
    breaks="output",
)
class OutputTransposed(Linear):
    def forward(self, x):
        return super().forward(x).T


@task.wrong(0, "Every output is off by one number of its own: the bias is missing.", breaks="output")
class NoBias(Linear):
    def forward(self, x):
        return x @ self.weight.T


@task.wrong(
    0,
    "The output has to hold floats whatever x holds: yours takes over the type of x.",
    breaks="output",
)
class TypeOfX(Linear):
    def forward(self, x):
        return super().forward(x).astype(x.dtype)


@task.wrong(
    0,
    "grad_input is grad_output times the weight, each number: yours misses it.",
    breaks="grad_input",
)
class PassesOn(Linear):
    def backward(self, x, grad_output, scale=1.0):
        super().backward(x, grad_output, scale)
        return grad_output


@task.wrong(
    0,
    "The scale is for what is added to the parameters' gradients; grad_input is handed on without it.",
    breaks="grad_input",
)
class ScalesGradInput(Linear):
    def backward(self, x, grad_output, scale=1.0):
        return scale * super().backward(x, grad_output, scale)


@task.wrong(
    0,
    "grad_input has the shape of x, (N, in_features): which product of grad_output and weight has it?",
    breaks="grad_input",
)
class WeightTransposed(Linear):
    def backward(self, x, grad_output, scale=1.0):
        super().backward(x, grad_output, scale)
        return grad_output @ self.weight.T


@task.wrong(0, "What backward returns is grad_input; yours returns nothing.", breaks="grad_input")
class ReturnsNothing(Linear):
    def backward(self, x, grad_output, scale=1.0):
        super().backward(x, grad_output, scale)


@task.wrong(
    68,
    "Right numbers, transposed: grad_weight has the shape of weight, (out_features, in_features).",
    breaks="grad_weight",
)
class Transposed(Linear):
    def backward(self, x, grad_output, scale=1.0):
        self.grad_weight = self.grad_weight.reshape(self.weight.T.shape) + scale * x.T @ grad_output
        self.grad_bias += scale * grad_output.sum(axis=0)
        return grad_output @ self.weight


class OtherBias(Linear):
    def backward(self, x, grad_output, scale=1.0):
        self.grad_weight += scale * grad_output.T @ x
        self.grad_bias = self.grad_bias + scale * self.of_the_bias(grad_output)
        return grad_output @ self.weight

    def of_the_bias(self, grad_output):
        return grad_output.sum(axis=0)


@task.wrong(
    69, "grad_bias adds up over the examples, axis 0: one number for each output.", breaks="grad_bias"
)
class OverOutputs(OtherBias):
    def __init__(self, in_features, out_features, seed=0):
        super().__init__(in_features, out_features, seed)
        self.grad_bias = np.zeros(1)

    def of_the_bias(self, grad_output):
        return grad_output.sum(axis=1).sum()


@task.wrong(
    69,
    "grad_bias adds up over the examples, axis 0: one number for each output; yours keeps the rows.",
    breaks="grad_bias",
)
class BiasNotSummed(OtherBias):
    def of_the_bias(self, grad_output):
        return grad_output


@task.wrong(69, "grad_bias is the sum over the examples; yours is their mean.", breaks="grad_bias")
class MeanOfTheBias(OtherBias):
    def of_the_bias(self, grad_output):
        return grad_output.mean(axis=0)


ADDS = "The gradients add up until zero_grad_parameters; yours start anew with each backward."


@task.wrong(70, ADDS, breaks=("grad_weight", "grad_bias"))
class Overwritten(Linear):
    def backward(self, x, grad_output, scale=1.0):
        self.grad_weight = scale * grad_output.T @ x
        self.grad_bias = scale * grad_output.sum(axis=0)
        return grad_output @ self.weight


@task.wrong(70, ADDS, breaks="grad_weight")
class WeightOverwritten(Linear):
    def backward(self, x, grad_output, scale=1.0):
        self.grad_weight = np.zeros_like(self.weight)
        return super().backward(x, grad_output, scale)


@task.wrong(70, ADDS, breaks="grad_bias")
class BiasOverwritten(Linear):
    def backward(self, x, grad_output, scale=1.0):
        self.grad_bias = np.zeros_like(self.bias)
        return super().backward(x, grad_output, scale)


SCALE = "The scale multiplies what is added to grad_weight and to grad_bias; yours leaves it out."


@task.wrong(70, SCALE, breaks=("grad_weight", "grad_bias"))
class NoScale(Linear):
    def backward(self, x, grad_output, scale=1.0):
        return super().backward(x, grad_output)


@task.wrong(70, SCALE, breaks="grad_bias")
class NoScaleInTheBias(OtherBias):
    def backward(self, x, grad_output, scale=1.0):
        self.grad_weight += (scale - 1) * grad_output.T @ x
        return super().backward(x, grad_output)


@task.wrong(
    70,
    "The scale multiplies what this backward adds, not what was there before.",
    breaks=("grad_weight", "grad_bias"),
)
class ScalesAll(Linear):
    def backward(self, x, grad_output, scale=1.0):
        grad_input = super().backward(x, grad_output)
        self.grad_weight *= scale
        self.grad_bias *= scale
        return grad_input


@task.wrong(
    71,
    "The criterion has divided by N already; your layer divides a second time.",
    breaks=("grad_weight", "grad_bias"),
)
class DividedByN(Linear):
    def backward(self, x, grad_output, scale=1.0):
        return super().backward(x, grad_output, scale / len(x))


@task.wrong(
    71,
    "The criterion has divided by N already; your layer divides a second time.",
    breaks=("grad_input", "grad_weight", "grad_bias"),
)
class AllDividedByN(Linear):
    def backward(self, x, grad_output, scale=1.0):
        return super().backward(x, grad_output / len(x), scale)


@task.wrong(
    71,
    "The criterion has divided by N already; your layer divides a second time.",
    breaks="grad_weight",
)
class WeightDividedByN(Linear):
    def backward(self, x, grad_output, scale=1.0):
        self.grad_weight += scale * grad_output.T @ x / len(x)
        self.grad_bias += scale * grad_output.sum(axis=0)
        return grad_output @ self.weight


@task.wrong(
    72,
    "Your backward takes a step with the weight, and hands on the gradient of the new one; the step "
    "is somebody else's.",
    breaks=("grad_input", "contract"),
)
class StepsInBackward(Linear):
    def backward(self, x, grad_output, scale=1.0):
        super().backward(x, grad_output, scale)
        self.weight -= 0.01 * self.grad_weight
        return grad_output @ self.weight


@task.wrong(
    72,
    "Your layer keeps the caller's array: after that has changed, the gradient is wrong; backward is "
    "given x again.",
    breaks="contract",
)
class KeepsX(Linear):
    def forward(self, x):
        self.x = x
        return super().forward(x)

    def backward(self, x, grad_output, scale=1.0):
        return super().backward(self.x, grad_output, scale)


@task.wrong(
    0,
    "Your layer changed grad_output, which belongs to its caller.",
    breaks=("grad_input", "contract"),
)
class ScalesInPlace(Linear):
    def backward(self, x, grad_output, scale=1.0):
        grad_output *= scale
        return super().backward(x, grad_output)


@task.wrong(0, "Your layer changed its caller's x.", breaks="contract")
class ChangesX(Linear):
    def backward(self, x, grad_output, scale=1.0):
        grad_input = super().backward(x, grad_output, scale)
        x[...] = grad_input
        return grad_input


@task.wrong(0, "After zero_grad_parameters both gradients are 0; yours are not.", breaks="contract")
class NothingZeroed(Linear):
    def zero_grad_parameters(self):
        pass


@task.wrong(0, "After zero_grad_parameters both gradients are 0; grad_bias is not.", breaks="contract")
class BiasNotZeroed(Linear):
    def zero_grad_parameters(self):
        self.grad_weight.fill(0)


@task.wrong(
    0,
    "After zero_grad_parameters your gradients have lost their shapes: fill the arrays with 0, keep them.",
    breaks="contract",
)
class ZeroInPlaceOfArrays(Linear):
    def zero_grad_parameters(self):
        vars(self).update(grad_weight=0, grad_bias=0)


@task.wrong(
    0,
    "Two of your layers share one grad_weight: make it in __init__, not in the class.",
    breaks="contract",
)
class SharesGradients(Linear):
    shared: dict = {}

    def __init__(self, in_features, out_features, seed=0):
        super().__init__(in_features, out_features, seed)
        shape = self.weight.shape
        self.grad_weight = SharesGradients.shared.setdefault(shape, self.grad_weight)
        self.grad_weight.fill(0)


LOOP = (
    "The numbers are right, but the time grows with a Python loop over the examples: use one matrix product."
)


@task.wrong(73, LOOP, breaks="contract")
class LoopsForward(Linear):
    def forward(self, x):
        return np.array([self.weight @ row + self.bias for row in x])


@task.wrong(73, LOOP, breaks="contract")
class LoopsBackward(Linear):
    def backward(self, x, grad_output, scale=1.0):
        for row, gradient in zip(x, grad_output, strict=True):
            self.grad_weight += scale * np.outer(gradient, row)
        self.grad_bias += scale * grad_output.sum(axis=0)
        return grad_output @ self.weight


@task.wrong(73, LOOP, breaks="contract")
class LoopsEverywhere(LoopsBackward):
    def forward(self, x):
        return np.apply_along_axis(lambda row: self.weight @ row + self.bias, 1, x)


@task.wrong(92, "The shape is right, but all numbers are 0.", breaks=tuple(task.parts))
class Zeros(Linear):
    def forward(self, x):
        return np.zeros((len(x), len(self.bias)))

    def backward(self, x, grad_output, scale=1.0):
        return np.zeros(x.shape)


@task.wrong(
    93,
    "These are the numbers of the worked example, whatever comes in: compute them.",
    breaks=("output", "grad_input", "grad_weight", "grad_bias"),
)
class Memorised(Linear):
    def forward(self, x):
        return np.array([[0.0, 5.0], [-3.0, 3.0]])

    def backward(self, x, grad_output, scale=1.0):
        self.grad_weight = np.array([[1.0, 2.0, 0.0], [1.0, 4.0, -2.0]])
        self.grad_bias = np.array([1.0, 3.0])
        return np.array([[1.0, 1.0, 3.0], [0.0, 2.0, 2.0]])


@task.wrong(
    68,
    "grad_weight has the shape of weight, (out_features, in_features): which product of the two has it?",
    breaks=("grad_input", "grad_weight", "grad_bias", "contract"),
)
class AddsTransposed(Linear):
    def backward(self, x, grad_output, scale=1.0):
        self.grad_weight += scale * x.T @ grad_output
        self.grad_bias += scale * grad_output.sum(axis=0)
        return grad_output @ self.weight


@task.wrong(
    69,
    "grad_bias has a number for each output: add up over examples, axis 0; yours has one for each example.",
    breaks=("grad_input", "grad_bias", "contract"),
)
class AddsOverOutputs(Linear):
    def backward(self, x, grad_output, scale=1.0):
        self.grad_weight += scale * grad_output.T @ x
        self.grad_bias += scale * grad_output.sum(axis=1)
        return grad_output @ self.weight


@task.wrong(69, "grad_bias adds up over the examples, axis 0; yours adds up all numbers.", breaks="grad_bias")
class BiasOfAll(Linear):
    def backward(self, x, grad_output, scale=1.0):
        self.grad_weight += scale * grad_output.T @ x
        self.grad_bias += scale * grad_output.sum()
        return grad_output @ self.weight


@task.wrong(
    0, "The weights change while a network learns: forward must use those of now, no copy of the first.",
    breaks="output",
)  # fmt: skip
class KeepsTheFirstWeight(Linear):
    kept = None

    def forward(self, x):
        if self.kept is None:
            self.kept = self.weight.copy()
        return x @ self.kept.T + self.bias


@task.wrong(
    0, "With scale=0 nothing is added: `scale or 1.0` makes 1 of it.", breaks=("grad_weight", "grad_bias")
)
class ZeroIsOne(Linear):
    def backward(self, x, grad_output, scale=1.0):
        return super().backward(x, grad_output, scale or 1.0)
