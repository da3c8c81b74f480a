"""A net and its twin in torch: every layer, whole nets, both ways."""

import copy
from collections import OrderedDict

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from twins import IMAGES, VECTORS, assert_twins, close, networks, single

from lib import nn
from lib.convnets.bridge import copy_weights, from_torch, names, to_torch
from lib.convnets.bridge.arrays import all_arrays
from lib.convnets.bridge.counterparts import ROWS

LAYERS = {ours for ours, _, _ in ROWS if issubclass(ours, nn.Module)}
CRITERIA = {ours for ours, _, _ in ROWS if issubclass(ours, nn.Criterion)}
NO_TWIN = {nn.MultiMarginLoss}  # torch's is divided by the number of classes
BASES = {nn.Module, nn.TableModule, nn.Criterion}


def public():
    return {value for name in nn.__all__ if isinstance(value := getattr(nn, name), type)}


def in_each_mode(net, *, dropout):
    yield net.eval()
    if not dropout:
        yield net.train()


def has_dropout(net):
    return any(isinstance(part, nn.Dropout) for part in net.walk())


def test_every_class_of_lib_nn_has_a_row_or_a_reason():
    assert public() == LAYERS | CRITERIA | NO_TWIN | BASES
    assert set(VECTORS) | set(IMAGES) == LAYERS


# --- the same numbers


@pytest.mark.parametrize("kind", sorted(LAYERS, key=lambda kind: kind.__name__))
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_a_layer_and_its_twin_give_the_same_numbers_in_both_precisions_and_modes(kind, data):
    layer, x = data.draw(single(kind))
    for net in in_each_mode(layer, dropout=has_dropout(layer)):
        assert_twins(net, to_torch(net), x)
        assert_twins(narrow := copy.deepcopy(net).float(), to_torch(narrow), x.astype(np.float32))


@settings(max_examples=100, deadline=None)
@given(both=networks(dropout=False))
def test_a_net_and_its_twin_give_the_same_numbers_in_both_modes(both):
    net, x = both
    for mode in in_each_mode(net, dropout=False):
        assert_twins(mode, to_torch(mode), x)
        assert_twins(narrow := copy.deepcopy(mode).float(), to_torch(narrow), x.astype(np.float32))


@settings(max_examples=30, deadline=None)
@given(both=networks(dropout=True))
def test_there_and_back_again_the_net_is_the_same(both):
    net, x = both
    twin = to_torch(net.eval())
    again = from_torch(twin)
    assert repr(again) == repr(net)
    assert [*again.state()] == [*net.state()]
    for name, array in net.state().items():
        assert_array_equal(again.state()[name], array)
        assert not np.may_share_memory(again.state()[name], array)
    assert_array_equal(again.forward(x), net.forward(x))

    once_more = to_torch(again)
    assert repr(once_more) == repr(twin)
    assert [*once_more.state_dict()] == [*twin.state_dict()]
    for name, tensor in twin.state_dict().items():
        assert torch.equal(once_more.state_dict()[name], tensor)
    tensor = torch.tensor(x)
    assert torch.equal(once_more(tensor), twin(tensor))
    assert_twins(again, twin, x)


@pytest.mark.parametrize("momentum", [0.1, 0.7, 1.0, None])
def test_running_averages_go_on_alike_from_where_the_twin_was_made(momentum):
    rng = np.random.default_rng(0)
    ours = nn.Sequential(nn.BatchNorm2d(3, momentum=momentum)).double()
    for step in range(6):
        x = rng.standard_normal((4, 3, 2, 2)) * (step + 1) + step
        if step == 3:
            theirs = to_torch(ours)
            back = from_torch(theirs)
        if step >= 3:
            theirs(torch.tensor(x))
            back.forward(x)
        ours.forward(x)
    for name in ("running_mean", "running_var"):
        close(getattr(ours[0], name), getattr(theirs[0], name))
        assert_array_equal(getattr(ours[0], name), getattr(back[0], name))
    assert theirs[0].num_batches_tracked == (6 if momentum is None else 3)  # counted only where it counts


