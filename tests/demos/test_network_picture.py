"""The network as a picture: units that do not overlap, and colours that mean what they say."""

import itertools

import numpy as np
import pytest
from matplotlib.figure import Figure

from lib.demos.network_picture import BLUE, HEIGHT, ORANGE, WIDTH, PlaneScreen, paint, places, shades


@pytest.mark.parametrize("layers", range(5))
def test_no_two_units_overlap_and_all_are_in_the_picture(layers):
    for units in range(1, 17):
        side, found = places((2, *[units] * layers))
        assert [len(corners) for corners in found] == [2, *[units] * layers]
        assert side >= 20
        corners = np.concatenate(found)
        assert corners.min() >= 0
        assert (corners + side <= (WIDTH, HEIGHT)).all()
        for one, other in itertools.combinations(corners, 2):
            assert np.abs(one - other).max() >= side + 4
        rights = [corners[:, 0].max() + side for corners in found]
        lefts = [*(corners[:, 0].min() for corners in found[1:]), WIDTH]
        assert all(left - right >= 15 for left, right in zip(lefts, rights, strict=True))  # room for lines


def inside(pixels, side, corner):
    left, top = corner
    return pixels[top + 1 : top + side - 1, left + 1 : left + side - 1]


def assert_alike(colour, expected):
    np.testing.assert_allclose(colour, expected, atol=20)  # the frame hides the very end


def test_a_unit_shows_its_output_where_it_is_and_an_output_of_zero_is_white():
    x1, x2 = np.meshgrid(np.linspace(-3, 3, 80), np.linspace(3, -3, 80))
    hidden = np.stack([np.sign(x1 * x2), 0 * x1, 0.1 + 0 * x1])
    pixels = paint([np.stack([x1, x2]), hidden], [np.zeros((3, 2)), np.zeros((1, 3))])
    side, (inputs, units) = places((2, 3))
    left = inside(pixels, side, inputs[0])
    assert_alike(left[5, 0], ORANGE)
    assert_alike(left[5, -1], BLUE)
    up = inside(pixels, side, inputs[1])
    assert_alike(up[0, 5], BLUE)
    assert_alike(up[-1, 5], ORANGE)
    xor = inside(pixels, side, units[0])
    quarter = side // 4
    for row, column, colour in ((1, 1, ORANGE), (1, 3, BLUE), (3, 1, BLUE), (3, 3, ORANGE)):
        np.testing.assert_array_equal(xor[row * quarter, column * quarter], colour)
    assert (inside(pixels, side, units[1]) > 250).all()
    assert (inside(pixels, side, units[2])[..., 0] > 210).all()  # 0.1 is pale: the scale ends at 1


def between(pixels, side, layers):
    return pixels[:, layers[0][:, 0].max() + side : layers[1][:, 0].min()].reshape(-1, 3)


@pytest.mark.parametrize(("weight", "colour"), [(2.0, BLUE), (-2.0, ORANGE), (0.0, None)])
def test_a_weight_is_a_line_in_the_colour_of_its_sign(weight, colour):
    outputs = [np.zeros((2, 8, 8)), np.zeros((1, 8, 8))]
    pixels = paint(outputs, [np.array([[weight, 0.0]]), np.array([[0.0]])])
    coloured = between(pixels, *places((2, 1)))
    coloured = coloured[(coloured < 250).any(axis=1)]
    if colour is None:
        assert len(coloured) == 0
    else:
        assert len(coloured) > 50
        full = (np.abs(coloured - colour) < 2).all(axis=1)
        assert full.mean() > 0.6  # the others lie at its smooth edges, on the way to white
        shares = (255 - coloured[:, :2]) / (255 - colour[:2])
        np.testing.assert_allclose(shares[:, 0], shares[:, 1], atol=0.25)


def test_a_larger_weight_is_a_thicker_line():
    def inked(weight):
        outputs = [np.zeros((2, 8, 8)), np.zeros((1, 8, 8))]
        pixels = paint(outputs, [np.array([[weight, 0.0]]), np.array([[0.0]])])
        return (between(pixels, *places((2, 1))) < 250).any(axis=1).sum()

    assert inked(0.1) < inked(0.5) < inked(1.0)


def test_the_colours_run_from_orange_over_the_paper_to_blue():
    np.testing.assert_array_equal(shades()[0], ORANGE)
    np.testing.assert_array_equal(shades()[255], BLUE)
    assert (shades()[127] > 252).all()
    dark = shades(paper="#1e2227")
    np.testing.assert_allclose(dark[127], (0x1E, 0x22, 0x27), atol=2)


@pytest.mark.parametrize("scale", [0.7, 1.0, 2.0, 3.3])
def test_it_is_painted_for_the_dots_that_there_are(scale):
    outputs = [np.zeros((2, 8, 8)), np.ones((3, 8, 8))]
    matrices = [np.ones((3, 2)), np.ones((1, 3))]
    pixels = paint(outputs, matrices, scale=scale, chosen=3, ink="red")
    assert pixels.shape == (round(scale * HEIGHT), round(scale * WIDTH), 3)
    side, (_, units) = places((2, 3))
    for number, (left, top) in enumerate(np.round(scale * (units + side / 2)).astype(int), start=2):
        np.testing.assert_array_equal(pixels[top, left], BLUE)
        edge = pixels[top, left - round(scale * side / 2) - 1 - round(scale)]
        assert (tuple(edge) == (255, 0, 0)) is (number == 3)  # only the chosen one has a frame of ink


def test_the_plane_is_smooth_and_has_a_line_where_it_is_zero():
    figure = Figure()
    screen = PlaneScreen(figure.subplots(), paper="white", ink="black")
    x = np.linspace(-3, 3, 80)
    screen.show(np.tile(x, (80, 1)), squash=True)
    pixels = screen.painted(400, 400)
    dark = (pixels[200] < 100).all(axis=1)
    assert 1 <= dark.sum() <= 2
    assert abs(int(np.flatnonzero(dark)[0]) - 200) <= 2
    assert pixels[200, 20, 2] < pixels[200, 20, 0]  # orange on the left
    assert pixels[200, -20, 0] < pixels[200, -20, 2]  # blue on the right
    steps = np.abs(np.diff(pixels[200, :195].astype(int), axis=0)).max()
    assert steps <= 4  # no blocks
