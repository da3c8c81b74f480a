"""Drawn graphs: nothing overlaps, lines keep clear of numbers, and the words say what the picture shows."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.path import Path
from PIL import Image

from lib import plots
from lib.graph import ComputationalGraph, Gate, exp, inputs, maximum, merge, minimum, relu, sigmoid
from lib.graph.picture.captions import short_number
from lib.graph.picture.drawing import MOST_DRAWN, Drawing, draw
from lib.graph.picture.graph_artists import GraphArtists, arrange_graph, curve_path
from lib.graph.picture.layout import arrange
from lib.graph.picture.read_aloud import read_aloud
from lib.graph.picture.text_batch import TextBatch

x, y, z = inputs("x y z")
w0, x0, w1, x1, w2 = inputs("w0 x0 w1 x1 w2")
w, b, lam = inputs("w b lam")
DECKS = {
    "(x + y) z": ((x + y) * z, {"x": -2, "y": 5, "z": -4}),
    "neuron": (1 / (1 + exp(-(w0 * x0 + w1 * x1 + w2))), {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3}),
    "branch": (x * y + x * z - x, {"x": 2, "y": 3, "z": -4.25}),
    "hinge": (
        maximum(0, 1 - y * (w * x + b)) + lam * w**2,
        {"w": 0.5, "x": 2, "b": -0.5, "y": 1, "lam": 0.1},
    ),
}


def computed(*outputs, **values):
    graph = ComputationalGraph(*outputs)
    graph.forward(**values)
    graph.backward()
    return graph


@st.composite
def graphs(draw, most=40):
    """Graphs of up to 40 nodes, with branches, long edges, constants and several outputs."""
    names = [f"v{i}" for i in range(draw(st.integers(1, 8)))]
    nodes = list(inputs(" ".join(names)))
    binary = [
        lambda p, q: p + q, lambda p, q: p - q, lambda p, q: p * q, lambda p, q: p / q, maximum, minimum
    ]  # fmt: skip
    unary = [sigmoid, relu, lambda p: -p, exp]
    while len(nodes) < most - 1 and (len(nodes) <= len(names) or draw(st.integers(0, 30))):
        p, q = (nodes[draw(st.integers(0, len(nodes) - 1))] for _ in range(2))
        kind = draw(st.integers(0, 9))
        if kind < 7:
            nodes.append(draw(st.sampled_from(binary))(p, q))
        elif kind < 9:
            nodes.append(draw(st.sampled_from(unary))(p))
        else:
            nodes.append(p * draw(st.floats(-9, 9)))
    used = {parent for node in nodes for parent in node.parents}
    outputs = [node for node in nodes if node not in used]
    graph = ComputationalGraph(*outputs)
    value = st.floats(-1e4, 1e4)
    graph.forward(**{name: draw(value) for name in graph.inputs})
    graph.backward()
    return graph


def parts(drawing):
    """What is drawn, in dots: boxes of nodes, number boxes, labels (box), lines (points)."""
    (axes,) = drawing.figure.axes
    renderer = FigureCanvasAgg(drawing.figure).get_renderer()
    lines, _, gates, names, *_ = axes.patches

    def polygons(patch):
        return patch.get_transform().transform_path(patch.get_path()).to_polygons(closed_only=False)

    boxes = [(*p.min(0), *p.max(0)) for patch in (gates, names) for p in polygons(patch) if len(p) > 2]
    numbers = [
        box.extents for a in axes.get_children() if isinstance(a, TextBatch) for box in a.boxes(renderer)
    ]
    labels = [t.get_window_extent(renderer).extents for t in axes.texts if t.get_text()]
    return np.array(boxes).reshape(-1, 4), np.array(numbers).reshape(-1, 4), np.array(labels), polygons(lines)


def overlaps(a, b):
    """Which boxes (n, 4) overlap which boxes (m, 4): bool (n, m)."""
    low, high = np.maximum(a[:, None, :2], b[None, :, :2]), np.minimum(a[:, None, 2:], b[None, :, 2:])
    return (low < high).all(axis=2)


def drawn_with_numbers_above(graph):
    """As the live graph draws long graphs: numbers above and below the boxes, not beside them."""
    values, gradients = (
        {n: short_number(v) for n, v in known.items()} for known in (graph.values, graph.gradients)
    )
    layout = arrange_graph(graph, values, gradients, above=True)
    size = (layout.width + 24, layout.height + 24)
    figure = Figure(figsize=(size[0] / 72, size[1] / 72), dpi=100)
    artists = GraphArtists(figure.add_axes((0, 0, 1, 1)), len(graph.nodes), size, largest=1)
    artists.place(layout)
    artists.write(values, gradients)
    return Drawing(figure, "")


def assert_nothing_overlaps(graph, draw=draw):
    drawing = draw(graph)
    boxes, numbers, labels, lines = parts(drawing)
    assert len(labels) == len(graph.nodes)
    assert len(boxes) == sum(node.constant is None for node in graph.nodes)
    assert not np.triu(overlaps(labels, labels), 1).any(), "labels"
    assert not np.triu(overlaps(boxes, boxes), 1).any(), "boxes"
    assert not np.triu(overlaps(numbers, numbers), 1).any(), "numbers"
    assert not overlaps(numbers, boxes).any(), "numbers and boxes"
    assert not overlaps(numbers, labels).any(), "numbers and labels"
    assert (overlaps(labels, boxes).sum(axis=1) <= 1).all(), "a label and the box of another node"
    size = drawing.figure.get_size_inches() * drawing.figure.dpi
    for part in (boxes, numbers, labels):
        assert (part >= 0).all()
        assert (part <= np.tile(size, 2)).all()
    tight = numbers + np.array((2, 3, -2, -3))  # where there is ink
    for line in lines:
        steps = np.linspace(0, 1, 20)[:, None, None]
        points = (line[:-1] + steps * (line[1:] - line[:-1])).reshape(-1, 2)
        assert not overlaps(tight, np.hstack([points, points + 0.01])).any(), "a line through a number"


@pytest.mark.parametrize("name", DECKS)
def test_nothing_overlaps_in_the_graphs_of_the_decks(name):
    expression, values = DECKS[name]
    assert_nothing_overlaps(computed(expression, **values))


@pytest.mark.family(share=2)
@given(graphs())
@settings(deadline=None, max_examples=25)
def test_nothing_overlaps_in_a_graph_of_up_to_40_nodes(graph):
    assert_nothing_overlaps(graph)


@pytest.mark.family(share=2)
@given(graphs())
@settings(deadline=None, max_examples=25)
def test_nothing_overlaps_where_numbers_stand_above_the_boxes(graph):
    assert_nothing_overlaps(graph, draw=drawn_with_numbers_above)


@given(graphs())
@settings(deadline=None, max_examples=25)
def test_every_node_stands_to_the_right_of_its_parents_and_every_edge_joins_its_two_nodes(graph):
    widths = {node: 40.0 + 7 * (i % 5) for i, node in enumerate(graph.nodes)}
    layout = arrange(graph.nodes, widths, 40)
    assert len(layout.edges) == sum(len(node.parents) for node in graph.nodes)
    for source, target, operand, curve in layout.edges:
        assert target.parents[operand] is source
        right = layout.places[source] + (widths[source], 0)
        assert right[0] < layout.places[target][0]
        np.testing.assert_array_equal(curve[0], right)
        assert curve[-1, 0] == layout.places[target][0]
        off = abs(curve[-1] - layout.places[target])[1]
        assert off <= 10 + 1e-9  # a quarter of the height, added by `part_ends`, subtracted here: both round
        assert len(curve) % 3 == 1


@given(graphs())
@settings(deadline=None, max_examples=25)
def test_where_the_order_matters_the_first_value_comes_in_above_the_second(graph):
    layout = arrange(graph.nodes, dict.fromkeys(graph.nodes, 50.0), 40)
    ends = {(edge.target, edge.operand): edge.curve[-1, 1] for edge in layout.edges}
    for node in graph.nodes:
        if node.gate is not None and node.gate.label in ("-", "/") and len(node.parents) == 2:
            assert ends[node, 0] > ends[node, 1]


def test_a_graph_draws_as_far_as_it_is_computed():
    graph = ComputationalGraph((x + y) * z)
    counts = []
    for compute in (lambda: None, lambda: graph.forward(x=1, y=2, z=3), graph.backward):
        compute()
        counts.append(len(parts(draw(graph))[1]))
    assert counts == [0, 5, 10]


def test_graph_draw_is_the_same_picture_and_a_notebook_shows_it_with_its_words():
    graph = computed((x + y) * z, x=-2, y=5, z=-4)
    bundle, metadata = graph.draw()._repr_mimebundle_()
    assert bundle["text/plain"] == metadata["image/png"]["alt"] == read_aloud(graph)
    assert read_aloud(graph) in bundle["text/html"].replace("&#x27;", "'")
    file = io.BytesIO()
    draw(graph).figure.savefig(file)
    assert Image.open(file).size[0] > 300


def test_the_words_are_those_of_the_deck():
    assert read_aloud(computed((x + y) * z, x=-2, y=5, z=-4)) == (
        "x = −2 and y = 5 go into +, which gives 3. The 3 of + and z = −4 go into ×, which gives −12. "
        "Backward: × gets 1 and hands −4 to +, 3 to z; + gets −4 and hands −4 to x, −4 to y."
    )


def test_a_branch_is_written_and_read_as_a_sum():
    graph = computed(x * y + x * z, x=2, y=3, z=-4)
    (axes,) = draw(graph).figure.axes
    texts = [text for a in axes.get_children() if isinstance(a, TextBatch) for text in a.texts]
    assert "−4 + 3 = −1" in texts
    assert read_aloud(graph).endswith("Gradients add at branches: x gets −4 + 3 = −1.")


def test_arrays_gates_of_ones_own_with_several_outputs_and_names_are_drawn():
    class Split(Gate):
        outputs = 2

        def forward(self, v):
            return v[:2], v[2:]

        def backward(self, first, second):
            return np.concatenate([first, second])

    head, tail = Split()(x)
    graph = ComputationalGraph((head * tail).named("dot $1$"))
    graph.forward(x=[1.0, 2.0, 3.0, -4.5])
    graph.backward(np.ones(2))
    assert_nothing_overlaps(graph)
    (axes,) = draw(graph).figure.axes
    texts = [text for a in axes.get_children() if isinstance(a, TextBatch) for text in a.texts]
    assert {"(4,)", "[1, 2]", "dot $1$ = [3, −9]", "[3, −4.5]"} <= set(texts)


def test_a_graph_of_one_node_is_drawn():
    assert_nothing_overlaps(computed(x, x=3))


def test_a_graph_that_nobody_could_read_is_refused():
    node = x
    for _ in range(MOST_DRAWN):
        node = -node
    with pytest.raises(ValueError, match=r"^graph: expected at most 200 nodes, got 201"):
        draw(ComputationalGraph(node))


@given(st.floats(-1e300, 1e300) | st.sampled_from([np.nan, np.inf, -np.inf]))
def test_numbers_are_short_and_near(value):
    text = short_number(value)
    assert len(text) <= 10  # −1.23e−300
    assert "-" not in text
    back = float(text.replace("−", "-").replace("∞", "inf"))
    if np.isfinite(value):
        assert abs(back - value) <= 0.005001 * abs(value)  # three significant digits
    else:
        np.testing.assert_equal(back, value)


def test_the_layout_is_silent(capfd):
    for expression, values in DECKS.values():
        draw(computed(expression, **values))
    assert capfd.readouterr() == ("", "")


def test_marking_a_gate_marks_its_box_and_the_lines_that_values_or_gradients_take():
    graph = computed(2 * (x + y), x=1, y=2)
    _, axes = plots.figure()
    artists = GraphArtists(axes, 10, (400, 200), largest=1)
    artists.place(arrange_graph(graph, {}, {}))
    counts = []
    for node in graph.nodes[-2:]:  # x + y, and 2 times that
        for phase in ("forward", "backward", "start"):
            artists.mark(node, phase)
            moves = [
                (p.get_path().codes == Path.MOVETO).sum() for p in (artists.marked_lines, artists.marked_box)
            ]
            counts.append(tuple(moves))
    order = [graph.nodes[-2].gate.label, graph.nodes[-1].gate.label]
    assert order == ["+", "*"]
    assert counts == [(2, 1), (3, 1), (1, 1), (2, 1), (2, 1), (1, 1)]  # none back to the constant 2
    artists.mark(None, "")
    assert len(artists.marked_box.get_path()) == 1  # a point, which draws nothing


def test_lines_into_a_gate_of_many_inputs_run_to_the_right_and_do_not_cross():
    a, c, d = inputs("a c d")
    merged = merge(a * c + d * x + y * z, symbol="all")
    for output in (merge(maximum(0, 1 - y * (w * x + b)) + lam * w**2, symbol="SVM loss"), merged, -merged):
        graph = computed(output, **dict.fromkeys(ComputationalGraph(output).inputs, 1.0))
        assert_nothing_overlaps(graph)
        layout = arrange_graph(graph, {}, {})
        curves = [edge.curve for edge in layout.edges if len(edge.target.parents) > 1]
        paths = [curve_path(curve).to_polygons(closed_only=False)[0] for curve in curves]
        for path in paths:
            assert (np.diff(path[:, 0]) >= -1e-9).all()
        ends = np.array([(path[0, 1], path[-1, 1]) for path in paths])
        assert (ends[:, 0].argsort() == ends[:, 1].argsort()).all()  # none crosses another
        assert (np.diff(np.sort(ends[:, 1])) >= 5).all()
