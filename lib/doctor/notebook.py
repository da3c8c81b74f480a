"""What runs a notebook: the kernel and the widgets."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from subprocess import DEVNULL

from jupyter_core.paths import jupyter_path
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from .finding import Finding, pip_command
from .packages import installed_versions

MANAGER = Path("@jupyter-widgets", "jupyterlab-manager", "package.json")


def run_kernel(code: str = "import sys, numpy, lib; print(sys.prefix)", name: str = "python3") -> str:
    """What this code prints in a fresh kernel, as a notebook would start it.

    Raises `RuntimeError` where the kernel or the code fails.
    """
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(kernel_name=name, startup_timeout=60, stderr=DEVNULL)
    printed = []

    def collect(message: Mapping) -> None:
        if message["msg_type"] == "stream":
            printed.append(message["content"]["text"])

    try:
        reply = client.execute_interactive(code, timeout=60, output_hook=collect)["content"]
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    if reply["status"] != "ok":
        raise RuntimeError(f"{reply['ename']}: {reply['evalue']}")
    return "".join(printed).strip()


def check_kernel(run=run_kernel) -> Finding:
    """A fault where notebooks get no kernel, or that of another Python.

    run: gives the prefix of the Python that the kernel runs in
    """
    try:
        prefix = run()
    except Exception as error:  # whatever it is, notebooks would meet it
        fix = f"{pip_command()} --force-reinstall"
        return Finding("fault", "kernel", f"does not run: {type(error).__name__}: {error}", fix)
    if Path(prefix).resolve() != Path(sys.prefix).resolve():
        fix = f"{sys.executable} -m ipykernel install --sys-prefix"
        return Finding("fault", "kernel", f"belongs to another Python, {prefix}", fix)
    return Finding("ok", "kernel", "runs in this Python")


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
    for each in map(Requirement, metadata.requires("ipywidgets") if needed is None else needed):
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
    version = json.loads(found.read_text("utf-8"))["version"]
    return Finding("ok", "widgets", f"ipywidgets {installed['ipywidgets']}, in JupyterLab {version}")
