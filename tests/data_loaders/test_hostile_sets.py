"""Sets whose files are harmless one by one, and too much together: refused within the same bounds."""

import io
import pickle
import tarfile
import zipfile
import zlib

import numpy as np
import pyarrow as pa
import pytest
from cifar10_forms import (
    binary,
    class_folders,
    hugging_face,
    kaggle,
    picture,
    put,
    python,
    tiny,
    torch7_tables,
)
from numpy.testing import assert_array_equal
from test_hostile_files import JPEG, arrow, assert_refused, header, home, parquet, png  # noqa: F401

from data_loaders import load_cifar10
from data_loaders.formats.content import MOST_BATCHES
from data_loaders.formats.pictures import decode_all

pytestmark = pytest.mark.usefixtures("home")
DATASET = tiny()
SMALL = picture(DATASET.test.images[0])


def zipped(files, path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def tarred(files, path):
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


# Tables: the rows of all files count.


FLAT = picture(np.zeros((3, 32, 32), np.uint8))


def table(rows, cell=FLAT):
    cells = pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int32)), pa.array([cell]))
    return pa.table({"img": cells, "label": pa.array(np.ones(rows, np.int64))})


def padded(rows):
    cell = SMALL.ljust(1000, b"\0")
    return arrow(pa.table({"img": [cell] * rows, "label": [1] * rows}), compression="zstd")


def state(times):
    listed = {"_data_files": [{"filename": "data-0.arrow"}] * times}
    return str(listed).replace("'", '"').encode()


@pytest.mark.parametrize("times", [2, 600, 15_000])
def test_a_table_that_is_listed_many_times_is_refused(times, home):  # noqa: F811
    files = {
        "train/data-0.arrow": padded(500),
        "test/data-0.arrow": padded(500),
        "train/state.json": state(times),
    }
    assert "twice" in assert_refused(put(files, home / "work" / "x"), home)


@pytest.mark.parametrize("ending", ["parquet", "arrow"])
def test_the_rows_of_all_tables_are_counted(ending, home):  # noqa: F811
    """Each has 31,000 rows, which is fine; the second is refused by its name, before it is decoded."""
    one = parquet(table(31_000)) if ending == "parquet" else arrow(table(31_000))
    few = parquet(table(10)) if ending == "parquet" else arrow(table(10))
    files = {f"train-{k}.{ending}": one for k in range(20)} | {f"test-0.{ending}": few}
    said = assert_refused(zipped(files, home / "work" / "x.zip"), home)
    assert "60,000 images" in said
    assert f"train-1.{ending}" in said


def test_the_rows_of_train_and_test_are_counted_together(home):  # noqa: F811
    files = {f"{part}-0.parquet": parquet(table(31_000)) for part in ("train", "test")}
    assert "up to test-0.parquet" in assert_refused(put(files, home / "work" / "x"), home)


def test_tables_in_several_files_are_joined_and_an_empty_one_is_passed_over(home):  # noqa: F811
    whole = hugging_face(DATASET)
    files = {
        f"plain_text/{part}-00001-of-00002.parquet": whole[f"plain_text/{part}-00000-of-00001.parquet"]
        for part in ("train", "test")
    }
    files["plain_text/train-00002-of-00002.parquet"] = parquet(table(0))
    files["plain_text/train-00000-of-00002.parquet"] = files["plain_text/train-00001-of-00002.parquet"]
    train = load_cifar10(put(files, home / "work" / "x")).train
    assert_array_equal(train.images, np.concatenate([DATASET.train.images] * 2))
    assert_array_equal(train.labels, np.concatenate([DATASET.train.labels] * 2))


# Batches: the images of all files count, and what comes out of an archive is held once.


def pickled(count, protocol):
    return pickle.dumps({"data": np.zeros((count, 3072), np.uint8), "labels": [0] * count}, protocol)


def records(count):
    return bytes(3073 * count - 1) + b"\1"


@pytest.mark.family(share=6)
@pytest.mark.parametrize("pack", [zipped, tarred])
@pytest.mark.parametrize(
    ("count", "batches", "suffix", "one"),
    [
        (13_000, 5, "", lambda n: pickled(n, 4)),
        (6_000, 5, "", lambda n: pickled(n, 4)),
        (30_000, 1, "", lambda n: pickled(n, 2)),
        (30_000, 1, "", lambda n: pickled(n, 5)),
        (66_000, 1, "", lambda n: pickled(n, 4)),
        (13_000, 5, ".bin", records),
        (6_000, 5, ".bin", records),
    ],
)
def test_small_archives_of_large_batches_stay_within_memory(count, batches, suffix, one, pack, home):  # noqa: F811
    """The last batch is bad, so that all others have been read."""
    batch = one(count)
    files = {f"data_batch_{k}{suffix}": batch for k in range(1, batches + 1)} | {f"test_batch{suffix}": b"x"}
    assert_refused(pack(files, home / "work" / "x.zip"), home)


@pytest.mark.parametrize(("suffix", "one"), [("", lambda n: pickled(n, 4)), (".bin", records)])
def test_the_images_of_all_batches_are_counted(suffix, one, home):  # noqa: F811
    files = {f"data_batch_{k}{suffix}": one(25_000) for k in (1, 2)} | {f"test_batch{suffix}": one(10_001)}
    assert f"60,000 images, got more, up to test_batch{suffix}" in assert_refused(
        put(files, home / "work" / "x"), home
    )


@pytest.mark.parametrize("form", [lambda d: python(d, 2), binary])
def test_hundreds_of_batches_are_refused(form, home):  # noqa: F811
    files = form(DATASET)
    suffix = ".bin" if "test_batch.bin" in files else ""
    files |= {f"data_batch_{k}{suffix}": files[f"data_batch_1{suffix}"] for k in range(1, 301)}
    said = assert_refused(put(files, home / "work" / "x"), home)
    assert f"at most {MOST_BATCHES} training batches, got 300" in said


