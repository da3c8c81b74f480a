"""`Graph`: the right answer, and those that students give."""

from __future__ import annotations

from lib.tasks.a2.graph import task


@task.reference
class Graph:
    def __init__(self, nodes):
        self.nodes = nodes
        self.order = self.sorted()

    def sorted(self):
        """The names of all nodes, each after those that go into it."""
        order, done = [], set()
        for name in self.nodes:
            waiting = [name]
            while waiting:
                top = waiting[-1]
                missing = [i for i in self.inputs(top) if i in self.nodes and i not in done]
                if missing:
                    waiting += missing
                    continue
                waiting.pop()
                if top not in done:
                    done.add(top)
                    order.append(top)
        return order

    def inputs(self, name):
        return self.nodes[name][1]

    def forward(self, values):
        self.values = dict(values)
        for name in self.order:
            gate, inputs = self.nodes[name]
            self.values[name] = gate.forward(*(self.values[i] for i in inputs))
        return dict(self.values)

    def backward(self, upstream):
        gradients = self.start(upstream)
        for name in reversed(self.order):
            gate, inputs = self.nodes[name]
            for i, gradient in zip(inputs, gate.backward(gradients[name]), strict=True):
                gradients[i] += gradient
        return gradients

    def start(self, upstream):
        """The gradients before the first step: those that come from outside, and 0 elsewhere."""
        return dict.fromkeys(self.values, 0.0) | upstream


def walk_back(graph, order, gradients):
    """backward along a given order."""
    for name in order:
        gate, inputs = graph.nodes[name]
        for i, gradient in zip(inputs, gate.backward(gradients[name]), strict=True):
            gradients[i] += gradient
    return gradients


@task.wrong(
    60,
    "A value that is used several times gets a share from each use, and they add up; yours keeps the "
    "last one.",
    breaks=("gradients", "order"),
)
class Overwritten(Graph):
    def backward(self, upstream):
        gradients = self.start(upstream)
        for name in reversed(self.order):
            gate, inputs = self.nodes[name]
            for i, gradient in zip(inputs, gate.backward(gradients[name]), strict=True):
                gradients[i] = gradient
        return gradients


@task.wrong(
    60,
    "A value may go twice into one gate: both shares count; a dictionary of its inputs keeps one.",
    breaks="gradients",
)
class TwiceIntoOne(Graph):
    def backward(self, upstream):
        gradients = self.start(upstream)
        for name in reversed(self.order):
            gate, inputs = self.nodes[name]
            for i, gradient in dict(zip(inputs, gate.backward(gradients[name]), strict=True)).items():
                gradients[i] += gradient
        return gradients


@task.wrong(
    0,
    "A node that is an output may have users as well: what comes from outside adds to what comes from them.",
    breaks=("gradients", "order"),
)
class OutputsHaveNoUsers(Graph):
    def backward(self, upstream):
        gradients = self.start(upstream)
        for name in reversed(self.order):
            gate, inputs = self.nodes[name]
            for i, gradient in zip(inputs, gate.backward(gradients[name]), strict=True):
                if i not in upstream:
                    gradients[i] += gradient
        return gradients


@task.wrong(
    0,
    "Several outputs go backward together, each with its own gradient; yours starts from one of them.",
    breaks=("gradients", "order"),
)
class OneOutput(Graph):
    def backward(self, upstream):
        return super().backward(dict([next(iter(upstream.items()))]))


@task.wrong(
    56,
    "Start from the gradients that come from outside; yours starts from 1.",
    breaks=("gradients", "order"),
)
class StartsFromOne(Graph):
    def backward(self, upstream):
        return super().backward(dict.fromkeys(upstream, 1.0))


@task.wrong(
    0,
    "Every name has a gradient: 0 for what no output depends on; yours leaves some out.",
    breaks="gradients",
)
class LeavesOut(Graph):
    def backward(self, upstream):
        reached = set(upstream)
        for name in reversed(self.order):
            if name in reached:
                reached |= set(self.inputs(name))
        return {name: gradient for name, gradient in super().backward(upstream).items() if name in reached}


@task.wrong(61, "A second backward gave more than the first: start each one from 0.", breaks="again")
class NeverCleared(Graph):
    def __init__(self, nodes):
        super().__init__(nodes)
        self.gradients: dict[str, float] = {}

    def start(self, upstream):
        self.gradients = dict.fromkeys(self.values, 0.0) | self.gradients
        for name, gradient in upstream.items():
            self.gradients[name] += gradient
        return self.gradients


@task.wrong(
    61,
    "A second backward gave more than the first: start each one from 0, the inner nodes too.",
    breaks="again",
)
class OnlyOutputsCleared(Graph):
    def __init__(self, nodes):
        super().__init__(nodes)
        self.gradients: dict[str, float] = {}

    def start(self, upstream):
        self.gradients = dict.fromkeys(self.values, 0.0) | self.gradients | upstream
        return self.gradients


ORDER = (
    "A node went before all that it needs were there: sort the nodes first, in whatever order they "
    "are listed."
)


@task.wrong(62, ORDER, breaks="order")
class AsListed(Graph):
    def sorted(self):
        return list(self.nodes)


@task.wrong(62, ORDER, breaks="order")
class AsListedWithZeros(Graph):
    def sorted(self):
        return list(self.nodes)

    def forward(self, values):
        self.values = dict(values)
        for name, (gate, inputs) in self.nodes.items():
            self.values[name] = gate.forward(*(self.values.get(i, 0.0) for i in inputs))
        return dict(self.values)


