"""What a student is told whose predictions are as good as guessing: most often they are of other images."""

from __future__ import annotations

GUESSED = 150  # tenths of a percent; guessing among ten classes gives 100, and hardly ever 120
OTHER_IMAGES = "That is as good as guessing. Are these predictions for the images in the folder challenge?"


def words_on_guessing(tenths: int) -> str:
    """A sentence for a score in tenths of a percent, "" where the net has learnt something.

    >>> words_on_guessing(703)
    ''
    """
    return OTHER_IMAGES if tenths < GUESSED else ""
