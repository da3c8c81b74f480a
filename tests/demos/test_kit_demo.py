import base64
import io

import comm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from line_demo import LineDemo, full_drawing
from PIL import Image

from lib.demos.kit.canvas import encode_png
from lib.demos.kit.panel import MOST, WIDEST, Panel


@pytest.fixture
def line_demo():
    return LineDemo()


@pytest.mark.family(share=2)
@given(
    moves=st.lists(
        st.fixed_dictionaries(
            {
                "w": st.integers(-20, 18).map(lambda n: n / 2),
                "k": st.integers(-5, 5),
                "mode": st.sampled_from(["plain", "loud"]),
            }
        ),
        min_size=1,
        max_size=6,
    )
)
@settings(deadline=None, max_examples=15)
def test_a_fast_frame_equals_the_full_drawing(moves):
    demo = LineDemo()
    for move in moves:
        demo.set(**move)
        fast = demo.canvas.pixels().copy()
    np.testing.assert_array_equal(fast, full_drawing(demo))


def test_new_limits_redraw_everything(line_demo):
    line_demo.canvas.pixels()
    line_demo.canvas.figure.axes[0].set_xlim(-3, 3)
    fast = line_demo.canvas.pixels().copy()
    np.testing.assert_array_equal(fast, full_drawing(line_demo))


def test_a_frame_without_a_change_is_the_same(line_demo):
    np.testing.assert_array_equal(line_demo.canvas.pixels().copy(), line_demo.canvas.pixels())


def test_a_move_does_not_redraw_the_background(line_demo):
    line_demo.canvas.pixels()
    backgrounds = dict(line_demo.canvas.backgrounds)
    line_demo.set(w=3.0)
    line_demo.canvas.pixels()
    assert line_demo.canvas.backgrounds == backgrounds != {}


class HighDemo(LineDemo):
    """Its smallest letters have 13 points, so 18.06 dots."""

    size, tall_size = (6, 5), (4.8, 9)


@pytest.mark.parametrize(
    ("place", "full", "shown"),
    [
        ((900, 400), False, (480, 400)),  # there is room
        ((900, 100), False, (366, 305)),  # its letters get 11 CSS pixels
        ((900, 100), True, (276, 230)),  # in the full window nothing is pushed out of sight
        ((610, 100), False, (366, 305)),
        ((590, 200), False, (399, 748)),  # stacked panels: 15
        ((590, 200), True, (399, 748)),
        ((590, 800), False, (427, 800)),
        ((300, 100), False, (300, 562)),  # no wider than its place
    ],
)
def test_its_letters_can_be_read_in_a_low_window(place, full, shown):
    assert HighDemo().fit(*place, full=full) == shown


def test_two_resolutions_each_keep_their_background(line_demo):
    for dpi in (100, 200, 100, 200):
        line_demo.canvas.resize(dpi)
        line_demo.set(w=dpi / 50)
        fast = line_demo.canvas.pixels().copy()
        assert (
            fast.shape[:2] == tuple(round(n * dpi) for n in line_demo.canvas.figure.get_size_inches())[::-1]
        )
        np.testing.assert_array_equal(fast, full_drawing(line_demo))
    assert set(line_demo.canvas.backgrounds) == {100, 200}


@pytest.mark.family(share=2)
@given(st.lists(st.sampled_from([80.0, 100.0, 133.0, 200.0]), min_size=1, max_size=6))
@settings(deadline=None, max_examples=10)
def test_however_it_is_resized_a_fast_frame_equals_the_full_drawing(sizes):
    demo = LineDemo()
    for number, dpi in enumerate(sizes):
        demo.canvas.resize(dpi)
        demo.set(w=float(number), k=number % 3)
        fast = demo.canvas.pixels().astype(int)
    # A line that ends between two dots at the edge of its axes may be blended in another order.
    assert (np.abs(fast - full_drawing(demo)).max(axis=2) > 8).sum() == 0
    assert len(demo.canvas.backgrounds) <= 2


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1))
@settings(deadline=None)
def test_the_png_is_read_back_by_pillow(height, width, seed):
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 4), np.uint8)
    read = np.asarray(Image.open(io.BytesIO(encode_png(pixels))))
    np.testing.assert_array_equal(read, pixels[..., :3])


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 256), st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=30)
def test_a_light_png_keeps_the_shapes_and_nearly_the_colours(height, width, colours, seed):
    rng = np.random.default_rng(seed)
    palette = rng.integers(0, 256, (colours, 3), np.uint8)
    pixels = np.full((height, width, 4), 255, np.uint8)
    pixels[..., :3] = palette[rng.integers(colours, size=(height, width))]
    image = Image.open(io.BytesIO(encode_png(pixels, light=True)))
    read = np.asarray(image.convert("RGB")).astype(int)
    assert (image.mode, read.shape) == ("P", (height, width, 3))
    assert np.abs(read - pixels[..., :3]).max() < (2 if colours == 1 else 64)


