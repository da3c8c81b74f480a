"""An answer that is right must have full marks, however it is written."""

from lib.tasks import find_task
from lib.tasks.assess import assess
from lib.tasks.known import has_answers

SEEDS = (0, 1, 2)


def assert_full_marks(name, *given, seeds=SEEDS):
    task = find_task(name)
    assert has_answers(task)
    report = assess(task, given, seeds, theirs=True)
    assert report.passed, str(report)
