"""`course doctor` reads the data once: what is damaged gets no ✓. The rest is in tests/test_doctor.py."""

import pytest
from cifar10_forms import put, put_tar, put_zip, python, tiny

from lib.doctor.data import check_data, check_disk


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A computer without other data."""
    monkeypatch.setattr("data_loaders.places.COURSE", tmp_path / "course")
    for name in ("XDG_CACHE_HOME", "HF_HOME", "HF_HUB_CACHE", "KERAS_HOME", "FASTAI_HOME", "COURSE_DATASET"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "home"))


@pytest.mark.parametrize(
    ("copies", "chosen", "mark"),
    [
        (["cifar"], "auto", "ok"),
        ([], "auto", "warning"),
        ([], "shapes10", "ok"),
        ([], "cifar10", "fault"),
        (["cifar"], "mnist", "fault"),
    ],
)
def test_which_data_are_used(copies, chosen, mark, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "data"))
    put(python(tiny(), 2), tmp_path / "cifar")
    finding = check_data([tmp_path / copy for copy in copies], chosen)
    assert finding.mark == mark
    assert bool(finding.fix) == (mark != "ok")


def test_a_web_page_in_the_place_of_the_archive_is_no_data(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "data"))
    page, copy = tmp_path / "cifar-10-python.tar.gz", tmp_path / "cifar-10-batches-py"
    page.write_bytes(b"<html>Log in")
    put(python(tiny(), 2), copy)
    for chosen, mark in (("auto", "warning"), ("cifar10", "fault")):
        finding = check_data([page], chosen)
        assert finding.mark == mark
        assert finding.text.startswith(
            f"{page}: expected an archive, got an HTML page (it begins with <html>)"
        )
        assert "fetch cifar10" in finding.fix
    finding = check_data([page, copy], "auto")
    assert finding.mark == "warning"  # the lectures use the second one; the first should go
    assert finding.text.startswith(f"CIFAR-10 in {copy}; unverified")
    assert f"passed over: {page}: expected an archive" in finding.text


@pytest.mark.parametrize("kind", ["half", "zeros", "cut at its end", "one byte"])
@pytest.mark.parametrize("form", ["tar.gz", "zip", "batch"])
def test_damaged_data_are_noticed(kind, form, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    monkeypatch.delenv("COURSE_DATASET", raising=False)
    files = {f"cifar-10-batches-py/{name}": data for name, data in python(tiny(), 2).items()}
    if form == "batch":
        path = put(files, tmp_path) / "cifar-10-batches-py" / "data_batch_3"
        if kind in ("zeros", "one byte"):
            pytest.skip("a batch has no checksum, and its pixels may have any value")
    else:
        path = (put_zip if form == "zip" else put_tar)(files, tmp_path / f"cifar-10-python.{form}")
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    match kind:
        case "half":
            del data[middle:]
        case "zeros":
            data[middle : middle + 50] = bytes(50)
        case "cut at its end":
            del data[-10:]
        case "one byte":
            data[middle] ^= 255
    path.write_bytes(data)
    finding = check_data()
    assert (finding.mark, finding.name) == ("warning", "data")
    assert str(path.name) in finding.text
    assert "Error" not in finding.text
    assert "fetch cifar10" in finding.fix


def test_whole_data_are_read_once_and_nothing_is_printed(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    put(python(tiny(), 2), tmp_path / "mine")
    assert check_data(chosen="auto").mark == "ok"
    monkeypatch.setattr("data_loaders.formats.read", lambda files: pytest.fail("it was read again"))
    assert str(tmp_path / "mine") in check_data(chosen="auto").text
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("chosen", ["file", "~nobody-here/x"])
def test_a_folder_for_data_that_is_none(chosen, tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("COURSE_DATA", chosen if chosen[0] == "~" else str(tmp_path / chosen))
    for check in (check_data, check_disk):
        finding = check()
        assert finding.mark == "fault"
        assert "COURSE_DATA: expected the path of a folder" in finding.text
        assert "GB free" not in finding.text
        assert finding.fix
