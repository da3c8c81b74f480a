"""The passes of the demo against torch, and what theory says of them."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from lib import nn
from lib.demos.gradient_flow import (
    ACTIVATIONS,
    BATCH,
    CLASSES,
    INITIALS,
    REMEDIES,
    WIDTH,
    GradientFlowDemo,
    build,
    compute,
    in_print,
)

THEIRS = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "ReLU": torch.relu,
    "leaky ReLU": torch.nn.functional.leaky_relu,
    "ELU": torch.nn.functional.elu,
}


def of_torch(depth, activation, initial, remedy):
    """The same three sequences by torch's autograd, with the weights of `build`."""
    whole = build(50, activation, initial, remedy)
    linears = [part for part in whole.walk() if isinstance(part, nn.Linear)]
    linears = [*linears[:depth], linears[-1]]
    tensors = [[torch.tensor(p, requires_grad=True) for p in (layer.weight, layer.bias)] for layer in linears]
    rng = np.random.default_rng(1)
    x, y = rng.standard_normal((BATCH, WIDTH)), rng.integers(CLASSES, size=BATCH)
    stream, outputs = torch.tensor(x), []
    for index, (weight, bias) in enumerate(tensors):
        inner = stream
        if index:
            if remedy in ("batch norm", "both"):
                inner = torch.nn.functional.batch_norm(inner, None, None, training=True)
            inner = THEIRS[activation](inner)
        inner = inner @ weight.T + bias
        skipped = remedy in ("skip", "both") and 0 < index < depth
        stream = stream + inner if skipped else inner
        stream.retain_grad()
        outputs.append(stream)
    loss = torch.nn.functional.cross_entropy(stream, torch.tensor(y))
    loss.backward()

    def rms(values):
        return values.detach().square().mean().sqrt().item()

    return (
        [rms(output) for output in outputs[:-1]],
        [rms(output.grad) for output in outputs[:-1]],
        [rms(weight.grad) for weight, _ in tensors[:-1]],
        loss.item(),
    )


@pytest.mark.family(share=3)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@settings(deadline=None, max_examples=6)
@given(depth=st.integers(1, 8), initial=st.sampled_from(INITIALS), remedy=st.sampled_from(REMEDIES))
def test_every_layer_has_torchs_outputs_and_gradients(activation, depth, initial, remedy):
    state = compute(depth, activation, initial, remedy)
    outputs, errors, gradients, loss = of_torch(depth, activation, initial, remedy)
    assert_allclose(state.outputs, outputs, rtol=1e-6)
    assert_allclose(state.errors, errors, rtol=1e-6)
    assert_allclose(state.gradients, gradients, rtol=1e-6)
    assert state.loss == pytest.approx(loss, rel=1e-6)


def test_asking_twice_gives_the_same():
    first, second = (compute(9, "tanh", "Xavier", "both") for _ in range(2))
    assert_allclose(first.gradients, second.gradients, rtol=0, atol=0)


def test_a_sigmoid_passes_on_less_than_a_quarter_of_what_its_weights_do():
    errors = compute(30, "sigmoid", "Xavier", "none").errors
    assert (errors[:-1] < 0.3 * errors[1:]).all()  # ¼ from the sigmoid, about 1 from Xavier's weights


def test_kaiming_keeps_the_size_of_relus_and_xavier_loses_half_the_variance_a_layer():
    kaiming, xavier = (compute(40, "ReLU", initial, "none").outputs for initial in ("Kaiming", "Xavier"))
    assert 0.1 < kaiming[-1] < 10
    assert 20 * np.log10(2) / 2 - 1.5 < np.log10(xavier[0] / xavier[-1]) < 40 * np.log10(2) / 2 + 1.5


def test_batch_norm_alone_makes_the_gradient_of_relus_grow_as_yang_and_others_found():
    errors = compute(40, "ReLU", "Kaiming", "batch norm").errors
    growth = (errors[4] / errors[34]) ** (1 / 30)
    assert growth == pytest.approx(np.sqrt(np.pi / (np.pi - 1)), rel=0.05)


def test_both_remedies_keep_every_layer_within_two_orders_of_magnitude():
    for activation in ACTIVATIONS:
        gradients = compute(50, activation, "Xavier", "both").gradients
        assert gradients.max() / gradients.min() < 100, activation


def test_the_presets_do_what_they_are_called():
    demo = GradientFlowDemo()
    first = {name: compute(**demo.preset(name)).gradients[0] for name in demo.presets}
    assert first["Vanishing"] < 1e-15
    assert first["Exploding"] > 1e15
    assert all(1e-3 < first[name] < 1 for name in ("Tanh, Xavier", "ReLU, Kaiming", "ResNet"))


def test_the_last_layer_is_dragged_along_the_layers():
    demo = GradientFlowDemo(depth=12)
    touch = demo.touches["last_layer"]
    assert touch.dragged(demo, 0, 20.3, 1e5) == {"depth": 20}
    assert touch.dragged(demo, 0, 99.0, 1.0) == {"depth": 50}
    assert touch.stepped(demo, 0, -10, 0) == {"depth": 2}
    assert touch.clicked(demo, 33.0, 1e-9) == {"depth": 33}
    for initial in INITIALS:
        for depth in (1, 50):
            demo.set(initial=initial, depth=depth)
            (mark,) = touch.marks(demo)
            assert_allclose((mark.x, mark.y), demo.last.get_xydata()[0])
            assert_allclose((mark.x, mark.y), demo.outputs.get_xydata()[-1])
            low, high = demo.forward.get_ylim()
            assert low < mark.y < high


def test_what_it_says_is_what_the_passes_give():
    demo = GradientFlowDemo(depth=1)
    state = compute(1, "ReLU", "Gaussian 0.01", "none")
    assert demo.said().endswith(f"∂L/∂W at layer 1 is {in_print(state.gradients[0])}.")
    demo.set(depth=30, initial="Gaussian 1")
    state = compute(30, "ReLU", "Gaussian 1", "none")
    assert f"Layer 30 gives outputs of size {in_print(state.outputs[-1])}" in demo.said()
    steps = state.errors[:-1] / state.errors[1:]
    assert f"multiplies the gradient by {np.exp(np.log(steps).mean()):.2g}." in demo.said()


def test_the_names_of_the_two_curves_stand_at_their_ends_and_apart():
    demo = GradientFlowDemo()
    for name in demo.presets:
        demo.set(**demo.preset(name))
        (x, one), (_, other) = (text.get_position() for text in demo.names)
        assert x == pytest.approx(demo.values["depth"] + 1.5)
        assert abs(np.log10(one / other)) > 1.99


def test_sizes_in_print():
    assert [in_print(number) for number in (0.0, 1.0, 3.2e-21)] == ["0", "1.0·10⁰", "3.2·10⁻²¹"]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((0, "ReLU", "Xavier", "none"), "^depth: expected .*got 0"),
        ((51, "ReLU", "Xavier", "none"), "^depth: expected .*got 51"),
        ((2.5, "ReLU", "Xavier", "none"), "^depth: expected .*got 2.5"),
        ((5, "step", "Xavier", "none"), "^activation: expected .*got 'step'"),
        ((5, "ReLU", "zeros", "none"), "^initial: expected .*got 'zeros'"),
        ((5, "ReLU", "Xavier", "prayer"), "^remedy: expected .*got 'prayer'"),
    ],
)
def test_bad_input_is_refused_by_name(values, message):
    with pytest.raises(ValueError, match=message):
        compute(*values)
