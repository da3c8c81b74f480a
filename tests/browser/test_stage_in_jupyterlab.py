"""Each demo as a hand meets it: mouse, finger and keys, every width, the dark, a restart, a reopened page.

One page a demo, resized in place. What goes wrong is gathered, so that one run names it all.
"""

from __future__ import annotations

import pytest
from hands import (
    KEYS,
    WAYS,
    drag_by_finger,
    drag_by_mouse,
    marks,
    middle,
    pick_by_finger,
    pick_by_key,
    pick_by_mouse,
    press_arrows,
    slide_by_mouse,
    zoom_by_key,
)
from nbformat.v4 import new_code_cell
from stage_page import ENDED, LEAST_TEXT, StagePage, opened, smallest_letters

from benchmarks.demos import write
from lib.demos.rooms import demos

TALLEST = {"live_graph": 679}  # CSS pixels of a card in a window of 1280 × 800; the others have 640
SCREENS = {  # of JupyterLab's window: width, height, ratio
    "1920 × 1080": (1920, 1080, 1),
    "3840 × 2160": (3840, 2160, 1),
    "900 × 800": (900, 800, 1),
    "800 × 600": (800, 600, 1),
    "480 × 900": (480, 900, 1),
    "ratio 2": (1280, 800, 2),
    "zoom 200 %": (640, 400, 2),
    "zoom 50 %": (2560, 1600, 0.5),
}


@pytest.mark.family(share=6, together=True)
@pytest.mark.timeout(420)
@pytest.mark.parametrize("name", list(demos()))
def test_a_demo_can_be_touched_and_fits_and_survives(lab, name):
    with opened(lab, name) as stage:
        look = stage.fits("1280 × 800")
        assert look["height"] <= TALLEST.get(name, 640)
        assert look["still"], "the still picture stands beside the living one"
        faults = [
            *still_sliders(stage),
            *still_handles(stage),
            *still_presets(stage),
        ]
        assert faults == []
        stage.reset()
        it_fits_every_window(stage)
        it_is_accessible_in_the_light_and_the_dark(stage)
        it_survives(stage)


def still_sliders(stage: StagePage) -> list[str]:
    """The sliders that move no picture, by mouse or by key, wherever a preset makes them matter."""
    page, found = stage.page, []
    for number in range(page.locator(".noUi-handle").count()):
        handle = page.locator(".noUi-handle").nth(number)

        def by_key(handle=handle):
            handle.focus()
            return any(stage.changes(lambda key=key: page.keyboard.press(key), limit=400) for key in KEYS)

        def by_mouse(handle=handle):
            return any(stage.changes(lambda s=s: slide_by_mouse(page, handle, s)) for s in (0.8, 0.2, 0.5))

        for way in (by_key, by_mouse):
            chips = page.locator(".course-presets button")
            places = [page.locator(".course-tools button", has_text="Reset"), *chips.all()]
            for place in places:
                place.click()
                stage.rest(90)
                if way():
                    break
            else:
                found.append(f"slider {number} moves nothing {way.__name__}")
            found += [f"slider {number} {way.__name__}: {wrong}" for wrong in stage.wrong()]
    return found


def still_handles(stage: StagePage) -> list[str]:
    """The handles that move no picture, by mouse, finger or key."""
    page, found = stage.page, []
    stage.reset()
    kinds = {touch: each[0].evaluate("(node) => node.mark") for touch, each in marks(page).items()}
    for touch, mark in kinds.items():
        ways = (
            (drag_by_mouse, drag_by_finger, press_arrows)
            if mark["drag"]
            else (pick_by_mouse, pick_by_finger, pick_by_key)
        )
        if mark["kind"] == "pane":  # which is moved once it is larger than its field
            ways = (zoom_by_key,)
        for way in ways:
            if not moves_something(stage, touch, way):
                found.append(f"{touch}: {way.__name__} moves nothing")
            found += [f"{touch}: {way.__name__}: {wrong}" for wrong in stage.wrong()]
        if mark["wheel"]:
            stage.reset()
            page.mouse.move(*middle(marks(page)[touch][0]))
            if mark["kind"] == "line":  # one of many: it is taken before the wheel turns it
                page.mouse.click(*middle(marks(page)[touch][0]))
                stage.rest(90)
            if not any(stage.changes(lambda d=d: page.mouse.wheel(0, d), limit=600) for d in (-100, 100)):
                found.append(f"{touch}: the wheel moves nothing")
        if mark["removable"] and mark["kind"] != "pen":  # of lines that are drawn the last one goes
            found += lasting_points(stage, touch)
    stage.reset()
    return found


