import io

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

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
