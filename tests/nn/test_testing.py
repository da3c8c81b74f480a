"""The harness itself: layers that are wrong in one way each, and what it says about them."""

import numpy as np
import pytest
import torch

from lib import nn
from lib.nn.testing import check_criterion, check_module

X = np.random.default_rng(0).standard_normal((3, 4))


class Scale(nn.Module):
    """One learned factor: the smallest layer that learns, and right."""

    def __init__(self):
        self.weight = np.full(1, 1.5, np.float32)
        self.grad_weight = np.zeros(1, np.float32)

    def update_output(self, x):
        self.output = x * self.weight
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = grad_output * self.weight
        return self.grad_input

    def acc_grad_parameters(self, x, grad_output, scale=1.0):
        self.grad_weight += scale * (grad_output * x).sum()


class Noise(Scale):
    """Random in training mode: each forward draws another mask."""

    def __init__(self):
        super().__init__()
        self.rng = np.random.default_rng(0)

    def update_output(self, x):
        self.mask = self.rng.random(x.shape) < 0.5 if self.training else np.ones(x.shape, bool)
        self.output = x * self.mask * self.weight
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = grad_output * self.mask * self.weight
        return self.grad_input

    def acc_grad_parameters(self, x, grad_output, scale=1.0):
        self.grad_weight += scale * (grad_output * x * self.mask).sum()


def test_a_right_layer_of_ones_own_passes_and_stays_as_it_was():
    layer = Scale()
    report = check_module(layer, X)
    assert "2 gradients agree" in repr(report)
    assert (layer.output, layer.weight.item(), layer.weight.dtype) == (None, 1.5, np.float32)


def test_layers_with_random_numbers_can_be_checked():
    check_module(Noise(), X).raise_if_wrong()


class HalfGradient(Scale):
    def update_grad_input(self, x, grad_output):
        return super().update_grad_input(x, grad_output / 2)


class IgnoresUpstream(Scale):
    def update_grad_input(self, x, grad_output):
        self.grad_input = self.weight + 0 * grad_output
        return self.grad_input


class Overwrites(Scale):
    def acc_grad_parameters(self, x, grad_output, scale=1.0):
        self.grad_weight[:] = scale * (grad_output * x).sum()


class IgnoresScale(Scale):
    def acc_grad_parameters(self, x, grad_output, scale=1.0):
        super().acc_grad_parameters(x, grad_output)


class ScalesTheInputGradient(Scale):
    def backward(self, x, grad_output, scale=1.0, *, need_grad_input=True):
        super().backward(x, grad_output, scale, need_grad_input=need_grad_input)
        if need_grad_input:
            self.grad_input = scale * self.grad_input
        return self.grad_input


class ChangesX(Scale):
    def update_output(self, x):
        x *= self.weight
        self.output = x.copy()
        return self.output


class ChangesGradOutput(Scale):
    def update_grad_input(self, x, grad_output):
        grad_output *= self.weight
        self.grad_input = grad_output.copy()
        return self.grad_input

    def acc_grad_parameters(self, x, grad_output, scale=1.0):
        self.grad_weight += scale * (grad_output / self.weight * x).sum()


class ForgetsGradInput(Scale):
    def backward(self, x, grad_output, scale=1.0, *, need_grad_input=True):
        super().backward(x, grad_output, scale, need_grad_input=need_grad_input)
        return None if self.grad_input is None else self.grad_input.copy()


class AlwaysFloat64(Scale):
    def update_output(self, x):
        self.output = x.astype(np.float64) * self.weight
        return self.output


class ReadsMemoryOrder(Scale):
    def update_output(self, x):
        self.output = x.ravel(order="K").reshape(x.shape) * self.weight
        return self.output


class WrongInEvaluation(Scale):
    def update_output(self, x):
        self.output = x * self.weight * (1 if self.training else 2)
        return self.output


class NeverSkips(Scale):
    def backward(self, x, grad_output, scale=1.0, *, need_grad_input=True):
        return super().backward(x, grad_output, scale)


