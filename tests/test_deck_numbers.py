"""The numbers of the decks, computed by the library: the last column of the syllabus, lecture by lecture."""

import itertools
import json
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
import torch
from lecture_cells import cells_of, sources_with_solutions
from torch.utils.flop_counter import FlopCounterMode

from data_loaders import load_shapes10
from lib import graph, nn
from lib.classifiers import (
    KNearestNeighbors,
    NearestNeighbor,
    SoftmaxClassifier,
    cross_entropy,
    hinge,
    hinge_loss,
    penalize,
    softmax,
    softmax_loss,
)
from lib.convnets import explain
from lib.convnets.demos.sight import new_pictures
from lib.convnets.layer_table import summarize
from lib.convnets.models import build_model
from lib.convnets.models.resnet import ResidualBlock
from lib.convnets.studies import depth
from lib.convnets.trained import trained
from lib.demos import module_chain
from lib.demos import output_size as output_size_demo
from lib.demos import relu_regions as relu_regions_demo
from lib.demos import relu_sum as relu_sum_demo
from lib.demos import slope as slope_demo
from lib.demos import softmax_loss as softmax_demo
from lib.gradient_check import numerical_gradient
from lib.lessons.predictions.lecture_01 import ALEXNET, RUNNER_UP, WINNERS
from lib.optim import SGD

LECTURES = Path(__file__).parents[1] / "lectures"


# Lecture 01: image classification ---------------------------------------------------------------


def lecture_01(*cells: str) -> dict:
    """The names that these cells of the notebook define, run by themselves."""
    sources = {cell["id"]: cell["source"] for cell in cells_of(LECTURES / "01_image_classification.ipynb")}
    names: dict = {"np": np, "after": lambda name: nullcontext()}
    for cell in cells:
        exec(sources[cell], names)
    return names


def test_a_picture_of_300_by_100_is_90000_bytes_from_0_to_255():
    picture = lecture_01("picture-300x100")["picture"]
    assert picture.shape == (100, 300, 3)  # rows first
    assert picture.dtype == np.uint8
    assert (picture.size, picture.min(), picture.max()) == (90_000, 0, 255)


def test_bytes_overflow_as_the_lecture_says(capsys):
    lecture_01("uint8-trap-code")
    assert capsys.readouterr().out.splitlines() == ["in uint8: [44] [246]", "in int16: [300] [-10]"]


def test_the_top_5_errors_of_2012_and_what_they_mean():
    assert (ALEXNET, RUNNER_UP) == (15.4, 26.2)
    assert f"{1 - ALEXNET / RUNNER_UP:.0%}" == "41%"
    # The contest's table of test errors says 0.15315 and 0.26172; 15.4 is on the validation images.
    assert round(26.172, 1) == RUNNER_UP
    assert abs(ALEXNET - 15.315) < 0.1
    assert round(15.315, 1) == WINNERS[2012]


def test_a_titan_x_does_11_tflops():
    assert f"{lecture_01('titan')['titan'] / 1e12:.0f}" == "11"


# Lecture 02: nearest neighbours -------------------------------------------------------------------


def test_the_l1_table_adds_up_to_456():
    test_image = np.array([[56, 32, 10, 18], [90, 23, 128, 133], [24, 26, 178, 200], [2, 0, 255, 220]])
    training_image = np.array([[10, 20, 24, 17], [8, 10, 89, 100], [12, 16, 178, 170], [4, 32, 233, 112]])

    def distance(a, b):
        model = NearestNeighbor("l1").train(b.reshape(1, -1), np.array([0]))
        return model.neighbors(a.reshape(1, -1))[1].item()

    printed = [[46, 12, 14, 1], [82, 13, 39, 33], [12, 10, 0, 30], [2, 32, 22, 108]]
    each = [
        [distance(*pair) for pair in zip(*rows, strict=True)]
        for rows in zip(test_image, training_image, strict=True)
    ]
    assert each == printed
    assert distance(test_image, training_image) == 456


@pytest.mark.family(share=3)
def test_l1_beats_l2_on_real_images_and_neither_gets_far(cifar10):
    """Q1 of the deck, on 600 of the 10,000 test images; the lecture's full mode answers with all of them."""
    X, y = cifar10.train.images.reshape(len(cifar10.train), -1), cifar10.train.labels
    some = cifar10.test.take(600, seed=0)
    accuracy = {
        metric: (
            NearestNeighbor(metric).train(X, y).predict(some.images.reshape(600, -1)) == some.labels
        ).mean()
        for metric in ("l1", "l2")
    }
    assert 0.30 < accuracy["l2"] < accuracy["l1"] < 0.45


def test_one_neighbour_knows_its_training_data_and_more_do_not():
    train = load_shapes10().train.take(500)
    X = train.images.reshape(500, -1)
    for metric in ("l1", "l2"):
        assert (NearestNeighbor(metric).train(X, train.labels).predict(X) == train.labels).all()
    assert (KNearestNeighbors(5).train(X, train.labels).predict(X) != train.labels).any()


# Lecture 03: linear classifiers ------------------------------------------------------------------


