"""A small network that learns two classes of points, and remembers every step so that time can run back."""

from __future__ import annotations

from copy import deepcopy
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from lib import nn
from lib.checks import check_choice, check_number, check_whole
from lib.demos.points_2d import points
from lib.optim import Adam

TRAINING, VALIDATION = 120, 400  # points
MOST_LAYERS, MOST_UNITS = 4, 16

ACTIVATIONS = {"tanh": nn.Tanh, "ReLU": nn.ReLU, "sigmoid": nn.Sigmoid, "identity": nn.Identity}


Points = tuple[tuple[float, float, int], ...]  # x, y and class of each
Edit = tuple[int, float, int]


class Moment(NamedTuple):
    """The network after a step.

    weights: (P,), all parameters
    optimizer: as it was, to train on from here
    losses, accuracies: (2,), of the training points and of the validation points, nan where there are none;
        losses in nats, without penalty
    """

    weights: np.ndarray
    optimizer: Adam
    losses: tuple[float, ...]
    accuracies: tuple[float, ...]


def build(layers: int, units: int, activation: str, seed: int = 0) -> nn.Sequential:
    """2 inputs, hidden layers of so many units with an activation behind each, and one score.

    layers: 0…MOST_LAYERS
    units: 1…MOST_UNITS
    activation: a name in ACTIVATIONS
    The score is positive where the network says class 1. Raises `ValueError` that names the argument.
    """
    check_whole(layers, name="layers", high=MOST_LAYERS)
    check_whole(units, name="units", low=1, high=MOST_UNITS)
    check_choice(activation, ACTIVATIONS, name="activation")
    widths = [2, *[units] * layers]
    model = nn.Sequential()
    for fan_in, fan_out in pairwise(widths):
        model.add(nn.Linear(fan_in, fan_out)).add(ACTIVATIONS[activation]())
    model.add(nn.Linear(widths[-1], 1))
    return model.reset(seed)


def one_vector(model: nn.Module) -> tuple[np.ndarray, np.ndarray]:
    """All parameters of a network in one vector, and all gradients in another: Torch7's getParameters.

    The layers' own arrays become views of the two, so that one step of an optimiser moves them all.
    """
    owners = [(layer, name) for layer in model.walk() for name in ("weight", "bias") if hasattr(layer, name)]

    def join(prefix: str) -> np.ndarray:
        arrays = [getattr(layer, prefix + name) for layer, name in owners]
        vector = np.concatenate([array.ravel() for array in arrays])
        parts = np.split(vector, np.cumsum([array.size for array in arrays])[:-1])
        for (layer, name), array, part in zip(owners, arrays, parts, strict=True):
            setattr(layer, prefix + name, part.reshape(array.shape))
        return vector

    return join(""), join("grad_")


