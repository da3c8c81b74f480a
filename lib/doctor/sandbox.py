"""Where students' code would run when it is graded: tried, not only looked for. Only instructors are told."""

from __future__ import annotations

from collections.abc import Sequence

from lib.grading.sandbox.attempt import Attempt, best_kind, try_all

from .finding import Finding

SAYS = {
    "template": "bubblewrap, from a warm template",
    "bubblewrap": "bubblewrap, a new kernel for each submission",
    "container": "a container for each submission",
}


def check_sandbox(attempts: Sequence[Attempt] | None = None) -> Finding:
    """A warning where no sandbox works: the course runs all the same, but grading does not.

    attempts: what trying each kind gave, by default on this computer
    """
    tried = list(attempts) if attempts is not None else try_all()
    best = best_kind(tried)
    if best != "none":
        return Finding("ok", "sandbox", f"to grade in: {SAYS[best]}")
    tellable = next((each for each in tried if each.kind == "bubblewrap"), tried[0])
    return Finding("warning", "sandbox", f"none to grade in: {tellable.kind}: {tellable.why}", tellable.fix)
