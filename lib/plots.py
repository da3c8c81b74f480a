"""The course's figures: one look, readable from the last row, colour-blind-safe, each with alt text."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Sequence
from typing import Any

import matplotlib
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lib.checks import as_numbers, check_labels, check_number, check_whole, shown

# Okabe and Ito's palette, ordered so that neighbours also differ in lightness.
COLORS = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#D55E00",
    "#F0E442",
    "#000000",
    "#7F7F7F",
    "#8C564B",
)
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">")

STYLE = matplotlib.RcParams({
    "font.family": "DejaVu Sans",  # ships with matplotlib: the same picture on every machine
    "font.size": 13,
    "text.usetex": False,  # whatever a user's matplotlibrc says: LaTeX is rarely there, and takes seconds
    "text.hinting": "none",  # letters take half the time, and look no worse at this size
    "axes.titlesize": 14,
    "axes.labelsize": 13,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": cycler(color=COLORS),
    "axes.axisbelow": True,
    "legend.frameon": False,
    "lines.linewidth": 2.2,
    "image.interpolation": "nearest",
    "figure.facecolor": "white",
})  # fmt: skip


def colors_of(*, ink: str, paper: str) -> dict[str, str]:
    """matplotlib's settings for text and lines in one colour on a ground in another."""
    dark = "text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"
    return dict.fromkeys(dark, ink) | {"figure.facecolor": paper, "axes.facecolor": paper}


in_style = matplotlib.rc_context(STYLE)  # a decorator: what the function draws has the course's look


def use_style() -> None:
    """The course's look for everything that this notebook draws from now on, its own pyplot figures too."""
    matplotlib.rcParams.update(STYLE)


@in_style
def figure(
    columns: int = 1, rows: int = 1, *, size: tuple[float, float] = (9, 4), **options: Any
) -> tuple[Figure, Any]:
    """A figure in the course's look, and its axes: one, or an array of them as `Figure.subplots` gives it.

    columns, rows: how many axes stand side by side, and one below the other
    size: width and height in inches
    options: of `Figure.subplots`, such as sharey=True
    """
    made = Figure(figsize=size, dpi=100, layout="constrained")
    return made, made.subplots(rows, columns, **options)


@in_style
def show(made: Figure, *, alt: str) -> None:
    """Display a figure with its alternative text.

    alt: what the figure says, in one or two sentences, for those who cannot see it; not empty
    """
    from IPython.display import display

    if not isinstance(made, Figure):
        raise ValueError(f"made: expected a matplotlib Figure, got {shown(made)}; figure() returns one first")
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError(f"alt: expected a sentence that says what the figure shows, got {shown(alt)}")
    bundle, metadata = image_bundle(png_of(made), alt)
    display(bundle, metadata=metadata, raw=True)


@in_style
def png_of(made: Figure) -> bytes:
    """A figure as a PNG file."""
    file = io.BytesIO()
    made.savefig(file, format="png", dpi=100)
    return file.getvalue()


def image_bundle(png: bytes, alt: str) -> tuple[dict[str, str], dict[str, Any]]:
    """A PNG file as data and metadata for notebooks: as HTML with alt text, as image and as plain text."""
    code = base64.b64encode(png).decode()
    return (
        {"text/html": image_html(code, alt), "image/png": code, "text/plain": alt},
        {"image/png": {"alt": alt}},
    )


def image_html(code: str, alt: str) -> str:
    """An HTML image with its alt text.

    code: a PNG file in base64
    alt: what the picture shows, for those who cannot see it
    """
    source = f'src="data:image/png;base64,{code}" style="max-width: 100%"'
    return f'<img alt="{html.escape(alt, quote=True)}" {source}>'


