"""Fold, cut, unfold: pieces against the network of lib.nn, cuts counted along the border, the hand."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from lib import nn
from lib.demos.fold import ANYHOW, FURTHEST, LAST, MOST, RIM, SQUARES, STRIPS, TENTH, WEDGES, FoldDemo, chosen
from lib.demos.fold import compute as compute_fold
from lib.demos.folds_2d import area, beyond, fold, lifted, network, normal, pieces, straight_cuts, thickest
from lib.demos.kit.chords import chord_ends, turned
from lib.demos.kit.hand import marks
from lib.demos.relu_regions import most_regions

angles, offsets = st.floats(-180, 180), st.floats(0, 0.8)
some_lines = st.lists(st.tuples(angles, offsets), max_size=MOST).map(tuple)
cuts = st.tuples(angles, st.floats(-0.4, 0.4))
NAMED = {"wedges": WEDGES, "tenth": TENTH, "strips": STRIPS, "squares": SQUARES, "anyhow": ANYHOW}


@pytest.fixture
def demo():
    return FoldDemo()


def folded(places, lines):
    for line in lines:
        places = fold(places, line)
    return places


def inside(polygon, places):
    """Which places (N, 2) lie within a convex polygon, whichever way round its corners run."""
    along = np.roll(polygon, -1, axis=0) - polygon
    apart = places[:, None] - polygon
    sides = along[:, 0] * apart[..., 1] - along[:, 1] * apart[..., 0]
    return (sides > 0).all(axis=1) | (sides < 0).all(axis=1)


def open_cuts(lines, cut):
    """The segments of the border in the open sheet, (S, 2, 2)."""
    return compute_fold(LAST, len(lines), *cut, lines or None).cuts


# ---- A real network.


@settings(deadline=None, max_examples=40)
@given(lines=some_lines, cut=cuts, seed=st.integers(0, 99))
def test_the_folds_are_residual_blocks_of_one_relu_and_the_cut_is_a_linear_unit(lines, cut, seed):
    X = np.random.default_rng(seed).uniform(-1, 1, (50, 2))
    net = network(lines, cut)
    assert [len([part for part in block.walk() if isinstance(part, nn.ReLU)]) for block in net] == [
        *[1] * len(lines), 0,
    ]  # fmt: skip
    assert_allclose(net.forward(X)[:, 0], beyond(folded(X, lines), cut), atol=1e-12)


@settings(deadline=None, max_examples=40)
@given(lines=some_lines, cut=cuts, seed=st.integers(0, 99))
def test_the_paper_that_stays_is_where_the_network_says_no(lines, cut, seed):
    X = np.random.default_rng(seed).uniform(-1, 1, (200, 2))
    score = network(lines, cut).forward(X)[:, 0]
    clear = np.abs(score) > 1e-6
    state = compute_fold(LAST, len(lines), *cut, lines or None)
    stays = sum((inside(piece, X).astype(int) for piece in state.paper), np.zeros(200, int))
    assert_array_equal(stays[clear & (stays > 0)], 1)
    assert not (stays[clear] & (score[clear] > 0)).any()
    near_an_edge = np.min(
        [np.abs(beyond(folded(X, lines[:k]), line)) for k, line in enumerate(lines)] or [1.0]
    )
    if near_an_edge > 1e-6:
        assert_array_equal(stays[clear] == 1, score[clear] < 0)


@settings(deadline=None, max_examples=40)
@given(lines=some_lines)
def test_pieces_cover_the_sheet_once_and_fold_as_a_whole(lines):
    found = pieces(lines)
    assert len(found) <= 2 ** len(lines)
    assert sum(area(piece[:, 0]) for piece in found) == pytest.approx(4)
    for piece in found:
        assert abs(area(piece[:, -1])) == pytest.approx(area(piece[:, 0]))  # mirrored, not stretched
        assert_allclose(piece[:, -1], folded(piece[:, 0], lines), atol=1e-7)
        middle = piece.mean(axis=0)
        assert_allclose(folded(middle[:1], lines)[0], middle[-1], atol=1e-7)  # linear within


@given(line=st.tuples(angles, offsets), seed=st.integers(0, 99))
def test_a_fold_keeps_lengths_and_takes_nothing_further_from_the_middle(line, seed):
    X = np.random.default_rng(seed).uniform(-1, 1, (20, 2))
    back = fold(X, line)
    assert (beyond(back, line) <= 1e-12).all()
    assert (np.hypot(*back.T) <= np.hypot(*X.T) + 1e-12).all()
    assert_allclose(fold(back, line), back, atol=1e-12)
    assert_allclose(lifted(X, line, 0), X)
    assert_allclose(lifted(X, line, 1), back, atol=1e-12)


# ---- The numbers.


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize("count", [1, 3, 5])
def test_thickness_is_that_of_a_fine_grid(name, count):
    lines = NAMED[name][:count]
    places = np.stack(np.meshgrid(*[np.linspace(-1.4, 1.4, 200)] * 2), axis=-1).reshape(-1, 2)
    before, there = places[None], np.ones((1, len(places)), bool)
    for line in reversed(lines):  # which places the fold may have brought here
        ahead = beyond(before, line)
        mirrored = before - 2 * ahead[..., None] * normal(line[0])
        there = np.concatenate([there & (ahead < 0), there & (ahead < 0)])
        before = np.concatenate([before, mirrored])
    layers = (there & (np.abs(before) < 1).all(axis=2)).sum(axis=0)
    assert thickest(lines) == layers.max()


def counted_along_the_border(lines, cut):
    """Straight pieces of the network's border, found without the demo: by patterns of on and off on it."""
    ticks = np.linspace(-0.9997, 0.9991, 801)  # never on a crease
    plane = np.stack(np.meshgrid(ticks, ticks), axis=-1)
    score, pattern = plane, np.zeros(plane.shape[:2], int)
    for k, line in enumerate(lines):
        pattern |= (beyond(score, line) > 0) << k
        score = fold(score, line)
    above = beyond(score, cut) > 0
    same = pattern[:, 1:] == pattern[:, :-1], pattern[1:] == pattern[:-1]
    here = [pattern[:, 1:][same[0] & (above[:, 1:] != above[:, :-1])]]
    here.append(pattern[1:][same[1] & (above[1:] != above[:-1])])
    return len(np.unique(np.concatenate(here)))


