"""A graph of gates: forward and backward in topological order."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import Any

import numpy as np

from lib.tasks.counting import steps
from lib.tasks.facts import are_near, are_same
from lib.tasks.task import Task

task = Task(
    "a2.graph",
    "Graph",
    defines=("Graph",),
    parts={"values": 2, "gradients": 4, "order": 2, "again": 2, "large": 2},
)

Nodes = dict[str, tuple[Any, list[str]]]  # name → its gate, and the names of what goes in


class Wave:
    """A gate of the check's own: the sine of a weighted sum of any number of inputs."""

    def __init__(self, *weights: float):
        self.weights = weights

    def forward(self, *inputs: float) -> float:
        self.angle = sum(w * x for w, x in zip(self.weights, inputs, strict=True))
        return math.sin(self.angle)

    def backward(self, upstream: float) -> tuple[float, ...]:
        return tuple(upstream * math.cos(self.angle) * w for w in self.weights)


class Scaled(Wave):
    """A gate of one input, which it multiplies by a number."""

    def forward(self, *inputs: float) -> float:
        (x,) = inputs
        return self.weights[0] * x

    def backward(self, upstream: float) -> tuple[float, ...]:
        return (upstream * self.weights[0],)


def drawn_wave(rng: np.random.Generator, count: int) -> Wave:
    """A gate with drawn weights."""
    return Wave(*(float(w) for w in rng.uniform(0.5, 1.0, count)))


def small_graph(rng: np.random.Generator) -> tuple[Nodes, dict[str, float]]:
    """A graph with branches, listed from the inputs on, and a point; c has no user."""
    nodes: Nodes = {
        "p": (drawn_wave(rng, 2), ["a", "b"]),
        "q": (drawn_wave(rng, 2), ["p", "a"]),
        "f": (drawn_wave(rng, 2), ["q", "p"]),
        "g": (drawn_wave(rng, 1), ["q"]),
    }
    return nodes, {name: float(rng.normal()) for name in "abc"}


def chain(rng: np.random.Generator, length: int) -> Nodes:
    """Nodes one after another, from the input "0"; listed in that order."""
    factors = rng.choice([0.99, 1.01], length)
    return {str(i + 1): (Scaled(float(factor)), [str(i)]) for i, factor in enumerate(factors)}


def diamonds(count: int) -> Nodes:
    """Diamonds one after another, from "0" on: 2 ways through each, 2ⁿ ways through all."""
    nodes: Nodes = {}
    for i in range(count):
        nodes[f"left {i}"] = (Wave(0.7), [str(i)])
        nodes[f"right {i}"] = (Wave(0.6), [str(i)])
        nodes[str(i + 1)] = (Wave(0.8, 0.9), [f"left {i}", f"right {i}"])
    return nodes


def sorts(Graph: Any) -> bool:
    """Whether nodes may be listed in another order than they are needed; another part has marks for that."""
    nodes: Nodes = {"f": (Scaled(2.0), ["q"]), "q": (Scaled(3.0), ["a"])}
    try:
        graph = Graph(nodes)
        return bool(graph.forward({"a": 1.0})["f"] == graph.backward({"f": 1.0})["a"] == 6)
    except Exception:  # of an answer that is wrong
        return False


def in_order(found: dict[str, Any], names: Any) -> np.ndarray:
    """The numbers of some names."""
    return np.array([float(found[name]) for name in names])


