"""Live demos of lecture 13. They need torch, so without it the first sentence says what is missing."""

import lib.convnets  # noqa: F401  # which says it
