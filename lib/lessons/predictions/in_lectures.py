"""What a lecture calls: `predict`, `after`, `revealed`. Widgets are loaded when a lecture asks for them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lib.lessons.predictions.prediction import find_prediction
from lib.lessons.predictions.still import exporting, has_widgets


def predict(name: str) -> None:
    """Ask for a guess; the truth is shown beside it once it is made.

    name: of a prediction, such as "01.alexnet_error"
    """
    prediction = find_prediction(name)
    if exporting():
        from lib.lessons.predictions.pages import show_told

        show_told(prediction)
    elif has_widgets():
        from lib.lessons.predictions.card import show_card

        show_card(prediction)
    else:
        print(f"{prediction.question} (Run it in a notebook to guess.)")


@contextmanager
def after(name: str) -> Iterator[None]:
    """A `with` block whose outputs stay closed until there is a guess of this name, or "Show anyway".

    name: of a prediction, such as "01.alexnet_error"

    The block runs in any case, names that are defined in it are there afterwards, an error is shown at once.
    Figures, tables and prints belong into the block; the value of its last line is not shown.
    """
    prediction = find_prediction(name)
    if exporting() and has_widgets():
        from lib.lessons.predictions.pages import in_details

        with in_details():
            yield
    elif has_widgets() and not revealed(name):
        from lib.lessons.predictions.closed import in_a_box

        with in_a_box(prediction):
            yield
    else:
        yield


def revealed(name: str) -> bool:
    """Whether the truth of a prediction may be seen: there is a guess, or it was shown anyway."""
    from lib.lessons.predictions.session import note_of

    return note_of(find_prediction(name)) is not None