def test_softmax_of_the_cat_image():
    scores = np.array([3.2, 5.1, -1.7])
    state = softmax_demo.compute(*scores, "cat")
    assert [round(power, 1) for power in state.powers[:2]] == [24.5, 164.0]
    assert round(state.powers[2], 2) == 0.18
    assert softmax(scores).round(2).tolist() == [0.13, 0.87, 0.0]
    loss, _ = cross_entropy(scores[None], np.array([0]))
    assert round(loss, 2) == 2.04  # nats
    assert round(loss / np.log(10), 2) == 0.89  # what deck A1 prints: the logarithm to base 10


def test_hinge_loss_of_the_three_images():
    scores = np.array([[3.2, 5.1, -1.7], [1.3, 4.9, 2.0], [2.2, 2.5, -3.1]])
    right = np.arange(3)
    each = [hinge(scores[[i]], right[[i]])[0] for i in range(3)]
    assert np.round(each, 1).tolist() == [2.9, 0.0, 12.9]
    assert round(hinge(scores, right)[0], 2) == 5.27


def test_l2_prefers_the_weights_that_are_spread():
    x, w1, w2 = np.ones(4), np.array([1.0, 0, 0, 0]), np.full(4, 0.25)
    assert w1 @ x == w2 @ x == 1
    assert penalize(w1, "l2")[0] == 1.0
    assert penalize(w2, "l2")[0] == 0.25
    assert penalize(w1, "l1")[0] == penalize(w2, "l1")[0]


def test_losses_before_the_first_step():
    X, y = np.random.default_rng(0).random((50, 3072)), np.arange(50) % 10
    W = np.zeros((10, 3072))
    assert softmax_loss(W, X, y)[0] == pytest.approx(np.log(10))
    assert hinge_loss(W, X, y)[0] == pytest.approx(9)


@pytest.mark.family(share=3)
def test_one_linear_layer_gives_about_forty_per_cent_on_cifar10(cifar10):
    X, X_test = (part.images.reshape(len(part), -1) for part in (cifar10.train, cifar10.test))
    model = SoftmaxClassifier().train(X, cifar10.train.labels)
    assert 0.39 <= (model.predict(X_test) == cifar10.test.labels).mean() < 0.43


# Lecture 04: optimisation ------------------------------------------------------------------------


def test_the_parabola_at_10_and_at_10_01():
    state = slope_demo.compute(w=10.0, h=0.01, difference="forward", loss="w²")
    assert round(state.ends[0, 1], 4) == 100
    assert round(state.ends[1, 1], 4) == 100.2001
    assert round(state.numerical, 2) == 20.01
    assert state.analytic == 20
    W = np.array([10.0])
    SGD(learning_rate=0.1).step([W], [np.array([state.analytic])])
    assert W == 8


def test_linear_1_2_with_cross_entropy():
    weights, outputs = np.array([[-0.8399], [-0.6943]]), np.array([[0.1313, -0.4951]])
    x = np.array(
        [[0.1854282]]
    )  # the deck prints 0.1854; of the inputs that print so, one that its slopes imply
    bias = outputs - x @ weights.T
    y = np.array([0])  # Lua counts from 1

    def loss(W):
        return cross_entropy(x @ W.T + bias, y)[0]

    h = 1e-5
    forward = [(loss(weights + h * nudge) - loss(weights)) / h for nudge in np.eye(2)[:, :, None]]
    assert np.round(forward, 7).tolist() == [-0.0645897, 0.0645897]
    # The deck's 15 digits show the curvature: its slopes differ by h x² p₁ p₂ besides their sign.
    assert sum(forward) == pytest.approx(-0.064589666493031 + 0.06458974454171, rel=0.01)
    analytic = cross_entropy(outputs, y)[1].T @ x
    assert np.round(analytic, 6).tolist() == [[-0.064590], [0.064590]]
    assert np.round(numerical_gradient(loss, weights), 6).tolist() == [[-0.064590], [0.064590]]


def test_the_four_printed_digits_of_the_input_hold_the_decks_slope_between_them():
    y, outputs = np.array([0]), np.array([[0.1313, -0.4951]])
    slopes = [(cross_entropy(outputs, y)[1] * x)[0, 1] for x in (0.18535, 0.18545)]
    assert slopes[0] < 0.0645897 < slopes[1]


def test_the_loss_that_the_deck_prints_is_not_that_of_its_outputs():
    outputs = np.array([[0.1313, -0.4951]])
    assert round(cross_entropy(outputs, np.array([0]))[0], 4) == 0.4282
    assert all(abs(cross_entropy(outputs, np.array([k]))[0] - 0.7858) > 0.2 for k in range(2))


# Lecture 05: backpropagation ---------------------------------------------------------------------


NEURON = {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3}


def lecture_05(*cells: str) -> dict:
    """The names that these cells of the notebook define, run by themselves."""
    sources = sources_with_solutions(cells_of(LECTURES / "05_backpropagation.ipynb"))
    names = {"np": np, "inputs": graph.inputs, "after": lambda name: nullcontext()}
    for cell in cells:
        exec(sources[cell], names)
    return names


def by_torch(f, point: dict) -> tuple[float, dict]:
    """The value of f, and its gradients, at a point."""
    leaves = {
        name: torch.tensor(float(x), dtype=torch.float64, requires_grad=True) for name, x in point.items()
    }
    value = f(**leaves)
    value.backward()
    return value.item(), {name: leaf.grad.item() for name, leaf in leaves.items()}


