"""`CrossEntropy`: the right answer, and those that students give."""

from __future__ import annotations

import numpy as np

from lib.tasks.a2.cross_entropy import task


@task.reference
class CrossEntropy:
    def forward(self, scores, labels):
        log_p = self.log_softmax(scores)
        return -log_p[np.arange(len(scores)), labels].mean()

    def backward(self, scores, labels):
        gradient = np.exp(self.log_softmax(scores))
        gradient[np.arange(len(scores)), labels] -= 1
        return gradient / len(scores)

    def log_softmax(self, scores):
        scores = self.shifted(scores)
        return scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))

    def shifted(self, scores):
        """The scores, less the largest of each row: no power of e is too large."""
        return scores - scores.max(axis=1, keepdims=True)


def right(scores, labels):
    """The place of each right class."""
    return np.arange(len(scores)), labels


N_TIMES = (
    "The loss is a mean: its gradient is divided by the number of examples, and yours is N times too large."
)


@task.wrong(83, N_TIMES, breaks="gradient")
class NotDivided(CrossEntropy):
    def backward(self, scores, labels):
        return super().backward(scores, labels) * len(scores)


@task.wrong(
    83,
    "The mean is over the N examples; your gradient is divided by the number of classes.",
    breaks="gradient",
)
class DividedByC(CrossEntropy):
    def backward(self, scores, labels):
        return super().backward(scores, labels) * len(scores) / scores.shape[1]


@task.wrong(
    83,
    "The mean is over the N examples; your gradient is divided by all N · C numbers.",
    breaks="gradient",
)
class DividedByAll(CrossEntropy):
    def backward(self, scores, labels):
        return super().backward(scores, labels) / scores.shape[1]


@task.wrong(83, "The loss is the mean over the examples; yours is their sum.", breaks="loss")
class Sum(CrossEntropy):
    def forward(self, scores, labels):
        return super().forward(scores, labels) * len(scores)


@task.wrong(
    83,
    "The loss is the mean over the examples; yours is divided by the number of classes.",
    breaks="loss",
)
class MeanOverClasses(CrossEntropy):
    def forward(self, scores, labels):
        return super().forward(scores, labels) * len(scores) / scores.shape[1]


@task.wrong(0, "The loss is one number, the mean; yours has one for each example.", breaks="loss")
class OneEach(CrossEntropy):
    def forward(self, scores, labels):
        return -self.log_softmax(scores)[right(scores, labels)]


@task.wrong(0, "A loss of a probability below 1 is positive: the sign is missing.", breaks="loss")
class Negative(CrossEntropy):
    def forward(self, scores, labels):
        return -super().forward(scores, labels)


@task.wrong(84, "The criterion takes raw scores, and you normalised twice.", breaks=("loss", "gradient"))
class SoftmaxTwice(CrossEntropy):
    def log_softmax(self, scores):
        return super().log_softmax(np.exp(super().log_softmax(scores)))


@task.wrong(84, "The criterion takes raw scores; you took them for probabilities.", breaks="loss")
class ExpectsProbabilities(CrossEntropy):
    def forward(self, scores, labels):
        return -np.log(scores[right(scores, labels)]).mean()


@task.wrong(
    84,
    "The criterion takes raw scores; you took them for probabilities.",
    breaks=("loss", "gradient"),
)
class ExpectsProbabilitiesThroughout(ExpectsProbabilities):
    def backward(self, scores, labels):
        gradient = np.zeros(scores.shape)
        gradient[right(scores, labels)] = -1 / scores[right(scores, labels)]
        return gradient / len(scores)


@task.wrong(
    84,
    "The gradient wanted is that in the scores, p minus 1 at the right class; yours is the one in the"
    " probabilities.",
    breaks="gradient",
)
class InTheProbabilities(CrossEntropy):
    def backward(self, scores, labels):
        gradient = np.zeros(scores.shape)
        p = np.exp(self.log_softmax(scores))
        gradient[right(scores, labels)] = -1 / p[right(scores, labels)]
        return gradient / len(scores)


@task.wrong(85, "Labels are 0 … C − 1 here; yours begin at 1.", breaks=("loss", "gradient"))
class FromOne(CrossEntropy):
    def forward(self, scores, labels):
        return super().forward(scores, labels.astype(int) - 1)

    def backward(self, scores, labels):
        return super().backward(scores, labels.astype(int) - 1)


OVERFLOW = (
    "The power exp(1000) is infinite: subtract each row's largest score first, it changes nothing else."
)


@task.wrong(0, OVERFLOW, breaks=("loss", "gradient"))
class NoShift(CrossEntropy):
    def shifted(self, scores):
        return scores


@task.wrong(0, OVERFLOW, breaks="gradient")
class NoShiftBack(CrossEntropy):
    def backward(self, scores, labels):
        gradient = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        gradient[right(scores, labels)] -= 1
        return gradient / len(scores)


@task.wrong(
    0,
    "One maximum for the whole batch leaves 0/0 in rows far below it: subtract each row's own.",
    breaks=("loss", "gradient"),
)
class OneMaximum(CrossEntropy):
    def shifted(self, scores):
        return scores - scores.max()


@task.wrong(
    0,
    "Far below 0 everything underflows: subtract the true maximum, also where it is negative.",
    breaks=("loss", "gradient"),
)
class MaximumOrZero(CrossEntropy):
    def shifted(self, scores):
        return scores - np.maximum(scores.max(axis=1, keepdims=True), 0)


