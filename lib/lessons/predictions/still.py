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
    """The question alone; the living card hides it."""
    return f'<div class="course-asked"><p>{simple_html(prediction.question)}</p><p>{RUN}</p></div>'


def told_html(prediction: Prediction) -> str:
    """The question, and its truth in a box that opens."""
    truth = prediction.told(None, prediction.true())
    if not callable(prediction.true()):
        truth = f"{prediction.kind.words(prediction.true())}. {truth}"
    return (
        f'<div class="course-asked"><p><strong>Guess first.</strong> {simple_html(prediction.question)}</p>'
        f"<details><summary>The truth</summary><p>{simple_html(truth)}</p></details></div>"
    )


def html_of(text: str) -> None:
    """Display a piece of HTML; in a terminal its words."""
    from IPython.display import display

    words = html.unescape(re.sub(r"<[^>]+>", " ", text))
    display({"text/html": text, "text/plain": " ".join(words.split())}, raw=True)