@in_style
def image_grid(
    images: np.ndarray,
    *,
    columns: int = 10,
    titles: Sequence[str] | None = None,
    cell: float = 0.95,
    title: str | None = None,
) -> Figure:
    """Images side by side, row by row, with a title over each where they are given.

    images: uint8 (N, C, H, W) or float in 0…1, with C = 1 or 3
    columns: how many stand side by side
    titles: one for each image, above it; None for none
    cell: width of one image, inches
    title: above all of them

    Raises `ValueError` that names the argument.
    """
    if hasattr(images, "images") or hasattr(images, "train"):
        hint = "data.train.images" if hasattr(images, "train") else "data.train.images, not data.train"
        raise ValueError(f"images: expected an array (N, C, H, W), got {shown(images)}; give {hint}")
    images = as_numbers(images, name="images")
    if images.ndim != 4 or images.shape[1] not in (1, 3) or not images.size:
        hint = "; one image is images[None]" if images.ndim == 3 and images.shape[0] in (1, 3) else ""
        if images.ndim == 4 and images.shape[-1] in (1, 3):
            hint = "; channels come first: np.moveaxis(images, -1, 1)"
        raise ValueError(
            f"images: expected (N, C, H, W) with N at least 1 and C 1 or 3, got {images.shape}{hint}"
        )
    check_whole(columns, name="columns", low=1)
    check_number(cell, name="cell", low=0, open_low=True)
    if titles is not None and (isinstance(titles, str) or len(titles) != len(images)):
        raise ValueError(f"titles: expected one an image, {len(images)}, got {shown(titles)}")
    rows = -(-len(images) // columns)
    lines = max(text.count("\n") + 1 for text in titles) if titles is not None else 0
    height = rows * (cell + 0.05 + 0.25 * lines) + (0.4 if title else 0)
    made, axes = figure(columns, rows, size=(columns * cell, height), squeeze=False)
    for index, ax in enumerate(axes.flat):
        ax.axis("off")
        if index < len(images):
            draw_image(ax, images[index])
            if titles is not None:
                ax.set_title(titles[index], fontsize=11)
    if title:
        made.suptitle(title, fontsize=14)
    return made


def draw_image(ax: Axes, image: np.ndarray) -> Any:
    """One image (C, H, W) on bare axes; returns the artist, whose `set_data` takes (H, W, C)."""
    ax.spines[:].set_visible(False)
    ax.set_xticks([])
    ax.set_yticks([])
    picture = np.moveaxis(image, 0, -1)
    top = 255 if image.dtype == np.uint8 else 1
    if picture.shape[-1] == 1:
        return ax.imshow(picture[..., 0], cmap="gray", vmin=0, vmax=top)
    return ax.imshow(picture, vmin=0, vmax=top)


@in_style
def curves(
    ax: Axes,
    x: np.ndarray,
    lines: dict[str, np.ndarray],
    *,
    xlabel: str,
    ylabel: str,
    title: str | None = None,
) -> None:
    """Lines over x, each with its name in the legend and its own marker, never colour alone.

    ax: the axes to draw on
    x: (P,)
    lines: name → heights, (P,); as many names as there are MARKERS at most
    xlabel, ylabel: what the axes show, with its unit
    title: above the axes; None for none
    """
    for (name, values), marker in zip(lines.items(), MARKERS, strict=False):
        ax.plot(x, values, marker=marker, markevery=max(1, len(x) // 12), label=name)
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)
    ax.legend()
    if title:
        ax.set_title(title)


@in_style
def confusion_matrix(true: np.ndarray, predicted: np.ndarray, classes: Sequence[str]) -> Figure:
    """How often each true class (row) was called each class (column), in per cent of the row.

    true, predicted: int (N,), values 0…len(classes) − 1
    classes: their names

    Raises `ValueError` that names the argument.
    """
    count = len(classes)
    true = check_labels(true, np.size(true), name="true", classes=count)
    predicted = check_labels(predicted, len(true), name="predicted", classes=count)
    table = np.zeros((count, count))
    np.add.at(table, (true, predicted), 1)
    share = 100 * table / np.maximum(1, table.sum(1, keepdims=True))
    made, ax = figure(size=(8, 6.5))
    picture = ax.imshow(share, cmap="cividis", vmin=0, vmax=100)
    for row in range(count):
        for column in range(count):
            value = share[row, column]
            ax.text(
                column,
                row,
                f"{value:.0f}",
                ha="center",
                va="center",
                color="white" if value < 55 else "black",
            )
    ax.set_xticks(range(count), classes, rotation=45, ha="right")
    ax.set_yticks(range(count), classes)
    ax.set_xlabel("predicted")
    ax.set_ylabel("true")
    made.colorbar(picture, ax=ax, label="% of the true class")
    return made


def templates(W: np.ndarray, shape: tuple[int, int, int], classes: Sequence[str]) -> Figure:
    """The rows of a linear classifier's W as images, each stretched to its own largest weight; grey is zero.

    W: float (K, C·H·W)
    shape: (C, H, W) of an image
    classes: the K names

    Raises `ValueError` that names the argument.
    """
    W = as_numbers(W, name="W").astype(float)
    expected = (len(classes), int(np.prod(shape)))
    if W.shape != expected:
        hint = "; yours looks transposed: W.T" if W.shape == expected[::-1] else ""
        raise ValueError(f"W: expected {expected}, classes × pixels, got {W.shape}{hint}")
    scaled = 0.5 + 0.5 * W / np.maximum(np.abs(W).max(axis=1, keepdims=True), 1e-12)
    return image_grid(scaled.reshape(-1, *shape), columns=min(5, len(W)), titles=list(classes), cell=1.7)
