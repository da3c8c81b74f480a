"""The browser of predictions: what is chosen, in which order, and what a click does."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal

from lib.convnets.demos.mistakes import ORDERS, SEEN, Judged, MistakesDemo, compute, facts_of
from lib.convnets.evaluate import confusion_counts, worst_mistakes

CLASSES = ("cat", "dog", "ship")


def judged(count=60, seed=0, classes=CLASSES):
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (count, 3, 32, 32)).astype(np.uint8)
    labels = np.arange(count) % len(classes)
    scores = rng.normal(size=(count, len(classes))) + 1.2 * np.eye(len(classes))[labels]
    return Judged(images, labels, scores, classes)


@pytest.fixture(scope="module")
def demo():
    return MistakesDemo(judged())


def test_facts_are_those_of_torch():
    data = judged()
    facts = facts_of(data.scores, data.labels)
    scores, labels = torch.from_numpy(data.scores), torch.from_numpy(data.labels)
    assert_allclose(facts.probabilities, scores.softmax(1))
    assert_allclose(facts.losses, torch.nn.functional.cross_entropy(scores, labels, reduction="none"))
    assert_array_equal(facts.counts, confusion_counts(scores, labels))


def test_the_worst_are_those_of_worst_mistakes():
    data = judged()
    rows = compute(facts_of(data.scores, data.labels), data.labels).rows
    theirs = worst_mistakes(torch.from_numpy(data.scores), torch.from_numpy(data.labels), 1000)
    assert_array_equal(rows, theirs)


@pytest.mark.parametrize("true", [0, 1, 3])
@pytest.mark.parametrize("told", [0, 1, 2])
@pytest.mark.parametrize("order", ORDERS)
def test_what_is_chosen_and_its_order(true, told, order):
    data = judged()
    facts = facts_of(data.scores, data.labels)
    rows = compute(facts, data.labels, true, told, order).rows
    wanted = [
        n
        for n in range(len(data.labels))
        if (not true or data.labels[n] == true - 1)
        and (not told or facts.predicted[n] == told - 1)
        and (facts.predicted[n] != data.labels[n] or (true == told != 0))
    ]
    assert sorted(rows.tolist()) == wanted
    margins = np.diff(np.sort(facts.probabilities, axis=1))[:, -1]
    keys = {ORDERS[0]: -facts.losses, ORDERS[1]: facts.losses, ORDERS[2]: margins}[order][rows]
    assert (np.diff(keys) >= 0).all()


def test_large_scores_do_not_overflow():
    facts = facts_of(np.array([[1e4, -1e4], [-1e4, 1e4]]), np.array([0, 0]))
    assert_allclose(facts.losses, [0, 2e4])
    assert_allclose(facts.probabilities, [[1, 0], [0, 1]])


def test_a_click_on_a_field_chooses_it_and_again_lets_it_go(demo):
    demo.set(**demo.start)
    spots = MistakesDemo.field.marks(demo)
    assert len(spots) == 9
    demo.set(**MistakesDemo.field.picked(demo, 5))  # row 1, column 2
    assert (demo.values["true"], demo.values["told"]) == (2, 3)
    data, predicted = demo.judged, demo.facts.predicted
    assert_array_equal(np.sort(demo.state.rows), np.flatnonzero((data.labels == 1) & (predicted == 2)))
    demo.set(**MistakesDemo.field.picked(demo, 5))
    assert (demo.values["true"], demo.values["told"]) == (0, 0)


def test_a_click_on_an_image_looks_at_it(demo):
    demo.set(**demo.start)
    demo.set(**MistakesDemo.a_tile.picked(demo, 3))
    assert demo.values["place"] == 3
    row = demo.state.rows[3]
    assert demo.said().startswith(
        f"Image 4 of {len(demo.state.rows)}: {CLASSES[demo.facts.predicted[row]]}, "
    )
    assert f"it is {CLASSES[demo.judged.labels[row]]}" in demo.said()
    assert [bar.get_width() for bar in demo.bars] == pytest.approx(list(100 * demo.facts.probabilities[row]))


def test_the_gallery_turns_its_pages(demo):
    demo.set(**demo.start)
    assert len(demo.state.rows) > SEEN
    demo.set(place=SEEN)
    assert demo.first == SEEN
    assert len(demo.tiles_seen()) == min(SEEN, len(demo.state.rows) - SEEN)
    demo.set(place=99)
    assert demo.state.place == len(demo.state.rows) - 1


def test_the_image_that_is_looked_at_is_framed_and_drawn_pixel_by_pixel(demo):
    demo.set(**demo.start)
    demo.set(place=1)
    data = demo.judged.images[demo.state.rows[1]].transpose(1, 2, 0)
    tile = demo.mosaic[:40, 40:80]
    assert_array_equal(tile[4:36, 4:36], data)
    assert tuple(tile[2, 2]) != tuple(demo.paper_rgb)
    assert tuple(demo.mosaic[2, 2]) == tuple(demo.paper_rgb)


def test_a_field_without_images_says_so():
    data = judged(6)._replace(scores=9.0 * np.eye(3)[np.arange(6) % 3])
    demo = MistakesDemo(data)
    assert demo.said() == "No such image; 100.0\xa0% of 6 images are right."
    assert not any(bar.get_edgecolor()[3] for bar in demo.bars)
    demo.set(true=1, told=1)
    assert "and right" in demo.said()


def test_tensors_are_welcome():
    data = judged()
    demo = MistakesDemo(
        data._replace(scores=torch.from_numpy(data.scores), labels=torch.from_numpy(data.labels))
    )
    assert_array_equal(demo.facts.losses, facts_of(data.scores, data.labels).losses)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"images": np.zeros((60, 3, 16, 16), np.uint8)}, "images"),
        ({"images": np.zeros((60, 3, 32, 32), np.float32)}, "images"),
        ({"labels": np.zeros(59, np.int64)}, "labels"),
        ({"labels": np.full(60, 3)}, "labels"),
        ({"scores": np.zeros((60, 4))}, "scores"),
        ({"scores": np.full((60, 3), np.nan)}, "scores"),
        ({"classes": tuple("abcdefghijk")}, "classes"),
        ({"classes": ("cat",)}, "classes"),
    ],
)
def test_anything_else_is_refused_by_name(change, name):
    with pytest.raises(ValueError, match=f"{name}: expected"):
        MistakesDemo(judged()._replace(**change))


def test_what_is_no_judged_is_refused_with_advice():
    with pytest.raises(ValueError, match=r"^data: expected .*; give mistakes\.Judged"):
        MistakesDemo(np.zeros((2, 3, 32, 32), np.uint8))


def test_two_and_ten_classes_fit():
    for count in (2, 10):
        demo = MistakesDemo(judged(60, classes=tuple(f"class {k}" for k in range(count))))
        demo.set(true=10, told=10)
        assert demo.state.true == count
        assert len(demo.fields()) == count**2
