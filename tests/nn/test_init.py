"""Start values: exact properties, statistics with fixed seeds, and the fans against torch."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats
from torch.nn.init import _calculate_fan_in_and_fan_out as torch_fans

from lib import nn
from lib.nn import init

RECIPES = {"xavier": init.xavier, "kaiming": init.kaiming, "gaussian": init.gaussian}


def network():
    """One of everything that has a weight, some of it deep inside; two layers are alike."""
    return nn.Sequential(
        nn.Conv2d(3, 8, (5, 3), bias=False),
        nn.BatchNorm2d(8),
        nn.PReLU(),
        nn.Residual(nn.Conv2d(8, 8, 3, padding=1), nn.LayerNorm((8, 4, 6)), nn.Conv2d(8, 8, 3, padding=1)),
        nn.ConvTranspose2d(8, 4, 3),
        nn.Flatten(),
        nn.Concat(1, nn.Linear(192, 20), nn.Sequential(nn.Linear(192, 20), nn.Tanh())),
        nn.Linear(40, 5),
    )


def layers(model):
    return [part for part in model.walk() if isinstance(part, (nn.Linear, nn.Conv2d, nn.ConvTranspose2d))]


def scribble(model):
    for array in model.state().values():
        array[...] = 7
    return model


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_weights_are_drawn_biases_are_zero_and_nothing_else_changes(recipe):
    model = scribble(network())
    arrays = {name: id(array) for name, array in model.state().items()}
    assert recipe(model, seed=1) is model
    assert {name: id(array) for name, array in model.state().items()} == arrays, "not in place"
    touched = {id(array) for layer in layers(model) for array in (layer.weight, layer.bias)}
    assert len(layers(model)) == 7
    for layer in layers(model):
        assert not (layer.weight == 7).any()
        assert len(np.unique(layer.weight)) > layer.weight.size * 0.99
        assert layer.bias is None or not layer.bias.any()
    rest = [array for array in model.state().values() if id(array) not in touched]
    assert len(rest) == 4 + 1 + 2  # BatchNorm2d, PReLU, LayerNorm
    assert all((array == 7).all() for array in rest)


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_a_seed_gives_the_same_values_and_another_seed_others(recipe):
    first, again, other = (recipe(network(), seed=seed).state() for seed in (3, 3, 4))
    for name, array in first.items():
        assert_array_equal(array, again[name])
    assert not np.array_equal(first["0.weight"], other["0.weight"])
    default, zero = recipe(network()).state(), recipe(network(), seed=0).state()
    assert_array_equal(default["0.weight"], zero["0.weight"])


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_layers_of_one_shape_start_differently(recipe):
    model = recipe(network())
    one, two = model[6][0].weight, model[6][1][0].weight
    assert one.shape == two.shape
    assert abs(np.corrcoef(one.ravel(), two.ravel())[0, 1]) < 0.05


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_a_generator_goes_on_where_it_stands(recipe):
    rng = np.random.default_rng(0)
    first, second = recipe(nn.Linear(3, 4), seed=rng), recipe(nn.Linear(3, 4), seed=rng)
    both = recipe(nn.Sequential(nn.Linear(3, 4), nn.Linear(3, 4)), seed=0)
    assert_array_equal(both[0].weight, first.weight)
    assert_array_equal(both[1].weight, second.weight)


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_float64_starts_as_float32_does(recipe):
    single, double = recipe(network()).state(), recipe(network().double()).state()
    for name, array in double.items():
        assert array.dtype == np.float64
        assert_array_equal(array.astype(np.float32), single[name])


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_shared_weights_are_drawn_once_and_stay_shared(recipe):
    model = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3), nn.Linear(3, 3))
    model[1].weight = model[0].weight
    recipe(model)
    plain = recipe(nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3)))
    assert model[1].weight is model[0].weight
    assert_array_equal(model[0].weight, plain[0].weight)
    assert_array_equal(model[2].weight, plain[1].weight)
    assert not model[1].bias.any()


def test_a_layer_of_ones_own_is_set_too():
    class Mine(nn.Module):
        def __init__(self):
            self.weight, self.grad_weight = np.ones((4, 3)), np.zeros((4, 3))

    mine = Mine()
    init.xavier(mine)
    assert_array_equal(mine.weight, init.xavier(nn.Linear(3, 4).double()).weight)


# --- what is drawn

BIG = {
    "linear": (lambda: nn.Linear(300, 100), 300, 100),
    "convolution": (lambda: nn.Conv2d(16, 40, (5, 3)), 16 * 15, 40 * 15),
    "grouped": (lambda: nn.Conv2d(32, 48, 5, groups=4), 8 * 25, 12 * 25),
    "transposed": (lambda: nn.ConvTranspose2d(16, 40, (5, 3)), 16 * 15, 40 * 15),
    "transposed, grouped": (lambda: nn.ConvTranspose2d(32, 48, 5, groups=4), 8 * 25, 12 * 25),
}


@pytest.mark.parametrize("name", BIG)
def test_xavier_is_uniform_between_its_bounds(name):
    make, fan_in, fan_out = BIG[name]
    weight, bound = init.xavier(make(), seed=1).weight.ravel(), np.sqrt(6 / (fan_in + fan_out))
    assert np.abs(weight).max() <= np.float32(bound)
    assert stats.kstest(weight, stats.uniform(-bound, 2 * bound).cdf).pvalue > 0.01
    assert np.abs(weight).max() > 0.999 * bound


@pytest.mark.parametrize("name", BIG)
@pytest.mark.parametrize("slope", [0.0, 0.25, 1.0])
def test_kaiming_is_gaussian_of_its_deviation(name, slope):
    make, fan_in, _ = BIG[name]
    weight = init.kaiming(make(), seed=1, negative_slope=slope).weight.ravel()
    std = np.sqrt(2 / ((1 + slope**2) * fan_in))
    assert stats.kstest(weight, stats.norm(0, std).cdf).pvalue > 0.01


@pytest.mark.parametrize("std", [0.01, 1.0])
def test_gaussian_has_one_deviation_for_every_layer(std):
    for make, _, _ in BIG.values():
        weight = init.gaussian(make(), std, seed=1).weight.ravel()
        assert stats.kstest(weight, stats.norm(0, std).cdf).pvalue > 0.01


def test_a_deviation_of_zero_gives_zeros():
    assert not init.gaussian(nn.Linear(3, 4), 0).weight.any()


@settings(deadline=None, max_examples=40)
@given(
    inputs=st.integers(1, 4),
    outputs=st.integers(1, 4),
    kernel=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    groups=st.integers(1, 3),
)
def test_fans_are_those_of_torch(inputs, outputs, kernel, groups):
    assert init.fans(nn.Linear(inputs, outputs)) == torch_fans(torch.nn.Linear(inputs, outputs).weight)

    shape = inputs * groups, outputs * groups, kernel
    fan_in, fan_out = torch_fans(torch.nn.Conv2d(*shape, groups=groups).weight)
    assert init.fans(nn.Conv2d(*shape, groups=groups)) == (fan_in, fan_out // groups)

    fan_out, fan_in = torch_fans(torch.nn.ConvTranspose2d(*shape, groups=groups).weight)
    assert init.fans(nn.ConvTranspose2d(*shape, groups=groups)) == (fan_in // groups, fan_out)


@pytest.mark.parametrize("groups", [1, 2])
def test_fans_are_what_their_definition_counts(groups):
    """Ones through a layer of ones: away from the border each output is fan_in, each gradient fan_out."""
    for layer in (nn.Conv2d(4, 6, (3, 5), groups=groups), nn.ConvTranspose2d(4, 6, (3, 5), groups=groups)):
        layer.weight[...], layer.bias[...] = 1, 0
        output = layer(np.ones((1, 4, 12, 12), np.float32))
        grad_input = layer.backward(np.ones((1, 4, 12, 12), np.float32), np.ones_like(output))
        assert init.fans(layer) == (output.max(), grad_input.max())


def test_kaiming_keeps_a_deep_net_alive_where_the_plain_gaussian_does_not():
    def last(recipe):
        net = nn.Sequential(*(part for _ in range(15) for part in (nn.Linear(100, 100), nn.ReLU())))
        return recipe(net)(np.random.default_rng(0).standard_normal((50, 100))).std()

    assert 0.2 < last(init.kaiming) < 5
    assert last(init.gaussian) < 1e-10


def test_xavier_keeps_the_variance_of_a_linear_net():
    net = init.xavier(nn.Sequential(*(nn.Linear(100, 100) for _ in range(10))))
    x = np.random.default_rng(0).standard_normal((50, 100))
    assert_allclose(net(x).std(), 1, rtol=0.2)
    assert_allclose(net.backward(x, x).std(), 1, rtol=0.2)


# --- errors


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
@pytest.mark.parametrize("model", [None, [nn.Linear(2, 2)], np.ones((2, 2)), nn.Linear])
def test_what_is_no_module_is_refused(recipe, model):
    with pytest.raises(ValueError, match=r"model: expected a module"):
        recipe(model)


@pytest.mark.parametrize("std", [-0.1, np.nan, np.inf, "small"])
def test_the_deviation_is_checked(std):
    with pytest.raises(ValueError, match=r"std: expected a number, 0 or more, got"):
        init.gaussian(nn.Linear(2, 2), std)


@pytest.mark.parametrize("slope", [np.nan, np.inf, None])
def test_the_slope_is_checked(slope):
    with pytest.raises(ValueError, match=r"negative_slope: expected a number, 0 for ReLU, got"):
        init.kaiming(nn.Linear(2, 2), negative_slope=slope)


def test_refused_arguments_change_nothing():
    layer = nn.Linear(3, 2)
    before = layer.weight.copy()
    for call in (lambda: init.gaussian(layer, -1), lambda: init.kaiming(layer, negative_slope=np.nan)):
        with pytest.raises(ValueError, match="expected a number"):
            call()
    assert_array_equal(layer.weight, before)


# --- one layer as torch starts it


@pytest.mark.parametrize("shape", [(300, 100), (40, 16, 5, 3)])
def test_uniform_by_fan_in_is_how_torch_starts_its_layers(shape):
    weight, bias = np.empty(shape, np.float32), np.empty(shape[0] * 10, np.float32)
    init.uniform_by_fan_in(weight, bias, 0)
    bound = 1 / np.sqrt(np.prod(shape[1:]))
    for array in (weight, bias):
        assert stats.kstest(array.ravel(), stats.uniform(-bound, 2 * bound).cdf).pvalue > 0.01
    theirs = torch.nn.Linear(*shape[::-1]) if len(shape) == 2 else torch.nn.Conv2d(16, 40, (5, 3))
    assert_allclose(theirs.weight.abs().max().item(), np.abs(weight).max(), rtol=0.01)
