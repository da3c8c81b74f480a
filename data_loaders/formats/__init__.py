"""The forms in which people have CIFAR-10: one small reader each, found by what a folder or archive holds."""

from __future__ import annotations

from ..files import Files
from . import binary_batches, class_folders, hugging_face, kaggle, matlab, python_batches, torch7_files
from .content import Content

FORMS = (python_batches, binary_batches, matlab, torch7_files, hugging_face, kaggle, class_folders)


def read(files: Files) -> tuple[str, Content]:
    """The name of the form and what was read; `ValueError` names what was found where no form fits."""
    for form in FORMS:
        if form.matches(files.names):
            return form.TITLE, form.read(files)
    if packed := next((name for name in files.names if name.endswith(".7z")), None):
        raise ValueError(f"{files.path}: unpack {packed} with 7-Zip first, beside the other files")
    known = "; ".join(f"{form.TITLE} ({form.HOLDS})" for form in FORMS)
    raise ValueError(
        f"{files.path}: not a known form of CIFAR-10: found {_summary(files.names)}. Known forms: {known}"
    )


def _summary(names: list[str]) -> str:
    if not names:
        return "no files"
    shown = ", ".join(names[:6])
    return shown if len(names) <= 6 else f"{shown} and {len(names) - 6:,} more files"