def test_the_twin_of_hardsigmoid_has_the_gradient_of_torch_which_is_exact_to_float32_only():
    x = np.linspace(-4, 4, 33)
    theirs, tensor = to_torch(nn.Hardsigmoid()), torch.tensor(x, requires_grad=True)
    close(nn.Hardsigmoid().forward(x), theirs(tensor))
    theirs(tensor).sum().backward()
    (ours := nn.Hardsigmoid()).forward(x)
    assert np.abs(ours.backward(x, np.ones(33)) - tensor.grad.numpy()).max() < 5e-9


def criteria():
    weights = np.array([0.1, 0.7, 2.0, 0.3])
    scores, table = (5, 4), (5, 4)
    for reduction in ("mean", "sum", "none"):
        for made in (nn.MSELoss(reduction=reduction), nn.L1Loss(reduction=reduction)):
            yield made, table, "table"
        yield nn.SmoothL1Loss(reduction=reduction, beta=0.3), table, "table"
        yield nn.NLLLoss(weights, reduction=reduction), scores, "classes"
        yield nn.NLLLoss(ignore_index=2, reduction=reduction), (5, 4, 2, 3), "classes"
        yield nn.CrossEntropyLoss(reduction=reduction), scores, "classes"
        yield nn.CrossEntropyLoss(ignore_index=None, reduction=reduction), scores, "classes"
        smooth = nn.CrossEntropyLoss(weights, ignore_index=1, label_smoothing=0.1, reduction=reduction)
        yield smooth, scores, "classes"
        yield nn.BCELoss(reduction=reduction), table, "probabilities"
        yield nn.BCELoss(weights, reduction=reduction), table, "probabilities"
        yield nn.BCEWithLogitsLoss(weights, reduction=reduction, pos_weight=3 * weights), table, "table"
        yield nn.BCEWithLogitsLoss(0.5, reduction=reduction), table, "table"


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("criterion", "shape", "kind"), [*criteria()])
def test_a_criterion_and_its_twin_give_the_same_loss_and_gradient(criterion, shape, kind, dtype):
    rng = np.random.default_rng(0)
    x, target = rng.random(shape).astype(dtype), rng.random(shape).astype(dtype)
    if kind == "classes":
        target = rng.integers(0, 4, (shape[0], *shape[2:]))
    theirs = to_torch(criterion, dtype=torch.float64 if dtype is np.float64 else None)
    for ours in (criterion, from_torch(theirs)):
        tensor = torch.tensor(x, requires_grad=True)
        loss = theirs(tensor, torch.tensor(target))
        close(np.asarray(ours.forward(x, target), dtype), loss)
        loss.sum().backward()
        close(ours.backward(x, target), tensor.grad)
        printed = repr(criterion).replace("ignore_index=None, ", "").replace("ignore_index=None", "")
        assert repr(from_torch(theirs)) == printed  # torch has no None there


def test_every_criterion_is_compared():
    assert {type(criterion) for criterion, _, _ in criteria()} == CRITERIA


# --- what goes over, and what does not


def small_net():
    return nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Dropout(0.2), nn.Linear(16, 2)
    ).reset(1)


def test_twins_share_no_memory():
    ours = small_net()
    for net, twin in ((ours, to_torch(ours)), (from_torch(theirs := to_torch(ours)), theirs)):
        for a, b in zip(all_arrays(net), all_arrays(twin), strict=True):
            assert not np.may_share_memory(a.numbers, b.numbers.detach().numpy()), a.name
        before = {name: tensor.clone() for name, tensor in twin.state_dict().items()}
        for array in net.state().values():
            array += 1
        assert all(torch.equal(before[name], tensor) for name, tensor in twin.state_dict().items())


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_precision_goes_over(dtype):
    ours = small_net()._convert(dtype)
    theirs = to_torch(ours)
    assert {str(p.dtype) for p in theirs.parameters()} == {f"torch.{np.dtype(dtype)}"}
    assert {p.dtype for p in from_torch(theirs).parameters()[0]} == {np.dtype(dtype)}
    assert {p.dtype for p in from_torch(theirs).parameters()[1]} == {np.dtype(dtype)}
    wanted = to_torch(ours, dtype=torch.float64)
    assert {p.dtype for p in wanted.parameters()} == {torch.float64}


