"""Runs all of a notebook in a fresh kernel, within a limit of time and of output."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError

from lib.assignments.cells import Notebook
from lib.jupyter.settings import course_settings

MOST_OF_A_CELL = 2_000_000  # bytes of output: a few figures
MOST = 10_000_000  # of a notebook
KERNEL = "python3"
REST = "the rest has not been run"


class CappedClient(NotebookClient):
    """Keeps only so much of what cells print and show: the rest is never stored."""

    def __init__(self, notebook: Notebook, **options: Any):
        super().__init__(notebook, **options)
        self.used: dict[int, int] = defaultdict(int)  # cell → bytes

    def output(self, outs: list[Any], msg: dict[str, Any], display_id: str | None, cell_index: int) -> Any:
        size = len(json.dumps(msg["content"], default=str))
        room = min(MOST_OF_A_CELL - self.used[cell_index], MOST - sum(self.used.values()))
        if msg["msg_type"] == "error":
            size = 0  # IPython itself keeps these short, and what went wrong must be seen
        if room < 0:
            return None
        self.used[cell_index] += size
        if size <= room:
            return super().output(outs, msg, display_id, cell_index)
        self.used[cell_index] = max(self.used[cell_index], MOST_OF_A_CELL + 1)  # this cell has had its say
        text = msg["content"].get("text", "")[: room // 8] if msg["msg_type"] == "stream" else ""
        outs.append(nbformat.v4.new_output("stream", text=f"{text}\n… the rest of this output is left out\n"))
        return None


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
        coalesce_streams=True,
        shutdown_kernel="immediate",
        timeout_func=lambda cell: max(1, end - time.monotonic()),
    )
    client.log.setLevel("CRITICAL")  # what ended it is said below
    with course_settings(), client.setup_kernel():
        for index, cell in enumerate(notebook.cells):
            try:
                client.execute_cell(cell, index)
            except CellTimeoutError:
                return f"cell {index + 1} was still running after {seconds:.0f} seconds: {REST}"
            except DeadKernelError:
                return f"Python ended in cell {index + 1} (too much memory, or exit): {REST}"
    return ""
