"""What the layer table consists of, and how it prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

COLUMNS = ("name", "kind", "output", "parameters", "activations", "memory", "multiply–adds")
LEFT = 3  # so many columns are words, aligned on the left
CONVENTION = (
    "Multiply–adds are those of convolutions and linear layers; the few operations of norms, poolings, "
    "activations and biases are left out, as is usual."
)


@dataclass(frozen=True)
class LayerRow:
    """One layer.

    name: its place in the net, such as "3.body.0"
    kind: its class, such as "Conv2d"
    output: the shape of what it makes of one image, without the batch; None where it is not called
    parameters: numbers that are learned; where layers share them, in the first row alone
    activations: numbers it makes of one image; 0 where it hands on its input, as dropout does in evaluation
    parameter_bytes, activation_bytes: the memory that these take
    multiply_adds: products of a weight and an input, each with its addition
    """

    name: str
    kind: str
    output: tuple[int, ...] | None = None
    parameters: int = 0
    activations: int = 0
    parameter_bytes: int = 0
    activation_bytes: int = 0
    multiply_adds: int = 0

    @property
    def memory(self) -> int:
        """Bytes of parameters and activations together."""
        return self.parameter_bytes + self.activation_bytes

    def cells(self) -> list[str]:
        """What stands in the columns."""
        shape = "not called" if self.output is None else by(self.output)
        numbers = [f"{self.parameters:,}", f"{self.activations:,}", in_bytes(self.memory)]
        return [self.name, self.kind, shape, *numbers, f"{self.multiply_adds:,}"]


@dataclass(frozen=True, repr=False)
class LayerTable:
    """What `summarize` returns. It prints as a table; `rows` holds the numbers.

    title: which net, and for which images
    rows: the layers in the order in which they are called, then those that are not
    notes: what was counted as 0, and why
    """

    title: str
    rows: tuple[LayerRow, ...]
    notes: tuple[str, ...] = ()

    @property
    def total(self) -> LayerRow:
        """The sums of all rows."""
        names = ("parameters", "activations", "parameter_bytes", "activation_bytes", "multiply_adds")
        return LayerRow("total", "", **{name: sum(getattr(row, name) for row in self.rows) for name in names})

    @property
    def parameters(self) -> int:
        """All numbers that are learned."""
        return self.total.parameters

    @property
    def multiply_adds(self) -> int:
        """For one image; a multiplication and its addition count as one, as in deck C's 19.6 B for VGG."""
        return self.total.multiply_adds

    @property
    def operations(self) -> int:
        """For one image; a multiplication and its addition count as two, as in deck C's 1.5 B for AlexNet."""
        return 2 * self.multiply_adds

    def below(self) -> list[str]:
        """What stands below the table."""
        total = self.total
        weights, made = in_bytes(total.parameter_bytes), in_bytes(total.activation_bytes)
        one, two = f"{self.multiply_adds:,}", f"{self.operations:,}"
        return [
            f"Operations, a multiply–add counted as one: {one}; as two: {two}.",
            f"Memory: {weights} of parameters, {made} of activations.",
            CONVENTION,
            *self.notes,
        ]

    def __repr__(self) -> str:
        lines = [list(COLUMNS), *(row.cells() for row in self.rows), self.last()]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        head, *body, last = ["  ".join(map(_aligned, cells, widths, range(9))).rstrip() for cells in lines]
        rule = "─" * (sum(widths) + 2 * len(widths) - 2)
        return "\n".join([self.title, "", head, rule, *body, rule, last, "", *self.below()])

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col" style="{_side(i)}">{name}</th>' for i, name in enumerate(COLUMNS))
        body = "".join(_html_row(row.cells()) for row in self.rows)
        return (
            f"<table><caption>{escape(self.title)}</caption><thead><tr>{head}</tr></thead>"
            f"<tbody>{body}</tbody><tfoot>{_html_row(self.last())}</tfoot></table>"
            + "".join(f"<p>{escape(line)}</p>" for line in self.below())
        )

    def last(self) -> list[str]:
        """What stands in the columns of the last row."""
        name, kind, _, *sums = self.total.cells()
        return [name, kind, "", *sums]


def by(shape: Sequence[int]) -> str:
    """A shape as it is read.

    >>> by((3, 32, 32))
    '3 × 32 × 32'
    """
    return " × ".join(map(str, shape)) if shape else "one number"


def in_bytes(count: int) -> str:
    """So many bytes, a thousand to the kB.

    >>> in_bytes(249_513_376), in_bytes(512)
    ('249.5 MB', '512 B')
    """
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count} B"


def _aligned(cell: str, width: int, column: int) -> str:
    return cell.ljust(width) if column < LEFT else cell.rjust(width)


def _side(column: int) -> str:
    return f"text-align: {'left' if column < LEFT else 'right'}"


def _html_row(cells: list[str]) -> str:
    name, *others = map(escape, cells)
    rest = "".join(f'<td style="{_side(i)}">{cell}</td>' for i, cell in enumerate(others, 1))
    return f'<tr><th scope="row" style="{_side(0)}">{name}</th>{rest}</tr>'
