"""Student's t, intervals and verdicts, against scipy and by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import stats

from lib.convnets.verdict import NO_EVIDENCE, effects, interval, judge, student, table


@given(freedom=st.integers(1, 500), confidence=st.floats(0.01, 0.999))
def test_students_t_is_that_of_scipy(freedom, confidence):
    assert_allclose(student(freedom, confidence), stats.t.ppf((1 + confidence) / 2, freedom), rtol=2e-4)


@given(st.lists(st.floats(-100, 100), min_size=2, max_size=30))
def test_the_interval_is_that_of_scipy(values):
    mean, half = interval(values)
    assert_allclose(mean, np.mean(values), atol=1e-9)
    error = np.std(values, ddof=1) / np.sqrt(len(values))
    assert_allclose(half, stats.t.ppf(0.975, len(values) - 1) * error, rtol=1e-4, atol=1e-9)


@pytest.mark.parametrize("values", [[1.0], [], [1.0, np.nan], [[1.0, 2.0]], "ab"])
def test_fewer_than_two_finite_numbers_have_no_interval(values):
    with pytest.raises(ValueError):  # noqa: PT011  # numpy's own, for letters
        interval(values)


@pytest.mark.parametrize(
    ("mean", "half", "more", "verdict"),
    [
        (1.0, 0.5, True, "better"),
        (1.0, 0.5, False, "worse"),
        (-1.0, 0.5, True, "worse"),
        (-1.0, 0.5, False, "better"),
        (0.5, 0.5, True, NO_EVIDENCE),  # 0 is the end of the interval
        (-0.4, 0.5, True, NO_EVIDENCE),
        (0.0, 0.0, True, NO_EVIDENCE),
    ],
)
def test_a_verdict_needs_an_interval_without_0(mean, half, more, verdict):
    assert judge(mean, half, more) == verdict


def run(accuracy, seconds=1.0):
    return {"accuracy": accuracy, "loss": 1.0, "seconds": seconds, "training": 1.0, "whole": 2.0}


def a_study():
    told = {"instead": "none", "in_base": True, "beside": ""}
    return {
        "tricks": {
            "taken away": told,
            "added": {**told, "in_base": False},
            "beside it": {**told, "in_base": False, "beside": "added"},
            "once": told,
        },
        "runs": {
            "": {"0": run(0.80), "1": run(0.82), "2": run(0.84)},
            "taken away": {"0": run(0.70), "1": run(0.73), "2": run(0.73)},
            "added": {"0": run(0.81, 3.0), "1": run(0.81, 3.1), "2": run(0.84, 3.2)},
            "beside it": {"1": run(0.91), "2": run(0.95)},
            "once": {"0": run(0.1)},
        },
    }


def test_an_effect_is_with_minus_without_seed_by_seed():
    gone, added, beside = effects(a_study())
    assert (gone.trick, added.trick, beside.trick) == ("taken away", "added", "beside it")
    assert_allclose(gone.present - gone.absent, [10, 9, 11], atol=1e-9)
    assert_allclose(gone.mean, 10)
    assert gone.verdict == "better"
    assert_allclose(added.present - added.absent, [1, -1, 0], atol=1e-9)
    assert added.verdict == NO_EVIDENCE
    assert_allclose(beside.absent, [81, 84])  # the seeds that both have
    assert_allclose(beside.mean, 10.5)


def test_more_seconds_are_worse():
    added = effects(a_study(), "seconds")[1]
    assert_allclose(added.mean, 2.1)
    assert added.verdict == "worse"


def test_the_table_has_a_line_a_trick_and_says_where_there_is_too_little():
    first, head, *lines = table(a_study()).splitlines()
    assert first == "accuracy on validation images, 3 seeds"
    assert "effect (95 %), points" in head
    assert [line.split("  ")[0] for line in lines] == ["taken away", "added", "beside it"]
    assert "+10.00 ± 2.48" in lines[0]
    assert table({"tricks": {}, "runs": {}}).startswith("Too few runs")
    with pytest.raises(ValueError, match=r"measure: expected .*, got 'speed'"):
        table(a_study(), "speed")
