"""A demo in the trouble of a class: bursts of moves, a busy kernel, a dead one, two windows, a second run."""

from __future__ import annotations

import os
import signal
import time

import psutil
import pytest
from hands import drag_by_mouse, free_mark, middle, slide_by_mouse
from playwright.sync_api import expect
from stage_page import ENDED, LOOK, StagePage, opened

NAME = "knn_plane"
EVENTS = 10_000
MEMORY = 60e6  # bytes that browser and kernel may need for them
ANSWERS = "sum(getattr(w, 'answers', 0) for w in __import__('ipywidgets').widgets.widget._instances.values())"


@pytest.fixture
def stage(lab):
    with opened(lab, NAME) as made:
        yield made


def process_of(stage: StagePage) -> psutil.Process:
    return psutil.Process(int(stage.value("__import__('os').getpid()")))


def heap(stage: StagePage) -> int:
    """Bytes that the page's scripts hold, after the rubbish is thrown away."""
    session = stage.page.context.new_cdp_session(stage.page)
    session.send("HeapProfiler.collectGarbage")
    used = session.send("Runtime.getHeapUsage")["usedSize"]
    session.detach()
    return used


HAND = """
([mark, x, y, count]) => {
  const view = mark.closest('.course-view');
  const same = {bubbles: true, cancelable: true, pointerId: 1, button: 0, pointerType: 'mouse'};
  const event = (type, x, y) => new PointerEvent(type, {clientX: x, clientY: y, ...same});
  view.setPointerCapture = () => {};
  mark.dispatchEvent(event('pointerdown', x, y));
  for (let i = 1; i < count; i++) view.dispatchEvent(event('pointermove', x + i % 97, y + i % 53));
  view.dispatchEvent(event('pointermove', x + 40, y + 30));
  view.dispatchEvent(event('pointerup', x + 40, y + 30));
}
"""
KEYS = """
([handle, count]) => {
  handle.focus();
  const same = {bubbles: true, cancelable: true};
  const press = (key) => handle.dispatchEvent(new KeyboardEvent('keydown', {key, ...same}));
  for (let i = 0; i < count - 4; i++) press(i % 2 ? 'ArrowLeft' : 'ArrowRight');
  for (const key of ['Home', 'ArrowRight', 'ArrowRight', 'ArrowRight']) press(key);
}
"""


@pytest.mark.parametrize("by", ["hand", "keys"])
def test_ten_thousand_moves_at_once_end_with_the_last_one(stage, by):
    page, kernel = stage.page, process_of(stage)
    answers, before, bytes_before = int(stage.value(ANSWERS)), kernel.memory_info().rss, heap(stage)
    mark = free_mark(page)
    x, y = middle(mark)
    if by == "hand":
        page.evaluate(HAND, [mark.element_handle(), x, y, EVENTS])
    else:
        page.evaluate(KEYS, [page.locator(".noUi-handle").first.element_handle(), EVENTS])
    begin = time.monotonic()
    stage.rest()
    assert time.monotonic() - begin < 5 * stage.patience, "the last picture is late"
    if by == "hand":
        assert middle(mark) == pytest.approx((x + 40, y + 30), abs=2)
    else:
        slider = page.locator(".noUi-handle").first
        now, least = (float(slider.get_attribute(f"aria-value{end}")) for end in ("now", "min"))
        assert now == least + 3
        said = page.locator(".course-said").inner_text()
        assert f"k = {now:.0f}" in said, said
    assert int(stage.value(ANSWERS)) - answers < 100, "moves queue up"
    assert kernel.memory_info().rss - before < MEMORY
    assert heap(stage) - bytes_before < MEMORY
    assert stage.wrong() == []


@pytest.mark.parametrize("work", ["sleep", "sum"])
def test_while_another_cell_runs_it_moves_or_says_that_it_waits(stage, work):
    page = stage.page
    calls = {"sleep": "time.sleep(0.01)", "sum": "sum(range(100_000))"}
    seconds = 5 * stage.patience
    stage.execute(f"import time\nend = time.time() + {seconds}\nwhile time.time() < end: {calls[work]}")
    end = time.monotonic() + seconds
    page.wait_for_function(
        "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'busy'"
    )
    before, mark = stage.source(), free_mark(page)
    x, y = middle(mark)
    drag_by_mouse(page, mark)
    moved = said = False
    while time.monotonic() < end - 1 and not (moved or said):
        moved = stage.source() != before
        said = "Waiting for the kernel" in page.evaluate(LOOK)["state"]
        page.wait_for_timeout(50)
    assert moved or said, "nothing moves, and nothing says why"
    stage.rest()
    assert stage.source() != before
    assert page.evaluate(LOOK)["state"] == ""
    assert middle(mark) == pytest.approx((x + 70, y + 56), abs=3)
    assert stage.wrong() == []


