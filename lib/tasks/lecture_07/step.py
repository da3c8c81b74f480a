"""One step of training, with the methods of a module and of a criterion."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib import nn
from lib.tasks.task import Task

task = Task(
    "07.step",
    "One step of training",
    defines=("step",),
    parts={"loss": 1, "one step": 1, "three steps": 1},
    allows=("lib.nn",),
    hints=(
        "Five calls, in the order of the text: zero, forward, criterion, backward, update.",
        "criterion.forward(o, t) is the loss; criterion.backward(o, t) is the ∂L/∂o that the model needs.",
        "model.backward takes two arguments: x, and what criterion.backward returned. Then "
        "model.update_parameters(rate), and return the loss.",
    ),
    minutes=5,
    tells=("model.backward(x, criterion.backward",),
)


def small_model(rng: np.random.Generator) -> Any:
    """A layer with drawn weights that has learnt nothing, and whose gradients are 0."""
    return nn.Linear(4, 3, seed=rng).double()


def losses_and_model(step: Any, rng: np.random.Generator, steps: int) -> tuple[list[Any], Any]:
    """What `step` returns, time after time, and the model afterwards."""
    model, criterion = small_model(rng), nn.MSELoss()
    batches = [(rng.normal(size=(5, 4)), rng.normal(size=(5, 3))) for _ in range(steps)]
    return [step(model, criterion, x, t, 0.3) for x, t in batches], model


@task.check("loss", within=1e-9)
def loss_of_the_step(step: Any, rng: np.random.Generator) -> dict[str, Any]:
    """what step returns"""
    return {"the loss, before the step": losses_and_model(step, rng, 1)[0][0]}


@task.check("one step", within=1e-9)
def model_after_one_step(step: Any, rng: np.random.Generator) -> dict[str, Any]:
    """one step of rate 0.3"""
    return {"the weights after one step": losses_and_model(step, rng, 1)[1].weight}


@task.check("three steps", within=1e-9)
def model_after_three_steps(step: Any, rng: np.random.Generator) -> dict[str, Any]:
    """three steps of rate 0.3, each with another batch"""
    return {"the weights after three steps": losses_and_model(step, rng, 3)[1].weight}


@task.reference
def step(model, criterion, x, t, rate):
    model.zero_grad_parameters()
    loss = criterion.forward(model.forward(x), t)
    model.backward(x, criterion.backward(model.output, t))
    model.update_parameters(rate)
    return loss


STEPS = ("one step", "three steps")


@task.wrong(
    0,
    "One step is right, and three are not: the gradients of earlier batches are still there. Zero first.",
    breaks="three steps",
)
def not_zeroed(model, criterion, x, t, rate):
    loss = criterion.forward(model.forward(x), t)
    model.backward(x, criterion.backward(model.output, t))
    model.update_parameters(rate)
    return loss


@task.wrong(
    0,
    "The weights have not moved: is there an update, and do you zero before backward, not after it?",
    breaks=STEPS,
)
def zeroed_too_late(model, criterion, x, t, rate):
    loss = criterion.forward(model.forward(x), t)
    model.backward(x, criterion.backward(model.output, t))
    model.zero_grad_parameters()
    model.update_parameters(rate)
    return loss


@task.wrong(
    0,
    "The way back starts with o − t here. What ∂L/∂o is, only the criterion knows: call its backward.",
    breaks=STEPS,
)
def difference_sent_back(model, criterion, x, t, rate):
    model.zero_grad_parameters()
    loss = criterion.forward(model.forward(x), t)
    model.backward(x, model.output - t)
    model.update_parameters(rate)
    return loss


@task.wrong(
    0,
    "The weights move uphill: update_parameters subtracts already, and a criterion takes o first, then t.",
    breaks=STEPS,
)
def step_uphill(model, criterion, x, t, rate):
    return step(model, criterion, x, t, -rate)


@task.wrong(0, "This is the loss after the step; return the one that was computed before it.", breaks="loss")
def loss_afterwards(model, criterion, x, t, rate):
    step(model, criterion, x, t, rate)
    return criterion.forward(model.forward(x), t)


@task.wrong(0, "The whole gradient is subtracted: give rate to update_parameters.", breaks=STEPS)
def whole_gradient(model, criterion, x, t, rate):
    return step(model, criterion, x, t, 1.0)


EVERYTHING = ("loss", *STEPS)


@task.wrong(
    0,
    "Is an argument missing? model.backward takes x and ∂L/∂o, and update_parameters takes the rate.",
    breaks=EVERYTHING,
)
def backward_without_x(model, criterion, x, t, rate):
    loss = criterion.forward(model.forward(x), t)
    model.backward(criterion.backward(model.output, t))
    return loss


@task.wrong(
    0,
    "Does each get its own? model.backward takes x and ∂L/∂o; criterion.backward takes o and t.",
    breaks=EVERYTHING,
)
def output_for_x(model, criterion, x, t, rate):
    loss = criterion.forward(model.forward(x), t)
    model.backward(model.output, criterion.backward(model.output, t))
    return loss


@task.wrong(
    0,
    "The rate is in the step twice: give it to update_parameters alone, not to backward as scale.",
    breaks=STEPS,
)
def rate_for_scale(model, criterion, x, t, rate):
    model.zero_grad_parameters()
    loss = criterion.forward(model.forward(x), t)
    model.backward(x, criterion.backward(model.output, t), rate)
    model.update_parameters(rate)
    return loss
