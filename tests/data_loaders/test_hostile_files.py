"""Files made to do harm: each is a ValueError, within 2 s of CPU time and 300 MB beyond the file's size."""

import gzip
import io
import lzma
import os
import pickle
import re
import socket
import struct
import sys
import tarfile
import zipfile
import zlib

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cifar10_forms import class_folders, hugging_face, matlab, picture, put, python, tiny, torch7_tables
from numpy.testing import assert_array_equal

from data_loaders import load, load_cifar10, load_dataset
from data_loaders.formats.pictures import decode_all

if sys.platform == "win32":
    pytest.skip("time and memory are measured in forked processes", allow_module_level=True)
from measured import measured

DATASET = tiny()


def of_zeros(before, count, after=b"", wbits=15):
    """Compressed in no time: `before`, so many MiB of zeros, `after`; the checksum at the end is wrong."""
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    head = packer.compress(before) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + block * count + packer.compress(after) + packer.flush()


# Pickles, each in the place of a training batch.


def colliding(count):
    """Integer keys that all have the same hash."""
    keys = b"".join(b"L%dL\n" % (k * (2**61 - 1)) + b"K\1" for k in range(1, count + 1))
    return b"}(" + keys + b"u."


def doubling(outermost):
    """A tuple of ten tuples of ten …, eleven deep, in 250 bytes: by mentioning each ten times."""
    return b"\x80\2}K\0qc0" + (b"(" + b"hc" * 10 + b"tqc0") * 11 + outermost


TEN_MB = struct.pack("<I", 10**7) + b"x" * 10**7 + b"q\1"
LATIN1 = b"U\6latin1q\2"
ZEROS = np.zeros((1, 3072), np.uint8)
PICKLES = {
    "a tuple nested a million deep, as a key": lambda: b"\x80\2})" + b"\x85" * 10**6 + b"K\1s.",
    "a tuple nested a million deep, as a value": lambda: b"\x80\2}U\4data)" + b"\x85" * 10**6 + b"s.",
    "a tuple nested a thousand deep, as a key": lambda: b"\x80\2})" + b"\x85" * 1000 + b"K\1s.",
    "a list nested a million deep": lambda: b"\x80\2" + b"]" * 10**6 + b"a" * (10**6 - 1) + b".",
    "a million marks": lambda: b"\x80\2" + b"(" * 10**6 + b"t" * 10**6 + b".",
    "dictionaries nested a thousand deep": lambda: b"\x80\2" + b"}U\1a" * 1000 + b"N" + b"s" * 1000 + b".",
    "references that double, as a key": lambda: doubling(b"hcK\1s."),
    "references that double, as labels": lambda: doubling(b"0}U\4dataNsU\6labelshcs."),
    "references that double, on the stack": lambda: b"\x80\2K\0qc" + (b"(" + b"hc" * 10 + b"tqc") * 11 + b".",
    "a list that contains itself": lambda: b"\x80\2]q\0h\0a.",
    "3 GB announced by 12 bytes, as a bytearray": lambda: b"\x80\5\x96" + struct.pack("<Q", 3 * 10**9) + b".",
    "3 GB announced by 12 bytes, as bytes": lambda: b"\x80\5\x8e" + struct.pack("<Q", 3 * 10**9) + b".",
    "3 GB announced by 12 bytes, as text": lambda: b"\x80\5\x8d" + struct.pack("<Q", 3 * 10**9) + b".",
    "3 GB announced by 12 bytes, as a frame": lambda: b"\x80\5\x95" + struct.pack("<Q", 3 * 10**9) + b".",
    "a number of 2 GB": lambda: b"\x80\2\x8b" + struct.pack("<i", 2**31 - 1) + b".",
    "a negative length": lambda: b"\x80\2T" + struct.pack("<i", -1) + b".",
    "a number of a million digits": lambda: b"I" + b"9" * 10**6 + b"\n.",
    "10 MB decoded 700 times": lambda: b"\x80\2c_codecs\nencode\nq\0X" + TEN_MB + LATIN1
    + b"](" + b"h\0h\1h\2\x86R" * 700 + b"e.",
    "10 MB copied 700 times": lambda: b"\x80\3cbuiltins\nbytearray\nq\0B" + TEN_MB
    + b"](" + b"h\0h\1\x85R" * 700 + b"e.",
    "long text with one rare letter, 40 times": lambda: b"\x80\2]("
    + 40 * (b"X" + struct.pack("<I", 2_000_004) + b"x" * 2_000_000 + "🐍".encode()) + b"e.",
    "short texts with one rare letter, 150 times": lambda: b"\x80\2]("
    + 150 * (b"X" + struct.pack("<I", 1_000_004) + b"x" * 1_000_000 + "🐍".encode()) + b"e.",
    "20,000 integer keys that collide": lambda: colliding(20_000),
    "20,000 places of the memo that collide": lambda: b"N"
    + b"".join(b"p%d\n" % (k * (2**61 - 1)) for k in range(1, 20_001)) + b".",
    "five million empty lists": lambda: b"\x80\2(" + b"]" * 5_000_000 + b"l.",
    "an array of another shape": lambda: pickle.dumps({"data": ZEROS}).replace(b"M\0\x0c", b"M\xff\xff"),
    "an array of 64 dimensions": lambda: b"\x80\2cnumpy.core.multiarray\n_reconstruct\n)R(K\1(" + b"K\1" * 64
    + b"tcnumpy\ndtype\nU\2u1\x85R\x89U\1xtb.",
    "keys of a megabyte": lambda: pickle.dumps({"x" * 10**6 + str(k): 1 for k in range(5)}),
    "labels of a megabyte": lambda: pickle.dumps({"data": ZEROS, "labels": ["x" * 10**6]}),
    "a name of a megabyte": lambda: b"\x80\2c" + b"os" * 10**6 + b"\nsystem\n.",
}  # fmt: skip
METAS = {
    "class names nested a million deep": lambda: (
        b"\x80\2}U\x0blabel_names" + b"]" * 10**6 + b"a" * (10**6 - 1) + b"s."
    ),
    "class names nested twelve deep": lambda: b"\x80\2}U\x0blabel_names" + b"]" * 12 + b"a" * 11 + b"s.",
    "class names that double": lambda: doubling(b"0}U\x0blabel_nameshcs."),
    "class names of a megabyte": lambda: pickle.dumps({"label_names": ["x" * 10**6] * 10}),
}

