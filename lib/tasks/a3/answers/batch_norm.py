"""`BatchNorm`: the right answer, and those that students give."""

from __future__ import annotations

import numpy as np

from lib.tasks.a3.batch_norm import task


@task.reference
class BatchNorm:
    """weight · (x − mean) / √(var + eps) + bias, for each channel by itself."""

    mode = True

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.momentum, self.eps, self.training = momentum, eps, True
        self.bias, self.grad_weight, self.grad_bias, self.running_mean = np.zeros((4, num_features))
        self.weight, self.running_var = np.ones((2, num_features))

    def forward(self, x):
        rows, self.mode = as_rows(x), self.training  # of this forward, which backward belongs to
        if self.mode:
            mean, var = rows.mean(axis=0), rows.var(axis=0)
            self.track(mean, var, len(rows))
        else:
            mean, var = self.running_mean, self.running_var
        return as_shaped(self.normalize(rows, mean, var), x)

    def track(self, mean, var, count):
        m = self.momentum
        self.running_mean = (1 - m) * self.running_mean + m * mean
        self.running_var = (1 - m) * self.running_var + m * var * count / (count - 1)

    def normalize(self, rows, mean, var):
        self.std = np.sqrt(var + self.eps)
        self.normalized = (rows - mean) / self.std
        return self.weight * self.normalized + self.bias

    def backward(self, x, grad_output, scale=1.0):
        g = as_rows(grad_output)
        self.grad_weight += scale * self.gradient_of_weight(as_rows(x), g)
        self.grad_bias += scale * g.sum(axis=0)
        return as_shaped(self.gradient_of_input(g), x)

    def gradient_of_weight(self, rows, g):
        return (g * self.normalized).sum(axis=0)

    def gradient_of_input(self, g):
        through = self.gradient_in_training if self.mode else self.gradient_in_evaluation
        return through(g)

    def gradient_in_training(self, g):
        through_var = self.normalized * (g * self.normalized).mean(axis=0)
        return self.weight / self.std * (g - g.mean(axis=0) - through_var)

    def gradient_in_evaluation(self, g):
        return self.weight / self.std * g


def as_rows(x):
    """Each pixel counts as an example: (N, C) or (N, C, H, W) → (count, C)."""
    return np.moveaxis(x, 1, -1).reshape(-1, x.shape[1])


def as_shaped(rows, x):
    """Back to the shape of x."""
    return np.moveaxis(rows.reshape(len(x), *x.shape[2:], x.shape[1]), -1, 1)


# Forward.


@task.wrong(
    122,
    "You normalised each example over its channels: mean and variance are those of a channel, over the "
    "batch (axis 0).",
    breaks=("output", "eps"),
)
class OverChannels(BatchNorm):
    def normalize(self, rows, mean, var):
        output = super().normalize(rows, mean, var)
        if not self.training:
            return output
        centred = rows - rows.mean(axis=1, keepdims=True)
        return self.weight * centred / np.sqrt(rows.var(axis=1, keepdims=True) + self.eps) + self.bias


@task.wrong(
    122,
    "Mean and variance are taken over the whole batch at once: each channel has its own.",
    breaks=("output", "eps"),
)
class OverEverything(BatchNorm):
    def normalize(self, rows, mean, var):
        output = super().normalize(rows, mean, var)
        if not self.training:
            return output
        return self.weight * (rows - rows.mean()) / np.sqrt(rows.var() + self.eps) + self.bias


@task.wrong(
    122,
    "Of images, each pixel has statistics of its own: they are those of a channel, over the images and "
    "all places (axes 0, 2 and 3).",
    breaks="images",
)
class OverImagesOnly(BatchNorm):
    def forward(self, x):
        if x.ndim == 2 or not self.training:
            return super().forward(x)
        super().forward(x)
        normalized = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + self.eps)
        return self.weight[:, None, None] * normalized + self.bias[:, None, None]


@task.wrong(
    122,
    "Of images, each image has statistics of its own: they are those of a channel, over the images and "
    "all places (axes 0, 2 and 3).",
    breaks="images",
)
class OverPlacesOnly(BatchNorm):
    def forward(self, x):
        if x.ndim == 2 or not self.training:
            return super().forward(x)
        super().forward(x)
        mean, var = x.mean(axis=(2, 3), keepdims=True), x.var(axis=(2, 3), keepdims=True)
        normalized = (x - mean) / np.sqrt(var + self.eps)
        return self.weight[:, None, None] * normalized + self.bias[:, None, None]


