"""What the predictions of lecture 03 call true is what its cells compute."""

from contextlib import nullcontext
from types import SimpleNamespace

import numpy as np
import pytest
from lecture_cells import LECTURES, cells_of, sources_with_solutions

from data_loaders import load_shapes10
from lib import classifiers
from lib.classifiers import losses
from lib.demos import margin
from lib.demos.regularization import paths
from lib.lessons.predictions import find_prediction
from lib.lessons.predictions.lecture_03 import ACCURACY, STRENGTHS

SOURCES = sources_with_solutions(cells_of(LECTURES / "03_linear_classifiers.ipynb"))


def run(*cells, **names):
    """The names that these cells define, run by themselves with our solutions."""
    names |= {"np": np, "after": lambda name: nullcontext()} | vars(losses) | vars(classifiers)
    for cell in cells:
        exec(SOURCES[cell], names)
    return names


def truth(name):
    return find_prediction(f"03.{name}").true()


def test_how_many_numbers_are_kept(capsys):
    run("how-many-numbers")
    assert f"{truth('numbers_kept'):,} numbers" in capsys.readouterr().out


def test_the_four_pixels_score_as_with_the_bias_inside():
    names = run("four-pixels-numpy", "bias-trick-stub")
    assert tuple(names["W"] @ names["x"] + names["b"]) == truth("four_pixels")
    W, x = names["with_bias_inside"](names["W"], names["b"], names["x"])
    assert tuple(W @ x) == truth("four_pixels")


def test_the_hinge_losses_of_the_three_images(capsys):
    names = run("hinge-of-one", "hinge-three")
    assert names["losses"].round(1).tolist() == [2.9, 0.0, 12.9]
    assert "mean 5.27" in capsys.readouterr().out


def test_the_car_may_fall_so_far_and_no_further():
    names = run("hinge-of-one", "hinge-three")
    falls = [names["hinge_of_one"](names["S"][1] - [0, fall, 0], 1, 1.0) for fall in (1.9, 2.0)]
    assert truth("car_may_fall") == 1.9
    assert falls == pytest.approx([0, 0.1])


def test_the_curve_of_the_cat_is_that_of_the_exercise_and_of_the_demo():
    curve = find_prediction("03.hinge_curve").truth
    hinge_of_one = run("hinge-of-one")["hinge_of_one"]
    for score in np.linspace(-3, 9, 13):
        found = hinge_of_one(np.array([score, 5.1, -1.7]), 0, 1.0)
        assert curve(score) == pytest.approx(found)
        assert margin.compute("cat", score, 1.0, 1.0).hinge == pytest.approx(found)


def test_the_probability_and_the_loss_of_the_cat(capsys):
    p = run("softmax-by-hand")["p"]
    said = capsys.readouterr().out
    assert round(p[0], 2) == truth("probability_of_cat")
    for number in ("24.53", "164.02", "0.18", "[0.13 0.87 0.  ]", "2.04 nats", "0.89 with"):
        assert number in said
    assert 6.5 < np.exp(1.9) < 7


def test_both_losses_at_the_start(capsys):
    rng = np.random.default_rng(0)
    pictures = SimpleNamespace(labels=rng.integers(10, size=100))
    run("loss-at-start", C=10, D=3072, X_test=rng.integers(256, size=(100, 3072)), test=pictures)
    said = [float(line.split()[-1]) for line in capsys.readouterr().out.splitlines()]
    assert said == pytest.approx(truth("losses_at_the_start"), abs=0.01)


def test_l2_prefers_the_spread_weights_and_l1_neither(capsys):
    run("penalties")
    said = capsys.readouterr().out
    assert "l2       w1 1.00   w2 0.25" in said
    assert "l1       w1 1.00   w2 1.00" in said
    assert truth("smaller_penalty") == "L2 prefers w₂, L1 neither"


@pytest.mark.family(share=2)
def test_the_curve_of_the_validation_images_was_measured():
    path = paths(load_shapes10(), 1000)["l2"]
    assert np.log10(path.strengths).tolist() == pytest.approx(STRENGTHS.tolist())
    assert 100 * path.validation_accuracy == pytest.approx(ACCURACY, abs=0.3)
    assert path.validation_accuracy.argmax() == 8
    assert path.train_accuracy[0] > 0.99


def test_the_careless_gradient_is_six_times_too_large():
    names = run("gradient-check-wrong", **small_problem())
    W = small_problem()["W_small"]
    _, right = losses.softmax_loss(W, names["X_small"], names["y_small"])
    np.testing.assert_allclose(names["careless"](W)[1], 6 * right)


def small_problem():
    rng = np.random.default_rng(0)
    return {
        "X_small": rng.standard_normal((6, 4)),
        "y_small": np.array([0, 1, 2, 0, 1, 2]),
        "W_small": rng.standard_normal((3, 4)),
    }


def test_the_best_line_gets_about_three_corners_of_xor(capsys):
    data = SOURCES["xor-figure"].split("figure, ax")[0]
    names = {"np": np}
    exec(data, names)
    run("xor", rng=np.random.default_rng(0), clouds=names["clouds"], labels=names["labels"])
    best, *trained = (int(line.split()[-1].rstrip("%")) for line in capsys.readouterr().out.splitlines())
    assert truth("best_of_xor") == "about 75 %"
    assert 74 <= best <= 78
    assert max(trained) < best


def test_opinions_that_agree_give_the_softmax_loss():
    opinion_loss = run("opinions")["opinion_loss"]
    scores = np.array([3.2, 5.1, -1.7])
    loss, slopes = opinion_loss(scores, np.array([1.0, 0, 0]))
    right = losses.cross_entropy(scores[None], np.array([0]))
    assert loss == pytest.approx(right[0])
    np.testing.assert_allclose(slopes, right[1][0])