# .mat files, each in the place of a training batch.


def element(kind, content):
    return struct.pack("<II", kind, len(content)) + content + bytes(-len(content) % 8)


def matrix(name, kind, shape, content):
    parts = element(6, struct.pack("<II", kind, 0)) + element(5, struct.pack(f"<{len(shape)}i", *shape))
    return parts + element(1, name) + content


def mat(*elements):
    return b"MATLAB 5.0 MAT-file".ljust(124) + b"\0\1IM" + b"".join(elements)


def nested_cells(depth):
    """From the inside, where each wraps the last: only the outermost has a name."""
    head = matrix(b"", 1, (1, 1), b"")
    sizes = [len(head) + k * (len(head) + 8) for k in range(depth)]
    cells = b"".join(struct.pack("<II", 14, size) + head for size in reversed(sizes))
    return element(14, matrix(b"data", 1, (1, 1), cells))


def compressed(packed):
    return struct.pack("<II", 15, len(packed)) + packed


HUGE = struct.pack("<II", 14, 2**31 + 64) + matrix(b"data", 9, (2**19, 4096), struct.pack("<II", 2, 2**31))
MANY = struct.pack("<II", 14, 128 << 20) + matrix(
    b"data", 9, (40_000, 3072), struct.pack("<II", 2, 40_000 * 3072)
)
MAT_FILES = {
    "cells nested 100,000 deep": lambda: mat(nested_cells(100_000)),
    "400 million cells announced": lambda: mat(element(14, matrix(b"data", 1, (400_000_000, 1), b""))),
    "a compressed variable of 2 GB": lambda: mat(compressed(of_zeros(HUGE, 2048))),
    "a compressed name of 2 GB": lambda: mat(
        compressed(of_zeros(HUGE[:48] + struct.pack("<II", 1, 2**31), 2048))
    ),
    "a million variables": lambda: mat(element(14, matrix(b"x", 9, (0, 0), element(2, b""))) * 1_000_000),
    "a shape of 2**93 numbers": lambda: mat(
        element(14, matrix(b"data", 9, (2**31 - 1,) * 3, element(2, b"123")))
    ),
    "a batch of 40,000 images without labels in 150 kB": lambda: mat(compressed(of_zeros(MANY, 128))),
    "negative lengths": lambda: mat(element(14, matrix(b"data", 9, (-1, -1), element(2, b"1")))),
}

