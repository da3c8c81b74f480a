import base64
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from line_demo import LineDemo, full_drawing
from PIL import Image

from lib.demos.kit.canvas import encode_png
from lib.demos.kit.panel import Panel


@pytest.fixture
def line_demo():
    return LineDemo()


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
    background = line_demo.canvas.background
    line_demo.set(w=3.0)
    line_demo.canvas.pixels()
    assert line_demo.canvas.background is background


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1))
@settings(deadline=None)
def test_the_png_is_read_back_by_pillow(height, width, seed):
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 4), np.uint8)
    read = np.asarray(Image.open(io.BytesIO(encode_png(pixels))))
    np.testing.assert_array_equal(read, pixels[..., :3])


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
        before = panel.picture.value
        panel.widgets[name].value = value
        assert panel.picture.value != before
        assert panel.message.value == ""


def test_an_error_is_shown_and_the_next_move_clears_it(line_demo):
    panel = Panel(line_demo)
    before = panel.picture.value
    panel.widgets["w"].value = 10
    assert "w: expected a number up to 9, got 10" in panel.message.value
    assert "course-error" in panel.message.value
    assert panel.picture.value == before
    panel.widgets["w"].value = 2
    assert panel.message.value == ""
    assert panel.picture.value != before


def test_the_buttons_move_all_controls_with_one_new_picture(line_demo):
    panel = Panel(line_demo)
    sent = []
    panel.picture.observe(lambda change: sent.append(change), names="value")
    steep, reset = panel.buttons()
    steep.click()
    assert (len(sent), panel.widgets["w"].value) == (1, 5.0)
    reset.click()
    assert (len(sent), panel.widgets["w"].value) == (2, 1.0)


def test_the_bundle_has_widgets_and_a_static_picture_with_its_text(line_demo):
    bundle, metadata = line_demo._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert "text/html" not in bundle  # some notebooks would prefer it to the widgets
    picture = np.asarray(Image.open(io.BytesIO(base64.b64decode(bundle["image/png"]))))
    np.testing.assert_array_equal(picture, line_demo.canvas.pixels()[..., :3])
    assert metadata["image/png"]["alt"] == bundle["text/plain"] == f"{LineDemo.title}. {LineDemo.alt}"
