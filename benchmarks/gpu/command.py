"""`python -m benchmarks gpu`: asks for each run of the plan, as long as there is time."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import benchmarks.gpu as about
from benchmarks.gpu.plan import PLAN, Entry, chosen
from benchmarks.gpu.report import line, table
from benchmarks.gpu.results import FOLDER, append, file_of, newest, read
from lib.checks import check_number

ROOT = Path(__file__).parents[2]
MARGIN = 1.25  # an estimate is so much longer than the probe says, which augments nothing
START_UP = 15.0  # seconds until a first step, until the first process has shown it


def main(arguments: list[str] | None = None) -> int:
    start = time.monotonic()
    options = parser().parse_args(arguments)
    try:
        if options.show:
            return show(options.results or FOLDER)
        check_number(options.minutes, name="--minutes", low=0, high=1e5)
        entries = chosen(options.only, options.runs)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    return Session(options, start).measure(entries)


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks gpu",
        description=about.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = ", ".join(entry.name for entry in PLAN)
    parser.add_argument("--only", nargs="+", metavar="ROW", default=[], help=f"some of {names}")
    parser.add_argument("--runs", type=int, help="of each row, with the seeds 0, 1, …")
    parser.add_argument("--minutes", type=float, default=8.0, help="the whole command's time (default: 8)")
    parser.add_argument("--data", help="a folder or an archive with CIFAR-10, or shapes10")
    parser.add_argument("--device", help="cuda, mps or cpu (default: the fastest)")
    parser.add_argument("--precision", choices=("fp32", "bf16"), help="(default: the fastest)")
    parser.add_argument("--threads", type=int, help="of the CPU (default: all that there are)")
    parser.add_argument("--compile", action="store_true", help="torch.compile, as a part of the set-up")
    parser.add_argument("--results", type=Path, metavar="FOLDER", help="(default: benchmarks/results)")
    parser.add_argument("--commit", help="of the code, where git does not know it")
    parser.add_argument("--quick", action="store_true", help="few images, one epoch: shows that it runs")
    parser.add_argument("--show", action="store_true", help="prints the tables of all results there are")
    return parser


def show(folder: Path) -> int:
    """Prints what is in a folder of results."""
    for path in sorted(folder.glob("*.json")):
        runs = read(path)
        print(f"{runs[0]['machine']}\n\n{table(newest(runs))}\n")
    return 0


class Session:
    """One use of the command.

    options: of the command line
    start: when it began, by `time.monotonic`
    """

    def __init__(self, options: argparse.Namespace, start: float):
        self.options = options
        self.end = start + 60 * options.minutes
        self.overhead = START_UP
        self.runs: list[dict[str, Any]] = []
        self.missing: list[str] = []
        self.commit = options.commit or commit()
        self.folder = options.results or (None if options.quick else FOLDER)

    @property
    def left(self) -> float:
        """Seconds until the command must end."""
        return self.end - time.monotonic()

    def measure(self, entries: Sequence[Entry]) -> int:
        """Probes, then measures the rows in their order; returns the exit status."""
        if self.options.quick:
            print("Quick: shows that everything runs; the numbers say nothing.", flush=True)
        began = time.monotonic()
        nets = {entry.name: [entry.model, dict(entry.changes)] for entry in entries}
        found = self.ask("the probe", nets=nets)
        if found is None:
            print("\n".join(self.missing), file=sys.stderr)
            return 1
        self.overhead = time.monotonic() - began - found["reading"] - len(nets) * self.probing
        device, where = found["device"], found["machine"]
        if self.folder is not None:
            try:
                read(file_of(where, self.folder))  # now, not after minutes of training
            except ValueError as error:
                print(error, file=sys.stderr)
                return 2
        print(f"{where}; torch {found['torch']}; {found['data']}", flush=True)
        for entry in entries:
            speed = found["speeds"][entry.name]
            if "error" in speed:
                self.miss(f"{entry.name}: not measured: {speed['error']}")
                continue
            self.row(entry, speed["images"] / speed["speed"])
        if self.runs:
            print(f"\n{table(self.runs)}")
        if device != "cuda":
            print(f"No GPU: of the targets above, which are for one, nothing is measured (on {device}).")
        for text in self.missing:
            print(text)
        return 0 if self.runs else 1

    @property
    def probing(self) -> float:
        """Seconds that the probe of a net takes."""
        return 0.2 if self.options.quick else 1.0

    def row(self, entry: Entry, training: float) -> None:
        """The runs of one row, as long as the next one fits.

        training: how many seconds the probe says
        """
        for seed in range(entry.runs):
            expected = self.overhead + MARGIN * training
            if expected > self.left:
                self.miss(
                    f"{entry.name}: {entry.runs - seed} of {entry.runs} runs not measured: each takes about "
                    f"{expected:.0f} s, {max(self.left, 0):.0f} s were left; `--only {entry.name}` adds it"
                )
                return
            what = f"{entry.name}, seed {seed}"
            run = self.ask(what, net=entry.model, changes=dict(entry.changes), seed=seed)
            if run is None:
                continue
            now = datetime.now(UTC).isoformat(timespec="seconds")
            run |= {"row": entry.name, "commit": self.commit, "date": now}
            self.write_down(run)
            training = run["seconds_training"]
            self.overhead = run["seconds_process"] - training

    def write_down(self, run: dict[str, Any]) -> None:
        """Keeps a run, in the machine's file and for the table."""
        self.runs.append(run)
        if self.folder is not None:
            append(file_of(run["machine"], self.folder), run)
        print(line(run), flush=True)

    def miss(self, text: str) -> None:
        """Says, now and at the end, what is not measured."""
        self.missing.append(text)
        print(text, flush=True)

    def ask(self, what: str, **task: Any) -> Any:
        """The answer of a process of its own; None, and why, where it gives none in the time that is left."""
        names = ("device", "precision", "threads", "compile", "quick")
        task |= {name: getattr(self.options, name) for name in names} | {"probing": self.probing}
        data = self.options.data  # a path is one of the folder in which the command was given
        task["data"] = str(Path(data).resolve()) if data and Path(data).exists() else data
        with tempfile.TemporaryDirectory() as folder:
            answer = Path(folder) / "answer.json"
            task |= {"answer": str(answer), "began": time.time()}
            command = [sys.executable, "-m", "benchmarks.gpu.run", json.dumps(task)]
            try:
                process = subprocess.run(
                    command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", errors="replace",
                    timeout=max(self.left, 1), check=False,
                )  # fmt: skip
            except subprocess.TimeoutExpired:
                self.miss(f"{what}: stopped, as the time was over")
                return None
            if answer.exists() and not process.returncode:
                return json.loads(answer.read_text("utf-8"))
        lines = process.stderr.strip().splitlines() or ["it said nothing"]
        self.miss(f"{what}: failed: {lines[-1]}")
        return None


def commit() -> str:
    """The commit of the code, with a + where files differ from it; empty where git does not know."""
    try:
        said = [
            subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout
            for words in (["rev-parse", "--short", "HEAD"], ["status", "--porcelain", "-uno"])
        ]
    except (OSError, subprocess.CalledProcessError):
        return ""
    return said[0].strip() + ("+" if said[1].strip() else "")
