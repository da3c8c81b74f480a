"""Opens the course in JupyterLab."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START_HERE = "lectures/00_start_here.ipynb"


def start(arguments: Sequence[str] = (), *, folder: Path = ROOT, notebook: str = START_HERE) -> None:
    """Run JupyterLab until Ctrl-C.

    arguments: further arguments of `jupyter lab`, such as "--no-browser"; they win over those of the course
    folder: what JupyterLab shows in its file browser
    notebook: the one to open, relative to `folder`
    """
    if not (folder / notebook).exists():
        raise FileNotFoundError(
            f"{folder / notebook} is not there: install the course from its own folder (pip install -e .), "
            "and fetch missing files again (git checkout -- lectures)"
        )
    from jupyterlab.labapp import LabApp

    os.environ.update(environment(os.environ))
    os.chdir(folder)  # nbgrader looks for its settings here
    app = LabApp.initialize_server(server_arguments(arguments, folder=folder, notebook=notebook))
    line = f"\nThe course is open at {app.display_url.split()[0]}\nCtrl-C here leaves it.\n"
    app.io_loop.add_callback(print, line, flush=True)  # after Jupyter's own lines
    app.start()


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """What the server's environment needs beyond the present one: the course's settings beside the user's,
    kernels of this Python first, and the `course` command in notebooks and terminals.
    """

    def first(folder: Path, name: str) -> str:
        return os.pathsep.join(filter(None, [str(folder), environ.get(name)]))

    return {
        "JUPYTER_CONFIG_PATH": first(Path(__file__).parent, "JUPYTER_CONFIG_PATH"),
        "JUPYTER_PREFER_ENV_PATH": environ.get("JUPYTER_PREFER_ENV_PATH", "1"),
        # A kernel need not tell a slider where it stands: one message less for each move, a few ms.
        "JUPYTER_WIDGETS_ECHO": environ.get("JUPYTER_WIDGETS_ECHO", "0"),
        "PATH": first(Path(sys.executable).parent, "PATH"),
    }


def server_arguments(
    arguments: Sequence[str], *, folder: Path = ROOT, notebook: str = START_HERE
) -> list[str]:
    """The arguments of `jupyter lab`: those of the course, then the given ones."""
    ours = [
        f"--ServerApp.root_dir={folder}",
        f"--LabApp.default_url=/lab/tree/{notebook}",
        "--ServerApp.answer_yes=True",  # one Ctrl-C leaves
        "--Application.log_level=WARN",
    ]
    if sys.platform != "win32" and os.geteuid() == 0:
        ours.append("--allow-root")  # in a container there is nobody else
    return [*ours, *arguments]
