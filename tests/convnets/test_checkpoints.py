"""A training that was stopped goes on bit for bit; a file that is damaged or foreign changes nothing."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from tiny import Images, net, numpy_net, real_images

from lib.convnets.checkpoint_files import read_checkpoint, save_atomically
from lib.convnets.checkpoints import Checkpoints
from lib.convnets.hooks import Hook
from lib.convnets.images import DeviceImages
from lib.convnets.learner import TorchLearner
from lib.convnets.loop import fit
from lib.convnets.net_weights import load_weights, save_weights, weights_of
from lib.convnets.numpy_learner import NumpyLearner
from lib.convnets.recipe import Recipe

DATA = Images(60)
RECIPES = {
    "sgd": Recipe(4.5, 20, 0.02, ema=0.9),
    "adamw": Recipe(4, 20, 0.01, "adamw", schedule="cosine"),
    "muon": Recipe(4, 20, 0.02, "muon", schedule="triangle", ema=0.8),
}


class Stop(Hook):
    """Presses Ctrl-C after a step."""

    def __init__(self, step):
        self.step = step

    def after_step(self, run):
        if run.step == self.step:
            raise KeyboardInterrupt


def learner_of(recipe, kind="torch", **options):
    if kind == "numpy":
        return NumpyLearner(numpy_net(net(dropout=0.2, **options).double()), recipe)
    return TorchLearner(net(dropout=0.2, **options), recipe)


def train(recipe, *hooks, learner=None, data=DATA, seed=5):
    """The history, and the weights at the end."""
    learner = learner or learner_of(recipe)
    history = fit(learner, data, recipe, validation=DATA, seed=seed, hooks=hooks)
    return history, learner.state_dict()["model"]


def assert_same(one, other):
    for name in one[0].columns:
        assert name == "seconds" or one[0].columns[name] == other[0].columns[name], name
    assert one[0].losses == other[0].losses
    assert one[0].tests == other[0].tests
    assert all(torch.equal(one[1][name], other[1][name]) for name in one[1])


def stopped(path, recipe=RECIPES["sgd"], step=8, **options):
    """A checkpoint of a training that was interrupted."""
    with pytest.raises(KeyboardInterrupt):
        train(recipe, Checkpoints(path, **options), Stop(step))
    return path


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """The bytes of a checkpoint after two epochs."""
    return stopped(tmp_path_factory.mktemp("good") / "a.pt").read_bytes()


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("step", [4, 9, 10, 12])
def test_a_training_that_goes_on_is_one_that_was_never_stopped(name, step, tmp_path, capsys):
    recipe, path = RECIPES[name], tmp_path / "training.pt"
    stopped(path, recipe, step)
    assert read_checkpoint(path)["step"] == (step - 1) // 3 * 3
    assert_same(train(recipe, Checkpoints(path, resume=True)), train(recipe))
    assert f"Continuing {path} after step {(step - 1) // 3 * 3} of" in capsys.readouterr().out


def test_augmented_images_go_on_as_they_would_have(tmp_path):
    recipe, path, data = RECIPES["sgd"], tmp_path / "training.pt", real_images()
    with pytest.raises(KeyboardInterrupt):
        train(recipe, Checkpoints(path), Stop(8), data=data)
    resumed = train(recipe, Checkpoints(path, resume=True), data=real_images())
    assert_same(resumed, train(recipe, data=data))
    scale = read_checkpoint(path)["scale"]
    assert scale == {"mean": list(data.scale.mean), "deviation": list(data.scale.deviation)}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"path": 3}, "Checkpoints: path: expected the path of a file, got 3"),
        ({"path": "a.pt", "resume": "yes"}, "resume: expected True or False, got 'yes'"),
        ({"path": "a.pt", "every": 0}, "every: expected a whole number of at least 1, got 0"),
    ],
)
def test_arguments_that_are_no_path_or_no_number_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Checkpoints(**arguments)


def test_the_learner_that_was_interrupted_goes_on_itself(tmp_path):
    recipe, path = RECIPES["sgd"], tmp_path / "training.pt"
    learner = learner_of(recipe)
    with pytest.raises(KeyboardInterrupt):
        train(recipe, Checkpoints(path), Stop(8), learner=learner)
    assert_same(train(recipe, Checkpoints(path, resume=True), learner=learner), train(recipe))


@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_a_numpy_training_goes_on_too(optimizer, tmp_path):
    recipe, path = RECIPES[optimizer].replace(ema=0), tmp_path / "training.pt"
    with pytest.raises(KeyboardInterrupt):
        train(recipe, Checkpoints(path), Stop(8), learner=learner_of(recipe, "numpy"))
    resumed = train(recipe, Checkpoints(path, resume=True), learner=learner_of(recipe, "numpy"))
    assert_same(resumed, train(recipe, learner=learner_of(recipe, "numpy")))


def test_a_finished_training_is_read_and_stays_as_it_is(tmp_path):
    recipe, path = RECIPES["sgd"], tmp_path / "training.pt"
    finished = train(recipe, Checkpoints(path))
    before = path.read_bytes()
    assert_same(train(recipe, Checkpoints(path, resume=True)), finished)
    assert path.read_bytes() == before


def test_looks_at_the_test_set_are_not_forgotten(tmp_path):
    test = Images(is_test=True)

    class Peek(Hook):
        def after_epoch(self, run):
            if run.epoch <= 2:
                run.history.score_test(run.learner, test)

    recipe, path = RECIPES["adamw"], tmp_path / "training.pt"
    with pytest.raises(KeyboardInterrupt):
        train(recipe, Checkpoints(path), Peek(), Stop(8))  # whatever the order of the hooks
    history, _ = train(recipe, Checkpoints(path, resume=True), Peek())
    assert [epoch for epoch, _ in history.tests] == [1, 2]


def test_every_so_many_epochs_and_the_last_are_written(tmp_path):
    written = []

    class Look(Hook):
        order = 2

        def after_epoch(self, run):
            written.append(read_checkpoint(path)["epoch"] if path.exists() else 0)

    path = tmp_path / "training.pt"
    train(RECIPES["sgd"].replace(epochs=5), Checkpoints(path, every=2), Look())
    assert written == [0, 2, 2, 4, 5]


def test_the_file_knows_the_net_the_classes_and_the_scale(tmp_path):
    class Scale:
        mean, deviation = (1.0, 2.0, 3.0), (4.0, 5.0, 6.0)

    data = Images(60)
    data.scale = Scale()
    about = {"net": {"name": "small", "num_classes": 3}, "notes": {"classes": ["cat", "dog", "ship"]}}
    train(RECIPES["adamw"], Checkpoints(tmp_path / "a.pt", **about), data=data)
    found = read_checkpoint(tmp_path / "a.pt")
    assert {name: found[name] for name in about} == about
    assert found["scale"] == {"mean": [1, 2, 3], "deviation": [4, 5, 6]}
    assert Recipe(**found["training"]["recipe"]) == RECIPES["adamw"]


@pytest.mark.parametrize("name", RECIPES)
def test_the_weights_of_a_file_classify_as_the_net_did_at_the_end(name, tmp_path):
    path, recipe = tmp_path / "a.pt", RECIPES[name]
    learner = learner_of(recipe)
    train(recipe, Checkpoints(path), learner=learner)
    model = net(seed=9)
    load_weights(path, model)
    torch.testing.assert_close(model.eval()(DATA.images), learner.scores(DATA.images), rtol=0, atol=1e-5)
    assert set(weights_of(read_checkpoint(path))) == set(model.state_dict())


def test_a_small_file_holds_what_it_takes_to_use_the_net(tmp_path):
    path, small, recipe = tmp_path / "a.pt", tmp_path / "folder" / "small.pt", RECIPES["muon"]
    history, weights = train(recipe, Checkpoints(path, notes={"classes": ["cat", "dog", "ship"]}))
    save_weights(path, small)
    assert small.stat().st_size < path.stat().st_size / 2
    model = net(seed=9)
    found = load_weights(small, model)
    assert found["notes"] == {"classes": ["cat", "dog", "ship"]}
    assert found["history"]["losses"] == history.losses
    for name, weight in model.state_dict().items():
        torch.testing.assert_close(weight, weights[name], rtol=2**-8, atol=0, msg=name)
    with pytest.raises(ValueError, match="expected a checkpoint of this training"):
        train(recipe, Checkpoints(small, resume=True))


# Nothing is lost.


def test_a_file_that_is_there_is_not_overwritten(good, tmp_path):
    path = tmp_path / "a.pt"
    path.write_bytes(good)
    with pytest.raises(
        FileExistsError, match="which exists; continue it with resume=True, or delete it first"
    ):
        train(RECIPES["sgd"], Checkpoints(path))
    assert path.read_bytes() == good


def test_a_disk_that_is_full_leaves_the_file_as_it_was(good, tmp_path, monkeypatch):
    path = tmp_path / "a.pt"
    path.write_bytes(good)

    def full(content, file):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(OSError, match="No space left"):
        save_atomically(path, {})
    assert path.read_bytes() == good
    assert [p.name for p in tmp_path.iterdir()] == ["a.pt"]


def test_weights_that_are_no_numbers_are_not_written(tmp_path):
    class Spoil(Hook):
        def after_step(self, run):
            if run.step == 6:
                run.learner.model[4].weight.data[0, 1, 1, 1] = float("nan")

    path = tmp_path / "a.pt"
    with pytest.raises(FloatingPointError, match=r"4.weight: expected finite numbers, .* after step 6 of 14"):
        train(RECIPES["sgd"], Spoil(), Checkpoints(path))
    assert read_checkpoint(path)["epoch"] == 1


def test_a_training_that_diverges_keeps_the_last_good_file(tmp_path):
    path, recipe = tmp_path / "a.pt", Recipe(6, 20, 1e12, schedule="cosine", warmup=0.9)
    with pytest.raises(FloatingPointError):
        train(recipe, Checkpoints(path))
    if path.exists():
        assert all(w.isfinite().all() for w in read_checkpoint(path)["learner"]["model"].values())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"recipe": RECIPES["sgd"].replace(learning_rate=0.03)},
            "learning_rate: expected 0.02, as in .*, got 0.03",
        ),
        ({"recipe": RECIPES["sgd"].replace(epochs=9)}, "epochs: expected 4.5, as in .*, got 9"),
        ({"seed": 6}, "seed: expected 5, as in"),
        ({"data": Images(61)}, "images: expected 60, as in"),
        ({"data": Images(60, seed=1)}, "checksum of the labels: expected"),
        ({"kind": "numpy", "recipe": RECIPES["sgd"].replace(ema=0)}, "ema: expected 0.9"),
    ],
)
def test_another_training_is_told_apart_and_nothing_changes(changes, message, good, tmp_path):
    path = tmp_path / "a.pt"
    path.write_bytes(good)
    recipe = changes.pop("recipe", RECIPES["sgd"])
    learner = learner_of(recipe, changes.pop("kind", "torch"))
    before = {name: tensor.clone() for name, tensor in learner.state_dict()["model"].items()}
    with pytest.raises(ValueError, match=message):
        train(recipe, Checkpoints(path, resume=True), learner=learner, **changes)
    assert all(torch.equal(tensor, before[name]) for name, tensor in learner.state_dict()["model"].items())
    assert path.read_bytes() == good


def test_another_number_of_classes_is_named(good, tmp_path):
    path = tmp_path / "a.pt"
    path.write_bytes(good)
    message = r"expected 8.weight of shape \(10, 96\), got \(3, 96\) in .*; it knows 3 classes: build_model"
    with pytest.raises(ValueError, match=message):
        load_weights(path, net(classes=10))
    with pytest.raises(ValueError, match=message):
        train(RECIPES["sgd"], Checkpoints(path, resume=True), learner=learner_of(RECIPES["sgd"], classes=10))


def test_another_net_is_named(good, tmp_path):
    path = tmp_path / "a.pt"
    path.write_bytes(good)
    with pytest.raises(ValueError, match=r"which lacks weight, bias and adds 0.weight, 1.weight"):
        load_weights(path, torch.nn.Linear(2, 2))


def test_no_file_is_said_as_such(tmp_path):
    with pytest.raises(
        FileNotFoundError, match=r"path: expected a checkpoint, got .*a.pt, and there is no such file"
    ):
        read_checkpoint(tmp_path / "a.pt")


def foreign(path):
    """Files that are none of ours, by name."""
    torch.save({"state_dict": {}, "epoch": 3}, path / "of another program.pt")
    torch.save(net(), path / "a whole net, pickled.pt")
    torch.save([1, 2], path / "a list.pt")
    torch.save({"format": "deep-vision-course convnet 1"}, path / "ours, and empty.pt")
    (path / "text.pt").write_text("Hello")
    (path / "empty.pt").write_bytes(b"")
    (path / "a folder.pt").mkdir()
    (path / "evil.pt").write_bytes(b"cos\nsystem\n(S'touch owned'\ntR.")


@pytest.mark.parametrize(
    "name",
    [
        "of another program", "a whole net, pickled", "a list", "ours, and empty", "text", "empty",
        "a folder", "evil",
    ],
)  # fmt: skip
def test_a_foreign_file_is_refused_and_stays(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    foreign(tmp_path)
    path = tmp_path / f"{name}.pt"
    before = path.is_file() and path.read_bytes()
    for use in (read_checkpoint, lambda path: train(RECIPES["sgd"], Checkpoints(path, resume=True))):
        with pytest.raises(ValueError, match=r"^path: expected a (whole )?checkpoint"):
            use(path)
    assert before == (path.is_file() and path.read_bytes())
    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize("share", [0.01, 0.3, 0.7, 0.99, 0.9999])
def test_a_truncated_file_is_refused(share, good, tmp_path):
    path = tmp_path / "a.pt"
    path.write_bytes(good[: int(share * len(good))])
    with pytest.raises(ValueError, match="path: expected a whole checkpoint of this course"):
        read_checkpoint(path)


@pytest.mark.parametrize("seed", range(30))
def test_a_byte_that_has_changed_is_noticed_or_without_effect(seed, good, tmp_path):
    path, rng = tmp_path / "a.pt", random.Random(seed)
    place = rng.randrange(len(good))
    path.write_bytes(good[:place] + bytes([good[place] ^ rng.randrange(1, 256)]) + good[place + 1 :])
    try:
        found = read_checkpoint(path)
    except ValueError:
        return
    (tmp_path / "good.pt").write_bytes(good)
    assert_equal(found, read_checkpoint(tmp_path / "good.pt"))


def assert_equal(one, other):
    """Of what a checkpoint holds."""
    if isinstance(one, torch.Tensor):
        assert torch.equal(one, other)
    elif isinstance(one, dict):
        assert one.keys() == other.keys()
        for name in one:
            assert_equal(one[name], other[name])
    elif isinstance(one, list):
        assert len(one) == len(other)
        for mine, yours in zip(one, other, strict=True):
            assert_equal(mine, yours)
    else:
        assert one == other


@pytest.mark.parametrize(
    ("entry", "value"),
    [
        ("history", {"columns": {}, "losses": [], "tests": []}),
        ("history", {"columns": 3, "losses": [], "tests": []}),
        ("history", {}),
        ("hooks", {"EMA": {"model": {}}}),
        ("hooks", {"EMA": [1]}),
        ("learner", {"model": {}}),
        ("learner", {}),
        ("training", {}),
    ],
)
def test_a_file_with_wrong_insides_changes_nothing(entry, value, good, tmp_path):
    path = tmp_path / "a.pt"
    path.write_bytes(good)
    save_atomically(path, read_checkpoint(path) | {entry: value})
    learner = learner_of(RECIPES["sgd"])
    before = {name: tensor.clone() for name, tensor in learner.model.state_dict().items()}
    with pytest.raises(ValueError, match="expected"):
        train(RECIPES["sgd"], Checkpoints(path, resume=True), learner=learner)
    assert all(torch.equal(tensor, before[name]) for name, tensor in learner.model.state_dict().items())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork, and no kill -9")
@pytest.mark.family(share=8)
@pytest.mark.parametrize("seed", range(4))
def test_a_training_survives_kill_9_at_random_moments(seed, tmp_path):
    here = Path(__file__).parent
    places = os.pathsep.join([str(here), str(here.parents[1])])
    run = subprocess.run(
        [sys.executable, here / "killed.py", tmp_path / "a.pt", "25", str(seed)],
        env=os.environ | {"PYTHONPATH": places, "OMP_NUM_THREADS": "1"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = json.loads(run.stdout.splitlines()[-1])
    assert found["killed"] == 25
    assert found["losses"]
    assert all(found["same"].values())
    assert len(set(found["epochs"])) > 3  # killed at different places, and it went on


def test_other_images_with_the_same_labels_are_told_apart(tmp_path):
    path, data = tmp_path / "a.pt", real_images()
    with pytest.raises(KeyboardInterrupt):
        train(RECIPES["sgd"], Checkpoints(path), Stop(8), data=data)
    before = path.read_bytes()
    other = DeviceImages(255 - data.images.numpy(), data.labels)
    with pytest.raises(ValueError, match=r"data: expected the images of .*, whose channels have mean"):
        train(RECIPES["sgd"], Checkpoints(path, resume=True), data=other)
    assert path.read_bytes() == before


def test_another_net_of_the_same_shapes_is_told_apart(tmp_path):
    path = stopped(tmp_path / "a.pt", net={"name": "plain20"})
    with pytest.raises(ValueError, match=r"name: expected 'plain20', as in .*, got 'resnet20'"):
        train(RECIPES["sgd"], Checkpoints(path, resume=True, net={"name": "resnet20"}))


@pytest.mark.parametrize("place", [{"step": -1}, {"step": 15}, {"epoch": -1}])
def test_a_place_outside_the_training_is_refused(place, good, tmp_path):
    path = tmp_path / "a.pt"
    path.write_bytes(good)
    torch.save(read_checkpoint(path) | place, path)
    with pytest.raises(ValueError, match="path: expected a step from 0 to 14, got step"):
        train(RECIPES["sgd"], Checkpoints(path, resume=True))


def test_an_average_that_does_not_fit_leaves_the_net_as_it_was(good, tmp_path):
    path = tmp_path / "a.pt"
    path.write_bytes(good)
    content = read_checkpoint(path)
    content["hooks"]["EMA"]["model"]["8.bias"] = torch.zeros(5)
    torch.save(content, path)
    learner = learner_of(RECIPES["sgd"])
    before = {name: tensor.clone() for name, tensor in learner.model.state_dict().items()}
    with pytest.raises(ValueError, match="expected a checkpoint of this training"):
        train(RECIPES["sgd"], Checkpoints(path, resume=True), learner=learner)
    assert all(torch.equal(tensor, before[name]) for name, tensor in learner.model.state_dict().items())


def test_two_trainings_do_not_write_into_one_file(tmp_path):
    path = tmp_path / "a.pt"

    class Second(Hook):
        def after_step(self, run):
            train(RECIPES["adamw"], Checkpoints(path, overwrite=True))

    with pytest.raises(FileExistsError, match="path: expected a file of one training, got") as refused:
        train(RECIPES["sgd"], Checkpoints(path), Second())
    assert "to which another one writes now" in str(refused.value)
    train(RECIPES["sgd"], Checkpoints(path))  # the first one has ended: it is free
    assert read_checkpoint(path)["epoch"] == 5


def test_a_file_that_cannot_be_written_is_known_before_the_first_step(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match=r"path: expected a file that can be written, got .*a\.pt"):
        train(RECIPES["sgd"], Checkpoints(tmp_path / "file" / "a.pt"), Stop(1))


def test_what_torch_makes_of_a_full_disk_is_said_in_words(good, tmp_path, monkeypatch):
    path = tmp_path / "a.pt"
    path.write_bytes(good)

    def full(content, file):
        try:
            raise OSError(28, "No space left on device")
        except OSError:
            raise RuntimeError("[enforce fail at inline_container.cc:672] . unexpected pos")  # noqa: B904

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(
        OSError, match=r"can be written, got .*a\.pt \(No space left on device\); .* make room"
    ):
        save_atomically(path, {})
    assert path.read_bytes() == good
    assert [p.name for p in tmp_path.iterdir()] == ["a.pt"]


def test_what_is_overwritten_stays_until_the_new_training_has_an_epoch(good, tmp_path):
    path = tmp_path / "a.pt"
    path.write_bytes(good)
    kept = Checkpoints(path, overwrite=True)
    with pytest.raises(KeyboardInterrupt):
        train(RECIPES["adamw"], kept, Stop(2))
    assert path.read_bytes() == good
    assert not kept.saved
    train(RECIPES["adamw"], kept)
    assert kept.saved
    assert read_checkpoint(path)["training"]["recipe"]["optimizer"] == "adamw"
