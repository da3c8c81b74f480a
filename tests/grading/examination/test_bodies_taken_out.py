"""The course's own code for what is asked for: names and signatures stay, code goes."""

import os
import subprocess
import sys

import pytest

from lib.assignments.bundle import course_files
from lib.assignments.places import ROOT
from lib.grading.examination.bodies import is_emptied, without_bodies

MODULE = '''
"""About it."""
import math
from lib.checks import mismatch
SIZE = 3
TABLE = {"a": lambda x: x * 2}
LOW, HIGH = math.inf, 2
@decorated
class Layer(Base, Generic[T], metaclass=Odd):
    """A layer."""
    count = 0
    made = build()
    def __init_subclass__(cls): cls.answer = 42
    @property
    def weight(self): return 42
def forward(x, *, size=SIZE, how=(1, 2)):
    """Forward."""
    return x * 42
for name in ("a", "b"):
    globals()[name] = 42
if TYPE_CHECKING:
    from lib.nn import Linear
'''


def test_only_names_signatures_and_plain_values_are_left():
    text = without_bodies(MODULE, "lib.some")
    assert "42" not in text
    assert "lambda" not in text
    assert "class Layer(Base):" in text
    assert "count = 0" in text
    assert "made = None" in text
    assert "def forward(x, *, size=None, how=(1, 2)):" in text
    assert '"""Forward."""' in text
    assert "LOW = None" in text
    assert "HIGH = None" in text
    assert "SIZE = 3" in text
    assert "import math" in text
    assert "from lib.nn import Linear" in text


def test_what_is_left_raises_a_sentence():
    scope = {"Base": object, "TYPE_CHECKING": False}
    exec(without_bodies(MODULE, "lib.some"), scope)
    with pytest.raises(RuntimeError, match=r"^lib\.some: .* is taken out while it is graded$"):
        scope["forward"](1)
    with pytest.raises(RuntimeError, match="taken out"):
        scope["Layer"]().weight()


@pytest.mark.parametrize(
    ("path", "assignment", "gone"),
    [
        ("lib/nn/linear.py", "a2", True),
        ("lib/nn/linear.py", "a3", False),  # the net of its last task has one
        ("lib/nn/convolution.py", "a3", True),
        ("lib/nn/naive/convolution.py", "a3", True),
        ("lib/nn/batch_norm.py", "a3", True),
        ("lib/nn/__init__.py", "a2", True),
        ("lib/graph/graph.py", "a2", True),
        ("lib/gradient_check/numerical.py", "a2", True),
        ("lib/classifiers/neighbors.py", "a1", True),
        ("lib/tasks/trace.py", "a2", False),
        ("lib/plots.py", "a2", False),
        ("lib/convnets/training.py", "a4", False),
        ("data_loaders/load.py", "a2", False),
        ("lib/demos/draw_it.npz", "a2", False),
    ],
)
def test_which_files_are_emptied(path, assignment, gone):
    assert is_emptied(path, assignment) is gone


@pytest.mark.family(share=4)
@pytest.mark.parametrize("assignment", ["a1", "a2", "a3"])
def test_every_emptied_module_can_be_imported(tmp_path, assignment):
    modules = []
    for path in course_files(ROOT):
        if path.startswith(("lib/", "data_loaders/")) and "/answers/" not in path:
            text = (ROOT / path).read_bytes()
            if is_emptied(path, assignment):
                module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
                modules.append(module)
                text = without_bodies(text.decode(), module).encode()
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_bytes(text)
    modules = [name for name in modules if not name.startswith("lib.convnets")]  # these need torch
    assert len(modules) > 150
    code = f"import importlib\nfor name in {modules}: importlib.import_module(name)"
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd="/", env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
