"""Each demo as a hand meets it: mouse, finger and keys, every width, the dark, a restart, a reopened page."""

import time
from contextlib import contextmanager

import pytest
from nbformat.v4 import new_code_cell
from playwright.sync_api import expect

from benchmarks.demos import write
from lib.jupyter.demo import demos

TALLEST = {"live_graph": 679}  # CSS pixels of a card in a window of 1280 × 800; the others have 640
LEAST_TRACK = 120

LOOK = """
() => {
  const card = document.querySelector('.course-demo'), box = card.getBoundingClientRect();
  const wide = (node) => node.scrollWidth > node.clientWidth + 1;
  const all = (kind) => [...card.querySelectorAll(kind)].filter((node) => node.offsetParent);
  const image = card.querySelector('img');
  const context = new OffscreenCanvas(1, 1).getContext('2d');
  context.drawImage(image, 0, 0, 1, 1, 0, 0, 1, 1);
  return {
    corner: context.getImageData(0, 0, 1, 1).data[1],  // how bright, 0 to 255
    height: box.height,
    picture: image.getBoundingClientRect().width,
    dots: image.naturalWidth,
    tracks: all('.noUi-target').map((node) => node.getBoundingClientRect().width),
    cut: all('.widget-label').filter(wide).map((node) => node.innerText),
    outside: all('.noUi-target, button, img, .widget-readout')
      .filter((node) => node.getBoundingClientRect().right > box.right + 1)
      .map((node) => node.className),
    error: card.querySelector('.course-error').innerText,
    state: card.querySelector('.course-state').innerText,
    still: [...document.querySelectorAll('.course-still')].every((node) => !node.offsetParent),
  };
}
"""


@contextmanager
def opened(lab, name, **options):
    """A demo alone in a notebook, run; its page."""
    write(lab.folder / f"{name}.ipynb", new_code_cell(f"from lib.demos import {name}\n\n{name}.show()"))
    with lab.open(f"{name}.ipynb", width=1280, height=800, **options) as notebook:
        notebook.run_all()
        assert notebook.problems() == []
        notebook.page.locator(".course-stage img").wait_for()
        at_rest(notebook)
        yield notebook


def at_rest(notebook):
    """Wait until sizes are told, the kernel has answered, and the picture stands."""
    page, seen = notebook.page, None
    for _ in range(100):
        time.sleep(0.15)
        page.wait_for_function("!document.querySelector('.course-stage').dataset.waiting")
        now = page.evaluate(
            "() => { const i = document.querySelector('.course-stage img'); return [i.src, i.width,"
            " window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status]; }"
        )
        if now == seen:
            return
        seen = now
    pytest.fail("the picture never came to rest")


def eventually(notebook, right):
    """What the page looks like when it is right, or when patience ends: sizes and themes take a moment."""
    deadline = time.monotonic() + 5 * notebook.patience
    while True:
        look = notebook.page.evaluate(LOOK)
        if right(look) or time.monotonic() > deadline:
            return look
        time.sleep(0.1)


def sizes_are_right(notebook, where, ratio=1):
    def right(look):
        drawn = abs(look["dots"] - ratio * look["picture"]) <= 4  # as large as it is shown, and as sharp
        return drawn and not look["cut"] and not look["outside"]

    look = eventually(notebook, right)
    assert look["dots"] == pytest.approx(ratio * look["picture"], abs=4), where
    assert look["error"] == "", where
    assert look["cut"] == [], where
    assert look["outside"] == [], where
    assert min(look["tracks"], default=LEAST_TRACK) >= LEAST_TRACK, where
    return look


def source(page):
    return page.locator(".course-stage img").get_attribute("src")


def changed(page, before, patience):
    """Whether another picture comes soon."""
    for _ in range(int(40 * patience)):
        if source(page) != before:
            return True
        time.sleep(0.05)
    return False


