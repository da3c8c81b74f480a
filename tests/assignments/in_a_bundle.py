"""Run by Python in a students' copy: what the checks of all tasks say to right and wrong answers there.

python in_a_bundle.py ANSWERS: the folder of the answers' source, which the copy has not; prints JSON.
"""

import importlib.util
import json
import sys
from pathlib import Path

import lib
from lib.tasks.assess import assess
from lib.tasks.check import VISIBLE
from lib.tasks.known import has_answers
from lib.tasks.task import find_task, task_names


def reports(name, references, wrong_answers):
    """Of the right answer and of each wrong one: its name → its report."""
    task = find_task(name)
    given = {"right": {}} | {wrong.name: wrong.written for wrong in wrong_answers}
    found = {}
    for who, changes in given.items():
        written = {**references, **changes}
        found[who] = str(assess(task, [written[wanted] for wanted in task.defines], [VISIBLE]))
    return found


def taken_out(name, path):
    """The answers of a task, which itself no longer has them; loaded from a file elsewhere."""
    task = find_task(name)
    spec = importlib.util.spec_from_file_location(f"answers_of_{name.replace('.', '_')}", path)
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
    answers = dict(task.references), list(task.wrong_answers)
    task.references.clear()
    task.wrong_answers.clear()
    return answers


if __name__ == "__main__":
    places = {name: Path(sys.argv[1], name.replace(".", "/answers/") + ".py") for name in task_names()}
    names = {name: path for name, path in places.items() if path.exists()}
    answers = {name: taken_out(name, path) for name, path in names.items()}
    said = {name: reports(name, *found) for name, found in answers.items()}
    print(json.dumps({"lib": lib.__file__, "here": [n for n in names if has_answers(find_task(n))], "said": said}))
