"""Dropout by unusual means that is right: full marks; and the numbers of the worked example."""

import numpy as np
import pytest
from full_marks_in_a3 import assert_full_marks

from lib.tasks import find_task
from lib.tasks.known import has_answers
from lib.tasks.trace import trace


class Binomial:
    def __init__(self, p, rng):
        self.p, self.rng, self.training = p, rng, True

    def forward(self, x):
        if not self.training:
            return x  # the very same array
        self.mask = self.rng.binomial(1, 1 - self.p, size=x.shape)
        if self.p < 1:
            self.mask = self.mask / (1 - self.p)
        return x * self.mask

    def backward(self, x, grad_output):
        return grad_output * self.mask if self.training else grad_output


class Where(Binomial):
    """A mask of bools, and np.where."""

    def forward(self, x):
        self.keep = np.ones(np.shape(x), bool)
        self.by = 1.0
        if self.training:
            self.keep = ~(self.rng.uniform(0, 1, x.shape) < self.p)
            self.by = 1 - self.p or 1.0
        return np.where(self.keep, x / self.by, 0)

    def backward(self, x, grad_output):
        return np.where(self.keep, grad_output / self.by, 0)


class Choice(Binomial):
    """rng.choice with weights, into an array of its own that it changes in place."""

    def forward(self, x):
        out = x.copy()
        self.factors = np.ones_like(x)
        if self.training:
            self.factors = self.rng.choice([0, 1 / max(1 - self.p, 1e-12)], x.shape, p=[self.p, 1 - self.p])
        out *= self.factors
        return out

    def backward(self, x, grad_output):
        back = np.array(grad_output)
        back *= self.factors
        return back


class InFloat32(Binomial):
    def forward(self, x):
        x = x.astype(np.float32)
        self.mask = np.ones_like(x)
        if self.training:
            self.mask = (self.rng.random(x.shape, dtype=np.float32) >= self.p).astype(np.float32)
            self.mask /= np.float32(1 - self.p if self.p != 1 else 1)
        return self.mask * x

    def backward(self, x, grad_output):
        return (self.mask * grad_output).astype(np.float32)


class Indices(Binomial):
    """Which numbers are dropped is kept as places, from normal numbers and whole ones."""

    def forward(self, x):
        out = np.array(x, dtype=float).ravel()
        self.lost, self.factor = np.empty(0, int), 1.0
        if self.training:
            self.lost = np.flatnonzero(self.rng.integers(1_000_000, size=x.size) < self.p * 1_000_000)
            self.factor = 1.0 if self.p == 1 else 1 / (1 - self.p)
        out[self.lost] = 0
        return (out * self.factor).reshape(x.shape)

    def backward(self, x, grad_output):
        flat = grad_output.flatten()
        flat[self.lost] = 0
        return flat.reshape(grad_output.shape) * self.factor


RIGHT = [Binomial, Where, Choice, InFloat32, Indices]


@pytest.mark.parametrize("layer", RIGHT, ids=lambda c: c.__name__)
def test_a_right_dropout_has_full_marks(layer):
    assert_full_marks("a3.dropout", layer, seeds=range(10))


def test_no_seed_makes_a_right_dropout_fail():
    task = find_task("a3.dropout")
    assert has_answers(task)
    facts = trace(task, task.given(), 0)
    for seed in range(1, 100):  # a thousand were tried
        for check, values in trace(task, task.given(), seed).items():
            for name, value in values.items():
                if value.kind == "bool":
                    assert value.array == facts[check][name].array, (seed, check, name)


class Drawn:
    """A generator that draws the numbers of the worked example."""

    def uniform(self, low, high, shape):
        return np.array([0.7, 0.1, 0.5, 0.2, 0.9]).reshape(shape)


def test_the_numbers_of_the_worked_example():
    layer, x = Where(0.2, Drawn()), np.array([[5.0, 4, 3, -2, 1]])
    np.testing.assert_allclose(layer.forward(x), [[6.25, 0, 3.75, -2.5, 1.25]])
    np.testing.assert_allclose(layer.backward(x, np.array([[1.0, 1, 1, 1, 2]])), [[1.25, 0, 1.25, 1.25, 2.5]])
