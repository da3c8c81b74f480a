"""What a lecture is made of beside its text: exercises, predictions, and what is remembered of both."""

from lib.lessons.exercises import check, hint, or_ours
from lib.lessons.glossary import show_symbols, show_words
from lib.lessons.predictions import after, predict, revealed
from lib.lessons.progress_map import show_map

__all__ = [
    "after",
    "check",
    "hint",
    "or_ours",
    "predict",
    "revealed",
    "show_map",
    "show_symbols",
    "show_words",
]
