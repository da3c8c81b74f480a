"""The loop: every image once an epoch, the schedule step by step, and what goes wrong is said."""

import contextlib
import csv
import math

import pytest
import torch
from tiny import Images, net, real_images

from lib.convnets.hooks import Hook
from lib.convnets.learner import TorchLearner
from lib.convnets.loop import fit
from lib.convnets.recipe import Recipe

RECIPE = Recipe(epochs=3, batch_size=20, learning_rate=0.05)
DATA = Images()


class Spy:
    """A learner that learns nothing and writes down what it is asked for; its losses are given."""

    rank, world = 0, 1
    device = torch.device("cpu")

    def __init__(self, loss=lambda step: 1.0):
        self.loss, self.rates, self.batches, self.begun = loss, [], [], []

    def begin(self, seed, epoch):
        self.begun.append((seed, epoch))

    def step(self, images, labels, rate):
        self.hits, self.count = 1, len(labels)
        self.batches.append(labels)
        self.rates.append(rate)
        return self.loss(len(self.rates))

    def end(self):
        self.ended = True

    def scores(self, images):
        return torch.zeros(len(images), 3)


class Diary(Hook):
    """Writes down when it is called."""

    def __init__(self, fail_at=None, error=KeyboardInterrupt):
        self.calls, self.fail_at, self.error = [], fail_at, error

    def start(self, run):
        self.calls.append("start")

    def after_step(self, run):
        self.calls.append(run.step)
        if run.step == self.fail_at:
            raise self.error

    def after_epoch(self, run):
        self.calls.append(f"epoch {run.epoch}")
        assert run.history.last("epoch") == run.epoch

    def end(self, run):
        self.calls.append("end")


def losses(recipe=RECIPE, data=DATA, seed=0, **options):
    dropout = options.pop("dropout", 0.0)
    learner = TorchLearner(net(dropout=dropout), recipe, **options)
    return fit(learner, data, recipe, seed=seed).losses


def test_a_net_learns():
    recipe = RECIPE.replace(epochs=8)
    learner = TorchLearner(net(), recipe)
    history = fit(learner, DATA, recipe, validation=Images(seed=1))
    assert history.columns["epoch"] == list(range(1, 9))
    assert history.columns["steps"] == list(range(3, 27, 3))
    assert len(history.losses) == 24
    assert history.last("train_accuracy") > 0.9
    assert history.last("validation_accuracy") > 0.7


@pytest.mark.parametrize(("epochs", "steps"), [(1, 3), (2.5, 8), (0.4, 1), (0.01, 1), (3, 9)])
def test_the_last_epoch_may_be_a_part_of_one(epochs, steps):
    spy = Spy()
    history = fit(spy, DATA, RECIPE.replace(epochs=epochs))
    assert len(spy.rates) == len(history.losses) == history.last("steps") == steps
    assert history.last("epoch") == math.ceil(epochs)


def test_the_rate_of_each_step_is_that_of_the_schedule():
    spy = Spy()
    fit(spy, DATA, RECIPE)
    rate = RECIPE.rate(9)
    assert spy.rates == [rate(step) for step in range(9)]


def test_each_epoch_begins_with_its_number_and_has_an_order_of_its_own():
    spy = Spy()
    fit(spy, DATA, RECIPE, seed=7)
    assert spy.begun == [(7, 0), (7, 1), (7, 2)]
    orders = [torch.cat(spy.batches[i : i + 3]) for i in (0, 3, 6)]
    assert all(sorted(order) == sorted(DATA.labels) for order in orders)
    assert not torch.equal(orders[0], orders[1])


def test_the_loss_of_an_epoch_is_the_mean_over_its_images():
    history = fit(Spy(loss=float), Images(50), RECIPE.replace(epochs=1))  # 20, 20 and 10 images
    assert history.losses == [1, 2, 3]
    assert history.last("loss") == (20 * 1 + 20 * 2 + 10 * 3) / 50
    assert history.last("train_accuracy") == 3 / 50


def test_hooks_are_called_in_time_and_in_their_order():
    first, second = Diary(), Diary()
    fit(Spy(), DATA, RECIPE.replace(epochs=2), hooks=(first, second))
    assert first.calls == second.calls == ["start", 1, 2, 3, "epoch 1", 4, 5, 6, "epoch 2", "end"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError("full disk"), FloatingPointError])
