"""What the predictions of lecture 02 call true is what its cells compute."""

from contextlib import nullcontext
from types import SimpleNamespace

import numpy as np
import pytest
from lecture_cells import LECTURES, cells_of, sources_with_solutions

from lib import classifiers
from lib.classifiers import KNearestNeighbors, NearestNeighbor, cross_validate, k_folds, vote
from lib.demos import knn_plane
from lib.lessons.predictions import find_prediction
from lib.lessons.predictions.lecture_02 import best_of_guessers

SOURCES = sources_with_solutions(cells_of(LECTURES / "02_nearest_neighbours.ipynb"))


def run(*cells, **given):
    """The names that these cells define, run by themselves with our solutions."""
    names = {"np": np, "after": lambda name: nullcontext(), "display": print} | vars(classifiers) | given
    for cell in cells:
        exec(SOURCES[cell], names)
    return names


def truth(name):
    return find_prediction(f"02.{name}").true()


def noisy_pictures(count):
    """Rows of whole numbers around the centers of four classes, and labels of which some are wrong."""
    rng = np.random.default_rng(2)
    y = rng.integers(0, 4, size=count)
    X = (40 * rng.random((4, 30))[y] + 40 * rng.random((count, 30))).astype(np.int16)
    return X, np.where(rng.random(count) < 0.3, rng.integers(0, 4, size=count), y)


def test_the_table_by_l1_as_the_exercise_asks_for_it():
    names = run("l1-pictures", "l1-distance")
    a, b, l1_distance = (names[name] for name in ("a", "b", "l1_distance"))
    assert l1_distance(a, b) == 456
    assert l1_distance(a[:1], b[:1]) == truth("first_row")
    assert (a[0].astype(int) - b[0]).sum() == 45  # what the card says of sums with signs


def test_one_prediction_is_the_librarys_and_needs_no_loop():
    rng = np.random.default_rng(0)
    X, x = (
        rng.integers(0, 256, size=(60, 48), dtype=np.uint8),
        rng.integers(0, 256, size=(9, 48), dtype=np.uint8),
    )
    y = rng.integers(0, 10, size=60)
    names = run("l1-distance", "predict-one", "no-loop", X=X, y=y, X_held=x)
    for name in ("predict_one", "predict_at_once"):
        assert [names[name](X, y, one) for one in x] == NearestNeighbor("l1").train(X, y).predict(x).tolist()


def test_who_is_nearer_and_how_they_vote():
    x, a, b = (0, 0), (3, 0), (2, 2)
    nearest = [
        "ab"[NearestNeighbor(metric).train(np.array([a, b]), np.array([0, 1])).predict(np.array([x]))[0]]
        for metric in ("l1", "l2")
    ]
    assert truth("who_is_nearer") == f"{nearest[0]} by L1, {nearest[1]} by L2"
    kinds, labels = ("cat", "dog", "ship"), np.array([[0, 1, 1, 0, 2]])
    said = [kinds[vote(labels[:, :k])[0]] for k in range(1, 6)]
    assert said == ["cat", "cat", "dog", "cat", "cat"]
    assert truth("four_votes") == said[3]


def test_time_grows_with_the_number_of_training_images():
    time = find_prediction("02.time_over_n").truth
    assert time(np.array([0, 10_000, 20_000])).tolist() == [0, 10, 20]


def test_own_images_are_all_right_and_left_out_they_are_not():
    X, y = noisy_pictures(300)
    distances = np.stack([np.abs(X - x).sum(axis=1) for x in X])
    right = y[distances.argmin(axis=1)] == y
    assert truth("own_images") == "all of them"
    assert right.all()
    left_out = run("leave-one-out")["leave_one_out"](distances.astype(float), y)
    rows, _ = KNearestNeighbors(2, "l1").train(X, y).neighbors(X)
    assert left_out == np.mean(y[rows[:, 1]] == y) < 0.9