def moves_something(stage: StagePage, touch: str, way) -> bool:
    """Whether one of a few marks does, in one of the directions; what is chosen already stays so."""
    count = len(marks(stage.page)[touch])
    for number in dict.fromkeys((0, count // 2, count - 1)):
        for there in WAYS:
            stage.reset()
            for pen in stage.page.locator(".course-mark.course-pen").all():  # something to take away again
                pick_by_key(stage.page, pen)
                stage.rest(90)
            mark = marks(stage.page)[touch][number]
            drags = mark.evaluate("(node) => node.mark.drag")
            if stage.changes(lambda mark=mark, there=there: way(stage.page, mark, there), limit=700):
                return True
            if not drags:
                break
    return False


def lasting_points(stage: StagePage, touch: str) -> list[str]:
    """Whether points come by a click, and go by Delete and by a double-click."""
    page, found = stage.page, []

    def count() -> int:
        stage.rest(90)
        return len(marks(page)[touch])

    stage.reset()
    before = count()
    page.keyboard.press("Escape")
    marks(page)[touch][0].focus()
    page.keyboard.press("Delete")
    if count() != before - 1:
        found.append(f"{touch}: Delete leaves {count()} of {before} points")
    x, y = free_place(stage)
    page.mouse.click(x, y)
    if count() != before:
        found.append(f"{touch}: a click makes {count()} points of {before - 1}")
    page.mouse.dblclick(x, y)
    if count() != before - 1:
        found.append(f"{touch}: a double-click leaves {count()} of {before} points")
    return found


def free_place(stage: StagePage) -> tuple[float, float]:
    """Far from all marks, in the field of the points."""
    return tuple(
        stage.page.evaluate(
            """() => {
              const view = document.querySelector('.course-view'), box = view.getBoundingClientRect();
              const marks = [...view.querySelectorAll('.course-mark')];
              const removable = marks.find((node) => node.mark.removable);
              const own = marks.filter((node) => node.mark.field === removable.mark.field);
              const xs = own.map((node) => node.at[0]), ys = own.map((node) => node.at[1]);
              const [left, right, top, bottom] =
                [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
              let best = null, far = -1;
              for (let i = 1; i < 20; i++) for (let j = 1; j < 20; j++) {
                const x = left + (right - left) * i / 20, y = top + (bottom - top) * j / 20;
                const near = Math.min(...marks.map(
                  ({ at }) => Math.hypot((at[0] - x) * box.width, (at[1] - y) * box.height)));
                if (near > far) [far, best] = [near, [box.left + x * box.width, box.top + y * box.height]];
              }
              return best;
            }"""
        )
    )


def still_presets(stage: StagePage) -> list[str]:
    """The presets that are not marked when they are in force, or look like the one before."""
    found, chips = [], stage.page.locator(".course-presets button")
    for number in range(chips.count()):
        chip, before = chips.nth(number), stage.source()
        at_once = chip.get_attribute("aria-pressed") == "true"
        chip.click()
        stage.rest(90)
        if chip.get_attribute("aria-pressed") != "true":
            found.append(f"preset {chip.inner_text()!r} is not marked when it is in force")
        if not at_once and stage.source() == before:
            found.append(f"preset {chip.inner_text()!r} changes nothing")
        found += [f"preset {chip.inner_text()!r}: {wrong}" for wrong in stage.wrong()]
    return found


def it_fits_every_window(stage: StagePage) -> None:
    page = stage.page
    session = page.context.new_cdp_session(page)
    for where, (width, height, ratio) in SCREENS.items():
        narrow = "collapse" if width < 1000 else "expand"
        page.evaluate(f"window.jupyterapp.shell.{narrow}Left()")
        size = {"width": width, "height": height, "deviceScaleFactor": ratio, "mobile": False}
        session.send("Emulation.setDeviceMetricsOverride", size)
        look = stage.fits(where, ratio)
        if width == 1920:
            assert look["width"] >= 0.97 * look["room"], "the demo uses the width"
            assert look["letters"] >= LEAST_TEXT, f"words of {look['letters']} px on the card at {where}"
            assert smallest_letters(stage.name, look["picture"]) >= LEAST_TEXT, where
    session.send("Emulation.clearDeviceMetricsOverride")
    session.detach()

    write(stage.lab.folder / "beside.ipynb", new_code_cell("1 + 1"))
    page.evaluate(
        """async () => {
          const { shell, commands } = window.jupyterapp;
          window.courseFirst = shell.currentWidget;
          window.courseBeside = await commands.execute(
            'docmanager:open', { path: 'beside.ipynb', options: { mode: 'split-right' } });
          shell.activateById(window.courseFirst.id);
        }"""
    )
    stage.fits("two notebooks side by side")
    page.evaluate(
        """async () => {
          await window.courseBeside.sessionContext.ready;
          await window.courseBeside.sessionContext.shutdown();
          window.courseBeside.dispose();
          window.jupyterapp.shell.activateById(window.courseFirst.id);
        }"""
    )


def it_is_accessible_in_the_light_and_the_dark(stage: StagePage) -> None:
    """By axe-core, and on a dark page as in the light; the same in the full window, which does not scroll."""
    page = stage.page
    for theme in ("Dark", "Light"):
        stage.theme(theme)
        stage.fits(theme)
        assert stage.axe() == [], theme
        page.set_viewport_size({"width": 1920, "height": 1080})
        page.locator(".course-demo").focus()
        page.keyboard.press("f")
        look = stage.fits(f"full window, {theme}")
        assert (look["width"], look["height"]) == (1920, 1080)
        assert not look["scrolls"], "the full window scrolls"
        assert look["letters"] >= LEAST_TEXT, f"words of {look['letters']} px in the full window"
        assert stage.axe() == [], f"full window, {theme}"
        page.keyboard.press("Escape")
        page.set_viewport_size({"width": 1280, "height": 800})


def it_survives(stage: StagePage) -> None:
    """A reload, a kernel's restart, and being opened again with the widgets' state saved, and without."""
    page, notebook = stage.page, stage.notebook
    stage.rest()
    stage.save()
    stage.reload()
    notebook.wait_until_ready()
    page.locator(".course-stage img").wait_for()
    stage.rest()
    it_moves(stage, "after a reload")
    assert stage.wrong() == []

    page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.restartKernel()")
    page.get_by_text(ENDED).wait_for()
    assert page.locator(".course-stage img").is_visible()
    broken = "[...document.querySelectorAll('.course-demo .jupyter-widgets-disconnected')]"
    icons = page.evaluate(f"{broken}.map((node) => getComputedStyle(node, '::before').display)")
    assert set(icons) <= {"none"}, "icons of broken chains"
    notebook.wait_until_ready()
    stage.complaints.clear()
    stage.run()
    assert stage.look()["state"] == ""
    it_moves(stage, "after a restart")
    assert stage.wrong() == []

    stage.save()
    notebook.shut_down()
    stage.reload()
    page.locator(".course-stage img").wait_for()  # from the state that was saved
    assert page.evaluate("document.querySelector('.course-stage img').naturalWidth") > 300
    notebook.shut_down()
    assert stage.forget_widgets(), "course start saves the state of widgets"
    stage.reload()
    picture = page.locator(".jp-OutputArea-output img[alt]").first
    picture.wait_for()
    assert picture.bounding_box()["width"] > 300
    notebook.wait_until_ready()


def it_moves(stage: StagePage, when: str) -> None:
    """By its first slider's keys."""
    stage.page.locator(".noUi-handle").first.focus()
    keys = [lambda key=key: stage.page.keyboard.press(key) for key in KEYS]
    assert any(stage.changes(key, limit=600) for key in keys), when
