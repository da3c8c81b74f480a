"""Hostile uploads: names of files, archives, tables."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile

from hostile_row import SCRIPT, TAKEN, Hostile
from site_of_tests import World

NAMES = {
    "../": "../../../etc/passwd",
    "..\\": "..\\..\\windows\\system.ini",
    "absolute": "/etc/passwd",
    "NUL": "a\0b.csv",
    "ESC": "a\x1b[2Jb.csv",
    "newline in another head": "a.csv\nX-Evil: 1",
    "as long as a disk takes": "n" * 250,
    "right to left": "\u202evsc.exe",
    "HTML": "<img src=x onerror=alert(1)>.csv",
    "a quote": "a'onload='alert(1).csv",
    "SQL": "'; DROP TABLE entries; --",
    "a formula": "=HYPERLINK(1).csv",
    "a template": "{{ 7 * 7 }}{% raw %}.csv",
    "no text": "\udcff\udcfe.csv",
    "dots": "..",
    "a device": "CON",
}
FILE_NAMES = [
    Hostile("a file called: 5 kB", lambda w: w.upload(name="n" * 5000), 400, "could not be read"),
    *[
        Hostile(
            f"a file called: {kind}", lambda w, name=name: w.upload(name=name), 303, "", "evil", changes=TAKEN
        )
        for kind, name in NAMES.items()
    ],
    *[
        Hostile(
            f"a bad file called: {kind}",
            lambda w, name=name: w.upload(b"x", name),
            422,
            "expected the header",
            "<img src=x",
        )
        for kind, name in NAMES.items()
    ],
]


def zipped(files: dict[str, bytes], method=zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def zip_bomb() -> bytes:
    return zipped({"p.csv": b"0" * (100 << 20)})


def lying_zip() -> bytes:
    """One that says that it is small."""
    lie = bytearray(zip_bomb())
    for at in (22, lie.rindex(b"PK\x01\x02") + 24):
        lie[at : at + 4] = struct.pack("<I", 100)
    return bytes(lie)


def encrypted(world: World) -> bytes:
    content = bytearray(zipped({"p.csv": world.good}))
    content[6] |= 1  # the flag, in the file and in the list
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


ARCHIVES = [
    Hostile("a zip bomb", lambda w: w.upload(zip_bomb(), "p.zip"), 422, "far longer"),
    Hostile("a zip bomb that lies", lambda w: w.upload(lying_zip(), "p.zip"), 422),
    Hostile("a gz bomb", lambda w: w.upload(gzip.compress(b"0" * (100 << 20), 1), "p.gz"), 422, "far longer"),
    Hostile(
        "a gz bomb of many parts", lambda w: w.upload(gzip.compress(b"0" * (10 << 20), 1) * 50, "p.gz"), 422
    ),
    Hostile(
        "a zip in a zip",
        lambda w: w.upload(zipped({"p.zip": zipped({"p.csv": w.good})}), "p.zip"),
        422,
        "holds a zip",
    ),
    Hostile(
        "a zip in a gz", lambda w: w.upload(gzip.compress(zipped({"p.csv": w.good}))), 422, "holds a zip"
    ),
    Hostile("a gz in a gz", lambda w: w.upload(gzip.compress(gzip.compress(w.good))), 422, "holds a gz"),
    Hostile(
        "a zip with paths",
        lambda w: w.upload(zipped({"../../../etc/cron.d/p": w.good}), "p.zip"),
        422,
        "cannot be read",
    ),
    Hostile(
        "a zip with an absolute path",
        lambda w: w.upload(zipped({"/etc/passwd": w.good}), "p.zip"),
        303,
        changes=TAKEN,
    ),
    Hostile(
        "a zip with markup in a name",
        lambda w: w.upload(zipped({SCRIPT: w.good, "b": b""}), "p.zip"),
        422,
        "2 files",
        SCRIPT,
    ),
    Hostile(
        "a zip with ten thousand files",
        lambda w: w.upload(zipped({f"{k}": b"" for k in range(10_000)}), "p.zip"),
        422,
    ),
    Hostile("a zip with a password", lambda w: w.upload(encrypted(w), "p.zip"), 422, "a password"),
    Hostile(
        "a zip that is cut",
        lambda w: w.upload(zipped({"p.csv": w.good})[:-30], "p.zip"),
        422,
        "cannot be read",
    ),
    Hostile(
        "a zip with a wrong checksum",
        lambda w: w.upload(zipped({"p.csv": w.good}, zipfile.ZIP_STORED).replace(b"\n7,", b"\n9,"), "p.zip"),
        422,
        "cannot be read",
    ),
    Hostile("a gz that is cut", lambda w: w.upload(gzip.compress(w.good)[:-9]), 422, "it is cut"),
    Hostile(
        "a rar",
        lambda w: w.upload(b"Rar!\x1a\x07\x01\0 and so on", "p.rar"),
        422,
        "got a rar archive; unpack it",
    ),
    Hostile("a 7z", lambda w: w.upload(b"7z\xbc\xaf\x27\x1c and so on", "p.7z"), 422, "got a 7z archive"),
    Hostile("a picture", lambda w: w.upload(b"\x89PNG\r\n\x1a\n\0\0\xff", "p.csv"), 422),
    Hostile("a pickle", lambda w: w.upload(b"\x80\x04cos\nsystem\n(S'true'\ntR.", "p.csv"), 422),
    Hostile(
        "a page with a script",
        lambda w: w.upload(SCRIPT.encode(), "p.html"),
        422,
        "expected the header",
        SCRIPT,
    ),
]


def with_line(world: World, number: int, line: str) -> bytes:
    lines = world.good.decode().splitlines()
    return "\n".join([*lines[: number - 1], line, *lines[number:]]).encode()


def without_line(world: World) -> bytes:
    return b"\n".join(world.good.splitlines()[:-1])


TABLES = [
    Hostile("a BOM", lambda w: w.upload(b"\xef\xbb\xbf" + w.good), 303, changes=TAKEN),
    Hostile("CRLF", lambda w: w.upload(w.good.replace(b"\n", b"\r\n")), 303, changes=TAKEN),
    Hostile("semicolons", lambda w: w.upload(w.good.replace(b",", b";")), 422, "use commas, no semicolons"),
    Hostile("UTF-16", lambda w: w.upload(w.good.decode().encode("utf-16")), 422, "save it as CSV UTF-8"),
    Hostile("NUL bytes", lambda w: w.upload(w.good.replace(b"\n7,", b"\n7\0,")), 422, "line 8"),
    Hostile("nothing but NUL", lambda w: w.upload(bytes(3 << 20)), 422),
    Hostile("no header", lambda w: w.upload(w.good[9:]), 422, "line 1: expected the header id,label"),
    Hostile("a row too few", lambda w: w.upload(without_line(w)), 422, "expected 200 predictions, got 199"),
    Hostile(
        "a row too many",
        lambda w: w.upload(w.good + b"201,3\n"),
        422,
        "line 202: expected an id from 1 to 200",
    ),
    Hostile("an id twice", lambda w: w.upload(with_line(w, 9, "7,1")), 422, "got 7 again, after line 8"),
    Hostile("a negative label", lambda w: w.upload(with_line(w, 9, "8,-1")), 422, "line 9: expected a label"),
    Hostile("a decimal", lambda w: w.upload(with_line(w, 9, "8,3.0")), 422, "write whole numbers"),
    Hostile("a power of ten", lambda w: w.upload(with_line(w, 9, "8,1e9")), 422),
    Hostile("nan", lambda w: w.upload(with_line(w, 9, "8,nan")), 422),
    Hostile("a label of 5,000 digits", lambda w: w.upload(with_line(w, 9, "8," + "9" * 5000)), 422),
    Hostile("an id of 2^64", lambda w: w.upload(with_line(w, 9, f"{2**64},1")), 422),
    Hostile(
        "the name of a class", lambda w: w.upload(with_line(w, 9, "8,cat")), 422, "the number of the class"
    ),
    Hostile("a formula", lambda w: w.upload(with_line(w, 9, "8,=cmd|' /C calc'!A0")), 422),
    Hostile(
        "markup in a cell", lambda w: w.upload(with_line(w, 9, f"8,{SCRIPT}")), 422, "&lt;script", SCRIPT
    ),
    Hostile("a quote that never ends", lambda w: w.upload(with_line(w, 9, '8,"')), 422),
    Hostile("a line of 3 MB", lambda w: w.upload(b"id,label\n" + b"1" * (3 << 20)), 422),
    Hostile("a million lines", lambda w: w.upload(b"id,label\n" + b"1,1\n" * 500_000), 422),
    Hostile("a million commas", lambda w: w.upload(b"id,label" + b"," * 1_000_000), 422),
]