@pytest.mark.parametrize(
    ("point", "value", "gradients"),
    [((-2, 5, -4), -12, (-4, -4, 3)), ((1, -3, 4), -8, (4, 4, -2))],
)
def test_the_graph_of_both_decks(point, value, gradients):
    x, y, z = graph.inputs("x y z")
    f = (x + y) * z
    computational = graph.ComputationalGraph(f)
    bound = dict(zip("xyz", point, strict=True))
    assert computational.forward(**bound) == value
    assert tuple(computational.backward().values()) == gradients
    assert by_torch(lambda x, y, z: (x + y) * z, bound) == (value, dict(zip("xyz", gradients, strict=True)))

    names = lecture_05("sort", "engine-code", "engine-backward")  # and the engine that the students write
    order = []
    names["sort"](f, order)
    assert names["forward"](order, dict(zip((x, y, z), point, strict=True)))[f] == value
    found = names["backward"](f, order)
    assert (found[x], found[y], found[z]) == gradients


def neuron():
    w0, x0, w1, x1, w2 = graph.inputs("w0 x0 w1 x1 w2")
    return 1 / (1 + graph.exp(-(w0 * x0 + w1 * x1 + w2)))


def test_the_sigmoid_neuron():
    computational = graph.ComputationalGraph(neuron())
    value = computational.forward(**NEURON)
    found = computational.backward()
    assert round(value, 2) == 0.73
    rounded = {name: round(float(gradient), 2) for name, gradient in found.items()}
    assert rounded == {"w0": -0.2, "x0": 0.39, "w1": -0.39, "x1": -0.59, "w2": 0.2}

    theirs = by_torch(lambda w0, x0, w1, x1, w2: torch.sigmoid(w0 * x0 + w1 * x1 + w2), NEURON)
    np.testing.assert_allclose(value, theirs[0], rtol=1e-14)
    np.testing.assert_allclose(list(found.values()), [theirs[1][name] for name in found], rtol=1e-13)
    assert round((1 - value) * value, 2) == 0.2  # the sigmoid in one gate


def test_the_sigmoid_neuron_gate_by_gate():
    computational = graph.ComputationalGraph(neuron())
    computational.forward(**NEURON)
    computational.backward()
    steps = computational.trace()
    values = [round(float(step.given[0]), 2) for step in steps if step.phase == "forward"]
    upstream = [round(float(step.taken[0]), 2) for step in steps if step.phase == "backward"]
    assert values == [-2, 6, 4, 1, -1, 0.37, 1.37, 0.73]
    assert upstream == [1, -0.53, -0.53, -0.2, 0.2, 0.2, 0.2, 0.2]


def test_who_goes_on_with_the_rounded_0_20_gets_0_40_and_0_60():
    """The sum hands 0.20 to both products; from there on by hand."""
    upstream = round(float(graph.SigmoidGate().forward(1.0) * (1 - graph.SigmoidGate().forward(1.0))), 2)
    gradients = {}
    for i in "01":
        gate = graph.MultiplyGate()
        gate.forward(NEURON[f"w{i}"], NEURON[f"x{i}"])
        gradients[f"w{i}"], gradients[f"x{i}"] = (round(g, 2) for g in gate.backward(upstream))
    assert gradients == {"w0": -0.2, "x0": 0.4, "w1": -0.4, "x1": -0.6}


@pytest.mark.parametrize(
    ("expression", "theirs", "point", "value", "gradients"),
    [
        (
            "2 * (x*y + max(z, w))",
            lambda x, y, z, w: 2 * (x * y + torch.maximum(z, w)),
            {"x": 3, "y": -4, "z": 2, "w": -1},
            -20,
            {"x": -8, "y": 6, "z": 2, "w": 0},
        ),
        (
            "x*y + x*z",
            lambda x, y, z: x * y + x * z,
            {"x": 2, "y": 3, "z": -4},
            -2,
            {"x": -1, "y": 2, "z": 2},
        ),
        (
            "max(0, 1 - y*(w*x + b)) + lam * w**2",
            lambda y, w, x, b, lam: torch.relu(1 - y * (w * x + b)) + lam * w**2,
            {"y": 1, "w": 0.5, "x": 2, "b": -0.5, "lam": 0.1},
            0.525,
            {"y": -0.5, "w": -1.9, "x": -0.5, "b": -1, "lam": 0.25},
        ),
    ],
)
def test_patterns_branch_and_merged_nodes(expression, theirs, point, value, gradients):
    for node in (graph.parse(expression), graph.merge(graph.parse(expression))):
        computational = graph.ComputationalGraph(node)
        assert computational.forward(**point) == pytest.approx(value, rel=1e-15)
        assert computational.backward() == pytest.approx(gradients, rel=1e-14)
    loss, found = by_torch(theirs, point)
    assert loss == pytest.approx(value, rel=1e-15)
    assert found == pytest.approx(gradients, rel=1e-14)


