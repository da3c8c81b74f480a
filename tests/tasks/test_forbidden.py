"""The library's own code is refused in any disguise; what is only copied is shown to a person."""

import ast
import contextlib
import functools
import importlib
import inspect
import linecache
import sys
import threading
import types

import numpy as np
import pytest
from own_linear import Linear

import lib.nn
from lib.classifiers.losses import hinge
from lib.nn import Linear as Library
from lib.tasks import CheckFailed, Task, assess, check, find_task, task_names
from lib.tasks.copied import copied_code, copies_in
from lib.tasks.forbidden import Watch, module_of, within
from lib.tasks.known import has_answers

task = find_task("a2.linear")


def holding(inner):
    """The library's layer in the arms of a student's."""

    class Held(Linear):
        def forward(self, x):
            layer = inner(self.weight.shape[1], self.weight.shape[0])
            layer.weight, layer.bias = self.weight, self.bias
            return layer.forward(x)

    return Held


class Sub(Library):
    pass


class Own(lib.nn.Module):
    """Nothing but the base is the library's."""

    __init__, forward, backward = Linear.__init__, Linear.forward, Linear.backward
    zero_grad_parameters = Linear.zero_grad_parameters


class InAThread(Linear):
    def forward(self, x):
        def work():
            with contextlib.suppress(ValueError):  # of a dtype; a thread's errors are printed
                self.y = holding(Library).forward(self, x)

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        return self.y


class Later(Linear):
    """What it returns is computed when the course looks at it."""

    def forward(self, x):
        right = super().forward

        class Number:
            def __float__(self):
                return float(Library(2, 2).forward(np.ones((1, 2)))[0, 0])

        return [[Number()]] if len(x) == 99 else np.array(Laziness(x, right))


class Laziness:
    def __init__(self, x, right):
        self.x, self.right = x, right

    def __array__(self, dtype=None, copy=None):
        Library(2, 2)
        return self.right(self.x)


def disguised(function):
    """A function of the library with another file's name and other globals' name."""
    code = function.__code__.replace(co_filename="mine.py")
    return types.FunctionType(code, function.__globals__)


class Renamed(Linear):
    forward = disguised(lib.nn.Module.forward)


class SwitchedOff(Linear):
    def forward(self, x):
        sys.setprofile(None)
        return holding(Library).forward(self, x)


class SwitchedOffForAWhile(Linear):
    def forward(self, x):
        before = sys.getprofile()
        sys.setprofile(None)
        try:
            return holding(Library).forward(self, x)
        finally:
            sys.setprofile(before)


class StepsNotCounted(Linear):
    def forward(self, x):
        before = sys.gettrace()
        sys.settrace(None)
        try:
            return np.array([row @ self.weight.T + self.bias for row in x])
        finally:
            sys.settrace(before)


class FromModules(Linear):
    def forward(self, x):
        return holding(sys.modules["lib.nn.linear"].Linear).forward(self, x)


class Patient(Linear):
    """Looks only after some calls."""

    calls = 0

    def backward(self, x, grad_output, scale=1.0):
        type(self).calls += 1
        if self.calls > 2:
            Library(2, 2)
        return super().backward(x, grad_output, scale)


class ByTorch(Linear):
    def forward(self, x):
        torch = importlib.import_module("torch")
        return (torch.from_numpy(x) @ torch.from_numpy(self.weight).T).numpy() + self.bias


class RightAnswers(Linear):
    """Asks the course for its right values."""

    def forward(self, x):
        from lib.tasks.known import known_values

        known_values(task, 0)
        return super().forward(x)


DISGUISES = {
    "itself": (Library, "lib.nn.linear"),
    "subclass": (Sub, "lib.nn.linear"),
    "base": (Own, "lib.nn.module"),
    "held": (holding(Library), "lib.nn"),
    "by getattr": (holding(getattr(lib.nn, "Lin" + "ear")), "lib.nn"),
    "importlib": (holding(importlib.import_module("lib.nn").Linear), "lib.nn"),
    "sys.modules": (FromModules, "lib.nn"),
    "partial": (functools.partial(Library), "lib.nn.linear"),
    "wrapper": (functools.wraps(Library)(lambda *sizes: Library(*sizes)), "lib.nn.linear"),
    "lambda": (lambda *sizes: Library(*sizes), "lib.nn"),
    "thread": (InAThread, "lib.nn"),
    "when looked at": (Later, "lib.nn"),
    "renamed": (Renamed, "lib.nn.module"),
    "switched off": (SwitchedOff, "changes sys.setprofile"),
    "switched off for a while": (SwitchedOffForAWhile, "changes sys.setprofile"),
    "steps not counted": (StepsNotCounted, "changes sys.settrace"),
    "later": (Patient, "lib.nn"),
    "right answers": (RightAnswers, "lib.tasks.known"),
}


