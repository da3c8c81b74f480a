"""Which sandboxes there are, and how one is opened."""

from __future__ import annotations

from importlib import import_module

from lib.checks import mismatch, shown

from .folders import remove_left_over
from .groups import remove_empty_groups
from .room import Limits, Room, Sandbox

# kind → where it is, in the order in which they are preferred; "none" only where it is asked for
KINDS = {
    "template": ("lib.grading.template", "TemplateSandbox"),
    "bubblewrap": ("lib.grading.sandbox.provisioner", "BubblewrapSandbox"),
    "container": ("lib.grading.sandbox.container", "ContainerSandbox"),
    "none": ("lib.grading.sandbox.unsandboxed", "NoSandbox"),
}


def open_sandbox(kind: str, room: Room, limits: Limits) -> Sandbox:
    """A sandbox in which one kernel after the other can be started.

    kind: "template", "bubblewrap", "container" or "none"
    Raises `ValueError` for another kind, `ImportError` for one that is not installed.
    """
    if kind not in KINDS:
        raise mismatch("sandbox", "kind", f"one of {', '.join(KINDS)}", shown(kind))
    remove_left_over()  # by graders that were killed
    remove_empty_groups()
    where, name = KINDS[kind]
    return getattr(import_module(where), name)(room, limits)