def test_an_engine_without_one_of_its_ideas_is_wrong_as_the_lecture_says(capsys):
    lecture_05("sort", "engine-code", "engine-backward", "engine-run", "break-order", "break-add")
    said = " ".join(capsys.readouterr().out.split())
    assert "reversed ∂f/∂x = 18 ∂f/∂y = 9" in said
    assert "forward ∂f/∂x = 0 ∂f/∂y = 0" in said
    assert "by distance ∂f/∂x = 6 ∂f/∂y = 9" in said
    assert "overwritten: 6.0 never zeroed, call 1: 18.0 never zeroed, call 2: 66.0" in said


# Lecture 09: convolution and pooling -------------------------------------------------------------


GEOMETRIES = [  # n, kernel_size, padding, stride, dilation
    (224, 11, 2, 4, 1),
    (32, 5, 2, 1, 1),
    (32, 3, 1, 2, 1),
    (32, 3, 0, 1, 2),
    (55, 3, 0, 2, 1),
    (17, 4, 1, 3, 1),
    (9, 3, 2, 1, 2),
    (8, 1, 0, 1, 1),
    (7, 7, 0, 1, 1),
]


def lecture_09(*cells: str, **names) -> dict:
    """The names that these cells of the notebook define, run by themselves, with the solutions."""
    sources = sources_with_solutions(cells_of(LECTURES / "09_convolution_and_pooling.ipynb"))
    names = {"np": np, "nn": nn, "after": lambda name: nullcontext(), **names}
    for cell in cells:
        exec(sources[cell], names)
    return names


def count(module) -> int:
    """The parameters of a module, ours or torch's."""
    found = module.parameters()
    return sum(p.size for p in found[0]) if isinstance(found, tuple) else sum(p.numel() for p in found)


@pytest.mark.parametrize("geometry", GEOMETRIES, ids=str)
def test_sizes_of_convolution_and_pooling_are_those_of_torch_and_of_the_formula(geometry):
    n, k, p, s, d = geometry
    x = np.zeros((1, 2, n, n), np.float32)

    def size(module):
        return tuple((module.forward(x) if isinstance(module, nn.Module) else module(torch.tensor(x))).shape)

    expected = (n + 2 * p - d * (k - 1) - 1) // s + 1
    options = {"stride": s, "padding": p, "dilation": d}
    ours, theirs = nn.Conv2d(2, 3, k, **options), torch.nn.Conv2d(2, 3, k, **options)
    assert size(ours) == size(theirs) == (1, 3, expected, expected)
    assert count(ours) == count(theirs) == 3 * (2 * k * k + 1)
    assert output_size_demo.compute(n, k, p, s, d).by_formula == expected
    if d == 1 and 2 * p <= k:
        for name in ("MaxPool2d", "AvgPool2d"):
            pair = [getattr(library, name)(k, stride=s, padding=p) for library in (nn, torch.nn)]
            assert size(pair[0]) == size(pair[1]) == (1, 2, expected, expected)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("Conv2d", (3, 96, 11)),
        ("Conv2d", (64, 64, 3)),
        ("Conv2d", (64, 64, 1)),
        ("Conv2d", (3, 32, 5)),
        ("Conv2d", (8, 12, (3, 5), 1, 0, 1, 4)),
        ("ConvTranspose2d", (16, 8, 4)),
        ("Linear", (4096, 10)),
        ("BatchNorm2d", (64,)),
        ("MaxPool2d", (2,)),
        ("Dropout", (0.5,)),
    ],
    ids=str,
)
def test_parameter_counts_are_those_of_torch(name, arguments):
    assert count(getattr(nn, name)(*arguments)) == count(getattr(torch.nn, name)(*arguments))


def test_weight_sharing_saves_a_hundred_million(capsys):
    with torch.device("meta"):  # shapes without memory
        dense, shared = torch.nn.Linear(32 * 32 * 3, 32 * 32 * 32), torch.nn.Conv2d(3, 32, 5, padding=2)
    lecture_09("three-counts")
    printed = [int(line.split()[-1].replace(",", "")) for line in capsys.readouterr().out.splitlines()]
    assert printed[0] == count(dense) == 100_696_064
    assert printed[2] == count(shared) == count(nn.Conv2d(3, 32, 5, padding=2)) == 2_432
    assert printed[1] == 32 * 32 * count(shared)  # each place with weights of its own


@pytest.mark.parametrize("cell", ["network", "all-conv-code"])
def test_the_networks_are_those_of_torch_by_a_change_of_import(cell):
    name = {"network": "model", "all-conv-code": "all_conv"}[cell]
    ours = lecture_09("network", cell)[name]
    notebook = json.loads((LECTURES / "09_convolution_and_pooling.ipynb").read_text("utf-8"))
    source = next("".join(found["source"]) for found in notebook["cells"] if found["id"] == cell)
    source = source.partition(".reset(0)")[0]  # torch's start values come from its own generator
    names = {"nn": torch.nn}
    exec(source, names)
    theirs = names[name]
    x, y = np.zeros((2, 3, 32, 32), np.float32), torch.zeros(2, 3, 32, 32)
    for our_layer, their_layer in zip(ours, theirs, strict=True):
        x, y = our_layer.forward(x), their_layer(y)
        assert x.shape == tuple(y.shape)
        assert count(our_layer) == count(their_layer)
    assert x.shape == (2, 10)


def test_receptive_fields_of_the_lecture(capsys):
    lecture_09("receptive-field", "receptive-code")
    numbers = [line.split("yours")[1].split() for line in capsys.readouterr().out.splitlines()]
    assert [(int(yours), int(measured)) for yours, _, measured in numbers] == [(7, 7), (7, 7), (15, 15)]


