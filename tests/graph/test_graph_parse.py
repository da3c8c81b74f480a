"""Typed expressions: what is read, what is refused and how, and that nothing else gets through."""

import contextlib
import re
import sys
import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from lib import graph
from lib.graph import ComputationalGraph, Gate, Node, ParseError, parse
from lib.graph.vocabulary import typed_functions

FUNCTIONS = {
    "max": graph.maximum,
    "min": graph.minimum,
    "exp": graph.exp,
    "log": graph.log,
    "sigmoid": graph.sigmoid,
    "tanh": graph.tanh,
    "relu": graph.relu,
    "sqrt": graph.sqrt,
    "abs": abs,
    "sin": graph.sin,
    "cos": graph.cos,
}
POINT = {"x": 0.7, "y": -1.3, "z": 2.0}


def value_of(node, point=POINT):
    computing = ComputationalGraph(node)
    return computing.forward(**{name: point[name] for name in computing.inputs})


@st.composite
def typed(draw, depth=4):
    """Expressions as they are typed, with Python's spelling, random brackets and spaces."""
    kind = draw(
        st.sampled_from(["name", "number"] if depth == 0 else ["name", "unary", "binary", "call", "brackets"])
    )
    part = typed(depth=depth - 1) if depth else None
    space = draw(st.sampled_from(["", " "]))
    if kind == "name":
        return draw(st.sampled_from("xyz"))
    if kind == "number":
        return draw(st.sampled_from(["2", "0.5", ".25", "3.", "1e-3", "007.0"]))
    if kind == "unary":
        return draw(st.sampled_from("-+")) + space + draw(part)
    if kind == "binary":
        operator = draw(st.sampled_from(["+", "-", "*", "/", "**"]))
        return f"{draw(part)}{space}{operator}{space}{draw(part)}"
    if kind == "call":
        name = draw(st.sampled_from(list(FUNCTIONS)))
        values = [draw(part) for _ in range(2 if name in ("max", "min") else 1)]
        return f"{name}{space}({f',{space}'.join(values)})"
    return f"({draw(part)})"


NUMBER = re.compile(r"(?<![\w.])(\d+\.?\d*(e-\d+)?|\.\d+)")


@given(text=typed())
@settings(deadline=None, max_examples=300)
def test_an_expression_means_what_it_means_in_python(text):
    source = NUMBER.sub(r"number('\1')", text)
    x, y, z = graph.inputs("x y z")
    names = {"x": x, "y": y, "z": z, "number": lambda digits: Node(constant=np.array(float(digits)))}
    assert parse(text).text() == eval(source, FUNCTIONS | names).text()


@given(text=typed())
@settings(deadline=None, max_examples=200)
def test_what_is_printed_is_read_again_as_the_same(text):
    node = parse(text)
    again = parse(node.text())
    assert again.text() == node.text()
    assert_array_equal(value_of(again), value_of(node))


@given(value=st.floats(allow_nan=False, allow_infinity=False))
@settings(deadline=None)
def test_constants_print_in_full(value):
    (x,) = graph.inputs("x")
    assert value_of(parse((x**value).text()), {"x": 1.5}) == value_of(x**value, {"x": 1.5})


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("w₀·x₀ + w₁×x₁ − w₂ ÷ 2", "w0 * x0 + w1 * x1 - w2 / 2"),
        ("σ(x)²", "sigmoid(x) ** 2"),
        ("-x^2", "-x ** 2"),
        ("(-x)^2", "(-x) ** 2"),
        ("(-2) ** 2", "(-2) ** 2"),
        ("2 ** -x", "2 ** (-x)"),
        ("x ** y ** z", "x ** (y ** z)"),
        ("(x ** y) ** z", "(x ** y) ** z"),
        ("x - (y - z)", "x - (y - z)"),
        ("((x - y)) - z", "x - y - z"),
        ("x - -2", "x - -2"),
        ("+x", "x"),
        ("λ * θ", "λ * θ"),
        ("pi * x + π", "3.141592653589793 * x + 3.141592653589793"),
        ("e * x + e**2 + e²", "e * x + e ** 2 + e ** 2"),  # an error, say
        ("max(x, y, z)", "max(x, y, z)"),
        ("hinge(W @ x, y) + reg * sum(W^2)", "hinge(W @ x, y) + reg * sum(W ** 2)"),
        ("1 /\n(1 + exp(\t-x))", "1 / (1 + exp(-x))"),
    ],
)
def test_a_lecturers_spelling_is_understood(text, shown):
    assert parse(text).text() == shown


