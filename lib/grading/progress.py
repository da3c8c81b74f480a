"""How far grading is: a bar in the terminal."""

from __future__ import annotations

import sys
from types import TracebackType

from tqdm import tqdm

FORMAT = "{desc} |{bar}| {remaining} left"


class ClassProgress:
    """A bar with counts of graded and flagged submissions, and the time that is left.

    total: of submissions
    what: what is done, in a few words
    shown: False for none
    """

    def __init__(self, total: int, what: str, shown: bool = True):
        self.total, self.what = total, what
        self.done = self.flagged = self.failed = 0
        self.bar = tqdm(
            total=total,
            file=sys.stderr,
            disable=not shown,
            bar_format=FORMAT,
            dynamic_ncols=True,
            mininterval=0.2,
        )
        self._tell()

    def step(self, *, flagged: bool = False, failed: bool = False) -> None:
        """One more is done."""
        self.done += 1
        self.flagged += flagged
        self.failed += failed
        self._tell()
        self.bar.update()

    def _tell(self) -> None:
        failed = f", {self.failed} not graded" if self.failed else ""
        counts = f"{self.done} of {self.total} done, {self.flagged} flagged{failed}"
        self.bar.set_description_str(f"{self.what}: {counts}", refresh=False)

    def __enter__(self) -> ClassProgress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.bar.close()