def test_the_matrix_of_a_convolution_has_nine_numbers():
    names = lecture_09("unit-images")
    M, layer = names["M"], names["layer"]
    assert np.count_nonzero(M) == 22**2 == 484
    assert len(np.unique(M[M != 0])) == 9
    x = np.random.default_rng(1).standard_normal((1, 1, 8, 8))
    theirs = torch.nn.functional.conv2d(torch.tensor(x), torch.tensor(layer.weight), padding=1)
    np.testing.assert_allclose(M @ x.ravel(), theirs.ravel(), atol=1e-12)


# Lecture 07: modules and the chain rule -----------------------------------------------------------


@pytest.mark.parametrize(
    ("batch", "millions", "megabytes", "printed"),
    [(1, 16.78, 64, "16.78 million = 64 MiB"), (16, 4295, 16_384, "4,295 million = 16 GiB")],
)
def test_jacobian_of_4096_to_4096(batch, millions, megabytes, printed):
    layer = module_chain.compute(9, module_chain.AT_WORK, width=12, batch=batch)
    assert layer.sizes[3:5] == (4096, 4096)
    assert round(layer.cost.jacobian / 1e6, 2 if batch == 1 else 0) == millions
    matrix = np.broadcast_to(np.float32(0), (batch * 4096, batch * 4096))  # no memory behind it
    assert matrix.size == layer.cost.jacobian
    assert matrix.nbytes / 2**20 == megabytes  # the deck counts 1 MB as 2**20 bytes
    assert module_chain.readable(layer.cost.jacobian) == printed


def five_layers(sizes):
    """Deck C's net of five sigmoid layers, an input and a target: net, weights, A₀ … A₅, t."""
    rng = np.random.default_rng(0)
    W = {k: rng.standard_normal((sizes[k], sizes[k - 1])) for k in range(1, 6)}
    net = nn.Sequential()
    for k in range(1, 6):
        net.add(nn.Linear(sizes[k - 1], sizes[k], bias=False)).add(nn.Sigmoid())
    net.double()
    for k in W:
        net[2 * k - 2].weight[...] = W[k]
    A, t = [rng.standard_normal(sizes[0])], rng.random(sizes[5])
    for k in W:
        A.append(1 / (1 + np.exp(-W[k] @ A[k - 1])))
    return net, W, A, t


@pytest.mark.parametrize("sizes", [(6, 5, 4, 3, 7, 2), (6, 5, 4, 4, 4, 3)])
def test_the_error_recursion_gives_the_gradients_of_the_modules(sizes):
    net, W, A, t = five_layers(sizes)
    net.backward(A[0][None], net.forward(A[0][None]) - t)
    E = {5: (A[5] - t) * A[5] * (1 - A[5])}
    for k in (4, 3, 2, 1):
        E[k] = (E[k + 1] @ W[k + 1]) * A[k] * (1 - A[k])
    for k in range(1, 6):
        np.testing.assert_allclose(np.outer(E[k], A[k - 1]), net[2 * k - 2].grad_weight, rtol=1e-12)

        def loss(weight, layer=net[2 * k - 2]):
            layer.weight[...] = weight
            return 0.5 * ((net.forward(A[0][None]) - t) ** 2).sum()

        slopes = numerical_gradient(loss, W[k].copy())
        np.testing.assert_allclose(net[2 * k - 2].grad_weight, slopes, rtol=1e-5, atol=1e-9)
        loss(W[k])


def test_the_slides_w3_should_be_w4():
    net, W, A, t = five_layers((6, 5, 4, 4, 4, 3))
    net.backward(A[0][None], net.forward(A[0][None]) - t)
    error_4 = ((A[5] - t) * A[5] * (1 - A[5]) @ W[5]) * A[4] * (1 - A[4])
    found = {k: np.outer((error_4 @ W[k]) * A[3] * (1 - A[3]), A[2]) for k in (3, 4)}
    np.testing.assert_allclose(found[4], net[4].grad_weight, rtol=1e-12)
    assert np.abs(found[3] - net[4].grad_weight).max() > 1e-4


# Lecture 08: activations and deep gradients -------------------------------------------------------


def test_relu_of_the_decks_five_numbers_and_its_gradient():
    n = np.array([-0.0044, -0.1521, 0.4794, -0.1014, 0.4201])
    relu, upstream = nn.ReLU(), np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    assert relu.forward(n).tolist() == [0, 0, 0.4794, 0, 0.4201]
    jacobian = np.diag((n > 0).astype(float))  # d × d: the deck types its diagonal as an element of ℝᵈ
    assert relu.backward(n, upstream).tolist() == (upstream @ jacobian).tolist() == [0, 0, 3, 0, 5]


def test_the_decks_three_lines_cross_zero_at_one_place():
    state = relu_sum_demo.compute(-9.0, 0.0, "+ + +")
    assert state.biases.tolist() == [-8, 12, 4]
    assert state.kinks.tolist() == [-4]
    assert state.sum_at_x == -(2 * -9) - 8
    assert relu_sum_demo.compute(1.0, 0.0, "+ + +").sum_at_x == (3 * 1 + 12) + (1 + 4)


