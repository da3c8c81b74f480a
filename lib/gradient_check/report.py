"""What a gradient check found, in words."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

MOST_SKIPPED = 0.5  # a check that skips more than this share of the elements has not checked much


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """The two gradients in one array: the input `x`, or a parameter.

    numerical, analytic: float64, shaped like the array (a wrong analytic one may have another shape)
    errors: relative error of each element, 0 where it was skipped; empty where the shapes differ
    skipped: bool, True where the function has a kink, so that there is no slope to compare with
    cause: a guess at what is wrong, empty where nothing is
    """

    name: str
    numerical: np.ndarray
    analytic: np.ndarray
    errors: np.ndarray
    skipped: np.ndarray
    tolerance: float
    cause: str = ""

    @property
    def ok(self) -> bool:
        return (
            self.relative_error <= self.tolerance and self.skipped.sum() <= MOST_SKIPPED * self.skipped.size
        )

    @property
    def relative_error(self) -> float:
        return float(self.errors.max(initial=0)) if self.errors.shape == self.numerical.shape else np.inf

    @property
    def worst_index(self) -> tuple[int, ...] | None:
        """Where the error is largest; None where the shapes differ."""
        if self.errors.shape != self.numerical.shape:
            return None
        return tuple(int(i) for i in np.unravel_index(self.errors.argmax(), self.errors.shape))

    def __str__(self) -> str:
        count, skipped = self.numerical.size, int(self.skipped.sum())
        kinks = f", {skipped} skipped at a kink" if skipped else ""
        if self.ok:
            return (
                f"gradient in {self.name}: right, {count - skipped} of {count} elements compared{kinks}, "
                + (f"largest relative error {self.relative_error:.1e}")
            )
        lines = [f"gradient in {self.name}: WRONG{kinks}"]
        if self.worst_index is None:
            lines.append(f"  shape {self.analytic.shape}, expected {self.numerical.shape}")
        elif self.relative_error > self.tolerance:
            where = list(self.worst_index)
            wrong = int((self.errors > self.tolerance).sum())
            lines.append(
                f"  {wrong} of {count} elements differ; worst at {where}: numerical "
                f"{self.numerical[self.worst_index]:.7g}, analytic {self.analytic[self.worst_index]:.7g}, "
                f"relative error {self.relative_error:.1e} (accepted {self.tolerance:.0e})"
            )
        else:
            lines.append(
                f"  {skipped} of {count} elements sit at a kink, too many to judge: choose another x"
            )
        if self.cause:
            lines.append(f"  likely cause: {self.cause}")
        return "\n".join(lines)


@dataclass(frozen=True, eq=False, repr=False)
class GradientReport:
    """Everything one check found. Prints as an explanation; true where all is right.

    comparisons: one for the input and one for each parameter
    problems: what is wrong besides the numbers, such as a mutated input; notes: hints at the cause
    """

    comparisons: tuple[Comparison, ...]
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def ok(self) -> bool:
        return not self.problems and bool(self.comparisons) and all(part.ok for part in self.comparisons)

    def __bool__(self) -> bool:
        return self.ok

    def __getitem__(self, name: str) -> Comparison:
        """The comparison of that name, such as report["weight"]."""
        for part in self.comparisons:
            if part.name == name:
                return part
        raise KeyError(f"{name!r}: this report has {', '.join(repr(part.name) for part in self.comparisons)}")

    @property
    def worst(self) -> Comparison:
        """The comparison with the largest error."""
        return max(self.comparisons, key=lambda part: (not part.ok, part.relative_error))

    @property
    def relative_error(self) -> float:
        return self.worst.relative_error

    @property
    def worst_index(self) -> tuple[int, ...] | None:
        return self.worst.worst_index

    @property
    def numerical(self) -> np.ndarray:
        return self.worst.numerical

    @property
    def analytic(self) -> np.ndarray:
        return self.worst.analytic

    @property
    def skipped(self) -> int:
        """How many elements were not compared because the function has a kink there."""
        return sum(int(part.skipped.sum()) for part in self.comparisons)

    def raise_if_wrong(self) -> GradientReport:
        """Raises `AssertionError` with this explanation unless all is right; returns the report."""
        if not self.ok:
            raise AssertionError(f"the gradient check failed\n{self}")
        return self

    def __str__(self) -> str:
        lines = [f"problem: {problem}" for problem in self.problems]
        lines += [str(part) for part in self.comparisons]
        return "\n".join(lines + [f"note: {note}" for note in self.notes])

    __repr__ = __str__
