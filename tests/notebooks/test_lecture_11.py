"""What lecture 11 promises: equal losses over the bridge and after the power cut, the file of deck A2."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from data_loaders import Split
from lib.convnets.augmentation import Augmentation
from lib.convnets.images import DeviceImages
from lib.convnets.learner import TorchLearner
from lib.convnets.loop import fit
from lib.convnets.models import build_model
from lib.convnets.recipe import RECIPES
from lib.convnets.studies import switches
from lib.demos import six_switches
from lib.leaderboard.predictions import HEADER, TEST_IMAGES

LECTURE = Path(__file__).parents[2] / "lectures" / "11_cifar10_on_the_gpu.ipynb"
CELLS = {cell["id"]: "".join(cell["source"]) for cell in json.loads(LECTURE.read_text("utf-8"))["cells"]}


def run(*cells, **names):
    """The names that these cells define, run by themselves on images of noise."""
    rng = np.random.default_rng(0)
    learn = Split(rng.integers(0, 256, (400, 3, 32, 32)).astype(np.uint8), np.arange(400) % 10)
    known = {
        "np": np, "torch": torch, "learn": learn, "DeviceImages": DeviceImages, "TorchLearner": TorchLearner,
        "Augmentation": Augmentation, "build_model": build_model, "fit": fit, "RECIPES": RECIPES,
        "switches": switches,
    }  # fmt: skip
    known |= names
    for cell in cells:
        exec(CELLS[cell], known)
    return known


def test_a_numpy_net_and_its_torch_twin_have_equal_losses_for_ten_steps():
    names = run("bridge-net", "bridge-code")
    ours, theirs = names["ours"], names["theirs"]
    assert len(ours) == len(theirs) == 10
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    assert ours[-1] != ours[0]


def test_a_training_that_was_killed_goes_on_with_equal_losses_and_one_from_weights_alone_does_not():
    names = run("power-code", "power-cut", "power-run", "power-half-code")
    whole, resumed, forgetful = (names[name].losses for name in ("whole", "resumed", "forgetful"))
    assert resumed == whole
    assert len(whole) == 50
    assert np.abs(np.subtract(forgetful[5:10], whole[25:30])).max() > 0.01


def test_all_training_images_as_bytes_are_154_megabytes_and_as_floats_four_times_that(capsys):
    assert 50_000 * 3 * 32 * 32 == 153_600_000
    assert f"{50_000 * 3072 * 4 / 1e6:.1f}" == "614.4"
    assert "50,000 images: {50_000 * 3072 / 1e6:.1f} MB" in CELLS["bytes-code"]


def test_the_file_has_a_header_row_and_ten_thousand_predictions_as_deck_a2_asks():
    assert HEADER == ("id", "label")
    assert TEST_IMAGES == 10_000


def test_the_lecture_names_all_six_switches_and_no_letter():
    text = CELLS["switches"]
    assert text.count("\n- ") == len(six_switches.NAMES) == 6
    assert f"{switches.RATE_TOO_HIGH / switches.RECIPE.learning_rate:.0f}" == "12"
    assert "(twelve times)" in text


def test_students_are_told_nothing_of_decks():
    assert not [name for name, text in CELLS.items() if "deck" in text.lower() or "slides" in text.lower()]


@pytest.mark.parametrize("cell", ["curves", "test-once"])
def test_accuracies_of_quick_mode_are_called_incomparable(cell):
    assert "quick mode: accuracy not comparable" in CELLS[cell]