def middle(mark):
    box = mark.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def one_mark_of_each(page):
    """The first mark of each handle of the demo."""
    keys = page.evaluate("[...document.querySelectorAll('.course-mark')].map((node) => node.mark.key)")
    firsts = {}
    for number, key in enumerate(keys):
        firsts.setdefault(key.rpartition(":")[0], number)
    return {name: page.locator(".course-mark").nth(number) for name, number in firsts.items()}


def drag_by_mouse(page, mark, way=1):
    x, y = middle(mark)
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, 15):
        page.mouse.move(x + 5 * step * way, y + 4 * step * way)
    page.mouse.up()


def drag_by_finger(page, mark, way=1):
    x, y = middle(mark)
    session = page.context.new_cdp_session(page)

    def touch(kind, *points):
        session.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": a, "y": b} for a, b in points]}
        )

    touch("touchStart", (x, y))
    for step in range(1, 15):
        touch("touchMove", (x - 5 * step * way, y - 4 * step * way))
    touch("touchEnd")
    session.detach()


def press_arrows(page, mark, way=1):
    mark.focus()
    for key in ("ArrowRight", "ArrowUp") if way > 0 else ("ArrowLeft", "ArrowDown"):
        page.keyboard.press(f"Shift+{key}")


def pick(page, mark, way=1):
    page.mouse.click(*middle(mark))


def pick_by_key(page, mark, way=1):
    mark.focus()
    page.keyboard.press("Enter")


@pytest.mark.family(share=6, together=True)
@pytest.mark.parametrize("name", list(demos()))
def test_a_demo_can_be_touched_and_fits_every_window(lab, name):
    with opened(lab, name) as notebook:
        page = notebook.page
        look = sizes_are_right(notebook, "1280 × 800")
        assert look["height"] <= TALLEST.get(name, 640)
        assert look["still"], "the still picture stands beside the living one"

        for touch, mark in one_mark_of_each(page).items():
            drags = page.evaluate("(node) => node.mark.drag", mark.element_handle())
            ways = (drag_by_mouse, drag_by_finger, press_arrows) if drags else (pick, pick_by_key)
            moved = []
            for way in ways:
                for there in (1, -1) if drags else (1,):  # a handle may stand at one end of its way
                    page.locator(".course-tools button", has_text="Reset").click()
                    at_rest(notebook)
                    before = source(page)
                    way(page, one_mark_of_each(page)[touch], there)
                    moves = changed(page, before, notebook.patience)
                    assert page.evaluate(LOOK)["error"] == ""
                    if moves:
                        break
                moved.append(moves)
            # What is chosen already changes nothing when it is clicked; what is dragged always does.
            assert all(moved) if drags else True, f"{touch}: {[way.__name__ for way in ways]} → {moved}"

        for number in range(page.locator(".course-presets button").count()):
            chip = page.locator(".course-presets button").nth(number)
            chip.click()
            at_rest(notebook)
            expect(chip).to_have_attribute("aria-pressed", "true")
            assert page.evaluate(LOOK)["error"] == ""
        page.locator(".course-tools button", has_text="Reset").click()

        for width, height in ((1920, 1080), (900, 800), (480, 900)):
            if width < 1000:
                page.evaluate("window.jupyterapp.shell.collapseLeft()")
            page.set_viewport_size({"width": width, "height": height})
            at_rest(notebook)
            sizes_are_right(notebook, f"{width} × {height}")

        page.set_viewport_size({"width": 1280, "height": 800})
        session = page.context.new_cdp_session(page)
        session.send(  # the browser's zoom of 200 % on a screen of 1280 × 800
            "Emulation.setDeviceMetricsOverride",
            {"width": 640, "height": 400, "deviceScaleFactor": 2, "mobile": False},
        )
        at_rest(notebook)
        sizes_are_right(notebook, "zoom 200 %", ratio=2)
        session.send("Emulation.clearDeviceMetricsOverride")

        page.evaluate(
            "window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})"
        )
        at_rest(notebook)
        sizes_are_right(notebook, "dark")
        assert eventually(notebook, lambda look: look["corner"] < 80)["corner"] < 80
        page.evaluate(
            "window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Light'})"
        )
        assert eventually(notebook, lambda look: look["corner"] > 200)["corner"] > 200


