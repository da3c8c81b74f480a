"""The students' copy: the course without any answer, in which all checks say the same."""

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from in_a_bundle import reports
from small_course import ROOT

from lib.assignments.bundle import (
    FOLDER,
    assignment_tasks,
    bundle,
    bundle_files,
    course_files,
    recorded_values,
    without_answers,
    without_dead_links,
)
from lib.assignments.leaks import telling
from lib.assignments.originals import write_files
from lib.tasks.known import has_answers
from lib.tasks.task import find_task

ANSWERS = sorted(ROOT.glob("lib/tasks/a*/answers/[!_]*.py"))
# Where students look first. Elsewhere stands what the course teaches: lectures, and the layers of lib.nn.
OURS = ("assignments/", "lib/tasks/", "lib/assignments/")


@pytest.fixture(scope="module")
def files():
    return without_answers(ROOT)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, files):
    place = tmp_path_factory.mktemp("students") / "course"
    write_files(place, files)
    return place


def test_it_has_all_that_students_need_and_nothing_of_the_instructors(files):
    assert {path.split("/")[0] for path in files} <= {
        ".gitignore", "CHANGELOG.md", "CITATION.cff", "CONTRIBUTING.md", "LICENSE", "LICENSE-lectures",
        "README.md", "assignments", "constraints.txt", "course.py", "data_loaders", "docs", "environment.yml",
        "lectures", "lib", "pyproject.toml",
    }  # fmt: skip
    for path in (
        "course.py",
        "lib/cli.py",
        "lib/nn/linear.py",
        "lectures/00_start_here.ipynb",
        "docs/students.md",
    ):
        assert files[path] == (ROOT / path).read_bytes()
    instructors = re.compile(
        r"answers|errata|secret($|\.txt)|solutions|\.git/|gradebook|handed-in|__pycache__|instructors"
    )
    assert [path for path in files if instructors.search(path)] == []


def test_exercises_of_lectures_are_there_with_their_solutions(files):
    for path in sorted(ROOT.glob("lib/tasks/lecture_*/*.py")):
        assert files[path.relative_to(ROOT).as_posix()] == path.read_bytes()
    assert "lib/tasks/lecture_05/add_gate.py" in files


def test_exercises_of_lectures_are_checked_there(folder):
    program = (
        "from lib.tasks import assess, find_task\n"
        "task = find_task('05.add_gate')\n"
        "print(assess(task, task.given(), [0]), task.wrong_answers[0].name)"
    )
    env = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    call = [sys.executable, "-P", "-c", program]
    done = subprocess.run(call, cwd=folder, env=env, capture_output=True, text=True, check=True)
    assert done.stdout == "AddGate: right LocalAlone\n"


def test_every_assignment_is_there_as_it_was_released(files):
    for path in sorted((ROOT / "assignments").rglob("*.ipynb")):
        if "kept" not in path.parts:
            assert files[path.relative_to(ROOT).as_posix()] == path.read_bytes()


def test_no_link_of_the_readme_leads_nowhere(files):
    for page in ("README.md", "docs/students.md"):
        for link in re.findall(r"\]\(([\w./-]+)\)", files[page].decode()):
            assert os.path.normpath(os.path.join(os.path.dirname(page), link)) in files, link


@pytest.mark.parametrize("path", ANSWERS, ids=lambda path: f"{path.parts[-3]}.{path.stem}")
def test_no_line_of_an_answer_is_in_tasks_or_assignments(path, files):
    lines = {line for line in telling(path.read_text("utf-8")) if len(line) >= 20}
    assert lines
    said = {
        name: content.decode("utf-8", "replace") for name, content in files.items() if name.startswith(OURS)
    }
    assert len(said) > 20
    found = {name: [line for line in lines if line in text] for name, text in said.items()}
    assert {name: lines for name, lines in found.items() if lines} == {}


def long_names(task):
    """The names of wrong answers that are more than one word: one alone, such as zeros, may stand there."""
    return {wrong.name for wrong in task.wrong_answers if re.search(r"._.|[A-Z].*[A-Z]", wrong.name)}


@pytest.mark.parametrize("name", assignment_tasks())
def test_no_name_of_a_wrong_answer_is_there(name, files):
    task = find_task(name)
    assert has_answers(task)
    names = long_names(task)
    for path, content in files.items():
        if path.startswith(OURS):
            words = set(re.findall(r"\w+", content.decode("utf-8", "replace")))
            assert names & words == set(), path


