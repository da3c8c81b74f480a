"""The rows of the bank of wrong answers that belong to assignment 4."""

from lib.tasks import find_task
from lib.tasks.known import has_answers

ROWS = {
    "a4.submission": {134},
    "a4.reproducible": {136, 137, 138},
}
# Row 135, labels that were looked up, is no function of a student's: tests/leaderboard/test_scoring.py has
# test_a_table_of_exact_pixels_finds_unchanged_images_only_and_is_flagged, and the tests below it.


def test_every_row_is_a_wrong_answer_of_one_task():
    for name, rows in ROWS.items():
        task = find_task(name)
        assert has_answers(task)
        assert {wrong.row for wrong in task.wrong_answers} - {0} == rows
