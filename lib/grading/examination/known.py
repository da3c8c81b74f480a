"""What the right and the wrong answers do with hidden seeds: computed once for all students, and kept."""

from __future__ import annotations

import functools
import hashlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from lib.assignments.places import ROOT
from lib.grading.examination.job import TRAINS
from lib.grading.places import OWN
from lib.tasks.check import VISIBLE
from lib.tasks.grade import SEEDS, hidden_seeds
from lib.tasks.known import Computed, KnownWrong, has_answers, read, write
from lib.tasks.task import HERE, Task, find_task

ONE_AT_A_TIME = threading.RLock()  # traces redirect what the whole process prints


class KnownValues:
    """Of all tasks, for the seeds of one secret; no sandbox ever sees them.

    secret: that the seeds follow from
    folder: of the files in which they are kept; None for that of this course
    """

    def __init__(self, secret: bytes, folder: Path | None = None):
        self.secret = secret
        parts = hashlib.sha256(secret)
        parts.update(_digest_of_tasks())
        self.folder = (folder or ROOT / OWN / "known") / parts.hexdigest()[:16]
        self.ready: dict[tuple[str, int], KnownOnce] = {}

    def prepare(self, tasks: Iterable[str]) -> None:
        """Computes the right values, before other threads work: checks count what the whole process does.

        tasks: their names
        """
        for name in tasks:
            for seed in self.seeds(name):
                self.of(find_task(name), seed)

    def seeds(self, task: str) -> list[int]:
        """Those that count, and that of the visible checks, of which a student is told."""
        return [*hidden_seeds(task, self.secret, SEEDS), *([] if task in TRAINS else [VISIBLE])]

    def of(self, task: Task, seed: int) -> KnownOnce:
        """What is known of a task for a seed."""
        with ONE_AT_A_TIME:
            if (task.name, seed) not in self.ready:
                seeds = {*self.seeds(task.name), seed}
                files = {each: self.folder / f"{task.name}-{each}.json" for each in seeds}
                self.ready[task.name, seed] = KnownOnce(task, seed, files)
            return self.ready[task.name, seed]


class KnownOnce(Computed):
    """The right values, and those of each wrong answer, which are computed when they are first asked for.

    files: seed → where the wrong answers are kept; those of all seeds are computed together
    """

    def __init__(self, task: Task, seed: int, files: Mapping[int, Path]):
        if not has_answers(task):
            raise ValueError(f"{task.name}: expected its answers, which the instructors' copy has, got none")
        super().__init__(task, seed)
        self.files = files

    def wrong(self) -> Iterator[KnownWrong]:
        with ONE_AT_A_TIME:
            found = self._wrong
        yield from found

    @functools.cached_property
    def _wrong(self) -> tuple[KnownWrong, ...]:
        path = self.files[self.seed]
        try:
            recorded = read(path, self.seed)
        except (OSError, ValueError):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_apart(self.task.name, self.files)
            recorded = read(path, self.seed)
        names = [answer.name for answer in self.task.wrong_answers]
        return tuple(replace(wrong, name=name) for wrong, name in zip(recorded.wrong(), names, strict=True))


def _write_apart(task: str, files: Mapping[int, Path]) -> None:
    """Records wrong answers in a process of its own: checks count what all threads of a process do.

    Seeds go through a pipe, since everybody on a computer can read the arguments of a program.
    """
    wanted = json.dumps([task, [[seed, str(path.absolute())] for seed, path in files.items()]])
    done = subprocess.run(
        [sys.executable, "-m", "lib.grading.examination.known"],
        input=wanted,
        cwd=ROOT,
        capture_output=True,
        text=True,
        start_new_session=True,  # Ctrl-C is for the one that waits
    )
    if done.returncode:
        why = done.stderr.strip().rpartition("\n")[2] or f"exit status {done.returncode}"
        raise RuntimeError(f"{task}: expected to compute what wrong answers give, got {why}")


def _write_all(task: str, files: Iterable[tuple[int, str]]) -> None:
    for seed, path in files:
        has_answers(find_task(task))
        write(Path(path), find_task(task), seed)


@functools.lru_cache(maxsize=1)
def _digest_of_tasks() -> bytes:
    """Of all checks and answers."""
    digest = hashlib.sha256()
    for path in sorted(HERE.rglob("*.py")):
        digest.update(f"{path.relative_to(HERE)}".encode() + path.read_bytes())
    return digest.digest()


if __name__ == "__main__":
    _write_all(*json.load(sys.stdin))
