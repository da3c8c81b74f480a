"""What the predictions of lecture 08 call true is what its cells compute, and its numbers come out."""

import re
from contextlib import nullcontext

import numpy as np
import pytest
from lecture_cells import LECTURES, cells_of, sources_with_solutions

from lib import nn, plots
from lib.blas import one_thread
from lib.demos import gradient_flow, relu_regions
from lib.lessons.predictions import find_prediction
from lib.lessons.predictions.lecture_08 import (
    saturated_share,
    sigmoid_gradient_sizes,
    tanh_slope_curve,
)
from lib.optim import SGD

SOURCES = sources_with_solutions(cells_of(LECTURES / "08_activations_and_deep_gradients.ipynb"))


def run(*cells, **names):
    """The names that these cells define, run by themselves with our solutions; figures are not shown."""
    names = {
        "np": np, "nn": nn, "plots": plots, "gradient_flow": gradient_flow, "relu_regions": relu_regions,
        "after": lambda name: nullcontext(), "rng": np.random.default_rng(0), "mode": "", **names,
    }  # fmt: skip
    for cell in cells:
        exec(SOURCES[cell], names)
    return names


@pytest.fixture(autouse=True)
def _no_figures(monkeypatch):
    monkeypatch.setattr(plots, "show", lambda figure, alt: None)


def truth(name):
    return find_prediction(f"08.{name}").true()


def test_the_slope_of_tanh_is_that_of_the_library():
    x = np.linspace(-4, 4, 81)
    tanh = nn.Tanh()
    tanh.forward(x)
    np.testing.assert_allclose(tanh_slope_curve(x), tanh.backward(x, np.ones_like(x)))


def test_the_share_of_saturated_units():
    names = run("tanh-slope", "saturated")
    np.testing.assert_allclose(names["saturated"]["sigmoid"], saturated_share(names["deviations"]), atol=0.5)


def test_the_gradient_of_the_five_numbers_and_its_jacobian(capsys):
    names = run("relu-forward", "relu-jacobian-code")
    gradient = names["grad_y"] @ names["jacobian"]
    assert tuple(gradient) == tuple(truth("relu_gradient"))
    assert "[0.     0.     0.4794 0.     0.4201]" in capsys.readouterr().out


def test_the_open_sheet_has_64_holes():
    quarter = run("mirror", "quarter")["quarter"]
    places = np.stack(np.meshgrid(*2 * [np.linspace(-1, 1, 480)]), axis=-1).reshape(-1, 2)
    for _ in range(3):
        places = quarter(places)
    hole = ((places**2).sum(axis=1) < 0.25).reshape(480, 480)
    starts = hole[:, 1:] & ~hole[:, :-1]  # where a hole begins in its row
    rows = hole.any(axis=1)
    down = int((rows[1:] & ~rows[:-1]).sum())
    assert down * starts.sum(axis=1).max() == truth("holes") == 64


def test_the_sketch_of_the_vanishing_gradient_is_near_the_cells():
    sizes = np.array(run("back-through", "flow-sigmoid")["sizes"])
    ratio = sizes / sigmoid_gradient_sizes(np.arange(1, 31))
    assert 0.4 < ratio.min() < ratio.max() < 2.5


def test_xavier_loses_and_kaiming_keeps_the_size_of_relus():
    kept = {
        name: state[-1] / state[0]
        for name in ("Xavier", "Kaiming")
        for state in [gradient_flow.compute(30, "ReLU", name, "none").outputs]
    }
    assert kept["Xavier"] ** (1 / 29) == pytest.approx(truth("xavier_relu"), abs=0.03)
    assert kept["Xavier"] < 1e-4
    assert 0.5 < kept["Kaiming"] < 2


def test_your_start_keeps_the_size_through_leaky_relus(capsys):
    run("start", "leaky-start")
    size = float(capsys.readouterr().out.split(":")[1].split()[0])
    assert 0.5 < size < 2


