"""Predictions as a student meets them: Run All waits, a guess brings the truth, and it is there tomorrow."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path

import axe_playwright_python
import pytest
from nbformat import write
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Locator, Page, expect
from slowness import slowness

from benchmarks.lab import Lab, Notebook

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
CELLS = (
    "from lib import plots\nfrom lib.lessons import after, predict",
    'predict("01.alexnet_error")',
    "with after('01.alexnet_error'):\n    value = 2 * 21\n    print('opened', value)\n"
    "    figure, ax = plots.figure()\n    plots.show(figure, alt='A figure that ' + 'waited.')",
    'predict("01.sum_of_bytes")',
    'predict("05.three_gradients")',
    'predict("05.sigmoid_slope")',
    'predict("04.error_of_a_nudge")',
    'predict("04.losses_for_a_gradient")',
    "with after('04.losses_for_a_gradient'):\n    print('shown', value)",
    'predict("05.fifty_steps")',
    "print('the last cell ran', value)",
)
SENTENCES = (
    "two of five mistakes",
    "starts again at 0",
    "The gate × gives",
    "at most a quarter",
    "Two losses for each",
)
BOTH = "your guess: 18 %, truth: 15.4 %"
WIDTHS = {390: 900, 1280: 900, 1920: 1080}  # of a window, with its height

# What is wrong with a card's looks: words that are cut, parts that stick out or lie on each other.
LOOK = """
() => [...document.querySelectorAll('.course-prediction')].filter((it) => it.offsetParent).flatMap((card) => {
  const box = card.getBoundingClientRect();
  const parts = '.course-question, .course-said, button, input, label, svg, '
    + '.course-told, .course-option, .course-hint, .course-readout';
  const all = [...card.querySelectorAll(parts)]
    .filter((node) => node.getClientRects().length && !node.closest('mjx-container'))
    .filter((node) => node.innerText !== '' || node.matches('input'));
  const name = (node) => `${node.innerText || node.className?.baseVal || node.className}`.slice(0, 40);
  const out = all.filter((node) => {
    const { left, right } = node.getBoundingClientRect();
    return left < box.left - 1 || right > box.right + 1;
  }).map((node) => `sticks out: ${name(node)}`);
  const boxes = all.map((node) => [node, node.getBoundingClientRect()]);
  const apart = (a, b) => !a.contains(b) && !b.contains(a);
  const lap = boxes.flatMap(([a, p], i) => boxes.slice(i + 1).filter(([b, q]) => apart(a, b)
    && Math.min(p.right, q.right) - Math.max(p.left, q.left) > 1
    && Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top) > 1)
    .map(([b]) => `overlap: ${name(a)} / ${name(b)}`));
  const wide = card.scrollWidth > card.clientWidth + 1 ? [`wider than its place: ${name(card)}`] : [];
  return [...out, ...lap, ...wide];
})
"""
LETTERS = """
() => Math.min(...[...document.querySelectorAll('.course-prediction')]
  .flatMap((card) => [...card.querySelectorAll('div, span, button, label, text, input')])
  .filter((node) => node.getClientRects().length && node.textContent.trim())
  .filter((node) => !node.closest('mjx-container'))
  .map((node) => parseFloat(getComputedStyle(node).fontSize)))
"""


@pytest.fixture(scope="module")
def lab(chromium, tmp_path_factory):
    """JupyterLab on a folder with one notebook, and a student with a progress file of their own."""
    folder = tmp_path_factory.mktemp("lab")
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    made = new_notebook(cells=list(map(new_code_cell, CELLS)), metadata={"kernelspec": kernel})
    write(made, folder / "guess.ipynb")
    progress = tmp_path_factory.mktemp("student") / "progress.json"
    with Lab(
        folder, chromium, patience=slowness(), environment={"COURSE_PROGRESS": str(progress)}
    ) as running:
        running.progress = progress
        yield running


def cell(page: Page, number: int) -> Locator:
    return page.locator(".jp-Notebook .jp-Cell").nth(number)


def main(card: Locator) -> Locator:
    return card.get_by_role("button", name="That is my guess")


def noted(lab: Lab) -> dict[str, object]:
    """The guesses in the student's file."""
    if not lab.progress.exists():
        return {}
    return {
        name: note["guess"] for name, note in json.loads(lab.progress.read_text("utf-8"))["guesses"].items()
    }


@pytest.mark.family(share=8)
@pytest.mark.timeout(400)
def test_run_all_waits_a_guess_counts_and_is_there_tomorrow(lab):
    with lab.open("guess.ipynb", width=1280, height=900) as notebook:
        page = notebook.page
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.evaluate("window.jupyterapp.shell.collapseLeft()")
        run(notebook)
        it_waits(page)
        it_fits_and_is_accessible(page)
        by_keys(page, lab)
        by_mouse(page, lab)
        by_finger(page, lab)
        show_anyway(page, lab)
        views_agree(page)
        it_fits_and_is_accessible(page)
        it_is_there_tomorrow(notebook, lab)
        assert complaints == []