# Kaggle's table.


@pytest.mark.family(share=6)
@pytest.mark.parametrize(
    "content",
    [b"\n" * (10 << 20), b"\n" * (3 << 20), b"aa," * (3 << 20), b"aa," * (1 << 20), b'"' * (3 << 20),
     b"1,cat\n" * 500_000, b"\r" * (2 << 20), "\u2028".encode() * (1 << 20),
     "\n".encode("utf-16") * (1 << 19)],
    ids=range(9),
)  # fmt: skip
def test_a_table_of_blank_lines_or_cells_is_refused(content, home):  # noqa: F811
    files = kaggle(DATASET) | {"trainLabels.csv": content}
    assert "trainLabels.csv" in assert_refused(zipped(files, home / "work" / "x.zip"), home)


# Torch7: numbers that are written as text.


def written(kind, count, numbers):
    name = f"torch.{kind}Storage"
    return f"4\n1\n3\nV 1\n{len(name)}\n{name}\n{count}\n".encode() + numbers


@pytest.mark.family(share=6)
@pytest.mark.parametrize("kind", ["Long", "Half", "Float", "Double", "Int", "Short"])
@pytest.mark.parametrize("count", [20_000_000, 400_000])
def test_numbers_as_text_in_a_small_archive_are_refused(kind, count, home):  # noqa: F811
    temporary = set((home / "TMPDIR").iterdir())
    files = torch7_tables(DATASET) | {"cifar10-train.t7": written(kind, count, b"0 " * count)}
    assert "save it as binary" in assert_refused(zipped(files, home / "work" / "x.zip"), home)
    assert set((home / "TMPDIR").iterdir()) == temporary


def test_many_storages_of_numbers_as_text_are_counted_together(home):  # noqa: F811
    name = "torch.LongStorage"
    one = "1\n{key}\n4\n{id}\n3\nV 1\n17\n" + name + "\n100000\n" + "0 " * 100_000 + "\n"
    content = "3\n1\n20\n" + "".join(one.format(key=k, id=k + 1) for k in range(1, 21))
    files = torch7_tables(DATASET) | {"cifar10-train.t7": content.encode()}
    assert "save it as binary" in assert_refused(zipped(files, home / "work" / "x.zip"), home)


# Pictures.


TEXT = b"a\0\0" + zlib.compress(bytes(1 << 20), 9)
INTERNATIONAL = b"a\0\1\0\0\0" + zlib.compress(bytes(1 << 20), 9)
PROFILE = b"a\0\0" + zlib.compress(bytes(1 << 20), 9)
PIXELS = [(b"IDAT", zlib.compress(bytes(32 * 97))), (b"IEND", b"")]


@pytest.mark.family(share=6)
@pytest.mark.parametrize("chunk", [(b"zTXt", TEXT), (b"iTXt", INTERNATIONAL), (b"iCCP", PROFILE)], ids=str)
@pytest.mark.parametrize("place", [0, 1])
def test_texts_that_unpack_to_megabytes_are_passed_over(chunk, place, home):  # noqa: F811
    """Before and after the pixels, in a hundred pictures; the last picture is bad."""
    chunks = [header(32, 32), *PIXELS]
    chunks[1 + place : 1 + place] = [chunk] * 60
    hostile = png(*chunks)
    files = class_folders(DATASET) | {f"train/cat/z{k}.png": hostile for k in range(100)}
    files["test/cat/bad.png"] = b"x"
    assert "bad.png" in assert_refused(zipped(files, home / "work" / "x.zip"), home)


def test_a_picture_with_texts_and_a_profile_has_the_same_pixels():
    from PIL import Image, PngImagePlugin

    image = DATASET.test.images[0]
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Title", "a", zip=True)
    texts.add_itxt("Author", "é")
    data = io.BytesIO()
    whole = Image.fromarray(image.transpose(1, 2, 0).copy())
    whole.save(data, "PNG", pnginfo=texts, icc_profile=b"x" * 300, dpi=(72, 72))
    for mode in ("RGB", "P", "L", "RGBA"):
        other = io.BytesIO()
        whole.convert(mode).save(other, "PNG", pnginfo=texts)
        expected = np.asarray(whole.convert(mode).convert("RGB")).transpose(2, 0, 1)
        assert_array_equal(decode_all([("a", other.getvalue())], 1)[0][0], expected)
    assert_array_equal(decode_all([("a", data.getvalue())], 1)[0][0], image)


@pytest.mark.family(share=6)
@pytest.mark.parametrize(
    "filling",
    [b"\xff\xfe\0\2" * 60_000, b"\xff" * 200_000, b"\xff\xd0" * 100_000, bytes(200_000), b"\xff\0" * 100_000,
     b"\xff\xfe\0\0" * 60_000],
    ids=["comments", "fillers", "restarts", "zeros", "escaped", "lengths of nothing"],
)  # fmt: skip
def test_jpeg_files_of_very_many_segments_are_refused(filling, home):  # noqa: F811
    hostile = JPEG[:2] + filling + JPEG[2:]
    files = class_folders(DATASET, "JPEG") | {f"train/cat/z{k}.jpeg": hostile for k in range(100)}
    assert "z" in assert_refused(zipped(files, home / "work" / "x.zip"), home)


@pytest.mark.parametrize("cut", [8, 20, 33, 40, 60, 500])
def test_a_png_that_is_cut_is_refused(cut):
    with pytest.raises(ValueError, match="a: expected a PNG or JPEG of 32×32 pixels"):
        decode_all([("a", SMALL[:cut])], 1)
