"""Damaged and hostile data files, made from good ones by chance, and read under measurement.

    python tests/data_loaders/fuzz.py --minutes 60                     every format in turn
    python tests/data_loaders/fuzz.py --minutes 5 --format pickle      one
    python tests/data_loaders/fuzz.py --format pickle --case 4711      one file again, as a failure names it

Each case is a good file, changed: bytes are flipped, cut, inserted, repeated, numbers that may be lengths
become huge, and what each format adds (opcodes spliced into a pickle, right checksums again). A case fails
where reading it raises anything but `ValueError`, takes 2 s of CPU time or 300 MB beyond the file's size,
crashes, or leaves a file behind. Linux and macOS only: cases run in forked processes.
"""

import argparse
import bz2
import contextlib
import gzip
import io
import lzma
import os
import pickle
import pickletools
import random
import struct
import sys
import tempfile
import time
import zipfile
import zlib
from collections import Counter
from pathlib import Path

import numpy as np
import scipy.io
from cifar10_forms import (
    Memory,
    TableReaderHere,
    binary,
    five_batches,
    hugging_face,
    kaggle,
    matlab,
    npz,
    picture,
    put_tar,
    put_zip,
    python,
    python2_batch,
    tiny,
    torch7_tables,
)
from measured import measured

from data_loaders import formats, torch7
from data_loaders.formats import binary_batches, numpy_arrays, python_batches, table_reader
from data_loaders.formats.pictures import decode_all
from data_loaders.mat_file import read_variables
from data_loaders.safe_archive import Archive

DATASET = tiny(train=5, test=5)
NUMBERS = [
    0,
    1,
    2,
    0x7F,
    0xFF,
    0x7FFF,
    0xFFFF,
    10**6,
    10**9,
    2**31 - 1,
    2**31,
    2**32 - 1,
    2**40,
    2**62,
    2**63 - 1,
]


# Good files to begin with.


def pickles():
    split = DATASET.test
    good = [python(DATASET, protocol)["test_batch"] for protocol in range(6)]
    good += [python(DATASET, 2)["batches.meta"], five_batches(DATASET, "", python2_batch)["test_batch"]]
    batch = {
        b"data": split.images.reshape(5, 3072),
        b"labels": list(split.labels),
        b"filenames": ["a.png"] * 5,
    }
    return good + [pickle.dumps(batch, protocol) for protocol in (0, 2, 4)]


def archives(pack):
    files = {
        "cifar/data_batch_1": b"1" * 3000,
        "cifar/test_batch": bytes(range(256)) * 8,
        "x" * 120 + "/é": b"",
    }
    with tempfile.TemporaryDirectory() as folder:
        return [pack(files, Path(folder) / "x").read_bytes()]


def mats():
    good = list(matlab(DATASET).values())
    plain = io.BytesIO()
    batch = {"data": DATASET.test.images.reshape(5, 3072), "labels": DATASET.test.labels.astype(float)}
    scipy.io.savemat(plain, batch | {"cells": np.array([[1], ["a"]], object), "s": {"f": 1}})
    return [*good, plain.getvalue()]


def torch7s():
    ascii_file = b"3\n1\n1\n2\n4\ndata\n4\n2\n3\nV 1\n17\ntorch.DoubleTensor\n1\n3\n1\n1\n4\n3\n3\nV 1\n19\n"
    ascii_file += b"torch.DoubleStorage\n3\n1 2 3.5\n"
    return [*torch7_tables(DATASET).values(), ascii_file]


# What each format adds to the general changes; every function gets and gives the whole file.


def splice_opcodes(data, rng):
    """Opcodes with random arguments at the borders of others, some of them many times."""
    try:
        borders = [position for _, _, position in pickletools.genops(data)]
    except Exception:
        borders = range(max(1, len(data)))
    place = rng.choice(borders)
    new = b""
    for _ in range(rng.randint(1, 4)):
        opcode = rng.choice(pickletools.opcodes).code.encode("latin1")
        new += opcode + rng.choice(
            [b"", rng.randbytes(rng.choice([1, 2, 4, 8])), b"1\n", b"numpy\ndtype\n", b"\1a"]
        )
    return data[:place] + new * rng.choice([1, 1, 1, 2, 50, 100_000]) + data[place:]


def inside(unpack, pack, change):
    """Changes what is packed, and packs it again."""

    def changed(data, rng):
        try:
            return pack(change(unpack(data), rng))
        except Exception:  # it was damaged before
            return data

    return changed


