"""The loop trains as torch does, says what went wrong, and shows how far it is."""

import re

import numpy as np
import pytest
import torch
from IPython.core.interactiveshell import InteractiveShell
from numpy.testing import assert_allclose, assert_array_equal

from data_loaders.dataset import Dataset, Split
from lib import nn
from lib.optim import SGD, schedules
from lib.training import PixelScale, RandomFlipAndShift, Trainer
from lib.training.live import LiveCurves


@pytest.fixture
def split():
    """90 noisy images of 3 × 8 × 8 bytes: class 0 is bright on the left, 1 on the right, 2 nowhere."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 90)
    images = rng.integers(0, 100, (90, 3, 8, 8))
    images[labels == 0, :, :, :4] += 120
    images[labels == 1, :, :, 4:] += 120
    return Split(images.astype(np.uint8), labels)


def convnet(seed=0):
    return nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1), nn.MaxPool2d(2), nn.ReLU(),
        nn.Flatten(), nn.Linear(64, 3),
    ).reset(seed)  # fmt: skip


def trainer_of(model=None, **arguments):
    model = convnet() if model is None else model
    return Trainer(model, **{"optimizer": SGD(0.05, momentum=0.9), "batch_size": 16} | arguments)


def test_training_ends_where_torch_ends(split):
    """Same start, same order, same batches: every parameter, in float64, and the history."""
    ours, theirs = convnet().double(), torch.nn.Sequential(
        torch.nn.Conv2d(3, 4, 3, padding=1), torch.nn.MaxPool2d(2), torch.nn.ReLU(),
        torch.nn.Flatten(), torch.nn.Linear(64, 3),
    ).double()  # fmt: skip
    theirs.load_state_dict({name: torch.tensor(array) for name, array in ours.state().items()})
    trainer = trainer_of(ours, seed=5)
    history = trainer.train(split, 3, progress=False)

    optimizer = torch.optim.SGD(theirs.parameters(), lr=0.05, momentum=0.9)
    mean, deviation = split.images.mean((0, 2, 3)), split.images.std((0, 2, 3))
    X = torch.tensor((split.images - mean[:, None, None]) / deviation[:, None, None])
    y, rng, losses, hits = torch.tensor(split.labels), np.random.default_rng(5), [], []
    for _ in range(3):
        losses.append(0)
        hits.append(0)
        for rows in np.array_split(rng.permutation(90), 6):
            scores = theirs(X[rows])
            loss = torch.nn.functional.cross_entropy(scores, y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses[-1] += loss.item() * len(rows) / 90
            hits[-1] += (scores.argmax(1) == y[rows]).sum().item() / 90
    assert_allclose(history["loss"], losses, rtol=1e-8)
    assert_allclose(history["train_accuracy"], hits, rtol=1e-8)
    for name, parameter in theirs.state_dict().items():
        assert_allclose(ours.state()[name], parameter, rtol=1e-7, atol=1e-9)
    assert_array_equal(trainer.predict(split.images), theirs(X).argmax(1))


def test_the_network_learns_and_validation_images_are_only_measured(split):
    training, validation = split[:60], split[60:]
    measured = trainer_of()
    history = measured.train(training, 8, validation=validation, progress=False)
    alone = trainer_of()
    alone.train(training, 8, progress=False)

    assert history["validation_accuracy"][-1] == measured.accuracy(validation) > 0.9
    assert history["loss"][-1] < history["loss"][0] / 2
    assert alone.history["validation_accuracy"] == []
    for name, array in alone.model.state().items():
        assert_array_equal(array, measured.model.state()[name])


def test_the_learning_rate_of_an_epoch_is_that_of_its_last_step(split):
    rate = schedules.one_cycle(0.1, steps=12)
    history = trainer_of(optimizer=SGD(rate, momentum=0.9)).train(split, 2, progress=False)
    assert history["learning_rate"] == [rate(5), rate(11)]


class Watching(nn.CrossEntropyLoss):
    """Notes the labels of every batch."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def update_output(self, x, target):
        self.seen.append(target)
        return super().update_output(x, target)