# Tables, in the place of the training images.


def parquet(table, **options):
    sink = io.BytesIO()
    pq.write_table(table, sink, **options)
    return sink.getvalue()


def arrow(table, **options):
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table)
    return sink.getvalue()


def one_cell(rows, cell):
    """A table whose rows all show the same picture, which is stored once."""
    cells = pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int32)), pa.array([cell]))
    return pa.table({"img": cells, "label": pa.array(np.zeros(rows, np.int64))})


def views(rows, cell):
    """A table whose rows all point to the same picture, which is stored once."""
    one = pa.array([cell], pa.binary_view())
    pointers = pa.py_buffer(one.buffers()[1].to_pybytes() * rows)
    cells = pa.Array.from_buffers(pa.binary_view(), rows, [None, pointers, *one.buffers()[2:]])
    return pa.table({"img": cells, "label": pa.array(np.zeros(rows, np.int64))})


def one_label(rows, label, kind):
    """A table whose labels are all the same text, which is stored once."""
    labels = pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int32)), pa.array([label], kind))
    return pa.table({"img": pa.array([SMALL] * rows), "label": labels})


LARGE, SMALL = bytes(range(256)) * 4096, picture(DATASET.test.images[0])
PARQUETS = {
    "one cell of 1 MB in 6,000 rows": lambda: parquet(one_cell(6_000, LARGE)),
    "one picture in a million rows": lambda: parquet(one_cell(10**6, SMALL)),
    "a length of 2 GB at the end": lambda: b"PAR1" + bytes(99) + b"\xff\xff\xff\x7fPAR1",
    "a label of 1 MB in 6,000 rows": lambda: parquet(one_label(6_000, "x" * 10**6, pa.string())),
    "lists of lists": lambda: parquet(pa.table({"img": [[[[[b"1"]]]]] * 9, "label": [1] * 9})),
    "no rows": lambda: parquet(one_cell(0, SMALL)),
}
ARROWS = {
    "one cell of 1 MB in 6,000 rows": lambda: arrow(one_cell(6_000, LARGE)),
    "zeros by the gigabyte": lambda: arrow(one_cell(40, bytes(100 << 20)), compression="zstd"),
    "a view of 1 MB in 6,000 rows": lambda: arrow(views(6_000, LARGE)),
    "a view of 60 kB in 6,000 rows": lambda: arrow(views(6_000, LARGE[: 60 << 10])),
    "a label of 1 MB in 6,000 rows": lambda: arrow(one_label(6_000, "x" * 10**6, pa.string())),
    "a label of 1 MB in 6,000 rows, as a view": lambda: arrow(
        one_label(6_000, "x" * 10**6, pa.string_view())
    ),
    "a length of 2 GB in the head": lambda: b"\xff\xff\xff\xff\xff\xff\xff\x7f" + bytes(100),
}


# Archives.


def tar_header(name="a", size=0, kind=tarfile.REGTYPE):
    member = tarfile.TarInfo(name)
    member.size, member.type = size, kind
    return member.tobuf(tarfile.GNU_FORMAT)


