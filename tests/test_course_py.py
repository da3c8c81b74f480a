"""course.py in small courses of its own: a project without dependencies, so that pip needs no network."""

import ast
import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from lib.bootstrap import install, main
from lib.bootstrap.environment import python_of
from lib.bootstrap.ours import KNOWN, MADE, check_place, may_empty
from lib.bootstrap.pip_settings import pip_environment
from lib.bootstrap.problem import Problem, from_os_error, from_output

ROOT = Path(__file__).resolve().parents[1]
PYTHON = sys._base_executable  # no environment is active in it
POSIX = pytest.mark.skipif(os.name == "nt", reason="POSIX only")
makes_an_environment = pytest.mark.family(share=4)  # with pip in it, which takes seconds

PROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "deep-vision-course"
version = "0.1.0"
[tool.ruff]
line-length = 110
"""
BACKEND = """
import os, pathlib, time, zipfile

def build_editable(folder, settings=None, metadata=None):
    time.sleep(float(os.environ.get("SLOW", 0)))
    info = "deep_vision_course-0.1.0.dist-info"
    files = {
        "course.pth": str(pathlib.Path.cwd()),
        info + "/METADATA": "Metadata-Version: 2.1\\nName: deep-vision-course\\nVersion: 0.1.0\\n"
        + "".join(f"Provides-Extra: {extra}\\n" for extra in ("torch", "formats", "test"))
        + os.environ.get("NEEDS", ""),
        info + "/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    }
    name = "deep_vision_course-0.1.0-py3-none-any.whl"
    with zipfile.ZipFile(pathlib.Path(folder, name), "w") as wheel:
        for path, content in files.items():
            wheel.writestr(path, content)
        wheel.writestr(info + "/RECORD", "".join(f"{path},,\\n" for path in [*files, info + "/RECORD"]))
    return name
"""
COMMAND = "import sys\n\ndef main(arguments): print('handed over', sys.prefix, *arguments)\n"


def make_course(root):
    """A folder with the real course.py and bootstrap, and a `course` command that only says what it got."""
    (root / "lib").mkdir(parents=True)
    shutil.copy(ROOT / "course.py", root)
    shutil.copy(ROOT / "lib" / "commands.py", root / "lib")
    (root / "data_loaders").mkdir()
    shutil.copy(ROOT / "data_loaders" / "command.py", root / "data_loaders")
    shutil.copytree(ROOT / "lib" / "bootstrap", root / "lib" / "bootstrap")
    files = {"pyproject.toml": PROJECT, "backend.py": BACKEND, "constraints.txt": "", "lib/__init__.py": ""}
    for name, content in (files | {"lib/cli.py": COMMAND}).items():
        (root / name).write_text(content, "utf-8")
    return root


def environment(**changes):
    """Environment variables of a user who has no active environment and no network."""
    theirs = ("VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONPATH", "PIP_FIND_LINKS", "PIP_INDEX_URL")
    env = {name: value for name, value in os.environ.items() if name not in theirs}
    return env | {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull, "PYTHONUTF8": "1"} | changes


def copy_environment(installed, root):
    """An environment with pip and without a course, sooner than venv makes one."""
    shutil.copytree(installed / ".venv", root / ".venv", symlinks=True)
    (root / ".venv" / "course.json").unlink()


def run(root, *arguments, python=PYTHON, **changes):
    return subprocess.run(
        [python, root / "course.py", *arguments],
        env=environment(**changes),
        capture_output=True,
        encoding="utf-8",
    )


def state(root):
    return json.loads((root / ".venv" / "course.json").read_text("utf-8"))


def sentence(result):
    """The one line on stderr of a command that failed."""
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1, result.stderr
    return result.stderr


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A course after `start --light`; tests that use it leave it complete."""
    root = make_course(tmp_path_factory.mktemp("courses") / "my coürse")
    result = run(root, "start", "--light", "--port", "9")
    assert result.returncode == 0, result.stderr
    assert "Installing" in result.stdout
    assert f"handed over {root / '.venv'} start --light --port 9" in result.stdout
    assert state(root)["extras"] == []
    return root


def test_second_start_goes_straight_on(installed):
    log = installed / ".venv" / "course.log"
    before = log.stat().st_mtime_ns
    result = run(installed, "start", "--light", "--no-browser")
    assert result.stdout == f"handed over {installed / '.venv'} start --light --no-browser\n"
    assert log.stat().st_mtime_ns == before


@makes_an_environment
def test_extras_are_added_and_stay(installed):
    assert "Updating" in run(installed, "start").stdout
    assert state(installed)["extras"] == ["torch"]
    assert "Updating" not in run(installed, "start", "--light").stdout
    assert state(installed)["extras"] == ["torch"]


@makes_an_environment
def test_only_what_decides_the_installation_updates_it(installed):
    project = installed / "pyproject.toml"
    project.write_text(PROJECT.replace("110", "99"), "utf-8")
    assert run(installed, "doctor").stdout.startswith("handed over")
    project.write_text(
        PROJECT.replace('version = "0.1.0"', 'version = "0.1.0"\ndescription = "new"'), "utf-8"
    )
    assert run(installed, "doctor").stdout.startswith("Updating")
    (installed / "constraints.txt").write_text("numpy==2.0\n", "utf-8")
    assert run(installed, "doctor").stdout.startswith("Updating")


@makes_an_environment
@POSIX
def test_killed_installation_is_finished_by_the_next_run(installed):
    (installed / "constraints.txt").write_text("# another\n", "utf-8")
    process = subprocess.Popen([PYTHON, installed / "course.py", "doctor"], env=environment(SLOW="2"))
    while not (installed / ".venv" / "course.json").exists() or state(installed)["recipe"]:
        time.sleep(0.02)
    process.kill()
    process.wait()
    (packages,) = (installed / ".venv").glob("lib/python*/site-packages")
    (packages / "cut_off-1.0.dist-info").mkdir()
    (packages / "cut_off-1.0.dist-info" / "METADATA").write_text("Name: cut_off\nVersion: 1.0\n", "utf-8")

    result = run(installed, "doctor")
    assert result.returncode == 0, result.stderr
    assert "Installing" in result.stdout
    assert state(installed)["recipe"]
    assert not (packages / "cut_off-1.0.dist-info").exists()


@makes_an_environment
def test_without_network_a_complete_course_starts_as_it_was(installed):
    (installed / "constraints.txt").write_text("# one more\n", "utf-8")
    nowhere = {"PIP_NO_INDEX": "0", "PIP_INDEX_URL": "http://127.0.0.1:9", "PIP_RETRIES": "1"}
    result = run(installed, "doctor", NEEDS="Requires-Dist: numpy\n", **nowhere)
    assert result.returncode == 0
    assert "could not be reached" in result.stdout
    assert "handed over" in result.stdout

    result = run(
        installed, "test", NEEDS="Requires-Dist: numpy\n", **nowhere
    )  # tests need more than is there
    assert "could not be reached" in sentence(result)
    assert str(installed / ".venv" / "course.log") in result.stderr
    assert run(installed, "doctor").returncode == 0


@makes_an_environment
def test_two_starts_at_once_install_once(tmp_path, installed):
    root = make_course(tmp_path / "first")
    copy_environment(installed, root)
    command = [PYTHON, root / "course.py", "demo"]
    both = [
        subprocess.Popen(command, env=environment(SLOW="1"), stdout=subprocess.PIPE, encoding="utf-8")
        for _ in range(2)
    ]
    output = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], output
    assert sorted("Installing" in text for text in output) == [False, True]
    assert sorted("waiting" in text for text in output) == [False, True]


