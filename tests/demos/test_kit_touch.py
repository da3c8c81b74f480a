"""Handles, regions, spots and points: what a movement of the hand means, in the picture's own places."""

import re
import sys
import types
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.demos import demo_class
from lib.demos.kit import Choice, Demo, Handle, LogSlider, Pick, Points, Region, Slider, Time
from lib.demos.kit.hand import fields, marks, meaning, place_in, share_of
from lib.demos.kit.panel import Panel
from lib.demos.rooms import demos

ROOT = Path(__file__).parents[2]
COLOURS = ("red", "blue")


class Plane(Demo):
    """Every kind of handle once, in two panels."""

    title, alt, panels = "A plane", "A plane.", 2
    size, tall_size = (8, 4), (4, 8)
    a = Slider(-2, 2, start=0.0, step=0.1)
    b = Slider(-2.0, 2.0, start=1.0, step=0.1)
    rate = LogSlider(-2, 2, start=0, step=0.5)
    left = Slider(0, 6, start=2)
    top = Slider(0, 6, start=3)
    way = Choice(("one", "two", "three"))
    dots = Points(axes="plane", own="own_points", classes=COLOURS, span=(-2, 2, -2, 2), most=4)

    ball = Handle("a", "b", axes="plane", label="the ball")
    pin = Handle("rate", axes="line", beside="level")
    window = Region("left", "top", axes="image", width=2, height=2)
    ways = Pick("way", axes="line", spots="places", size=(0.2, 0.2), hint="Click a way")

    def compute(self, **values):
        return values

    def arrange(self, figure):
        return figure.subplots(*((3, 1) if self.tall else (1, 3)))

    def draw(self, axes):
        self.plane, self.line, self.image = axes
        self.plane.set(xlim=(-2, 2), ylim=(-2, 2))
        self.line.set(xscale="log", xlim=(0.01, 100), ylim=(0, 1))
        self.image.set(xlim=(-0.5, 7.5), ylim=(7.5, -0.5))
        (self.dot,) = self.plane.plot([], [], "o")

    def update(self, state):
        self.dot.set_data([state["a"]], [state["b"]])

    def own_points(self):
        return self.values["dots"] or [(-1.0, -1.0, 0), (1.0, 1.0, 1)]

    def level(self):
        return 0.5

    def places(self):
        return [(way, 10.0**i, 0.25, f"way {way}") for i, way in enumerate(("one", "two", "three"))]


@pytest.fixture
def plane():
    return Plane()


def mark_of(demo, key):
    return next(mark for mark in marks(demo) if mark["key"] == key)


@given(st.floats(0, 1), st.floats(0, 1), st.sampled_from(["plane", "line", "image"]))
@settings(deadline=None)
def test_places_and_shares_are_each_other_s_way_back(right, below, name):
    axes = getattr(DRAWN, name)
    x, y, _ = place_in(axes, right, below)
    assert share_of(axes, x, y) == pytest.approx((right, below), abs=1e-9)


DRAWN = Plane()


@pytest.mark.family(share=3)
@given(
    st.floats(-3, 3),
    st.floats(-3, 3),
    st.sampled_from([(848, 600), (1400, 900), (400, 800)]),
    st.booleans(),
)
@settings(deadline=None, max_examples=8)
def test_a_dragged_handle_stands_where_it_was_dropped_up_to_a_step(x, y, room, dark):
    demo = Plane()
    demo.fit(*room, dark=dark)
    right, below = share_of(demo.plane, x, y)
    demo.set(**meaning(demo, {"to": "drag", "key": "ball:0", "x": right, "y": below}))
    expected = np.clip([x, y], -2, 2)
    assert [demo.values["a"], demo.values["b"]] == pytest.approx(expected, abs=0.0501)
    mark = mark_of(demo, "ball:0")
    assert (mark["x"], mark["y"]) == pytest.approx(share_of(demo.plane, demo.values["a"], demo.values["b"]))


def test_arrow_keys_move_by_one_step_of_the_slider_and_stop_at_its_ends(plane):
    plane.set(**meaning(plane, {"to": "key", "key": "ball:0", "x": 1, "y": -10}))
    assert (plane.values["a"], plane.values["b"]) == pytest.approx((0.1, 0.0))
    plane.set(**meaning(plane, {"to": "key", "key": "ball:0", "x": 1000, "y": 0}))
    assert plane.values["a"] == 2
    plane.set(**meaning(plane, {"to": "key", "key": "pin:0", "x": 3, "y": 0}))
    assert plane.values["rate"] == pytest.approx(10**1.5)


