"""Limits of time follow the computer's speed."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import slowness as module
from slowness import slowness

TESTS = Path(__file__).parent
SLEEPER = """
import time, pytest

@pytest.mark.timeout(0.3)
def test_it_takes_a_second():
    time.sleep(1)
"""


def test_a_slow_computer_has_a_factor_and_a_quick_one_has_none(monkeypatch):
    for work, least in ((lambda: time.sleep(4 * module.REFERENCE), 4), (lambda: None, 1)):
        monkeypatch.delenv("COURSE_SLOWNESS", raising=False)
        monkeypatch.setattr(module, "work", work)
        assert slowness() >= least
        assert (slowness() > 1) == (least > 1)


def test_it_is_measured_once_and_can_be_set(monkeypatch):
    monkeypatch.delenv("COURSE_SLOWNESS", raising=False)
    monkeypatch.setattr(module, "work", lambda: time.sleep(2 * module.REFERENCE))
    assert slowness() == slowness()
    monkeypatch.setenv("COURSE_SLOWNESS", "8")
    assert slowness() == 8
    monkeypatch.setenv("COURSE_SLOWNESS", "0.1")
    assert slowness() == 1


@pytest.mark.family(share=2)
@pytest.mark.skipif(os.name == "nt", reason="pytest-timeout then ends the whole process")
@pytest.mark.parametrize(("factor", "status"), [("1", 1), ("60", 0)])
def test_pytest_s_limits_stretch(factor, status, tmp_path):
    (tmp_path / "test_sleeper.py").write_text(SLEEPER)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={tmp_path}"]
    command += ["-p", "conftest", "-n", "0", str(tmp_path)]
    path = os.pathsep.join(filter(None, [str(TESTS), str(TESTS.parent), os.environ.get("PYTHONPATH")]))
    env = os.environ | {"COURSE_SLOWNESS": factor, "PYTHONPATH": path}
    result = subprocess.run(command, env=env, capture_output=True, text=True, cwd=tmp_path)
    assert result.returncode == status, result.stdout + result.stderr
    assert ("Timeout" in result.stdout) == bool(status)
