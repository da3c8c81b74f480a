"""A net that memorises 100 images in another way than the notebook's: full marks."""

import numpy as np
import pytest
from full_marks_in_a3 import assert_full_marks

from lib.tasks import find_task
from lib.tasks.known import has_answers


class Plain:
    """A net without a chain, trained with momentum in mini-batches."""

    def __init__(self, shape, Conv2d, MaxPool2d, BatchNorm, seed=3):
        self.rng = np.random.default_rng(seed)
        self.conv, self.norm = Conv2d(3, 12, (3, 3), (1, 1), (1, 1)), BatchNorm(12)
        self.pool = MaxPool2d((2, 2), (2, 2))
        self.w = self.rng.normal(size=(12 * shape[0] // 2 * (shape[1] // 2), 10)) / 20
        self.speed = [0, 0]

    def forward(self, x):
        self.x = x
        self.a = self.conv.forward(x)
        self.b = self.norm.forward(self.a)
        self.c = self.b * (self.b > 0)
        self.d = self.pool.forward(self.c)
        self.flat = self.d.reshape(len(x), -1)
        return self.flat @ self.w

    def learn(self, x, labels, rate):
        scores = self.forward(x)
        p = np.exp(scores - scores.max(1)[:, None])
        g = (p / p.sum(1)[:, None] - np.eye(10)[labels]) / len(x)
        back = self.pool.backward(self.c, (g @ self.w.T).reshape(self.d.shape)) * (self.b > 0)
        self.conv.grad_weight[...] = 0
        self.conv.backward(self.x, self.norm.backward(self.a, back))
        for k, (array, gradient) in enumerate(
            [(self.w, self.flat.T @ g), (self.conv.weight, self.conv.grad_weight)]
        ):
            self.speed[k] = 0.9 * self.speed[k] + gradient
            array -= rate * self.speed[k]


def in_mini_batches(images, labels, Conv2d, MaxPool2d, BatchNorm):
    net = Plain(images.shape[2:], Conv2d, MaxPool2d, BatchNorm)
    x = (images.astype(np.float64) - images.mean()) / images.std()
    for _ in range(12):
        for some in np.array_split(net.rng.permutation(len(x)), 4):
            net.learn(x[some], labels[some], 0.05)
    net.moments = images.mean(), images.std()
    return net


def as_list(net, images):
    net.norm.training = False
    x = (images.astype(np.float64) - net.moments[0]) / net.moments[1]
    return [int(np.argmax(scores)) for scores in net.forward(x)]


def as_array(net, images):
    return np.array(as_list(net, images), np.uint8)


@pytest.mark.parametrize("predict", [as_list, as_array])
def test_another_training_has_full_marks(predict):
    task = find_task("a3.overfit")
    assert has_answers(task)
    layers = task.given()[2:]
    assert_full_marks("a3.overfit", in_mini_batches, predict, *layers, seeds=[0, 1])
