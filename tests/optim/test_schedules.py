"""Every schedule gives the rates of torch's scheduler of that name."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from lib.optim import schedules

rates = st.floats(1e-4, 10)
lengths = st.integers(1, 60)


def rates_of_torch(rate, count, make_scheduler):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=rate)
    scheduler = make_scheduler(optimizer)
    result = []
    for _ in range(count):
        result.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return result


def rates_of_ours(schedule, count):
    return [schedule(step) for step in range(count)]


@settings(deadline=None, max_examples=25)
@given(rate=rates, every=lengths, factor=st.floats(0.1, 1), count=lengths)
def test_step_decay(rate, every, factor, count):
    theirs = rates_of_torch(rate, count, lambda o: torch.optim.lr_scheduler.StepLR(o, every, factor))
    assert_allclose(
        rates_of_ours(schedules.step_decay(rate, every=every, factor=factor), count), theirs, rtol=1e-9
    )


@settings(deadline=None, max_examples=25)
@given(rate=rates, factor=st.floats(0.5, 1), count=lengths)
def test_exponential(rate, factor, count):
    theirs = rates_of_torch(rate, count, lambda o: torch.optim.lr_scheduler.ExponentialLR(o, factor))
    assert_allclose(rates_of_ours(schedules.exponential(rate, factor=factor), count), theirs, rtol=1e-9)


@settings(deadline=None, max_examples=25)
@given(rate=rates, steps=lengths, final=st.floats(0, 1e-4))
def test_cosine(rate, steps, final):
    theirs = rates_of_torch(
        rate, steps + 1, lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, steps, final)
    )
    ours = rates_of_ours(schedules.cosine(rate, steps=steps, final=final), steps + 1)
    assert_allclose(
        ours, theirs, rtol=1e-9, atol=1e-9 * rate
    )  # torch goes from step to step and adds up rounding


@settings(deadline=None, max_examples=25)
@given(rate=rates, steps=lengths, start=st.floats(0.01, 1), count=lengths)
def test_warmup(rate, steps, start, count):
    theirs = rates_of_torch(rate, count, lambda o: torch.optim.lr_scheduler.LinearLR(o, start, 1.0, steps))
    assert_allclose(rates_of_ours(schedules.warmup(rate, steps=steps, start=start), count), theirs, rtol=1e-9)


@given(peak=st.floats(1e-6, 10), steps=st.integers(2, 300), rise=st.floats(0, 0.99))
def test_triangular_is_numpys_interpolation_between_three_points(peak, steps, rise):
    last = steps - 1
    rate = schedules.triangular(peak, steps=steps, rise=rise, start=0.1, final=0.01)
    ours = [rate(step) for step in range(steps)]
    places, heights = [0, rise * last, last], [0.1 * peak, peak, 0.01 * peak]
    if not rise * last:
        places, heights = places[1:], heights[1:]
    assert_allclose(ours, np.interp(range(steps), places, heights), rtol=1e-9)
    assert rate(10 * steps) == pytest.approx(0.01 * peak)


@settings(deadline=None, max_examples=25)
@given(peak=rates, steps=st.integers(10, 60), rise=st.floats(0.2, 0.8))
def test_one_cycle(peak, steps, rise):
    def make(optimizer):
        return torch.optim.lr_scheduler.OneCycleLR(
            optimizer,
            peak,
            total_steps=steps,
            pct_start=rise,
            cycle_momentum=False,
            div_factor=25,
            final_div_factor=1e4,
        )

    theirs = rates_of_torch(peak, steps - 1, make)  # torch refuses to step past the last rate
    ours = rates_of_ours(schedules.one_cycle(peak, steps=steps, rise=rise), steps - 1)
    assert_allclose(ours, theirs, rtol=1e-9)


def test_after_the_end_the_last_rate_stays():
    assert schedules.cosine(1.0, steps=10, final=0.1)(1000) == pytest.approx(0.1)
    assert schedules.one_cycle(1.0, steps=10)(1000) == pytest.approx(4e-6)


def test_constant_and_warmup_of_another_schedule():
    assert rates_of_ours(schedules.constant(0.3), 3) == [0.3] * 3
    schedule = schedules.warmup(schedules.cosine(1.0, steps=10), steps=5, start=0.0)
    assert schedule(0) == 0
    assert schedule(5) == schedules.cosine(1.0, steps=10)(5)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: schedules.step_decay(1.0, every=0),
            "^step_decay: every: expected a whole number of at least 1, got 0$",
        ),
        (lambda: schedules.cosine(1.0, steps=0), "^cosine: steps: expected .*, got 0$"),
        (lambda: schedules.warmup(1.0, steps=0), "^warmup: steps: expected .*, got 0$"),
        (
            lambda: schedules.one_cycle(1.0, steps=2),
            "^one_cycle: rise: expected .* one step up and one step down, got 0.3 of 2 steps$",
        ),
        (lambda: schedules.triangular(0, steps=10), "^triangular: peak: expected a number above 0, got 0$"),
        (lambda: schedules.triangular(1.0, steps=0), "^triangular: steps: expected a whole number .* got 0$"),
        (
            lambda: schedules.triangular(1.0, steps=9, rise=1),
            "^triangular: rise: expected .* below 1, got 1$",
        ),
        (lambda: schedules.triangular(1.0, steps=9, final=-1), "^triangular: final: expected .*, got -1$"),
        (lambda: schedules.one_cycle(1.0, steps=10, rise=1.0), "^one_cycle: rise: expected .*, got 1.0"),
        (lambda: schedules.one_cycle(1.0, steps=10, rise="0.3"), "^one_cycle: rise: expected .*, got '0.3'$"),
        (lambda: schedules.one_cycle("1", steps=10), "^one_cycle: peak: expected a number above 0"),
        (lambda: schedules.one_cycle(1.0, steps=10.5), "^one_cycle: steps: expected a whole number .* 10.5$"),
        (lambda: schedules.constant("0.1"), "^constant: rate: expected a number above 0, got '0.1'$"),
        (lambda: schedules.constant(np.nan), "^constant: rate: expected .*, got nan$"),
        (lambda: schedules.step_decay(1.0, every="3"), "^step_decay: every: expected .*, got '3'$"),
        (lambda: schedules.step_decay(1.0, every=3, factor=-1), "^step_decay: factor: expected .*, got -1$"),
        (lambda: schedules.exponential(-1, factor=0.9), "^exponential: rate: expected .*, got -1$"),
        (lambda: schedules.cosine(1.0, steps=3, final=-1), "^cosine: final: expected .*, got -1$"),
        (
            lambda: schedules.warmup("0.1", steps=3),
            "^warmup: schedule: expected .* or a schedule, got '0.1'$",
        ),
    ],
)
def test_bad_settings_are_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()
