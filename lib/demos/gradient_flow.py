"""Activations forward and gradients back, layer by layer, through a deep network that has just been made."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from lib import nn, plots
from lib.checks import check_choice, check_whole
from lib.demos.kit import Choice, Demo, Slider, shows
from lib.nn import init

WIDTH, BATCH, CLASSES = 64, 32, 10
MOST_LAYERS = 50  # layers
FLOOR, CEILING = 1e-20, 1e10  # of the logarithmic axes

ACTIVATIONS = {
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "ReLU": nn.ReLU,
    "leaky ReLU": nn.LeakyReLU,
    "ELU": nn.ELU,
}
INITIALS = ("Gaussian 0.01", "Gaussian 1", "Torch7's own", "Xavier", "Kaiming")
REMEDIES = ("none", "batch norm", "skip", "both")


class State(NamedTuple):
    """One forward and one backward pass: root mean squares, layer by layer, the last Linear left out."""

    outputs: np.ndarray  # (depth,) of each layer's output, with what a skip adds to it
    errors: np.ndarray  # (depth,) of ∂L/∂output of each layer
    gradients: np.ndarray  # (depth,) of ∂L/∂W of each layer
    loss: float  # nats


def build(depth: int, activation: str, initial: str, remedy: str, seed: int = 0) -> nn.Sequential:
    """A chain of Linears of WIDTH units, an activation before each but the first, and class scores at last.

    depth: Linears before the last one
    activation: a name in ACTIVATIONS
    initial: start values of the weights, one of INITIALS
    remedy: "none"; "batch norm" before each activation; "skip" around activation and Linear; or "both"
        of them, in the order of He et al., 2016, "Identity mappings": x + Linear(f(norm(x)))
    Raises `ValueError` where one of them is not of that kind.
    """
    check_whole(depth, name="depth", low=1)
    check_choice(activation, ACTIVATIONS, name="activation")
    check_choice(initial, INITIALS, name="initial")
    check_choice(remedy, REMEDIES, name="remedy")

    def front() -> list[nn.Module]:
        norm = [nn.BatchNorm1d(WIDTH)] if remedy in ("batch norm", "both") else []
        return [*norm, ACTIVATIONS[activation]()]

    layer = nn.Residual if remedy in ("skip", "both") else nn.Sequential
    model = nn.Sequential(nn.Linear(WIDTH, WIDTH))
    for _ in range(depth - 1):
        model.add(layer(*front(), nn.Linear(WIDTH, WIDTH)))
    model.add(nn.Sequential(*front(), nn.Linear(WIDTH, CLASSES)))
    begin(model, initial, seed)
    return model.double()


def begin(model: nn.Module, initial: str, seed: int = 0) -> None:
    """Draws the weights of a network: `initial` is one of INITIALS."""
    if initial.startswith("Gaussian"):
        init.gaussian(model, std=float(initial.split()[1]), seed=seed)
    elif initial == "Xavier":
        init.xavier(model, seed=seed)
    elif initial == "Kaiming":
        init.kaiming(model, seed=seed)
    else:
        model.reset(seed)


def rms(x: np.ndarray) -> float:
    """Root mean square, of the numbers of an array."""
    return float(np.sqrt(np.mean(np.square(x))))


@lru_cache(maxsize=8)
def whole_network(activation: str, initial: str, remedy: str) -> nn.Sequential:
    """The network of MOST_LAYERS layers, made once: a shallower one is its beginning, and its end."""
    return build(MOST_LAYERS, activation, initial, remedy)


def compute(depth: int, activation: str, initial: str, remedy: str) -> State:
    """Gaussian inputs through a fresh network, and the gradient of the cross-entropy back through it.

    The arguments are those of `build`, with a depth of up to MOST_LAYERS.
    """
    check_whole(depth, name="depth", low=1, high=MOST_LAYERS)
    *layers, end = whole_network(activation, initial, remedy)
    chain = [*layers[:depth], end]
    rng = np.random.default_rng(1)
    x, y = rng.standard_normal((BATCH, WIDTH)), rng.integers(CLASSES, size=BATCH)
    inputs = [x]
    for module in chain:
        inputs.append(module.forward(inputs[-1]))
    criterion = nn.CrossEntropyLoss()
    loss = criterion.forward(inputs[-1], y)
    grad, errors = criterion.backward(inputs[-1], y), []
    for module, x in zip(reversed(chain), reversed(inputs[:-1]), strict=True):
        module.zero_grad_parameters()
        module.backward(x, grad)
        grad = module.grad_input
        errors.append(rms(grad))
    linears = [next(part for part in layer.walk() if isinstance(part, nn.Linear)) for layer in chain[:-1]]
    return State(
        outputs=np.array([rms(output) for output in inputs[1:-1]]),
        errors=np.array(errors[-2::-1]),
        gradients=np.array([rms(linear.grad_weight) for linear in linears]),
        loss=loss,
    )


class GradientFlowDemo(Demo):
    title = "Does the gradient reach the first layer?"
    alt = (
        "Two panels over the layers of a network, with logarithmic axes. Left: how large the outputs are. "
        "Right: how large the gradients are that come back, of the outputs and of the weights."
    )
    size = (10, 4.4)
    panels = 2
    presets = {
        "Vanishing": {"activation": "sigmoid", "initial": "Xavier"},
        "Tanh, Xavier": {"activation": "tanh", "initial": "Xavier"},
        "ReLU, Kaiming": {"initial": "Kaiming"},
        "Exploding": {"initial": "Gaussian 1"},
        "Sigmoid, normed": {"activation": "sigmoid", "initial": "Xavier", "remedy": "batch norm"},
        "ReLU, normed": {"remedy": "batch norm"},
        "ResNet": {"initial": "Kaiming", "remedy": "both"},
    }

    depth = Slider(1, MOST_LAYERS, start=30, label="depth (layers)")
    activation = Choice(tuple(ACTIVATIONS), start="ReLU")
    initial = Choice(INITIALS, label="initialisation")
    remedy = Choice(REMEDIES)

    compute = staticmethod(compute)

    def draw(self, axes: Any) -> None:
        left, right = axes
        look = {"markersize": 5, "linewidth": 2, "zorder": 2.7}
        self.outputs = left.plot([], [], "o-", color=plots.COLORS[0], **look)[0]
        self.errors = right.plot([], [], "s-", color=plots.COLORS[5], label="∂L/∂output", **look)[0]
        self.gradients = right.plot([], [], "^-", color=plots.COLORS[2], label="∂L/∂W", **look)[0]
        for ax, ylabel in ((left, "size of the output"), (right, "size of the gradient")):
            ax.set(
                yscale="log", xlim=(0, MOST_LAYERS + 1), ylim=(FLOOR, CEILING), xlabel="layer", ylabel=ylabel
            )
            exponents = range(-20, 11, 5)
            labels = [in_print(10.0**exponent)[4:] for exponent in exponents]
            ax.set_yticks(10.0 ** np.array(exponents), [f"≤ {labels[0]}", *labels[1:-1], f"≥ {labels[-1]}"])
            ax.minorticks_off()
            ax.axhline(1, color=plots.COLORS[8], linewidth=1, zorder=0)
        right.legend(loc="upper right").set_zorder(0)
        self.words = [
            ax.text(0.5, 1.03, " ", transform=ax.transAxes, ha="center", fontsize=13, zorder=3) for ax in axes
        ]

    def update(self, state: State) -> None:
        layers = np.arange(1, len(state.outputs) + 1)
        for line, values in zip(
            (self.outputs, self.errors, self.gradients),
            (state.outputs, state.errors, state.gradients),
            strict=True,
        ):
            line.set_data(layers, np.clip(values, FLOOR, CEILING))
        self.words[0].set_text(f"forward: layer {len(layers)} gives {in_print(state.outputs[-1])}")
        self.words[1].set_text(f"back: at layer 1, ∂L/∂W is {in_print(state.gradients[0])}")


def in_print(number: float) -> str:
    """Two digits and a power of ten.

    >>> in_print(3.2e-21)
    '3.2·10⁻²¹'
    """
    digits, exponent = f"{number:.1e}".split("e")
    raised = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{digits}·10{raised}" if number else "0"


show = shows(GradientFlowDemo)
