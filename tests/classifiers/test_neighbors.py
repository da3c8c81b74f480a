"""Nearest neighbours against scipy, scikit-learn and a search that anyone can follow."""

import tracemalloc
from collections import Counter
from contextlib import contextmanager
from math import sqrt

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import example, given, settings
from numpy.testing import assert_allclose, assert_array_equal
from scipy.spatial.distance import cdist

from lib.classifiers import KNearestNeighbors, NearestNeighbor, l1_search, l2_search, vote
from lib.classifiers.l2_search import L2Search
from lib.classifiers.plain_neighbors import plain_neighbors

SCIPY = {"l1": "cityblock", "l2": "euclidean"}
metrics = pytest.mark.parametrize("metric", ["l1", "l2"])


def plain_search(train, queries, k, metric):
    """Rows and distances: one pair of rows at a time in whole numbers, sorted by distance, then by index."""
    rows, distances = [], []
    for query in queries.tolist():
        if metric == "l1":
            found = [sum(abs(a - b) for a, b in zip(query, row, strict=True)) for row in train.tolist()]
        else:
            squares = [sum((a - b) ** 2 for a, b in zip(query, row, strict=True)) for row in train.tolist()]
            found = [sqrt(square) for square in squares]  # not ** 0.5, which may be off in the last digit
        order = sorted(range(len(train)), key=lambda i: (found[i], i))[:k]
        rows.append(order)
        distances.append([found[i] for i in order])
    return np.array(rows), np.array(distances)


def plain_vote(labels):
    votes = Counter(labels)
    return next(label for label in labels if votes[label] == max(votes.values()))


