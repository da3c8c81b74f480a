"""The examiner's own copy of the course: from compiled files where they are of the text that lies there."""

import os
import py_compile
import sys

import numpy as np
import pytest

from lib.grading.examination.examiner import Library


@pytest.fixture
def course(tmp_path):
    """A course of one module, compiled; a text of another value of the same length comes later."""
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "__init__.py").write_text("")
    file = tmp_path / "lib" / "answer.py"
    file.write_text("value = 42\n")
    py_compile.compile(str(file), doraise=True)
    return tmp_path


def value(course):
    return Library(str(course)).load("lib.answer").value


def compiled(course):
    return course / "lib" / "__pycache__" / f"answer.{sys.implementation.cache_tag}.pyc"


def replace_text(course):
    """Changes the text, its times and its size stay."""
    file = course / "lib" / "answer.py"
    there = file.stat()
    file.write_text("value = 43\n")
    os.utime(file, ns=(there.st_atime_ns, there.st_mtime_ns))


def test_what_lies_compiled_beside_a_file_is_taken(course):
    replace_text(course)
    assert value(course) == 42


def test_a_text_that_has_changed_is_compiled(course):
    (course / "lib" / "answer.py").write_text("value = 40 + 3\n")
    assert value(course) == 43


@pytest.mark.parametrize("content", [b"", b"\0" * 16, b"\xff" * 400])
def test_a_compiled_file_that_is_none_is_passed_over(course, content):
    replace_text(course)
    compiled(course).write_bytes(content)
    assert value(course) == 43


@pytest.mark.parametrize("cut", [3, 16, 30])
def test_one_that_is_cut_short_is_passed_over(course, cut):
    replace_text(course)
    compiled(course).write_bytes(compiled(course).read_bytes()[:cut])
    assert value(course) == 43


def test_where_python_looks_for_compiled_files_matters_nothing(course, tmp_path, monkeypatch):
    """A student's process may say that they lie in a folder of its own."""
    compiled(course).unlink()
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "elsewhere"))
    py_compile.compile(str(course / "lib" / "answer.py"), doraise=True)
    replace_text(course)
    assert value(course) == 43


def test_a_text_without_a_file_is_compiled(course):
    library = Library(str(course))
    library.texts["lib.answer"] = "value = 44\n"
    assert library.load("lib.answer").value == 44


def test_one_that_was_compiled_for_another_place_is_passed_over(course):
    """Rooms are compiled as a sandbox shows them; without one they lie elsewhere, and checks go by names."""
    file = course / "lib" / "answer.py"
    py_compile.compile(str(file), doraise=True, dfile="/course/lib/answer.py")
    replace_text(course)
    assert value(course) == 43


def test_what_is_changed_in_numpy_meanwhile_changes_nothing_in_it(course, monkeypatch):
    (course / "lib" / "answer.py").write_text(
        "import numpy as np\nfrom numpy import array\nsame = lambda x: np.array_equal(array(x), np.array(x))"
    )
    same = Library(str(course)).load("lib.answer").same
    monkeypatch.setattr(np, "array_equal", lambda *_: "forged")
    monkeypatch.setattr(np, "array", lambda *_: "forged")
    assert same([1, 2]) is True