@task.wrong(
    122,
    "Images are reshaped to rows without moving the channels to the end first: each row mixes places and "
    "channels.",
    breaks="images",
)
class ReshapedOnly(BatchNorm):
    def forward(self, x):
        if x.ndim == 2:
            return super().forward(x)
        return super().forward(x.reshape(-1, x.shape[1])).reshape(x.shape)

    def backward(self, x, grad_output, scale=1.0):
        if x.ndim == 2:
            return super().backward(x, grad_output, scale)
        rows, g = (array.reshape(-1, x.shape[1]) for array in (x, grad_output))
        return super().backward(rows, g, scale).reshape(x.shape)


@task.wrong(
    123,
    "Eps stands outside the root: divide by √(variance + eps).",
    breaks="eps",
)
class EpsOutside(BatchNorm):
    def normalize(self, rows, mean, var):
        self.std = np.sqrt(var) + self.eps
        self.normalized = (rows - mean) / self.std
        return self.weight * self.normalized + self.bias


@task.wrong(
    123,
    "Eps is left out: a channel with variance 0 is divided by 0, so divide by √(variance + eps).",
    breaks="eps",
)
class NoEps(BatchNorm):
    def normalize(self, rows, mean, var):
        self.std = np.sqrt(var)
        self.normalized = (rows - mean) / self.std
        return self.weight * self.normalized + self.bias


@task.wrong(
    123,
    "Your eps is a number of its own: take the one that was handed in.",
    breaks="eps",
)
class FixedEps(BatchNorm):
    def normalize(self, rows, mean, var):
        self.std = np.sqrt(var + 1e-5)
        self.normalized = (rows - mean) / self.std
        return self.weight * self.normalized + self.bias


@task.wrong(
    123,
    "Forward has eps where it belongs, but backward divides by the root of the variance alone.",
    breaks="eps",
)
class NoEpsInBackward(BatchNorm):
    def gradient_in_training(self, g):
        std = np.sqrt(self.std**2 - self.eps)
        return super().gradient_in_training(g) * self.std / std


@task.wrong(
    124,
    "You normalised with the variance that divides by N − 1: the batch is normalised with the one that "
    "divides by N, only running_var takes N − 1.",
    breaks="output",
)
class UnbiasedInForward(BatchNorm):
    def normalize(self, rows, mean, var):
        if self.training:
            normalized = (rows - mean) / np.sqrt(var * len(rows) / (len(rows) - 1) + self.eps)
            super().normalize(rows, mean, var)
            return self.weight * normalized + self.bias
        return super().normalize(rows, mean, var)


@task.wrong(
    0,
    "You divided by the variance: divide by its root.",
    breaks=("output", "eps"),
)
class NoRoot(BatchNorm):
    def normalize(self, rows, mean, var):
        output = super().normalize(rows, mean, var)
        if self.training:
            return self.weight * (rows - mean) / (var + self.eps) + self.bias
        return output


@task.wrong(
    0,
    "Weight and bias are left out: the output is weight times the normalised x, plus bias.",
    breaks=("output", "eps", "evaluation"),
)
class NoWeights(BatchNorm):
    def forward(self, x):
        super().forward(x)
        return as_shaped(self.normalized, x)


# The running statistics.


@task.wrong(
    125,
    "Your running_var is off by N / (N − 1): it averages the variance that divides by N − 1.",
    breaks="running statistics",
)
class BiasedRunning(BatchNorm):
    def track(self, mean, var, count):
        super().track(mean, var * (count - 1) / count, count)


@task.wrong(
    125,
    "Your running statistics average standard deviations: running_var holds variances.",
    breaks="running statistics",
)
class RunningDeviation(BatchNorm):
    def track(self, mean, var, count):
        super().track(mean, np.sqrt(var * count / (count - 1)) * (count - 1) / count, count)


@task.wrong(
    126,
    "The momentum is the wrong way round: new = (1 − momentum) · old + momentum · batch.",
    breaks="running statistics",
)
class MomentumTurned(BatchNorm):
    def track(self, mean, var, count):
        self.momentum = 1 - self.momentum
        super().track(mean, var, count)
        self.momentum = 1 - self.momentum


