"""A control for a line of text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lib.demos.kit.controls import Control


class TextField(Control):
    """A line of text, taken at Enter; what is wrong with it is said below it, and the last good one stays.

    start: the first text
    accept: raises `ValueError` with a sentence for the person who typed
    examples: other texts it accepts, for those who try out every control
    label: what stands before the field
    """

    def __init__(
        self,
        start: str,
        *,
        accept: Callable[[str], Any],
        examples: Sequence[str] = (),
        label: str | None = None,
    ):
        super().__init__(start, label)
        self.accept, self.examples = accept, tuple(examples)

    def check(self, value: Any) -> str:
        if not isinstance(value, str):
            raise self.refuse(value, "a text")
        try:
            self.accept(value)
        except ValueError as error:
            raise ValueError(f"{self.name}: {error}") from error
        return value

    def widget(self) -> Any:
        from lib.demos.live_graph.text_box import TextBox

        return TextBox(self.start, self.label, self.accept)
