"""The live graph: its steps against the decks' numbers and torch, and its panel as a lecturer uses it."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.demos.live_graph import LiveGraphDemo, compute
from lib.demos.live_graph.live_graph_demo import NEURON
from lib.demos.live_graph.named_sliders import NamedSliders
from lib.demos.live_graph.state import input_names, last_step
from lib.demos.live_graph.text_field import TextField
from lib.demos.live_graph.told import said
from lib.graph.picture.graph_artists import FONT

HINGE = "max(0, 1 - y*(w*x + b)) + lam * w**2"
EXPRESSIONS = (
    "(x + y) * z",
    NEURON,
    "2 * (x*y + max(z, w))",
    "x*y + x*z",
    HINGE,
    "x*x - y/x",
    "tanh(x)*tanh(x)",
    "sqrt(abs(x)) * sin(y) - cos(x)",
)
TORCH = {
    "max": lambda a, b: torch.max(torch.as_tensor(a), b),
    **{name: getattr(torch, name) for name in ("exp", "tanh", "sqrt", "abs", "sin", "cos")},
}


def shown(known):
    """Of a state: name or symbol of each node → its number, rounded as the decks print it."""
    return {repr(node): round(number, 2) for node, number in known.items() if node.constant is None}


def test_the_first_graph_of_deck_b_step_by_step():
    inputs = {"x": -2, "y": 5, "z": -4}
    states = [compute("(x + y) * z", inputs, step) for step in range(6)]
    q, f = "x + y", "(x + y) * z"
    assert [state.phase for state in states] == [
        "inputs",
        "forward",
        "forward",
        "start",
        "backward",
        "backward",
    ]
    assert shown(states[0].values) == inputs
    assert shown(states[1].values) == {**inputs, q: 3}
    assert shown(states[2].values) == {**inputs, q: 3, f: -12}
    assert [shown(state.gradients) for state in states] == [
        {}, {}, {}, {f: 1}, {f: 1, q: -4, "z": 3}, {f: 1, q: -4, "z": 3, "x": -4, "y": -4}
    ]  # fmt: skip
    assert [tuple(share) for share in states[4].shares] == [("+", 1, -4, -4, None), ("z", 1, 3, 3, None)]
    assert all(state.last == 5 for state in states)


def test_the_first_graph_at_the_point_of_deck_d():
    state = compute("(x + y) * z", {"x": 1, "y": -3, "z": 4}, 5)
    assert shown(state.values)["(x + y) * z"] == -8
    assert shown(state.gradients).items() >= {"x": 4, "y": 4, "z": -2}.items()


def test_the_sigmoid_neuron_of_deck_b_with_all_values_on_the_way():
    demo = LiveGraphDemo()
    state = compute(**demo.preset("sigmoid neuron") | {"step": 17})
    in_order = [round(value, 2) for node, value in state.values.items() if node.gate is not None]
    assert in_order == [-2, 6, 4, 1, -1, 0.37, 1.37, 0.73]
    gradients = shown(state.gradients)
    expected = {"w0": -0.2, "x0": 0.39, "w1": -0.39, "x1": -0.59, "w2": 0.2}
    assert {name: gradients[name] for name in expected} == expected


def test_max_routes_and_add_distributes_and_multiply_switches():
    values = LiveGraphDemo().preset("add, max, mul")
    gradients = shown(compute(**values | {"step": 9}).gradients)
    assert gradients.items() >= {"x": -8, "y": 6, "z": 2, "w": 0}.items()


def test_gradients_add_at_a_branch_one_after_the_other():
    states = [compute("x*y + x*z", {"x": 2, "y": 3, "z": -4}, step) for step in (6, 7)]
    assert [shown(state.gradients)["x"] for state in states] == [-4, -1]
    assert states[1].shares[0].before == -4
    assert "3 to x, which now has −4 + 3 = −1" in said(states[1])


@given(st.sampled_from(EXPRESSIONS), st.data())
@settings(deadline=None, max_examples=40)
def test_values_and_gradients_are_those_of_torch_and_each_share_is_a_product(expression, data):
    number = st.integers(-100, 100).filter(bool).map(lambda n: n / 10)
    values = {name: data.draw(number) for name in input_names(expression)}
    last = last_step(expression)
    state = compute(expression, values, last)
    theirs = {
        name: torch.tensor(value, dtype=torch.float64, requires_grad=True) for name, value in values.items()
    }
    output = eval(expression, dict(TORCH), theirs)
    output.backward()
    end = next(iter(state.gradients))
    assert state.values[end] == pytest.approx(output.item(), rel=1e-9, abs=1e-12, nan_ok=True)
    for node, gradient in state.gradients.items():
        if node.is_input and not tie(expression, values):
            assert gradient == pytest.approx(theirs[node.name].grad.item(), rel=1e-9, abs=1e-12, nan_ok=True)
    known = 0
    for step in range(last + 1):
        at = compute(expression, values, step)
        assert len(at.values) + len(at.gradients) >= known  # nothing that was shown disappears
        known = len(at.values) + len(at.gradients)
        for share in at.shares:
            assert share.upstream * share.local == pytest.approx(
                share.gradient, rel=1e-9, abs=1e-12, nan_ok=True
            )


def tie(expression, v):
    """Whether a max stands between two equal numbers, where torch's two functions halve or route."""
    return ("max(z" in expression and v["z"] == v["w"]) or (
        expression == HINGE and abs(1 - v["y"] * (v["w"] * v["x"] + v["b"])) < 1e-9
    )


