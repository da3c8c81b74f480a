"""A control group (version 2) for one submission, where this user may make one: it counts and limits exactly.

Without it, what children took that nobody waited for is only seen while they run.

Source: "Control Group v2", docs.kernel.org/admin-guide/cgroup-v2.html.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from .room import Limits

NAME_OF_GROUP = "deep-vision-"
ROOM_FOR_FILES = 256 << 20  # what the system keeps of files counts as memory of the group, too


def new_group(limits: Limits, above: Sequence[Path] | None = None) -> Path | None:
    """A new one; None where there can be none.

    above: groups in which it may be made, by default the one above this process's own, where limits of memory
        and processes can be set, then its own
    """
    for group in possible_groups() if above is None else above:
        made = group / f"{NAME_OF_GROUP}{_maker(os.getpid())}-{uuid4().hex[:12]}"
        if not os.access(group / "cgroup.procs", os.W_OK):
            continue
        with suppress(OSError):
            made.mkdir()
            for name, value in (
                ("memory.max", limits.memory + ROOM_FOR_FILES),
                ("memory.swap.max", 0),
                ("memory.oom.group", 1),
                ("pids.max", limits.processes + 8),
            ):
                if (made / name).exists():
                    (made / name).write_text(str(value))
            return made
    return None


def possible_groups(mounts: str | None = None, own: str | None = None) -> list[Path]:
    """Where a group may be made: above this process's own one, and in it.

    mounts, own: the texts of /proc/self/mountinfo and /proc/self/cgroup
    """
    try:
        mounts = Path("/proc/self/mountinfo").read_text() if mounts is None else mounts
        own = Path("/proc/self/cgroup").read_text() if own is None else own
    except OSError:
        return []
    places = [line.split()[4] for line in mounts.splitlines() if " - cgroup2 " in line]
    names = [
        line.removeprefix("0::") for line in own.splitlines() if line.startswith("0::/") and ".." not in line
    ]
    if not places or not names:
        return []
    top = Path(places[0])
    group = Path(f"{top}{names[0]}")
    return [group.parent, group] if group != top and group.is_relative_to(top) else [top]


def in_group(group: Path | None, command: Sequence[str]) -> list[str]:
    """The command, which first enters the group."""
    if group is None:
        return list(command)
    return ["/bin/sh", "-c", 'echo 0 2>/dev/null >"$0/cgroup.procs"; exec "$@"', str(group), *command]


def end_group(group: Path) -> None:
    """Ends all in it, and takes it away."""
    with suppress(OSError):
        (group / "cgroup.kill").write_text("1")
    for _ in range(100):
        try:
            group.rmdir()
        except FileNotFoundError:
            return
        except OSError:
            time.sleep(0.01)
        else:
            return


def remove_empty_groups(above: Sequence[Path] | None = None) -> None:
    """Takes away those of processes that were killed; one that lives may not have entered its group yet.

    above: groups in which to look, by default where they are made
    """
    for group in possible_groups() if above is None else above:
        for made in group.glob(f"{NAME_OF_GROUP}*-*-*-*"):
            space, pid, started, _ = made.name.removeprefix(NAME_OF_GROUP).split("-", 3)
            if space == _space() and pid.isdigit() and _maker(int(pid)) != f"{space}-{pid}-{started}":
                with suppress(OSError):
                    made.rmdir()  # refused while something runs in it


def _maker(pid: int) -> str:
    """A process in the name of a group, with its start: its number may be another one's some day."""
    try:
        started = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[19].decode()
    except OSError:
        started = "gone"
    return f"{_space()}-{pid}-{started}"


def _space() -> str:
    """The namespace in which numbers of processes are those that we see."""
    try:
        return str(os.stat("/proc/self/ns/pid").st_ino)
    except OSError:
        return "0"


def group_seconds(group: Path) -> float:
    """CPU seconds of all that ever ran in it."""
    with suppress(OSError, ValueError):
        return int((group / "cpu.stat").read_text().split()[1]) / 1e6
    return 0.0


def group_ran_out(group: Path) -> bool:
    """Whether the system ended something in it for its memory."""
    with suppress(OSError):
        return any(
            line.startswith("oom_kill ") and line.split()[1] != "0"
            for line in (group / "memory.events").read_text().splitlines()
        )
    return False