@task.wrong(0, "Your loss is off by the row's maximum: shift both terms, or neither.", breaks="loss")
class HalfShifted(CrossEntropy):
    def forward(self, scores, labels):
        powers = np.exp(self.shifted(scores))
        return (np.log(powers.sum(axis=1)) - scores[right(scores, labels)]).mean()


@task.wrong(0, "Your loss uses the logarithm to base 10; here it is the natural one.", breaks="loss")
class Log10(CrossEntropy):
    def forward(self, scores, labels):
        return super().forward(scores, labels) / np.log(10)


@task.wrong(0, "Your loss uses the logarithm to base 2; here it is the natural one.", breaks="loss")
class Log2(CrossEntropy):
    def forward(self, scores, labels):
        return super().forward(scores, labels) / np.log(2)


FLOOR = (
    "Your loss stops growing however wrong the answer: take the logarithm before anything becomes 0, "
    "and add nothing to p."
)


@task.wrong(0, FLOOR, breaks="loss")
class AddsATrifle(CrossEntropy):
    def forward(self, scores, labels):
        p = np.exp(self.log_softmax(scores))[right(scores, labels)]
        return -np.log(p + 1e-8).mean()


@task.wrong(0, FLOOR, breaks="loss")
class Clips(CrossEntropy):
    def forward(self, scores, labels):
        p = np.exp(self.log_softmax(scores))[right(scores, labels)]
        return -np.log(np.clip(p, 1e-12, 1)).mean()


@task.wrong(
    0,
    "The logarithm of a probability that became 0 is infinite: take the logarithm before anything becomes 0.",
    breaks="loss",
)
class LogOfZero(CrossEntropy):
    def forward(self, scores, labels):
        p = np.exp(self.log_softmax(scores))[right(scores, labels)]
        return -np.log(p).mean()


@task.wrong(
    0,
    "The probabilities of one example add up to 1; yours add up to 1 over the batch: which axis?",
    breaks=("loss", "gradient"),
)
class OverTheBatch(CrossEntropy):
    def log_softmax(self, scores):
        return super().log_softmax(scores.T).T


@task.wrong(0, "Your gradient pushes all scores down: subtract 1 at the right class.", breaks="gradient")
class OnlyP(CrossEntropy):
    def backward(self, scores, labels):
        return np.exp(self.log_softmax(scores)) / len(scores)


@task.wrong(
    0,
    "Every number has the wrong sign: the gradient is p − 1 at the right class, and p elsewhere.",
    breaks="gradient",
)
class WrongSign(CrossEntropy):
    def backward(self, scores, labels):
        return -super().backward(scores, labels)


@task.wrong(0, "The mean is over p − 1 too: yours subtracts 1 after p was divided by N.", breaks="gradient")
class SubtractsAfterwards(CrossEntropy):
    def backward(self, scores, labels):
        gradient = np.exp(self.log_softmax(scores)) / len(scores)
        gradient[right(scores, labels)] -= 1
        return gradient


@task.wrong(
    0,
    "The right class of each row has its own number: yours subtracts 1 in the whole column.",
    breaks="gradient",
)
class WholeColumns(CrossEntropy):
    def backward(self, scores, labels):
        gradient = np.exp(self.log_softmax(scores))
        gradient[:, labels] -= 1
        return gradient / len(scores)


@task.wrong(
    0,
    "A second backward gives something else: it changes the probabilities that forward kept; copy "
    "them first.",
    breaks="contract",
)
class ChangesWhatItKept(CrossEntropy):
    def forward(self, scores, labels):
        self.p = np.exp(self.log_softmax(scores))
        return super().forward(scores, labels)

    def backward(self, scores, labels):
        self.p[right(scores, labels)] -= 1
        return self.p / len(scores)


@task.wrong(0, "Your criterion changed the scores, which belong to its caller.", breaks="contract")
class ShiftsInPlace(CrossEntropy):
    def forward(self, scores, labels):
        scores -= scores.max(axis=1, keepdims=True)
        return super().forward(scores, labels)


LOOP = (
    "The numbers are right, but the time grows with a Python loop over the examples: index all rows at once."
)


@task.wrong(0, LOOP, breaks="contract")
class Loops(CrossEntropy):
    def forward(self, scores, labels):
        log_p = self.log_softmax(scores)
        return -sum(row[label] for row, label in zip(log_p, labels, strict=True)) / len(scores)


@task.wrong(0, LOOP, breaks="contract")
class LoopsBack(CrossEntropy):
    def backward(self, scores, labels):
        gradient = np.exp(self.log_softmax(scores))
        for i, label in enumerate(labels):
            gradient[i, label] -= 1
        return gradient / len(scores)


@task.wrong(92, "All your numbers are 0.", breaks=tuple(task.parts))
class Zeros(CrossEntropy):
    def forward(self, scores, labels):
        return 0.0

    def backward(self, scores, labels):
        return np.zeros(scores.shape)


@task.wrong(
    0, "Places counted in the bytes of the labels end at 255: count them in whole numbers.", breaks="gradient"
)
class PlacesInBytes(CrossEntropy):
    def backward(self, scores, labels):
        grad_input, C = np.exp(self.log_softmax(scores)), scores.shape[1]
        places = np.arange(len(scores)).astype(labels.dtype) * labels.dtype.type(C) + labels
        grad_input.reshape(-1)[places] -= 1
        return grad_input / len(scores)