def test_each_part_goes_over_in_its_own_mode():
    ours = small_net().train()
    ours[1].eval()  # as one fixes running averages
    theirs = to_torch(ours)
    assert [part.training for part in theirs] == [True, False, True, True, True, True]
    assert theirs.training
    back = from_torch(theirs)
    assert [part.training for part in back.walk()] == [part.training for part in ours.walk()]


def test_random_numbers_of_torch_are_not_touched():
    before = torch.random.get_rng_state()
    to_torch(small_net())
    assert torch.equal(before, torch.random.get_rng_state())


def test_dropout_layers_of_one_net_draw_different_numbers_and_the_same_ones_again():
    theirs = torch.nn.Sequential(torch.nn.Dropout(0.5), torch.nn.Dropout(0.5))
    x = np.ones((1, 64), np.float32)
    once, again, other = (from_torch(theirs, seed=seed) for seed in (3, 3, 4))
    outputs = [net.forward(x) for net in (once, again, other)]
    assert_array_equal(outputs[0], outputs[1])
    assert (outputs[0] != outputs[2]).any()
    assert (once[0].kept != once[1].kept).any()


def test_a_shared_array_is_shared_in_the_twin_too():
    first, second = nn.Linear(3, 3, seed=0), nn.Linear(3, 3, seed=1)
    second.weight, second.grad_weight = first.weight, first.grad_weight
    ours = nn.Sequential(first, nn.Tanh(), second).double()
    theirs = to_torch(ours)
    assert theirs[0].weight is theirs[2].weight
    x = np.random.default_rng(0).standard_normal((4, 3))
    back = from_torch(theirs)
    assert len(back.parameters()[0]) == len(ours.parameters()[0]) == 3
    assert back[0].grad_weight is back[2].grad_weight
    for net in (ours, back):
        assert_twins_of_shared(net, theirs, x)


def assert_twins_of_shared(ours, theirs, x):
    tensor = torch.tensor(x, requires_grad=True)
    theirs.zero_grad()
    theirs(tensor).sum().backward()
    ours.zero_grad_parameters()
    output = ours.forward(x)
    close(ours.backward(x, np.ones_like(output)), tensor.grad)
    for gradient, parameter in zip(ours.parameters()[1], theirs.parameters(), strict=True):
        close(gradient, parameter.grad)


def test_a_module_that_stands_twice_in_torch_becomes_two_that_share_everything():
    layer, norm = torch.nn.Linear(3, 3).double(), torch.nn.BatchNorm1d(3).double()
    theirs = torch.nn.Sequential(layer, norm, torch.nn.Tanh(), layer, norm)
    ours = from_torch(theirs)
    assert len(ours.parameters()[0]) == 4
    x = np.random.default_rng(0).standard_normal((8, 3))
    assert_twins_of_shared(ours, theirs, x)
    close(ours[4].running_mean, norm.running_mean)
    close(ours[1].running_var, norm.running_var)


def test_weights_lie_in_memory_as_usual_whatever_the_layout_was():
    theirs = torch.nn.Conv2d(3, 4, 3).to(memory_format=torch.channels_last)
    ours = from_torch(theirs)
    assert ours.weight.flags.c_contiguous
    assert_array_equal(ours.weight, theirs.weight.detach())
    turned = nn.Linear(3, 2)
    turned.weight = np.arange(6, dtype=np.float32).reshape(3, 2).T[::-1]
    assert_array_equal(to_torch(turned).weight.detach(), turned.weight)


def test_a_subclass_that_only_chooses_its_parts_goes_over_as_what_it_is():
    class Ours(nn.Sequential):
        """A net."""

        def __init__(self):
            super().__init__(nn.Linear(3, 2), nn.Tanh())

    class Theirs(torch.nn.Sequential):
        def __init__(self):
            super().__init__(torch.nn.Linear(3, 2), torch.nn.Tanh())

    assert type(to_torch(Ours())) is torch.nn.Sequential
    assert type(from_torch(Theirs())) is nn.Sequential
    upsampled = from_torch(torch.nn.UpsamplingBilinear2d(scale_factor=2))
    assert repr(upsampled) == "Upsample(scale_factor=2, mode='bilinear', align_corners=True)"


