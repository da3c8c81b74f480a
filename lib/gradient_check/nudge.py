"""Moves one element a little to either side, and looks at what the output does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.gradient_check.subjects import Subject

EPS = float(np.finfo(np.float64).eps)
EPS_FLOAT32 = float(np.finfo(np.float32).eps)


@dataclass(frozen=True)
class Nudge:
    """The slopes that one step of size h finds: nan where the step leaves the domain.

    central, right, left: the slope over both sides, over the right one and over the left one
    lowest, highest: what right and left slope allow at a kink, each output at its own end; where outputs bend
        against each other, this is wider than from left to right
    noise: how far rounding may have moved `central`
    terms: the size of what `central` sums up, all signs positive
    size: the size of the outputs, from whose rounding the noise comes
    """

    h: float
    central: float
    right: float
    left: float
    lowest: float
    highest: float
    noise: float
    terms: float
    size: float

    @property
    def gap(self) -> float:
        """How far the slopes of the single outputs differ from right to left, all signs positive."""
        return self.highest - self.lowest


class Probe:
    """Nudges one element at a time, and puts it back."""

    def __init__(self, subject: Subject, name: str, upstream: np.ndarray, eps: float):
        self.subject = subject
        self.variable = subject.variables[name]
        self.upstream, self.eps = upstream, eps
        self.output = subject.forward()
        with np.errstate(over="ignore"):
            self.whole = float(np.linalg.norm(upstream * self.output))

    def step(self, index: tuple[int, ...], h: float) -> Nudge:
        start = float(self.variable[index])
        h = max(h, 4 * float(np.spacing(abs(start))))  # or start ± h is start
        right, left = start + h, start - h
        above, below = self._output(index, right), self._output(index, left)
        run = right - left  # not quite 2h: both ends were rounded
        with np.errstate(all="ignore"):
            change = above - below
            weighted = self.upstream * change
            # What does not seem to change counts too: a probability of 1 hides a change of one 1e-16.
            size = float(np.linalg.norm(self.upstream * np.fmax(np.abs(above), np.abs(below))))
            rights = self.upstream * (above - self.output) / (right - start)
            lefts = self.upstream * (self.output - below) / (start - left)
            return Nudge(
                h,
                float(weighted.sum()) / run,
                float(rights.sum()),
                float(lefts.sum()),
                float(np.minimum(rights, lefts).sum()),
                float(np.maximum(rights, lefts).sum()),
                10 * self.eps * size / run,
                float(np.abs(weighted).sum()) / run,
                size,
            )

    def slopes_nearby(self, index: tuple[int, ...], h: float, count: int) -> list[float]:
        """The slope along one element with all variables moved a little, so to one side of a kink."""
        rng = np.random.default_rng(0)
        kept = {name: value.copy() for name, value in self.subject.variables.items()}
        found = []
        try:
            for _ in range(count):
                for name, value in kept.items():
                    away = 100 * h * np.maximum(1.0, np.abs(value))
                    self.subject.variables[name][...] = value + away * rng.uniform(-1, 1, value.shape)
                here = float(self.variable[index])
                change = self._output(index, here + h) - self._output(index, here - h)
                found.append(float((self.upstream * change).sum()) / ((here + h) - (here - h)))
        finally:
            for name, value in kept.items():
                self.subject.variables[name][...] = value
        return [slope for slope in found if np.isfinite(slope)]

    def _output(self, index: tuple[int, ...], value: float) -> np.ndarray:
        """The output with one element changed; nan where the function is not defined there."""
        kept = self.variable[index]
        self.variable[index] = value
        try:
            with np.errstate(all="ignore"):
                output = self.subject.forward()
        except (ValueError, ArithmeticError):  # such as math.log(-1): the function is fine at x itself
            return np.full(self.output.shape, np.nan)
        finally:
            self.variable[index] = kept
        if not np.isfinite(output).all():
            return np.full(self.output.shape, np.nan)
        if output.shape != self.output.shape:
            raise ValueError(
                f"module_or_function: expected outputs of one shape, got {self.output.shape}, and "
                f"{output.shape} after a step of {value - float(kept):.1e} in one element"
            )
        return output


def find_precision(subject: Subject, output: np.ndarray, h: float) -> float:
    """The relative rounding error of the output: that of float64, or that of float32."""
    kept = {name: subject.variables[name].copy() for name in subject.inputs}
    rng = np.random.default_rng(0)
    try:
        for name, value in kept.items():  # after this, an input is no longer a number that float32 has
            subject.variables[name][...] = value + h * rng.random(value.shape)
        with np.errstate(all="ignore"):
            moved = subject.forward()
    except (ValueError, ArithmeticError):  # the step leaves the domain
        return EPS
    finally:
        for name, value in kept.items():
            subject.variables[name][...] = value
    if moved.shape != output.shape:
        return EPS
    moved = moved[(moved != output) & np.isfinite(moved)]
    with np.errstate(all="ignore"):
        return EPS_FLOAT32 if moved.size and np.array_equal(moved, moved.astype(np.float32)) else EPS