@task.wrong(
    126,
    "Your momentum is a number of its own: take the one that was handed in.",
    breaks="running statistics",
)
class FixedMomentum(BatchNorm):
    def track(self, mean, var, count):
        self.momentum = 0.1 if self.momentum != 0.1 else 0.10001
        super().track(mean, var, count)


@task.wrong(
    127,
    "The running statistics change in evaluation: they are averages over training batches only.",
    breaks="running statistics",
)
class TrackedInEvaluation(BatchNorm):
    def forward(self, x):
        output = super().forward(x)
        if not self.training and len(x) > 1:
            rows = as_rows(x)
            self.track(rows.mean(axis=0), rows.var(axis=0), len(rows))
        return output


@task.wrong(
    127,
    "The running statistics begin anew with each batch: keep a share of 1 − momentum of what was there.",
    breaks="running statistics",
)
class LastBatchOnly(BatchNorm):
    def track(self, mean, var, count):
        self.running_mean, self.running_var = mean, var * count / (count - 1)


@task.wrong(
    127,
    "The running statistics never change: each forward in training moves them towards the batch's.",
    breaks="running statistics",
)
class NeverTracked(BatchNorm):
    def track(self, mean, var, count):
        pass


@task.wrong(
    127,
    "Only running_mean follows the batches: running_var does too.",
    breaks="running statistics",
)
class VarianceNotTracked(BatchNorm):
    def track(self, mean, var, count):
        kept = self.running_var
        super().track(mean, var, count)
        self.running_var = kept


@task.wrong(
    127,
    "Backward moves the running statistics a second time: only forward does.",
    breaks=("running statistics",),
)
class TrackedTwice(BatchNorm):
    def track(self, mean, var, count):
        super().track(mean, var, count)
        super().track(mean, var, count)


# Evaluation.


@task.wrong(
    128,
    "In evaluation you normalise with the batch's own mean and variance, so one example's answer depends "
    "on its neighbours: take the running ones.",
    breaks=("evaluation", "backward in evaluation"),
)
class BatchInEvaluation(BatchNorm):
    def forward(self, x):
        if self.training:
            return super().forward(x)
        rows = as_rows(x)
        return as_shaped(self.normalize(rows, rows.mean(axis=0), rows.var(axis=0)), x)


@task.wrong(
    128,
    "In evaluation you divide by running_var: divide by √(running_var + eps).",
    breaks=("evaluation",),
)
class NoRootInEvaluation(BatchNorm):
    def forward(self, x):
        output = super().forward(x)
        if self.training:
            return output
        rows = self.normalized / self.std
        return as_shaped(self.weight * rows + self.bias, x)


# Backward.


@task.wrong(
    129,
    "Mean and variance are treated as constants: x moves both, and the gradients of a channel add up to 0.",
    breaks="grad_input",
)
class Constants(BatchNorm):
    def gradient_in_training(self, g):
        return self.gradient_in_evaluation(g)


@task.wrong(
    129,
    "The path through the mean is missing: the gradients of a channel add up to 0, yours do not.",
    breaks="grad_input",
)
class MeanConstant(BatchNorm):
    def gradient_in_training(self, g):
        through_var = self.normalized * (g * self.normalized).mean(axis=0)
        return self.weight / self.std * (g - through_var)


@task.wrong(
    129,
    "The path through the variance is missing: x moves the variance of its batch as well as the mean.",
    breaks="grad_input",
)
class VarianceConstant(BatchNorm):
    def gradient_in_training(self, g):
        return self.weight / self.std * (g - g.mean(axis=0))


@task.wrong(
    129,
    "The terms through mean and variance are sums over the batch: divide them by the number of examples.",
    breaks="grad_input",
)
class SumsForMeans(BatchNorm):
    def gradient_in_training(self, g):
        through_var = self.normalized * (g * self.normalized).sum(axis=0)
        return self.weight / self.std * (g - g.sum(axis=0) - through_var)


@task.wrong(
    130,
    "Your gradient in x is 0: that is right for a grad_output of ones, and for no other.",
    breaks=("grad_input", "eps"),
)
class ZerosBack(BatchNorm):
    def gradient_in_training(self, g):
        return np.zeros_like(g)


