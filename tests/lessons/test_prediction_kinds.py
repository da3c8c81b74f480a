"""Guesses of every kind: what counts as one, how it is written, how near it came."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.lessons.predictions.kinds import Choice, Number, SeveralNumbers, Sketch, Slider
from lib.lessons.predictions.scale import Scale, number_words

CURVE = Sketch(Scale(-6, 6, "a"), Scale(0, 0.5, "slope"), points=5)
NO_NUMBERS = [
    "", " ", "abc", "nan", "inf", "-inf", "1e999", "10^999999999999", "--1", "1_0", "0x10", "5 6",
    math.nan, math.inf, 1e300, 10**400, None, True, [], {}, [5], b"5", "5" * 10_000,
]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("15.4", 15.4), ("15,4", 15.4), (" 15.4 % ", 15.4), ("15.4%", 15.4), ("+15", 15), ("1e1", 10),
        (15.4, 15.4), (15, 15), (np.float64(3), 3), ("10^1", 10), ("2·10¹", 20), ("2 * 10**1", 20), ("0", 0),
        (".5", 0.5), ("5.", 5), ("0,5", 0.5), ("٣", 3),
    ],
)  # fmt: skip
def test_numbers_are_read_as_people_type_them(typed, number):
    assert Number(0, 40, unit="%").check(typed) == number


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("90,000", 90_000),
        ("90 000", 90_000),
        ("90'000", 90_000),
        ("90000", 90_000),
        ("1,5", 1.5),
        ("9·10^4", 9e4),
    ],
)
def test_a_comma_parts_thousands_where_that_number_is_on_the_scale(typed, number):
    assert Number(1, 1e6).check(typed) == number
    assert Number(0, 2).check("1,500") == 1.5


@pytest.mark.parametrize("minus", ["-4", "−4", " − 4".replace("− ", "−")])
def test_a_true_minus_is_a_minus(minus):
    assert Number(-10, 10).check(minus) == -4


@pytest.mark.parametrize("guess", [*NO_NUMBERS, "41", -0.1 - 1, 4000])
@pytest.mark.parametrize(
    "kind", [Number(0, 40, unit="%"), Slider(0, 40, unit="%"), Number(0.1, 40, log=True)]
)
def test_what_is_no_number_of_the_scale_is_refused_in_one_line(kind, guess):
    with pytest.raises(
        ValueError, match=r"^guess: expected a number from 0(\.1)? to 40( %)?, got "
    ) as refused:
        kind.check(guess)
    assert len(str(refused.value)) < 140


@pytest.mark.parametrize(
    "guess", [*NO_NUMBERS, [0.1] * 4, [0.1] * 6, [0.1] * 4 + [9], [math.nan] * 5, [None] * 5]
)
def test_a_curve_has_all_its_points_on_the_sheet(guess):
    with pytest.raises(ValueError, match=r"^guess: expected a "):
        CURVE.check(guess)


@pytest.mark.parametrize("guess", [*NO_NUMBERS, ["1"], ["1", "2", "3"], ["1", "x"], ["1", ""], "12"])
def test_of_several_numbers_the_wrong_one_is_named(guess):
    with pytest.raises(ValueError, match=r"^(guess|a|b): expected "):
        SeveralNumbers("ab", -10, 10).check(guess)


@pytest.mark.parametrize("guess", ["", "yess", None, 0, [], "YES", "shown anyway"])
def test_a_choice_is_one_of_the_options(guess):
    with pytest.raises(ValueError, match=r"^guess: expected 'yes' or 'no'"):
        Choice("yes", "no").check(guess)


EXAMPLES = [
    (Number(0, 40, unit="%"), "30", 15.4),
    (Slider(1, 1000, log=True), 30, 15.4),
    (SeveralNumbers(("a", "b"), -10, 10), ["1", "−2"], (1, 2)),
    (Choice("yes", "no"), "no", "yes"),
    (CURVE, [0, 0.1, 0.123456, 0.1, 0.5], lambda a: a / 12),
]


@pytest.mark.parametrize(("kind", "typed", "truth"), EXAMPLES)
def test_every_kind_goes_through_a_file_and_to_the_browser(kind, typed, truth):
    guess = kind.check(typed)
    assert kind.check(json.loads(json.dumps(guess))) == guess
    assert json.loads(json.dumps(kind.view())) == kind.view()
    for told in (kind.outcome(guess, truth), kind.outcome(None, truth)):
        assert json.loads(json.dumps(told)) == told
    assert kind.words(guess)
    assert kind.verdict(guess, truth).endswith(".")


@given(st.lists(st.floats(0, 0.5), min_size=5, max_size=5))
def test_a_curve_from_the_file_is_a_guess_again(heights):
    guess = CURVE.check(heights)
    assert CURVE.check(guess) == guess


@pytest.mark.parametrize(
    ("kind", "guess", "truth", "words"),
    [
        (Number(0, 40, unit="%", close=1), 15.4, 15.4, "Exactly."),
        (Number(0, 40, unit="%", close=1), 16.4, 15.4, "Close."),
        (Number(0, 40, unit="%", close=1), 30, 15.4, "Too high by 14.6 points."),
        (Number(0, 40, unit="%", close=1), 5, 15.4, "Too low by 10.4 points."),
        (Number(0, 10, unit="times"), 6.8, 2.37, "Too high by 4.43."),
        (Number(0, 10, unit="MB"), 6.8, 2.3, "Too high by 4.5 MB."),
        (Number(1, 1000, log=True), 30, 10, "Too high, by a factor of 3."),
        (Number(1, 1000, log=True), 10, 400, "Too low, by a factor of 40."),
        (Number(1, 1000, log=True), 14, 10, "Close."),
        (Number(-10, 10), -3, -3.0, "Exactly."),
        (Number(-10, 10), 0, 0, "Exactly."),
        (SeveralNumbers("ab", -10, 10, close=0.1), [1, 5], (1, 2), "1 of 2 right."),
        (Choice("yes", "no"), "no", "yes", "Not so."),
        (Choice("yes", "no"), "yes", "yes", "Right."),
        (CURVE, [0.1] * 5, lambda a: 0 * a + 0.1, "Close."),
        (CURVE, [0.1] * 5, lambda a: 0 * a + 0.2, "On average your curve is off by 20 % of the height."),
    ],
)
def test_the_verdict_says_how_near_it_came(kind, guess, truth, words):
    assert kind.verdict(guess, truth) == words


@given(st.floats(1e-12, 1e12), st.floats(1e-12, 1e12), st.booleans())
def test_places_on_a_scale_lie_between_its_ends_and_lead_back(a, b, log):
    low, high = sorted((a, b))
    if high / low < 1 + 1e-6:
        return
    scale = Scale(low, high, log=log)
    assert scale.share(low) == 0
    assert scale.share(high) == pytest.approx(1)
    middle = scale.at(0.5)
    assert scale.share(middle) == pytest.approx(0.5, abs=1e-6)
    assert scale.share(-1e9) == 0
    ticks = scale.ticks()
    assert len(ticks) <= 13
    assert all(-1e-6 <= (tick - low) / (high - low) <= 1 + 1e-6 for tick in ticks)


@pytest.mark.parametrize("ends", [(0, 0), (1, 0), (math.nan, 1), (0, math.inf), ("a", 1)])
def test_a_scale_has_two_ends(ends):
    with pytest.raises(ValueError, match="expected"):
        Scale(*ends)


def test_a_logarithmic_scale_has_positive_ends():
    with pytest.raises(ValueError, match="positive ends"):
        Scale(0, 1, log=True)


@pytest.mark.parametrize("options", [(), ("one",), ("one", "one"), ("a", "b", "a")])
def test_a_choice_has_options_that_differ(options):
    with pytest.raises(ValueError, match="two or more that differ"):
        Choice(*options)


def test_numbers_are_written_for_people():
    assert [number_words(x) for x in (61_460, -30_000, -4.0, 0, 1e7)] == [
        "61,460",
        "−30,000",
        "−4",
        "0",
        "10⁷",
    ]


def test_a_true_curve_keeps_its_peaks():
    """Twelve waves, as lecture 12 has them: the top of each is drawn within one per cent."""
    made = Sketch(Scale(0, 12, "x"), Scale(-1, 1, "y"))
    truth = made.outcome(None, lambda x: np.sin(2 * np.pi * (x + 0.2)))["truth"]
    heights = np.array([height for _, height in truth])
    assert min(wave.max() for wave in np.array_split(heights, 12)) > 0.99