@pytest.mark.parametrize(("count", "batch_size"), [(90, 16), (90, 90), (90, 1), (7, 100), (90, 89)])
def test_an_epoch_sees_every_example_once_in_batches_of_nearly_one_size(count, batch_size):
    X, y = np.arange(count, dtype=np.float32)[:, None], np.arange(count)
    criterion = Watching()
    model = nn.Linear(1, count)
    Trainer(model, optimizer=SGD(1e-9), criterion=criterion, batch_size=batch_size).train(
        (X, y), 2, progress=False
    )
    sizes = [len(labels) for labels in criterion.seen]
    order = np.concatenate(criterion.seen)
    assert max(sizes) <= batch_size
    assert max(sizes) - min(sizes) <= 1
    assert len(sizes) == 2 * -(-count // batch_size)
    assert_array_equal(np.sort(order[:count]), y)
    assert_array_equal(np.sort(order[count:]), y)
    assert not np.array_equal(order[:count], order[count:])


def test_one_seed_one_training_and_another_seed_another(split):
    runs = [
        trainer_of(augment=RandomFlipAndShift(1), seed=seed).train(split, 2, progress=False)["loss"]
        for seed in (3, 3, 4)
    ]
    assert runs[0] == runs[1] != runs[2]


def test_augmentation_changes_images_in_training_only(split):
    def black(images, rng):
        return np.zeros_like(images)

    trainer = trainer_of(augment=black)
    trainer.train(split, 1, progress=False)
    scores = trainer.scores(split.images)
    assert np.ptp(scores, axis=0).min() > 0  # images still differ where none is black
    assert_array_equal(scores, trainer.model.forward(PixelScale.of(split.images)(split.images)))


def test_dropout_and_batch_normalisation_are_switched_over(split):
    class Modes(nn.Identity):
        seen: list

        def update_output(self, x):
            self.seen.append(self.training)
            return super().update_output(x)

    modes = Modes()
    modes.seen = []
    trainer = trainer_of(nn.Sequential(modes, nn.Flatten(), nn.Linear(192, 3)), batch_size=90)
    trainer.train(split, 2, validation=split, progress=False)
    assert modes.seen == [True, False, True, False]
    assert not trainer.model.training


def test_the_gradient_in_the_images_is_not_computed(split):
    trainer = trainer_of()
    trainer.train(split, 1, progress=False)
    assert trainer.model[0].grad_input is None
    assert trainer.model[1].grad_input is not None


def test_epochs_count_those_before(split):
    at_once, by_turns = trainer_of(), trainer_of()
    at_once.train(split, 3, progress=False)
    by_turns.train(split, 2, progress=False)
    by_turns.train(split, 3, progress=False)
    by_turns.train(split, 3, progress=False)
    assert by_turns.history["loss"] == at_once.history["loss"]


def test_after_each_epoch_the_trainer_is_handed_over(split):
    seen = []
    trainer = trainer_of()
    trainer.train(split, 3, progress=False, after_epoch=lambda t: seen.append((t, t.history["loss"][-1])))
    assert seen == [(trainer, loss) for loss in trainer.history["loss"]]


def test_floats_go_in_as_they_are():
    X = np.random.default_rng(0).standard_normal((40, 5))
    y = (X[:, 0] > 0).astype(np.int32)
    trainer = trainer_of(nn.Linear(5, 2), optimizer=SGD(1.0))
    trainer.train((X, y), 20, progress=False)
    assert trainer.scale is None
    assert_array_equal(trainer.scores(X), trainer.model.forward(X.astype(np.float32)))
    assert trainer.accuracy((X, y)) > 0.9


def test_data_may_be_read_only_and_stay_as_they_are(split):
    before = split.images.copy()
    split.images.flags.writeable = split.labels.flags.writeable = False
    trainer_of(augment=RandomFlipAndShift()).train(split, 1, validation=split, progress=False)
    assert_array_equal(split.images, before)


@pytest.mark.filterwarnings("error")
def test_divergence_says_where_and_what_to_do(split):
    trainer = trainer_of(optimizer=SGD(1e25))
    with pytest.raises(FloatingPointError, match=r"loss: expected .*, got \w+ in epoch 1, .* 1e\+25; lower"):
        trainer.train(split, 5, progress=False)
    assert not trainer.model.training


NAN = np.array([[np.nan, 1.0], *[[0.0, 2.0]] * 3])
ONE = Split(np.zeros((1, 1, 2, 2), np.uint8), np.zeros(1, int))
DATASET = Dataset("nothing", ONE, ONE, ("a",))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (7, r"data: expected a Split or a pair \(X, y\), got 7"),
        ((np.zeros((4, 2)),), r"data: expected a Split or a pair"),
        (DATASET, "data: expected a Split or a pair .*got a whole Dataset; give data.train"),
        (([[1.0]], [0]), r"X: expected an array of examples, got \[\[1.0\]\]; convert with np.asarray"),
        ((np.zeros((4, 12), np.uint8), np.zeros(4, int)), r"X: expected images .*got uint8 \(4, 12\)"),
        (
            (np.zeros((3, 8, 8), np.uint8), np.zeros(1, int)),
            r"X: expected images .*; one example is X\[None\]",
        ),
        ((np.zeros(3), np.zeros(1, int)), r"X: expected .*got float64 \(3,\); one example is X\[None\]"),
        ((np.zeros((4, 2), int), np.zeros(4, int)), r"X: expected images .*got int64 \(4, 2\)"),
        ((np.zeros((0, 2)), np.zeros(0, int)), "X: expected at least one example"),
        ((NAN, np.zeros(4, int)), r"X: expected finite numbers, got nan at \[0, 0\]$"),
        ((NAN[:, ::-1], np.zeros(4, int)), r"X: expected finite numbers, got nan at \[0, 1\]$"),
        ((np.full((9, 1, 2, 2), np.inf), np.zeros(9, int)), r"X: expected .*got inf at \[0, 0, 0, 0\]"),
        ((np.zeros((4, 2)), np.zeros(3, int)), r"y: expected shape \(4,\)"),
        ((np.zeros((4, 2)), np.zeros(4)), "y: expected integers"),
        ((np.zeros((4, 2)), np.array([0, 1, np.nan, 1])), r"y: expected finite numbers, got nan at \[2\]"),
        ((np.zeros((4, 2)), np.eye(4)[:, :2]), r"y: expected shape .*y.argmax\(axis=1\)"),
    ],
)
def test_wrong_data_are_refused(data, message):
    trainer = trainer_of(nn.Linear(2, 2))
    with pytest.raises(ValueError, match="^" + message):
        trainer.train(data, 1, progress=False)
    there = (
        message.replace("data: ", "validation: ", 1)
        if message.startswith("data")
        else f"validation {message}"
    )
    with pytest.raises(ValueError, match="^" + there):
        trainer.train((np.zeros((4, 2)), np.zeros(4, int)), 1, validation=data, progress=False)
    assert trainer.history["loss"] == []


