"""Modules made of modules: random networks against the same in torch, and what the containers promise."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from lib import nn
from lib.nn.testing import check_module

RNG = np.random.default_rng(0)
X = RNG.standard_normal((4, 3))

# --- random networks, ours and torch's side by side


class Apply(torch.nn.Module):
    """What torch has no container for."""

    def __init__(self, join, *branches):
        super().__init__()
        self.branches = torch.nn.ModuleList(branches)
        self.join = join

    def forward(self, x):
        return self.join([branch(x) for branch in self.branches])


ACTIVATIONS = [
    (nn.ReLU, torch.nn.ReLU),
    (nn.Tanh, torch.nn.Tanh),
    (nn.Sigmoid, torch.nn.Sigmoid),
    (nn.Identity, torch.nn.Identity),
]


@st.composite
def networks(draw, width, depth=2):
    """(ours, torch's, output width) for input (N, width): containers in each other, at most depth deep."""
    parts, theirs = [], []
    kinds = ["linear", "activation"] + (
        ["sequential", "residual", "shortcut", "concat", "table"] if depth else []
    )
    for kind in draw(st.lists(st.sampled_from(kinds), max_size=3)):
        if kind == "linear":
            outputs = draw(st.integers(1, 4))
            parts.append(nn.Linear(width, outputs, draw(st.booleans()), seed=draw(st.integers(0, 1000))))
            theirs.append(torch.nn.Linear(width, outputs, parts[-1].bias is not None).double())
            width = outputs
        elif kind == "activation":
            ours, other = draw(st.sampled_from(ACTIVATIONS))
            parts.append(ours())
            theirs.append(other())
        elif kind == "sequential":
            inner, other, width = draw(networks(width, depth=depth - 1))
            parts.append(inner)
            theirs.append(other)
        elif kind == "residual":  # the branch ends in a Linear that leads back to the width
            inner, other, outputs = draw(networks(width, depth=depth - 1))
            parts.append(nn.Residual(inner, nn.Linear(outputs, width)))
            back = torch.nn.Linear(outputs, width).double()
            theirs.append(Apply(sum, torch.nn.Sequential(other, back), torch.nn.Identity()))
        elif kind == "shortcut":
            inner, other, outputs = draw(networks(width, depth=depth - 1))
            parts.append(nn.Residual(inner, shortcut=nn.Linear(width, outputs, bias=False)))
            theirs.append(Apply(sum, other, torch.nn.Linear(width, outputs, False).double()))
            width = outputs
        else:
            branches = [draw(networks(width, depth=depth - 1)) for _ in range(draw(st.integers(1, 3)))]
            if kind == "concat":
                parts.append(nn.Concat(draw(st.sampled_from([1, -1])), *(ours for ours, _, _ in branches)))
                theirs.append(
                    Apply(lambda outputs: torch.cat(outputs, 1), *(other for _, other, _ in branches))
                )
                width = sum(outputs for _, _, outputs in branches)
            else:
                ours = [nn.Sequential(inner, nn.Linear(outputs, 2)) for inner, _, outputs in branches]
                other = [
                    torch.nn.Sequential(inner, torch.nn.Linear(n, 2).double()) for _, inner, n in branches
                ]
                parts += [nn.ConcatTable(*ours), nn.CAddTable()]
                theirs.append(Apply(sum, *other))
                width = 2
    return nn.Sequential(*parts), torch.nn.Sequential(*theirs), width


@st.composite
def problems(draw):
    """A network, its twin in torch with the same numbers, an input and a gradient of the output."""
    width = draw(st.integers(1, 4))
    ours, theirs, outputs = draw(networks(width))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    ours.double().reset(rng)
    for parameter, other in zip(ours.parameters()[0], theirs.parameters(), strict=True):
        other.data = torch.tensor(parameter)
    batch = draw(st.integers(1, 3))
    return ours, theirs, rng.standard_normal((batch, width)), rng.standard_normal((batch, outputs))


def assert_gradients_close(model, expected):
    for ours, theirs in zip(model.parameters()[1], expected, strict=True):
        assert_allclose(ours, theirs, rtol=1e-10, atol=1e-12)


@settings(deadline=None, max_examples=80)
@given(problem=problems())
def test_random_networks_are_those_of_torch(problem):
    ours, theirs, x, grad_output = problem
    tensor = torch.tensor(x, requires_grad=True)
    output = theirs(tensor)
    output.backward(torch.tensor(grad_output))
    expected = [parameter.grad.numpy() for parameter in theirs.parameters()]
    kept = x.copy(), grad_output.copy()

    assert_allclose(ours(x), output.detach().numpy(), rtol=1e-10, atol=1e-12)
    assert_allclose(ours.backward(x, grad_output), tensor.grad.numpy(), rtol=1e-10, atol=1e-12)
    assert_gradients_close(ours, expected)
    ours.backward(x, grad_output, 2.0)
    assert_gradients_close(ours, [3 * gradient for gradient in expected])

    ours.zero_grad_parameters()
    assert ours.backward(x, grad_output, need_grad_input=False) is None
    assert_gradients_close(ours, expected)

    ours.zero_grad_parameters()
    assert_allclose(ours.update_grad_input(x, grad_output), tensor.grad.numpy(), rtol=1e-10, atol=1e-12)
    ours.acc_grad_parameters(x, grad_output, 0.5)
    assert_gradients_close(ours, [gradient / 2 for gradient in expected])
    assert_array_equal(x, kept[0])
    assert_array_equal(grad_output, kept[1])


@settings(deadline=None, max_examples=6)
@given(problem=problems())
def test_random_networks_keep_the_contract(problem):
    ours, _, x, _ = problem
    check_module(ours, x).raise_if_wrong()


# --- what nobody needs is not computed


class Spy(nn.Module):
    """Counts what it is asked for."""

    def __init__(self):
        self.weight, self.grad_weight = np.ones(3), np.zeros(3)
        self.calls = []

    def update_output(self, x):
        return x * self.weight

    def update_grad_input(self, x, grad_output):
        self.calls.append("update_grad_input")
        return grad_output * self.weight

    def acc_grad_parameters(self, x, grad_output, scale=1.0):
        self.calls.append("acc_grad_parameters")
        self.grad_weight += scale * (x * grad_output).sum(axis=0)


WRAPPINGS = {
    "alone": lambda *spies: nn.Sequential(*spies),
    "nested": lambda *spies: nn.Sequential(nn.Sequential(nn.Sequential(*spies), nn.Tanh())),
    "residual": lambda *spies: nn.Sequential(nn.Residual(*spies), nn.Linear(3, 2)),
    "concat": lambda *spies: nn.Sequential(nn.Concat(1, nn.Sequential(*spies), nn.Identity())),
    "table": lambda *spies: nn.Sequential(nn.ConcatTable(nn.Sequential(*spies), nn.Tanh()), nn.CAddTable()),
    "shortcut": lambda *spies: nn.Residual(nn.Tanh(), shortcut=nn.Sequential(*spies)),
}


@pytest.mark.parametrize("wrap", WRAPPINGS.values(), ids=WRAPPINGS)
@pytest.mark.parametrize("need", [True, False])
def test_the_first_layers_gradient_in_x_is_skipped_where_nobody_asks(wrap, need):
    first, second = Spy(), Spy()
    model = wrap(first, second)
    output = model(X)
    grad_input = model.backward(X, np.ones_like(output), need_grad_input=need)
    assert (grad_input is None) != need
    assert model.grad_input is grad_input
    assert first.calls == ["update_grad_input"] * need + ["acc_grad_parameters"]
    assert second.calls == ["update_grad_input", "acc_grad_parameters"]


# --- Sequential


def test_a_sequence_is_a_list_of_its_modules():
    parts = [nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2)]
    model = nn.Sequential(*parts)
    assert len(model) == 3
    assert list(model) == parts
    assert model[0] is parts[0]
    assert model[-1] is parts[2]
    assert isinstance(model[1:], nn.Sequential)
    assert list(model[1:]) == parts[1:]
    assert_array_equal(model[1:](model[0](X)), model(X))
    with pytest.raises(IndexError):
        model[3]


