"""A gate that is written into one file is known everywhere: in Python, numpy, typed, drawn, in the demo."""

import importlib
import sys

import numpy as np
import pytest

from lib import graph
from lib.demos import live_graph
from lib.demos.live_graph.told import said
from lib.graph import ComputationalGraph, Gate, ParseError, check_gate, inputs, parse, vocabulary

RADIANS = '''
"""A gate that lib.graph does not have."""

import numpy as np

from lib.graph import Gate


class Deg2RadGate(Gate, function="deg2rad", aliases=["torad"], numpy=np.deg2rad, hints={"°": "deg2rad(x)", "arc": "deg2rad(x)"}):
    def forward(self, x):
        return np.deg2rad(x)

    def backward(self, grad):
        return np.deg2rad(grad)


def deg2rad(x):
    return Deg2RadGate()(x)
'''  # noqa: E501


@pytest.fixture(autouse=True)
def as_before(monkeypatch):
    """What a test enters is gone after it."""
    monkeypatch.setattr(vocabulary, "ENTERED", dict(vocabulary.ENTERED))


@pytest.fixture
def radians(tmp_path, monkeypatch):
    """The module of one new file."""
    (tmp_path / "radians.py").write_text(RADIANS, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield importlib.import_module("radians")
    del sys.modules["radians"]


def result(node, **values):
    computing = ComputationalGraph(node)
    return computing.forward(**values), computing.backward()


def test_it_computes_in_python_by_its_class_its_function_and_numpys(radians):
    (x,) = inputs("x")
    for node in (radians.Deg2RadGate()(x), radians.deg2rad(x), np.deg2rad(x)):
        assert repr(node) == "deg2rad(x)"
        value, gradients = result(node * 2, x=90.0)
        assert (value, gradients["x"]) == (np.pi, pytest.approx(np.pi / 90))
    check_gate(radians.Deg2RadGate(), np.array([0.5, 2.0])).raise_if_wrong()


def test_it_is_typed_by_each_of_its_names_and_printed_as_it_is_read(radians):
    for text in ("deg2rad(x) + 1", "torad(x) + 1"):
        assert result(parse(text), x=180.0)[0] == np.pi + 1
        assert parse(parse(text).text()).text() == "deg2rad(x) + 1"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("deg2rad(x, y)", "deg2rad takes 1 value, here are 2"),
        ("1 + deg2rad", r"deg2rad is a function: write deg2rad\(…\)"),
        ("degrad(x)", r"did you mean deg2rad\?"),
        ("°x", r"'°' is not understood: write deg2rad\(x\)"),
        ("arc(x)", r"arc is no function: write deg2rad\(x\)"),
        ("softhump(x)", "there are .*deg2rad.*"),
    ],
)
def test_the_parsers_hints_know_it(radians, text, hint):
    with pytest.raises(ParseError, match=hint):
        parse(text)


def test_numpys_hint_knows_it(radians):
    with pytest.raises(TypeError, match=r"these have one: .*deg2rad"):
        np.spacing(inputs("x")[0])


def test_it_is_drawn_and_read_aloud(radians):
    computing = ComputationalGraph(parse("deg2rad(x)"))
    computing.forward(x=90)
    computing.backward()
    drawing = computing.draw()
    assert (
        drawing.alt
        == "x = 90 goes into deg2rad, which gives 1.57. Backward: deg2rad gets 1 and hands 0.0175 to x."
    )
    assert "deg2rad" in [text.get_text() for text in drawing.figure.axes[0].texts]


def test_it_lives_in_the_live_graph(radians):
    state = live_graph.compute("deg2rad(x) * y", {"x": 90, "y": 3}, 5)
    assert said(state).endswith("upstream 3 × local 0.0175 ≈ 0.0524 to x. Gradients: x 0.0524, y 1.57.")
    demo = live_graph.LiveGraphDemo()
    panel = demo.panel()
    panel.widgets["expression"].text.value = "deg2rad(x) * y"
    assert panel.widgets["expression"].message.value == ""
    assert demo.values["expression"] == "deg2rad(x) * y"