def test_steps_beyond_the_last_one_and_names_that_do_not_occur_change_nothing():
    a = compute("x * y", {"x": 2, "y": 3}, 3)
    b = compute("x * y", {"x": 2, "y": 3, "z": 9}, 80)
    assert (a.values, a.gradients, b.step) == (b.values, b.gradients, 3)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"expression": "x +"}, r"^expression: "),
        ({"expression": 3}, r"^expression: .*got 3"),
        ({"expression": "x"}, "nothing to compute"),
        ({"expression": "a+b+c+d+e+f+g+h+i"}, "9 names"),
        ({"expression": "+".join(["x*y"] * 21)}, "43 nodes; at most 40"),
        ({"expression": "hinge(x, y)"}, r"^expression: .*hinge"),
        ({"inputs": {"x": 11}}, r"^inputs, x: .*got 11"),
        ({"inputs": {"x": "1"}}, r"^inputs, x: .*got '1'"),
        ({"inputs": [1, 2]}, r"^inputs: .*got \[1, 2\]"),
        ({"inputs": dict.fromkeys("abcdefghi", 1.0)}, r"^inputs: .*at most 8"),
        ({"step": -1}, r"^step: .*got -1"),
    ],
)
def test_what_is_wrong_is_named_and_the_picture_stands(values, message):
    demo = LiveGraphDemo()
    before = demo.canvas.pixels().copy()
    with pytest.raises(ValueError, match=message):
        demo.set(**values)
    np.testing.assert_array_equal(demo.canvas.pixels(), before)


def test_a_step_below_zero_is_refused_by_compute_too():
    with pytest.raises(ValueError, match=r"^step: expected 0, 1, 2, …, got -1"):
        compute("x * y", {}, -1)


def test_after_a_new_expression_a_slider_redraws_only_numbers():
    demo = LiveGraphDemo()
    demo.set(expression=NEURON, step=17)
    demo.canvas.pixels()
    demo.set(inputs={"w0": 2.5})
    demo.canvas.pixels()
    backgrounds = dict(demo.canvas.backgrounds)
    demo.set(inputs={"w0": 3.5})
    demo.canvas.pixels()
    assert demo.canvas.backgrounds == backgrounds
    assert len(demo.canvas.moving) < 40


@pytest.fixture
def panel():
    made = LiveGraphDemo().panel()
    made.sent = []
    made.stage.observe(lambda change: made.sent.append(change), names="picture")
    return made


def sliders(panel):
    return {slider.description: slider.value for slider in panel.widgets["inputs"].children}


