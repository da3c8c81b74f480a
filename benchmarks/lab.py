"""JupyterLab, as `course start` starts it, driven in a headless Chromium.

For the browser tests and the benchmark of the demos:

with Lab(folder) as lab, lab.open("lecture.ipynb") as notebook:
    notebook.run_all()
    notebook.problems()        # what a student would see in red
    notebook.demos()           # each with its picture and sliders
"""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Locator, Page, sync_playwright

from lib.demos.kit.panel import TO_LIFE

PACE = 8  # CSS pixels to the side and upwards that a dragged handle goes with each step
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]

# Calls `done` with the milliseconds until the picture under `root` shows other pixels, looking once a frame.
WATCH = """
// The living picture: a cell shows the one of its output too, which is hidden.
window.courseImage = (root) => root.querySelector('.course-stage img') ?? root.querySelector('img');
window.coursePixels = (root) => {
  const image = window.courseImage(root);
  if (!image || !image.complete || !image.naturalWidth) return null;
  const canvas = window.courseCanvas ??= new OffscreenCanvas(96, 48);
  const context = canvas.getContext('2d', {willReadFrequently: true});
  context.drawImage(image, 0, 0, 96, 48);
  let hash = 0;
  for (const byte of context.getImageData(0, 0, 96, 48).data) hash = (hash * 31 + byte) | 0;
  return hash;
};
window.courseWatch = (root, before, limit) => new Promise((done) => {
  const start = performance.now();
  let source = window.courseImage(root)?.src;
  const look = () => {
    const image = window.courseImage(root);
    const now = performance.now();
    if (image && image.complete && image.src !== source) {
      const hash = window.coursePixels(root);
      if (hash !== null) source = image.src;
      if (hash !== null && hash !== before) return done(now - start);
    }
    if (now - start > limit) return done(null);
    requestAnimationFrame(look);
  };
  look();
});
"""

# What `course start` does, in another folder.
START = """
import sys
from pathlib import Path
from lib.jupyter.start import start

arguments = [each for each in sys.argv[2:] if each != "--instructor"]
start(arguments, folder=Path(sys.argv[1]), notebook=".", instructor="--instructor" in sys.argv)
"""

PRESS = """
(handle, [key, before, limit]) => {
  const root = handle.closest('.course-demo') ?? handle.closest('.jp-Cell');
  handle.focus();
  const seen = window.courseWatch(root, before, limit);
  handle.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true}));
  return seen;
}
"""

HOLD = """
(handle, count) => new Promise((done) => {
  const root = handle.closest('.course-demo') ?? handle.closest('.jp-Cell');
  handle.focus();
  const start = performance.now();
  const stage = root.querySelector('.course-stage'), before = Number(stage.dataset.answers ?? 0);
  let pressed = 0, key = 'ArrowRight';
  const timer = setInterval(() => {
    const at = (name) => Number(handle.getAttribute('aria-value' + name));
    if (at('now') >= at('max')) key = 'ArrowLeft';
    if (at('now') <= at('min')) key = 'ArrowRight';
    handle.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true}));
    if (++pressed < count) return;
    clearInterval(timer);
    done((Number(stage.dataset.answers) - before) / ((performance.now() - start) / 1000));
  }, 1000 / 30);
});
"""

ANSWERS = "(root) => Number(root.querySelector('.course-stage').dataset.answers ?? 0)"

# Of each movement of the hand: when the first frame is painted that has the handle at its new place.
FOLLOW = """
(root) => {
  root.courseTimes = [];
  window.addEventListener('pointermove', (event) => {
    const mark = root.querySelector('.course-held');  // of several at one place the hand takes the uppermost
    if (!mark) return;
    const before = mark.getAttribute('transform');
    const look = () => {
      const now = performance.now(), moved = mark.getAttribute('transform') !== before;
      if (moved || now - event.timeStamp > 200) root.courseTimes.push(now - event.timeStamp);
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }, { capture: true });
}
"""


