"""What numpy's messages on shapes mean, in words for who meets them first."""

from __future__ import annotations

import re

PRODUCT = (
    "The left side of a matrix product has {columns} columns, the right side {rows} rows, and both must be "
    "equal: is one to be transposed, or is the order wrong?"
)
MEANINGS = {  # a message of numpy → what to say
    r"matmul: .* \(size (?P<rows>\d+) is different from (?P<columns>\d+)\)": PRODUCT,
    r"shapes .* not aligned: (?P<columns>\d+) \(dim \d+\) != (?P<rows>\d+) \(dim \d+\)": PRODUCT,
    r"matmul: .* does not have enough dimensions .*": (
        "One side of `@` is a single number; a number is multiplied with `*`."
    ),
    r"operands could not be broadcast together with shapes (?P<shapes>[()\d, ]+?)\s*": (
        "The shapes {shapes} do not fit: counted from the right, two lengths must be equal, or one of them "
        "1. A sum with `keepdims=True` keeps its axis, with the length 1."
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
}


def numpy_meaning(message: str) -> str:
    """A sentence or two on what a message of numpy means, "" for one that is not known.

    >>> numpy_meaning("cannot reshape array of size 6 into shape (4,2)")
    '6 numbers do not fill the shape (4,2): the product of its lengths must be 6.'
    """
    for pattern, meaning in MEANINGS.items():
        if match := re.fullmatch(pattern, message):
            return meaning.format_map(match.groupdict())
    return ""
