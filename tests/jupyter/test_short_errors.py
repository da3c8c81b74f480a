"""Errors in a notebook: the student's own lines and the sentence; what is inside the library is folded."""

import json
import os
import re
import subprocess
import sys
from queue import Empty

import pytest

FOLDED = re.compile(r"… \d+ steps? inside the library folded \((.*)\); %tb shows all")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
LAYER = """
class Mine(nn.Module):
    def update_output(self, x):
        return x @ np.ones((9, 9))

    def update_grad_input(self, x, grad_output):
        return grad_output
"""
GATE = """
from lib.graph import ComputationalGraph, Gate, inputs

class Times(Gate):
    def forward(self, x):
        return x @ np.ones((7, 7))

    def backward(self, grad):
        return grad
"""
SHELL = """
import contextlib, io, json, sys
from IPython.core.interactiveshell import InteractiveShell

shell = InteractiveShell.instance(colors="NoColor")
shell.run_line_magic("load_ext", "lib.jupyter.short_errors")
shown = {}
for name, cells in json.load(sys.stdin).items():
    with contextlib.redirect_stdout(io.StringIO()) as out:
        for cell in cells:
            shell.run_cell(cell, store_history=True)
    shown[name] = out.getvalue()
print(json.dumps(shown))
"""
IMPORTS = "import numpy as np\nfrom lib import nn"
WRONG = "check_gradients(lambda W: ((W**2).sum(), W), np.ones(3)).raise_if_wrong()"
CELLS = {
    "our error": ["nn.Linear(3, 2).forward(np.ones((5, 4)))"],
    "all of it": ["nn.Linear(3, 2).forward(np.ones((5, 4)))", "%tb"],
    "in two cells": ["def mine(x):\n    return nn.Linear(3, 2)(x)", "mine(np.ones((5, 4)))"],
    "a layer of one's own": [LAYER, "Mine().forward(np.ones((5, 4)))"],
    "inside another": [LAYER, "nn.Sequential(nn.ReLU(), Mine()).forward(np.ones((5, 4)))"],
    "a gate of one's own": [
        GATE,
        "(x,) = inputs('x')\nComputationalGraph(Times()(x)).forward(x=np.ones((2, 2)))",
    ],
    "a check": ["from lib.gradient_check import check_gradients", WRONG],
    "numpy, called by us": [
        "from lib.gradient_check import numerical_gradient\nnumerical_gradient(lambda x: 1.0, ['a'])"
    ],
    "data": ["from data_loaders import load_cifar10\nload_cifar10('/nowhere/at/all')"],
    "a missing argument": ["nn.Linear(3)"],
    "one too many": ["nn.MaxPool2d(2, 2, 0, 1, False, 3, 4)"],
    "torch's": ["nn.ReLU(inplace=True)"],
    "too large": ["nn.Linear(10**9, 10**9)"],
    "an optimiser's": ["from lib.optim import SGD", "SGD(lr=0.1)"],
    "a classifier's": ["from lib.classifiers import SoftmaxClassifier", "SoftmaxClassifier(lr=0.1)"],
    "a parent's": [
        "class Half(nn.Linear):\n    def __init__(self):\n        super().__init__(3)",
        "Half()",
    ],
    "another name": ["nn.Hardtanh()"],
    "numpy, called by the student": ["np.linalg.inv(np.ones((2, 3)))"],
    "the student's own": ["def f(n):\n    return 1 / n", "f(0)"],
    "syntax": ["def f(:"],
    "interrupted": ["raise KeyboardInterrupt"],
    "recursion": [
        "class Deep(nn.Module):\n    def update_output(self, x):\n        return self.forward(x)",
        "Deep().forward(np.ones(3))",
    ],
    "plain": ["%xmode Plain", "nn.Linear(3, 2).forward(np.ones((5, 4)))"],
    "minimal": ["%xmode Minimal", "nn.Linear(3, 2).forward(np.ones((5, 4)))", "%xmode Context"],
    "unloaded": ["%unload_ext lib.jupyter.short_errors", "nn.Linear(3, 2).forward(np.ones((5, 4)))"],
}


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """What a shell without colours prints for each of CELLS."""
    cells = {"imports": [IMPORTS]} | CELLS
    environment = os.environ | {"IPYTHONDIR": str(tmp_path_factory.mktemp("ipython"))}
    done = subprocess.run(
        [sys.executable, "-c", SHELL],
        input=json.dumps(cells),
        capture_output=True,
        text=True,
        env=environment,
        timeout=120,
    )
    assert not done.returncode, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    ("name", "own", "files", "sentence"),
    [
        ("our error", ["nn.Linear(3, 2).forward"], "lib/nn/module.py", "ValueError: Linear(3 -> 2): x"),
        ("in two cells", ["mine(np.ones", "return nn.Linear"], "lib/nn/module.py", "ValueError: Linear("),
        ("a layer of one's own", ["Mine().forward", "x @ np.ones"], "lib/nn/module.py", "ValueError: matmul"),
        ("inside another", ["nn.ReLU(), Mine()", "x @ np.ones"], "lib/nn/containers", "ValueError: matmul"),
        ("a gate of one's own", ["ComputationalGraph(", "x @ np.ones"], "lib/graph/", "node times(x): "),
        ("a check", ["raise_if_wrong()"], "lib/gradient_check/", "GradientError: the gradient check failed"),
        ("numpy, called by us", ["numerical_gradient("], "lib/gradient_check/", "ValueError: could not conv"),
        ("data", ["load_cifar10("], "data_loaders/", "FileNotFoundError: "),
        ("recursion", ["Deep().forward", "self.forward(x)"], "lib/nn/module.py", "RecursionError: "),
        ("plain", ["nn.Linear(3, 2).forward"], "lib/nn/module.py", "ValueError: Linear(3 -> 2): x"),
        ("minimal", [], "lib/nn/module.py", "ValueError: Linear(3 -> 2): x"),
        ("a missing argument", ["nn.Linear(3)"], "lib/nn/cons", "TypeError: Linear: out_features: expected"),
        ("one too many", ["nn.MaxPool2d("], "lib/nn/constructors", "TypeError: MaxPool2d: arguments: exp"),
        ("torch's", ["nn.ReLU(inplace"], "lib/nn/constructors", "TypeError: ReLU: inplace: expected no arg"),
        ("too large", ["nn.Linear(10**9"], "lib/nn/constructors", "ValueError: Linear: in_features: exp"),
        ("an optimiser's", ["SGD(lr=0.1)"], "lib/checks.py", "TypeError: SGD: lr: expected no argument"),
        ("a classifier's", ["(lr=0.1)"], "lib/checks.py", "TypeError: SoftmaxClassifier: lr: expected no"),
        ("a parent's", ["Half()", "super().__init__(3)"], "lib/nn/constructors", "TypeError: Linear: out_f"),
        ("another name", ["nn.Hardtanh()"], "lib/nn/__init__.py", "AttributeError: lib.nn: expected one of"),
    ],
)
def test_library_frames_are_folded(shown, name, own, files, sentence):
    text = shown[name]
    (names,) = FOLDED.findall(text)
    assert files in names
    assert sentence in text
    assert all(line in text for line in own)
    assert not re.search(r"File .*/(lib|numpy|data_loaders)/", text)
    assert "The above exception" not in text
    assert "During handling" not in text
    assert len(text.splitlines()) < (120 if name == "recursion" else 40)


