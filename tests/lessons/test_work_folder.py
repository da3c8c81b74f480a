"""Where a student works, and what `course start` opens there."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from lib import cli
from lib.lessons import work
from lib.lessons.sources import parsed_cells
from lib.lessons.work import can_be_written, work_folder

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def no_folder_is_chosen(monkeypatch):
    monkeypatch.delenv("COURSE_WORK", raising=False)


def test_a_course_that_can_be_written_holds_the_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(work, "ROOT", tmp_path)
    assert work_folder() == tmp_path / "work"
    assert list(tmp_path.iterdir()) == []


def test_a_read_only_course_leaves_it_to_the_user_s_data_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(work, "can_be_written", lambda folder: False)
    monkeypatch.setattr("platformdirs.user_data_dir", lambda name: str(tmp_path / name))
    assert work_folder() == tmp_path / "deep-vision-course" / "work"


@pytest.mark.parametrize("chosen", ["mine", "./mine", "~/mine", "/somewhere/mine"])
def test_a_folder_may_be_chosen(chosen, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("COURSE_WORK", chosen)
    expected = {"~/mine": tmp_path / "mine", "/somewhere/mine": Path("/somewhere/mine")}.get(
        chosen, ROOT / "mine"
    )
    assert work_folder() == expected


def test_a_file_cannot_be_the_folder(monkeypatch, tmp_path):
    (tmp_path / "mine").write_text("")
    monkeypatch.setenv("COURSE_WORK", str(tmp_path / "mine"))
    with pytest.raises(
        ValueError, match=r"COURSE_WORK: expected the path of a folder, got .*, which is a file"
    ):
        work_folder()


def test_a_file_in_the_place_of_the_folder_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(work, "ROOT", tmp_path)
    (tmp_path / "work").write_text("mine")
    with pytest.raises(ValueError, match="work: expected a folder for your copies, got the file"):
        work_folder()


def test_a_user_without_a_home_in_a_read_only_course_is_told_what_to_set(monkeypatch):
    def no_home(name):
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(work, "can_be_written", lambda folder: False)
    monkeypatch.setattr("platformdirs.user_data_dir", no_home)
    with pytest.raises(ValueError, match="set COURSE_WORK to a folder of yours"):
        work_folder()


def test_whether_a_folder_can_be_written_is_asked_of_the_file_system(tmp_path):
    assert can_be_written(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert not can_be_written(tmp_path / "missing")
    (tmp_path / "file").write_text("")
    assert not can_be_written(tmp_path / "file")


def as_another_user(home):
    """The beginning of a command for a user who owns `home`, and nothing else."""
    os.chown(home, 65534, 65534)
    return ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]


def without_writing(home):
    """The beginning of a command that can write nowhere but in `home`, not even as root."""
    return [
        "bwrap",
        "--ro-bind",
        "/",
        "/",
        "--proc",
        "/proc",
        "--dev",
        "/dev",
        "--bind",
        str(home),
        str(home),
    ]


@pytest.fixture
def home():
    """A home that any user can be given: the folders above pytest's own are closed."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.mark.parametrize("how", [as_another_user, without_writing])
@pytest.mark.family(share=2)
def test_a_course_folder_that_is_really_read_only(how, home):
    """Copies, progress and a notebook that imports lib, for somebody who cannot write into the course."""
    try:
        before = how(home)
        look = [*before, sys.executable, "-c", "import numpy"]
        works = subprocess.run(look, capture_output=True, cwd=home).returncode == 0
    except OSError:  # there is no such program here, or only root may give folders away
        works = False
    if not works:
        pytest.skip(f"{how.__name__}: not possible here")
    environment = {"HOME": str(home), "PATH": os.environ["PATH"], "COURSE_QUICK": "1"}

    def course(*words):
        program = [*before, sys.executable, "-m", "lib.cli", *words]
        return subprocess.run(program, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=200)

    there = home / ".local" / "share" / "deep-vision-course" / "work"
    started = course("start", "--copies")
    assert (started.returncode, started.stderr) == (0, "")
    assert started.stdout == f"Your copies of lectures and assignments: {there}\n"
    copies = sorted(path.name for path in (there / "lectures").iterdir())
    assert copies == sorted(path.name for path in (ROOT / "lectures").glob("*.ipynb"))
    program = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
    program += "from lib.lessons.progress import note_passed; note_passed('05.add_gate')"
    subprocess.run(
        [*before, sys.executable, "-c", program], env=environment, cwd=there / "lectures", check=True
    )
    assert "05.add_gate" in json.loads((there / "progress.json").read_text())["passed"]
    (there / "lectures" / copies[5]).write_text("mine")
    assert course("reset", "05").returncode == 0
    assert [path.read_text() for path in (there / "kept").iterdir()] == ["mine"]


