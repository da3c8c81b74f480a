"""Homes whose settings for Jupyter, IPython and matplotlib change what a lecture meets, or stop it.

Each was seen to do so with Jupyter alone; what Jupyter copes with by itself is not among them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

SERVER = ".jupyter/jupyter_server_config"
LAB = ".jupyter/jupyter_lab_config.py"
PROFILE = ".ipython/profile_default"
KERNEL = ".local/share/jupyter/kernels/python3/kernel.json"
RC = ".config/matplotlib/matplotlibrc"
FORMGRADER = "nbgrader.server_extensions.formgrader"
MANAGER = "@jupyter-widgets/jupyterlab-manager"


@dataclass
class Home:
    """What lies in a home, and what its environment says.

    files: path in the home → its text
    variables: name → value, in which {home} stands for the home
    """

    files: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)

    def make(self, folder: Path) -> dict[str, str]:
        """Write the files; returns the variables, HOME among them."""
        for name, text in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        variables = {name: value.format(home=folder) for name, value in self.variables.items()}
        return {"HOME": str(folder), "USERPROFILE": str(folder)} | variables


def server(*lines: str) -> Home:
    return Home({f"{SERVER}.py": "\n".join(lines)})


def extensions(*names: str) -> str:
    return json.dumps({"ServerApp": {"jpserver_extensions": dict.fromkeys(names, True)}})


# What the server reads.
SERVERS = {
    "preferred_dir elsewhere": server("c.ServerApp.preferred_dir = '/tmp'"),
    "preferred_dir gone": server("c.FileContentsManager.preferred_dir = '/no/such/folder'"),
    "notebook_dir of the old server": Home(
        {".jupyter/jupyter_notebook_config.py": "c.NotebookApp.notebook_dir = '/no/such/folder'"}
    ),
    "notebook_dir": server("c.ServerApp.notebook_dir = '/no/such/folder'"),
    "port": server("c.ServerApp.port = 1", "c.ServerApp.port_retries = 0"),
    "port that is a word": server("c.ServerApp.port = 'eighty'"),
    "address of another computer": server("c.ServerApp.ip = '192.0.2.1'"),
    "password": server(
        "c.PasswordIdentityProvider.hashed_password = 'sha1:abc:def'", "c.IdentityProvider.token = ''"
    ),
    "password required": server("c.PasswordIdentityProvider.password_required = True"),
    "token": server("c.ServerApp.token = 'mine'"),
    "certificate gone": server("c.ServerApp.certfile = '/no/such/file.pem'"),
    "no browser": server("c.ServerApp.open_browser = False", "c.ServerApp.browser = '/no/such/browser %s'"),
    "base_url": server("c.ServerApp.base_url = '/users/me/'"),
    "contents manager gone": server("c.ServerApp.contents_manager_class = 'gone.Manager'"),
    "kernel manager gone": server("c.ServerApp.kernel_manager_class = 'gone.Manager'"),
    "kernel of another course": server("c.MappingKernelManager.default_kernel_name = 'julia'"),
    "kernels not allowed": server("c.KernelSpecManager.allowed_kernelspecs = {'ir'}"),
    "hook": server("def hook(**_): raise RuntimeError", "c.FileContentsManager.pre_save_hook = hook"),
    "leaves": server("import sys", "sys.exit(3)"),
    "json": Home({f"{SERVER}.json": json.dumps({"ServerApp": {"preferred_dir": "/no/such/folder"}})}),
    "json of another shape": Home({f"{SERVER}.json": '{"ServerApp": ["port"]}'}),
    "config.d with an extension that is gone": Home(
        {".jupyter/jupyter_server_config.d/gone.json": extensions("no_such_extension")}
    ),
    "extension that raises": Home(
        {"python/bad.py": "raise RuntimeError('at import')", f"{SERVER}.json": extensions("bad")},
        {"PYTHONPATH": "{home}/python"},
    ),
    "reraises failures of extensions": Home(
        {f"{SERVER}.py": "c.ServerApp.reraise_server_extension_failures = True",
         f"{SERVER}.json": extensions("gone")}
    ),
    "nbgrader is on": Home({f"{SERVER}.json": extensions(FORMGRADER)}),
    "nbgrader's settings fail": Home(
        {".jupyter/nbgrader_config.py": "1 / 0", f"{SERVER}.json": extensions(FORMGRADER)}
    ),
    "lab": Home({LAB: "c.LabApp.app_dir = '/no/such/folder'\nc.LabApp.default_url = '/tree'"}),
    "lab in development mode": Home({LAB: "c.LabApp.dev_mode = True"}),
    "every Jupyter program": Home({".jupyter/jupyter_config.py": "c.JupyterApp.answer_yes = 'perhaps'"}),
    "widgets switched off": Home(
        {".jupyter/labconfig/page_config.json": json.dumps({"disabledExtensions": {MANAGER: True}})}
    ),
    "old widgets in the home": Home(
        {f".local/share/jupyter/labextensions/{MANAGER}/package.json": '{"name": "x", "version": "1"}'},
        {"JUPYTER_PREFER_ENV_PATH": "0"},
    ),
    "kernel python3 of another Python": Home(
        {KERNEL: json.dumps({"argv": ["/no/such/python"], "display_name": "P", "language": "python"})},
        {"JUPYTER_PREFER_ENV_PATH": "0"},
    ),
    "JUPYTER_NO_CONFIG": Home({}, {"JUPYTER_NO_CONFIG": "1"}),
    "JUPYTER_CONFIG_PATH": Home(
        {"more/jupyter_server_config.py": "c.ServerApp.preferred_dir = '/tmp'"},
        {"JUPYTER_CONFIG_PATH": "{home}/more"},
    ),
    "JUPYTER_DATA_DIR is gone": Home({"file": ""}, {"JUPYTER_DATA_DIR": "{home}/file/data"}),
    "JUPYTER_RUNTIME_DIR is a file": Home({"file": ""}, {"JUPYTER_RUNTIME_DIR": "{home}/file"}),
    "JUPYTER_PORT and JUPYTER_TOKEN": Home({}, {"JUPYTER_PORT": "eighty", "JUPYTER_TOKEN": "mine"}),
    "JUPYTERLAB_DIR": Home({}, {"JUPYTERLAB_DIR": "/no/such/folder"}),
}  # fmt: skip

# What a kernel reads.
KERNELS = {
    "startup file that raises": Home({f"{PROFILE}/startup/00-mine.py": "hostile = True\nimport gone"}),
    "startup file that leaves": Home({f"{PROFILE}/startup/00-mine.py": "import os; os._exit(5)"}),
    "startup file that prints": Home({f"{PROFILE}/startup/00-mine.ipy": "print('hello')\nhostile = True"}),
    "ipython_config": Home(
        {f"{PROFILE}/ipython_config.py": "c.InteractiveShellApp.exec_lines = ['hostile = True']\n"
         "c.InteractiveShellApp.extensions = ['gone']\nc.InteractiveShellApp.matplotlib = 'qt'"}
    ),
    "ipython_kernel_config": Home(
        {f"{PROFILE}/ipython_kernel_config.py": "c.InteractiveShellApp.exec_lines = ['hostile = True']"}
    ),
    "IPYTHONDIR": Home(
        {"i/profile_default/startup/00-mine.py": "hostile = True"}, {"IPYTHONDIR": "{home}/i"}
    ),
    "PYTHONSTARTUP": Home({"mine.py": "hostile = True\nimport gone"}, {"PYTHONSTARTUP": "{home}/mine.py"}),
}  # fmt: skip

# What a figure is drawn with.
FIGURES = {
    "LaTeX": Home({RC: "text.usetex: True"}),
    "a window for each figure": Home({RC: "backend: TkAgg\ninteractive: True"}),
    "bad lines": Home({RC: "no such line\nfont.size: huge\nfigure.dpi 3\nlines.linewidth: 20"}),
    "MATPLOTLIBRC": Home({"mine/matplotlibrc": "text.usetex: True"}, {"MATPLOTLIBRC": "{home}/mine"}),
    "MPLCONFIGDIR": Home({"mine/matplotlibrc": "text.usetex: True"}, {"MPLCONFIGDIR": "{home}/mine"}),
    "MPLBACKEND": Home({}, {"MPLBACKEND": "paper"}),
}  # fmt: skip
