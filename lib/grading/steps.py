"""The steps of grading one submission; the coordinator calls them and knows no more about them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from lib.grading.results import Result
from lib.grading.sandbox.room import Sandbox


class Steps(Protocol):
    """What is done with a submission, one step after the other.

    kind: of the sandboxes; "none" for none
    """

    kind: str

    def prepare(self, student: str, folder: Path) -> Any:
        """What a student has handed in, as a job of plain data; in any thread.

        folder: in which the files lie
        """

    def open_sandbox(self) -> Sandbox:
        """A new sandbox; in any thread."""

    def examine(self, job: Any, sandbox: Sandbox) -> Any:
        """Runs the job's notebook and asks it for values; a pure function, in any thread or elsewhere."""

    def ended(self, examined: Any) -> bool:
        """Whether the kernel died: that can be somebody else's doing, so it is tried a second time."""

    def judge(self, student: str, key: str, job: Any, examined: Any) -> tuple[Result, bytes]:
        """The result, and the notebook as it was run; in the main thread alone."""

    def fingerprint(self) -> str:
        """Of the sandbox and of what it shows."""


class Recording(Protocol):
    """Where results go at the end: the gradebook."""

    def recorded(self) -> dict[str, str]:
        """Student → `result_digest` the result that is written."""

    def record(self, result: Result, executed: bytes = b"") -> None:
        """Takes a result, with the notebook as it was run; the same one twice changes nothing."""

    def flush(self) -> None:
        """Afterwards all that was taken is written; raises `OSError` where that cannot be."""
