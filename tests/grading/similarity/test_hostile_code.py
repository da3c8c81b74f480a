"""Code that is made to keep a comparison busy, and files that are not the student's."""

from __future__ import annotations

import json
import time

import pytest

from lib.grading.similarity.normal import MOST, lexed_stream, streams
from lib.grading.similarity.written import Asked, blocks_of, submitted_code


@pytest.mark.parametrize(
    "part",
    ['\\"', "\\'", "\n", " \n", '"', "'", '"""', "'''", "\t", "(", "a.", "f'{", "x = y + z * w\n", "#"],
)
@pytest.mark.parametrize("end", ["", " ("])
def test_it_is_read_at_once(part, end):
    text = part * ((MOST - 10) // len(part)) + end
    started = time.process_time()
    lexed_stream(text)
    streams(text)
    blocks_of(text, "")
    assert time.process_time() - started < 6  # most take a tenth of a second


@pytest.mark.parametrize("text", ['x = "open\ny = 1', "x = 'open\ny = 1"])
def test_a_string_without_an_end_ends_with_its_line(text):
    assert lexed_stream(text).words[-1] == "1"


def test_copies_that_a_program_has_left_do_not_count(tmp_path):
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "outputs": [], "execution_count": None}
    whole = {"metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    for path, text in (("a1.ipynb", "mine = 1"), (".ipynb_checkpoints/a1.ipynb", "left = 1")):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(json.dumps({"cells": [cell | {"source": text}], **whole}))
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "h.py").write_text("left = 2")
    (tmp_path / "linked.py").symlink_to(tmp_path / "__pycache__" / "h.py")
    assert submitted_code(tmp_path, Asked({}, {}, frozenset())) == {"elsewhere": "mine = 1"}
