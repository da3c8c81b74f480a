"""The neighbours and votes of the demo on images against comparing every pair by hand."""

from collections import Counter

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.spatial.distance import cdist

from data_loaders import Dataset, Split
from lib.demos.knn_images import LARGEST_K, QUERIES, KnnImagesDemo, Searched, compute, search


def small(train=60, test=QUERIES, side=32):
    rng = np.random.default_rng(0)

    def split(count):
        images = rng.integers(0, 256, (count, 3, side, side), dtype=np.uint8)
        return Split(images, rng.integers(0, 4, count))

    return Dataset("small", split(train), split(test), ("a", "b", "c", "d"))


@pytest.mark.parametrize(("metric", "theirs"), [("L1", "cityblock"), ("L2", "euclidean")])
def test_the_search_finds_the_nearest_of_all(metric, theirs):
    data = small()
    found = search(data, 50)[metric]
    distances = cdist(data.test.vectors(), data.train.take(50).vectors(), theirs)
    order = distances.argsort(axis=1, kind="stable")[:, :LARGEST_K]
    assert_array_equal(found.rows, order)
    assert_array_equal(found.labels, data.train.labels[order])
    assert_allclose(found.distances, np.take_along_axis(distances, order, axis=1))


@pytest.mark.parametrize("metric", ["L1", "L2"])
def test_votes_are_those_counted_by_hand(metric):
    data = small()
    found = search(data, 60)[metric]
    for k in range(1, LARGEST_K + 1):
        said = []
        for row in found.labels[:, :k].tolist():
            votes = Counter(row)
            said.append(next(label for label in row if votes[label] == max(votes.values())))
        for image in range(QUERIES):
            state = compute(found, data.test.labels, image, k, classes=4)
            assert (state.says, state.truth) == (said[image], data.test.labels[image])
            votes = Counter(found.labels[image, :k].tolist())
            assert_array_equal(state.votes, [votes[label] for label in range(4)])
            assert_array_equal(state.rows, found.rows[image])
            assert state.correct == sum(np.array(said) == data.test.labels)


def test_a_training_image_finds_itself():
    data = small()
    known = Dataset("known", data.train, data.train.take(QUERIES), data.classes)
    demo = KnnImagesDemo(known, k=1)
    state = demo.compute(**demo.values)
    assert (state.distances[0], state.says, state.correct) == (0, state.truth, QUERIES)


@pytest.mark.parametrize(
    ("truth", "image", "k", "message"),
    [
        (np.zeros(3, int), 0, 1, "truth: expected a label for each of the 2 images"),
        (np.zeros(2, int), 2, 1, "^image: expected .*got 2"),
        (np.zeros(2, int), 0.5, 1, r"^image: expected .*got 0\.5"),
        (np.zeros(2, int), 0, 0, "^k: expected .*got 0"),
        (np.zeros(2, int), 0, 5, "^k: expected .*got 5"),
    ],
)
def test_bad_input_is_refused_by_name(truth, image, k, message):
    found = Searched(np.zeros((2, 4), int), np.zeros((2, 4)), np.zeros((2, 4), int))
    with pytest.raises(ValueError, match=message):
        compute(found, truth, image, k)


@pytest.mark.parametrize("sizes", [{"test": QUERIES - 1}, {"train": LARGEST_K - 1}, {"side": 16}])
def test_a_data_set_that_does_not_do_is_refused(sizes):
    with pytest.raises(ValueError, match="data: expected"):
        KnnImagesDemo(small(**sizes))
