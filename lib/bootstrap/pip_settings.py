"""What of the user's pip settings reaches the installation: how to reach the package index."""

from __future__ import annotations

import ast
import os
import subprocess
from pathlib import Path

from .problem import AGAIN, Problem

# The rest decides what is installed and where (dry-run, target, no-deps, user, require-hashes, ...): the
# course's own .venv, from constraints.txt.
KEPT = (
    "cache-dir", "cert", "client-cert", "default-timeout", "extra-index-url", "find-links", "index-url",
    "keyring-provider", "no-cache-dir", "no-index", "proxy", "retries", "timeout", "trusted-host",
    "use-feature",
)  # fmt: skip


def pip_environment(python: Path) -> dict[str, str]:
    """The environment for pip: without the user's settings but for those that lead to the package index.

    python: the one whose pip will run

    Raises `Problem` where pip cannot read its settings.
    """
    env = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    asked = subprocess.run(
        [python, "-I", "-m", "pip", "config", "list"],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        env=env | {"PYTHONUTF8": "1"},
    )
    if asked.returncode:
        reason = (asked.stderr.strip().splitlines() or ["no reason given"])[-1].removeprefix("ERROR: ")
        raise Problem(f"pip cannot read its settings ({reason}): mend them, {AGAIN}.")
    env = {name: value for name, value in env.items() if not name.upper().startswith("PIP_")}
    return env | _kept(asked.stdout) | {"PIP_CONFIG_FILE": os.devnull, "PIP_USER": "0", "PYTHONUTF8": "1"}


def _kept(listed: str) -> dict[str, str]:
    """The settings that stay, as variables; of several places the last one wins, as in pip.

    listed: lines such as "global.index-url='https://...'"
    """
    found = {}
    for section in ("global", "install", ":env:"):
        for line in listed.splitlines():
            key, _, value = line.partition("=")
            place, _, name = key.partition(".")
            if place == section and name in KEPT:
                found["PIP_" + name.upper().replace("-", "_")] = ast.literal_eval(value).strip()
    return found