@makes_an_environment
def test_in_a_moved_folder_the_environment_is_made_again(tmp_path, installed):
    before = shutil.copytree(installed, tmp_path / "before", symlinks=True)
    moved = before.rename(tmp_path / "moved")
    result = run(moved, "demo")
    assert "made again" in result.stdout
    assert f"handed over {moved / '.venv'} demo" in result.stdout


def test_active_environment_is_used_where_it_has_the_course(tmp_path):
    root = make_course(tmp_path / "course")
    active = tmp_path / "active"
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", active], check=True)
    (root / ".venv").mkdir()
    (root / ".venv" / "mine.txt").write_text("keep", "utf-8")

    result = run(
        root, "start", VIRTUAL_ENV=str(active)
    )  # the course is not in it, and .venv is something else
    assert f"active environment {active}" in result.stdout
    assert "move it away" in sentence(result)
    assert (root / ".venv" / "mine.txt").read_text("utf-8") == "keep"

    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(subprocess.check_output([python_of(active), "-c", where], text=True).strip())
    (packages / "course.pth").write_text(str(root), "utf-8")
    info = packages / "deep_vision_course-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: deep-vision-course\nVersion: 0.1.0\n", "utf-8"
    )
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        assert run(root, "start", **{variable: str(active)}).stdout == f"handed over {active} start\n"
    assert run(root, "start", python=python_of(active)).stdout == f"handed over {active} start\n"


