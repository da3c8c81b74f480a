"""The module chain's arithmetic against torch's Jacobians, and its counting against arrays that exist."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from lib import nn
from lib.demos.module_chain import (
    AT_WORK,
    LAST,
    LAYERS,
    ModuleChainDemo,
    at_work,
    both_passes,
    compute,
    cost,
    jacobian,
    paint,
    readable,
)


def torch_functions(chain):
    """The five modules of the chain as functions of torch tensors."""
    first, second, third = (
        (torch.tensor(module.weight), torch.tensor(module.bias)) for module in (chain[0], chain[2], chain[4])
    )
    return [
        lambda x: torch.nn.functional.linear(x, *first),
        torch.sigmoid,
        lambda x: torch.nn.functional.linear(x, *second),
        torch.relu,
        lambda x: torch.nn.functional.linear(x, *third),
    ]


@settings(deadline=None, max_examples=20)
@given(index=st.integers(0, 4), width=st.integers(1, 12), batch=st.integers(1, 16))
def test_the_three_matrices_are_those_of_torch(index, width, batch):
    state = compute(LAST, LAYERS[index + 1], width, batch)
    chain, values, gradients = both_passes(min(2**width, 8), min(batch, 4))
    functions = torch_functions(chain)

    x = torch.tensor(values[index])
    output = functions[index](x)
    expected = torch.autograd.functional.jacobian(functions[index], x).reshape(output.numel(), x.numel())
    assert_allclose(state.jacobian, expected, atol=1e-12)

    target = torch.tensor(values[-1] - gradients[-1])

    def loss(value, start):
        for function in functions[start:]:
            value = function(value)
        return 0.5 * ((value - target) ** 2).sum()

    for row, value, start in ((state.product, x, index), (state.upstream, output, index + 1)):
        expected = torch.autograd.functional.jacobian(lambda v, start=start: loss(v, start), value)
        assert_allclose(row, expected.reshape(1, -1), atol=1e-12)
    assert_allclose(state.upstream @ state.jacobian, state.product, atol=1e-12)
    assert np.abs(state.product).max() > 1e-3


@settings(deadline=None, max_examples=20)
@given(size_in=st.integers(1, 5), size_out=st.integers(1, 5), batch=st.integers(1, 4))
def test_costs_are_the_sizes_of_arrays(size_in, size_out, batch):
    layer, x = nn.Linear(size_in, size_out), np.ones((batch, size_in), np.float32)
    counted = cost("Linear", size_in, size_out, batch)
    assert counted.jacobian == jacobian(layer, x).size
    weights = sum(parameter.size for parameter in layer.parameters()[0])
    assert counted.weights == batch * size_out * weights
    grad_input = layer.backward(x, np.ones_like(layer.output))
    assert counted.backward == layer.output.size + layer.weight.size + grad_input.size
    assert cost("ReLU", size_in, size_in, batch) == (x.size**2, 0, 3 * x.size)


def test_the_walk_goes_forward_and_back():
    assert [at_work(step) for step in range(LAST + 1)] == [0, 0, 1, 2, 3, 4, 4, 4, 4, 3, 2, 1, 0]
    for index in range(5):
        come = [compute(step, LAYERS[index + 1], 2, 1) for step in range(LAST + 1)]
        first = [
            next(state.step for state in come if getattr(state, name) is not None)
            for name in ("jacobian", "upstream", "product")
        ]
        assert first == [index + 1, 11 - index, 12 - index]  # the output, then what the next module sent back
    assert compute(9, AT_WORK, 3, 2).layer == 3


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (46, "46 = 184 B"),
        (16_777_216, "16.78 million = 64 MiB"),
        (4_294_967_296, "4,295 million = 16 GiB"),
        (768, "768 = 3 KiB"),
    ],
)
def test_counts_read_as_the_deck_prints_them(count, text):
    assert readable(count) == text


def test_a_matrix_is_painted_cell_by_cell():
    board = np.full((240, 300, 3), 255, np.uint8)
    paint(board, np.array([[1.0, 0.0], [-1.0, 0.5]]), 40, 240)
    assert (board[:, :40] == 255).all()
    blue, white, orange = board[90, 130].astype(int), board[90, 190], board[150, 130].astype(int)
    assert blue[2] > blue[0] + 50
    assert white.min() > 240
    assert orange[0] > orange[2] + 50


def test_the_picture_names_sizes_of_the_whole_batch():
    demo = ModuleChainDemo(step=9, width=12, batch=16)
    assert demo.names[1].get_text() == "∂a₄/∂a₃\n65,536 × 65,536"
    assert demo.counts[0].get_text() == "4,295 million = 16 GiB"
    assert demo.counts[1].get_text() == "no weights"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((13, AT_WORK, 3, 2), "^step: expected .*got 13"),
        ((1.5, AT_WORK, 3, 2), "^step: expected .*got 1.5"),
        ((8, "M Linear", 3, 2), "^layer: expected .*got 'M Linear'"),
        ((8, AT_WORK, 13, 2), "^width: expected .*got 13"),
        ((8, AT_WORK, 3, 0), "^batch: expected .*got 0"),
    ],
)
def test_bad_input_is_refused_by_name(values, message):
    with pytest.raises(ValueError, match=message):
        compute(*values)


def test_a_click_on_a_module_looks_at_it_and_on_the_loss_follows_the_steps():
    demo = ModuleChainDemo(step=10)
    modules = demo.touches["modules"]
    marks = modules.marks(demo)
    assert [mark.name for mark in marks[:2]] == ["look at F Linear", "look at G Sigmoid"]
    assert modules.picked(demo, 3) == {"layer": "J ReLU"}
    assert modules.picked(demo, 5) == {"layer": AT_WORK}
    for index in range(5):
        demo.set(**modules.picked(demo, index))
        box = demo.looked_at.get_bbox()
        assert box.x0 < marks[index].x < box.x1
        assert box.y0 < marks[index].y < box.y1


def test_in_a_narrow_window_the_chain_has_two_rows():
    demo = ModuleChainDemo()
    demo.fit(340, 800)
    marks = demo.touches["modules"].marks(demo)
    assert [mark.x for mark in marks[:3]] == [mark.x for mark in marks[3:]]
    assert marks[0].y == marks[2].y > marks[3].y == marks[5].y


def test_what_it_says_is_what_it_counts():
    demo = ModuleChainDemo(width=12, batch=16, layer="J ReLU", step=9)
    jacobian, backward = (16 * 4096) ** 2, 3 * 16 * 4096
    assert demo.said() == (
        "Step 9: backward through J. The Jacobian of J would take 16 GiB, "
        f"{jacobian / backward:.0f} times what backward uses."
    )
    demo.set(width=1, batch=1)
    assert demo.said().endswith("would take 16 B, no more than backward uses.")


@pytest.mark.parametrize("dark", [False, True])
def test_nothing_is_the_colour_of_the_page(dark):
    demo = ModuleChainDemo(step=12)
    demo.fit(816, 400, dark=dark)
    board = demo.board.painted(240, 688)
    assert (board[0, 0] < 60).all() if dark else (board[0, 0] == 255).all()


@pytest.mark.parametrize("name", ModuleChainDemo.presets)
def test_every_preset_is_painted_at_every_size(name):
    demo = ModuleChainDemo(**ModuleChainDemo.presets[name])
    for height in range(1, 120):
        picture = demo._board(demo.state, height, 3 * height)
        assert picture.shape == (height, 3 * height, 3)


@pytest.mark.parametrize("shape", [(1, 1), (1, 64), (64, 1), (33, 33), (32, 32)])
def test_a_matrix_that_is_larger_than_its_place_is_cut_off(shape):
    for height in (1, 2, 5, 16, 33, 80, 81, 240):
        for width in (1, 5, 80, 81, 240):
            board = np.zeros((height, 300, 3), np.uint8)
            paint(board, np.ones(shape), 20, width)
            assert board.any()
