"""The contract of every module: students' own ones, parameters and their sharing, modes, dtypes, errors."""

import copy
import pickle

import numpy as np
import pytest
import torch
from examples import LAYERS, has_state, layer
from numpy.testing import assert_allclose, assert_array_equal

from lib import nn
from lib.nn.containers import Container
from lib.nn.testing import check_criterion, check_module

RNG = np.random.default_rng(0)
X = RNG.standard_normal((4, 3))


class Scale(nn.Module):
    """As a student writes it: no super().__init__(), parameters of its own name, one of them a number."""

    parameter_names = ("factor",)

    def __init__(self):
        self.factor = np.array(1.5, np.float32)
        self.grad_factor = np.zeros((), np.float32)

    def update_output(self, x):
        self.output = self.factor * x
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = self.factor * grad_output
        return self.grad_input

    def acc_grad_parameters(self, x, grad_output, scale=1.0):
        self.grad_factor += scale * (x * grad_output).sum()


class Perceptron(nn.Module):
    """A network as a student writes it: layers as attributes and in a list."""

    def __init__(self):
        self.first = nn.Linear(3, 4, seed=1)
        self.rest = [nn.Tanh(), nn.Sequential(nn.Linear(4, 2, seed=2), Scale())]

    def update_output(self, x):
        self.output = self.rest[1](self.rest[0](self.first(x)))
        return self.output

    def update_grad_input(self, x, grad_output):
        tanh, last = self.rest
        hidden = last.update_grad_input(tanh.output, grad_output)
        last.grad_input = hidden
        tanh.grad_input = tanh.update_grad_input(self.first.output, hidden)
        self.grad_input = self.first.update_grad_input(x, tanh.grad_input)
        return self.grad_input

    def acc_grad_parameters(self, x, grad_output, scale=1.0):
        self.rest[1].acc_grad_parameters(self.rest[0].output, grad_output, scale)
        self.first.acc_grad_parameters(x, self.rest[0].grad_input, scale)


# --- students' own modules


def test_a_students_layer_keeps_the_whole_contract():
    check_module(Scale(), X).raise_if_wrong()
    check_module(nn.Sequential(nn.Linear(3, 2), Scale()), X).raise_if_wrong()


def test_a_students_network_keeps_the_whole_contract():
    check_module(Perceptron(), X).raise_if_wrong()


def test_the_parts_of_a_students_network_are_found():
    net = Perceptron()
    assert list(net.children()) == ["first", "rest.0", "rest.1"]
    assert list(net.state()) == [
        "first.weight",
        "first.bias",
        "rest.1.0.weight",
        "rest.1.0.bias",
        "rest.1.1.factor",
    ]
    assert [type(part).__name__ for part in net.walk()] == [
        "Perceptron",
        "Linear",
        "Tanh",
        "Sequential",
        "Linear",
        "Scale",
    ]


def test_layers_in_a_dictionary_are_found_too():
    """Or they would silently learn nothing, and be missing in the saved file."""

    class Net(nn.Module):
        def __init__(self):
            self.layers = {"in": nn.Linear(3, 4), "out": nn.Linear(4, 2)}

    assert len(Net().parameters()[0]) == 4


def test_call_is_the_forward_that_a_subclass_writes():
    class Own(nn.Module):
        def forward(self, x):
            return super().forward(2 * x)

        def update_output(self, x):
            return x + 1

    assert_array_equal(Own()(np.array([1.0])), Own().forward(np.array([1.0])))

    class OwnCriterion(nn.MSELoss):
        def forward(self, x, target):
            return 2 * super().forward(x, target)

    assert OwnCriterion()(X, 0 * X) == OwnCriterion().forward(X, 0 * X)


def test_a_students_criterion_keeps_the_contract_without_super_init():
    class Quartic(nn.Criterion):
        def __init__(self, factor):
            self.factor = factor

        def update_output(self, x, target):
            return self.factor * ((x - target) ** 4).sum()

        def update_grad_input(self, x, target):
            return 4 * self.factor * (x - target) ** 3

    check_criterion(Quartic(2.0), X, X + 1).raise_if_wrong()
    assert repr(Quartic(2.0)).startswith("Quartic(")


