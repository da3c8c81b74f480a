"""A notebook with one demo in JupyterLab: what its card looks like now, and whether its picture moves."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from matplotlib.text import Text
from nbformat.v4 import new_code_cell
from playwright.sync_api import Page

from benchmarks.demos import demo_class, write
from benchmarks.lab import Lab, Notebook
from lib.demos.rooms import room_of_demo

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
# Not the demo's: a page or a kernel was left while JupyterLab's question was on its way; a window that opens
# asks the kernel for its widgets, and the question may overtake the comm that it belongs to.
NOT_OURS = ("Canceled future for", "No such comm")
ENDED = "The kernel that moved this picture has ended. Run this cell to bring it to life."
LEAST_TRACK = 120  # CSS pixels
LEAST_TEXT = 20  # the same, on the card in a window 1920 wide

# Every part of the card that words or hands need, and what is wrong with any of them.
LOOK = """
() => {
  const card = document.querySelector('.course-demo'), box = card.getBoundingClientRect();
  const all = (kind) => [...card.querySelectorAll(kind)].filter((node) => node.getClientRects().length);
  const words = '.course-title, .course-ask, .course-said, .course-hint, '
    + '.widget-readout, .widget-label, button';
  const parts = all(`${words}, .course-view, .noUi-target, select, input`);
  const name = (node) => node.innerText || node.className || node.tagName;
  const boxes = parts.map((node) => [node, node.getBoundingClientRect()]);
  const clash = ([a, p], [b, q]) => !a.contains(b) && !b.contains(a)
    && Math.min(p.right, q.right) - Math.max(p.left, q.left) > 1
    && Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top) > 1;
  const image = card.querySelector('img');
  const context = new OffscreenCanvas(1, 1).getContext('2d');
  if (image.naturalWidth) context.drawImage(image, 0, 0, 1, 1, 0, 0, 1, 1);
  return {
    corner: context.getImageData(0, 0, 1, 1).data[1],  // how bright, 0 to 255
    width: box.width,
    height: box.height,
    scrolls: card.scrollHeight > card.clientHeight + 1,
    room: card.closest('.jp-OutputArea-output')?.clientWidth ?? window.innerWidth,
    picture: image.getBoundingClientRect().width,
    dots: image.naturalWidth,
    tracks: all('.noUi-target').map((node) => node.getBoundingClientRect().width),
    cut: all(words).filter((node) => node.scrollWidth > node.clientWidth + 1).map(name),
    outside: boxes.filter(([n, p]) => {
      const cell = n.closest('.course-controls > *'); // it cuts what is outside, where it is a box itself
      const place = cell?.getClientRects().length ? cell.getBoundingClientRect() : box;
      return p.right > place.right + 1 || p.left < place.left - 1;
    }).map(([n]) => name(n)),
    overlaps: boxes.flatMap((one, i) => boxes.slice(i + 1).filter((two) => clash(one, two))
      .map((two) => `${name(one[0])} / ${name(two[0])}`)),
    letters: Math.min(...all(`${words}, select`).filter((node) => node.innerText)
      .map((node) => parseFloat(getComputedStyle(node).fontSize))),
    error: card.querySelector('.course-error').innerText,
    state: card.querySelector('.course-state').innerText,
    still: [...document.querySelectorAll('.course-still')].every((node) => !node.offsetParent),
  };
}
"""

# Until nothing has changed for a while: no message under way, kernel idle, the same picture.
REST = """
([quiet, limit]) => new Promise((done) => {
  const begin = performance.now();
  let since = begin, seen = '';
  const look = () => {
    const stage = document.querySelector('.course-stage'), image = stage?.querySelector('img');
    const kernel = window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel;
    const busy = !image?.complete || stage.dataset.waiting || (kernel && kernel.status !== 'idle');
    const now = `${image?.src} ${image?.width} ${image?.height}`;
    if (busy || now !== seen) { since = performance.now(); seen = now; }
    if (performance.now() - since > quiet) return done(true);
    if (performance.now() - begin > limit) return done(false);
    setTimeout(look, 25);
  };
  look();
})
"""

# Whatever the kernel complains about from now on, also outside of cells: errors in what a demo does.
LISTEN = """
() => {
  const session = window.jupyterapp.shell.currentWidget.sessionContext;
  window.courseComplaints ??= [];
  session.iopubMessage.connect((_, message) => {
    const { msg_type: kind } = message.header, { name, text, ename, evalue } = message.content;
    if (kind === 'error') window.courseComplaints.push(`${ename}: ${evalue}`);
    if (kind === 'stream' && name === 'stderr') window.courseComplaints.push(text);
  });
}
"""


class StagePage:
    """A demo in a notebook of its own, run, in a window of 1280 × 800.

    complaints: what stood in the browser's console in red; `wrong()` adds what the kernel said
    """

    def __init__(self, lab: Lab, name: str, notebook: Notebook):
        self.lab, self.name, self.notebook = lab, name, notebook
        self.page: Page = notebook.page
        self.patience = notebook.patience
        self.complaints: list[str] = []
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _heard(self, message: Any) -> None:
        if message.type == "error":
            self.complaints.append(message.text)

    @property
    def file(self) -> Path:
        return self.lab.folder / f"{self.name}.ipynb"

    def run(self) -> None:
        """Run the notebook, and wait for its demo."""
        self.page.evaluate("window.courseRan = false")
        self.notebook.run_all()
        assert self.notebook.problems() == []
        self.page.evaluate(LISTEN)  # not before: JupyterLab asks a new kernel for widgets, in vain
        self.page.locator(".course-stage img").first.wait_for()
        self.rest()

    def wrong(self) -> list[str]:
        """What browser and kernel complained about, and what the card says is wrong."""
        card = self.page.locator(".course-error").all_inner_texts()
        kernel = self.page.evaluate("window.courseComplaints ?? []")
        heard = [words for words in (*self.complaints, *kernel) if not any(it in words for it in NOT_OURS)]
        return [*heard, *filter(None, card)]

    def rest(self, quiet: float = 160) -> None:
        """Wait until sizes are told, the kernel has answered, and the picture stands."""
        if not self.page.evaluate(REST, [quiet, 20_000 * self.patience]):
            pytest.fail("the picture never came to rest")

    def look(self, right: Callable[[dict[str, Any]], bool] | None = None) -> dict[str, Any]:
        """What the card looks like; where `right` is given, when it is, or when patience ends."""
        deadline = time.monotonic() + 5 * self.patience
        while True:
            seen = self.page.evaluate(LOOK)
            if right is None or right(seen) or time.monotonic() > deadline:
                return seen
            self.page.wait_for_timeout(40)

    def fits(self, where: str, ratio: float = 1) -> dict[str, Any]:
        """The card, which is whole, sharp and tidy in this window; `where` names it."""

        def right(look: dict[str, Any]) -> bool:
            return sharp(look) and not (look["cut"] or look["outside"] or look["overlaps"])

        def sharp(look: dict[str, Any]) -> bool:
            """As the screen can show it, and not more than the screen or the page has dots for."""
            least, most = (share * look["picture"] for share in (ratio, max(1, ratio)))
            return least - 4 <= look["dots"] <= most + 4

        self.rest()
        look = self.look(right)
        assert sharp(look), f"{where}: {look['dots']} dots for {look['picture']} px"
        short = [track for track in look["tracks"] if track < LEAST_TRACK]
        faults = {kind: look[kind] for kind in ("cut", "outside", "overlaps")}
        faults |= {"short tracks": short, "wrong": self.wrong()}
        assert {kind: found for kind, found in faults.items() if found} == {}, where
        return look

    def source(self) -> str:
        return self.page.locator(".course-stage img").get_attribute("src") or ""

    def changes(self, act: Callable[[], None], *, limit: float = 1500) -> bool:
        """Whether another picture comes soon when this is done, within so many milliseconds."""
        before = self.source()
        act()
        return bool(
            self.page.evaluate(
                """([before, limit]) => new Promise((done) => {
                  const begin = performance.now();
                  const look = () => {
                    if (document.querySelector('.course-stage img').src !== before) return done(true);
                    if (performance.now() - begin > limit) return done(false);
                    setTimeout(look, 15);
                  };
                  look();
                })""",
                [before, limit * self.patience],
            )
        )

    def reset(self) -> None:
        """All controls as they were at first."""
        self.page.locator(".course-tools button", has_text="Reset").click()
        self.rest(90)

    def theme(self, name: str) -> None:
        """JupyterLab's theme: "Dark" or "Light"."""
        self.page.evaluate(
            f"window.jupyterapp.commands.execute('apputils:change-theme', {{theme: 'JupyterLab {name}'}})"
        )
        look = self.look(lambda look: (look["corner"] < 80) == (name == "Dark"))
        assert (look["corner"] < 80) == (name == "Dark"), f"the picture in the theme {name}"

    def axe(self) -> list[tuple[str, str]]:
        """What axe-core finds wrong on the card: the rule, and the first place."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text("utf-8"))
        found = self.page.evaluate("async () => (await axe.run('.course-demo')).violations")
        return [(wrong["id"], wrong["nodes"][0]["html"][:300]) for wrong in found]

    def execute(self, code: str) -> None:
        """Let the kernel begin to run this, as another cell would."""
        kernel = "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel"
        self.page.evaluate(f"(code) => {{ {kernel}.requestExecute({{ code }}); }}", code)

    def value(self, expression: str) -> str:
        """What this is in the kernel."""
        kernel = "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel"
        return self.page.evaluate(
            f"""async (it) => {{
              const reply = await {kernel}.requestExecute({{ code: '', user_expressions: {{ it }} }}).done;
              return reply.content.user_expressions.it.data['text/plain'];
            }}""",
            expression,
        )

    def save(self) -> None:
        """The notebook into its file."""
        self.page.evaluate("async () => { await window.jupyterapp.commands.execute('docmanager:save'); }")
        self.page.wait_for_function("!window.jupyterapp.shell.currentWidget.context.model.dirty")

    def reload(self) -> None:
        """The page anew; the kernel lives on, if there is one."""
        self.page.goto(f"{self.lab.url}/lab/tree/{self.name}.ipynb?token={self.lab.token}&reset")
        self.page.wait_for_function("window.jupyterapp?.shell?.currentWidget?.content?.model?.cells?.length")

    def forget_widgets(self) -> bool:
        """Take the widgets' state out of the file; whether there was any."""
        saved = json.loads(self.file.read_text("utf-8"))
        state = saved["metadata"].pop("widgets", None)
        self.file.write_text(json.dumps(saved), "utf-8")
        return state is not None


@contextmanager
def opened(lab: Lab, name: str, *, code: str | None = None) -> Iterator[StagePage]:
    """A demo alone in a notebook, run; code: what its cell does instead of showing it."""
    write(
        lab.folder / f"{name}.ipynb",
        new_code_cell(code or f"from {room_of_demo(name)} import {name}\n\n{name}.show()"),
    )
    with lab.open(f"{name}.ipynb", width=1280, height=800) as notebook:
        stage = StagePage(lab, name, notebook)
        stage.run()
        yield stage


def smallest_letters(name: str, picture: float) -> float:
    """CSS pixels of the smallest words in the picture of a demo that is shown so many CSS pixels wide."""
    figure = demo_class(name)().canvas.figure
    sizes = [
        words.get_fontsize()
        for words in figure.findobj(Text)
        if words.get_visible() and words.get_text().strip()
    ]
    return min(sizes, default=72.0) / 72 * picture / figure.get_size_inches()[0]
