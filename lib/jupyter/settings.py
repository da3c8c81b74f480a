"""The course's own Jupyter, IPython and matplotlib settings, in the place of the user's.

What other courses and years have left in a home (ports, passwords, folders that are gone, extensions,
start-up files, LaTeX in figures) must not decide whether a lecture opens. The user's settings of JupyterLab
itself stay: the theme, the keyboard and all else that its Settings menu changes.
"""

from __future__ import annotations

import atexit
import errno
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]

# The beginnings of variables that say where settings are, or what they are; JUPYTERHUB_... is left alone.
# PYTHONWARNINGS is among them, since with "error" a warning inside of a library would end a lecture.
SETTINGS = (
    "JUPYTER_", "JUPYTERLAB_", "JPY_", "IPYTHON", "MPLBACKEND", "MATPLOTLIBRC", "MPLCONFIGDIR",
    "PYTHONWARNINGS", "PYTHONOPTIMIZE", "PYTHONINSPECT",
)  # fmt: skip
# Needed on file systems without permissions, and the choice of a demo that sends more messages.
KEPT = ("JUPYTER_ALLOW_INSECURE_WRITES", "JUPYTER_WIDGETS_ECHO")


@contextmanager
def course_settings(*, instructor: bool = False) -> Iterator[None]:
    """A `with` block in which `os.environ` leads servers and kernels to the course's settings.

    instructor: nbgrader's tools are shown
    """
    before = dict(os.environ)
    _lead(os.environ, instructor)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _lead(environ: MutableMapping[str, str], instructor: bool) -> None:
    users = user_settings(environ)
    own = own_folder(environ)
    for name in [name for name in environ if name.startswith(SETTINGS) and name not in KEPT]:
        del environ[name]
    profile = own / "ipython" / "profile_default"
    profile.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=profile, delete=False) as file:
        json.dump(kernel_settings(), file)
    os.replace(file.name, profile / "ipython_kernel_config.json")

    (own / "config" / "custom").mkdir(parents=True, exist_ok=True)
    shutil.copyfile(HERE / "custom.css", own / "config" / "custom" / "custom.css")

    settings = [HERE] if instructor else [HERE, HERE / "student"]
    environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(map(str, settings))
    environ["JUPYTER_CONFIG_DIR"] = str(own / "config")
    environ["JUPYTER_DATA_DIR"] = str(own / "data")
    environ["JUPYTER_PREFER_ENV_PATH"] = "1"  # kernels and widgets of this Python first
    if users:
        environ["JUPYTERLAB_SETTINGS_DIR"] = str(users)
    environ["IPYTHONDIR"] = str(own / "ipython")
    environ["MPLCONFIGDIR"] = str(own / "matplotlib")
    # A kernel need not tell a slider where it stands: one message less for each move, a few ms.
    environ.setdefault("JUPYTER_WIDGETS_ECHO", "0")
    # The `course` command in notebooks and terminals.
    environ["PATH"] = os.pathsep.join(
        filter(None, [str(Path(sys.executable).parent), environ.get("PATH", "")])
    )


def kernel_settings() -> dict[str, dict[str, object]]:
    """The settings of ipykernel and IPython for the kernels."""
    shell: dict[str, object] = {"exec_PYTHONSTARTUP": False}  # written for terminals; its failures are red
    settings = {"InteractiveShellApp": shell}
    if find_spec("lib.jupyter.short_errors"):
        shell["extensions"] = ["lib.jupyter.short_errors"]
    if find_spec("lib.jupyter.plain_text_warning"):
        one = {"()": "lib.jupyter.plain_text_warning.NoPlainTextWarning"}
        settings["IPKernelApp"] = {
            "logging_config": {
                "filters": {"plain text": one},
                "loggers": {"IPKernelApp": {"filters": ["plain text"]}},
            }
        }
    return settings


def user_settings(environ: Mapping[str, str]) -> Path | None:
    """The folder in which JupyterLab keeps this user's theme and keys, or None where it is not usable."""
    if chosen := environ.get("JUPYTERLAB_SETTINGS_DIR"):
        folder = Path(chosen)
    elif chosen := environ.get("JUPYTER_CONFIG_DIR"):
        folder = Path(chosen) / "lab" / "user-settings"
    else:
        folder = Path(os.path.expanduser("~")) / ".jupyter" / "lab" / "user-settings"
    if not folder.is_dir() or not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return None
    broken = next(
        (file for file in sorted(folder.rglob("*.jupyterlab-settings")) if not _can_read(file)), None
    )
    if broken:
        print(
            f"{broken} is no JSON, and JupyterLab would stay empty: the course uses settings of its own; "
            "mend or delete that file",
            file=sys.stderr,
        )
    return None if broken else folder


def _can_read(settings: Path) -> bool:
    """Whether JupyterLab can read one of its files of settings, JSON with comments, an object at the top."""
    import json5

    try:
        return isinstance(json5.loads(settings.read_text("utf-8")), dict)
    except (OSError, ValueError, RecursionError):
        return False


def own_folder(environ: Mapping[str, str]) -> Path:
    """Where the course's Jupyter keeps its files: $COURSE_JUPYTER, else a folder in the user's data folder.

    Where that cannot be written it is a temporary folder, and a line says so.
    """
    folder = _chosen_folder(environ)
    try:
        if folder is None:
            raise FileNotFoundError(errno.ENOENT, "this user has no home")
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"room")
        return folder
    except OSError as error:
        temporary = tempfile.mkdtemp(prefix="course-jupyter-")
        atexit.register(shutil.rmtree, temporary, ignore_errors=True)
        print(
            f"{folder or '~'} cannot be written ({error.strerror}): what JupyterLab remembers is lost when "
            "it ends; set COURSE_JUPYTER to a folder of yours",
            file=sys.stderr,
        )
        return Path(temporary)


def _chosen_folder(environ: Mapping[str, str]) -> Path | None:
    """None where this user has no home, as in containers."""
    if chosen := environ.get("COURSE_JUPYTER"):
        return ROOT / os.path.expanduser(chosen)  # which leaves the name of an unknown user as it is
    import platformdirs  # here, since the doctor works where packages are missing

    try:
        folder = Path(platformdirs.user_data_dir("deep-vision-course")) / "jupyter"
    except RuntimeError:
        return None
    return None if str(folder).startswith("~") else folder