def test_before_the_file_is_imported_nobody_knows_it():
    with pytest.raises(ParseError, match="deg2rad is no function"):
        parse("deg2rad(x)")
    with pytest.raises(TypeError, match=r"np\.deg2rad: expected a function that has a gate"):
        np.deg2rad(inputs("x")[0])


# Defined twice, and names that are taken.


def define(factor):
    class Scaled(Gate, function="scaled"):
        def forward(self, x):
            return x * factor

        def backward(self, grad):
            return grad * factor

    return Scaled


def test_a_class_that_is_defined_again_takes_the_place_of_its_former_self_in_the_live_graph_too():
    for factor in (3, 4):
        define(factor)
        assert result(parse("scaled(x)"), x=2)[0] == 2 * factor
        state = live_graph.compute("scaled(x)", {"x": 2}, 1)
        assert list(state.values.values())[-1] == 2 * factor
    assert [entry.names for entry in vocabulary.ENTERED.values()].count(("scaled",)) == 1


def test_a_former_name_goes_with_the_former_self():
    for name in ("first", "second"):

        class Renamed(Gate, function=name):
            def forward(self, x):
                return x

    assert "second" in vocabulary.typed_functions()
    assert "first" not in vocabulary.typed_functions()


def test_a_subclass_without_names_of_its_own_enters_nothing_and_shows_the_same_symbol():
    before = dict(vocabulary.ENTERED)

    class Loud(graph.ExpGate):
        pass

    assert before == vocabulary.ENTERED
    assert repr(Loud()(inputs("x")[0])) == "exp(x)"
    assert isinstance(parse("exp(x)").gate, graph.ExpGate)
    assert not isinstance(parse("exp(x)").gate, Loud)


def test_a_lectures_own_multiply_gate_leaves_the_operator_alone():
    class MultiplyGate(Gate):
        def forward(self, x, y):
            return x * y

    x, y = inputs("x y")
    assert type((x * y).gate) is graph.MultiplyGate
    assert repr(MultiplyGate()(x, y)) == "multiply(x, y)"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"function": "exp"}, r"Own: function: expected a name that is free, got 'exp', which is .*ExpGate"),
        ({"function": "own", "aliases": ["σ"]}, "got 'σ', which is .*SigmoidGate"),
        (
            {"numpy": np.multiply},
            r"numpy: expected a function that is free, got np.multiply, which is",
        ),
        ({"function": "2x"}, "expected a name such as 'exp', got '2x'"),
        ({"function": "lambda"}, "expected a name such as 'exp', got 'lambda'"),
        ({"function": "own", "aliases": ["a b"]}, "got 'a b'"),
    ],
)
def test_a_name_that_is_taken_or_none_is_refused_and_nothing_is_entered(options, message):
    before = dict(vocabulary.ENTERED)
    with pytest.raises(ValueError, match=message):

        class Own(Gate, **options):
            pass

    assert before == vocabulary.ENTERED


def test_a_gate_of_several_outputs_cannot_be_typed():
    with pytest.raises(ValueError, match="Pair: outputs: expected 1 for a gate that is typed, got 2"):

        class Pair(Gate, function="pair"):
            outputs = 2

    class Twins(Gate):
        outputs = 2

    with pytest.raises(ValueError, match="expected a gate of one output for 'twins', got Twins with 2"):
        parse("twins(x)", gates={"twins": Twins})


@pytest.mark.parametrize("entry", vocabulary.ENTERED.values(), ids=lambda entry: entry.gate.__name__)
def test_every_gate_that_has_entered_is_public_and_its_hints_can_be_typed(entry):
    assert getattr(graph, entry.gate.__name__) is entry.gate
    assert entry.gate.__name__ in graph.__all__
    for text in (entry.hints or {}).values():
        assert type(parse(text).gate) is entry.gate
    if entry.numpy is not None:
        nodes = inputs("x y")[: entry.gate.takes[0]]
        assert type(entry.numpy(*nodes).gate) is entry.gate