@pytest.mark.parametrize("end", ["killed", "shut down"])
def test_a_dead_kernel_is_said_in_one_line(stage, end):
    page = stage.page
    if end == "killed":
        os.kill(process_of(stage).pid, signal.SIGKILL)
    else:
        stage.notebook.shut_down()
    line = page.get_by_text(ENDED)
    expect(line).to_be_visible()
    assert line.bounding_box()["height"] < 30, "one line"
    assert page.locator(".course-stage img").is_visible()
    expect(page.locator(".course-stage")).to_have_count(1)


STILL = "This picture stands still. Run this cell to bring it to life."


def test_saved_after_a_restart_its_picture_is_there_and_no_error_below_it(stage):
    """JupyterLab then saves no widgets: ipywidgets' own words would be "model not found"."""
    page = stage.page
    page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.restartKernel()")
    page.get_by_text(ENDED).wait_for()
    stage.notebook.wait_until_ready()
    stage.save()
    stage.notebook.shut_down()
    stage.reload()
    picture = page.locator(".jp-OutputArea-output img[alt]").first
    picture.wait_for()
    assert picture.bounding_box()["width"] > 300
    failed = page.locator(".jp-OutputArea-output.jupyter-widgets", has_text="model not found")
    failed.wait_for()
    looks = "(node) => [getComputedStyle(node).fontSize, getComputedStyle(node, '::after').content]"
    assert failed.evaluate(looks) == ["0px", f'"{STILL}"']
    stage.notebook.wait_until_ready()
    stage.run()
    expect(page.get_by_text("model not found")).to_have_count(0)


def test_two_windows_on_one_notebook(stage):
    page = stage.page
    stage.save()
    context = page.context.browser.new_context(viewport={"width": 1280, "height": 800})
    try:
        other = context.new_page()
        other.set_default_timeout(60_000 * stage.patience)
        other.goto(f"{stage.lab.url}/lab/tree/{NAME}.ipynb?token={stage.lab.token}&reset")
        other.locator(".course-stage img").wait_for()
        other.wait_for_function("document.querySelector('.course-stage img').naturalWidth > 300")
        stage.rest()
        for mover, watcher, way in ((page, other, 1), (other, page, -1)):
            seen = watcher.locator(".course-stage img").get_attribute("src")
            mark = free_mark(mover)
            x, y = middle(mark)
            drag_by_mouse(mover, mark, (way, way))
            watcher.wait_for_function(
                "(seen) => document.querySelector('.course-stage img').src !== seen", arg=seen
            )
            stage.rest()
            expect(mover.locator(".course-error")).to_have_text("")
            expect(watcher.locator(".course-error")).to_have_text("")
            assert middle(mark) == pytest.approx((x + 70 * way, y + 56 * way), abs=3)
            place = "[...document.querySelectorAll('.course-mark')].map((node) => node.at)"
            assert watcher.evaluate(place) == mover.evaluate(place)
        stands = "document.querySelector('.noUi-handle').getAttribute('aria-valuenow')"
        for mover, watcher in ((page, other), (other, page)):
            before = watcher.evaluate(stands)
            mover.locator(".noUi-handle").first.press("ArrowRight")
            watcher.wait_for_function(f"(before) => {stands} !== before", arg=before)
            stage.rest()
            assert watcher.evaluate(stands) == mover.evaluate(stands)
    finally:
        context.close()
    assert stage.wrong() == []


def test_a_view_docked_beside_the_notebook(lab):
    with opened(lab, "slope") as stage:
        page = stage.page
        page.evaluate("window.courseFirst = window.jupyterapp.shell.currentWidget")
        page.locator(".course-title").click(button="right")
        page.get_by_role("menuitem", name="Create New View for Cell Output").click()
        docked = page.locator(".jp-LinkedOutputView .course-demo")
        docked.locator(".course-stage img").wait_for()
        stage.rest()
        slide_by_mouse(page, docked.locator(".noUi-handle").first, 0.7)
        stage.rest()
        said = "[...document.querySelectorAll('.course-said')].map((node) => node.innerText)"
        page.wait_for_function(f"(() => {{ const [one, other] = {said}; return one && one === other; }})()")

        # Its full window keeps its picture, whatever happens to the view in the notebook.
        docked.focus()
        page.keyboard.press("f")
        page.wait_for_timeout(1000)  # its new size is told and answered, on a busy machine too
        stage.rest()
        size = docked.locator(".course-stage img").bounding_box()
        page.evaluate("document.querySelector('.jp-Notebook .course-stage').style.width = '80%'")
        page.wait_for_timeout(1000)
        stage.rest()
        assert docked.locator(".course-stage img").bounding_box() == size
        page.keyboard.press("Escape")
        page.evaluate("window.jupyterapp.shell.activateById(window.courseFirst.id)")
        page.wait_for_function("window.jupyterapp.shell.currentWidget === window.courseFirst")
        assert stage.wrong() == []


