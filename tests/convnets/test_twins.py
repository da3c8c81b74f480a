"""A net of lib.nn and its twin in torch learn alike: the same losses, step by step, and the same weights."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from tiny import Images, numpy_net
from tiny import net as torch_net
from twins import close

from lib import nn, optim
from lib.convnets.bridge import from_torch, to_torch
from lib.convnets.bridge.arrays import all_arrays
from lib.convnets.learner import TorchLearner
from lib.convnets.loop import fit
from lib.convnets.numpy_learner import NumpyLearner
from lib.convnets.recipe import Recipe

STEPS, EXACT = 10, 1e-10


def convnet():
    """The net of lecture 09 at small size, with a residual block, for images of 8 × 8 pixels; float64."""
    block = nn.Residual(nn.Conv2d(6, 6, 3, padding=1, bias=False), nn.BatchNorm2d(6), nn.ReLU())
    return nn.Sequential(
        nn.Conv2d(3, 6, 5, padding=2), nn.MaxPool2d(2), nn.BatchNorm2d(6), nn.ReLU(), block,
        nn.Conv2d(6, 8, 3, padding=1), nn.AvgPool2d(2), nn.GroupNorm(2, 8), nn.PReLU(8),
        nn.Flatten(), nn.Dropout(0.0), nn.Linear(32, 3),
    ).reset(0).double()  # fmt: skip


OPTIMIZERS = {
    "SGD": (lambda: optim.SGD(0.05), lambda p: torch.optim.SGD(p, 0.05)),
    "momentum": (lambda: optim.SGD(0.05, 0.9), lambda p: torch.optim.SGD(p, 0.05, 0.9)),
    "Nesterov with decay": (
        lambda: optim.SGD(0.05, 0.9, nesterov=True, weight_decay=0.01),
        lambda p: torch.optim.SGD(p, 0.05, 0.9, nesterov=True, weight_decay=0.01),
    ),
    "Adam": (lambda: optim.Adam(0.01), lambda p: torch.optim.Adam(p, 0.01)),
    "AdamW": (
        lambda: optim.AdamW(0.01, weight_decay=0.1),
        lambda p: torch.optim.AdamW(p, 0.01, weight_decay=0.1),
    ),
    "RMSProp": (lambda: optim.RMSProp(0.001), lambda p: torch.optim.RMSprop(p, 0.001)),
}


def batches(count=STEPS):
    """Images (20, 3, 8, 8) in float64, with labels."""
    data = Images(count=20 * count, dtype=torch.float64)
    yield from data.in_order(20)


def losses_here(net, optimizer):
    criterion, losses = nn.CrossEntropyLoss(label_smoothing=0.1), []
    for images, labels in batches():
        x, y = images.numpy(), labels.numpy()
        scores = net.forward(x)
        losses.append(criterion.forward(scores, y))
        net.zero_grad_parameters()
        net.backward(x, criterion.backward(scores, y), need_grad_input=False)
        optimizer.step(*net.parameters())
    return losses


def losses_in_torch(net, optimizer):
    criterion, losses = to_torch(nn.CrossEntropyLoss(label_smoothing=0.1)), []
    for images, labels in batches():
        loss = criterion(net(images), labels)
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return losses


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_same_optimiser_gives_the_same_losses_and_the_same_net(name):
    here, in_torch = OPTIMIZERS[name]
    ours = convnet()
    theirs = to_torch(ours)
    again = from_torch(theirs)
    wanted = losses_in_torch(theirs, in_torch(theirs.parameters()))
    assert len(set(wanted)) == STEPS
    for net in (ours, again):
        assert_allclose(losses_here(net, here()), wanted, rtol=EXACT, atol=0)
        for a, b in zip(all_arrays(net), all_arrays(theirs), strict=True):
            if a.numbers.dtype == np.float64:
                assert_allclose(a.numbers, b.numbers.detach(), rtol=1e-8, atol=1e-9, err_msg=a.name)
    x = next(batches(1))[0]
    assert_allclose(ours.eval().forward(x.numpy()), theirs.eval()(x).detach(), rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("schedule", ["constant", "one_cycle"])
@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_the_one_loop_trains_both_with_equal_losses(optimizer, schedule):
    rate = 0.05 if optimizer == "sgd" else 0.005
    recipe = Recipe(
        epochs=2.5, batch_size=16, learning_rate=rate, optimizer=optimizer, schedule=schedule,
        label_smoothing=0.1, weight_decay=0.01,
    )  # fmt: skip
    ours, data = convnet(), Images(count=60, dtype=torch.float64)
    theirs = to_torch(ours)
    histories = [
        fit(learner, data, recipe, seed=3)
        for learner in (NumpyLearner(ours, recipe), TorchLearner(theirs, recipe))
    ]
    losses = [history.losses for history in histories]
    assert len(losses[0]) == STEPS
    assert_allclose(losses[0], losses[1], rtol=EXACT, atol=0)
    assert histories[0].columns["train_accuracy"] == histories[1].columns["train_accuracy"]


def test_a_net_of_torch_goes_on_here_in_the_middle_of_a_training_and_back_again():
    """Twenty steps there, or ten there and ten here: plain SGD keeps nothing beside the weights."""
    theirs = to_torch(convnet())
    alone = to_torch(convnet())
    wanted = losses_in_torch(alone, torch.optim.SGD(alone.parameters(), 0.05))
    first = losses_in_torch(theirs, torch.optim.SGD(theirs.parameters(), 0.05))
    assert first == wanted
    ours = from_torch(theirs)
    more = losses_here(ours, optim.SGD(0.05))
    even_more = losses_in_torch(alone, torch.optim.SGD(alone.parameters(), 0.05))
    assert_allclose(more, even_more, rtol=EXACT, atol=0)
    final = to_torch(ours)
    for (name, a), b in zip(final.state_dict().items(), alone.state_dict().values(), strict=True):
        if not name.endswith("num_batches_tracked"):  # counted here only where momentum is None
            close(a.numpy(), b, scale=1e3)


def test_the_bridge_gives_what_one_writes_by_hand():
    theirs = torch_net(dropout=0.3).double().eval()
    ours, by_hand = from_torch(theirs), numpy_net(theirs).eval()
    assert repr(ours) == repr(by_hand)
    x = next(batches(1))[0].numpy()
    assert np.array_equal(ours.forward(x), by_hand.forward(x))
