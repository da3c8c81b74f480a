"""What a breaker once got through, and what must not happen again."""

import asyncio
import copy
import dataclasses
import hmac
import re
import sys
import typing
import warnings
from types import SimpleNamespace

import numpy as np
import pytest
from examined import CELLS, LINEAR, RELU, SECRET, examined_in, judged, small_job

from lib.assignments.places import ROOT
from lib.grading.examination import examination, examiner
from lib.grading.examination.answers import refusal_of, signed_answer
from lib.grading.examination.client import Ended
from lib.grading.examination.integrity import looks_into_frames
from lib.grading.examination.job import Allowance
from lib.grading.examination.judging import judge_task
from lib.grading.examination.known import KnownValues
from lib.grading.examination.sandbox_room import HIDDEN, course_for
from lib.grading.results import FLAGS, Flag, Result, TaskMarks, load_result, save_result, without_half_letters
from lib.grading.sandbox.room import Room, Usage
from lib.tasks.check import VISIBLE
from lib.tasks.counting import steps
from lib.tasks.known import has_answers
from lib.tasks.task import find_task
from lib.tasks.values import Plain

HALF = "\ud800"  # of a letter: no file can hold it


def test_half_a_letter_in_words_of_a_submission_loses_no_result(tmp_path):
    task = TaskMarks("relu-marks", "a2.relu", 10.0, 0.0, {"output": (3.0, 0.0)}, (f"it raised {HALF}",), ())
    result = Result("ada", "a2", "key", (task,), (Flag("refused", f"uses lib.{HALF}"),))
    with pytest.raises(UnicodeEncodeError):
        save_result(tmp_path / "ada.json", result)
    whole = without_half_letters(result)
    save_result(tmp_path / "ada.json", whole)
    assert load_result(tmp_path / "ada.json") == whole
    assert whole.flags[0].said == "uses lib.?"
    assert dataclasses.replace(whole, tasks=(), flags=()) == dataclasses.replace(result, tasks=(), flags=())


@pytest.mark.parametrize("name", ["<frozen importlib._bootstrap>", "<frozen mine>", "mine"])
def test_a_loop_is_counted_whatever_its_file_is_called(name):
    scope = {}
    exec(
        compile("def loop(x):\n    for _ in range(500):\n        x = x + 1\n    return x", name, "exec"),
        scope,
    )
    assert steps(scope["loop"], 1) > 500


def test_imports_are_not_counted():
    def first_call():
        sys.modules.pop("colorsys", None)
        import colorsys

        return colorsys

    assert steps(first_call) < 50


@pytest.mark.parametrize(
    "source",
    ["p = sys.getprofile()", "t = sys.gettrace()", "from sys import getprofile", "getattr(sys, 'gettrace')"],
)
def test_whoever_asks_for_what_watches_is_seen(source):
    assert looks_into_frames(f"import sys\n{source}")


@pytest.mark.parametrize(
    ("kind", "tampered"), [("dead", True), ("slow", False), ("hangs", False), ("memory", False)]
)
def test_a_kernel_that_dies_at_the_last_look_has_something_to_hide(monkeypatch, kind, tampered):
    one = examination._Examination(small_job(RELU, LINEAR), SimpleNamespace(usage=Usage))

    async def ends():
        raise Ended(kind)

    monkeypatch.setattr(one, "look_again", ends)
    with pytest.raises(Ended):
        asyncio.run(one.look_at_the_end())
    assert bool(one.tampered) is tampered


def sealed():
    library = examiner.Library(str(ROOT))
    for name in ("lib.tasks.a2.model", "lib.tasks.a2.relu", "lib.tasks.trace"):
        library.load(name)
    return library, examiner.Seal({name: vars(module) for name, module in library.modules.items()}, {})


def test_what_python_adds_to_a_class_by_and_by_is_no_change():
    """Two of 200 honest submissions copied their net, and with it a class of the checks."""
    library, seal = sealed()
    for kind in vars(library.modules["lib.tasks.a2.model"]).values():
        if isinstance(kind, type) and kind.__module__ == "lib.tasks.a2.model":
            copy.copy(kind.__new__(kind))
            typing.get_type_hints(kind)
            assert "__slotnames__" in {**vars(kind), **vars(kind.__mro__[1])}
    assert seal.look() == []
    library.modules["lib.tasks.a2.model"].Pair.forward = len
    assert seal.look() == ["lib.tasks.a2.model"]


def test_a_name_of_nothing_that_makes_room_for_another_one_is_seen():
    """`numpy._core.numeric` has `__doc__`, which is None; a `len` in its place hides the one of Python."""
    shared = {"__doc__": None, "array_equal": np.array_equal}
    seal = examiner.Seal({}, {"numeric": shared})
    shared["array_equal"] = np.array_equal
    assert seal.look() == []
    del shared["__doc__"]
    shared["len"] = print
    assert seal.look() == ["numeric"]


