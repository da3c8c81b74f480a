"""python look_around.py start|plain < homes.json: what a server and a kernel read in each home.

homes.json: a list of [kind, folder, variables], kind "server" or "kernel".
start: as `course start` has it; plain: as Jupyter alone has it. A line of JSON a home is printed: what was found, or
"failed". Each home has a process of its own, forked after what they all import is imported.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import traceback
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

warnings.simplefilter("ignore")

import ipykernel.kernelapp
import jupyterlab.labapp

from lib.jupyter.settings import course_settings
from lib.jupyter.start import ROOT, server_arguments

CELL = """
import io, matplotlib
matplotlib.use  # what a lecture has is the inline backend, or none that opens a window
from lib import plots
figure, axes = plots.figure()
axes.set_title("It costs 5 % & more")
file = io.BytesIO()
figure.savefig(file)
"""


def server() -> dict:
    """What the server is told, once it could listen."""
    app = jupyterlab.labapp.LabApp.initialize_server([*server_arguments([]), "--no-browser"])
    lab = app.extension_manager.extension_apps["jupyterlab"].pop()
    kernel = app.kernel_spec_manager.get_kernel_spec("python3")
    app.http_server.stop()
    return {
        "settings": json.loads(json.dumps(app.config, default=repr)),
        "port": 8888 <= app.port < 9999,
        "has token": len(app.identity_provider.token) > 20 and app.identity_provider.token_generated,
        "root_dir": app.root_dir,
        "extensions": sorted(
            name for name, each in app.extension_manager.extensions.items() if each.enabled
        ),
        "kernel": kernel.argv,
        "widgets": sorted(
            f"{each['name']} {each.get('version', '')}" for each in lab.handlers and federated(lab)
        ),
        "switched off": page_config(),
        "lab": str(lab.app_dir),
    }


def federated(lab) -> list:
    from jupyterlab_server.config import get_federated_extensions

    path = lab.labextensions_path + lab.extra_labextensions_path
    return list(get_federated_extensions(path).values())


def page_config() -> dict:
    from jupyterlab.commands import get_app_info  # noqa: F401
    from jupyterlab_server.config import get_page_config
    from jupyter_core.paths import jupyter_path

    return get_page_config(jupyter_path("labextensions")).get("disabledExtensions", {})


def kernel() -> dict:
    """What a lecture's first cell finds."""
    with TemporaryDirectory() as folder:
        app = ipykernel.kernelapp.IPKernelApp.instance()
        app.initialize(["-f", str(Path(folder, "kernel.json"))])
        result = app.shell.run_cell(CELL)
        result.raise_error()
        matplotlib = sys.modules["matplotlib"]
        return {
            "settings": json.loads(json.dumps(app.config.get("InteractiveShellApp", {}), default=repr)),
            "names": sorted(name for name in app.shell.user_ns if name == "hostile"),
            "matplotlib": {
                name: repr(matplotlib.rcParams[name]) for name in sorted(matplotlib.rcParams) if name != "timezone"
            },
        }


def look(kind: str, variables: dict[str, str], how: str) -> dict:
    os.environ.update(variables)
    settings = course_settings() if how == "start" else contextlib.nullcontext()
    said = io.StringIO()
    try:
        with settings:
            return {"server": server, "kernel": kernel}[kind]()
    except BaseException as error:
        return {"failed": "".join(traceback.format_exception(error))[-2000:] + said.getvalue()}


def main() -> None:
    os.chdir(ROOT)
    for kind, variables in json.load(sys.stdin):
        read, write = os.pipe()
        if os.fork() == 0:
            os.close(read)
            out = os.fdopen(write, "w")
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            os.dup2(2 if os.environ.get("LOUD") else 1, 2)
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
