"""Whether a submission changed what the checks stand on: two looks at the student's process, side by side."""

from __future__ import annotations

from collections.abc import Mapping

SHOWN = 3  # names in a flag


def changed(before: object, after: object) -> list[str]:
    """The names of what is not as it was; what is new does not count.

    before, after: what the tripwire said in the student's process, whatever came
    """
    if not isinstance(before, Mapping):
        return ["what is looked at, before the first cell"]
    if not isinstance(after, Mapping):
        return ["what is looked at"]
    return [str(name) for name, mark in before.items() if after.get(name) != mark]


def tampered_sentence(names: list[str]) -> str:
    """What was changed, in a sentence."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"it changed {', '.join(names[:SHOWN])}{more}, on which the checks stand: nothing is counted"
