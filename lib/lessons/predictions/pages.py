"""Predictions and outputs as HTML, for the pages of `course export`, which have no kernel."""

from __future__ import annotations

import html
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from lib import plots
from lib.lessons.predictions.kinds import CURVE, Sketch
from lib.lessons.predictions.prediction import Prediction
from lib.lessons.predictions.recorder import OutputRecorder, recording
from lib.lessons.predictions.still import asked_html, html_of, simple_html

VIEW = "application/vnd.jupyter.widget-view+json"


def show_told(prediction: Prediction) -> None:
    """Display what `told_html` gives."""
    html_of(told_html(prediction))


def told_html(prediction: Prediction) -> str:
    """The question, and its truth in a box that opens."""
    truth = prediction.true()
    sentence = simple_html(prediction.told(None, truth))
    if isinstance(prediction.kind, Sketch):
        told = f"{curve_html(prediction.kind, truth)}<p>{sentence}</p>"
    else:
        told = f"<p>{html.escape(str(prediction.kind.words(truth)))}. {sentence}</p>"
    return (
        f'<div class="course-asked"><p><strong>Guess first.</strong></p>{asked_html(prediction)}'
        f"<details><summary>The truth</summary>{told}</details></div>"
    )


@contextmanager
def in_details() -> Iterator[None]:
    """A `with` block whose outputs come as one piece of HTML that is closed at first."""
    recorder = OutputRecorder()
    with recording(recorder):
        yield
    html_of(as_details(recorder.outputs))


def as_details(outputs: list[dict[str, Any]]) -> str:
    """Outputs as that piece of HTML."""
    inner = "\n".join(page_of_output(output) for output in outputs)
    return f"<details><summary>Guess first, then open</summary>\n{inner}\n</details>"


def curve_html(kind: Sketch, truth: Any) -> str:
    """A picture of a true curve, with its values as alternative text."""
    figure, ax = plots.figure(size=(7, 3.5))
    x = np.array([kind.x.at(share) for share in np.linspace(0, 1, CURVE)])
    ax.plot(x, truth(x), color=plots.COLORS[0])
    for name, scale in (("x", kind.x), ("y", kind.y)):
        ax.set(**{f"{name}label": scale.label, f"{name}scale": "log" if scale.log else "linear"})
        ax.set(**{f"{name}lim": (scale.low, scale.high)})
    bundle, _ = plots.image_bundle(plots.png_of(figure), kind.outcome(None, truth)["alt"])
    return bundle["text/html"]


def page_of_output(output: dict[str, Any]) -> str:
    """One output as HTML: tables and pictures as they are, text as it was typed.

    A living demo is left out: its picture stands beside it.
    """
    if output["output_type"] == "stream":
        return f"<pre>{html.escape(output['text'])}</pre>"
    data = output["data"]
    if VIEW in data:
        return ""
    if "text/html" in data:
        return _text(data["text/html"])
    if "image/svg+xml" in data:
        return _text(data["image/svg+xml"])
    if "image/png" in data:
        alt = output["metadata"].get("image/png", {}).get("alt") or data.get("text/plain", "")
        return plots.image_html(_text(data["image/png"]).strip(), _text(alt))
    for kind in ("text/markdown", "text/latex"):
        if kind in data:
            return f"<p>{simple_html(_text(data[kind]))}</p>"
    return f"<pre>{html.escape(_text(data.get('text/plain', '')))}</pre>"


def _text(value: Any) -> str:
    return "".join(value) if isinstance(value, list) else str(value)
