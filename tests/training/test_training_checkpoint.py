"""A training that was stopped goes on from its checkpoint bit for bit, and no other training does."""

import json
import tracemalloc
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from data_loaders.dataset import Split
from lib import nn
from lib.nn import npz
from lib.optim import SGD, Adam, RMSProp, schedules
from lib.training import RandomFlipAndShift, Trainer
from lib.training.checkpoint import check_entries

BATCHES = 4  # of an epoch
RATE = schedules.one_cycle(0.05, steps=4 * BATCHES)
OPTIMIZERS = {
    "SGD": lambda: SGD(RATE, momentum=0.9, nesterov=True, weight_decay=1e-3),
    "SGD without memory": lambda: SGD(0.05),
    "Adam": lambda: Adam(schedules.cosine(0.01, steps=16)),
    "RMSProp": lambda: RMSProp(0.002),
}


@pytest.fixture(scope="module")
def split():
    rng = np.random.default_rng(0)
    return Split(rng.integers(0, 256, (50, 3, 8, 8), np.uint8), rng.integers(0, 3, 50))


def convnet(hidden=5, p=0.3):
    return nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1), nn.MaxPool2d(2), nn.BatchNorm2d(4), nn.ReLU(),
        nn.Dropout2d(0.1, seed=3), nn.Residual(nn.Conv2d(4, 4, 3, padding=1), nn.PReLU()),
        nn.Flatten(), nn.Dropout(p, seed=np.random.Generator(np.random.MT19937(1))), nn.Linear(64, hidden),
        nn.ReLU(), nn.Linear(hidden, 3),
    )  # fmt: skip


def trainer_of(model=None, **arguments):
    usual = {"optimizer": OPTIMIZERS["SGD"](), "batch_size": 13, "augment": RandomFlipAndShift(1), "seed": 7}
    return Trainer(model or convnet(), **usual | arguments)


def train(trainer, split, epochs=4, **arguments):
    return trainer.train(split, epochs, validation=split, progress=False, **arguments)


def everything(trainer):
    """All that a training is made of, as one dictionary of copies; seconds aside."""
    found = {name: array.copy() for name, array in trainer.model.state().items()}
    for i, memory in enumerate(trainer.optimizer.state):
        found |= {f"optimizer {i} {name}": array.copy() for name, array in memory.items()}
    found |= {name: list(values) for name, values in trainer.history.items() if name != "seconds"}
    generators = {"trainer": trainer.rng}
    generators |= {f"layer {i}": m.rng for i, m in enumerate(trainer.model.walk()) if hasattr(m, "rng")}
    found |= {name: repr(rng.bit_generator.state) for name, rng in generators.items()}
    return found | {"steps": trainer.optimizer.steps}


def assert_same(one, other):
    assert one.keys() == other.keys()
    for name in one:
        assert_array_equal(one[name], other[name], err_msg=name)


@pytest.fixture(scope="module")
def straight(split):
    """Four epochs in one go: `everything` at their end, for each optimiser."""
    found = {}
    for name, optimizer in OPTIMIZERS.items():
        trainer = trainer_of(optimizer=optimizer())
        train(trainer, split)
        found[name] = everything(trainer)
    return found


@pytest.mark.family(share=3)
@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("done", [1, 2, 3])
def test_stopped_between_epochs_and_resumed_is_never_stopped(name, done, split, straight, tmp_path):
    path = tmp_path / "training.npz"
    train(trainer_of(optimizer=OPTIMIZERS[name]()), split, done, checkpoint=path)
    resumed = trainer_of(optimizer=OPTIMIZERS[name]())
    train(resumed, split, checkpoint=path, resume=True)
    assert_same(everything(resumed), straight[name])


class CtrlC:
    """The usual augmentation, until someone presses Ctrl-C in that batch."""

    def __init__(self, batch):
        self.augment, self.left = RandomFlipAndShift(1), batch

    def __call__(self, images, rng):
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt
        return self.augment(images, rng)

    def __repr__(self):
        return repr(self.augment)  # a checkpoint takes it for the usual one