# --- names, and weights alone


def test_names_are_those_of_state_and_state_dict():
    theirs = torch.nn.Sequential(
        OrderedDict(first=torch.nn.Conv2d(3, 4, 3), norm=torch.nn.BatchNorm2d(4), act=torch.nn.ReLU())
    )
    for module in (theirs, from_torch(theirs)):
        table = names(module)
        keys = [row.theirs for row in table]
        assert [row.ours for row in table] == [
            "0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var", "–",
        ]  # fmt: skip
        assert keys == [*(theirs if module is theirs else to_torch(module)).state_dict()]
    assert "Conv2d       0.weight        first.weight              (4, 3, 3, 3)" in repr(names(theirs))


@pytest.mark.parametrize("make", [lambda net: net, to_torch], ids=["to ours", "to torch"])
@pytest.mark.parametrize("given", [lambda net: net, to_torch], ids=["ours", "torch"])
def test_weights_go_over_between_nets_that_exist(given, make):
    source, target = given(small_net().reset(2)), make(small_net().reset(3).double())
    copy_weights(source, target)
    for a, b in zip(all_arrays(source), all_arrays(target), strict=True):
        assert str(a.numbers.dtype) != str(b.numbers.dtype) or "int" in str(a.numbers.dtype)
        assert_array_equal(
            np.asarray(torch.as_tensor(a.numbers).detach()), torch.as_tensor(b.numbers).detach()
        )


def test_weights_that_do_not_fit_change_nothing():
    source, target = to_torch(small_net()), small_net().reset(5)
    target.modules[5] = nn.Linear(16, 3)
    before = {name: array.copy() for name, array in target.state().items()}
    with pytest.raises(
        ValueError, match=r"^copy_weights: target\.5\.weight: expected weight \(2, 16\), as"
    ) as e:
        copy_weights(source, target)
    assert str(e.value).endswith("source has in 5.weight, got weight (3, 16)")
    for name, array in target.state().items():
        assert_array_equal(array, before[name])
    with pytest.raises(ValueError, match=r"target: expected 9 parameters and buffers, as source has, got 2"):
        copy_weights(source, nn.Linear(2, 2))
    with pytest.raises(ValueError, match=r"copy_weights: source: expected a network of lib.nn or of torch"):
        copy_weights({}, target)


# --- what has no twin


class Scale(nn.Module):
    """The layer of lecture 07, in short."""

    def update_output(self, x):
        return 2 * x

    def update_grad_input(self, x, grad_output):
        return 2 * grad_output


class Louder(nn.Sequential):
    def update_output(self, x):
        return 2 * super().update_output(x)


class Hidden(nn.Sequential):
    def __init__(self):
        super().__init__(nn.ReLU())
        self.head = nn.Linear(2, 2)


class Doubled(torch.nn.Linear):
    def forward(self, x):
        return 2 * super().forward(x)


def overlapping():
    first, second = nn.Linear(3, 2), nn.Linear(2, 3)
    second.weight, second.grad_weight = first.weight.T, first.grad_weight.T
    return nn.Sequential(first, second)


def overlapping_in_torch():
    first, second = torch.nn.Linear(3, 2), torch.nn.Linear(2, 3)
    second.weight = torch.nn.Parameter(first.weight.detach().t())
    return torch.nn.Sequential(first, second)


