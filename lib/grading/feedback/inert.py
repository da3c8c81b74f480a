"""Executed notebooks in which nothing of a student's runs, wherever they are shown as a page.

nbgrader's Formgrader writes outputs and Markdown into a page as they are, and that page has the instructor's
rights.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from lib.grading.feedback.clean import (
    PICTURES,
    clean_html,
    joined_text,
    markdown_html,
)

TAG = re.compile(r"<(?=[A-Za-z/!?])")
ENTITY = re.compile(r"&[#A-Za-z]")
BACKSLASH = re.compile(r"&(#0*92|#[xX]0*5[cC]|bsol);?")
COMMAND = re.compile(r"\\(?=(href|class|style|cssId|data|require)\b)")  # of MathJax, which make live parts
LINKS = ("http://", "https://", "mailto:", "#")
BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
KEPT = ("editable", "deletable", "nbgrader")  # of what a cell says about itself
SPECIAL = re.compile(r"[^\w .,:;()=+-]")
CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def inert_notebook(notebook: bytes) -> bytes:
    """The same notebook, in which nothing runs; what is harmless stays as it is.

    notebook: executed, as JSON
    """
    content = json.loads(notebook)
    content["metadata"].pop("widgets", None)
    for number, cell in enumerate(content["cells"]):
        cell["metadata"] = {key: value for key, value in cell["metadata"].items() if key in KEPT}
        if "id" in cell and not CELL_ID.fullmatch(str(cell["id"])):
            cell["id"] = f"cell-{number}"
        attachments = cell.pop("attachments", {})
        if cell["cell_type"] == "raw":
            cell["source"] = _without_commands(joined_text(cell["source"]))
        if cell["cell_type"] == "markdown":
            text = joined_text(cell["source"])
            if attachments or not is_harmless(text):
                cell["source"] = _in_one_block(_without_commands(markdown_html(text, attachments)))
        elif cell["cell_type"] == "code":
            cell["execution_count"] = _count(cell.get("execution_count"))
            cell["outputs"] = [_inert_output(output) for output in cell["outputs"]]
    return (
        json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace") + b"\n"
    )


def is_harmless(markdown: str) -> bool:
    """Whether a text has no HTML of its own, and no link but to pages, letters and its own parts.

    >>> is_harmless("**so** $a < b$, [see](https://example.org)"), is_harmless("[x](javascript:alert(1))")
    (True, False)
    """
    if any(pattern.search(markdown) for pattern in (TAG, ENTITY, COMMAND)):
        return False
    try:
        renderer = IPythonRenderer(escape=False, embed_images=False, attachments={})
        seen = _Links()
        seen.feed(str(MarkdownWithMath(renderer).render(markdown)))
    except Exception:  # whatever a text may do to its reader
        return False
    return all(link.startswith(LINKS) for link in seen.links)


class _Links(HTMLParser):
    """Where the links and pictures of a page lead."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "srcset", "action")]


def _in_one_block(html: str) -> str:
    """HTML as Markdown takes it over, without reading it again: no line of it is empty."""
    lines = [line if line.strip() else "&#10;" for line in html.strip().split("\n")]
    return "\n".join(["<div>", *lines, "</div>"])


def _without_commands(html: str) -> str:
    return COMMAND.sub(r"\\ ", BACKSLASH.sub(r"\\", html))


def _count(number: Any) -> int | None:
    """A kernel may say anything."""
    return number if type(number) is int else None


def _inert_output(output: Mapping[str, Any]) -> dict[str, Any]:
    """Streams and errors are shown as text; of all else only what is known to be harmless stays."""
    kind = output.get("output_type")
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return {"output_type": kind, "name": name, "text": joined_text(output.get("text"))}
    if kind == "error":
        lines = output.get("traceback")
        lines = [str(line) for line in lines] if isinstance(lines, list) else []
        said = {name: str(output.get(name, "")) for name in ("ename", "evalue")}
        return {"output_type": kind, **said, "traceback": lines}
    data = output.get("data")
    data = data if isinstance(data, dict) else {}
    kept: dict[str, Any] = {}
    if "text/plain" in data:
        kept["text/plain"] = joined_text(data["text/plain"])
    for media in PICTURES:
        code = joined_text(data.get(media))
        if code and BASE64.fullmatch(code):
            kept[media] = code
    if "image/svg+xml" in data:  # as a picture: no script in it runs, nothing is fetched
        code = base64.b64encode(joined_text(data["image/svg+xml"]).encode("utf-8", "replace")).decode()
        kept["text/html"] = f'<img src="data:image/svg+xml;base64,{code}" alt="a drawing">'
    elif "text/html" in data:
        kept["text/html"] = _without_commands(clean_html(joined_text(data["text/html"])))
    elif "text/markdown" in data:
        kept["text/html"] = _without_commands(markdown_html(joined_text(data["text/markdown"])))
    if "text/latex" in data:
        kept["text/latex"] = _without_commands(TAG.sub("< ", joined_text(data["text/latex"])))
    kept = kept or {"text/plain": ""}  # as of a picture that is none
    shown: dict[str, Any] = {"data": kept, "metadata": _sizes(output.get("metadata"), kept)}
    if kind == "execute_result":
        return {"output_type": kind, "execution_count": _count(output.get("execution_count")), **shown}
    return {"output_type": "display_data", **shown}


def _sizes(metadata: Any, kept: Mapping[str, Any]) -> dict[str, Any]:
    """Of pictures their widths, heights and alternative texts."""
    found: dict[str, Any] = {}
    for media in PICTURES:
        if media in kept:
            given = metadata.get(media) if isinstance(metadata, dict) else None
            about = given if isinstance(given, dict) else {}
            sizes = {key: about[key] for key in ("width", "height") if type(about.get(key)) is int}
            alt = str(about.get("alt") or kept.get("text/plain") or "A picture without a description")
            found[media] = {**sizes, "alt": SPECIAL.sub(" ", alt)[:600]}
    return found
