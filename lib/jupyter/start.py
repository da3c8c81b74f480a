"""Opens the course in JupyterLab."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from .no_delay import send_at_once
from .settings import ROOT, course_settings

START_HERE = "lectures/00_start_here.ipynb"


def start(
    arguments: Sequence[str] = (),
    *,
    folder: Path = ROOT,
    notebook: str = START_HERE,
    instructor: bool = False,
) -> None:
    """Run JupyterLab until Ctrl-C.

    arguments: further arguments of `jupyter lab`, such as "--no-browser"; they win over those of the course
    folder: what JupyterLab shows in its file browser
    notebook: the one to open, relative to `folder`
    instructor: nbgrader's tools are shown
    """
    if not (folder / notebook).exists():
        raise FileNotFoundError(
            f"notebook: expected a file of the course, got {folder / notebook}, which is not there; install "
            "the course from its own folder (pip install -e .), and fetch missing files again "
            "(git checkout -- lectures)"
        )
    with course_settings(instructor=instructor), usual_warnings():
        from jupyterlab.labapp import LabApp

        send_at_once()
        os.chdir(folder)  # nbgrader looks for its settings here
        app = LabApp.initialize_server(server_arguments(arguments, folder=folder, notebook=notebook))
        line = f"\nThe course is open at {app.display_url.split()[0]}\nCtrl-C here leaves it.\n"
        app.io_loop.add_callback(print, line, flush=True)  # after Jupyter's own lines
        app.start()


@contextmanager
def usual_warnings() -> Iterator[None]:
    """A `with` block in which Python warns as it does by default.

    Jupyter's extensions use what their libraries will drop one day, and are warned; with PYTHONWARNINGS=error
    each of these warnings would be an error, and the extension missing.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        for hidden in (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning):
            warnings.simplefilter("ignore", hidden)
        yield


def server_arguments(
    arguments: Sequence[str], *, folder: Path = ROOT, notebook: str = START_HERE
) -> list[str]:
    """The arguments of `jupyter lab`: those of the course, then the given ones."""
    ours = [
        f"--ServerApp.root_dir={folder}",
        f"--LabApp.default_url=/lab/tree/{notebook}",
        "--ServerApp.answer_yes=True",  # one Ctrl-C leaves
        "--Application.log_level=WARN",
        "--LabApp.custom_css=True",  # custom.css, which settings.py puts in its place
    ]
    if sys.platform != "win32" and os.geteuid() == 0:
        ours.append("--allow-root")  # in a container there is nobody else
    said = {argument.partition("=")[0] for argument in arguments}  # twice the same is an error to traitlets
    return [*(each for each in ours if each.partition("=")[0] not in said), *arguments]