def test_a_refused_value_moves_nothing(line_demo):
    before, pixels = dict(line_demo.values), line_demo.canvas.pixels().copy()
    for wrong in ({"w": 11}, {"nonsense": 1}, {"w": 2.0, "mode": "x"}, {"w": 9.5}):  # the last one by compute
        with pytest.raises(ValueError, match=r"^(w|nonsense|mode): "):
            line_demo.set(**wrong)
    assert line_demo.values == before
    np.testing.assert_array_equal(line_demo.canvas.pixels(), pixels)


def test_values_given_at_the_start_are_checked_and_drawn():
    assert not np.array_equal(LineDemo(w=5.0).canvas.pixels(), LineDemo().canvas.pixels())
    with pytest.raises(ValueError, match=r"^w: expected .*got 50"):
        LineDemo(w=50)


def test_presets_and_reset(line_demo):
    assert line_demo.preset("Steep") == {"w": 5.0, "k": 0, "mode": "plain"}
    with pytest.raises(ValueError, match=r"^preset: expected .*got 'Flat'"):
        line_demo.preset("Flat")


def test_moving_a_widget_sends_another_picture(line_demo):
    panel = Panel(line_demo)
    for name, value in {"w": 2.0, "k": 3, "mode": "loud"}.items():
        before, answers = panel.stage.picture, panel.stage.answers
        panel.widgets[name].value = value
        assert panel.stage.picture != before
        assert (panel.stage.error, panel.stage.answers) == ("", answers + 1)


def test_an_error_is_shown_and_the_next_move_clears_it(line_demo):
    panel = Panel(line_demo)
    before = panel.stage.picture
    panel.widgets["w"].value = 10
    assert "w: expected a number up to 9, got 10" in panel.stage.error
    assert panel.stage.picture == before
    panel.widgets["w"].value = 2
    assert panel.stage.error == ""
    assert panel.stage.picture != before


def test_presets_and_reset_move_all_controls_with_one_new_picture(line_demo):
    panel = Panel(line_demo)
    sent = []
    panel.stage.observe(lambda change: sent.append(change), names="picture")
    panel.told(None, {"to": "preset", "name": "Steep"})
    assert (len(sent), panel.widgets["w"].value, panel.stage.preset) == (1, 5.0, "Steep")
    panel.told(None, {"to": "reset"})
    assert (len(sent), panel.widgets["w"].value, panel.stage.preset) == (2, 1.0, "")


def test_without_anywidget_the_picture_and_plain_buttons_stand_in(line_demo, monkeypatch):
    monkeypatch.setattr("lib.demos.kit.panel.make_stage", lambda **words: None)
    panel = Panel(line_demo)
    sent = []
    panel.picture.observe(lambda change: sent.append(change), names="value")
    steep, reset = panel.buttons()
    steep.click()
    assert (len(sent), panel.widgets["w"].value) == (1, 5.0)
    reset.click()
    assert (len(sent), panel.widgets["w"].value) == (2, 1.0)
    panel.widgets["w"].value = 10
    assert "w: expected a number up to 9, got 10" in panel.message.value
    assert panel.view()["application/vnd.jupyter.widget-view+json"]


def test_it_shows_a_picture_with_its_text_and_then_the_widgets(line_demo, monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda *data, **options: shown.append((data, options)))
    line_demo.show()
    ((still,), options), ((view,), _) = shown
    picture = np.asarray(Image.open(io.BytesIO(base64.b64decode(still["image/png"]))))
    np.testing.assert_array_equal(picture, line_demo.canvas.pixels()[..., :3])
    assert (
        options["metadata"]["image/png"]["alt"] == still["text/plain"] == f"{LineDemo.title}. {LineDemo.alt}"
    )
    assert set(view) == {"application/vnd.jupyter.widget-view+json", "text/plain"}


