"""Run by Python in a students' copy: what the checks of a task say there to its right and wrong answers.

python in_a_bundle.py ANSWERS NAME: the lib/tasks of the instructors' copy, and the task; prints JSON.
"""

import importlib
import json
import sys
from pathlib import Path
from types import ModuleType
from unittest.mock import patch

import lib
from lib.tasks.assess import assess
from lib.tasks.check import VISIBLE
from lib.tasks.known import Recorded, has_answers, known_values
from lib.tasks.task import find_task


def reports(name, references, wrong_answers):
    """Of the right answer and of each wrong one: its name → its report."""
    task = find_task(name)
    given = {"right": {}} | {wrong.name: wrong.written for wrong in wrong_answers}
    known = known_values(task, VISIBLE)
    kept = Recorded(known.expected, list(known.wrong()))  # else it is computed again for every answer
    found = {}
    for who, changes in given.items():
        written = {**references, **changes}
        with patch.object(sys.modules["lib.tasks.assess"], "known_values", lambda task, seed: kept):
            found[who] = str(assess(task, [written[wanted] for wanted in task.defines], [VISIBLE]))
    return found


def taken_out(name, folder):
    """The answers of a task, which itself has none afterwards; loaded from the instructors' copy."""
    package, _, module = name.rpartition(".")
    parent = ModuleType(f"lib.tasks.{package}.answers")
    parent.__path__ = [str(folder / package / "answers")]
    sys.modules[parent.__name__] = parent
    importlib.import_module(f"{parent.__name__}.{module}")
    task = find_task(name)
    answers = dict(task.references), list(task.wrong_answers)
    for other in [other for other in sys.modules if other.startswith(parent.__name__)]:
        found = getattr(sys.modules.pop(other), "task", task)
        found.references.clear()
        found.wrong_answers.clear()
    return answers


if __name__ == "__main__":
    name = sys.argv[2]
    references, wrong_answers = taken_out(name, Path(sys.argv[1]))
    here = has_answers(find_task(name))
    print(json.dumps({"lib": lib.__file__, "here": here, "said": reports(name, references, wrong_answers)}))
