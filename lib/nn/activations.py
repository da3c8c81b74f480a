"""Activation functions: each number for itself, forward and backward side by side."""

from __future__ import annotations

import numpy as np

from lib.nn.module import Module


class ReLU(Module):
    """max(0, x), element by element.

    Shapes: x, output, grad_output and grad_input are all alike, of any shape.
    At x = 0 the subgradient 0 is taken, as torch does.

    Source: Nair and Hinton, 2010; deck A2, "Building Blocks: Activation Functions".

    >>> ReLU().forward(np.array([-0.1521, 0.4794]))
    array([0.    , 0.4794])
    """

    def update_output(self, x):
        self.output = np.maximum(x, 0)
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = grad_output * (x > 0)
        return self.grad_input
