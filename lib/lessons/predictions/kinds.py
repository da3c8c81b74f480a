"""The kinds of guesses: a number, several, a slider, one of a few options, a curve drawn by hand.

Each knows four things, all of them plain data for the browser or words for people:

    check(guess)             the guess in its own type, as the progress file keeps it; `ValueError` for others
    words(guess)             the guess in a sentence
    verdict(guess, truth)    how near it came, in a sentence
    view()                   what the card shows before the guess
    outcome(guess, truth)    what it shows afterwards; guess is None where the truth was shown anyway
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lib.checks import check_choice, shown
from lib.lessons.predictions.scale import Scale, number_words

CLOSE = 0.05  # of the length of a scale: a guess as near as this is called close
CURVE = 361  # places at which a true curve is drawn


class GuessKind:
    """What a guess is.

    name: the browser's word for it
    true_is_function: True where the truth is a function, not a value
    """

    name = ""
    true_is_function = False

    def check(self, guess: Any) -> Any:
        raise NotImplementedError

    def words(self, guess: Any) -> str:
        raise NotImplementedError

    def verdict(self, guess: Any, truth: Any) -> str:
        raise NotImplementedError

    def view(self) -> dict[str, Any]:
        raise NotImplementedError

    def outcome(self, guess: Any, truth: Any) -> dict[str, Any]:
        raise NotImplementedError


class Number(GuessKind):
    """A number that is typed.

    low, high: the ends of the scale on which guess and truth are shown; a guess lies between them
    unit: what stands behind the number
    log: True where factors count, not differences
    close: how far a close guess may be off, in units, or, on a logarithmic scale, the factor; None takes a
        twentieth of the scale, or a factor of 1.5
    """

    name = "number"

    def __init__(
        self, low: float, high: float, *, unit: str = "", log: bool = False, close: float | None = None
    ):
        self.scale = Scale(low, high, unit=unit, log=log)
        self.close = (1.5 if log else CLOSE * (high - low)) if close is None else close

    def check(self, guess: Any) -> float:
        return self.scale.check(guess)

    def words(self, guess: float) -> str:
        return self.scale.words(guess)

    def verdict(self, guess: float, truth: float) -> str:
        same = math.isclose(guess, truth, rel_tol=1e-9, abs_tol=1e-12)
        if same:
            return "Exactly."
        factor = max(guess, truth) / min(guess, truth) if min(guess, truth) > 0 else math.inf
        near = factor <= self.close if self.scale.log else abs(guess - truth) <= self.close
        if near:
            return "Close."
        side = "high" if guess > truth else "low"
        if self.scale.log:
            return f"Too {side}, by a factor of {number_words(float(f'{factor:.2g}'))}."
        gap = float(f"{abs(guess - truth):.3g}")
        words = {"%": f"{number_words(gap)} points", "times": number_words(gap)}  # "by 4 times" is a factor
        return f"Too {side} by {words.get(self.scale.unit, self.scale.words(gap))}."

    def view(self) -> dict[str, Any]:
        return {"kind": self.name, "parts": [""], "range": self.scale.range, **self.scale.view()}

    def outcome(self, guess: float | None, truth: float) -> dict[str, Any]:
        return {"rows": [self.row("", guess, truth)], "ticks": self.scale.view()["ticks"]}

    def row(self, label: str, guess: float | None, truth: float) -> dict[str, Any]:
        """One scale with two marks."""
        marks = {"guess": guess, "truth": truth}
        return {
            "label": label,
            "marks": [
                {"of": of, "at": self.scale.share(value), "text": self.scale.words(value)}
                for of, value in marks.items()
                if value is not None
            ],
        }


class Slider(Number):
    """A number that is set by a handle.

    low, high, unit, log, close: as in `Number`
    step: from one number to the next; None takes a hundredth of the scale
    """

    name = "slider"

    def __init__(
        self,
        low: float,
        high: float,
        *,
        step: float | None = None,
        unit: str = "",
        log: bool = False,
        close: float | None = None,
    ):
        super().__init__(low, high, unit=unit, log=log, close=close)
        self.step = (high - low) / 100 if step is None else step

    def view(self) -> dict[str, Any]:
        return super().view() | {"step": self.step}


class SeveralNumbers(Number):
    """Several numbers on one scale, such as the gradients of an expression in its inputs.

    parts: what each is called
    low, high, unit, log, close: as in `Number`
    """

    name = "numbers"

    def __init__(self, parts: Sequence[str], low: float, high: float, **options: Any):
        super().__init__(low, high, **options)
        self.parts = tuple(parts)

    def check(self, guess: Any) -> list[float]:  # type: ignore[override]  # several of them
        expected = f"{len(self.parts)} numbers, {', '.join(self.parts)}"
        if not isinstance(guess, (list, tuple)) or len(guess) != len(self.parts):
            raise ValueError(f"guess: expected {expected}, got {shown(guess)}")
        numbers = []
        for part, value in zip(self.parts, guess, strict=True):
            try:
                numbers.append(self.scale.check(value))
            except ValueError:
                raise ValueError(f"{part}: expected {self.scale.range}, got {shown(value)}") from None
        return numbers

    def words(self, guess: Sequence[float]) -> str:  # type: ignore[override]
        return ", ".join(self.scale.words(each) for each in guess)

    def verdict(self, guess: Sequence[float], truth: Sequence[float]) -> str:  # type: ignore[override]
        each = [Number.verdict(self, one, other) for one, other in zip(guess, truth, strict=True)]
        right = sum(words in ("Exactly.", "Close.") for words in each)
        return f"{right} of {len(each)} right."

    def view(self) -> dict[str, Any]:
        return super().view() | {"parts": list(self.parts)}

    def outcome(self, guess: Sequence[float] | None, truth: Sequence[float]) -> dict[str, Any]:  # type: ignore[override]
        guesses = [None] * len(truth) if guess is None else guess
        rows = [self.row(*each) for each in zip(self.parts, guesses, truth, strict=True)]
        return {"rows": rows, "ticks": self.scale.view()["ticks"]}


class Choice(GuessKind):
    """One of a few options.

    options: their words, at least two
    """

    name = "choice"

    def __init__(self, *options: str):
        if len(set(options)) < 2 or len(set(options)) < len(options):
            raise ValueError(f"options: expected two or more that differ, got {shown(options)}")
        self.options = options

    def check(self, guess: Any) -> str:
        return check_choice(guess, self.options, name="guess")

    def words(self, guess: str) -> str:
        return guess

    def verdict(self, guess: str, truth: str) -> str:
        return "Right." if guess == truth else "Not so."

    def view(self) -> dict[str, Any]:
        return {"kind": self.name, "options": list(self.options)}

    def outcome(self, guess: str | None, truth: str) -> dict[str, Any]:
        marks = [
            [of for of, it in (("guess", guess), ("truth", truth)) if it == each] for each in self.options
        ]
        return {"marks": marks}


class Sketch(GuessKind):
    """A curve that is drawn by hand.

    x, y: the scales of its axes, with labels
    points: how many places of x the hand can set; the guess is the list of their y
    """

    name = "sketch"
    true_is_function = True

    def __init__(self, x: Scale, y: Scale, *, points: int = 13):
        self.x, self.y, self.points = x, y, points

    @property
    def places(self) -> list[float]:
        """The x of the points."""
        return [self.x.at(k / (self.points - 1)) for k in range(self.points)]

    def check(self, guess: Any) -> list[float]:
        if not isinstance(guess, (list, tuple)) or len(guess) != self.points:
            raise ValueError(f"guess: expected a curve of {self.points} numbers, got {shown(guess)}")
        return [self.y.check(float(f"{self.y.check(y):.4g}")) for y in guess]

    def words(self, guess: Sequence[float]) -> str:
        first, last = (self.y.words(guess[k]) for k in (0, -1))
        return f"a curve from {first} to {last}"

    def verdict(self, guess: Sequence[float], truth: Callable[[np.ndarray], Any]) -> str:
        true = [self.y.share(y) for y in np.asarray(truth(np.array(self.places)), float)]
        gap = float(np.mean([abs(self.y.share(y) - other) for y, other in zip(guess, true, strict=True)]))
        if gap < CLOSE:
            return "Close."
        return f"On average your curve is off by {round(100 * gap)} % of the height."

    def view(self) -> dict[str, Any]:
        return {"kind": self.name, "x": self.x.view(), "y": self.y.view(), "points": self.points}

    def outcome(self, guess: Sequence[float] | None, truth: Callable[[np.ndarray], Any]) -> dict[str, Any]:
        shares = np.linspace(0, 1, CURVE)
        true = np.asarray(truth(np.array([self.x.at(share) for share in shares])), float)
        return {
            "guess": None if guess is None else [self.y.share(y) for y in guess],
            "truth": [[float(x), self.y.share(y)] for x, y in zip(shares, true, strict=True)],
            "alt": self._told(guess, truth),
        }

    def _told(self, guess: Sequence[float] | None, truth: Callable[[np.ndarray], Any]) -> str:
        """Both curves in numbers, for those who cannot see them."""
        told = []
        every = max(1, (self.points - 1) // 4)
        for name, values in (("Your curve", guess), ("The truth", truth(np.array(self.places)))):
            if values is not None:
                some = [f"{self.y.words(float(f'{y:.3g}'))} at {self.x.words(float(f'{x:.3g}'))}"
                        for x, y in list(zip(self.places, values, strict=True))[::every]]  # fmt: skip
                told.append(f"{name}: {', '.join(some)}.")
        return " ".join(told)