def test_help_and_mistakes_install_nothing(tmp_path):
    root = make_course(tmp_path / "course")
    for arguments in ((), ("--help",)):
        assert "start --light" in run(root, *arguments).stdout
    result = run(root, "strat")
    assert result.returncode == 2
    assert "'strat'" in result.stderr
    assert not (root / ".venv").exists()


@pytest.mark.parametrize(
    ("line", "status", "words"),
    [
        ("start --help", 0, "--light"),
        ("start --light -h", 0, "--instructor"),
        ("start --port 9 --help", 0, "--light"),
        ("test --help", 0, "--all"),
        ("doctor --help", 0, "check this computer"),
        ("data --help", 0, "fetch"),
        ("data fetch --help", 0, "cifar10"),
        ("demo --help", 0, "NAME"),
        ("export --help", 0, "--as-is"),
        ("doctor --nope", 2, "--nope"),
        ("doctor all", 2, "all"),
        ("data fetch mnist", 2, "mnist"),
        ("data --nope", 2, "--nope"),
        ("export --to", 2, "--to"),
        ("export --nope", 2, "--nope"),
        ("start --light=yes", 2, "--light"),
        ("test --all=yes", 2, "--all"),
    ],
)
def test_help_and_wrong_arguments_of_a_command_install_nothing(line, status, words, capsys, monkeypatch):
    monkeypatch.setattr(main, "choose", lambda *_: pytest.fail("it would install"))
    with pytest.raises(SystemExit) as left:
        main.main(line.split())
    assert left.value.code == status
    said = capsys.readouterr()
    assert words in (said.err if status else said.out)


def test_variables_that_stop_python_or_jupyter_are_dropped(monkeypatch):
    handed = {}
    for name, value in {"PYTHONOPTIMIZE": "2", "PYTHONINSPECT": "1", "HOME": ""}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(main, "choose", lambda *_: Path(sys.executable))
    monkeypatch.setattr(main, "hand_over", lambda *_: handed.update(os.environ) or 0)
    assert main.main(["start"]) == 0
    assert not {"PYTHONOPTIMIZE", "PYTHONINSPECT", "HOME"} & set(handed)


@POSIX
@pytest.mark.skipif(os.name != "nt" and os.geteuid() == 0, reason="root may write everywhere")
def test_folder_that_cannot_be_written(tmp_path):
    root = make_course(tmp_path / "course")
    root.chmod(0o500)
    assert "cannot be written" in sentence(run(root, "start"))


