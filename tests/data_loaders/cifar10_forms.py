"""A tiny data set, and writers of every form in which CIFAR-10 comes, for the tests."""

import io
import pickle
import struct
import tarfile
import zipfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import scipy.io
from PIL import Image

from data_loaders import Dataset, Split
from data_loaders.formats import table_reader, tables
from data_loaders.formats.content import CLASSES


def tiny(train=20, test=10, seed=0):
    """Random pixels; every label occurs, first 0 and last 9."""
    rng = np.random.default_rng(seed)

    def split(count):
        labels = np.resize(np.arange(10), count)
        return Split(rng.integers(0, 256, (count, 3, 32, 32), np.uint8), labels)

    return Dataset("CIFAR-10", split(train), split(test), CLASSES)


def rows(split):
    return split.images.reshape(len(split), 3072)


def picture(image, kind="PNG"):
    data = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(image.transpose(1, 2, 0))).save(data, kind)
    return data.getvalue()


def python2_batch(split):
    """What Python 2's cPickle wrote, protocol 2, opcode by opcode: the official files look like this."""

    def text(s):
        return b"U" + bytes([len(s)]) + s

    dtype = (
        b"cnumpy\ndtype\n"
        + text(b"u1")
        + b"K\0K\1\x87R(K\3"
        + text(b"|")
        + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb"
    )
    raw = rows(split).tobytes()
    array = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85" + text(b"b") + b"\x87R"
    array += b"(K\1" + b"J" + struct.pack("<i", len(split)) + b"J" + struct.pack("<i", 3072) + b"\x86" + dtype
    array += b"\x89" + b"T" + struct.pack("<i", len(raw)) + raw + b"tb"
    labels = b"](" + b"".join(b"K" + bytes([label]) for label in split.labels) + b"e"
    return b"\x80\2}(" + text(b"data") + array + text(b"labels") + labels + b"u."


def five_batches(dataset, suffix, one):
    parts = np.array_split(np.arange(len(dataset.train)), 5)
    files = {f"data_batch_{k}{suffix}": one(dataset.train[part]) for k, part in enumerate(parts, 1)}
    return {**files, f"test_batch{suffix}": one(dataset.test)}


def python(dataset, protocol, keys=str):
    def one(split):
        batch = {"data": rows(split), "labels": split.labels.tolist(), "batch_label": "a batch"}
        return pickle.dumps({keys(key): value for key, value in batch.items()}, protocol=protocol)

    meta = {keys("label_names"): [keys(name) for name in CLASSES]}
    return five_batches(dataset, "", one) | {"batches.meta": pickle.dumps(meta, protocol=protocol)}


def binary(dataset):
    def one(split):
        return np.hstack([split.labels[:, None].astype(np.uint8), rows(split)]).tobytes()

    return five_batches(dataset, ".bin", one) | {"batches.meta.txt": "\n".join(CLASSES).encode() + b"\n\n"}


def matlab(dataset):
    def one(split):
        file = io.BytesIO()
        labels = split.labels.astype(np.uint8)[:, None]
        scipy.io.savemat(
            file, {"data": rows(split), "labels": labels, "batch_label": "x"}, do_compression=True
        )
        return file.getvalue()

    names = io.BytesIO()
    scipy.io.savemat(names, {"label_names": np.array(CLASSES, object)[:, None]})
    return five_batches(dataset, ".mat", one) | {"batches.meta.mat": names.getvalue()}


def kaggle(dataset):
    """Kaggle's training set is all there is: train and test here, one after the other."""
    images = np.concatenate([dataset.train.images, dataset.test.images])
    labels = np.concatenate([dataset.train.labels, dataset.test.labels])
    table = "id,label\n" + "".join(f"{k},{CLASSES[label]}\n" for k, label in enumerate(labels, 1))
    pictures = {f"train/{k}.png": picture(image) for k, image in enumerate(images, 1)}
    return pictures | {"trainLabels.csv": table.encode(), "test/1.png": picture(images[0])}


def class_folders(dataset, kind="PNG", name="{split}/{label}/{k}.{suffix}"):
    files = {"labels.txt": "\n".join(CLASSES).encode()}
    for split in ("train", "test"):
        examples = getattr(dataset, split)
        for k, (image, label) in enumerate(zip(examples.images, examples.labels, strict=True)):
            path = name.format(split=split, label=CLASSES[label], k=k, suffix=kind.lower())
            files[path] = picture(image, kind)
    return files


def hugging_face(dataset, picture_column="img", label_column="label", arrow=False):
    files = {"README.md": b"a card"}
    for split in ("train", "test"):
        examples = getattr(dataset, split)
        cells = [{"bytes": picture(image), "path": f"{k}.png"} for k, image in enumerate(examples.images)]
        table = pa.table({picture_column: cells, label_column: examples.labels})
        sink = io.BytesIO()
        if arrow:
            with pa.ipc.new_stream(sink, table.schema) as writer:
                writer.write_table(table)
            files[f"cifar10-{split}.arrow"] = sink.getvalue()
        else:
            pq.write_table(table, sink)
            files[f"plain_text/{split}-00000-of-00001.parquet"] = sink.getvalue()
    return files