def test_a_warning_that_points_at_a_check_is_no_change():
    """An honest answer that warns had its marks taken away: Python notes in the module what it has said."""
    library, seal = sealed()
    module = library.modules["lib.tasks.a2.relu"]
    with warnings.catch_warnings(record=True) as said:
        warnings.warn_explicit("x holds zeros", UserWarning, "relu.py", 1, registry=vars(module).setdefault(
            "__warningregistry__", {}))  # fmt: skip
    assert said
    assert seal.look() == []


class Liar(str):
    """Calls itself equal to everything."""

    __hash__ = str.__hash__

    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False


class Meta(type):
    @property
    def __dict__(cls):
        return vars(type(cls))


def code_of_its_own(modules):
    modules["lib.tasks.values"].plain_value.__code__ = (lambda thing: thing).__code__


def behind_a_cell(modules):
    check = modules["lib.tasks.a2.relu"].task.checks[0]
    object.__setattr__(check, "within", 1e9)


CHANGES = {
    "a function": lambda modules: vars(modules["lib.tasks.trace"]).update(run_check=print),
    "a name that builtins have": lambda modules: vars(modules["lib.tasks.trace"]).update(str=print),
    "a text": lambda modules: vars(modules["lib.tasks.a2.relu"]).update(Any=Liar("Any")),
    "code": code_of_its_own,
    "defaults": lambda modules: setattr(modules["lib.tasks.counting"].steps, "__kwdefaults__", {"limit": 1}),
    "a check": behind_a_cell,
    "a list of checks": lambda modules: modules["lib.tasks.a2.relu"].task.checks.pop(),
    "a number of marks": lambda modules: modules["lib.tasks.a2.relu"].task.parts.update(output=9),
    "a method": lambda modules: setattr(modules["lib.tasks.forbidden"].Watch, "refuses", print),
    "a class": lambda modules: setattr(modules["lib.tasks.a2.relu"].task, "__class__", type("Task", (), {})),
    "a base": lambda modules: setattr(
        modules["lib.tasks.counting"].Counter, "__getattribute__", lambda self, name: print
    ),
    "a metaclass": lambda modules: vars(modules["lib.tasks.forbidden"]).update(
        Watch=Meta("Watch", (modules["lib.tasks.forbidden"].Watch,), {})
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_what_the_checks_are_made_of_is_seen(change):
    library, seal = sealed()
    assert seal.look() == []
    CHANGES[change](library.modules)
    assert len(seal.look()) == 1


WORDS = "seed 123456789"


def error(kind="ValueError", words=WORDS):
    return {"error": Plain("error", kind, np.array(words)).to_json()}


def numbers(*shape):
    return {"y": Plain("float", "float64", np.full(shape, 0.123456789)).to_json()}


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    return KnownValues(SECRET, tmp_path_factory.mktemp("known"))


def said_of(known, hidden, visible=None):
    """What a student is told of a ReLU whose `forward` gives this in hidden cases, and in the visible one."""
    task = find_task("a2.relu")
    has_answers(task)

    def answers(seed, wrong):
        found = {c: {n: v.to_json() for n, v in f.items()} for c, f in known.of(task, seed).expected.items()}
        first = task.checks[0].name
        if wrong is None or "error" in wrong:
            return found if wrong is None else {**found, first: wrong}
        return {**found, first: dict.fromkeys(found[first], wrong["y"])}

    seeds = known.seeds(task.name)[:-1]
    marks = judge_task(
        task,
        CELLS[0],
        {seed: answers(seed, hidden) for seed in seeds},
        known,
        seeds,
        "",
        answers(VISIBLE, visible),
    )
    assert marks.earned < 10
    return "\n".join(marks.said)


@pytest.mark.parametrize(
    "gives",
    [
        error(), error("Seed123456789"), error("OutOfTime"), error("Exception", WORDS), numbers(5, 7),
        numbers(123456, 0), {"y": Plain("text", "", np.array(WORDS)).to_json()},
        {"y": Plain("other", "Seed123456789", np.array(WORDS)).to_json()},
        {"y": Plain("int", "int64", np.array(123456789)).to_json()},
    ],
)  # fmt: skip
def test_a_student_is_told_nothing_that_an_answer_gave_in_a_hidden_case(known, gives):
    said = said_of(known, gives)
    assert not re.search("1234", said)
    assert "hidden case" in said


def test_what_it_gave_in_the_visible_checks_is_told(known):
    assert "words of mine" in said_of(known, error(), error(words="words of mine"))
    assert "123456789" not in said_of(known, error(), error(words="words of mine"))
    assert "ValueError" in said_of(known, error())
    assert "more CPU time" in said_of(known, error("OutOfTime", FLAGS["slow"]))


@pytest.mark.parametrize(
    ("came", "told"),
    [
        ("uses lib.nn.activations: the task is to write it", "uses lib.nn.activations:"),
        ("uses lib.nn.seed123456789: the task is to write it", "uses lib.nn:"),
        ("uses torch.seed123456789: the task is to write it", "uses torch:"),
        ("uses seed123456789: the task is to write it", "uses a package:"),
        ("changes sys.setprofile, by which the course sees what an answer does", "changes sys.setprofile,"),
        ("changes seed123456789, by which the course sees what an answer does", "changes that by which"),
        ("seed 123456789", "uses what the task is to write"),
    ],
)
def test_words_of_a_refusal_are_ours(came, told):
    said = refusal_of(f"a2.relu: {came}; nothing is counted here", "a2.relu")
    assert said.startswith(f"a2.relu: {told}")
    assert "1234" not in said
    assert refusal_of("something else", "a2.relu") == refusal_of(None, "a2.relu") == ""


class Burning:
    """A sandbox in which one task burns time in each of its checks, until its kernel is ended.

    costs: CPU seconds of a check, and of the notebook
    """

    def __init__(self, one, monkeypatch, costs):
        self.cpu, self.one, self.costs = 0.0, one, costs
        one.client = SimpleNamespace(end=0.0)
        for name in ("reply", "replies", "fresh"):
            monkeypatch.setattr(one, name, getattr(self, name))

    def usage(self):
        return SimpleNamespace(cpu_seconds=self.cpu)

    async def replies(self, requests):
        self.cpu += self.costs[0]
        raise Ended("slow")

    async def reply(self, task, names, seed, checks, stand_ins):
        if task == "a2.linear":
            self.cpu += self.costs[0]
            raise Ended("slow")
        return {"values": {name: numbers(2) for name in checks}}

    async def fresh(self):
        self.cpu += self.costs[1]
        self.one.spent("cells")


@pytest.mark.parametrize("costs", [(6.0, 4.0), (6.0, 0.1), (30.0, 4.0), (0.5, 0.1)])
def test_what_a_task_burns_is_its_own(monkeypatch, costs):
    """One whose answers all loop for ever, beside a notebook that takes nearly all that it may."""
    sandbox = SimpleNamespace(usage=lambda: SimpleNamespace(cpu_seconds=0.0))
    one = examination._Examination(small_job(LINEAR, RELU), sandbox)
    one.asked.reverse()
    one.sandbox = Burning(one, monkeypatch, costs)
    one.phases["cells"] = one.job.allowance.notebook
    one.give_time()
    asyncio.run(one.ask_all(one.asked))
    linear, relu = one.asked
    assert {one.out[check] for one in (linear,) for check in one.out} == {"slow"}
    assert not linear.checks
    assert relu.out == {}
    checks = [check.name for check in find_task("a2.relu").checks]
    assert {seed: [*found] for seed, found in one.answers(relu).items()} == dict.fromkeys(
        one.job.seeds["a2.relu"][0], checks
    )


@pytest.mark.family(share=30)
def test_one_that_loops_for_ever_costs_only_its_own_marks(tmp_path):
    looping = re.sub(r"(def (?:forward|backward).*:).*", r"\1\n        while True: pass", LINEAR)
    looping = re.sub(r"(?m)^        (return|self.grad_.*\+=).*$", "", looping)
    room = Room(course_for("a2", ROOT, tmp_path / "rooms"), None, HIDDEN)
    allowance = Allowance(cell=2.5, notebook=2.5, check=0.5, patience=60.0, idle=6.0)
    job = small_job(RELU, looping, allowance=allowance)
    result = judged(job, examined_in(room, job, "bubblewrap"), KnownValues(SECRET, tmp_path / "known"))
    assert result.tasks[0].earned == 6
    assert {flag.kind for flag in result.flags} == {"slow"}


def test_an_answer_that_was_changed_on_its_way_is_none():
    key, text = b"k" * 32, '[{"values": {}}]'
    mark = hmac.digest(key, text.encode(), "sha256").hex()
    assert signed_answer([text, mark], key) == ([{"values": {}}], True)
    assert signed_answer([text.replace("}", ' "a": 1}', 1), mark], key)[1] is False
    assert signed_answer([text, mark], b"other")[1] is False
    for said in (
        None,
        [],
        "words",
        [text],
        [text, 3],
        [3, mark],
        {"a": 1, "b": 2},
        ["\ud800", mark],
        ["[", mark],
    ):
        assert signed_answer(said, key)[1] is False
