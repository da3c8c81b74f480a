"""`backward` takes the x of the last `forward`, or a copy of it: one rule for all layers and criteria."""

import copy

import numpy as np
import pytest
from examples import CRITERIA, LAYERS, ROWS, criterion, layer
from numpy.testing import assert_array_equal

import lib.nn.module
from lib import nn
from lib.nn.errors import same_values


def parts(value):
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize("name", LAYERS)
def test_another_x_is_refused_by_every_layer_and_changes_nothing(name):
    module, x = layer(name)
    output = module.forward(x)
    module.zero_grad_parameters()
    others = [
        [part + 1 for part in x] if isinstance(x, list) else x + 1,
        [part[::-1].copy() for part in x] if isinstance(x, list) else x[::-1].copy(),
        [part * np.nan for part in x] if isinstance(x, list) else x * np.nan,
    ]
    for other in others:
        with pytest.raises(
            ValueError, match=r"x: expected that of the last forward, got other numbers; call"
        ):
            module.backward(other, output)
    assert not any(gradient.any() for gradient in module.parameters()[1])


@pytest.mark.parametrize("name", LAYERS)
def test_a_copy_of_x_is_as_good(name):
    module, x = layer(name)
    output = module.forward(x)
    expected = module.backward(x, output)
    found = module.backward(copy.deepcopy(x), output)
    for one, other in zip(parts(found), parts(expected), strict=True):
        assert_array_equal(one, other)


@pytest.mark.parametrize("name", LAYERS)
def test_after_another_forward_the_first_x_is_refused(name):
    """What is kept of the other forward, such as outputs or masks, does not belong to it."""
    module, x = layer(name)
    module.forward(x)
    output = module.forward([2 * part for part in x] if isinstance(x, list) else 2 * x)
    with pytest.raises(ValueError, match="other numbers"):
        module.backward(x, output)


def test_a_copy_with_nan_or_of_another_precision_or_layout_is_a_copy():
    layer, x = nn.ReLU(), np.array([[1.0, np.nan], [0.5, -2.0]])
    layer.forward(x)
    for same in (x.copy(), np.asfortranarray(x), x.T.copy().T, x.astype(np.float32)):
        layer.backward(same, x)


def test_an_x_that_was_refused_is_not_the_last_one():
    layer = nn.Linear(3, 2).double()
    output = layer.forward(ROWS)
    with pytest.raises(ValueError, match="expected"):
        layer.forward(np.ones((4, 5)))
    layer.backward(ROWS, output)


def test_the_layers_inside_a_network_follow():
    net = nn.Sequential(
        nn.Linear(3, 3), nn.Residual(nn.Tanh()), nn.ConcatTable(nn.ReLU(), nn.ReLU())
    ).double()
    output = net.forward(ROWS)
    net[0].forward(ROWS + 1)  # behind the network's back
    with pytest.raises(ValueError, match=r"x: expected that of the last forward"):
        net.backward(ROWS, output)


def test_what_is_changed_in_place_is_not_noticed():
    """As documented: it would cost a copy of every x. ReLU's gradient then is that at the changed x."""
    layer, x = nn.ReLU(), np.array([1.0, 2.0])
    layer.forward(x)
    x *= -1
    assert_array_equal(layer.backward(x, np.ones(2)), [0, 0])
    assert "changed in place" in nn.Module.backward.__doc__


def test_the_very_same_x_is_not_compared(monkeypatch):
    layer, x = nn.ReLU(), np.ones(3)
    layer.forward(x)
    monkeypatch.setattr(np, "array_equal", lambda *arrays, **options: pytest.fail("compared"))
    layer.backward(x, x)
    made = nn.MSELoss()
    made.forward(x, x + 1)
    made.backward(x, made.target)


def test_the_same_slice_of_one_array_is_not_compared(monkeypatch):
    X = np.random.default_rng(0).standard_normal((6, 3))
    layer = nn.ReLU()
    with monkeypatch.context() as patch:
        patch.setattr(np, "array_equal", lambda *arrays, **options: pytest.fail("compared"))
        for part in (np.s_[:4], np.s_[::2], np.s_[::-1], np.s_[:, 1:]):
            layer.backward(X[part], layer.forward(X[part]))
        layer.backward(X.T[:2], layer.forward(X.T[:2]))


@pytest.mark.parametrize(
    "other",
    [
        lambda X: X[1:5],
        lambda X: X[3::-1],
        lambda X: X[:4, ::-1],
        lambda X: X.ravel()[:12].reshape(3, 4).T,
        lambda X: X.view(np.int64)[:4].view(np.float64) + 1,
        lambda X: X[[0, 1, 2, 4]],
    ],
    ids=["shifted", "upside down", "mirrored", "turned", "a new array", "other rows"],
)
def test_another_look_at_the_same_memory_is_another_x(other):
    X = np.random.default_rng(0).standard_normal((6, 3))
    layer = nn.ReLU()
    output = layer.forward(X[:4])
    with pytest.raises(ValueError, match="other numbers"):
        layer.backward(other(X), output)


# Criteria.


@pytest.mark.parametrize("name", CRITERIA)
def test_another_x_or_target_is_refused_by_every_criterion(name):
    made, x, target = criterion(name)
    made.forward(x, target)
    with pytest.raises(ValueError, match=r"x: expected that of the last forward, got other numbers"):
        made.backward(x * 0.9, target)
    with pytest.raises(ValueError, match=r"target: expected that of the last forward, got other numbers"):
        made.backward(x, target[::-1].copy())


@pytest.mark.parametrize("name", CRITERIA)
def test_copies_of_x_and_target_are_as_good_and_the_target_may_be_a_list(name):
    made, x, target = criterion(name)
    made.forward(x, target)
    expected = made.backward(x, target)
    assert_array_equal(made.backward(x.copy(), target.copy()), expected)
    assert_array_equal(made.backward(x, target.tolist()), expected)
    made.forward(x, target.tolist())
    assert_array_equal(made.backward(x, target.tolist()), expected)


def test_cross_entropy_does_not_give_the_gradient_of_the_forward_before():
    """The fault that was found: silently the gradient for a."""
    a, b, y = np.array([[1.0, 2.0]]), np.array([[3.0, -1.0]]), np.array([0])
    for made, backward in ((nn.CrossEntropyLoss(), y), (nn.Softmax(), b)):
        made.forward(a, y) if isinstance(made, nn.Criterion) else made.forward(a)
        with pytest.raises(ValueError, match="other numbers"):
            made.backward(b, backward)


@pytest.mark.parametrize("container", [nn.Sequential, nn.Residual])
def test_a_copy_is_compared_once_in_a_network_not_again_in_each_layer(container, monkeypatch):
    compared = []

    def counted(left, right):
        compared.append((left, right))
        return same_values(left, right)

    monkeypatch.setattr(lib.nn.module, "same_values", counted)
    network, x = container(nn.Sequential(nn.Linear(3, 3))), np.ones((2, 3), np.float32)
    network.backward(x.copy(), np.ones_like(network.forward(x)))
    assert len(compared) == 1
