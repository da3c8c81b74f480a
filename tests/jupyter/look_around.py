"""python look_around.py start|plain < homes.json: what a server and a kernel read in each home.

homes.json: a list of [kind, variables], kind "server", "kernel" or "figure".
start: as `course start` has it; plain: as Jupyter alone has it. A line of JSON is printed for each home: what
was found, or "failed". Each has a process of its own, forked after what they all import is imported.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import sys
import traceback
from pathlib import Path
from tempfile import TemporaryDirectory

from lib.jupyter.settings import course_settings
from lib.jupyter.start import ROOT, server_arguments

CELL = """
import io
from lib import plots
figure, axes = plots.figure()
axes.set_title("It costs 5 % & more")
file = io.BytesIO()
figure.savefig(file)
"""


def server() -> dict:
    """What the server is told, once it could listen."""
    import jupyterlab.labapp
    from jupyter_core.paths import jupyter_path
    from jupyterlab_server.config import get_federated_extensions, get_page_config

    app = jupyterlab.labapp.LabApp.initialize_server([*server_arguments([]), "--no-browser"])
    lab = app.extension_manager.extension_apps["jupyterlab"].pop()
    kernel = app.kernel_spec_manager.get_kernel_spec("python3")
    app.http_server.stop()
    folders = jupyter_path("labextensions")
    return {
        "settings": app.config,
        "port": 8888 <= app.port < 9999,
        "has token": len(app.identity_provider.token) > 20 and app.identity_provider.token_generated,
        "root_dir": app.root_dir,
        "extensions": sorted(name for name, each in app.extension_manager.extensions.items() if each.enabled),
        "kernel": kernel.argv,
        "widgets": sorted(each["ext_path"] for each in get_federated_extensions(folders).values()),
        "switched off": get_page_config(folders)["disabledExtensions"],
        "lab": lab.app_dir,
    }


def kernel(cell: str = "") -> dict:
    """What a lecture's first cell finds."""
    import ipykernel.kernelapp

    with TemporaryDirectory() as folder:
        app = ipykernel.kernelapp.IPKernelApp.instance()
        app.initialize(["-f", str(Path(folder, "kernel.json"))])
    app.shell.run_cell(cell).raise_error()
    return {"settings": app.config.InteractiveShellApp, "names": "hostile" in app.shell.user_ns}


def figure() -> dict:
    """What a figure of the course is drawn with."""
    found = kernel(CELL)
    settings = sys.modules["matplotlib"].rcParams
    return found | {"matplotlib": {name: repr(value) for name, value in settings.items()}}


def look(kind: str, variables: dict[str, str], how: str) -> dict:
    os.environ.update(variables)
    settings = course_settings() if how == "start" else contextlib.nullcontext()
    try:
        with settings:
            return {"server": server, "kernel": kernel, "figure": figure}[kind]()
    except BaseException as error:
        return {"failed": "".join(traceback.format_exception(error))[-2000:]}


def import_what_all_need(how: str) -> None:
    """What reads no settings while it is imported; the modules of nbgrader only where a server loads them."""
    for name in ("ipykernel.kernelapp", "jupyter_lsp", "jupyterlab.labapp", "jupyterlab_jupytext"):
        importlib.import_module(name)
    if how == "plain":
        importlib.import_module("nbgrader.server_extensions.formgrader")
        importlib.import_module("nbgrader.server_extensions.validate_assignment.handlers")


def main() -> None:
    import_what_all_need(sys.argv[1])
    os.chdir(ROOT)
    for kind, variables in json.load(sys.stdin):
        read, write = os.pipe()
        if os.fork() == 0:
            os.close(read)
            out = os.fdopen(write, "w")
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            os.dup2(1, 2)
            json.dump(look(kind, variables, sys.argv[1]), out, default=repr)
            out.flush()
            os._exit(0)
        os.close(write)
        with os.fdopen(read) as found:
            text = found.read()
        _, status = os.wait()
        print(text or json.dumps({"failed": f"exit status {status}"}), flush=True)


if __name__ == "__main__":
    main()