def test_what_is_not_written_is_said():
    class Empty(nn.Module):
        pass

    class NoReturn(nn.Module):
        def update_output(self, x):
            self.output = x

    class NoGradient(nn.Module):
        def update_output(self, x):
            return x

        def update_grad_input(self, x, grad_output):
            pass

    with pytest.raises(NotImplementedError, match=r"Empty: write update_output\(self, x\)"):
        Empty()(X)
    with pytest.raises(
        TypeError, match=r"NoReturn\(\): update_output: expected an array, got None; end it with `return"
    ):
        NoReturn()(X)
    module = NoGradient()
    module(X)
    with pytest.raises(TypeError, match=r"NoGradient\(\): update_grad_input: expected an array, got None"):
        module.backward(X, X)


# --- forward, backward


def test_the_output_of_the_method_counts_even_where_it_is_not_kept():
    class Forgetful(nn.Module):
        def update_output(self, x):
            return 2 * x

        def update_grad_input(self, x, grad_output):
            return 2 * grad_output

    check_module(Forgetful(), X).raise_if_wrong()


def test_gradients_add_up_with_their_scales():
    layer = nn.Linear(3, 2).double()
    grad_output = RNG.standard_normal((4, 2))
    layer(X)
    layer.backward(X, grad_output)
    once = [gradient.copy() for gradient in layer.parameters()[1]]
    layer.backward(X, grad_output, -0.5)
    layer.backward(X, grad_output, scale=2)
    for gradient, single in zip(layer.parameters()[1], once, strict=True):
        assert_allclose(gradient, 2.5 * single, rtol=1e-12)


def test_update_parameters_goes_downhill_in_place():
    layer = nn.Linear(3, 2)
    parameters = layer.parameters()[0]
    layer(X)
    layer.backward(X, np.ones((4, 2)))
    expected = [p - np.float32(0.1) * g for p, g in zip(*layer.parameters(), strict=True)]
    layer.update_parameters(np.float64(0.1))
    for parameter, value, now in zip(parameters, expected, layer.parameters()[0], strict=True):
        assert now is parameter
        assert parameter.dtype == np.float32
        assert_allclose(parameter, value, rtol=1e-6)


@pytest.mark.parametrize(
    "module",
    [
        *[nn.Mul(), nn.MulConstant(3), nn.AddConstant(1), nn.Identity(), nn.Dropout2d, nn.PReLU(), Scale()],
        *[nn.Sequential(nn.ReLU(), nn.Tanh()), nn.Residual(nn.Tanh()), nn.Sequential(nn.Mul(), Scale())],
    ],
    ids=lambda module: str(module).replace("\n", ""),
)
@pytest.mark.parametrize("number", [np.array(2.5), np.float64(-2.5), np.float32(1)])
def test_a_number_alone_goes_through_and_comes_back(module, number):
    """As an array of shape (), though numpy makes floats of such arrays at every step."""
    if module is nn.Dropout2d:  # one of those that need axes say so
        with pytest.raises(ValueError, match=r"x: expected \(N, C, H, W\), got shape \(\)"):
            module().forward(number)
        return
    module.double()
    output = module.forward(number)
    grad_input = module.backward(number, output * 2)
    assert type(output) is type(grad_input) is np.ndarray
    assert output.shape == grad_input.shape == ()
    gradients = [gradient.copy() for gradient in module.parameters()[1]]
    module.zero_grad_parameters()
    row = np.full(1, number)
    assert_allclose([output], module.forward(row))
    assert_allclose([grad_input], module.backward(row, module.output * 2))
    for one, other in zip(gradients, module.parameters()[1], strict=True):
        assert_allclose(one, other)
    module.zero_grad_parameters()


def test_a_criterion_takes_a_number_alone():
    for x in (np.float64(0.5), np.array(0.5)):
        made = nn.MSELoss(reduction="none")
        assert np.shape(made.forward(x, 1.0)) == np.shape(made.backward(x, 1.0)) == ()


# --- shared parameters


def tied():
    """Two layers with one weight: the way that the error for a module used twice recommends."""
    first, second = nn.Linear(3, 3, seed=1), nn.Linear(3, 3, seed=2)
    second.weight, second.grad_weight = first.weight, first.grad_weight
    return nn.Sequential(first, nn.Tanh(), second)


def test_shared_weights_are_listed_once():
    parameters, gradients = tied().parameters()
    assert len(parameters) == len(gradients) == 3
    assert len(set(map(id, parameters))) == 3