def test_a_handle_of_one_slider_moves_in_one_direction(plane):
    mark = mark_of(plane, "pin:0")
    assert mark["drag"] == "x"
    right, below = share_of(plane.line, 9.0, 0.9)
    assert meaning(plane, {"to": "drag", "key": "pin:0", "x": right, "y": below}) == {"rate": 10.0}


def test_a_window_is_held_by_its_middle_and_comes_where_one_clicks(plane):
    mark = mark_of(plane, "window:0")
    assert (mark["x"], mark["y"]) == pytest.approx(share_of(plane.image, 2.5, 3.5))
    right, below = share_of(plane.image, 5.4, 0.2)
    for message in ({"to": "drag", "key": "window:0"}, {"to": "click"}):
        assert meaning(plane, message | {"x": right, "y": below}) == {"left": 5, "top": 0}
    assert meaning(plane, {"to": "key", "key": "window:0", "x": 0, "y": 1}) == {"left": 2, "top": 2}  # up


def test_a_spot_chooses_its_value(plane):
    assert meaning(plane, {"to": "pick", "key": "ways:2"}) == {"way": "three"}
    assert mark_of(plane, "ways:2")["name"] == "way three"
    assert mark_of(plane, "ways:2")["drag"] == ""


def test_points_are_dragged_added_and_taken_away(plane):
    right, below = share_of(plane.plane, 0.5, -5)
    plane.set(**meaning(plane, {"to": "drag", "key": "dots:1", "x": right, "y": below}))
    assert plane.values["dots"] == ((-1, -1, 0), (0.5, -2, 1))
    right, below = share_of(plane.plane, -1.5, -0.5)
    plane.set(**meaning(plane, {"to": "click", "x": right, "y": below}))
    assert plane.values["dots"] == ((-1, -1, 0), (0.5, -2, 1), (-1.5, -0.5, 0))  # its neighbour's class
    plane.set(**meaning(plane, {"to": "remove", "key": "dots:0"}))
    assert plane.values["dots"] == ((0.5, -2, 1), (-1.5, -0.5, 0))
    for _ in range(5):
        plane.set(**meaning(plane, {"to": "click", "x": right, "y": below}))
    assert len(plane.values["dots"]) == 4  # so many at most
    for _ in range(5):
        plane.set(**meaning(plane, {"to": "remove", "key": "dots:0"}))
    assert len(plane.values["dots"]) == 1  # one stays


def test_a_click_outside_of_every_field_means_nothing(plane):
    assert meaning(plane, {"to": "click", "x": 0.001, "y": 0.001}) == {}


@pytest.mark.parametrize(
    "wrong", [3, "x", [], [(0, 0)], [(0, 0, 2)], [(np.nan, 0, 1)], [(0, 0, 0)] * 5, [("a", 0, 0)], [None]]
)
def test_what_is_no_points_is_refused(plane, wrong):
    with pytest.raises(ValueError, match=r"^dots: expected None or up to 4 points \(x, y, class\)"):
        plane.set(dots=wrong)


def test_a_message_that_means_nothing_is_said_below_the_picture(plane):
    panel = Panel(plane)
    for message in ({"to": "fly", "key": "ball:0"}, {"to": "drag", "key": "nobody:0", "x": 0, "y": 0}):
        answers = panel.stage.answers
        panel.told(None, message)
        assert panel.stage.error
        assert panel.stage.answers == answers + 1
    panel.told(None, {"to": "reset"})
    assert panel.stage.error == ""


def test_the_hand_moves_the_slider_and_the_slider_the_mark(plane):
    panel = Panel(plane)
    right, below = share_of(plane.plane, -1.0, 1.5)
    panel.told(None, {"to": "drag", "key": "ball:0", "x": right, "y": below})
    assert (panel.widgets["a"].value, panel.widgets["b"].value) == pytest.approx((-1.0, 1.5))
    panel.widgets["a"].value = 2
    mark = next(mark for mark in panel.stage.marks if mark["key"] == "ball:0")
    assert (mark["x"], mark["y"]) == pytest.approx(share_of(plane.plane, 2, 1.5))
    assert mark["name"] == "the ball: a = 2, b = 1.5"


def test_fields_are_where_the_axes_lie(plane):
    found = fields(plane)
    assert len(found) == len(plane.touches) == 5
    ball = found[list(plane.touches).index("ball")]
    assert (ball["left"], ball["top"]) == pytest.approx(share_of(plane.plane, -2, 2))
    assert (ball["right"], ball["bottom"]) == pytest.approx(share_of(plane.plane, 2, -2))


