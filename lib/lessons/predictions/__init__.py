"""A stand-in until the real one is merged (branch i13g)."""

from collections.abc import Iterator
from contextlib import contextmanager


def predict(name: str) -> None:
    """Asks a question."""


@contextmanager
def after(name: str) -> Iterator[None]:
    """What tells the truth of a prediction."""
    yield
