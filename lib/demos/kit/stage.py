"""The stage: the widget of a demo's picture, with marks over it that mouse, finger, pen and keys can move.

It shows what Python says and tells what the hand does; nothing is decided here. Its other half is stage.js.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import traitlets

HERE = Path(__file__).parent


class Stage(anywidget.AnyWidget):
    """What stands on a demo's card above its controls.

    picture: a PNG file
    sharp: whether it has a dot for every pixel of the screen
    shown: its width and height on the page, CSS pixels
    marks: what can be touched, dictionaries of key, kind, x, y, w, h, name, drag, removable and field; places
        are shares of the picture's width and height, from its upper left corner
    fields: the axes in which there are marks: left, top, right, bottom, the cursor over them, and whether a
        hand draws there
    answers: grows by one with every message of the browser that has been dealt with
    """

    _esm = HERE / "stage.js"
    _css = HERE / "stage.css"

    picture = traitlets.Bytes().tag(sync=True)
    sharp = traitlets.Bool().tag(sync=True)
    shown = traitlets.List([1000, 400]).tag(sync=True)
    marks: traitlets.List[Any] = traitlets.List().tag(sync=True)
    fields: traitlets.List[Any] = traitlets.List().tag(sync=True)
    answers = traitlets.Int().tag(sync=True)
    title = traitlets.Unicode().tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)
    ask = traitlets.Unicode().tag(sync=True)
    said = traitlets.Unicode().tag(sync=True)
    error = traitlets.Unicode().tag(sync=True)
    presets: traitlets.List[Any] = traitlets.List().tag(sync=True)
    preset = traitlets.Unicode().tag(sync=True)
    full = traitlets.Bool().tag(sync=True)
