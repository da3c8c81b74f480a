"""What hands do to a demo: a mouse, a finger and keys on what can be dragged, picked, added and removed."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

KEYS = ("ArrowRight", "ArrowLeft", "PageUp", "PageDown", "End", "Home")
WAYS = ((1, 1), (-1, -1), (1, -1), (-1, 1))  # a handle may stand in a corner of its field


def middle(mark: Locator) -> tuple[float, float]:
    mark.scroll_into_view_if_needed()
    box = mark.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def marks(page: Page) -> dict[str, list[Locator]]:
    """All marks of each kind of touch that the demo declares, by the name of that."""
    keys = page.evaluate("[...document.querySelectorAll('.course-mark')].map((node) => node.mark.key)")
    found: dict[str, list[Locator]] = {}
    for number, key in enumerate(keys):
        found.setdefault(key.rpartition(":")[0], []).append(page.locator(".course-mark").nth(number))
    return found


def free_mark(page: Page) -> Locator:
    """The first mark that can be dragged anywhere, and that no other covers."""
    number = page.evaluate(
        """[...document.querySelectorAll('.course-mark')].findIndex((node) => {
          const box = node.getBoundingClientRect();
          const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
          return node.mark.drag === 'xy' && node.contains(document.elementFromPoint(x, y));
        })"""
    )
    return page.locator(".course-mark").nth(number)


def drag_by_mouse(page: Page, mark: Locator, way: tuple[int, int] = (1, 1)) -> None:
    x, y = middle(mark)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 70 * way[0], y + 56 * way[1], steps=6)
    page.mouse.up()


def drag_by_finger(page: Page, mark: Locator, way: tuple[int, int] = (1, 1)) -> None:
    x, y = middle(mark)
    finger(page, *((x + 12 * step * way[0], y + 9 * step * way[1]) for step in range(7)))


def finger(page: Page, *places: tuple[float, float]) -> None:
    """Put it down at the first place, move it over the others, lift it at the last."""
    session = page.context.new_cdp_session(page)
    for number, (x, y) in enumerate(places):
        kind = "touchMove" if number else "touchStart"
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    session.detach()


def press_arrows(page: Page, mark: Locator, way: tuple[int, int] = (1, 1)) -> None:
    mark.focus()
    page.keyboard.press(f"Shift+{'ArrowRight' if way[0] > 0 else 'ArrowLeft'}")
    page.keyboard.press(f"Shift+{'ArrowDown' if way[1] > 0 else 'ArrowUp'}")


def pick_by_mouse(page: Page, mark: Locator, _: tuple[int, int] = (1, 1)) -> None:
    page.mouse.click(*middle(mark))


def pick_by_finger(page: Page, mark: Locator, _: tuple[int, int] = (1, 1)) -> None:
    finger(page, middle(mark))


def pick_by_key(page: Page, mark: Locator, _: tuple[int, int] = (1, 1)) -> None:
    mark.focus()
    page.keyboard.press("Enter")


def zoom_by_key(page: Page, mark: Locator, _: tuple[int, int] = (1, 1)) -> None:
    mark.focus()
    page.keyboard.press("+")


def slide_by_mouse(page: Page, handle: Locator, share: float) -> None:
    """Drag a slider's handle to a place on its track: 0 its left end, 1 its right one."""
    x, y = middle(handle)
    track = handle.evaluate("(node) => node.closest('.noUi-target').getBoundingClientRect().toJSON()")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(track["x"] + share * track["width"], y, steps=4)
    page.mouse.up()
