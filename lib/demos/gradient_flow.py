"""Activations forward and gradients back, layer by layer, through a deep network that has just been made."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from lib import nn, plots
from lib.checks import check_choice, check_whole
from lib.demos.kit import Choice, Demo, Handle, Slider, shows
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


@lru_cache(maxsize=1)  # 14 MB each, with what passed through it
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
    ask = "Predict, then drag the last layer: does the gradient reach layer 1, and what mends it?"
    size = (10.5, 4.6)
    tall_size = (4.8, 7.4)
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
    last_layer = Handle("depth", axes="forward", beside="end", click=True)
    last_layer.hint = "Drag the last layer, or click where it should be"

    compute = staticmethod(compute)

    def end(self) -> float:
        return float(np.clip(self.state.outputs[-1], FLOOR, CEILING))

    def draw(self, axes: Any) -> None:
        self.forward, back = axes
        look = {"markersize": 5, "linewidth": 2, "zorder": 2.7}
        self.outputs = self.forward.plot([], [], "o-", color=plots.COLORS[0], **look)[0]
        self.errors = back.plot([], [], "s-", color=plots.COLORS[5], **look)[0]
        self.gradients = back.plot([], [], "^-", color=plots.COLORS[2], **look)[0]
        self.last = self.forward.plot(
            [], [], "o", color=plots.COLORS[0], markersize=12, markeredgecolor=self.paper, zorder=2.8
        )[0]
        self.names = [
            back.text(0, 1, name, color=color, va="center", zorder=2.8, clip_on=False)
            for name, color in (("∂L/∂output", plots.COLORS[5]), ("∂L/∂W", plots.COLORS[2]))
        ]
        exponents = range(-20, 11, 5)
        labels = [in_print(10.0**exponent)[4:] for exponent in exponents]
        for ax, ylabel in ((self.forward, "size of the output"), (back, "size of the gradient")):
            ax.set(yscale="log", xlim=(0, MOST_LAYERS + 1), ylim=(FLOOR / 100, 100 * CEILING), xlabel="layer")
            ax.set_ylabel(ylabel)
            ax.set_yticks(10.0 ** np.array(exponents), [f"≤ {labels[0]}", *labels[1:-1], f"≥ {labels[-1]}"])
            ax.minorticks_off()
            ax.axhline(1, color=self.faint, linewidth=1.2, zorder=0)
        back.set_xlim(0, MOST_LAYERS + 19)  # with room for the names of the curves
        back.set_xticks(range(0, MOST_LAYERS + 1, 10))

    def update(self, state: State) -> None:
        self.state = state
        layers = np.arange(1, len(state.outputs) + 1)
        for line, values in zip(
            (self.outputs, self.errors, self.gradients),
            (state.outputs, state.errors, state.gradients),
            strict=True,
        ):
            line.set_data(layers, np.clip(values, FLOOR, CEILING))
        self.last.set_data([len(layers)], [self.end()])
        ends = np.log10(np.clip([state.errors[-1], state.gradients[-1]], FLOOR, CEILING))
        apart = max(0.0, 2 - abs(ends[0] - ends[1])) / 2  # so that the names don't meet
        for name, end, up in zip(self.names, ends, (1, -1) if ends[0] >= ends[1] else (-1, 1), strict=True):
            name.set_position((len(layers) + 1.5, 10.0 ** (end + up * apart)))

    def said(self) -> str:
        """Sizes at both ends, and by how much a layer changes the gradient that passes it."""
        state, depth = self.state, len(self.state.outputs)
        words = (
            f"Layer {depth} gives outputs of size {in_print(state.outputs[-1])}; ∂L/∂W at layer 1 is "
            f"{in_print(state.gradients[0])}"
        )
        if depth == 1:
            return f"{words}."
        factor = (state.errors[0] / state.errors[-1]) ** (1 / (depth - 1))
        return f"{words}: on its way back, each layer multiplies the gradient by {factor:.2g}."


def in_print(number: float) -> str:
    """Two digits and a power of ten.

    >>> in_print(3.2e-21)
    '3.2·10⁻²¹'
    """
    digits, exponent = f"{number:.1e}".split("e")
    raised = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{digits}·10{raised}" if number else "0"


show = shows(GradientFlowDemo)
