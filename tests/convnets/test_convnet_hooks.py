"""Moving average, bar and curves, and the profiler: each is a hook, and each can be left out."""

import json

import numpy as np
import pytest
import torch
from tiny import Images, net, numpy_net

from lib.convnets.ema import EMA
from lib.convnets.hooks import Hook
from lib.convnets.learner import TorchLearner
from lib.convnets.live import Live
from lib.convnets.loop import fit
from lib.convnets.numpy_learner import NumpyLearner
from lib.convnets.profile import Profile
from lib.convnets.recipe import Recipe

RECIPE = Recipe(3, 20, 0.05)
DATA = Images()


class Weights(Hook):
    """Remembers the weights after each step, and the scores after each epoch."""

    def __init__(self):
        self.steps, self.scores = [], []

    def start(self, run):
        self.steps.append(copies(run.learner.model))

    def after_step(self, run):
        self.steps.append(copies(run.learner.model))

    def after_epoch(self, run):
        self.scores.append(run.learner.scores(DATA.images))


def copies(model):
    return {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}


def test_the_average_follows_its_formula_and_becomes_the_net():
    learner, weights = TorchLearner(net(), RECIPE), Weights()
    fit(learner, DATA, RECIPE.replace(ema=0.6), hooks=[weights])
    average = weights.steps[0]
    for step, now in enumerate(weights.steps[1:], 1):
        decay = min(0.6, (1 + step) / (10 + step))
        floats = [name for name in now if now[name].is_floating_point()]
        average = now | {name: decay * average[name] + (1 - decay) * now[name] for name in floats}
    for name, tensor in learner.model.state_dict().items():
        torch.testing.assert_close(tensor, average[name], msg=name)
    assert learner.average is None


def test_the_average_is_what_is_scored_while_the_weights_train_on():
    plain, averaged = Weights(), Weights()
    fit(TorchLearner(net(), RECIPE), DATA, RECIPE, hooks=[plain])
    learner = TorchLearner(net(), RECIPE)
    fit(learner, DATA, RECIPE.replace(ema=0.9), hooks=[averaged])
    for one, other in zip(plain.steps, averaged.steps, strict=True):
        assert all(torch.equal(one[name], other[name]) for name in one)
    assert not torch.allclose(plain.scores[-1], averaged.scores[-1])
    torch.testing.assert_close(averaged.scores[-1], learner.scores(DATA.images))


def test_a_second_training_without_an_average_scores_its_own_weights():
    learner, weights = TorchLearner(net(), RECIPE), Weights()
    fit(learner, DATA, RECIPE.replace(ema=0.9))
    fit(learner, DATA, RECIPE, hooks=[weights])
    torch.testing.assert_close(weights.scores[-1], learner.model.eval()(DATA.images))


def test_frozen_parameters_are_averaged_without_harm():
    model = net()
    model[0].weight.requires_grad_(False)
    before = model[0].weight.clone()
    fit(TorchLearner(model, RECIPE), DATA, RECIPE.replace(ema=0.9))
    torch.testing.assert_close(model[0].weight, before)
    assert not model[0].weight.requires_grad
    assert model[4].weight.requires_grad


def test_a_numpy_net_has_no_average():
    learner = NumpyLearner(numpy_net(net().double()), RECIPE)
    with pytest.raises(ValueError, match="EMA: learner: expected a net of torch, got NumpyLearner"):
        fit(learner, DATA, RECIPE, hooks=[EMA(0.9)])


@pytest.mark.parametrize("decay", [0, 1, -0.5, "0.9"])
def test_a_decay_is_between_0_and_1(decay):
    with pytest.raises(ValueError, match="decay: expected a number above 0 and below 1"):
        EMA(decay)


# Bar and curves.


def test_the_bar_counts_every_step_to_the_end(capsys):
    live = Live()
    history = fit(
        TorchLearner(net(), RECIPE), DATA, RECIPE.replace(epochs=2.5), validation=DATA, hooks=[live]
    )
    last = capsys.readouterr().err.split("\r")[-1]
    assert "100%" in last
    assert "8/8" in last
    assert f"loss={history.last('loss'):.3f}" in last
    assert f"validation accuracy={history.last('validation_accuracy'):.1%}" in last


def test_no_bar_is_no_word(capsys):
    fit(TorchLearner(net(), RECIPE), DATA, RECIPE, hooks=[Live(bar=False)])
    assert capsys.readouterr() == ("", "")


def test_curves_show_the_history():
    class Look(Hook):
        def end(self, run):
            curves = live.progress.curves
            self.losses = np.array(curves.lines["loss"].get_ydata())
            self.validation = np.array(curves.lines["validation_accuracy"].get_ydata())

    live, look = Live(bar=False, curves=True), Look()
    history = fit(TorchLearner(net(), RECIPE), DATA, RECIPE, validation=DATA, hooks=[look, live])
    assert look.losses.tolist() == history.columns["loss"]
    assert look.validation.tolist() == [100 * v for v in history.columns["validation_accuracy"]]


def test_one_live_serves_two_trainings(capsys):
    live = Live()
    for epochs in (1, 2):
        fit(TorchLearner(net(), RECIPE), DATA, RECIPE.replace(epochs=epochs), hooks=[live])
    assert "6/6" in capsys.readouterr().err


# The profiler.


def test_a_trace_of_some_steps_is_written(tmp_path, capfd):
    profile = Profile(tmp_path / "traces" / "steps.json", first=2, steps=2)
    straight = fit(TorchLearner(net(), RECIPE), DATA, RECIPE).losses
    assert fit(TorchLearner(net(), RECIPE), DATA, RECIPE, hooks=[profile]).losses == straight
    events = json.loads(profile.path.read_text())["traceEvents"]
    assert sum(event.get("name") == "aten::conv2d" for event in events) == 4  # two layers, two steps
    assert "aten::convolution" in profile.table or "aten::mkldnn_convolution" in profile.table
    printed = capfd.readouterr()
    assert str(profile.path) in printed.out
    assert "profiler_start" not in printed.err  # nor anything else of torch's


@pytest.mark.parametrize("first", [0, 8, 9])
def test_a_training_that_ends_earlier_leaves_a_shorter_trace_or_none(first, tmp_path):
    profile = Profile(tmp_path / "steps.json", first=first, steps=5)
    fit(TorchLearner(net(), RECIPE), DATA, RECIPE, hooks=[profile])
    assert profile.path.exists()


def test_a_trace_is_closed_when_a_training_breaks(tmp_path):
    class Break(Hook):
        def after_step(self, run):
            if run.step == 3:
                raise KeyboardInterrupt

    profile = Profile(tmp_path / "steps.json", first=1, steps=100)
    with pytest.raises(KeyboardInterrupt):
        fit(TorchLearner(net(), RECIPE), DATA, RECIPE, hooks=[profile, Break()])
    assert json.loads(profile.path.read_text())["traceEvents"]


def test_a_trace_that_cannot_be_written_is_known_before_the_first_step(tmp_path):
    (tmp_path / "file").write_text("")
    learner = TorchLearner(net(), Recipe(1, 20, 0.02))
    learner.step = None
    with pytest.raises(OSError, match="file"):
        fit(learner, Images(), Recipe(1, 20, 0.02), hooks=[Profile(tmp_path / "file" / "trace.json")])
