"""Code and notebooks keep to the style that pyproject.toml names."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("arguments", [["check"], ["format", "--check"]], ids=" ".join)
def test_ruff_is_content(arguments):
    result = subprocess.run([sys.executable, "-m", "ruff", *arguments, ROOT], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
