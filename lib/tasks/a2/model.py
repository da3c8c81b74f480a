"""Layers one after another."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np

from lib.tasks.task import Task
from lib.tasks.values import plain_array as copy

task = Task(
    "a2.model",
    "Model",
    defines=("Model",),
    parts={"output": 3, "backward": 6, "parameters": 3, "modes": 3},
)


class Affine:
    """A layer of the check's own: factor · x + offset. It writes down what it is asked."""

    def __init__(self, factor: float, offset: float):
        self.weight, self.grad_weight = np.array([factor, offset]), np.zeros(2)
        self.training, self.switched = True, 0
        self.heard: list[tuple[np.ndarray, np.ndarray, float]] = []
        self.forwards = 0

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.forwards += 1
        return self.weight[0] * x + self.weight[1]

    def backward(self, x: np.ndarray, grad_output: np.ndarray, scale: float = 1.0) -> np.ndarray:
        self.heard.append((np.array(x), np.array(grad_output), float(scale)))
        self.grad_weight += scale * np.array([(x * grad_output).sum(), grad_output.sum()])
        return self.weight[0] * grad_output

    def parameters(self) -> tuple[list[np.ndarray], list[np.ndarray]]:
        return [self.weight], [self.grad_weight]

    def zero_grad_parameters(self) -> None:
        self.grad_weight.fill(0)

    def train(self) -> None:
        self.training = True

    def eval(self) -> None:
        self.training = False


class Square(Affine):
    """x² + offset: a layer that is not linear, and has nothing to learn."""

    def __init__(self, offset: float):
        super().__init__(1.0, offset)

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.forwards += 1
        return x**2 + self.weight[1]

    def backward(self, x: np.ndarray, grad_output: np.ndarray, scale: float = 1.0) -> np.ndarray:
        self.heard.append((np.array(x), np.array(grad_output), float(scale)))
        return 2 * x * grad_output

    def parameters(self) -> tuple[list[np.ndarray], list[np.ndarray]]:
        return [], []

    def zero_grad_parameters(self) -> None:
        pass


class Pair(Affine):
    """A layer with two arrays to learn, as a linear layer has."""

    def __init__(self, factor: float, offset: float):
        super().__init__(factor, offset)
        self.bias, self.grad_bias = np.array([offset, factor, 1.0]), np.zeros(3)

    def parameters(self) -> tuple[list[np.ndarray], list[np.ndarray]]:
        return [self.weight, self.bias], [self.grad_weight, self.grad_bias]

    def zero_grad_parameters(self) -> None:
        self.grad_weight.fill(0)
        self.grad_bias.fill(0)


def stack(rng: np.random.Generator) -> list[Affine]:
    """Three layers with drawn numbers."""
    a, b, c = rng.uniform(1.2, 2, 3) * rng.choice([-1, 1], 3)
    return [Affine(float(a), float(b)), Square(float(c)), Affine(float(b), float(c))]


