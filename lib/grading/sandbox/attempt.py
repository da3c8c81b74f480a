"""Tries each kind of sandbox: what works here, why another does not, and what mends it."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from .bubblewrap import CHECKOUT, options, this_interpreter
from .container import engine, engine_answers
from .launch import run_in_bubblewrap
from .room import Limits, Room

LOOK = """
import ctypes, json, os, socket, sys
new_user = ctypes.CDLL(None).unshare(0x10000000)
status = dict(line.split(":", 1) for line in open("/proc/self/status").read().splitlines())
found = {"user": os.getuid(), "rights": int(status["CapEff"], 16), "spaces": new_user == 0}
found["networks"] = [name for _, name in socket.if_nameindex()]
found["processes"] = len([name for name in os.listdir("/proc") if name.isdigit()])
found["seen"] = [path for path in sys.argv[1:] if os.path.exists(path)]
print(json.dumps(found))
"""
# As Ubuntu's own profiles are for programs that may make user namespaces; it goes by the program's real path.
UBUNTU = (
    "printf '%s\\n' 'abi <abi/4.0>,' 'include <tunables/global>'"
    " 'profile bwrap \"{bwrap}\" flags=(unconfined) {{ userns, include if exists <local/bwrap> }}'"
    " | sudo tee /etc/apparmor.d/bwrap && sudo apparmor_parser -r /etc/apparmor.d/bwrap"
)
INSTALL = {  # a word in /etc/os-release → the command
    "debian": "sudo apt install bubblewrap",
    "ubuntu": "sudo apt install bubblewrap",
    "fedora": "sudo dnf install bubblewrap util-linux",
    "rhel": "sudo dnf install bubblewrap util-linux",
    "arch": "sudo pacman -S bubblewrap",
    "suse": "sudo zypper install bubblewrap",
    "alpine": "sudo apk add bubblewrap util-linux setpriv",
    "nixos": "nix-env -iA nixos.bubblewrap",
    "void": "sudo xbps-install bubblewrap",
    "gentoo": "sudo emerge sys-apps/bubblewrap",
}
KILLED = 128 + 9  # the status of what a signal has killed
PODMAN = "install podman (podman.io) or Docker, and start it"
WSL = "use WSL2 (wsl --install) and install the course there, or " + PODMAN


@dataclass(frozen=True)
class Attempt:
    """What trying one kind of sandbox gave.

    kind: "template", "bubblewrap" or "container"
    why: why it does not work; "" where it does
    fix: what to do then
    """

    kind: str
    why: str = ""
    fix: str = ""

    @property
    def works(self) -> bool:
        return not self.why


def try_all() -> list[Attempt]:
    """All kinds, those that are preferred first."""
    plain = try_bubblewrap()
    return [try_template(plain), plain, try_container()]


def best_kind(attempts: list[Attempt] | None = None) -> str:
    """The kind to grade in; "none" where no sandbox works, so that there is something to refuse.

    attempts: by default `try_all()`
    """
    tried = try_all() if attempts is None else attempts
    return next((attempt.kind for attempt in tried if attempt.works), "none")


def try_bubblewrap(run: Callable[..., Any] = run_in_bubblewrap, platform: str = sys.platform) -> Attempt:
    """Runs a small program in it, which looks around.

    run: instead of `run_in_bubblewrap`
    """
    if platform != "linux":
        fix = WSL if platform == "win32" else PODMAN
        return Attempt("bubblewrap", "it needs Linux", fix)
    if not options():
        return Attempt("bubblewrap", "the program bwrap is missing", install_command())
    if "--perms" not in options():
        return Attempt("bubblewrap", "bwrap is older than 0.5", f"a newer system, or {PODMAN}")
    missing = [name for name in ("prlimit", "setpriv", "env") if not shutil.which(name)]
    if missing:
        return Attempt("bubblewrap", f"{' and '.join(missing)} of util-linux is missing", install_command())
    # The folder itself may be there, empty but for Python's environment.
    kept = [
        *(str(CHECKOUT / name) for name in ("lib", "solutions", "gradebook.db")),
        str(Path.home() / ".ssh"),
        "/etc/shadow",
    ]
    with tempfile.TemporaryDirectory() as course:
        os.chmod(course, 0o755)
        limits = Limits(cpu_seconds=20, wall_seconds=60)
        look = [this_interpreter().program, "-c", LOOK, *kept]
        try:
            told = run(look, Room(Path(course)), limits)
            if told.status == KILLED:  # by somebody else, which says nothing about the sandbox
                told = run(look, Room(Path(course)), limits)
        except (RuntimeError, ValueError, OSError) as error:
            return Attempt("bubblewrap", _line(str(error)), fix_for(str(error)))
    if told.status:
        why = _line(told.errors) or f"it ended with status {told.status}"
        return Attempt("bubblewrap", why, fix_for(told.errors))
    return judged(json.loads(told.output))


def judged(seen: dict[str, Any]) -> Attempt:
    """What the program inside saw must be little."""
    faults = {
        "submissions would run as root": seen["user"] == 0 or seen["rights"],
        "the network can be reached": seen["networks"] != ["lo"],
        "new namespaces can be made": seen["spaces"],
        "other processes can be seen": seen["processes"] > 8,
        f"{', '.join(seen['seen'])} can be read": seen["seen"],
    }
    why = "; ".join(said for said, is_so in faults.items() if is_so)
    return Attempt(
        "bubblewrap", why, "grade as an ordinary user, with bubblewrap 0.8 or newer" if why else ""
    )


def fix_for(said: str, appears: Callable[[str], str] | None = None) -> str:
    """What mends a failure of bubblewrap.

    said: its words
    appears: reads a file of /proc/sys, by default this computer's; "" where it is not there
    """
    read = appears or _setting
    refused = any(words in said for words in ("uid map", "RTM_NEWADDR", "namespace", "not permitted"))
    if refused and read("kernel/apparmor_restrict_unprivileged_userns") == "1":
        return UBUNTU.format(bwrap=os.path.realpath(shutil.which("bwrap") or "/usr/bin/bwrap"))
    if refused and read("kernel/unprivileged_userns_clone") == "0":
        return "sudo sysctl -w kernel.unprivileged_userns_clone=1"
    if refused and read("user/max_user_namespaces") == "0":
        return "sudo sysctl -w user.max_user_namespaces=15000"
    if refused and Path("/.dockerenv").exists():
        return "docker run --cap-add SYS_ADMIN --security-opt seccomp=unconfined …, or grade outside of it"
    if "another one; grade as an ordinary user" in said or "another user" in said:
        return "grade as an ordinary user"
    return f"see bubblewrap's words, or {PODMAN}"


def try_template(plain: Attempt) -> Attempt:
    """Needs bubblewrap, and more of the system.

    plain: what trying bubblewrap gave
    """
    if not plain.works:
        return Attempt("template", plain.why, plain.fix)
    try:
        offered, why = import_module("lib.grading.template").template_offered()
    except ImportError as error:
        return Attempt("template", str(error), "none needed: bubblewrap alone is slower, and as safe")
    return Attempt("template", "" if offered else why, "" if offered else "none needed, or a newer Linux")


def try_container() -> Attempt:
    """Asks podman or docker whether it runs."""
    program = engine()
    if not program:
        return Attempt("container", "neither podman nor docker is there", PODMAN)
    why = engine_answers(program)
    return Attempt("container", why, f"start {Path(program).name}, or install bubblewrap" if why else "")


def install_command(os_release: str | None = None) -> str:
    """How bubblewrap is installed here.

    os_release: the text of /etc/os-release
    """
    try:
        text = Path("/etc/os-release").read_text("utf-8") if os_release is None else os_release
    except OSError:
        text = ""
    fields = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    names = f"{fields.get('ID', '')} {fields.get('ID_LIKE', '')}".replace('"', "").split()
    commands = [command for name in names for word, command in INSTALL.items() if word in name]
    return commands[0] if commands else "install bubblewrap with this system's package manager"


def _setting(name: str) -> str:
    try:
        return Path("/proc/sys", name).read_text("ascii").strip()
    except OSError:
        return ""


def _line(said: str) -> str:
    return next(iter(said.strip().splitlines()), "")
