"""The filter of system calls, as a file that bubblewrap reads."""

from __future__ import annotations

import os

from .seccomp import seccomp_program


def filter_file() -> int | None:
    """A descriptor, at the beginning of the file; None where there is no filter for this processor."""
    try:
        program = seccomp_program()
    except NotImplementedError:
        return None
    descriptor = os.memfd_create("rules")
    os.write(descriptor, program)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