class Lua:
    """Just enough of Torch7's binary format: tables with string keys, byte and double tensors."""

    def __init__(self):
        self.index = 0

    def number(self, n):
        self.index += 1
        return self.index if n is None else n

    def tensor(self, array):
        kind = {"u": "Byte", "f": "Double"}[array.dtype.kind]
        strides = [s // array.itemsize for s in array.strides]
        out = struct.pack("<ii", 4, self.number(None)) + self.name(f"torch.{kind}Tensor")
        out += struct.pack(f"<i{2 * array.ndim + 1}q", array.ndim, *array.shape, *strides, 1)
        out += struct.pack("<ii", 4, self.number(None)) + self.name(f"torch.{kind}Storage")
        return out + struct.pack("<q", array.size) + array.tobytes()

    def name(self, text):
        return struct.pack("<i", 3) + b"V 1" + struct.pack("<i", len(text)) + text.encode()

    def table(self, **items):
        out = struct.pack("<iii", 3, self.number(None), len(items))
        for key, value in items.items():
            out += struct.pack("<ii", 2, len(key)) + key.encode() + self.tensor(value)
        return out


def torch7_assignment(dataset, te_labels=False):
    """Deck A2's files; without labels for the test images, they stand at the end of the training images."""
    files = {"te_data.bin": Lua().tensor(dataset.test.images)}
    train = dataset.train
    if te_labels:
        files["te_labels.bin"] = Lua().tensor(dataset.test.labels.astype(np.float64) + 1)
    else:
        train = Split(
            np.concatenate([train.images, dataset.test.images]),
            np.concatenate([train.labels, dataset.test.labels]),
        )
    files["tr_data.bin"] = Lua().tensor(train.images)
    files["tr_labels.bin"] = Lua().tensor(train.labels.astype(np.float64) + 1)
    return files


def torch7_tables(dataset):
    def one(split):
        return Lua().table(data=split.images, label=split.labels.astype(np.uint8) + 1)

    return {"cifar10-train.t7": one(dataset.train), "cifar10-test.t7": one(dataset.test)}


def torch7_batches(dataset):
    """One image a column, labels from 0, as in cifar-10-torch.tar.gz."""

    def one(split):
        pixels = np.ascontiguousarray(rows(split).T)
        return Lua().table(data=pixels, labels=split.labels[None].astype(np.uint8))

    return five_batches(dataset, ".t7", one)


def npz(dataset):
    file = io.BytesIO()
    train, test = dataset.train, dataset.test
    np.savez(
        file,
        train_images=train.images,
        train_labels=train.labels,
        test_images=test.images,
        test_labels=test.labels,
    )
    return {"cifar10.npz": file.getvalue()}


# Name: (the files, whether they keep the order of the images)
FORMS = {
    **{f"python, protocol {p}": (lambda d, p=p: python(d, p), True) for p in range(6)},
    "python, keys of bytes": (lambda d: python(d, 3, str.encode), True),
    "python 2": (lambda d: five_batches(d, "", python2_batch), True),
    "binary": (binary, True),
    "matlab": (matlab, True),
    "kaggle": (kaggle, True),
    "class folders": (class_folders, False),
    "fast.ai lesson": (lambda d: class_folders(d, name="{split}/{k}_{label}.{suffix}"), False),
    "hugging face": (hugging_face, True),
    "hugging face, new names": (lambda d: hugging_face(d, "image", "labels"), True),
    "hugging face, arrow": (lambda d: hugging_face(d, arrow=True), True),
    "torch7, deck A2": (torch7_assignment, True),
    "torch7, deck A2 with labels": (lambda d: torch7_assignment(d, te_labels=True), True),
    "torch7, tables": (torch7_tables, True),
    "torch7, batches": (torch7_batches, True),
    "npz": (npz, True),
}


class Memory:
    """Files that are nowhere but in memory."""

    def __init__(self, content, path="somewhere"):
        self.path, self.content, self.names = path, content, sorted(content)

    def read(self, name):
        return self.content[name]


def put(files, folder):
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def put_tar(files, path, mode="w:gz"):
    with tarfile.open(path, mode) as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


def put_zip(files, path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


class TableReaderHere:
    """A `TableReader` without another process: for many small files, and for those that do no harm."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def read(self, data, name):
        frames = []
        try:
            frames += table_reader.frames(pa, pa.BufferReader(data), name.endswith(".parquet"))
        except Exception as error:  # as the program does
            raise ValueError(f"{name}: expected a table of pictures, got {error}"[:400]) from error
        return tables.collected(io.BytesIO(b"".join(frames)))
