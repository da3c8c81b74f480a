"""The tables of docs/layers.md: complete, every name in them exists, every line of code is right."""

import re
from operator import attrgetter
from pathlib import Path

import numpy as np
import pytest
import torch

from lib import nn, optim
from lib.nn import naive

PAGE = Path(__file__).parents[2] / "docs" / "layers.md"
HERE, _, REST = PAGE.read_text(encoding="utf-8").partition("\n## Torch7's other modules, in a line each\n")
IN_A_LINE, _, REST = REST.partition("\n## What isn't here\n")
ABSENT, _, REST = REST.partition("\n## What differs from torch\n")

EDGES = REST.partition("\n## At the edges\n")[2]


def rows(text):
    """The cells of each row of the tables in a part of the page."""
    lines = (line for line in text.splitlines() if line.startswith("|"))
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in lines
        if not line.startswith(("|---", "| Torch7 |"))
    ]


ROWS = rows(HERE)
OPTIMIZERS = {name for name in optim.__all__ if isinstance(getattr(optim, name), type)}


def names(cell):
    """The names in a cell; a dash stands for none."""
    found = re.findall(r"`([^`]+)`", cell)
    assert found or cell == "–", f"neither names nor a dash: {cell!r}"
    return found


def test_every_row_has_four_cells_and_every_name_of_the_library_stands_once():
    assert {len(row) for row in ROWS} == {4}
    ours = [name for row in ROWS for name in names(row[1])]
    assert len(ours) == len(set(ours))
    missing = [*sorted(set(nn.__all__) - set(ours)), *sorted(OPTIMIZERS - set(ours))]
    assert not missing, f"docs/layers.md: add a row to a table there for each of {', '.join(missing)}"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[1].strip("`"))
def test_names_exist_here_and_in_torch(row):
    theirs, ours, torch_names, _ = row
    assert re.fullmatch(r"`\w+`(, `\w+`)*|–", theirs)
    for name in names(ours):
        attrgetter(name)(optim if name in OPTIMIZERS else nn)
    for name in names(torch_names):
        attrgetter(name)(torch.optim if OPTIMIZERS & set(names(ours)) else torch.nn)


def written_once(name):
    """The row of a name."""
    found = [row for row in ROWS if name in names(row[1])]
    assert len(found) == 1, f"docs/layers.md: {name} needs one row in the tables there, and has {len(found)}"
    return found[0]


@pytest.mark.parametrize("name", nn.__all__)
def test_a_name_that_torch_has_too_stands_beside_it(name):
    row = written_once(name)
    if hasattr(torch.nn, name):
        assert names(row[2]) == [name]


@pytest.mark.parametrize("name", sorted(OPTIMIZERS))
def test_an_optimiser_that_torch_has_too_stands_beside_it(name):
    theirs = {other.lower(): other for other in dir(torch.optim) if other[0].isupper()}
    expected = [theirs[name.lower()]] if name.lower() in theirs else []
    assert names(written_once(name)[2]) == expected


SHOWN_IN_DECK_A2 = {
    *(
        "Bilinear",
        "CAdd",
        "CMul",
        "CDivTable",
        "CMaxTable",
        "CMinTable",
        "Select",
        "Log",
        "Max",
        "Min",
        "Mean",
    ),
    *("Maxout", "LookupTable", "Parallel", "Power", "Padding", "Narrow", "Normalize", "RReLU", "Replicate"),
    *("SoftMin", "MarginCriterion", "MultiCriterion"),
}


def numbers(seed=0):
    """What the lines of code may name: inputs, weights, a target."""
    rng = np.random.default_rng(seed)
    arrays = {
        "x": rng.uniform(0.2, 2, (3, 4)),
        "a": rng.uniform(0.2, 2, (3, 4)),
        "b": rng.uniform(0.2, 2, (3, 4)),
        "r": rng.uniform(1 / 8, 1 / 3, (3, 4)),
        "w": rng.standard_normal(4),
        "W": rng.standard_normal((5, 4)),
        "A": rng.standard_normal((2, 4, 4)),
        "t": rng.choice([-1.0, 1.0], (3, 4)),
        "i": np.array([1, 0, 1]),
    }
    modules = [nn.Tanh() for _ in range(4)]
    return arrays, {
        "nn": nn,
        "np": np,
        "modules": modules,
        "criteria": [(1, nn.MSELoss()), (0.5, nn.L1Loss())],
    }


@pytest.mark.parametrize("row", rows(IN_A_LINE), ids=lambda row: row[0].strip("`"))
def test_a_module_in_a_line_gives_output_and_gradients_of_torch(row):
    assert re.fullmatch(r"`\w+`(, `\w+`)*", row[0])
    forward, backward, theirs = (re.fullmatch("`(.+)`", cell)[1] for cell in row[1:])
    arrays, tools = numbers()
    learnt = [name for name in ("x", "a", "b") if re.search(rf"\b{name}\b", forward)] or ["W"]
    tensors = {name: torch.tensor(array) for name, array in arrays.items()}
    for name in learnt:
        tensors[name].requires_grad_()

    y = eval(forward, tools | arrays)
    expected = eval(theirs, {"torch": torch} | tensors)
    np.testing.assert_allclose(y, expected.detach(), rtol=1e-12)

    g = np.random.default_rng(1).standard_normal(np.shape(y)) if np.ndim(y) else np.float64(1)
    wanted = torch.autograd.grad(expected, [tensors[name] for name in learnt], torch.tensor(g))
    found = eval(backward, tools | arrays | {"y": y, "g": g})
    for ours, right in zip(found if isinstance(found, list) else [found], wanted, strict=True):
        np.testing.assert_allclose(ours, right, rtol=1e-10, atol=1e-12)


def test_torch7_modules_stand_once():
    theirs = [name for row in ROWS + rows(IN_A_LINE) for name in re.findall(r"`(\w+)`", row[0])]
    assert len(theirs) == len(set(theirs))
    assert set(theirs) >= SHOWN_IN_DECK_A2


def test_what_is_said_to_be_absent_is_in_torch_only():
    names = re.findall(r"`(\w+)`", ABSENT)
    assert len(names) > 30
    for name in names:
        if hasattr(naive, name):  # im2col
            continue
        assert hasattr(torch.nn, name), name
        assert not hasattr(nn, name), (
            f"{name} is here by now: strike it from 'What isn't here' in docs/layers.md"
        )


def outcome(call, tools):
    """What a call comes to, as the table says it."""
    try:
        value = eval(call, tools)
    except Exception:
        return "refused"
    return f"{float(value):.3g}" if np.ndim(value) == 0 and not callable(value) else "accepted"


@pytest.mark.parametrize("row", rows(EDGES)[1:], ids=lambda row: row[0].strip("`"))
@pytest.mark.filterwarnings("ignore")
def test_what_is_said_of_the_edges_is_so(row):
    call, here, there, why = row
    ours = {"nn": nn, "zeros": np.zeros, "y": np.array([0, 0])}
    theirs = {"nn": torch.nn, "zeros": torch.zeros, "y": torch.tensor([0, 0])}
    assert outcome(call.strip("`"), ours) == here
    assert outcome(call.strip("`"), theirs) == there
    assert why
