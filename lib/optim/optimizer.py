"""What all optimisers share: `step` checks everything first, so that bad gradients change nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

Schedule = Callable[[int], float]


class Optimizer:
    """Updates parameters in place, downhill along their gradients.

    learning_rate: a number > 0, or a schedule: a callable that takes the step (0, 1, …) and returns the rate
    weight_decay: adds weight_decay · W to each gradient, as torch does: a penalty of weight_decay / 2 · ΣW²

    A subclass writes `update`, and keeps what it remembers of each parameter in `state`.
    """

    def __init__(self, learning_rate: float | Schedule, weight_decay: float = 0.0):
        if not callable(learning_rate) and not 0 < learning_rate < np.inf:
            raise ValueError(f"learning_rate: got {learning_rate}, accepted are numbers > 0 and schedules")
        if not 0 <= weight_decay < np.inf:
            raise ValueError(f"weight_decay: got {weight_decay}, accepted are numbers ≥ 0")
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.steps = 0
        self.state: list[dict[str, np.ndarray]] = []

    @property
    def rate(self) -> float:
        """The learning rate of the next step."""
        return float(self.learning_rate(self.steps) if callable(self.learning_rate) else self.learning_rate)

    def step(self, parameters: Sequence[np.ndarray], gradients: Sequence[np.ndarray]) -> None:
        """One step: every parameter moves in place.

        parameters: float arrays, the same ones at every step; gradients: one for each, of the same shape
        Raises `ValueError` where they don't fit or a gradient is not finite; then nothing has moved.
        """
        self._check(parameters, gradients)
        rate = self.rate
        if not np.isfinite(rate):
            raise ValueError(
                f"learning_rate: the schedule gave {rate} at step {self.steps}, expected a finite number"
            )
        if not self.state:
            self.state = [self.start(parameter) for parameter in parameters]
        self.steps += 1
        for parameter, gradient, state in zip(parameters, gradients, self.state, strict=True):
            if self.weight_decay:
                gradient = gradient + self.weight_decay * parameter
            self.update(parameter, gradient, rate, state)

    def start(self, parameter: np.ndarray) -> dict[str, np.ndarray]:
        """What is remembered of a parameter before the first step."""
        return {}

    def update(
        self, parameter: np.ndarray, gradient: np.ndarray, rate: float, state: dict[str, np.ndarray]
    ) -> None:
        """Moves one parameter in place; `gradient` belongs to the caller and stays as it is."""
        raise NotImplementedError

    def _check(self, parameters, gradients):
        if len(parameters) != len(gradients):
            raise ValueError(
                f"gradients: expected one for each of {len(parameters)} parameters, got {len(gradients)}"
            )
        if self.state and len(self.state) != len(parameters):
            raise ValueError(
                f"parameters: expected the {len(self.state)} of the first step, got {len(parameters)}; "
                "make a new optimiser for a new model"
            )
        for i, (parameter, gradient) in enumerate(zip(parameters, gradients, strict=True)):
            if (
                not isinstance(parameter, np.ndarray)
                or parameter.dtype.kind != "f"
                or not parameter.flags.writeable
            ):
                kind = parameter.dtype if isinstance(parameter, np.ndarray) else type(parameter).__name__
                raise ValueError(f"parameters[{i}]: expected a writeable array of floats, got {kind}")
            if np.shape(gradient) != parameter.shape:
                raise ValueError(
                    f"gradients[{i}]: expected shape {parameter.shape}, got {np.shape(gradient)}"
                )
            if self.state and any(memory.shape != parameter.shape for memory in self.state[i].values()):
                raise ValueError(
                    f"parameters[{i}]: its shape {parameter.shape} is not that of the first step; "
                    "make a new optimiser for a new model"
                )
            if not np.isfinite(gradient).all():
                where = tuple(map(int, np.argwhere(~np.isfinite(gradient))[0]))
                raise ValueError(
                    f"gradients[{i}]: got {np.asarray(gradient)[where]} at {list(where)}; "
                    "the loss has probably diverged: lower the learning rate"
                )
