"""`Add`, `Multiply`, `Max`, `Sigmoid`: the right answers, and those that students give."""

from __future__ import annotations

import math

import numpy as np

from lib.tasks.a2.gates import task


@task.reference
class Add:
    def forward(self, *inputs):
        self.count = len(inputs)
        return sum(inputs)

    def backward(self, upstream):
        return (upstream,) * self.count


@task.reference
class Multiply:
    def forward(self, *inputs):
        self.inputs = inputs
        return math.prod(inputs)

    def backward(self, upstream):
        return tuple(upstream * math.prod(self.others(i)) for i in range(len(self.inputs)))

    def others(self, i):
        """All inputs but number i."""
        return self.inputs[:i] + self.inputs[i + 1 :]


@task.reference
class Max:
    def forward(self, *inputs):
        self.inputs = inputs
        return max(inputs)

    def backward(self, upstream):
        largest = max(self.inputs)
        return tuple(upstream / self.inputs.count(largest) if x == largest else 0.0 for x in self.inputs)


@task.reference
class Sigmoid:
    def forward(self, x):
        power = math.exp(-abs(x))
        self.output = 1 / (1 + power) if x >= 0 else power / (1 + power)
        return self.output

    def backward(self, upstream):
        return (upstream * self.output * (1 - self.output),)


NO_UPSTREAM = (
    "Your answer is right only where the upstream gradient is 1: by the chain rule it is multiplied "
    "by the local one."
)


@task.wrong(
    55,
    "The gradient for an input is the product of the *other* inputs times what comes from above; "
    "yours has its own input.",
    breaks="multiply",
    replaces="Multiply",
)
class OwnInput(Multiply):
    def others(self, i):
        return (self.inputs[i],)


@task.wrong(
    0,
    "With an input of 0 the product divided by that input says nothing: multiply the other inputs.",
    breaks="multiply",
    replaces="Multiply",
)
class DividesProduct(Multiply):
    def backward(self, upstream):
        return tuple(np.float64(upstream * math.prod(self.inputs)) / x for x in self.inputs)


@task.wrong(
    0,
    "With an input of 0 the product divided by that input says nothing: multiply the other inputs.",
    breaks="multiply",
    replaces="Multiply",
)
class DividesProductInPython(Multiply):
    def backward(self, upstream):
        return tuple(upstream * math.prod(self.inputs) / x for x in self.inputs)


@task.wrong(
    0,
    "Leave out the input at one place, not all that are equal to it: a number may come twice.",
    breaks="multiply",
    replaces="Multiply",
)
class LeavesOutEquals(Multiply):
    def others(self, i):
        return tuple(x for x in self.inputs if x != self.inputs[i])


@task.wrong(0, "A gate takes two inputs or more; yours stops at two.", breaks="multiply", replaces="Multiply")
class TwoFactors(Multiply):
    def forward(self, x, y):
        return super().forward(x, y)


@task.wrong(56, NO_UPSTREAM, breaks="multiply", replaces="Multiply")
class MultiplyAlone(Multiply):
    def backward(self, upstream):
        return super().backward(1.0)


@task.wrong(56, NO_UPSTREAM, breaks="add", replaces="Add")
class AddAlone(Add):
    def backward(self, upstream):
        return super().backward(1.0)


@task.wrong(56, NO_UPSTREAM, breaks="max", replaces="Max")
class MaxAlone(Max):
    def backward(self, upstream):
        return super().backward(1.0)


@task.wrong(56, NO_UPSTREAM, breaks="sigmoid", replaces="Sigmoid")
class SigmoidAlone(Sigmoid):
    def backward(self, upstream):
        return super().backward(1.0)


@task.wrong(
    57,
    "Addition hands the whole gradient to each input; yours shares it out.",
    breaks="add",
    replaces="Add",
)
class SharesOut(Add):
    def backward(self, upstream):
        return (upstream / self.count,) * self.count


@task.wrong(0, "A gate takes two inputs or more; yours stops at two.", breaks="add", replaces="Add")
class TwoTerms(Add):
    def forward(self, x, y):
        return super().forward(x, y)


@task.wrong(
    58,
    "Only the input that won gets the gradient; yours gives it to all.",
    breaks="max",
    replaces="Max",
)
class ToAll(Max):
    def forward(self, *inputs):
        self.n = len(inputs), inputs
        return max(inputs)

    def backward(self, upstream):
        self.last = self.n[1]
        return tuple(upstream for _ in self.last)


@task.wrong(
    58,
    "The winner is found among the inputs of forward, not among the gradients: what comes from above "
    "may be negative.",
    breaks="max",
    replaces="Max",
)
class ByGradient(Max):
    def backward(self, upstream):
        return tuple(max(given, 0.0) for given in super().backward(upstream))


@task.wrong(
    58,
    "At a tie each of the largest inputs gets an equal share; yours gives all to the first of them.",
    breaks="max",
    replaces="Max",
)
class FirstWins(Max):
    def backward(self, upstream):
        first = self.inputs.index(max(self.inputs))
        return tuple(upstream if i == first else 0.0 for i in range(len(self.inputs)))


@task.wrong(
    58,
    "At a tie each of the largest inputs gets an equal share; yours gives all to the last of them.",
    breaks="max",
    replaces="Max",
)
class LastWins(Max):
    def backward(self, upstream):
        last = max(range(len(self.inputs)), key=lambda i: (self.inputs[i], i))
        return tuple(upstream if i == last else 0.0 for i in range(len(self.inputs)))


@task.wrong(
    58,
    "At a tie the largest inputs share the gradient; yours gives the whole of it to each.",
    breaks="max",
    replaces="Max",
)
class AllWinners(Max):
    def backward(self, upstream):
        return tuple(upstream if x == max(self.inputs) else 0.0 for x in self.inputs)


