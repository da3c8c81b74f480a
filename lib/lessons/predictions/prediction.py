"""A prediction as plain data, and where those of a lecture are found."""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib.checks import alternatives, mismatch, shown

if TYPE_CHECKING:
    from lib.lessons.predictions.kinds import GuessKind

HERE = Path(__file__).parent
NAME = re.compile(r"(\d\d)\.[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Prediction:
    """A question that is answered by a guess before the truth is shown.

    name: such as "01.alexnet_error"; the digits are the lecture's
    question: one or two sentences; Markdown and LaTeX may be in it
    kind: what a guess is: `Number`, `SeveralNumbers`, `Slider`, `Choice` or `Sketch`
    truth: the right answer, or a function without arguments that computes it; of a sketch the function from
        an array of x to an array of y
    sentence: what to learn from it; {guess} and {truth} stand for them, and a sentence with {guess} is left
        out where the truth was shown without one
    tells: words that say the truth: the lecture must not show them in the open
    """

    name: str
    question: str
    kind: GuessKind
    truth: Any
    sentence: str
    tells: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise mismatch("", "name", "a name such as '01.alexnet_error'", shown(self.name))

    def true(self) -> Any:
        """The truth, computed where it is not written down."""
        return self.truth() if callable(self.truth) and not self.kind.true_is_function else self.truth

    def told(self, guess: Any, truth: Any) -> str:
        """How near the guess came, and the sentence. guess: None where there is none."""
        named = {"{truth}": self._words(truth), "{guess}": "" if guess is None else self._words(guess)}
        sentence = self.sentence
        if guess is None:
            parts = re.split(r"(?<=[.!?])\s+", sentence)
            sentence = " ".join(part for part in parts if "{guess}" not in part)
        for name, words in named.items():
            sentence = sentence.replace(name, words)
        return sentence if guess is None else f"{self.kind.verdict(guess, truth)} {sentence}"

    def _words(self, value: Any) -> str:
        return "the curve" if callable(value) else str(self.kind.words(value))


def prediction_names(lecture: str = "") -> list[str]:
    """The names of all predictions, or those of a lecture such as "01", in the lectures' order."""
    numbers = sorted(path.stem.removeprefix("lecture_") for path in HERE.glob("lecture_*.py"))
    return [made.name for number in numbers if lecture in ("", number) for made in _of(number)]


def find_prediction(name: str) -> Prediction:
    """The prediction of a name such as "01.alexnet_error"; raises `ValueError` where there is none."""
    found = NAME.fullmatch(name) if isinstance(name, str) else None
    there = _of(found[1]) if found and (HERE / f"lecture_{found[1]}.py").exists() else []
    for made in there:
        if made.name == name:
            return made
    known = alternatives([made.name for made in there] or prediction_names())
    raise mismatch("", "name", f"a prediction, {known}", shown(name))


def _of(number: str) -> list[Prediction]:
    predictions: list[Prediction] = importlib.import_module(f"{__package__}.lecture_{number}").predictions
    return predictions