@pytest.mark.family(share=8)
@pytest.mark.parametrize("name", assignment_tasks())
def test_checks_say_there_what_they_say_with_answers(name, folder):
    recorded = recorded_values(ROOT, [name])
    ((path, content),) = recorded.items()
    assert path == f"lib/tasks/{name.replace('.', '/recorded/')}.json"
    assert len(content) < 5_000_000
    task = find_task(name)
    assert long_names(task) & set(re.findall(r"\w+", content.decode())) == set()
    numbers = range(1, len(task.wrong_answers) + 1)
    assert [wrong["name"] for wrong in json.loads(content)["wrong"]] == [f"wrong {k}" for k in numbers]
    write_files(folder, recorded)

    env = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    script = Path(__file__).with_name("in_a_bundle.py")
    call = [sys.executable, "-P", script, ROOT / "lib" / "tasks", name]
    done = subprocess.run(call, cwd=folder, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert Path(found["lib"]).is_relative_to(folder)
    assert found["here"] is False
    assert found["said"] == reports(name, task.references, task.wrong_answers)


@pytest.mark.family(share=3)
def test_commands_for_instructors_say_there_that_they_are(folder):
    env = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    for command in ("release", "bundle", "test"):
        call = [sys.executable, "-P", "-m", "lib.cli", command]
        done = subprocess.run(call, cwd=folder, env=env, capture_output=True, text=True)
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        assert re.search("instructors'|students' copies lack it", done.stderr), done.stderr


def test_grading_stays_with_the_instructors_and_the_commands_say_so(files, folder):
    assert [path for path in files if path.startswith("lib/grading") or "sandbox" in path] == []
    variables = {**os.environ, "PYTHONPATH": str(folder)}
    (folder / "solutions").mkdir(exist_ok=True)  # as a student may, who wants to try
    for arguments in (["grade", "a1"], ["submissions", "list", "a1"], ["grades"]):
        command = [sys.executable, "-m", "lib.cli", *arguments]
        run = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True)
        assert run.returncode == 1
        assert "expected the instructors' copy of the course" in run.stderr
        assert "Traceback" not in run.stderr
    (folder / "solutions").rmdir()


def test_the_archive_is_the_same_every_time_and_holds_the_same_files(files, tmp_path, monkeypatch):
    monkeypatch.setattr("lib.assignments.bundle.bundle_files", lambda root: files)
    one, other = bundle(tmp_path / "one.zip"), bundle(tmp_path / "other.zip")
    assert one.read_bytes() == other.read_bytes()
    with zipfile.ZipFile(one) as archive:
        assert {name: archive.read(f"{FOLDER}/{name}") for name in files} == files
        assert len(archive.namelist()) == len(files)


@pytest.mark.family(share=8)
@pytest.mark.timeout(900)
def test_the_whole_copy_has_the_values_of_every_task_and_the_same_bytes_every_time(files):
    whole = bundle_files(ROOT)
    recorded = {path for path in whole if "/recorded/" in path}
    assert recorded == {f"lib/tasks/{name.replace('.', '/recorded/')}.json" for name in assignment_tasks()}
    assert {path: content for path, content in whole.items() if path not in recorded} == files
    assert bundle_files(ROOT) == whole


def test_a_folder_in_which_something_lies_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr("lib.assignments.bundle.bundle_files", lambda root: {"README.md": b"new"})
    (tmp_path / "README.md").write_text("mine", "utf-8")
    with pytest.raises(
        ValueError, match=r"to: expected a name ending in \.zip, or a folder that is new or empty"
    ):
        bundle(tmp_path)
    assert (tmp_path / "README.md").read_text("utf-8") == "mine"
    bundle(tmp_path / "new" / "folder")
    assert (tmp_path / "new" / "folder" / "README.md").read_bytes() == b"new"


def test_without_git_the_same_files_are_taken(files, monkeypatch):
    known = set(course_files(ROOT))
    monkeypatch.setattr("shutil.which", lambda name: None)
    found = set(course_files(ROOT))
    untracked = ["git", "-C", str(ROOT), "ls-files", "--others", "--exclude-standard"]
    new = subprocess.run(untracked, capture_output=True, text=True).stdout.split()
    assert found - known - set(new) == set()
    assert set(files) - {path for path in files if path.startswith("assignments/")} <= found


def test_lines_with_dead_links_go():
    text = "a [x](docs/x.md)\nb\nc [y](docs/y.md), [z](https://example.org/z.md)\n"
    assert without_dead_links(text, {"docs/y.md"}) == "b\nc [y](docs/y.md), [z](https://example.org/z.md)\n"


def test_students_hand_in_from_the_terminal_without_the_board_itself(files, folder):
    assert "lib/leaderboard/submit.py" in files
    assert [
        path for path in files if path.startswith(("lib/leaderboard/board", "lib/leaderboard/site"))
    ] == []
    env = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    call = [sys.executable, "-P", "-m", "lib.cli", "submit", "--to", "here", __file__]
    done = subprocess.run(call, cwd=folder, env=env, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("course: test_bundle.py, line 1: expected the header id,label")