def test_a_docked_view_s_picture_keeps_its_size_below_a_hand(lab):
    """Both views show one picture, and each tells the kernel its room."""
    with opened(lab, "slope") as stage:
        page = stage.page
        page.evaluate("void (window.courseFirst = window.jupyterapp.shell.currentWidget)")
        page.locator(".course-title").click(button="right")
        page.get_by_role("menuitem", name="Create New View for Cell Output").click()
        docked = page.locator(".jp-LinkedOutputView .course-demo")
        picture, mark = docked.locator(".course-stage img"), docked.locator(".course-mark").nth(1)
        picture.wait_for()
        page.wait_for_timeout(1000)  # its size is told and answered, on a busy machine too
        stage.rest()
        size, (x, y) = picture.bounding_box(), middle(mark)
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x - 20, y, steps=4)
        page.evaluate("document.querySelector('.jp-Notebook .course-stage').style.width = '60%'")
        page.wait_for_timeout(1000)
        page.mouse.move(x - 40, y, steps=4)
        stage.rest()
        assert picture.bounding_box() == size
        assert middle(mark)[0] == pytest.approx(x - 40, abs=3)
        page.mouse.up()
        stage.rest()
        assert middle(mark)[0] == pytest.approx(x - 40, abs=3)
        page.evaluate("window.jupyterapp.shell.activateById(window.courseFirst.id)")
        page.wait_for_function("window.jupyterapp.shell.currentWidget === window.courseFirst")
        assert stage.wrong() == []


def test_a_cell_that_is_run_twice(stage):
    page = stage.page
    drag_by_mouse(page, free_mark(page))
    stage.rest()
    stage.run()
    expect(page.locator(".course-stage")).to_have_count(1)
    assert stage.changes(lambda: drag_by_mouse(page, free_mark(page)))
    stage.rest()
    assert stage.wrong() == []


def test_a_demo_that_is_shown_twice(lab):
    code = f"from lib.demos import {NAME}\n\n{NAME}.show()\n{NAME}.show(k=5)"
    with opened(lab, NAME, code=code) as stage:
        cards = stage.page.locator(".course-demo")
        expect(cards).to_have_count(2)
        for number in (0, 1):
            pictures = [cards.nth(i).locator(".course-stage img") for i in (0, 1)]
            before = [picture.get_attribute("src") for picture in pictures]
            handle = cards.nth(number).locator(".noUi-handle").first
            handle.scroll_into_view_if_needed()
            handle.focus()
            stage.page.keyboard.press("ArrowRight")
            expect(pictures[number]).not_to_have_attribute("src", before[number])
            stage.rest()
            assert pictures[1 - number].get_attribute("src") == before[1 - number]
        assert stage.wrong() == []


def test_in_the_full_window_rows_keep_their_height_and_letters_follow_it(lab):
    heights = (
        "[...document.querySelectorAll('.course-controls > *')].filter((e) => e.offsetHeight)"
        ".map((e) => e.scrollHeight - e.clientHeight)"
    )
    letters = (
        "[...document.querySelectorAll('.course-controls label')].filter((e) => e.innerText.length > 1)"
        ".map((e) => parseFloat(getComputedStyle(e).fontSize))"
    )
    for name, preset in (("live_graph", "sigmoid neuron"), ("draw_it", "A house")):
        with opened(lab, name) as stage:
            page = stage.page
            page.locator(".course-presets button", has_text=preset).click()
            page.locator(".course-demo").focus()
            page.keyboard.press("f")
            # 640 × 400: a window of 1280 × 800 enlarged to 200 %; its letters are 25 dots of the screen high.
            for width, height, least, most in ((1920, 1080, 22, 22), (640, 400, 12, 13), (320, 568, 14, 14)):
                page.set_viewport_size({"width": width, "height": height})
                stage.rest()
                assert max(page.evaluate(heights)) <= 1, f"{name}, {width} px: a row is cut"
                sizes = page.evaluate(letters)
                assert least <= min(sizes) <= max(sizes) <= most, f"{name}, {width} px: {sizes}"
                title = page.locator(".course-title").bounding_box()
                assert title["height"] < 2 * 1.4 * 1.2 * most, f"{name}, {width} px"
            assert stage.wrong() == []


