"""Spellings of one thing have the same words; other things have others; nothing is too odd to be read."""

import random

import pytest
from authors import NAMES, alone
from hypothesis import given
from hypothesis import strategies as st

from lib.grading.similarity.fingerprints import WINDOW, K, fingerprints, grams, winnowed
from lib.grading.similarity.normal import WordStream, is_python, lexed_stream, streams
from lib.grading.similarity.oral import oral_questions
from lib.grading.similarity.passages import passages


def words(text):
    return sorted(stream.words for stream in streams(text))


SAME = {
    "names": ("def f(a):\n    b = np.exp(a)\n    return b", "def f(x):\n    y = np.exp(x)\n    return y"),
    "attributes": (
        "class A:\n    def f(self, x):\n        self.kept = x",
        "class A:\n    def f(me, z):\n        me.saved = z",
    ),
    "remarks": (
        'def f(a):\n    """Twice."""\n    return 2 * a  # so',
        "def f(a):\n\n    return (2\n      * a)",
    ),
    "types": (
        "def f(a: int) -> int:\n    b: int = a\n    return b",
        "def f(a):\n    b = a\n    return b",
    ),
    "texts": ("raise ValueError('no')", 'raise ValueError(f"not {x}")'),
    "for and while": (
        "def f(x):\n    for i in range(len(x)):\n        x[i] = np.exp(x[i])",
        "def f(x):\n    i = 0\n    while i < len(x):\n        x[i] = np.exp(x[i])\n        i += 1",
    ),
    "range from 0": ("for i in range(0, n):\n    go(i)", "for j in range(n):\n    go(j)"),
    "added to": ("def f(x):\n    x += 2", "def f(x):\n    x = x + 2"),
    "turned round": ("def f(a, b):\n    return a > b", "def f(a, b):\n    return b < a"),
    "factors": ("def f(a):\n    return 2 * np.exp(a)", "def f(a):\n    return np.exp(a) * 2"),
    "modules": ("import numpy\ny = numpy.exp(2)", "import numpy as np\nz = np.exp(2)"),
    "imported": ("from numpy import exp\ny = exp(2)", "import numpy as np\ny = np.exp(2)"),
    "methods in another order": (
        "class A:\n    def f(self):\n        go(1)\n    def g(self):\n        stay(2)",
        "class A:\n    def g(self):\n        stay(2)\n    def f(self):\n        go(1)",
    ),
    "prints": ("def f(x):\n    print(x)\n    return x", "def f(x):\n    return x"),
    "together": ("def f(x):\n    a, b = 1, 2\n    return a", "def f(x):\n    a = 1\n    b = 2\n    return a"),
    "magics": ("%time\nx = 1\n!ls", "x = 1"),
    "keywords": ("f(a=1, b=2)", "f(b=2, a=1)"),
}


@pytest.mark.parametrize("case", SAME)
def test_spellings_of_one_thing_have_the_same_words(case):
    one, other = SAME[case]
    assert is_python(one)
    assert is_python(other)
    assert words(one) == words(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("y = np.exp(x)", "y = np.log(x)"),
        ("y = x - 1", "y = 1 - x"),
        ("y = x < 1", "y = x <= 1"),
        ("y = x * 2", "y = x * 3"),
        ("while x < 3:\n    go(x)", "for x in range(3):\n    go(y)\n    go(x)"),
        ("if x:\n    go()", "if x:\n    go()\nelse:\n    stay()"),
    ],
)
def test_other_things_have_other_words(one, other):
    assert words(one) != words(other)


def test_what_is_broken_costs_only_its_own_block():
    text = "def f(x):\n    return np.exp(x)\n\ndef g(:\n    oops\n\ndef h(x):\n    return np.log(x)"
    whole = words("def f(x):\n    return np.exp(x)\n\ndef h(x):\n    return np.log(x)")
    assert not is_python(text)
    assert all(stream in words(text) for stream in whole)


ODD = {
    "nothing": "",
    "one long line": "x = " + "1 + " * 300_000 + "1",
    "nested brackets": "(" * 5000,
    "nested lists": "x = " + "[" * 150 + "]" * 150,
    "minus signs": "x = " + "-" * 50_000 + "1",
    "a chain": "x" + ".a" * 50_000,
    "deep blocks": "\n".join(" " * depth + "if x:" for depth in range(300)),
    "nulls": "x = 1\0\ndef f():\0 pass",
    "an open string": 'x = """never\nended',
    "no letters": "\u202e\u2066\ufeff",
    "a form feed": "\f\nx = 1\r\ny = 2\x85z = 3\u2028w",
    "only decorators": "@a\n@b",
    "tabs and blanks": "if x:\n\ty\n        z",
    "many functions": "def f(x):\n    return x + 1\n\n" * 3000,
    "the same word": "x " * 40_000,
}


@pytest.mark.parametrize("case", ODD)
def test_nothing_is_too_odd_to_be_read(case):
    text = ODD[case]
    found = streams(text)
    lines = text.count("\n") + 1
    assert all(1 <= line <= lines for stream in found for line in stream.lines)
    passages(found, found)
    passages([lexed_stream(text)], [lexed_stream(text)])
    oral_questions("ada", {"task": text})


@given(st.text(max_size=300))
def test_any_text_is_read(text):
    fingerprints(streams(text))
    lexed_stream(text)


@given(seed=st.integers(0, 10**6), length=st.integers(K + WINDOW - 1, 60))
def test_what_is_in_common_for_long_enough_is_noticed(seed, length):
    rng = random.Random(seed)
    common = rng.choices(NAMES, k=length)

    def around():
        return [f"{rng.random()}" for _ in range(rng.randrange(30))]

    one, other = (WordStream(tuple(around() + common + around()), ()) for _ in range(2))
    assert fingerprints([one]) & fingerprints([other])


def test_winnowing_keeps_about_a_third():
    rng = random.Random(0)
    numbers = grams([str(rng.random()) for _ in range(5000)])
    assert 0.28 < len(winnowed(numbers)) / len(numbers) < 0.39


def test_short_methods_count_together_in_any_order():
    methods = [f"    def {name}(self):\n        return self.{name}{k} + {k}" for k, name in enumerate(NAMES)]
    one = "class A:\n" + "\n".join(methods)
    other = "class A:\n" + "\n".join(reversed(methods))
    assert fingerprints(streams(one)) == fingerprints(streams(other)) != frozenset()


def test_questions_are_of_their_own_lines_and_the_same_for_a_seed():
    code = alone(random.Random(1))
    asked = oral_questions("ada", code)
    assert len({one.task for one in asked}) == len(asked) == 3
    assert all(code[one.task].split("\n")[one.line - 1].strip() == one.text for one in asked)
    assert asked == oral_questions("ada", code) != oral_questions("bob", code)
    assert oral_questions("ada", code, seed=1) != asked
    assert oral_questions("ada", {}) == []
    assert len(oral_questions("ada", {"a7.route": code["a7.route"]})) == 3


def test_code_of_the_release_is_not_asked_about():
    given_code = "def given(x):\n    y = np.exp(x) * np.log(x) + np.sqrt(x) - np.tanh(x)\n    return y + 1"
    known = {gram for stream in streams(given_code) for gram in grams(stream.words)}
    own = "\n\ndef mine(x):\n    z = np.square(x) * np.cos(x) + np.sin(x) - np.floor(x)\n    return z"
    asked = oral_questions("ada", {"task": given_code + own}, known=known)
    assert [one.text.split()[0] for one in asked] == ["z"]