def test_it_is_drawn_for_the_place_and_the_screen(line_demo):
    panel = Panel(line_demo)
    size = {"to": "size", "width": 450, "height": 600, "ratio": 2, "dark": False, "full": False}
    panel.told(None, size)
    width, height = panel.stage.shown
    assert (width, height) == (450, round(450 * LineDemo.size[1] / LineDemo.size[0]))
    assert not panel.stage.sharp
    panel.told(None, {"to": "rest"})
    assert panel.stage.sharp
    assert Image.open(io.BytesIO(panel.stage.picture)).size == (2 * width, 2 * height)
    panel.widgets["w"].value = 3.0  # while it moves, one dot a pixel is enough
    assert Image.open(io.BytesIO(panel.stage.picture)).size == (width, height)
    panel.told(None, size | {"dark": True})
    corner = np.asarray(Image.open(io.BytesIO(panel.stage.picture)))[0, 0]
    assert corner.max() < 60


def sized(panel, width, height, ratio=1):
    place = {"width": width, "height": height, "ratio": ratio, "dark": False, "full": False}
    panel.told(None, {"to": "size", **place})


def mode_and_size(panel):
    image = Image.open(io.BytesIO(panel.stage.picture))
    return image.mode, image.size


def test_a_heavy_picture_is_lighter_while_it_moves_and_whole_at_rest(line_demo, monkeypatch):
    panel = Panel(line_demo)
    sized(panel, 900, 450)
    assert (mode_and_size(panel), panel.stage.sharp) == (("RGB", (900, 450)), True)
    line_demo.set(w=2.0)
    light = len(line_demo.png(light=True))
    line_demo.set(w=1.0)
    monkeypatch.setattr("lib.demos.kit.panel.MOST", light + 1000)
    panel.widgets["w"].value = 2.0
    assert (mode_and_size(panel), panel.stage.sharp) == (("P", (900, 450)), False)
    monkeypatch.setattr("lib.demos.kit.panel.MOST", light - 1000)  # fewer colours are not enough
    panel.widgets["w"].value = 2.5
    (mode, (width, height)), sharp = mode_and_size(panel), panel.stage.sharp
    assert (mode, sharp) == ("P", False)
    assert (width, height) == (720, 360)
    panel.told(None, {"to": "rest"})
    assert (mode_and_size(panel), panel.stage.sharp) == (("RGB", (900, 450)), True)
    panel.widgets["w"].value = 3.0
    assert mode_and_size(panel) == ("P", (720, 360))  # it is known to be heavy: no second try
    monkeypatch.setattr("lib.demos.kit.panel.MOST", 6 * len(panel.stage.picture))
    panel.widgets["w"].value = 3.5
    assert (mode_and_size(panel), panel.stage.sharp) == (("RGB", (900, 450)), True)


@pytest.mark.family(share=3)
@pytest.mark.parametrize(("width", "ratio"), [(1400, 2), (1900, 2), (3840, 1)])
def test_no_moving_picture_is_heavy(line_demo, width, ratio):
    panel = Panel(line_demo)
    sized(panel, width, 2000, ratio)
    for w in (-10.0, 0.5, 9.0):
        panel.widgets["w"].value = w
        _, size = mode_and_size(panel)
        assert len(panel.stage.picture) <= MOST
        assert size[0] <= WIDEST
        assert panel.stage.sharp == (ratio == 1 and size[0] == width)


def test_only_what_has_changed_is_sent(line_demo, monkeypatch):
    monkeypatch.setattr("comm.create_comm", comm.DummyComm)  # ipykernel's sends nothing without a kernel
    panel, sent = Panel(line_demo), []
    sized(panel, 450, 600, 2)
    monkeypatch.setattr(panel.stage, "send_state", lambda key=None: sent.append(set(key)))
    panel.widgets["w"].value = 2.0  # its marks and their fields stay where they are
    panel.told(None, {"to": "rest"})
    panel.widgets["w"].value = 5.0
    assert sent == [
        {"picture", "answers"}, {"picture", "sharp"}, {"picture", "sharp", "answers", "preset"}
    ]  # fmt: skip