def test_hooks_are_told_the_end_whatever_has_happened(error):
    diary = Diary(fail_at=4, error=error)
    with pytest.raises(error if isinstance(error, type) else type(error)):
        fit(Spy(), DATA, RECIPE, hooks=[diary])
    assert diary.calls == ["start", 1, 2, 3, "epoch 1", 4, "end"]


def test_a_hook_without_methods_of_its_own_changes_nothing():
    learner = TorchLearner(net(), RECIPE)
    assert fit(learner, DATA, RECIPE, hooks=[Hook()]).losses == losses()


def test_one_seed_gives_one_result_bit_for_bit():
    one = losses(dropout=0.3)
    torch.rand(7)  # what others have drawn has no influence
    assert one == losses(dropout=0.3)
    assert one != losses(dropout=0.3, seed=1)


def test_the_generator_of_torch_is_left_as_it_was():
    before = torch.get_rng_state()
    losses(dropout=0.3)
    assert torch.equal(torch.get_rng_state(), before)


def test_dropout_differs_from_epoch_to_epoch():
    learner = TorchLearner(net(dropout=0.5), RECIPE)
    drawn = []
    for epoch in (0, 1, 0):
        learner.begin(0, epoch)
        drawn.append(torch.rand(1).item())
    learner.end()
    assert drawn[0] == drawn[2] != drawn[1]


def test_a_net_learns_where_a_caller_has_switched_gradients_off():
    with torch.no_grad():
        without = losses()
    assert without == losses()


def test_validation_has_no_influence_on_the_training():
    learner = TorchLearner(net(dropout=0.3), RECIPE)
    assert fit(learner, DATA, RECIPE, validation=Images(seed=1)).losses == losses(dropout=0.3)


@pytest.mark.parametrize("optimizer", ["sgd", "adamw", "muon"])
def test_every_optimizer_learns_in_both_precisions(optimizer):
    rate = {"sgd": 0.05, "adamw": 0.01, "muon": 0.02}[optimizer]
    for precision in ("fp32", "bf16"):
        recipe = Recipe(8, 20, rate, optimizer, weight_decay=0.01)
        learner = TorchLearner(net(), recipe, precision=precision)
        history = fit(learner, DATA, recipe)
        assert history.last("train_accuracy") > 0.85
        assert learner.scores(DATA.images).dtype == torch.float32


def test_a_net_is_translated_once_and_what_that_costs_is_said(monkeypatch, capsys):
    translated = []
    monkeypatch.setattr(torch, "compile", lambda model, **_: translated.append(model) or model)
    assert losses(compile=True) == losses()
    assert len(translated) == 1
    assert capsys.readouterr().out.count("The net was translated for cpu, once: 0 s") == 1


# What goes wrong is said.


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("step", [1, 2, 49, 50, 51, 120, 150])
def test_the_first_step_without_a_finite_loss_is_named(step, bad):
    spy = Spy(loss=lambda s: bad if s == step else 1.0)
    with pytest.raises(
        FloatingPointError, match=f"loss: expected a finite number, got {bad} at step {step} of 15"
    ):
        fit(spy, Images(100), Recipe(15, 10, 0.1))


def test_a_rate_that_is_far_too_high_stops_with_the_step_where_the_loss_was_lost():
    with pytest.raises(FloatingPointError, match=r"at step \d+ of 30; lower learning_rate"):
        losses(Recipe(10, 20, 1e20, schedule="constant", warmup=0))


def test_losses_of_a_device_wait_until_there_are_fifty_of_them(monkeypatch):
    read = []
    monkeypatch.setattr(
        torch, "stack", lambda tensors, _stack=torch.stack: read.append(len(tensors)) or _stack(tensors)
    )
    monkeypatch.setattr("lib.convnets.losses.SECONDS", 1e9)
    fit(Spy(loss=lambda step: torch.tensor(1.0)), Images(120), Recipe(1, 1, 0.1))
    assert read == [1, 50, 50, 19]


def test_a_hook_may_leave_out_steps_and_the_one_without_a_loss_is_still_named():
    class Skip(Hook):
        def after_step(self, run):
            if run.step == 2:
                run.step += 5

    spy = Spy(loss=lambda s: math.nan if s == 3 else 1.0)
    with pytest.raises(FloatingPointError, match="at step 8 of 9"):
        fit(spy, DATA, RECIPE, hooks=[Skip()])
    assert spy.rates[2] == RECIPE.rate(9)(7)


