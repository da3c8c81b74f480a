"""What the predictions of lecture 09 call true is what its cells compute; its own convolution learns."""

import re
from contextlib import nullcontext
from types import SimpleNamespace

import numpy as np
import pytest
from lecture_cells import LECTURES, cells_of, sources_with_solutions

from data_loaders.shapes10 import CLASSES, render
from lib import nn
from lib.gradient_check import check_gradients
from lib.graph import ComputationalGraph, Gate, inputs
from lib.lessons.predictions import find_prediction
from lib.lessons.predictions.lecture_09 import spread_of_dropout
from lib.optim import SGD

SOURCES = sources_with_solutions(cells_of(LECTURES / "09_convolution_and_pooling.ipynb"))


def run(*cells, **given):
    """The names that these cells define, run by themselves with our solutions."""
    names = {"np": np, "nn": nn, "after": lambda name: nullcontext(), **given}
    for cell in cells:
        exec(SOURCES[cell], names)
    return names


def pictures(count):
    """So many drawn pictures, as the data set's test images."""
    strengths = {"illumination": 0.3, "viewpoint": 0.3, "deformation": 0.4, "clutter": 0.3, "variation": 0.5}
    drawn = [render(CLASSES[k % 10], seed=k, size=32, **strengths) for k in range(count)]
    return SimpleNamespace(test=SimpleNamespace(images=np.array(drawn)))


def truth(name):
    return find_prediction(f"09.{name}").true()


def numbers(text):
    """The whole numbers of a text, where 1,024 is one."""
    return [int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*", text)]


def test_counts_of_weights(capsys):
    run("three-counts")
    assert tuple(numbers(capsys.readouterr().out)) == truth("three_counts")
    run("channels-counts")
    assert numbers(capsys.readouterr().out.splitlines()[0])[-1] == truth("alexnet_parameters")


def test_the_third_convolution_has_most_parameters_and_as_much_work_as_the_second(capsys):
    run("network", "shapes")
    rows = [line for line in capsys.readouterr().out.splitlines() if line.startswith(("Conv2d", "Linear"))]
    parameters, work = zip(*(numbers(row)[-2:] for row in rows), strict=True)
    assert truth("most_parameters") == "the third"
    assert max(parameters) == parameters[2]
    assert work[1] == work[2]


def test_the_gradients_of_a_maximum():
    x = run("by-hand-library-code", convolution=lambda x, w: x)["x"]
    pool = nn.MaxPool2d(2)
    pool.forward(x[None, None])
    found = pool.backward(x[None, None], np.array([[10.0, 20], [30, 40]])[None, None])[0, 0, :2, 2:]
    assert x[:2, 2:].tolist() == [[0, 1], [3, 1]]
    assert tuple(found.ravel()) == truth("routing")


def test_edges_change_most_when_a_picture_moves_by_a_pixel():
    changes = run("robust-code", data=pictures(60))["changes"]
    assert truth("one_pixel") == "the edges"
    assert max(changes, key=lambda name: changes[name][1]) == "edges"


def test_the_matrix_has_so_many_numbers():
    M = run("unit-images")["M"]
    assert (np.count_nonzero(M), len(np.unique(M[M != 0]))) == truth("matrix")


def test_a_moved_picture_has_a_moved_answer(capsys):
    run("equivariance-code", data=pictures(1))
    convolution, dense = capsys.readouterr().out.splitlines()
    inside, border = (float(number) for number in re.findall(r"\d\.[\d.e+-]*\d", convolution))
    assert truth("moved") == "not at all, but for rounding"
    assert inside < 1e-12 < 0.01 < border
    assert float(dense.split()[-1]) > 0.1


def test_patches_a_larger_picture_and_windows():
    assert truth("patches") == pytest.approx(9 * 64 * 32 * 32 * 32 * 4 / 1e6, abs=0.05)
    assert nn.Conv2d(16, 10, 8).forward(np.zeros((1, 16, 11, 9))).shape == (1, 10, *truth("larger_picture"))
    assert truth("places") == len(range(0, 96 - 32 + 1, 8)) ** 2


def test_dropout_of_ones():
    out = nn.Dropout(0.8).forward(np.ones(100_000))
    assert truth("dropout_values") == "0 and 5"
    assert np.unique(out.round(6)).tolist() == [0, 5]
    assert out.std() == pytest.approx(spread_of_dropout(np.array(0.8)), rel=0.02)


def own_net():
    """The names of section 7, with both nets and their pictures."""
    names = run("own-convolution", "own-backward", "own-layer", "own-network")
    return run("own-data", "own-gradients", **names, CLASSES=CLASSES, render=render)


def test_so_many_numbers_come_back_from_the_pooling(capsys):
    names = own_net()
    g, largest = names["g"], names["nets"]["yours"][1].output
    assert g.shape == (20, 4, 10, 10)
    assert 100 * np.count_nonzero(g) / g.size == pytest.approx(truth("not_zero"), abs=0.5)
    assert np.count_nonzero(g) == np.count_nonzero(largest > 0)  # a winner each
    assert capsys.readouterr().out.strip().endswith(f"{truth('not_zero')}%")


@pytest.mark.family(share=1)
def test_a_net_with_the_own_convolution_learns_as_the_librarys_does():
    names = {**own_net(), "SGD": SGD}
    exec(SOURCES["own-train"].partition("clock_start")[0], names)
    train, nets = names["train"], names["nets"]
    few = train(nets["yours"], steps=12)
    losses = train(nets["library"])
    np.testing.assert_allclose(few, losses[:12], atol=1e-3)
    assert np.mean(losses[-10:]) < 0.5 * losses[0]
    scores = nets["library"].forward(names["small"][400:])
    assert np.mean(scores.argmax(axis=1) == names["small_labels"][400:]) > 0.6


def test_the_own_layer_passes_the_gradient_check():
    names = run("own-convolution", "own-backward", "own-layer")
    rng = np.random.default_rng(0)
    layer = names["YourConvolution"](rng.standard_normal((2, 3, 3)))
    assert check_gradients(layer, rng.standard_normal((2, 1, 5, 6))).ok


def test_the_inception_module_is_four_branches_on_top_of_each_other():
    given = {"Gate": Gate, "inputs": inputs, "ComputationalGraph": ComputationalGraph}
    names = run("concat", "inception", **given)
    x = np.random.default_rng(0).standard_normal((4, 6, 6))
    out = names["inception"].forward(x=x)
    assert out.shape == (3 + 5 + 2 + 4, 6, 6)
    pooled = nn.MaxPool2d(3, stride=1, padding=1).forward(x[None])[0]
    np.testing.assert_array_equal(out[-4:], pooled)
