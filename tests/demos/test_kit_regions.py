"""Regions of classes: smooth borders, where the cells say that they are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from matplotlib.figure import Figure
from scipy.ndimage import correlate1d

from lib.demos.kit.regions import Regions, blur, softened

CELLS, DOTS = 64, 512


def painted(classes, count=2):
    """The class of every dot, from the lower left corner."""
    colors = ["#000000", "#ffffff", "#ff0000"][:count]
    regions = Regions(Figure().subplots(), colors, (0, 1, 0, 1))
    regions.lines = regions.shades  # the border has the shade of its side
    regions.show(classes)
    pixels = regions.painted(DOTS, DOTS)[::-1].astype(int)
    return np.abs(pixels[:, :, None] - regions.shades.astype(int)).sum(axis=3).argmin(axis=2)


def middles(cells):
    return (np.arange(cells) + 0.5) / cells - 0.5


@pytest.mark.parametrize("slope", [0.0, 0.1, 0.25, 0.4, 0.7, 1.0])
def test_a_straight_border_through_cells_is_drawn_straight(slope):
    """Its steps are one cell high; a quarter of that is left, or a third where each is ten cells long."""
    x = middles(CELLS)
    classes = (x[:, None] > slope * x + 0.003).astype(int)
    border = (painted(classes) == 0).sum(axis=0)[DOTS // 8 : -DOTS // 8]  # of each column of dots
    columns = np.arange(len(border))
    off = border - np.polyval(np.polyfit(columns, border, 1), columns)
    cell = DOTS / CELLS
    assert np.abs(off).max() < (0.36 if slope == 0.1 else 0.25) * cell
    assert np.abs(np.diff(border)).max() <= 1 + slope


def test_an_island_of_one_cell_stays_in_sight():
    classes = np.zeros((CELLS, CELLS), int)
    classes[20, 30] = 1
    shown = painted(classes)
    assert shown[20 * 8 + 4, 30 * 8 + 4] == 1
    assert 0.5 * 64 < (shown == 1).sum() < 2 * 64  # 64 dots are a cell


@settings(deadline=None, max_examples=30)
@given(arrays(np.int8, (9, 12), elements=st.integers(0, 2)))
def test_no_cell_changes_its_class(classes):
    scores = softened(classes, 3)
    own = np.take_along_axis(scores, classes[None].astype(int), axis=0)[0]
    assert (own >= scores.max(axis=0) - 1e-5).all()
    np.testing.assert_allclose(scores.sum(axis=0), 1, atol=1e-5)


@pytest.mark.parametrize("cells", [3, 10, 64])
def test_the_blur_is_that_of_scipy(cells):
    values = np.random.default_rng(0).random(cells)
    expected = correlate1d(values, np.array([1, 4, 6, 4, 1]) / 16, mode="nearest")
    np.testing.assert_allclose(blur(cells) @ values, expected, atol=1e-6)


def test_scores_are_taken_as_they_are():
    regions = Regions(Figure().subplots(), ["#000000", "#ffffff"], (0, 1, 0, 1))
    scores = np.random.default_rng(0).random((5, 4, 2))
    regions.show(scores)
    np.testing.assert_allclose(regions.scores, np.moveaxis(scores, 2, 0), atol=1e-7)