def test_modules_can_be_added_one_by_one():
    model = nn.Sequential().add(nn.Linear(3, 4)).add(nn.Tanh())
    assert [type(part) for part in model] == [nn.Linear, nn.Tanh]
    check_module(model, X).raise_if_wrong()


def test_making_a_container_looks_at_each_module_once():
    """And not, for each that comes, at all that are there."""
    looks = []

    class Counted(nn.Identity):
        def children(self):
            looks.append(self)
            return {}

    nn.Sequential(*(Counted() for _ in range(50)))
    assert len(looks) == 50


def test_several_modules_can_be_added_at_once_or_none_of_them():
    model, layer = nn.Sequential(nn.Tanh()), nn.ReLU()
    for wrong in ("ReLU", layer):
        with pytest.raises((TypeError, ValueError)):
            model.add(layer, wrong)
        assert len(model) == 1
    assert list(model.add(layer, nn.Tanh()))[1] is layer
    assert len(model) == 3


def test_the_empty_sequence_passes_everything_on():
    check_module(nn.Sequential(), X).raise_if_wrong()
    check_module(nn.Sequential(nn.Sequential(), nn.Linear(3, 2), nn.Sequential()), X).raise_if_wrong()


def test_every_module_keeps_its_own_output_and_gradient():
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))
    output = model(X)
    grad_input = model.backward(X, np.ones_like(output))
    assert model.output is model[2].output
    assert_array_equal(model[1].output, np.tanh(model[0].output))
    assert grad_input is model.grad_input
    assert_array_equal(grad_input, model[0].grad_input)


