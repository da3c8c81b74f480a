"""Files that hide a module: each is named by course.py, by the `course` command and by the doctor."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lib.bootstrap.in_the_way import from_error, in_folders, on_pythonpath

ROOT = Path(__file__).resolve().parents[1]
COURSE = "import sys; sys.path.insert(0, sys.argv.pop(1)); import course; sys.exit(course.command())"

FILES = {
    "lib/__init__.py": "",
    "lib/readme.txt": "",  # a folder is enough: ~/lib where PYTHONPATH is ~
    "lib.py": "",
    "data_loaders/__init__.py": "",
    "numpy.py": "raise RuntimeError('not numpy')",
    "numpy/__init__.py": "from .gone import array",
    "json.py": "def (",
    "subprocess.py": "",
    "argparse.py": "import no_such_module",
    "hashlib.py": "1 / 0",
    "queue.py": "import no_such_module",
}


def write(folder, name):
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(FILES[name], "utf-8")
    return folder / name if name.endswith(".py") else (folder / name).parent


def ask(*command, folder, **options):
    env = os.environ | {"PYTHONPATH": str(folder)}
    return subprocess.run([sys.executable, *command], env=env, capture_output=True, text=True, **options)


@pytest.mark.family(share=3)
@pytest.mark.parametrize("name", [name for name in FILES if name != "queue.py"])
def test_the_course_command_names_the_file(name, tmp_path):
    file = write(tmp_path, name)
    result = ask("-P", "-c", COURSE, ROOT, "demo", folder=tmp_path)
    assert result.returncode == 1, result.stdout
    assert f"{file} is in the way of" in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stderr.count("\n") == 1, result.stderr


@pytest.mark.parametrize("name", ["json.py", "hashlib.py", "queue.py"])
def test_course_py_names_the_file(name, tmp_path):
    file = write(tmp_path, name)
    result = ask(ROOT / "course.py", "strat", folder=tmp_path)
    assert result.returncode == 1
    assert f"{file} is in the way of Python's own" in result.stderr
    assert result.stderr.count("\n") == 1, result.stderr


def test_course_py_names_a_file_of_the_course_s_folder(tmp_path):
    shutil.copy(ROOT / "course.py", tmp_path)
    (tmp_path / "lib").mkdir()
    for name in ("__init__.py", "commands.py", "bootstrap"):
        copy = shutil.copytree if name == "bootstrap" else shutil.copy
        copy(ROOT / "lib" / name, tmp_path / "lib" / name)
    file = write(tmp_path, "json.py")
    result = ask(tmp_path / "course.py", "--help", folder="")
    assert f"{file} is in the way of Python's own json" in result.stderr


def test_what_is_in_the_current_folder_alone_is_in_nobody_s_way(tmp_path):
    for name in FILES:
        if name not in ("lib.py", "numpy.py"):
            write(tmp_path, name)
    assert ask("-P", "-c", COURSE, ROOT, "demo", folder="", cwd=tmp_path).returncode == 0
    assert ask(ROOT / "course.py", "--help", folder="", cwd=tmp_path).returncode == 0


def test_a_file_that_hides_a_module_and_works_is_let_be(tmp_path):
    (tmp_path / "statistics.py").write_text("def mean(values): return 0\n")
    assert ask("-P", "-c", COURSE, ROOT, "demo", folder=tmp_path).returncode == 0


def test_the_course_s_own_folder_and_those_of_packages_are_in_nobody_s_way(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), "", str(ROOT / "lectures")]))
    assert on_pythonpath() == ""
    assert in_folders([os.path.dirname(os.__file__)]) == ""


def test_an_error_of_the_course_itself_blames_no_file():
    for error in (ValueError("k: expected 1"), KeyError("x"), ImportError("gone", name="gone")):
        assert from_error(error) == ""


@pytest.mark.family(share=2)
def test_the_doctor_names_the_file(tmp_path):
    file = write(tmp_path, "numpy.py")
    program = "from lib.doctor.report import CHECKS, report\nfrom lib.doctor.notebook import check_kernel\n"
    program += "sys.exit(report({'kernel': check_kernel}))"
    result = ask("-c", f"import sys; sys.path.insert(1, {str(ROOT)!r})\n{program}", folder=tmp_path)
    assert result.returncode == 1, result.stderr
    assert f"fix: {file} is in the way of the package numpy" in result.stdout
    file.unlink()
    other = write(tmp_path, "lib/__init__.py")
    program = program.replace("from lib", f"sys.path.insert(0, {str(ROOT)!r})\nfrom lib", 1)
    result = ask("-c", f"import sys\n{program}", folder=tmp_path)
    assert f"imports another lib, {other}" in result.stdout, result.stdout + result.stderr
    assert f"fix: {other} is in the way of the course's own lib" in result.stdout
