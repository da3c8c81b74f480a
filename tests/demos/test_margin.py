"""The margin demo's arithmetic against torch and against the deck's table."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from torch.nn.functional import cross_entropy, multi_margin_loss

from lib.demos.margin import CLASSES, LOW, SCORES, TOP, MarginDemo, compute


@settings(deadline=None)
@given(
    image=st.sampled_from(CLASSES), score=st.floats(-4, 6), margin=st.floats(0.1, 5), scale=st.floats(0, 2)
)
def test_losses_and_both_curves_are_those_of_torch(image, score, margin, scale):
    state = compute(image, score, margin, scale)

    right = CLASSES.index(image)
    scores = torch.tensor(SCORES[image], dtype=torch.float64)
    scores[right] = score
    scores = scores * scale
    label = torch.tensor([right])
    assert_allclose(state.scores, scores, atol=1e-12)
    assert_allclose(state.pays.sum(), state.hinge, atol=1e-12)
    assert_allclose(state.hinge, 3 * multi_margin_loss(scores[None], label, margin=margin), atol=1e-12)
    assert_allclose(state.softmax, cross_entropy(scores[None], label), atol=1e-12)

    many, labels = scores.repeat(len(state.axis), 1), label.repeat(len(state.axis))
    many[:, right] = torch.tensor(state.axis)
    hinge = 3 * multi_margin_loss(many, labels, margin=margin, reduction="none")
    assert_allclose(state.hinge_curve, hinge, atol=1e-12)
    assert_allclose(state.softmax_curve, cross_entropy(many, labels, reduction="none"), atol=1e-12)


@pytest.mark.parametrize(("image", "loss"), [("cat", 2.9), ("car", 0.0), ("frog", 12.9)])
def test_the_three_images_of_the_deck(image, loss):
    score = SCORES[image][CLASSES.index(image)]
    assert round(compute(image, score, 1.0, 1.0).hinge, 1) == loss


def test_twice_the_scores_and_twice_the_margin_is_twice_the_loss():
    one, two = compute("cat", 3.2, 1.0, 1.0), compute("cat", 3.2, 2.0, 2.0)
    assert_allclose(two.hinge, 2 * one.hinge)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (("dog", 1, 1, 1), "^image: expected .*got 'dog'"),
        (("cat", np.nan, 1, 1), "score: expected a finite number, got nan"),
        (("cat", 1, -0.5, 1), "margin: expected a number of at least 0, got -0.5"),
        (("cat", 1, 1, np.inf), "scale: expected a finite number of at least 0, got inf"),
    ],
)
def test_bad_input_is_refused_by_name(values, message):
    with pytest.raises(ValueError, match=message):
        compute(*values)


def test_the_dot_is_the_slider_times_the_scale():
    demo = MarginDemo(scale=2.0)
    (mark,) = demo.dot.marks(demo)
    assert (mark.x, mark.y) == pytest.approx((6.4, 0))
    assert_allclose(mark.x, demo.dots[0].get_xdata()[0])
    assert demo.dot.dragged(demo, 0, 5.0, 1.0) == {"score": 2.5}
    assert demo.dot.dragged(demo, 0, 99.0, 0.0) == {"score": 6.0}
    assert demo.dot.stepped(demo, 0, -1, 0) == {"score": 3.1}
    demo.set(scale=0.0)  # then all scores are 0, wherever the hand goes
    assert demo.dot.dragged(demo, 0, 5.0, 0.0) == {}


def test_the_dot_of_the_hinge_loss_lies_on_its_curve():
    demo = MarginDemo(image="car", score=1.0)
    (mark,) = demo.paid.marks(demo)
    x, y = demo.points[0].get_data()
    assert (mark.x, mark.y) == pytest.approx((x[0], y[0]))
    assert demo.paid.dragged(demo, 0, 3.0, 0.0) == {"score": 3.0}
    demo.set(image="cat", score=-4.0, scale=2.0, margin=5.0)
    assert demo.paid.marks(demo)[0].y == TOP  # the loss is larger


def test_the_dashed_edge_sets_the_margin():
    demo = MarginDemo()
    (mark,) = demo.edge.marks(demo)
    assert (mark.x, mark.y) == pytest.approx((demo.grip.get_xdata()[0], demo.grip.get_ydata()[0]))
    assert_allclose([mark.x, demo.border.get_xdata()[0]], 3.2 - 1.0)
    assert demo.edge.dragged(demo, 0, 0.2, 0.0) == {"margin": 3.0}
    assert demo.edge.dragged(demo, 0, 5.0, 0.0) == {"margin": 0.0}  # never above the score
    assert demo.edge.stepped(demo, 0, -1, 0) == {"margin": 1.1}  # to the left: wider
    demo.set(score=-4.0, scale=2.0, margin=5.0)
    assert demo.edge.marks(demo)[0].x == LOW - 1 == demo.grip.get_xdata()[0]


def test_it_says_who_pays_how_much():
    demo = MarginDemo()
    assert demo.said() == "The car pays 5.1 − 3.2 + 1 = 2.9: hinge loss 2.9."
    demo.set(**demo.preset("Frog pays 12.9"))
    assert "cat pays 2.2 − (−3.1) + 1 = 6.3 and the car pays 2.5 − (−3.1) + 1 = 6.6" in demo.said()
    assert demo.said().endswith("hinge loss 12.9.")
    demo.set(**demo.preset("Car pays 0"))
    assert demo.said().startswith("Nobody pays: the car leads by 2.9, Δ = 1; the softmax loss is 0.08.")
