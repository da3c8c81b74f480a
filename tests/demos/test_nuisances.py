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
