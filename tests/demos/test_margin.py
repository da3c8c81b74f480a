"""The margin demo's arithmetic against torch and against the deck's table."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from torch.nn.functional import cross_entropy, multi_margin_loss

from lib.demos.margin import CLASSES, SCORES, compute


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
