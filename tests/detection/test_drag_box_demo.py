"""A box in the hand: what follows it, and what dragging its middle and its corners means."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from lib.demos.kit.hand import marks, meaning, share_of
from lib.detection.boxes import iou
from lib.detection.crops import crop_boxes
from lib.detection.demos.drag_box import LEAST, DragBoxDemo, compute, one
from lib.detection.demos.small_detector import the_detector, the_scenes
from lib.detection.features import describe
from lib.detection.shapes import NAMES


@pytest.fixture(scope="module")
def demo():
    return DragBoxDemo()


@pytest.fixture(autouse=True)
def back_to_start(demo):
    demo.set(**demo.start)


def drag(demo, key, x, y):
    right, below = share_of(demo.field, x, y)
    return meaning(demo, {"to": "drag", "key": key, "x": right, "y": below})


def test_crop_scores_and_regression_are_those_of_the_detector():
    detector, scene = the_detector(), the_scenes()[6]
    boxed = compute(detector, scene, 121, 11, 30, 40)
    box = np.array([[121.0, 11, 151, 51]])
    described = describe(detector.net, scene.image, box)
    assert_array_equal(boxed.box, box[0])
    assert_array_equal(boxed.crop, crop_boxes(scene.image, box)[0].transpose(1, 2, 0))
    assert_allclose(boxed.scores, detector.detector.classifier.scores(described.pooled)[0], rtol=1e-4)
    best = int(boxed.scores.argmax())
    assert_allclose(boxed.moved, detector.detector.moved(described, best)[0], atol=1e-2)
    assert boxed.before == iou(box, scene.boxes).max()
    assert NAMES[boxed.truth] == "cross"
    assert boxed.after == iou(boxed.moved[None], scene.boxes)[0, iou(box, scene.boxes).argmax()]


def test_a_box_is_cut_at_the_border():
    boxed = compute(the_detector(), the_scenes()[6], 184, 126, 192, 128)
    assert_array_equal(boxed.box, [192 - LEAST, 128 - LEAST, 192, 128])


def test_a_box_in_a_larger_scene_is_cut_at_its_own_border():
    scene = the_scenes()[6]
    large = replace(scene, image=np.tile(scene.image, (1, 2, 2)))
    boxed = compute(the_detector(), large, 300, 200, 30, 100)
    assert_array_equal(boxed.box, [300, 200, 330, 256])


def test_a_box_on_the_ground_touches_nothing(demo):
    demo.set(left=4, top=4, width=34, height=30)
    assert (demo.state.truth, demo.state.before, demo.state.after) == (-1, 0, 0)
    assert demo.said().endswith("The box touches no object.")


def test_a_box_that_is_moved_out_of_the_scene_fits_nothing(demo, monkeypatch):
    monkeypatch.setattr(demo.detector.detector, "moved", lambda *_: np.array([[192.0, 10, 192, 20]]))
    demo.set(width=37)
    assert demo.state.truth >= 0
    assert demo.state.after == 0


def test_the_regression_brings_it_nearer_to_most_objects():
    better = []
    for scene in the_scenes():
        for x1, y1, x2, y2 in scene.boxes.astype(int).tolist():
            w, h = x2 - x1, y2 - y1
            boxed = compute(the_detector(), scene, x1 + w // 5, y1 + h // 6, w, h)
            better.append(boxed.after > boxed.before)
    assert np.mean(better) > 0.75


def test_its_middle_is_dragged_and_its_size_stays(demo):
    assert drag(demo, "box:0", 99.5, 69.5) == {"left": 82, "top": 50, "width": 36, "height": 40}
    assert drag(demo, "box:0", 500, -500) == {"left": 156, "top": 0, "width": 36, "height": 40}
    right, below = share_of(demo.field, 60.5, 60.5)
    assert meaning(demo, {"to": "click", "x": right, "y": below}) == {
        "left": 43, "top": 41, "width": 36, "height": 40
    }  # fmt: skip


@pytest.mark.parametrize(
    ("corner", "place", "edges"),
    [
        (1, (139.5, 49.5), (140, 50, 188, 102)),
        (2, (179.5, 49.5), (152, 50, 180, 102)),
        (3, (139.5, 99.5), (140, 62, 188, 100)),
        (4, (179.5, 99.5), (152, 62, 180, 100)),
        (4, (0, 0), (152, 62, 152 + LEAST, 62 + LEAST)),
        (1, (500, 500), (188 - LEAST, 102 - LEAST, 188, 102)),
        (4, (500, 500), (152, 62, 192, 128)),
    ],
)
def test_a_corner_is_dragged_and_the_opposite_one_stays(demo, corner, place, edges):
    demo.set(**drag(demo, f"box:{corner}", *place))
    assert_array_equal(demo.state.box, edges)


def test_arrow_keys_move_the_box_and_its_corners_by_a_pixel(demo):
    press = lambda index, x, y: meaning(demo, {"to": "key", "key": f"box:{index}", "x": x, "y": y})  # noqa: E731
    assert press(0, 1, 0) == {"left": 153, "top": 62, "width": 36, "height": 40}
    assert press(0, 0, 1) == {"left": 152, "top": 61, "width": 36, "height": 40}
    assert press(4, 1, 0) == {"left": 152, "top": 62, "width": 37, "height": 40}
    assert press(1, 0, -3) == {"left": 152, "top": 65, "width": 36, "height": 37}


def test_marks_stand_where_the_box_is_drawn(demo):
    whole, *corners = marks(demo)
    assert whole["kind"] == "box"
    assert "36 × 40 pixels" in whole["name"]
    drawn = [share_of(demo.field, x, y) for x, y in np.transpose(demo.grips.get_data())]
    assert_allclose([(mark["x"], mark["y"]) for mark in corners], drawn)


def test_it_says_what_it_shows(demo):
    boxed = demo.state
    best = NAMES[boxed.scores.argmax()]
    assert demo.said().startswith(f"{best.capitalize()} is found, score {boxed.scores.max():.2f}. ")
    assert f"IoU {boxed.before:.2f} with {one('triangle')}" in demo.said()
    assert demo.bars[NAMES.index(best)].get_width() == pytest.approx(boxed.scores.max())


def test_the_objects_can_be_hidden(demo):
    shown = demo.true_ones.lines[0]
    assert len(shown.get_segments()) == 5
    demo.set(objects=False)
    assert len(shown.get_segments()) == 0


@pytest.mark.parametrize("width", [340, 560, 814])
def test_its_words_meet_neither_the_names_of_the_bars_nor_each_other(demo, width):
    demo.fit(width, 600)
    boxed = demo.state
    scores = np.full(len(NAMES), -12.0)
    for name in ("crescent", "hourglass"):
        scores[NAMES.index(name)] += 0.5
        longest = boxed._replace(scores=scores, truth=NAMES.index("hourglass"))
        demo.update((demo.detector.scenes[6], longest, True))
        renderer = demo.canvas.agg.get_renderer()
        words = [text.get_window_extent(renderer) for text in demo.words]
        names = [text.get_window_extent(renderer) for text in demo.bars[0].axes.get_yticklabels()]
        for k, box in enumerate(words):
            assert not any(box.overlaps(other) for other in [*names, *words[:k]]), demo.words[k].get_text()
            assert box.x1 <= demo.canvas.figure.bbox.x1
    demo.fit(814, 600)
