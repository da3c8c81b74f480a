"""What checks stand on is watched: each change is seen and named, and what honest students do is none."""
# ruff: noqa: E501  # the cells of students

from __future__ import annotations

import ast
import enum
import functools
import json
import subprocess
import sys

import pytest

from lib.assignments.places import ROOT
from lib.grading.examination import tripwire

PROGRAM = """
import json, sys
from ipykernel.inprocess.ipkernel import InProcessKernel
from lib.grading.examination import tripwire
from lib.grading.examination.integrity import changed
import numpy as np
shell = InProcessKernel().shell
tripwire.as_begun(shell)
for text in json.load(sys.stdin):
    before = tripwire.marks_of_all(shell)
    scope = {"np": np, "get_ipython": lambda: shell}
    exec(compile(text, "a cell", "exec"), scope)
    found = changed(before, tripwire.marks_of_all(shell))
    scope.get("undo", int)()
    print(json.dumps(found), file=sys.stderr)
"""
SET = """
import importlib
holder, part, thing = {holder}, {part!r}, {thing}
there, before = part in vars(holder) or part in ("__class__", "pack"), getattr(holder, part)
setattr(holder, part, thing)

def undo(): setattr(holder, part, before) if there else delattr(holder, part)
"""
# name that is told → where, which part, what is put there
CHANGES = {
    "binascii.b2a_base64": ("importlib.import_module('binascii')", "b2a_base64", "print"),
    "dataclasses.dataclass": ("importlib.import_module('dataclasses')", "dataclass", "print"),
    "builtins.__build_class__": ("importlib.import_module('builtins')", "__build_class__", "print"),
    "math.inf": ("importlib.import_module('math')", "inf", "-1.0"),
    "contextlib.sys": ("importlib.import_module('contextlib')", "sys", "importlib"),
    "pathlib.Path": ("importlib.import_module('pathlib')", "Path", "str"),
    "methods of pathlib.Path": ("importlib.import_module('pathlib').Path", "resolve", "print"),
    "methods of json.JSONEncoder": (
        "importlib.import_module('json').JSONEncoder", "__getattribute__", "lambda *a: object.__getattribute__(*a)",
    ),
    "functions of json._default_encoder": ("importlib.import_module('json')._default_encoder", "encode", "print"),
    "os.stat": ("importlib.import_module('os')", "stat", "print"),
    "warnings.catch_warnings": ("importlib.import_module('warnings')", "catch_warnings", "print"),
    "time.process_time": ("importlib.import_module('time')", "process_time", "print"),
    "numpy._core._methods.umr_all": ("np._core._methods", "umr_all", "print"),
    "class of numpy": ("np", "__class__", "type('Mine', (type(np),), {})"),
    "methods of InProcessKernel": ("get_ipython().kernel", "do_execute", "print"),
    "methods of Session": ("get_ipython().kernel.session", "send", "print"),
    "Session.pack": ("get_ipython().kernel.session", "pack", "lambda o: b''"),
}  # fmt: skip
LOOKS = (
    "import sys; getattr(sys, '_get' + 'frame')()",
    "import sys; vars(sys)['_current_' + 'frames']()",
    "import gc; gc.get_objects()",
    "import gc; gc.get_referents(1)",
    "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    e.__traceback__.tb_frame",
    "g = (x for x in 'a'); getattr(g, 'gi_frame')",
    *(
        f"exec(compile('import sys; s = sys; getattr(s, \"_get\" + \"frame\")()', {name!r}, 'exec'))"
        for name in (
            "<frozen mine>",
            "<frozen importlib._bootstrap>",
            "<frozen os>",
            enum.__file__,
            f"{sys.prefix}/mine.py",
        )
    ),
    "import inspect; getattr(inspect, 'current' + 'frame')()",
    "import traceback\ntry: next(vars(traceback)['walk_' + 'stack'](None))\nexcept AttributeError: pass",
    "f = lambda: 1\nf.__code__ = (lambda: 2).__code__",
)
SET_WATCHERS = ("exec('import sys; sys.settrace(None)')", "import sys; sys.setprofile(None)")
HONEST = (
    "import time, warnings, logging; time.sleep = warnings.warn = logging.warning = lambda *a, **k: None",
    "import warnings; warnings.simplefilter('ignore'); np.seterr(all='ignore'); np.set_printoptions(precision=2)",
    "import random; random.seed(1); np.random.seed(1)",
    "import matplotlib; matplotlib.use('agg'); import matplotlib.pyplot as plt; plt.plot([1]); plt.close('all')",
    "from collections import namedtuple; from dataclasses import dataclass; namedtuple('A', 'b')\n"
    "@dataclass\nclass A:\n    b: int = 1",
    "import traceback, inspect, pdb, gc, typing\nclass A(typing.NamedTuple):\n    b: int\n"
    "try:\n    1 / 0\nexcept Exception:\n    traceback.format_exc()\ngc.collect(); inspect.getsource(gc.__class__) if 0 else 0",
    "import logging; logging.basicConfig(); logging.getLogger('x').error('!'); import functools, abc, enum, threading\n"
    "class A(abc.ABC):\n    @functools.cached_property\n    def b(self): return 1\nA().b; threading.Thread(target=print).start()",
    "import tqdm; list(tqdm.tqdm([1])); import sys; sys.setrecursionlimit(5000); import scipy.linalg",
    "x = 1; str = list = int; get_ipython().run_cell('x = 2; x'); get_ipython().run_line_magic('time', 'x')",
)  # fmt: skip


@functools.cache
def said_of_all() -> dict[str, list[str]]:
    """Text → what the tripwire says of it, in one process, one after the other."""
    texts = [SET.format(holder=holder, part=part, thing=thing) for holder, part, thing in CHANGES.values()]
    texts += [*LOOKS, *HONEST, *SET_WATCHERS]
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(
        command, input=json.dumps(texts), capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    lines = [line for line in done.stderr.splitlines() if line.startswith("[")]
    assert len(lines) == len(texts), done.stderr
    return dict(zip(texts, map(json.loads, lines), strict=True))


@pytest.mark.family(share=3, together=True)
def test_each_change_is_seen_and_named():
    for name, (holder, part, thing) in CHANGES.items():
        assert name in said_of_all()[SET.format(holder=holder, part=part, thing=thing)]


@pytest.mark.family(share=3, together=True)
def test_who_asks_for_frames_is_noted_whatever_name_that_goes_by():
    for text in LOOKS:
        assert said_of_all()[text] == ["frames of other functions"], text


@pytest.mark.family(share=3, together=True)
def test_who_sets_a_profiler_or_a_tracer_is_noted():
    for text in SET_WATCHERS:
        assert said_of_all()[text] == ["profilers and tracers"], text


@pytest.mark.family(share=3, together=True)
def test_what_honest_students_do_is_no_change():
    for text in HONEST:
        assert said_of_all()[text] == [], text


def test_all_that_the_checks_import_of_python_is_watched():
    """Of the modules that an answer's values go through; others only make reports."""
    imported = set()
    for name in ("trace", "values", "counting", "forbidden", "task"):
        for node in ast.walk(ast.parse((ROOT / f"lib/tasks/{name}.py").read_text("utf-8"))):
            match node:
                case ast.Import(names=names):
                    imported |= {alias.name for alias in names}
                case ast.ImportFrom(module=str(module)) if not module.startswith("lib"):
                    imported.add(module)
    known = {*tripwire.MODULES, *(part.partition(".")[0] for part in tripwire.PARTS)}
    erased = {"__future__", "typing", "importlib", "re"}  # annotations; and what only finds tasks by name
    assert imported - known - erased == set()
