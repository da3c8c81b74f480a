import io

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

from data_loaders import Dataset, Split
from lib import plots


def test_show_displays_html_image_and_text(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda bundle, **options: shown.append((bundle, options)))
    figure, ax = plots.figure()
    ax.plot([0, 1])
    plots.show(figure, alt='A line from 0 to 1, "rising" & <thin>')
    ((bundle, options),) = shown
    assert 'alt="A line from 0 to 1, &quot;rising&quot; &amp; &lt;thin&gt;"' in bundle["text/html"]
    assert bundle["text/plain"].startswith("A line")
    assert options["metadata"]["image/png"]["alt"] == bundle["text/plain"]


@pytest.mark.parametrize("alt", ["", "  \n"])
def test_a_figure_without_alt_text_is_refused(alt):
    with pytest.raises(ValueError, match="alt"):
        plots.show(plots.figure()[0], alt=alt)


def test_the_palette_stays_apart_without_colour_vision():
    """Under the three kinds of colour blindness the first six colours differ by what an eye can tell."""
    # Linear models of the three (Viénot, Brettel and Mollon, 1999, simplified to one matrix each).
    confusions = {
        "protan": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
        "deutan": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
        "tritan": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
    }
    colors = np.array([to_rgb(color) for color in plots.COLORS[:6]])
    for kind, matrix in confusions.items():
        seen = colors @ np.array(matrix).T
        distances = np.linalg.norm(seen[:, None] - seen[None], axis=2) + 9 * np.eye(len(seen))
        assert distances.min() > 0.1, (kind, distances.min())


def test_an_image_grid_places_each_image():
    images = np.zeros((7, 3, 8, 8), np.uint8)
    figure = plots.image_grid(images, columns=3, titles=list("abcdefg"))
    assert [ax.get_title() for ax in figure.axes] == [*"abcdefg", "", ""]
    with pytest.raises(ValueError, match="titles"):
        plots.image_grid(images, titles=["a"])
    with pytest.raises(ValueError, match="images"):
        plots.image_grid(images[0])


def test_draw_image_keeps_the_pixels():
    image = np.random.default_rng(0).integers(0, 256, (3, 4, 5), np.uint8)
    _, ax = plots.figure()
    np.testing.assert_array_equal(plots.draw_image(ax, image).get_array(), image.transpose(1, 2, 0))


def test_no_line_of_the_axes_is_drawn_around_an_image():
    _, ax = plots.figure()
    plots.draw_image(ax, np.zeros((3, 4, 5), np.uint8))
    assert not any(spine.get_visible() for spine in ax.spines.values())
    assert len(ax.get_xticks()) == len(ax.get_yticks()) == 0


def test_the_confusion_matrix_counts_rows_of_truth():
    figure = plots.confusion_matrix(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1]), ["cat", "dog"])
    shares = figure.axes[0].images[0].get_array()
    np.testing.assert_allclose(shares, [[200 / 3, 100 / 3], [0, 100]])


def test_templates_are_grey_where_the_weight_is_zero():
    W = np.zeros((2, 12))
    W[0, 0], W[1, 0] = 3, -0.5
    figure = plots.templates(W, (3, 2, 2), ["a", "b"])
    first, second = (ax.images[0].get_array() for ax in figure.axes)
    assert first[0, 0, 0] == 1
    assert second[0, 0, 0] == 0
    assert (first[1:] == 0.5).all()
    with pytest.raises(ValueError, match="W: expected"):
        plots.templates(W, (3, 3, 3), ["a", "b"])


def test_a_figure_is_a_png_of_its_size(tmp_path):
    figure, _ = plots.figure(size=(5, 2))
    file = io.BytesIO()
    figure.savefig(file, dpi=100)
    assert Image.open(file).size == (500, 200)


def test_the_style_reaches_what_is_added_to_a_figure_later():
    with matplotlib.rc_context():
        plots.use_style()
        _, ax = plots.figure()
        ax.plot([0, 1], label="a line")
        legend = ax.legend()
        assert not legend.get_frame_on()
        assert legend.get_texts()[0].get_fontsize() == plots.STYLE["font.size"]


IMAGES = np.zeros((4, 3, 8, 8), np.uint8)
SPLIT = Split(IMAGES, np.zeros(4, np.int64))
DATASET = Dataset("grey", SPLIT, SPLIT, ("a",))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: plots.image_grid(DATASET),
            "images: expected an array .*, got grey: .*; give data.train.images$",
        ),
        (
            lambda: plots.image_grid(SPLIT),
            "images: expected an array .*, got Split.*; give data.train.images, not",
        ),
        (
            lambda: plots.image_grid(IMAGES[0]),
            r"images: expected \(N, C, H, W\).*; one image is images\[None\]",
        ),
        (
            lambda: plots.image_grid(IMAGES.transpose(0, 2, 3, 1)),
            "images: .*; channels come first: np.moveaxis",
        ),
        (lambda: plots.image_grid(IMAGES[:0]), "images: expected .*N at least 1"),
        (lambda: plots.image_grid(None), "images: expected numbers, got dtype object"),
        (lambda: plots.image_grid("cat"), "images: expected numbers"),
        (
            lambda: plots.image_grid(IMAGES, columns=0),
            "columns: expected a whole number of at least 1, got 0",
        ),
        (
            lambda: plots.image_grid(IMAGES, columns="3"),
            "columns: expected a whole number of at least 1, got '3'",
        ),
        (lambda: plots.image_grid(IMAGES, cell=-1), "cell: expected a number above 0, got -1"),
        (lambda: plots.image_grid(IMAGES, titles="abcd"), "titles: expected one an image, 4, got 'abcd'"),
        (
            lambda: plots.show(plots.figure(), alt="A figure."),
            "made: expected a matplotlib Figure, got .*figure",
        ),
        (lambda: plots.show(plots.figure()[0], alt=" "), "alt: expected a sentence .*got ' '"),
        (lambda: plots.show(plots.figure()[0], alt=None), "alt: expected a sentence .*got None"),
        (
            lambda: plots.confusion_matrix([0, 2], [0, 1], "ab"),
            r"true: expected labels 0 to 1, got 2 at \[1\]",
        ),
        (lambda: plots.confusion_matrix([0, 1], [0], "ab"), r"predicted: expected shape \(2,\)"),
        (lambda: plots.confusion_matrix([0, 1], [0.0, 1.0], "ab"), "predicted: expected integers"),
        (lambda: plots.templates(np.ones((12, 2)), (3, 2, 2), "ab"), "W: expected .*transposed: W.T"),
        (lambda: plots.templates("W", (3, 2, 2), "ab"), "W: expected numbers"),
    ],
)
def test_what_cannot_be_drawn_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
