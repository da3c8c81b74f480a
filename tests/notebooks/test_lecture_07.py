"""What the predictions of lecture 07 call true is what its cells compute."""

import re
from contextlib import nullcontext

import numpy as np
import pytest
from lecture_cells import LECTURES, cells_of, sources_with_solutions

from lib import nn
from lib.lessons.predictions import find_prediction
from lib.lessons.predictions.lecture_07 import times_as_many

SOURCES = sources_with_solutions(cells_of(LECTURES / "07_modules_and_the_chain_rule.ipynb"))


def run(*cells):
    """The names that these cells define, run by themselves with our solutions."""
    names = {"__name__": "__main__"}
    exec(SOURCES["imports"], names)
    names["after"] = lambda name: nullcontext()
    for cell in cells:
        exec(SOURCES[cell], names)
    return names


def truth(name):
    return find_prediction(f"07.{name}").true()


def test_the_jacobian_of_a_batch_of_16_takes_as_many_megabytes(capsys):
    run("jacobian-memory")
    one, sixteen = capsys.readouterr().out.splitlines()
    assert one.split() == ["batch", "1:", "16.78", "million", "entries,", "64", "MB"]
    assert "4,294.97 million" in sixteen
    assert f"{truth('batch_of_16'):,} MB" in sixteen


def test_the_jacobian_of_a_linear_layer_and_a_batch_of_four():
    jacobian = run("jacobian-of")["jacobian"]
    matrix = jacobian(nn.Linear(6, 6).double(), np.random.default_rng(0).standard_normal((4, 6)))
    assert matrix.size == 576
    assert np.count_nonzero(matrix) == truth("not_zero")


def test_multiplications_from_the_right_beside_those_from_the_left():
    for d in (8, 64, 512):
        assert times_as_many(np.array(d)) == d
    left_right = run("both-orders")
    row, matrices = np.ones((1, 8)), list(np.random.default_rng(0).normal(size=(5, 8, 8)))
    np.testing.assert_allclose(
        left_right["from_the_left"](row, matrices), left_right["from_the_right"](row, matrices)
    )


def test_grad_weight_after_three_calls_of_backward(capsys):
    run("module-accumulate")
    found = re.findall(r"= ([\d.]+)", capsys.readouterr().out)
    assert tuple(map(float, found)) == truth("accumulate")


@pytest.mark.family(share=2)
def test_xor_is_learnt_by_the_step_and_not_where_nothing_is_zeroed():
    names = run("step-stub", "loop-xor")
    corners = names["mlp"].forward(names["corners"]).ravel()
    assert np.sign(corners).tolist() == [-1, 1, 1, -1]
    with np.errstate(over="ignore", invalid="ignore"):
        never = names["train_xor"](forgetful=True, steps=900)[1]
    assert never[:600].max() > 1e12
    assert not np.isfinite(never[-1])
    assert truth("never_zeroed") == "the loss grows beyond all bounds"


def test_the_wrong_shuffle_passes_with_the_orders_that_are_their_own_inverse(capsys):
    run("shuffle-stub", "shuffle-wrong")
    assert f"passes with {truth('own_inverse')} of 24" in capsys.readouterr().out


def test_one_criterion_is_content(capsys):
    run("criteria-run")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("(")[0] for line in lines if "[[0. 0. 0.]]" in line] == [truth("content")]


def test_how_many_numbers_change_when_they_are_restored(capsys):
    run("inplace-run")
    assert f"by   3: {truth('times_three'):5.1f} %" in capsys.readouterr().out


@pytest.mark.family(share=4)
def test_shuffling_the_pixels_costs_next_to_nothing(capsys):
    run("step-stub", "shuffle-stub", "scale-stub", "images", "shuffle-net")
    found = re.findall(r"([\d.]+) % of the test images \(quick mode\)", capsys.readouterr().out)
    plain, shuffled = map(float, found)
    assert plain > 30
    assert shuffled > 0.85 * plain
    assert truth("shuffled") == "next to nothing"
