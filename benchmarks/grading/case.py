"""One case, in a process of its own: python -m benchmarks.grading.case NAME ARGUMENTS; both speak JSON."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import math
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import psutil

from benchmarks.grading.classes import WITH_TORCH


def stock(root: str, assignment: str, count: int) -> dict[str, Any]:
    """Runs the same notebook so many times in a stock kernel, by nbclient."""
    from nbclient import NotebookClient

    def run() -> float:
        with tempfile.TemporaryDirectory() as folder:
            notebook = _first(Path(root), assignment)
            resources = {"metadata": {"path": folder}}
            NotebookClient(notebook, kernel_name="python3", resources=resources, allow_errors=True).execute()
        return 0.0

    return {"each": _each(run, count)}


def sandboxed(root: str, assignment: str, count: int, kind: str) -> dict[str, Any]:
    """The same in a sandbox: one kernel after the other."""
    from lib.grading.examination.client import SandboxClient
    from lib.grading.examination.sandbox_room import room_of
    from lib.grading.sandbox.room import Limits
    from lib.grading.sandbox.start import open_sandbox

    async def execute(sandbox: Any, folder: Path) -> float:
        client = SandboxClient(_first(Path(root), assignment), sandbox, folder, math.inf, math.inf)
        await client.start()
        for index, cell in enumerate(client.nb.cells):
            if cell.cell_type == "code":
                await client.run_cell(index, 120.0, 10.0, math.inf)
        outputs = [output for cell in client.nb.cells for output in cell.get("outputs", ())]
        if any(output.output_type == "error" for output in outputs) and assignment != WITH_TORCH:
            raise RuntimeError(f"{kind}: expected cells that run, got {outputs}")
        kernel = sandbox.usage().cpu_seconds
        await client.stop()
        return kernel

    def run() -> float:
        with tempfile.TemporaryDirectory() as folder:
            kernel = asyncio.run(execute(sandbox, Path(folder)))
        return kernel if kind != "template" else 0.0  # a template has waited for its kernels

    with open_sandbox(kind, room_of(assignment, root=Path(root)), Limits()) as sandbox:
        return {"each": _each(run, count)}


def _each(run: Callable[[], float], count: int) -> list[float]:
    """CPU seconds of each run after the first: ours, of processes below us, and those that it tells."""
    run()
    seconds = []
    for _ in range(count):
        before = _until_now()
        told = run()
        seconds.append(_until_now() - before + told)
    return seconds


def _until_now() -> float:
    """CPU seconds of this process, of those below it that live, and of all that these have waited for."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = time.process_time() + ended.ru_utime + ended.ru_stime
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            seconds += times.user + times.system + times.children_user + times.children_system
    return seconds


def _first(root: Path, assignment: str) -> Any:
    """The solutions as a student has written them."""
    from a_class import plain_solution

    notebook = nbformat.read(root / "solutions" / assignment / f"{assignment}.ipynb", 4)
    for cell in notebook.cells:
        cell.source = plain_solution(cell.source)
        if "BEGIN HIDDEN TESTS" in cell.source:
            cell.source = "# marks"
    if assignment == WITH_TORCH:
        notebook.cells.insert(1, nbformat.v4.new_code_cell("import torch", id="torch"))
    return notebook


def grade(root: str, assignment: str, student: str) -> dict[str, Any]:
    """`course grade`, and what of its time went where."""
    from lib.commands import parse_command
    from lib.grading import command, coordinator

    recording = _timed(coordinator._Recorder, "_try")
    judging = _timed(_examination(), "judge")
    args, _ = parse_command(["grade", assignment, *(["--student", student] if student else [])])
    begun = time.monotonic()
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        status = command.grade_command(args, Path(root))
    return {
        "wall": time.monotonic() - begun,
        "status": status,
        "recording": recording[0],
        "judging": judging[0],
        "said": output.getvalue().strip().split("\n")[-3:],
    }


def _examination() -> Any:
    from lib.grading.examining import Examination

    return Examination


def _timed(owner: Any, name: str) -> list[float]:
    """The CPU seconds that a method takes in the threads that call it, in a list of one number."""
    seconds, method = [0.0], getattr(owner, name)

    def run(*given: Any, **named: Any) -> Any:
        begun = time.thread_time()
        try:
            return method(*given, **named)
        finally:
            seconds[0] += time.thread_time() - begun

    setattr(owner, name, run)
    return seconds


def record(root: str, assignment: str, count: int) -> dict[str, Any]:
    """Writes so many results into a new gradebook."""
    from lib.grading.gradebook.opening import open_gradebook
    from lib.grading.gradebook.recorder import Recorder
    from lib.grading.results import Result, TaskMarks

    place = Path(root)
    executed = (place / "assignments" / assignment / f"{assignment}.ipynb").read_bytes()
    with open_gradebook(place) as gradebook:
        recorder, begun = Recorder(gradebook, assignment), time.process_time()
        for number in range(count):
            tasks = tuple(
                TaskMarks(f"{key}-marks", f"a2.{key}", most, most, {"output": (most, most)})
                for key, most in (("relu", 10.0), ("linear", 25.0))
            )
            recorder.record(Result(f"s{number:04}", assignment, "key", tasks), executed)
        recorder.flush()
        return {"each": (time.process_time() - begun) / count}


def alike(root: str, assignment: str) -> dict[str, Any]:
    """`course similarity`."""
    from lib.grading.similarity.comparison import compared
    from lib.grading.similarity.page import report_page

    found = compared(assignment, Path(root))
    return {"pairs": len(found.pairs), "letters": len(report_page(found))}


CASES: dict[str, Callable[..., dict[str, Any]]] = {
    case.__name__: case for case in (stock, sandboxed, grade, record, alike)
}


def main() -> None:
    name, arguments = sys.argv[1], json.loads(sys.argv[2])
    found = CASES[name](**arguments)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
    print(json.dumps(found | {"memory": peak, "own_cpu": time.process_time()}), flush=True)


if __name__ == "__main__":
    main()