ENDED = "The kernel that moved this picture has ended. Run this cell to bring it to life."


def test_a_demo_survives_reload_restart_and_reopening(lab):
    name = "knn_plane"
    with opened(lab, name) as notebook:
        page = notebook.page
        page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
        page.wait_for_function("!window.jupyterapp.shell.currentWidget.context.model.dirty")
        url = f"{lab.url}/lab/tree/{name}.ipynb?token={lab.token}"

        page.goto(url)  # a page that is loaded anew, while the kernel lives
        notebook.wait_until_ready()
        page.locator(".course-stage img").wait_for()
        at_rest(notebook)
        before = source(page)
        page.locator(".noUi-handle").first.focus()
        page.keyboard.press("ArrowRight")
        assert changed(page, before, notebook.patience)

        page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.restartKernel()")
        page.get_by_text(ENDED).wait_for()
        broken = ".course-demo .jupyter-widgets-disconnected"
        contents = page.evaluate(
            f"[...document.querySelectorAll('{broken}')].map((n) => getComputedStyle(n, '::before').display)"
        )
        assert set(contents) <= {"none"}, "icons of broken chains"
        notebook.run_all()
        page.locator(".course-stage img").wait_for()
        at_rest(notebook)
        assert page.evaluate(LOOK)["state"] == ""

        page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
        page.wait_for_function("!window.jupyterapp.shell.currentWidget.context.model.dirty")
        notebook.shut_down()
        page.goto(f"{url}&reset")
        page.locator(".course-stage img").wait_for()  # from the state that was saved
        assert page.evaluate("document.querySelector('.course-stage img').naturalWidth") > 300


def test_many_moves_at_once_end_with_the_last_one(lab):
    with opened(lab, "knn_plane") as notebook:
        page = notebook.page
        mark = page.locator(".course-mark").first
        x, y = middle(mark)
        page.evaluate(
            """([x, y]) => {
              const [view, mark] = ['view', 'mark'].map((kind) => document.querySelector(`.course-${kind}`));
              const same = {bubbles: true, cancelable: true, pointerId: 1, button: 0, pointerType: 'mouse'};
              const event = (type, x, y) => new PointerEvent(type, {clientX: x, clientY: y, ...same});
              view.setPointerCapture = () => {};
              mark.dispatchEvent(event('pointerdown', x, y));
              for (let i = 1; i <= 10000; i++) {
                view.dispatchEvent(event('pointermove', x + i % 97, y + i % 53));
              }
              view.dispatchEvent(event('pointermove', x + 40, y + 30));
              view.dispatchEvent(event('pointerup', x + 40, y + 30));
            }""",
            [x, y],
        )
        at_rest(notebook)
        assert middle(mark) == pytest.approx((x + 40, y + 30), abs=2)
        assert page.evaluate(LOOK)["error"] == ""


def test_the_full_window_and_a_presenter_s_clicker(lab):
    with opened(lab, "descent") as notebook:
        page = notebook.page
        page.locator(".course-demo").focus()
        page.keyboard.press("f")
        page.set_viewport_size({"width": 1920, "height": 1080})
        at_rest(notebook)
        box = page.locator(".course-demo").bounding_box()
        assert (box["width"], box["height"]) == (1920, 1080)
        bottom = page.locator(".course-hint").bounding_box()
        assert bottom["y"] + bottom["height"] <= 1080
        pressed = page.locator(".course-presets [aria-pressed=true]")
        names = page.locator(".course-presets button").all_inner_texts()
        for key, name in (("PageDown", names[0]), ("PageDown", names[1]), ("PageUp", names[0])):
            page.keyboard.press(key)
            at_rest(notebook)
            assert pressed.all_inner_texts() == [name]
        page.keyboard.press("Escape")
        at_rest(notebook)
        assert page.locator(".course-demo").bounding_box()["width"] < 1900
