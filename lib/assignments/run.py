"""Runs all of a notebook in a fresh kernel, within a limit of time and of output."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError

from lib.assignments.cells import Notebook, cell_named
from lib.jupyter.settings import course_settings

MOST_OF_A_CELL = 2_000_000  # bytes of output: a few figures
MOST = 10_000_000  # of a notebook
LONGEST_ERROR = 10_000  # letters of its message, and of each step that led to it
KERNEL = "python3"
LEFT_OUT = "… the rest of this output is left out"
REST = "the rest has not been run"


class CappedClient(NotebookClient):
    """Keeps only so much of what cells print and show: the rest is never stored."""

    def __init__(self, notebook: Notebook, **options: Any):
        super().__init__(notebook, **options)
        self.used: dict[int, int] = defaultdict(int)  # cell → bytes

    def output(self, outs: list[Any], msg: dict[str, Any], display_id: str | None, cell_index: int) -> Any:
        content, kind = msg["content"], msg["msg_type"]
        if kind == "error":  # what went wrong is always seen
            content["evalue"] = content["evalue"][:LONGEST_ERROR]
            content["traceback"] = [line[:LONGEST_ERROR] for line in content["traceback"][-50:]]
            return super().output(outs, msg, display_id, cell_index)
        room = min(MOST_OF_A_CELL - self.used[cell_index], MOST - sum(self.used.values()))
        size = len(json.dumps(content, default=str))
        if room < 0:
            return None
        self.used[cell_index] += size
        if size > room:
            self.used[cell_index] = MOST_OF_A_CELL + 1  # this cell has had its say
            text = content["text"][: room // 8] if kind == "stream" else ""
            msg = {**msg, "msg_type": "stream", "header": {**msg["header"], "msg_type": "stream"}}
            name = content.get("name", "stdout")
            msg["content"] = {"name": name, "text": f"{text}\n{LEFT_OUT}\n"}
        pending = self.clear_before_next_output
        if (
            outs
            and not pending
            and outs[-1].output_type == msg["msg_type"] == "stream"
            and outs[-1].name == msg["content"]["name"]
        ):
            outs[-1].text += msg["content"]["text"]
            return None
        return super().output(outs, msg, display_id, cell_index)

    def clear_output(self, outs: list[Any], msg: dict[str, Any], cell_index: int) -> None:
        super().clear_output(outs, msg, cell_index)
        self.used[cell_index] = 0  # a figure that is drawn again and again stays one figure


def run_all(notebook: Notebook, folder: Path, seconds: float) -> str:
    """Runs the cells one after the other, errors or not; their outputs stand in the notebook afterwards.

    notebook: its own outputs are dropped
    folder: in which it runs
    seconds: for all cells together

    Returns a sentence where it was stopped before its end, else "".
    """
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    notebook.metadata.pop("widgets", None)
    end = time.monotonic() + seconds
    client = CappedClient(
        notebook,
        kernel_name=KERNEL,
        resources={"metadata": {"path": str(folder)}},
        allow_errors=True,
        record_timing=False,
        shutdown_kernel="immediate",
        timeout_func=lambda cell: max(1, end - time.monotonic()),
    )
    client.log.setLevel("CRITICAL")  # what ended it is said below
    try:
        return _run_cells(client, seconds)
    finally:
        cap_replaced(notebook)


def cap_replaced(notebook: Notebook) -> None:
    """Takes away outputs that grew too large after they had been shown."""
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if len(json.dumps(output)) > MOST_OF_A_CELL + 1000:
                output.data, output.metadata = {"text/plain": LEFT_OUT}, {}


def _run_cells(client: CappedClient, seconds: float) -> str:
    with course_settings(), client.setup_kernel():
        for index, cell in enumerate(client.nb.cells):
            try:
                client.execute_cell(cell, index)
            except CellTimeoutError:
                return f"{cell_named(client.nb, index)} was still running after {seconds:.0f} seconds: {REST}"
            except DeadKernelError:
                return f"Python ended in {cell_named(client.nb, index)} (too much memory, or exit): {REST}"
    return ""
