"""The box of `after`: what a block shows stays closed until there is a guess. Its other half is closed.js.

What is closed is kept in the kernel: before the guess the notebook has nothing of it, not even hidden.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from lib.demos.kit.lock import one_at_a_time
from lib.lessons.predictions import session
from lib.lessons.predictions.card import STYLES, text_of_files, view
from lib.lessons.predictions.prediction import Prediction
from lib.lessons.predictions.recorder import OutputRecorder, recording
from lib.lessons.predictions.still import html_of

HERE = Path(__file__).parent
PACE = 0.2  # seconds between two looks at what an open box has while its block runs
CLOSED = "Guess first, above."
AGAIN = "Run this cell: what it shows comes after your guess."  # on a page without widgets


class ClosedBox(anywidget.AnyWidget):
    """The line that stands in the place of closed outputs.

    opened: True once the outputs are shown
    answers: as in `PredictionCard`
    """

    _esm = text_of_files(HERE / "talk.js", HERE / "closed.js")
    _css = STYLES

    words = traitlets.Unicode(CLOSED).tag(sync=True)
    opened = traitlets.Bool().tag(sync=True)
    answers = traitlets.Int().tag(sync=True)

    def __init__(self, prediction: Prediction):
        super().__init__()
        self.prediction = prediction
        self.on_msg(self.told)

    @one_at_a_time
    def told(self, _: Any, message: dict[str, Any], __: Any = None) -> None:
        """A message of the browser: the truth is wanted anyway."""
        session.show_anyway(self.prediction)
        self.answers += 1


@contextmanager
def in_a_box(prediction: Prediction) -> Iterator[None]:
    """A `with` block whose outputs come into sight when the prediction is revealed."""
    import ipywidgets
    from IPython.display import display

    line, inside = ClosedBox(prediction), ipywidgets.Output()
    sent = 0.0

    def refresh() -> None:
        inside.outputs = tuple(recorder.outputs)

    def heard() -> (
        None
    ):  # the guess may come while the block runs; a loop that prints shall not flood the page
        nonlocal sent
        if line.opened and time.monotonic() - sent > PACE:
            refresh()
            sent = time.monotonic()

    def unclose() -> None:
        line.opened = True
        refresh()

    recorder = OutputRecorder(heard)
    html_of(f'<div class="course-asked"><p>{AGAIN}</p></div>')
    box = ipywidgets.VBox([line, inside])
    box.add_class("course-box")
    display(view(box), raw=True)
    session.when_revealed(prediction, unclose)
    try:
        with recording(recorder):
            yield
    finally:
        if line.opened:
            refresh()
