"""Every class that carries a name of torch takes its arguments in torch's order, with torch's defaults.

What differs stands in docs/layers.md, "What differs from torch", once and with its reason: the table there is
what this test reads. A row that is not needed fails, as does a difference without a row.

What a row says in its column "here":
- `absent`: torch has the argument, here there is none; what comes after it in torch, is by keyword only
- `elsewhere`: the same, but it does not count in the order, since it is given in another place
- `added`: torch has none; by keyword only
- `required`: there is no default here
- `called NAME`: another name
- anything else: the default here
"""

import ast
import inspect
import re
from itertools import takewhile
from pathlib import Path

import pytest
import torch

from lib import nn, optim
from lib.nn.constructors import REASONS

PAGE = Path(__file__).parents[2] / "docs" / "layers.md"
BASES = (nn.Module, optim.Optimizer)  # to subclass, each with a contract of its own
POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def counterparts():
    """Our name, our class and torch's, for all names that differ in capitals at most."""
    for ours, theirs, prefix in ((nn, torch.nn, ""), (optim, torch.optim, "optim.")):
        known = {name.lower(): name for name in dir(theirs)} | {name: name for name in dir(theirs)}
        for name in ours.__all__:
            kind, other = getattr(ours, name), known.get(name, known.get(name.lower()))
            if isinstance(kind, type) and other is not None and kind not in BASES:
                yield prefix + name, kind, getattr(theirs, other)


CLASSES = {name: (kind, theirs) for name, kind, theirs in counterparts()}


def table():
    """(argument, classes, here): a row of the page for each argument that it names."""
    section = (
        PAGE.read_text(encoding="utf-8").partition("\n## What differs from torch\n")[2].partition("\n## ")[0]
    )
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| `")]
    assert rows, "no table in docs/layers.md"
    for arguments, classes, here, why in rows:
        assert why.strip(), f"no reason for {arguments}"
        names = re.findall(r"`([\w.]+)`", classes)
        assert names or classes.strip() == "all", classes
        for argument in re.findall(r"`(\w+)`", arguments):
            yield argument, names, here.strip().strip("`")


def named(callable_):
    """The parameters that have a name of their own."""
    parameters = inspect.signature(callable_).parameters
    return {name: p for name, p in parameters.items() if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)}


def differences(ours, theirs):
    """(argument of torch's, or else of ours; what its row should say), for all that differ."""
    here, there = named(ours), named(theirs)
    for argument, parameter in there.items():
        other = here.get(argument)
        if other is None:
            yield argument, ("absent", "elsewhere", "called NAME")
        elif other.default is inspect.Parameter.empty and parameter.default is not inspect.Parameter.empty:
            yield argument, ("required",)
        elif other.default != parameter.default:
            yield argument, (repr(other.default),)
    for argument in here.keys() - there.keys():
        yield argument, ("added",)


def value(here):
    """What a row says of a default, as a value: 1e-5 is 0.00001; of the words, the first."""
    try:
        return ast.literal_eval(here)
    except (ValueError, SyntaxError):
        return here.split()[0]


def rows_for(name):
    """argument → here, of the rows for a class; rows for all classes count where torch has the argument."""
    _, theirs = CLASSES[name]
    return {a: here for a, names, here in table() if name in names or (not names and a in named(theirs))}


@pytest.mark.parametrize("name", CLASSES)
def test_what_differs_stands_on_the_page_and_nothing_else(name):
    ours, theirs = CLASSES[name]
    rows = rows_for(name)
    renamed = {here.split()[1] for here in rows.values() if here.startswith("called ")}
    found = dict(differences(ours, theirs))
    wanted = [
        f"| `{argument}` | `{name}` | {' or '.join(says)} | WHY |"
        for argument, says in found.items()
        if argument not in renamed and (argument not in rows or value(rows[argument]) not in map(value, says))
    ]
    assert not wanted, "\n".join(["docs/layers.md, 'What differs from torch', needs the rows", *wanted])
    assert set(rows) <= set(found), f"{name}: no longer different: {set(rows) - set(found)}"
    assert renamed <= named(ours).keys()


