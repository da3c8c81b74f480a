"""Occlusion: beside a loop with one forward a place, and on a net of which the answer is known."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from nets_to_explain import Quadrant, random_image, random_net
from numpy.testing import assert_allclose

from lib.convnets.explain import occlude, occlusion, places, probabilities, spread


@settings(deadline=None, max_examples=15)
@given(
    seed=st.integers(0, 1000),
    size=st.integers(1, 12),
    stride=st.integers(2, 20),
    label=st.integers(0, 4),
    fill=st.none() | st.floats(-1, 2),
)
def test_equals_one_forward_for_each_place(seed, size, stride, label, fill):
    net = random_net(seed, side=12, width=2, dtype=torch.float64)
    image = random_image(seed, side=12, dtype=np.float64)
    falls = occlusion(net, image, label, size=size, stride=stride, fill=fill)
    before = probabilities(net, image)[label]
    starts = places(12, size=size, stride=stride)
    assert falls.shape == (len(starts), len(starts))
    for i, row in enumerate(starts):
        for j, column in enumerate(starts):
            hidden = occlude(image, row, column, size=size, fill=fill)
            assert_allclose(falls[i, j], before - probabilities(net, hidden)[label], atol=1e-12)


@given(length=st.integers(1, 60), size=st.integers(1, 60), stride=st.integers(1, 70))
def test_squares_stay_inside_begin_and_end_at_the_edges(length, size, stride):
    size = min(size, length)
    starts = places(length, size=size, stride=stride)
    assert starts[0] == 0
    assert starts[-1] == length - size
    assert starts == sorted(set(starts))
    assert all(np.diff(starts) <= stride)


def test_a_net_that_looks_at_one_quarter_loses_only_there():
    image = random_image()
    falls = occlusion(Quadrant(), image, 1, size=4, stride=4, fill=0.0)
    assert (falls[:2, :2] > 0).all()
    falls[:2, :2] = 0
    assert_allclose(falls, 0, atol=1e-7)

    heat = spread(occlusion(Quadrant(), image, 1, size=4, stride=2, fill=0.0), (16, 16), size=4, stride=2)
    assert (heat[:8, :8] > 1e-4).all()
    assert_allclose(
        heat[10:], 0, atol=1e-7
    )  # squares that hide something of the quarter reach two pixels out
    assert_allclose(heat[:, 10:], 0, atol=1e-7)


def test_an_image_that_is_not_square_and_more_places_than_go_through_at_once():
    image = np.random.default_rng(0).random((3, 16, 9)).astype(np.float32)
    net = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.AdaptiveMaxPool2d(1), torch.nn.Flatten())
    falls = occlusion(net, image, 2, size=3, stride=1)
    assert falls.shape == (14, 7)
    hidden = occlude(image, 11, 4, size=3)
    assert falls[11, 4] == pytest.approx(
        probabilities(net, image)[2] - probabilities(net, hidden)[2], abs=1e-6
    )


def test_the_square_is_the_mean_of_each_channel_or_what_is_asked_for():
    image = random_image()
    hidden = occlude(image, 2, 5, size=4)
    assert_allclose(
        hidden[:, 2:6, 5:9], np.broadcast_to(image.mean((1, 2))[:, None, None], (3, 4, 4)), rtol=1e-6
    )
    inside = np.zeros((16, 16), bool)
    inside[2:6, 5:9] = True
    assert np.array_equal(hidden[:, ~inside], image[:, ~inside])
    assert (occlude(image, 2, 5, size=4, fill=0.5)[:, inside] == 0.5).all()
    assert hidden.dtype == image.dtype


@pytest.mark.parametrize(
    ("row", "column", "hidden"), [(-3, 0, 4), (0, -2, 8), (15, 15, 1), (-3, -3, 1), (13, 14, 6)]
)
def test_a_square_over_the_edge_is_cut_off(row, column, hidden):
    image = random_image()
    assert (occlude(image, row, column, size=4, fill=7.0)[0] == 7).sum() == hidden


def test_spread_is_the_mean_over_the_squares_that_hid_a_pixel():
    falls = np.arange(9.0).reshape(3, 3)
    starts = places(7, size=3, stride=2)
    expected = np.zeros((7, 7))
    for row in range(7):
        for column in range(7):
            over = [
                falls[i, j]
                for i, top in enumerate(starts)
                for j, left in enumerate(starts)
                if top <= row < top + 3 and left <= column < left + 3
            ]
            expected[row, column] = np.mean(over)
    assert_allclose(spread(falls, (7, 7), size=3, stride=2), expected)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: places(8, size=9),
            "size: expected a whole number from 1 to 8, the side of the image, got 9",
        ),
        (lambda: places(8, size=2, stride=0), "stride: expected a whole number of at least 1, got 0"),
        (lambda: occlude(random_image(), 16, 0), "row: expected a whole number from -7 to 15, got 16"),
        (lambda: occlude(random_image(), 0, 2.0), "column: expected a whole number from -7 to 15, got 2.0"),
        (
            lambda: occlude(np.zeros((3, 8, 8), np.uint8), 0, 0),
            "image: expected one image of floats (C, H, W)",
        ),
        (
            lambda: occlude(np.zeros((8, 8)), 0, 0),
            "image: expected one image of floats (C, H, W), got float64 (8, 8)",
        ),
        (lambda: occlude(random_image() * np.nan, 0, 0), "image: expected finite numbers, got nan"),
        (lambda: occlude(random_image(), 0, 0, fill="grey"), "fill: expected a number, or None for the mean"),
        (lambda: spread(np.zeros((2, 2)), (32, 32)), "falls: expected (7, 7) as occlusion gives for size 8"),
        (lambda: spread(np.zeros((2, 2)), (32,)), "shape: expected (H, W), got (32,)"),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(ValueError, match="expected") as caught:
        call()
    assert str(caught.value).startswith(message)
