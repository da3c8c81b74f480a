"""What lecture 04 says and what its predictions call true is what its cells compute."""

import time
from contextlib import nullcontext
from inspect import signature
from types import SimpleNamespace

import numpy as np
import pytest
from lecture_cells import LECTURES, cells_of, sources_with_solutions

from data_loaders.shapes10 import generate, load_shapes10
from lib import plots
from lib.classifiers import cross_entropy, softmax_loss
from lib.demos import descent
from lib.gradient_check import check_gradients
from lib.lessons.predictions import find_prediction
from lib.lessons.predictions.lecture_04 import error_of_the_forward_slope, momentum_on_a_constant_slope
from lib.mode import pick
from lib.optim import SGD

SOURCES = sources_with_solutions(cells_of(LECTURES / "04_optimisation.ipynb"))


def vectors_of_images(count):
    """Random vectors of length about 1 with a 1 at the end, and labels of ten classes."""
    rng = np.random.default_rng(5)
    x = rng.standard_normal((count, 3072)) / 3072**0.5
    return np.column_stack([x, np.ones(count)]), rng.integers(10, size=count)


def run(*cells, **given):
    """The names that these cells define, run by themselves with our solutions."""
    quiet = SimpleNamespace(**{**vars(plots), "show": lambda figure, alt: None})
    names = {"np": np, "time": time, "plots": quiet, "pick": pick, "SGD": SGD, "descent": descent}
    names |= {"cross_entropy": cross_entropy, "softmax_loss": softmax_loss}
    names |= {"check_gradients": check_gradients, "mode": ""}
    names |= {"after": lambda name: nullcontext(), "tqdm": lambda some, **options: some} | given
    for cell in cells:
        exec(SOURCES[cell], names)
    return names


def truth(name):
    return find_prediction(f"04.{name}").true()


def test_the_best_of_a_hundred_random_matrices_is_no_match_for_zero():
    images, labels = vectors_of_images(200)
    assert run("random-search-run", images=images, labels=labels)["best_loss"] > 1.1 * np.log(10)
    assert truth("random_or_zero") == "that of W = 0"


def test_the_parabola(capsys):
    names = run("slope-values", "slope-step")
    said = capsys.readouterr().out
    for words in ("L(10) = 100 ", "100.2001", "rise / nudge 20.01", "derivative 20.00", "10 → 8", "100 → 64"):
        assert words in said
    assert names["L"](10.01) - names["L"](10.0) == pytest.approx(truth("small_step"))


def test_linear_1_2(capsys):
    run("linear-1-2", "numerical-by-hand")
    said = capsys.readouterr().out
    assert "loss 0.4282" in said
    assert "numerical -0.0645897  0.0645897\nanalytic  -0.064590   0.064590" in said


def test_the_error_of_a_nudge():
    names = run("central", "nudge-size-compute")
    nudges, errors = names["nudges"], names["errors"]
    typical = error_of_the_forward_slope(nudges)
    large = nudges > 1e-7
    np.testing.assert_allclose(errors["forward"][large], typical[large], rtol=0.05)
    assert (errors["forward"][~large] < 5 * typical[~large]).all()
    assert 1e-9 < nudges[errors["forward"].argmin()] < 1e-7
    assert 1e-7 < nudges[errors["central"].argmin()] < 1e-4
    assert truth("losses_for_a_gradient") == 2 * 10 * 3073


def test_the_learning_rate_that_never_arrives():
    names = run("descend", "descend-rates")
    ends = {name.removeprefix("η = "): abs(path[-1]) for name, path in names["paths"].items()}
    assert [name for name, end in ends.items() if end > 10] == [truth("rate_too_high")]


def test_the_rates_of_the_ravine():
    limit, best = run("best-rate")["rates_of"]([1.0, 25.0])
    assert (limit, best) == pytest.approx((0.08, 2 / 26))
    for rate, arrives in ((0.99 * limit, True), (1.01 * limit, False)):
        losses = descent.compute("gradient descent", rate, 0.0, 2000).losses
        assert (losses[-1] < losses[0]) == arrives


def test_how_many_examples_gd_and_sgd_need(capsys):
    names = run("squares", "squares-checked", "least-squares-run", "least-squares-table")
    said = capsys.readouterr().out
    assert "4 iterations,  80,000 examples" in said
    assert f"{truth('examples_of_sgd')} iterations,     {truth('examples_of_sgd')} examples" in said
    (_, gd), (_, few), (_, sgd) = names["runs"].values()
    assert (np.diff(gd) < 0).all()
    for excess in (few, sgd):  # they waver to the end
        assert 30 < (np.diff(excess[-100:]) > 0).sum() < 70


def test_a_mini_batch_wavers_less_by_the_root_of_its_size(capsys):
    run("squares", "squares-checked", "single-gradients")
    said = capsys.readouterr().out.splitlines()
    lengths = [float(line.split()[-1]) for line in said if "batches of" in line]
    assert np.array(lengths[:2]) / lengths[1:] == pytest.approx(10**0.5, rel=0.1)


def test_momentum_on_a_constant_slope():
    names = run("momentum-step", "momentum-figure")
    np.testing.assert_allclose(names["lengths"], momentum_on_a_constant_slope(np.arange(1, 51)))
    np.testing.assert_allclose(names["lengths"][:3], [0.1, 0.19, 0.271])
    w, optimizer = np.zeros(1), SGD(learning_rate=0.1, momentum=0.9)
    for _ in range(50):
        optimizer.step([w], [np.ones(1)])
    assert w[0] == pytest.approx(names["w"])


def test_our_adam_is_the_librarys():
    from lib.optim import Adam

    rng, adam_step, optimizer = np.random.default_rng(0), run("adam")["adam_step"], Adam(0.1)
    theirs = rng.normal(size=(3, 2))
    W, m, v = theirs.copy(), 0.0, 0.0
    for t in range(1, 6):
        g = rng.normal(size=(3, 2))
        optimizer.step([theirs], [g])
        W, m, v = adam_step(W, m, v, g, t, 0.1)
    np.testing.assert_allclose(W, theirs)


def test_a_memory_of_ten_steps_is_too_long_for_the_ravine():
    ends = {name.split(", η")[0]: state.losses[-1] for name, state in run("ravine")["ravine"].items()}
    plain, long = ends["gradient descent"], ends["momentum, α = 0.9"]
    assert plain < 0.6 * long
    assert ends["momentum, α = 0.5"] < 1e-10 * plain
    assert truth("long_memory") == "that of plain gradient descent"


def test_the_mistake_is_the_penalty(capsys):
    run("check-wrong", "check-wrong-run")
    assert "L2 penalty" in capsys.readouterr().out
    assert truth("find_the_mistake") == "the penalty is not in it"


@pytest.mark.family(share=2)
def test_a_rate_of_40_stays_high_and_does_not_end_in_nan():
    nuisances = list(signature(load_shapes10).parameters.values())[1:]
    data = generate(0, {nuisance.name: nuisance.default for nuisance in nuisances}, train=3000, test=10)
    train = run("prepare", "train-function", data=data)["train"]
    good, high = (train(SGD(rate), 120)[1] for rate in (5.0, 40.0))
    assert np.isfinite(high).all()
    assert high[-20:].mean() > np.log(10) > good[-20:].mean()
    assert np.std(high[-50:]) > 5 * np.std(good[-50:])
    assert truth("much_too_high") == "it stays high and jumps about"
