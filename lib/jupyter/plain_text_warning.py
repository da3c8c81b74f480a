"""Passes over one warning of ipykernel, which every kernel would print and nobody here can act upon."""

from __future__ import annotations

import logging


class NoPlainTextWarning(logging.Filter):
    """Lets all through but the warning that the kernel talks over TCP without encryption.

    The course's kernels listen on this computer only, and every message carries a signature.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is shown."""
        return not record.getMessage().startswith("Kernel is running over TCP without encryption")
