"""What runs a notebook: the kernel and the widgets."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from subprocess import DEVNULL

from jupyter_core.paths import jupyter_path
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from lib.bootstrap.environment import is_same
from lib.bootstrap.in_the_way import in_folders, on_pythonpath
from lib.jupyter.settings import course_settings

from .finding import ROOT, Finding, pip_command
from .packages import installed_versions

MANAGER = Path("@jupyter-widgets", "jupyterlab-manager", "package.json")
LECTURES = ROOT / "lectures"
CODE = """
import sys, numpy, lib
answer = {"prefix": sys.prefix, "lib": lib.__file__ or list(lib.__path__)[0]}
"""


def run_kernel(code: str = CODE, name: str = "python3") -> dict[str, str]:
    """Run this code in a fresh kernel, as a lecture has it, and give what its name `answer` holds.

    code: assigns a dictionary of strings to `answer`; what it prints does not count
    name: of the kernel
    Raises `RuntimeError` where the kernel or the code fails.
    """
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(
        kernel_name=name, startup_timeout=60, stdout=DEVNULL, stderr=DEVNULL, cwd=str(LECTURES)
    )
    try:
        ask = {"answer": "answer"}
        reply = client.execute_interactive(
            code, timeout=60, output_hook=lambda _: None, user_expressions=ask
        )["content"]
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    if reply["status"] != "ok":
        raise RuntimeError(f"{reply['ename']}: {reply['evalue']}")
    return ast.literal_eval(reply["user_expressions"]["answer"]["data"]["text/plain"])


@course_settings()  # the kernel is found, and starts, as `course start` has it
def check_kernel(run: Callable[[], Mapping[str, str]] = run_kernel) -> Finding:
    """A fault where notebooks get no kernel, that of another Python, or another `lib`.

    run: gives the prefix of the Python that the kernel runs in, and the file of its `lib`
    """
    try:
        answer = run()
    except Exception as error:  # whatever it is, notebooks would meet it
        fix = in_folders([str(LECTURES)]) or on_pythonpath() or f"{pip_command()} --force-reinstall"
        return Finding("fault", "kernel", f"does not run: {type(error).__name__}: {error}", fix)
    if Path(answer["prefix"]).resolve() != Path(sys.prefix).resolve():
        fix = f"{sys.executable} -m ipykernel install --sys-prefix"
        return Finding("fault", "kernel", f"belongs to another Python, {answer['prefix']}", fix)
    if not is_same(Path(answer["lib"]), ROOT / "lib" / "__init__.py"):
        fix = in_folders([str(LECTURES)]) or on_pythonpath() or pip_command()
        return Finding("fault", "kernel", f"imports another lib, {answer['lib']}", fix)
    return Finding("ok", "kernel", "runs in this Python")


@course_settings()
def check_widgets(
    installed: Mapping[str, str] | None = None,
    needed: Sequence[str] | None = None,
    folders: Sequence[str] | None = None,
) -> Finding:
    """A fault where sliders would not appear: ipywidgets and its part in JupyterLab do not fit together.

    installed: canonical name → version, by default of this Python
    needed: what ipywidgets asks for, by default as its metadata say
    folders: where JupyterLab looks for extensions
    """
    installed = installed_versions() if installed is None else installed
    if "ipywidgets" not in installed:
        return Finding("fault", "widgets", "ipywidgets is missing", pip_command())
    needed = (metadata.requires("ipywidgets") or []) if needed is None else needed
    for each in map(Requirement, needed):
        version = installed.get(canonicalize_name(each.name))
        if each.marker is None and (
            version is None or not each.specifier.contains(version, prereleases=True)
        ):
            need = f"ipywidgets {installed['ipywidgets']} needs {each.name}{each.specifier}"
            return Finding("fault", "widgets", f"{need}, found: {version or 'none'}", pip_command())
    files = [
        Path(folder) / MANAGER for folder in (jupyter_path("labextensions") if folders is None else folders)
    ]
    found = next((file for file in files if file.is_file()), None)
    if found is None:
        fix = f"{sys.executable} -m pip install --force-reinstall jupyterlab_widgets"
        return Finding("fault", "widgets", "JupyterLab's part of ipywidgets is missing", fix)
    manager = json.loads(found.read_text("utf-8"))["version"]
    names = [f"{name} {installed[name]}" for name in ("ipywidgets", "jupyterlab") if name in installed]
    return Finding("ok", "widgets", f"{', '.join(names)}, {MANAGER.parts[1]} {manager}")
