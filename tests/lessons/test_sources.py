"""What counts as written in a notebook: kinds and sources of its cells, in order, and nothing else."""

import json

from hypothesis import given
from hypothesis import strategies as st

from lib.lessons.sources import file_fingerprint, source_fingerprint

KINDS = st.sampled_from(["code", "markdown", "raw"])
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).filter(str.strip)
CELLS = st.lists(st.tuples(KINDS, TEXTS), max_size=5)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


def as_saved(cells, draw):
    """A notebook as some program may save these cells, with what it adds by itself."""
    saved = []
    for kind, text in cells:
        if draw(st.booleans()):
            text = text.replace("\r\n", "\n").replace("\n", "\r\n")
        source = text.splitlines(True) if draw(st.booleans()) else text
        saved.append({"cell_type": kind, "source": source, "metadata": draw(JSON), "outputs": draw(JSON)})
        saved[-1]["execution_count"] = draw(st.none() | st.integers(0, 99))
        if draw(st.booleans()):
            saved.insert(
                draw(st.integers(0, len(saved))),
                {"cell_type": "code", "source": draw(st.sampled_from(["", [], " \n"]))},
            )
    notebook = {
        "cells": saved,
        "metadata": draw(JSON),
        "nbformat": 4,
        "nbformat_minor": draw(st.integers(0, 5)),
    }
    return json.dumps(
        notebook, indent=draw(st.none() | st.integers(0, 2)), ensure_ascii=draw(st.booleans())
    ).encode()


@given(cells=CELLS, data=st.data())
def test_what_programs_add_and_how_they_store_it_does_not_count(cells, data):
    assert source_fingerprint(as_saved(cells, data.draw)) == source_fingerprint(as_saved(cells, data.draw))


def unified(cells):
    return [(kind, text.replace("\r\n", "\n").replace("\r", "\n")) for kind, text in cells]


@given(one=CELLS, other=CELLS, data=st.data())
def test_other_cells_always_count(one, other, data):
    same = source_fingerprint(as_saved(one, data.draw)) == source_fingerprint(as_saved(other, data.draw))
    assert same == (unified(one) == unified(other))


@given(content=st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
def test_of_what_is_no_notebook_every_byte_counts(content):
    assert source_fingerprint(content).startswith("bytes ")
    assert source_fingerprint(content) != source_fingerprint(content + b" ")


def test_what_is_no_plain_file_has_no_fingerprint(tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to("file")
    assert file_fingerprint(tmp_path / "file")
    for name in ("link", "missing", "."):
        assert file_fingerprint(tmp_path / name) == ""