@st.composite
def problems(draw, dtypes=(np.uint8, np.float32, np.float64)):
    """(train, queries, k): from one row and one feature up, few features and more, often with many ties."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, m = draw(st.integers(1, 60)), draw(st.integers(1, 12))
    features = draw(st.sampled_from([1, 2, 3, 15, 16, 17, 24, 31, 100]))
    levels = draw(st.sampled_from([1, 2, 3, 256]))
    dtype = draw(st.sampled_from(dtypes))
    if dtype == np.uint8:
        values = rng.integers(0, 256, levels)
    else:
        scale, offset = draw(st.sampled_from([(1, 0), (1e-3, 5), (1e6, -1e6), (1e-30, 0), (1e17, 0)]))
        values = rng.standard_normal(levels) * scale + offset
    train, queries = (values[rng.integers(0, levels, (count, features))].astype(dtype) for count in (n, m))
    return train, queries, draw(st.integers(1, n))


@contextmanager
def tiles(sizes):
    """With "small" ones, blocks and tiles are so small that a small problem has several, with ragged ends."""
    with pytest.MonkeyPatch.context() as patch:
        if sizes == "small":
            for name, size in {"ROWS": 7, "TOGETHER": 3, "QUERIES": 2}.items():
                patch.setattr(l1_search, name, size)
            for name, size in {"ROWS": 7, "QUERIES": 5, "PAIRS": 3, "MANY": 4}.items():
                patch.setattr(l2_search, name, size)
        yield


every_tile_size = pytest.mark.parametrize("sizes", ["usual", "small"])


# ——— what is found ———


@metrics
@every_tile_size
@given(problem=problems(dtypes=(np.uint8,)))
@settings(deadline=None, max_examples=60)
def test_bytes_are_ranked_exactly_as_in_whole_numbers(sizes, metric, problem):
    train, queries, k = problem
    with tiles(sizes):
        model = KNearestNeighbors(k, metric).train(train, np.zeros(len(train), np.int64))
        rows, distances = model.neighbors(queries)
    for expected in (plain_search, plain_neighbors):  # one that anyone can follow, and the twin in numpy
        expected_rows, expected_distances = expected(train, queries, k, metric)
        assert_array_equal(rows, expected_rows)
        assert_array_equal(distances, expected_distances)
    assert rows.dtype == np.int64
    assert distances.dtype == np.float64


@metrics
@every_tile_size
@given(problem=problems(dtypes=(np.float32, np.float64)))
@settings(deadline=None, max_examples=80)
def test_the_k_smallest_distances_are_those_of_scipy(sizes, metric, problem):
    train, queries, k = problem
    with tiles(sizes):
        model = KNearestNeighbors(k, metric).train(train, np.zeros(len(train), np.int64))
        rows, distances = model.neighbors(queries)
    every = cdist(queries.astype(np.float64), train.astype(np.float64), SCIPY[metric])
    size = np.abs(train).max() + np.abs(queries).max()
    tolerance = {"rtol": 1e-12, "atol": 1e-15 * train.shape[1] * float(size)}
    assert_allclose(distances, np.sort(every, axis=1)[:, :k], **tolerance)
    assert_allclose(distances, np.take_along_axis(every, rows, axis=1), **tolerance)
    assert all(len(set(found)) == k for found in rows.tolist())


@metrics
@given(
    seed=st.integers(0, 999),
    k=st.integers(1, 40),
    large=st.sampled_from([1.0, 1e30, 1e100, 1e-22, 1e-30, 1e-140]),
)
@settings(deadline=None, max_examples=40)
def test_numbers_beyond_the_range_of_float32_are_found_too(metric, seed, k, large):
    rng = np.random.default_rng(seed)
    train, queries = rng.standard_normal((40, 20)) * large, rng.standard_normal((5, 20)) * large
    rows, distances = KNearestNeighbors(k, metric).train(train, np.arange(40)).neighbors(queries)
    every = cdist(queries / large, train / large, SCIPY[metric])
    assert_array_equal(rows, np.argsort(every, axis=1)[:, :k])
    assert_allclose(distances / large, np.sort(every, axis=1)[:, :k], rtol=1e-12)


@metrics
@pytest.mark.parametrize("kind", [np.uint8, np.float32, np.float64, np.int16, np.int64, np.float16])
def test_whole_numbers_from_0_to_255_are_exact_in_every_type(metric, kind):
    rng = np.random.default_rng(0)
    train, queries = rng.integers(0, 256, (300, 50)), rng.integers(0, 256, (20, 50))
    model = KNearestNeighbors(7, metric).train(train.astype(kind), np.zeros(300, np.int64))
    for found, expected in zip(
        model.neighbors(queries.astype(kind)), plain_search(train, queries, 7, metric), strict=True
    ):
        assert_array_equal(found, expected)


@metrics
@pytest.mark.parametrize(
    ("train_kind", "query_kind"),
    [(np.uint8, np.float32), (np.float64, np.uint8), (np.float32, np.float64), (np.int64, np.uint8)],
)
def test_training_and_test_examples_may_differ_in_type(metric, train_kind, query_kind):
    rng = np.random.default_rng(1)
    train, queries = (rng.uniform(-50, 300, (count, 40)) for count in (200, 10))
    train = np.clip(train, 0, 255).astype(train_kind) if train_kind == np.uint8 else train.astype(train_kind)
    queries = (
        np.clip(queries, 0, 255).astype(query_kind) if query_kind == np.uint8 else queries.astype(query_kind)
    )
    with tiles("small"):
        rows, distances = (
            KNearestNeighbors(9, metric).train(train, np.zeros(200, np.int64)).neighbors(queries)
        )
    every = cdist(queries.astype(float), train.astype(float), SCIPY[metric])
    assert_array_equal(rows, np.argsort(every, axis=1)[:, :9])
    assert_allclose(distances, np.sort(every, axis=1)[:, :9], rtol=1e-12)


@metrics
@pytest.mark.parametrize(
    "order",
    [
        lambda d: np.argsort(d),
        lambda d: np.argsort(-d),
        lambda d: np.random.default_rng(0).permutation(len(d)),
    ],
    ids=["nearest first", "nearest last", "shuffled"],
)
def test_the_order_of_the_training_rows_does_not_matter(metric, order):
    rng = np.random.default_rng(2)
    train, query = (
        rng.integers(0, 256, (120, 60), dtype=np.uint8),
        rng.integers(0, 256, (1, 60), dtype=np.uint8),
    )
    train = train[order(cdist(query, train, SCIPY[metric])[0])]
    with tiles("small"):
        found = KNearestNeighbors(5, metric).train(train, np.zeros(120, np.int64)).neighbors(query)
    for ours, plain in zip(found, plain_search(train, query, 5, metric), strict=True):
        assert_array_equal(ours, plain)


@metrics
def test_near_ties_that_float32_cannot_separate_are_ranked_exactly(metric):
    """Black and white rows have the largest norms; among them, distances differ by one step in one pixel."""
    rng = np.random.default_rng(3)
    white = np.full((400, 3072), 255, np.uint8)
    white[np.arange(400), rng.integers(0, 3072, 400)] -= rng.integers(0, 4, 400).astype(np.uint8)
    queries = np.zeros((3, 3072), np.uint8)
    queries[1, 5], queries[2] = 1, 255
    model = KNearestNeighbors(50, metric).train(white, np.zeros(400, np.int64))
    for found, expected in zip(
        model.neighbors(queries), plain_search(white, queries, 50, metric), strict=True
    ):
        assert_array_equal(found, expected)


@metrics
@pytest.mark.parametrize("features", [4096, 9000])
def test_more_features_than_bytes_in_a_sketch(metric, features):
    rng = np.random.default_rng(4)
    train = rng.integers(0, 2, (50, features), dtype=np.uint8) * np.uint8(255)  # as far apart as bytes can be
    queries = np.concatenate([255 - train[:3], train[:3]])
    model = KNearestNeighbors(50, metric).train(train, np.zeros(50, np.int64))
    for found, expected in zip(
        model.neighbors(queries), plain_search(train, queries, 50, metric), strict=True
    ):
        assert_array_equal(found, expected)


@given(
    seed=st.integers(0, 999), features=st.sampled_from([20, 100, 3072]), offset=st.sampled_from([0, 90, 300])
)
@settings(deadline=None, max_examples=30)
def test_the_float32_score_is_never_off_by_more_than_its_margin(seed, features, offset):
    rng = np.random.default_rng(seed)
    train, queries = rng.normal(offset, 50, (50, features)), rng.normal(offset, 50, (20, features))
    search = L2Search(train)
    (a, a_norm), (b, b_norm) = (
        search._centred(X, np.empty((len(X), features + 1), np.float32)) for X in (queries, train)
    )
    a[:, -1], b[:, -1] = -1, b_norm**2 / 2
    score = -(a @ b.T)
    truth = (cdist(queries, train, "sqeuclidean") - a_norm[:, None] ** 2) / 2
    error = np.abs(score.astype(np.float64) - truth).max(axis=1)
    assert (error <= l2_search._margin(a_norm, b_norm.max(), features=features)).all()


@given(
    seed=st.integers(0, 999),
    features=st.sampled_from([8, 100, 3072, 4096, 9000]),
    low=st.sampled_from([0, 200]),
)
@settings(deadline=None, max_examples=20)
@example(seed=0, features=9000, low=255)
def test_distances_between_sketches_survive_their_16_bit_sums(seed, features, low):
    rng = np.random.default_rng(seed)
    train = rng.integers(low, 256, (9, features), dtype=np.uint8)
    queries = np.concatenate([train[:2], 255 - train[:2]])
    search = l1_search.L1Search(train)
    expected = cdist(search._sketch(queries), search.sketches, "cityblock")
    assert_array_equal(search._sketch_distances(queries), expected)


@given(problem=problems())
@settings(deadline=None, max_examples=60)
def test_distances_between_sketches_never_exceed_what_the_cut_allows(problem):
    train, queries, _ = problem
    search = l1_search.L1Search(train)
    sketch_distances = search._sketch_distances(queries)
    truth = cdist(queries.astype(np.float64), train.astype(np.float64), "cityblock")
    assert all(
        found <= search._cut(distance)
        for found, distance in zip(sketch_distances.ravel().tolist(), truth.ravel().tolist(), strict=True)
    )


# ——— the vote ———


@given(
    labels=st.integers(1, 9).flatmap(
        lambda k: st.lists(st.lists(st.integers(0, 5), min_size=k, max_size=k), min_size=1)
    )
)
@settings(deadline=None)
@example([[1, 0]])
@example([[3, 1, 1, 3, 2]])
def test_the_most_frequent_label_wins_and_among_equals_the_nearest(labels):
    assert_array_equal(vote(np.array(labels)), [plain_vote(row) for row in labels])


@metrics
@given(problem=problems(dtypes=(np.uint8,)), seed=st.integers(0, 999))
@settings(deadline=None, max_examples=40)
def test_predict_votes_among_the_neighbors_for_every_k(metric, problem, seed):
    train, queries, k = problem
    y = np.random.default_rng(seed).integers(0, 4, len(train))
    model = KNearestNeighbors(1, metric).train(train, y)
    expected = [plain_vote(y[row].tolist()) for row in plain_search(train, queries, k, metric)[0]]
    assert_array_equal(model.predict(queries, k=k), expected)
    assert_array_equal(KNearestNeighbors(k, metric).train(train, y).predict(queries), expected)
    longest, _ = model.neighbors(queries, k=len(train))
    assert_array_equal(vote(y[longest[:, :k]]), expected)


@metrics
def test_nearest_neighbor_is_scikit_learns_with_one_neighbor(metric):
    from sklearn.neighbors import KNeighborsClassifier

    rng = np.random.default_rng(5)
    X, y, queries = rng.standard_normal((500, 30)), rng.integers(0, 10, 500), rng.standard_normal((100, 30))
    theirs = KNeighborsClassifier(1, metric=SCIPY[metric], algorithm="brute").fit(X, y)
    assert_array_equal(NearestNeighbor(metric).train(X, y).predict(queries), theirs.predict(queries))


def test_the_worked_example_of_deck_a1():
    image = np.array([[56, 32, 10, 18], [90, 23, 128, 133], [24, 26, 178, 200], [2, 0, 255, 220]], np.uint8)
    other = np.array([[10, 20, 24, 17], [8, 10, 89, 100], [12, 16, 178, 170], [4, 32, 233, 112]], np.uint8)
    _, distances = (
        NearestNeighbor("l1").train(other.reshape(1, -1), np.array([0])).neighbors(image.reshape(1, -1))
    )
    assert distances == 456


# ——— what it works on ———


@metrics
def test_strided_and_memory_mapped_read_only_examples_stay_as_they_are(metric, tmp_path):
    rng = np.random.default_rng(6)
    train, queries = (
        rng.integers(0, 256, (100, 40), dtype=np.uint8),
        rng.integers(0, 256, (10, 40), dtype=np.uint8),
    )
    y = rng.integers(0, 3, 100)
    expected = KNearestNeighbors(5, metric).train(train, y).neighbors(queries)

    np.save(tmp_path / "train.npy", train)
    mapped = np.load(tmp_path / "train.npy", mmap_mode="r")
    wide = np.zeros((200, 80), np.uint8)
    wide[::2, ::2] = train
    fortran = np.asfortranarray(queries)
    fortran.flags.writeable = False
    for examples in (mapped, wide[::2, ::2]):
        before = examples.copy()
        found = KNearestNeighbors(5, metric).train(examples, y).neighbors(fortran)
        assert_array_equal(examples, before)
        assert_array_equal(fortran, queries)
        for ours, plain in zip(found, expected, strict=True):
            assert_array_equal(ours, plain)


@metrics
def test_training_again_forgets_what_was_before(metric):
    model = KNearestNeighbors(1, metric).train(np.zeros((3, 20), np.uint8), np.array([1, 1, 1]))
    model.predict(np.zeros((1, 20), np.uint8))
    model.train(np.ones((2, 20), np.uint8), np.array([2, 2]))
    assert model.neighbors(np.zeros((1, 20), np.uint8))[1] == (20 if metric == "l1" else 20**0.5)
    assert model.predict(np.zeros((1, 20), np.uint8)) == 2


def test_threads_do_not_change_the_answer():
    rng = np.random.default_rng(7)
    train, queries = (
        rng.integers(0, 256, (300, 64), dtype=np.uint8),
        rng.integers(0, 256, (200, 64), dtype=np.uint8),
    )
    model = KNearestNeighbors(5, "l1").train(train, np.zeros(300, np.int64))
    for one, three in zip(
        model.neighbors(queries, threads=1), model.neighbors(queries, threads=3), strict=True
    ):
        assert_array_equal(one, three)


@metrics
@pytest.mark.parametrize("features", [2, 40])
def test_progress_counts_every_example(metric, features, capsys):
    X = np.random.default_rng(8).integers(0, 256, (70, features), dtype=np.uint8)
    model = KNearestNeighbors(3, metric).train(X, np.zeros(70, np.int64))
    model.predict(X)
    assert capsys.readouterr().err == ""
    model.predict(X, progress=True)
    assert "70/70" in capsys.readouterr().err


@pytest.mark.family(share=2)
@metrics
def test_memory_stays_far_below_a_float_copy_of_the_training_data(metric):
    train = np.random.default_rng(9).integers(0, 256, (12_000, 3072), dtype=np.uint8)  # as float32: 147 MB
    model = KNearestNeighbors(5, metric).train(train, np.zeros(len(train), np.int64))
    tracemalloc.start()
    try:
        model.neighbors(train[:64])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 80e6


# ——— bad input ———


def trained(k=1, metric="l2"):
    return KNearestNeighbors(k, metric).train(np.eye(4), np.arange(4))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: KNearestNeighbors(metric="cosine"), r"^metric: expected .l1. or .l2., got .cosine.$"),
        (lambda: KNearestNeighbors(k=0), r"^k: expected a whole number of at least 1, got 0$"),
        (lambda: KNearestNeighbors(k=2.5), r"^k: expected a whole number of at least 1, got 2.5"),
        (lambda: KNearestNeighbors(k=True), r"^k: expected a whole number of at least 1, got True"),
        (lambda: KNearestNeighbors(k=5).train(np.eye(4), np.arange(4)), r"^k: expected .* from 1 to 4, the"),
        (lambda: trained().predict(np.eye(4), k=5), r"^k: expected .* 1 to 4, the number of"),
        (lambda: trained().predict(np.eye(4), k=0), r"^k: expected a whole number from 1 to 4.*got 0"),
        (lambda: trained().predict(np.eye(4), threads=0), r"^threads: expected a whole number .*got 0"),
        (lambda: KNearestNeighbors().predict(np.eye(4)), r"^model: expected a trained one; call train"),
        (lambda: trained().predict(np.eye(3)), r"^X: expected 4 features"),
        (lambda: trained().predict(np.arange(4)), r"^X: .*shape \(4,\)"),
        (lambda: trained().predict(np.eye(4) * np.nan), r"^X: expected finite numbers, got nan"),
        (lambda: trained().train(np.full((4, 4), np.inf), np.arange(4)), r"^X: expected finite numbers"),
        (lambda: trained().train(np.full((4, 4), -1e200), np.arange(4)), r"^X: expected numbers up to ±"),
        (lambda: trained().train(np.zeros((0, 4)), np.arange(0)), r"^X: expected at least one example"),
        (lambda: trained().train(np.eye(4), np.arange(3)), r"^y: expected shape \(4,\)"),
        (lambda: trained().train(np.eye(4), -np.arange(4)), r"^y: expected labels 0 and up, got -1 at \[1\]"),
        (lambda: trained().train(np.array([["a"]]), np.array([0])), r"^X: expected numbers"),
        (lambda: vote(np.zeros((3, 0), np.int64)), r"^labels: expected integers \(M, k\)"),
        (lambda: vote(np.zeros(3, np.int64)), r"^labels: expected integers \(M, k\)"),
        (lambda: vote(np.zeros((3, 2))), r"^labels: expected integers \(M, k\)"),
    ],
)  # fmt: skip
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(("X", "y"), [(np.eye(3) * np.nan, np.arange(3)), (np.eye(3), np.arange(2))])
def test_a_failed_training_leaves_the_model_as_it_was(X, y):
    model = trained()
    with pytest.raises(ValueError, match="expected"):
        model.train(X, y)
    assert_array_equal(model.predict(np.eye(4)), np.arange(4))


def test_what_new_memory_happens_to_hold_does_not_matter(monkeypatch):
    """A column that was not written yet was multiplied: now and then a warning under a student's cell."""
    empty = np.empty

    def full_of_nan(shape, dtype=float):
        space = empty(shape, dtype)
        if space.dtype == np.float32:
            space.view(np.uint32).fill(0x7FA00000)  # a signalling NaN: any arithmetic with it warns
        return space

    rng = np.random.default_rng(0)
    X, queries = rng.integers(0, 256, (50, 40), np.uint8), rng.integers(0, 256, (5, 40), np.uint8)
    expected = KNearestNeighbors(3).train(X, np.zeros(50, int)).neighbors(queries)
    monkeypatch.setattr(np, "empty", full_of_nan)
    with np.errstate(all="raise"):
        found = KNearestNeighbors(3).train(X, np.zeros(50, int)).neighbors(queries)
    np.testing.assert_array_equal(found, expected)
