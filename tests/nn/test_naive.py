"""The plain twins are short, and named in the fast files, beside whose tests theirs stand."""

import ast
import inspect
from pathlib import Path

import pytest

from lib.nn import naive

NN = Path(naive.__file__).parents[1]
FAST = {
    "convolution.py": "naive/convolution.py",
    "patches.py": "naive/convolution.py",
    "pooling.py": "naive/max_pooling.py",
    "batch_norm.py": "naive/batch_norm.py",
    "group_norm.py": "naive/batch_norm.py",
}


@pytest.mark.parametrize("name", FAST)
def test_the_first_line_of_a_fast_file_names_the_plain_twin(name):
    first = (NN / name).read_text(encoding="utf-8").splitlines()[0]
    assert f"`{FAST[name]}`" in first
    assert (NN / FAST[name]).is_file()


def test_every_plain_file_is_named():
    files = {f"naive/{path.name}" for path in (NN / "naive").glob("*.py")} - {"naive/__init__.py"}
    assert files == set(FAST.values())


@pytest.mark.parametrize("name", naive.__all__)
def test_a_plain_function_has_at_most_20_lines_beside_its_docstring(name):
    (function,) = ast.parse(inspect.getsource(getattr(naive, name))).body
    docstring, *statements = function.body
    assert isinstance(docstring.value, ast.Constant)
    assert docstring.lineno - function.lineno + statements[-1].end_lineno - statements[0].lineno + 1 <= 20
