"""Pages of feedback in Chromium: what a hostile notebook holds does not run or fetch; all can be read."""

import json
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from lib.grading.feedback.page import feedback_page
from lib.grading.gradebook.marks import CellMarks, StudentMarks

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "tests" / "grading"))

from grading_course import NAME, executed, result  # noqa: E402

FAR = "http://far.example"
LIVE = [
    "<script>hacked('script')</script>",
    f"<script src='{FAR}/a.js'></script>",
    "<svg onload=\"hacked('svg')\"><script>hacked('in svg')</script></svg>",
    f"<svg><image href='{FAR}/a.png'/><use href='{FAR}/a.svg#x'/></svg>",
    f"<img src='{FAR}/a.png' onerror=\"hacked('img')\"><img src=x: onerror=hacked('img')>",
    f"<div style=\"background:url({FAR}/b.png);width:expression(hacked('css'))\">css</div>",
    f"<style>@import '{FAR}/c.css'; body {{ background: url({FAR}/d.png) }}</style>",
    f"<link rel=stylesheet href='{FAR}/e.css'><link rel=prefetch href='{FAR}/f'>",
    f"<base href='{FAR}/'>", f"<meta http-equiv=refresh content='0;url={FAR}/g'>",
    f"<iframe src='{FAR}/h'></iframe><iframe srcdoc=\"<script>top.hacked('frame')</script>\"></iframe>",
    f"<object data='{FAR}/i'></object><embed src='{FAR}/j'><video src='{FAR}/k' autoplay></video>",
    "<a href=\"javascript:hacked('link')\">a script to click</a>",
    "<a href=\"data:text/html,<script>opener.hacked('data')</script>\">data to click</a>",
    f"<form action='{FAR}/l'><button autofocus onfocus=\"hacked('form')\">button</button></form>",
    "</pre></div></main><script>hacked('closed')</script>", "]]><!--><script>hacked('comment')</script>-->",
    "<math><mtext><table><mglyph><style><img src=x onerror=hacked('math')>",
    "<details open ontoggle=\"hacked('toggle')\">toggled</details>",
    f"[markdown](javascript:hacked('md')) ![picture]({FAR}/m.png) <{FAR}/n>",
    f"$$\\href{{javascript:hacked('tex')}}{{x}}$$ $\\unicode{{<img src='{FAR}/o'>}}$",
]  # fmt: skip
MEDIA = (
    "text/html", "text/markdown", "text/latex", "image/svg+xml", "image/png", "text/plain",
    "application/javascript", "application/pdf", "application/vnd.jupyter.widget-view+json",
)  # fmt: skip
LINES = "A line of a program that went wrong, many times over.\n" * 190_000  # 10 MB
WIDE = "x = [" + "0.123456789, " * 60 + "]\nname_without_an_end_" + "_" * 400 + " = 1"
TABLE = "<table><tr>" + "<td>0.123456789</td>" * 40 + "</tr></table>"


def display(media, text):
    return {"output_type": "display_data", "data": {media: text}, "metadata": {media: {"alt": text}}}


def hostile_notebook():
    """All that is live in all places of a notebook."""
    notebook = json.loads(executed(why="\n\n".join(LIVE)))
    live = "\n".join(LIVE)
    error = {"output_type": "error", "ename": live, "evalue": live, "traceback": LIVE}
    stream = {"output_type": "stream", "name": "stdout", "text": live}
    outputs = [stream, error, *(display(media, text) for text in LIVE for media in MEDIA)]
    picture = {"a.svg": {"image/svg+xml": LIVE[2]}, "b.html": {"text/html": live}}
    notebook["cells"] += [
        {"cell_type": "code", "id": "a", "metadata": {}, "source": live, "outputs": outputs},
        {"cell_type": "raw", "id": "b", "metadata": {"format": "text/html"}, "source": live},
        *(
            {"cell_type": "markdown", "id": f"c{number}", "metadata": {}, "source": text}
            for number, text in enumerate(LIVE)
        ),
        {"cell_type": "markdown", "id": "d", "metadata": {}, "attachments": picture,
         "source": "![svg](attachment:a.svg) ![html](attachment:b.html)"},
    ]  # fmt: skip
    return notebook