@task.wrong(62, ORDER, breaks="order")
class TwoPasses(Graph):
    def sorted(self):
        order = {}
        for _ in range(2):
            for name in self.nodes:
                if name not in order and all(i in order or i not in self.nodes for i in self.inputs(name)):
                    order[name] = True
        return list(order)


BACK = "A node went backward before all of its users had: use the reverse of the topological order."


@task.wrong(62, BACK, breaks=("gradients", "order"))
class ByDistance(Graph):
    def backward(self, upstream):
        line = list(upstream)
        for name in line:
            line += [i for i in self.nodes.get(name, (0, []))[1] if i in self.nodes and i not in line]
        return walk_back(self, line, self.start(upstream))


@task.wrong(62, BACK, breaks=("gradients", "order"))
class DepthFirst(Graph):
    def backward(self, upstream):
        line, stack = [], list(upstream)
        while stack:
            name = stack.pop()
            if name in self.nodes and name not in line:
                line.append(name)
                stack += self.inputs(name)
        return walk_back(self, line, self.start(upstream))


@task.wrong(62, BACK, breaks=("gradients", "order", "again", "large"))
class NotReversed(Graph):
    def backward(self, upstream):
        return walk_back(self, self.order, self.start(upstream))


@task.wrong(62, BACK, breaks="order")
class ListedReversed(Graph):
    def backward(self, upstream):
        return walk_back(self, reversed(self.nodes), self.start(upstream))


@task.wrong(
    63,
    "Python's recursion ends at about 1,000 calls inside each other: keep the nodes that wait in a list.",
    breaks="large",
)
class Recursive(Graph):
    def sorted(self):
        order: dict[str, bool] = {}

        def visit(name):
            for i in self.inputs(name):
                if i in self.nodes and i not in order:
                    visit(i)
            order[name] = True

        for name in reversed(self.nodes):
            if name not in order:
                visit(name)
        return list(order)


WAYS = (
    "Your work doubles with each diamond, a billion times for 30: visit each node once, however many "
    "ways lead to it."
)


@task.wrong(64, WAYS, breaks="large")
class EveryWay(Graph):
    def sorted(self):
        used = {i for _, inputs in self.nodes.values() for i in inputs}
        order, stack = [], [name for name in self.nodes if name not in used]
        while stack:
            name = stack.pop()
            order.append(name)
            stack += [i for i in self.inputs(name) if i in self.nodes]
        return list(dict.fromkeys(reversed(order)))


@task.wrong(64, WAYS, breaks="large")
class EveryWayByRecursion(Graph):
    def forward(self, values):
        def value(name):
            if name in values:
                return values[name]
            gate, inputs = self.nodes[name]
            return gate.forward(*(value(i) for i in inputs))

        self.values = {name: value(name) for name in [*values, *self.nodes]}
        return dict(self.values)


@task.wrong(
    0,
    "Your graph writes its values into the caller's dictionary: make one of your own.",
    breaks="again",
)
class IntoTheCallers(Graph):
    def forward(self, values):
        self.values = values
        for name in self.order:
            gate, inputs = self.nodes[name]
            self.values[name] = gate.forward(*(self.values[i] for i in inputs))
        return dict(self.values)


@task.wrong(
    0,
    "Your graph writes its gradients into the caller's dictionary: make one of your own.",
    breaks="again",
)
class GradientsIntoTheCallers(Graph):
    def start(self, upstream):
        for name in self.values:
            upstream.setdefault(name, 0.0)
        return upstream


@task.wrong(
    0,
    "A second graph has changed what the first one kept: keep it in self, not in the class or outside.",
    breaks="again",
)
class KeptInTheClass(Graph):
    kept: dict = {}

    def forward(self, values):
        KeptInTheClass.kept = super().forward(values)
        return self.kept

    def start(self, upstream):
        return dict.fromkeys(self.kept, 0.0) | upstream


@task.wrong(
    0,
    "Your graph takes apart the nodes that it was given, which belong to its caller: work on a copy.",
    breaks="again",
)
class TakesApart(Graph):
    def __init__(self, nodes):
        super().__init__({name: (gate, list(inputs)) for name, (gate, inputs) in nodes.items()})
        nodes.clear()


@task.wrong(
    0,
    "After a second forward the old values are still there: compute every node anew.",
    breaks="again",
)
class ValuesKept(Graph):
    def forward(self, values):
        if not hasattr(self, "values"):
            return super().forward(values)
        return dict(self.values)


@task.wrong(
    0,
    "What forward returns are the values of all nodes, by name; yours leaves out some.",
    breaks=("values", "order"),
)
class OnlyTheLast(Graph):
    def forward(self, values):
        found = super().forward(values)
        return {name: found[name] for name in (*values, self.order[-1])}


@task.wrong(
    63, "Python's recursion ends at about 1,000 calls inside each other, and a chain may be listed from its "
    "end, too.",
    breaks="large",
)  # fmt: skip
class RecursiveInTheOrderListed(Graph):
    def sorted(self):
        order: dict[str, bool] = {}

        def visit(name):
            for i in self.inputs(name):
                if i in self.nodes and i not in order:
                    visit(i)
            order[name] = True

        for name in self.nodes:
            if name not in order:
                visit(name)
        return list(order)


@task.wrong(
    0, "Every name has its value in what forward returns, of inputs without a user too.", breaks="values"
)
class OnlyWhatIsUsed(Graph):
    def forward(self, values):
        used = {i for _, inputs in self.nodes.values() for i in inputs}
        return {name: x for name, x in super().forward(values).items() if name in used or name in self.nodes}