def test_wrong_arguments_are_refused(split):
    for value in (0, -1, "8", 2.0, True, None, np.nan):
        with pytest.raises(ValueError, match=r"^batch_size: expected a whole number of at least 1, got"):
            trainer_of(batch_size=value)
        with pytest.raises(ValueError, match=r"^epochs: expected a whole number of at least 1, got"):
            trainer_of().train(split, value)
    for name, value, message in (
        ("optimizer", SGD, r"expected one such as SGD\(0.01\), got the class SGD; make one: SGD\(…\)"),
        ("optimizer", 0.1, r"expected one such as SGD\(0.01\), got 0.1"),
        ("criterion", nn.CrossEntropyLoss, "expected one such as .*make one: CrossEntropyLoss"),
        ("criterion", "hinge", "expected one such as .*got 'hinge'"),
        ("augment", RandomFlipAndShift, "expected what changes images, .*got the class RandomFlip"),
        ("augment", True, "expected what changes images, .*got True"),
        ("seed", "0", "expected a whole number"),
        ("model", nn.Linear, "expected one such as .*make one: Linear"),
        ("model", [nn.Linear(2, 2)], "expected one such as "),
    ):
        arguments = {"model": nn.Linear(2, 2), "optimizer": SGD(0.1), name: value}
        with pytest.raises(ValueError, match=rf"^{name}: {message}"):
            Trainer(arguments.pop("model"), **arguments)
    for name, value in (
        ("progress", 1),
        ("live", "yes"),
        ("resume", None),
        ("after_epoch", 3),
        ("checkpoint", 7),
    ):
        with pytest.raises(ValueError, match=rf"^{name}: expected "):
            trainer_of().train(split, 1, **{name: value})
    with pytest.raises(ValueError, match="X: expected floats, as this trainer has no scale yet, got bytes"):
        trainer_of().predict(split.images)
    with pytest.raises(ValueError, match=r"X: expected images as uint8 .*, or floats .*, got int64"):
        trainer_of().predict(split.images.astype(int))
    with pytest.raises(ValueError, match=r"X: expected finite numbers, got nan at \[0, 0, 0, 0\]"):
        trainer_of().predict(split.images * np.float32(np.nan))
    assert trainer_of(batch_size=np.int64(8), seed=np.uint8(3)).train(split, np.int8(1), progress=False)


