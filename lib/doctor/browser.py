"""An installed Chromium, Chrome or Edge, for tests that drive a real browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from .finding import Finding

COMMANDS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "msedge",
)
MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
WINDOWS = (r"Google\Chrome\Application\chrome.exe", r"Microsoft\Edge\Application\msedge.exe")
PROGRAM_FOLDERS = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")


def usual_files() -> list[Path]:
    """Where browsers lie that are not on the PATH."""
    folders = [Path(os.environ[name]) for name in PROGRAM_FOLDERS if os.environ.get(name)]
    return [*map(Path, MAC), *(folder / file for folder in folders for file in WINDOWS)]


def find_browser(commands: Sequence[str] = COMMANDS, files: Sequence[Path] | None = None) -> Path | None:
    """The browser that tests drive, or None.

    commands: names that are looked up on the PATH, best first
    files: tried after them, by default those of `usual_files()`
    """
    for command in commands:
        if found := shutil.which(command):
            return Path(found)
    return next((file for file in (usual_files() if files is None else files) if file.is_file()), None)


def check_browser(find: Callable[[], Path | None] = find_browser) -> Finding:
    """A warning where there is no browser that tests can drive.

    find: gives the browser or None
    """
    if browser := find():
        return Finding("ok", "browser", str(browser))
    return Finding(
        "warning",
        "browser",
        "no Chromium, Chrome or Edge: the browser tests are skipped (JupyterLab itself runs in any browser)",
        "install Chromium or Chrome (on Debian and Ubuntu: sudo apt install chromium), if you run the tests",
    )
