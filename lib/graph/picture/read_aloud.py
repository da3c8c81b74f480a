"""A graph in words, for those who cannot see the picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lib.graph.node import Node
from lib.graph.picture.captions import called, gradient_texts, short_number
from lib.graph.picture.drawable import Drawable
from lib.graph.step import Step


def read_aloud(graph: Drawable) -> str:
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


def forward_sentence(node: Node, values: Mapping[Node, Any]) -> str:
    """What goes into a gate, and what it gives."""
    taken = [spoken(parent, values) for parent in node.parents]
    gives = short_number(values[node]) if node in values else ""
    verb = "goes" if len(taken) == 1 else "go"
    sentence = f"{' and '.join(taken)} {verb} into {called(node)}{gives and f', which gives {gives}'}."
    return "T" + sentence[1:] if sentence.startswith("the ") else sentence


def backward_words(step: Step) -> str:
    """The gradient that a gate gets, and those that it hands to its parents; nothing if all are constants."""
    given = [
        f"{short_number(part)} to {called(parent)}"
        for parent, part in zip(step.node.parents, step.given, strict=True)
        if parent.constant is None
    ]
    upstream = " and ".join(map(short_number, step.taken))
    return f"{called(step.node)} gets {upstream} and hands {', '.join(given)}" if given else ""


def spoken(node: Node, values: Mapping[Node, Any]) -> str:
    """A value that goes into a gate: "x = −2", "the 3 of +", or "the output of +" before it is computed."""
    value = short_number(values[node]) if node in values else ""
    if not node.parents:
        return f"{called(node)} = {value}" if value and node.is_input else called(node)
    return f"the {value or 'output'} of {called(node)}"
