"""The arithmetic of the demo of the seven nuisances."""

import numpy as np
import pytest

from data_loaders.shapes10 import CLASSES, NUISANCES, render
from lib.classifiers import hand_coded
from lib.demos import nuisances
from lib.demos.nuisances import SEED, SIDE, SIZE, NuisancesDemo, compute


@pytest.mark.parametrize("shape", CLASSES)
def test_the_clean_picture_is_named_rightly_and_nothing_has_changed(shape):
    state = compute(shape)
    assert state.verdict == shape
    assert state.changed == 0


def test_the_picture_is_that_of_the_data_set_and_the_patch_its_red_numbers():
    state = compute("cross", viewpoint=0.4, clutter=0.3)
    image = render("cross", viewpoint=0.4, clutter=0.3, seed=SEED, size=SIZE)
    clean = render("cross", seed=SEED, size=SIZE)
    np.testing.assert_array_equal(state.picture.transpose(2, 0, 1), image)
    row, column = nuisances.CORNER
    expected = [[image[0, row + i, column + j] for j in range(SIDE)] for i in range(SIDE)]
    np.testing.assert_array_equal(state.patch, expected)
    assert state.changed == sum(a != b for a, b in zip(image.ravel(), clean.ravel(), strict=True))
    assert state.verdict == hand_coded.predict(image)


def test_the_sliders_are_the_seven_nuisances_with_their_whole_range():
    controls = NuisancesDemo().controls
    assert list(controls) == ["shape", *NUISANCES]
    assert {name: (controls[name].low, controls[name].high) for name in NUISANCES} == dict(NUISANCES)


def test_every_preset_breaks_the_rules():
    demo = NuisancesDemo()
    for name in demo.presets:
        state = demo.compute(**demo.preset(name))
        assert state.verdict != state.shape, name


def test_an_unknown_shape_is_refused_by_name():
    with pytest.raises(ValueError, match=r"^shape: expected .*got 'cat'"):
        compute("cat")


def test_a_strength_out_of_range_is_refused_by_name():
    with pytest.raises(ValueError, match="occlusion"):
        compute("disc", occlusion=-0.5)


@pytest.fixture(scope="module")
def demo():
    return NuisancesDemo()


@pytest.mark.parametrize("handle", ["occluder", "size_of_shape", "middle"])
def test_a_dot_dragged_to_its_own_place_stays_and_stands_where_it_is_drawn(demo, handle):
    demo.set(**demo.start)
    track = demo.touches[handle]
    for value in (0.0, 0.35, 0.5, 1.0):
        demo.set(**{track.slider: value})
        (mark,) = track.marks(demo)
        assert track.dragged(demo, 0, mark.x, mark.y) == {track.slider: pytest.approx(value)}
        drawn = demo.knobs.get_xydata()[list(demo.touches).index(handle)]
        np.testing.assert_allclose(drawn, (mark.x, mark.y))
    assert mark.name.startswith(track.label)


def test_the_occluder_s_dot_stands_on_its_rim(demo):
    for viewpoint in (0.0, 0.6):
        demo.set(**demo.start | {"occlusion": 0.6, "viewpoint": viewpoint})
        x, y = demo.rim_of_occluder(0.6)
        more = {"viewpoint": viewpoint, "seed": SEED, "size": SIZE}
        covered = (render("square", **more) != render("square", occlusion=0.6, **more)).any(axis=0)
        outwards = nuisances.FROM * (1, -1)  # rows are counted from above
        for steps, expected in ((1.5, True), (4, True), (-1.5, False), (-4, False)):
            column, row = np.round((x, y) + steps * outwards).astype(int)
            assert covered[row, column] == expected, (viewpoint, steps)


def test_the_dots_of_a_disc_stand_in_its_middle_and_on_its_rim(demo):
    for viewpoint, scale in ((0.0, 0.0), (0.0, 0.5), (0.0, -1.0), (0.4, -0.5)):
        demo.set(**demo.start | {"shape": "disc", "viewpoint": viewpoint, "scale": scale})
        rows, columns = np.nonzero(demo.state.seen.mask)
        np.testing.assert_allclose(demo.middle_of_shape(viewpoint), (columns.mean(), rows.mean()), atol=1.5)
        (x, y), (a, b) = demo.rim_of_shape(scale), demo.middle_of_shape(viewpoint)
        if not viewpoint:
            assert np.hypot(x - a, y - b) == pytest.approx(np.sqrt(len(rows) / np.pi), rel=0.1)


def test_arrows_lead_along_the_curve(demo):
    demo.set(**demo.start | {"scale": 0.5, "occlusion": 0.5})
    # It lies to the left of the middle, and above.
    assert demo.size_of_shape.stepped(demo, 0, -1, 0) == {"scale": pytest.approx(0.55)}
    assert demo.size_of_shape.stepped(demo, 0, 0, 1) == {"scale": pytest.approx(0.55)}
    assert demo.size_of_shape.stepped(demo, 0, 1, 0) == {"scale": pytest.approx(0.45)}
    assert demo.occluder.stepped(demo, 0, -10, 0) == {"occlusion": pytest.approx(1.0)}
    assert demo.occluder.stepped(demo, 0, 0, -1) == {"occlusion": pytest.approx(0.45)}
    demo.set(occlusion=1.0)
    assert demo.occluder.stepped(demo, 0, -1, 0) == {"occlusion": 1.0}


def test_it_says_what_the_rules_see(demo):
    demo.set(**demo.start)
    assert demo.said() == (
        "0 of 12,288 numbers have changed; the rules see 0 holes, 4 corners and a fill of 1.00, "
        "and are right."
    )
    demo.set(shape="ring", occlusion=0.7)
    image, clean = (render("ring", occlusion=o, seed=SEED, size=SIZE) for o in (0.7, 0.0))
    seen = hand_coded.measure(image)
    right = "right" if hand_coded.predict(image) == "ring" else "wrong"
    assert demo.said() == (
        f"{(image != clean).sum():,} of 12,288 numbers have changed; the rules see {seen.holes} holes, "
        f"{seen.corners} corners and a fill of {seen.fill:.2f}, and are {right}."
    )


def test_long_labels_are_given_the_width_they_need(demo):
    """Row "labels … cut at every width" of faults.md; the browser's tests measure it."""
    for name in ("clutter", "variation"):
        widget = demo.controls[name].widget()
        assert widget.description in ("background clutter", "intra-class variation")
        assert widget.style.description_width == "max-content"