def right_tar_checksums(data, rng):
    """Changes fields of the headers, and makes their checksums right again."""
    data = bytearray(change(data, rng) if rng.random() < 0.5 else data)
    for start in range(0, len(data) - 511, 512):
        header = data[start : start + 512]
        if header[257:262] != b"ustar":
            continue
        if rng.random() < 0.5:
            field, size = rng.choice([(0, 100), (100, 8), (124, 12), (156, 1), (257, 8), (345, 155)])
            new = rng.choice(
                [b"7" * size, b"\x80" + b"\xff" * size, b"\0" * size, b"x", b"L", b"g", b"5", b"../../a"]
            )
            header[field : field + size] = new[:size].ljust(size, b"\0")
        header[148:156] = b" " * 8
        header[148:156] = b"%06o\0 " % (sum(header) & 0o777777)
        data[start : start + 512] = header
    return bytes(data)


def right_png_checksums(data, rng):
    data, new, place = change(data, rng), data[:8], 8
    while place + 12 <= len(data):
        size = struct.unpack(">I", data[place : place + 4])[0]
        body = data[place + 4 : place + 8 + size]
        new += data[place : place + 4] + body + struct.pack(">I", zlib.crc32(body))
        place += 12 + size
    return new


def in_mat_variables(data, rng):
    """Changes a compressed variable before it is compressed."""
    if len(data) < 136 or struct.unpack("<I", data[128:132])[0] != 15:
        return change(data, rng)
    size = struct.unpack("<I", data[132:136])[0]
    try:
        packed = zlib.compress(change(zlib.decompress(data[136 : 136 + size]), rng))
    except zlib.error:
        return data
    return data[:132] + struct.pack("<I", len(packed)) + packed + data[136 + size :]


def in_npz_members(data, rng):
    """Changes one array, head or numbers, and gives the archive the right sums again, packed or not."""
    sink = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as old:
            members = {name: old.read(name) for name in old.namelist()}
    except Exception:  # it was damaged before
        return data
    changed = rng.choice(sorted(members))
    with zipfile.ZipFile(sink, "w", rng.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])) as new:
        for name, content in members.items():
            new.writestr(name, change(content, rng) if name == changed else content)
    return sink.getvalue()


def change(data, rng):
    """One of the changes that suit any file."""
    data = bytearray(data)
    if not data:
        return rng.randbytes(rng.randint(0, 100))
    near_the_start = rng.random() < 0.5
    place = rng.randrange(min(len(data), 300) if near_the_start else len(data))
    match rng.randrange(8):
        case 0:
            for _ in range(rng.randint(1, 5)):
                data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        case 1:
            data[place] = rng.randrange(256)
        case 2:
            del data[place:]
        case 3:
            del data[place : place + rng.randint(1, 64)]
        case 4:
            data[place:place] = rng.randbytes(rng.randint(1, 64))
        case 5 | 6:
            size, number = rng.choice([1, 2, 4, 8]), rng.choice([*NUMBERS, len(data), len(data) * 1000])
            order = rng.choice(["little", "big"])
            data[place : place + size] = (number % 256**size).to_bytes(size, order)
        case 7:
            piece = data[place : place + rng.choice([1, 1, 2, 4, 8, 16, 512])]
            data[place:place] = piece * rng.choice([2, 10, 1_000, 100_000])
    return bytes(data[: 8 << 20])


# How each format is read. Paths are in a folder of their own, where nothing else may appear.


def read_archive(data, folder):
    (folder / "case").write_bytes(data)
    Archive(folder / "case")


def read_torch7(data, folder):
    (folder / "case").write_bytes(data)
    torch7.load(folder / "case")


def read_limited(data, kind):
    """As in the program that reads tables: where the limits end it, that is no failure."""
    import pyarrow
    import pyarrow.parquet  # noqa: F401  # before the limits, as there

    if not (child := os.fork()):
        table_reader.limit(table_reader.FREE_MEMORY + len(data), 1 + len(data) / 10e6)
        with contextlib.suppress(ValueError):
            TableReaderHere().read(data, f"case.{kind}")
        os._exit(0)
    os.waitpid(child, 0)