def large_notebook():
    """What is honest, and too much: long lines, wide tables, ten megabytes of output."""
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": LINES},
        {"output_type": "stream", "name": "stderr", "text": "=" * 5000},
        display("text/html", TABLE), display("text/html", "<b>" * 50 + LINES),
        display("image/png", "A" * 2_000_000), display("text/plain", WIDE),
    ]  # fmt: skip
    notebook = json.loads(executed(why=f"{'word ' * 300}\n\n{'w' * 900}\n\n{TABLE}", outputs=outputs))
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "source": WIDE, "outputs": outputs}
    notebook["cells"] += [cell, {"cell_type": "markdown", "id": "b", "metadata": {}, "source": f"`{WIDE}`"}]
    return notebook


def page_of(notebook, said="The sign of `grad_output` is wrong: look at the sum over the batch."):
    """The page, as a file for the browser."""
    marks = StudentMarks(
        "ada",
        NAME,
        cells=(
            CellMarks("add-marks", 10, False, 6.0, None, None, False),
            CellMarks("twice-marks", 6, False, 0.0, None, None, False),
            CellMarks("why", 4, True, None, 3.0, None, False),
        ),
        comments={"why": said, "add-code": said},
    )
    found = result(said=[said], add=6.0, twice=0.0, flags=[("slow", said), ("late", said), ("copied", said)])
    return feedback_page(marks, notebook, json.loads(executed(None, None, None)), found)


@contextmanager
def browsing(chromium, tmp_path, text, **options):
    """The page in a browser, and what it tried: (what, about what)."""
    from playwright.sync_api import sync_playwright

    from benchmarks.lab import CHROMIUM_FLAGS

    file = tmp_path / "a9_small.html"
    file.write_text(text, "utf-8")
    tried = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        page = browser.new_page(**options)
        page.expose_function("hacked", lambda what: tried.append(("ran", what)))
        page.on("request", lambda request: tried.append(("asked for", request.url[:200])))
        page.on("console", lambda message: tried.append(("said", message.text)))
        page.on("pageerror", lambda error: tried.append(("failed", str(error))))
        page.on("dialog", lambda dialog: (tried.append(("opened", dialog.message)), dialog.dismiss()))
        page.on("popup", lambda other: tried.append(("opened", other.url)))
        page.goto(file.as_uri())
        page.wait_for_load_state("networkidle")
        own = ("asked for", file.as_uri())
        yield page, lambda: [each for each in tried if each != own and "data:image" not in each[1]]
        browser.close()


@pytest.mark.family(share=12)
def test_nothing_of_a_hostile_notebook_runs_or_is_fetched(chromium, tmp_path):
    text = page_of(hostile_notebook(), said="\n".join(LIVE))
    with browsing(chromium, tmp_path, text) as (page, tried):
        assert tried() == []
        for summary in page.locator("summary").all():
            summary.click()
        address = page.url
        for link in page.locator("a[href]").all():  # not followed: only read
            assert link.get_attribute("href").startswith(("#", "http://", "https://", "mailto:"))
        for word in page.get_by_text("to click").all():
            word.click()
        page.keyboard.press("Tab")
        page.wait_for_timeout(300)
        assert page.url == address
        assert tried() == []
        assert page.locator("script, iframe, object, embed, form, base, link, svg, video").count() == 0
        assert page.locator("meta[http-equiv=refresh]").count() == 0


@pytest.mark.family(share=12)
def test_what_runs_and_fetches_would_be_noticed(chromium, tmp_path):
    live = "".join(text for text in LIVE if "refresh" not in text and "base" not in text)
    with browsing(chromium, tmp_path, f"<!doctype html>{live}") as (_, tried):
        found = tried()
    assert {what for what, _ in found} >= {"ran", "asked for"}
    assert {about for what, about in found if what == "ran"} >= {"script", "svg", "img"}


@pytest.mark.family(share=12)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_large_page_fits_every_screen_and_the_paper(chromium, tmp_path, scheme):
    text = page_of(large_notebook())
    assert len(text) < 500_000
    with browsing(chromium, tmp_path, text, color_scheme=scheme) as (page, tried):
        for width in (390, 1280, 1920):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert page.locator("h1").bounding_box()["width"] <= 850
        page.emulate_media(media="print", color_scheme="light")
        page.set_viewport_size({"width": 700, "height": 900})
        cut = """[...document.querySelectorAll('main *')].filter((node) =>
            ['auto', 'scroll', 'hidden'].includes(getComputedStyle(node).overflowX)
            && node.scrollWidth > node.clientWidth + 1).map((node) => node.outerHTML.slice(0, 90))"""
        assert page.evaluate(cut) == []
        assert tried() == []