def test_a_handle_may_not_be_called_like_something_of_the_kit():
    with pytest.raises(AttributeError, match=r"^Shadow: expected a free name .*got size"):
        type("Shadow", (Plane,), {"size": Handle("a", axes="plane")})


def test_the_demo_in_the_documents_is_whole():
    text = (ROOT / "docs" / "lecturers.md").read_text("utf-8")
    (source,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert sum(bool(line.strip()) for line in source.splitlines()) <= 40
    module = types.ModuleType("tangent")
    sys.modules["tangent"] = module  # annotations of a named tuple look their module up
    try:
        exec(source, vars(module))
        demo = module.TangentDemo()
        right, below = share_of(demo.plane, -1, 3)
        demo.set(**meaning(demo, {"to": "click", "x": right, "y": below}))
        assert demo.said() == "At x = −1.00 the slope is −2.00."
        mark = mark_of(demo, "point:0")
        assert (mark["x"], mark["y"]) == pytest.approx(share_of(demo.plane, -1, 1))
    finally:
        del sys.modules["tangent"]


def test_the_table_in_the_documents_names_every_handle_of_every_demo():
    text = (ROOT / "docs" / "lecturers.md").read_text("utf-8")
    rows = re.findall(r"^\| (\w+) \| ([^|]+) \| ([^|]*) \|$", text, re.MULTILINE)
    told = {name: re.findall(r"`(\w+)`", handles) for name, _, handles in rows if name != "demo"}
    assert told == {name: list(demo_class(name).touches) for name in demos()}
    assert sum(map(bool, told.values())) >= 18


@pytest.mark.parametrize("to", ["drag", "key", "pick", "remove"])
@pytest.mark.parametrize("key", ["ball:1", "dots:2", "ways:3", "window:7"])
def test_a_mark_that_is_gone_when_the_hand_s_message_comes_means_nothing(plane, to, key):
    assert meaning(plane, {"to": to, "key": key, "x": 1, "y": 0}) == {}


@pytest.mark.parametrize("name", ["hidden_space", "fold"])
def test_a_mark_that_keeps_to_a_line_or_a_circle_says_where_that_lies(name):
    """Its ring then stays on its dot while the hand is elsewhere, without waiting for the kernel."""
    demo = demo_class(name)()
    found = [mark for mark in marks(demo) if mark["key"].startswith(("units", "chords"))]
    assert (
        {bool(mark["along"]) for mark in found} == {bool(mark["around"]) for mark in found} == {True, False}
    )
    for mark in found:
        name, _, index = mark["key"].partition(":")
        touch, place = demo.touches[name], (mark["x"], mark["y"])
        axes = getattr(demo, touch.axes)
        size = axes.figure.bbox.size
        if mark["along"]:
            way = 0.1 * np.array(mark["along"])
            further = place + way
        else:  # a tenth of the circle, in dots
            arm = (np.array(place) - mark["around"]) * size
            turn = np.array([[np.cos(0.3), np.sin(0.3)], [-np.sin(0.3), np.cos(0.3)]])
            further = mark["around"] + turn @ arm / size
        demo.set(**touch.dragged(demo, int(index), *place_in(axes, *further)[:2]))
        moved = next(new for new in marks(demo) if new["key"] == mark["key"])
        off = (np.array([moved["x"], moved["y"]]) - further) * size
        if mark["along"]:  # a grip stands in the middle of its cut, wherever that is
            off = off @ (way * size) / np.linalg.norm(way * size)
        assert np.abs(off).max() < 3
        demo.set(**demo.start)
    assert not any(mark["along"] or mark["around"] for mark in marks(DRAWN))


@pytest.mark.parametrize("message", [{"to": "preset", "name": "Later"}, {"to": "reset"}])
def test_a_preset_and_reset_stop_the_player(message):
    class Clock(Plane):
        presets = {"Later": {"step": 40}}
        step = Time(100, start=3)

    panel = Panel(Clock())
    panel.box()
    (player,) = panel.players
    player.playing = True
    player.value += 1
    assert panel.demo.values["step"] == 4
    panel.told(None, message)
    there = panel.demo.values["step"]
    assert (there, player.playing) == (40 if message["to"] == "preset" else 3, False)
    player.value += 1  # a beat that was under way
    assert panel.demo.values["step"] == there
    assert panel.stage.preset == message.get("name", "")
