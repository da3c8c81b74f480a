"""The gates that an expression may name: how each is typed, and which function of numpy it stands for.

A class statement enters its gate here, as it enters its name into a module; nothing else changes the list. A
class that is defined again, as when a cell of a notebook is run twice, takes the place of its former self.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from keyword import iskeyword
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lib.graph.gate import Gate


@dataclass(frozen=True)
class Entry:
    """What one gate is called.

    gate: the class
    names: of the typed function, the usual one first; none for a gate that only an operator writes
    numpy: the function that makes this gate of a node, as np.exp does; operators call it too
    hints: what somebody may type in its place → what to type
    """

    gate: type[Gate]
    names: tuple[str, ...] = ()
    numpy: Callable[..., Any] | None = None
    hints: Mapping[str, str] | None = None

    @property
    def where(self) -> str:
        """The class with its module: two classes of one place are one class, defined twice."""
        return f"{self.gate.__module__}.{self.gate.__qualname__}"


ENTERED: dict[str, Entry] = {}  # Entry.where → Entry, in the order of definition


def enter(entry: Entry) -> None:
    """Adds a gate; raises `ValueError` where a name is no name, or belongs to another gate already."""
    gate = entry.gate.__name__
    for name in entry.names:
        if not name.isidentifier() or iskeyword(name):
            raise ValueError(f"{gate}: function: expected a name such as 'exp', got {name!r}")
    if entry.names and entry.gate.outputs != 1:
        raise ValueError(f"{gate}: outputs: expected 1 for a gate that is typed, got {entry.gate.outputs}")
    for other in ENTERED.values():
        if other.where == entry.where:
            continue
        for name in set(entry.names) & set(other.names):
            raise ValueError(
                f"{gate}: function: expected a name that is free, got {name!r}, which is {other.where}; "
                f"choose another, or use yours in one expression: parse(…, gates={{{name!r}: {gate}}})"
            )
        if entry.numpy is not None and entry.numpy is other.numpy:
            raise ValueError(
                f"{gate}: numpy: expected a function that is free, got np.{entry.numpy.__name__}, "
                f"which is {other.where}"
            )
    ENTERED[entry.where] = entry


def typed_functions() -> dict[str, type[Gate]]:
    """Every function that may be typed → its gate, in alphabetical order."""
    found = {name: entry.gate for entry in ENTERED.values() for name in entry.names}
    return dict(sorted(found.items()))


def typing_hints() -> dict[str, str]:
    """What somebody may type, such as ln, √ or numpy's absolute → what to type: log(x), sqrt(x), abs(x)."""
    found = {}
    for entry in ENTERED.values():
        if entry.numpy is not None and entry.names and entry.numpy.__name__ not in entry.names:
            found[entry.numpy.__name__] = f"{entry.names[0]}(x)"
        found |= entry.hints or {}
    return found


def numpy_functions() -> dict[str, type[Gate]]:
    """The name of every function of numpy that makes a node → its gate, in alphabetical order."""
    found = {entry.numpy.__name__: entry.gate for entry in ENTERED.values() if entry.numpy is not None}
    return dict(sorted(found.items()))


def gate_of(function: Callable[..., Any]) -> type[Gate] | None:
    """The gate that a function of numpy stands for, None if there is none."""
    for entry in ENTERED.values():
        if entry.numpy is function:
            return entry.gate
    return None
