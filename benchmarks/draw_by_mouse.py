"""Thirty drawings by a mouse in Chromium, recorded: python -m benchmarks.draw_by_mouse

The plans below were typed, stroke by stroke; no person held the mouse. A model of a hand follows each plan:
a mass on a spring behind a target that slows down at corners, with a tremor, so that corners are rounded or
overshot and ends do not meet. Chromium moves its mouse along that path over the demo's sheet, and what the
page's pointer events say is stored: [class, [stroke, …]], a stroke being [[milliseconds, x, y], …] in pixels
of the sheet. Nothing here is shared with the training's drawings (benchmarks/train_draw_it.py).
"""

from __future__ import annotations

import json
import time
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from nbformat.v4 import new_code_cell
from playwright.sync_api import Page

from benchmarks.demos import write
from benchmarks.lab import Lab
from lib.demos.draw_it import DrawItDemo
from lib.demos.kit.hand import place_in, share_of
from lib.doctor import find_browser

FILE = Path(__file__).parents[1] / "tests" / "demos" / "draw_it_drawings.json"
TICK = 0.012  # seconds from one place of the mouse to the next

# Class, then strokes: "~" a curve through the places, "-" straight lines with corners; x right, y down, 0…31.
PLANS = """
disc      ~ 16,3 7,6 3,15 6,25 16,29 26,25 29,16 25,6 16,3
disc      ~ 10,6 15,8 17,13 14,18 9,19 5,16 4,11 7,7 11,6
disc      ~ 25,14 20,9 13,9 8,14 9,21 15,25 22,23 25,17 24,13
ring      ~ 16,2 25,6 29,15 26,25 16,30 6,26 2,16 6,6 16,2 / ~ 16,10 21,12 22,17 18,22 12,21 10,15 16,10
ring      ~ 14,6 7,10 6,18 11,25 19,25 25,20 25,12 20,7 14,6 / ~ 16,11 20,14 20,18 16,20 12,18 11,14 15,11
ring      ~ 20,8 27,12 27,20 21,25 14,23 11,17 13,11 20,8 / ~ 20,13 23,15 22,19 19,20 16,17 19,13
triangle  - 16,4 28,27 3,26 16,4
triangle  - 4,21 20,22 13,7 5,20
triangle  - 27,8 6,6 17,28 27,9
square    - 4,5 5,27 27,28 27,4 4,5
square    - 20,9 8,8 9,20 21,21 20,9
square    - 8,12 26,13 / - 26,13 25,29 / - 25,29 8,28 / - 8,28 8,11
star      - 7,29 16,3 25,28 2,12 30,11 7,29
star      - 16,2 20,11 29,12 22,18 25,28 16,23 7,28 10,18 3,12 12,11 16,2
star      - 14,8 16,14 22,14 17,18 20,24 14,20 9,25 11,18 6,14 12,14 14,8
cross     - 12,3 20,4 20,12 29,13 28,20 20,20 20,29 12,28 12,20 3,20 4,12 12,12 12,3
cross     - 15,4 16,27 / - 4,15 28,16
cross     - 9,7 14,7 14,12 19,12 18,17 14,17 14,23 9,22 9,17 4,17 4,12 9,12 9,7
crescent  ~ 21,4 12,5 6,12 7,21 14,27 23,27 / ~ 23,27 16,22 14,15 16,8 21,4
crescent  ~ 11,6 18,5 25,10 26,18 21,25 12,26 / ~ 12,26 17,22 19,16 17,10 11,6
crescent  ~ 14,8 9,11 8,17 11,22 17,23 / ~ 17,23 13,19 12,14 14,8
heart     ~ 16,9 13,5 8,4 4,7 4,13 8,20 16,29 / ~ 16,29 24,20 28,13 28,7 24,4 19,5 16,10
heart     ~ 12,14 10,11 7,12 6,15 9,20 13,24 17,19 19,15 18,12 15,11 12,14
heart     ~ 17,11 21,7 26,9 26,15 22,21 16,26 / ~ 17,11 13,7 8,9 7,15 11,21 16,26
arrow     - 16,2 26,13 20,13 20,29 12,29 12,13 6,13 16,2
arrow     - 4,17 28,16 / - 20,9 28,16 21,24
arrow     - 4,13 15,13 15,8 25,16 15,24 15,19 4,19 4,13
hourglass - 6,3 26,3 6,29 26,29 6,3
hourglass - 10,8 22,7 17,15 23,23 9,24 15,15 10,8
hourglass - 9,12 18,12 10,26 19,26 9,12
"""

