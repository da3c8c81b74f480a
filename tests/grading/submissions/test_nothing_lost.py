"""A version that counts is never half there, whatever happens while another one comes."""

from __future__ import annotations

import errno
import os
import shutil
from datetime import timedelta

import pytest
from uploaded import FULL, NOON, handed_in, small_class, text_of, zipped

from lib.grading.submissions import kept
from lib.grading.submissions.download import Download
from lib.grading.submissions.importing import import_submissions
from lib.grading.submissions.kept import finish_imports, import_lock, versions

STEPS = ((os, "replace"), (shutil, "rmtree"), (os, "fsync"), (Download, "copy"), (kept, "same_files"))


def download(folder, text, hours=0):
    path = folder / f"{text}.zip"
    path.write_bytes(zipped({"a1-ada.zip": handed_in("ada", text)}, NOON + timedelta(hours=hours)))
    return path


def killed_at(step, monkeypatch, source, root) -> bool:
    """Imports in a process that ends without a word before a step; returns whether it came so far."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    try:
        count = 0

        def stopping(action):
            def act(*args, **options):
                nonlocal count
                count += 1
                if count == step:
                    os._exit(9)
                return action(*args, **options)

            return act

        for owner, name in STEPS:
            monkeypatch.setattr(owner, name, stopping(getattr(owner, name)))
        import_submissions("a1", source, root)
        os._exit(0)
    finally:
        os._exit(1)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="it ends a process in the middle")
def test_killed_at_any_step_it_is_the_old_or_the_new_version(tmp_path, monkeypatch):
    old, new = download(tmp_path, "old"), download(tmp_path, "new", hours=1)
    step, killed = 0, True
    while killed:
        step += 1
        root = small_class(tmp_path / str(step))
        import_submissions("a1", old, root)
        killed = killed_at(step, monkeypatch, new, root)
        finish_imports(root)
        assert text_of(root, "ada") in (("old", "new") if killed else ("new",))
        import_submissions("a1", new, root)
        assert text_of(root, "ada") == "new"
        (before,) = versions("ada", FULL, root)
        assert '"old"' in (before / f"{FULL}.ipynb").read_text()
        assert list((root / "grading" / "incoming").glob("*/*")) == []
    assert step > 8


def test_a_full_disk_leaves_the_version_before(tmp_path, monkeypatch):
    root = small_class(tmp_path / "course")
    import_submissions("a1", download(tmp_path, "old"), root)

    def full(self, found, to):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Download, "copy", full)
        with pytest.raises(OSError, match="No space"):
            import_submissions("a1", download(tmp_path, "new", hours=1), root)
    assert text_of(root, "ada") == "old"
    assert list((root / "grading" / "incoming").glob("*/*")) == []


def test_other_commands_leave_a_running_import_alone(tmp_path):
    root = small_class(tmp_path / "course")
    begun = kept.incoming_folder("ada", FULL, root)
    with import_lock(root):
        assert finish_imports(root) == []
        assert begun.exists()
    finish_imports(root)
    assert not begun.exists()
