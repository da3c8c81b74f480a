"""Text from memory is, to the last pixel, the text that matplotlib draws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from lib.demos.kit import quick_text
from lib.demos.kit.canvas import Canvas
from lib.demos.kit.quick_text import QuickTextCanvas

words = st.text(alphabet="abcfgjpqyÅW019−.,% =✓σ\n", min_size=1, max_size=25).filter(str.strip)
looks = st.fixed_dictionaries(
    {
        "x": st.floats(-0.1, 1.1),
        "y": st.floats(-0.1, 1.1),
        "ha": st.sampled_from(["left", "center", "right"]),
        "va": st.sampled_from(["top", "center", "baseline"]),
        "fontsize": st.floats(6, 30),
        "color": st.sampled_from(["black", "#D55E00"]),
        "alpha": st.sampled_from([None, 0.4]),
        "rotation": st.sampled_from([0, 0, 30]),
        "weight": st.sampled_from(["normal", "bold"]),
    }
)


def painted(canvas_class, texts, times=1):
    figure = Figure((3, 2), dpi=100)
    canvas = canvas_class(figure)
    for look, s in texts:
        figure.text(s=s, **look)
    for _ in range(times):
        canvas.draw()
    return np.array(canvas.buffer_rgba())


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(looks, words), min_size=1, max_size=4))
def test_it_is_the_text_that_agg_draws(texts):
    expected = painted(FigureCanvasAgg, texts).astype(int)
    # Drawn twice: afresh, then from memory. Blending each text may round one level of 255 differently.
    assert np.abs(painted(QuickTextCanvas, texts, times=2).astype(int) - expected).max() <= len(texts)


def test_the_same_words_are_drawn_once_and_the_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(quick_text, "MOST", 5)
    figure = Figure((3, 2), dpi=100)
    canvas = QuickTextCanvas(figure)
    text = figure.text(0.5, 0.5, "")
    for number in [*range(20), 19, 19]:
        text.set_text(f"n = {number}")
        canvas.draw()
    assert len(canvas.renderer.remembered) == 5
    drawn = []
    picture = canvas.renderer._picture
    monkeypatch.setattr(canvas.renderer, "_picture", lambda *a: drawn.append(a) or picture(*a))
    canvas.draw()
    assert drawn == []
    text.set_color("red")
    canvas.draw()
    assert len(drawn) == 1


@pytest.mark.parametrize("s", ["$x_1^2$", "plain"])
def test_formulas_are_left_to_matplotlib(s):
    texts = [({"x": 0.2, "y": 0.5}, s)]
    np.testing.assert_array_equal(painted(FigureCanvasAgg, texts), painted(QuickTextCanvas, texts))


changes = st.one_of(
    words.map(lambda s: ("set_text", s)),
    st.just(("set_text", "")),
    st.sampled_from(["black", "#D55E00"]).map(lambda color: ("set_color", color)),
    st.booleans().map(lambda visible: ("set_visible", visible)),
    st.floats(0, 1).map(lambda x: ("set_x", x)),
    st.sampled_from([0, 0, 30]).map(lambda angle: ("set_rotation", angle)),
    st.sampled_from([0.5, 1.0]).map(lambda alpha: ("set_alpha", alpha)),
    st.booleans().map(lambda clipped: ("set_clip_on", clipped)),
)


@pytest.mark.family(share=2)
@settings(deadline=None, max_examples=40)
@given(st.lists(st.lists(st.tuples(st.integers(0, 3), changes), max_size=3), min_size=1, max_size=8))
def test_frame_after_frame_texts_that_did_not_change_stand_where_they_stood(frames):
    figure = Figure((3, 2), dpi=100)
    axes = figure.add_axes((0.1, 0.1, 0.8, 0.8), xticks=[0.5], yticks=[])  # ticks are slow to draw
    texts = [axes.text(0.2 * i, 0.9 - 0.25 * i, f"text {i}") for i in range(3)] + [figure.text(0.5, 0, "x")]
    texts[1].set_bbox({"facecolor": "#cfe6f5"})
    canvas = Canvas(figure)
    for text in texts:
        text.set_text("other")  # from now on all of them move
    canvas.pixels()
    for frame in frames:
        for which, (method, argument) in frame:
            getattr(texts[which], method)(argument)
        once, again = canvas.pixels().astype(int), canvas.pixels().astype(int)
        canvas.forget()
        np.testing.assert_array_equal(once, again)
        assert np.abs(once - canvas.pixels()).max() <= 1
        for text in texts:
            text.stale = True
        canvas.pixels()
