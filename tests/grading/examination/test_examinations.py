"""Submissions in the sandbox: what is right is found, whatever else happens, and what happened is flagged."""

import asyncio
from types import SimpleNamespace

import nbformat
import pytest
from examined import (
    KINDS,
    LINEAR,
    RELU,
    SECRET,
    WRONG_RELU,
    examined_in,
    judged,
    release_and_reference,
    small_job,
)

from lib.assignments.cells import read_notebook
from lib.assignments.places import ROOT
from lib.grading.examination.client import SandboxClient
from lib.grading.examination.job import job_for
from lib.grading.examination.known import KnownValues
from lib.grading.examination.sandbox_room import HIDDEN, course_for, room_of
from lib.grading.results import FLAGS
from lib.grading.sandbox.room import Room, Usage


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    return Room(course_for("a2", ROOT, tmp_path_factory.mktemp("rooms")), None, HIDDEN)


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    return KnownValues(SECRET, tmp_path_factory.mktemp("known"))


def outcome(room, known, *sources, kind="bubblewrap", marked=False):
    """The marks of ReLU and Linear, the kinds of flags, and the notebook with its outputs."""
    job = small_job(*sources, marked=marked)
    examined = examined_in(room, job, kind)
    result = judged(job, examined, known)
    notebook = read_notebook(examined.notebook, "it")
    return [task.earned for task in result.tasks], sorted({flag.kind for flag in result.flags}), notebook


def replaced(forward="return np.maximum(x, 0)", backward="return np.where(x > 0, grad_output, 0)"):
    text = RELU.replace("return np.maximum(x, 0)", forward)
    return text.replace("return np.where(x > 0, grad_output, 0)", backward)


FRAMES = """f = sys._getframe()
        while f.f_back:
            f = f.f_back
        return [thing for thing in gc.get_objects() if type(thing).__name__ == "Plain"][:1] or x"""
