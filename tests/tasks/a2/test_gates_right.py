"""Gates by unusual means that are right: full marks."""

import functools
import math
import operator

import numpy as np
import pytest
from full_marks_in_a2 import assert_full_marks


class Add:
    """A list for a tuple, and a sum by hand."""

    def forward(self, *terms):
        total = 0.0
        self.given = [0 for _ in terms]
        for term in terms:
            total = total + term
        return total

    def backward(self, upstream):
        return [upstream + zero for zero in self.given]


class Multiply:
    """Products from the left and from the right meet at each input."""

    def forward(self, *factors):
        left, right = [1.0], [1.0]
        for factor in factors:
            left.append(left[-1] * factor)
        for factor in reversed(factors):
            right.append(right[-1] * factor)
        self.others = [a * b for a, b in zip(left, reversed(right[:-1]), strict=False)]
        return left[-1]

    def backward(self, upstream):
        return tuple(other * upstream for other in self.others)


class Max:
    def forward(self, *x):
        x = np.array(x)
        self.mask = x == x.max()
        return x.max()

    def backward(self, upstream):
        return upstream * self.mask / self.mask.sum()


class Sigmoid:
    """By the hyperbolic tangent."""

    def forward(self, x):
        self.t = math.tanh(x / 2)
        return (1 + self.t) / 2

    def backward(self, upstream):
        return (upstream * (1 - self.t) * (1 + self.t) / 4,)


class Noisy(Multiply):
    def forward(self, first, *others):
        print("multiplying", first, others)
        return super().forward(first, *others)


class OneByOne:
    """Each other input in a product of its own, in numpy."""

    def forward(self, *inputs):
        self.x = np.array(inputs, dtype=np.float64)
        return functools.reduce(operator.mul, inputs)

    def backward(self, upstream):
        n = len(self.x)
        table = np.where(np.eye(n, dtype=bool), upstream, self.x)
        return np.prod(table, axis=1)


class Sorted:
    def forward(self, *inputs):
        self.line = sorted(range(len(inputs)), key=inputs.__getitem__, reverse=True)
        top = inputs[self.line[0]]
        self.winners = {i for i in self.line if inputs[i] >= top}
        self.n = len(inputs)
        return top

    def backward(self, upstream):
        share = upstream / len(self.winners)
        return tuple(share if i in self.winners else 0 for i in range(self.n))


class InNumpy:
    """Overflow gives infinity, and 1 / infinity is the 0 that is wanted."""

    def forward(self, x):
        self.s = 1 / (1 + np.exp(-np.float64(x)))
        return self.s

    def backward(self, upstream):
        return np.array([self.s * (1 - self.s) * upstream])


class Caught:
    def forward(self, x):
        try:
            self.output = 1 / (1 + math.exp(-x))
        except OverflowError:
            self.output = 0.0
        return self.output

    def backward(self, upstream):
        return [upstream * (self.output - self.output**2)]


class Slots:
    """Annotated, with slots and a helper."""

    __slots__ = ("s",)

    def forward(self, x: float) -> float:
        self.s = self.stable(x)
        return self.s

    @staticmethod
    def stable(x: float) -> float:
        return math.exp(x) / (math.exp(x) + 1.0) if x < 0 else 1.0 / (math.exp(-x) + 1.0)

    def backward(self, upstream: float) -> tuple[float, ...]:
        return (upstream * self.s * (1.0 - self.s),)


class Clipped:
    """Far out, what clipping changes is smaller than anything that counts."""

    def forward(self, x):
        self.s = 1 / (1 + math.exp(-min(max(x, -500), 500)))
        return self.s

    def backward(self, upstream):
        return (upstream * self.s * (1 - self.s),)


@pytest.mark.parametrize(
    "gates",
    [
        (Add, Multiply, Max, Sigmoid),
        (Add, Noisy, Sorted, InNumpy),
        (Add, OneByOne, Sorted, Caught),
        (Add, Multiply, Max, Slots),
        (Add, Multiply, Max, Clipped),
        (lambda: Add(), lambda: OneByOne(), lambda: Max(), lambda: Sigmoid()),
    ],
)
def test_unusual_gates_have_full_marks(gates):
    assert_full_marks("a2.gates", *gates)
