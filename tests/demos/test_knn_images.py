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
    found = search(data.train.take(50), data.test)[metric]
    distances = cdist(data.test.vectors(), data.train.take(50).vectors(), theirs)
    order = distances.argsort(axis=1, kind="stable")[:, :LARGEST_K]
    assert_array_equal(found.rows, order)
    assert_array_equal(found.labels, data.train.labels[order])
    assert_allclose(found.distances, np.take_along_axis(distances, order, axis=1))


@pytest.mark.parametrize("metric", ["L1", "L2"])
def test_votes_are_those_counted_by_hand(metric):
    data = small()
    found = search(data.train, data.test)[metric]
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
    train = small(train=30).train
    twice = Split(np.concatenate([train.images] * 2), np.concatenate([train.labels] * 2))
    demo = KnnImagesDemo(Dataset("known", twice, small().test, ("a", "b", "c", "d")), k=1)
    state = demo.compute(**demo.values)
    assert (state.distances[0], state.says, state.correct) == (0, state.truth, QUERIES)


@pytest.fixture(scope="module")
def demo():
    return KnnImagesDemo(small(train=90))


def test_the_images_to_choose_from_are_no_test_images_and_are_not_searched(demo):
    """Row "the k-NN demos show test accuracy per k" of classroom.md."""
    data = small(train=90)
    assert_array_equal(demo.known.images, data.train.images[: 90 - QUERIES])
    assert_array_equal(demo.queries.images, data.train.images[90 - QUERIES :])


def test_a_click_on_a_neighbour_lets_all_vote_that_are_as_near(demo):
    demo.set(**demo.start)
    marks = demo.voters.marks(demo)
    assert len(marks) == LARGEST_K
    for index in (0, 6, 14):
        assert demo.voters.picked(demo, index) == {"k": index + 1}
    assert (marks[6].x, marks[6].y) == (1, 1)  # the second of the second row
    assert marks[6].name == f"{'abcd'[demo.state.labels[6]]}, distance {demo.state.distances[6]:,.0f}: k = 7"


@pytest.mark.parametrize("width", [816, 330])
def test_the_marks_of_the_neighbours_stand_on_their_tiles(demo, width):
    demo.fit(width, 400)
    demo.set(**demo.start | {"k": LARGEST_K})
    width, height = np.round(demo.middle.bbox.size).astype(int)
    tiles = demo.gallery.painted(height, width)
    columns, rows = demo.gallery.columns, -(-LARGEST_K // demo.gallery.columns)
    for index, mark in enumerate(demo.voters.marks(demo)):
        middle = int((mark.y + 0.45) * height / rows), int((mark.x + 0.5) * width / columns)
        image = np.moveaxis(demo.known.images[demo.state.rows[index]], 0, -1)
        near = tiles[middle[0] - 2 : middle[0] + 3, middle[1] - 2 : middle[1] + 3].reshape(-1, 3)
        assert any((image == pixel).all(axis=-1).any() for pixel in near)
    demo.fit(816, 400)


def test_a_click_on_the_image_shows_the_next_and_after_the_last_the_first(demo):
    demo.set(image=3)
    assert demo.another.picked(demo, 0) == {"image": 4}
    demo.set(image=QUERIES - 1)
    assert demo.another.picked(demo, 0) == {"image": 0}
    (mark,) = demo.another.marks(demo)
    assert (mark.kind, mark.x, mark.y, mark.w) == ("spot", 15.5, 15.5, 32)


@pytest.mark.parametrize("k", [1, 2, 9, 15])
def test_it_says_who_voted_for_what(demo, k):
    for image in range(QUERIES):
        demo.set(image=image, k=k)
        state, votes = demo.state, Counter(demo.state.labels[:k].tolist())
        truth = demo.queries.labels[image]
        assert demo.said().startswith(f"{votes[truth]} of {k} vote")
        assert f"for {'abcd'[truth]}, which is right" in demo.said()
        if state.says == truth:
            assert ", but" not in demo.said()
        else:
            tie = votes[state.says] == votes[truth]
            assert (
                f", but {votes[state.says]} for {'abcd'[state.says]}{', which is nearer' * tie}."
                in demo.said()
            )
        assert demo.said().endswith(f"{state.correct} of 30 validation images are right.")


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


@pytest.mark.parametrize("sizes", [{"test": 0}, {"train": LARGEST_K + QUERIES - 1}, {"side": 16}])
def test_a_data_set_that_does_not_do_is_refused(sizes):
    with pytest.raises(ValueError, match="data: expected"):
        KnnImagesDemo(small(**sizes))
