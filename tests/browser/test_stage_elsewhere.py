"""A demo outside of JupyterLab: in Notebook 7, in Voila, and in a stock HTML page without network."""

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from hands import drag_by_mouse, free_mark
from nbconvert import HTMLExporter
from nbformat import read
from nbformat.v4 import new_code_cell
from slowness import slowness
from stage_page import REST, opened

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
    handle = page.locator(".noUi-handle").first
    keys = lambda: (handle.focus(), page.keyboard.press("ArrowRight"))  # noqa: E731
    for move in (keys, lambda: drag_by_mouse(page, free_mark(page))):
        assert page.evaluate(REST, [160, 20_000 * slowness()])
        before = image.get_attribute("src")
        move()
        page.wait_for_function(
            "(before) => document.querySelector('.course-stage img').src !== before", arg=before
        )
    assert page.locator(".course-error").inner_text() == ""


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
    with opened(lab, NAME) as stage:
        stage.save()
        if not state:
            assert stage.forget_widgets(), "course start saves the state of widgets"
    made, _ = HTMLExporter().from_notebook_node(read(stage.file, as_version=4))
    (tmp_path / "page.html").write_text(made, "utf-8")
    page.route("http*://**", lambda route: route.abort())
    page.goto((tmp_path / "page.html").as_uri())
    picture = page.locator("img[alt]").first
    picture.wait_for()
    assert picture.bounding_box()["width"] > 400
    assert len(picture.get_attribute("alt")) > 50
