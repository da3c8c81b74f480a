"""Which later cells give a name of an answer another meaning, and which look into frames: by their text."""

import nbformat
import pytest
from examined import CELLS, release_and_reference, with_marked_cells

from lib.assignments.cells import read_notebook
from lib.grading.examination.integrity import looks_into_frames
from lib.grading.examination.later import bindings_of, bound_again

RELU = """import numpy as np
class ReLU:
    def forward(self, x):
        out = mask(x) * x
        return np.where(out, x, 0)
def mask(x):
    return sign(x)
"""
SIGN = "def sign(x):\n    global seen\n    seen = 1\n    return x > LIMIT['zero']"


def asked_again(later, marked=CELLS):
    """The marked cells, below ReLU and below Linear, at which there is something to ask again."""
    first = f"{RELU}\n{SIGN}\nLIMIT = {{'zero': 0}}"
    notebook = read_notebook(with_marked_cells(first, "class Linear: pass", later), "it")
    return [cell.cell for cells in bound_again(notebook, marked).values() for cell in cells]


@pytest.mark.parametrize(
    "later",
    [
        "np = None", "import numpy.linalg as np", "for np in range(3): pass", "del np", "mask = 0",
        "def mask(x): pass", "class ReLU: pass", "ReLU.forward = print", "mask.seen = {}", "(mask := 1)",
        "with open('x') as np: pass", "def f():\n    global mask\n    mask = 1\nf()", "%reset -f",
        "  %reset -f",
        "from math import *", "exec('mask = 1')", "globals()['mask'] = 1", "setattr(ReLU, 'forward', 1)",
        "%%time\nmask = 1", "np, other = 1, 2", "try:\n    1\nexcept ImportError as mask:\n    2",
        "%run other.py",
        "!ls\nmask = 3", "x = 1; mask += x", "def f():\n    global mask\n    import math as mask\nf()",
        "import numpy as np\nnp = None", "import numpy as np\nnp.where = print", "import math as np",
        "try:\n    import numpy as np\nexcept ImportError:\n    import math as np", "from math import mask",
        "import numpy as np, math as np", "import numpy as np\nmask = 1", "from numpy import linalg as np",
    ],
)  # fmt: skip
def test_a_task_is_asked_again_where_a_later_cell_changes_what_it_uses(later):
    assert "relu-marks" in asked_again(later)


@pytest.mark.parametrize(
    "later",
    [
        "x = out = 1", "def f(np): np = 1", "y = [mask for mask in range(3)]", "np.zeros(3)", "mask(2)", "",
        "class Other:\n    mask = 1", "print(np)", "%matplotlib inline", "%%bash\nmask=1", "%%html\n<b>",
        "!pip",
        "import numpy as np", "import math, numpy as np", "if True:\n    import numpy as np\n    x = 3",
        "%%time\nimport numpy as np", "import numpy", "import numpy as np\nx = [np.ones(2) for mask in 'ab']",
        "def (", "\x00", "(" * 5000, "-" * 50_000 + "1", "'mask = 1'", "lambda mask: 1", "self = 1",
    ],
)  # fmt: skip
def test_other_cells_cost_nothing(later):
    assert asked_again(later) == []


@pytest.mark.parametrize(
    ("above", "below", "again"),
    [
        ("import math", "import math", False),
        ("import os.path", "import os", False),
        ("import os", "import os.path", False),
        ("from math import sqrt", "from math import sqrt", False),
        ("from math import sqrt", "from cmath import sqrt", True),
        ("from math import sqrt as root", "from math import cbrt as root", True),
        ("import math as m", "import cmath as m", True),
        ("sqrt = 1\nfrom math import sqrt", "from math import sqrt", True),
        ("def sqrt(x): pass", "from math import sqrt", True),
        ("x = 1", "from math import sqrt", True),
        ("from math import *", "from math import sqrt", True),
        ("from .math import sqrt", "from math import sqrt", True),
    ],
)
def test_to_import_the_same_again_changes_nothing(above, below, again):
    """Most of a class writes `import numpy as np` into cell after cell; each cost a kernel of its own."""
    code = "class ReLU:\n    def forward(self, x):\n        return sqrt, root, m, math, os"
    notebook = read_notebook(with_marked_cells(f"{above}\n{code}", "class Linear: pass", below), "it")
    assert bool(bound_again(notebook, CELLS)) == again


def test_only_tasks_above_the_cell_are_asked_again():
    assert asked_again("Linear = 1") == ["linear-marks"]
    assert asked_again("LIMIT['zero'] = 5") == ["relu-marks"]
    assert asked_again("np = 1", CELLS[1:]) == []


@pytest.mark.parametrize("assignment", ["a1", "a2", "a3", "a4"])
def test_no_right_answer_and_no_release_is_asked_again_or_looks_into_frames(assignment):
    full, *texts, cells = release_and_reference(assignment)
    for text in texts:
        notebook = read_notebook(text, full)
        assert bound_again(notebook, cells) == {}
        assert not any(looks_into_frames(c.source) for c in notebook.cells if c.cell_type == "code")


@pytest.mark.parametrize(
    "source",
    [
        "import sys\nsys._getframe(1)", "f = f.f_back", "x.f_locals['a']", "import gc; gc.get_objects()",
        "from gc import get_referrers", "import inspect\ninspect.stack()", "from inspect import stack as s",
        "from inspect import currentframe", "getattr(sys, '_getframe')", "sys.settrace(f)",
        "e.__traceback__.tb_frame",
        "%%time\nimport sys\nsys.setprofile(None)", "def forward(self, x):\n    return sys._current_frames()",
    ],
)  # fmt: skip
def test_ways_into_frames_are_seen(source):
    assert looks_into_frames(source)


@pytest.mark.parametrize(
    "source",
    [
        "import gc; gc.collect()", "np.stack([x])", "# sys._getframe", "'''f_back and f_locals'''",
        "frame = 1",
        "import inspect; inspect.getsource(f)", "inspect.signature(f)", "def (",
        "import pdb; pdb.set_trace()",
        "stack = []", "e.__traceback__", "import traceback; traceback.print_exc()",
    ],
)  # fmt: skip
def test_honest_cells_do_not_look_into_frames(source):
    assert looks_into_frames(source) == []


def test_a_cell_that_nobody_can_read_binds_nothing():
    for source in ("def (", "\x00", "x = " + "(" * 3000, nbformat.__name__ + "."):
        assert not bindings_of(source).anything
        assert bindings_of(source).binds == frozenset()
