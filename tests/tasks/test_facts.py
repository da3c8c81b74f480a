"""Facts that checks of assignments hand on as numbers: what holds, how they travel, and that all do so."""

import ast
import json

import numpy as np
import pytest

from lib.tasks.facts import (
    Fact,
    any_nonzero,
    any_spread,
    are_different,
    are_mostly_same,
    are_near,
    are_same,
    handed_on,
    settled,
)
from lib.tasks.task import HERE
from lib.tasks.values import plain_value

X = np.array([[0.5, -0.0, 3.0], [1e-300, 2.0, 7.0]])
NAN = np.array([np.nan, 1.0])


def travelled(fact):
    """The fact that arrives where it is settled."""
    return Fact.from_json(json.loads(json.dumps(fact.to_json())))


def holds(fact):
    there, here = settled(travelled(fact)), settled(fact)
    assert (there.kind, there.dtype, there.words) == (here.kind, here.dtype, here.words)
    return bool(here.array) if here.kind == "bool" else here.dtype


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        (are_same(X, X.copy()), True),
        (are_same(X, X + 1e-15), False),
        (are_same(X, np.abs(X) * np.sign(X)), True),
        (are_same(X, X[:1]), False),
        (are_same(X, X.tolist()), True),
        (are_same(X, X.astype(">f8")), True),
        (are_same(X.T, X), False),
        (are_same(X.T, X.T.copy()), True),
        (are_same(1, 1, 2, 3), False),
        (are_same(), True),
        (are_same(NAN, NAN), False),
        (are_same(None, None), True),
        (are_same(None, 1.0), False),
        (are_same(print, print), "TypeError"),
        (~are_same(print, print), "TypeError"),
        (are_same(1, 1, 2), "ValueError"),
        (~are_same(X, X), False),
        (~~are_same(X, X), True),
        (are_near(X, X * (1 + 1e-6)), True),
        (are_near(X, X * (1 + 1e-4)), False),
        (are_near(X, X * (1 + 1e-4), rtol=1e-3), True),
        (are_near(np.ones((2, 2)), np.ones(2)), False),
        (~are_near(X, X, X, X + 1), True),
        (are_near(None, None), "TypeError"),
        (are_different(X, X + 1), True),
        (are_different(X, X + np.array([1, 0, 0])), True),
        (are_different(X, X + 1, X, X), False),
        (are_different(np.zeros((10**6, 1)), np.zeros((1, 10**6))), False),
        (are_mostly_same(np.arange(10), np.arange(10) % 9, 0.9), True),
        (are_mostly_same(np.arange(10), np.arange(10) % 8, 0.9), False),
        (are_mostly_same(np.arange(10), np.arange(9), 0.1), False),
        (any_nonzero(X), True),
        (any_nonzero(X, 0 * X), False),
        (any_nonzero(X > 9), False),
        (any_nonzero(None), False),
        (any_nonzero(np.uint8([0, 3])), True),
        (any_spread(X), True),
        (any_spread(np.full(3, 0.1)), False),
        (any_spread(NAN), False),
    ],
)
def test_what_holds_is_the_same_where_it_arrives(fact, expected):
    assert holds(fact) == expected


def test_a_fact_keeps_the_numbers_of_its_time():
    x = np.zeros(3)
    fact = any_nonzero(x)
    x[0] = 1
    assert holds(fact) is False


def test_other_values_are_handed_on_as_they_were():
    value = handed_on([1, 2])
    assert settled(value) is value
    assert value.to_json() == plain_value([1, 2]).to_json()


GOOD = are_near(X, X).to_json()
ARRAY = GOOD["about"][0]


@pytest.mark.parametrize(
    "change",
    [
        {"asks": "True"}, {"asks": ["same"]}, {"asks": None}, {"about": {}}, {"about": [3]}, {"about": [{}]},
        {"about": "ab"}, {"about": [ARRAY] * 10_001}, {"bounds": [True, 1.0]}, {"bounds": ["1", 1.0]},
        {"bounds": None}, {"holds": 1}, {"holds": None}, {"more": 1}, {"about": [ARRAY | {"more": 1}]},
        {"about": [ARRAY | {"dtype": "object"}]}, {"about": [ARRAY | {"dtype": "f8,i4"}]},
        {"about": [ARRAY | {"dtype": "U5"}]}, {"about": [ARRAY | {"dtype": 8}]},
        {"about": [ARRAY | {"dtype": "(1,"}]}, {"about": [ARRAY | {"bytes": "zz"}]},
        {"about": [ARRAY | {"bytes": 5}]}, {"about": [ARRAY | {"bytes": "00"}]},
        {"about": [ARRAY | {"shape": [-1, 3]}]}, {"about": [ARRAY | {"shape": [True, 6]}]},
        {"about": [ARRAY | {"shape": [2.0, 3]}]}, {"about": [ARRAY | {"shape": 6}]},
        {"about": [ARRAY | {"shape": [0, 2**80], "bytes": ""}]}, {"about": [ARRAY | {"shape": [1] * 70}]},
    ],
    ids=lambda change: str(change)[:60],
)  # fmt: skip
def test_content_that_is_no_fact_is_refused(change):
    assert Fact.from_json(GOOD).asks == "near"
    with pytest.raises(ValueError, match="content: expected a fact"):
        Fact.from_json({**GOOD, **change})


@pytest.mark.parametrize("change", [{"bounds": []}, {"bounds": [1.0] * 9}, {"asks": "mostly same"}])
def test_bounds_that_a_question_does_not_take_are_an_error_and_no_fact(change):
    assert settled(Fact.from_json({**GOOD, **change})).kind == "error"


# The checks of assignments. Arrays must not be compared where an answer has run, nor a bool made of them.
NAMES = (
    "all", "allclose", "any", "array_equal", "array_equiv", "equal", "in1d", "isclose", "isin", "not_equal",
    "ptp", "testing",
)  # fmt: skip
OF_MANY = ("argmax", "argmin", "count_nonzero", "max", "mean", "min", "sum", "unique")
FILES = sorted(HERE.glob("a[0-9]/*.py"))


def comparisons(source: str) -> list[str]:
    """What compares arrays in a module, and in which line."""
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Attribute(attr=name) if name in NAMES:
                found.append(f"line {node.lineno}: {ast.unparse(node)}")
            case ast.Name(id="all" | "any" as name, ctx=ast.Load()):
                found.append(f"line {node.lineno}: {name}")
            case ast.ImportFrom(module="numpy" | "math"):
                found.append(f"line {node.lineno}: {ast.unparse(node)}")
            case ast.Compare():
                asked = {part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)}
                if asked.intersection(OF_MANY):
                    found.append(f"line {node.lineno}: {ast.unparse(node)}")
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_a_graded_check_compares_no_arrays(path):
    """Use lib.tasks.facts: an answer can change what numpy says, and put it back, within one call."""
    assert comparisons(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "line",
    [
        "np.array_equal(x, y)", "bool((x == y).all())", "np.any(x)", "all(map(f, x))", "any(x == y)",
        "numpy.testing.assert_allclose(x, y)", "math.isclose(x, y)", "(x == y).mean() > 0.9",
        "same = np.allclose", "from numpy import array_equal", "from math import isclose",
        "list(map(all, x))",
    ],
)  # fmt: skip
def test_the_reader_sees_what_compares(line):
    assert comparisons(line)


@pytest.mark.parametrize("line", ["are_same(x, y)", "x.tolist() == y.tolist()", "bool(layer.training)"])
def test_the_reader_lets_pass_what_does_not(line):
    assert not comparisons(line)
