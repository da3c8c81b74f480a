"""`course doctor`: is this computer ready for the course, and what mends it where it is not."""

from .browser import find_browser
from .report import report

__all__ = ["find_browser", "report"]