def test_the_test_set_is_no_validation():
    with pytest.raises(ValueError, match="validation: expected images that are not the test set"):
        fit(Spy(), DATA, RECIPE, validation=Images(is_test=True))


def test_a_step_that_takes_too_much_memory_says_which_batch_size_fits():
    class Hungry(torch.nn.Linear):
        def forward(self, x):
            if len(x) > 7:
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
            return super().forward(x.flatten(1))

    learner = TorchLearner(Hungry(192, 3), RECIPE)
    before = {name: tensor.clone() for name, tensor in learner.model.state_dict().items()}
    with pytest.raises(MemoryError) as error:
        fit(learner, DATA, RECIPE)
    assert str(error.value) == (
        "batch_size: expected one that fits into the memory of cpu, got 20; "
        "try recipe.replace(batch_size=5), which fits, with 0.25 times the learning rate"
    )
    assert all(torch.equal(tensor, before[name]) for name, tensor in learner.model.state_dict().items())
    assert all(parameter.grad is None for parameter in learner.model.parameters())


@pytest.mark.parametrize(
    "message",
    [
        "MPS backend out of memory (MPS allocated: 8 GB)",
        "[enforce fail at alloc_cpu.cpp:124] DefaultCPUAllocator: can't allocate memory: you tried to",
        "DefaultCPUAllocator: not enough memory: you tried to allocate 4 bytes",
        "CUDA out of memory. Tried to allocate",
    ],
)
def test_memory_that_runs_out_is_recognised_on_every_device(message):
    class Hungry(torch.nn.Linear):
        def forward(self, x):
            raise RuntimeError(message)

    with pytest.raises(MemoryError, match="not even one image fits"):
        fit(TorchLearner(Hungry(192, 3), RECIPE), DATA, RECIPE)


def test_another_error_of_a_net_is_left_as_it_is():
    class Broken(torch.nn.Linear):
        def forward(self, x):
            raise RuntimeError("its own words")

    with pytest.raises(RuntimeError, match="its own words"):
        fit(TorchLearner(Broken(5, 3), RECIPE), DATA, RECIPE)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((object(), RECIPE), "TorchLearner: model: expected a net of torch.nn"),
        ((torch.nn.Linear(2, 2), {"epochs": 3}), "TorchLearner: recipe: expected a Recipe"),
        ((torch.nn.ReLU(), RECIPE), "model: expected a net with parameters that learn, got one without"),
        ((torch.nn.Linear(2, 2), RECIPE.replace(optimizer="muon")), "expected a net with filters for Muon"),
    ],
)
def test_what_is_no_net_or_no_recipe_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        TorchLearner(*arguments)


def test_a_wrong_precision_is_refused():
    with pytest.raises(ValueError, match="precision: expected 'fp32' or 'bf16', got 'fp16'"):
        TorchLearner(net(), RECIPE, precision="fp16")


# The history.


