"""`ReLU`: the right answer, and those that students give."""

from __future__ import annotations

import numpy as np

from lib.tasks.a2.relu import task


@task.reference
class ReLU:
    def forward(self, x):
        return np.maximum(x, 0)

    def backward(self, x, grad_output, scale=1.0):
        return grad_output * (x > 0)


@task.wrong(
    0,
    "ReLU leaves what is positive as it is, and makes 0 of the rest; yours takes away the signs.",
    breaks="output",
)
class Absolute(ReLU):
    def forward(self, x):
        return np.abs(x)


@task.wrong(0, "Negative numbers become 0; yours leaves a part of them.", breaks="output")
class Leaky(ReLU):
    def forward(self, x):
        return np.where(x > 0, x, 0.01 * x)


@task.wrong(0, "The smaller of 0 and x is the other half: ReLU is the larger.", breaks="output")
class Minimum(ReLU):
    def forward(self, x):
        return np.minimum(x, 0)


@task.wrong(0, "ReLU has no ceiling: large numbers stay as they are.", breaks="output")
class Ceiling(ReLU):
    def forward(self, x):
        return np.clip(x, 0, 6)


@task.wrong(
    74,
    "The mask comes from the input, not from the gradient: also negative gradients go through where x > 0.",
    breaks="grad_input",
)
class MaskOfTheGradient(ReLU):
    def backward(self, x, grad_output, scale=1.0):
        return grad_output * (grad_output > 0)


@task.wrong(
    74,
    "The mask comes from the input alone: also negative gradients go through where x > 0.",
    breaks="grad_input",
)
class MaskOfBoth(ReLU):
    def backward(self, x, grad_output, scale=1.0):
        return grad_output * (x > 0) * (grad_output > 0)


KINK = "At x = 0 the derivative is 0 here: nothing goes through at exactly 0."


@task.wrong(75, KINK, breaks="grad_input")
class OneAtZero(ReLU):
    def backward(self, x, grad_output, scale=1.0):
        return grad_output * (x >= 0)


@task.wrong(75, KINK, breaks="grad_input")
class HalfAtZero(ReLU):
    def backward(self, x, grad_output, scale=1.0):
        return grad_output * np.heaviside(x, 0.5)


X_CHANGED = "Your layer changed x, which belongs to its caller: work on an array of your own."


@task.wrong(76, X_CHANGED, breaks="contract")
class ForwardInPlace(ReLU):
    def forward(self, x):
        x[x < 0] = 0
        return x


@task.wrong(76, X_CHANGED, breaks="contract")
class ForwardInto(ReLU):
    def forward(self, x):
        return np.maximum(x, 0, out=x)


@task.wrong(
    76,
    "Your layer changed grad_output, which belongs to its caller: work on an array of your own.",
    breaks="contract",
)
class BackwardInPlace(ReLU):
    def backward(self, x, grad_output, scale=1.0):
        grad_output[x <= 0] = 0
        return grad_output


@task.wrong(77, "The output is x times the mask; yours is the mask.", breaks="output")
class MaskAsOutput(ReLU):
    def forward(self, x):
        return (x > 0).astype(float)


MASK = "The gradient is grad_output times the mask; yours is the mask."


@task.wrong(77, MASK, breaks="grad_input")
class MaskAsGradient(ReLU):
    def backward(self, x, grad_output, scale=1.0):
        return (x > 0).astype(float)


@task.wrong(77, MASK, breaks="grad_input")
class BooleanMaskAsGradient(ReLU):
    def backward(self, x, grad_output, scale=1.0):
        return x > 0


@task.wrong(
    0,
    "The gradient is grad_output times the mask; yours is the output times the mask.",
    breaks="grad_input",
)
class OutputAsGradient(ReLU):
    def backward(self, x, grad_output, scale=1.0):
        return x * (x > 0)


@task.wrong(0, "The gradient goes through where x > 0; yours goes through elsewhere.", breaks="grad_input")
class OtherSide(ReLU):
    def backward(self, x, grad_output, scale=1.0):
        return grad_output * (x < 0)


@task.wrong(
    78,
    "Your layer still has the mask of an earlier batch: each forward makes a new one.",
    breaks="batches",
)
class KeepsTheFirstMask(ReLU):
    def forward(self, x):
        self.mask = getattr(self, "mask", x > 0)
        return np.maximum(x, 0)

    def backward(self, x, grad_output, scale=1.0):
        return grad_output * self.mask


@task.wrong(
    78,
    "Your layer makes a new mask only for another size of batch: each forward makes a new one.",
    breaks="batches",
)
class NewMaskForANewSize(ReLU):
    def __init__(self):
        self.mask = np.zeros(0, bool)

    def forward(self, x):
        if self.mask.shape != x.shape:
            self.mask = x > 0
        return np.maximum(x, 0)

    def backward(self, x, grad_output, scale=1.0):
        return grad_output * self.mask


LOOP = (
    "The numbers are right, but the time grows with a Python loop over the examples: treat the whole "
    "array at once."
)


@task.wrong(0, LOOP, breaks="contract")
class Loops(ReLU):
    def forward(self, x):
        return np.array([np.maximum(row, 0) for row in x])


@task.wrong(0, LOOP, breaks="contract")
class Vectorizes(ReLU):
    def forward(self, x):
        return np.vectorize(lambda number: max(number, 0.0))(x)


@task.wrong(0, LOOP, breaks="contract")
class LoopsBack(ReLU):
    def backward(self, x, grad_output, scale=1.0):
        return np.array([gradient * (row > 0) for gradient, row in zip(grad_output, x, strict=True)])


@task.wrong(92, "The shape is right, but all numbers are 0.", breaks=tuple(task.parts))
class Zeros(ReLU):
    def forward(self, x):
        return np.zeros_like(x)

    def backward(self, x, grad_output, scale=1.0):
        return np.zeros_like(grad_output)


@task.wrong(92, "Your output is x itself: where it is negative, the output is 0.", breaks="output")
class Identity(ReLU):
    def forward(self, x):
        return x.copy()


@task.wrong(
    92,
    "Your backward hands on grad_output as it came: where x is not positive, nothing goes through.",
    breaks="grad_input",
)
class HandsOn(ReLU):
    def backward(self, x, grad_output, scale=1.0):
        return grad_output.copy()


@task.wrong(
    0, "What backward returns has no scale in it: that is for gradients of parameters.", breaks="grad_input"
)
class Scales(ReLU):
    def backward(self, x, grad_output, scale=1.0):
        return scale * super().backward(x, grad_output)


@task.wrong(0, "However small it is, a number above 0 lets its gradient through.", breaks="grad_input")
class NearlyZero(ReLU):
    def backward(self, x, grad_output, scale=1.0):
        return grad_output * (x > 1e-8)
