"""What is written at a node of a drawing: short numbers, the symbol of its gate, its gradient as a sum."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from lib.graph.node import Node
from lib.graph.picture.drawable import Drawable

SYMBOLS = {"*": "×", "-": "−", "/": "÷", "**": "^"}


def short_number(value: Any) -> str:
    """A value in few letters: three significant digits, and whole numbers up to four; arrays of up to three
    numbers, the shape of others.

    >>> short_number(-0.5266), short_number(12.0), short_number(1234.4), short_number(1e-5)
    ('−0.527', '12', '1234', '1e−5')
    >>> short_number(2.5e7), short_number(np.zeros((2, 3)))
    ('2.5e7', '(2, 3)')
    """
    if isinstance(value, (tuple, list)):  # of a gate with several outputs: each stands at its own node
        return ""
    value = np.asarray(value)
    if value.ndim:
        few = value.ndim == 1 and value.size <= 3
        return f"[{', '.join(map(short_number, value))}]" if few else str(value.shape)
    x = float(value)
    if math.isnan(x):
        return "nan"
    if math.isinf(x):
        text = "∞" if x > 0 else "-∞"
    elif x != 0 and not 0.0009995 <= abs(x) < 9999.5:
        digits, exponent = f"{x:.2e}".split("e")
        text = f"{digits.rstrip('0').rstrip('.')}e{int(exponent)}"
    else:
        text = f"{x:.3g}" if abs(x) < 99.95 else f"{x:.0f}"
    return "0" if text == "-0" else text.replace("-", "−")


def symbol_of(node: Node) -> str:
    """What is written into the box of a node."""
    if node.gate is not None:
        return abbreviated(SYMBOLS.get(node.gate.label, node.gate.label))
    if node.constant is not None:
        return short_number(node.constant)
    return abbreviated(node.name) if node.index is None else f"[{node.index}]"


def abbreviated(name: str, most: int = 15) -> str:
    """A name that has room in a box.

    >>> abbreviated("x"), abbreviated("regularisation_strength")
    ('x', 'regularisation…')
    """
    return name if len(name) <= most else name[: most - 1] + "…"


def called(node: Node) -> str:
    """A node in a sentence: its name, else the symbol of its gate."""
    return node.name or symbol_of(node)


def value_text(node: Node, values: Mapping[Node, Any]) -> str:
    """What is written above the line that leaves a node: its value, and the name of a gate that has one."""
    value = short_number(values[node]) if node in values else ""
    if node.name and not node.is_input:
        return f"{node.name} = {value}" if value else node.name
    return value


def gradient_texts(graph: Drawable) -> dict[Node, str]:
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
        texts[node] = short_number(total)
        terms = parts.get(node, [])
        if 2 <= len(terms) <= 3 and node not in graph.outputs and np.ndim(total) == 0:
            texts[node] = written_sum(terms) + f" = {texts[node]}"
    return texts


def written_sum(terms: list[Any]) -> str:
    """Numbers with plus and minus signs between them.

    >>> written_sum([3, -4])
    '3 − 4'
    """
    text = " + ".join(short_number(term) for term in terms)
    return text.replace("+ −", "− ")
