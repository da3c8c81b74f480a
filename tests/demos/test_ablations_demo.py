"""The browser of ablations: rows and orders by hand, clicks, and two tiny nets under way."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

from lib.convnets.demos.ablations import MEASURE, STUDY, AblationsDemo, compute
from lib.convnets.demos.trick_race import LAST, Racer, pictures
from lib.convnets.tricks import TRICKS, Trick
from lib.demos.kit.hand import marks, meaning


@pytest.fixture(scope="module", autouse=True)
def one_torch_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def demo():
    return AblationsDemo()


def accuracies(name):
    return 100 * np.array([run["accuracy"] for run in STUDY["runs"][name].values()])


def test_rows_come_as_told_by_effect_or_by_certainty():
    told, by_effect, sure = (
        compute("accuracy", order, "Muon", 0).rows for order in ("as told", "by effect", "by certainty")
    )
    assert [row.trick for row in told] == list(STUDY["tricks"])
    means = [row.mean for row in by_effect]
    assert means == sorted(means, reverse=True)
    shares = [abs(row.mean) / row.half for row in sure]
    assert shares == sorted(shares, reverse=True)
    assert {row.trick for row in told} == {row.trick for row in by_effect} == {row.trick for row in sure}


def test_of_seconds_the_fewest_are_on_top():
    means = [row.mean for row in compute("seconds", "by effect", "Muon", 0).rows]
    assert means == sorted(means)


def test_the_chosen_row_is_with_minus_without():
    chosen = compute("accuracy", "by effect", "Muon", 0).chosen
    assert chosen.trick == "Muon"
    assert_allclose(chosen.mean, (accuracies("") - accuracies("Muon")).mean())
    added = compute("accuracy", "as told", "cutout", 0).chosen
    assert_allclose(added.mean, (accuracies("cutout") - accuracies("")).mean())


def test_the_two_nets_are_one_net_with_the_trick_and_without():
    losses = compute("accuracy", "as told", "Muon", 6).losses
    base, sgd = (Racer(trick).until(6) for trick in (Trick(""), TRICKS["Muon"]))
    assert_allclose(losses, [base, sgd])
    assert losses[0, 0] == losses[1, 0]  # the same start values
    assert losses[0, 6] < losses[0, 0]
    added = compute("accuracy", "as told", "cutout", 3).losses
    assert_allclose(added[1], base[:4])


def test_a_net_goes_on_from_where_it_is():
    at_once, slowly = Racer(Trick("")), Racer(Trick(""))
    assert_allclose(at_once.until(5), [slowly.until(step)[-1] for step in range(6)])
    assert len(at_once.until(2)) == 3


def test_mirrored_views_change_the_scores_not_the_net():
    plain, both = Racer(Trick("")), Racer(TRICKS["mirrored views"])
    assert plain.until(3)[3] != both.until(3)[3]
    for one, other in zip(plain.learner.model.parameters(), both.learner.model.parameters(), strict=True):
        assert torch.equal(one, other)


def test_an_average_of_weights_is_what_is_scored():
    averaged = Racer(TRICKS["averaged weights"])
    averaged.until(2)
    _, x, _ = pictures()
    assert averaged.learner.average is not None
    assert_allclose(averaged.learner.scores(x), averaged.learner.average(x).detach(), atol=0.05)


def test_a_click_on_a_row_chooses_its_trick(demo):
    demo.set(**demo.start | {"order": "by effect"})
    found = [mark for mark in marks(demo) if mark["key"].startswith("row:")]
    assert len(found) == len(STUDY["tricks"])
    for index in (0, 5):
        assert meaning(demo, {"to": "pick", "key": f"row:{index}"}) == {"trick": demo.state.rows[index].trick}
    heights = [mark["y"] for mark in found]
    assert heights == sorted(heights)


def test_marks_stand_at_the_effects_and_hollow_ones_are_no_evidence(demo):
    demo.set(**demo.start)
    for verdict, artist in demo.marks.items():
        mine = [(row.mean, k) for k, row in enumerate(demo.state.rows) if row.verdict == verdict]
        assert_allclose(np.transpose(artist.get_data()), np.reshape(mine, (-1, 2)))
    low, high = demo.forest.get_xlim()
    for row in demo.state.rows:
        assert low < row.mean - row.half <= row.mean + row.half < high


def test_it_says_effect_interval_and_losses(demo):
    demo.set(**demo.start | {"trick": "Muon", "step": 2})
    mean = (accuracies("") - accuracies("Muon")).mean()
    with_it, without = (Racer(trick).until(2)[-1] for trick in (Trick(""), TRICKS["Muon"]))
    said = demo.said()
    assert said.startswith(f"Muon, against SGD with Nesterov's momentum: +{mean:.2f} ± ")
    assert "points over 5 seeds, better." in said
    assert said.endswith(f"Live, after 2 steps: loss {with_it:.2f} with it, {without:.2f} without.")
    unsure = next(
        row for row in compute("accuracy", "as told", "Muon", 0).rows if row.verdict == "no evidence"
    )
    demo.set(trick=unsure.trick)
    assert "no evidence, as 0 is between −" in demo.said()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (("speed", "as told", "Muon", 0), "measure: expected 'accuracy'"),
        (("accuracy", "at random", "Muon", 0), "order: expected 'as told'"),
        (("accuracy", "as told", "muon", 0), "trick: expected 'whitened stem'"),
        (("accuracy", "as told", "Muon", LAST + 1), "step: expected"),
    ],
)
def test_anything_else_is_refused(values, words):
    with pytest.raises(ValueError, match=words):
        compute(*values)


def test_each_measure_has_its_own_axis(demo):
    seen = set()
    for measure in MEASURE:
        demo.set(**demo.start | {"measure": measure})
        seen.add((demo.forest.get_xlabel(), demo.pairs.get_ylabel()))
    assert len(seen) == 3
