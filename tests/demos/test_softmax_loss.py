"""The softmax loss demo's arithmetic against torch."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from lib.demos.softmax_loss import CLASSES, SoftmaxLossDemo, compute

score = st.floats(-6, 6)


@settings(deadline=None)
@given(scores=st.tuples(score, score, score), right=st.sampled_from(CLASSES))
def test_every_stage_is_that_of_torch(scores, right):
    state = compute(*scores, right)

    theirs, label = torch.tensor([scores], dtype=torch.float64), torch.tensor([CLASSES.index(right)])
    assert_allclose(state.powers, theirs.exp()[0])
    assert_allclose(state.probabilities, theirs.softmax(1)[0])
    assert_allclose(state.loss, torch.nn.functional.cross_entropy(theirs, label), atol=1e-12)
    assert_allclose(state.hinge, 3 * torch.nn.functional.multi_margin_loss(theirs, label), atol=1e-12)
    assert CLASSES[state.right] == right


def test_the_same_number_on_every_score_changes_nothing():
    before, after = compute(3.2, 5.1, -1.7, "cat"), compute(0.2, 2.1, -4.7, "cat")
    assert_allclose(after.probabilities, before.probabilities)
    assert_allclose([after.loss, after.hinge], [before.loss, before.hinge])


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_score_that_is_no_number_is_refused(bad):
    with pytest.raises(ValueError, match="cat: expected a finite number"):
        compute(bad, 0, 0, "cat")


def test_an_unknown_class_is_refused():
    with pytest.raises(ValueError, match=r"^right: expected .*got 'dog'"):
        compute(0, 0, 0, "dog")


def test_each_bar_of_the_scores_can_be_dragged_by_its_end():
    demo = SoftmaxLossDemo()
    for k, (name, bar) in enumerate(
        zip(CLASSES, (demo.bar_of_cat, demo.bar_of_car, demo.bar_of_frog), strict=True)
    ):
        (mark,) = bar.marks(demo)
        assert (mark.x, mark.y) == (k, demo.bars[0][k].get_height()) == tuple(demo.ends.get_xydata()[k])
        assert mark.drag == "y"
        assert mark.name.startswith(f"score of {name} = ")
        assert bar.dragged(demo, 0, 0.3, -2.04) == {name: -2.0}
        assert bar.dragged(demo, 0, 0.3, 8.0) == {name: 6.0}
        assert bar.stepped(demo, 0, 0, 1) == {name: pytest.approx(demo.values[name] + 0.1)}


def test_a_click_on_a_share_makes_its_class_the_right_one():
    demo = SoftmaxLossDemo()
    marks = demo.chosen.marks(demo)
    assert [mark.x for mark in marks] == [bar.get_x() + bar.get_width() / 2 for bar in demo.bars[2]]
    assert [demo.chosen.picked(demo, index) for index in range(3)] == [{"right": name} for name in CLASSES]
    assert marks[1].name == "car: p = 0.869"


def test_it_says_what_the_right_class_gets():
    demo = SoftmaxLossDemo()
    powers = np.exp([3.2, 5.1, -1.7])
    p = powers[0] / powers.sum()
    assert f"{powers[0]:.1f} of {powers.sum():.1f}, p = {p:.4g}" in demo.said()
    assert f"= {-np.log(p):.2f} nats, {-np.log(p) - np.log(3):.2f} more than log 3" in demo.said()
    demo.set(**demo.preset("No idea"))
    assert demo.said() == "The cat gets 1 of 3, p = 0.3333: its loss is −log p = 1.10 nats, just log 3."
    demo.set(**demo.preset("Sure and right"))
    assert "less than log 3" in demo.said()
