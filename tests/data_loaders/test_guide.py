"""What docs/instructors.md says of data is so: forms are listed, and found in COURSE_DATA under any name."""

import re
import shutil
from pathlib import Path

import pytest
from cifar10_forms import (
    binary,
    class_folders,
    hugging_face,
    kaggle,
    matlab,
    npz,
    put,
    put_tar,
    put_zip,
    python,
    tiny,
    torch7_assignment,
    torch7_batches,
    torch7_tables,
)

from data_loaders import any_name, formats, load_cifar10, load_dataset, places, usual_places
from data_loaders.convert import WRITERS, write_cifar10
from data_loaders.files import entry_kind, glimpse
from lib.doctor.data import check_data

GUIDE = (Path(__file__).parents[2] / "docs" / "instructors.md").read_text("utf-8")
TINY = tiny()
MAKE = {
    "python": lambda d: python(d, 2),
    "binary": binary,
    "matlab": matlab,
    "torch7, assignment": torch7_assignment,
    "torch7, batches": torch7_batches,
    "torch7, tables": torch7_tables,
    "parquet": hugging_face,
    "arrow": lambda d: hugging_face(d, arrow=True),
    "kaggle": kaggle,
    "class folders": class_folders,
    "npz": npz,
}
QUICK = ("python", "binary", "class folders", "kaggle", "npz")


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    """COURSE_DATA, on a computer without other data."""
    monkeypatch.setattr(places, "COURSE", tmp_path / "course")
    for name in ("XDG_CACHE_HOME", "HF_HOME", "HF_HUB_CACHE", "KERAS_HOME", "FASTAI_HOME", "COURSE_DATASET"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "D"))
    (tmp_path / "D").mkdir()
    return tmp_path / "D"


def test_every_form_is_in_the_list_of_the_guide():
    listed = dict(re.findall(r"^\| ([^|`]+) \| `(.+?)`", GUIDE, re.MULTILINE))
    assert listed == {form.TITLE: form.HOLDS for form in formats.FORMS}


def test_the_names_of_the_guide_are_usual_ones():
    for name in ("cifar-10-batches-py", "cifar-10-python.tar.gz", "cifar10"):
        assert f"`{name}`" in GUIDE
        assert any(stem == name.removesuffix(".tar.gz") for stem in usual_places.usual_names.STEMS)


@pytest.mark.parametrize("make", MAKE)
@pytest.mark.parametrize("name", ["python", "My data (2026)"])
def test_a_folder_of_any_name_is_found(make, name, data):
    put({f"some/folder/{file}": content for file, content in MAKE[make](TINY).items()}, data / name)
    assert list(usual_places.found()) == [data / name]


@pytest.mark.parametrize("make", MAKE)
def test_the_files_may_lie_in_course_data_itself(make, data):
    put(MAKE[make](TINY), data)
    (copy,) = usual_places.found()
    own = {"npz": data / "cifar10.npz", "parquet": data / "plain_text"}  # the fixture has a folder
    assert copy == own.get(make, data)


@pytest.mark.parametrize("make", QUICK)
@pytest.mark.parametrize("packed", ["mine.zip", "mine.tar", "mine.tar.gz", "mine.tgz", "MINE.TAR.XZ"])
def test_an_archive_of_any_name_is_found(make, packed, data):
    files = {f"inside/{file}": content for file, content in MAKE[make](TINY).items()}
    if packed.endswith("zip"):
        put_zip(files, data / packed)
    else:
        mode = {"tar": "w", "XZ": "w:xz"}.get(packed.rpartition(".")[2], "w:gz")
        put_tar(files, data / packed, mode)
    assert list(usual_places.found()) == [data / packed]


@pytest.mark.parametrize("form", WRITERS)
def test_what_convert_writes_into_course_data_is_loaded(form, data, capsys):
    write_cifar10(TINY, data / form, form)
    for _ in range(2):  # the second time from the cache, which lies beside it
        assert load_dataset("cifar10").train.labels.tolist().count(3) == 2
        assert "Data set in use: CIFAR-10: 20 training and 10 test images" in capsys.readouterr().out
    assert check_data().mark == "ok"


def test_files_in_course_data_itself_are_read_once(data, monkeypatch):
    put(python(TINY, 2), data)
    load_cifar10()
    monkeypatch.setattr(formats, "read", lambda files: pytest.fail("it was read again"))
    load_cifar10()


def test_usual_names_come_first_then_folders_then_files_and_one_line_says_so(data, capsys):
    put_zip(python(TINY, 2), data / "a.zip")
    put(python(TINY, 2), data / "c")
    put(python(TINY, 2), data / "b")
    assert list(usual_places.found()) == [data / "b", data / "c", data / "a.zip"]
    load_cifar10()
    assert re.search(
        r"D.b is used, not c beside it: load_cifar10\(PATH\) reads that", capsys.readouterr().out
    )
    put(python(TINY, 2), data / "cifar10")
    assert next(usual_places.found()) == data / "cifar10"


def test_what_lies_in_course_data_is_named_where_nothing_is_found(data):
    put(
        {"notes.txt": b"", "b/cat/1.png": b"", "holiday.zip": b"PK", "results.npz": b"x", ".hidden": b""},
        data,
    )
    shutil.make_archive(str(data / "thesis"), "gztar", data / "b")
    with pytest.raises(FileNotFoundError) as error:
        load_cifar10()
    for words in (
        "b (class folders without train and test",
        "holiday.zip",
        "results.npz",
        "notes.txt",
        "instructors.md",
    ):
        assert words in str(error.value)
    assert "hidden" not in str(error.value)
    assert f"none of what lies in {data} has a known form" in check_data().text


def test_what_the_course_itself_keeps_there_is_not_called_data(data):
    put({"jupyter/settings.json": b"{}", "secret": b"x"}, data)
    assert any_name.lies_there(data) == ""


def test_damaged_data_of_any_name_are_not_called_absent(data):
    path = put_tar({f"x/{n}": d for n, d in python(TINY, 2).items()}, data / "mine.tar.gz")
    path.write_bytes(path.read_bytes()[:-5000])
    with pytest.raises(ValueError, match=r"mine\.tar\.gz: .*it is cut; download or copy it again$"):
        load_cifar10()


def test_the_cache_and_hidden_files_are_passed_over(data):
    put({"cache/x/" + n: d for n, d in python(TINY, 2).items()}, data)
    put({".x/" + n: d for n, d in python(TINY, 2).items()}, data)
    assert list(usual_places.found()) == []
    assert usual_places.not_found() == ""


def test_only_the_beginning_of_large_folders_is_looked_at(data, monkeypatch):
    put({f"photos/{k // 50}/{k}.jpg": b"" for k in range(200)}, data)
    seen = []
    monkeypatch.setattr("data_loaders.files.GLIMPSE", 20)
    monkeypatch.setattr(
        "data_loaders.files.entry_kind", lambda entry: seen.append(entry) or entry_kind(entry)
    )
    assert len(glimpse(data / "photos")) == len(seen) - 4  # all but the four folders
    assert 80 <= len(seen) <= 4 * 21 + 4
