"""Only features need torch: all else of lib.detection is there without it, and without scikit-image."""

import subprocess
import sys

import pytest

PLAIN = (
    "average_precision", "boxes", "classify", "crops", "described", "detector", "examples", "grouping",
    "pasted", "pictures", "proposals", "regression", "scenes", "sets", "shapes", "suppression",
)  # fmt: skip
WITHOUT = """
import importlib.util, sys
for name in ("torch", "torchvision", "skimage"):
    sys.modules[name] = None
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name in ("torch", "skimage") else find(name, *rest)
for name in sys.argv[1:]:
    importlib.import_module("lib.detection." + name)
"""


def without(*names):
    return subprocess.run([sys.executable, "-c", WITHOUT, *names], capture_output=True, text=True)


def test_most_files_need_neither_torch_nor_scikit_image():
    run = without(*PLAIN)
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("name", ["features", "study", "demos.merge_tree"])
def test_what_needs_torch_says_so_in_one_sentence(name):
    run = without(name)
    assert run.stderr.strip().splitlines()[-1].startswith("ModuleNotFoundError: torch: expected it to be")
