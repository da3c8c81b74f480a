"""Matplotlib's list of fonts, made once: without it each kernel would look for a second."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from importlib import metadata
from pathlib import Path

import platformdirs

MAKE = "import matplotlib.font_manager"


@functools.cache
def warm_fonts() -> Path | None:
    """The list that matplotlib of this version makes where no user has fonts; None where it makes none."""
    try:
        version = metadata.version("matplotlib")
    except metadata.PackageNotFoundError:
        return None
    cache = Path(platformdirs.user_cache_dir("deep-vision-course"))
    kept = cache / "fonts" / version
    if not list(kept.glob("fontlist*.json")):
        with tempfile.TemporaryDirectory() as folder, suppress(OSError, subprocess.SubprocessError):
            clean = {"PATH": os.defpath, "HOME": folder, "MPLCONFIGDIR": folder}
            subprocess.run([sys.executable, "-c", MAKE], env=clean, cwd=folder, timeout=120, check=True)
            for made in Path(folder).glob("fontlist*.json"):
                kept.mkdir(parents=True, exist_ok=True)
                fresh = kept / f".{os.getpid()}-{made.name}"
                fresh.write_bytes(made.read_bytes())
                fresh.replace(kept / made.name)
    return next(iter(kept.glob("fontlist*.json")), None)