class Training:
    """One network on one set of points, from its first random weights on.

    data: one of `points_2d.SHAPES`
    noise: as there; the others are those of `build`
    moments: what has been trained so far, step by step; moments[0] is before training
    changes: the steps at which rate, penalty, points or a weight changed while it trained
    """

    def __init__(self, data: str, noise: float, layers: int, units: int, activation: str, seed: int = 0):
        self.own = self.X, self.y = points(data, TRAINING, noise, seed=1)
        self.validation: tuple[np.ndarray, np.ndarray] | None = points(data, VALIDATION, noise, seed=2)
        self.of_the_data = self.validation
        self.model = build(layers, units, activation, seed)
        self.weights, self.gradients = one_vector(self.model)
        self.matrices = [part.weight for part in self.model if isinstance(part, nn.Linear)]
        self.grad_matrices = [part.grad_weight for part in self.model if isinstance(part, nn.Linear)]
        self.criterion = nn.BCEWithLogitsLoss()
        self.settings: tuple[float, float, Points | None, Edit | None] | None = None
        self.now = 0
        self.changes: list[int] = []
        self.moments = [self._moment(Adam(1))]

    def gradient(self, penalty: float) -> float:
        """Fills `gradients` with those of the loss on the training points, and returns that loss.

        loss = mean cross-entropy + penalty / 2 · ΣW², over all weights but the biases
        """
        scores, target = self.model.forward(self.X), self.y[:, None]
        loss = self.criterion.forward(scores, target)
        self.gradients.fill(0)
        self.model.backward(self.X, self.criterion.backward(scores, target), need_grad_input=False)
        for W, gradient in zip(self.matrices, self.grad_matrices, strict=True):
            loss += penalty / 2 * float((W * W).sum())
            gradient += penalty * W
        return loss

    def place(self, moved: Points | None) -> None:
        """From now on it trains on these points (x, y, class), or for None on its own ones.

        Validation points belong to the data: where most of its own points are gone, there are none.
        """
        self.X, self.y = self.own
        if moved is not None:
            table = np.array(moved)
            self.X, self.y = table[:, :2].astype(np.float32), table[:, 2].astype(int)
        kept = (self.X[:, None] == self.own[0]).all(axis=2).any(axis=1)
        self.validation = self.of_the_data if kept.sum() > TRAINING / 2 else None

    @property
    def last_weights(self) -> int:
        """The number of the first weight of the last matrix."""
        return sum(W.size for W in self.matrices[:-1])

    def set_weight(self, number: int, value: float) -> None:
        """Give one weight another value; they are counted through the matrices, one row after the other."""
        for W in self.matrices:
            if number < W.size:
                W.ravel()[number] = value  # a view: all matrices lie in one vector
                return
            number -= W.size

    def go(
        self,
        step: int,
        rate: float,
        penalty: float,
        moved: Points | None = None,
        edit: Edit | None = None,
    ) -> Moment:
        """Leaves the network as it is after `step` steps, and returns that moment.

        What is remembered is shown again. A new rate, penalty or place of the points counts from the
        moment that was shown last, or from `step` where that is earlier; what had been trained after it is
        forgotten. So does a weight that is set by hand.

        edit: the number of a weight, as in `set_weight`, its value, and any number that makes the same edit
            another one
        """
        check_whole(step, name="step")
        check_number(rate, name="rate", low=0, open_low=True)
        check_number(penalty, name="penalty", low=0)
        if (rate, penalty, moved, edit) != self.settings:
            first = min(step, self.now)
            del self.moments[first + 1 :]
            _, _, moved_before, edited_before = self.settings or (0, 0, None, None)
            if moved != moved_before:
                self.place(moved)
            self.weights[:] = self.moments[first].weights
            if edit is not None and edit != edited_before:
                self.set_weight(*edit[:2])
            if (moved, edit) != (moved_before, edited_before):
                self.moments[first] = self._moment(self.moments[first].optimizer)
            self.changes = [earlier for earlier in self.changes if earlier < first] + [first] * (first > 0)
            self.settings = rate, penalty, moved, edit
        while len(self.moments) <= step:
            self._train_on(rate, penalty)
        self.now = step
        self.weights[:] = self.moments[step].weights
        return self.moments[step]

    def _train_on(self, rate: float, penalty: float) -> None:
        """One step more, downhill on all training points."""
        last = self.moments[-1]
        self.weights[:] = last.weights
        optimizer = deepcopy(last.optimizer)
        optimizer.learning_rate = rate
        self.gradient(penalty)
        optimizer.step([self.weights], [self.gradients])
        self.moments.append(self._moment(optimizer))

    def _moment(self, optimizer: Adam) -> Moment:
        losses, accuracies = [], []
        for pair in ((self.X, self.y), self.validation):
            if pair is None:
                losses.append(np.nan)
                accuracies.append(np.nan)
                continue
            X, y = pair
            scores = self.model.forward(X)
            losses.append(self.criterion.forward(scores, y[:, None]))
            accuracies.append(float(((scores[:, 0] > 0) == y).mean()))
        return Moment(self.weights.copy(), optimizer, tuple(losses), tuple(accuracies))
