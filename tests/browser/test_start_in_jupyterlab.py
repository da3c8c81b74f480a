"""`course start` in Chromium: in homes with settings of their own, with and without nbgrader's tools."""

import json
import os
import shutil
import sys
from pathlib import Path

import pytest
from slowness import slowness

from benchmarks.lab import Lab
from lib.jupyter.demo import notebook_of

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "tests" / "jupyter"))

from hostile_homes import FIGURES, KERNELS, SERVERS, Home  # noqa: E402


def together(*homes: Home) -> Home:
    files, variables = {}, {}
    for home in homes:
        files |= home.files
        variables |= home.variables
    return Home(files, variables)


THEME = ".jupyter/lab/user-settings/@jupyterlab/apputils-extension/themes.jupyterlab-settings"
HOMES = {
    "a server of last year": together(
        SERVERS["preferred_dir gone"], SERVERS["widgets switched off"], SERVERS["extension that raises"],
        SERVERS["old widgets in the home"], SERVERS["lab"], Home({THEME: "{ no theme"}),
    ),
    "a physicist's kernel": together(
        KERNELS["startup file that raises"], KERNELS["ipython_config"], FIGURES["LaTeX"],
        FIGURES["MPLBACKEND"], SERVERS["kernel python3 of another Python"], KERNELS["PYTHONSTARTUP"],
        Home({THEME: json.dumps({"theme": "A theme that is gone"})}),
    ),
    "variables of another course": together(
        SERVERS["JUPYTER_NO_CONFIG"], SERVERS["JUPYTER_PORT and JUPYTER_TOKEN"], SERVERS["JUPYTERLAB_DIR"],
        SERVERS["JUPYTER_RUNTIME_DIR is a file"], SERVERS["JUPYTER_CONFIG_PATH"], KERNELS["IPYTHONDIR"],
        FIGURES["MATPLOTLIBRC"],
    ),
}  # fmt: skip


@pytest.fixture
def lectures(tmp_path):
    """A folder with lecture 00 and a notebook with one demo, in a home with spaces and umlauts."""
    folder = tmp_path / "Zoë Müller" / "der Kurs" / "lectures"
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "lectures" / "00_start_here.ipynb", folder)
    (folder / "demo.ipynb").write_text(json.dumps(notebook_of("slope", "The slope")), "utf-8")
    return folder


@pytest.mark.parametrize("name", HOMES)
def test_the_course_opens_and_a_demo_moves_in_a_hostile_home(name, lectures, chromium, tmp_path):
    home, temporary = tmp_path / "Zoë Müller", tmp_path / "tmp ö"
    temporary.mkdir()
    environment = HOMES[name].make(home) | {"TMPDIR": str(temporary)}
    if "PYTHONPATH" in environment:
        environment["PYTHONPATH"] += os.pathsep + str(ROOT)
    with Lab(lectures, chromium, environment=environment, patience=slowness()) as lab:
        with lab.open("00_start_here.ipynb") as notebook:
            notebook.page.get_by_role("heading", name="00 Start here").wait_for()
        with lab.open("demo.ipynb") as notebook:
            notebook.run_all()
            assert notebook.problems() == []
            (demo,) = notebook.demos()
            assert demo.press(demo.handles()[0]) is not None
            assert not demo.error()


def tools_of_nbgrader(notebook):
    """What of them stands in the menu, at the sides and above the notebook."""
    places = ".lm-MenuBar-itemLabel, .jp-NotebookPanel-toolbar .jp-ToolbarButton, .lm-TabBar-tabLabel"
    words = notebook.page.locator(places).all_inner_texts()
    return {word for word in words if word in ("Nbgrader", "Validate", "Create Assignment")}


@pytest.mark.parametrize("instructor", [False, True], ids=["student", "instructor"])
def test_only_instructors_see_nbgrader_s_tools(instructor, lectures, chromium):
    arguments = ("--instructor",) if instructor else ()
    with (
        Lab(lectures, chromium, arguments=arguments, patience=slowness()) as lab,
        lab.open("00_start_here.ipynb") as notebook,
    ):
        notebook.page.locator(".jp-NotebookPanel-toolbar").wait_for()
        expected = {"Nbgrader", "Validate", "Create Assignment"} if instructor else set()
        if instructor:
            notebook.page.get_by_text("Validate", exact=True).wait_for()
        assert tools_of_nbgrader(notebook) == expected
        commands = notebook.page.evaluate("window.jupyterapp.commands.listCommands()")
        assert any("nbgrader" in command for command in commands) == instructor