def test_typing_an_expression_brings_sliders_for_its_names_and_one_new_picture(panel):
    panel.widgets["expression"].text.value = "sigmoid(w*x + b)"
    assert sliders(panel) == {"w": 1.0, "x": -2.0, "b": 1.0}  # x is where it was
    assert (panel.widgets["step"].value, panel.widgets["step"].max) == (0, 7)
    assert len(panel.sent) == 1
    panel.widgets["expression"].text.value = "x * z"
    assert sliders(panel) == {"x": -2.0, "z": -4.0}  # and z has been remembered


def test_a_slip_is_explained_below_the_text_and_the_last_graph_stays_alive(panel):
    field = panel.widgets["expression"]
    field.text.value = "(x + y * z"
    assert "course-error" in field.message.value
    assert "never closed" in field.message.value
    assert panel.sent == []
    panel.widgets["inputs"].sliders[0].value = 3.0
    panel.widgets["step"].value = 5
    assert len(panel.sent) == 2
    assert "Gradients: x −4, y −4, z 8" in panel.stage.said
    field.text.value = "x + y * z"
    assert field.message.value == ""
    assert len(panel.sent) == 3


def test_what_was_typed_is_shown_as_text(panel):
    panel.widgets["expression"].text.value = "<b>x</b>"
    assert "<b>" not in panel.widgets["expression"].message.value


def test_the_step_is_told_in_words(panel):
    panel.widgets["step"].value = 1
    assert "Step 1 of 5: forward through +: −2 + 5 = 3." in panel.stage.said
    panel.widgets["step"].value = 4
    assert "upstream 1 × local −4 = −4 to +; upstream 1 × local 3 = 3 to z." in panel.stage.said


def test_buttons_step_back_and_on_and_stop_at_the_ends(panel):
    _, row, _, _ = panel.rows()
    slider, player = row.children
    back, on = player.children[:2]
    on.click()
    on.click()
    assert slider.value == 5
    for _ in range(7):
        back.click()
    assert slider.value == 0


def test_each_preset_and_reset_send_one_picture_and_clear_what_was_wrong(panel):
    presets = [{"to": "preset", "name": name} for name in panel.demo.presets]
    for message in (*presets, {"to": "reset"}):
        panel.widgets["expression"].text.value = "x +"
        panel.sent.clear()
        panel.told(None, message)
        assert len(panel.sent) == 1, message
        assert panel.widgets["expression"].message.value == ""
        expression = panel.demo.values["expression"]
        assert panel.widgets["expression"].text.value == expression
        assert sliders(panel) == panel.demo.values["inputs"]
        assert panel.widgets["step"].max == last_step(expression)
    assert panel.demo.values == panel.demo.start


def test_its_picture_needs_no_widgets():
    assert LiveGraphDemo(expression="x * y", inputs={"x": 2, "y": 3}, step=3).png()[:4] == b"\x89PNG"


def test_its_controls_stand_alone():
    field = TextField("a", accept=lambda text: None, label="say")
    field.name = "words"
    assert field.widget().value == field.check("a") == "a"
    numbers = NamedSliders(0, 5, start={"a": 2}, most=3)
    numbers.name = "n"
    assert numbers.widget().value == numbers.check({"a": 2}) == {"a": 2}
    with pytest.raises(ValueError, match=r"^n, b: .*got 6"):
        numbers.check({"a": 2, "b": 6})


@pytest.mark.parametrize(
    ("expression", "points"),
    [
        *((values["expression"], 12) for values in LiveGraphDemo.presets.values()),
        ("tanh(w*tanh(w*tanh(w*tanh(w*tanh(w*tanh(w*tanh(w*tanh(w*x))))))))", 8),  # long
        ("((((((((x+1)*2+y)*3+z)/4-x)*y+w)/2-z)*x+1)**2)", 8),
        ("a+b+c+d+e+f+g+h+a*b*c*d*e*f*g*h", 10),
        ("exp(-(x-y)**2/2) * (max(x*y, z) + relu(w*x+1) - sigmoid(y*z)) / (1 + exp(-(w*z)))", 7),  # 31 nodes
    ],
)
def test_numbers_stay_readable_in_the_graphs_of_the_lecture_and_in_long_ones(expression, points):
    demo = LiveGraphDemo()
    demo.set(expression=expression, inputs=dict.fromkeys(input_names(expression), 1.0), step=1)
    assert FONT * demo.graph.scale >= points
