"""What frequent messages of numpy and Python mean, in words for who meets them first."""

from __future__ import annotations

import re

PRODUCT = (
    "The left side of a matrix product has {columns} columns, the right side {rows} rows, and both must be "
    "equal: is one to be transposed, or is the order wrong?"
)
MEANINGS = {  # a message of numpy or Python → what to say
    r"matmul: .* \(size (?P<rows>\d+) is different from (?P<columns>\d+)\)": PRODUCT,
    r"shapes .* not aligned: (?P<columns>\d+) \(dim \d+\) != (?P<rows>\d+) \(dim \d+\)": PRODUCT,
    r"matmul: .* does not have enough dimensions .*": (
        "One side of `@` is a single number; a number is multiplied with `*`."
    ),
    r"operands could not be broadcast together with shapes (?P<shapes>[()\d, ]+?)\s*": (
        "The shapes {shapes} do not fit: counted from the right, lengths must be equal, or one of them 1. "
        "(A sum keeps its axis with `keepdims=True`.)"
    ),
    r"could not broadcast input array from shape (?P<shape>\(.*\)) into shape (?P<place>\(.*\))": (
        "An array of shape {shape} does not fit into a place of shape {place}."
    ),
    r"cannot reshape array of size (?P<size>\d+) into shape (?P<shape>\(.*\))": (
        "{size} numbers do not fill the shape {shape}: the product of its lengths must be {size}."
    ),
    r"index (?P<index>-?\d+) is out of bounds for axis (?P<axis>\d+) with size (?P<size>\d+)": (
        "Axis {axis} has the length {size}: indices begin at 0 and end before {size}, so {index} is outside."
    ),
    r"axis (?P<axis>-?\d+) is out of bounds for array of dimension (?P<axes>\d+)": (
        "There is no axis {axis}: the array has {axes}, and the first is axis 0."
    ),
    r"The truth value of an array with more than one element is ambiguous.*": (
        "`if`, `and`, `or` and `not` take one True or False; of arrays take `&`, `|`, `~` or `np.where`."
    ),
    r"all the input arrays must have same number of dimensions, .*": (
        "One of the arrays has more axes than the other: `b[:, None]` makes a column of a row b."
    ),
    r"all the input array dimensions except for the concatenation axis must match exactly, .*": (
        "Arrays are put together only if they are equally long along all other axes: is it the right axis?"
    ),
    r"only integer scalar arrays can be converted to a scalar index": (
        "An array stands where one whole number belongs. (`np.max(0, x)` takes x for the number of an axis; "
        "`np.maximum(0, x)` compares.)"
    ),
    r"Python integer -?\d+ out of bounds for uint8": (
        "A byte, uint8, holds 0 to 255 only: convert with `.astype(int)` before you compute."
    ),
    r"unsupported operand type\(s\) for .*'function'.*": (
        "A function stands where a number belongs: call it, with what it takes in brackets, as in `L(w)`."
    ),
    r"all input arrays must have the same shape": (
        "Only arrays of one shape can be stacked: was something taken along the wrong axis?"
    ),
    r"'(?!NoneType)[A-Z]\w*' object has no attribute '(?P<name>\w+)'": (
        "No method has set it yet: write `self.{name} = …` before it is read."
    ),
    r"'numpy.ndarray' object has no attribute 'append'": (
        "Arrays have no append: `np.append(x, 7)` returns a longer array."
    ),
}


def numpy_meaning(message: str) -> str:
    """A sentence or two on what a message means, "" for one that is not known.

    >>> numpy_meaning("cannot reshape array of size 6 into shape (4,2)")
    '6 numbers do not fill the shape (4,2): the product of its lengths must be 6.'
    """
    for pattern, meaning in MEANINGS.items():
        if match := re.fullmatch(pattern, message):
            return meaning.format_map(match.groupdict())
    return ""
