"""The gates of the live graph as spots to click."""

from __future__ import annotations

from typing import Any

from lib.demos.kit.touch import Mark, Touch, Values
from lib.graph import Node
from lib.graph.picture.captions import called


class Gates(Touch):
    """A click on a gate goes to its step forward; when that has been reached, to its step backward."""

    hint = "Click a gate to step there"

    def now(self, demo: Any) -> list[tuple[Node, int, tuple[float, float, float, float]]]:
        """Each gate that is in sight, the step that a click goes to, and where it stands."""
        found = []
        for node, (forward, backward) in demo.steps.items():
            place = demo.graph.inside(node)
            if place is not None:
                past = demo.state.step > len(demo.steps) or demo.state.step == forward
                found.append((node, backward if past and demo.state.step != backward else forward, place))
        return found

    def marks(self, demo: Any) -> list[Mark]:
        return [
            Mark(x, y, f"{called(node)}: to step {step}", "spot", "", w, h)
            for node, step, (x, y, w, h) in self.now(demo)
        ]

    def picked(self, demo: Any, index: int) -> Values:
        return {"step": self.now(demo)[index][1]}