def numbers_for_model(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """An input, and a gradient from above."""
    return rng.normal(size=(3, 2)), rng.normal(size=(3, 2))


@task.check("output")
def model_forward(Model: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward through three layers, of batches of two sizes"""
    layers, (x, _) = stack(rng), numbers_for_model(rng)
    model = Model(layers)
    return {
        "forward(x)": copy(model.forward(x.copy())),
        "forward(x[:1])": copy(model.forward(x[:1].copy())),
        "forwards that each layer was asked for": [layer.forwards for layer in layers],
        "forward of a model with one layer": Model([layers[1]]).forward(x),
    }


@task.check("output")
def model_in_a_model(Model: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward, where one of the layers is a model"""
    (first, second, third), (x, _) = stack(rng), numbers_for_model(rng)
    return {"forward(x)": Model([first, Model([second, third])]).forward(x)}


def there_and_back(model: Any, x: np.ndarray, grad_output: np.ndarray, **scale: float) -> Any:
    """forward, then backward; an error in forward costs the output, and nothing more."""
    with suppress(Exception):
        model.forward(x)
    return copy(model.backward(x, grad_output, **scale))


def last_heard(layers: list[Affine]) -> dict[str, Any]:
    """What each layer was handed by the last backward."""
    found: dict[str, Any] = {}
    for i, layer in enumerate(layers):
        x, grad_output, scale = layer.heard[-1] if layer.heard else (None, None, None)
        found |= {
            f"grad_output that layer {i} got": grad_output,
            f"x that layer {i} got": x,
            f"scale that layer {i} got": scale,
        }
    return dict(reversed(found.items()))


@task.check("backward")
def model_backward(Model: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward and backward through three layers"""
    layers, (x, grad_output) = stack(rng), numbers_for_model(rng)
    grad_input = there_and_back(Model(layers), x.copy(), grad_output.copy())
    single = stack(rng)[:1]
    alone = there_and_back(Model(single), x.copy(), grad_output.copy(), scale=0.5)
    return last_heard(layers) | {
        "backward(x, grad_output)": grad_input,
        "backward of a model with one layer, scale=0.5": alone,
        "scale that its layer got": single[0].heard[-1][2] if single[0].heard else None,
    }


@task.check("backward")
def model_backward_again(Model: Any, rng: np.random.Generator) -> dict[str, Any]:
    """two forwards, then backward with scale=0.5, twice"""
    layers, (x, grad_output) = stack(rng), numbers_for_model(rng)
    model = Model(layers)
    there_and_back(model, -2 * x, grad_output)
    there_and_back(model, x[:1].copy(), grad_output[:1].copy(), scale=0.5)
    grad_input = copy(model.backward(x[:1].copy(), grad_output[:1].copy(), scale=0.5))
    return last_heard(layers) | {
        "backward(x, grad_output)": grad_input,
        "backwards that each layer was asked for": [len(layer.heard) for layer in layers],
        "forwards that each layer was asked for": [layer.forwards for layer in layers],
    }


@task.check("backward")
def backward_in_a_model(Model: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward and backward, where one of the layers is a model"""
    (first, second, third), (x, grad_output) = stack(rng), numbers_for_model(rng)
    model = Model([Model([first, second]), third])
    grad_input = there_and_back(model, x, grad_output, scale=2.0)
    return last_heard([first, second, third]) | {"backward(x, grad_output)": grad_input}


@task.check("parameters")
def model_parameters(Model: Any, rng: np.random.Generator) -> dict[str, Any]:
    """parameters, where one of the layers is a model"""
    layers = stack(rng)
    for layer in layers:
        layer.grad_weight[...] = rng.normal(size=2)
    parameters, gradients = Model([layers[0], Model(layers[1:])]).parameters()
    found: dict[str, Any] = {
        "how many": [len(parameters), len(gradients)],
        "the parameters": np.concatenate(list(parameters)),
        "the gradients": np.concatenate(list(gradients)),
    }
    last, of_last = parameters[1], gradients[1]
    last -= 1.0
    of_last += 1.0
    return found | {
        "weight of the last layer, after 1 was taken from the parameter": layers[2].weight,
        "grad_weight of the last layer, after 1 was added to the gradient": layers[2].grad_weight,
    }


@task.check("parameters")
def several_parameters(Model: Any, rng: np.random.Generator) -> dict[str, Any]:
    """parameters, where a layer has two of them"""
    layer, before = Pair(1.5, float(rng.uniform(1, 2))), Affine(*rng.uniform(1, 2, 2))
    layer.grad_bias[...] = rng.normal(size=3)
    parameters, gradients = Model([before, layer]).parameters()
    return {
        "the parameters": np.concatenate(list(parameters)),
        "the gradients": np.concatenate(list(gradients)),
    }


@task.check("parameters")
def model_zero(Model: Any, rng: np.random.Generator) -> dict[str, Any]:
    """zero_grad_parameters, where one of the layers is a model"""
    layers = stack(rng)
    for layer in layers:
        layer.grad_weight[...] = rng.normal(size=2)
    Model([Model(layers[:2]), layers[2]]).zero_grad_parameters()
    return {
        "grad_weight of the first layer": layers[0].grad_weight,
        "grad_weight of the last layer": layers[2].grad_weight,
    }


@task.check("modes")
def model_modes(Model: Any, rng: np.random.Generator) -> dict[str, Any]:
    """eval, then train, where one of the layers is a model"""
    layers = stack(rng)
    inner = Model(layers[1:])
    model = Model([layers[0], inner])
    found: dict[str, Any] = {"training of a new model": bool(model.training)}
    for mode in ("eval", "train", "eval"):
        getattr(model, mode)()
        found[f"training in the layers after {mode}, number {len(found) + 1}"] = [
            bool(layer.training) for layer in layers
        ]
        found[f"training of the models after {mode}"] = [bool(model.training), bool(inner.training)]
    return found
