"""Computational graphs: expressions that compute forward, and send gradients backward.

The mathematics is here and in `gates`; `picture` draws a graph, `typed` reads a typed expression.
"""

from lib.graph import gates
from lib.graph.gate import Gate
from lib.graph.gate_check import check_gate
from lib.graph.gates import *  # noqa: F403
from lib.graph.graph import ComputationalGraph
from lib.graph.merge import MergedGate, merge
from lib.graph.node import Node, inputs
from lib.graph.step import Step
from lib.graph.typed.parse import parse
from lib.graph.typed.parse_error import ParseError

__all__ = [
    "ComputationalGraph",
    "Gate",
    "MergedGate",
    "Node",
    "ParseError",
    "Step",
    "check_gate",
    "inputs",
    "merge",
    "parse",
]
__all__ += gates.__all__
