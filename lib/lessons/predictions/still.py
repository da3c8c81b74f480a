"""What stands on a page without a kernel: a question, and in an exported page its truth, closed."""

from __future__ import annotations

import html
import os
import re
from typing import Any

from lib.lessons.predictions.prediction import Prediction

RUN = "Run this cell to guess."


def exporting() -> bool:
    """Whether `course export` runs this lecture: its pages have no kernel, so they show all."""
    return os.environ.get("COURSE_EXPORT") == "1"


def has_widgets() -> bool:
    """Whether this runs in a notebook's kernel, not in plain Python or in a terminal."""
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    shell: Any = get_ipython()
    return hasattr(shell, "kernel")


def simple_html(text: str) -> str:
    """HTML of a sentence with **bold**, *slanted* and `code`; LaTeX is left to the page."""
    text = html.escape(text, quote=False)
    formulas = re.split(r"(\$[^$]+\$)", text)
    for k in range(0, len(formulas), 2):
        for mark, tag in ((r"\*\*", "strong"), (r"\*", "em"), ("`", "code")):
            formulas[k] = re.sub(rf"{mark}(\S|\S.*?\S){mark}", rf"<{tag}>\1</{tag}>", formulas[k])
    return "".join(formulas)


def question_html(prediction: Prediction) -> str:
    """The question alone, with its options; the living card hides it."""
    return f'<div class="course-asked">{asked_html(prediction)}<p>{RUN}</p></div>'


def asked_html(prediction: Prediction) -> str:
    """The question, and the options where there are some."""
    asked = f"<p>{simple_html(prediction.question)}</p>"
    options = prediction.kind.view().get("options", [])
    items = "".join(f"<li>{html.escape(option)}</li>" for option in options)
    return f"{asked}<ul>{items}</ul>" if options else asked


def html_of(text: str) -> None:
    """Display a piece of HTML; in a terminal its words."""
    from IPython.display import display

    words = html.unescape(re.sub(r"<[^>]+>", " ", text))
    display({"text/html": text, "text/plain": " ".join(words.split())}, raw=True)
