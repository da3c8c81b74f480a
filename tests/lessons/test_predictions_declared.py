"""The predictions of the lectures: found by name, sound, and their truth on the scale that is shown."""

import re
import subprocess
import sys

import numpy as np
import pytest

from lib.lessons.predictions import Prediction, find_prediction, prediction_names
from lib.lessons.predictions.kinds import Choice, Number, Sketch

NAMES = prediction_names()


def test_names_are_unique_and_those_of_a_lecture_begin_with_its_number():
    assert len(set(NAMES)) == len(NAMES)
    assert "01.alexnet_error" in prediction_names("01")
    assert {name[:2] for name in prediction_names("05")} == {"05"}
    assert prediction_names("99") == []


@pytest.mark.parametrize("name", NAMES)
def test_a_declared_prediction_is_sound(name):
    made = find_prediction(name)
    truth = made.true()
    if isinstance(made.kind, Sketch):
        guess = [float(y) for y in truth(np.array(made.kind.places))]
        assert all(made.kind.y.low <= y <= made.kind.y.high for y in guess)
        for scale in (made.kind.x, made.kind.y):
            assert not scale.unit or scale.unit not in scale.label, "the axis says the unit behind its label"
    else:
        guess = made.kind.check(list(truth) if isinstance(truth, tuple) else truth)
    words = made.told(guess, truth)
    assert re.match(r"Exactly\.|Close\.|Right\.|\d+ of \d+ right\.", words)
    assert "{" not in re.sub(r"\$[^$]+\$", "", words + made.told(None, truth))
    assert made.question.strip().endswith(("?", "."))
    assert made.kind.outcome(None, truth)


@pytest.mark.parametrize("name", NAMES)
def test_a_question_does_not_tell_its_answer(name):
    made = find_prediction(name)
    if isinstance(made.kind, (Choice, Sketch)):
        return
    truth = made.true()
    for each in truth if isinstance(truth, tuple) else [truth]:
        words = made.kind.scale.words(each)
        if len(words) > 2:
            assert words not in made.question


@pytest.mark.parametrize(
    "name",
    ["01.alexnet_eror", "01", "", "99.nothing", "../01.x", None, 1, "01.alexnet_error ", "01.ALEXNET_ERROR"],
)
def test_an_unknown_name_is_answered_by_those_there_are(name):
    with pytest.raises(ValueError, match=r"^name: expected a prediction, .*'01\.alexnet_error'.*, got "):
        find_prediction(name)


@pytest.mark.parametrize("name", ["alexnet", "1.alexnet", "01.Alex", "01.", "01.a-b"])
def test_a_prediction_is_named_after_its_lecture(name):
    with pytest.raises(ValueError, match=r"expected a name such as '01\.alexnet_error'"):
        Prediction(name, "How many?", Number(0, 1), 0.5, "So many.")


def test_a_sentence_with_the_guess_is_left_out_where_there_is_none():
    made = Prediction("01.x", "?", Number(0, 10, unit="m"), 5, "You said {guess}. It is {truth}. So much.")
    assert made.told(4.0, 5) == "Too low by 1 m. You said 4 m. It is 5 m. So much."
    assert made.told(None, 5) == "It is 5 m. So much."


def test_a_truth_is_computed_when_it_is_asked_for():
    asked = []
    made = Prediction("01.x", "?", Number(0, 10), lambda: asked.append(1) or 5, "It is {truth}.")
    assert asked == []
    assert made.true() == 5


def test_a_command_that_reads_the_lectures_loads_no_widgets_and_draws_nothing():
    code = "import sys, lib.lessons.predictions; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"matplotlib", "ipywidgets", "anywidget", "IPython"} & set(run.stdout.split())
