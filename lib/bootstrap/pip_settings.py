"""Which of the user's pip settings hold for the installation: those that lead to the package index."""

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
    names = {variable(key) for key in KEPT} | {"PIP_CONFIG_FILE"}
    env = {
        name: value
        for name, value in os.environ.items()
        if name in names or not name.upper().startswith(("PIP_", "PYTHONPATH", "PYTHONHOME"))
    }
    asked = subprocess.run(
        [python, "-I", "-m", "pip", "config", "list"],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        env=env | {"PYTHONUTF8": "1"},
    )
    if asked.returncode:
        reason = " ".join(asked.stderr.split()).removeprefix("ERROR: ")
        raise Problem(f"pip cannot read its settings ({reason}): mend them, {AGAIN}.")
    fixed = {"PIP_CONFIG_FILE": os.devnull, "PIP_USER": "0", "PYTHONUTF8": "1"}
    return env | _kept(asked.stdout) | fixed


def variable(key: str) -> str:
    """The environment variable of a setting: "index-url" → "PIP_INDEX_URL"."""
    return "PIP_" + key.upper().replace("-", "_")


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
                found[variable(name)] = ast.literal_eval(value).strip()
    return found
