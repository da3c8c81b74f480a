"""Recipes: what is possible, what they print, and the learning rate from the first step to the last."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.convnets.recipe import OPTIMIZERS, RECIPES, SCHEDULES, Recipe

GOOD = Recipe(10, 128, 0.1)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("epochs", 0, "a number above 0"),
        ("epochs", math.nan, "a finite number above 0"),
        ("epochs", "10", "a number above 0"),
        ("batch_size", 0, "a whole number of at least 1"),
        ("batch_size", 12.5, "a whole number of at least 1"),
        ("learning_rate", -0.1, "a number above 0"),
        ("optimizer", "adam", "'sgd', 'adamw' or 'muon'"),
        ("momentum", 1, "a number of at least 0 and below 1"),
        ("momentum", 0, "more than 0 with nesterov=True"),
        ("nesterov", 1, "True or False"),
        ("weight_decay", -1e-4, "a number of at least 0"),
        ("schedule", "step", "'one_cycle', 'cosine', 'triangle' or 'constant'"),
        ("warmup", 1, "a number of at least 0 and below 1"),
        ("label_smoothing", 1.5, "a number of at least 0 and below 1"),
        ("flip", True, "'none', 'random' or 'alternating'"),
        ("shift", -1, "a whole number of at least 0"),
        ("cutout", 2.5, "a whole number of at least 0"),
        ("brightness", 1, "a number of at least 0 and below 1"),
        ("ema", 1, "a number of at least 0 and below 1"),
    ],
)
def test_what_is_not_possible_is_named(name, value, expected):
    with pytest.raises(ValueError, match=f"{name}: expected ") as error:
        GOOD.replace(**{name: value})
    assert expected in str(error.value)


def test_a_name_that_a_recipe_does_not_have_is_answered_with_those_it_has():
    with pytest.raises(ValueError, match=r"replace: expected 'epochs', 'batch_size', .* got 'lr'"):
        GOOD.replace(lr=0.1)


def test_replace_leaves_the_recipe_as_it_was():
    assert GOOD.replace(epochs=3).epochs == 3
    assert Recipe(10, 128, 0.1) == GOOD
    with pytest.raises(AttributeError):
        GOOD.epochs = 3


def test_a_recipe_prints_as_a_table():
    lines = str(GOOD.replace(learning_rate=5e-3)).splitlines()
    assert lines[0].split() == ["epochs", "10"]
    assert "learning rate    0.005" in lines
    assert len(lines) == len(GOOD.as_dict())


def test_a_recipe_is_told_again_by_its_print_and_its_dictionary():
    for recipe in RECIPES.values():
        assert eval(repr(recipe), {"Recipe": Recipe}) == recipe
        assert Recipe(**recipe.as_dict()) == recipe


def test_every_model_has_a_recipe():
    models = pytest.importorskip("lib.convnets.models", exc_type=ImportError)
    assert set(RECIPES) == set(models.MODELS)
    assert {recipe.optimizer for recipe in RECIPES.values()} <= set(OPTIMIZERS)


@given(
    schedule=st.sampled_from(SCHEDULES),
    warmup=st.floats(0, 0.99),
    steps=st.integers(1, 400),
    peak=st.floats(1e-5, 10),
)
def test_the_rate_is_never_zero_and_never_above_the_highest(schedule, warmup, steps, peak):
    recipe = GOOD.replace(schedule=schedule, warmup=warmup, learning_rate=peak)
    rates = [recipe.rate(steps)(step) for step in range(steps)]
    assert all(0 < rate <= peak * (1 + 1e-12) for rate in rates)


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("steps", [10, 100, 999])
def test_the_rate_rises_for_the_warmup_and_then_falls_or_stays(schedule, steps):
    rates = [GOOD.replace(schedule=schedule, warmup=0.3).rate(steps)(step) for step in range(steps)]
    top = max(range(steps), key=rates.__getitem__)
    assert abs(top - 0.3 * steps) <= 1
    assert rates[: top + 1] == sorted(rates[: top + 1])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert rates[top] > 0.85 * GOOD.learning_rate
    assert rates[-1] == GOOD.learning_rate if schedule == "constant" else rates[-1] < 0.06 * rates[top]


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("steps", [1, 2])
def test_one_or_two_steps_have_a_constant_rate(schedule, steps):
    rate = GOOD.replace(schedule=schedule).rate(steps)
    assert [rate(step) for step in range(steps)] == [0.1] * steps