@pytest.mark.parametrize("name", DISGUISES)
def test_the_library_s_own_is_refused_in_any_disguise(name):
    given, words = DISGUISES[name]
    report = assess(task, [given], [0])
    assert report.refused.startswith("a2.linear: ")
    assert words in report.refused
    assert report.refused.endswith("; nothing is counted here")
    assert (report.passed, report.earned) == (False, 0)
    assert str(report).split() == report.graded().split() == report.refused.split()


def test_a_lecture_counts_nothing_so_it_speaks_of_its_check():
    def hinge_of_one(scores, right, margin):
        return hinge(np.array([scores]), np.array([right]), margin)[0]

    report = assess(find_task("03.hinge_of_one"), [hinge_of_one], [0], theirs=True)
    used = "uses lib.classifiers.losses: the task is to write it"
    assert report.refused == f"03.hinge_of_one: {used}; the check stops here"


def test_torch_is_refused():
    pytest.importorskip("torch")
    assert "a2.linear: uses torch" in assess(task, [ByTorch], [0]).refused


def test_an_answer_of_one_s_own_is_not_refused_and_has_no_flags():
    report = assess(task, [Linear], [0, 1], theirs=True)
    assert (report.passed, report.earned, report.refused, report.flags) == (True, 25, "", ())


def test_what_helps_and_does_not_answer_may_be_used():
    class Helped(Linear):
        def forward(self, x):
            from lib.checks import check_examples

            return super().forward(check_examples(x))

    assert assess(task, [Helped], [0]).passed


def test_a_task_may_allow_more():
    allowing = Task("a2.linear", "Linear", ("Linear",), task.parts, allows=("lib.nn.linear",))
    assert not Watch(allowing, theirs=True).refuses("lib.nn.linear")
    assert Watch(allowing, theirs=True).refuses("lib.nn.module")
    assert Watch(allowing, theirs=True).refuses("lib.tasks.a2.answers.linear")
    assert not Watch(allowing, theirs=False).refuses("lib.tasks.a2.answers.linear")


def test_the_course_s_right_answers_are_refused_where_a_student_brings_them(capsys):
    has_answers(task)
    with pytest.raises(CheckFailed, match=r"uses lib\.tasks\.a2\.answers\.linear"):
        check("a2.linear", task.references["Linear"])
    assert assess(task, task.given(), [0]).passed


def test_profilers_are_as_before():
    def mine(frame, event, argument):
        return None

    before = sys.getprofile()
    sys.setprofile(mine)
    try:
        assess(task, [Linear], [0])
        assert sys.getprofile() is mine
    finally:
        sys.setprofile(before)


def shape_of(given):
    return type(given).__name__


class Hostile:
    def __getattr__(self, name):
        raise RuntimeError(name)


@pytest.mark.parametrize(
    "given", [None, 3, "Library", [Library], object(), np.zeros(3), print, len, type, Hostile()], ids=shape_of
)
def test_things_that_are_no_code_are_looked_at_too(given):
    Watch(task, theirs=True).look_at([given])


def test_files_have_the_names_of_their_modules():
    assert module_of(inspect.getfile(Library)) == "lib.nn.linear"
    assert module_of(lib.nn.__file__) == "lib.nn"
    assert module_of(np.__file__) == module_of("<string>") == module_of("/elsewhere/lib/nn.py") == ""
    assert not within("library", ["lib"])


# Copies, by their text.

COPY = inspect.getsource(Library)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text,
        lambda text: text.replace("grad_output", "g").replace("in_features", "d"),
        lambda text: text.replace("def update_output(self, x):", "def forward(self, x):\n        print(x)"),
        lambda text: text.replace("    ", "  "),
        lambda text: text.replace("class Linear", "class Mine"),
        lambda text: text.replace('"""', '"""Mine. ', 1),
        lambda text: f"import numpy\n\n{text}\n\nprint(1)",
        lambda text: "\n".join(f"    {line}" for line in text.splitlines()),
        lambda text: text.replace(": int", ": object").replace(": bool", ": 'a switch'"),
        lambda text: ast.unparse(ast.parse(text)),
        lambda text: text.replace("\n", "  # mine\n") if '"""' not in text else text,
    ],
)
def test_a_copy_is_seen_whatever_its_names(change):
    assert any("equals lib.nn.linear" in flag for flag in copied_code(change(COPY)))