def heed_interrupts():
    """A test run in the background of a script ignores Ctrl-C, and what it starts would do so too."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@POSIX
def test_interrupt_says_that_the_command_goes_on(tmp_path, installed):
    root = make_course(tmp_path / "course")
    copy_environment(installed, root)
    process = subprocess.Popen(
        [PYTHON, root / "course.py", "demo"],
        env=environment(SLOW="20"), stderr=subprocess.PIPE, encoding="utf-8", start_new_session=True,
        preexec_fn=heed_interrupts,
    )  # fmt: skip
    while not (root / ".venv" / "course.json").exists():
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate()
    assert process.returncode == 130
    assert "goes on from here" in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    ("output", "kind", "words"),
    [
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
            "disk",
            "free",
        ),
        ("OSError: [WinError 112] There is not enough space on the disk", "disk", "free"),
        ("created successfully because ensurepip is not\navailable.  On Debian", "venv", "python3-venv"),
        ("/usr/bin/python3: No module named venv", "venv", "python3-venv"),
        ("SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]", "network", "certificate"),
        (
            "Failed to establish a new connection: [Errno -3] Temporary failure in name resolution",
            "network",
            "proxy",
        ),
        ("ERROR: No matching distribution found for torch==2.13.0", "other", "--light"),
        ("ERROR: No matching distribution found for numpy>=2", "other", "finds no numpy"),
        ("Collecting x\nERROR: something new\n[notice] a new release of pip", "other", "something new"),
    ],
)
def test_faults_of_pip_and_venv_are_one_sentence(tmp_path, output, kind, words):
    problem = from_output(output, tmp_path, tmp_path / "course.log")
    assert problem.kind == kind
    assert words in str(problem)
    assert "\n" not in str(problem)
    assert "again" in str(problem) or "--light" in str(problem)


@pytest.mark.parametrize(
    ("number", "words"), [(28, "full"), (13, "cannot be written"), (30, "cannot be written")]
)
def test_faults_of_the_disk_are_one_sentence(tmp_path, number, words):
    assert words in str(from_os_error(OSError(number, os.strerror(number), "file"), tmp_path))


def old_pythons():
    folder = Path.home() / ".pyenv" / "versions"
    found = [
        path for path in folder.glob("*/bin/python") if path.parts[-3] < "3.11" or path.parts[-3][3] == "."
    ]
    named = (f"python{version}" for version in ("2.7", "3.6", "3.8", "3.9", "3.10"))
    there = sorted(map(str, found)) or [path for path in map(shutil.which, named) if path]
    return [path for path in there if subprocess.run([path, "-c", ""], capture_output=True).returncode == 0]


@pytest.mark.parametrize("python", old_pythons() or [None])
def test_too_old_a_python_gets_one_sentence(python, tmp_path):
    if python is None:
        pytest.skip("no Python older than 3.11 is installed here")
    env = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    result = subprocess.run([python, ROOT / "course.py", "start"], capture_output=True, text=True, env=env)
    assert "needs Python 3.11 or newer" in sentence(result)


def test_only_the_standard_library_is_needed():
    files = [ROOT / "course.py", ROOT / "lib" / "commands.py", *(ROOT / "lib" / "bootstrap").glob("*.py")]
    assert len(files) > 5
    for file in files:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module]
            ours = {"lib.commands", "lib.bootstrap.in_the_way"}
            assert all(name in ours or name.split(".")[0] in sys.stdlib_module_names for name in names), file


DO_NOTHING = {
    "PIP_DRY_RUN": "1",
    "PIP_TARGET": "elsewhere",
    "PIP_PREFIX": "elsewhere",
    "PIP_ROOT": "elsewhere",
    "PIP_USER": "1",
    "PIP_NO_DEPS": "1",
    "PIP_REQUIRE_VIRTUALENV": "1",
    "PIP_REQUIRE_HASHES": "1",
    "PIP_ONLY_BINARY": ":all:",
    "PIP_REQUIREMENT": "no-such-file.txt",
    "PIP_PLATFORM": "win32",
    "PIP_PYTHON": "/no/such/python",
    "PIP_LOG": "/no/such/folder/log",
    "PIP_DRYRUN": "no such option",
}


def settings_of_pip(monkeypatch, **variables):
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return {k: v for k, v in pip_environment(Path(sys.executable)).items() if k.startswith("PIP_")}


def test_pip_gets_only_the_way_to_the_index(monkeypatch, tmp_path):
    config = tmp_path / "pip.conf"
    config.write_text(
        "[global]\nindex-url = https://x.test/simple\nproxy = http://a:1\ndry-run = true\n"
        "[install]\ntarget = /elsewhere\nno-deps = true\nproxy = http://b:1\nfind-links =\n    one\n    two\n"
    )
    found = settings_of_pip(monkeypatch, **DO_NOTHING, PIP_CONFIG_FILE=str(config), PIP_RETRIES="7")
    assert found.pop("PIP_FIND_LINKS").split() == ["one", "two"]
    expected = {"INDEX_URL": "https://x.test/simple", "PROXY": "http://b:1", "RETRIES": "7", "USER": "0"}
    assert found.items() >= {f"PIP_{name}": value for name, value in expected.items()}.items()
    assert found["PIP_CONFIG_FILE"] == os.devnull
    assert not set(found) & (set(DO_NOTHING) - {"PIP_USER"})


def test_settings_of_pip_that_cannot_be_read_are_named(monkeypatch, tmp_path):
    config = tmp_path / "pip.conf"
    config.write_text("no section")
    with pytest.raises(Problem, match=r"cannot read its settings.*pip\.conf"):
        settings_of_pip(monkeypatch, PIP_CONFIG_FILE=str(config))


@makes_an_environment
def test_pip_variables_that_would_do_nothing_do_not_matter(tmp_path, installed):
    root = make_course(tmp_path / "course")
    copy_environment(installed, root)
    (tmp_path / "pip.conf").write_text("[install]\ndry-run = true\n[global]\ntarget = elsewhere\n", "utf-8")
    changes = DO_NOTHING | {"PIP_CONFIG_FILE": str(tmp_path / "pip.conf")}
    result = run(root, "demo", **changes)
    assert f"handed over {root / '.venv'} demo" in result.stdout, result.stdout + result.stderr
    assert not (root / "elsewhere").exists()


@makes_an_environment
def test_an_installation_that_leaves_nothing_is_no_success(tmp_path, installed):
    root = make_course(tmp_path / "course")
    copy_environment(installed, root)
    backend = (root / "backend.py").read_text("utf-8")
    (root / "backend.py").write_text(backend.replace('"course.pth"', '"elsewhere.txt"'), "utf-8")
    assert "has not installed the course" in sentence(run(root, "demo"))


@makes_an_environment
def test_homes_and_temporary_folders_with_spaces_and_umlauts(tmp_path, installed):
    home, temporary = tmp_path / "Zoë Müller", tmp_path / "tmp ö"
    home.mkdir()
    temporary.mkdir()
    root = make_course(home / "der Kurs")
    copy_environment(installed, root)
    places = {"HOME": str(home), "USERPROFILE": str(home), "TMPDIR": str(temporary), "TEMP": str(temporary)}
    result = run(root, "start", "--light", **places)
    assert f"handed over {root / '.venv'} start --light" in result.stdout, result.stderr


def test_help_without_docstrings(tmp_path):
    result = subprocess.run([PYTHON, "-OO", ROOT / "course.py", "--help"], capture_output=True, text=True)
    assert "course.py start --light" in result.stdout
    assert "None" not in result.stdout


@makes_an_environment
@POSIX
def test_an_environment_of_another_python_is_used_or_made_again(tmp_path, installed):
    root = make_course(tmp_path / "course")
    copy_environment(installed, root)
    python = root / ".venv" / "bin" / "python"
    python.unlink()
    python.write_text("#!/bin/sh\necho 3.9\n")  # too old for the course
    python.chmod(0o755)
    result = run(root, "demo")
    assert "made again" in result.stdout
    assert f"handed over {root / '.venv'} demo" in result.stdout, result.stderr
    assert state(root)["python"] == "{}.{}".format(*sys.version_info)


def another_python():
    minors = [minor for minor in (11, 12, 13) if minor != sys.version_info[1]]
    found = [shutil.which(f"python3.{minor}") for minor in minors]
    for minor in minors:
        found += map(str, (Path.home() / ".pyenv" / "versions").glob(f"3.{minor}.*/bin/python"))
    runs = "import sys, venv, ensurepip; print(sys.version_info[:2] >= (3, 11))"
    for python in filter(None, found):
        if subprocess.run([python, "-c", runs], capture_output=True, text=True).stdout == "True\n":
            return python
    return None


@makes_an_environment
@pytest.mark.skipif(another_python() is None, reason="no second Python from 3.11 on is installed here")
def test_an_environment_of_a_second_python_runs_the_course(tmp_path):
    root = make_course(tmp_path / "course")
    subprocess.run([another_python(), "-m", "venv", root / ".venv"], check=True)
    result = run(root, "demo")
    assert f"handed over {root / '.venv'} demo" in result.stdout, result.stderr
    assert state(root)["python"] != "{}.{}".format(*sys.version_info)
    assert run(root, "demo").stdout.startswith("handed over")


def make_environment(folder, *, works, pip=False):
    """An environment of somebody else, with a file of theirs; nothing runs but, with `works`, its Python."""
    (folder / "bin").mkdir(parents=True)
    (folder / "pyvenv.cfg").touch()
    (folder / "my_thesis.txt").write_text("years", "utf-8")
    if works:
        python = folder / "bin" / "python"
        answers = f"echo {'.'.join(map(str, sys.version_info[:2]))}; exit 0"
        ends = "exit 0" if pip else "exit 1"
        python.write_text(f'#!/bin/sh\ncase "$3" in *version_info*) {answers};; esac\n{ends}\n', "utf-8")
        python.chmod(0o755)
    return folder


def files(folder):
    return {str(path.relative_to(folder)): path.is_file() and path.read_bytes() for path in folder.rglob("*")}


def remedy(root):
    """What the course says where it makes no environment."""
    with pytest.raises(Problem) as problem:
        install.ensure(root, ())
    return str(problem.value)


@POSIX
@pytest.mark.parametrize("linked", [False, True])
@pytest.mark.parametrize("works", [False, True])
def test_an_environment_of_somebody_else_is_never_emptied(tmp_path, works, linked):
    root = make_course(tmp_path / "course")
    theirs = make_environment(tmp_path / "other" if linked else root / ".venv", works=works)
    if linked:
        (root / ".venv").symlink_to(theirs)
    before = files(theirs)
    assert "move it away" in remedy(root)  # where it works, it has no pip and gets none
    after = files(theirs)
    after.pop("course.lock", None)
    assert after == before


@POSIX
@pytest.mark.parametrize("state", ["", "[" * 100_000, "folder", "moved"])
def test_the_course_s_lock_and_state_make_no_environment_its_own(tmp_path, state):
    root = make_course(tmp_path / "course")
    venv = make_environment(root / ".venv", works=False)
    (venv / "my_thesis.txt").rename(venv / "bin" / "my_thesis.txt")
    (venv / "course.lock").touch()
    if state == "folder":
        (venv / "course.json").mkdir()
    elif state == "moved":
        install.State("/elsewhere", "3.11", "abc", ()).write(venv / "course.json")
    else:
        (venv / "course.json").write_text(state, "utf-8")
    assert "move it away" in remedy(root)
    assert (venv / "bin" / "my_thesis.txt").exists()


@POSIX
def test_an_own_environment_with_foreign_files_or_behind_a_link_is_not_emptied(tmp_path):
    root = make_course(tmp_path / "course")
    venv = make_environment(root / ".venv", works=False)
    (venv / MADE).touch()
    assert "my_thesis.txt in it is not the course's" in remedy(root)
    assert (venv / "my_thesis.txt").exists()

    (venv / "my_thesis.txt").unlink()
    assert may_empty(venv)
    moved = venv.rename(tmp_path / "scratch")
    venv.symlink_to(moved)
    assert "it is a link to" in remedy(root)
    assert (moved / "pyvenv.cfg").exists()


@POSIX
@pytest.mark.parametrize("target", ["nothing", ".venv"])
def test_a_link_that_leads_nowhere_is_to_be_moved_away(tmp_path, target):
    root = make_course(tmp_path / "course")
    (root / ".venv").symlink_to(target)
    assert "move it away" in remedy(root)
    (root / ".venv").unlink()
    (root / ".venv").touch()
    assert "move it away" in remedy(root)


@POSIX
def test_what_is_empty_may_be_filled(tmp_path):
    check_place(tmp_path / "venv")
    (tmp_path / "folder").mkdir()
    check_place(tmp_path / "folder")
    (tmp_path / "folder" / "course.lock").touch()
    (tmp_path / "link").symlink_to("folder")
    check_place(tmp_path / "link")
    assert may_empty(tmp_path / "folder")
    assert not may_empty(tmp_path / "link")


@makes_an_environment
@POSIX
def test_a_working_environment_without_pip_gets_pip_and_keeps_its_files(tmp_path):
    root, theirs = make_course(tmp_path / "course"), tmp_path / "other"
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", theirs], check=True)
    (theirs / "my_thesis.txt").write_text("years", "utf-8")
    (root / ".venv").symlink_to(theirs)
    result = run(root, "demo")
    assert f"handed over {root / '.venv'} demo" in result.stdout, result.stderr
    assert "made again" not in result.stdout
    assert (theirs / "my_thesis.txt").read_text("utf-8") == "years"
    assert not (theirs / MADE).exists()


def test_all_that_an_installation_leaves_is_known_as_its_own(installed):
    assert {path.name for path in (installed / ".venv").iterdir()} <= KNOWN
    assert may_empty(installed / ".venv")


@POSIX
@pytest.mark.parametrize("name", ["line\nbreak", "a:b", "\udcff", "\x1b[2J"])
def test_a_folder_in_which_no_environment_can_be_made_is_to_be_renamed(tmp_path, name):
    try:
        root = make_course(tmp_path / name)
    except (OSError, UnicodeError):
        pytest.skip("this file system has no such names")
    said = remedy(root)
    assert "out of the names of these folders" in said
    assert said.isprintable()
    assert not (root / ".venv").exists()


@pytest.mark.parametrize("number", [errno.EISDIR, errno.ENOTDIR, errno.EEXIST, errno.ELOOP])
def test_what_is_in_the_way_is_to_be_moved_away(tmp_path, number):
    said = str(from_os_error(OSError(number, os.strerror(number), "new", None, "course.json"), tmp_path))
    assert said.startswith("course.json is in the way")
    assert "move it away" in said


def test_a_python_that_this_user_may_not_run_is_called_so(tmp_path):
    error = PermissionError(errno.EACCES, os.strerror(errno.EACCES), sys.executable)
    assert "use a Python that everyone may run" in str(from_os_error(error, tmp_path))


SETPRIV = shutil.which("setpriv")


@pytest.fixture
def nobody():
    """A folder that root made and everyone may read, and a way to run a command there as another user."""
    if os.name == "nt" or os.geteuid() != 0 or not SETPRIV:
        pytest.skip("only root can run a command as another user (setpriv)")
    user = [SETPRIV, "--reuid=65534", "--regid=65534", "--clear-groups"]
    folder = Path(tempfile.mkdtemp(prefix="course-nobody-"))
    folder.chmod(0o755)
    python = "/usr/bin/python3"

    def call(root, *arguments, **changes):
        env = environment(HOME="/nonexistent", **changes)
        command = [*user, python, str(root / "course.py"), *arguments]
        return subprocess.run(command, env=env, capture_output=True, encoding="utf-8", cwd="/")

    if subprocess.run([*user, python, "-c", "import sys; assert sys.version_info > (3, 11)"]).returncode:
        pytest.skip("no Python from 3.11 on that other users can run")
    yield folder, call, python
    shutil.rmtree(folder)


def test_a_read_only_course_that_is_not_installed_is_one_sentence(nobody):
    folder, call, _ = nobody
    root = make_course(folder / "course")
    said = sentence(call(root, "start"))
    assert f"{root / '.venv'} cannot be written: copy the course into a folder of your own" in said


def test_an_unfinished_environment_of_another_user_is_one_sentence(nobody):
    folder, call, _ = nobody
    root = make_course(folder / "course")
    (root / ".venv").mkdir()
    (root / ".venv" / "course.lock").touch()
    assert "cannot be written: copy the course" in sentence(call(root, "start"))
    (root / ".venv").chmod(0o700)
    assert "cannot be written: copy the course" in sentence(call(root, "start"))


@makes_an_environment
def test_a_read_only_course_that_another_user_installed_starts(nobody):
    folder, call, python = nobody
    root = make_course(folder / "course")
    if subprocess.run([python, "-c", "import ensurepip"], capture_output=True).returncode:
        pytest.skip("the Python that other users can run makes no environments")
    assert run(root, "start", "--light", python=python).returncode == 0
    result = call(root, "start", "--light")
    assert result.stdout == f"handed over {root / '.venv'} start --light\n", result.stderr


def test_an_active_environment_that_may_not_be_read_is_passed_over(nobody):
    folder, call, _ = nobody
    root = make_course(folder / "course")
    (folder / "theirs").mkdir(mode=0o700)
    result = call(root, "start", VIRTUAL_ENV=str(folder / "theirs"))
    assert f"active environment {folder / 'theirs'} does not have this course" in result.stdout
    assert "cannot be written" in sentence(result)