@pytest.mark.parametrize("typed", ["cafe\u0301", "u\u0308", "n\u0303o", "A\u030a", "x_e\u0301"])
def test_a_letter_and_its_accent_are_one_whichever_way_they_are_typed(typed):
    whole = unicodedata.normalize("NFC", typed)
    assert parse(f"{typed} * {whole}").text() == f"{whole} * {whole}"
    assert list(ComputationalGraph(parse(f"{typed} * {whole}")).inputs) == [whole]


def test_a_name_is_one_input_and_equal_parts_stay_separate():
    computing = ComputationalGraph(parse("(x + y) * (x + y)"))
    assert list(computing.inputs) == ["x", "y"]
    assert len(computing.nodes) == 5
    computing.forward(x=1, y=2)
    assert computing.backward() == {"x": 6, "y": 6}


def test_a_negative_number_is_one_constant():
    assert len(ComputationalGraph(parse("-2 * x")).nodes) == 3


def test_gates_of_your_own_are_functions():
    class Square(Gate):
        def forward(self, x):
            self.x = x
            return x**2

        def backward(self, grad):
            return grad * 2 * self.x

    assert value_of(parse("square(x) + 1", gates={"square": Square}), {"x": 3}) == 10
    with pytest.raises(ParseError, match="square takes 1 value, here are 2"):
        parse("square(x, y)", gates={"square": Square})
    with pytest.raises(
        ValueError, match=r"gates: expected a class of gates such as MaxGate for 'square', got"
    ):
        parse("square(x)", gates={"square": Square()})


