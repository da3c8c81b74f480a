"""`Dropout`: the right answer, and those that students give."""

from __future__ import annotations

import numpy as np

from lib.tasks.a3.dropout import task


@task.reference
class Dropout:
    """In training each number becomes 0 with probability p, else it is divided by 1 − p."""

    def __init__(self, p, rng):
        self.p, self.rng, self.training = p, rng, True

    def forward(self, x):
        self.factor = self.draw(x.shape) * self.scale() if self.training else np.ones(x.shape)
        return x * self.factor

    def backward(self, x, grad_output):
        return grad_output * self.factor

    def draw(self, shape):
        """Which numbers are kept."""
        return self.rng.random(shape) >= self.p

    def scale(self):
        return 1 / (1 - self.p) if self.p < 1 else 0.0


@task.wrong(
    114,
    "Your layer keeps a share of p and drops the rest: p is the probability to drop a number.",
    breaks=("training", "p = 0 and 1"),
)
class KeepsP(Dropout):
    def draw(self, shape):
        return self.rng.random(shape) < self.p


@task.wrong(
    114,
    "Your layer keeps a share of p and divides by p: p is the probability to drop a number.",
    breaks=("training", "p = 0 and 1"),
)
class KeepsPAndDividesByP(KeepsP):
    def scale(self):
        return 1 / self.p if self.p else 0.0


@task.wrong(
    115,
    "What is kept must be divided by 1 − p in training: without that the mean of your output is only (1 − "
    "p) times the input's.",
    breaks="training",
)
class NotScaled(Dropout):
    def scale(self):
        return 1.0


@task.wrong(
    115,
    "What is kept is multiplied by 1 − p: divide by it, so that the mean stays as it was.",
    breaks="training",
)
class Multiplied(Dropout):
    def scale(self):
        return 1 - self.p if self.p < 1 else 0.0


@task.wrong(
    115,
    "What is kept is divided by p: divide by 1 − p, the share that is kept.",
    breaks="training",
)
class DividedByP(Dropout):
    def scale(self):
        return 1 / self.p if 0 < self.p < 1 else 1.0


@task.wrong(
    116,
    "In evaluation your numbers are multiplied by 1 − p: training has made up for the loss, so the layer "
    "hands x on.",
    breaks="evaluation",
)
class ScaledInEvaluation(Dropout):
    def forward(self, x):
        output = super().forward(x)
        if not self.training:
            self.factor = 1 - self.p
        return output if self.training else x * self.factor


@task.wrong(
    116,
    "In evaluation your numbers are divided by 1 − p: the layer hands x on as it is.",
    breaks="evaluation",
)
class DividedInEvaluation(Dropout):
    def forward(self, x):
        output = super().forward(x)
        if not self.training:
            self.factor = self.scale()
        return output if self.training else x * self.factor


@task.wrong(
    116,
    "In evaluation your layer still drops numbers: look at self.training.",
    breaks="evaluation",
)
class DropsInEvaluation(Dropout):
    def forward(self, x):
        self.factor = self.draw(x.shape) * self.scale()
        return x * self.factor


@task.wrong(
    116,
    "After an evaluation your layer stays in evaluation: look at self.training in every forward.",
    breaks="evaluation",
)
class StaysInEvaluation(Dropout):
    def forward(self, x):
        self.over = getattr(self, "over", False) or not self.training
        self.training = not self.over
        return super().forward(x)


@task.wrong(
    117,
    "Backward draws a mask of its own: a number that forward dropped has the gradient 0, so keep "
    "forward's mask.",
    breaks="backward",
)
class NewMask(Dropout):
    def backward(self, x, grad_output):
        if not self.training:
            return grad_output
        return grad_output * self.draw(x.shape) * self.scale()


@task.wrong(
    117,
    "Backward lets every gradient pass: what forward dropped has the gradient 0.",
    breaks=("backward", "p = 0 and 1"),
)
class NoMask(Dropout):
    def backward(self, x, grad_output):
        return grad_output * 1


@task.wrong(
    118,
    "Backward leaves out the factor 1 / (1 − p): forward multiplied by it, so backward does too.",
    breaks="backward",
)
class BackwardNotScaled(Dropout):
    def backward(self, x, grad_output):
        return grad_output * (self.factor != 0)


@task.wrong(
    118,
    "Backward divides by 1 − p twice: the mask that forward kept has the factor already.",
    breaks="backward",
)
class BackwardScaledTwice(Dropout):
    def backward(self, x, grad_output):
        scale = self.scale() if self.training else 1.0
        return grad_output * self.factor * scale


