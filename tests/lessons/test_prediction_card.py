"""The card: nothing of the truth before the guess; one guess, once; what the progress file knows is shown."""

import json
import math

import pytest

from lib.lessons import progress
from lib.lessons.predictions import Prediction, find_prediction, predict, prediction_names, revealed, session
from lib.lessons.predictions.card import PredictionCard
from lib.lessons.predictions.kinds import Number, Sketch
from lib.lessons.predictions.pages import told_html
from lib.lessons.predictions.still import question_html

pytestmark = pytest.mark.usefixtures("nothing_guessed")
NAME = "01.alexnet_error"
KEPT = {"question", "form", "outcome", "guess", "said", "error", "answers"}


def card_of(name=NAME):
    return PredictionCard(find_prediction(name))


def tell(card, **message):
    card.told(card, message, [])


def state(card):
    """What the browser has, but for the scripts, which are the same for all."""
    return json.dumps(
        {name: value for name, value in card.get_state().items() if name in KEPT}, ensure_ascii=False
    )


def test_the_browser_has_no_more_than_these_traits_and_the_scripts():
    beside = {name for name in card_of().get_state() if not name.startswith("_")} - KEPT
    assert beside <= {"layout", "tabbable", "tooltip"}


@pytest.mark.parametrize("name", prediction_names())
def test_before_the_guess_the_browser_has_no_truth_and_no_sentence(name):
    made, card = find_prediction(name), card_of(name)
    assert (card.outcome, card.said, card.guess) == ({}, "", "")
    before = state(card) + question_html(made)
    assert made.sentence[:40] not in before
    truth = made.true()
    if isinstance(made.kind, Number) and not isinstance(truth, tuple) and len(made.kind.words(truth)) > 3:
        assert made.kind.words(truth) not in before


def test_a_truth_is_computed_when_the_guess_is_there():
    asked = []
    made = Prediction("01.x", "How many?", Number(0, 10), lambda: asked.append(1) or 5, "It is {truth}.")
    card = PredictionCard(made)
    assert asked == []
    tell(card, to="guess", guess="4")
    assert asked
    assert card.said == "Too low by 1. It is 5."


def test_a_guess_brings_the_truth_beside_it_and_is_noted(nothing_guessed):
    card = card_of()
    assert not revealed(NAME)
    tell(card, to="guess", guess="30 %")
    assert nothing_guessed() == {NAME: 30.0}
    assert revealed(NAME)
    (row,) = card.outcome["rows"]
    assert [(mark["of"], mark["text"]) for mark in row["marks"]] == [("guess", "30 %"), ("truth", "15.4 %")]
    assert card.said.startswith("Too high by 14.6 points. The network's error was 15.4 %")
    assert card.error == ""
    assert card.answers == 1


def test_a_second_guess_changes_nothing(nothing_guessed):
    card = card_of()
    tell(card, to="guess", guess="30")
    before = state(card)
    tell(card, to="guess", guess="15.4")
    tell(card, to="show")
    assert nothing_guessed() == {NAME: 30.0}
    assert json.loads(state(card)) == json.loads(before) | {"answers": 3}


def test_show_anyway_is_noted_as_shown_and_is_no_guess(nothing_guessed):
    card = card_of()
    tell(card, to="show")
    assert nothing_guessed() == {NAME: session.SHOWN}
    assert revealed(NAME)
    assert card.guess == ""
    (row,) = card.outcome["rows"]
    assert [mark["of"] for mark in row["marks"]] == ["truth"]
    assert "Too" not in card.said


@pytest.mark.parametrize(
    "message",
    [
        {"to": "guess", "guess": guess}
        for guess in (
            "",
            "abc",
            "nan",
            "inf",
            "1e999",
            math.nan,
            math.inf,
            None,
            [],
            {},
            True,
            "9" * 5000,
            10**400,
            -1,
            41,
        )
    ]
    + [{"to": "guess"}, {}, {"to": "reveal"}],
)
def test_a_hostile_message_is_refused_and_tells_nothing(message, nothing_guessed):
    card = card_of()
    tell(card, **message)
    assert card.error
    assert "15.4" not in card.error
    assert len(card.error) < 150
    assert (card.outcome, card.said) == ({}, "")
    assert nothing_guessed() == {}
    assert not revealed(NAME)
    assert card.answers == 1
    tell(card, to="guess", guess="12")
    assert card.error == ""
    assert card.outcome