def repeated(block, times):
    """A gzip file of so many blocks, each compressed alike."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    head = packer.flush(zlib.Z_FULL_FLUSH)
    return head + (packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)) * times + packer.flush()


def zip_of(entries, content=b""):
    """A zip archive of one stored member, listed so many times."""
    name = b"a"
    local = struct.pack(
        "<4s5HIIIHH", b"PK\3\4", 20, 0, 0, 0, 0, zlib.crc32(content), len(content), len(content), 1, 0
    )
    entry = struct.pack(
        "<4s6HIIIHHHHHII",
        b"PK\1\2", 20, 20, 0, 0, 0, 0, zlib.crc32(content), len(content), len(content), 1, 0, 0, 0, 0, 0, 0,
    ) + name  # fmt: skip
    count, size = min(entries, 0xFFFF), entries * len(entry)
    end = struct.pack("<4s4HIIH", b"PK\5\6", 0, 0, count, count, size, len(local) + 1 + len(content), 0)
    return local + name + content + entry * entries + end


def zip_that_lies():
    """A member that claims 10 bytes and unpacks to 2 GB."""
    packed = of_zeros(b"", 2048, wbits=-15)
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data_batch_1", b"x")
    local = struct.pack("<4s5HIIIHH", b"PK\3\4", 20, 0, 8, 0, 0, 0, len(packed), 10, 1, 0) + b"a"
    entry = struct.pack(
        "<4s6HIIIHHHHHII", b"PK\1\2", 20, 20, 0, 8, 0, 0, 0, len(packed), 10, 1, 0, 0, 0, 0, 0, 0
    )
    end = struct.pack("<4s4HIIH", b"PK\5\6", 0, 0, 1, 1, len(entry) + 1, len(local) + len(packed), 0)
    return local + packed + entry + b"a" + end


def xz_with_dictionary():
    """A header that asks for a dictionary of 1.5 GB."""
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 1536 << 20}]
    decoded = lzma.compress(b"x", lzma.FORMAT_XZ, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 20}])
    assert filters
    place = decoded.index(b"\x21\x01") + 2  # the one byte that says how large
    head = bytearray(decoded[12:24])
    head[place - 12] = 39
    head[8:12] = struct.pack("<I", zlib.crc32(head[:8]))
    return decoded[:12] + bytes(head) + decoded[24:]


MEMBER = tar_header("data_batch_1", 300 << 20)
ARCHIVES = {
    "six members of 300 MB": lambda: of_zeros(MEMBER, 300, MEMBER, 31),
    "a member of 8 GB": lambda: of_zeros(tar_header("a", 8**11 - 1), 100, wbits=31),
    "an extended header of 600 MB": lambda: of_zeros(
        tar_header("a", 600 << 20, tarfile.XHDTYPE), 600, wbits=31
    ),
    "a name of 600 MB": lambda: of_zeros(tar_header("a", 600 << 20, tarfile.GNUTYPE_LONGNAME), 600, wbits=31),
    "10,000 extended headers": lambda: repeated(tar_header("a", 0, tarfile.XHDTYPE) * 100, 100),
    "200,000 folders": lambda: repeated(tar_header("a/", 0, tarfile.DIRTYPE) * 2000, 100),
    "200,000 files": lambda: repeated(tar_header("a") * 2000, 100),
    "a name of 60,000 letters": lambda: gzip.compress(
        tar_header("a", 60_000, tarfile.GNUTYPE_LONGNAME)
        + b"x" * 60_000
        + bytes(416)
        + tar_header()
        + bytes(1024)
    ),
    "a sparse file": lambda: gzip.compress(tar_header("a", 0, tarfile.GNUTYPE_SPARSE) + bytes(1024)),
    "links to one another": lambda: gzip.compress(tar_header("a", 0, tarfile.SYMTYPE) + bytes(1024)),
    "zeros after the end": lambda: of_zeros(bytes(1024), 2000, wbits=31),
    "200,000 empty gzip files, one after the other": lambda: gzip.compress(b"") * 200_000,
    "a gzip name of 20 MB": lambda: b"\x1f\x8b\x08\x08" + bytes(6) + b"x" * (20 << 20),
    "a dictionary of 1.5 GB": lambda: xz_with_dictionary(),
    "a member of 4 GB in a zip": lambda: zip_of(1, b"x").replace(
        struct.pack("<II", 1, 1), struct.pack("<II", 1, 2**32 - 2)
    ),
    "one member listed 400,000 times": lambda: zip_of(400_000),
    "a member that unpacks to more than it says": lambda: zip_that_lies(),
}

# Archives of numpy's arrays, each in the place of the only file.


def npz(members, method=zipfile.ZIP_DEFLATED):
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return sink.getvalue()


def npy(shape, descr="'|u1'", content=b"", order="False"):
    """An array whose head says what it likes."""
    head = f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(head)) + head + content


def four(images=None, labels=None, **options):
    """An .npz file of ten images, where the training images or labels are another array."""
    good_images, good_labels = npy((10, 3072), content=bytes(30720)), npy((10,), content=bytes(range(10)))
    names = ("train_images", "train_labels", "test_images", "test_labels")
    contents = (images or good_images, labels or good_labels, good_images, good_labels)
    return npz({f"{name}.npy": content for name, content in zip(names, contents, strict=True)}, **options)


class Opener:
    """A pickle of it would write a file."""

    def __reduce__(self):
        return open, ("written", "w")


OBJECTS = npy((1,), "'|O'", pickle.dumps([Opener()]))
NPZS = {
    "a bomb of 300 MB": lambda: four(npy((100_000, 3072), content=bytes(100_000 * 3072))),
    "a bomb of 300 MB of labels": lambda: four(labels=npy((300 << 20,), content=bytes(300 << 20))),
    "a bomb of another name": lambda: npz({"zeros.npy": npy((300 << 20,), content=bytes(300 << 20))}),
    "a head of 60,000 letters": lambda: four(npy((10, 3072), "'|u1'" + " " * 60_000, bytes(30720))),
    "a head that is longer than the file": lambda: four(b"\x93NUMPY\2\0" + b"\xff" * 4 + b"{'descr'"),
    "a head that claims a petabyte": lambda: four(npy((2**40, 3072), content=bytes(3072))),
    "a head that claims 2**90 images": lambda: four(npy((2**90, 3072), content=bytes(3072))),
    "a head of 1,000 dimensions": lambda: four(npy((1,) * 1000, content=bytes(1))),
    "a head of negative sizes": lambda: four(npy((-10, -3072), content=bytes(30720))),
    "a head that claims more images than there are": lambda: four(npy((11, 3072), content=bytes(30720))),
    "a head that claims fewer images than there are": lambda: four(npy((9, 3072), content=bytes(30720))),
    "a head that is a program": lambda: four(npy("__import__('os').system('touch written')")),
    "a head that is nested 2,000 deep": lambda: four(npy("(" * 2000 + ")" * 2000)),
    "a head of minus signs": lambda: four(npy("-" * 4000 + "1")),
    "a type of a gigabyte": lambda: four(npy((10, 3072), "'|S1073741824'")),
    "objects as images": lambda: four(OBJECTS),
    "objects as labels": lambda: four(labels=OBJECTS),
    "a pickle in the place of an array": lambda: four(pickle.dumps([Opener()])),
    "a pickle in the place of the file": lambda: pickle.dumps([Opener()]),
    "one array listed 400,000 times": lambda: zip_of(400_000),
    "an array that unpacks to more than it says": lambda: zip_that_lies(),
    "5,000 arrays": lambda: npz({f"{k}.npy": b"" for k in range(5_000)}),
    "a name of 60,000 letters": lambda: npz({"x" * 60_000 + ".npy": b""}),
    "an array twice": lambda: npz({"X_train.npy": b"", "x_train.npy": b""}),
    "packed by bzip2": lambda: four(
        npy((60_000, 3072), content=bytes(60_000 * 3072)), method=zipfile.ZIP_BZIP2
    ),
    "cut in the middle": lambda: four()[:200],
    "the end only": lambda: four()[-200:],
}

# Torch7 files, in the place of the training table.


def text(string):
    return struct.pack("<ii", 2, len(string)) + string


TORCH7_FILES = {
    "tables nested 100,000 deep": lambda: b"".join(
        struct.pack("<iiiid", 3, k, 1, 1, 1.0) for k in range(1, 100_000)
    ),
    "two million numbers": lambda: (
        struct.pack("<iii", 3, 1, 2**31 - 1)
        + b"".join(struct.pack("<idi", 1, float(k), 0) for k in range(10**6))
    ),
    "a string of 2 GB announced": lambda: struct.pack("<ii", 2, 2**31 - 1),
    "a megabyte as a key, twice": lambda: struct.pack("<iii", 3, 1, 2) + 2 * (text(b"x" * 10**6) + bytes(4)),
    "text of rare letters, 100 MB": lambda: (
        struct.pack("<iii", 3, 1, 2**20)
        + b"".join(text(b"%d" % k) + text("🐍".encode() + b"x" * 10**6) for k in range(100))
    ),
    "a line of ten million numbers, ASCII": lambda: (
        b"4\n1\n3\nV 1\n19\ntorch.DoubleStorage\n20000000\n" + b"1 " * 10**7
    ),
    "one number of 20 MB, ASCII": lambda: b"4\n1\n3\nV 1\n19\ntorch.DoubleStorage\n3\n" + b"1" * (20 << 20),
    "2**62 numbers announced, ASCII": lambda: b"4\n1\n3\nV 1\n19\ntorch.DoubleStorage\n%d\n1 2\n" % 2**62,
    "a dimension of 20 MB, ASCII": lambda: b"4\n1\n3\nV 1\n16\ntorch.ByteTensor\n2\n" + b"1 " * (10 << 20),
}

# Pictures, in the place of one of a class.


def png(*chunks):
    parts = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def header(width, height, depth=8, colour=2):
    return b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)


JPEG = picture(DATASET.test.images[0], "JPEG")
SIZE = JPEG.index(b"\xff\xc0") + 5
PICTURES = {
    "2 billion pixels": lambda: png(header(50_000, 50_000), (b"IDAT", of_zeros(b"", 100)), (b"IEND", b"")),
    "the largest size there is": lambda: png(header(2**31 - 1, 2**31 - 1), (b"IDAT", b""), (b"IEND", b"")),
    "a comment of 2 GB": lambda: png(
        header(32, 32), (b"zTXt", b"a\0\0" + of_zeros(b"", 200)), (b"IEND", b"")
    ),
    "a colour profile of 2 GB": lambda: png(
        header(32, 32), (b"iCCP", b"a\0\0" + of_zeros(b"", 200)), (b"IEND", b"")
    ),
    "20,000 chunks": lambda: png(header(32, 32), *[(b"abCd", b"")] * 20_000),
    "a JPEG of 65,535 × 65,535": lambda: JPEG[:SIZE] + b"\xff\xff\xff\xff" + JPEG[SIZE + 4 :],
    "20 MB of JPEG comments": lambda: JPEG[:2] + (b"\xff\xfe\xff\xff" + bytes(65533)) * 320 + JPEG[2:],
}


BATCHES, MATS, TORCH7, CLASSES = (
    python(DATASET, 2),
    matlab(DATASET),
    torch7_tables(DATASET),
    class_folders(DATASET),
)
PARQUET, ARROW = hugging_face(DATASET), hugging_face(DATASET, arrow=True)
STATE = {"train/data-0.arrow": ARROW["cifar10-train.arrow"], "test/data-0.arrow": ARROW["cifar10-test.arrow"]}
PLACES = {  # of the hostile file: among which good files, and under which name
    "pickle": (BATCHES, "data_batch_2", PICKLES),
    "meta": (BATCHES, "batches.meta", METAS),
    "mat": (MATS, "data_batch_2.mat", MAT_FILES),
    "parquet": (PARQUET, "plain_text/train-00000-of-00001.parquet", PARQUETS),
    "arrow": (ARROW, "cifar10-train.arrow", ARROWS),
    "state": (STATE, "train/state.json", {"nested a million deep": lambda: b"[" * 10**6}),
    "archive": ({}, "", ARCHIVES),
    "npz": ({}, "cifar10.npz", NPZS),
    "t7": (TORCH7, "cifar10-train.t7", TORCH7_FILES),
    "picture": (CLASSES, "train/cat/3.png", PICTURES),
}
CASES = [f"{kind}: {case}" for kind, (_, _, cases) in PLACES.items() for case in cases]


def put_case(case, folder):
    """Writes the case; returns what to load."""
    kind, _, case = case.partition(": ")
    good, name, cases = PLACES[kind]
    if kind == "archive":
        (folder / "cifar-10-python.tar.gz").write_bytes(cases[case]())
        return folder / "cifar-10-python.tar.gz"
    return put({**good, name: cases[case]()}, folder / "x")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """All that could be written to lies in one folder."""
    for name in ("HOME", "COURSE_DATA", "TMPDIR", "XDG_CACHE_HOME"):
        (tmp_path / name).mkdir()
        monkeypatch.setenv(name, str(tmp_path / name))
    for name in ("HF_HOME", "HF_HUB_CACHE", "KERAS_HOME", "FASTAI_HOME"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path


def assert_refused(root, home):
    """`load_cifar10(root)` raises ValueError, within bounds, and leaves no file but the lock of its cache."""

    def files():
        return {path for path in home.rglob("*") if path.is_file() and path.suffix != ".lock"}

    before = files()
    outcome = measured(lambda: load_cifar10(root))
    assert not outcome.complaint(sum(path.stat().st_size for path in before)), outcome
    assert outcome.kind == "ValueError", outcome
    assert files() == before
    assert re.search(": expected .*, got .", outcome.said), outcome.said  # the one voice
    return outcome.said


@pytest.mark.family(share=6)
@pytest.mark.parametrize("case", CASES)
def test_a_hostile_file_is_refused_within_bounds(case, home):
    root = put_case(case, home / "work")
    assert str(root) in assert_refused(root, home)


@pytest.mark.parametrize(
    "case", ["pickle: a tuple nested a thousand deep, as a key", "archive: 200,000 folders"]
)
def test_a_lecture_goes_on_with_the_stand_in(case, home, capsys, monkeypatch):
    """What is hostile is never more than unreadable: `load_dataset` falls back."""
    root = put_case(case, home / "work")
    root.rename(
        home / "COURSE_DATA" / ("cifar-10-python.tar.gz" if root.is_file() else "cifar-10-batches-py")
    )
    monkeypatch.delenv("COURSE_DATASET", raising=False)
    monkeypatch.setattr(load, "load_shapes10", lambda: DATASET)  # drawing takes its time
    with pytest.warns(UserWarning, match="found but cannot be read"):
        assert load_dataset("auto") is DATASET
    assert "found but cannot be read" in capsys.readouterr().out


def test_small_mat_files_do_not_unpack_to_more_than_the_data_set(home):
    """Each could be a batch; together they are 240,000 images in 800 kB."""
    labels = struct.pack("<II", 14, 40_000 + 128) + matrix(b"labels", 9, (40_000, 1), b"")
    labels += element(2, bytes(40_000))
    data = (
        struct.pack("<II", 14, 40_000 * 3072)
        + matrix(b"data", 9, (40_000, 3072), b"")
        + struct.pack("<II", 2, 40_000 * 3072)
    )
    batch = mat(compressed(zlib.compress(labels)), compressed(of_zeros(data, 118)))
    assert "60,000 images" in assert_refused(put(dict.fromkeys(MATS, batch), home / "work" / "x"), home)


def test_more_pictures_than_the_data_set_are_refused_before_they_are_decoded():
    with pytest.raises(ValueError, match="pictures: expected at most 60,000"):
        decode_all(iter([]), 10**9)


# What `root` may be.


def test_pipes_and_sockets_are_refused(home):
    os.mkfifo(home / "work" / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        for name in ("pipe", "socket"):
            assert "a pipe, a socket or a device" in assert_refused(home / "work" / name, home)
        assert "a pipe, a socket or a device" in assert_refused("/dev/zero", home)


def test_a_pipe_in_the_place_of_a_batch_is_not_waited_for(home):
    root = put(BATCHES, home / "work" / "x")
    (root / "data_batch_2").unlink()
    os.mkfifo(root / "data_batch_2")
    assert "expected data_batch_2 beside data_batch_3, got none" in assert_refused(root, home)


def test_a_pipe_in_a_usual_place_is_skipped(home):
    os.mkfifo(home / "COURSE_DATA" / "cifar-10-python.tar.gz")
    put(BATCHES, home / "HOME" / "data" / "cifar-10-batches-py")
    assert measured(load_cifar10).kind == ""


@pytest.mark.parametrize(
    "root", [5, 2.5, b"folder", ["folder"], True, object(), "a\0b", "x" * 5000, "~nobody-here/x"]
)
def test_what_is_no_path_is_refused(root, home):
    assert "root: expected the path of a folder" in assert_refused(root, home)


def test_links_in_a_circle_are_followed_once(home):
    root = put(BATCHES, home / "work" / "x" / "y")
    for k in range(12):  # as they were followed: 12**5 folders
        (root / f"loop{k}").symlink_to(root.parent)
    assert_array_equal(load_cifar10(root.parent).test.images, DATASET.test.images)
    outcome = measured(lambda: load_cifar10(root))
    assert (outcome.kind, outcome.complaint(0)) == ("", "")


def test_a_link_to_itself_is_nowhere(home):
    (home / "work" / "a").symlink_to("b")
    (home / "work" / "b").symlink_to("a")
    for k in range(45):  # more than the system follows
        (home / "work" / f"link{k}").symlink_to(f"link{k + 1}")
    for name in ("a", "link0"):
        with pytest.raises((FileNotFoundError, ValueError), match="root:"):
            load_cifar10(home / "work" / name)
