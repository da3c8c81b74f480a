"""One loop trains a numpy net and its torch twin, and in float64 their losses are the same."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from tiny import Images, net, numpy_net, real_images

from lib import nn
from lib.convnets.learner import TorchLearner
from lib.convnets.loop import fit
from lib.convnets.numpy_learner import NumpyLearner
from lib.convnets.recipe import Recipe

DATA = Images(100, dtype=torch.float64)
STEPS = 10
RECIPE = Recipe(2, 20, 0.05, label_smoothing=0.1, weight_decay=0.01)


def twins(recipe, **options):
    theirs = net(**options).double()
    return NumpyLearner(numpy_net(theirs), recipe), TorchLearner(theirs, recipe)


@pytest.mark.parametrize(
    "changes",
    [
        {"schedule": "constant", "warmup": 0},
        {"schedule": "one_cycle"},
        {"schedule": "cosine", "nesterov": False},
        {"schedule": "triangle", "momentum": 0.5},
        {"nesterov": False, "momentum": 0, "label_smoothing": 0},
        {"optimizer": "adamw", "learning_rate": 0.01, "weight_decay": 0.1},
        {"optimizer": "adamw", "learning_rate": 0.01, "momentum": 0.5, "schedule": "constant"},
    ],
    ids=lambda changes: " ".join(map(str, changes.values())),
)
def test_twins_have_the_same_losses_for_ten_steps(changes):
    recipe = RECIPE.replace(**changes)
    ours, theirs = twins(recipe)
    one, other = (fit(learner, DATA, recipe, validation=DATA) for learner in (ours, theirs))
    assert len(one.losses) == STEPS
    assert_allclose(one.losses, other.losses, rtol=1e-11)
    for name in ("loss", "train_accuracy", "validation_accuracy", "learning_rate"):
        assert_allclose(one.columns[name], other.columns[name], rtol=1e-11, err_msg=name)
    for name, array in ours.model.state().items():
        assert_allclose(array, theirs.model.state_dict()[name].numpy(), rtol=1e-9, atol=1e-12, err_msg=name)


def test_twins_have_the_same_losses_on_augmented_images():
    ours, theirs = twins(RECIPE)
    data = real_images(100, torch.float64)
    one, other = (fit(learner, data, RECIPE, validation=DATA) for learner in (ours, theirs))
    assert_allclose(one.losses, other.losses, rtol=1e-11)
    assert one.columns["validation_accuracy"] == other.columns["validation_accuracy"]


def test_what_is_equal_is_equal_because_both_learn():
    history = fit(twins(RECIPE)[0], DATA, RECIPE)
    assert history.losses[-1] < 0.9 * history.losses[0]


def test_scores_are_the_same_in_evaluation_mode():
    ours, theirs = twins(RECIPE, dropout=0.5)
    torch.testing.assert_close(ours.scores(DATA.images), theirs.scores(DATA.images))


def test_dropout_in_numpy_follows_from_seed_and_epoch():
    ours = twins(RECIPE, dropout=0.5)[0]
    again = twins(RECIPE, dropout=0.5)[0]
    again.model.modules[7].rng.random(9)
    assert fit(ours, DATA, RECIPE).losses == fit(again, DATA, RECIPE).losses


def test_a_numpy_net_learns_in_float32_too():
    model = nn.Sequential(nn.Flatten(), nn.Linear(192, 3))
    recipe = RECIPE.replace(learning_rate=0.01, epochs=6)
    history = fit(NumpyLearner(model, recipe), Images(100), recipe)
    assert model.modules[1].weight.dtype == np.float32
    assert history.last("train_accuracy") > 0.9


def test_a_loss_that_is_no_number_is_named_in_numpy_too():
    recipe = RECIPE.replace(learning_rate=1e150, epochs=4)
    with (
        np.errstate(all="ignore"),
        pytest.raises(FloatingPointError, match=r"loss: expected a finite number, got .* at step \d+ of 20"),
    ):
        fit(twins(recipe)[0], DATA, recipe)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((torch.nn.Linear(2, 2), RECIPE), "NumpyLearner: model: expected a net of lib.nn"),
        ((nn.Linear(2, 2), 0.1), "NumpyLearner: recipe: expected a Recipe"),
        ((nn.Linear(2, 2), RECIPE.replace(optimizer="muon")), "expected 'sgd' or 'adamw' for a numpy net"),
    ],
)
def test_what_is_not_for_numpy_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        NumpyLearner(*arguments)
