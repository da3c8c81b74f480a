"""The trained nets that come with the course."""

import pytest
import torch

from data_loaders.shapes10 import NUISANCES, generate
from lib.commands import parse_command
from lib.convnets import packing
from lib.convnets.evaluate import accuracy
from lib.convnets.images import DeviceImages
from lib.convnets.learner import TorchLearner
from lib.convnets.recipe import RECIPES
from lib.convnets.trained import COMMANDS, FOLDER, trained


@pytest.mark.parametrize("name", COMMANDS)
def test_each_is_small_and_says_where_it_comes_from(name):
    model, scale, classes, facts = trained(name)
    assert (FOLDER / f"{name}.pt").stat().st_size <= 2 * 2**20
    assert not model.training
    assert len(scale.mean) == 3
    assert model(torch.zeros(2, 3, 32, 32)).shape == (2, len(classes))
    assert facts["command"] == COMMANDS[name]
    args, _ = parse_command(COMMANDS[name].split()[1:])
    assert (args.net, args.seed, args.epochs) == (facts["net"], facts["seed"], facts["recipe"]["epochs"])
    assert args.batch_size == facts["recipe"]["batch_size"]
    assert abs(facts["accuracy"] - facts["accuracy_before_rounding"]) < 0.005
    assert "work" not in facts["data"]


def test_the_files_are_those_of_the_commands():
    assert {path.stem for path in FOLDER.glob("*.pt")} == set(COMMANDS)


def test_new_pictures_of_the_hardest_kind_are_recognised():
    model, scale, classes, facts = trained("fast_half_shapes10_hard")
    new = generate(7, dict.fromkeys(NUISANCES, 1.0), 10, 400)
    assert new.classes == classes
    images = DeviceImages(new.test.images, new.test.labels, scale=scale)
    found = accuracy(TorchLearner(model, RECIPES["linear"]), images)
    assert abs(found - facts["accuracy"]) < 0.03


def test_an_unknown_one_is_refused():
    with pytest.raises(ValueError, match="trained: name: expected 'fast_half_shapes10_hard' or "):
        trained("resnet")


@pytest.mark.family(share=3)
def test_packed_weights_are_those_of_the_training_rounded(tmp_path, monkeypatch):
    from test_command import call, tiny

    dataset = tiny()
    for place in ("command", "packing"):
        monkeypatch.setattr(f"lib.convnets.{place}.load_named", lambda name: dataset)
    path = tmp_path / "a.pt"
    call("train", "linear", "--epochs", "1", "--checkpoint", str(path))
    monkeypatch.setattr("lib.convnets.trained.FOLDER", tmp_path)
    monkeypatch.setitem(COMMANDS, "packed", "course train linear")
    packing.pack(path, tmp_path / "packed.pt", command="course train linear")
    before = torch.load(path, weights_only=True)["learner"]["model"]
    model, *_, facts = trained("packed")
    assert facts["data"] == "CIFAR-10"
    for name, weights in model.state_dict().items():
        assert torch.allclose(weights, before[name], rtol=2**-8, atol=0)
