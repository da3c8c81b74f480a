"""Drawing on the sheet of draw_it with mouse, finger and keys, in JupyterLab in Chromium."""

import re
from itertools import pairwise

import pytest
from stage_page import opened

from lib.demos.draw_it import DrawItDemo
from lib.demos.kit.hand import share_of

SQUARE = ((6, 6), (26, 6), (26, 26), (6, 26), (6, 6))


def on_page(page, places):
    """Places on the sheet as places on the page."""
    box, sheet = page.locator(".course-view").bounding_box(), DrawItDemo().sheet
    shares = (share_of(sheet, x, y) for x, y in places)
    return [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in shares]


def between(places, steps=8):
    """Places on straight lines through these."""
    for (a, b), (c, d) in pairwise(places):
        yield from ((a + (c - a) * k / steps, b + (d - b) * k / steps) for k in range(steps))
    yield places[-1]


def by_mouse(page, places):
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in between(places):
        page.mouse.move(*place)
    page.mouse.up()


def by_finger(page, places):
    session = page.context.new_cdp_session(page)

    def touch(kind, *points):
        session.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]}
        )

    touch("touchStart", places[0])
    for place in between(places):
        touch("touchMove", place)
    touch("touchEnd")
    session.detach()


def by_keys(page, _):
    page.locator(".course-pen").focus()
    for key, count in (("ArrowLeft", 9), ("ArrowUp", 9)):  # from (15, 15) to (6, 6)
        for _ in range(count):
            page.keyboard.press(key)
            page.wait_for_function("!document.querySelector('.course-stage').dataset.waiting")
    for key in (" ", *2 * ["Shift+ArrowRight"], *2 * ["Shift+ArrowDown"], *2 * ["Shift+ArrowLeft"],
                *2 * ["Shift+ArrowUp"]):  # fmt: skip
        page.keyboard.press(key)
        page.wait_for_function("!document.querySelector('.course-stage').dataset.waiting")


@pytest.mark.parametrize("way", [by_mouse, by_finger, by_keys])
def test_a_square_is_drawn_and_the_page_stays_where_it_is(lab, way):
    with opened(lab, "draw_it") as stage:
        page = stage.page
        page.set_viewport_size({"width": 1280, "height": 620})  # there is something to scroll
        stage.rest()
        scrolled = (
            "[...document.querySelectorAll('*')].reduce((sum, node) => sum + node.scrollTop, 0) + scrollY"
        )
        before = page.evaluate(scrolled)
        way(page, on_page(page, SQUARE))
        stage.rest()
        page.get_by_text(re.compile("This is a square")).wait_for()
        assert page.evaluate(scrolled) == before

        page.locator(".course-mark.course-spot").click()  # undo
        page.get_by_text(re.compile("Draw something")).wait_for()
