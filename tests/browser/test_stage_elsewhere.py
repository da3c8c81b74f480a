"""A demo outside of JupyterLab: Notebook 7, Voila, a stock HTML page without network; accessibility."""

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import axe_playwright_python
import pytest
from nbconvert import HTMLExporter
from nbformat import read
from nbformat.v4 import new_code_cell
from slowness import slowness

from benchmarks.demos import write

NAME = "knn_plane"
CELL = f"from lib.demos import {NAME}\n\n{NAME}.show()"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def page(lab):
    context = lab._browser.new_context(viewport={"width": 1280, "height": 900})
    made = context.new_page()
    made.set_default_timeout(60_000 * lab.patience)
    yield made
    context.close()


def moves_by_key_and_hand(page):
    """A slider and a point move the picture."""
    image = page.locator(".course-stage img")
    image.wait_for()
    page.wait_for_function("!document.querySelector('.course-stage').dataset.waiting")
    time.sleep(1)
    handle = page.locator(".noUi-handle").first
    for move in (lambda: (handle.focus(), page.keyboard.press("ArrowRight")), lambda: drag(page)):
        before = image.get_attribute("src")
        move()
        page.wait_for_function(
            "(before) => document.querySelector('.course-stage img').src !== before", arg=before
        )
    assert page.locator(".course-error").inner_text() == ""


def drag(page):
    box = page.locator(".course-mark").first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y + 30, steps=5)
    page.mouse.up()


def test_in_notebook_7(lab, page):
    write(lab.folder / "classic.ipynb", new_code_cell(CELL))
    page.goto(f"{lab.url}/notebooks/classic.ipynb?token={lab.token}")
    page.locator(".jp-Cell").first.click()
    page.get_by_text("Idle").or_(page.locator('[data-status="idle"]')).first.wait_for()
    page.keyboard.press("Shift+Enter")
    moves_by_key_and_hand(page)


def test_in_voila(lab, page, tmp_path):
    write(tmp_path / "alone.ipynb", new_code_cell(CELL))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "voila", str(tmp_path / "alone.ipynb"), "--no-browser", f"--port={port}"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/voila/static/")
        page.goto(f"http://127.0.0.1:{port}/")
        moves_by_key_and_hand(page)
    finally:
        server.terminate()
        server.wait(20)


def wait_for(url):
    """Until a server answers, with whatever."""
    for _ in range(int(150 * slowness())):
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"nobody answers at {url}")


@pytest.mark.parametrize("state", [True, False], ids=["with state", "without state"])
def test_a_stock_page_shows_the_picture_without_network(lab, page, tmp_path, state):
    name = f"saved-{state}.ipynb"
    write(lab.folder / name, new_code_cell(CELL))
    with lab.open(name) as notebook:
        notebook.run_all()
        notebook.page.locator(".course-stage img").wait_for()
        time.sleep(1)
        notebook.page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
        notebook.page.wait_for_function("!window.jupyterapp.shell.currentWidget.context.model.dirty")
    saved = json.loads((lab.folder / name).read_text("utf-8"))
    assert "widgets" in saved["metadata"], "course start saves the state of widgets"
    if not state:
        del saved["metadata"]["widgets"]
        (lab.folder / name).write_text(json.dumps(saved), "utf-8")
    made, _ = HTMLExporter().from_notebook_node(read(lab.folder / name, as_version=4))
    (tmp_path / "page.html").write_text(made, "utf-8")
    page.route("http*://**", lambda route: route.abort())
    page.goto((tmp_path / "page.html").as_uri())
    picture = page.locator("img[alt]").first
    picture.wait_for()
    assert picture.bounding_box()["width"] > 400
    assert len(picture.get_attribute("alt")) > 50


def test_axe_finds_nothing_in_our_parts(lab):
    script = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text("utf-8")
    write(lab.folder / "axe.ipynb", new_code_cell(CELL))
    with lab.open("axe.ipynb") as notebook:
        notebook.run_all()
        notebook.page.locator(".course-stage img").wait_for()
        time.sleep(1)
        notebook.page.evaluate(script)
        found = notebook.page.evaluate("async () => (await axe.run('.course-stage')).violations")
    assert [(wrong["id"], wrong["nodes"][0]["html"][:200]) for wrong in found] == []