@pytest.mark.parametrize("convert", [None, "double", "float"])
def test_shared_weights_learn_as_those_of_torch(convert):
    """For several steps: the gradient is the sum over both uses, and both go on sharing."""
    net = tied()
    if convert:
        getattr(net, convert)()
    single = torch.nn.Linear(3, 3).double()
    second_bias = torch.tensor(net[2].bias.astype(np.float64), requires_grad=True)
    single.weight.data, single.bias.data = (
        torch.tensor(a.astype(np.float64)) for a in (net[0].weight, net[0].bias)
    )
    for _ in range(3):
        hidden = torch.tanh(single(torch.tensor(X)))
        loss = (torch.nn.functional.linear(hidden, single.weight, second_bias) ** 2).sum() / 2
        gradients = torch.autograd.grad(loss, [single.weight, single.bias, second_bias])
        with torch.no_grad():
            for parameter, gradient in zip((single.weight, single.bias, second_bias), gradients, strict=True):
                parameter -= 0.1 * gradient
        net.zero_grad_parameters()
        output = net(X)
        net.backward(X, output)
        net.update_parameters(0.1)
        tolerance = 1e-12 if convert == "double" else 1e-5
        assert_allclose(net[0].weight, single.weight.detach().numpy(), rtol=tolerance, atol=tolerance)
        assert_allclose(net[2].bias, second_bias.detach().numpy(), rtol=tolerance, atol=tolerance)
    assert net[2].weight is net[0].weight
    assert net[2].grad_weight is net[0].grad_weight


def test_a_weight_shared_without_its_gradient_does_not_learn_wrongly_in_silence():
    """second.grad_weight would be in no list: never zeroed, never used. To be added up, or refused."""
    net = tied()
    net[2].grad_weight = np.zeros_like(net[2].weight)
    right = tied()
    try:
        for model in (net, right):
            model.zero_grad_parameters()
            model(X)
            model.backward(X, np.ones((4, 3)))
        gradients = net.parameters()[1]
    except (ValueError, RuntimeError):
        return
    for ours, expected in zip(gradients, right.parameters()[1], strict=True):
        assert_allclose(ours, expected)


def test_conversion_keeps_arrays_apart_that_are_apart():
    """A module that stands in two attributes is met twice; memory that is freed is used again."""

    class Twice(nn.Module):
        def __init__(self):
            self.first = nn.Linear(7, 7, seed=1)
            self.again = self.first
            self.others = [nn.Linear(7, 7, seed=2 + i) for i in range(20)]
            self.once_more = self.others

    net = Twice()
    before = {name: array.copy() for name, array in net.state().items()}
    for _ in range(3):
        for convert in (net.double, net.float):
            convert()
            for name, array in net.state().items():
                assert_array_equal(array, before[name].astype(array.dtype))
    assert net.others[0].grad_weight is not net.others[1].grad_weight


# --- modes, dtypes, copies


def test_train_and_eval_reach_every_part():
    net = nn.Sequential(
        nn.Residual(nn.Sequential(nn.Linear(3, 3)), shortcut=nn.Sequential(nn.Identity())),
        nn.Concat(1, nn.ReLU(), Perceptron()),
        nn.ConcatTable(nn.Identity(), nn.Identity()),
        nn.CAddTable(),
    )
    assert all(part.training for part in net.walk())
    assert net.eval() is net
    assert not any(part.training for part in net.walk())
    assert len(list(net.walk())) == 19
    assert net.train() is net
    assert all(part.training for part in net.walk())


def test_double_and_float_convert_everything_and_return_the_module():
    net = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2), Scale()).eval()
    before = {name: array.copy() for name, array in net.state().items()}
    assert net.double() is net
    arrays = [*net.state().values(), *net.parameters()[1]]
    assert {array.dtype for array in arrays} == {np.dtype(np.float64)}
    assert net(X).dtype == np.float64
    assert net.float() is net
    for name, array in net.state().items():
        assert array.dtype == np.float32
        assert_array_equal(array, before[name])


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda module: pickle.loads(pickle.dumps(module))])
def test_a_copy_is_of_its_own_and_keeps_sharing(duplicate):
    net = tied()
    net(X)
    twin = duplicate(net)
    assert twin[2].weight is twin[0].weight
    twin.parameters()[0][0][...] = 0
    assert net[0].weight.all()


