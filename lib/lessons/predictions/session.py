"""What has been guessed or shown, and who waits for it.

The progress file remembers guesses. Where it cannot be written, they last as long as the kernel.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from lib.lessons import progress
from lib.lessons.predictions.prediction import Prediction
from lib.lessons.progress import SHOWN

_notes: dict[str, Any] = {}  # of this kernel
_waiting: defaultdict[str, list[Callable[[], None]]] = defaultdict(list)
_lock = threading.RLock()  # JupyterLab sends messages of widgets to another thread of the kernel


def note_of(prediction: Prediction) -> Any:
    """The guess of a prediction, or `SHOWN`, or None; what the file has is None where it can be no guess."""
    for note in (_notes.get(prediction.name), progress.guess_of(prediction.name)):
        if note == SHOWN:
            return SHOWN
        try:
            return prediction.kind.check(note)
        except (ValueError, TypeError, OverflowError):
            continue
    return None


def commit(prediction: Prediction, guess: Any) -> None:
    """Notes a guess, once and for all, and tells those who wait; a second one changes nothing.

    Raises `ValueError` for what is no guess of this prediction.
    """
    _note(prediction, prediction.kind.check(guess))


def show_anyway(prediction: Prediction) -> None:
    """Notes that the truth was shown without a guess, and tells those who wait."""
    _note(prediction, SHOWN)


def _note(prediction: Prediction, note: Any) -> None:
    with _lock:
        if note_of(prediction) is None:
            _notes[prediction.name] = note
            progress.note_guess(prediction.name, note)
        callbacks = _waiting.pop(prediction.name, [])
    for callback in callbacks:
        callback()


def when_revealed(prediction: Prediction, callback: Callable[[], None]) -> None:
    """Calls a function once, as soon as the truth may be seen: at once where it may be already."""
    with _lock:
        waits = note_of(prediction) is None
        if waits:
            _waiting[prediction.name].append(callback)
    if not waits:
        callback()


def forget() -> None:
    """What a new kernel knows: the progress file alone."""
    with _lock:
        _notes.clear()
        _waiting.clear()