def test_the_caller_may_change_what_it_gave_and_got():
    """In place, between forward and backward."""
    model = nn.Sequential(nn.Residual(nn.Identity()), nn.Concat(1, nn.Linear(3, 2), nn.Identity()))
    plain = nn.Sequential(nn.Residual(nn.Identity()), nn.Concat(1, nn.Linear(3, 2), nn.Identity()))
    grad_output = RNG.standard_normal((4, 5))
    plain(X)
    expected = plain.backward(X, grad_output)
    output = model(X)
    output *= 0
    assert_array_equal(model.backward(X, grad_output), expected)
    assert_gradients_close(model, plain.parameters()[1])


# --- errors name the layer


def notes(info):
    return getattr(info.value, "__notes__", [])


def test_the_error_of_forward_names_the_layer_and_where_it_stands():
    model = nn.Sequential(nn.Linear(3, 4), nn.Residual(nn.Sequential(nn.ReLU(), nn.Linear(5, 4))))
    with pytest.raises(
        ValueError, match=r"Linear\(5 -> 4\): x: expected \(N, 5\), got shape \(4, 4\)"
    ) as info:
        model(X)
    assert notes(info) == [
        "in module 1 of Sequential: Linear(5 -> 4)",
        "in module 0 of Sequential: Sequential",
        "in module 0 of Residual: Sequential",
        "in module 1 of Sequential: Residual",
    ]


def test_the_error_of_backward_names_the_layer_and_where_it_stands():
    class Broken(nn.ReLU):
        def update_grad_input(self, x, grad_output):
            raise ZeroDivisionError("a bug")

    model = nn.Sequential(nn.Concat(1, nn.Linear(3, 3), Broken()), nn.Tanh())
    output = model(X)
    with pytest.raises(ZeroDivisionError, match="a bug") as info:
        model.backward(X, output)
    assert notes(info) == ["in module 1 of Concat: Broken()", "in module 0 of Sequential: Concat"]


def test_a_gradient_of_the_wrong_shape_from_a_layer_is_found_at_the_next():
    class Transposes(nn.Identity):
        def update_grad_input(self, x, grad_output):
            return grad_output.T

    model = nn.Sequential(nn.Linear(3, 2), Transposes())
    output = model(X)
    with pytest.raises(
        ValueError, match=r"Transposes\(\): grad_input: expected \(4, 2\), as x has, got shape \(2, 4\)"
    ):
        model.backward(X, output)


@pytest.mark.parametrize(
    ("x", "grad_output", "message"),
    [
        (
            X,
            np.ones((4, 3)),
            r"Sequential: grad_output: expected \(4, 2\), as the output is, got shape \(4, 3\)",
        ),
        (
            X,
            [np.ones((4, 2))],
            r"Sequential: grad_output: expected \(4, 2\).*, got a list of shapes \[\(4, 2\)\]",
        ),
        (X, None, r"Sequential: grad_output: expected a numpy array of floats, got NoneType"),
        (X.astype(int), np.ones((4, 2)), r"Sequential: x: expected float32 or float64, got dtype int64"),
        (X[:2], np.ones((4, 2)), r"x"),
    ],
)
def test_what_backward_does_not_take_is_named_and_changes_nothing(x, grad_output, message):
    model = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 2))
    model(X)
    with pytest.raises(ValueError, match=message):
        model.backward(x, grad_output)
    assert not any(gradient.any() for gradient in model.parameters()[1])


