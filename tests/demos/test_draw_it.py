"""lib/demos/draw_it.py: thirty drawings like a mouse's, the hand's touch, and what it says.

The drawings in draw_it_drawings.json are pointer paths made with another generator than the training's, with
jitter, a drifting hand, corners cut and gaps at the end; no training saw them.
"""

import json
from pathlib import Path

import numpy as np

from data_loaders.shapes10 import CLASSES
from lib.demos.draw_it import SCRIBBLE, SQUARE, SURE, WEIGHTS, DrawItDemo, compute, inked
from lib.demos.kit.hand import meaning, share_of

DRAWINGS = json.loads(Path(__file__).with_name("draw_it_drawings.json").read_text())


def strokes_of(drawing):
    return tuple(tuple(map(tuple, stroke)) for stroke in drawing)


def test_at_least_24_of_30_mouse_drawings_are_named_right():
    assert len(DRAWINGS) == 30
    named = [CLASSES[compute(strokes_of(d), 0, 0).probabilities.argmax()] for _, d in DRAWINGS]
    assert sum(a == b for a, (b, _) in zip(named, DRAWINGS, strict=True)) >= 24


def test_the_weights_are_small():
    assert WEIGHTS.stat().st_size <= 300_000


def test_ink_lies_on_the_line_and_nowhere_else():
    ink = inked(((4.0, 10.0), (20.0, 10.0)))
    assert (ink[10, 4:21] == 1).all() and (ink[14:] == 0).all() and (ink[:, 24:] == 0).all()


def test_every_place_of_a_batch_is_drawn():
    demo = DrawItDemo()
    places = [(5, 5, True), (10, 5, False), (10, 12, False), (20, 20, True)]
    message = {"to": "draw", "field": 0}
    message["places"] = [[*share_of(demo.sheet, x, y), new] for x, y, new in places]
    demo.set(**meaning(demo, message))
    np.testing.assert_allclose(demo.values["strokes"][0], [(5, 5), (10, 5), (10, 12)], atol=0.01)
    assert len(demo.values["strokes"]) == 2


def test_keys_move_the_cursor_and_paint():
    demo = DrawItDemo(column=3, row=4)
    demo.set(**meaning(demo, {"to": "key", "key": "strokes:0", "x": 1, "y": -1}))
    assert (demo.values["column"], demo.values["row"]) == (4, 5)
    demo.set(**meaning(demo, {"to": "pick", "key": "strokes:0"}))
    assert demo.values["strokes"] == (((4, 5),),) and demo.state.ink[5, 4] == 1


def test_it_says_what_it_sees():
    demo = DrawItDemo()
    assert demo.said().startswith("Nothing is drawn")
    demo.set(strokes=SQUARE)
    assert demo.said().startswith("This is a square") and demo.state.probabilities.max() >= SURE