def test_lines_cut_the_plane_into_at_most_the_sum_of_binomials():
    for n in range(1, 13):
        bound = relu_regions_demo.most_regions(n, 2)
        assert bound == 1 + n + n * (n - 1) // 2
        assert relu_regions_demo.compute(n, 0.5, 1, 0).plane == bound  # these lines are in general position
        assert relu_regions_demo.compute(n, 0.0, 1, 0).plane == 2 * n  # and these, through one point, are not
    assert all(relu_regions_demo.most_regions(n, d) == 2**n for n in range(8) for d in range(max(1, n), 9))


def test_the_slopes_of_sigmoid_and_tanh_are_largest_at_zero():
    x = np.linspace(-6, 6, 1201)
    for f, steepest in ((nn.Sigmoid(), 1 / 4), (nn.Tanh(), 1)):
        f.forward(x)
        slopes = f.backward(x, np.ones_like(x))
        assert slopes.max() == slopes[600] == steepest


def test_prelu_by_its_maximum_holds_only_up_to_slope_one():
    for alpha in (0.01, 0.25, 1.0, 2.0):
        prelu, x = nn.PReLU(init=alpha).double(), np.array([-1.0, 3.0])
        alike = np.allclose(prelu.forward(x), np.maximum(prelu.weight * x, x))
        assert alike == (alpha <= 1)


def test_batch_norm_divides_by_the_deviation_where_deck_c_prints_v():
    x = np.random.default_rng(0).standard_normal((32, 4)) * [0.1, 1, 10, 100]
    by_deviation = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-5)
    np.testing.assert_allclose(nn.BatchNorm1d(4).double().forward(x), by_deviation, rtol=1e-12)
    assert np.abs((x - x.mean(axis=0)) / x.var(axis=0) - by_deviation).max() > 1


# Lecture 06: neural networks ----------------------------------------------------------------------


def lecture_06(*cells: str, **names) -> dict:
    """The names that these cells define with our solutions, run by themselves."""
    sources = sources_with_solutions(cells_of(LECTURES / "06_neural_networks.ipynb"))
    names = {"np": np, "nn": nn, "pairwise": itertools.pairwise, **names}
    for cell in cells:
        exec(sources[cell], names)
    names["sources"] = sources
    return names


def test_the_eleven_lines_are_eleven_and_learn_xor():
    names = lecture_06("eleven-lines")
    assert len(names["sources"]["eleven-lines"].splitlines()) == 11
    assert names["X"][:, :2].tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    np.testing.assert_allclose(names["Y"].ravel(), [0, 1, 1, 0], atol=0.02)


