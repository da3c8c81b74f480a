"""An update of the course by git pull and by nbgitpuller, with a student at work."""

import os
import shutil
import subprocess
import sys

import pytest
from small_lectures import ASSIGNMENT, FIRST, SECOND, make_course, run_all, write_into

from lib.assignments.originals import files_of
from lib.assignments.working import update_copies
from lib.lessons.copies import BESIDE

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="there is no git")
GITPULLER = shutil.which("gitpuller") or shutil.which("gitpuller", path=str(sys.prefix) + "/bin")
IGNORED = ".ipynb_checkpoints/\n/work/\n"  # as the course's own .gitignore has it


def git(folder, *words):
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    return subprocess.run(
        ["git", *who, "-C", str(folder), *words], check=True, capture_output=True, text=True
    ).stdout


def publish(upstream, version):
    make_course(upstream, version)
    git(upstream, "add", "-A")
    git(upstream, "commit", "-qm", f"version {version}")


@pytest.fixture
def upstream(tmp_path):
    folder = tmp_path / "upstream"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    (folder / ".gitignore").write_text(IGNORED)
    publish(folder, 1)
    return folder


def pull(upstream, root):
    if root.exists():
        git(root, "pull", "-q", "--ff-only")
    else:
        git(root.parent, "clone", "-q", str(upstream), str(root))


def gitpuller(upstream, root):
    subprocess.run([GITPULLER, str(upstream), "main", str(root)], check=True, capture_output=True)


UPDATES = [
    pytest.param(pull, id="git pull"),
    pytest.param(
        gitpuller,
        id="gitpuller",
        marks=pytest.mark.skipif(
            not GITPULLER and "CI" not in os.environ, reason="nbgitpuller is not installed"
        ),
    ),
]


@pytest.mark.parametrize("update", UPDATES)
def test_an_update_never_conflicts_with_what_a_student_wrote(upstream, tmp_path, update):
    root = tmp_path / "home" / "course"
    root.parent.mkdir()
    update(upstream, root)
    work = root / "work"
    update_copies(work, root)
    mine, theirs = write_into(work / SECOND), write_into(work / ASSIGNMENT, "answer")
    for version in (2, 3):
        publish(upstream, version)
        update(upstream, root)
        update_copies(work, root)
        assert (root / SECOND).read_bytes() == (upstream / SECOND).read_bytes()
        assert (work / FIRST).read_bytes() == (upstream / FIRST).read_bytes()
        assert (work / SECOND).read_bytes() == mine
        assert (work / ASSIGNMENT).read_bytes() == theirs
        (new,) = [name for name in files_of(work) if BESIDE.fullmatch(name) and name.startswith("lectures")]
        assert (work / new).read_bytes() == (upstream / SECOND).read_bytes()
    assert git(root, "status", "--porcelain") == ""


def test_a_lecture_that_was_written_into_before_there_were_copies_is_a_student_s(upstream, tmp_path):
    root, work = tmp_path / "course", tmp_path / "work"
    pull(upstream, root)
    mine = write_into(root / SECOND)
    update_copies(work, root)
    assert (work / SECOND).read_bytes() == mine
    run_all(root / SECOND)  # there the same is run once more
    update_copies(work, root)
    git(root, "checkout", "-q", "--", "lectures")
    publish(upstream, 2)
    pull(upstream, root)
    update_copies(work, root)
    assert (work / SECOND).read_bytes() == mine
    assert (work / FIRST).read_bytes() == (root / FIRST).read_bytes()


def test_a_lecture_that_was_only_run_before_there_were_copies_is_the_course_s(upstream, tmp_path):
    root, work = tmp_path / "course", tmp_path / "work"
    pull(upstream, root)
    (root / SECOND).write_bytes((root / SECOND).read_bytes().replace(b"null", b"7"))  # number of a run
    update_copies(work, root)
    git(root, "checkout", "-q", "--", "lectures")
    publish(upstream, 2)
    pull(upstream, root)
    update_copies(work, root)
    assert (work / SECOND).read_bytes() == (root / SECOND).read_bytes()
