"""Small networks on points of the plane whose every layer can be drawn: two or three units each."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise, permutations, product
from typing import NamedTuple

import numpy as np

from lib import nn
from lib.blas import one_thread
from lib.checks import check_choice
from lib.demos import points_2d
from lib.demos.points_2d import EDGE
from lib.optim import Adam

DATA = ("XOR", "circles", "spiral")
COUNT = 80  # points
STEEP = 1.3  # of units that are set by hand: the length of their w
STEPS, RATE, DECAY = 900, 0.03, 0.001
ACTIVATIONS = {"tanh": nn.Tanh, "ReLU": nn.ReLU}
WIDTHS = {"2": (2,), "3": (3,), "3+3": (3, 3)}
SEEDS = {  # the best of a few starts; where none is named, 0
    ("XOR", "2", "tanh"): 1, ("XOR", "2", "ReLU"): 3, ("XOR", "3+3", "ReLU"): 4,
    ("circles", "2", "tanh"): 1, ("circles", "3", "tanh"): 2, ("spiral", "2", "ReLU"): 3,
    ("spiral", "3", "tanh"): 11, ("spiral", "3", "ReLU"): 7,
    ("spiral", "3+3", "tanh"): 18, ("spiral", "3+3", "ReLU"): 16,
}  # fmt: skip


class Net(NamedTuple):
    """Hidden layers h = f(W x + b), then a score v·h + c; inputs are points of the plane, divided by `EDGE`.

    hidden: (W, b) of each hidden layer: (units behind, units before) and (units behind,)
    v, c: of the score, (units,) and a number
    activation: one of `ACTIVATIONS`
    """

    hidden: list[tuple[np.ndarray, np.ndarray]]
    v: np.ndarray
    c: float
    activation: str

    def layers(self, X: np.ndarray) -> list[np.ndarray]:
        """Points (N, 2) of the plane → what each layer makes of them: the input, every hidden layer."""
        found = [X / EDGE]
        for W, b in self.hidden:
            z = found[-1] @ W.T + b
            found.append(np.tanh(z) if self.activation == "tanh" else np.maximum(z, 0))
        return found

    def scores(self, X: np.ndarray) -> np.ndarray:
        """Points (N, 2) → (N,), above 0 for class 1."""
        return self.layers(X)[-1] @ self.v + self.c


@lru_cache(maxsize=4)
def points(data: str) -> tuple[np.ndarray, np.ndarray]:
    """X (COUNT, 2) and classes (COUNT,), 0 and 1; those of `points_2d`.

    data: one of `DATA`; XOR has more room between its squares

    Raises `ValueError` for another name.
    """
    check_choice(data, DATA, name="data")
    X, y = points_2d.points(data, COUNT)
    if data == "XOR":
        return np.sign(X) * 0.725 + X / 2, y
    return X.astype(float), y


@lru_cache(maxsize=32)
def trained(data: str, network: str, activation: str) -> Net:
    """A network after STEPS steps of Adam on all points; up to half a second the first time.

    data: one of `DATA`
    network: one of `WIDTHS`
    activation: one of `ACTIVATIONS`

    Raises `ValueError` that names the argument.
    """
    check_choice(network, WIDTHS, name="network")
    check_choice(activation, ACTIVATIONS, name="activation")
    X, y = points(data)
    sizes = (2, *WIDTHS[network])
    layers = [layer for a, b in pairwise(sizes) for layer in (nn.Linear(a, b), ACTIVATIONS[activation]())]
    net = nn.Sequential(*layers, nn.Linear(sizes[-1], 1)).double()
    net.reset(SEEDS.get((data, network, activation), 0))
    parameters, gradients = net.parameters()
    for parameter in parameters:
        parameter *= 2  # units that bend from the start
    criterion, optimizer = (
        nn.BCEWithLogitsLoss(),
        Adam(lambda step: RATE * (1 - 0.9 * step / STEPS), weight_decay=DECAY),
    )
    inputs, targets = X / EDGE, y[:, None].astype(float)
    with one_thread():  # many small products
        for _ in range(STEPS):
            scores = net.forward(inputs)
            criterion.forward(scores, targets)
            net.zero_grad_parameters()
            net.backward(inputs, criterion.backward(scores, targets), need_grad_input=False)
            optimizer.step(parameters, gradients)
    *hidden, (v, c) = zip(parameters[::2], parameters[1::2], strict=True)
    return aligned(Net(hidden, v[0], float(c[0]), activation), X)


def aligned(net: Net, X: np.ndarray) -> Net:
    """The same function, its units renamed so that each layer lies like the one before, as far as it can.

    Units of a layer can change places, and with tanh their signs, if the next layer's weights do so too.
    """
    hidden, v = list(net.hidden), net.v
    for k in range(len(hidden)):
        before, behind = Net(hidden, v, net.c, net.activation).layers(X)[k : k + 2]
        units = behind.shape[1]
        signs = (1, -1) if net.activation == "tanh" else (1,)
        order, sign = max(
            (
                (list(o), np.array(s))
                for o in permutations(range(units))
                for s in product(signs, repeat=units)
            ),
            key=lambda way: ((behind[:, way[0]] * way[1])[:, : before.shape[1]] * before).sum(),
        )
        W, b = hidden[k]
        hidden[k] = W[order] * sign[:, None], b[order] * sign
        if k + 1 < len(hidden):
            hidden[k + 1] = hidden[k + 1][0][:, order] * sign, hidden[k + 1][1]
        else:
            v = v[order] * sign
    return Net(hidden, v, net.c, net.activation)


def by_hand(data: str, activation: str, lines: tuple[tuple[float, float], ...]) -> Net:
    """Units max(0, …) or tanh(…) that switch along lines; the score behind them is fitted to the points.

    lines: of each unit the angle of n in degrees and the offset, for n·x = offset
    """
    check_choice(activation, ACTIVATIONS, name="activation")
    X, y = points(data)
    angles, offsets = np.array(lines).T
    n = np.stack([np.cos(np.radians(angles)), np.sin(np.radians(angles))], axis=1)
    net = Net([(STEEP * EDGE * n, -STEEP * offsets)], np.zeros(len(n)), 0.0, activation)
    v, c = straight(net.layers(X)[1], y)
    return net._replace(v=v, c=c)


def straight(h: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, float]:
    """The line or plane v·h + c = 0 of a logistic regression of classes y (N,) on h (N, units).

    By Newton's method, with a small penalty, so that there is one even where the classes part.
    """
    mean, scale = h.mean(axis=0), h.std(axis=0) + 1e-9
    x = np.column_stack([(h - mean) / scale, np.ones(len(h))])
    weights = np.zeros(x.shape[1])
    for _ in range(8):
        p = 1 / (1 + np.exp(-(x @ weights)))
        gradient = x.T @ (p - y) + 0.1 * weights
        curvature = (x.T * (p * (1 - p))) @ x + 0.1 * np.eye(len(weights))
        weights -= np.linalg.solve(curvature, gradient)
    v = weights[:-1] / scale
    return v, float(weights[-1] - v @ mean)
