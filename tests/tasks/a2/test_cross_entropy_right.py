"""Cross-entropy by unusual means that is right: full marks."""

import numpy as np
import pytest
from full_marks_in_a2 import assert_full_marks


class OneHot:
    def forward(self, scores, labels):
        wanted = np.eye(scores.shape[1])[labels]
        top = scores.max(1, keepdims=True)
        total = np.log(np.exp(scores - top).sum(1)) + top[:, 0]
        return float(np.mean(total - (wanted * scores).sum(1)))

    def backward(self, scores, labels):
        powers = np.exp(scores - np.max(scores, axis=-1, keepdims=True))
        return (powers / powers.sum(-1)[:, None] - np.eye(scores.shape[1])[labels]) / len(labels)


class ByLogaddexp:
    """numpy adds powers of e without computing them."""

    def forward(self, scores, labels):
        scores = np.asarray(scores, np.float64)
        right = np.take_along_axis(scores, labels[:, None].astype(np.int64), axis=1)
        return np.mean(np.logaddexp.reduce(scores - right, axis=1))

    def backward(self, scores, labels):
        scores = np.asarray(scores, np.float64)
        p = np.exp(scores - np.logaddexp.reduce(scores, axis=1, keepdims=True))
        np.subtract.at(p, (np.arange(len(p)), labels), 1.0)
        p /= len(p)
        return p


class Keeps:
    """The gradient is made by forward, and copied out."""

    def forward(self, scores, labels):
        n = len(scores)
        log_p = scores - scores.max(axis=1)[:, np.newaxis]
        log_p = log_p - np.log(np.sum(np.exp(log_p), axis=1))[:, np.newaxis]
        self.gradient = np.exp(log_p)
        self.gradient[range(n), labels] -= 1
        self.gradient /= n
        return -np.sum(log_p[range(n), labels]) / n

    def backward(self, scores, labels):
        return self.gradient.copy()


class BroadcastLabels(Keeps):
    def backward(self, scores, labels):
        print("back")
        hit = np.arange(scores.shape[1]) == np.asarray(labels)[:, None]
        share = 1 / np.exp(scores[:, None, :] - scores[:, :, None]).sum(axis=2)
        return np.where(hit, share - 1, share) / hit.shape[0]


class Transposed(Keeps):
    def forward(self, scores, labels):
        columns = np.array(scores.T, order="C")
        columns = columns - np.amax(columns, axis=0)
        super().forward(scores, labels)
        return np.average(np.log(np.exp(columns).sum(axis=0)) - columns[labels, np.arange(len(labels))])


@pytest.mark.parametrize("criterion", [OneHot, ByLogaddexp, Keeps, BroadcastLabels, Transposed])
def test_an_unusual_criterion_has_full_marks(criterion):
    assert_full_marks("a2.cross_entropy", criterion)
