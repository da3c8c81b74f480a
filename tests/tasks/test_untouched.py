"""What counts as an exercise that nobody has begun."""

import pytest

from lib.tasks.untouched import is_stub


def docstring_alone():
    """Says what it should do."""


def dots(x, *, y=3): ...


def passes(x):
    pass


def returns_none(x):
    return None


def raises(x):
    raise NotImplementedError


def raises_with_words(x):
    """What it should do."""
    raise NotImplementedError("write this part")


def begun_for_you(x):
    y = 2 * x
    for _ in range(3):
        ...
    return y


class Empty:
    """A gate."""

    def __init__(self, size):
        self.size = size

    def forward(self, x): ...

    def backward(self, dz):
        raise NotImplementedError


class Nested:
    def forward(self, x):
        if x:
            raise NotImplementedError
        return x


class HalfWay(Empty):
    def forward(self, x):
        return x

    def backward(self, dz): ...


def returns_a_number():
    return 1


def returns_dots():
    return ...


def raises_another(x):
    raise ValueError("x")


def calls():
    print()


@pytest.mark.parametrize(
    "thing",
    [docstring_alone, dots, passes, returns_none, raises, raises_with_words, begun_for_you, Empty, None, ...],
)
def test_it_is_a_stub(thing):
    assert is_stub(thing)


@pytest.mark.parametrize(
    "thing",
    [returns_a_number, returns_dots, raises_another, calls, HalfWay, Nested, print, 3, lambda x: x, int, []],
)
def test_it_is_none(thing):
    assert not is_stub(thing)