@pytest.mark.parametrize("preset", FoldDemo.presets)
def test_one_cut_becomes_as_many_as_the_border_has_patterns_of_on_and_off(demo, preset):
    values = demo.preset(preset)
    lines, cut = chosen(values["folds"], values["lines"]), (values["angle"], values["offset"])
    assert compute_fold(**values).open == counted_along_the_border(lines, cut)


@settings(deadline=None, max_examples=30)
@given(lines=some_lines, cut=cuts)
def test_each_cut_lies_on_the_border_of_the_network_and_bends_only_at_creases(lines, cut):
    segments = open_cuts(lines, cut)
    assume(len(segments))
    net = network(lines, cut)
    inner = segments[:, :1] + np.linspace(0.01, 0.99, 7)[:, None] * (segments[:, 1:] - segments[:, :1])
    assert_allclose(net.forward(inner.reshape(-1, 2)), 0, atol=1e-7)
    slopes = net.backward(inner.reshape(-1, 2), np.ones((inner.size // 2, 1))).reshape(inner.shape)
    assert_allclose(slopes, np.broadcast_to(slopes[:, 3:4], slopes.shape), atol=1e-9)
    along = segments[:, 1] - segments[:, 0]
    assert_allclose((slopes[:, 3] * along).sum(axis=1), 0, atol=1e-7)
    assert straight_cuts(segments) <= len(segments) <= 2 ** len(lines)


def test_what_continues_or_covers_is_one_cut_and_what_leaves_a_gap_is_two():
    a, b, c, d = (0.0, 0.0), (1.0, 1.0), (2.0, 2.0), (3.0, 3.0)
    assert straight_cuts(np.array([[a, b], [c, b]])) == 1
    assert straight_cuts(np.array([[a, c], [d, b], [a, c]])) == 1
    assert straight_cuts(np.array([[a, b], [c, d]])) == 2
    assert straight_cuts(np.array([[a, b], [b, (2.0, 1.0)], [b, (1.0, 5.0)]])) == 3
    assert straight_cuts(np.array([[a, (0.0, 1.0)], [(0.0, 2.0), (-1e-12, 1.0)]])) == 1
    assert straight_cuts(np.zeros((0, 2, 2))) == 0


@pytest.mark.parametrize("count", range(MOST + 1))
def test_wedges_and_strips_double_the_cuts_with_each_fold(count):
    assert compute_fold(LAST, count, 70.5, 0.33, WEDGES).open == 2**count == thickest(WEDGES[:count])
    assert compute_fold(LAST, count, 25.0, 0.1, STRIPS).open == 2**count == thickest(STRIPS[:count])


def test_a_cut_across_the_strips_stays_one():
    assert compute_fold(LAST, 5, 90.0, 0.25, STRIPS).open == 1


def test_a_cut_along_a_crease_cuts_nothing():
    assert compute_fold(LAST, 3, 135.0, 0.0, None).open == 0


@pytest.mark.parametrize("offset", [5.960464477539063e-08, -3e-8, 9e-8])
def test_a_cut_next_to_a_corner_is_one_edge_of_two_ends(offset):
    for lines in (((0.0, 0.5),), ((90.0, 0.5),), ((0.0, 0.5), (90.0, 0.5))):
        assert open_cuts(lines, (0.0, offset)).shape[1:] == (2, 2)


# ---- The way.


def test_the_way_goes_from_flat_to_folded_and_open_again(demo):
    flat, packed, cut_off, opened = (compute_fold(**demo.start | {"way": way}) for way in (0, 51, 69, LAST))
    assert sum(abs(area(piece)) for piece in flat.paper) == pytest.approx(4)
    assert len(flat.cuts) == len(packed.cuts) == 0
    assert (packed.phase, cut_off.phase, opened.phase) == (2, 4, 6)
    assert len(cut_off.cuts) == 8
    assert straight_cuts(cut_off.cuts) == 2
    assert not cut_off.paper_off
    assert_allclose(np.sort(opened.cuts, axis=None), np.sort(open_cuts(WEDGES[:3], (68.0, 0.36)), axis=None))
    for way in range(LAST + 1):
        state = compute_fold(**demo.start | {"way": way})
        assert all(np.isfinite(part).all() for part in (*state.paper, state.creases, state.border))
        assert state.now <= state.open == 8


def test_creases_show_only_when_they_are_made(demo):
    flat = compute_fold(**demo.start)
    assert len(flat.creases) == 0
    assert len(flat.paper) == 1  # no seam tells where it will be folded
    after_one = compute_fold(**demo.start | {"way": 17})
    assert_allclose(after_one.creases[..., 0], 0, atol=1e-12)


def test_without_a_fold_one_cut_is_one_cut(demo):
    for way in (0, 60, LAST):
        demo.set(folds=0, way=way)
    assert demo.state.open == 1
    assert demo.said() == (
        "0 folds, up to 1 layer of paper: one cut has become 1 cut. "
        "0 folds can make 1; the border of one hidden layer of 0 ReLUs has at most 1 straight piece."
    )


# ---- The hand.


def test_marks_stand_at_the_ends_of_the_lines_and_on_the_cut(demo):
    found = demo.chords.marks(demo)
    assert len(found) == 3 + 2 * 3
    places = [(mark.x, mark.y) for mark in found]
    assert_allclose(places[0], np.ravel(demo.scissors.get_data()))
    assert_allclose(places[1], np.ravel(demo.cut_end.get_data()))
    assert_allclose(places[2], np.ravel(demo.cut_grip.get_data()))
    assert_allclose(np.transpose(places[3:]), demo.fold_ends.get_data())
    assert_allclose([number.get_position() for number in demo.numbers[:6]], places[3:])
    assert found[3].name == "fold 1, one end: angle 180°, offset 0.00"
    assert len(marks(demo)) == len(found) + 1


def test_dragging_the_grip_shifts_the_cut_through_the_hand_and_opens_the_sheet(demo):
    values = demo.chords.dragged(demo, 2, 0.6, 0.2)
    assert values["angle"] == 68
    assert values["offset"] == pytest.approx(normal(68.0) @ (0.6, 0.2), abs=0.005)
    assert values["way"] == LAST
    demo.set(**values)
    assert "cuts" in demo.said()


@given(angle=angles, offset=st.floats(-1.3, 1.3), end=st.sampled_from([1, -1]), hand=angles)
def test_one_end_follows_the_hand_and_the_other_stays(angle, offset, end, hand):
    ends = chord_ends(angle, offset, RIM)
    new = chord_ends(*turned(angle, offset, end, hand, -np.inf, RIM), RIM)
    moved, stays = (0, 1) if end == 1 else (1, 0)
    assert_allclose(new[moved], RIM * normal(hand), atol=1e-6)
    assert_allclose(new[stays], ends[stays], atol=1e-6)


def test_a_fold_line_never_passes_the_middle(demo):
    values = demo.chords.dragged(demo, 3, -1.0, -1.0)  # fold 1, from (0, 1.5) half way around
    angle, offset = values["lines"][0]
    assert 0 <= offset <= FURTHEST
    new = chord_ends(angle, offset, RIM)
    assert np.abs(new - RIM * normal(-135.0)).sum(axis=1).min() < 0.01
    assert values["lines"][1:] == WEDGES[1:]
    demo.set(**values)
    assert demo.state.lines[0] == (angle, offset)


def test_keys_move_an_end_by_a_degree_and_the_grip_by_a_hundredth(demo):
    before = np.degrees(np.arctan2(*chord_ends(68.0, 0.36, RIM)[0][::-1]))
    demo.set(**demo.chords.stepped(demo, 0, -10, 0))  # up on the left: the arrow to the left goes on
    after = np.degrees(np.arctan2(*chord_ends(*demo.state.cut, RIM)[0][::-1]))
    assert after - before == pytest.approx(10, abs=1)
    demo.set(**demo.start)
    assert demo.chords.stepped(demo, 2, 0, 1)["offset"] == pytest.approx(0.37)
    assert demo.chords.stepped(demo, 2, -10, 0)["offset"] == pytest.approx(0.26)
    assert demo.chords.stepped(demo, 3, -1, 0)["lines"][0] != WEDGES[0]


def test_the_way_is_dragged_on_its_track(demo):
    assert demo.on_track.dragged(demo, 0, 30.2, 0.4) == {"way": 30}
    assert demo.on_track.clicked(demo, 118.0, 0.4) == {"way": 118}


# ---- The words.


def test_it_says_how_far_it_is_and_what_one_cut_has_become(demo):
    assert demo.said() == "A flat sheet: 1 layer of paper. 3 folds and one cut are to come."
    demo.set(way=20)
    assert demo.said() == "Fold 2 of 3: up to 4 layers of paper."
    demo.set(way=60)
    assert demo.said() == "3 folds, up to 8 layers of paper, and one straight cut through them."
    demo.set(way=80)
    assert demo.said() == "Fold 3 of 3 opens: one cut becomes 2 cuts."
    demo.set(way=LAST)
    words = "3 folds, up to 8 layers of paper: one cut has become 8 cuts."
    flat = "the border of one hidden layer of 3 ReLUs has at most 7 straight pieces."
    assert demo.said() == f"{words} 3 folds can make 8; {flat}"
    assert demo.ask.endswith("How many cuts in the open sheet?")
    assert most_regions(3, 2) == 1 + 3 + 3
    demo.set(**demo.preset("Five points"))
    assert demo.said().startswith("4 folds, up to 10 layers of paper: one cut has become 10 cuts.")
    assert "4 folds can make 16; the border of one hidden layer of 4 ReLUs has at most 11 " in demo.said()
    demo.set(angle=18, offset=1.4)
    assert demo.said() == "4 folds, up to 10 layers of paper: the cut crosses none of it."


def test_the_star_has_five_points_of_one_length(demo):
    state = compute_fold(**demo.preset("Five points"))
    far = np.hypot(*state.cuts.reshape(-1, 2).T)
    tips = np.unique(state.cuts.reshape(-1, 2)[far > far.max() - 1e-6].round(6), axis=0)
    assert len(tips) == 5
    assert far.max() / far.min() == pytest.approx((3 + 5**0.5) / 2, rel=0.01)  # of a regular pentagram


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"way": -1}, "^way: expected .*got -1"),
        ({"folds": 6}, "^folds: expected .*got 6"),
        ({"angle": np.nan}, "^angle: expected .*got nan"),
        ({"offset": "left"}, "^offset: expected .*got 'left'"),
    ],
)
def test_bad_input_is_refused_by_name(changes, message):
    with pytest.raises(ValueError, match=message):
        compute_fold(**{**FoldDemo().start, **changes})


@pytest.mark.parametrize(
    "lines", [3, "ab", [], [(0, 0, 0)], [(0.0, -0.1)], [(0.0, 9.0)], [(np.nan, 0)], WEDGES * 2]
)
def test_bad_lines_are_refused_by_name(lines):
    with pytest.raises(ValueError, match=r"^lines: expected None or up to 5 lines .*got "):
        FoldDemo(lines=lines)


def test_lines_may_be_given_as_lists_and_the_others_are_those_of_the_start():
    demo = FoldDemo(lines=[[90, 0.25]], folds=2)
    assert demo.state.lines == ((90.0, 0.25), WEDGES[1])