def interrupted(split, path, batch):
    """A trainer that was stopped within its batch of that number, counted over the epochs."""
    trainer = trainer_of(augment=CtrlC(batch))
    with pytest.raises(KeyboardInterrupt):
        train(trainer, split, checkpoint=path)
    return trainer


@pytest.mark.parametrize("batch", [1, 3, 5, 9, 14, 16])
def test_interrupted_within_an_epoch_goes_back_to_its_start(batch, split, straight, tmp_path):
    path = tmp_path / "training.npz"
    stopped = interrupted(split, path, batch)
    assert path.exists() == (batch > BATCHES)
    assert stopped.history["loss"] == straight["SGD"]["loss"][: (batch - 1) // BATCHES]
    fresh = trainer_of()
    train(fresh, split, checkpoint=path, resume=True)
    assert_same(everything(fresh), straight["SGD"])


def test_a_trainer_that_was_interrupted_goes_on_itself(split, straight, tmp_path):
    path = tmp_path / "training.npz"
    stopped = interrupted(split, path, 7)
    train(stopped, split, checkpoint=path, resume=True)
    assert_same(everything(stopped), straight["SGD"])


def test_a_finished_training_is_loaded_and_stays(split, straight, tmp_path, capsys):
    path = tmp_path / "training.npz"
    train(trainer_of(), split, checkpoint=path)
    before = path.read_bytes()
    loaded = trainer_of()
    train(loaded, split, checkpoint=path, resume=True)
    assert_same(everything(loaded), straight["SGD"])
    assert path.read_bytes() == before
    assert f"Continuing {path} after epoch 4 of 4" in capsys.readouterr().out
    assert_array_equal(loaded.predict(split.images).shape, (50,))


def test_a_checkpoint_is_not_overwritten_by_another_training(split, tmp_path):
    path = tmp_path / "training.npz"
    train(trainer_of(), split, 1, checkpoint=path)
    before = path.read_bytes()
    with pytest.raises(FileExistsError, match="continue it with resume=True, or delete it first"):
        train(trainer_of(), split, 1, checkpoint=path)
    assert path.read_bytes() == before


def test_while_a_checkpoint_is_written_the_last_one_stays_whole(split, straight, tmp_path, monkeypatch):
    path, savez = tmp_path / "training.npz", np.savez
    train(trainer_of(), split, 2, checkpoint=path)

    def full_disk(file, **arrays):
        file.write(b"half a file")
        raise OSError("No space left on device")

    monkeypatch.setattr(npz.np, "savez", full_disk)
    with pytest.raises(OSError, match="No space left"):
        train(trainer_of(), split, checkpoint=path, resume=True)
    monkeypatch.setattr(npz.np, "savez", savez)
    assert [file.name for file in tmp_path.iterdir()] == ["training.npz"]
    resumed = trainer_of()
    train(resumed, split, checkpoint=path, resume=True)
    assert_same(everything(resumed), straight["SGD"])


def other_labels(split):
    return Split(split.images, (split.labels + 1) % 3)


OTHERS = {
    "another model": (lambda: trainer_of(convnet(hidden=6)), None),
    "another model:.*Dropout": (lambda: trainer_of(convnet(p=0.4)), None),
    "another criterion": (lambda: trainer_of(criterion=nn.MultiMarginLoss()), None),
    "another optimizer": (lambda: trainer_of(optimizer=Adam(RATE)), None),
    "another optimizer:.*0.8": (lambda: trainer_of(optimizer=SGD(RATE, momentum=0.8)), None),
    "another learning rate of the next step": (
        lambda: trainer_of(
            optimizer=SGD(schedules.constant(0.05), momentum=0.9, nesterov=True, weight_decay=1e-3)
        ),
        None,
    ),
    "another batch_size": (lambda: trainer_of(batch_size=14), None),
    "another augment": (lambda: trainer_of(augment=None), None),
    "another seed": (lambda: trainer_of(seed=8), None),
    "another data": (trainer_of, other_labels),
    "another data:.*pixels": (trainer_of, lambda split: Split(split.images // 2, split.labels)),
    "another random generators": (
        lambda: trainer_of(nn.Sequential(*convnet()[:7], nn.Dropout(0.3), *convnet()[8:])),
        None,
    ),
    r"model.0.bias in .*: expected float64 \(4,\), got float32 \(4,\)": (
        lambda: trainer_of(convnet().double()),
        None,
    ),
}


@pytest.mark.family(share=3)
@pytest.mark.parametrize("message", OTHERS)
def test_the_checkpoint_of_another_training_is_refused_and_nothing_changes(message, split, tmp_path):
    path = tmp_path / "training.npz"
    train(trainer_of(), split, 2, checkpoint=path)
    make, change = OTHERS[message]
    other, data = make(), change(split) if change else split
    before, on_disk = everything(other), path.read_bytes()
    with pytest.raises(ValueError, match=f"(?s){message}"):
        train(other, data, checkpoint=path, resume=True)
    assert_same(everything(other), before)
    assert path.read_bytes() == on_disk


@pytest.fixture(scope="module")
def after_one_epoch(split, tmp_path_factory):
    """A checkpoint as bytes, a path to damage it at, and all that it stands for."""
    path, trainer = tmp_path_factory.mktemp("damaged") / "training.npz", trainer_of()
    train(trainer, split, 1, checkpoint=path)
    return path.read_bytes(), path, everything(trainer)


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_a_damaged_checkpoint_is_refused_or_whole_after_all(data, split, after_one_epoch):
    whole, path, then = after_one_epoch
    start = data.draw(st.integers(0, len(whole) - 1), label="start")
    end = data.draw(st.sampled_from([start + 1, start + 100, len(whole)]), label="end")
    path.write_bytes(whole[:start] + data.draw(st.binary(max_size=4), label="instead") + whole[end:])
    trainer = trainer_of()
    before = everything(trainer)
    with suppress(ValueError):
        train(trainer, split, 1, checkpoint=path, resume=True)
    assert_same(everything(trainer), then if trainer.history["loss"] else before)


def test_another_kind_of_file_is_refused(split, tmp_path):
    path = tmp_path / "weights.npz"
    convnet().save(path)
    with pytest.raises(
        ValueError, match=r"expected one of this training in .*weights\.npz, got .*; notes: expected"
    ):
        train(trainer_of(), split, checkpoint=path, resume=True)
    np.savez(path, notes=np.frombuffer(b"[1, 2]", np.uint8))
    with pytest.raises(
        ValueError, match=r"expected one of this training in .*weights\.npz, got .*; notes: expected"
    ):
        train(trainer_of(), split, checkpoint=path, resume=True)


def without(dictionary, name):
    return {key: value for key, value in dictionary.items() if key != name}


def in_history(**values):
    return lambda notes, arrays: notes["history"].update(values)


def in_notes(**values):
    return lambda notes, arrays: notes.update(values)


def in_random(name, **values):
    return lambda notes, arrays: notes["random"][name].update(values)


def in_arrays(change, name="model.0.weight"):
    return lambda notes, arrays: arrays.update({name: change(arrays[name])})


DAMAGE = {  # what is changed in a checkpoint that is whole: how, and what the error says
    "history is a list": (in_notes(history=[1, 2]), "history: expected names with values, got"),
    "history is None": (in_notes(history=None), "history: expected names with values, got None"),
    "history with another key": (
        in_history(accuracy=[0.5]),
        "history: expected 'loss', .*got 'accuracy' too",
    ),
    "history lacks a key": (
        lambda notes, arrays: notes["history"].pop("seconds"),
        "history: expected 'seconds', got nothing",
    ),
    "losses are no list": (in_history(loss=0.5), r"history\['loss'\]: expected a list of numbers, got 0.5"),
    "a loss is a word": (in_history(loss=["low"]), r"history\['loss'\]\[0\]: expected a number, got 'low'"),
    "a loss is nan": (in_history(loss=[float("nan")]), r"history\['loss'\]\[0\]: expected a finite number"),
    "a loss is true": (in_history(loss=[True]), r"history\['loss'\]\[0\]: expected a number, got True"),
    "a loss too many": (in_history(loss=[1.0, 0.5]), r"history\['train_accuracy'\]: expected 2 numbers"),
    "a validation too many": (
        in_history(validation_accuracy=[0.5, 0.5]),
        r"history\['validation_accuracy'\]: expected 1 numbers",
    ),
    "steps is a word": (in_notes(steps="x"), "steps: expected a whole number from 0 to .*got 'x'"),
    "steps is negative": (in_notes(steps=-5), "steps: expected a whole number from 0 to .*got -5"),
    "steps is a fraction": (in_notes(steps=2.5), "steps: expected a whole number from 0 to .*got 2.5"),
    "steps is true": (in_notes(steps=True), "steps: expected a whole number from 0 to .*got True"),
    "steps is enormous": (in_notes(steps=10**30), "steps: expected a whole number from 0 to"),
    "another note": (in_notes(code="import os"), "notes: expected 'settings', .*got 'code' too"),
    "no steps": (lambda notes, arrays: notes.pop("steps"), "notes: expected 'steps', got nothing"),
    "settings are a list": (in_notes(settings=[]), "settings: expected names with values, got"),
    "another setting": (
        lambda notes, arrays: notes["settings"].update(device="gpu"),
        "settings: expected .*got 'device' too",
    ),
    "random is a list": (in_notes(random=[]), "random: expected names with values"),
    "random lacks a layer": (
        lambda notes, arrays: notes.update(random=without(notes["random"], "trainer")),
        "random: expected 'trainer', got nothing",
    ),
    "another generator": (
        in_random("trainer", bit_generator="MT19937"),
        r"random\['trainer'\]: expected a st",
    ),
    "a state of words": (
        in_random("trainer", state={"state": "a", "inc": 1}),
        r"random\['trainer'\]: expected",
    ),
    "a state beyond its bits": (
        in_random("trainer", state={"state": 2**200, "inc": 1}),
        r"random\['trainer'\]: expected a state",
    ),
    "a negative state": (
        in_random("trainer", state={"state": -1, "inc": 1}),
        r"random\['trainer'\]: expected",
    ),
    "a state with more": (in_random("trainer", more=1), r"random\['trainer'\]: expected a state of PCG64"),
    "no state": (
        lambda notes, arrays: notes["random"].update(trainer=None),
        r"random\['trainer'\]: expected",
    ),
    "weights are nan": (
        in_arrays(lambda w: w * np.nan),
        r"model.0.weight in .*: expected finite .*got nan at",
    ),
    "one weight is infinite": (
        in_arrays(lambda w: np.where(np.arange(w.size).reshape(w.shape) == 3, np.inf, w).astype(w.dtype)),
        r"model.0.weight in .*: expected finite numbers, got inf at \[0, 0, 1, 0\]",
    ),
    "weights of another shape": (
        in_arrays(lambda w: w[1:]),
        r"model.0.weight in .*: expected .*got float32 \(3, 3, 3, 3\)",
    ),
    "weights of another type": (
        in_arrays(np.float64),
        r"model.0.weight in .*: expected .*got float64 \(4, 3, 3, 3\)",
    ),
    "weights are missing": (
        lambda notes, arrays: arrays.pop("model.0.weight"),
        "model.0.weight in .*: expected float32 .*got nothing",
    ),
    "an array too many": (
        lambda notes, arrays: arrays.update(extra=np.ones(2)),
        "extra in .*: expected nothing, got float64",
    ),
    "momentum is nan": (
        in_arrays(lambda m: m + np.float32(np.nan), "optimizer.0.m"),
        r"optimizer.0.m in .*: expected finite",
    ),
    "notes are numbers": (
        lambda notes, arrays: arrays.update(notes=np.ones(3)),
        "notes: expected text as bytes",
    ),
    "notes are no JSON": (
        lambda notes, arrays: arrays.update(notes=np.frombuffer(b"{", np.uint8)),
        "notes: expected JSON",
    ),
    "notes are nested deeply": (
        lambda notes, arrays: arrays.update(notes=np.frombuffer(b"[" * 10**5, np.uint8)),
        "notes: expected JSON",
    ),
}


@pytest.mark.family(share=3)
@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("trained", [False, True], ids=["fresh", "trained"])
def test_a_hostile_checkpoint_is_refused_and_nothing_has_changed(damage, trained, split, after_one_epoch):
    whole, path, _ = after_one_epoch
    path.write_bytes(whole)
    with np.load(path) as file:
        arrays = dict(file)
    notes = json.loads(arrays.pop("notes").tobytes())
    change, message = DAMAGE[damage]
    change(notes, arrays)
    arrays.setdefault("notes", np.frombuffer(json.dumps(notes).encode(), np.uint8))
    np.savez(path, **arrays)

    trainer = trainer_of()
    if trained:
        train(trainer, split, 1)
    before, scale = everything(trainer), trainer.scale
    seconds = list(trainer.history["seconds"])
    with pytest.raises(ValueError, match=f"(?s)^checkpoint: .*{message}"):
        train(trainer, split, checkpoint=path, resume=True)
    assert_same(everything(trainer), before)
    assert (trainer.scale, trainer.history["seconds"]) == (scale, seconds)


@pytest.mark.parametrize("length", [0, 1, 100, 5_000, -1, -30])
def test_a_truncated_checkpoint_is_refused_and_nothing_has_changed(length, split, after_one_epoch):
    whole, path, _ = after_one_epoch
    path.write_bytes(whole[:length])
    trainer = trainer_of()
    before = everything(trainer)
    with pytest.raises(ValueError, match=r"training\.npz"):
        train(trainer, split, checkpoint=path, resume=True)
    assert_same(everything(trainer), before)
    assert trainer.scale is None


def test_a_checkpoint_that_unpacks_to_far_more_is_refused_before_it_does(split, after_one_epoch):
    whole, path, _ = after_one_epoch
    path.write_bytes(whole)
    with np.load(path) as found:
        arrays = dict(found)
    arrays["model.0.weight"] = np.zeros(60 << 20, np.uint8)  # 60 MB, which take 60 KB in the file
    np.savez_compressed(path, **arrays)
    trainer = trainer_of()
    before = everything(trainer)
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=r"checkpoint: expected at most .* bytes"):
            train(trainer, split, checkpoint=path, resume=True)
        assert tracemalloc.get_traced_memory()[1] < 20 << 20
    finally:
        tracemalloc.stop()
    assert_same(everything(trainer), before)


def test_checkpoints_hold_no_pickle(split, tmp_path):
    path = tmp_path / "training.npz"
    train(trainer_of(), split, 1, checkpoint=path)
    with np.load(path, allow_pickle=False) as file:
        assert all(file[name].dtype.kind in "uif" for name in file.files)


@pytest.mark.parametrize("optimizer", [Adam, RMSProp])
def test_a_negative_mean_of_squares_is_refused(optimizer):
    remembered = optimizer().start(np.ones(3, np.float32))
    here = {f"optimizer.0.{name}": array for name, array in remembered.items()}
    found = {name: array.copy() for name, array in here.items()}
    if "optimizer.0.m" in found:
        found["optimizer.0.m"][1] = -1  # a mean of gradients may be negative
    check_entries("file", found, here)
    found["optimizer.0.v"][1] = -1
    with pytest.raises(ValueError, match=r"optimizer.0.v in file: expected .* at least 0, got -1.0 at"):
        check_entries("file", found, here)