def test_reset_draws_layer_after_layer_from_one_generator():
    net = nn.Sequential(nn.Linear(3, 3), nn.Residual(nn.Linear(3, 3)))
    assert_array_equal(net[0].weight, net[1][0][0].weight)  # one default seed, one shape
    arrays = net.state()
    assert net.reset(1) is net
    assert all(array is arrays[name] for name, array in net.state().items())
    assert (net[0].weight != net[1][0][0].weight).all()
    again = nn.Sequential(nn.Linear(3, 3), nn.Residual(nn.Linear(3, 3))).reset(1)
    for name, array in again.state().items():
        assert_array_equal(array, arrays[name])


STATEFUL = [
    name for name in LAYERS if has_state(name) and not issubclass(getattr(nn, name), Container)
]  # every layer with parameters or buffers of its own


@pytest.mark.parametrize("name", STATEFUL)
def test_reset_undoes_all_training(name):
    trained, new = layer(name)[0], layer(name)[0]
    assert new.state(), f"{name} learns, and state() shows nothing: see parameter_names"
    for array in trained.state().values():
        array.fill(7)
    assert trained.reset(0) is trained, (
        f"write {name}.reset(self, seed=0): it draws the start values, returns self"
    )
    for array_name, array in trained.state().items():
        start = new.state()[array_name].astype(np.float32)  # reset draws into what may be float64 by now
        assert_allclose(array, start, rtol=1e-6, err_msg=f"{name}.reset must set {array_name} to its start")


def test_layers_with_state_are_found():
    assert {"Linear", "Conv2d", "Shuffle", "BatchNorm1d", "LayerNorm"} <= set(STATEFUL)
    assert "ReLU" not in STATEFUL


def test_reset_leaves_a_layer_without_parameters_as_it_is():
    assert nn.BatchNorm2d(3, affine=False).reset(0).weight is None


# --- print and errors


def test_print_shows_what_is_inside():
    assert repr(nn.Sequential(nn.Linear(5, 4), nn.Sequential(nn.ReLU()))) == (
        "Sequential(\n  (0): Linear(5 -> 4)\n  (1): Sequential(\n    (0): ReLU()\n  )\n)"
    )
    assert repr(Perceptron()) == (
        "Perceptron(\n  (first): Linear(3 -> 4)\n  (rest.0): Tanh()\n  (rest.1): Sequential(\n"
        "    (0): Linear(4 -> 2)\n    (1): Scale()\n  )\n)"
    )


@pytest.mark.parametrize(
    "x", [X.astype(np.int32), X.astype(np.float16), X.tolist(), 1.0, None, "x", X.astype(object)]
)
def test_what_holds_no_floats_is_refused_by_every_module(x):
    for module in (nn.ReLU(), Scale(), nn.Sequential(nn.ReLU()), Perceptron()):
        with pytest.raises(
            ValueError,
            match=rf"^{type(module).__name__}(\(\))?: x(\[0\])*: expected (a numpy array|float32 or float64)",
        ):
            module(x)


def test_a_refused_input_leaves_the_last_output():
    layer = nn.Linear(3, 2)
    output = layer(X)
    with pytest.raises(ValueError, match="expected"):
        layer(np.ones((2, 5)))
    assert layer.output is output
    layer.backward(X, np.ones((4, 2)))


def test_what_a_criterion_takes_is_one_array():
    for criterion in (nn.MSELoss(), nn.CrossEntropyLoss()):
        with pytest.raises(ValueError, match=r"Loss\(\): x"):
            criterion([X, X], X)
        with pytest.raises(RuntimeError, match=r"Loss\(\): backward: expected forward before it, got none"):
            criterion.backward(X, np.zeros(4, int))


@pytest.mark.parametrize(
    ("mistake", "hint"),
    [
        (lambda: nn.Conv2d(3, 8, 3).forward(np.ones((2, 8, 8, 3))), "x.transpose\\(0, 3, 1, 2\\)"),
        (lambda: nn.Conv2d(3, 8, 3).forward(np.ones((3, 8, 8))), "x\\[None\\]"),
        (lambda: nn.Linear(12, 2).forward(np.ones((2, 3, 2, 2))), "Flatten"),
    ],
)
def test_common_mistakes_with_shapes_get_a_hint(mistake, hint):
    with pytest.raises(ValueError, match=hint):
        mistake()


@pytest.mark.parametrize(("modules", "hint"), [([nn.ReLU()], "one by one"), (nn.ReLU, "make one: ReLU")])
def test_a_list_or_a_class_in_place_of_a_module_gets_a_hint(modules, hint):
    with pytest.raises(TypeError, match=hint):
        nn.Sequential(modules)