class Lab:
    """A JupyterLab server with private folders and a Chromium beside it.

    folder: the server's root, where the notebooks are
    chromium: path of the browser's executable
    environment: variables for the server and its kernels, on top of this process's
    arguments: further arguments of `course start`
    patience: a factor for all limits of time
    """

    def __init__(
        self,
        folder: Path,
        chromium: str,
        *,
        environment: dict[str, str] | None = None,
        arguments: tuple[str, ...] = (),
        patience: float = 1,
    ):
        self.folder, self.chromium, self.arguments = Path(folder), chromium, arguments
        self.environment = environment or {}
        self.patience = patience
        self.token = secrets.token_hex(16)

    def __enter__(self) -> Lab:
        self._private = TemporaryDirectory()
        self._playwright = self._browser = self._server = None
        try:
            self._start_server()
            self._playwright = sync_playwright().start()
            self._browser = self._playwright.chromium.launch(
                executable_path=self.chromium, args=CHROMIUM_FLAGS, headless=True
            )
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._browser:
            self._browser.close()
        if self._playwright:
            self._playwright.stop()
        if self._server:
            self._server.terminate()
            try:
                self._server.wait(20)
            except subprocess.TimeoutExpired:
                self._server.kill()
                self._server.wait()
        self._private.cleanup()

    def _start_server(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        private = Path(self._private.name)
        self._log = (private / "server.log").open("wb")
        options = [
            "--no-browser",
            f"--port={port}",
            f"--IdentityProvider.token={self.token}",
            "--LabApp.expose_app_in_browser=True",
            "--LabApp.news_url=None",
            *self.arguments,
        ]
        self._server = subprocess.Popen(
            [sys.executable, "-c", START, str(self.folder), *options],
            env={**os.environ, "COURSE_JUPYTER": str(private / "jupyter"), **self.environment},
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        self._wait_until_it_answers()

    def _wait_until_it_answers(self, seconds: float = 90) -> None:
        deadline = time.monotonic() + seconds * self.patience
        while time.monotonic() < deadline:
            if self._server.poll() is not None:
                raise RuntimeError(f"JupyterLab ended with code {self._server.returncode}:\n{self.log()}")
            try:
                urllib.request.urlopen(f"{self.url}/api?token={self.token}", timeout=5).close()
                return
            except (urllib.error.URLError, TimeoutError, ConnectionError):
                time.sleep(0.2)
        raise TimeoutError(f"JupyterLab did not answer within {seconds} s:\n{self.log()}")

    def log(self) -> str:
        """The end of what the server wrote."""
        return Path(self._log.name).read_text(errors="replace")[-4000:]

    @contextmanager
    def open(
        self, name: str, *, width: int = 1280, height: int = 1000, ratio: float = 1
    ) -> Iterator[Notebook]:
        """A notebook of the folder in a browser window of its own; its kernel ends with it.

        width, height: of the window, CSS pixels
        ratio: pixels of the screen for each of them
        """
        context = self._browser.new_context(
            viewport={"width": width, "height": height}, device_scale_factor=ratio
        )
        context.add_init_script(WATCH)
        page = context.new_page()
        page.set_default_timeout(60_000 * self.patience)
        page.goto(f"{self.url}/lab/tree/{name}?token={self.token}&reset")
        notebook = Notebook(page, self.patience)
        try:
            notebook.wait_until_ready()
            yield notebook
        finally:
            notebook.shut_down()
            context.close()


class Notebook:
    """A notebook open in JupyterLab. patience: a factor for all limits of time."""

    def __init__(self, page: Page, patience: float = 1):
        self.page, self.patience = page, patience

    def wait_until_ready(self) -> None:
        self.page.wait_for_function("window.jupyterapp?.shell?.currentWidget?.sessionContext?.isReady")
        self.page.wait_for_function(
            "window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle'"
        )

    def run_all(self, seconds: float = 180) -> None:
        """Run every cell and wait until the last has ended; Playwright's `TimeoutError` past the limit."""
        self.page.evaluate(
            "void window.jupyterapp.commands.execute('notebook:run-all-cells')"
            ".finally(() => { window.courseRan = true; })"
        )
        self.page.wait_for_function("window.courseRan === true", timeout=1000 * seconds * self.patience)

    def cells(self) -> list[dict[str, Any]]:
        """The cells with their outputs, as in the notebook's file."""
        return self.page.evaluate("window.jupyterapp.shell.currentWidget.content.model.toJSON().cells")

    def problems(self) -> list[str]:
        """Errors and warnings that stand under the cells, each with the cell it is from."""
        found = []
        for number, cell in enumerate(self.cells()):
            for output in cell.get("outputs", []):
                if output["output_type"] == "error":
                    found.append(f"cell {number}: {output['ename']}: {output['evalue']}")
                elif output.get("name") == "stderr" and not is_progress("".join(output["text"])):
                    found.append(f"cell {number}: on stderr: {''.join(output['text']).strip()[:300]}")
        return found

    def demos(self) -> Iterator[DemoView]:
        """Each demo of the notebook in turn, scrolled into view."""
        view = "application/vnd.jupyter.widget-view+json"
        for number, cell in enumerate(self.cells()):
            shown = [output["data"] for output in cell.get("outputs", []) if view in output.get("data", {})]
            # A bar of progress is a widget, too, and has no such words in the place of its picture.
            if any(TO_LIFE in "".join(data.get("text/plain", "")) for data in shown):
                self.scroll_to(number)
                demo = self.page.locator(
                    f'.jp-Cell[data-windowed-list-index="{number}"] .course-demo, '
                    f".jp-Notebook > .jp-Cell:nth-child({number + 1}) .course-demo"
                ).first
                demo.scroll_into_view_if_needed()
                yield DemoView(demo, number, self.patience)

    def scroll_to(self, number: int) -> None:
        self.page.evaluate(
            "async (n) => { const c = window.jupyterapp.shell.currentWidget.content;"
            " c.activeCellIndex = n; await c.scrollToItem(n, 'start'); }",
            number,
        )

    def shut_down(self) -> None:
        self.page.evaluate("async () => window.jupyterapp.shell.currentWidget?.sessionContext?.shutdown()")


class DemoView:
    """One demo in the browser: its picture, its sliders and its message."""

    def __init__(self, root: Locator, cell: int, patience: float = 1):
        self.root, self.cell, self.patience = root, cell, patience
        root.locator(".course-stage img, .jupyter-widgets img").first.wait_for()

    @property
    def title(self) -> str:
        return self.root.locator(".course-title").inner_text()

    def pixels(self) -> int:
        """A number that changes when the picture does."""
        return self.root.evaluate(
            """async (root) => {
              for (let turn = 0; ; turn++) {
                try { await window.courseImage(root).decode(); break; } catch (error) {
                  if (turn === 9) throw error; // a newer picture came meanwhile
                  await new Promise((done) => setTimeout(done, 20));
                }
              }
              return window.coursePixels(root);
            }"""
        )

    def error(self) -> str:
        """What the demo says is wrong; empty where nothing is."""
        return " ".join(self.root.locator(".course-error").all_inner_texts())

    def handles(self) -> list[Locator]:
        """The handles of its sliders."""
        return self.root.locator(".noUi-handle").all()

    def buttons(self) -> list[Locator]:
        """Its buttons that move it: options of a choice, presets, Reset."""
        kinds = "button.widget-toggle-button, button.jupyter-button, .course-presets button"
        found = self.root.locator(f"{kinds}, .course-tools button:has-text('Reset')").all()
        return [button for button in found if button.is_visible()]

    def settle(self) -> None:
        """Wait until the kernel has answered."""
        self.root.page.wait_for_function(
            "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'"
        )

    def press(self, handle: Locator, key: str = "ArrowRight", limit: float = 5000) -> float | None:
        """Milliseconds from a key on the slider to changed pixels; None where they stay the same."""
        return handle.evaluate(PRESS, [key, self.pixels(), limit * self.patience])

    def hold(self, handle: Locator, count: int = 90) -> float:
        """Answers a second while an arrow key repeats 30 times a second; it turns round at the ends.

        The kernel answers with a new picture, or with none where that would be the same.
        """
        return handle.evaluate(HOLD, count)

    def drag(self, count: int = 180) -> float | None:
        """Answers a second while its first handle is dragged around; None where it has none."""
        self.reset()
        mark = self.mark()
        if mark is None:
            return None
        start, before = time.perf_counter(), self.root.evaluate(ANSWERS)
        self.move(mark, count)
        return (self.root.evaluate(ANSWERS) - before) / (time.perf_counter() - start)

    def follow(self, count: int = 180) -> list[float] | None:
        """Milliseconds from each event of the hand to the frame with the handle at its new place.

        None where it has no handle that goes with the hand.
        """
        self.reset()
        mark = self.mark(goes=True)
        if mark is None:
            return None
        self.root.evaluate(FOLLOW)
        self.move(mark, count)
        return self.root.evaluate("(root) => root.courseTimes")

    def reset(self) -> None:
        self.root.get_by_role("button", name="Reset", exact=True).click()
        self.settle()

    def mark(self, goes: bool = False) -> Locator | None:
        """Its first handle that can be dragged; goes: and goes with the hand, unlike a number."""
        still = " && !['number', 'line', 'pane', 'pen'].includes(node.mark.kind)"
        wanted = "(node) => node.mark.drag" + (still if goes else "")
        marks = self.root.locator(".course-mark").all()
        return next((each for each in marks if each.evaluate(wanted)), None)

    def move(self, mark: Locator, count: int) -> None:
        """Drag a handle in zigzags, to the sides where it can go, 60 steps a second.

        The hand moves in both directions at once: a step for every kind of handle.
        """
        mouse = self.root.page.mouse
        x, y = middle(mark)
        mouse.move(x, y)
        mouse.down()
        reach = 8 * PACE
        mouse.move(x + reach, y)
        right = 1 if middle(mark)[0] > x + reach / 2 else -1
        mouse.move(x, y + reach / 2)  # as far as it will go
        down = 1 if middle(mark)[1] > y + reach / 4 else -1
        mouse.move(x, y)
        start = time.perf_counter()
        for step in range(1, count + 1):
            mouse.move(
                x + right * PACE * min(step % 16, -step % 16), y + down * PACE * min(step % 8, -step % 8)
            )
            time.sleep(max(0.0, start + step / 60 - time.perf_counter()))
        mouse.up()


def middle(mark: Locator) -> tuple[float, float]:
    """Where a handle stands on the page."""
    box = mark.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def is_progress(text: str) -> bool:
    """True for a progress bar, which tqdm writes to stderr."""
    return "it/s" in text or "%|" in text or "s/it" in text
