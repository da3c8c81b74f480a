"""What students write and show does not run in Formgrader, whose pages have the instructor's rights."""

from __future__ import annotations

import json
import re
from functools import cache

import nbformat
import pytest
from grading_course import executed
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output, new_raw_cell
from nbgrader.server_extensions.formgrader import handlers
from test_feedback_page import HOSTILE, MEDIA, PNG, Reader
from traitlets.config import Config

from lib.grading.feedback.inert import inert_notebook, is_harmless

LIVE = {
    "iframe", "object", "embed", "form", "input", "button", "link", "base", "math", "audio", "video",
    "canvas", "template", "noscript",
}  # fmt: skip


@cache
def exporter():
    """As Formgrader makes it."""
    config = Config()
    config.HTMLExporter.template_name = "formgrade"
    config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
    return HTMLExporter(config=config)


def shown(notebook):
    """The page of Formgrader."""
    about = dict.fromkeys(("base_url", "mathjax_url", "notebook_id", "assignment_id", "submission_id"), "x")
    return exporter().from_notebook_node(notebook, resources={**about, "index": 0, "total": 1})[0]


def as_shown(text, outputs):
    notebook = json.loads(executed(why=text, outputs=outputs))
    strange = [{**output, "execution_count": text} for output in outputs if "execution_count" in output]
    notebook["cells"] += [
        {**new_markdown_cell(text), "id": text[:60], "metadata": {"tags": [text]}},
        new_raw_cell(text, metadata={"raw_mimetype": "text/html"}),
        {**new_code_cell(text), "outputs": [*outputs, *strange], "execution_count": text},
    ]
    return shown(nbformat.reads(inert_notebook(json.dumps(notebook).encode()).decode(), 4))


def outputs_of(text):
    return [
        new_output("stream", name="stdout", text=text),
        new_output("error", ename=text, evalue=text, traceback=[text]),
        *(new_output("display_data", {media: text, "text/plain": text}) for media in MEDIA),
        new_output("execute_result", {"text/html": text}, execution_count=1),
        new_output("display_data", {"image/png": PNG}, metadata={"image/png": {"alt": text, "width": text}}),
        new_output("display_data", {"image/png": PNG + '" onerror="alert(1)'}),
    ]


def live_parts(page):
    """What could run or fetch something."""
    read = Reader(page)
    found = [tag for tag in read.tags if tag in LIVE]
    for tag, name, value in read.attributes:
        word = re.sub(r"[\x00-\x20]", "", value).lower()
        if name.startswith("on") or word.startswith(("javascript:", "vbscript:", "data:text")):
            found.append((tag, name, value))
        if name == "src" and tag != "script" and not value.startswith("data:image/"):
            found.append((tag, name, value))
    scripts = len(re.findall("<script", page, re.IGNORECASE))
    return found, scripts, len(re.findall("<(style|svg|meta|body)", page, re.IGNORECASE))


@pytest.mark.family(share=6)
@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_of_a_students_runs_in_formgrader(text):
    usual = live_parts(as_shown("Plain words.", outputs_of("plain")))
    assert live_parts(as_shown(text, outputs_of(text))) == usual
    page = as_shown(text, outputs_of(text))
    assert "\\href" not in re.sub(r"<pre.*?</pre>", "", page, flags=re.DOTALL)


HARMLESS = [
    "Because $a < b$, and **so** on:\n\n- one\n- two",
    "# My own heading\n\n`x < y` and [a page](https://example.org) and $\\frac{1}{2}$",
    "| a | b |\n|---|---|\n| 1 | 2 |",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_texts_stay_as_they_were_typed(text):
    assert is_harmless(text)
    notebook = json.loads(inert_notebook(executed(why=text)))
    assert text in ["".join(cell["source"]) for cell in notebook["cells"]]
    assert inert_notebook(inert_notebook(executed(why=text))) == inert_notebook(executed(why=text))


def test_tables_pictures_and_words_are_still_seen():
    table = "<table><tr><td>cell of a table</td></tr></table><script>alert(1)</script>"
    outputs = [
        new_output("display_data", {"text/html": table, "text/plain": "plain"}),
        new_output("display_data", {"image/png": PNG}, metadata={"image/png": {"width": 30}}),
        new_output("display_data", {"image/svg+xml": "<svg><script>alert(1)</script></svg>"}),
        new_output("stream", name="stdout", text="3 < 4 is printed"),
    ]
    page = as_shown("Since <b>bold</b> is\n\n[x](javascript:alert(1)) not code", outputs)
    assert "cell of a table</td>" in page
    assert f"data:image/png;base64,{PNG}" in page
    assert "data:image/svg+xml;base64," in page
    assert "3 &lt; 4 is printed" in page
    assert "<b>bold</b>" in page
    assert 'href="javascript:' not in page