@pytest.mark.parametrize("images", [None, "a", np.zeros((2, 3, 4, 4)), np.zeros((3, 4, 4), np.uint8), []])
def test_a_scale_of_no_images_is_refused(images):
    with pytest.raises(ValueError, match=r"^images: expected uint8 \(N, C, H, W\), at least one, got "):
        PixelScale.of(images)


def test_the_bar_tells_epochs_loss_and_accuracies(split, capsys):
    trainer_of().train(split, 2, validation=split)
    shown = capsys.readouterr().err
    assert "12/12" in shown
    assert "batch/s" in shown
    assert "validation accuracy=" in shown
    trainer_of().train(split, 1, progress=False)
    assert capsys.readouterr().err == ""


@pytest.fixture
def messages():
    """What the test displays, as in a notebook's kernel: pairs of data and whether they replace."""
    shell, sent = InteractiveShell.instance(), []
    shell.display_pub.publish = lambda data, metadata=None, **k: sent.append((data, k.get("update", False)))
    yield sent
    InteractiveShell.clear_instance()


def test_the_live_curves_are_one_picture_that_is_replaced(split, messages):
    trainer_of().train(split, 2, validation=split, progress=False, live=True)
    assert [replaces for _, replaces in messages] == [False, True, True]
    assert len({data["image/png"] for data, _ in messages}) == 3
    assert "first epoch is not over" in messages[0][0]["text/plain"]
    assert re.search(r"Epochs finished: 2.*in training and \d+% in validation", messages[-1][0]["text/plain"])


def test_the_live_curves_follow_the_epoch_under_way(messages):
    history = {"loss": [2.0, 1.5], "train_accuracy": [0.2, 0.3], "validation_accuracy": [0.1, 0.25]}
    curves = LiveCurves(history, 4, seconds=0)
    curves.step(0.5, 1.2, 0.4)
    drawn = {name: line.get_xydata().tolist() for name, line in curves.lines.items()}
    assert_allclose(drawn["loss"], [[1, 2.0], [2, 1.5], [2.5, 1.2]])
    assert_allclose(drawn["train_accuracy"], [[1, 20], [2, 30], [2.5, 40]])
    assert_allclose(drawn["validation_accuracy"], [[1, 10], [2, 25]])
    assert len(messages) == 2


def test_the_last_epoch_is_not_cut_off_at_the_edge(messages):
    curves = LiveCurves({"loss": [1.0], "train_accuracy": [0.5], "validation_accuracy": [0.5]}, 1)
    assert not any(line.get_clip_on() for line in curves.lines.values())


def test_in_a_script_live_curves_print_nothing(split, capsys):
    trainer_of().train(split, 1, progress=False, live=True)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda trainer, X, y: trainer.train(X, y), r"data: .*; give \(X, y\) as one pair: \(\(X, y\), …\)$"),
        (
            lambda trainer, X, y: trainer.train(X, y, epochs=5),
            r"; write train\(\(X, y\), epochs=10\)$",
        ),
        (
            lambda trainer, X, y: trainer.train(X, y, 5),
            r"; write train\(\(X, y\), epochs=10\)$",
        ),
        (
            lambda trainer, X, y: trainer.train((X, y)),
            r"; write train\(\(X, y\), epochs=10\)$",
        ),
        (
            lambda trainer, X, y: Trainer(trainer.model),
            r"; write Trainer\(model, optimizer=SGD\(0\.01\)\)$",
        ),
        (
            lambda trainer, X, y: Trainer(trainer.model, lr=0.1),
            r"; write Trainer\(model, optimizer=SGD",
        ),
        (
            lambda trainer, X, y: trainer.train((X, y + 7), 1),
            r"; or give the last layer more than 2 outputs$",
        ),
    ],
)
def test_a_wrong_call_is_answered_by_a_right_one(call, message):
    X, y = np.ones((5, 2)), np.zeros(5, int)
    with pytest.raises((TypeError, ValueError), match=message):
        call(Trainer(nn.Linear(2, 2), SGD(0.1)), X, y)
