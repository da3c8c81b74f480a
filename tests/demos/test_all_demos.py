"""What holds for every demo."""

import importlib
import inspect

import numpy as np
import pytest
from line_demo import full_drawing
from matplotlib.text import Text

from benchmarks.demos import demo_class
from lib.demos.kit import Demo, LogSlider, Slider
from lib.demos.kit import demo as kit_demo
from lib.demos.kit.demo import OF_THE_KIT, SET_BY_THE_KIT
from lib.demos.kit.pane import Pane
from lib.demos.rooms import ROOMS, demos

pytestmark = pytest.mark.family(share=5, together=True)


class Canvasless:
    """In the place of a canvas, where nothing is drawn."""

    def __init__(self, figure):
        self.figure = figure

    def forget(self):
        pass


@pytest.fixture(scope="module", params=list(demos()))
def demo(request):
    return demo_class(request.param)()


@pytest.fixture(autouse=True)
def back_to_start(demo):
    yield
    demo.set(**demo.start)


def other_values(control, now):
    """Values of a control to move to: far ones first."""
    if isinstance(control, LogSlider):
        return [10.0**control.high, 10.0**control.low]
    if isinstance(control, Slider):
        middle = (
            control.low + (control.high - control.low) // 2
            if control.whole
            else (control.low + control.high) / 2
        )
        return [value for value in (control.high, control.low, middle) if value != now]
    if hasattr(control, "examples"):
        return [example for example in control.examples if example != now]
    if hasattr(control, "options"):
        return [option for option in control.options if option != now]
    return [not now]


def test_it_says_what_it_is(demo):
    assert demo.title
    assert demo.alt.endswith(".")
    assert inspect.getdoc(inspect.getmodule(type(demo)))
    assert len(demo.controls) >= 1


def test_every_control_moves_the_picture(demo):
    for name, control in demo.controls.items():
        demo.set(**demo.start)
        if isinstance(control, Pane):  # which moves only what is larger than its field
            demo.set(**{control.zoom: demo.controls[control.zoom].high})
        before = demo.canvas.pixels().copy()
        moved = []
        for value in other_values(control, demo.values[name]):
            demo.set(**{name: value})
            moved.append(not np.array_equal(before, demo.canvas.pixels()))
        assert any(moved), f"{name} is inert"


def test_show_begins_with_what_every_control_takes_just_as_the_demo_moves_there(demo, monkeypatch):
    begun, name = [], inspect.getmodule(type(demo)).__name__
    room = next(room for room in ROOMS if name.startswith(f"{room}."))
    place = name.removeprefix(f"{room}.").split(".")[0]
    show = importlib.import_module(f"{room}.{place}").show
    monkeypatch.setattr(Demo, "show", lambda self, **_: begun.append(self))
    monkeypatch.setattr(kit_demo, "Canvas", Canvasless)  # the layout takes most of the time
    plain = {n: c for n, c in demo.controls.items() if not hasattr(c, "examples")}
    given = [{n: other_values(c, demo.start[n])[0] for n, c in plain.items()}]
    given += [{n: value} for n, c in demo.controls.items() for value in getattr(c, "examples", ())]
    for values in given:
        show(**values)
        demo.set(**demo.start)
        demo.set(**values)
        assert begun[-1].values == demo.start | begun[-1].values | demo.checked(values)
        if begun[-1].values == demo.values:  # else a pen has drawn on its way
            assert begun[-1].said() == demo.said(), values
    if demo.presets:
        *_, last = demo.presets
        show(preset=last)
        assert begun[-1].values == demo.preset(last)
        with pytest.raises(ValueError, match=r"^preset: expected .*, got 'Nothing'$"):
            show(preset="Nothing")


def test_a_fast_frame_equals_the_full_drawing(demo):
    demo.canvas.pixels()
    for name, control in demo.controls.items():
        for value in other_values(control, demo.values[name])[:2]:
            demo.set(**{name: value})
            demo.canvas.pixels()
    fast = demo.canvas.pixels().astype(int)
    full = full_drawing(demo).astype(int)
    different = (np.abs(fast - full).max(axis=2) > 8).mean()
    assert different < 0.002, (
        f"{different:.2%} of the pixels differ"
    )  # ticks under the edge of a moving image


def test_update_creates_and_removes_nothing(demo):
    children = [set(axes.get_children()) for axes in demo.canvas.figure.axes]
    for name, control in demo.controls.items():
        for value in other_values(control, demo.values[name]):
            demo.set(**{name: value})
    assert [set(axes.get_children()) for axes in demo.canvas.figure.axes] == children


def test_the_same_values_give_the_same_picture(demo):
    demo.set(**demo.start)
    before = demo.canvas.pixels().copy()
    for name, control in demo.controls.items():
        demo.set(**{name: other_values(control, demo.values[name])[0]})
    demo.canvas.pixels()
    demo.set(**demo.start)
    np.testing.assert_array_equal(demo.canvas.pixels(), before)


def test_presets_are_in_range_and_each_is_another_picture(demo):
    pictures = set()
    for name in demo.presets:
        demo.set(**demo.preset(name))
        pictures.add(demo.png())
    assert len(pictures) == len(demo.presets)


def test_its_letters_can_be_read_on_a_small_laptop(demo):
    """1366 × 768: a card has 900 CSS pixels of width, and some demos 250 of height for the picture."""
    width, _ = demo.fit(900, 250)
    sizes = [text.get_fontsize() for text in demo.canvas.figure.findobj(Text) if text.get_text().strip()]
    inches = demo.canvas.figure.get_size_inches()[0]
    assert min(sizes, default=72) / 72 * width / inches >= 10.9


def test_no_attribute_takes_the_place_of_one_of_the_kit(demo):
    own = type(demo)

    class Watched(own):
        assigned = set()

        def __setattr__(self, name, value):
            caller = inspect.currentframe().f_back.f_code
            if caller.co_filename != inspect.getfile(Demo):
                self.assigned.add(name)
            super().__setattr__(name, value)

    again = Watched.__new__(Watched)
    vars(again).update({name: value for name, value in vars(demo).items() if name not in SET_BY_THE_KIT})
    Demo.__init__(again)  # draws and updates; what a demo computes before that is there
    again.set(**again.start)
    assert again.assigned
    assert not again.assigned & (OF_THE_KIT | SET_BY_THE_KIT | set(again.controls))