def test_the_history_counts_every_look_at_the_test_set(tmp_path):
    test = Images(seed=2, is_test=True)
    learner = TorchLearner(net(), RECIPE)

    class Peek(Hook):
        def after_epoch(self, run):
            if run.epoch == 2:
                run.history.score_test(run.learner, test)

    history = fit(learner, DATA, RECIPE, hooks=[Peek()])
    accuracies = [history.score_test(learner, test) for _ in range(2)]
    assert accuracies[0] == accuracies[1] == history.tests[-1][1]
    history.save(tmp_path / "history.csv")
    with open(tmp_path / "history.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["test_looks"] for row in rows] == ["0", "1", "3"]
    assert [bool(row["test_accuracy"]) for row in rows] == [False, True, True]
    assert float(rows[2]["test_accuracy"]) == accuracies[0]
    assert [float(row["loss"]) for row in rows] == history.columns["loss"]
    assert [row["validation_accuracy"] for row in rows] == ["", "", ""]


def test_a_look_that_is_counted_by_another_has_no_accuracy(tmp_path):
    history = fit(Spy(), DATA, RECIPE.replace(epochs=1))
    history.test_looks += 1  # as `evaluate` does
    assert history.test_looks == 1
    history.save(tmp_path / "history.csv")
    assert (tmp_path / "history.csv").read_text().splitlines()[1].endswith(",,1")


def test_only_the_test_set_is_scored_as_one():
    learner = TorchLearner(net(), RECIPE)
    history = fit(learner, DATA, RECIPE.replace(epochs=1))
    with pytest.raises(ValueError, match="score_test: data: expected the test set, made with is_test=True"):
        history.score_test(learner, DATA)
    with pytest.raises(ValueError, match="score_views: data: expected the test set, made with is_test=True"):
        history.score_views(learner, DATA)


def test_seconds_are_those_of_the_training_alone_and_a_busy_machine_is_named(monkeypatch, capsys):
    monkeypatch.setattr("lib.convnets.device.SAID", set())
    clock = [0.0]

    class Clocked(Spy):
        def step(self, images, labels, rate):
            clock[0] += 1
            return super().step(images, labels, rate)

        def scores(self, images):
            clock[0] += 100
            return super().scores(images)

    monkeypatch.setattr("time.perf_counter", lambda: clock[0])
    history = fit(Clocked(), DATA, RECIPE, validation=DATA)
    assert history.columns["seconds"] == [3, 3, 3]
    assert "This machine is busy: 3.0 s went by for 0.0 s of work" in capsys.readouterr().out


def test_the_net_is_left_in_evaluation_mode_whatever_happens():
    learner = TorchLearner(net(), RECIPE)
    for hooks in ([], [Diary(fail_at=2)]):
        with contextlib.suppress(KeyboardInterrupt):
            fit(learner, DATA, RECIPE, hooks=hooks)
        assert not learner.model.training


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"learner": net()}, "fit: learner: expected a TorchLearner or a NumpyLearner, got Sequential"),
        ({"data": [1, 2]}, r"fit: data: expected images that come in batches, got \[1, 2\]; DeviceImages"),
        ({"recipe": {"epochs": 1}}, "fit: recipe: expected a Recipe, .*, got {'epochs': 1}"),
        ({"hooks": ["bar"]}, r"fit: hooks: expected a list of hooks, .* got \['bar'\]"),
        ({"hooks": Hook()}, "fit: hooks: expected a list of hooks"),
    ],
)
def test_what_cannot_be_trained_is_named(arguments, message):
    right = {"learner": TorchLearner(net(), RECIPE), "data": DATA, "recipe": RECIPE}
    with pytest.raises(ValueError, match=message):
        fit(**(right | arguments))


def test_nothing_is_learnt_from_the_test_set():
    with pytest.raises(ValueError, match="data: expected images that are not the test set"):
        fit(TorchLearner(net(), RECIPE), Images(is_test=True), RECIPE)


def test_a_hook_that_fails_at_the_end_leaves_no_trace():
    class Fails(Hook):
        def end(self, run):
            raise OSError("no room for a trace")

    learner, before = TorchLearner(net(dropout=0.3), RECIPE), torch.get_rng_state()
    with pytest.raises(OSError, match="no room"):
        fit(learner, DATA, RECIPE, hooks=[Fails()])
    assert torch.equal(torch.get_rng_state(), before)
    assert not learner.model.training


def test_more_classes_than_the_net_knows_are_named():
    with pytest.raises(
        ValueError, match="model: expected scores of 3 classes, as the images have, got 2; build"
    ):
        fit(TorchLearner(net(classes=2), RECIPE), real_images(), RECIPE)


@pytest.mark.parametrize(
    ("shape", "words"), [((6, 1, 8, 8), "channels"), ((6, 3, 9, 12), "mat1"), ((6, 8, 8), "channels")]
)
def test_images_that_the_net_does_not_take_are_named(shape, words):
    learner = TorchLearner(net(), RECIPE)
    with pytest.raises(ValueError, match="images: expected images") as raised:
        learner.step(torch.zeros(shape), torch.zeros(6, dtype=torch.int64), 0.1)
    assert str(shape) in str(raised.value)
    assert words in str(raised.value)


def test_an_error_of_a_net_that_has_run_is_its_own():
    learner = TorchLearner(net(), RECIPE)
    images, labels = next(DATA.batches(6, seed=0, epoch=0))
    learner.step(images, labels, 0.1)
    with pytest.raises(RuntimeError, match="channels"):
        learner.step(images[:, :1], labels, 0.1)