@pytest.mark.parametrize("name", CLASSES)
def test_positional_arguments_are_in_the_order_of_torch_and_the_rest_by_keyword(name):
    ours, theirs = CLASSES[name]
    rows = rows_for(name)
    order = [argument for argument, p in named(theirs).items() if p.kind in POSITIONAL]
    order = [argument for argument in order if rows.get(argument) != "elsewhere"]
    order = [rows[a].split()[1] if rows.get(a, "").startswith("called ") else a for a in order]
    here = named(ours)
    up_to_the_first_gap = list(takewhile(lambda a: a in here and here[a].kind in POSITIONAL, order))
    positional = [argument for argument, p in here.items() if p.kind in POSITIONAL]
    assert positional == up_to_the_first_gap
    if len(positional) < len(order):  # what could be positional is
        gap = order[len(positional)]
        assert gap not in here, f"{name}: {gap} is next in torch's order, and by keyword only here"


def test_the_table_names_what_exists():
    for argument, names, here in table():
        for name in names:
            ours, theirs = CLASSES[name]
            assert argument in {**named(ours), **named(theirs)}, f"{name} has no argument {argument}"
        if not names:
            assert any(argument in named(theirs) for _, theirs in CLASSES.values())
            assert here == "absent"


@pytest.mark.parametrize(
    ("ours", "says"),
    [
        ((lambda x, y=1: 0), []),
        ((lambda x, y=2: 0), [("y", ("2",))]),
        ((lambda x: 0), [("y", ("absent", "elsewhere", "called NAME"))]),
        ((lambda x, y=1, *, z: 0), [("z", ("added",))]),
        ((lambda x, y: 0), [("y", ("required",))]),
    ],
)
def test_each_kind_of_difference_is_seen(ours, says):
    assert list(differences(ours, lambda x, y=1: 0)) == says


def test_the_names_of_torch_are_found():
    assert {"Conv2d", "HardTanh", "CrossEntropyLoss", "optim.SGD", "optim.RMSProp"} <= CLASSES.keys()
    assert len(CLASSES) > 45


TOO_LARGE = {
    "in_features": lambda size: nn.Linear(size, 3),
    "out_features": lambda size: nn.Linear(3, out_features=size, seed=1),
    "in_channels": lambda size: nn.Conv2d(size, 3, 3),
    "out_channels": lambda size: nn.ConvTranspose2d(3, size, 3),
    "kernel_size": lambda size: nn.Conv2d(3, 3, (size, 1)),
    "num_features": lambda size: nn.BatchNorm2d(num_features=size),
    "num_features ": lambda size: nn.InstanceNorm2d(size, affine=True),
    "num_channels": lambda size: nn.GroupNorm(1, size),
    "normalized_shape": lambda size: nn.LayerNorm((size, 3)),
    "num_parameters": lambda size: nn.PReLU(size),
    "shape": lambda size: nn.Add((size, 3)),
    "in_features ": lambda size: type("Mine", (nn.Linear,), {})(size, 3),
}


@pytest.mark.parametrize("size", [2**50, 2**61, 2**63, 2**70])
@pytest.mark.parametrize("name", TOO_LARGE)
def test_a_size_for_which_there_is_no_memory_is_named(name, size):
    with pytest.raises(ValueError, match=rf": {name.strip()}: expected a size for .* memory, got \(?{size}"):
        TOO_LARGE[name](size)


def test_who_writes_an_argument_of_torch_is_told_the_reason_of_the_page():
    section = PAGE.read_text(encoding="utf-8").partition("\n## What differs from torch\n")[2]
    rows = re.findall(r"^\| (`.+) \| .+ \| absent \| (.+) \|$", section.partition("\n## ")[0], re.M)
    written = {(name, why.replace("`", "")) for names, why in rows for name in re.findall(r"`(\w+)`", names)}
    assert set(REASONS.items()) <= written
    assert len(REASONS) > 9
