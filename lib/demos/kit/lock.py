"""One thread at a time for what computes and draws: matplotlib is not made for several.

JupyterLab 4.4 and later send messages of widgets to another thread of the kernel (a subshell), at times some
to one and some to another: without a lock, a drag while the player plays draws into a half-made frame.
Matrix products run on one thread too: they are small, and the browser needs the other cores to follow.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from lib.blas import one_thread

LOCK = threading.RLock()
F = TypeVar("F", bound=Callable[..., Any])


def one_at_a_time(function: F) -> F:
    """The function, which waits while another such function is at work, and uses one core."""

    @wraps(function)
    def alone(*arguments: Any, **options: Any) -> Any:
        with LOCK, one_thread():
            return function(*arguments, **options)

    return alone  # type: ignore[return-value]  # the same call, the same answer
