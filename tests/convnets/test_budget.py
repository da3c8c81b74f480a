"""What a budget goes to, and that a training keeps to it."""

import argparse
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tiny import Images, net

from lib.commands import seconds
from lib.convnets import budget, losses
from lib.convnets.budget import CANDIDATES, Pace, choose_net, expected, hoped, plan, recipe_for
from lib.convnets.learner import TorchLearner
from lib.convnets.live import Live
from lib.convnets.loop import fit
from lib.convnets.models import MODELS
from lib.convnets.probe import Speed
from lib.convnets.recipe import RECIPES, Recipe


@pytest.mark.parametrize(
    ("text", "value"),
    [("90s", 90), ("3m", 180), ("1h", 3600), ("1h30m", 5400), ("2m5s", 125), ("0.5m", 30), (" 3M ", 180)],
)
def test_times_of_the_command_line(text, value):
    assert seconds(text) == value


@pytest.mark.parametrize(
    "text",
    ["3", "", "m", "-3m", "3 m", "0s", "3d", "nan", "1m1h", "3min", "1e3s", "9" * 400 + "h", "99999999h"],
)
def test_what_is_no_time_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError, match="expected a time such as 90s, 3m or 1h, got"):
        seconds(text)


def test_candidates_are_nets_from_the_smallest_to_the_largest():
    assert {c.net for c in CANDIDATES} <= set(MODELS)
    costs = [c.cost for c in CANDIDATES]
    assert costs == sorted(costs)
    assert CANDIDATES[0].least == 0  # there is always one
    assert all(c.least < c.most for c in CANDIDATES)


def test_more_time_never_gives_a_smaller_net():
    names = [c.net for c in CANDIDATES]
    chosen = [names.index(choose_net(work, 50_000)) for work in range(0, 20_000_000, 10_000)]
    assert chosen == sorted(chosen)
    assert set(chosen) == set(range(len(names)))


def test_where_the_time_is_over_before_the_training_begins_a_sentence_says_so():
    assert choose_net(-1000, 50_000) == CANDIDATES[0].net
    recipe = recipe_for("linear", "cpu")
    with pytest.raises(ValueError, match="got 12 s too little for start-up, data and probe alone; give"):
        plan("linear", recipe, -12, 1000, 50_000, held_out=0, test=10_000)


@given(
    time=st.floats(1, 4000),
    speed=st.floats(50, 1e6),
    images=st.integers(500, 50_000),
    held_out=st.integers(0, 5000),
    test=st.integers(1, 10_000),
)
def test_a_plan_fits_into_its_time(time, speed, images, held_out, test):
    recipe = recipe_for("fast_half", "cpu")
    try:
        planned = plan("fast_half", recipe, time, speed, images, held_out=held_out, test=test)
    except ValueError:
        assert time * speed < 0.02 * (images + held_out) + test
        return
    needs = planned.epochs * (images + budget.FORWARD * held_out) + budget.FORWARD * test
    assert needs / speed <= time
    assert planned.epochs <= 16
    assert planned.replace(epochs=1) == recipe.replace(epochs=1)


def test_on_a_busy_machine_more_is_planned_than_it_does_now():
    assert hoped(Speed(1000, 900, 64, 9, 1)) == 900
    assert hoped(Speed(1000, 400, 64, 9, 1)) == 800
    assert hoped(Speed(1000, 100, 64, 9, 1)) == 200


def test_a_time_that_is_too_short_is_refused():
    recipe = recipe_for("fast_half", "cpu")
    with pytest.raises(ValueError, match=r"--budget: expected time for a hundredth of an epoch .* got 2 s"):
        plan("fast_half", recipe, 2.0, 300.0, 45_000, held_out=1000, test=10_000)


def test_what_was_not_measured_is_not_promised():
    assert expected("vgg16", "CIFAR-10", 3) is None
    assert expected("fast_half", "CIFAR-10", 3) is None  # the original pixels were not at hand


def test_what_was_measured_is_promised_and_between_two_a_line(monkeypatch):
    monkeypatch.setattr(budget, "REACHED", {("a", "b"): {1: 0.6, 4: 0.8}})
    assert expected("a", "b", 1) == 0.6
    assert expected("a", "b", 4.1) == 0.8
    assert expected("a", "b", 2) == pytest.approx(0.7)
    assert expected("a", "b", 0.5) is None
    assert expected("a", "b", 8) is None


def test_all_that_was_measured_is_of_candidates():
    for (name, data), reached in budget.REACHED.items():
        assert name in {c.net for c in CANDIDATES}
        assert data
        assert all(0.1 < accuracy < 1 for accuracy in reached.values())


class Clock:
    """A time that passes with each step of a net, and for nothing else."""

    def __init__(self, durations):
        self.now, self.durations = 0.0, durations

    def perf_counter(self):
        return self.now


