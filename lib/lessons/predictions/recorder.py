"""Keeps what a block prints and displays, in the kernel, in the order and form of a notebook's outputs."""

from __future__ import annotations

import io
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Output = dict[str, Any]
_recorders = threading.local()  # of this thread: those at work, the innermost last


class OutputRecorder:
    """outputs: those so far; heard: called after each change, by default nothing is."""

    def __init__(self, heard: Callable[[], None] = lambda: None):
        self.outputs: list[Output] = []
        self.heard = heard
        self._clears = False  # before the next output comes
        self._ids: dict[int, str] = {}  # place of an output → its display_id

    def write(self, name: str, text: str) -> None:
        """Text for "stdout" or "stderr"."""
        self._clear_if_told()
        last = self.outputs[-1] if self.outputs else {}
        if last.get("name") == name:
            self.outputs[-1] = last | {"text": last["text"] + text}
        else:
            self.outputs.append({"output_type": "stream", "name": name, "text": text})
        self.heard()

    def take(self, message: dict[str, Any]) -> dict[str, Any] | None:
        """A message on its way to the notebook; None keeps it from getting there."""
        kind, content = message["header"]["msg_type"], message["content"]
        if kind == "clear_output":
            self._clears = True
            if not content.get("wait"):
                self._clear_if_told()
                self.heard()
            return None
        if kind not in ("display_data", "update_display_data"):
            return message
        made = {"output_type": "display_data", "data": content["data"], "metadata": content["metadata"]}
        known = content.get("transient", {}).get("display_id")
        if kind == "update_display_data":
            places = [place for place, each in self._ids.items() if each == known]
            for place in places:
                self.outputs[place] = made
            if not places:
                return message  # it stands in another cell
        else:
            self._clear_if_told()
            if known:
                self._ids[len(self.outputs)] = known
            self.outputs.append(made)
        self.heard()
        return None

    def _clear_if_told(self) -> None:
        if self._clears:
            self.outputs, self._ids, self._clears = [], {}, False


class _Stream(io.TextIOBase):
    """What stands in the place of sys.stdout or sys.stderr meanwhile."""

    encoding = "utf-8"

    def __init__(self, recorder: OutputRecorder, name: str):
        self.recorder, self.name = recorder, name

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if text:
            self.recorder.write(self.name, text)
        return len(text)


@contextmanager
def recording(recorder: OutputRecorder) -> Iterator[None]:
    """A `with` block of a notebook's kernel whose outputs go to the recorder, figures of pyplot too."""
    from IPython import get_ipython

    publisher = get_ipython().display_pub  # type: ignore[no-untyped-call]
    flush_figures()  # those from before the block
    stack = _recorders.__dict__.setdefault("stack", [])
    if not stack:
        publisher.register_hook(_to_innermost)
    stack.append(recorder)
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = _Stream(recorder, "stdout"), _Stream(recorder, "stderr")  # type: ignore[assignment]
    try:
        yield
        flush_figures()  # IPython would do it at the end of the cell
    finally:
        sys.stdout, sys.stderr = before
        stack.remove(recorder)
        if not stack:
            publisher.unregister_hook(_to_innermost)


def _to_innermost(message: dict[str, Any]) -> dict[str, Any] | None:
    recorder: OutputRecorder = _recorders.stack[-1]
    return recorder.take(message)


def flush_figures() -> None:
    """Display the figures that pyplot has drawn; where it is not in use there are none."""
    inline = sys.modules.get("matplotlib_inline.backend_inline")
    if inline and "matplotlib.pyplot" in sys.modules:
        inline.flush_figures()
