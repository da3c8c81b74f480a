"""Stock nbgrader, by its own commands: collects a submission, gives partial marks, writes feedback."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from small_course import HALF, NAME, ROOT, cell, make_course, write_solution

from lib.assignments.hand_in import hand_in
from lib.assignments.originals import files_of
from lib.assignments.release import release


@pytest.fixture
def root(tmp_path, monkeypatch):
    (tmp_path / "user").mkdir()
    (tmp_path / "user" / "secret").write_text("0123456789abcdef" * 4, "utf-8")
    monkeypatch.setenv("COURSE_JUPYTER", str(tmp_path / "user"))
    monkeypatch.setenv("COURSE_SECRET", str(tmp_path / "user" / "secret"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return make_course(tmp_path / "course")


def nbgrader(root, *arguments):
    """Runs one of nbgrader's commands; alembic is not on PATH, as where no environment is active."""
    env = {
        **os.environ,
        "PATH": os.pathsep.join(["/usr/bin", "/bin"]),
        "JUPYTER_CONFIG_DIR": str(root / "none"),
    }
    env |= {"JUPYTER_PREFER_ENV_PATH": "1", "NO_COLOR": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments], cwd=root, env=env, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.family(share=6)
def test_a_submission_is_collected_and_gets_the_marks_of_the_parts_that_are_right(root, monkeypatch):
    (folder,) = release([], root)
    made = files_of(folder)
    assert not (root / "gradebook.db").exists()
    nbgrader(root, "generate_assignment", NAME, "--force")
    assert files_of(folder) == made  # with a gradebook as without one
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        version = (
            gradebook.db.connection().exec_driver_sql("select version_num from alembic_version").scalar()
        )
    assert version  # the gradebook is whole

    write_solution(folder / f"{NAME}.ipynb", HALF)
    (folder / "helper.py").write_text("ONE = 1\n", "utf-8")
    monkeypatch.setattr("lib.assignments.hand_in.run_all", lambda notebook, folder, seconds: "")
    file = hand_in("a2", "ada", root=root, say=lambda text: None)
    archive = root / "downloaded" / NAME / "archive"
    archive.mkdir(parents=True)
    shutil.copy(file, archive / "Lovelace_Ada_12345_assignsubmission_file_a2-ada-1.zip")
    (archive / "readme.txt").write_text("of the platform", "utf-8")
    nbgrader(root, "zip_collect", NAME)
    submitted = root / "submitted" / "ada" / NAME
    assert sorted(files_of(submitted)) == [f"{NAME}.ipynb", "helper.py"]

    nbgrader(root, "autograde", NAME)
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        submission = gradebook.find_submission(NAME, "ada")
        marks = {grade.name: (grade.auto_score, grade.max_score) for grade in submission.notebooks[0].grades}
    assert marks == {"linear-marks": (19.0, 25.0), "why": (None, 5.0)}

    nbgrader(root, "generate_feedback", NAME)
    assert (root / "feedback" / "ada" / NAME / f"{NAME}.html").is_file()
    graded = nbformat.read(root / "autograded" / "ada" / NAME / f"{NAME}.ipynb", 4)
    assert "grad_weight" in str(cell(graded, "linear-marks").outputs)


def test_only_files_of_the_assignment_that_is_collected_count():
    import re

    from traitlets.config.loader import PyFileConfigLoader

    path = os.environ["PATH"]
    config = PyFileConfigLoader("nbgrader_config.py", path=str(ROOT)).load_config()
    os.environ["PATH"] = path
    named = re.compile(config.FileNameCollectorPlugin.named_regexp)
    place = "/course/downloaded/a1_images/extracted"
    for inside in ("a1-ada/ada", "a1_images/any name (1)/ada", "x/y/z/ada"):
        found = named.match(f"{place}/{inside}/a1_images/a1_images.ipynb")
        assert (found["student_id"], found["file_id"]) == ("ada", "a1_images")
    assert named.match(f"{place}/x/ada/a1_images/predictions.csv")["file_id"] == "predictions"
    assert (
        named.match(place.replace("/", "\\") + "\\x\\ada\\a1_images\\a1_images.ipynb")["student_id"] == "ada"
    )
    assert not named.match(f"{place}/x/ada/a2_gradients/a2_gradients.ipynb")
    assert not named.match(f"{place}/loose.ipynb")


IGNORED = [
    "gradebook.db", "gradebook.db.2026-11-28", "submitted/ada/a1/a1.ipynb", "autograded/ada/a1/a1.ipynb",
    "feedback/ada/a1/a1.html", "downloaded/a1/archive/a1-ada.zip", "handed-in/a1-ada.zip", "students.zip",
    "assignments/kept/a1_x-2026-11-28-1430/a1_x.ipynb", "secret", "course.secret",
    "solutions/a1_x/.ipynb_checkpoints/a1_x.ipynb",
]  # fmt: skip


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="a copy without git")
def test_no_student_s_work_grade_or_secret_gets_into_a_commit():
    asked = subprocess.run(
        ["git", "-C", str(ROOT), "check-ignore", "--no-index", *IGNORED], capture_output=True, text=True
    )
    assert asked.stdout.split("\n")[:-1] == IGNORED
    kept = ["assignments/a1_x/a1_x.ipynb", "solutions/a1_x/a1_x.ipynb", "lib/assignments/originals/a1_x.zip"]
    asked = subprocess.run(["git", "-C", str(ROOT), "check-ignore", "--no-index", *kept], capture_output=True)
    assert asked.stdout == b""


def test_nothing_of_it_is_in_the_repository_today():
    if not (ROOT / ".git").exists():
        pytest.skip("a copy without git")
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files"], capture_output=True, text=True
    ).stdout.split("\n")
    tops = {"submitted", "autograded", "feedback", "downloaded", "handed-in"}
    assert [path for path in listed if Path(path).parts and Path(path).parts[0] in tops] == []
    assert [path for path in listed if "gradebook.db" in path or path.endswith("secret")] == []
