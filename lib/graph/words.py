"""What is written and said of a graph: short numbers, symbols of gates, sums; the graph read aloud."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lib.graph.graph import ComputationalGraph, Step
from lib.graph.node import Node

SYMBOLS = {"*": "×", "-": "−", "/": "÷", "**": "^"}


def number(value: Any) -> str:
    """A value in few letters: two decimals below 100; arrays of up to three numbers, the shape of others.

    >>> number(-0.5266), number(12.0), number(123.4), number(1e-5), number(2.5e7), number(np.zeros((2, 3)))
    ('−0.53', '12', '123', '1e−5', '2e7', '(2, 3)')
    """
    if isinstance(value, (tuple, list)):  # of a gate with several outputs: each stands at its own node
        return ""
    value = np.asarray(value)
    if value.ndim:
        few = value.ndim == 1 and value.size <= 3
        return f"[{', '.join(map(number, value))}]" if few else str(value.shape)
    x = float(value)
    if math.isnan(x):
        return "nan"
    if math.isinf(x):
        text = "∞" if x > 0 else "-∞"
    elif x != 0 and not 0.005 <= abs(x) < 9999.5:
        text = f"{x:.0e}".replace("e+0", "e").replace("e-0", "e-").replace("e+", "e")
    else:
        text = f"{x:.{2 if abs(x) < 99.995 else 0}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text.replace("-", "−")


def symbol(node: Node) -> str:
    """What is written into the box of a node."""
    if node.gate is not None:
        label = SYMBOLS.get(node.gate.label, node.gate.label)
        return label if len(label) < 16 else label[:14] + "…"
    if node.constant is not None:
        return number(node.constant)
    return node.name if node.index is None else f"[{node.index}]"


def called(node: Node) -> str:
    """A node in a sentence: its name, else the symbol of its gate."""
    return node.name or symbol(node)


def value_text(node: Node, values: dict[Node, Any]) -> str:
    """What is written above the line that leaves a node: its value, and the name of a gate that has one."""
    value = number(values[node]) if node in values else ""
    if node.name and not node.is_input:
        return f"{node.name} = {value}" if value else node.name
    return value


def gradient_texts(graph: ComputationalGraph) -> dict[Node, str]:
    """Node → its gradient, as a sum where two or three uses of the node give one number each."""
    parts: dict[Node, list] = {}
    for step in graph.trace():
        if step.phase == "backward":
            for parent, part in zip(step.node.parents, step.given, strict=True):
                parts.setdefault(parent, []).append(part)
    texts = {}
    for node, total in graph.gradients.items():
        if node.constant is not None:
            continue
        texts[node] = number(total)
        terms = parts.get(node, [])
        if 2 <= len(terms) <= 3 and node not in graph.outputs and np.ndim(total) == 0:
            texts[node] = written_sum(terms) + f" = {texts[node]}"
    return texts


def written_sum(terms: list[Any]) -> str:
    """Numbers with plus and minus signs between them.

    >>> written_sum([3, -4])
    '3 − 4'
    """
    text = " + ".join(number(term) for term in terms)
    return text.replace("+ −", "− ")


def read_aloud(graph: ComputationalGraph) -> str:
    """The graph in words: gate after gate forward, then the gradients backward, as far as they are computed.

    >>> from lib.graph import ComputationalGraph, inputs
    >>> x, y = inputs("x y")
    >>> graph = ComputationalGraph(x * y)
    >>> _ = graph.forward(x=3, y=-4), graph.backward()
    >>> read_aloud(graph)
    'x = 3 and y = −4 go into ×, which gives −12. Backward: × gets 1 and hands −4 to x, 3 to y.'
    """
    sentences = [forward_sentence(node, graph.values) for node in graph.nodes if node.parents]
    said = [words for step in graph.trace() if step.phase == "backward" and (words := backward_words(step))]
    if said:
        sentences.append(f"Backward: {'; '.join(said)}.")
    sums = [f"{called(node)} gets {text}" for node, text in gradient_texts(graph).items() if "=" in text]
    if sums:
        sentences.append(f"Gradients add at branches: {'; '.join(sums)}.")
    return " ".join(sentences) or f"Only {', '.join(map(called, graph.nodes))}."


def forward_sentence(node: Node, values: dict[Node, Any]) -> str:
    """What goes into a gate, and what it gives."""
    taken = [spoken(parent, values) for parent in node.parents]
    gives = number(values[node]) if node in values else ""
    verb = "goes" if len(taken) == 1 else "go"
    sentence = f"{' and '.join(taken)} {verb} into {called(node)}{gives and f', which gives {gives}'}."
    return "T" + sentence[1:] if sentence.startswith("the ") else sentence


def backward_words(step: Step) -> str:
    """The gradient that a gate gets, and those that it hands to its parents; nothing if all are constants."""
    given = [
        f"{number(part)} to {called(parent)}"
        for parent, part in zip(step.node.parents, step.given, strict=True)
        if parent.constant is None
    ]
    upstream = " and ".join(map(number, step.taken))
    return f"{called(step.node)} gets {upstream} and hands {', '.join(given)}" if given else ""


def spoken(node: Node, values: dict[Node, Any]) -> str:
    """A value that goes into a gate: "x = −2", "the 3 of +", or "the output of +" before it is computed."""
    value = number(values[node]) if node in values else ""
    if not node.parents:
        return f"{called(node)} = {value}" if value and node.is_input else called(node)
    return f"the {value or 'output'} of {called(node)}"
