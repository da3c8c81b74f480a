"""Graphs by unusual means that are right: full marks."""

import graphlib
from collections import defaultdict, deque

import pytest
from full_marks_in_a2 import assert_full_marks


class Kahn:
    """Nodes go as soon as nothing is missing; users are counted."""

    def __init__(self, nodes):
        self.nodes = dict(nodes)
        users, missing = defaultdict(list), {}
        for name, (_, inputs) in nodes.items():
            needed = {i for i in inputs if i in nodes}
            missing[name] = len(needed)
            for i in needed:
                users[i].append(name)
        ready = deque(name for name, count in missing.items() if count == 0)
        self.order = []
        while ready:
            name = ready.popleft()
            self.order.append(name)
            for user in users[name]:
                missing[user] -= 1
                if not missing[user]:
                    ready.append(user)

    def forward(self, values):
        self.values = {**values}
        for name in self.order:
            gate, inputs = self.nodes[name]
            self.values[name] = gate.forward(*[self.values[i] for i in inputs])
        return self.values

    def backward(self, upstream):
        gradients = {name: upstream.get(name, 0.0) for name in self.values}
        for name in self.order[::-1]:
            gate, inputs = self.nodes[name]
            for k, share in enumerate(gate.backward(gradients[name])):
                gradients[inputs[k]] = gradients[inputs[k]] + share
        return gradients


class ByTheLibrary(Kahn):
    def __init__(self, nodes):
        self.nodes = nodes
        before = {name: [i for i in inputs if i in nodes] for name, (_, inputs) in nodes.items()}
        self.order = list(graphlib.TopologicalSorter(before).static_order())


class DepthFirstByHand(Kahn):
    """A stack with marks for what is left behind."""

    def __init__(self, nodes):
        self.nodes, self.order, seen = nodes, [], set()
        stack = [(name, False) for name in nodes]
        while stack:
            name, leaving = stack.pop()
            if leaving:
                self.order.append(name)
            elif name in nodes and name not in seen:
                seen.add(name)
                stack.append((name, True))
                stack += [(i, False) for i in nodes[name][1]]


class SortsAtEachForward(Kahn):
    def __init__(self, nodes):
        self.given = nodes

    def forward(self, values):
        Kahn.__init__(self, self.given)
        return dict(super().forward(values))


class Pulls(Kahn):
    """Each value collects what its users hand back; gates that nothing depends on are not asked."""

    def backward(self, upstream):
        shares = {name: [number] for name, number in upstream.items()}
        for name in reversed(self.order):
            if name in shares:
                gate, inputs = self.nodes[name]
                for i, share in zip(inputs, gate.backward(sum(shares[name])), strict=True):
                    shares.setdefault(i, []).append(share)
        return {name: float(sum(shares.get(name, [0.0]))) for name in self.values}


class ByLevels(Kahn):
    """The level of a node is one more than the highest of its inputs."""

    def __init__(self, nodes):
        super().__init__(nodes)
        level = {}
        for name in self.order:
            level[name] = 1 + max((level.get(i, 0) for i in nodes[name][1]), default=0)
        self.order = sorted(nodes, key=level.__getitem__)

    def backward(self, upstream):
        gradients = defaultdict(float, upstream)
        for name in reversed(self.order):
            gate, inputs = self.nodes[name]
            given = gate.backward(gradients[name])
            for i, share in zip(inputs, given, strict=True):
                gradients[i] += share
        for name in self.values:
            gradients[name] += 0
        return gradients


class Recomputes(Kahn):
    """Goes forward once more before it goes back."""

    def backward(self, upstream):
        self.forward({name: value for name, value in self.values.items() if name not in self.nodes})
        return super().backward(upstream)


@pytest.mark.parametrize(
    "graph", [Kahn, ByTheLibrary, DepthFirstByHand, SortsAtEachForward, Pulls, ByLevels, Recomputes]
)
def test_an_unusual_graph_has_full_marks(graph):
    assert_full_marks("a2.graph", graph)
