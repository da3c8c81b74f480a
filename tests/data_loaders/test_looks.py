"""Files in the place of data are named for what they are, and never shown at length."""

import gzip
import io
import zipfile

import pytest
from PIL import Image

from data_loaders.looks import looks_like, reason, shortened


def picture(kind):
    data = io.BytesIO()
    Image.new("RGB", (2, 2)).save(data, kind)
    return data.getvalue()


def zipped():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("a", b"1")
    return data.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "an empty file"),
        (b"<html><body>", "an HTML page (it begins with <html>)"),
        (b"\r\n <!DOCTYPE html>\n<html>", "an HTML page (it begins with <!DOCTYPE html>)"),
        (b"\xef\xbb\xbf<HTML lang='de'>", "an HTML page (it begins with <HTML>)"),
        (gzip.compress(b"1", mtime=0), "a gzip file"),
        (zipped(), "a zip file"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 3\n", "a git-lfs pointer"),
        (picture("PNG"), "a PNG picture"),
        (picture("JPEG"), "a JPEG picture"),
        (picture("BMP"), "a BMP picture"),
        (picture("GIF"), "a GIF picture"),
        (picture("TIFF"), "a TIFF picture"),
        (picture("WEBP"), "a WebP picture"),
        (bytes(5000), "nothing but zeros"),
        (b"hello", ""),
    ],
)
def test_what_it_looks_like(data, words):
    assert looks_like(data).startswith(words)
    assert bool(looks_like(data)) == bool(words)


@pytest.mark.parametrize(
    "value",
    ["x" * 10**6, b"\0" * 10**6, 10**5000, [1] * 10**6, {"a": "b" * 999}, None, 1.5, object()],
    ids=["text", "bytes", "number", "list", "dict", "None", "float", "object"],
)
def test_what_a_file_holds_is_shown_in_few_characters(value):
    assert len(shortened(value)) <= 61


def test_the_reason_of_an_error_is_never_empty_nor_long():
    assert reason(IndexError()) == "IndexError"
    assert reason(ValueError("two\nlines")) == "two lines"
    assert len(reason(ValueError("x" * 10**6))) == 301
