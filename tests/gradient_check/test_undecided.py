"""Where most of the elements could not be judged, a check has not passed, and says so in one way."""

import numpy as np
import pytest

from lib import nn
from lib.gradient_check import GradientError, check_gradients

FACTORS = (1, -1, 2, 0.5, 0)


def cross_entropy(scores, factor):
    scores = np.array(scores)
    loss = nn.CrossEntropyLoss()
    classes = np.zeros(len(scores), int)

    def loss_and_gradient(z):
        return loss.forward(z, classes), factor * loss.backward(z, classes)

    return check_gradients(loss_and_gradient, scores)


@pytest.mark.parametrize("factor", [1, -1, 2, 0.5])
@pytest.mark.parametrize("scores", [[[40.0, 0, 0]], [[80.0, 0, 0]], [[45.0, 1, 2, 3]], [[40.0, 0, 0]] * 3])
def test_a_saturated_cross_entropy_does_not_pass_and_is_not_wrong(scores, factor):
    report = cross_entropy(scores, factor)
    assert report["z"].verdict == report.verdict == "undecided", report
    assert "are too small to see, too many to judge: choose another z" in str(report)
    with pytest.raises(GradientError, match="could not decide"):
        report.raise_if_wrong()


def test_beside_an_example_that_is_seen_a_wrong_factor_is_wrong():
    for factor in FACTORS:
        report = cross_entropy([[40.0, 0, 0], [1.0, 2, 3]], factor)
        assert report.verdict == ("right" if factor == 1 else "WRONG")


def test_what_rounding_hides_does_not_pass():
    report = check_gradients(lambda w: (w.sum(), w * 0 + 5), np.array([1e200, 1.0]))
    assert report.verdict == "undecided"
    assert "2 of 2 elements are too small to see" in str(report)


def test_compared_and_not_judged_are_counted_apart():
    some = check_gradients(np.exp, np.array([0.0, 36, 37, 38, 40]), gradient=lambda x, g: g * np.exp(x))
    assert "1 of 5 elements not judged; 4 of 5 elements compared, 1 too small beside the others" in str(some)
    most = check_gradients(np.exp, np.array([0.0, 1, 2, 3, 40]), gradient=lambda x, g: g * np.exp(x))
    assert most.verdict == "undecided"
    assert "4 of 5 elements are too small to see" in str(most)
    kinks = check_gradients(np.abs, np.array([0.0, 1, 2]), gradient=lambda x, g: g * np.sign(x))
    assert "1 of 3 elements not judged; 2 of 3 elements compared, 1 undecided at a kink" in str(kinks)


def test_a_zero_where_nothing_moves_is_right():
    """A dead unit's gradient of exactly 0 is compared, not guessed."""
    report = check_gradients(lambda x: (7.0, np.zeros_like(x)), np.ones(3)).raise_if_wrong()
    assert "right, 3 of 3 elements compared" in str(report)
