"""The template as an ordinary user starts it, with a user namespace of the kernel's and without any right.

Where the tests run as root, a part of them runs once more as nobody: with a Python environment that all may
read, made of the system's own Python and links to the packages of this one.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path

import pytest

from lib.grading.template import template_offered

ROOT = Path(__file__).parents[3]
PYTHON = "/usr/bin/python3"
NOBODY = 65534
NEEDED = (
    "ipykernel",
    "matplotlib",
    "nbclient",
    "numpy",
    "pytest",
    "pytest-timeout",
    "platformdirs",
    "filelock",
)
PARTS = (  # of the tests beside this one
    "three_places or written_is_seen or system_v or processes_are_limited or draw_different",
    "neither_killed or no_rights or shared_with or patched or daemons_are_gone or say_the_same",
    "memory_is_limited or signals_to_all or dies_says or endless or bomb or disk",
)
BECOME = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]


def packages(names):
    """Distributions, with all that they need."""
    found, pending = {}, list(names)
    while pending:
        name = re.sub(r"[-_.]+", "-", pending.pop()).lower()
        try:
            found.setdefault(name, metadata.distribution(name))
        except metadata.PackageNotFoundError:  # for another system
            continue
        needs = [each for each in found[name].requires or [] if "extra ==" not in each]
        pending += {re.match(r"[\w.-]+", each)[0].lower() for each in needs} - set(found)
    return found.values()


def link(source: Path, target: Path):
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        target.hardlink_to(source)
    except OSError:  # on another disk
        shutil.copy(source, target)


def same_python() -> bool:
    """Whether the packages of this Python can be those of the system's."""
    code = "import sys; print(sys.version_info[:2], sys.abiflags)"
    try:
        run = subprocess.run([PYTHON, "-c", code], capture_output=True, text=True)
    except OSError:
        return False
    return run.stdout.split() == f"{sys.version_info[:2]} {sys.abiflags}".split()


@pytest.fixture(scope="module")
def ordinary_user():
    """The command that runs the environment's Python as nobody, in a copy of the course."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("all tests run as an ordinary user already")
    offered, why = template_offered()
    if not offered or not same_python() or shutil.which("setpriv") is None:
        pytest.skip(why or f"{PYTHON} is not of this Python's version")
    spaces = ["bwrap", "--unshare-all", "--unshare-user", "--ro-bind", "/", "/", "true"]
    if subprocess.run([*BECOME, *spaces], capture_output=True).returncode:
        pytest.skip("ordinary users may not make user namespaces here")
    above = Path(tempfile.mkdtemp(prefix="user-", dir="/tmp"))
    above.chmod(0o755)
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", above / "venv"], check=True, umask=0o022)
    (site,) = (above / "venv").glob("lib/python3*/site-packages")
    for package in packages(NEEDED):
        for file in package.files or ():
            source = Path(package.locate_file(file))
            if ".." not in file.parts and file.suffix != ".pyc" and source.is_file():
                link(source, site / file)
    course = above / "course"
    kept = [*ROOT.glob("lib/**/*.py"), *ROOT.glob("data_loaders/**/*.py"), *ROOT.glob("tests/*.py")]
    tests = [*ROOT.glob("tests/grading/template/*.py")]
    tests += [ROOT / "tests/grading/conftest.py", ROOT / "tests/grading/run_notebook.py"]
    for source in [*kept, *tests, ROOT / "pyproject.toml"]:
        (course / source.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, course / source.relative_to(ROOT))
    for path in above.rglob("*"):
        if not path.is_symlink() and not path.stat().st_mode & 0o004:
            path.chmod(0o755 if path.is_dir() else 0o644)
    (above / "home").mkdir()
    os.chown(above / "home", NOBODY, NOBODY)
    variables = {"PATH": "/usr/bin:/bin", "HOME": str(above / "home"), "COURSE_SLICE": "all", "CI": "true"}
    variables |= {"OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}

    def run(*words):
        command = [*BECOME, str(above / "venv/bin/python"), *words]
        return subprocess.run(command, cwd=course, env=variables, capture_output=True, text=True)

    yield run
    shutil.rmtree(above)


@pytest.mark.family(share=6)
@pytest.mark.parametrize("part", PARTS, ids=["first", "second", "third"])
def test_what_holds_as_root_holds_as_an_ordinary_user(ordinary_user, part):
    tests = "tests/grading/template"
    answer = ordinary_user("-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", tests, "-k", part)
    assert answer.returncode == 0, answer.stdout[-4000:]
    assert "skipped" not in answer.stdout
