"""lib/convnets/studies/depth.py: it writes what a training gives, and goes on where it stopped."""

import json

import numpy as np
import pytest

from data_loaders.shapes10 import NUISANCES, generate
from lib.convnets.studies import depth


@pytest.fixture
def tiny(monkeypatch):
    """The study with few images, one epoch, two nets and two seeds."""
    few = generate(0, dict.fromkeys(NUISANCES, 1.0), train=192, test=10)
    monkeypatch.setattr(depth, "load_shapes10", lambda **strengths: few)
    monkeypatch.setattr(depth, "TRAINING", 128)
    monkeypatch.setattr(depth, "VALIDATION", 64)
    monkeypatch.setattr(depth, "RECIPE", depth.RECIPE.replace(epochs=1))
    monkeypatch.setattr(depth, "NETS", ("plain20", "resnet20"))
    monkeypatch.setattr(depth, "SEEDS", range(2))


def test_a_study_goes_on_where_it_stopped(tiny, tmp_path, capsys):
    path = tmp_path / "depth.json"
    depth.main(path)
    whole = depth.results(path)
    assert [(run["net"], run["seed"]) for run in whole["runs"]] == [
        (name, seed) for seed in range(2) for name in ("plain20", "resnet20")
    ]
    path.write_text(json.dumps(whole | {"runs": whole["runs"][:1]}), "utf-8")
    capsys.readouterr()
    depth.main(path)
    assert capsys.readouterr().out.count("seed") == 3
    for key in depth.KEPT:
        for name, seeds in depth.curves_of(key, path).items():
            assert seeds.shape == (2, 1)
            first = [run[key] for run in whole["runs"] if run["net"] == name]
            np.testing.assert_array_equal(seeds, first)  # the same seed, the same numbers


def test_images_are_halved_and_split(tiny):
    learned, rest = depth.small_images()
    assert (len(learned), len(rest), learned.size) == (128, 64, (16, 16))
    assert rest.scale == learned.scale
    assert (learned.augmentation.flip, learned.augmentation.shift) == ("random", 1)
    image = np.arange(12, dtype=np.uint8).reshape(1, 3, 2, 2)
    assert depth.halved(image).ravel().tolist() == [2, 6, 10]  # 1.5, 5.5, 9.5


def test_what_is_committed_was_made_by_this_command():
    study = depth.results()
    assert study["command"] == "python -m lib.convnets.studies.depth"
    assert study["recipe"] == depth.RECIPE.as_dict()
    assert study["images"] == {"training": depth.TRAINING, "validation": depth.VALIDATION}
    assert study["machine"]
    assert {len(run["loss"]) for run in study["runs"]} == {round(depth.RECIPE.epochs)}