class HidesAParameter(Scale):
    parameter_names = ()


class ForgetsToSave(Scale):
    def state(self):
        return {}


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (HalfGradient, "half the expected gradient"),
        (IgnoresUpstream, "ignores grad_output"),
        (Overwrites, "backward overwrites the gradient"),
        (IgnoresScale, "scale=3"),
        (ScalesTheInputGradient, "grad_input after backward"),
        (ChangesX, "x was changed in place"),
        (ChangesGradOutput, "grad_output was changed in place"),
        (ForgetsGradInput, "`grad_input` is not what backward returned"),
        (AlwaysFloat64, "expected float32"),
        (ReadsMemoryOrder, "laid out"),
        (WrongInEvaluation, "in evaluation mode"),
        (NeverSkips, "need_grad_input=False"),
        (HidesAParameter, "parameter_names"),
        (ForgetsToSave, "after saving and loading"),
    ],
)
def test_a_wrong_layer_is_named_with_its_mistake(layer, message):
    with pytest.raises(AssertionError, match=message):
        check_module(layer(), X).raise_if_wrong()


def test_a_layer_that_forgets_to_return_says_so():
    class Forgets(nn.Module):
        def update_output(self, x):
            self.output = x

        def update_grad_input(self, x, grad_output):
            return grad_output

    assert "update_output: expected an array, got None" in str(check_module(Forgets(), X))


class Squared(nn.Criterion):
    def update_output(self, x, target):
        return ((x - target) ** 2).sum()

    def update_grad_input(self, x, target):
        return 2 * (x - target)


class SquaredWrong(Squared):
    def update_grad_input(self, x, target):
        return x - target


class SquaredWide(Squared):
    def update_grad_input(self, x, target):
        return 2 * (x - target).astype(np.float64)


class SquaredGreedy(Squared):
    def update_output(self, x, target):
        x -= target
        return (x**2).sum()


def test_a_criterion_of_ones_own():
    target = np.ones_like(X, dtype=np.float32)
    check_criterion(Squared(), X, target).raise_if_wrong()
    for wrong, message in (
        (SquaredWrong, "half"),
        (SquaredWide, "float64"),
        (SquaredGreedy, "x was changed"),
    ):
        with pytest.raises(AssertionError, match=message):
            check_criterion(wrong(), X, target).raise_if_wrong()


def test_scale_is_what_torch_computes():
    x = torch.tensor(X, requires_grad=True)
    weight = torch.tensor([1.5], dtype=torch.float64, requires_grad=True)
    (x * weight).sum().backward()
    layer = Scale().double()
    layer.forward(X)
    np.testing.assert_allclose(layer.backward(X, np.ones_like(X)), x.grad)
    np.testing.assert_allclose(layer.grad_weight, weight.grad)


class NewGradient(Scale):
    def acc_grad_parameters(self, x, grad_output, scale=1.0):
        self.grad_weight = self.grad_weight + scale * (grad_output * x).sum()


class NoGradient(Scale):
    def __init__(self):
        super().__init__()
        del self.grad_weight


def test_a_gradient_that_is_replaced_or_missing_is_explained():
    with pytest.raises(AssertionError, match="add with \\+="):
        check_module(NewGradient(), X).raise_if_wrong()
    with pytest.raises(AssertionError, match="make it in __init__"):
        check_module(NoGradient(), X).raise_if_wrong()


@pytest.mark.parametrize(
    ("module", "x", "error", "message"),
    [
        (Scale, X, TypeError, "make one: Scale"),
        (Scale(), X.tolist(), ValueError, "numpy array"),
        (Scale(), X.astype(int), ValueError, "float32 or float64"),
    ],
)
def test_what_cannot_be_checked_is_refused(module, x, error, message):
    with pytest.raises(error, match=message):
        check_module(module, x)


def test_torch_works_on_one_thread_here():
    """As tests/nn/conftest.py has it."""
    assert torch.get_num_threads() == 1
