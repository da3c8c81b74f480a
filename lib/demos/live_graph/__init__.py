"""Any expression as a graph, stepped forward and backward: at each gate, upstream × local = gradient."""

from lib.demos.live_graph.live_graph_demo import LiveGraphDemo
from lib.demos.live_graph.state import compute

__all__ = ["LiveGraphDemo", "compute", "show"]


def show() -> None:
    """Display the demo."""
    LiveGraphDemo().show()