def test_the_whole_traceback_is_one_command_away(shown):
    short, _, full = shown["all of it"].partition("ValueError: Linear(3 -> 2)")
    assert FOLDED.search(short)
    assert re.search(r"File .*lib/nn/module.py", full)
    assert "raise" in full
    assert not FOLDED.search(full)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("numpy, called by the student", "LinAlgError: "),
        ("the student's own", "ZeroDivisionError: division by zero"),
        ("syntax", "SyntaxError: invalid syntax"),
        ("interrupted", "KeyboardInterrupt"),
        ("unloaded", "ValueError: Linear(3 -> 2)"),
    ],
)
def test_other_errors_stay_as_they_are(shown, name, sentence):
    assert sentence in shown[name]
    assert "folded" not in shown[name]
    if name == "numpy, called by the student":
        assert "_assert_stacked_square" in shown[name]
    if name == "unloaded":
        assert "lib/nn/module.py" in shown[name]


def test_in_a_kernel(tmp_path, monkeypatch):
    """What the front end gets: colours in the lines, the sentence as `evalue`, nothing of the library."""
    from jupyter_client.manager import start_new_kernel

    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    option = "--InteractiveShellApp.extensions=['lib.jupyter.short_errors']"
    manager, client = start_new_kernel(extra_arguments=[option])
    try:
        client.execute_interactive(IMPORTS, timeout=60)
        error = _error_of(client, "nn.Linear(3, 2).forward(np.ones((5, 4)))")
        full = _error_of(client, "%tb")
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    assert error["ename"] == "ValueError"
    assert error["evalue"].startswith("Linear(3 -> 2): x")
    text = COLOUR.sub("", "\n".join(error["traceback"]))
    assert text != "\n".join(error["traceback"])
    assert FOLDED.search(text)
    assert "File " not in text
    assert "nn.Linear(3, 2).forward(np.ones((5, 4)))" in text
    assert "lib/nn/module.py" in COLOUR.sub("", "\n".join(full["traceback"]))


def _error_of(client, code):
    """The `error` message that a cell sends."""
    found = []

    def hook(message):
        if message["msg_type"] == "error":
            found.append(message["content"])

    try:
        client.execute_interactive(code, timeout=60, output_hook=hook)
    except Empty:
        pytest.fail("no answer from the kernel")
    (content,) = found
    return content
