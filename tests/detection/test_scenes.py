"""Scenes: masks and boxes are exact, seeds decide everything, and nothing hides anything."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from data_loaders import Split
from lib.detection.pasted import enlarged
from lib.detection.scenes import box_of, compose
from lib.detection.sets import KINDS, make_scenes

IMAGES = Split(np.random.default_rng(0).integers(0, 256, (6, 3, 32, 32), np.uint8), np.arange(6))
NO_IMAGES = Split(np.zeros((0, 3, 32, 32), np.uint8), np.zeros(0, np.int64))


def scenes(kind, count=3, **parameters):
    return make_scenes(count, kind=kind, images=IMAGES, **parameters)


@settings(max_examples=8, deadline=None)
@given(
    kind=st.sampled_from(KINDS), first=st.integers(0, 1000), occlusion=st.floats(0, 1), scale=st.floats(0, 1)
)
def test_masks_boxes_and_labels_belong_together(kind, first, occlusion, scale):
    for scene in scenes(kind, 2, first=first, occlusion=occlusion, scale=scale):
        assert (scene.image.shape, scene.image.dtype) == ((3, 128, 192), np.uint8)
        assert 1 <= len(scene.labels) == len(scene.boxes) == len(scene.masks) <= 5
        assert_array_equal(scene.boxes, [box_of(mask) for mask in scene.masks])
        assert scene.masks.sum(axis=0).max() == 1  # a pixel belongs to one object
        assert (scene.boxes[:, 2:] - scene.boxes[:, :2] <= 64).all()


@pytest.mark.parametrize("kind", KINDS)
def test_a_scene_depends_on_its_seed_and_number_only(kind):
    many, later = scenes(kind, 3, seed=5), scenes(kind, 1, first=2, seed=5)
    assert_array_equal(many[2].image, later[0].image)
    assert_array_equal(many[2].boxes, later[0].boxes)
    assert (many[0].image != many[1].image).any()
    assert (scenes(kind, 1, seed=6)[0].image != many[0].image).any()


def plain(colour, label):
    """An object that fills its square."""

    def draw(rng, side):
        return np.full((3, side, side), colour), np.ones((side, side)), label

    return draw


def test_what_is_seen_of_an_object_is_its_mask():
    scene = compose(
        np.zeros((3, 128, 192)), plain(1.0, 4), np.random.default_rng(3), occlusion=0.4, scale=1.0, objects=5
    )
    assert_array_equal(scene.masks.any(axis=0), scene.image[0] == 255)
    assert set(scene.labels) == {4}


@pytest.mark.parametrize("seed", range(5))
def test_no_object_is_hidden_by_more_than_half(seed):
    rng = np.random.default_rng(seed)
    scene = compose(np.zeros((3, 128, 192)), plain(1.0, 0), rng, occlusion=1.0, scale=0.0, objects=12)
    side = round(np.sqrt(32 * 64))
    assert (scene.masks.sum(axis=(1, 2)) >= side**2 / 2).all()
    assert len(scene.masks) < 12  # some were left out


def test_without_occlusion_squares_do_not_overlap():
    for scene in scenes("squares", 8, occlusion=0.0):
        assert_array_equal(
            scene.masks.sum(axis=(1, 2)), np.prod(scene.boxes[:, 2:] - scene.boxes[:, :2], axis=1)
        )


@pytest.mark.parametrize("number", range(4))
def test_outlines_are_where_the_picture_changes(number):
    """On a plain ground, all that is more than three pixels away from the masks has one colour."""
    (scene,) = make_scenes(1, first=number, illumination=0.0, clutter=0.0)
    y, x = np.nonzero(scene.masks.any(axis=0))
    away = np.ones((128, 192), bool)
    for down in range(-3, 4):
        for right in range(-3, 4):
            away[(y + down).clip(0, 127), (x + right).clip(0, 191)] = False
    assert (np.ptp(scene.image[:, away].astype(int), axis=1) <= 1).all()
    inside = scene.image[:, scene.masks.any(axis=0)].astype(int)
    assert (np.abs(inside - scene.image[:, away][:, :1]).sum(axis=0) > 3).mean() > 0.9


@given(height=st.integers(1, 40), width=st.integers(1, 40))
def test_an_enlarged_plane_stays_a_plane(height, width):
    y, x = np.indices((8, 8))
    made = enlarged(np.stack([2.0 * x, 3.0 * y, x + y]), height, width)
    place_y, place_x = (((np.arange(n) + 0.5) * 8 / n - 0.5).clip(0, 7) for n in (height, width))
    np.testing.assert_allclose(made[0], np.broadcast_to(2 * place_x, (height, width)), atol=1e-9)
    np.testing.assert_allclose(made[1], np.broadcast_to(3 * place_y[:, None], (height, width)), atol=1e-9)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"count": -1}, "count: expected"),
        ({"count": 1, "kind": "photos"}, "kind: expected 'outlines', 'soft' or 'squares'"),
        ({"count": 1, "kind": "soft"}, "images: expected a split"),
        ({"count": 1, "kind": "soft", "images": IMAGES.images}, "images: expected a split .*, got uint8"),
        ({"count": 1, "kind": "soft", "images": NO_IMAGES}, "images: expected a split .*, got Split"),
        ({"count": 1, "clutter": 1.5}, "clutter: expected"),
        ({"count": 1, "occlusion": float("nan")}, "occlusion: expected"),
        ({"count": 1, "seed": 0.5}, "seed: expected"),
    ],
)
def test_other_arguments_are_refused(arguments, said):
    with pytest.raises(ValueError, match=said):
        make_scenes(**arguments)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_there_are_as_many_objects_as_asked_for_even_none(count):
    ground, rng = np.zeros((3, 400, 400)), np.random.default_rng(0)
    scene = compose(ground, plain(1.0, 0), rng, occlusion=0.0, scale=1.0, objects=count)
    assert (len(scene.boxes), len(scene.masks)) == (count, count)


@pytest.mark.parametrize(
    ("shape", "objects", "said"),
    [
        ((3, 40, 192), 1, "background: expected at least 64 × 64 pixels, got 40 × 192"),
        ((3, 128, 192), -1, "objects: expected a whole number of at least 0, got -1"),
        ((3, 128, 192), 2.5, "objects: expected a whole number"),
    ],
)
def test_a_scene_needs_room_and_a_number_of_objects(shape, objects, said):
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match=said):
        compose(np.zeros(shape), plain(1.0, 0), rng, occlusion=0.3, scale=1.0, objects=objects)


def test_an_empty_mask_has_no_box():
    with pytest.raises(ValueError, match="mask: expected at least one pixel of the object, got none"):
        box_of(np.zeros((4, 6), bool))


def test_no_scenes_are_an_empty_list():
    assert make_scenes(0) == []