@task.wrong(
    58,
    "At a tie each of the largest inputs gets an equal share; yours gives nothing to any.",
    breaks="max",
    replaces="Max",
)
class NobodyWins(Max):
    def backward(self, upstream):
        largest = max(self.inputs)
        alone = self.inputs.count(largest) == 1
        return tuple(upstream if x == largest and alone else 0.0 for x in self.inputs)


@task.wrong(
    0,
    "All inputs may be negative: begin the search for the largest with one of them, not with 0.",
    breaks="max",
    replaces="Max",
)
class AtLeastZero(Max):
    def forward(self, *inputs):
        return max(0.0, super().forward(*inputs))


@task.wrong(0, "The largest input is not the one farthest from 0.", breaks="max", replaces="Max")
class FarthestFromZero(Max):
    def forward(self, *inputs):
        self.inputs = tuple(abs(x) for x in inputs)
        return max(inputs, key=abs)


@task.wrong(0, "A gate takes two inputs or more; yours stops at two.", breaks="max", replaces="Max")
class TwoRivals(Max):
    def forward(self, x, y):
        return super().forward(x, y)


CLASS = (
    "A second gate's forward changed what the first one kept: keep the numbers in self, not in the "
    "class or outside."
)


@task.wrong(59, CLASS, breaks="cache", replaces="Multiply")
class KeptInTheClass(Multiply):
    def forward(self, *inputs):
        KeptInTheClass.inputs = inputs
        return math.prod(inputs)


@task.wrong(59, CLASS, breaks="cache", replaces="Max")
class MaxInTheClass(Max):
    def forward(self, *inputs):
        MaxInTheClass.inputs = inputs
        return max(inputs)


@task.wrong(59, CLASS, breaks="cache", replaces="Sigmoid")
class SigmoidInTheClass(Sigmoid):
    last = 0.0

    def forward(self, x):
        SigmoidInTheClass.last = super().forward(x)
        return self.last

    def backward(self, upstream):
        return (upstream * self.last * (1 - self.last),)


@task.wrong(
    59,
    "After a second forward, backward belongs to that one; yours keeps the numbers of the first.",
    breaks="cache",
    replaces="Multiply",
)
class KeepsTheFirst(Multiply):
    def forward(self, *inputs):
        self.inputs = getattr(self, "inputs", inputs)
        return math.prod(inputs)


@task.wrong(
    65,
    "The local gradient s(1 − s) has the output s = σ(x) in it; yours has the input.",
    breaks="sigmoid",
    replaces="Sigmoid",
)
class OfTheInput(Sigmoid):
    def forward(self, x):
        self.x = x
        return super().forward(x)

    def backward(self, upstream):
        return (upstream * self.x * (1 - self.x),)


@task.wrong(
    0,
    "The local gradient of σ is s(1 − s) with s = σ(x); yours squashes s a second time.",
    breaks="sigmoid",
    replaces="Sigmoid",
)
class SquashedTwice(Sigmoid):
    def backward(self, upstream):
        again = Sigmoid().forward(self.output)
        return (upstream * again * (1 - again),)


OVERFLOW = "Far from 0 a power of e is too large for a float: use a form whose exponent is never positive."


@task.wrong(66, OVERFLOW, breaks="sigmoid", replaces="Sigmoid")
class Overflows(Sigmoid):
    def forward(self, x):
        self.output = 1 / (1 + math.exp(-x))
        return self.output


@task.wrong(66, OVERFLOW, breaks="sigmoid", replaces="Sigmoid")
class OverflowsOnTheRight(Sigmoid):
    def forward(self, x):
        self.output = np.exp(x) / (1 + np.exp(x))
        return self.output


@task.wrong(66, OVERFLOW, breaks="sigmoid", replaces="Sigmoid")
class OverflowsInPythonOnTheRight(Sigmoid):
    def forward(self, x):
        self.output = math.exp(x) / (1 + math.exp(x))
        return self.output


@task.wrong(
    0,
    "What backward returns is a tuple with a number for each input, also where there is one input: "
    "(gradient,).",
    breaks="sigmoid",
    replaces="Sigmoid",
)
class NoTuple(Sigmoid):
    def backward(self, upstream):
        return super().backward(upstream)[0]


@task.wrong(0, "Equal inputs may be more than two: k winners get u / k each.", breaks="max", replaces="Max")
class TwoWinnersAtMost(Max):
    def backward(self, upstream):
        largest = max(self.inputs)
        winners = min(self.inputs.count(largest), 2)
        return tuple(upstream / winners if x == largest else 0.0 for x in self.inputs)


@task.wrong(
    0, "At x = 0 your sigmoid says nothing: it is ½ there, like any other number.", breaks="sigmoid",
    replaces="Sigmoid",
)  # fmt: skip
class NothingAtZero(Sigmoid):
    def forward(self, x):
        return super().forward(x) if x else None


@task.wrong(
    0, "How many inputs there are belongs to the gate, self, not to the class that all of them share.",
    breaks="cache", replaces="Add",
)  # fmt: skip
class CountInTheClass(Add):
    count = 0

    def forward(self, *inputs):
        CountInTheClass.count = len(inputs)
        return sum(inputs)

    def backward(self, upstream):
        return (upstream,) * CountInTheClass.count


@task.wrong(
    0, "What forward has kept is needed again where backward is called twice: it must not be used up.",
    breaks="cache", replaces="Multiply",
)  # fmt: skip
class UsesUp(Multiply):
    def backward(self, upstream):
        found = super().backward(upstream)
        self.inputs = found
        return found
