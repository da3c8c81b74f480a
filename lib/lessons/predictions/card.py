"""The card of a prediction: its question, the guess, and then the truth beside it. Its other half is card.js.

The browser knows the question alone until a guess is committed; the truth comes from the kernel then.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import traitlets

from lib.demos.kit import stage
from lib.demos.kit.lock import one_at_a_time
from lib.lessons.predictions import session
from lib.lessons.predictions.prediction import Prediction
from lib.lessons.predictions.still import html_of, question_html

HERE = Path(__file__).parent


def text_of_files(*paths: Path) -> str:
    """The text of some files, one after the other."""
    return "\n".join(path.read_text("utf-8") for path in paths)


STYLES = text_of_files(stage.HERE / "stage.css", HERE / "card.css")


class PredictionCard(anywidget.AnyWidget):
    """What `predict` shows.

    question: with Markdown and LaTeX
    form: what the guess is, as `GuessKind.view` gives it
    outcome: guess and truth, as `GuessKind.outcome` gives them; empty before there is a guess
    guess: in words; "" where there is none
    said: how near it came, and what to learn from it
    error: why a guess was refused
    answers: grows by one with every message of the browser that has been dealt with
    """

    _esm = text_of_files(HERE / "talk.js", HERE / "card.js")
    _css = STYLES

    question = traitlets.Unicode().tag(sync=True)
    form: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)
    outcome: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)
    guess = traitlets.Unicode().tag(sync=True)
    said = traitlets.Unicode().tag(sync=True)
    error = traitlets.Unicode().tag(sync=True)
    answers = traitlets.Int().tag(sync=True)

    def __init__(self, prediction: Prediction):
        super().__init__(question=prediction.question, form=prediction.kind.view())
        self.prediction = prediction
        self.on_msg(self.told)
        session.when_revealed(prediction, self.reveal)

    @one_at_a_time
    def told(self, _: Any, message: dict[str, Any], __: Any = None) -> None:
        """A message of the browser: a guess, or that the truth is wanted anyway."""
        self.error = ""
        try:
            if message["to"] == "show":
                session.show_anyway(self.prediction)
            else:
                session.commit(self.prediction, message["guess"])
        except Exception as error:
            self.error = str(error).removeprefix("guess: ")
        self.answers += 1

    def reveal(self) -> None:
        """Show guess and truth, as they are noted."""
        note = session.note_of(self.prediction)
        guess = None if note == session.SHOWN else note
        try:
            truth = self.prediction.true()
            outcome, said = self.prediction.kind.outcome(guess, truth), self.prediction.told(guess, truth)
        except Exception as error:
            self.error = f"{type(error).__name__}: {error}"
            return
        with self.hold_sync():
            self.guess = "" if guess is None else self.prediction.kind.words(guess)
            self.outcome, self.said, self.error = outcome, said, ""


def view(widget: Any) -> dict[str, Any]:
    """A widget as data for the notebook; without words, as those of a page without widgets stand above."""
    bundle = widget._repr_mimebundle_()
    data: dict[str, Any] = bundle[0] if isinstance(bundle, tuple) else bundle  # anywidget adds metadata
    return data | {"text/plain": ""}


def show_card(prediction: Prediction) -> None:
    """Display the card, and before it the question as text, for where no widget lives."""
    from IPython.display import display

    html_of(question_html(prediction))
    display(view(PredictionCard(prediction)), raw=True)