def test_start_opens_the_copies_and_for_instructors_the_originals(tmp_path, monkeypatch, capsys):
    opened = []
    monkeypatch.setenv("COURSE_WORK", str(tmp_path / "work"))
    monkeypatch.setattr(
        "lib.jupyter.start.start", lambda further, **options: opened.append((further, options))
    )
    assert cli.main(["start", "--instructor", "--port", "9000"]) == 0
    assert opened == [(["--port", "9000"], {"instructor": True})]
    assert not (tmp_path / "work").exists()
    assert cli.main(["start", "--no-browser"]) == 0
    assert opened[1:] == [(["--no-browser"], {"folder": tmp_path / "work"})]
    assert (tmp_path / "work" / "lectures" / "00_start_here.ipynb").exists()
    assert f"Your copies of lectures and assignments: {tmp_path / 'work'}" in capsys.readouterr().out
    assert cli.main(["start", "--copies"]) == 0
    assert len(opened) == 2


def test_a_demo_needs_no_copies(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_WORK", str(tmp_path / "work"))
    monkeypatch.setattr("lib.jupyter.demo.start", lambda arguments, **options: None)
    assert cli.main(["demo", "slope"]) == 0
    assert not (tmp_path / "work").exists()


def test_reset_from_the_command_line(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_WORK", str(tmp_path))
    cli.main(["start", "--copies"])
    path = tmp_path / "lectures" / "05_backpropagation.ipynb"
    path.write_text("mine")
    assert cli.main(["reset", "5"]) == 0
    out = capsys.readouterr().out
    assert f"{path} is as it was released; your version lies in {tmp_path / 'kept'}" in out
    assert "Reload Notebook from Disk" in out
    assert cli.main(["reset", "99"]) == 1
    assert "name: expected one of 00, 01," in capsys.readouterr().err


def links(path):
    """The relative links in the Markdown of a notebook."""
    texts = [cell["source"] for cell in parsed_cells(path.read_bytes()) if cell["cell_type"] == "markdown"]
    found = [part.partition(")")[0] for text in texts for part in text.split("](")[1:]]
    return {link.partition("#")[0] for link in found if not link.startswith(("#", "http"))}


def notebooks():
    return [
        pytest.param(path, id=path.stem)
        for folder in ("lectures", "assignments")
        for path in sorted((ROOT / folder).rglob("*_*.ipynb"))
        if "kept" not in path.parts
    ]


@pytest.mark.parametrize("path", notebooks())
def test_links_of_lectures_and_assignments_stay_among_the_copies(path):
    for link in links(path):
        target = (path.parent / link).resolve()
        assert target.is_file(), link
        assert target.relative_to(ROOT).parts[0] in ("lectures", "assignments"), link


@pytest.mark.skipif(not shutil.which("git"), reason="there is no git")
def test_git_does_not_see_the_folder():
    command = ["git", "-C", str(ROOT), "check-ignore", "work/lectures/05_backpropagation.ipynb"]
    assert not (ROOT / ".git").exists() or subprocess.run(command, capture_output=True).returncode == 0


def test_a_folder_that_cannot_be_made_is_said_with_what_to_set(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COURSE_WORK", str(tmp_path / "file" / "work"))
    assert cli.main(["start", "--copies"]) == 1
    assert "COURSE_WORK to folders of yours" in capsys.readouterr().err
