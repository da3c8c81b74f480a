"""What a course's nbgrader_config.py says, read without a trace."""

from __future__ import annotations

import os
from pathlib import Path
from typing import cast

from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

SETTINGS = "nbgrader_config.py"


def nbgrader_settings(root: Path) -> Config:
    """The settings of the course in a folder; empty where it has none.

    The file is a program, and puts Python's folder in front of PATH for nbgrader's own commands: here PATH
    stays as it was.
    """
    if not (root / SETTINGS).exists():
        return Config()
    before = os.environ.get("PATH")
    try:
        return cast(Config, PyFileConfigLoader(SETTINGS, path=str(root)).load_config())
    finally:
        if before is None:
            os.environ.pop("PATH", None)
        else:
            os.environ["PATH"] = before
