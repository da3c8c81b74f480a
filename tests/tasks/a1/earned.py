"""What an answer of a student's earns, for the tests of right answers that look unusual."""

from lib.tasks.assess import assess
from lib.tasks.task import find_task

SEEDS = range(3)


def lost(name, *given):
    """The parts of a task that an answer loses for any seed, each with what is said."""
    report = assess(find_task(name), given, SEEDS, theirs=True)
    assert not report.refused, report.refused
    return {part.name: part.sentence or str(part.difference) for part in report.parts if not part.passed}
