"""Six broken trainings: the committed numbers, what is drawn of them, and what is said."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from lib.demos.six_switches import (
    EPOCHS,
    HEALTHY,
    LETTERS,
    NAMES,
    SEEDS,
    SixSwitchesDemo,
    compute,
    curve,
    last,
    results,
    spaced,
)

LETTER_OF = {switch: letter for letter, switch in LETTERS.items()}


@pytest.fixture(scope="module")
def demo():
    return SixSwitchesDemo()


def at_the_end(switch):
    return compute(LETTER_OF[switch], EPOCHS, 0)


def test_there_are_five_seeds_of_each_and_every_number_is_there():
    assert set(results()) == {HEALTHY, *NAMES}
    for switch, runs in results().items():
        assert {name: numbers.shape for name, numbers in runs.items()} == {
            "loss": (SEEDS, 20 * EPOCHS),
            "train": (SEEDS, EPOCHS),
            "validation": (SEEDS, EPOCHS),
            "again": (SEEDS, EPOCHS),
        }, switch
        assert np.isfinite(runs["loss"][:, 0]).all()
        assert ((runs["train"] >= 0) & (runs["train"] <= 1) | np.isnan(runs["train"])).all()


def test_the_letters_do_not_follow_the_list_of_the_lecture():
    listed = (
        "rate too high", "no shuffling", "train mode at test", "no zero_grad", "augmented test images",
        "shuffled labels",
    )  # fmt: skip
    assert sorted(listed) == sorted(NAMES)
    assert all(LETTERS[letter] != switch for letter, switch in zip("ABCDEF", listed, strict=True))


# Each mistake has its signature in every one of the five trainings.


def test_a_healthy_training_measures_the_same_twice_and_gets_far():
    runs = results()[HEALTHY]
    assert np.array_equal(runs["validation"], runs["again"])
    assert (runs["validation"][:, -1] > 0.6).all()


@pytest.mark.parametrize("switch", ["augmented test images", "train mode at test"])
def test_who_only_measures_wrongly_trains_as_the_healthy_one(switch):
    runs, healthy = results()[switch], results()[HEALTHY]
    assert np.array_equal(runs["loss"], healthy["loss"])
    assert (runs["validation"][:, -1] < healthy["validation"][:, -1] - 0.1).all()


def test_only_augmented_images_are_measured_otherwise_each_time():
    for switch, runs in results().items():
        different = np.nan_to_num(np.abs(runs["validation"] - runs["again"])).max(axis=1) > 0
        assert different.all() == different.any() == (switch == "augmented test images"), switch


def test_shuffled_labels_are_memorised():
    runs = results()["shuffled labels"]
    assert (runs["train"][:, -1] > 0.2).all()
    assert (runs["validation"][:, -1] < 0.15).all()


def test_a_rate_that_is_too_high_hangs_near_guessing_until_it_is_lowered():
    losses, healthy = results()["rate too high"]["loss"], results()[HEALTHY]["loss"]
    assert (losses[:, 60:140].mean(axis=1) > healthy[:, 60:140].mean(axis=1) + 0.3).all()
    assert (losses[:, -20:].mean(axis=1) < losses[:, 60:140].mean(axis=1)).all()


def test_images_that_are_never_shuffled_make_a_wave_and_a_training_below_chance():
    runs = results()["no shuffling"]
    assert (runs["train"].min(axis=1) < 0.08).all()
    waves = runs["loss"][:, 60:] - runs["loss"][:, 60:].mean(axis=1, keepdims=True)
    same = (waves[:, 20:] * waves[:, :-20]).mean(axis=1) / (waves**2).mean(axis=1)
    half = (waves[:, 10:] * waves[:, :-10]).mean(axis=1) / (waves**2).mean(axis=1)
    assert (same > 0.5).all()
    assert (same > half).all()


def test_gradients_that_pile_up_drive_the_loss_far_above_guessing():
    losses = results()["no zero_grad"]["loss"]
    assert (np.nanmax(losses, axis=1) > 2 * np.log(10)).all()
    assert (losses[:, :3] < 2.5).all()


# The arithmetic.


def test_a_curve_is_mean_and_spread_and_nothing_where_a_number_is_missing():
    made = curve(np.array([[1.0, 2.0, np.nan], [3.0, 6.0, 1.0]]))
    assert_allclose(made.mean, [2, 4, np.nan])
    assert_allclose(made.low, [1, 2, np.nan])
    assert_allclose(made.high, [3, 6, np.nan])
    assert last(made) == 4


def test_one_seed_is_that_training_alone():
    state = compute("C", 7, 2)
    assert_allclose(state.train.mean, results()[LETTERS["C"]]["train"][1, :7])
    assert_allclose(state.train.low, state.train.high)
    assert len(state.loss.mean) == 7 * 20


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"letter": "G"}, "letter"),
        ({"epochs": 0}, "epochs"),
        ({"epochs": EPOCHS + 1}, "epochs"),
        ({"epochs": 2.5}, "epochs"),
        ({"seed": SEEDS + 1}, "seed"),
        ({"seed": -1}, "seed"),
    ],
)
def test_other_values_are_refused_by_name(wrong, name):
    with pytest.raises(ValueError, match=f"^{name}: expected"):
        compute(**({"letter": "A", "epochs": 3, "seed": 0} | wrong))


@pytest.mark.parametrize(
    "heights", [[10.0, 10.0, 10.0], [0.0, 1.0, 100.0], [99.0, 99.5, 100.0], [50.0, 52.0]]
)
def test_names_at_ends_stand_apart_within_their_limits(heights):
    made = spaced(heights, least=8, low=3, high=100)
    assert (np.diff(made) >= 8 - 1e-9).all()
    assert made[0] >= 3
    assert made[-1] <= 100


# The demo.


def test_nothing_is_named_before_one_wants_it(demo):
    for letter in LETTERS:
        demo.set(**demo.preset(letter))
        words = demo.said() + demo.heading.get_text()
        assert not any(name in words for name in NAMES)
        demo.set(named=True)
        assert LETTERS[letter] in demo.said()
        assert LETTERS[letter] in demo.heading.get_text()


def test_what_is_said_are_the_numbers_of_the_five_trainings(demo):
    demo.set(**demo.preset(LETTER_OF["shuffled labels"]))
    runs = results()["shuffled labels"]
    train, right = (100 * runs[name][:, -1].mean() for name in ("train", "validation"))
    assert f"{train:.0f}\xa0% of the training and {right:.0f}\xa0% of the validation" in demo.said()
    assert f"the loss is {runs['loss'][:, -1].mean():.2f} " in demo.said()
    demo.set(shown=False)
    assert "healthy" not in demo.said()


def test_whether_two_measurements_agree_is_told_before_the_name_is(demo):
    for switch, letter in LETTER_OF.items():
        demo.set(**demo.preset(letter))
        runs = results()[switch]
        most = 100 * np.abs(runs["validation"] - runs["again"]).max()
        said = f"differ by up to {most:.0f} points." if most else "agree."
        assert demo.said().endswith(f"Two measurements of the same net {said}")


def test_the_handle_is_the_slider_and_stands_at_the_end_of_the_curve(demo):
    demo.set(**demo.preset(LETTER_OF["augmented test images"]))
    demo.set(**SixSwitchesDemo.end.dragged(demo, 0, 6.2, 80.0))
    assert demo.values["epochs"] == 6
    (mark,) = SixSwitchesDemo.end.marks(demo)
    x, y = demo.lines["validation"].get_xydata()[-1]
    assert (mark.x, mark.y) == (pytest.approx(x), pytest.approx(y))
    assert SixSwitchesDemo.end.stepped(demo, 0, 1, 0) == {"epochs": 7}
    assert SixSwitchesDemo.end.clicked(demo, 40.0, 1.0) == {"epochs": EPOCHS}


def test_the_healthy_curve_is_there_or_not(demo):
    demo.set(**demo.start)
    assert np.isfinite(demo.lines["healthy"].get_ydata()).any()
    demo.set(shown=False)
    assert not np.isfinite(demo.lines["healthy"].get_ydata()).any()
    assert demo.words["healthy"].get_text() == ""


def test_the_band_holds_all_seeds(demo):
    demo.set(**demo.preset(LETTER_OF["rate too high"]))
    edge = demo.bands["validation"].get_xy()
    runs = 100 * results()["rate too high"]["validation"]
    for epoch in range(1, EPOCHS + 1):
        heights = edge[edge[:, 0] == epoch, 1]
        assert heights.min() == pytest.approx(runs[:, epoch - 1].min())
        assert heights.max() == pytest.approx(runs[:, epoch - 1].max())
