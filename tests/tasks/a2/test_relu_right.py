"""ReLU and MulConstant by unusual means that are right: full marks."""

import numpy as np
import pytest
from full_marks_in_a2 import assert_full_marks


class Where:
    def forward(self, x):
        return np.where(x < 0, 0, x)

    def backward(self, x, grad_output, scale=1.0):
        return np.where(x > 0, grad_output, 0)


class Halves:
    def forward(self, x):
        return (x + np.abs(x)) / 2

    def backward(self, x, grad_output, scale=1.0):
        return 0.5 * (1 + np.sign(x)) * grad_output * (x != 0)


class OwnArrays:
    """In place, but on copies."""

    def forward(self, x):
        out = x.copy()
        out[out < 0] = 0
        return out

    def backward(self, x, grad_output, scale=1.0):
        grad = np.array(grad_output)
        grad[~(x > 0)] = 0
        return grad


class Kept:
    """The mask is kept by forward; a buffer is used again where it fits."""

    buffer = np.empty(0)

    def forward(self, x):
        self.mask = np.asarray(x > 0)
        if self.buffer.shape != x.shape:
            self.buffer = np.empty(x.shape)
        return np.multiply(x, self.mask, out=self.buffer)

    def backward(self, x, grad_output, scale=1.0):
        return self.mask * grad_output


class OfTheOutput:
    def forward(self, x):
        self.output = x.clip(min=0)
        return self.output

    def backward(self, x, grad_output, scale=1.0):
        return np.heaviside(self.output, 0) * grad_output


class Single:
    def forward(self, x):
        return np.fmax(x, 0).astype(np.float32)

    def backward(self, x, grad_output, scale=1.0):
        return ((x > 0).astype(np.float32) * grad_output).astype(np.float32)


@pytest.mark.parametrize("layer", [Where, Halves, OwnArrays, Kept, OfTheOutput, Single])
def test_an_unusual_relu_has_full_marks(layer):
    assert_full_marks("a2.relu", layer)


class Keeps:
    """An array for the number, and no other name."""

    def __init__(self, constant):
        self.c = np.asarray(constant, float)

    def forward(self, x):
        return np.multiply(x, self.c)

    def backward(self, x, grad_output, scale=1.0):
        return np.einsum("...,->...", grad_output, self.c)


class InSingle:
    def __init__(self, constant):
        self.constant = np.float32(constant)

    def forward(self, x):
        return x.astype(np.float32) * self.constant

    def backward(self, x, grad_output, scale=1.0):
        out = grad_output.copy()
        out *= self.constant
        return out


class WithParameters(Keeps):
    def parameters(self):
        return [], []

    def zero_grad_parameters(self):
        pass


class FromTheEnd:
    def __init__(self, constant):
        self.forward = lambda x: x * float(constant)
        self.backward = lambda x, grad_output, scale=1.0: grad_output * float(constant)


class Negated(Keeps):
    def backward(self, x, grad_output, **_):
        return -(-self.c * grad_output)


@pytest.mark.parametrize("layer", [Keeps, InSingle, WithParameters, FromTheEnd, Negated])
def test_an_unusual_constant_has_full_marks(layer):
    assert_full_marks("a2.mul_constant", layer)
