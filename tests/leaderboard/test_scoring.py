"""Scores: what counts, how many marks it gives, and which look-ups a person is told of."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_challenge import SECRET, known_share, small_dataset

from lib.leaderboard import make_competition
from lib.leaderboard.competition import NOISED, UNCHANGED, UNREADABLE
from lib.leaderboard.scoring import compare_runs, marks_of, score

DATA = small_dataset(10_000)
MADE = make_competition(DATA, SECRET)
KEY = MADE.key
COUNTS = KEY.treatment != UNREADABLE


def test_halves_are_scored_apart_and_unreadable_images_count_in_neither():
    labels = KEY.labels.copy()
    labels[KEY.public] = (labels[KEY.public] + 1) % 10
    assert (score(labels, KEY).public, score(labels, KEY).private) == (0, 1)
    labels = KEY.labels.copy()
    labels[~COUNTS] = (labels[~COUNTS] + 1) % 10
    found = score(labels, KEY)
    assert (found.public, found.private, found.unreadable, found.marks) == (1, 1, 0, 40)


@pytest.mark.parametrize(
    ("accuracy", "marks"), [(0, 0), (0.1, 0), (0.25, 10), (0.55, 30), (0.6995, 40), (0.7, 40), (1, 40)]
)
def test_marks_are_none_at_chance_and_all_from_seventy_per_cent(accuracy, marks):
    assert marks_of(accuracy) == marks


@given(st.floats(0, 1), st.floats(0, 1))
def test_more_right_never_gives_less(one, other):
    low, high = sorted((one, other))
    assert 0 <= marks_of(low) <= marks_of(high) <= 40


@pytest.mark.parametrize("share", [0.1, 0.4, 0.77, 0.96])
@pytest.mark.parametrize("seed", range(10))
def test_an_honest_net_is_not_flagged(share, seed):
    assert score(known_share(KEY.labels, share, COUNTS, seed), KEY).flags == ()


@pytest.mark.parametrize("seed", range(10))
def test_a_net_that_sees_a_little_through_the_noise_is_not_flagged(seed):
    labels = known_share(KEY.labels, 0.8, COUNTS, seed)
    lost = known_share(KEY.labels, 0.22, ~COUNTS, seed)
    assert score(np.where(COUNTS, labels, lost), KEY).flags == ()


def test_a_table_of_exact_pixels_finds_unchanged_images_only_and_is_flagged():
    table = {image.tobytes(): label for image, label in zip(DATA.test.images, DATA.test.labels, strict=True)}
    found = np.array([table.get(image.tobytes(), -1) for image in MADE.images])
    assert np.array_equal(found >= 0, KEY.treatment == UNCHANGED)
    guessed = known_share(KEY.labels, 0.6, COUNTS)
    (flag,) = score(np.where(found >= 0, found, guessed), KEY).flags
    assert flag.startswith("100.0% of the unchanged images are right, 59.2%")


def test_a_table_of_nearest_pixels_is_right_where_nothing_can_be_seen_and_is_flagged():
    data = small_dataset(1_000)
    large = np.repeat(
        np.repeat(data.test.images, 4, axis=2), 4, axis=3
    )  # 32 × 32, as many pixels as real ones
    object.__setattr__(data.test, "images", large)
    made = make_competition(data, SECRET, unreadable=0.1)
    known = data.test.images.reshape(1_000, -1).astype(np.float32)
    seen = made.images.reshape(1_000, -1).astype(np.float32)
    known -= known.mean(axis=1, keepdims=True)
    known /= np.linalg.norm(known, axis=1, keepdims=True)
    found = data.test.labels[((seen - seen.mean(axis=1, keepdims=True)) @ known.T).argmax(axis=1)]
    result = score(found, made.key)
    assert result.unreadable > 0.9
    assert "noised beyond recognition are right, chance is 10%" in result.flags[0]


def test_all_but_everything_right_is_flagged():
    (flag,) = score(known_share(KEY.labels, 0.99, COUNTS), KEY).flags
    assert flag.endswith("more than nets reach: see the re-run.")


def test_flags_need_more_than_a_handful_of_images():
    few = make_competition(small_dataset(20), SECRET).key  # one of them is unreadable
    assert score(known_share(few.labels, 0.5, np.ones(20, bool)), few).flags == ()


def test_a_flag_changes_no_mark():
    labels = np.where(KEY.treatment == NOISED, (KEY.labels + 1) % 10, KEY.labels)
    found = score(labels, KEY)
    assert found.flags
    assert found.marks == marks_of(found.private)


def test_scores_need_one_label_for_each_image():
    with pytest.raises(ValueError, match="labels: expected"):
        score(KEY.labels[:-1], KEY)


# The re-run.


def test_the_same_predictions_agree():
    found = compare_runs(KEY.labels, KEY.labels, KEY)
    assert str(found) == "0 of 10,000 predictions differ; the re-run is 0.00 points better"
    assert found.agrees


@pytest.mark.parametrize(("lost", "agrees"), [(0, True), (97, True), (98, False), (3_000, False)])
def test_a_re_run_may_lose_one_point(lost, agrees):
    again = KEY.labels.copy()
    rows = np.flatnonzero(COUNTS)[:lost]  # of 9,700
    again[rows] = (again[rows] + 1) % 10
    found = compare_runs(KEY.labels, again, KEY)
    assert (found.images, found.agrees) == (lost, agrees)
    assert found.points == pytest.approx(-100 * lost / 9_700)
    assert ("a person decides" in str(found)) is not agrees


def test_a_better_re_run_agrees_and_images_beyond_recognition_don_t_count():
    worse = KEY.labels.copy()
    worse[:2_000] = (worse[:2_000] + 1) % 10
    assert compare_runs(worse, KEY.labels, KEY).agrees
    lost = np.where(COUNTS, KEY.labels, (KEY.labels + 1) % 10)
    assert compare_runs(KEY.labels, lost, KEY).agrees
