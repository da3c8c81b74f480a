"""A folder that all may read, and that is there as a whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def placed_folder(folder: Path) -> Iterator[Path]:
    """An empty folder to fill, which stands at `folder` in the end; where one came meanwhile, that one stays.

    All may read what is in it then, and nobody but its owner may write.

    folder: where it shall be; the folder above is made where it is missing
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        yield new
        for path in (new, *new.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        try:
            os.rename(new, folder)
        except OSError:
            if not folder.exists():  # another process was first
                raise
    finally:
        shutil.rmtree(new, ignore_errors=True)
