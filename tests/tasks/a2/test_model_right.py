"""Models by unusual means that are right: full marks."""

import collections
import functools
import itertools

import numpy as np
import pytest
from full_marks_in_a2 import assert_full_marks


class Base:
    """What a student's layers may inherit."""

    training = True

    def train(self):
        self.training = True

    def eval(self):
        self.training = False


class KeepsOutputs(Base):
    def __init__(self, layers):
        self.layers = tuple(layers)

    def forward(self, x):
        self.outputs = [x]
        for layer in self.layers:
            self.outputs.append(layer.forward(self.outputs[-1]))
        return self.outputs[-1]

    def backward(self, x, grad_output, scale=1.0):
        for i in range(len(self.layers) - 1, -1, -1):
            grad_output = self.layers[i].backward(self.outputs[i], grad_output, scale=scale)
        return grad_output

    def parameters(self):
        return self._all(0), self._all(1)

    def _all(self, which):
        return list(itertools.chain.from_iterable(layer.parameters()[which] for layer in self.layers))

    def zero_grad_parameters(self):
        for gradient in self.parameters()[1]:
            gradient[...] = 0

    def train(self):
        super().train()
        for layer in self.layers:
            layer.train()

    def eval(self):
        super().eval()
        [layer.eval() for layer in self.layers]


class Reduced(KeepsOutputs):
    def forward(self, x):
        self.outputs = list(itertools.accumulate(self.layers, lambda x, layer: layer.forward(x), initial=x))
        return self.outputs[-1]

    def backward(self, x, grad_output, scale=1.0):
        pairs = list(zip(self.layers, self.outputs, strict=False))[::-1]
        return functools.reduce(lambda g, pair: pair[0].backward(pair[1], g, scale), pairs, grad_output)

    def parameters(self):
        return tuple(self._all(0)), tuple(self._all(1))


class Chained(KeepsOutputs):
    """The first layer, and a model of the rest."""

    def __init__(self, layers):
        self.layers = layers
        self.first, self.rest = layers[0], Chained(layers[1:]) if layers[1:] else None

    def forward(self, x):
        self.between = self.first.forward(x)
        return self.rest.forward(self.between) if self.rest else self.between

    def backward(self, x, grad_output, scale=1.0):
        if self.rest:
            grad_output = self.rest.backward(self.between, grad_output, scale)
        return self.first.backward(x, grad_output, scale)


class ByDictionary(KeepsOutputs):
    def forward(self, x):
        print(type(self).__name__)
        self.inputs = {}
        for number, layer in enumerate(self.layers):
            self.inputs[number] = x
            x = layer.forward(x)
        return x

    def backward(self, x, grad_output, scale=1.0):
        steps = sorted(self.inputs, reverse=True)
        for number in steps:
            layer = self.layers[number]
            grad_output = layer.backward(self.inputs[number], grad_output, scale)
        return grad_output

    def zero_grad_parameters(self):
        for layer in self.layers:
            layer.zero_grad_parameters()


class InALine(KeepsOutputs):
    """Pairs of a layer and its input wait in a line, the last one in front."""

    def forward(self, x):
        self.line = collections.deque()
        for layer in self.layers:
            self.line.appendleft((layer, x))
            x = layer.forward(x)
        return x

    def backward(self, x, grad_output, scale=1.0):
        g = grad_output
        for layer, own in self.line:
            g = layer.backward(x=own, grad_output=g, scale=scale)
        return np.array(g)

    def zero_grad_parameters(self):
        for array in self._all(1):
            array *= 0.0


@pytest.mark.parametrize("model", [KeepsOutputs, Reduced, Chained, ByDictionary, InALine])
def test_an_unusual_model_has_full_marks(model):
    assert_full_marks("a2.model", model)