@task.wrong(
    131,
    "The weight is left out of the gradient in x: forward multiplied by it, so backward does too.",
    breaks="grad_input",
)
class NoWeightInBackward(BatchNorm):
    def gradient_in_training(self, g):
        return super().gradient_in_training(g) / self.weight


@task.wrong(
    131,
    "Your grad_weight is made with x: it takes the normalised x, which is what the weight multiplies.",
    breaks=("grad_weight and grad_bias", "backward in evaluation"),
)
class WeightGradientOfX(BatchNorm):
    def gradient_of_weight(self, rows, g):
        return (g * rows).sum(axis=0)


@task.wrong(
    131,
    "Your grad_weight is made with the output: it takes the normalised x, before weight and bias.",
    breaks=("grad_weight and grad_bias", "backward in evaluation"),
)
class WeightGradientOfTheOutput(BatchNorm):
    def gradient_of_weight(self, rows, g):
        return (g * (self.weight * self.normalized + self.bias)).sum(axis=0)


@task.wrong(
    131,
    "Your grad_weight and grad_bias are means over the batch: add up.",
    breaks=("grad_weight and grad_bias", "backward in evaluation"),
)
class ParametersAveraged(BatchNorm):
    def backward(self, x, grad_output, scale=1.0):
        return super().backward(x, grad_output, scale / len(as_rows(x)))


@task.wrong(
    0,
    "Scale is not used: grad_weight and grad_bias grow by scale times the gradient.",
    breaks="grad_weight and grad_bias",
)
class NotScaled(BatchNorm):
    def backward(self, x, grad_output, scale=1.0):
        return super().backward(x, grad_output)


@task.wrong(
    70,
    "The gradients add up from backward to backward, until someone sets them to 0; yours start anew each "
    "time.",
    breaks="grad_weight and grad_bias",
)
class Overwritten(BatchNorm):
    def backward(self, x, grad_output, scale=1.0):
        self.grad_weight[...], self.grad_bias[...] = 0, 0
        return super().backward(x, grad_output, scale)


@task.wrong(
    0,
    "Scale belongs to the gradients of weight and bias alone: what backward returns is not multiplied by it.",
    breaks="grad_input",
)
class InputScaled(BatchNorm):
    def backward(self, x, grad_output, scale=1.0):
        return scale * super().backward(x, grad_output, scale)


@task.wrong(
    132,
    "In evaluation mean and variance are constants: the gradient is grad_output · weight / √(running_var "
    "+ eps).",
    breaks="backward in evaluation",
)
class TrainingBackward(BatchNorm):
    def gradient_in_evaluation(self, g):
        through_var = self.normalized * (g * self.normalized).mean(axis=0)
        return self.weight / self.std * (g - g.mean(axis=0) - through_var)

    def gradient_in_training(self, g):
        return self.gradient_in_evaluation(g)


@task.wrong(
    132,
    "In evaluation the gradient passes unchanged: it is multiplied by weight / √(running_var + eps).",
    breaks="backward in evaluation",
)
class PassedInEvaluation(BatchNorm):
    def gradient_in_evaluation(self, g):
        return g * 1


# The rest.


@task.wrong(0, "The caller's x has changed: forward and backward read it only.", breaks="contract")
class InputChanged(BatchNorm):
    def backward(self, x, grad_output, scale=1.0):
        gradient = super().backward(x, grad_output, scale)
        x -= np.float64(1)
        return gradient


@task.wrong(0, "The caller's grad_output has changed: multiply into an array of your own.", breaks="contract")
class GradOutputChanged(BatchNorm):
    def backward(self, x, grad_output, scale=1.0):
        gradient = super().backward(x, grad_output, scale)
        grad_output *= 2
        return gradient


@task.wrong(
    0, "It is the last forward that backward belongs to: keep in which mode that was, since layer.training "
    "may have changed.",
    breaks="grad_input",
)  # fmt: skip
class ModeOfNow(BatchNorm):
    def backward(self, x, grad_output, scale=1.0):
        if self.training or not self.mode:
            return super().backward(x, grad_output, scale)
        rows = as_rows(grad_output)
        return as_shaped(rows * self.weight / np.sqrt(self.running_var + self.eps), grad_output)
