"""The live graph: its steps against the decks' numbers and torch, and its panel as a lecturer uses it."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.demos import live_graph
from lib.demos.kit.hand import marks, meaning
from lib.demos.live_graph import LiveGraphDemo, compute
from lib.demos.live_graph.live_graph_demo import NEURON
from lib.demos.live_graph.named_sliders import NamedSliders
from lib.demos.live_graph.sizes import WIDE
from lib.demos.live_graph.state import input_names, last_step
from lib.demos.live_graph.text_field import TextField
from lib.demos.live_graph.told import product, read, said, trouble
from lib.graph.picture.captions import short_number
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


@pytest.mark.family(share=3)
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
    assert (
        "backward through ×: upstream 1 × local −4 = −4 to +; upstream 1 × local 3 = 3 to z."
        in panel.stage.said
    )


def test_buttons_step_back_and_on_and_stop_at_the_ends(panel):
    _, row, _, _ = panel.rows()
    slider, player = row.children
    back, on = player.children[:2]
    for _ in range(7):
        on.click()
    assert slider.value == slider.max == 5
    for _ in range(7):
        back.click()
    assert slider.value == 0


def test_each_preset_and_reset_send_one_picture_and_clear_what_was_wrong(panel):
    presets = [{"to": "preset", "name": name} for name in panel.demo.presets]
    for message in (*presets, {"to": "reset"}):
        panel.widgets["step"].value = 1
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


LONG = "exp(-(x-y)**2/2) * (max(x*y, z) + relu(w*x+1) - sigmoid(y*z)) / (1 + exp(-(w*z)))"  # 28 nodes


@pytest.mark.family(share=3)
@pytest.mark.parametrize(
    ("expression", "pixels"),
    [
        *((values["expression"], 12) for values in LiveGraphDemo.presets.values()),
        ("tanh(w*tanh(w*tanh(w*tanh(w*tanh(w*tanh(w*tanh(w*tanh(w*x))))))))", 9.9),  # long
        ("((((((((x+1)*2+y)*3+z)/4-x)*y+w)/2-z)*x+1)**2)", 9.9),
        ("a+b+c+d+f+g+h+k+a*b*c*d*f*g*h*k", 9.9),
        (LONG, 9.9),
        ("+".join(["x*y"] * 19), 9.9),  # 39 nodes
    ],
)
def test_numbers_stay_readable_on_a_screen_of_1280_pixels(expression, pixels):
    demo = LiveGraphDemo(expression=expression, step=1)
    demo.fit(816, 324)
    assert FONT * demo.graph.scale * 100 / 72 * demo.enlarged >= pixels


def test_a_graph_of_27_nodes_and_more_scrolls_to_the_gate_at_work_and_zoom_shows_all_of_it():
    demo = LiveGraphDemo(expression=LONG, step=0)
    assert len(demo.state.layout.places) >= 27
    assert demo.view()[2]
    for step in range(1, demo.state.last + 1):
        demo.set(step=step)
        assert demo.graph.inside(demo.state.node) is not None, step
    demo.set(zoom=0.3)
    assert not demo.view()[2]
    assert all(demo.graph.inside(node) for node in demo.state.layout.places)
    demo.set(zoom=2.0, step=12)
    assert demo.graph.inside(demo.state.node) is not None


def test_a_small_graph_grows_with_zoom():
    demo = LiveGraphDemo()
    before = demo.graph.scale
    demo.set(zoom=2.0)
    assert demo.graph.scale == pytest.approx(2 * before)


# ---- What a hand does.


def turned(demo, name):
    """The index of an input among the numbers that can be dragged."""
    return [number.name for number in demo.turned()].index(name)


def test_an_input_is_dragged_sideways_and_upwards_from_where_it_was():
    demo = LiveGraphDemo()
    touch, i = demo.touches["numbers"], turned(demo, "y")
    number = demo.turned()[i]
    right = touch.slid(demo, i, number.x + 16, number.y, was=number.value)
    assert right == {"inputs": {"x": -2.0, "y": 6.0, "z": -4.0}}  # 16 points are 10 steps of 0.1
    assert touch.slid(demo, i, number.x, number.y + 16, was=number.value) == right
    demo.set(**right)
    again = touch.slid(demo, i, number.x + 32, number.y, was=5.0)  # the hand goes on: from where it took it
    assert again["inputs"]["y"] == 7.0
    assert touch.slid(demo, i, number.x - 9000, number.y, was=5.0)["inputs"]["y"] == -10.0
    assert touch.stepped(demo, i, 1, 0)["inputs"]["y"] == pytest.approx(6.1)
    assert touch.stepped(demo, i, 0, -10)["inputs"]["y"] == 5.0


def test_a_drag_in_the_browser_starts_from_what_the_number_was(panel):
    mark = next(mark for mark in marks(panel.demo) if mark["name"] == "y = 5")
    message = {"to": "drag", "key": mark["key"], "x": mark["x"], "y": mark["y"], "was": mark["was"]}
    assert meaning(panel.demo, message) == {"inputs": {"x": -2.0, "y": 5.0, "z": -4.0}}
    for shift in (0.02, 0.04):
        panel.told(None, message | {"x": mark["x"] + shift})
    assert sliders(panel)["y"] == panel.demo.values["inputs"]["y"] == 5 + round(0.04 * WIDE.width / 1.6) / 10
    panel.told(None, message | {"was": 2.0})
    assert sliders(panel)["y"] == 2.0


def test_a_mark_stands_at_its_input_or_gate():
    demo = LiveGraphDemo(step=5)
    for touch in ("numbers", "gates"):
        for mark in demo.touches[touch].marks(demo):
            inside = [
                node for node in demo.state.layout.places
                if mark.x - mark.w / 2 - 1e-6 <= demo.graph._at(node)[0] <= mark.x
                and abs(mark.y - demo.graph._at(node)[1]) < 1e-6
            ]  # fmt: skip
            assert [node for node in inside if mark.name.startswith((node.name or "", "+", "×"))], mark
    assert [mark.name for mark in demo.touches["numbers"].marks(demo)] == ["x = −2", "y = 5", "z = −4"]


def test_a_click_on_a_gate_steps_to_it_forward_and_then_backward():
    demo = LiveGraphDemo()
    gates = demo.touches["gates"]
    names = [mark.name for mark in gates.marks(demo)]
    assert names == ["+: to step 1", "×: to step 2"]
    demo.set(**gates.picked(demo, 1))
    assert (demo.state.phase, demo.state.step) == ("forward", 2)
    demo.set(**gates.picked(demo, 1))
    assert (demo.state.phase, demo.state.step) == ("backward", 4)
    demo.set(**gates.picked(demo, 0))
    assert (demo.state.phase, demo.state.step) == ("backward", 5)
    demo.set(**gates.picked(demo, 0))
    assert (demo.state.phase, demo.state.step) == ("forward", 1)


def test_a_large_graph_is_dragged_and_keeps_to_its_field():
    demo = LiveGraphDemo(expression=LONG)
    pane = demo.touches["at"]
    (mark,), (middle, _, more) = pane.marks(demo), demo.view()
    assert (mark.kind, mark.drag, mark.was) == ("pane", "xy", middle)
    assert more
    node = next(node for node in demo.state.layout.places if demo.graph.inside(node))
    before = demo.graph._at(node)
    demo.set(**pane.slid(demo, 0, mark.x - 40, mark.y, mark.was))
    np.testing.assert_allclose(demo.graph._at(node), before - (40, 0))
    demo.set(**pane.stepped(demo, 0, 1, 0))
    np.testing.assert_allclose(demo.graph._at(node), before - (40 + mark.w / 12, 0))
    for far in (-1e5, 1e5):
        demo.set(**pane.slid(demo, 0, mark.x + far, mark.y + far, mark.was))
        assert any(demo.graph.inside(node) for node in demo.state.layout.places)


@pytest.mark.parametrize("steps", [3, -2])
def test_zoom_keeps_the_place_under_the_pointer(steps):
    demo = LiveGraphDemo(expression=LONG, zoom=1.6)
    pane = demo.touches["at"]
    (mark,), (middle, _, _) = pane.marks(demo), demo.view()
    demo.set(at=(demo.state.layout.width / 2, middle[1]))

    def under(x, y):
        (left, low), scale, _ = demo.view()
        return left + (x - mark.x) / scale, low + (y - mark.y) / scale

    place = mark.x + 110, mark.y
    before = under(*place)
    demo.set(**pane.zoomed(demo, steps, *place))
    assert demo.values["zoom"] == pytest.approx(1.6 + steps / 10)
    assert under(*place)[0] == pytest.approx(before[0])


def test_all_of_a_graph_fits_again_by_a_key_or_the_button_and_the_next_step_follows_the_gate():
    demo = LiveGraphDemo(expression=LONG, zoom=2.0, at=(100.0, 100.0))
    pane = demo.touches["at"]
    demo.set(**pane.zoomed(demo, 0, 0, 0))
    assert not demo.view()[2]
    assert pane.marks(demo)[0].drag == ""
    assert pane.stepped(demo, 0, 1, 0) == {}  # there is nowhere to go
    before = demo.graph.scale
    demo.set(**pane.zoomed(demo, 1, 300, 100))
    assert demo.graph.scale > before  # at once, however far below the fitting one the slider stood
    panel = demo.panel()
    panel.jump({"zoom": 2.0, "at": (0.0, 0.0)})
    (fit,) = (box.children[1] for box in panel.rows() if getattr(box, "children", ())[1:] and
              getattr(box.children[1], "description", "") == "fit")  # fmt: skip
    fit.click()
    assert not demo.view()[2]
    panel.jump({"zoom": 2.0, "at": (0.0, 0.0)})
    panel.widgets["step"].value = 5
    assert demo.values["at"] is None
    assert demo.graph.inside(demo.state.node) is not None


@pytest.mark.parametrize("wrong", [3, "ab", (1,), (1, float("nan")), (1, 2, 3), (1e9, 0)])
def test_a_place_that_is_none_is_refused(wrong):
    with pytest.raises(ValueError, match=r"^at: expected None or a place \(x, y\), got "):
        LiveGraphDemo(at=wrong)


# ---- What was wrong once.


def test_the_slider_of_the_steps_is_made_anew_when_its_end_moves(panel):
    seen = []
    panel.widgets["step"].observe(lambda change: seen.append(change.new), names=["max", "orientation"])
    panel.told(None, {"to": "preset", "name": "sigmoid neuron"})
    assert seen == [17, "vertical", "horizontal"]
    panel.told(None, {"to": "drag", "key": "numbers:0", "x": 0.1, "y": 0.1, "was": 2.0})
    assert seen == [17, "vertical", "horizontal"]


def test_show_takes_the_expression_by_place():
    shown = []

    class Quiet(LiveGraphDemo):
        def show(self, **options):
            shown.append(self.values)

    original, live_graph.LiveGraphDemo = live_graph.LiveGraphDemo, Quiet
    try:
        live_graph.show("x*y + max(z, w)")
        live_graph.show("x*y", inputs={"y": 3}, step=2)
        for wrong, message in (
            ({"expression": 5}, "^expression: expected a text, got 5"),
            ({"expression": "x +"}, "^expression: something is missing"),
            (
                {"expression": "x*y", "inputs": {"q": 1}},
                "^inputs: expected names that occur in x\\*y, .* got 'q'",
            ),
            ({"speed": 1}, "^speed: expected the name of a control"),
        ):
            with pytest.raises(ValueError, match=message):
                live_graph.show(**wrong)
    finally:
        live_graph.LiveGraphDemo = original
    assert shown[0]["expression"] == "x*y + max(z, w)"
    assert shown[0]["inputs"] == {"x": -2.0, "y": 5.0, "z": -4.0, "w": 1.0}
    assert (shown[1]["inputs"], shown[1]["step"]) == ({"x": -2.0, "y": 3.0}, 2)


@given(st.sampled_from(EXPRESSIONS), st.data())
@settings(deadline=None, max_examples=30)
def test_where_an_equals_sign_stands_the_numbers_that_are_shown_multiply_out(expression, data):
    number = st.integers(-100, 100).filter(bool).map(lambda n: n / 10)
    values = {name: data.draw(number) for name in input_names(expression)}
    for step in range(last_step(expression) + 1):
        for share in compute(expression, values, step).shares:
            upstream, _, local, equal, gradient = product(share)
            exact = short_number(read(upstream) * read(local)) == gradient
            assert (equal == "=") == exact


def test_the_sigmoid_neuron_multiplies_out_with_three_digits():
    values = LiveGraphDemo().preset("sigmoid neuron")
    words = [said(compute(**values | {"step": step})) for step in range(18)]
    assert "upstream 0.197 × local 2 ≈ 0.393 to x0" in " ".join(words)  # not 0.2 × 2 = 0.39
    assert "upstream −0.534 × local 0.368 = −0.197" in words[12]
    assert "1 ÷ 1.37 ≈ 0.731" in words[8]


@pytest.mark.parametrize(
    ("expression", "inputs", "sentence"),
    [
        ("x / y", {"x": 1, "y": 0}, "1 ÷ 0 = ∞: beyond every number of the computer"),
        ("x / y", {"x": 0, "y": 0}, "0 ÷ 0 = nan: there is no such number"),
        ("log(x) + y", {"x": -1}, r"log(−1) = nan: there is no such number"),
        ("sqrt(x) * y", {"x": 0, "y": 1}, "The gradient of x is ∞"),
        ("exp(exp(x))", {"x": 10}, "= ∞: beyond"),
        ("x * y", {"x": 0, "y": 0}, ""),
    ],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_infinity_and_nan_are_explained_in_a_sentence(expression, inputs, sentence):
    state = compute(expression, inputs, 99)
    assert sentence in said(state)
    assert bool(trouble(state)) == bool(sentence)


@pytest.mark.parametrize("expression", ["1/2", "exp(2)", "2 * (3 + 4)"])
def test_an_expression_without_inputs_is_told_in_whole_sentences(expression):
    begins, ends = (said(compute(expression, {}, step)) for step in (0, 99))
    assert ": there is no input, only numbers; no gate has worked yet." in begins
    assert ends.endswith(". No input, so no gradient to read.")


def test_one_preset_shows_everything_computed():
    demo = LiveGraphDemo()
    demo.set(**demo.preset("its gradients"))
    assert demo.state.step == demo.state.last
    assert ". Gradients: w0 " in demo.said()


def test_pi_is_a_number_and_has_no_slider():
    assert input_names("pi * x + π") == ["x"]
    assert compute("pi * x", {"x": 2}, 1).values[compute("pi * x", {"x": 2}, 1).node] == pytest.approx(
        2 * np.pi
    )


@pytest.mark.parametrize(
    ("typed", "hint"),
    [("e**x", r"write exp\(…\)"), ("2*e^(-x)", r"write exp\(…\)"), ("lambda * x", "write lam")],
)
def test_a_power_of_e_and_lambda_get_a_hint(panel, typed, hint):
    with pytest.raises(ValueError, match=hint):
        LiveGraphDemo(expression=typed)


def test_the_largest_of_three_and_more():
    values = {"x": 1, "y": 3, "z": 2, "w": 3}
    state = compute("max(x, y, z)", values, 9)
    assert shown(state.gradients).items() >= {"x": 0, "y": 1, "z": 0}.items()
    state = compute("max(x, y, z, w)", values, 9)
    assert shown(state.gradients).items() >= {"x": 0, "y": 0.5, "z": 0, "w": 0.5}.items()  # a tie
    state = compute("min(x, y, z)", values, 9)
    assert shown(state.gradients).items() >= {"x": 1, "y": 0, "z": 0}.items()
    demo = LiveGraphDemo(expression="max(a, b, c, d, f, g, h, k)", step=3)
    assert [row[0].get_text() for row in demo.cells] == ["a", "b", "c"]  # all are told in words
    assert said(demo.state).count("to ") == 8


@pytest.mark.family(share=3)
@pytest.mark.parametrize("letters", [11, 12, 16, 30, 200])
def test_a_long_name_overlaps_nothing(letters):
    name = "n" * letters
    demo = LiveGraphDemo(expression=f"{name} * x", step=3)
    assert demo.graph.scale > 0.7
    demo.png()
    renderer = demo.canvas.agg.get_renderer()
    for row in demo.cells:
        boxes = [cell.get_window_extent(renderer) for cell in row if cell.get_text()]
        assert all(left.x1 < right.x0 for left, right in pairwise(boxes))
    slider = demo.panel().widgets["inputs"].children[0]
    assert len(slider.description) <= 14
    assert slider.tooltip == name
    assert demo.panel().widgets["inputs"].value == {name: 1.0, "x": -2.0}


@pytest.mark.family(share=3)
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [340, 816, 1500])
def test_it_is_drawn_in_every_width_light_and_dark(width, dark):
    demo = LiveGraphDemo(expression=NEURON, step=12)
    shown = demo.fit(width, 400, dark=dark)
    assert shown[0] <= width
    paper = demo.canvas.pixels()[0, 0, :3].astype(int)
    assert (paper < 60).all() if dark else (paper == 255).all()
    assert marks(demo)
