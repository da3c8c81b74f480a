"""Names that are not UTF-8 or that a terminal obeys, links to nowhere, unreadable places, no home folder."""

import io
import os
import pwd
import subprocess
import sys
import tarfile
import threading
import zipfile

import pytest
from cifar10_forms import class_folders, picture, put, python, tiny
from numpy.testing import assert_array_equal

from data_loaders import load, load_cifar10, load_dataset, places, usual_places
from data_loaders.cifar10 import _short
from data_loaders.convert import write_cifar10
from data_loaders.looks import printable, say

if sys.platform != "linux":
    pytest.skip("names that are not UTF-8, and /proc", allow_module_level=True)

DATASET = tiny()
BATCHES, FOLDERS = python(DATASET, 2), class_folders(DATASET)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    for name in ("HOME", "COURSE_DATA", "XDG_CACHE_HOME"):
        (tmp_path / name).mkdir()
        monkeypatch.setenv(name, str(tmp_path / name))
    for name in ("HF_HOME", "HF_HUB_CACHE", "KERAS_HOME", "FASTAI_HOME", "COURSE_DATASET"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "HOME"


def tarred(files, path):
    with tarfile.open(path, "w:gz", errors="surrogateescape") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


# Names.

NAMES = [
    "x\udcff",
    "\udc80\udcfe",
    "é",
    "a\nb",
    "\x1b]0;owned\x07\x1b[2J",
    "\u202egnp",
    "a\tb",
    "ﬀ\U0001f40d",
]


@pytest.mark.family(share=3)
@pytest.mark.parametrize("name", NAMES)
def test_good_data_under_any_name_are_loaded(name, home, capsys):
    root = put(BATCHES, home / name)
    for _ in range(2):
        dataset = load_cifar10(root)
        assert_array_equal(dataset.test.images, DATASET.test.images)
        assert dataset.origin.isprintable()
    out = capsys.readouterr().out
    assert out.replace("\n", "").isprintable()
    assert out.count("\n") == 2


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_of_any_name_is_read(name, home):
    pixels = load_cifar10(
        put(FOLDERS | {f"train/cat/{name}.png": FOLDERS["test/cat/3.png"]}, home / "x")
    ).train
    assert len(pixels) == len(DATASET.train) + 1


@pytest.mark.family(share=3)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("pack", [put, tarred])
def test_an_error_never_shows_a_name_as_it_is(name, pack, home, capsys):
    root = pack(FOLDERS | {f"train/cat/{name}.png": b"x"}, home / "x.tar.gz")
    with pytest.raises(ValueError, match=r"x\.tar\.gz: train/cat/") as error:
        load_cifar10(root)
    assert str(error.value).isprintable()
    assert error.value.__cause__ is None or str(error.value.__cause__).isprintable()


def test_a_copy_that_cannot_be_read_is_told_on_any_screen(home):
    """Strict UTF-8 and strict ASCII: a line is printed, and the lecture goes on with the other copy."""
    (home / "Downloads").mkdir()
    tarred(FOLDERS | {"train/cat/x\udcffé\x1b[2J.png": b"x"}, home / "Downloads" / "cifar-10-python.tar.gz")
    put(BATCHES, home / "Downloads" / "cifar10")
    for encoding in ("utf-8:strict", "ascii:strict"):
        done = subprocess.run(
            [
                sys.executable,
                "-c",
                "import data_loaders; print(len(data_loaders.load_dataset('auto').train))",
            ],
            env={**os.environ, "PYTHONIOENCODING": encoding},
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert b"\n20\n" in done.stdout
        assert b"\x1b" not in done.stdout


def test_what_is_printed_keeps_its_letters(capsys):
    assert printable("a é 32×32 …") == "a é 32×32 …"
    assert printable("\x1b[2J\udcff\n") == r"\x1b[2J\udcff\n"
    say("é\n")
    assert capsys.readouterr().out == "é\\n\n"


# Links, and places that cannot be read.


@pytest.mark.family(share=3)
@pytest.mark.parametrize("kind", ["itself", "circle", "nowhere", "pipe"])
@pytest.mark.parametrize("name", ["cifar-10-binary.tar.gz", "cifar-10-batches-py", "cifar10.zip"])
def test_a_bad_entry_hides_no_good_one(kind, name, home):
    folder = home / "Downloads"
    folder.mkdir()
    tarred(BATCHES, folder / "cifar-10-python.tar.gz")
    if kind == "pipe":
        os.mkfifo(folder / name)
    elif kind == "circle":
        (folder / name).symlink_to("other")
        (folder / "other").symlink_to(name)
    else:
        (folder / name).symlink_to(name if kind == "itself" else "nowhere")
    assert_array_equal(load_cifar10().test.images, DATASET.test.images)


@pytest.mark.parametrize("below", ["", "deeper/"])
def test_a_link_to_itself_in_a_good_folder_is_passed_over(below, home):
    root = put({below + name: content for name, content in BATCHES.items()}, home / "good")
    (root / "loop1").symlink_to("loop1")
    (root / below / "loop2").symlink_to("loop2")
    (root / "zero").symlink_to("/dev/zero")
    assert_array_equal(load_cifar10(root).test.images, DATASET.test.images)


@pytest.mark.parametrize("target", ["/proc/self/mem", "/proc/self/pagemap", "/proc/self/maps"])
def test_a_batch_that_leads_into_proc_is_refused_by_name(target, home):
    for name, files in (("data_batch_2", BATCHES), ("train/cat/3.png", FOLDERS)):
        root = put(files, home / name.replace("/", "-"))
        (root / name).unlink()
        (root / name).symlink_to(target)
        with pytest.raises(ValueError, match=str(root)):
            load_cifar10(root)
    for name in ("cifar10.npz", "cifar-10-python.tar.gz", "data_batch_1"):
        (home / name).symlink_to(target)
        with pytest.raises(ValueError, match=r"expected .*, got "):
            load_cifar10(home / name)


@pytest.mark.parametrize("root", ["/proc/self/mem", "/proc/self/fd", "/proc/self/task", "/proc/self/maps"])
def test_a_root_in_proc_is_refused_by_name(root):
    with pytest.raises(ValueError, match=r"expected .*, got .*proc|proc.*expected .*, got "):
        load_cifar10(root)


def test_a_folder_that_cannot_be_read_is_refused_by_name(home, monkeypatch):
    root = put(BATCHES, home / "x")
    scandir = os.scandir

    def closed(path):
        if str(path).rstrip("/").endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    (root / "closed").mkdir()
    monkeypatch.setattr(os, "scandir", closed)
    with pytest.raises(
        ValueError, match=r"closed: expected a folder that can be read, got .*Permission denied"
    ):
        load_cifar10(root)


@pytest.mark.parametrize("root", ["a" * 5000, "~" + "b" * 300, "x/" * 3000])
def test_a_long_path_is_cut_in_the_error(root):
    from pathlib import Path

    for given in (root, Path(root)):
        with pytest.raises(
            ValueError, match="root: expected the path of a folder or an archive, got '"
        ) as error:
            load_cifar10(given)
        assert len(str(error.value)) < 200


# No home folder.


@pytest.fixture
def homeless(monkeypatch):
    """As in containers: no HOME, and a user without an entry in the list of users."""

    def unknown(_):
        raise KeyError("no such user")

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    monkeypatch.setattr(pwd, "getpwnam", unknown)
    for name in ("HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name)


@pytest.mark.usefixtures("homeless")
def test_without_a_home_folder_data_are_found_and_cached(tmp_path):
    assert places.home() is None
    put(BATCHES, tmp_path / "COURSE_DATA" / "cifar-10-batches-py")
    assert_array_equal(load_dataset("auto").test.images, DATASET.test.images)
    assert (tmp_path / "COURSE_DATA" / "cache").is_dir()


@pytest.mark.usefixtures("homeless")
def test_without_a_home_folder_the_data_folder_is_the_courses_own(monkeypatch):
    monkeypatch.delenv("COURSE_DATA")
    assert places.data_folder() == places.COURSE / "data"
    assert all(folder.is_absolute() for folder in usual_places.folders())
    monkeypatch.setenv("HF_HOME", "/hub")
    monkeypatch.setenv("KERAS_HOME", "/keras")
    assert places.Path("/keras/datasets") in usual_places.folders()
    assert _short(places.Path("/a/b")) == "/a/b"


@pytest.mark.parametrize("chosen", ["~nobody12/x", "~nobody12", "~\udcff/x", "~" + "x" * 900])
def test_the_home_of_nobody_is_a_sentence(chosen, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", chosen)
    monkeypatch.setattr(load, "load_shapes10", lambda: DATASET)
    message = "COURSE_DATA: expected the path of a folder, got '~"
    with pytest.warns(UserWarning, match=message):
        assert load_dataset("auto") is DATASET
    with pytest.raises(ValueError, match=message) as error:
        load_dataset("cifar10")
    assert str(error.value).isprintable()
    assert len(str(error.value)) < 250


@pytest.mark.usefixtures("homeless")
@pytest.mark.parametrize("chosen", ["~", "~/x"])
def test_a_home_that_is_not_there_is_a_sentence(chosen, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", chosen)
    with pytest.raises(ValueError, match="COURSE_DATA: expected the path of a folder, got '~"):
        places.data_folder()


# Writers at once.


@pytest.mark.parametrize("exists", [False, True])
def test_of_several_writers_one_writes_and_the_others_say_so(exists, tmp_path):
    if exists:
        (tmp_path / "out").mkdir()
    outcomes = []

    def write():
        try:
            outcomes.append(write_cifar10(DATASET, tmp_path / "out", "png"))
        except Exception as error:
            outcomes.append(error)

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(outcome == tmp_path / "out" for outcome in outcomes) == 1
    others = [outcome for outcome in outcomes if outcome != tmp_path / "out"]
    assert [type(outcome) for outcome in others] == [FileExistsError] * 2
    assert all(
        str(outcome).startswith("folder: expected a new or an empty folder, got") for outcome in others
    )
    assert [path.name for path in tmp_path.iterdir() if "out" in path.name] == ["out"]
    assert picture(DATASET.train.images[0]) == (tmp_path / "out/train/airplane/00000.png").read_bytes()
    assert zipfile.is_zipfile(tmp_path / "out") is False
