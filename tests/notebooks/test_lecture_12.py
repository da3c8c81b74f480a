"""What the predictions of lecture 12 call true is what its cells and its study say; answers are torch's."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from lecture_cells import LECTURES, cells_of, sources_with_solutions

from lib.convnets.demos.ablations import STUDY
from lib.convnets.layer_table import summarize
from lib.convnets.models import build_model
from lib.convnets.muon import orthogonal
from lib.convnets.tricks import FIRST_DRAW
from lib.convnets.verdict import effects, interval, judge, student
from lib.lessons.predictions import find_prediction

PATH: Path = LECTURES / "12_training_at_speed.ipynb"
SOURCES = sources_with_solutions(cells_of(PATH))
TEXT = " ".join(" ".join(cell["source"] for cell in cells_of(PATH)).split())


def answer(cell):
    """The function that a solution of ours defines."""
    names = {"np": np}
    exec(SOURCES[cell], names)
    return names[cell.replace("-", "_")]


def truth(name):
    return find_prediction(f"12.{name}").true()


def effect(trick, measure="accuracy"):
    return next(e for e in effects(STUDY, measure) if e.trick == trick)


@pytest.mark.family(share=4)
def test_the_first_convolutions_of_the_stages_make_two_thirds_of_the_work():
    table = summarize(build_model("fast_half"), 32)
    work = {row.name: row.multiply_adds for row in table.rows}
    first = sum(work[f"stages.{stage}.0"] for stage in (1, 2, 3))
    assert truth("first_of_each") == pytest.approx(100 * first / sum(work.values()), abs=0.05)


def test_backward_makes_two_products_where_forward_makes_one():
    from torch.utils.flop_counter import FlopCounterMode

    layer, x = torch.nn.Linear(50, 40), torch.randn(30, 50, requires_grad=True)
    with FlopCounterMode(display=False) as forward:
        y = layer(x)
    with FlopCounterMode(display=False) as backward:
        y.sum().backward()
    assert truth("backward") == "two"
    assert backward.get_total_flops() == 2 * forward.get_total_flops()


def test_a_step_whose_largest_part_gets_faster_is_the_curve():
    speedup, curve = answer("speedup"), truth("amdahl")
    for times in (1, 2, 10, 100):
        found = speedup({"forward": 4.0, "update": 1.0}, "forward", times)
        assert curve(np.array(times)) == pytest.approx(found)
        assert found < 5


def test_coins_show_both_sides_in_half_of_the_cases_and_in_seven_of_eight():
    coins = np.array(np.meshgrid(*[[False, True]] * 4)).reshape(4, -1)  # all sixteen throws
    both = [100 * (coins[:n].any(axis=0) & ~coins[:n].all(axis=0)).mean() for n in (2, 4)]
    assert tuple(both) == truth("both_sides")
    in_turn = answer("in-turn")
    assert (in_turn(coins[0], 1) != in_turn(coins[0], 0)).all()


def test_smooth_targets_are_torchs_and_their_best_gap_is_log_41():
    targets = torch.tensor(answer("smooth")(np.array([3, 0]), 10, 0.2))
    scores = torch.randn(2, 10, dtype=torch.float64)
    theirs = torch.nn.CrossEntropyLoss(label_smoothing=0.2)
    ours = -(targets * scores.log_softmax(1)).sum(1).mean()
    torch.testing.assert_close(ours, theirs(scores, torch.tensor([3, 0])))
    gaps = torch.linspace(0, 10, 10_001, dtype=torch.float64)
    scores = torch.zeros(len(gaps), 10, dtype=torch.float64)
    scores[:, 0] = gaps
    losses = -(targets[1] * scores.log_softmax(1)).sum(1)
    assert gaps[losses.argmin()] == pytest.approx(truth("best_gap"), abs=0.001)


def test_five_steps_of_ours_are_muons_and_the_curve_of_the_sketch():
    orthogonalise, curve = answer("orthogonalise"), truth("muon")
    G = np.random.default_rng(0).normal(size=(4, 7))
    torch.testing.assert_close(torch.tensor(orthogonalise(G, 5))[None], orthogonal(torch.tensor(G)[None]))
    before = np.linalg.svd(orthogonalise(G, 0), compute_uv=False)
    after = np.linalg.svd(orthogonalise(G, 5), compute_uv=False)
    np.testing.assert_allclose(np.sort(curve(before)), np.sort(after))
    lifted = curve(np.geomspace(0.01, 1, 20_000))
    assert (round(lifted.min(), 2), round(lifted.max(), 2)) == (0.68, 1.13)


def test_ten_of_the_seventeen_rows_are_no_evidence():
    verdicts = Counter(e.verdict for e in effects(STUDY))
    assert (verdicts["no evidence"], verdicts.total()) == (truth("no_evidence"), 17)


def test_our_judgement_is_that_of_the_library():
    judge_trick = answer("judge-trick")
    for e in effects(STUDY):
        mean, half, word = judge_trick(e.present, e.absent, student(len(e.present) - 1))
        assert (mean, half) == pytest.approx(interval(e.present - e.absent))
        assert word == judge(mean, half) == e.verdict


def test_27_seeds_show_an_effect_of_a_fifth_of_a_point():
    enough = [n for n in range(2, 100) if student(n - 1) * 0.5 / np.sqrt(n) < 0.2]
    assert enough[0] == truth("seeds")


def test_gelu_is_no_evidence_in_pairs_and_better_without_them():
    e = effect("GELU")
    apart = student(8) * np.sqrt((e.present.var(ddof=1) + e.absent.var(ddof=1)) / 5)
    assert e.half > e.mean > apart
    assert abs(np.corrcoef(e.present, e.absent)[0, 1]) < 0.01  # so that pairs gain nothing, and q is larger
    assert [round(student(freedom), 2) for freedom in (4, 8)] == [2.78, 2.31]


def test_the_study_says_what_the_text_says():
    assert all(effect(trick).mean > 5 for trick in ("whitened stem", "Muon", "falling rate"))
    assert effect("smaller batches").mean == max(
        e.mean for e in effects(STUDY) if e.trick not in ("whitened stem", "Muon", "falling rate")
    )
    assert effect("cutout").verdict == "worse"
    assert effect("mirrored views").mean == pytest.approx(2, abs=0.5)
    bf16 = effect("bf16", "seconds")
    assert bf16.present.mean() / bf16.absent.mean() == pytest.approx(0.75, abs=0.05)
    assert effect("label smoothing").verdict == "no evidence"
    assert effect("label smoothing", "loss").verdict == "worse"
    assert f'saves" {-effect("falling rate", "seconds").mean:.2f} s' in TEXT
    recipe, settings = STUDY["settings"]["recipe"], STUDY["settings"]
    assert settings["images"] / recipe["batch_size"] * recipe["epochs"] == 120


def test_the_best_draw_was_the_best_on_its_seed_and_is_not_on_new_ones():
    draws = [runs[str(FIRST_DRAW)]["accuracy"] for name, runs in STUDY["runs"].items() if "draw " in name]
    assert len(draws) == 12
    assert max(draws) > max(run["accuracy"] for run in STUDY["runs"][""].values())
    assert effect("constants to four digits").verdict == effect("the same, rounded").verdict == "no evidence"


def test_two_processes_have_the_gradient_of_the_whole_batch():
    merge, rng = answer("merge"), np.random.default_rng(0)
    X, t, w = rng.normal(size=(12, 4)), rng.normal(size=12), rng.normal(size=4)
    of = lambda rows: 2 * X[rows].T @ (X[rows] @ w - t[rows]) / len(X[rows])  # noqa: E731
    whole, halves = of(slice(None)), np.stack([of(slice(0, 6)), of(slice(6, 12))])
    np.testing.assert_allclose(halves.mean(axis=0), whole)
    uneven = np.stack([of(slice(0, 3)), of(slice(3, 12))])
    np.testing.assert_allclose(merge(uneven, np.array([3, 9])), whole)
    assert truth("two_processes") == "they are equal"


def test_float16_ends_where_the_text_says():
    with np.errstate(over="ignore"):
        assert np.float16(2.9e-8) == 0 < np.float16(3.1e-8)
        assert np.isfinite(np.float16(65504))
        assert np.isinf(np.float16(65520))