LISTEN = """
() => {
  const view = document.querySelector('.course-view'), log = [];
  window.courseLog = log;
  for (const type of ['pointerdown', 'pointermove']) {
    view.addEventListener(type, (event) => {
      if (!event.buttons) return;
      const box = view.getBoundingClientRect();
      const places = type === 'pointermove' ? event.getCoalescedEvents() : [];
      for (const each of places.length ? places : [event]) {
        log.push([type === 'pointerdown', each.timeStamp,
                  (each.clientX - box.left) / box.width, (each.clientY - box.top) / box.height]);
      }
    }, {capture: true});
  }
}
"""


def plans() -> list[tuple[str, list[tuple[bool, np.ndarray]]]]:
    """Class, and strokes: whether it is a curve, and its places (k, 2)."""
    found = []
    for line in PLANS.strip().splitlines():
        name, strokes = line.split(maxsplit=1)
        parts = [stroke.split() for stroke in strokes.split("/")]
        found.append(
            (name, [(kind == "~", np.array([p.split(",") for p in ps], float)) for kind, *ps in parts])
        )
    return found


def target(curve: bool, places: np.ndarray, pace: float) -> np.ndarray:
    """Where the hand wants to be at each tick: (k, 2). It stops for a moment at corners, not on curves."""
    pieces = []
    for k, (a, b) in enumerate(pairwise(places)):
        ticks = max(4, int(np.hypot(*(b - a)) / pace / TICK))
        t = np.linspace(0, 1, ticks, endpoint=False)[:, None]
        if curve:  # Catmull and Rom's
            before, after = places[max(k - 1, 0)], places[min(k + 2, len(places) - 1)]
            m, n = (b - before) / 2, (after - a) / 2
            pieces.append(
                (2 * t**3 - 3 * t**2 + 1) * a
                + (t**3 - 2 * t**2 + t) * m
                + (3 * t**2 - 2 * t**3) * b
                + (t**3 - t**2) * n
            )
        else:
            pieces.append(a + (b - a) * t**2 * (3 - 2 * t))
    return np.concatenate([*pieces, places[-1:]])


def hand(curve: bool, places: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The path of a hand that follows a plan, in pixels: (k, 2)."""
    wanted = target(curve, places + rng.normal(0, 0.5, places.shape), rng.uniform(18, 40))
    stiffness, damping = rng.uniform(18, 28) ** 2, rng.uniform(0.55, 0.9)
    place, speed, tremor, path = wanted[0].copy(), np.zeros(2), np.zeros(2), []
    for goal in wanted:
        for _ in range(4):
            speed += TICK / 4 * (stiffness * (goal - place) - 2 * damping * np.sqrt(stiffness) * speed)
            place = place + TICK / 4 * speed
        tremor = 0.86 * tremor + rng.normal(0, 0.09, 2)
        path.append(place + tremor)
    return np.array(path)


def recorded(page: Page, paths: list[np.ndarray]) -> list[list[list[float]]]:
    """Draw with the mouse; what the page says of it: strokes of [milliseconds, x, y]."""
    sheet = DrawItDemo().sheet
    box = page.locator(".course-view").bounding_box()
    page.evaluate("window.courseLog.length = 0")
    for path in paths:
        for k, place in enumerate(path):
            x, y = share_of(sheet, *place)
            page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
            if k == 0:
                page.mouse.down()
            time.sleep(TICK / 3)
        page.mouse.up()
    strokes: list[list[list[float]]] = []
    log = page.evaluate("window.courseLog")
    for begins, t, *shares in log:
        if begins:
            strokes.append([])
        x, y, _ = place_in(sheet, *shares)
        strokes[-1].append([round(t - log[0][1]), round(x, 1), round(y, 1)])
    return strokes


def main() -> None:
    rng, found = np.random.default_rng(2026), []
    with TemporaryDirectory() as folder:
        write(
            Path(folder) / "draw_it.ipynb", new_code_cell("from lib.demos import draw_it\n\ndraw_it.show()")
        )
        root = str(Path(__file__).parents[1])
        with (
            Lab(Path(folder), str(find_browser()), environment={"PYTHONPATH": root}) as lab,
            lab.open("draw_it.ipynb", width=1280, height=800) as notebook,
        ):
            notebook.run_all()
            page = notebook.page
            page.locator(".course-pen").wait_for(state="attached")
            time.sleep(2)
            page.evaluate(LISTEN)
            for name, strokes in plans():
                page.locator(".course-tools button", has_text="Reset").click()
                time.sleep(0.4)
                found.append([name, recorded(page, [hand(curve, places, rng) for curve, places in strokes])])
                print(name, sum(map(len, found[-1][1])), flush=True)
    FILE.write_text(json.dumps(found, separators=(",", ":")).replace('["', '\n["') + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
