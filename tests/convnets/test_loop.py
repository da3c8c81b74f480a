"""The loop: every image once an epoch, the schedule step by step, and what goes wrong is said."""

from tiny import Images, net

from lib.convnets.learner import TorchLearner
from lib.convnets.loop import fit
from lib.convnets.recipe import Recipe

RECIPE = Recipe(epochs=8, batch_size=20, learning_rate=0.05)


def test_a_net_learns():
    learner = TorchLearner(net(), RECIPE)
    history = fit(learner, Images(), RECIPE, validation=Images(seed=1))
    assert history.columns["epoch"] == list(range(1, 9))
    assert len(history.losses) == 24
    assert history.last("validation_accuracy") > 0.8
