"""What the predictions of lecture 01 call true is what its cells compute."""

import inspect
from contextlib import nullcontext

import numpy as np
import pytest
from lecture_cells import LECTURES, cells_of, sources_with_solutions

from data_loaders import load_dataset
from data_loaders.shapes10 import CLASSES, NUISANCES, render
from lib.classifiers import hand_coded
from lib.lessons.predictions import find_prediction
from lib.lessons.predictions.lecture_01 import ALEXNET, PERSON, RUNNER_UP, WINNERS
from lib.mode import pick

SOURCES = sources_with_solutions(cells_of(LECTURES / "01_image_classification.ipynb"))
SHAPES = load_dataset("shapes10")


def run(*cells, **given):
    """The names that these cells define, run by themselves with our solutions."""
    names = {"np": np, "after": lambda name: nullcontext(), "pick": pick, "data": SHAPES}
    names |= {"render": render, "hand_coded": hand_coded, "CLASSES": CLASSES, "NUISANCES": NUISANCES}
    names |= {"inspect": inspect, "Code": lambda source, language: None, "display": lambda shown: None}
    names |= {"load_dataset": lambda name: SHAPES, "mode": ""} | given
    for cell in cells:
        exec(SOURCES[cell], names)
    return names


def truth(name):
    return find_prediction(f"01.{name}").true()


def test_the_lines_of_the_rules(capsys):
    run("rules")
    assert capsys.readouterr().out == f"rules and measurements: {truth('lines_of_code')} lines\n"


def test_the_curve_of_the_winners_goes_through_their_errors_and_falls():
    curve = truth("winners")
    assert [float(curve(year)) for year in WINNERS] == list(WINNERS.values())
    assert sorted(WINNERS.values(), reverse=True) == list(WINNERS.values())
    assert [year for year, error in WINNERS.items() if error < PERSON] == [2015, 2016, 2017]
    assert truth("alexnet_error") == ALEXNET
    assert 0.4 < 1 - ALEXNET / RUNNER_UP < 0.42  # two of five mistakes


def test_the_example_of_the_top_5_error(capsys):
    run("top-5-stub", "top-5")
    assert capsys.readouterr().out == "top-1 error: 100%\ntop-5 error: 33%\n"


def test_numbers_of_a_picture_and_the_sum_of_two_bytes(capsys):
    picture = run("picture-300x100")["picture"]
    assert picture.size == truth("numbers_in_a_picture")
    capsys.readouterr()
    run("uint8-trap-code")
    assert f"in uint8: [{truth('sum_of_bytes')}]" in capsys.readouterr().out


def test_the_nuisance_that_changes_most_numbers(capsys):
    run("changed")
    printed = dict(line.split(" changes ") for line in capsys.readouterr().out.splitlines())
    shares = {name.strip(): int(words.split("%")[0]) for name, words in printed.items()}
    assert max(shares, key=shares.get) == truth("strongest_nuisance") == "illumination"


@pytest.mark.family(share=4)
def test_viewpoint_is_the_first_to_bring_the_rules_below_a_half():
    right = run("rules-accuracy")["rules_accuracy"]
    weak = {name: right(range(4), **{name: 0.25}) for name in NUISANCES}
    assert [name for name, share in weak.items() if share < 0.5] == [truth("first_to_break")]
    assert weak["viewpoint"] == pytest.approx(0.4, abs=0.05)  # four of ten
    assert right(range(2), scale=1) == 1


@pytest.mark.family(share=4)
def test_the_measurements_decide_better_by_data_than_by_rules_and_pixels_are_worst(capsys):
    names = run("nearest-mean-class", "measurements", "fair-fight-run", "confusion", "confusion-counts")
    right = [np.mean(answer == names["test"].labels) for answer in names["answers"].values()]
    assert np.argmax(right) == int(truth("fair_fight")[0]) - 1
    assert right == pytest.approx([0.30, 0.20, 0.55], abs=0.03)
    assert np.trace(names["table"]) / names["table"].sum() == right[0]
    assert SHAPES.classes[names["table"].sum(axis=0).argmax()] == "crescent"


def test_who_memorises_pictures_guesses_all_others(capsys):
    run("memoriser", "memoriser-run")
    known, unknown = (float(line.split()[2].strip("%")) for line in capsys.readouterr().out.splitlines())
    assert known == 100
    assert unknown == pytest.approx(10, abs=2)
    assert truth("memoriser") == "all training images, a tenth of the test images"


def test_seven_corners_of_the_arrow_are_found():
    names = run("edges-corners")
    rows, _ = names["corners"](names["edges_and_cornerness"](render("arrow", seed=14, size=64))[1])
    assert len(rows) == 7