@task.check("values", within=1e-9)
def forward_of_a_graph(Graph: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward"""
    nodes, point = small_graph(rng)
    found = Graph(nodes).forward(point)
    return {"values of p, q, f, g": in_order(found, "pqfg"), "values of a, b, c": in_order(found, "abc")}


@task.check("gradients", within=1e-9)
def backward_of_a_graph(Graph: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward, then backward from f"""
    nodes, point = small_graph(rng)
    graph = Graph(nodes)
    graph.forward(point)
    found = graph.backward({"f": 1.0})
    return {"gradients of q, p, a, b": in_order(found, "qpab"), "gradient of f": found["f"]}


@task.check("gradients", within=1e-9)
def backward_of_a_square(Graph: Any, rng: np.random.Generator) -> dict[str, Any]:
    """an input that goes twice into one gate"""
    graph = Graph({"f": (drawn_wave(rng, 3), ["a", "b", "a"])})
    graph.forward({"a": float(rng.normal()), "b": float(rng.normal())})
    return {"gradients of a, b": in_order(graph.backward({"f": 2.5}), "ab")}


@task.check("gradients", within=1e-9)
def backward_from_several(Graph: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward, then backward from f, g and q together"""
    nodes, point = small_graph(rng)
    graph = Graph(nodes)
    graph.forward(point)
    found = graph.backward({"f": 0.5, "q": -1.5, "g": 2.0})
    return {"gradients of f, g, q, p, a, b": in_order(found, "fgqpab")}


@task.check("gradients", within=1e-9)
def backward_from_one_part(Graph: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward, then backward from g, of which f is no part"""
    nodes, point = small_graph(rng)
    graph = Graph(nodes)
    graph.forward(point)
    found = graph.backward({"g": 1.0})
    return {"gradients of q, p, a, b": in_order(found, "qpab"), "gradients of c, f": in_order(found, "cf")}


@task.check("order", within=1e-9)
def nodes_in_any_order(Graph: Any, rng: np.random.Generator) -> dict[str, Any]:
    """16 nodes, listed in any order"""
    names = [f"n{i}" for i in range(16)]
    listed: list[tuple[str, tuple[Any, list[str]]]] = []
    for i, name in enumerate(names):
        before = ["x", "y", *names[:i]][-5:]
        inputs = [str(n) for n in rng.choice(before[:-1], size=int(rng.integers(0, 2)))] + before[-1:]
        listed.append((name, (drawn_wave(rng, len(inputs)), inputs)))
    shuffled = dict(listed[i] for i in [15, *rng.permutation(15)])
    graph = Graph(shuffled)
    values = in_order(graph.forward({"y": float(rng.normal()), "x": float(rng.normal())}), names)
    found = graph.backward({"n15": 1.0, "n14": -0.5, "n9": 2.0})
    return {"values": values, "gradients of all nodes": in_order(found, names)}


@task.check("again", within=1e-9)
def used_again(Graph: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward and backward of two graphs, each twice"""
    nodes: Nodes = {"f": (drawn_wave(rng, 2), ["a", "b"])}
    before = {name: (gate, list(inputs)) for name, (gate, inputs) in nodes.items()}
    graph, other = Graph(chain(rng, 3)), Graph(nodes)
    graph.forward({"0": 2.0})
    other.forward({"a": 0.5, "b": -0.5})
    once = in_order(graph.backward({"3": 1.0}), "0123")
    twice = in_order(graph.backward({"3": 1.0}), "0123")
    first = in_order(other.backward({"f": 1.0}), "ab")
    point, upstream = {"a": 1.5, "b": 0.25}, {"f": 1.0}
    other.forward(point)
    second = in_order(other.backward(upstream), "ab")
    return {
        "gradients along the chain, second backward": twice,
        "a second backward gives the same": are_near(once, twice),
        "gradients of f in a, b, at another point": second,
        "another point has other gradients": ~are_same(first, second),
        "the caller's nodes are as before": nodes == before,
        "the caller's values are as before": point == {"a": 1.5, "b": 0.25},
        "the caller's upstream gradients are as before": upstream == {"f": 1.0},
    }


@task.check("large", within=1e-9)
def long_chain(Graph: Any, rng: np.random.Generator) -> dict[str, Any]:
    """a chain of 5,000 nodes"""
    nodes = chain(rng, 5000)
    if sorts(Graph):  # whoever begins with the last one goes down 5,000 levels
        nodes = {"5000": nodes["5000"], **nodes}
    graph = Graph(nodes)
    value = float(graph.forward({"0": 1.5})["5000"])
    return {"value of the last": value, "gradient of the first": graph.backward({"5000": 1.0})["0"]}


@task.check("large")
def long_chain_from_its_end(Graph: Any, rng: np.random.Generator) -> dict[str, Any]:
    """a chain of 3,500 nodes, listed from its end"""

    short, long = chain(rng, 3), chain(rng, 3500)
    expected = [1.5 * math.prod(gate.weights[0] for gate, _ in nodes.values()) for nodes in (short, long)]

    def last_value(nodes: Nodes) -> Any:
        return Graph(dict(reversed(nodes.items()))).forward({"0": 1.5})[str(len(nodes))]

    name, order = "its value is right, where that of a short one is", False
    with suppress(Exception):  # of graphs that must be listed in order, which is another part
        order = abs(float(last_value(short)) - expected[0]) < 1e-6 * abs(expected[0])
    return {name: are_near(last_value(long), expected[1], rtol=1e-6, atol=0.0) if order else True}


@task.check("large")
def many_ways(Graph: Any, rng: np.random.Generator) -> dict[str, Any]:
    """30 diamonds, through which there are a billion ways"""

    def there_and_back(count: int) -> float:
        graph = Graph(diamonds(count))
        last = graph.forward({"0": 0.3})[str(count)]
        graph.backward({str(count): 1.0})
        return float(last)

    few = steps(there_and_back, 5)
    grows = not steps(there_and_back, 10) <= 12 * few
    return {
        "twice the diamonds don't take many times the work": not grows,
        "value of the last": None if grows else there_and_back(30),
    }
