"""The study of six broken switches: each is one line, and does what it says."""

import json

import numpy as np
import pytest
import torch

from data_loaders import Split
from lib.convnets.augmentation import Augmentation
from lib.convnets.evaluate import accuracy
from lib.convnets.images import DeviceImages
from lib.convnets.learner import TorchLearner
from lib.convnets.models import build_model
from lib.convnets.recipe import RECIPES
from lib.convnets.studies import switches
from lib.demos import six_switches


@pytest.fixture
def few(monkeypatch):
    """A few images of noise in the place of Shapes-10."""
    rng = np.random.default_rng(0)
    labels = np.arange(200) % 10
    images = rng.integers(0, 256, (200, 3, 32, 32)).astype(np.uint8)
    monkeypatch.setattr(switches, "training_images", lambda: Split(images, labels))
    monkeypatch.setattr(switches, "TRAINING", 100)
    monkeypatch.setattr(switches, "VALIDATION", 50)


def test_the_committed_numbers_belong_to_the_command_as_it_is():
    study = switches.read_study()
    assert study["command"] == "python -m lib.convnets.studies.switches"
    assert study["machine"]
    assert study["seeds"] == list(switches.SEEDS)
    assert len(study["seeds"]) >= 5
    assert study["cpu_seconds"] <= 24 * 60
    assert study["recipe"] == switches.RECIPE.as_dict()
    assert study["rate too high"] == switches.RATE_TOO_HIGH
    assert study["images"] == {"training": switches.TRAINING, "validation": switches.VALIDATION}
    assert list(study["runs"]) == [switches.HEALTHY, *switches.SWITCHES]
    assert six_switches.NAMES == switches.SWITCHES
    assert six_switches.RESULTS.samefile(switches.RESULTS)


def test_each_switch_trains_and_gives_a_number_for_each_step(few):
    for switch in (switches.HEALTHY, *switches.SWITCHES):
        run = switches.train_with(switch, 0, epochs=1)
        assert {name: len(values) for name, values in run.items()} == {
            "loss": 2, "train": 1, "validation": 1, "again": 1,
        }  # fmt: skip
        assert all(value is None or value >= 0 for values in run.values() for value in values)


def test_the_same_seed_gives_the_same_numbers(few):
    assert switches.train_with("no zero_grad", 1, epochs=1) == switches.train_with(
        "no zero_grad", 1, epochs=1
    )


def test_without_a_name_or_with_a_wrong_one_nothing_is_trained():
    with pytest.raises(ValueError, match=r"^switch: expected"):
        switches.train_with("no coffee", 0)
    with pytest.raises(ValueError, match=r"^seed: expected"):
        switches.train_with("healthy", -1)


def noise(count=20, **options):
    rng = np.random.default_rng(3)
    return (rng.integers(0, 256, (count, 3, 32, 32)).astype(np.uint8), np.arange(count) % 10), options


def test_unshuffled_images_come_in_their_order_and_are_augmented():
    (images, labels), _ = noise()
    data = switches.Unshuffled(images, labels, augmentation=Augmentation("random"))
    again = [torch.cat([y for _, y in data.batches(6, seed=1, epoch=epoch)]) for epoch in (0, 1)]
    assert again[0].tolist() == again[1].tolist() == labels.tolist()
    first, second = (next(iter(data.batches(20, seed=1, epoch=epoch)))[0] for epoch in (0, 1))
    assert not torch.equal(first, second)


def test_augmented_test_images_are_others_at_each_look():
    (images, labels), _ = noise()
    data = switches.MeasuredAugmented(images, labels, augmentation=switches.AT_TEST)
    first, second = (torch.cat([x for x, _ in data.in_order()]) for _ in range(2))
    assert not torch.equal(first, second)
    plain = switches.Measured(images, labels)
    assert torch.equal(*(torch.cat([x for x, _ in plain.in_order()]) for _ in range(2)))


def test_forgotten_zero_grad_adds_the_gradients_of_all_steps():
    (images, labels), _ = noise()
    data = DeviceImages(images, labels)
    x, y = next(iter(data.in_order()))
    recipe = RECIPES["linear"]
    learners = [kind(build_model("linear"), recipe) for kind in (TorchLearner, switches.ForgottenZeroGrad)]
    for learner in learners:
        for _ in range(3):
            learner.step(x, y, 1e-12)
    right, broken = (learner.model[1].weight.grad for learner in learners)
    torch.testing.assert_close(broken, 3 * right, rtol=1e-4, atol=1e-7)


def test_in_training_mode_the_answer_depends_on_the_neighbours():
    (images, labels), _ = noise()
    x = next(iter(DeviceImages(images, labels).in_order()))[0]
    model = build_model("fast", width=8)
    broken, right = (kind(model, RECIPES["fast"]) for kind in (switches.TrainModeAtTest, TorchLearner))
    assert not torch.allclose(broken.scores(x)[:5], broken.scores(x[:5]), atol=1e-3)
    torch.testing.assert_close(right.scores(x)[:5], right.scores(x[:5]), rtol=1e-4, atol=1e-5)
    assert 0 <= accuracy(right, DeviceImages(images, labels)) <= 1


def test_the_splits_share_no_image_and_come_class_by_class(few):
    learned, tested = switches.split(3)
    assert len({image.tobytes() for part in (learned, tested) for image in part.images}) == 150
    for part in (learned, tested):
        assert (np.diff(part.labels) >= 0).all()


def test_the_file_is_json_with_a_row_a_line(tmp_path):
    runs = {"healthy": [{"loss": [1.5, None], "train": [0.5]}], "no zero_grad": []}
    study = {"command": "x", "runs": runs}
    assert json.loads(switches.in_lines(study)) == study
