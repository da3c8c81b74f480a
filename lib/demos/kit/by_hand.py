"""A control whose value a hand makes in the picture itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lib.demos.kit.controls import Control
from lib.demos.kit.touch import Touch

if TYPE_CHECKING:
    from lib.demos.kit.demo import Demo


class ByHand(Control, Touch):
    """A control without a widget; its value is a tuple, or None: what the demo makes itself.

    axes: the name of the attribute under which `draw` keeps the axes
    accepted: what it takes besides None, in words
    examples: some of its values
    own: the name of a method that gives what stands in the picture now, a list
    made_by: the names of controls that make the demo's own: when one moves, it is back
    """

    def __init__(self, *, axes: str, accepted: str, examples: Any, own: str = "", made_by: Any = ()):
        Control.__init__(self, None, None)
        Touch.__init__(self, axes)
        self.own, self.accepted, self.examples, self.made_by = own, f"None or {accepted}", examples, made_by

    def check(self, value: Any) -> tuple[Any, ...] | None:
        if value is None:
            return None
        try:
            return self.taken(value)
        except (TypeError, ValueError):
            raise self.refuse(value, self.accepted) from None

    def taken(self, value: Any) -> tuple[Any, ...] | None:
        """The value as a tuple; raises `TypeError` or `ValueError` for what it does not take."""
        raise NotImplementedError

    def now(self, demo: Demo) -> list[Any]:
        return list(getattr(demo, self.own)())
