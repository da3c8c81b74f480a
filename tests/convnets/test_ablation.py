"""`course ablate`: what each trick changes, resuming, refusals, and the results that come with the course."""

import json
import shlex

import numpy as np
import pytest
import torch
from scipy import stats
from torch import nn

from data_loaders import Dataset, Split
from lib import cli
from lib.commands import parse_command
from lib.convnets import ablation
from lib.convnets.ablation import ablate
from lib.convnets.demos.ablations import RESULTS, STUDY
from lib.convnets.models import build_model
from lib.convnets.recipe import RECIPES, Recipe
from lib.convnets.tricks import ROUNDED, TRICKS, TUNED, drawn, tricks_of, tuned
from lib.convnets.verdict import NO_EVIDENCE, effects

SMALL = {"width": 4, "images": 40, "validation": 20, "epochs": 1, "batch_size": 20, "seeds": (0, 1)}


@pytest.fixture(autouse=True)
def few_images(monkeypatch):
    rng = np.random.default_rng(0)
    split = Split(rng.integers(0, 256, (60, 3, 32, 32)).astype(np.uint8), np.arange(60) % 10)
    noise = Dataset("Noise", split, split[:10], tuple("abcdefghij"), "made here")
    monkeypatch.setattr(ablation, "load_hard", lambda name: noise)
    monkeypatch.setattr(ablation, "seconds_to_start", lambda data: 1.5)


@pytest.mark.parametrize("name", TRICKS)
def test_every_trick_changes_one_thing(name):
    trick, base = TRICKS[name], RECIPES["fast"]
    recipe = trick.recipe(base)
    plain, model = (build_model("fast", width=4, **options) for options in ({}, trick.options))
    trick.edit(model)
    same_weights = all(map(torch.equal, plain.state_dict().values(), model.state_dict().values()))
    changes = [
        recipe != base,
        repr(model) != repr(plain),
        not same_weights or plain.stem.weight.requires_grad != model.stem.weight.requires_grad,
        bool(trick.precision),
        trick.mirrored,
    ]
    assert sum(changes) == 1


def test_relu_takes_the_place_of_every_gelu():
    model = build_model("fast", width=4)
    TRICKS["GELU"].edit(model)
    kinds = [type(module) for module in model.modules()]
    assert nn.GELU not in kinds
    assert kinds.count(nn.ReLU) == 7


def test_constants_have_as_many_digits_as_were_asked_for():
    recipe = RECIPES["fast"]
    for number in range(50):
        factors = drawn(number)
        assert all(0.5 <= factor <= 2 for factor in factors.values())
        fine, coarse = tuned(recipe, factors, 4), tuned(recipe, factors, 1)
        for name in factors:
            assert float(f"{getattr(coarse, name):.1g}") == getattr(coarse, name)
            assert getattr(fine, name) == pytest.approx(getattr(coarse, name), rel=0.5, abs=0.06)


def test_what_is_done_is_not_done_again(tmp_path, capsys):
    path, only = tmp_path / "study.json", {"only": ("Muon", "mirrored views")}
    first = ablate(path, **SMALL | only | {"seeds": (0,)}, command="course ablate")
    assert json.loads(path.read_text("utf-8")) == first
    said = capsys.readouterr().out
    assert "Muon, seed 0" in said
    assert "Too few runs" in said
    both = ablate(path, **SMALL | only)
    said = capsys.readouterr().out
    assert "seed 1" in said
    assert "seed 0" not in said
    assert both["runs"]["Muon"]["0"] == first["runs"]["Muon"]["0"]
    assert both["command"] == "course ablate"
    assert "from the start of Python" in said
    assert [e.trick for e in effects(both)] == ["Muon", "mirrored views"]
    assert not list(tmp_path.glob("*.json.*"))


def test_the_same_seed_gives_the_same_accuracy(tmp_path):
    runs = [
        ablate(tmp_path / name, **SMALL | {"seeds": (3,)}, only=("cutout",))["runs"] for name in ("a", "b")
    ]
    for name in ("", "cutout"):
        first, again = (run[name]["3"] for run in runs)
        assert (first["accuracy"], first["loss"]) == (again["accuracy"], again["loss"])


def test_a_search_is_trained_on_a_seed_of_its_own(tmp_path):
    study = ablate(tmp_path / "study.json", **SMALL, draws=2, only=("Muon",))
    assert list(study["runs"]) == ["draw 0", "draw 1", "", "Muon", TUNED, ROUNDED]
    assert list(study["runs"]["draw 0"]) == ["1000"]
    assert Recipe(**study["settings"]["tuned"]) == tricks_of(study)[TUNED].recipe(
        Recipe(**study["settings"]["recipe"])
    )


def test_other_settings_need_another_file(tmp_path):
    path = tmp_path / "study.json"
    ablate(path, **SMALL, only=("Muon",))
    with pytest.raises(ValueError, match=r"ablate: study.json: expected a study with these settings, .*--to"):
        ablate(path, **SMALL | {"width": 5}, only=("Muon",))
    for content in ("", "[1]", "{}", '{"settings": 3, "machine": 4}'):
        path.write_text(content, "utf-8")
        with pytest.raises(ValueError, match=r"ablate: study.json: expected a study of course ablate"):
            ablate(path, **SMALL)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"only": ("muons",)}, "only: expected 'whitened stem'"),
        ({"seeds": (1000,)}, "seeds: expected .* 999"),
        ({"images": 41}, "images: expected .* 40"),
        ({"data": "mnist"}, "data: expected 'auto'"),
        ({"draws": -1}, "draws: expected"),
        ({"width": 0}, "width: expected"),
    ],
)
def test_wrong_arguments_are_named(tmp_path, wrong, words):
    with pytest.raises(ValueError, match=words):
        ablate(tmp_path / "study.json", **SMALL | wrong)