@task.wrong(
    118,
    "In evaluation backward still uses the last mask of training: there the gradient passes as it is.",
    breaks="evaluation",
)
class OldMaskInEvaluation(Dropout):
    def forward(self, x):
        return super().forward(x) if self.training else x * 1


@task.wrong(
    0,
    "Backward takes every 0 of the output for a dropped number: an x of 0 that was kept has a gradient.",
    breaks="backward",
)
class MaskFromTheOutput(Dropout):
    def forward(self, x):
        self.output = super().forward(x)
        return self.output

    def backward(self, x, grad_output):
        if not self.training or self.p == 0:
            return grad_output * 1
        return grad_output * (self.output != 0) * self.scale()


@task.wrong(
    119,
    "All examples lose the same numbers: draw one for each element of x, not for each column.",
    breaks="randomness",
)
class OneMaskForAllRows(Dropout):
    def draw(self, shape):
        return np.broadcast_to(super().draw((1, *shape[1:])), shape)


@task.wrong(
    119,
    "Whole feature maps vanish: here each pixel of each channel is drawn by itself.",
    breaks="randomness",
)
class WholeMaps(Dropout):
    def draw(self, shape):
        return np.broadcast_to(super().draw((*shape[:2], *[1] * (len(shape) - 2))), shape)


@task.wrong(
    119,
    "All channels of an image lose the same pixels: here each pixel of each channel is drawn by itself.",
    breaks="randomness",
)
class OneMaskForAllChannels(Dropout):
    def draw(self, shape):
        return (
            np.broadcast_to(super().draw((shape[0], 1, *shape[2:])), shape)
            if len(shape) > 2
            else super().draw(shape)
        )


@task.wrong(
    120,
    "Every call drops the same numbers, and numpy's global generator was seeded: draw from the rng that "
    "was handed in.",
    breaks="randomness",
)
class SeededInside(Dropout):
    def draw(self, shape):
        np.random.seed(0)  # noqa: NPY002
        return np.random.random(shape) >= self.p  # noqa: NPY002


@task.wrong(
    120,
    "Every call drops the same numbers: a generator that is made anew in forward begins anew.",
    breaks="randomness",
)
class GeneratorMadeInside(Dropout):
    def draw(self, shape):
        return np.random.default_rng(0).random(shape) >= self.p


@task.wrong(
    120,
    "Your numbers come from numpy's global generator: draw from the rng that was handed in, so that a run "
    "can be repeated.",
    breaks="randomness",
)
class GlobalGenerator(Dropout):
    def draw(self, shape):
        return np.random.random(shape) >= self.p  # noqa: NPY002


@task.wrong(
    120,
    "Your layer has a generator of its own, without a seed: draw from the rng that was handed in, so that "
    "a run can be repeated.",
    breaks="randomness",
)
class OwnGenerator(Dropout):
    def __init__(self, p, rng):
        super().__init__(p, np.random.default_rng())


@task.wrong(
    120,
    "The mask of the first call is used for ever: draw a new one in every forward.",
    breaks="randomness",
)
class MaskKept(Dropout):
    def draw(self, shape):
        if getattr(self, "kept", np.empty(0)).shape != shape:
            self.kept = super().draw(shape)
        return self.kept


@task.wrong(
    121,
    "At p = 1 your numbers are nan: there is nothing to divide by, all of them become 0.",
    breaks="p = 0 and 1",
)
class DividedByZero(Dropout):
    def scale(self):
        return np.float64(1) / (1 - self.p)


@task.wrong(
    0,
    "The caller's x has changed: multiply into an array of your own.",
    breaks="contract",
)
class InputChanged(Dropout):
    def forward(self, x):
        output = super().forward(x)
        x[...] = output
        return output


@task.wrong(
    0,
    "The caller's grad_output has changed: multiply into an array of your own.",
    breaks="contract",
)
class GradOutputChanged(Dropout):
    def backward(self, x, grad_output):
        grad_output *= self.factor
        return grad_output


@task.wrong(
    0, "It is the last forward that backward belongs to: keep in which mode that was, since layer.training "
    "may have changed.",
    breaks="backward",
)  # fmt: skip
class ModeOfNow(Dropout):
    def backward(self, x, grad_output):
        return super().backward(x, grad_output) if self.training else grad_output


@task.wrong(
    0, "You drop the same number of numbers each time: each is to be dropped or kept by itself, with "
    "probability p.",
    breaks="randomness",
)  # fmt: skip
class ExactShare(Dropout):
    def draw(self, shape):
        size = int(np.prod(shape))
        return self.rng.permutation(np.arange(size) >= round(self.p * size)).reshape(shape)
