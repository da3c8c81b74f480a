"""`Model`: the right answer, and those that students give."""

from __future__ import annotations

from copy import deepcopy

import numpy as np

from lib.tasks.a2.model import task


@task.reference
class Model:
    def __init__(self, layers):
        self.layers = layers
        self.training = True

    def forward(self, x):
        self.inputs = []
        for layer in self.layers:
            self.inputs.append(x)
            x = layer.forward(x)
        return x

    def backward(self, x, grad_output, scale=1.0):
        for layer, x in zip(reversed(self.layers), reversed(self.inputs), strict=True):
            grad_output = layer.backward(x, grad_output, scale)
        return grad_output

    def parameters(self):
        parameters, gradients = [], []
        for layer in self.layers:
            some, their_gradients = layer.parameters()
            parameters += some
            gradients += their_gradients
        return parameters, gradients

    def zero_grad_parameters(self):
        for layer in self.layers:
            layer.zero_grad_parameters()

    def train(self):
        self.set_training(True)

    def eval(self):
        self.set_training(False)

    def set_training(self, training):
        self.training = training
        for layer in self.layers:
            layer.train() if training else layer.eval()


@task.wrong(
    0,
    "Each layer gets the output of the one before; yours all get the model's input.",
    breaks=("output", "backward"),
)
class ForwardFromX(Model):
    def forward(self, x):
        self.inputs = [x] * len(self.layers)
        return [layer.forward(x) for layer in self.layers][-1]


@task.wrong(
    0,
    "The first layer is at the front of the list: yours goes through the layers from the last.",
    breaks=("output", "backward"),
)
class ForwardInReverse(Model):
    def forward(self, x):
        super().forward(x)
        for layer in reversed(self.layers):
            x = layer.forward(x)
        return x


@task.wrong(
    0,
    "The first layer is at the front of the list: yours goes through the layers from the last.",
    breaks=("output", "backward"),
)
class Reversed(Model):
    def __init__(self, layers):
        super().__init__(layers[::-1])

    def parameters(self):
        return Model(self.layers[::-1]).parameters()


@task.wrong(
    0,
    "What forward returns is what came out of the last layer; yours leaves the last layer out.",
    breaks=("output", "backward"),
)
class LeavesOutTheLast(Model):
    def forward(self, x):
        self.inputs = []
        for layer in self.layers[:-1]:
            self.inputs.append(x)
            x = layer.forward(x)
        self.inputs.append(x)
        return x

    def backward(self, x, grad_output, scale=1.0):
        for layer, x in zip(self.layers[-2::-1], self.inputs[-2::-1], strict=True):
            grad_output = layer.backward(x, grad_output, scale)
        return grad_output


@task.wrong(
    0,
    "Every layer goes forward once: yours asks again, and a layer with something random would say "
    "something else.",
    breaks=("output", "backward"),
)
class ForwardTwice(Model):
    def forward(self, x):
        super().forward(x)
        return super().forward(x)


@task.wrong(
    79,
    "Go backward through the layers from the last to the first; yours begins with the first.",
    breaks="backward",
)
class BackwardInOrder(Model):
    def backward(self, x, grad_output, scale=1.0):
        for layer, x in zip(self.layers, self.inputs, strict=True):
            grad_output = layer.backward(x, grad_output, scale)
        return grad_output


@task.wrong(
    80,
    "Each layer's backward needs that layer's own input, the output of the layer before; yours gets "
    "the model's.",
    breaks="backward",
)
class InputOfTheModel(Model):
    def backward(self, x, grad_output, scale=1.0):
        for layer in reversed(self.layers):
            grad_output = layer.backward(x, grad_output, scale)
        return grad_output


@task.wrong(
    80,
    "Each layer's backward needs that layer's own input, what went in; yours gets its output.",
    breaks="backward",
)
class OutputOfTheLayer(Model):
    def forward(self, x):
        self.output = super().forward(x)
        return self.output

    def backward(self, x, grad_output, scale=1.0):
        outputs = [*self.inputs[1:], self.output]
        for layer, x in zip(reversed(self.layers), reversed(outputs), strict=True):
            grad_output = layer.backward(x, grad_output, scale)
        return grad_output


@task.wrong(
    80,
    "Keep each layer's input in forward: yours asks the layers again, and something random would come"
    " out anew.",
    breaks="backward",
)
class AsksAgain(Model):
    def backward(self, x, grad_output, scale=1.0):
        self.forward(x)
        return super().backward(x, grad_output, scale)


@task.wrong(
    81,
    "What one layer's backward returns is the next one's grad_output; yours all get the model's.",
    breaks="backward",
)
class NotHandedOn(Model):
    def backward(self, x, grad_output, scale=1.0):
        for layer, x in zip(reversed(self.layers), reversed(self.inputs), strict=True):
            grad_input = layer.backward(x, grad_output, scale)
        return grad_input


@task.wrong(
    81,
    "What backward returns is the first layer's answer, the gradient in the model's input; yours "
    "returns the last layer's.",
    breaks="backward",
)
class ReturnsTheLast(Model):
    def backward(self, x, grad_output, scale=1.0):
        answers = []
        for layer, x in zip(reversed(self.layers), reversed(self.inputs), strict=True):
            grad_output = layer.backward(x, grad_output, scale)
            answers.append(grad_output)
        return answers[0]


@task.wrong(
    81,
    "What backward returns is the gradient in the model's input; yours returns nothing.",
    breaks="backward",
)
class ReturnsNothing(Model):
    def backward(self, x, grad_output, scale=1.0):
        super().backward(x, grad_output, scale)