def test_backward_before_forward_is_refused():
    for model in (nn.Sequential(nn.Linear(3, 2)), nn.Concat(1, nn.ReLU()), nn.Residual(), nn.CAddTable()):
        with pytest.raises(RuntimeError, match="backward: expected forward before it"):
            model.backward(X, X)


def test_after_a_forward_that_failed_backward_is_refused():
    """The first layers remember the new input, the last ones the old: a gradient would mix both."""
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Flatten(), nn.Linear(4, 2))
    output = model(X)
    model[2].check_input = lambda x: (_ for _ in ()).throw(ValueError("no"))
    with pytest.raises(ValueError, match="no"):
        model(X + 1)
    del model[2].check_input
    with pytest.raises(RuntimeError, match="backward: expected forward before it"):
        model.backward(X, np.ones_like(output))


@pytest.mark.parametrize("what", [nn.ReLU, "ReLU", None, np.tanh, [nn.ReLU()]])
@pytest.mark.parametrize(
    "make", [nn.Sequential, nn.ConcatTable, nn.Residual, lambda module: nn.Concat(1, module)]
)
def test_what_is_no_module_is_refused(make, what):
    with pytest.raises(TypeError, match=r": expected a module, got "):
        make(what)


def test_the_same_module_twice_is_refused():
    layer = nn.Linear(3, 3)
    inside = nn.Sequential(layer)
    for make in (
        lambda: nn.Sequential(layer, nn.ReLU(), layer),
        lambda: nn.Sequential(inside, layer),
        lambda: nn.Sequential(layer, inside),
        lambda: nn.Residual(layer, shortcut=layer),
        lambda: nn.Concat(1, inside, nn.Sequential(nn.Residual(layer))),
    ):
        with pytest.raises(
            ValueError, match=r"modules: expected each module once, .*, got .* twice; make a second one"
        ):
            make()
    with pytest.raises(ValueError, match="expected each module once"):
        inside.add(inside)
    outer = nn.Sequential(inside)
    with pytest.raises(ValueError, match="expected each module once"):
        inside.add(outer)
    assert len(inside) == 1


# --- Concat, ConcatTable, CAddTable, Residual


@settings(deadline=None, max_examples=30)
@given(
    shape=st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple),
    branches=st.integers(1, 3),
    dim=st.integers(-4, 3),
    seed=st.integers(0, 1000),
)
def test_concat_joins_along_any_axis(shape, branches, dim, seed):
    dim = max(-len(shape), min(dim, len(shape) - 1))
    x = np.random.default_rng(seed).standard_normal(shape)
    model = nn.Concat(dim, *(nn.MulConstant(i + 1) for i in range(branches)))
    expected = torch.cat([torch.tensor(x) * (i + 1) for i in range(branches)], dim).numpy()
    assert_array_equal(model(x), expected)
    grad_output = np.random.default_rng(seed + 1).standard_normal(expected.shape)
    parts = torch.tensor_split(torch.tensor(grad_output), branches, dim)
    assert_allclose(
        model.backward(x, grad_output), sum((i + 1) * part for i, part in enumerate(parts)).numpy()
    )


def test_concat_says_what_does_not_fit():
    model = nn.Concat(0, nn.Linear(3, 2), nn.Linear(3, 4))
    with pytest.raises(ValueError, match=r"Concat.*\(4, 2\).*\(4, 4\)"):
        model(X)
    with pytest.raises(ValueError, match=r"Concat.*2"):
        nn.Concat(2, nn.Linear(3, 2), nn.Linear(3, 2))(X)
    with pytest.raises(ValueError, match=r"Concat"):
        nn.Concat(1, nn.ConcatTable(nn.ReLU(), nn.ReLU()), nn.ReLU())(X)


@pytest.mark.parametrize("dim", [nn.ReLU(), 1.0, None, "1", True])
def test_the_axis_of_concat_is_checked(dim):
    with pytest.raises((TypeError, ValueError), match=r"Concat: dim: expected a number"):
        nn.Concat(dim, nn.ReLU())


def test_concat_shows_its_axis():
    assert "1" in repr(nn.Concat(1, nn.ReLU())).split("(0)")[0]


