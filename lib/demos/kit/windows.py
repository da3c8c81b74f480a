"""Several browser windows on one notebook: each shows where the sliders stand that were moved in another."""

from __future__ import annotations

from ipywidgets.widgets import widget as ipywidgets_widget

SEEN: set[str] = set()  # of this kernel; a reloaded page counts as another one


def heed(window: str) -> None:
    """A window shows a demo. From the second one on the kernel tells all of them what one has moved.

    For a single window `course start` leaves these messages out: they cost a few milliseconds a move.
    """
    SEEN.add(window)
    if len(SEEN) > 1:
        ipywidgets_widget.JUPYTER_WIDGETS_ECHO = True
