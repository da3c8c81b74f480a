"""What lecture 11 promises: equal losses over the bridge and after the power cut, the file of deck A2."""

import itertools
import json
import re
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
import torch

from data_loaders import Split
from lib import nn
from lib.convnets.augmentation import Augmentation
from lib.convnets.images import DeviceImages
from lib.convnets.learner import TorchLearner
from lib.convnets.loop import fit
from lib.convnets.models import build_model
from lib.convnets.recipe import RECIPES
from lib.convnets.studies import switches
from lib.convnets.studies.sitting import read_sitting
from lib.demos import six_switches
from lib.leaderboard.predictions import HEADER, TEST_IMAGES
from lib.lessons.predictions import lecture_11
from lib.lessons.predictions.prediction import find_prediction
from lib.tasks import assess, find_task
from lib.tasks.lecture_11 import one_epoch, shift_and_mirror, six_names, stop_at

LECTURE = Path(__file__).parents[2] / "lectures" / "11_cifar10_on_the_gpu.ipynb"
CELLS = {cell["id"]: "".join(cell["source"]) for cell in json.loads(LECTURE.read_text("utf-8"))["cells"]}


def run(*cells, **names):
    """The names that these cells define, run by themselves on images of noise."""
    rng = np.random.default_rng(0)
    learn = Split(rng.integers(0, 256, (400, 3, 32, 32)).astype(np.uint8), np.arange(400) % 10)
    known = {
        "np": np, "torch": torch, "learn": learn, "DeviceImages": DeviceImages, "TorchLearner": TorchLearner,
        "Augmentation": Augmentation, "build_model": build_model, "fit": fit, "RECIPES": RECIPES,
        "switches": switches, "after": lambda name: nullcontext(), "nn": nn,
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
    assert "twelve times the healthy learning rate" in text


def test_students_are_told_nothing_of_decks():
    assert not [name for name, text in CELLS.items() if "deck" in text.lower() or "slides" in text.lower()]


@pytest.mark.parametrize("cell", ["curves", "test-once"])
def test_accuracies_of_quick_mode_are_called_incomparable(cell):
    assert "quick mode: accuracy not comparable" in CELLS[cell]


def test_the_curve_of_a_sketch_is_that_of_the_recorded_training():
    run = read_sitting()["runs"]["fast_half"]
    np.testing.assert_allclose(lecture_11.SECONDS, run["seconds"], atol=0.051)
    np.testing.assert_allclose(lecture_11.RIGHT, 100 * np.array(run["validation"]), atol=0.051)
    gain = 100 * (run["validation"][-1] - run["validation"][-4])
    assert round(100 * run["validation"][0] / 33) == 2  # two thirds
    assert 5.5 < gain < 6.5


def test_training_accuracy_lies_below_validation_first_and_above_it_in_the_end():
    run = read_sitting()["runs"]["fast_half"]
    below = np.array(run["training"]) < run["validation"]
    assert below[0]
    assert not below[-1]
    assert find_prediction("11.training_curve").truth == "below it first, then above"


def test_a_patience_of_one_epoch_would_have_stopped_the_longest_training():
    accuracies = read_sitting()["runs"]["fast"]["validation"]
    kept, last = stop_at.stop_at(accuracies, 1)
    assert (kept, last, len(accuracies)) == (5, 6, 11)
    assert round(100 * accuracies[kept - 1], 1) == find_prediction("11.patience").truth
    assert f"{100 * accuracies[-1]:.1f} %" in find_prediction("11.patience").question


def test_the_six_mistakes_have_one_name_each_in_list_demo_study_and_exercise():
    listed = re.findall(r"^- `(.+?)`", CELLS["switches"], re.MULTILINE)
    assert listed == list(six_names.NAMES)
    assert sorted(listed) == sorted(six_switches.NAMES) == sorted(switches.SWITCHES)
    assert six_names.six_names() == six_switches.LETTERS


def test_whoever_exchanges_two_names_is_told_what_these_look_like_and_not_the_right_ones():
    swapped = six_names.six_names() | {"D": "no shuffling", "E": "rate too high"}
    said = " ".join(str(assess(find_task("11.six_names"), [lambda: swapped], [0])).split())
    assert "D: “no shuffling” is not right" in said
    assert "a wave in the loss" in said
    assert "E: “rate too high” is not right" in said
    assert "makes the loss fall late" in said
    assert "expected" not in said


def test_a_net_of_another_device_is_an_error():
    names = run("where-code")
    assert names["moved"] is not None
    assert find_prediction("11.where").truth == "it stops with an error"


def test_the_students_epoch_trains_a_net_of_torch():
    torch.manual_seed(0)
    images, labels = torch.randn(30, 4), torch.arange(30) % 3
    net = torch.nn.Linear(4, 3)
    sgd = torch.optim.SGD(net.parameters(), lr=0.5)
    batches = [(images[:20], labels[:20]), (images[20:], labels[20:])]
    losses = [one_epoch.one_epoch(net, torch.nn.CrossEntropyLoss(), sgd, batches) for _ in range(20)]
    assert losses[-1] < losses[0]


def test_tasks_of_the_lecture_need_no_torch():
    program = (
        "import sys\nfrom lib.tasks import find_task, task_names\n"
        "[find_task(name) for name in task_names('11')]\nassert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_the_training_images_have_the_size_of_the_errata():
    size = 50_000 * 3 * 32 * 32
    assert size == 153.6e6
    assert f"{size / 2**20:.2f}" == "146.48"


def test_an_image_has_so_many_versions_and_they_take_so_many_bytes(capsys):
    names = run("all-versions-code")
    image = np.random.default_rng(0).random((1, 3, 6, 6))
    places = list(itertools.product(range(-4, 5), range(-4, 5), (False, True)))
    down, right, mirrored = (np.array(column) for column in zip(*places, strict=True))
    seen = shift_and_mirror.shift_and_mirror(image.repeat(len(places), axis=0), down, right, mirrored, 4)
    assert names["versions"] == len({version.tobytes() for version in seen})
    size = len(places) * np.zeros((50_000, 3, 32, 32), np.float32).nbytes / 1e9
    assert find_prediction("11.all_versions").true() == pytest.approx(size, abs=0.05)
    assert f"{size:.1f} GB" in capsys.readouterr().out
