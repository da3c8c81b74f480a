"""What a gradient check found, in words."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from lib.checks import alternatives, shown
from lib.gradient_check.judge import DOMAIN, KINK, UNSTABLE

_SITS = {
    KINK: "sit at a kink",
    DOMAIN: "lie where a step leaves the domain",
    UNSTABLE: "have no stable slope",
}
MANY = 0.1  # where more than this share was not judged, "right" alone would say too much
MOST = 0.5  # where more than this share was not judged, the check has not checked much


class GradientError(AssertionError):
    """A gradient check that failed; its message is the report."""


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """The two gradients in one array: an input, such as `x`, or a parameter.

    numerical, analytic: float64, shaped like the array (a wrong analytic one may have another shape)
    errors: relative error of each element, 0 where it was skipped; empty where the shapes differ
    skipped: bool, True where there is no slope to compare with: the element is undecided
    cause: a guess at what is wrong, empty where nothing is
    reasons: why elements are undecided, such as "at a kink" → how many are
    unseen: how many elements are so small, beside the others or beside rounding, that only that was seen
    vanishes: whether all of it is zero beside the gradients in the other arrays, as before a batch norm
    """

    name: str
    numerical: np.ndarray
    analytic: np.ndarray
    errors: np.ndarray
    skipped: np.ndarray
    tolerance: float
    cause: str = ""
    reasons: dict[str, int] = field(default_factory=dict)
    unseen: int = 0
    vanishes: bool = False

    @property
    def ok(self) -> bool:
        return self.verdict == "right"

    @property
    def verdict(self) -> str:
        """One of "right", "WRONG" and, where too few elements could be compared, "undecided"."""
        if not self.relative_error <= self.tolerance:
            return "WRONG"
        return "right" if self.unjudged <= MOST * self.skipped.size else "undecided"

    @property
    def unjudged(self) -> int:
        """How many elements are undecided, or too small to see."""
        return 0 if self.vanishes else int(self.skipped.sum()) + self.unseen

    @property
    def limited(self) -> str:
        """What "right" must be followed by where more than a tenth of the elements was not judged."""
        count = self.numerical.size
        if self.unjudged <= MANY * count:
            return ""
        return f" as far as one can see: {self.unjudged} of {count} elements not judged"

    @property
    def relative_error(self) -> float:
        return float(self.errors.max(initial=0)) if self.errors.shape == self.numerical.shape else np.inf

    @property
    def worst_index(self) -> tuple[int, ...] | None:
        """Where the error is largest; None where the shapes differ."""
        if self.errors.shape != self.numerical.shape:
            return None
        return tuple(int(i) for i in np.unravel_index(self.errors.argmax(), self.errors.shape))

    @property
    def _small(self) -> str:
        return f", {self.unseen} too small beside the others to see" if self.unseen else ""

    def __str__(self) -> str:
        count = self.numerical.size
        undecided = "".join(f", {number} undecided {reason}" for reason, number in self.reasons.items())
        if self.verdict == "right":
            if self.vanishes:
                return f"gradient in {self.name}: right, zero beside the gradients in the others"
            return (
                f"gradient in {self.name}: right{self.limited}{';' if self.limited else ','} "
                f"{count - self.unjudged} of {count} elements compared{self._small}"
                f"{undecided}, largest relative error {self.relative_error:.1e}"
            )
        wrong = self.verdict == "WRONG"
        shape = f", shape {self.numerical.shape}" if wrong and self.numerical.ndim else ""
        lines = [f"gradient in {self.name}: {self.verdict}{shape}{undecided}{self._small}"]
        if self.worst_index is None:
            lines[0] = f"gradient in {self.name}: WRONG"
            lines.append(f"  shape {self.analytic.shape}, expected {self.numerical.shape}")
        elif wrong:
            differ = int((self.errors > self.tolerance).sum())
            where = f"{differ} of {count} elements differ; worst at {list(self.worst_index)}: "
            lines.append(
                f"  {where if self.worst_index else ''}numerical "
                f"{self.numerical[self.worst_index]:.7g}, analytic {self.analytic[self.worst_index]:.7g}, "
                f"relative error {self.relative_error:.1e} (accepted {self.tolerance:.0e})"
            )
        else:
            places = [_SITS[reason] for reason in self.reasons] + ["are too small to see"] * bool(self.unseen)
            lines.append(
                f"  {self.unjudged} of {count} elements {' or '.join(places)}, too many to judge: "
                f"choose another {self.name}"
            )
        if self.cause:
            lines.append(f"  likely cause: {self.cause}")
        return "\n".join(lines)


@dataclass(frozen=True, eq=False, repr=False)
class GradientReport:
    """Everything one check found. Prints as an explanation; true where all is right.

    Where nothing is wrong, but too little could be judged, it is undecided: neither right nor wrong.

    comparisons: one for each input and one for each parameter
    problems: what is wrong besides the numbers, such as a mutated input
    notes: hints at the cause
    subject: what was checked, such as "Linear(3 -> 2)", where that is a layer or a criterion
    lines: further properties that were checked and found right, a sentence each
    """

    comparisons: tuple[Comparison, ...]
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    subject: str = ""
    lines: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return self.verdict == "right"

    @property
    def verdict(self) -> str:
        """One of "right", "WRONG" and, where too little could be compared, "undecided"."""
        verdicts = {part.verdict for part in self.comparisons}
        if self.problems or "WRONG" in verdicts:
            return "WRONG"
        return "right" if verdicts == {"right"} else "undecided"

    def __bool__(self) -> bool:
        return self.ok

    def __getitem__(self, name: str) -> Comparison:
        """The comparison of that name, such as report["weight"]."""
        for part in self.comparisons:
            if part.name == name:
                return part
        names = [part.name for part in self.comparisons]
        compared = alternatives(names) if names else "no name, as nothing was compared"
        raise KeyError(f"name: expected {compared}, got {shown(name)}")

    @property
    def worst(self) -> Comparison:
        """The comparison with the largest error; raises `ValueError` where nothing was compared."""
        if not self.comparisons:
            why = "; ".join((*self.problems, *self.notes)) or "it is empty"
            raise ValueError(
                f"report: expected a comparison, got none, because {why}; print(report) shows all"
            )
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
        """Raises `GradientError`, an `AssertionError`, with this explanation unless all is right."""
        if not self.ok:
            failed = "failed" if self.verdict == "WRONG" else "could not decide"
            raise GradientError(f"the gradient check {failed}\n{self}")
        return self

    def __str__(self) -> str:
        lines = [f"problem: {problem}" for problem in self.problems]
        # The right ones are many in a large network; beside a wrong one they only hide it.
        shown = [part for part in self.comparisons if not part.ok] if self.subject else self.comparisons
        lines += [str(part) for part in shown]
        lines += [f"note: {note}" for note in self.notes]
        if not self.subject:
            return "\n".join(lines)
        lines += [f"✓ {line}" for line in self.lines] if self.ok else []
        body = "\n".join(lines).replace("\n", "\n  ")
        limited = self.ok and any(part.limited for part in self.comparisons)
        return f"{self.subject}: {self.verdict}{' as far as one can see' if limited else ''}\n  {body}"

    __repr__ = __str__
