"""Whatever lies in the place of a file of the cache: one line says it is damaged, and it is built again."""

import io
import json
import os
import sys
import zipfile

import numpy as np
import pytest
from cifar10_forms import tiny
from numpy.testing import assert_array_equal

from data_loaders import cache
from data_loaders.cache import ARRAYS, cached

if sys.platform == "win32":
    pytest.skip("pipes and devices are needed", allow_module_level=True)

FILES = (*(f"{name}.npy" for name in ARRAYS), "dataset.json")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    return tmp_path / "cache" / "a"


def npz(**arrays):
    sink = io.BytesIO()
    np.savez(sink, **arrays)
    return sink.getvalue()


def pickled():
    sink = io.BytesIO()
    np.save(sink, np.array([{}], object), allow_pickle=True)
    return sink.getvalue()


def header(text):
    return b"\x93NUMPY\1\0" + len(text).to_bytes(2, "little") + text + bytes(500)


def zip_without_arrays():
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("a", "b")
    return sink.getvalue()


CONTENTS = {
    "a zip file that is cut": lambda old: b"PK\3\4" + old[4:],
    "an .npz file": lambda old: npz(a=np.zeros(3)),
    "a zip file": lambda old: zip_without_arrays(),
    "a pickled array": lambda old: pickled(),
    "a header with an open bracket": lambda old: old[:20] + b"(" + old[21:],
    "a header with an open string": lambda old: old[:20] + b'"""' + old[23:],
    "a header with a zero": lambda old: old[:20] + b"\0" + old[21:],
    "a deep header": lambda old: header(b"[" * 9000),
    "a header of minus signs": lambda old: header(b"-" * 9000 + b"1"),
    "a header of 60,000 letters": lambda old: header(b" " * 60_000),
    "deep JSON": lambda old: b"[" * 50_000,
    "long JSON": lambda old: b"[" * 1_000_000,
    "other JSON": lambda old: b"[]",
    "no text": lambda old: b"\xff\xfe",
    "nothing": lambda old: b"",
    "zeros": lambda old: bytes(len(old)),
}
LINKS = ("/dev/zero", "/dev/null", "/proc/self/mem", "/proc/self/pagemap", "/", "/nowhere", "itself")


def assert_built_again(folder, capsys):
    calls = []
    dataset = cached("a", lambda: calls.append(1) or tiny(seed=1))
    assert_array_equal(dataset.train.images, tiny(seed=1).train.images)
    assert (calls, capsys.readouterr().out) == ([1], "The cache a is damaged: it is built again.\n")
    cached("a", lambda: pytest.fail("it was built again"))
    assert list(cache.verify()) == [("a", True)]
    assert sorted(path.name for path in folder.parent.iterdir()) == ["a", "a.lock"]


@pytest.mark.family(share=3)
@pytest.mark.parametrize("content", CONTENTS)
@pytest.mark.parametrize("name", FILES)
def test_other_content_is_built_again(name, content, folder, capsys):
    cached("a", tiny)
    path = folder / name
    path.write_bytes(CONTENTS[content](path.read_bytes()))
    assert_built_again(folder, capsys)


@pytest.mark.family(share=3)
@pytest.mark.parametrize("kind", ["pipe", "folder", *LINKS])
@pytest.mark.parametrize("name", FILES)
def test_what_is_no_file_is_built_again(name, kind, folder, capsys):
    cached("a", tiny)
    path = folder / name
    path.unlink()
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to(path if kind == "itself" else kind)
    assert_built_again(folder, capsys)


@pytest.mark.parametrize("kind", ["file", "pipe", "link", "link to a folder"])
def test_what_lies_in_the_place_of_the_folder_is_replaced(kind, folder, tmp_path, capsys):
    folder.parent.mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.txt").write_text("mine")
    if kind == "file":
        folder.write_text("x")
    elif kind == "pipe":
        os.mkfifo(folder)
    else:
        folder.symlink_to("nowhere" if kind == "link" else tmp_path / "other")
    assert_built_again(folder, capsys)
    assert (tmp_path / "other" / "mine.txt").read_text() == "mine"


@pytest.mark.family(share=3)
@pytest.mark.parametrize("kind", ["pipe", "/dev/zero", "an .npz file", "a zip file that is cut", "deep JSON"])
@pytest.mark.parametrize("name", [*FILES, "sums.npy"])
def test_verify_says_damaged_and_removes_it(name, kind, folder):
    cached("a", tiny)
    path = folder / name
    content = path.read_bytes()
    path.unlink()
    if kind == "pipe":
        os.mkfifo(path)
    elif kind in CONTENTS:
        path.write_bytes(CONTENTS[kind](content))
    else:
        path.symlink_to(kind)
    assert list(cache.verify()) == [("a", False)]
    assert not folder.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"classes": [["airplane"]] * 10},
        {"classes": []},
        {"classes": list("abcdefghij")},
        {"name": 5},
        {"name": "cifar-10"},
        {"origin": "elsewhere"},
        {"checked": 10**400},
        {"checked": "1"},
        {"states": []},
        {"sum": ""},
        {"sum": None},
        {"stamp": "3 other"},
        {"new": 1},
    ],
    ids=str,
)
def test_every_change_of_what_is_noted_is_noticed(change, folder, capsys):
    cached("a", tiny)
    path = folder / "dataset.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    assert_built_again(folder, capsys)


def test_a_flipped_bit_of_what_is_noted_is_noticed(folder):
    cached("a", tiny)
    path = folder / "dataset.json"
    good = path.read_bytes()
    stamp = json.loads(good)["stamp"]
    for place in range(0, len(good), 3):
        path.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
        assert cache._open(folder, stamp) is None, place
    path.write_bytes(good)
    assert cache._open(folder, stamp) is not None
