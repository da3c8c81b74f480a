"""Whom a submission runs as: nobody else, and without any right over the system.

An ordinary user gets a user namespace, in which there is only one user. Root gives its rights up inside the
sandbox and becomes an id that nothing else on this computer has, so that the limit of processes counts only
those of one submission.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

INSIDE = 1000  # what an ordinary user's id is called inside a user namespace
FAR = 2_000_000_000  # ids from here on belong to no user, and to no container's range
NAME = "student"


@dataclass(frozen=True)
class Account:
    """An id for one submission.

    uid: user and group, as seen inside
    drops: whether root gives its rights up for it; else there is a user namespace
    """

    uid: int
    drops: bool

    def namespaces(self, disable: bool = True) -> list[str]:
        """bubblewrap's options.

        disable: forbid further user namespaces, which bubblewrap can from version 0.8 on
        """
        if self.drops:  # what setpriv needs until it has dropped it
            kept = ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP")
            capabilities = ["--cap-drop", "ALL", *(word for name in kept for word in ("--cap-add", name))]
            spaces = ["ipc", "pid", "net", "uts", "cgroup-try"]
            return [*(f"--unshare-{space}" for space in spaces), *capabilities]
        user = ["--uid", str(self.uid), "--gid", str(self.uid), "--cap-drop", "ALL"]
        return ["--unshare-all", "--unshare-user", *(["--disable-userns"] if disable else []), *user]

    def prefix(self, work: str) -> list[str]:
        """What runs the command inside, in a working folder that only this id may enter."""
        if not self.drops:
            return ["env", f"--chdir={work}"]
        ids = [f"--reuid={self.uid}", f"--regid={self.uid}", "--clear-groups"]
        ids += ["--inh-caps=-all", "--bounding-set=-all", "--no-new-privs"]
        return ["setpriv", *ids, "env", f"--chdir={work}"]

    def own(self, *folders: Path) -> None:
        """Makes the folders, and all that is in them, writable for this id."""
        if not self.drops:
            return
        for folder in folders:
            os.chown(folder, self.uid, self.uid, follow_symlinks=False)
            for where, folders_in, files in os.walk(folder):
                for name in (*folders_in, *files):
                    os.chown(os.path.join(where, name), self.uid, self.uid, follow_symlinks=False)

    def passwd(self) -> str:
        """The file in which programs look this id up."""
        return f"root:x:0:0:root:/:/bin/sh\n{NAME}:x:{self.uid}:{self.uid}:{NAME}:/:/bin/sh\n"

    def group(self) -> str:
        """The same for groups."""
        return f"root:x:0:\n{NAME}:x:{self.uid}:\n"


def new_account() -> Account:
    """One that nothing else has."""
    return Account(free_id(), True) if os.geteuid() == 0 else Account(INSIDE, False)


def free_id(mapped: Sequence[tuple[int, int]] | None = None) -> int:
    """An id at random that no user has; raises `OSError` where root may use hardly any.

    mapped: first id and how many, for each range that root may use here, by default as the system says
    """
    ranges = mapped_ids() if mapped is None else mapped
    for first, count in ranges:
        if first <= FAR and first + count >= FAR + 100_000_000:
            return FAR + secrets.randbelow(100_000_000)
    first, count = max(ranges, key=lambda each: each[1], default=(0, 0))
    if count < 10_000:
        raise OSError("root may not become another user here: run it as an ordinary user")
    return first + count // 2 + secrets.randbelow(count // 2 - 10)  # in a container of an ordinary user


def mapped_ids() -> list[tuple[int, int]]:
    """The ids of this user namespace: the first and how many, for each range."""
    lines = Path("/proc/self/uid_map").read_text().splitlines()
    return [(int(line.split()[0]), int(line.split()[2])) for line in lines]
