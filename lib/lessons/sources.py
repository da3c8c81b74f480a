"""What somebody has written in a notebook: its cells, but not what programs have put there."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any


def parsed_cells(content: bytes) -> list[dict[str, Any]] | None:
    """The cells of a notebook of format 4, the source of each as one text; None for what is none."""
    try:
        notebook = json.loads(content)
        cells = [{**cell, "source": source_text(cell["source"])} for cell in notebook["cells"]]
        return cells if all(isinstance(cell["cell_type"], str) for cell in cells) else None
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def source_text(source: str | list[str]) -> str:
    """The source of a cell, which may be stored line by line; lines end as on Unix."""
    return "".join([source] if isinstance(source, str) else source).replace("\r\n", "\n").replace("\r", "\n")


def source_fingerprint(content: bytes) -> str:
    """A short text that changes when somebody writes in a file.

    Of a notebook the kinds and sources of its cells count, in order. Outputs, numbers of runs, the state of
    widgets and metadata do not, nor do empty cells: JupyterLab adds one below the last cell by itself. Of
    other files all counts.

    >>> one = b'{"cells": [{"cell_type": "code", "source": "1 + 1", "outputs": []}]}'
    >>> run = b'{"cells": [{"cell_type": "code", "source": ["1 + 1"], "outputs": [2]}]}'
    >>> source_fingerprint(one) == source_fingerprint(run)
    True
    """
    cells = parsed_cells(content)
    if cells is None:
        return f"bytes {short_hash(content)}"
    written = [[cell["cell_type"], cell["source"]] for cell in cells if cell["source"].strip()]
    return f"cells {short_hash(json.dumps(written).encode())}"


def file_fingerprint(path: Path) -> str:
    """The same of a file; "" for what is no plain file, or cannot be read."""
    if path.is_symlink() or not path.is_file():
        return ""
    try:
        return source_fingerprint(path.read_bytes())
    except OSError:
        return ""


def short_hash(content: bytes) -> str:
    """Enough of a hash of these bytes to tell versions of a file from each other."""
    return hashlib.sha256(content).hexdigest()[:24]
