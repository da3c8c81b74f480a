"""Outputs of a notebook as HTML, for pages without a kernel."""

from __future__ import annotations

import html
from typing import Any

from lib import plots
from lib.lessons.predictions.still import simple_html

VIEW = "application/vnd.jupyter.widget-view+json"


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
