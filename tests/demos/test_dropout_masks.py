"""The dropout demo: masks, scaling and expectation, against torch and against theory."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from lib.demos.dropout_masks import HIDDEN, LAST, NET, DropoutMasksDemo, compute


@settings(deadline=None)
@given(p=st.floats(0, 0.95), mask=st.integers(1, LAST))
def test_outputs_are_those_of_the_thinned_networks(p, mask):
    state = compute("training", p, mask)
    kept = torch.tensor(NET.uniform[:mask] >= p)
    thinned = torch.tensor(NET.h) * kept / (1 - p)
    outputs = torch.nn.functional.linear(thinned, torch.tensor(NET.weight))[:, 0]
    assert_allclose(state.outputs, outputs, atol=1e-12)
    assert_allclose(state.hidden, thinned[-1])
    assert_array_equal(state.kept, kept[-1])
    assert state.output == state.outputs[-1]
    assert_allclose(state.means[-1], outputs.mean(), atol=1e-12)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_mean_and_spread_are_those_of_theory(p):
    state = compute("training", p, LAST)
    spread = np.sqrt(p / (1 - p) * ((NET.h * NET.weight[0]) ** 2).sum())
    assert abs(state.means[-1] - state.whole) < 3 * spread / np.sqrt(LAST)
    assert_allclose(state.outputs.std(), spread, rtol=0.2)
    assert_allclose(np.mean(NET.uniform >= p), 1 - p, atol=0.03)


def test_evaluation_drops_nothing():
    state = compute("evaluation", 0.5, 7)
    assert state.kept.all()
    assert_array_equal(state.hidden, NET.h)
    assert_array_equal(state.outputs, np.full(7, state.whole))
    assert_allclose(state.whole, NET.weight[0] @ NET.h)


def test_a_larger_p_drops_the_same_units_and_more():
    few, many = compute("training", 0.3, 5).kept, compute("training", 0.7, 5).kept
    assert not (many & ~few).any()
    assert few.sum() <= HIDDEN


@settings(deadline=None)
@given(mode=st.sampled_from(["training", "evaluation"]), p=st.floats(0, 0.9), unit=st.integers(1, HIDDEN))
def test_without_a_unit_its_share_is_missing_from_every_output(mode, p, unit):
    whole, less = compute(mode, p, 9), compute(mode, p, 9, unit)
    scale = 1 - p if mode == "training" else 1
    kept = NET.uniform[:9, unit - 1] >= p if mode == "training" else np.ones(9, bool)
    share = NET.weight[0, unit - 1] * NET.h[unit - 1] / scale * kept
    assert_allclose(whole.outputs - less.outputs, share, atol=1e-9)
    assert not less.kept[unit - 1]
    assert less.whole == whole.whole


def test_the_number_stands_in_the_circle_of_the_first_output_which_is_the_upper_one():
    demo = DropoutMasksDemo(mode="evaluation")
    assert demo.output.get_text() == f"{compute('evaluation', 0.5, 1).whole:.1f}".replace("-", "−")
    heights = [line[1][1] for line in demo.out_of.get_segments()[:2]]  # those of the first unit's two lines
    assert demo.output.get_position() == (2, max(heights))
    assert heights[0] == max(heights)  # weight[0] leads there


def test_lines_to_the_outputs_have_the_colours_of_their_signs():
    demo = DropoutMasksDemo(mode="evaluation")
    bluer = [color[2] > color[0] for color in demo.out_of.get_colors()]
    assert bluer == (NET.weight.T > 0).ravel().tolist()


def test_a_click_takes_a_unit_away_and_another_brings_it_back():
    demo = DropoutMasksDemo()
    found = demo.unit.marks(demo)
    assert len(found) == HIDDEN
    assert demo.unit.picked(demo, 3) == {"without": 4}
    demo.set(without=4)
    crosses = np.transpose(demo.crosses.get_data())
    assert any(np.allclose(place, (found[3].x, found[3].y)) for place in crosses)
    assert demo.unit.picked(demo, 3) == {"without": 0}
    assert demo.unit.picked(demo, 9) == {"without": 10}


def test_it_says_what_this_mask_and_what_the_mean_says():
    demo = DropoutMasksDemo(mask=19)
    state = compute("training", 0.5, 20)
    words = (
        f"This mask leaves out {int((~state.kept).sum())} of 10 units and says {state.output:.2f}; the mean "
        f"of 20 masks is {state.outputs.mean():.2f}; all units together say {state.whole:.2f}."
    )
    assert demo.said() == words.replace("-", "−")
    demo.set(mode="evaluation")
    assert demo.said().startswith("Evaluation drops nothing: the first output is −0.70 every time")
    demo.set(without=2)
    assert "without unit 2" in demo.said()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (("testing", 0.5, 1), "^mode: expected .*got 'testing'"),
        (("training", 1.0, 1), "^p: expected .* below 1, got 1"),
        (("training", -0.1, 1), "^p: expected .*got -0.1"),
        (("training", np.nan, 1), "^p: expected .*got nan"),
        (("training", 0.5, 0), "^mask: expected .*got 0"),
        (("training", 0.5, LAST + 1), f"^mask: expected .*got {LAST + 1}"),
        (("training", 0.5, 1, HIDDEN + 1), f"^without: expected .*got {HIDDEN + 1}"),
    ],
)
def test_bad_input_is_refused_by_name(values, message):
    with pytest.raises(ValueError, match=message):
        compute(*values)
