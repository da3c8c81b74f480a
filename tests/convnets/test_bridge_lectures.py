"""Every net that lectures 06 to 09 write goes over to torch, and comes back."""

import ast
import json
from pathlib import Path

import numpy as np
import pytest
from twins import assert_twins

from lib import nn
from lib.convnets.bridge import from_torch, to_torch

LECTURES = Path(__file__).parents[2] / "lectures"
IN_FUNCTIONS = {  # what a lecture writes in a function, and how it calls it
    "08": ["small_net(nn.Sigmoid)", "small_net(nn.ELU)"]
    + [
        f"deep_net(nn.{kind}, nn.init.{start}, norm={norm}, skip={skip})"
        for kind, start in (("Tanh", "xavier"), ("ReLU", "kaiming"))
        for norm, skip in ((False, False), (True, False), (False, True), (True, True))
    ],
    "09": ["chain((7, 1))", "chain((3, 2), (3, 2), (3, 2))"],
}
MISTAKES = {"nn.Sequential(nn.Linear(5, 4), nn.ReLU(), nn.Linear(3, 2))"}  # lecture 07 shows the error
NAMES = {"nn": nn, "np": np, "X": np.zeros((1, 48))}


def cells(number):
    """The code of a lecture, cell by cell, as far as it is Python."""
    (path,) = LECTURES.glob(f"{number}_*.ipynb")
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            try:
                yield ast.parse("".join(cell["source"]))
            except SyntaxError:  # magics
                continue


def written(number):
    """Each `nn.Sequential(…)` of a lecture that can be made by itself, as it is written there."""
    for cell in cells(number):
        for part in ast.walk(cell):
            if not isinstance(part, ast.Call) or ast.unparse(part.func) != "nn.Sequential" or not part.args:
                continue
            names = {name.id for name in ast.walk(part) if isinstance(name, ast.Name)}
            if names <= {"nn", "range", "_"}:
                yield ast.unparse(part)


def functions(number):
    """The functions that a lecture defines, as statements."""
    return [part for cell in cells(number) for part in cell.body if isinstance(part, ast.FunctionDef)]


def nets():
    for number in ("06", "07", "08", "09"):
        yield from ((number, text) for text in dict.fromkeys(written(number)) if text not in MISTAKES)
        yield from ((number, text) for text in IN_FUNCTIONS.get(number, []))


def made(number, text):
    scope = dict(NAMES)
    for function in functions(number) if text in IN_FUNCTIONS.get(number, []) else []:
        exec(compile(ast.Module([function], []), "lecture", "exec"), scope)
    return eval(text, scope)


def an_input(net):
    """For the first layer that says how many numbers it takes; images of 32 × 32 pixels."""
    rng = np.random.default_rng(0)
    for part in net.walk():
        if isinstance(part, nn.Linear):
            return rng.standard_normal((8, part.in_features))
        if isinstance(part, nn.Conv2d):
            return rng.standard_normal((2, part.in_channels, 32, 32))
    return rng.standard_normal((8, 1))


@pytest.mark.parametrize(("number", "text"), [*nets()])
def test_the_nets_of_the_lectures_have_twins_that_give_the_same_numbers(number, text):
    net = made(number, text).double()
    x = an_input(net)
    for mode in (net.eval, net.train):
        mode()
        for part in net.walk():
            if isinstance(part, nn.Dropout):
                part.eval()  # other random numbers
        twin = to_torch(net)
        assert_twins(net, twin, x)
        assert_twins(from_torch(twin), twin, x)


def test_all_of_them_were_found():
    found = [number for number, _ in nets()]
    assert {number: found.count(number) for number in found} == {"06": 5, "07": 2, "08": 12, "09": 4}