def train(durations, deadline, monkeypatch, most=math.inf, hooks=()):
    """A training of 10 steps an epoch, whose steps take these times; how long it took, and the rates."""
    clock = Clock(iter(durations))
    monkeypatch.setattr(budget, "time", clock)
    monkeypatch.setattr(losses, "SECONDS", -1)  # they are read after each step
    recipe = Recipe(10, 6, 0.1)
    learner = TorchLearner(net(), recipe)
    step, rates = learner.step, []

    def slow(images, labels, rate):
        clock.now += next(clock.durations)
        rates.append(rate)
        return step(images, labels, rate)

    monkeypatch.setattr(learner, "step", slow)
    pace = Pace(deadline, held_out=0, test=18, most=most)  # the test is as long as one step
    history = fit(learner, Images(60), recipe, hooks=[pace, *hooks])
    return clock.now, rates, pace, history, learner


@pytest.mark.parametrize("deadline", [101, 102, 400])
def test_in_time_nothing_is_left_out_or_added_beyond_the_most(deadline, monkeypatch):
    time, rates, pace, history, learner = train([1.0] * 100, deadline, monkeypatch, most=10)
    assert (time, len(rates), pace.left_out) == (100, 100, 0)
    plain = TorchLearner(net(), Recipe(10, 6, 0.1))
    assert fit(plain, Images(60), Recipe(10, 6, 0.1)).losses == history.losses
    for ours, theirs in zip(learner.model.parameters(), plain.model.parameters(), strict=True):
        assert torch.equal(ours, theirs)


@pytest.mark.parametrize(
    ("durations", "steps"),
    [
        ([0.9] * 120, 111),  # the probe was wrong
        ([1.0] * 50 + [0.6] * 150, 133),  # another program ends
        ([1.0] * 20 + [3.0] * 5 + [0.6] * 200, 134),
    ],
)
def test_on_a_machine_that_is_faster_the_time_is_used_and_the_rate_falls_evenly(
    durations, steps, monkeypatch
):
    time, rates, pace, history, _ = train(durations, 101, monkeypatch)
    assert 97 < time <= 102
    assert len(rates) == pytest.approx(steps, abs=3)
    assert pace.left_out == 100 - len(rates)
    falling = rates[rates.index(max(rates)) :]
    assert falling == sorted(falling, reverse=True)
    assert rates[-1] < 0.02 * max(rates)
    assert history.columns["steps"][-1] == 100
    assert len(history.losses) == len(rates)


def test_a_machine_that_is_very_fast_gets_half_a_step_more_for_each_at_most(monkeypatch):
    _, rates, pace, *_ = train([0.01] * 1000, 101, monkeypatch)
    assert 150 < len(rates) <= 200
    assert pace.left_out == 100 - len(rates)
    _, rates, *_ = train([0.01] * 1000, 101, monkeypatch, most=12)
    assert len(rates) == pytest.approx(120, abs=2)


def test_a_bar_shows_how_far_it_is_whatever_was_left_out_or_added(monkeypatch):
    for durations in ([0.7] * 300, [3.0] * 100):
        live = Live()
        monkeypatch.setattr(live, "end", lambda run: None)
        train(durations, 101, monkeypatch, hooks=[live])
        assert live.progress.bar.n == live.progress.bar.total == 100
        live.progress.close()


@pytest.mark.parametrize(
    "durations",
    [
        [1.0] * 30 + [3.0] * 100,  # another program starts
        [4.0] * 100,  # the probe was wrong
        [1.0] * 80 + [10.0] * 100,
        [1.0, 3.0] * 100,
    ],
)
def test_on_a_machine_that_gets_slower_the_time_is_kept_and_the_rate_falls_to_its_end(durations, monkeypatch):
    time, rates, pace, history, _ = train(durations, 101, monkeypatch)
    assert time <= 101 + 2 * max(durations)
    assert pace.left_out + len(rates) == 100
    assert pace.left_out > 0
    assert rates[-1] < 0.02 * max(rates)
    assert len(history.losses) == len(rates)


@pytest.mark.parametrize(
    "durations", [[1.0] * 20 + [3.0] * 20 + [1.0] * 200, [0.5] * 20 + [2.5] * 20 + [0.5] * 200]
)
def test_a_machine_that_gets_slower_and_quicker_again_uses_its_time(durations, monkeypatch):
    time, rates, *_ = train(durations, 101, monkeypatch)
    assert 85 < time <= 102
    assert rates[-1] < 0.02 * max(rates)


def test_the_smallest_nets_have_small_batches_on_a_cpu():
    assert recipe_for("fast_half", "cpu").batch_size == 256
    assert recipe_for("fast_half", "cuda") == RECIPES["fast_half"]
    assert recipe_for("fast_mirror", "cpu") == RECIPES["fast_mirror"]
