"""A student's copies in JupyterLab: what it saves by itself is no change, and the map can be read."""

import json
import sys
from pathlib import Path

import pytest
from slowness import slowness

from benchmarks.lab import Lab
from lib.assignments.working import update_copies
from lib.lessons.progress import note_guess, note_passed

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "tests" / "lessons"))

from small_lectures import FIRST, SECOND, make_course, notebook  # noqa: E402

SAVE = "window.jupyterapp.commands.execute('docmanager:save')"
CELLS = "window.jupyterapp.shell.currentWidget.content.model.toJSON().cells"
ALIGNED = (
    "[...document.querySelectorAll('.course-map :is(th, td)')].map((it) => getComputedStyle(it).textAlign)"
)
THEME = "window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab %s'})"
MAP = "from ipywidgets import IntSlider\nfrom lib.lessons import show_map\n\nshow_map()\nIntSlider()"

KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


@pytest.fixture
def root(tmp_path):
    """A course whose lecture 00 shows the map, beside the real lecture 05."""
    root = make_course(tmp_path / "course")
    (root / FIRST).write_bytes(notebook("# 00 Start here", MAP, kernelspec=KERNEL))
    real = "lectures/05_backpropagation.ipynb"
    (root / real).write_bytes((ROOT / real).read_bytes())
    return root


def axe(page):
    """What axe-core finds wrong with the map: the rule, and the first place."""
    import axe_playwright_python

    page.evaluate(Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text("utf-8"))
    found = page.evaluate("async () => (await axe.run('.course-map')).violations")
    return [(wrong["id"], wrong["nodes"][0]["html"][:300]) for wrong in found]


def test_what_jupyterlab_saves_by_itself_is_no_change_and_the_map_is_readable(
    root, chromium, tmp_path, monkeypatch
):
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "progress.json"))
    note_guess("01.error", 3)
    note_passed("05.add_gate")
    work = root / "work"
    update_copies(work, root)
    before = (work / FIRST).read_bytes()
    with Lab(work, chromium, patience=slowness()) as lab, lab.open(FIRST) as opened:
        page = opened.page
        opened.run_all()
        assert opened.problems() == []
        page.locator(".course-map table").wait_for()
        assert set(page.evaluate(ALIGNED)) == {"left"}
        for theme in ("Dark", "Light"):
            page.evaluate(THEME % theme)
            page.wait_for_function(
                f"document.body.dataset.jpThemeLight === '{str(theme == 'Light').lower()}'"
            )
            assert axe(page) == [], theme
        page.locator(".jp-CodeCell .jp-InputPrompt").click()  # or a busy page has its focus elsewhere
        page.keyboard.press("Shift+Enter")  # below the last cell it makes a new one
        page.wait_for_function(f"{CELLS}.length === 3 && {CELLS}[1].outputs.length === 2")
        page.evaluate(SAVE)
        page.get_by_role("link", name="05 Backpropagation").first.click()
        page.wait_for_function(
            "window.jupyterapp.shell.currentWidget?.context?.path?.startsWith('lectures/05')"
        )
    saved = json.loads((work / FIRST).read_bytes())
    assert (work / FIRST).read_bytes() != before
    assert any(cell.get("outputs") for cell in saved["cells"])
    make_course(root, 2)
    (said,) = update_copies(work, root)
    assert said.startswith("New versions of what you had not changed: 00_start_here.ipynb")
    assert (work / FIRST).read_bytes() == (root / FIRST).read_bytes()
    assert (work / SECOND).read_bytes() == (root / SECOND).read_bytes()
