"""Files that somebody hands in: packed, cut, made on another system, or made to do harm."""

import gzip
import io
import re
import struct
import tarfile
import time
import tracemalloc
import zipfile
import zlib

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lib.leaderboard.predictions import read_entry, read_predictions

LABELS = np.random.default_rng(0).integers(0, 10, 10_000)
LINES = ["id,label", *(f"{number},{label}" for number, label in enumerate(LABELS, start=1))]
GOOD = "\n".join(LINES) + "\n"


def zipped(files, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def refused(content, name="p.csv", count=10_000):
    """What is said of a file that is refused."""
    with pytest.raises(ValueError) as error:  # noqa: PT011  # the caller looks at the words
        read_entry(content, name, count=count)
    return str(error.value)


@pytest.mark.parametrize(
    "content",
    {
        "plain": GOOD.encode(),
        "CRLF": GOOD.replace("\n", "\r\n").encode(),
        "old Macintosh": GOOD.replace("\n", "\r").encode(),
        "BOM": b"\xef\xbb\xbf" + GOOD.encode(),
        "no end of line": GOOD.rstrip("\n").encode(),
        "empty lines at the end": GOOD.encode() + b"\r\n\r\n\n",
        "spaces": GOOD.replace(",", " , ").encode(),
        "quotes": "\n".join('"' + line.replace(",", '","') + '"' for line in LINES).encode(),
        "other capitals": GOOD.replace("id,label", "Id,Label").encode(),
        "any order": "\n".join([LINES[0], *LINES[:0:-1]]).encode(),
        "zip": zipped({"predictions.csv": GOOD}),
        "zip, stored": zipped({"predictions.csv": GOOD}, zipfile.ZIP_STORED),
        "zip of a Macintosh": zipped({"a/p.csv": GOOD, "__MACOSX/a/._p.csv": "x", "a/.DS_Store": "x"}),
        "gz": gzip.compress(GOOD.encode()),
    }.items(),
    ids=lambda pair: pair[0],
)
def test_what_can_be_read_is_read(content):
    assert np.array_equal(read_entry(content[1], "whatever it is called"), LABELS)


def test_the_file_itself_is_read_too(tmp_path):
    (tmp_path / "p.zip").write_bytes(zipped({"p.csv": GOOD}))
    assert np.array_equal(read_predictions(tmp_path / "p.zip"), LABELS)


def with_line(number, line):
    return "\n".join([*LINES[: number - 1], line, *LINES[number:]]).encode()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (GOOD[9:].encode(), "p.csv, line 1: expected the header id,label, got '1,8'; write it above the fi"),
        (GOOD.replace(",", ";").encode(), "line 1: expected the header id,label, got 'id;label'; use comma"),
        (GOOD.replace(",", "\t").encode(), r"got 'id\tlabel'; use commas, no tabs"),
        (GOOD.replace("id,", "image,").encode(), "line 1: expected the header id,label, got 'image,label'"),
        (
            "\n".join([",id,label", *(f"{k},{line}" for k, line in enumerate(LINES[1:]))]).encode(),
            "got ',id,label'; leave out the column before it; in pandas, index=False",
        ),
        ("\n".join(LINES[:-1]).encode(), "line 10001: expected 10000 predictions, got 9999, none of id 100"),
        ("\n".join([*LINES[:5], *LINES[6:]]).encode(), "line 10001: expected 10000 predictions, got 9999,"),
        ((GOOD + "10001,3\n").encode(), "line 10002: expected an id from 1 to 10000, got '10001'"),
        ((GOOD + "77,3\n").encode(), "line 10002: expected each id once, got 77 again, after line 78"),
        (with_line(2, "0,3"), "line 2: expected an id from 1 to 10000, got '0'; ids begin with 1"),
        (with_line(5_000, "4999,cat"), "line 5000: expected a label from 0 to 9, got 'cat'; write the numb"),
        (with_line(5_000, "4999,3.0"), "line 5000: expected a label from 0 to 9, got '3.0'; write whole nu"),
        (with_line(5_000, "4999,10"), "line 5000: expected a label from 0 to 9, got '10'"),
        (with_line(5_000, "4999,-1"), "line 5000: expected a label from 0 to 9, got '-1'"),
        (with_line(5_000, "4999,"), "line 5000: expected a label from 0 to 9, got ''"),
        (with_line(5_000, "4999;3"), "line 5000: expected an id, a comma and a label, got '4999;3'; use co"),
        (with_line(5_000, ""), "line 5000: expected an id, a comma and a label, got ''"),
        (with_line(5_000, "=1+1,3"), "line 5000: expected an id from 1 to 10000, got '=1+1'"),
        (with_line(5_000, "4999,٣"), "line 5000: expected a label from 0 to 9, got '٣'"),
        (with_line(5_000, '4999,"3'), "line 5000: expected an id, a comma and a label"),
        (with_line(5_000, "9" * 5_000), "line 5000: expected an id, a comma and a label, got '999"),
        (GOOD.encode("utf-16"), "p.csv, line 1: expected text in UTF-8, got UTF-16; save it as CSV UTF-8"),
        (with_line(300, "299,\xe9").decode().encode("latin1"), "line 300: expected text in UTF-8"),
        (b"", "p.csv: expected a CSV file, or one in a zip or gz archive, got an empty file; write it again"),
        (b"\r\n \n", "got an empty file"),
        (zipped({"p.csv": ""}), "got an empty file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "got a document of Excel or Word; save it as CSV"),
        (with_line(2, "1.0,3"), "expected an id from 1 to 10000, got '1.0'; write whole numbers, with"),
        (with_line(2, "1.000e+00,3"), "got '1.000e+00'; write whole numbers; np.savetxt does so with fmt="),
        (with_line(2, "1,3.000e+00"), "got '3.000e+00'; write whole numbers; np.savetxt does so with fmt="),
        (b"\0" * 1000, "line 1: expected the header"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff", "p.csv: expected a CSV file, or one in a zip or gz archive,"),
        (b"Rar!\x1a\x07\x01\0 and so on", "got a rar archive; unpack it, and hand in the CSV file itself"),
        (b"7z\xbc\xaf\x27\x1c and so on", "got a 7z archive; unpack it, and hand in the CSV file itself"),
        (b"\xfd7zXZ\0 and so on", "got an xz archive; unpack it"),
        (zipped({"a.csv": GOOD, "b.csv": GOOD}), "got one that cannot be read: it has 2 files (a.csv, b.cs"),
        (zipped({}), "expected a zip archive of one CSV file, got one that cannot be read: it has no files"),
        (zipped({"a/": "", "a/.hidden": "x"}), "it has no files"),
        (zipped({"[Content_Types].xml": "", "xl/a.xml": ""}), "gz archive, got a document of Excel or Word"),
        (zipped({"p.zip": zipped({"p.csv": GOOD})}), "got one that holds a zip archive; put the CSV file i"),
        (gzip.compress(zipped({"p.csv": GOOD})), "expected a gz archive of one CSV file, got one that hold"),
        (zipped({"p.csv": GOOD})[:-300], "expected a zip archive of one CSV file, got one that cannot be r"),
        (gzip.compress(GOOD.encode())[:-300], "got one that cannot be read: it is cut"),
        (gzip.compress(GOOD.encode())[:20] + b"rubbish" * 50, "got one that cannot be read: it is damaged"),
        (zipped({"p.csv": GOOD}, zipfile.ZIP_LZMA), "it is packed with LZMA"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_one_sentence_that_names_the_line(content, words):
    said = refused(content)
    assert words in said
    assert "\n" not in said
    assert len(said) < 220


def test_a_tar_file_in_gz_is_named():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        info = tarfile.TarInfo("p.csv")
        info.size = len(GOOD)
        archive.addfile(info, io.BytesIO(GOOD.encode()))
    assert "got one that holds a tar archive" in refused(out.getvalue())


def test_a_zip_with_a_password_is_named():
    content = bytearray(zipped({"p.csv": GOOD}))
    content[6] |= 1  # the flag of an encrypted member, in the file and in the list
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    assert "got one that asks for a password" in refused(bytes(content))


def bombs():
    zeros = b"0" * (200 << 20)
    yield "zip", zipped({"p.csv": zeros})
    yield "gz", gzip.compress(zeros, 1)
    lie = bytearray(zipped({"p.csv": zeros}))  # it says that it is small
    for at in (22, lie.rindex(b"PK\x01\x02") + 24):
        lie[at : at + 4] = struct.pack("<I", 100)
    yield "zip that lies", bytes(lie)


def test_what_unpacks_to_two_hundred_megabytes_is_refused_before_it_is_there():
    for name, content in bombs():
        tracemalloc.start()
        began = time.process_time()
        said = refused(content, name)
        assert time.process_time() - began < 2, name
        assert tracemalloc.get_traced_memory()[1] < 30 << 20, name
        tracemalloc.stop()
        assert "far longer" in said or "cannot be read" in said, name


def test_two_hundred_megabytes_on_disk_are_not_read(tmp_path):
    with open(tmp_path / "p.csv", "wb") as file:
        file.truncate(200 << 20)
    tracemalloc.start()
    with pytest.raises(
        ValueError, match=r"^p.csv: expected a file of 10000 predictions, got one that is far"
    ):
        read_predictions(tmp_path / "p.csv")
    assert tracemalloc.get_traced_memory()[1] < 10 << 20
    tracemalloc.stop()


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("../../etc/passwd", "passwd, line 1: "),
        ("a\nb\x1b[2J.csv", r"a\nb\x1b[2J.csv, line 1: "),
        ("x" * 500, "x" * 60 + ", line 1: "),
        ("", "the file, line 1: "),
        ("..", "the file, line 1: "),
    ],
)
def test_the_name_of_a_file_does_no_harm(name, called):
    assert refused(b"x", name).startswith(called)


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=400))
@example(b"PK\x03\x04")
@example(b"PK\x05\x06" + b"\0" * 18)
@example(b"\x1f\x8b\x08\0\0\0\0\0\0\0")
@example(b'id,label\n"')
def test_any_bytes_are_read_or_refused_with_a_sentence(content):
    for data in (
        content,
        b"PK\x03\x04" + content,
        b"\x1f\x8b\x08" + content,
        zlib.compress(content, wbits=31),
    ):
        assert ": expected " in refused(data, count=3)


@settings(deadline=None, max_examples=150)
@given(st.lists(st.text('0123456789,;"\r\n .abc-\ufeff\0é', max_size=8), max_size=8))
def test_any_text_below_the_header_is_read_or_refused_with_the_line(lines):
    content = "\n".join(["id,label", *lines]).encode()
    said = ""
    try:
        labels = read_entry(content, "p.csv", count=2).tolist()
    except ValueError as error:
        labels, said = [], str(error)
    assert len(labels) == (0 if said else 2)
    assert set(labels) <= set(range(10))
    assert not said or re.fullmatch(r"p\.csv, line \d+: expected .+", said)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=40), st.data())
def test_one_change_is_found_and_its_line_named(labels, data):
    lines = ["id,label", *(f"{number},{label}" for number, label in enumerate(labels, start=1))]
    number = data.draw(st.integers(2, len(lines)))
    bad = data.draw(
        st.sampled_from(["0,1", "x,1", f"{len(lines)},1", f"{number - 1},10", f"{number - 1},a", "1"])
    )
    lines[number - 1] = bad
    assert refused("\n".join(lines).encode(), count=len(labels)).startswith(f"p.csv, line {number}: ")
