"""What the right and the wrong answers do with hidden seeds: computed once for all students, and kept."""

from __future__ import annotations

import functools
import hashlib
import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from lib.assignments.places import ROOT
from lib.grading.places import OWN
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
            for seed in hidden_seeds(name, self.secret, SEEDS):
                self.of(find_task(name), seed)

    def of(self, task: Task, seed: int) -> KnownOnce:
        """What is known of a task for a seed."""
        with ONE_AT_A_TIME:
            if (task.name, seed) not in self.ready:
                self.ready[task.name, seed] = KnownOnce(task, seed, self.folder / f"{task.name}-{seed}.json")
            return self.ready[task.name, seed]


class KnownOnce(Computed):
    """The right values, and those of each wrong answer, which are computed when they are first asked for."""

    def __init__(self, task: Task, seed: int, path: Path):
        if not has_answers(task):
            raise ValueError(f"{task.name}: expected its answers, which the instructors' copy has, got none")
        super().__init__(task, seed)
        self.path = path

    def wrong(self) -> Iterator[KnownWrong]:
        with ONE_AT_A_TIME:
            found = self._wrong
        yield from found

    @functools.cached_property
    def _wrong(self) -> tuple[KnownWrong, ...]:
        try:
            recorded = read(self.path, self.seed)
        except (OSError, ValueError):
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write(self.path, self.task, self.seed)
            recorded = read(self.path, self.seed)
        names = [answer.name for answer in self.task.wrong_answers]
        return tuple(replace(wrong, name=name) for wrong, name in zip(recorded.wrong(), names, strict=True))


@functools.lru_cache(maxsize=1)
def _digest_of_tasks() -> bytes:
    """Of all checks and answers."""
    digest = hashlib.sha256()
    for path in sorted(HERE.rglob("*.py")):
        digest.update(f"{path.relative_to(HERE)}".encode() + path.read_bytes())
    return digest.digest()
