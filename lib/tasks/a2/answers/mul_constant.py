"""`MulConstant`: the right answer, and those that students give."""

from __future__ import annotations

import numpy as np

from lib.tasks.a2.mul_constant import task


@task.reference
class MulConstant:
    def __init__(self, constant):
        self.constant = constant

    def forward(self, x):
        return self.constant * x

    def backward(self, x, grad_output, scale=1.0):
        return self.constant * grad_output


@task.wrong(
    91, "Backward of y = c·x hands back c·grad_output; yours leaves the constant out.", breaks="grad_input"
)
class Forgets(MulConstant):
    def backward(self, x, grad_output, scale=1.0):
        return grad_output.copy()


@task.wrong(
    91, "The constant c is given and stays: it is no parameter, and has no gradient.", breaks="contract"
)
class Learns(MulConstant):
    def __init__(self, constant):
        super().__init__(constant)
        self.weight, self.grad_weight = np.array([constant]), np.zeros(1)

    def backward(self, x, grad_output, scale=1.0):
        self.grad_weight += scale * np.sum(x * grad_output)
        return super().backward(x, grad_output, scale)


@task.wrong(91, "The constant c is given and stays: parameters() is empty.", breaks="contract")
class IsAParameter(MulConstant):
    def parameters(self):
        return [np.array(self.constant)], [np.zeros(())]


@task.wrong(
    91, "The constant changed in backward: it is given, and stays.", breaks=("grad_input", "contract")
)
class Moves(MulConstant):
    def backward(self, x, grad_output, scale=1.0):
        grad_input = super().backward(x, grad_output)
        self.constant -= 0.01 * np.sum(x * grad_output)
        return grad_input


@task.wrong(0, "The gradient in x is c times grad_output; x itself is not in it.", breaks="grad_input")
class TimesX(MulConstant):
    def backward(self, x, grad_output, scale=1.0):
        return self.constant * x * grad_output


@task.wrong(0, "The gradient in x is c times grad_output; yours is the derivative in c.", breaks="grad_input")
class InC(MulConstant):
    def backward(self, x, grad_output, scale=1.0):
        return x * grad_output


@task.wrong(
    0,
    "Backward multiplies by c as well: dividing undoes forward, which nobody asked for.",
    breaks="grad_input",
)
class Divides(MulConstant):
    def backward(self, x, grad_output, scale=1.0):
        return np.divide(grad_output, self.constant)


@task.wrong(
    0, "Your c is read from output / x, which is nan where x is 0: keep c itself.", breaks="grad_input"
)
class ReadsC(MulConstant):
    def backward(self, x, grad_output, scale=1.0):
        return self.forward(x) / x * grad_output


@task.wrong(
    0,
    "By the chain rule c is multiplied by grad_output; yours hands back c alone.",
    breaks="grad_input",
)
class CAlone(MulConstant):
    def backward(self, x, grad_output, scale=1.0):
        return np.full_like(grad_output, self.constant)


@task.wrong(0, "The gradient has c once; yours has it twice.", breaks="grad_input")
class Twice(MulConstant):
    def backward(self, x, grad_output, scale=1.0):
        return self.constant**2 * grad_output


@task.wrong(
    0,
    "The scale is for gradients of parameters, and there is none: grad_input is handed on without it.",
    breaks="grad_input",
)
class Scales(MulConstant):
    def backward(self, x, grad_output, scale=1.0):
        return scale * self.constant * grad_output


@task.wrong(0, "Your layers share one constant: keep it in self.", breaks="grad_input")
class Shared(MulConstant):
    last: float = 1.0

    def __init__(self, constant):
        super().__init__(constant)
        Shared.last = constant

    def backward(self, x, grad_output, scale=1.0):
        return Shared.last * grad_output


@task.wrong(
    0,
    "The output has to hold floats whatever x holds: yours takes over the type of x.",
    breaks="output",
)
class TypeOfX(MulConstant):
    def forward(self, x):
        return super().forward(x).astype(x.dtype)


@task.wrong(0, "The output is c times x; yours adds c.", breaks="output")
class Adds(MulConstant):
    def forward(self, x):
        return self.constant + x


@task.wrong(
    0,
    "Your layer changed x, which belongs to its caller: work on an array of your own.",
    breaks="contract",
)
class ForwardInPlace(MulConstant):
    def forward(self, x):
        if x.dtype == np.uint8:
            return super().forward(x)
        x *= self.constant
        return x


@task.wrong(
    0,
    "Your layer changed x, which belongs to its caller: work on an array of your own.",
    breaks=("output", "contract"),
)
class ForwardInto(MulConstant):
    def forward(self, x):
        x *= self.constant
        return x


@task.wrong(
    0,
    "Your layer changed grad_output, which belongs to its caller: work on an array of your own.",
    breaks="contract",
)
class BackwardInPlace(MulConstant):
    def backward(self, x, grad_output, scale=1.0):
        grad_output *= self.constant
        return grad_output


@task.wrong(
    0,
    "The numbers are right, but the time grows with a Python loop over the examples: treat the whole "
    "array at once.",
    breaks="contract",
)
class Loops(MulConstant):
    def forward(self, x):
        return np.array([self.constant * row for row in x])


@task.wrong(92, "The shape is right, but all numbers are 0.", breaks=tuple(task.parts))
class Zeros(MulConstant):
    def forward(self, x):
        return np.zeros(x.shape)

    def backward(self, x, grad_output, scale=1.0):
        return np.zeros(x.shape)


@task.wrong(92, "Your output is x itself: multiply it by c.", breaks="output")
class Identity(MulConstant):
    def forward(self, x):
        return x.copy()