@pytest.mark.parametrize(
    "layer", ["MaxPool2d", "CrossEntropyLoss", "Dropout", "Sequential", "Conv2d", "BatchNorm2d"]
)
def test_pasted_layers_are_seen(layer):
    pasted = "\n".join(inspect.getsource(kind) for kind in getattr(lib.nn, layer).__mro__[:-1])
    assert any(flag.partition("equals ")[2].startswith("lib.nn.") for flag in copied_code(pasted))


def test_a_pasted_source_that_is_run_by_exec_is_seen_through_linecache():
    source = inspect.getsource(lib.nn.MaxPool2d)
    file = "<ipython-input-7>"
    linecache.cache[file] = (len(source), None, source.splitlines(True), file)
    scope = dict(vars(sys.modules["lib.nn.pooling"]))
    exec(compile(source, file, "exec"), scope)
    codes = [scope["MaxPool2d"].update_output.__code__, scope["MaxPool2d"].update_grad_input.__code__]
    assert any("equals lib.nn.pooling" in flag for flag in copies_in(codes))


def test_where_no_source_can_be_had_a_note_says_so():
    scope: dict = {}
    exec("def forward(x):\n    for row in x:\n        row += x.sum() * x.mean() + x.max()", scope)
    assert copies_in([scope["forward"].__code__]) == ("the source of forward could not be read",)


@pytest.mark.parametrize(
    ("source", "flags"),
    [
        ("import torch", ["imports torch"]),
        ("import numpy, torch.nn as nn", ["imports torch.nn"]),
        ("from lib.nn import Linear", ["imports lib.nn"]),
        ("from lib import nn", ["imports lib", "imports lib.nn"]),
        ("def f():\n    from sklearn.svm import LinearSVC", ["imports sklearn.svm"]),
        ("importlib.import_module('lib.nn')", ["imports lib.nn"]),
        (
            "from importlib import import_module as load, import_module\nimport_module('lib.nn')",
            ["imports lib.nn"],
        ),
        ("__import__('lib.graph')", ["imports lib.graph"]),
        ("from lib.tasks import check\nimport lib.plots, numpy, scipy.stats", []),
        ("import library, torchlike", []),
        ("this is no Python", []),
        ("", []),
    ],
)
def test_imports_are_seen(source, flags):
    assert copied_code(source) == flags


@pytest.mark.parametrize("name", task_names())
def test_right_answers_are_no_copies_of_the_library(name):
    its = find_task(name)
    if has_answers(its):
        own = f" equals lecture {name[:3]}"  # where the solution of an exercise stands, folded
        for written in its.references.values():
            found = [flag for flag in copied_code(inspect.getsource(written)) if own not in flag]
            assert found == [], written.__name__


class TooDeep(Linear):
    def backward(self, x, grad_output, scale=1.0):
        return self.backward(x, grad_output, scale)


class TooDeepOnPurpose(TooDeep):
    def forward(self, x):
        try:
            self.backward(x, x)
        except RecursionError:
            return holding(Library).forward(self, x)


def test_calls_that_go_too_deep_cost_what_they_break_and_are_no_cheating():
    report = assess(task, [TooDeep], [0])
    assert not report.refused
    assert report.parts[0].passed
    assert "RecursionError" in str(report)


def test_nothing_is_had_by_going_too_deep_on_purpose():
    assert assess(task, [TooDeepOnPurpose], [0]).earned == 0


class KnowsTheFrames(Linear):
    def forward(self, x):
        frame = sys._getframe()
        while frame := frame.f_back:
            assert not any(hasattr(thing, "expected") for thing in frame.f_locals.values())
        return super().forward(x)


def test_no_frame_above_an_answer_knows_what_is_right():
    assert assess(task, [KnowsTheFrames], [0, 1]).passed


class OfTheirOwn(BaseException):
    def __str__(self):
        raise self


def raises(self, x):
    raise OfTheirOwn


def test_whatever_an_answer_raises_is_told():
    given = type("Raises", (Linear,), {"forward": raises})
    report = assess(task, [given], [0])
    assert not report.parts[0].passed
    assert "OfTheirOwn" in str(report)