FORMATS = {
    "pickle": (pickles, [splice_opcodes], lambda data, _: python_batches._read_batch(data, "case")),
    "zip": (lambda: archives(put_zip), [], read_archive),
    "tar": (lambda: archives(lambda f, p: put_tar(f, p, "w")), [right_tar_checksums], read_archive),
    "tar.gz": (
        lambda: archives(put_tar),
        [inside(gzip.decompress, gzip.compress, right_tar_checksums)],
        read_archive,
    ),
    "tar.bz2": (
        lambda: archives(lambda f, p: put_tar(f, p, "w:bz2")),
        [inside(bz2.decompress, bz2.compress, right_tar_checksums)],
        read_archive,
    ),
    "tar.xz": (
        lambda: archives(lambda f, p: put_tar(f, p, "w:xz")),
        [inside(lzma.decompress, lambda d: lzma.compress(d, preset=0), right_tar_checksums)],
        read_archive,
    ),
    "mat": (mats, [in_mat_variables], lambda data, _: read_variables(data, ("data", "labels"), "case")),
    "parquet": (
        lambda: [d for n, d in hugging_face(DATASET).items() if n.endswith("parquet")],
        [],
        lambda data, _: read_limited(data, "parquet"),
    ),
    "arrow": (
        lambda: [d for n, d in hugging_face(DATASET, arrow=True).items() if n.endswith("arrow")],
        [],
        lambda data, _: read_limited(data, "arrow"),
    ),
    "t7": (torch7s, [], read_torch7),
    "npz": (
        lambda: [npz(DATASET)["cifar10.npz"]],
        [in_npz_members],
        lambda data, _: numpy_arrays.read(Memory({"case.npz": data})),
    ),
    "bin": (
        lambda: [binary(DATASET)["test_batch.bin"]],
        [],
        lambda data, _: binary_batches._read_batch(data, "case"),
    ),
    "csv": (
        lambda: [kaggle(DATASET)["trainLabels.csv"]],
        [],
        lambda data, _: formats.read(Memory({**kaggle(DATASET), "trainLabels.csv": data})),
    ),
    "png": (
        lambda: [picture(DATASET.test.images[0])],
        [right_png_checksums],
        lambda data, _: decode_all([("case", data)], 1),
    ),
    "jpeg": (
        lambda: [picture(DATASET.test.images[0], "JPEG")],
        [],
        lambda data, _: decode_all([("case", data)], 1),
    ),
}
# Which of these stand for a form: test_fuzz.py asks that every form in data_loaders/formats is here.
COVERS = {
    "python_batches": {"pickle"},
    "binary_batches": {"bin"},
    "matlab": {"mat"},
    "torch7_files": {"t7"},
    "hugging_face": {"parquet", "arrow"},
    "kaggle": {"csv", "png"},
    "class_folders": {"png", "jpeg"},
    "numpy_arrays": {"npz"},
}
BATCH = 50  # cases in one forked process; one by one where something is wrong with them


def make(form, case):
    """The file of this number."""
    rng = random.Random(f"{form} {case}")
    good, special, _ = FORMATS[form]
    data = rng.choice(_good(form, good))
    for _ in range(rng.choice([1, 1, 1, 2, 3, 5])):
        data = rng.choice([change, *special])(data, rng)
    return data[: 16 << 20]


_made = {}


def _good(form, make_all):
    if form not in _made:
        _made[form] = make_all()
    return _made[form]


def read(form, data, folder):
    """Reads one file; `ValueError` is what should come."""
    try:
        FORMATS[form][2](data, folder)
    except ValueError as error:
        if len(str(error)) > 1_000:
            raise AssertionError(f"a message of {len(str(error))} letters") from None
    if left := set(os.listdir(folder)) - {"case"}:
        raise AssertionError(f"it left {sorted(left)}")


def failures(form, cases):
    """Number and complaint of every case that fails."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)

        def read_all(some):
            for case in some:
                read(form, make(form, case), folder)

        _good(form, FORMATS[form][0])
        for start in range(cases.start, cases.stop, BATCH):
            some = range(start, min(start + BATCH, cases.stop))
            if not measured(lambda some=some: read_all(some)).complaint(0):
                continue
            for case in some:  # together they failed, or making them took long: which one, by itself?
                data = make(form, case)
                complaint = measured(lambda data=data: read(form, data, folder)).complaint(len(data))
                if complaint:
                    yield case, complaint


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--format", choices=FORMATS, action="append")
    parser.add_argument("--case", type=int)
    parser.add_argument("--seed", type=int, default=0, help="the number of the first case, in millions")
    options = parser.parse_args()
    forms = options.format or list(FORMATS)
    if options.case is not None:
        (Path(tempfile.gettempdir()) / "case").write_bytes(make(forms[0], options.case))
        print(f"written to {tempfile.gettempdir()}/case")
        found = list(failures(forms[0], range(options.case, options.case + 1)))
        sys.exit(f"{found[0][1]}" if found else 0)
    failed, tried = [], Counter()
    for form in forms:
        until, start = time.monotonic() + 60 * options.minutes / len(forms), options.seed * 10**6
        while time.monotonic() < until:
            for case, complaint in failures(form, range(start, start + 500)):
                failed.append(f"--format {form} --case {case}: {complaint}")
                print(failed[-1], flush=True)
            start, tried[form] = start + 500, tried[form] + 500
        print(f"{form}: {tried[form]:,} files tried", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
