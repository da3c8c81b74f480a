"""The sandbox for stock nbgrader: by the kernel's name, with nbgrader's own command."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest
from in_sandbox import ROOT, course, needs_bubblewrap

from lib.grading.sandbox.kernelspec import KERNEL_NAME, write_kernelspec
from lib.grading.sandbox.room import Limits, Room

ENTRY_POINTS = "jupyter_client.kernel_provisioners"
ATTACK = """
import os, sqlite3
from pathlib import Path
found = [str(path) for path in [Path({gradebook!r}), Path({source!r})] if path.exists()]
found += [name for name in os.listdir() if name.endswith(".ipynb")]
found += [str(path) for above in Path.cwd().parents for path in above.glob("*.db")]
there = Path("extra.csv").read_text() == "1,2" and os.environ["COURSE_GRADING"]
answer = 42 if there and not found else found
"""


def declared():
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["entry-points"][
        ENTRY_POINTS
    ]


def test_provisioners_are_where_the_package_says():
    for where in declared().values():
        module, _, name = where.partition(":")
        assert (ROOT / (module.replace(".", "/") + ".py")).exists()
        assert f"class {name}" in (ROOT / (module.replace(".", "/") + ".py")).read_text("utf-8")


@pytest.mark.parametrize("kind", ["bubblewrap", "container"])
def test_the_description_names_a_declared_provisioner(kind, tmp_path):
    folder = write_kernelspec(Room(course(), hidden=("torch",)), Limits(), kind, data=tmp_path)
    assert folder == tmp_path / "kernels" / KERNEL_NAME
    spec = json.loads((folder / "kernel.json").read_text())
    provisioner = spec["metadata"]["kernel_provisioner"]
    assert provisioner["provisioner_name"] in declared()
    assert provisioner["config"]["hidden"] == ["torch"]
    assert spec["interrupt_mode"] == "message"


def test_another_kind_is_refused(tmp_path):
    with pytest.raises(ValueError, match="one of bubblewrap, container"):
        write_kernelspec(Room(course()), Limits(), "none", data=tmp_path)


def cell(source, name, **options):
    made = nbformat.v4.new_code_cell(source)
    made.metadata["nbgrader"] = {
        "schema_version": 3,
        "grade_id": name,
        "grade": False,
        "solution": False,
        "locked": False,
        "task": False,
        **options,
    }
    return made


def installed_course(folder: Path):
    """Makes the entry points known, as an installation of this version would."""
    info = folder / "deep_vision_sandbox_test-0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: deep-vision-sandbox-test\nVersion: 0\n")
    lines = "".join(f"{name} = {where}\n" for name, where in declared().items())
    (info / "entry_points.txt").write_text(f"[{ENTRY_POINTS}]\n{lines}")


@needs_bubblewrap()
@pytest.mark.family(share=4)
def test_stock_nbgrader_grades_in_it(tmp_path):
    jupyter, root = tmp_path / "jupyter", tmp_path / "course"
    write_kernelspec(Room(course()), Limits(cpu_seconds=30), data=jupyter)
    installed_course(tmp_path / "site")
    source, submitted = root / "source/a1/a1.ipynb", root / "submitted/anna/a1/a1.ipynb"
    attack = ATTACK.format(gradebook=str(root / "gradebook.db"), source=str(source))
    for path, solution in [(source, "answer = None"), (submitted, attack)]:
        path.parent.mkdir(parents=True)
        notebook = nbformat.v4.new_notebook()
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python", "language": "python"}
        notebook.cells = [
            cell(solution, "answer", solution=True, locked=False),
            cell("assert answer == 42, answer", "test", grade=True, locked=True, points=2),
        ]
        nbformat.write(notebook, path)
    (submitted.parent / "extra.csv").write_text("1,2")
    (root / "nbgrader_config.py").write_text(
        f"c = get_config()\nc.CourseDirectory.root = {str(root)!r}\n"
        f"c.ExecutePreprocessor.kernel_name = {KERNEL_NAME!r}\n"
    )
    env = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(tmp_path / "site")]),
        "JUPYTER_DATA_DIR": str(jupyter),
        "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
    }
    for words in (["generate_assignment", "a1"], ["autograde", "a1"]):
        run = subprocess.run(
            [sys.executable, "-m", "nbgrader", *words], cwd=root, env=env, capture_output=True, text=True
        )
        assert run.returncode == 0, run.stderr
    graded = nbformat.read(root / "autograded/anna/a1/a1.ipynb", 4)
    with sqlite3.connect(root / "gradebook.db") as gradebook:
        assert gradebook.execute("select auto_score from grade").fetchall() == [(2.0,)], graded.cells[1]