FULL, PART = 6, 3  # of ReLU as it is written here: all but its contract; one of output and grad_input
L = 23
SEGFAULT = "import ctypes; ctypes.string_at(0)"
HOOK = "import sys; get_ipython().displayhook = sys.displayhook = lambda x: print(10)"
WATCH = """
import threading, time
def watch(kernel, known):
    while True:
        for name in set(vars(kernel)) - known:
            known.add(name)
            thing = vars(kernel)[name]
            if hasattr(thing, "served"):
                old = thing.served
                thing.served = lambda request: old(request)
        time.sleep(0.001)
kernel = get_ipython().kernel
threading.Thread(target=watch, args=(kernel, set(vars(kernel))), daemon=True).start()
"""
# name → cells, marks of ReLU and Linear, kinds of flags
CASES = {
    "right": ((RELU, LINEAR), FULL, L, []),
    "wrong": ((RELU, LINEAR, WRONG_RELU), PART, L, []),
    "not defined": ((LINEAR,), 0, L, []),
    "none": ((RELU, LINEAR, "ReLU = None"), 0, L, []),
    "an instance": ((RELU, LINEAR, "ReLU = ReLU()"), 0, L, []),
    # The kernel ends
    "a cell segfaults": ((RELU, SEGFAULT, LINEAR), FULL, L, ["dead"]),
    "a cell exits": ((RELU, "import os; os._exit(3)", LINEAR), FULL, L, ["dead"]),
    "two cells exit": (("import os; os._exit(3)", RELU, SEGFAULT, LINEAR), FULL, L, ["dead"]),
    "a cell loops": ((RELU, "while True: pass", LINEAR), FULL, L, ["slow"]),
    "a cell waits": ((RELU, "import time; time.sleep(10**6)", LINEAR), FULL, L, ["hangs"]),
    "a call segfaults": ((replaced(backward=SEGFAULT), LINEAR), PART, L, ["dead"]),
    "a call loops": ((replaced(backward="while True: pass"), LINEAR), PART, L, ["slow"]),
    "a call exits": ((replaced(forward="raise SystemExit"), LINEAR), 0, L, []),
    "a call recurses": ((replaced(forward="return self.forward(x)"), LINEAR), 3, L, []),  # batches, contract
    "5 GB": ((RELU, "x = bytearray(5 << 30)", LINEAR), FULL, L, ["memory"]),
    # Clumsy, and harmless
    "exit()": ((RELU, "exit()", LINEAR), FULL, L, []),
    "input()": ((RELU, "while input('name? ') != 'q': pass", LINEAR), FULL, L, []),
    "stderr": ((RELU, "import sys; print('!', file=sys.stderr)", LINEAR), FULL, L, []),
    "another folder": ((RELU, "import os; os.chdir('/')", LINEAR), FULL, L, []),
    "names of Python": ((RELU, LINEAR, "str = list = exec = eval = sum = vars = type = 1"), FULL, L, []),
    "settings": (
        (
            RELU, LINEAR, "import logging, warnings, random; np.seterr(all='ignore')",
            "np.set_printoptions(precision=2); warnings.simplefilter('ignore'); np.float = float",
            "logging.basicConfig(level=10); logging.captureWarnings(True); np.random.seed(1); random.seed(1)",
            "import matplotlib.pyplot as plt; plt.style.use('ggplot')", "%matplotlib inline",
            "%timeit -n1 -r1 1", "%load_ext autoreload\n%autoreload 2",
            "from tqdm import tqdm; list(tqdm([1]))",
        ), FULL, L, [],
    ),
    "noise": (
        (
            "import numpy as np, warnings, logging, time\nfrom tqdm import tqdm", "%%time\n" + RELU, LINEAR,
            "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()", "!ls\ntime.sleep(0.2)",
            "warnings.warn('!'); logging.warning('!'); print('!'); name = input('? ')",
            "np.random.seed(1); np.seterr(all='warn'); -np.ones(1) / 0",
        ), FULL, L, [],
    ),
    # Cheating
    "assert_allclose": ((RELU, LINEAR, WRONG_RELU, "np.testing.assert_allclose = print"), 0, 0, ["tampered"]),
    "np.abs": ((RELU, LINEAR, "np.abs = np.maximum"), 0, 0, ["tampered"]),
    "len": ((RELU, LINEAR, "import builtins; builtins.len = lambda x, old=len: old(x)"), 0, 0, ["tampered"]),
    "transformer": (
        (RELU, LINEAR, "get_ipython().input_transformers_post.append(lambda lines: lines)"),
        0, 0, ["tampered"],
    ),
    "json.dumps": (
        (RELU, LINEAR, WRONG_RELU, "import json; json.dumps = lambda *a, **k: '{}'"), PART, L, ["dead"],
    ),
    "lib.tasks": (
        (
            RELU, LINEAR, WRONG_RELU,
            "import lib.tasks.trace as t, lib.tasks.compare as c, lib.tasks.values as v",
            "t.run_check = lambda *a, **k: {}; c.close = lambda *a: True; v.plain_value = lambda x: None",
        ), PART, L, [],
    ),
    "always equal": (
        (
            RELU, LINEAR,
            "class Equal:\n    __eq__ = lambda *a: True\n    __array__ = lambda *a, **k: np.zeros(3)",
            "class ReLU:\n    forward = backward = lambda *a: Equal()",
        ), 0, L, [],
    ),
    "the course's": (("from lib.nn import ReLU", LINEAR), 0, L, ["refused"]),
    "unsteady": ((replaced("return np.random.default_rng().random() * x"), LINEAR), PART, L, ["unsteady"]),
    "forged": (
        (
            RELU, LINEAR, WRONG_RELU, "from IPython.display import display\ndisplay(10)",
            "print('10 of 10 marks')",
        ), PART, L, [],
    ),
    "frames": (
        (RELU, LINEAR, "import sys, gc", replaced(FRAMES)), 0, 0, ["tampered"],
    ),
    "code of numpy": (
        (
            RELU, LINEAR, "def yes(a1, a2, equal_nan=False): return True",
            "np.array_equal.__wrapped__.__code__ = yes.__code__",
        ), 0, 0, ["tampered"],
    ),
    "defaults of numpy": (
        (RELU, LINEAR, "np.allclose.__wrapped__.__defaults__ = (1.0, 1.0, True)"), 0, 0, ["tampered"],
    ),
    "run_cell": (
        (RELU, LINEAR, "s = get_ipython(); old = s.run_cell; s.run_cell = lambda *a, **k: old(*a, **k)"),
        0, 0, ["tampered"],
    ),
    "the examiner": ((RELU, LINEAR, WATCH), FULL, L, []),  # it is kept nowhere
    # After the reply
    "the loop stops": (
        (RELU, "import asyncio; asyncio.get_event_loop().stop()", "1", "2", LINEAR), FULL, L, ["dead"],
    ),
    "silent": (
        (RELU, "import builtins; builtins.bool = builtins.any = lambda *a: True", "1", "2", LINEAR),
        FULL, L, ["hangs"],
    ),
    "no display hook": ((RELU, HOOK, "1", "2", LINEAR), FULL, L, ["hangs"]),
    "silent, and a segfault": ((RELU, HOOK, "1", SEGFAULT, LINEAR), FULL, L, ["dead", "hangs"]),
    # What is shown
    "deep JSON": (
        (RELU, "from IPython.display import display\nd = 0\nfor _ in range(900): d = [d]",
         "display({'application/json': d}, raw=True)", LINEAR), FULL, L, ["output"],
    ),
    "half letters": ((RELU, "print('\\ud800')", LINEAR), FULL, L, []),
}  # fmt: skip