def test_the_errors_of_the_eleven_lines_are_the_gradient():
    rng = np.random.default_rng(1)
    start = [rng.standard_normal(shape) for shape in ((3, 4), (4, 1))]
    W1, W2 = (torch.tensor(W, requires_grad=True) for W in start)
    lines = lecture_06()["sources"]["eleven-lines"].splitlines()
    names = {"np": np}
    exec("\n".join(lines[:3]), names)
    names["W1"], names["W2"] = (W.copy() for W in start)
    exec("\n".join(line.strip() for line in lines[5:]), names)  # one step
    X, T = (torch.tensor(names[name], dtype=torch.float64) for name in ("X", "T"))
    loss = ((torch.sigmoid(torch.sigmoid(X @ W1) @ W2) - T) ** 2).sum() / 2
    loss.backward()
    for before, after, W in zip(start, (names["W1"], names["W2"]), (W1, W2), strict=True):
        np.testing.assert_allclose(before - after, W.grad, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_xor_of_deck_c_comes_out_with_its_signs(seed):
    mlp = lecture_06("xor-code")["train_mse"](seed)
    places = np.array([[0.5, 0.5], [0.5, -0.5], [-0.5, 0.5], [-0.5, -0.5]], np.float32)
    printed = [-0.6140, 0.8878, 0.8548, -0.5498]
    assert np.sign(mlp.forward(places)[:, 0]).tolist() == np.sign(printed).tolist()


def test_one_plane_cannot_do_xor_and_two_relus_can():
    names = lecture_06("xor-linear", "xor-weights")
    np.testing.assert_allclose(names["with_one"] @ names["weights"], 0.5)
    W1, b1, W2, b2 = names["xor_weights"]()
    assert (np.maximum(0, names["corners"] @ W1 + b1) @ W2 + b2).tolist() == [0, 1, 1, 0]


@pytest.mark.parametrize(("sizes", "expected"), [((3, 4, 2), (20, 6)), ((3, 4, 4, 1), (32, 9))], ids=str)
def test_weights_and_biases_of_deck_bs_networks(sizes, expected):
    assert lecture_06("count")["count"](sizes) == expected
    theirs = torch.nn.Sequential(*[torch.nn.Linear(a, b) for a, b in itertools.pairwise(sizes)])
    assert sum(p.numel() for p in theirs.parameters()) == sum(expected)


def test_class_numbers_penalise_by_their_distance():
    costs = [nn.MSELoss().forward(np.array([[float(answer)]]), np.array([[0.0]])) for answer in (1, 9)]
    assert costs == [1, 81]
    one_hot = np.eye(10)
    confusions = [nn.MSELoss(reduction="sum").forward(one_hot[k], one_hot[0]) for k in range(1, 10)]
    assert set(confusions) == {2}


def test_each_layer_of_two_relus_doubles_the_pieces():
    assert lecture_06("fold-line")["pieces"] == [2**layers for layers in range(1, 9)]


# Lecture 10: architectures ------------------------------------------------------------------------


def layer_table(name, **options):
    """The table of a net for ImageNet, without drawing its weights."""
    with torch.device("meta"):
        return summarize(build_model(name, 1000, 224, **options), 224)


def test_alexnet_has_about_60_million_parameters_and_vgg_19_about_140():
    assert layer_table("alexnet").parameters == 62_378_344  # deck C's listing
    assert layer_table("alexnet", groups=2).parameters == 60_965_224  # the net of 2012, in two halves
    batch_norm = 2 * sum(row.output[0] for row in layer_table("vgg19").rows if row.kind == "Conv2d")
    assert layer_table("vgg19").parameters - batch_norm == 143_667_240  # the net of 2014 had none
    assert round(60_965_224 / 1e6, -1) == round(62_378_344 / 1e6, -1) == 60
    assert round(143_667_240 / 1e6, -1) == 140


def test_alexnet_s_1_5_billion_operations_count_multiplications_and_additions_of_the_grouped_net():
    of_2012, listing = layer_table("alexnet", groups=2), layer_table("alexnet")
    assert of_2012.operations == 2 * of_2012.multiply_adds == 1_448_813_632
    assert abs(of_2012.operations - 1.5e9) < 0.06e9  # the deck rounds 1.45 up
    assert f"{of_2012.multiply_adds / 1e9:.1f}" == "0.7"  # in VGG's convention
    assert f"{listing.multiply_adds / 1e9:.1f}, {listing.operations / 1e9:.1f}" == "1.1, 2.3"


def test_vgg_19_s_19_6_billion_operations_count_a_multiply_add_once():
    vgg19 = layer_table("vgg19")
    assert f"{vgg19.multiply_adds / 1e9:.1f}" == "19.6"
    assert f"{vgg19.operations / 1e9:.1f}" == "39.3"  # in AlexNet's convention


def test_deck_c_s_475_m_and_1_1_gb_are_eight_bytes_a_parameter():
    """Such as a weight and its gradient in float32; the deck's units are powers of 1024."""
    alexnet, vgg19 = (2 * layer_table(name).total.parameter_bytes for name in ("alexnet", "vgg19"))
    assert int(alexnet / 2**20) == 475
    assert f"{vgg19 / 2**30:.1f}" == "1.1"


def lecture_10(*cells: str, **names) -> dict:
    """The names that these cells of the notebook define, run by themselves."""
    sources = sources_with_solutions(cells_of(LECTURES / "10_architectures.ipynb"))
    names = {
        "np": np, "torch": torch, "nn": torch.nn, "summarize": summarize, "build_model": build_model,
        "FlopCounterMode": FlopCounterMode, "ResidualBlock": ResidualBlock, "explain": explain,
        "trained": trained, "new_pictures": new_pictures, "after": lambda name: nullcontext(), **names,
    }  # fmt: skip
    for cell in cells:
        exec(sources[cell], names)
    names["sources"] = sources
    return names


def test_alexnet_by_hand_is_that_of_the_library(capsys):
    names = lecture_10("numbers-left", "alexnet-left", "conv-cost", "alexnet-by-hand")
    assert "numbers left: 9216" in capsys.readouterr().out
    assert names["parameters"].sum() == layer_table("alexnet").parameters == 62_378_344
    rows = [row for row in layer_table("alexnet").rows if row.multiply_adds]
    assert names["work"].tolist() == [row.multiply_adds for row in rows]
    assert [row.output[-1] for row in rows[:5]] == [55, 27, 13, 13, 13]


def test_three_nets_are_called_alexnet():
    count = lecture_10("grouped", "three-alexnets-code")["alexnet_parameters"]
    assert count((96, 256, 384, 384, 256)) == 62_378_344
    assert count((96, 256, 384, 384, 256), (1, 2, 1, 2, 2)) == 60_965_224
    assert count((64, 192, 384, 256, 256)) == 61_100_840  # torchvision's


def test_the_weights_of_alexnet_are_in_its_linear_layers_and_its_work_in_its_convolutions():
    table = layer_table("alexnet")
    linear = [row for row in table.rows if row.kind == "Linear"]
    convolutions = [row for row in table.rows if row.kind == "Conv2d"]
    assert round(100 * sum(row.parameters for row in linear) / table.parameters) == 94
    assert round(100 * sum(row.multiply_adds for row in convolutions) / table.multiply_adds) == 95
    first, second = convolutions[:2]
    assert first.multiply_adds == 34_848 * 3025 == 105_415_200
    assert linear[0].multiply_adds == 37_748_736
    assert second.multiply_adds == max(row.multiply_adds for row in table.rows)
    assert f"{second.multiply_adds / table.multiply_adds:.1f}" == "0.4"


def test_torch_counts_a_multiply_add_as_two_and_vgg_costs_27_times_as_much(capsys):
    names = lecture_10("alexnet-listing", "counting-code", "flop-counter")
    for line in capsys.readouterr().out.splitlines()[-3:]:
        theirs, ours = (int(word.replace(",", "")) for word in (line.split()[-7], line.split()[-1]))
        assert theirs == ours
    counted = {name: summarize(net, 224).multiply_adds for name, net in names["nets"].items()}
    assert round(counted["VGG-19"] / counted["AlexNet of 2012"]) == 27
    assert round(19.6 / 1.5) == 13


def test_activations_of_a_batch_are_most_of_the_memory_of_training():
    table = layer_table("vgg19").total
    assert 128 * table.activation_bytes > 20e9
    assert 128 * table.activation_bytes > 10 * 3 * table.parameter_bytes
    assert f"{(128 * table.activation_bytes + 3 * table.parameter_bytes) / 1e9:.1f}" == "25.3"
    table = layer_table("alexnet").total  # half of it the weights
    assert f"{(128 * table.activation_bytes + 3 * table.parameter_bytes) / 1e9:.1f}" == "1.5"
    assert f"{3 * table.parameter_bytes / 1e9:.2f}" == "0.75"


def test_small_kernels_one_after_the_other_have_fewer_weights(capsys):
    small_kernels = lecture_10("small-kernels", "vgg-table")["small_kernels"]
    for k, share in ((5, "72%"), (7, "55%")):  # 18 / 25 and 27 / 49
        _, deep, wide = small_kernels(k, 256)
        assert f"{deep / wide:.0%}" == share
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("vgg16: 13 + 3 layers, 138 million")
    assert lines[1].startswith("vgg19: 16 + 3 layers, 144 million")
    rows = [row.parameters for row in layer_table("vgg19").rows if row.kind == "Linear"]
    assert round(rows[0] / 1e6) == 103
    assert 512 * 7 * 7 == 25_088


def test_the_inception_module_has_the_weights_of_googlenet():
    names = lecture_10("inception-code", "inception-exercise", "inception-count")
    counted = sum(p.numel() for p in names["module"].parameters() if p.ndim == 4)
    assert names["weights"] == counted == 163_328
    assert names["maps"] == 256
    assert names["without"] == 387_072
    assert sum(p.numel() for p in names["module"].parameters()) == 163_696
    assert tuple(names["module"](torch.zeros(1, 192, 28, 28)).shape) == (1, 256, 28, 28)
    assert 64 + 128 + 32 + 192 == 416


def test_the_revolution_of_depth(capsys):
    lecture_10("revolution")
    layers = {line.split()[0]: int(line.split()[1]) for line in capsys.readouterr().out.splitlines()}
    assert layers == {"alexnet": 8, "vgg19": 19, "resnet50": 50, "resnet152": 152}
    vgg19, resnet152 = layer_table("vgg19"), layer_table("resnet152")
    assert resnet152.parameters < vgg19.parameters / 2
    assert resnet152.multiply_adds < vgg19.multiply_adds
    assert round(layer_table("resnet50").parameters / 1e6) in (25, 26)
    assert 2**27 == 134_217_728


def test_a_block_with_a_wire_hands_on_what_it_gets():
    names = lecture_10("skip-slopes", "skip-block")
    assert f"without {0.1**27:.0e}, with the wire {1.1**27:.1f}" == "without 1e-27, with the wire 13.1"
    kept, lost = (names["gradient_sizes"](wire) for wire in (True, False))
    assert kept[0] == lost[0]
    assert kept[-1] > kept[0]
    assert lost[-1] < 1e-12
    with torch.device("meta"):
        blocks = [layer for layer in build_model("resnet56").modules() if isinstance(layer, ResidualBlock)]
    assert len(blocks) == 27
    assert torch.equal(names["with_wire"](names["x"]), names["x"])
    assert not names["without"](names["x"]).any()


def test_a_plain_net_of_56_layers_learns_least_and_skips_mend_it():
    """What lecture 10 says of the committed study, of five seeds, on training and validation images."""
    assert len(depth.results()["runs"]) == len(depth.NETS) * len(depth.SEEDS) == 20
    for column in ("train_accuracy", "validation_accuracy"):
        last = {name: seeds[:, -1] for name, seeds in depth.curves_of(column).items()}
        assert all(len(seeds) == 5 for seeds in last.values())
        others = np.concatenate([last[name] for name in depth.NETS if name != "plain56"])
        assert others.min() > last["plain56"].max() + 0.2  # of all seeds
        assert round(last["resnet56"].mean() / last["plain56"].mean()) == 4
        assert last["resnet56"].mean() < last["resnet20"].mean()
        assert last["resnet56"].max() > last["resnet20"].min()  # single seeds overlap


def test_a_little_noise_changes_an_answer_and_random_noise_does_not(capsys):
    names = lecture_10("trained", "adversary", "fgsm-code")
    answers = [line.split()[3] for line in capsys.readouterr().out.splitlines()[-5:]]
    assert answers[:2] == ["ring", "ring"]
    assert "ring" not in answers[2:]  # from 2/255 on
    model, x = names["model"], names["x"].detach()
    for seed in range(5):
        signs = torch.randint(0, 2, x.shape, generator=torch.Generator().manual_seed(seed)) * 2 - 1
        assert names["classes"][int(model((x + 2 / 255 * signs).clamp(0, 1)).argmax())] == "ring"