def test_containers_of_nothing_say_so():
    """ConcatTable and Concat have no output then."""
    for make in (nn.ConcatTable, lambda: nn.Concat(1)):
        with pytest.raises(ValueError, match=r"Concat"):
            make()(X)


def test_tables_in_tables():
    model = nn.ConcatTable(nn.Linear(3, 2), nn.ConcatTable(nn.Tanh(), nn.Linear(3, 1)))
    first, (second, third) = model(X)
    assert (first.shape, second.shape, third.shape) == ((4, 2), (4, 3), (4, 1))
    check_module(model, X).raise_if_wrong()
    check_module(nn.CAddTable(), [X, X + 1, X - 2]).raise_if_wrong()
    check_module(
        nn.Sequential(nn.ConcatTable(nn.Tanh(), nn.Linear(3, 3), nn.Identity()), nn.CAddTable()), X
    ).raise_if_wrong()


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (X, r"CAddTable\(\): x: expected a list of arrays of one shape, got shape \(4, 3\)"),
        (
            [X, X[:2]],
            r"CAddTable\(\): x: expected a list .*, got a list of shapes \[\(4, 3\), \(2, 3\)\]",
        ),
        ([], r"CAddTable\(\): x: expected a list of arrays of one shape, got an empty list"),
        ([X, [X, X]], r"CAddTable\(\): x: expected a list of arrays of one shape, got a list of shapes"),
        ([X, [X, X[:2]]], r"CAddTable\(\): x: expected a list of arrays of one shape, got a list of shapes"),
        ([X, X.astype(int)], r"CAddTable\(\): x\[1\]: expected float32 or float64, got dtype int64"),
    ],
)
def test_what_caddtable_does_not_take_is_named(x, message):
    with pytest.raises(ValueError, match=message):
        nn.CAddTable()(x)


@pytest.mark.parametrize(
    ("grad_output", "message"),
    [
        (
            [X],
            r"ConcatTable: grad_output: expected a list of 2 arrays.*, got a list of shapes \[\(4, 3\)\]",
        ),
        (X, r"ConcatTable: grad_output: expected a list of 2 arrays, as the output is, got shape \(4, 3\)"),
        (
            [X, X[:, :2]],
            r"ConcatTable: grad_output\[1\]: expected \(4, 3\), as the output is, got shape \(4, 2\)",
        ),
        ([X, None], r"ConcatTable: grad_output\[1\]: expected a numpy array of floats, got NoneType"),
    ],
)
def test_what_the_backward_of_a_table_does_not_take_is_named(grad_output, message):
    table = nn.ConcatTable(nn.Tanh(), nn.ReLU())
    table(X)
    with pytest.raises(ValueError, match=message):
        table.backward(X, grad_output)


def test_a_residual_says_what_does_not_fit():
    with pytest.raises(
        ValueError, match=r"Residual: modules: expected \(4, 3\), as the shortcut gives, got \(4, 2\)"
    ):
        nn.Residual(nn.Linear(3, 2))(X)


def test_a_residual_of_one_shape_never_broadcasts():
    with pytest.raises(
        ValueError, match=r"Residual: modules: expected \(4, 3\), as the shortcut gives, got \(4, 1\)"
    ):
        nn.Residual(nn.Linear(3, 1))(X)


def test_the_gradients_that_branches_share_are_not_added_up_in_place():
    """Two branches that hand the same array back: x's gradient is their sum, theirs stay."""
    model = nn.Residual(nn.Identity())
    model(X)
    grad_output = RNG.standard_normal((4, 3))
    kept = grad_output.copy()
    assert_array_equal(model.backward(X, grad_output), 2 * kept)
    assert_array_equal(grad_output, kept)
    assert_array_equal(model[1].grad_input, kept)


def test_a_table_module_of_ones_own_takes_and_gives_lists():
    class Swap(nn.TableModule):
        def update_output(self, x):
            return x[::-1]

        def update_grad_input(self, x, grad_output):
            return grad_output[::-1]

    check_module(Swap(), [X, X[:, :2]]).raise_if_wrong()
    net = nn.Sequential(nn.ConcatTable(nn.Tanh(), nn.Linear(3, 3)), Swap(), nn.CAddTable()).double()
    check_module(net, X).raise_if_wrong()
    assert isinstance(nn.ConcatTable(nn.Identity()), nn.TableModule)