def test_the_way_around_keeps_the_gradient(capsys):
    run("skip-by-hand")
    assert truth("way_around") == pytest.approx(1.01**30)
    assert "by the library 1.35" in capsys.readouterr().out


def test_with_batch_norm_the_gradient_of_relus_grows_by_a_fifth_in_each_layer():
    errors = gradient_flow.compute(30, "ReLU", "Kaiming", "batch norm").errors
    assert truth("norm_going_back") == "it grows"
    assert (errors[4] / errors[24]) ** (1 / 20) == pytest.approx(np.sqrt(np.pi / (np.pi - 1)), abs=0.05)
    plain = gradient_flow.compute(30, "ReLU", "Kaiming", "none").errors
    assert plain[0] / plain[-1] == pytest.approx(1.6, abs=0.5)


def test_skips_alone_grow_and_with_batch_norm_they_hardly_do():
    states = [gradient_flow.compute(30, "ReLU", "Kaiming", kind) for kind in ("skip", "both")]
    alone, both = (state.outputs[-1] for state in states)
    assert alone == pytest.approx(np.sqrt(2) ** 29, rel=0.3)
    assert both == pytest.approx(np.sqrt(30), rel=0.1)


def test_the_sum_of_the_three_lines_has_one_bend():
    total = run("sum-net")["total"]
    assert np.count_nonzero(np.abs(np.diff(total, 2)) > 1e-9) == int(truth("one_bend")) == 1
    np.testing.assert_allclose(total[[0, -1]], [10, 20])


def test_lines_and_regions():
    regions = run("regions-count")["regions"]
    assert [regions(n, 2) for n in range(6)] == [1, 2, 4, 7, 11, 16]
    assert regions(4, 2) == truth("four_lines")
    assert (regions(12, 2), regions(16, 2), 4**3, 4**4) == (79, 137, 64, 256)
    assert all(regions(n, d) == relu_regions.most_regions(n, d) for n in range(1, 13) for d in (1, 2, 3, 10))


def test_positive_inputs_give_gradients_of_one_sign(capsys):
    run("signs")
    sigmoid, tanh, relu = capsys.readouterr().out.splitlines()
    assert "100%" in sigmoid
    assert "  0%" in tanh
    assert "100%" in relu
    assert truth("signs") == "all have the same sign"


def test_moments_are_those_of_many_draws(capsys):
    run("moments", "moments-drawn")
    lines = re.sub(r"[\[\]a-z,]|100,000", " ", capsys.readouterr().out).splitlines()
    by_draws, by_rule = (np.array(line.split(), float) for line in lines)
    np.testing.assert_allclose(by_draws, by_rule, atol=0.2)


@pytest.mark.family(share=3)
def test_of_the_four_networks_one_learns_nothing():
    rng = np.random.default_rng(0)
    y = rng.integers(10, size=500)
    X = (3 * rng.standard_normal((10, 192))[y] + rng.standard_normal((500, 192))).astype(np.float32)
    names = run("train", "deep-net", "all-run", X=X, y=y, one_thread=one_thread, SGD=SGD)
    deep_net, train = names["deep_net"], names["train"]
    made = {
        "sigmoid, Xavier": deep_net(nn.Sigmoid, nn.init.xavier),
        "sigmoid, batch norm": deep_net(nn.Sigmoid, nn.init.xavier, norm=True),
        "ReLU, Kaiming": deep_net(nn.ReLU, nn.init.kaiming),
        "ReLU, skip, batch norm": deep_net(nn.ReLU, nn.init.kaiming, norm=True, skip=True),
    }
    losses = {name: train(net, 0.01, 80)[0][-20:].mean() for name, net in made.items()}
    assert max(losses, key=losses.get) == truth("never_learns")
    assert losses["sigmoid, Xavier"] == pytest.approx(np.log(10), abs=0.1)
    assert max(loss for name, loss in losses.items() if name != "sigmoid, Xavier") < 2.2