def test_the_best_of_many_guessers_as_the_lecture_draws_it():
    tried = np.array([1, 10, 100, 1000])
    hits = np.random.default_rng(0).binomial(100, 0.1, size=(500, 1000))
    drawn = np.maximum.accumulate(hits, axis=1).mean(axis=0)
    np.testing.assert_allclose(best_of_guessers(tried), drawn[tried - 1], atol=0.3)
    assert best_of_guessers(np.array([1])) == pytest.approx(10)
    assert best_of_guessers(np.array([1000])) > 20  # more than twice as much


def test_shuffled_pixels_change_no_distance():
    shuffle = run_shuffle()
    X = np.random.default_rng(1).integers(0, 256, size=(12, 3072), dtype=np.uint8)
    assert (shuffle(X) != X).any()
    for metric in ("l1", "l2"):
        found = [
            NearestNeighbor(metric).train(one, np.zeros(12, int)).neighbors(one, k=12)
            for one in (X, shuffle(X))
        ]
        np.testing.assert_array_equal(found[0][0], found[1][0])
        np.testing.assert_allclose(found[0][1], found[1][1])
    assert truth("shuffled_pixels") == "it stays exactly as it is"


def run_shuffle():
    """The function of the lecture's cell, without what the cell shows."""
    names = {"np": np}
    exec(SOURCES["shuffled"].split("with after")[0], names)
    return names["shuffle"]


def test_what_comes_out_in_bytes(capsys):
    run("darker")
    assert f"{truth('darker_by_one'):,}" in capsys.readouterr().out
    assert truth("darker_by_one") == 255 * 3072


def test_cross_validation_is_the_librarys_on_the_same_folds():
    X, y = noisy_pictures(200)
    fold_of = np.zeros(200, int)
    for number, (_, validation) in enumerate(k_folds(200, 5, seed=0)):
        fold_of[validation] = number
    names = run("rows-of-round") | {"KS": (1, 3, 7), "fold_of": fold_of}
    names |= {"tqdm": lambda rounds, **_: rounds, "pick": lambda quick, full: quick}
    exec(SOURCES["cross-validate-one"], names)
    ours = names["cross_validated"]("l2", X, y)
    for column, k in enumerate(names["KS"]):
        theirs = cross_validate(lambda k=k: KNearestNeighbors(k, "l2"), X, y, folds=5, seed=0)
        np.testing.assert_array_equal(ours[:, column], theirs)


def test_its_folds_are_the_librarys():
    given = {"pick": lambda quick, full: quick, "print": lambda *_: None}
    data = SimpleNamespace(train=SimpleNamespace(take=lambda count, seed: range(count)))
    fold_of = run("deal", data=data, **given)["fold_of"]
    for number, (training, validation) in enumerate(k_folds(len(fold_of), 5, seed=0)):
        assert sorted(validation) == np.flatnonzero(fold_of == number).tolist()
        assert sorted(training) == np.flatnonzero(fold_of != number).tolist()


def test_the_numbers_of_the_phone_and_of_a_little():
    N, D, C = 50_000, 3072, 10
    assert round(30 * N * D / 1e9, 1) == 4.6
    assert round(N * D / 1e6) == 154
    assert round(30 * C * D / 1e6, 1) == 0.9
    assert round(4 * C * (D + 1) / 1e6, 2) == 0.12
    by_l1, by_l2 = run("as-far")["as_far"](255, D)
    assert (round(1 / by_l1), int(by_l2)) == (12, 4)
    assert round(by_l2) == 5


def test_in_the_plane_validation_beats_training_where_labels_are_wrong():
    state = knn_plane.compute(16, "L2", 0.2, 30)
    assert f"{state.on_training[15]:.0%} {state.on_validation[15]:.0%}" == "82% 87%"
    clean = knn_plane.compute(16, "L2", 0.0, 30)
    assert clean.on_training[15] >= clean.on_validation[15]