KNOWN = typed_functions()  # whatever gates there are
MISTAKES = [
    ("", 0, "nothing is typed yet"),
    (" \t ", 0, "nothing is typed yet"),
    ("2x", 1, r"write 2 \* x"),
    ("(x + y)z", 7, r"write \(…\) \* z"),
    ("2(x + y)", 1, r"write 2 \* \(…\)"),
    ("x y", 2, r"write x \* y"),
    ("x(y + z)", 0, r"x is no function: for a product write x \* \(…\)"),
    ("1.2.3", 3, "one point too many"),
    ("x +", 3, r"missing after \+"),
    ("x + ", 3, r"missing after \+"),
    ("* x", 0, r"missing before \*"),
    ("x * * y", 4, r"missing between \* and \*"),
    ("x // y", 2, "// is no operator here: write / to divide"),
    ("x / / y", 4, "missing between / and /"),
    ("x % y", 2, "remainder"),
    ("x := 3", 2, "right of the :="),
    ("1_000*x", 0, "1_000 is no number here: write 1000"),
    ("y + 1_000.5", 4, "1_000.5 is no number here: write 1000.5"),
    ("0x10*x", 0, "0x10 is no number here: write 16"),
    ("0XfF", 0, "0XfF is no number here: write 255"),
    ("0b11 + x", 0, "0b11 is no number here: write 3"),
    ("x - 0o17", 4, "0o17 is no number here: write 15"),
    ("10_x", 2, r"write 10 \* _x"),
    ("0xG", 1, r"write 0 \* xG"),
    ("x\u0302 * 2", 1, "as in x_hat"),
    ("()", 1, r"missing between \( and \)"),
    ("exp()", 4, r"missing between \( and \)"),
    ("max(x,)", 6, "missing between , and"),
    ("((x + 1) * y", 0, "never closed"),
    ("x + 1) * y", 5, "never opened"),
    ("1 + max(x)", 4, "max takes at least 2 values, here is 1"),
    ("exp(x, y)", 0, "exp takes 1 value, here are 2"),
    ("sigmod(x)", 0, r"did you mean sigmoid\?"),
    *(  # near to a gate in letters, as tan is to tanh, but not in meaning
        (f"{name}(x)", 0, f"{name} is no function: there are {', '.join(KNOWN)}")
        for name in ("tan", "asin", "cosh", "softhump")
        if name not in KNOWN
    ),
    ("sqr(x)", 0, r"did you mean sqrt\?"),
    ("ln(x)", 0, r"ln is no function: write log\(x\)"),
    ("root(x)", 0, r"root is no function: write sqrt\(x\)"),
    ("square(x)", 0, r"write x \*\* 2"),
    ("maximum(x, y)", 0, r"write max\(x, y\)"),
    ("√x", 0, r"'√' is not understood: write sqrt\(x\)"),
    ("max(x)", 0, "max takes at least 2 values, here is 1"),
    ("e**x", 0, r"e would be an input here: write exp\(…\)"),
    ("2 * e^-x", 4, r"write exp\(…\)"),
    ("x*e**(y)", 2, r"write exp\(…\)"),
    ("1 + |x|", 4, r"'\|' is not understood: write abs\(x\)"),
    ("abs(x, y)", 0, "abs takes 1 value, here are 2"),
    ("function(x)", 0, f"there are {', '.join(KNOWN)}"),
    ("x + exp", 4, r"write exp\(…\)"),
    ("x, y", 1, "comma"),
    ("1,5 * x", 1, "point, as in 0.5"),
    ("x.real", 1, "no point in it"),
    ("np.exp(x)", 0, r"np\.exp is not understood: write exp, without np\."),
    ("2 * math.sin(x)", 4, r"math\.sin is not understood: write sin, without math\."),
    ("np.maximum(x, y)", 0, r"write max\(x, y\), without np\."),
    ("torch.abs(x)", 0, r"write abs, without torch\."),
    ("np.absolute(x)", 0, r"write abs\(x\), without np\."),
    ("np.pi * x", 0, r"write pi, without np\."),
    ("np.arctan(x)", 0, r"np\.arctan is not understood: there are abs, cos"),
    ("inp.exp(x)", 3, "no point in it"),
    ("absolute(x)", 0, r"absolute is no function: write abs\(x\)"),
    ("EXP(x)", 0, r"EXP is no function: did you mean exp\?"),
    ("Max(x, y)", 0, r"did you mean max\?"),
    ("LN(x)", 0, r"LN is no function: write log\(x\)"),
    ("TanH(x)", 0, r"did you mean tanh\?"),
    ("TAN(x)", 0, f"there are {', '.join(KNOWN)}"),
    ("__import__('os').system('ls')", 11, "quotes"),
    ('"x"', 0, "quotes"),
    ("x < y", 2, "comparisons"),
    ("f = x + y", 2, "right of the ="),
    ("x == y", 2, "right of the ="),
    ("lambda * x", 0, "lambda is a word of Python: write lam"),
    ("x if y else z", 2, "word of Python"),
    ("[x]", 0, "round brackets"),
    ("x; y", 1, "not understood"),
    ("x²²", 2, "larger exponent"),
    ("①", 0, "not understood"),
    ("x\0", 1, "not understood"),
    ("1e999", 0, "too large"),
    ("(" * 10_000 + "x" + ")" * 10_000, 0, "too long"),
    ("(" * 60 + "x" + ")" * 60, 50, "more than 50 brackets"),
    ("-" * 900 + "x", 0, "more than 100 operations"),
    ("+".join(["x"] * 400), 0, "more than 100 operations"),
    ("**".join(["x"] * 300), 0, "more than 100 operations"),
    ("exp(" * 60 + "x" + ")" * 60, 203, "more than 50 brackets"),
]


@pytest.mark.parametrize(
    ("text", "position", "message"), MISTAKES, ids=[text[:20] for text, _, _ in MISTAKES]
)
def test_a_mistake_is_explained_and_pointed_at(text, position, message):
    with pytest.raises(ParseError, match=message) as caught:
        parse(text)
    error = caught.value
    assert (error.text, error.position) == (text, position)
    first, shown, caret = str(error).split("\n")
    assert first == error.message
    if len(text) <= 40:
        assert (shown.strip(), caret.index("^") - 4) == (text.replace("\0", " ").strip(), position)


def test_what_is_no_text_is_refused():
    with pytest.raises(ValueError, match="text: expected an expression"):
        parse(None)


@given(text=st.text(max_size=40) | st.text("xy12.,()+-*/^² =<'\"[]maxepl\n_", max_size=60))
@settings(deadline=None, max_examples=500)
def test_whatever_is_typed_is_a_node_or_a_friendly_error(text):
    with contextlib.suppress(ParseError):
        node = parse(text)
        assert parse(node.text()).text() == node.text()


def test_nothing_is_evaluated_or_imported():
    before = set(sys.modules)
    for text in (
        "exit()",
        "__import__",
        "print(x)",
        "eval(x)",
        "x.__class__",
        "open(x)",
        "(x := 3)",
        "{**x}",
        "f'{x}'",
    ):
        with contextlib.suppress(ParseError):
            assert parse(text).is_input
    assert set(sys.modules) == before