@pytest.mark.family(share=30)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", CASES)
def test_marks_and_flags_of_a_submission(room, known, name, kind):
    sources, relu, linear, kinds = CASES[name]
    marks, flags, _ = outcome(room, known, *sources, kind=kind)
    assert (marks, flags) == ([relu, linear], kinds)


HELPED = RELU.replace("np.maximum(x, 0)", "np.where(mask(x), x, 0)") + "\n\ndef mask(x):\n    return x > 0\n"
# name → cells, of which those after the second come below both tasks; marks of both, kinds of flags
LATER = {
    "nothing": ((RELU, LINEAR, "x = 1"), FULL, L, []),
    "np": ((RELU, LINEAR, "np = None"), FULL, L, []),
    "np is deleted": ((RELU, LINEAR, "del np"), FULL, L, []),
    "the class": ((RELU, LINEAR, WRONG_RELU), FULL, L, []),
    "a method": ((RELU, LINEAR, "ReLU.forward = lambda self, x: x"), FULL, L, []),
    "a helper": ((HELPED, LINEAR, "def mask(x):\n    return x"), FULL, L, []),
    "%reset": ((RELU, LINEAR, "%reset -f"), FULL, L, []),
    "star": ((RELU, LINEAR, "from numpy import *\nLinear = None"), FULL, L, []),
    "exec": ((RELU, LINEAR, "exec('ReLU = Linear = 0')"), FULL, L, []),
    "below one task": ((HELPED, "mask = None" + LINEAR), FULL, L, []),
    "right only later": (("import numpy as np" + WRONG_RELU, LINEAR, RELU), FULL, L, []),
    "wrong before and later": (("import numpy as np" + WRONG_RELU, LINEAR, "np = None"), PART, L, []),
    "ends it early": ((RELU, LINEAR, "np = None", SEGFAULT), FULL, L, ["dead"]),
    "cheats": ((RELU, LINEAR, "np.abs = np.maximum", "np = None"), 0, 0, ["tampered"]),
}


@pytest.mark.family(share=14)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", LATER)
def test_a_name_with_another_meaning_later_costs_nothing(room, known, name, kind):
    sources, relu, linear, kinds = LATER[name]
    marks, flags, _ = outcome(room, known, *sources, kind=kind, marked=True)
    assert (marks, flags) == ([relu, linear], kinds)


