"""The demos in JupyterLab in Chromium: from a key or a hand to changed pixels, against plain `interact`.

Every demo is measured, in a window of 1280 × 800 and on two other screens. The targets hold for
those whose own arithmetic takes under 5 ms. What a picture weighs on the wire, and what a thousand moves
leave in memory, is measured without a browser.
"""

from __future__ import annotations

import gc
import importlib
import inspect
import time
from collections import deque
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from itertools import count, islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import nbformat
import numpy as np
import psutil
from ipywidgets import ValueWidget
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from benchmarks.lab import DemoView, Lab, Notebook
from benchmarks.measure import Row
from lib.demos.kit import Demo, LogSlider, Slider
from lib.demos.kit.controls import Control
from lib.demos.rooms import demos, room_of_demo
from lib.doctor import find_browser

LIGHT = 0.005  # seconds of arithmetic up to which the targets hold
WARM_UP, MOVES, PLACES = 200, 1000, 97  # of memory; different values of a slider among them
# CSS pixels of room for a picture: in a window of 1280 × 800, in one of 1920 × 1080, and where it fills that.
PICTURES = (848, 400), (1400, 620), (1840, 820)

# The same picture as plain `interact` makes it: a new figure for each move, shown by the inline backend, with
# matplotlib's own images and text where the demo kit has quicker ones.
PLAIN = """
%matplotlib inline
import matplotlib.pyplot as plt
from ipywidgets import interact
from benchmarks.demos import demo_class, use_plain_matplotlib

demo = demo_class("{name}")()
use_plain_matplotlib()

def picture(**values):
    figure = plt.figure(figsize=demo.size, dpi=100, layout="constrained")
    demo.draw(demo.arrange(figure))
    demo.update(demo.compute(**demo.start | values))
    plt.show()

controls = {{name: control.widget() for name, control in demo.controls.items()}}
interact(picture, **{{name: widget for name, widget in controls.items() if widget is not None}});
"""


def rows(quick: bool) -> Iterator[Row]:
    browser = find_browser()
    if browser is None:
        yield Row("demos", "not measured: no Chromium or Chrome was found", [np.nan])
        return
    names = list(demos())[:1] if quick else list(demos())
    with TemporaryDirectory() as folder:
        for name in names:
            ours, theirs = (
                new_code_cell(f"from {room_of_demo(name)} import {name}\n\n{name}.show()"),
                new_code_cell(PLAIN.format(name=name)),
            )
            for kind, cell in (("ours", ours), ("plain", theirs)):
                write(Path(folder) / f"{name}-{kind}.ipynb", cell)
        root = str(Path(__file__).parents[1])
        with Lab(Path(folder), str(browser), environment={"PYTHONPATH": root}) as lab:
            for name in names:
                yield from rows_of(lab, name, presses=6 if quick else 40)


