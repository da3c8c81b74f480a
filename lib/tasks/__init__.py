"""What students are asked to write: tasks, their checks, right and wrong answers, and what to tell whom."""

from lib.tasks.assess import assess
from lib.tasks.check import CheckFailed, check
from lib.tasks.task import Task, find_task
from lib.tasks.variant import variant

__all__ = ["CheckFailed", "Task", "assess", "check", "find_task", "variant"]