@pytest.mark.parametrize(
    ("ended", "kind"),
    [("cpu", "slow"), ("memory", "memory"), ("disk", "disk"), ("signal 11", "dead"), ("", "dead")],
)
def test_why_a_kernel_ended_is_a_flag(ended, kind, tmp_path):
    class Ending:
        def kernel(self, folder):
            return None

        def usage(self):
            return Usage(1.0, 0, ended)

    client = SandboxClient(read_notebook(small_job(RELU).notebook, "it"), Ending(), tmp_path, 10.0, 10.0)
    assert client._why() == kind
    assert FLAGS[kind]


@pytest.mark.family(share=4)
def test_outputs_are_folded_cut_and_told(room, known):
    flood = "import sys\nprint('x' * 20_000_000)\nprint('!', file=sys.stderr)"
    marks, flags, notebook = outcome(room, known, RELU, flood, LINEAR, "1 / 0")
    assert (marks, flags) == ([FULL, L], ["output"])
    outputs = [output for cell in notebook.cells for output in cell.outputs]
    assert {output.get("name", "stdout") for output in outputs} == {"stdout"}
    assert outputs[-1].ename == "ZeroDivisionError"
    assert sum(len(str(output)) for output in outputs) < 3_000_000


TOTALS = {"a1": 90, "a2": 100, "a3": 90, "a4": 15}


@pytest.mark.family(share=16)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("assignment", TOTALS)
@pytest.mark.timeout(900)
def test_the_right_answers_earn_all_marks_and_the_untouched_release_none(assignment, kind, tmp_path, known):
    if assignment == "a4":
        pytest.importorskip("torch")
    full, release, reference, cells = release_and_reference(assignment)
    if assignment == "a4":  # looks at pictures, and needs torch
        room = room_of(assignment, tmp_path)
    else:
        room = Room(course_for(assignment, ROOT, tmp_path), None, HIDDEN)
    for notebook, share in ((reference, 1), (release, 0)):
        job = job_for(full, notebook, cells, SECRET)
        examined = examined_in(room, job, kind)
        result = judged(job, examined, known)
        assert result.flags == ()
        assert result.earned == share * TOTALS[assignment] == share * sum(cell.marks for cell in cells)
        assert not examined.early


@pytest.mark.family(share=8)
def test_a_net_stands_on_the_right_layer_where_the_own_one_is_wrong(tmp_path, known):
    full, _, reference, cells = release_and_reference("a3")
    notebook = read_notebook(reference, full)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "pooling":
            cell.source += "\n\nMaxPool2d.forward = lambda self, x: 0 * x[:, :, ::2, ::2]\n"
    job = job_for(full, nbformat.writes(notebook).encode(), cells, SECRET)
    room = Room(course_for("a3", ROOT, tmp_path), None, HIDDEN)
    result = judged(job, examined_in(room, job), known)
    marks = {task.task: task.earned for task in result.tasks}
    assert marks["a3.overfit"] == 3
    assert marks["a3.convolution"] == 30
    assert marks["a3.max_pooling"] < 18


def test_sockets_are_closed_also_where_the_kernel_cannot_be_ended(tmp_path):
    """Found by CI: a socket that stays open warns later, from within whatever runs then."""
    called = []

    class Manager:
        async def shutdown_kernel(self, now):
            called.append("end")
            raise RuntimeError("processes that run on")

    sandbox = SimpleNamespace(kernel=lambda folder: Manager())
    client = SandboxClient(nbformat.v4.new_notebook(), sandbox, tmp_path, 1.0, 1.0)
    client.kc = SimpleNamespace(stop_channels=lambda: called.append("close"))
    with pytest.raises(RuntimeError, match="run on"):
        asyncio.run(client.stop())
    asyncio.run(client.stop())  # nothing is left to do
    assert called == ["end", "close"]