def test_the_command_passes_its_arguments_on(monkeypatch, tmp_path):
    seen = {}
    monkeypatch.setattr(ablation, "ablate", lambda path, **options: seen.update(path=path, **options))
    path = str(tmp_path / "a.json")
    assert cli.main(["ablate", "--width", "8", "--only", "Muon", "whitened stem", "--to", path]) == 0
    assert (str(seen["path"]), seen["width"], seen["only"]) == (path, 8, ["Muon", "whitened stem"])
    assert seen["seeds"] == [0, 1, 2, 3, 4]
    usual = {name: value for name, value in seen.items() if name in ablate.__kwdefaults__}
    assert set(usual) == set(ablate.__kwdefaults__)
    for name in ("images", "validation", "epochs", "batch_size", "draws", "data"):
        assert usual[name] == ablate.__kwdefaults__[name]


# The results that come with the course.


def test_the_committed_study_has_five_seeds_of_every_trick_made_by_its_command():
    program, *arguments = shlex.split(STUDY["command"])
    args, _ = parse_command(arguments)
    settings = STUDY["settings"]
    assert program == "course"
    assert (args.width, args.images, args.validation) == (
        settings["width"], settings["images"], settings["validation"],
    )  # fmt: skip
    assert (args.epochs, args.batch_size) == (settings["recipe"]["epochs"], settings["recipe"]["batch_size"])
    assert args.to.name == RESULTS.name
    assert list(STUDY["tricks"]) == [*TRICKS, TUNED, ROUNDED]
    for name in ("", *STUDY["tricks"]):
        assert list(STUDY["runs"][name]) == ["0", "1", "2", "3", "4"]
    assert sum(name.startswith("draw ") for name in STUDY["runs"]) == args.draws
    trained = [run["seconds"] for runs in STUDY["runs"].values() for run in runs.values()]
    assert sum(trained) < 15 * 60


@pytest.mark.parametrize("measure", ["accuracy", "loss", "seconds"])
def test_verdicts_of_the_committed_study_are_those_of_a_paired_t_test(measure):
    for effect in effects(STUDY, measure):
        p = stats.ttest_rel(effect.present, effect.absent).pvalue
        assert (p < 0.05) == (effect.verdict != NO_EVIDENCE), effect.trick


def test_the_committed_study_says_what_the_lecture_says():
    found = {effect.trick: effect for effect in effects(STUDY)}
    by_effect = sorted(found, key=lambda name: -found[name].mean)
    assert by_effect[:4] == ["whitened stem", "Muon", "falling rate", "smaller batches"]
    better = {name for name, effect in found.items() if effect.verdict == "better"}
    assert better == {*by_effect[:4], "mirrored views", "identity start"}
    assert {name for name, effect in found.items() if effect.verdict == "worse"} == {"cutout"}
    assert found["mirrored views"].mean == pytest.approx(2.3, abs=0.05)
    seconds = {effect.trick: effect for effect in effects(STUDY, "seconds")}
    assert -seconds["bf16"].mean / seconds["bf16"].absent.mean() == pytest.approx(0.28, abs=0.01)
    assert (seconds["bf16"].verdict, seconds["falling rate"].verdict) == ("better", "better")
    assert seconds["falling rate"].mean == pytest.approx(-0.06, abs=0.005)
    assert {e.trick: e.verdict for e in effects(STUDY, "loss")}["label smoothing"] == "worse"
    draws = [runs["1000"]["accuracy"] for name, runs in STUDY["runs"].items() if name.startswith("draw ")]
    assert max(draws) > max(run["accuracy"] for run in STUDY["runs"][""].values())


@pytest.mark.parametrize("validation", [0, -5, 60, 2.0])
def test_validation_images_are_never_those_that_are_learnt_from(validation, tmp_path):
    with pytest.raises(ValueError, match="validation: expected a whole number from 1 to 59"):
        ablate(tmp_path / "a.json", **(SMALL | {"validation": validation, "images": 60}))
    with pytest.raises(
        ValueError, match="images: expected a whole number from 1 to 40, those that are not held"
    ):
        ablate(tmp_path / "a.json", **(SMALL | {"images": 41}))


def test_a_study_that_cannot_be_written_is_known_before_the_first_run(tmp_path, monkeypatch):
    monkeypatch.setattr(ablation, "run_once", None)
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        ablate(tmp_path / "file" / "a.json", **SMALL)


def test_names_of_tricks_are_known_in_any_case(tmp_path, monkeypatch):
    monkeypatch.setattr(ablation, "run_once", lambda *a: {"accuracy": 0.5, "seconds": 1.0})
    monkeypatch.setattr(ablation, "table", lambda study: "")
    monkeypatch.setattr(ablation, "clocks", lambda study: "")
    study = ablate(tmp_path / "a.json", **SMALL, only=("muon", "WHITENED stem"))
    assert set(study["runs"]) == {"", "Muon", "whitened stem"}


def test_two_studies_into_one_file_at_once_are_refused(tmp_path, monkeypatch):
    def another(*arguments):
        with pytest.raises(FileExistsError, match="to which another one writes now"):
            ablate(tmp_path / "a.json", **SMALL, only=("Muon",))
        raise KeyboardInterrupt

    monkeypatch.setattr(ablation, "run_once", another)
    with pytest.raises(KeyboardInterrupt):
        ablate(tmp_path / "a.json", **SMALL, only=("Muon",))
