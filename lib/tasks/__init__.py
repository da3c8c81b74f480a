"""What students are asked to write: tasks, their checks, right and wrong answers, and what to tell whom."""

from lib.tasks.assess import assess
from lib.tasks.check import CheckFailed, check
from lib.tasks.grade import grade, grading
from lib.tasks.task import Task, find_task, task_names
from lib.tasks.variant import variant

__all__ = ["CheckFailed", "Task", "assess", "check", "find_task", "grade", "grading", "task_names", "variant"]
