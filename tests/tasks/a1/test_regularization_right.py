"""L1 penalties that are right, each in a way of its own."""

import numpy as np
import pytest
from earned import lost


def with_comparisons(W, b, reg):
    return reg * np.linalg.norm(W.ravel(), 1), reg * ((W > 0) * 1.0 - (W < 0)), np.zeros_like(b)


def with_loops(W, b, reg):
    total, slopes = 0.0, []
    for row in W.tolist():
        total += sum(abs(w) for w in row)
        slopes.append([0.0 if w == 0 else reg * w / abs(w) for w in row])
    return [reg * total, slopes, [0.0] * len(b)]


def inside_in_float32(W, b, reg):
    W = W.astype(np.float32)
    signs = np.copysign(np.float32(reg), W)
    signs[W == 0] = 0
    return np.float32(reg) * np.abs(W).sum(), signs, b.astype(np.float32) * 0


def with_divide(W, b, reg):
    size = np.abs(W)
    return (reg * size).sum(), reg * np.divide(W, size, out=np.zeros(W.shape), where=size > 0), 0 * b


def through_the_product_with_its_sign(W, b, reg):
    sign = np.sign(W)
    return reg * np.vdot(sign, W), np.multiply(sign, reg, out=sign), np.full(b.shape, 0)


@pytest.mark.parametrize(
    "answer",
    [with_comparisons, with_loops, inside_in_float32, with_divide, through_the_product_with_its_sign],
    ids=lambda answer: answer.__name__,
)
def test_an_unusual_penalty_has_full_marks(answer):
    assert lost("a1.regularization", answer) == {}
