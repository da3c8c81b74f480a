"""lib/demos/draw_it.py: thirty drawings of a mouse, a hundred scribbles, what the hand does, what it says.

draw_it_drawings.json was recorded over the demo in Chromium by benchmarks/draw_by_mouse.py: a model of a hand
moved its mouse along plans that were typed; no person drew. No training saw them, nor the scribbles.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from scribbles import scribbles

from data_loaders.shapes10 import CLASSES
from lib.demos.draw_it import (
    ANSWERS,
    ELSE,
    HALF_STAR,
    HEART,
    SCRIBBLE,
    SIDE,
    STAR,
    SURE,
    WEIGHTS,
    DrawItDemo,
    compute,
    inked,
    painted,
    trained,
    with_article,
)  # fmt: skip
from lib.demos.kit.hand import fields, marks, meaning, share_of
from lib.demos.kit.panel import Panel

DRAWINGS = json.loads(Path(__file__).with_name("draw_it_drawings.json").read_text("utf-8"))


def strokes_of(drawing):
    return tuple(tuple((x, y) for _, x, y in stroke) for stroke in drawing)


@pytest.fixture(scope="module")
def drawn_once():
    return DrawItDemo()


@pytest.fixture
def demo(drawn_once):
    drawn_once.set(**drawn_once.start)
    return drawn_once


def test_the_drawings_are_thirty_three_of_each_class_with_times():
    assert [name for name, _ in DRAWINGS] == [name for name in CLASSES for _ in range(3)]
    for _, drawing in DRAWINGS:
        times = [t for stroke in drawing for t, _, _ in stroke]
        assert times == sorted(times)
        assert times[-1] > 300
        assert all(0 <= value < SIDE for stroke in drawing for _, *place in stroke for value in place)


def test_at_least_27_of_30_mouse_drawings_are_named_right():
    states = [compute(strokes_of(drawing)) for _, drawing in DRAWINGS]
    assert sum(ANSWERS[state.best] == name for state, (name, _) in zip(states, DRAWINGS, strict=True)) >= 27
    right = [
        state.sure and ANSWERS[state.best] == name for state, (name, _) in zip(states, DRAWINGS, strict=True)
    ]
    assert sum(right) >= 24


def test_at_most_10_of_100_scribbles_are_named_for_sure():
    kinds = scribbles()
    assert [len(drawings) for drawings in kinds.values()] == [20] * 5
    sure = {kind: sum(compute(drawing).sure for drawing in drawings) for kind, drawings in kinds.items()}
    assert sum(sure.values()) <= 10, sure


def test_the_weights_are_small_and_the_file_has_nothing_else():
    assert WEIGHTS.stat().st_size <= 300_000
    assert sum(parameter.size for parameter in trained().parameters()[0]) == 200 + 4800 + 6912 + 11 * 513


def test_an_empty_sheet_is_quiet_and_asks_for_a_drawing(demo):
    assert all(not maps.any() for maps in demo.state.maps)
    assert all(bar.get_width() == 0 for bar in demo.bars)
    assert "Draw something" in demo.said()
    assert demo.invitation.get_visible()
    for gallery in demo.galleries:
        assert (gallery.maps == gallery.maps[0, 0, 0]).all()


def test_ink_lies_on_the_line_and_nowhere_else():
    ink = inked(((4.0, 10.0), (20.0, 10.0)))
    assert (ink[10, 4:21] == 1).all()
    assert (ink[14:] == 0).all()
    assert (ink[:, 24:] == 0).all()


def test_a_long_stroke_in_pieces_is_the_same_ink():
    line = tuple((4 + 20 * k / 60, 16 + 8 * np.sin(k / 6)) for k in range(61))
    np.testing.assert_allclose(painted((line,)), inked(line), atol=1e-6)


def test_the_pixels_shares_and_the_bias_add_up_to_the_score():
    state = compute(HEART, reasons=True)
    scores = trained().forward(painted(HEART)[None, None])[0]
    bias = trained().parameters()[0][-1]
    assert bias.shape == (len(ANSWERS),)
    assert state.shares.sum() + bias[state.best] == pytest.approx(scores[state.best], rel=1e-4)
    assert compute(HEART).shares is None


# ---- The hand.
def by_hand(demo, places):
    shares = [[*share_of(demo.sheet, x, y), begins] for x, y, begins in places]
    demo.set(**meaning(demo, {"to": "draw", "field": list(demo.touches).index("strokes"), "places": shares}))


def by_key(demo, **message):
    demo.set(**meaning(demo, {"key": "strokes:0"} | message))


def test_every_place_of_a_message_is_drawn_and_the_cursor_follows(demo):
    by_hand(demo, [(5, 5, True), (10, 5, False)])
    by_hand(demo, [(10, 12, False), (20, 20, True), (20.1, 20, False)])
    first, second = demo.values["strokes"]
    np.testing.assert_allclose(first, [(5, 5), (10, 5), (10, 12)], atol=0.01)
    np.testing.assert_allclose(second, [(20, 20)], atol=0.01)  # the last place is too near
    assert (demo.values["column"], demo.values["row"]) == (20, 20)
    mark = next(mark for mark in marks(demo) if mark["kind"] == "pen")
    assert (mark["x"], mark["y"]) == pytest.approx(share_of(demo.sheet, 20, 20))


def test_a_hand_beyond_the_sheet_does_no_harm(demo):
    by_hand(demo, [(5, 5, True), (-40, 90, False)])
    assert (demo.values["column"], demo.values["row"]) == (0, SIDE - 1)
    assert np.isfinite(demo.state.probabilities).all()


def test_a_drawing_has_an_end(demo):
    most = type(demo).strokes.most
    by_hand(demo, [(k % 31, (7 * k) % 29, k == 0) for k in range(most + 500)])
    assert len(demo.values["strokes"][0]) == most
    by_hand(demo, [(3, 3, True)])
    by_key(demo, to="pick")
    assert sum(map(len, demo.values["strokes"])) == most


def test_a_square_by_keys_alone(demo):
    demo.set(column=6, row=6)
    by_key(demo, to="pick")  # pen down
    for right, up in ((20, 0), (0, -20), (-20, 0), (0, 20)):
        by_key(demo, to="key", x=right, y=up)
    by_key(demo, to="pick")
    by_key(demo, to="key", x=5, y=-5)  # with the pen up nothing is drawn
    assert demo.values["strokes"] == (((6, 6), (26, 6), (26, 26), (6, 26), (6, 6)),)
    assert demo.said().startswith("This is a square")


def test_the_sliders_draw_what_the_keys_draw():
    panel = Panel(DrawItDemo())
    panel.widgets["pen"].value = True
    panel.widgets["column"].value = 25
    panel.widgets["row"].value = 3
    assert panel.demo.values["strokes"] == (((15, 15), (25, 15), (25, 3)),)
    panel.told(None, {"to": "reset"})
    assert panel.demo.values["strokes"] == ()
    assert panel.widgets["pen"].value is False


def test_undo_takes_the_last_line_away_by_click_and_by_key(demo):
    for way in ({"to": "pick", "key": "undo:0"}, {"to": "remove", "key": "strokes:0"}):
        demo.set(strokes=(*STAR, *HALF_STAR), pen=True)
        demo.set(**meaning(demo, way))
        assert demo.values["strokes"] == STAR
        assert demo.values["pen"] is False  # or the next move would go on with the line before
    demo.set(strokes=())
    demo.set(**meaning(demo, {"to": "pick", "key": "undo:0"}))
    assert demo.values["strokes"] == ()


def test_only_the_sheet_is_drawn_on(demo):
    found = fields(demo)
    assert [field["draws"] for field in found] == [True, False]
    assert (found[0]["left"], found[0]["top"]) == pytest.approx(share_of(demo.sheet, -0.5, -0.5))


@pytest.mark.parametrize(
    "wrong", [3, "x", [3], [[]], [[(0, 0, 1)]], [[(np.nan, 0)]], [[(0, 0)] * 2001], None]
)
def test_what_is_no_strokes_is_refused(demo, wrong):
    with pytest.raises(
        ValueError, match=r"^strokes: expected strokes of places \(x, y\), up to 2000 places, got"
    ):
        demo.set(strokes=wrong)


# ---- What it says.
def test_it_says_what_it_is_with_the_net_s_numbers(demo):
    demo.set(strokes=STAR)
    assert demo.state.sure
    assert demo.said().startswith(
        f"This is a star, says the net, {100 * demo.state.probabilities[4]:.0f} % sure"
    )
    assert demo.word.get_text() == "star"
    demo.set(strokes=SCRIBBLE)
    assert not demo.state.sure
    assert demo.said().startswith("This is something else")


def test_unsure_says_so(demo):
    shares = np.zeros(len(ANSWERS))
    shares[[8, 7, ELSE]] = 0.5, 0.3, 0.2
    demo.update(compute(STAR)._replace(probabilities=shares))
    assert demo.said() == "Unsure: an arrow (50 %) or a heart (30 %)?"
    assert demo.word.get_text() == "arrow?"
    shares[[8, 7, ELSE]] = SURE, 1 - SURE, 0
    demo.update(compute(STAR)._replace(probabilities=shares))
    assert demo.said().startswith("This is an arrow")


def test_articles():
    assert [with_article(name) for name in ("arrow", "hourglass", "heart", "something else")] == [
        "an arrow", "an hourglass", "a heart", "something else",
    ]  # fmt: skip


def test_what_speaks_for_a_name_is_said_in_numbers(demo):
    demo.set(strokes=HEART, reasons=True)
    shares = demo.state.shares
    assert f"adds {shares[shares > 0].sum():.1f} to its score" in demo.said()
    assert f"takes {-shares[shares < 0].sum():.1f} away" in demo.said()


def test_a_share_below_one_percent_is_left_out(demo):
    for second, words in ((0.004, "% sure."), (0.03, "; of the ten shapes an arrow is nearest (3 %).")):
        shares = np.zeros(len(ANSWERS))
        shares[[ELSE, 8]] = 1 - second, second
        demo.update(compute(STAR)._replace(probabilities=shares))
        assert demo.said().endswith(words)
        shares = np.roll(shares, 1)  # now the first answer is sure
        shares[[0, 8]], shares[9] = (1 - second, second), 0
        demo.update(compute(STAR)._replace(probabilities=shares))
        assert demo.said().endswith("% sure." if second < 0.01 else "; next comes an arrow (3 %).")


def test_it_says_that_the_sheet_is_full(demo):
    most = type(demo).strokes.most
    line = tuple((float(k % 31), float(k // 31 % 31)) for k in range(most))
    demo.set(strokes=(line[:-1],))
    assert "full" not in demo.said()
    demo.set(strokes=(line,))
    assert demo.said().endswith(" The sheet is full: 2,000 places are the limit. Undo a line, or clear it.")