@pytest.mark.family(share=8)
@pytest.mark.timeout(400)
def test_opened_again_without_its_kernel_it_shows_what_was_told_and_says_run_this_cell(lab):
    lab.progress.unlink(missing_ok=True)
    with lab.open("guess.ipynb", width=1280, height=900) as notebook:
        page = notebook.page
        run(notebook)
        card = cell(page, 1)
        card.get_by_role("slider").focus()
        page.keyboard.press("ArrowRight")
        main(card).click()
        expect(card.get_by_role("status")).to_contain_text("Too high by")
        save(page)
        notebook.shut_down()
        lab.progress.unlink()

        page.goto(f"{lab.url}/lab/tree/guess.ipynb?token={lab.token}&reset")
        page.locator(".course-prediction").first.wait_for()
        expect(cell(page, 1).get_by_role("img")).to_have_attribute("aria-label", re.compile("truth: 15.4 %"))
        expect(page.get_by_text("opened 42")).to_be_visible()
        expect(cell(page, 3).get_by_text("The kernel has ended. Run this cell to guess.")).to_be_visible()
        expect(main(cell(page, 3))).to_be_disabled()
        broken = "[...document.querySelectorAll('.jupyter-widgets-disconnected')]"
        icons = page.evaluate(f"{broken}.map((node) => getComputedStyle(node, '::before').display)")
        assert set(icons) <= {"none"}, "icons of broken chains"
        notebook.wait_until_ready()
        notebook.shut_down()

        file = lab.folder / "guess.ipynb"
        saved = json.loads(file.read_text("utf-8"))
        assert saved["metadata"].pop("widgets")
        file.write_text(json.dumps(saved), "utf-8")
        page.goto(f"{lab.url}/lab/tree/guess.ipynb?token={lab.token}&reset")
        page.locator(".course-asked").first.wait_for()
        expect(cell(page, 1).get_by_text("Run this cell to guess.")).to_be_visible()
        expect(cell(page, 2).get_by_text("Run this cell: what it shows comes after")).to_be_visible()
        notebook.wait_until_ready()


def save(page: Page) -> None:
    page.evaluate("async () => { await window.jupyterapp.commands.execute('docmanager:save'); }")
    page.wait_for_function("!window.jupyterapp.shell.currentWidget.context.model.dirty")


def run(notebook: Notebook) -> None:
    notebook.run_all()
    assert notebook.problems() == []
    expect(notebook.page.locator(".course-prediction").first).to_be_visible()


def it_waits(page: Page) -> None:
    """Everything ran, and nothing is told."""
    expect(page.get_by_text("the last cell ran 42")).to_be_visible()
    expect(page.get_by_text("Guess first, above.").locator("visible=true")).to_have_count(2)
    expect(page.get_by_role("button", name="That is my guess")).to_have_count(7)
    assert page.get_by_text("Run this cell to guess").locator("visible=true").count() == 0
    words = page.locator(".jp-Notebook").inner_html()
    for sentence in (*SENTENCES, "opened 42", "A figure that waited."):
        assert sentence not in words
    assert page.locator("mjx-container").count() >= 4, "formulas are typeset"


def by_keys(page: Page, lab: Lab) -> None:
    """A slider, and a curve, without a mouse."""
    card = cell(page, 1)
    main(card).focus()
    page.keyboard.press("Enter")
    expect(card.get_by_role("alert")).to_have_text("Move the handle first.")
    card.get_by_role("slider").focus()
    for _ in range(10):
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("Tab")
    expect(main(card)).to_be_focused()
    page.keyboard.press("Enter")
    expect(card.get_by_role("img")).to_have_attribute("aria-label", BOTH)
    expect(card.get_by_role("status")).to_contain_text("Too high by 2.6 points.")
    expect(card.locator(".course-outcome")).to_be_focused()
    assert main(card).locator("visible=true").count() == 0
    expect(page.get_by_text("opened 42")).to_be_visible()
    expect(page.get_by_alt_text("A figure that waited.").locator("visible=true")).to_have_count(1)
    assert noted(lab) == {"01.alexnet_error": 18.0}

    card = cell(page, 5)
    card.get_by_role("slider").first.focus()
    for key in ["ArrowDown"] * 20 + ["End"] + ["ArrowDown"] * 3 + ["ArrowLeft", "ArrowUp", "d", "d", "x"]:
        page.keyboard.press(key)
    expect(cell(page, len(CELLS) - 1)).to_be_visible()
    main(card).click()
    expect(card.get_by_text("truth", exact=True)).to_be_visible()
    curve = noted(lab)["05.sigmoid_slope"]
    assert len(curve) == 13
    assert curve[0] == pytest.approx(0.05)


