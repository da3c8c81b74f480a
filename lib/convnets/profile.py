"""Where the time of a step goes: a trace of a few steps, for a browser."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch.profiler import ProfilerActivity

from lib.checks import check_whole
from lib.convnets.hooks import Hook
from lib.files import check_writable

if TYPE_CHECKING:
    from lib.convnets.run import Run


class Profile(Hook):
    """Records some steps of a training, and writes them to a file that chrome://tracing and Perfetto open.

    path: of the trace, a JSON file
    first: the step with which recording starts, counted from 0; the very first ones are the slowest
    steps: how many are recorded

    table: after the training, the operations that took longest, as text
    """

    def __init__(self, path: str | Path, *, first: int = 5, steps: int = 3):
        self.path = Path(path)
        self.first = check_whole(first, name="first", owner=self)
        self.steps = check_whole(steps, name="steps", owner=self, low=1)
        self.table = ""
        self.profiler: Any = None

    def start(self, run: Run) -> None:
        check_writable(self.path)
        self._move_on(run)

    def after_step(self, run: Run) -> None:
        self._move_on(run)

    def end(self, run: Run) -> None:
        self._stop(run)  # a training that was shorter than first + steps

    def _move_on(self, run: Run) -> None:
        if run.step == self.first:
            activities = [ProfilerActivity.CPU]
            if torch.cuda.is_available():
                activities.append(ProfilerActivity.CUDA)
            os.environ.setdefault("KINETO_LOG_LEVEL", "99")  # or it reports on itself, on stderr
            self.profiler = torch.profiler.profile(activities=activities)
            self.profiler.start()
        if run.step >= self.first + self.steps:
            self._stop(run)

    def _stop(self, run: Run) -> None:
        if self.profiler is None:
            return
        profiler, self.profiler = self.profiler, None
        profiler.stop()
        profiler.export_chrome_trace(str(self.path))
        clock = "self_device_time_total" if torch.cuda.is_available() else "self_cpu_time_total"
        self.table = profiler.key_averages().table(sort_by=clock, row_limit=12)
        print(f"The trace of {self.steps} steps is in {self.path}: open it in https://ui.perfetto.dev")
