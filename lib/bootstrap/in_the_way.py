"""Files that hide a module which the course needs: another `lib`, a numpy.py or json.py of one's own."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

OURS = ("lib", "data_loaders")
# What every lecture imports; hidden by a file of this name, each fails in its own way.
NEEDED = ("numpy", "matplotlib", "PIL", "IPython", "ipykernel", "ipywidgets", "jupyterlab", "traitlets")
ALL = (*OURS, *NEEDED, *sorted(sys.stdlib_module_names - {"test", "this", "antigravity"}))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def from_error(error: BaseException) -> str:
    """One sentence on the file that made an import fail, or "" where no file is in the way.

    Only files that the error itself knows count: those that were being imported, and those that lack a name.
    """
    files: list[str] = []
    seen: BaseException | None = error
    while seen is not None:
        places = [seen.filename] if isinstance(seen, SyntaxError) else []
        places += [getattr(seen, "path", None), getattr(getattr(seen, "obj", None), "__file__", None)]
        traceback = seen.__traceback__
        while traceback is not None:
            code = traceback.tb_frame.f_code
            places += [code.co_filename] if code.co_name == "<module>" else []
            traceback = traceback.tb_next
        files += [str(place) for place in places if place]
        seen = seen.__cause__ or seen.__context__
    for folder in (os.path.abspath(folder) for folder in sys.path if "-packages" not in folder):
        for name, _ in _hiding([folder]):
            if any(_is(path, file) for path in _paths(name, folder) for file in files):
                return sentence(name, folder)
    return ""


def on_pythonpath(names: Sequence[str] = ALL) -> str:
    """One sentence on the first file of PYTHONPATH that hides one of these modules, or ""."""
    folders = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    return in_folders([os.path.abspath(folder) for folder in folders], names)


def in_folders(folders: Sequence[str], names: Sequence[str] = ALL) -> str:
    """One sentence on the first file of these folders that hides one of these modules, or ""."""
    return next((sentence(name, folder) for name, folder in _hiding(folders, names)), "")


def sentence(name: str, folder: str) -> str:
    """What hides a module, and what to do."""
    whose = "the course's own" if name in OURS else "the package" if name in NEEDED else "Python's own"
    file = next(path for path in _paths(name, folder) if os.path.exists(path))
    return f"{file} is in the way of {whose} {name}: rename it, or take {folder} out of PYTHONPATH"


def _hiding(folders: Sequence[str], names: Sequence[str] = ALL) -> list[tuple[str, str]]:
    """Modules that are hidden, each with the folder that hides it, in the order of their names."""
    return [
        (name, folder)
        for name in names
        for folder in folders
        if not (name in OURS and _is(os.path.join(folder, name), os.path.join(ROOT, name)))
        if any(map(os.path.exists, _paths(name, folder)))
        if not _is(folder, os.path.dirname(os.__file__))
    ]


def _paths(name: str, folder: str) -> list[str]:
    """Where Python looks for a module in a folder; a bare folder is enough to hide the course's own."""
    place = os.path.join(folder, name)
    return [os.path.join(place, "__init__.py"), place + ".py", *([place] if name in OURS else [])]


def _is(one: str, other: str) -> bool:
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False
