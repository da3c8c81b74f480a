"""A gate with two outputs, for tests of graphs and of single gates."""

from lib.graph import Gate


class Swap(Gate):
    """Two outputs: (y, 2 x)."""

    outputs = 2

    def forward(self, x, y):
        return y, 2 * x

    def backward(self, grad_first, grad_second):
        return 2 * grad_second, grad_first