def rows_of(lab: Lab, name: str, presses: int) -> Iterator[Row]:
    """The rows of one demo."""
    seconds = arithmetic(name)
    what, light = f"{name}, own arithmetic {1000 * seconds:.1f} ms", seconds < LIGHT
    yield from rows_without_a_browser(name)
    with lab.open(f"{name}-ours.ipynb", width=1280, height=800) as notebook:
        demo = first_demo(notebook, ".course-demo")
        handle = demo.handles()[0]
        times = latencies(demo, handle, presses)
        frames = demo.hold(handle, count=9 * presses // 4)
        dragged = demo.drag(count=9 * presses // 2)
        follows = demo.follow(count=9 * presses // 2)
    slow = float(np.percentile(times, 95))
    yield Row("demo: key to pixels, median", what, times, "ms", at_most=30 if light else None)
    yield Row("demo: key to pixels, 95th percentile", what, [slow], "ms", at_most=50 if light else None)
    yield Row("demo: frames a second, key held", what, [frames], "fps", at_least=28 if light else None)
    if dragged is not None:
        yield Row(
            "demo: frames a second, handle dragged", what, [dragged], "fps", at_least=28 if light else None
        )
    if follows:
        slow = float(np.percentile(follows, 95))
        yield Row("demo: hand to handle, median", what, follows, "ms", at_most=17)
        yield Row("demo: hand to handle, 95th percentile", what, [slow], "ms", at_most=17)
    yield from rows_of_other_screens(lab, name, what, light, presses // 2)
    widgets = [control.widget() for control in made(name).controls.values()]
    if any(widget is not None and not isinstance(widget, ValueWidget) for widget in widgets):
        return  # a control of several widgets: plain `interact` has no counterpart
    with lab.open(f"{name}-plain.ipynb") as notebook:
        plain = latencies(first_demo(notebook), None, presses // 2)
    yield Row(
        "interact / demo", what, [median(plain) / median(times)], at_least=3 if light else None,
        ours=f"{median(times):.0f} ms", peer=f"{median(plain):.0f} ms",
    )  # fmt: skip


def rows_of_other_screens(lab: Lab, name: str, what: str, light: bool, presses: int) -> Iterator[Row]:
    """From key to pixels on a screen of twice the pixels, and with the demo alone on a large one."""
    with lab.open(f"{name}-ours.ipynb", width=1280, height=800, ratio=2) as notebook:
        times = latencies(first_demo(notebook, ".course-demo"), None, presses)
    slow = float(np.percentile(times, 95))
    yield Row("demo: key to pixels at ratio 2, median", what, times, "ms", at_most=45 if light else None)
    yield Row("demo: the same, 95th percentile", what, [slow], "ms", at_most=80 if light else None)
    with lab.open(f"{name}-ours.ipynb", width=1920, height=1080) as notebook:
        demo = first_demo(notebook, ".course-demo")
        demo.root.get_by_role("button", name="Full window", exact=True).click()
        demo.settle()
        times = latencies(demo, None, presses)
    slow = float(np.percentile(times, 95))
    yield Row("demo: key to pixels, full window of 1920 × 1080, median", what, times, "ms")
    yield Row("demo: the same, 95th percentile", what, [slow], "ms")


def rows_without_a_browser(name: str) -> Iterator[Row]:
    """The largest moving picture in each window, and the memory that many moves of every control leave."""
    for room in PICTURES:
        kilobytes = [max(islice(weights(name, *room), PLACES)) / 1000]
        what = f"{name}, {room[0]} px wide"
        yield Row("demo: largest moving picture on the wire", what, kilobytes, "kB", at_most=200)
    moves, used = weights(name, *PICTURES[0]), []
    for many in (WARM_UP, MOVES):
        deque(islice(moves, many), maxlen=0)
        gc.collect()
        used.append(psutil.Process().memory_info().rss)
    grown = (used[1] - used[0]) / 1e6
    yield Row(f"demo: memory after {MOVES:,} moves", name, [grown], "MB", at_most=5)


def weights(name: str, width: int, height: int) -> Iterator[int]:
    """Bytes of one moving picture after the other; every control has another value each time."""
    demo = made(name)
    panel = demo.panel()
    panel.told(None, {"to": "size", "width": width, "height": height, "ratio": 2, "dark": False})
    for move in count():
        panel.jump({control: other(thing, move) for control, thing in demo.controls.items()})
        if panel.error:
            raise RuntimeError(f"{name}, move {move}: {panel.error}")
        yield len(panel.stage.picture)


def other(control: Control, move: int) -> object:
    """A value of a control, another one with every move; the same again after PLACES moves."""
    share = move * 31 % PLACES / PLACES
    if isinstance(control, Slider | LogSlider):
        low, high = control.low, control.high
        place = low + share * (high - low)
        return control.nearest(10.0**place if isinstance(control, LogSlider) else place)
    several = getattr(control, "options", None) or getattr(control, "examples", None)
    return several[move % len(several)] if several else move % 2 == 0


def latencies(demo: DemoView, handle, presses: int) -> list[float]:
    """Milliseconds of each key that changed the picture: half of them to the right, half back."""
    handle = handle or demo.handles()[0]
    keys = ["ArrowRight", "ArrowLeft"] * (presses // 2)
    demo.press(handle, "ArrowRight")  # the first one warms up
    times = [demo.press(handle, key, limit=2000) for key in keys]
    return [time for time in times if time is not None]


def first_demo(notebook: Notebook, root: str = ".jp-Cell") -> DemoView:
    """The demo of a notebook of one cell, after running it; root: what encloses it, in CSS."""
    notebook.run_all()
    problems = notebook.problems()
    if problems:
        raise RuntimeError("; ".join(problems))
    return DemoView(notebook.page.locator(root).first, 0)


def demo_class(name: str) -> type[Demo]:
    """The class of a demo, by the name of its file or package."""
    module = importlib.import_module(f"{room_of_demo(name)}.{name}")
    (found,) = (
        thing for thing in vars(module).values()
        if inspect.isclass(thing) and issubclass(thing, Demo) and thing.__module__.startswith(module.__name__)
    )  # fmt: skip
    return found


def made(name: str) -> Demo:
    """A demo, without the line that says which data it shows."""
    with redirect_stdout(StringIO()):
        return demo_class(name)()


def arithmetic(name: str) -> float:
    """Seconds of the demo's own arithmetic for one move of its first slider, median over different places."""
    demo = made(name)
    slider, control = next((n, c) for n, c in demo.controls.items() if hasattr(c, "step"))
    times = []
    for share in np.linspace(0.2, 0.8, 9):
        value = control.low + share * (control.high - control.low)
        value = round(value) if getattr(control, "whole", False) else value
        values = demo.values | {slider: value if isinstance(control, Slider) else 10.0**value}
        start = time.perf_counter()
        demo.compute(**values)
        times.append(time.perf_counter() - start)
    return median(times)


def use_plain_matplotlib() -> None:
    """From now on `Screen` paints as `imshow` does, and `NumberGrid` and `Tiles` are images with texts."""
    from matplotlib.image import AxesImage
    from matplotlib.patches import Rectangle

    from lib.demos.kit import screen, tiles

    def write(axes, paper: np.ndarray, left: float, top: float, side: int, words: str, size: float) -> None:
        look = {"color": "black" if paper.mean() > 140 else "white", "fontsize": size}
        axes.text(left + side / 2, top + side / 2, words, ha="center", va="center", **look)

    def fill_numbers(grid: screen.NumberGrid, patch: np.ndarray, values: np.ndarray) -> None:
        side, axes = grid.TILE, grid.axes
        grid.set_data(patch.repeat(side, 0).repeat(side, 1))
        for row, column in np.ndindex(patch.shape[:2]):
            numbers = "\n".join(map(str, values[row, column]))
            write(axes, patch[row, column], side * column, side * row, side, numbers, 12)

    def fill_words(table: tiles.Tiles, colours, words, frames=None) -> None:
        side, axes = table.side, table.axes
        whole = np.full((table.rows, table.columns, 3), 255, np.uint8)
        whole[: colours.shape[0], : colours.shape[1]] = colours
        table.set_data(whole.repeat(side, 0).repeat(side, 1))
        for row, column in np.ndindex(colours.shape[:2]):
            left, top = side * column, side * row
            write(axes, colours[row, column], left, top, side, words[row][column], 0.72 * table.font)
            edge = "black" if frames is not None and frames[row, column] else "white"
            axes.add_patch(Rectangle((left, top), side, side, fill=False, edgecolor=edge))

    screen.Screen.make_image = AxesImage.make_image
    screen.NumberGrid.fill = fill_numbers
    tiles.Tiles.fill = fill_words


def write(path: Path, cell: NotebookNode) -> None:
    """A notebook of this one cell."""
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    nbformat.write(new_notebook(cells=[cell], metadata={"kernelspec": kernel}), path)