def test_the_full_window_and_a_presenter_s_clicker(lab):
    with opened(lab, "descent") as stage:
        page = stage.page
        page.set_viewport_size({"width": 1920, "height": 1080})
        page.locator(".course-demo").focus()
        page.keyboard.press("f")
        stage.rest()
        box = page.locator(".course-demo").bounding_box()
        assert (box["width"], box["height"]) == (1920, 1080)
        bottom = page.locator(".course-hint").bounding_box()
        assert bottom["y"] + bottom["height"] <= 1080
        pressed = page.locator(".course-presets [aria-pressed=true]")
        names = page.locator(".course-presets button").all_inner_texts()
        for key, name in (("PageDown", names[0]), ("PageDown", names[1]), ("PageUp", names[0])):
            page.keyboard.press(key)
            stage.rest()
            assert pressed.all_inner_texts() == [name]
        page.keyboard.press("Escape")
        stage.rest()
        assert page.locator(".course-demo").bounding_box()["width"] < 1900
        assert stage.wrong() == []


OTHERS = """
([key, more]) => {
  const card = document.querySelector('.course-demo');
  card.focus();
  const event = new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true, ...more});
  card.dispatchEvent(event);
  return event.defaultPrevented;
}
"""


def test_keys_with_ctrl_cmd_and_alt_are_the_browser_s_and_other_trouble_of_hands(stage):
    page = stage.page
    for more in ({"ctrlKey": True}, {"metaKey": True}, {"altKey": True}):
        assert not page.evaluate(OTHERS, ["f", more]), "Ctrl+F searches"
    assert page.evaluate(OTHERS, ["f", {}])
    assert page.evaluate(OTHERS, ["Escape", {}])
    stage.rest()

    # Of points that lie on each other, the one whose middle is pressed is taken.
    places = "[...document.querySelectorAll('.course-mark')].map((node) => node.mark.key)"
    for number, key in list(enumerate(page.evaluate(places)))[::9]:
        page.mouse.move(*middle(page.locator(".course-mark").nth(number)))
        page.mouse.down()
        assert page.evaluate("document.querySelector('.course-held').mark.key") == key
        assert page.evaluate("document.activeElement.mark.key") == key
        page.mouse.up()
    stage.rest()

    # Delete ends a drag.
    mark, before = free_mark(page), page.locator(".course-mark").count()
    x, y = middle(mark)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 20, y + 10, steps=3)
    page.keyboard.press("Delete")
    page.mouse.move(x + 40, y + 20, steps=3)
    expect(page.locator(".course-held")).to_have_count(0)
    page.mouse.up()
    stage.rest()
    assert page.locator(".course-mark").count() == before - 1

    # Every removal counts, however fast they come.
    mark = page.locator(".course-mark").first.element_handle()
    press = "(n) => n.dispatchEvent(new KeyboardEvent('keydown', {key: 'Delete', bubbles: true}))"
    page.evaluate(f"(n) => {{ for (let i = 0; i < 12; i++) ({press})(n); }}", mark)
    stage.rest()
    assert page.locator(".course-mark").count() == before - 13

    # The first finger holds; a second one changes nothing.
    session = page.context.new_cdp_session(page)

    def fingers(kind, *places):
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    x, y = middle(page.locator(".course-mark").first)
    other = middle(page.locator(".course-mark").nth(5))
    fingers("touchStart", (x, y))
    fingers("touchStart", (x, y), other)
    held = page.locator(".course-held")
    expect(held).to_have_count(1)
    key = held.evaluate("(node) => node.mark.key")
    fingers("touchMove", (x + 30, y + 20), other)
    assert held.evaluate("(node) => node.mark.key") == key
    assert middle(held) == pytest.approx((x + 30, y + 20), abs=2)
    fingers("touchEnd")
    expect(held).to_have_count(0)
    session.detach()
    assert stage.wrong() == []


def test_reopened_with_saved_widgets_and_another_kernel_it_says_run_this_cell(lab):
    with opened(lab, "hidden_space") as stage:
        page = stage.page
        # What keeps to a curve stays on its dot while the hand goes elsewhere.
        mark = free_mark(page)
        page.mouse.move(*middle(mark))
        page.mouse.down()
        x, y = middle(mark)
        page.mouse.move(x + 33, y + 40, steps=5)
        stage.rest()
        stands = "(node) => [node.at, [node.mark.x, node.mark.y]]"
        at, there = page.locator(".course-held").evaluate(stands)
        page.mouse.up()
        assert at == there

        stage.save()
        stage.notebook.shut_down()
        stage.reload()
        expect(page.get_by_text(ENDED)).to_be_visible()
        stage.notebook.wait_until_ready()
        expect(page.get_by_text(ENDED)).to_be_visible()
        expect(page.locator(".course-tools button", has_text="Reset")).to_be_disabled()
        expect(page.locator(".course-presets button").first).to_be_disabled()