REFUSED_BY_TO_TORCH = {
    "a layer of one's own": (
        nn.Sequential(nn.ReLU(), nn.Residual(nn.ReLU(), Scale())),
        r"to_torch: module\[1\]\[0\]\[1\]: expected a layer that torch has too, got Scale\(\); write it as a "
        r"torch\.nn\.Module with a forward",
    ),
    "a container that computes otherwise": (nn.Sequential(Louder()), r"module\[0\]: .*got Louder\(\)"),
    "a part beside the others": (Hidden(), "module: expected a layer that torch has too, got Hidden"),
    "another loss": (nn.MultiMarginLoss(), r"got MultiMarginLoss\(\); .* divided by the number of classes"),
    "overlapping arrays": (
        overlapping(),
        r"module\[1\]\.weight: expected an array of its own, or one that is shared whole, got one that "
        r"overlaps with module\[0\]\.weight",
    ),
    "one of torch": (torch.nn.ReLU(), "got ReLU.*; it is one of torch already"),
    "no module": (np.ones(3), "module: expected a layer or a criterion of lib.nn, got float64"),
    "a class": (nn.ReLU, "got the class ReLU"),
}
T = torch.nn
REFUSED_BY_FROM_TORCH = {
    "a layer we have not": (
        T.Sequential(T.ReLU(), T.Sequential(T.LSTM(2, 2))),
        r"from_torch: module\[1\]\[0\]: expected a layer that lib\.nn has too, got LSTM\(2, 2\); docs",
    ),
    "a forward of one's own": (T.Sequential(Doubled(2, 2)), r"module\[0\]: .* got Doubled\("),
    "a list of modules": (T.ModuleList([T.ReLU()]), "got ModuleList; a Sequential says in which order"),
    "another loss": (T.MultiMarginLoss(), "this loss times the number of classes"),
    "another padding": (
        T.Sequential(T.Conv2d(3, 4, 3, padding=1, padding_mode="reflect")),
        r"module\[0\]\.padding_mode: expected 'zeros', got 'reflect'; padding is with zeros only",
    ),
    "indices": (T.MaxPool2d(2, return_indices=True), "module.return_indices: expected False, got True"),
    "half precision": (
        T.Sequential(T.ReLU(), T.Linear(2, 2)).bfloat16(),
        r"module\[1\]\.weight: expected float32 or float64, got bfloat16; convert the whole net before",
    ),
    "a mode of Upsample": (
        T.Upsample(size=3, mode="bicubic"),
        "mode: expected 'nearest' or 'bilinear', got 'bic",
    ),
    "an axis that torch guesses": (T.Softmax(), r"module\.dim: expected an axis, got None; torch guesses it"),
    "running averages": (
        T.InstanceNorm2d(3, track_running_stats=True),
        r"module: expected what the twin, InstanceNorm2d, has: no numbers, got running_mean \(3,\)",
    ),
    "a lazy layer": (T.LazyLinear(3), "got LazyLinear"),
    "a reshape behind the batch": (T.Unflatten(1, (2, 2)), r"got Unflatten.*; put a lib\.convnets\.bridge"),
    "overlapping parameters": (overlapping_in_torch(), r"got one that overlaps with module\[0\]\.weight"),
    "one of ours": (nn.ReLU(), r"got ReLU\(\); it is one of lib\.nn already"),
    "no module": ("vgg16", "module: expected a module of torch, got 'vgg16'"),
}


@pytest.mark.parametrize("case", REFUSED_BY_TO_TORCH)
def test_what_torch_has_not_is_named_with_its_place(case):
    module, message = REFUSED_BY_TO_TORCH[case]
    with pytest.raises(ValueError, match=message):
        to_torch(module)


@pytest.mark.parametrize("case", REFUSED_BY_FROM_TORCH)
def test_what_lib_nn_has_not_is_named_with_its_place(case):
    module, message = REFUSED_BY_FROM_TORCH[case]
    with pytest.raises(ValueError, match=message):
        from_torch(module)


def test_a_layer_that_refuses_its_arguments_says_where_it_stands():
    with pytest.raises(ValueError, match="mode: expected") as error:
        from_torch(T.Sequential(T.ReLU(), T.Upsample(size=3, mode="bicubic")))
    assert error.value.__notes__ == ["in module[1]: Upsample(size=3, mode='bicubic')"]


def test_a_batch_norm_with_a_weight_and_no_bias_is_refused():
    norm = T.BatchNorm2d(3)
    norm.bias = None
    with pytest.raises(ValueError, match=r"has: weight \(3,\), bias \(3,\).*got weight \(3,\), running_mean"):
        from_torch(norm)
