"""What all optimisers share: `step` checks everything first, so that bad gradients change nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lib.checks import check_number, mismatch, shown

Schedule = Callable[[int], float]

NEW_MODEL = "make a new optimiser for a new model"


class Optimizer:
    """Updates parameters in place, downhill along their gradients.

    learning_rate: a number > 0, or a schedule: a callable that takes the step (0, 1, …) and returns the rate
    weight_decay: adds weight_decay · W to each gradient, as torch does: a penalty of weight_decay / 2 · ΣW²

    A subclass writes `update`, and keeps what it remembers of each parameter in `state`.
    """

    def __init__(self, learning_rate: float | Schedule, weight_decay: float = 0.0):
        if not callable(learning_rate):
            arrays = isinstance(learning_rate, (list, tuple, np.ndarray))
            advice = "parameters and gradients go to step(parameters, gradients)" if arrays else ""
            check_number(
                learning_rate,
                name="learning_rate",
                owner=self,
                low=0,
                open_low=True,
                otherwise=", or a schedule",
                advice=advice,
            )
        self.learning_rate = learning_rate
        self.weight_decay = check_number(weight_decay, name="weight_decay", owner=self, low=0)
        self.steps = 0
        self.state: list[dict[str, np.ndarray]] = []

    @property
    def rate(self) -> float:
        """The learning rate of the next step; raises `ValueError` where a schedule gives no finite number."""
        if not callable(self.learning_rate):
            return float(self.learning_rate)
        rate = self.learning_rate(self.steps)
        if not np.isscalar(rate) or isinstance(rate, (str, bytes)) or not np.isfinite(rate):
            what = f"a finite number from the schedule at step {self.steps}"
            raise mismatch(self, "learning_rate", what, shown(rate))
        return float(rate)

    def step(self, parameters: Sequence[np.ndarray], gradients: Sequence[np.ndarray]) -> None:
        """One step: every parameter moves in place.

        parameters: a list of float arrays, the same ones at every step
        gradients: a list of arrays, one for each parameter, of the same shape
        Raises `ValueError` where they don't fit or a gradient is not finite; then nothing has moved.
        """
        self._check(parameters, gradients)
        rate = self.rate
        if not self.state:
            self.state = [self.start(parameter) for parameter in parameters]
        self.steps += 1
        for parameter, gradient, state in zip(parameters, gradients, self.state, strict=True):
            self.update(parameter, self.decayed(parameter, gradient, rate), rate, state)

    def decayed(self, parameter: np.ndarray, gradient: np.ndarray, rate: float) -> np.ndarray:
        """The gradient with that of the penalty added; or the parameter decays itself, in place."""
        return gradient + self.weight_decay * parameter if self.weight_decay else gradient

    def start(self, parameter: np.ndarray) -> dict[str, np.ndarray]:
        """What is remembered of a parameter before the first step."""
        return {}

    def update(
        self, parameter: np.ndarray, gradient: np.ndarray, rate: float, state: dict[str, np.ndarray]
    ) -> None:
        """Moves one parameter in place; `gradient` belongs to the caller and stays as it is."""
        raise NotImplementedError(
            f"{type(self).__name__}: write update(self, parameter, gradient, rate, state)"
        )

    def _check(self, parameters: Any, gradients: Any) -> None:
        for name, values in (("parameters", parameters), ("gradients", gradients)):
            if not isinstance(values, (list, tuple)):
                advice = "one array is [W]" if isinstance(values, np.ndarray) else ""
                raise mismatch(self, name, "a list of arrays", shown(values), advice)
        if len(parameters) != len(gradients):
            expected = f"one for each of {len(parameters)} parameters"
            raise mismatch(self, "gradients", expected, str(len(gradients)))
        if self.state and len(self.state) != len(parameters):
            expected = f"the {len(self.state)} of the first step"
            raise mismatch(self, "parameters", expected, str(len(parameters)), NEW_MODEL)
        for i, (parameter, gradient) in enumerate(zip(parameters, gradients, strict=True)):
            self._check_one(i, parameter, gradient)

    def _check_one(self, i: int, parameter: Any, gradient: Any) -> None:
        floats = isinstance(parameter, np.ndarray) and parameter.dtype.kind == "f"
        if not floats or not parameter.flags.writeable:
            expected = "a writeable array of floats"
            got = shown(parameter) if not floats else f"a read-only {shown(parameter)}"
            raise mismatch(self, f"parameters[{i}]", expected, got)
        for memory in self.state[i].values() if self.state else ():
            if memory.shape != parameter.shape:
                expected = f"shape {memory.shape}, as at the first step"
                raise mismatch(self, f"parameters[{i}]", expected, f"shape {parameter.shape}", NEW_MODEL)
        kinds = (np.ndarray, np.number, int, float)  # what numpy makes of arrays of shape () is a number
        if not isinstance(gradient, kinds) or np.asarray(gradient).dtype.kind not in "fiu":
            raise mismatch(self, f"gradients[{i}]", "an array of numbers", shown(gradient))
        gradient = np.asarray(gradient)
        if gradient.shape != parameter.shape:
            expected = f"shape {parameter.shape}, as its parameter has"
            raise mismatch(self, f"gradients[{i}]", expected, f"shape {gradient.shape}")
        if not np.isfinite(gradient).all():
            where = tuple(map(int, np.argwhere(~np.isfinite(gradient))[0]))
            advice = "the loss has probably diverged: lower the learning rate"
            got = f"{gradient[where]} at {list(where)}"
            raise mismatch(self, f"gradients[{i}]", "finite numbers", got, advice)
