"""The numbers that the second half of assignment 1 works by hand."""

import numpy as np
import pytest

from lib.tasks import find_task
from lib.tasks.known import has_answers

X, Y = np.array([[1.0, 2.0]]), np.array([0])
AT_ZERO = [[-2, -4], [1, 2], [1, 2]]


def right(name):
    """What the right answer of a task defines."""
    task = find_task(name)
    assert has_answers(task)
    return task.given()


@pytest.fixture(params=[0, 1], ids=["naive", "vectorized"])
def hinge(request):
    return right("a1.hinge")[request.param]


@pytest.fixture(params=[0, 1], ids=["naive", "vectorized"])
def softmax(request):
    return right("a1.softmax")[request.param]


def test_hinge_of_the_cat(hinge):
    loss, gradient = hinge(np.array([[3.2], [5.1], [-1.7]]), np.ones((1, 1)), Y, 0)
    assert loss == pytest.approx(2.9)
    assert gradient.ravel().tolist() == [-1, 1, 0]


def test_hinge_at_zero(hinge):
    loss, gradient = hinge(np.zeros((3, 2)), X, Y, 0)
    assert loss == 2
    assert gradient.tolist() == AT_ZERO


@pytest.mark.parametrize(
    ("w", "penalty", "slopes"), [([1, 0, 0, 0], 0.1, [0.2, 0, 0, 0]), ([0.25] * 4, 0.025, [0.05] * 4)]
)
def test_the_penalty(hinge, w, penalty, slopes):
    W, x = np.array([w]), np.ones((1, 4))
    (more, gradient), (less, without) = hinge(W, x, Y, 0.1), hinge(W, x, Y, 0)
    assert more - less == pytest.approx(penalty)
    assert (gradient - without)[0] == pytest.approx(slopes)


def test_softmax_of_the_cat(softmax):
    loss, gradient = softmax(np.array([[3.2], [5.1], [-1.7]]), np.ones((1, 1)), Y, 0)
    assert round(loss, 2) == 2.04
    assert gradient.ravel().round(2).tolist() == [-0.87, 0.87, 0]
    powers = np.exp(np.array([3.2, 5.1, -1.7]) - 5.1)
    assert powers.round(3).tolist() == [0.150, 1, 0.001]
    assert round(powers.sum(), 3) == 1.151
    assert (powers / powers.sum()).round(2).tolist() == [0.13, 0.87, 0]
    assert round(np.log(powers.sum()), 2) == 0.14


def test_softmax_at_zero(softmax):
    loss, gradient = softmax(np.zeros((3, 2)), X, Y, 0)
    assert round(loss, 2) == 1.10
    assert gradient == pytest.approx(np.array([[-2, -4], [1, 2], [1, 2]]) / 3)


def test_softmax_of_scores_far_apart(softmax):
    assert softmax(np.array([[1000.0], [-1000.0]]), np.ones((1, 1)), np.array([1]), 0)[0] == 2000


def test_l1_penalty():
    (l1_penalty,) = right("a1.regularization")
    penalty, grad_W, grad_b = l1_penalty(np.array([[1, -2], [0, 0.5]]), np.array([3.0, -1.0]), 0.1)
    assert penalty == pytest.approx(0.35)
    assert grad_W.tolist() == [[0.1, -0.1], [0, 0.1]]
    assert grad_b.tolist() == [0, 0]


def test_one_step_of_sgd():
    (LinearClassifier,) = right("a1.sgd")
    loss = right("a1.hinge")[1]
    classifier = LinearClassifier(loss, 3, 2)
    settings = {"learning_rate": 0.1, "reg": 0, "steps": 1, "batch_size": 1}
    assert classifier.train(X, Y, **settings, rng=np.random.default_rng(0)) == [2.0]
    np.testing.assert_allclose(classifier.W, -0.1 * np.array(AT_ZERO))
    assert (X @ classifier.W.T).ravel() == pytest.approx([1, -0.5, -0.5])
    assert classifier.predict(X).tolist() == [0]
    assert loss(classifier.W, X, Y, 0)[0] == 0


def test_the_first_question_holds_for_all_numbers():
    """Class 1 always breaks the margin, class 2 never does; at b + 1 softmax still pays more than 0.31."""
    for a in np.arange(0.5, 3.51, 0.1):
        for off in np.arange(-0.8, 0.81, 0.1):
            for below in np.arange(1.5, 4.51, 0.5):
                b, c = a + off, a - below
                assert b - a + 1 > 0.19
                assert c - a + 1 < 0
                assert c < b
                assert np.log(1 + np.exp(-1) + np.exp(c - b - 1)) > 0.31
