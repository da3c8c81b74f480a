"""Criteria for classes against torch, the deck's hinge and finite differences, on random shapes."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from lib import nn
from lib.classifiers import cross_entropy, hinge
from lib.nn.testing import check_criterion

REDUCTIONS = ["mean", "sum", "none"]
DTYPES = [(np.float64, 1e-12), (np.float32, 5e-6)]
seeds = st.integers(0, 2**32 - 1)


@st.composite
def problems(draw, pixels=True, scales=(1.0, 1e4)):
    """Scores (N, C), (N, C, H, W), (N, C, L) or (C,), classes, and class weights: none, or some of them 0."""
    classes = draw(st.integers(1, 5))
    places = draw(st.sampled_from([(), (2, 3), (1, 1), (4,)])) if pixels else ()
    batch = draw(st.sampled_from([(1,), (2,), (7,), None])) if not places else (draw(st.integers(1, 3)),)
    rng = np.random.default_rng(draw(seeds))
    shape = (classes,) if batch is None else (*batch, classes, *places)
    scores = rng.standard_normal(shape) * draw(st.sampled_from(scales))
    target = rng.integers(0, classes, () if batch is None else (*batch, *places))
    weight = rng.integers(0, 2, classes) * rng.uniform(0.1, 3, classes) if draw(st.booleans()) else None
    if weight is not None and not weight[target].any():
        weight = None  # torch divides 0 by 0; a test of its own below
    return scores, target, weight


def torch_weight(weight, dtype):
    return None if weight is None else torch.tensor(weight.astype(dtype))


def compare(ours, theirs, x, target, tolerance, factor=1):
    """Loss and every element of the gradient against torch's, which are multiplied by `factor`."""
    tensor = torch.tensor(x, requires_grad=True)
    loss = factor * theirs(tensor, torch.tensor(target))
    loss.sum().backward()
    with np.errstate(all="raise", under="ignore"):
        assert np.shape(ours(x, target)) == loss.shape
        assert_allclose(ours(x, target), loss.detach().numpy(), rtol=tolerance, atol=tolerance)
        gradient = ours.backward(x, target)
    assert gradient.dtype == x.dtype
    assert gradient.shape == x.shape
    assert_allclose(gradient, tensor.grad.numpy(), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(("dtype", "tolerance"), DTYPES)
@settings(deadline=None, max_examples=25)
@given(problem=problems(), smoothing=st.sampled_from([0.0, 0.1, 1.0]))
def test_cross_entropy_is_that_of_torch(reduction, dtype, tolerance, problem, smoothing):
    scores, target, weight = problem
    options = {"label_smoothing": smoothing, "reduction": reduction}
    compare(
        nn.CrossEntropyLoss(weight, **options),
        torch.nn.CrossEntropyLoss(torch_weight(weight, dtype), **options),
        scores.astype(dtype),
        target,
        tolerance,
    )


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(("dtype", "tolerance"), DTYPES)
@settings(deadline=None, max_examples=15)
@given(problem=problems())
def test_nll_is_that_of_torch(reduction, dtype, tolerance, problem):
    x, target, weight = problem
    compare(
        nn.NLLLoss(weight, reduction=reduction),
        torch.nn.NLLLoss(torch_weight(weight, dtype), reduction=reduction),
        -np.abs(x).astype(dtype),
        target,
        tolerance,
    )


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(("dtype", "tolerance"), DTYPES)
@settings(deadline=None, max_examples=25)
@given(
    problem=problems(pixels=False, scales=(1.0,)),
    p=st.sampled_from([1, 2]),
    margin=st.sampled_from([1.0, 0.3, 5.0]),
)
def test_multi_margin_is_that_of_torch_times_the_number_of_classes(
    reduction, dtype, tolerance, problem, p, margin
):
    scores, target, weight = problem
    options = {"p": p, "margin": margin, "reduction": reduction}
    compare(
        nn.MultiMarginLoss(weight=weight, **options),
        torch.nn.MultiMarginLoss(weight=torch_weight(weight, dtype), **options),
        scores.astype(dtype),
        target,
        tolerance,
        factor=scores.shape[-1],
    )


@pytest.mark.parametrize("p", [1, 2])
def test_multi_margin_of_extreme_scores_is_that_of_torch(p):
    scores, target = np.random.default_rng(0).standard_normal((6, 4)) * 1e4, np.arange(6) % 4
    compare(nn.MultiMarginLoss(p=p), torch.nn.MultiMarginLoss(p), scores, target, 1e-12, factor=4)


@settings(deadline=None, max_examples=30)
@given(problem=problems(pixels=False).filter(lambda problem: problem[0].ndim == 2), margin=st.floats(0.1, 5))
def test_hinge_and_cross_entropy_are_those_of_the_linear_classifiers(problem, margin):
    scores, target, _ = problem
    for ours, (loss, gradient) in (
        (nn.MultiMarginLoss(margin=margin), hinge(scores, target, margin)),
        (nn.CrossEntropyLoss(), cross_entropy(scores, target)),
    ):
        assert_allclose(ours(scores, target), loss, rtol=1e-14, atol=1e-15)
        assert_allclose(ours.backward(scores, target), gradient, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(("dtype", "tolerance"), DTYPES)
@settings(deadline=None, max_examples=25)
@given(problem=problems(), data=st.data(), smoothing=st.sampled_from([0.0, 0.1]))
def test_ignored_examples_count_nothing_as_in_torch(reduction, dtype, tolerance, problem, data, smoothing):
    scores, target, weight = problem
    ignored = data.draw(st.sampled_from([-100, -1, 0, 255]))
    rng = np.random.default_rng(data.draw(seeds))
    target = np.where(rng.random(target.shape) < 0.4, ignored, target)
    counts = target != ignored
    if not counts.any() or (weight is not None and not weight[target[counts]].any()):
        weight, target = None, np.zeros_like(target)  # torch divides 0 by 0; a test of its own below
        ignored = -100
    options = {"ignore_index": ignored, "reduction": reduction}
    x = scores.astype(dtype)
    theirs = torch.nn.CrossEntropyLoss(torch_weight(weight, dtype), label_smoothing=smoothing, **options)
    compare(nn.CrossEntropyLoss(weight, label_smoothing=smoothing, **options), theirs, x, target, tolerance)
    theirs = torch.nn.NLLLoss(torch_weight(weight, dtype), **options)
    compare(nn.NLLLoss(weight, **options), theirs, -np.abs(x), target, tolerance)


def test_where_all_is_ignored_the_loss_is_zero():
    """As where all weights are 0; torch's mean is nan there."""
    x, target = np.ones((2, 3)), np.full(2, -100)
    for criterion in (nn.CrossEntropyLoss(), nn.NLLLoss(), nn.CrossEntropyLoss(label_smoothing=0.1)):
        assert criterion(x, target) == 0
        assert_array_equal(criterion.backward(x, target), np.zeros((2, 3)))


def test_what_is_ignored_may_have_any_integer_type():
    x, target = np.random.default_rng(0).standard_normal((3, 4)), [1, 255, 2]
    expected = nn.CrossEntropyLoss()(x[[0, 2]], np.array([1, 2]))
    for dtype in (np.uint8, np.int16, np.int64, np.uint64):
        assert_allclose(nn.CrossEntropyLoss(ignore_index=255)(x, np.array(target, dtype)), expected)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(("dtype", "tolerance"), DTYPES)
@settings(deadline=None, max_examples=25)
@given(problem=problems(), seed=seeds, smoothing=st.sampled_from([0.0, 0.1, 1.0]))
def test_probabilities_of_classes_are_targets_as_in_torch(
    reduction, dtype, tolerance, problem, seed, smoothing
):
    scores, _, weight = problem
    axis = min(1, scores.ndim - 1)
    target = np.random.default_rng(seed).random(scores.shape)
    target /= target.sum(axis, keepdims=True)
    options = {"label_smoothing": smoothing, "reduction": reduction}
    ours = nn.CrossEntropyLoss(weight, **options)
    theirs = torch.nn.CrossEntropyLoss(torch_weight(weight, dtype), **options)
    compare(ours, theirs, scores.astype(dtype), target.astype(dtype), tolerance)


def test_a_probability_of_1_is_a_class():
    x, target = np.random.default_rng(0).standard_normal((5, 3)), np.array([0, 2, 1, 1, 0])
    classes, probabilities = nn.CrossEntropyLoss(), nn.CrossEntropyLoss()
    assert_allclose(probabilities(x, np.eye(3)[target]), classes(x, target))
    assert_allclose(probabilities.backward(x, np.eye(3)[target]), classes.backward(x, target), atol=1e-16)


def test_what_is_no_probability_is_refused_and_other_criteria_take_none():
    with pytest.raises(ValueError, match=r"target: expected probabilities, 0 to 1, got 1.5 at \[0, 1\]"):
        nn.CrossEntropyLoss()(np.ones((1, 2)), np.array([[0, 1.5]]))
    with pytest.raises(ValueError, match=r"target: expected \(1,\), one class for each row"):
        nn.NLLLoss()(np.ones((1, 2)), np.array([[0.5, 0.5]]))


def test_multi_margin_ignores_nothing():
    with pytest.raises(ValueError, match=r"MultiMarginLoss\(\): target: expected 0 to 2, got -100 at \[0\]"):
        nn.MultiMarginLoss()(np.ones((1, 3)), np.array([-100]))


def test_the_worked_example_of_the_decks():
    scores, cat = np.array([[3.2, 5.1, -1.7]]), np.array([0])
    assert round(nn.CrossEntropyLoss()(scores, cat), 2) == 2.04
    assert round(nn.MultiMarginLoss()(scores, cat), 2) == 2.9


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@settings(deadline=None, max_examples=8)
@given(seed=seeds, shape=st.sampled_from([(1, 2), (4, 3), (2, 3, 2, 1), (5,)]))
def test_the_contract_holds(reduction, smoothing, seed, shape):
    rng = np.random.default_rng(seed)
    classes = shape[min(1, len(shape) - 1)]
    x, target = rng.standard_normal(shape), rng.integers(0, classes, (*shape[:-1][:1], *shape[2:]))
    for weight in (None, rng.uniform(0.1, 2, classes)):
        options = {"reduction": reduction, "weight": weight}
        check_criterion(nn.CrossEntropyLoss(label_smoothing=smoothing, **options), x, target).raise_if_wrong()
        check_criterion(nn.NLLLoss(**options), x, target).raise_if_wrong()
        check_criterion(nn.MultiMarginLoss(p=1 + (smoothing > 0), **options), x, target).raise_if_wrong()


@settings(deadline=None, max_examples=20)
@given(problem=problems(), smoothing=st.sampled_from([0.0, 0.3]))
def test_cross_entropy_is_log_softmax_and_nll(problem, smoothing):
    scores, target, weight = problem
    axis = min(1, scores.ndim - 1)
    shifted = scores - scores.max(axis, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis, keepdims=True))
    assert_allclose(
        nn.CrossEntropyLoss(weight)(scores, target), nn.NLLLoss(weight)(log_p, target), rtol=1e-12, atol=1e-14
    )


@pytest.mark.parametrize("order", ["F", "channels last", "reversed"])
def test_the_memory_layout_does_not_matter(order):
    rng = np.random.default_rng(0)
    scores, target = rng.standard_normal((3, 4, 5, 6)), rng.integers(0, 4, (3, 5, 6))
    turned = {
        "F": np.asfortranarray(scores),
        "channels last": np.moveaxis(np.ascontiguousarray(np.moveaxis(scores, 1, -1)), -1, 1),
        "reversed": scores[:, ::-1].copy()[:, ::-1],
    }[order]
    for make in (nn.CrossEntropyLoss, nn.NLLLoss, nn.MultiMarginLoss):
        plain, other = make(), make()
        assert_allclose(other(turned, np.asfortranarray(target)), plain(scores, target), rtol=1e-13)
        assert_allclose(
            other.backward(turned, target), plain.backward(scores, target), rtol=1e-13, atol=1e-16
        )


@pytest.mark.parametrize("make", [nn.CrossEntropyLoss, nn.NLLLoss])
def test_examples_that_do_not_count_give_no_loss_and_no_gradient(make):
    """torch divides 0 by 0 here, and the network is lost."""
    criterion = make([0.0, 1.0])
    scores, target = np.array([[1.0, 2.0], [3.0, 1.0]]), np.array([0, 0])
    with np.errstate(all="raise"):
        assert criterion(scores, target) == 0
        assert not criterion.backward(scores, target).any()


def test_an_impossible_class_may_have_the_score_minus_infinity():
    scores, target = np.array([[0.0, 0.0, -np.inf]]), np.array([0])
    criterion = nn.CrossEntropyLoss()
    with np.errstate(all="raise", under="ignore"):
        assert_allclose(criterion(scores, target), np.log(2))
        assert_allclose(criterion.backward(scores, target), [[-0.5, 0.5, 0]])


@pytest.mark.parametrize("make", [nn.CrossEntropyLoss, nn.NLLLoss, nn.MultiMarginLoss])
@pytest.mark.parametrize("kind", [list, np.uint8, np.int32])
def test_targets_may_be_lists_or_integers_of_any_size(make, kind):
    scores, target = np.eye(3, dtype=np.float32), np.array([2, 0, 1])
    plain, other = make(), make()
    target_of_kind = target.tolist() if kind is list else target.astype(kind)
    assert other(scores, target_of_kind) == plain(scores, target)
    assert_array_equal(other.backward(scores, target_of_kind), plain.backward(scores, target))


@pytest.mark.parametrize("make", [nn.CrossEntropyLoss, nn.NLLLoss, nn.MultiMarginLoss])
def test_the_sum_over_nothing_is_zero_and_its_mean_is_refused(make):
    scores, target = np.zeros((0, 3)), np.zeros(0, np.int64)
    criterion = make(reduction="sum")
    assert criterion(scores, target) == 0
    assert criterion.backward(scores, target).shape == (0, 3)
    with pytest.raises(ValueError, match=r"Loss\(\): x: expected at least one example, got shape \(0, 3\)"):
        make()(scores, target)


@pytest.mark.parametrize("make", [nn.CrossEntropyLoss, nn.NLLLoss, nn.MultiMarginLoss])
@pytest.mark.parametrize(
    ("scores", "target", "message"),
    [
        (
            np.ones((2, 3)),
            [0],
            r"Loss\(\): target: expected \(2,\), one class for each row of scores .*, got shape \(1,\)",
        ),
        (
            np.ones((2, 3)),
            np.eye(2, 3, dtype=int),
            r"target: expected \(2,\), one class .*, got shape \(2, 3\)",
        ),
        (np.ones((2, 3, 4, 5)), [0, 1], r"target: expected \(2, 4, 5\), one class .*, got shape \(2,\)"),
        (np.ones(3), [0], r"target: expected \(\), one class .*, got shape \(1,\)"),
        (np.ones((2, 3)), [0.0, 1.0], r"target: expected integers, got dtype float64; convert with .astype"),
        (np.ones((2, 3)), [True, False], r"target: expected integers, got dtype bool"),
        (np.ones((2, 3)), ["cat", "dog"], r"target: expected integers, got dtype <U3"),
        (np.ones((2, 3)), [0, 3], r"target: expected 0 to 2, got 3 at \[1\]"),
        (np.ones((2, 3)), [0, -1], r"target: expected 0 to 2, got -1 at \[1\]"),
        (np.ones((1, 2, 1, 2)), [[[0, 2]]], r"target: expected 0 to 1, got 2 at \[0, 0, 1\]"),
        (np.ones((2, 0)), [0, 0], r"x: expected at least one class, got shape \(2, 0\)"),
        (np.ones(()), 0, r"expected scores of shape \(N, C\), got shape \(\)"),
        ([np.ones((2, 3)), np.ones((2, 3))], [0, 0], r"Loss\(\): x"),
        (np.ones((2, 3), int), [0, 0], r"x: expected float32 or float64, got dtype int64"),
    ],
)
def test_what_does_not_fit_is_named(make, scores, target, message):
    criterion = make()
    with pytest.raises(ValueError, match=message):
        criterion(scores, target)
    criterion(np.ones((2, 3)), [0, 1])
    with pytest.raises(ValueError, match=message):
        criterion.backward(scores, target)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: nn.CrossEntropyLoss([1, -1]),
            r"CrossEntropyLoss: weight: expected finite numbers, 0 or more, got \[1, -1\]",
        ),
        (
            lambda: nn.NLLLoss([1, np.nan]),
            r"NLLLoss: weight: expected finite numbers, 0 or more, got \[1, nan\]",
        ),
        (lambda: nn.NLLLoss("heavy"), r"NLLLoss: weight: expected finite numbers, 0 or more, got 'heavy'"),
        (lambda: nn.NLLLoss(2.0), r"NLLLoss: weight: expected \(C,\), one a class, got shape \(\)"),
        (lambda: nn.NLLLoss([[1, 2]]), r"weight: expected \(C,\), one a class, got shape \(1, 2\)"),
        (
            lambda: nn.CrossEntropyLoss(label_smoothing=1.5),
            "label_smoothing: expected a number from 0 to 1, got 1.5",
        ),
        (
            lambda: nn.CrossEntropyLoss(label_smoothing=-0.1),
            "CrossEntropyLoss: label_smoothing: expected .* from 0 to 1, got -0.1",
        ),
        (lambda: nn.CrossEntropyLoss(label_smoothing=True), "label_smoothing: expected .*, got True"),
        (
            lambda: nn.CrossEntropyLoss(reduction="max"),
            "reduction: expected 'mean', 'sum' or 'none', got 'max'",
        ),
        (lambda: nn.MultiMarginLoss(p=3), "MultiMarginLoss: p: expected 1 or 2, got 3"),
        (
            lambda: nn.MultiMarginLoss(margin=np.inf),
            "MultiMarginLoss: margin: expected a finite number, got inf",
        ),
    ],
)
def test_arguments_are_checked(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_the_number_of_weights_is_that_of_the_classes():
    with pytest.raises(ValueError, match=r"Loss\(.*\): x: expected 2 classes, as weight has, got 3"):
        nn.CrossEntropyLoss([1, 2])(np.ones((2, 3)), [0, 1])


def test_the_weight_belongs_to_the_criterion():
    weight = np.array([1.0, 2.0])
    criterion = nn.CrossEntropyLoss(weight)
    before = criterion(np.eye(2), [0, 1])
    weight[:] = 7, 0
    assert criterion(np.eye(2), [0, 1]) == before


def test_print_shows_what_is_not_as_usual():
    assert repr(nn.CrossEntropyLoss()) == "CrossEntropyLoss()"
    assert repr(nn.NLLLoss(np.ones(3), reduction="sum")) == "NLLLoss(weight of shape (3,), reduction='sum')"
    smoothed = nn.CrossEntropyLoss(np.ones(10), label_smoothing=0.1)
    assert repr(smoothed) == "CrossEntropyLoss(weight of shape (10,), label_smoothing=0.1)"
    assert repr(nn.MultiMarginLoss(p=2, margin=0.5)) == "MultiMarginLoss(p=2, margin=0.5)"