@pytest.mark.parametrize("name", prediction_names())
def test_in_a_notebook_that_is_run_again_guess_and_truth_are_there_at_once(name):
    made, first = find_prediction(name), card_of(name)
    typed = {
        "number": lambda: made.kind.scale.at(0.4), "slider": lambda: made.kind.scale.at(0.4),
        "numbers": lambda: [made.kind.scale.low] * len(made.kind.parts),
        "choice": lambda: made.kind.options[1],
        "sketch": lambda: [made.kind.y.at(0.3)] * made.kind.points,
    }[made.kind.name]()  # fmt: skip
    tell(first, to="guess", guess=typed)
    assert first.error == ""
    session._notes.clear()  # another kernel
    again = card_of(name)
    assert json.loads(state(again)) | {"answers": 1} == json.loads(state(first))


def test_two_cards_of_one_prediction_agree():
    first, second = card_of(), card_of()
    tell(second, to="guess", guess="20")
    assert first.outcome == second.outcome != {}
    assert first.said == second.said


@pytest.mark.parametrize("kept", ["thirty", 1000, -1, None, [], {"a": 1}, True, math.nan, [1, 2]])
def test_what_a_broken_progress_file_says_is_no_guess(kept, nothing_guessed):
    progress.note_guess(NAME, kept)
    card = card_of()
    assert not revealed(NAME)
    assert card.outcome == {}
    tell(card, to="guess", guess="20")
    assert card.outcome
    assert nothing_guessed() == {NAME: 20.0}


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"guesses": 3}', '{"guesses": {"01.alexnet_error": 3}}']
)
def test_a_broken_progress_file_asks_again_and_keeps_the_guess(text, nothing_guessed, capsys):
    progress.progress_file().write_text(text)
    card = card_of()
    assert card.outcome == {}
    tell(card, to="guess", guess="20")
    assert card.outcome
    assert card.error == ""
    assert nothing_guessed() == {NAME: 20.0}


def test_where_nothing_can_be_kept_a_guess_lasts_as_long_as_the_kernel(monkeypatch):
    monkeypatch.setattr("lib.lessons.progress.note_guess", lambda *_: None)
    tell(card_of(), to="guess", guess="20")
    assert revealed(NAME)
    assert card_of().outcome


def test_a_truth_that_cannot_be_computed_is_said_and_the_guess_stays(nothing_guessed):
    broken = Prediction("01.x", "How many?", Number(0, 10), lambda: 1 / 0, "It is {truth}.")
    card = PredictionCard(broken)
    tell(card, to="guess", guess="5")
    assert "ZeroDivisionError" in card.error
    assert nothing_guessed() == {"01.x": 5.0}


def test_in_plain_python_the_question_is_printed(capsys):
    predict(NAME)
    printed = capsys.readouterr().out
    assert "AlexNet?" in printed
    assert "15.4" not in printed


def test_the_page_without_a_kernel_has_question_and_closed_truth():
    made = find_prediction("01.numbers_in_a_picture")
    assert question_html(made).count("How many numbers") == 1
    page = told_html(made)
    assert page.index("<details>") < page.index("90,000")
    assert "<em>" not in told_html(find_prediction("05.fifty_steps"))


def test_on_a_page_a_choice_has_its_options_and_a_sketch_its_true_curve():
    choice, sketch = find_prediction("01.sum_of_bytes"), find_prediction("05.sigmoid_slope")
    assert question_html(choice).count("<li>") == 4
    page = told_html(sketch)
    assert 'alt="The truth: 0.00247 at −6' in page
    assert page.index("<details>") < page.index("data:image/png;base64,")


def test_markup_of_a_question_is_html_and_nothing_else_is():
    made = Prediction("01.x", "Is **1 < 2** in `x<y` and $a*b*c < d$?", Number(0, 1), 0.5, "Yes.")
    words = question_html(made)
    assert "<strong>1 &lt; 2</strong>" in words
    assert "<code>x&lt;y</code>" in words
    assert "$a*b*c &lt; d$" in words


def test_a_sketch_tells_its_curves_in_words_too():
    kind = find_prediction("05.sigmoid_slope").kind
    assert isinstance(kind, Sketch)
    alt = kind.outcome([0.1] * 13, find_prediction("05.sigmoid_slope").truth)["alt"]
    assert alt.startswith("Your curve: 0.1 at −6")
    assert "The truth: 0.00247 at −6" in alt
    assert "0.25 at 0" in alt