@task.wrong(0, "The scale goes to every layer; yours leaves it out.", breaks="backward")
class NoScale(Model):
    def backward(self, x, grad_output, scale=1.0):
        return super().backward(x, grad_output)


@task.wrong(
    0,
    "The scale is for the parameters' gradients: hand it to the layers, and leave grad_output alone.",
    breaks="backward",
)
class ScalesGradOutput(Model):
    def backward(self, x, grad_output, scale=1.0):
        return super().backward(x, scale * grad_output)


@task.wrong(
    0,
    "After a second forward, backward belongs to that one: your list of inputs still begins with the first.",
    breaks="backward",
)
class KeepsAllInputs(Model):
    def __init__(self, layers):
        super().__init__(layers)
        self.kept: list[np.ndarray] = []

    def forward(self, x):
        output = super().forward(x)
        self.kept += self.inputs
        return output

    def backward(self, x, grad_output, scale=1.0):
        for layer, x in zip(reversed(self.layers), reversed(self.kept[: len(self.layers)]), strict=True):
            grad_output = layer.backward(x, grad_output, scale)
        return grad_output


@task.wrong(
    0,
    "A second backward after one forward fails: keep the inputs until the next forward.",
    breaks="backward",
)
class TakesInputsAway(Model):
    def backward(self, x, grad_output, scale=1.0):
        for layer in reversed(self.layers):
            grad_output = layer.backward(self.inputs.pop(), grad_output, scale)
        return grad_output


COPIES = "Your parameters() hands out copies: a step with them changes no layer."


@task.wrong(82, COPIES, breaks="parameters")
class Copies(Model):
    def parameters(self):
        parameters, gradients = super().parameters()
        return [p.copy() for p in parameters], [g.copy() for g in gradients]


@task.wrong(82, COPIES, breaks=("parameters", "modes"))
class CopiesOfLayers(Model):
    def parameters(self):
        return deepcopy(super().parameters())

    def set_training(self, training):
        self.training = training
        for layer in deepcopy(self.layers):
            layer.train() if training else layer.eval()


@task.wrong(
    82,
    "What parameters() gives are the layers' parameters in one list, without lists inside.",
    breaks="parameters",
)
class ListsInLists(Model):
    def parameters(self):
        pairs = [layer.parameters() for layer in self.layers]
        return [p for p, _ in pairs], [g for _, g in pairs]


@task.wrong(
    82,
    "Your parameters() looks into the layers' attributes: a model inside, and a layer that has none, "
    "have no weight of their own.",
    breaks="parameters",
)
class LooksForWeights(Model):
    def parameters(self):
        some = [layer for layer in self.layers if hasattr(layer, "weight")]
        return [layer.weight for layer in some], [layer.grad_weight for layer in some]


@task.wrong(
    82,
    "What parameters() gives are two lists, parameters and their gradients; yours gives pairs.",
    breaks="parameters",
)
class Pairs(Model):
    def parameters(self):
        pairs: list[tuple] = []
        for layer in self.layers:
            pairs += (
                zip(*layer.parameters(), strict=True) if not isinstance(layer, Model) else layer.parameters()
            )
        return pairs


@task.wrong(82, "zero_grad_parameters goes to every layer; yours does nothing.", breaks="parameters")
class NothingZeroed(Model):
    def zero_grad_parameters(self):
        pass


@task.wrong(82, "zero_grad_parameters goes to every layer, also to models inside.", breaks="parameters")
class ZeroesItsOwn(Model):
    def zero_grad_parameters(self):
        for layer in self.layers:
            if not isinstance(layer, Model):
                layer.zero_grad_parameters()


@task.wrong(82, "Both train() and eval() have to reach the layers: they don't change mode.", breaks="modes")
class NotPassedOn(Model):
    def set_training(self, training):
        self.training = training


@task.wrong(
    82,
    "Both train() and eval() have to reach the layers of models inside: call them, don't set training.",
    breaks="modes",
)
class SetsTheFlag(Model):
    def set_training(self, training):
        self.training = training
        for layer in self.layers:
            layer.training = training


@task.wrong(82, "The model has a mode of its own: training says which.", breaks="modes")
class OwnModeForgotten(Model):
    def set_training(self, training):
        for layer in self.layers:
            layer.train() if training else layer.eval()


@task.wrong(82, "After eval, train switches back; yours stays in evaluation.", breaks="modes")
class StaysInEvaluation(Model):
    def train(self):
        pass


@task.wrong(82, "Every layer changes mode; yours stops after the first.", breaks="modes")
class FirstOnly(Model):
    def set_training(self, training):
        self.training = training
        for layer in self.layers:
            layer.train() if training else layer.eval()
            return


@task.wrong(92, "All your numbers are 0.", breaks=("output", "backward"))
class Zeros(Model):
    def forward(self, x):
        return np.zeros_like(x)

    def backward(self, x, grad_output, scale=1.0):
        return np.zeros_like(x)


@task.wrong(92, "Your model hands back what it got: the layers are not asked.", breaks=("output", "backward"))
class HandsBack(Model):
    def forward(self, x):
        return x

    def backward(self, x, grad_output, scale=1.0):
        return grad_output


@task.wrong(
    0, "A layer may have several parameters, such as weight and bias: yours takes the first of each.",
    breaks="parameters",
)  # fmt: skip
class FirstOfEach(Model):
    def parameters(self):
        both = [layer.parameters() for layer in self.layers]
        return [p[0] for p, _ in both if p], [g[0] for _, g in both if g]
