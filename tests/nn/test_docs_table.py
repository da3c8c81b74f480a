"""The table of docs/layers.md: complete, and every name in it exists."""

import re
from operator import attrgetter
from pathlib import Path

import pytest
import torch

from lib import nn

PAGE = Path(__file__).parents[2] / "docs" / "layers.md"
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.read_text(encoding="utf-8").partition("\n## What differs from torch\n")[0].splitlines()
    if line.startswith("|") and not line.startswith(("|---", "| Torch7 |"))
]


def names(cell):
    """The names in a cell; a dash stands for none."""
    found = re.findall(r"`([^`]+)`", cell)
    assert found or cell == "–", f"neither names nor a dash: {cell!r}"
    return found


def test_every_row_has_four_cells_and_every_name_of_the_library_stands_once():
    assert {len(row) for row in ROWS} == {4}
    ours = [name for row in ROWS for name in names(row[1])]
    assert len(ours) == len(set(ours))
    assert set(nn.__all__) - set(ours) == set()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[1].strip("`"))
def test_names_exist_here_and_in_torch(row):
    theirs, ours, torch_names, _ = row
    assert re.fullmatch(r"`\w+`(, `\w+`)*|–", theirs)
    for name in names(ours):
        attrgetter(name)(nn)
    for name in names(torch_names):
        attrgetter(name)(torch.nn)


@pytest.mark.parametrize("name", nn.__all__)
def test_a_name_that_torch_has_too_stands_beside_it(name):
    (row,) = (row for row in ROWS if name in names(row[1]))
    if hasattr(torch.nn, name):
        assert names(row[2]) == [name]
