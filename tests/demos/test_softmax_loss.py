"""The softmax loss demo's arithmetic against torch."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from lib.demos.softmax_loss import CLASSES, compute

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