def by_mouse(page: Page, lab: Lab) -> None:
    """Options, several numbers with a slip, one number by Enter."""
    card = cell(page, 3)
    main(card).click()
    expect(card.get_by_role("alert")).to_have_text("Choose one first.")
    card.get_by_label("255").check()
    main(card).click()
    expect(card.locator(".course-right")).to_have_text("✓44right")
    expect(card.locator("li.course-yours")).to_have_text("✗255your guess")

    card = cell(page, 4)
    for field, typed in zip(card.locator(".course-field").all(), ("−4", "-4,0", "three"), strict=True):
        field.fill(typed)
    main(card).click()
    wrong = "∂f/∂z: expected a number from −10 to 10, got 'three'"
    expect(card.get_by_role("alert")).to_contain_text(wrong)
    assert "05.three_gradients" not in noted(lab)
    card.get_by_label("∂f/∂z").fill("2")
    card.get_by_label("∂f/∂z").press("Enter")
    expect(card.get_by_role("status")).to_contain_text("2 of 3 right.")

    card = cell(page, 7)
    card.get_by_label("Your guess").fill("30,730")
    main(card).dblclick()
    expect(card.get_by_role("status")).to_contain_text("Too low, by a factor of 2.")
    assert noted(lab)["04.losses_for_a_gradient"] == 30_730
    expect(page.get_by_text("shown 42")).to_be_visible()


def by_finger(page: Page, lab: Lab) -> None:
    """A curve in one stroke."""
    card = cell(page, 6)
    sheet = card.locator(".course-sketch")
    sheet.scroll_into_view_if_needed()
    box = sheet.bounding_box()
    session = page.context.new_cdp_session(page)

    def touch(kind, x, y):
        at = (
            []
            if kind == "touchEnd"
            else [{"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]}]
        )
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

    touch("touchStart", 0.08, 0.2)
    for k in range(1, 41):
        touch("touchMove", 0.08 + 0.9 * k / 40, 0.2 + 0.5 * k / 40)
    touch("touchEnd", 0, 0)
    session.detach()
    main(card).click()
    expect(card.get_by_role("status")).to_contain_text("On average your curve is off by")
    curve = noted(lab)["04.error_of_a_nudge"]
    assert all(a > b for a, b in itertools.pairwise(curve)), "the stroke falls"


def show_anyway(page: Page, lab: Lab) -> None:
    card = cell(page, 9)
    card.get_by_role("button", name="Show anyway").click()
    expect(card.get_by_role("img")).to_have_attribute("aria-label", "truth: 0.005154")
    expect(card.get_by_text("The truth, shown without a guess")).to_be_visible()
    assert noted(lab)["05.fifty_steps"] == "shown anyway"


def views_agree(page: Page) -> None:
    """A second view of a cell shows the same."""
    page.evaluate(
        """async () => {
          const { shell, commands } = window.jupyterapp, notebook = shell.currentWidget;
          notebook.content.activeCellIndex = 1;
          await commands.execute('notebook:create-output-view');
          shell.activateById(notebook.id);
        }"""
    )
    expect(page.locator(".jp-LinkedOutputView .course-told")).to_have_count(2)
    page.evaluate(
        """() => [...window.jupyterapp.shell.widgets('main')]
          .filter((each) => each.node.querySelector('.jp-LinkedOutputView'))
          .forEach((each) => each.dispose())"""
    )


def it_fits_and_is_accessible(page: Page) -> None:
    """In every width, in the light and the dark."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    for theme in ("Dark", "Light"):
        command = f"commands.execute('apputils:change-theme', {{theme: 'JupyterLab {theme}'}})"
        page.evaluate(f"window.jupyterapp.{command}")
        light = str(theme == "Light").lower()
        page.wait_for_function(f"document.body.dataset.jpThemeLight === '{light}'")
        for width, height in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_timeout(250)
            assert page.evaluate(LOOK) == [], f"{theme}, {width} px"
            if width == 1920:
                assert page.evaluate(LETTERS) >= 20
        page.set_viewport_size({"width": 1280, "height": 900})
        page.wait_for_timeout(250)
        found = page.evaluate("async () => (await axe.run('.jp-Notebook .course-prediction')).violations")
        assert [(wrong["id"], wrong["nodes"][0]["html"][:200]) for wrong in found] == [], theme


def it_is_there_tomorrow(notebook: Notebook, lab: Lab) -> None:
    """After a reload, a restart of the kernel, and Run All again; without a kernel too."""
    page = notebook.page
    save(page)
    saved = (lab.folder / "guess.ipynb").read_text("utf-8")
    assert "two of five mistakes" in saved, "what was told is in the saved state"
    page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.restartKernel()")
    notebook.wait_until_ready()
    expect(cell(page, 1).get_by_role("img")).to_be_visible()
    before = noted(lab)
    run(notebook)
    expect(page.get_by_role("button", name="That is my guess")).to_have_count(0)
    expect(cell(page, 1).get_by_role("img")).to_have_attribute(
        "aria-label", "your guess: 18 %, truth: 15.4 %"
    )
    expect(page.get_by_text("opened 42")).to_be_visible()
    expect(page.get_by_text("Guess first, above.").locator("visible=true")).to_have_count(0)
    assert noted(lab) == before

    lab.progress.unlink()  # a new student
    page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.restartKernel()")
    notebook.wait_until_ready()
    run(notebook)
    it_waits(page)
    page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.restartKernel()")
    expect(cell(page, 1).get_by_text("The kernel has ended. Run this cell to guess.")).to_be_visible()
    expect(main(cell(page, 1))).to_be_disabled()
    notebook.wait_until_ready()
