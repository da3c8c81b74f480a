"""`python -m benchmarks gpu`: what it asks for, writes down and prints. No speed is asserted here."""

import itertools
import json
import multiprocessing
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

import benchmarks.__main__ as runner
from benchmarks.convnets import rows
from benchmarks.gpu import command, results
from benchmarks.gpu.plan import JPEG, ORIGINAL, PLAN, UNVERIFIED, chosen
from benchmarks.gpu.report import groups, table
from benchmarks.gpu.results import FIELDS, FOLDER, append, file_of, newest, read
from benchmarks.gpu.run import kind_of, warm_up
from data_loaders import Dataset, Split, load_shapes10
from lib.convnets.augmentation import Augmentation
from lib.convnets.images import DeviceImages
from lib.convnets.learner import TorchLearner
from lib.convnets.loop import fit
from lib.convnets.models import MODELS, build_model
from lib.convnets.recipe import RECIPES


def run(**changes):
    """A run as it is written down."""
    numbers = {
        "row": "fast", "net": "fast", "recipe": RECIPES["fast"].as_dict(), "seed": 0, "precision": "bf16",
        "compiled": False, "data": JPEG, "train_images": 50_000, "test_images": 10_000, "accuracy": 0.925,
        "accuracy_mirrored": 0.931, "train_accuracy": 0.95, "test_looks": 2, "seconds_training": 2.0,
        "seconds_with_setup": 4.0, "seconds_process": 9.0, "steps": 784, "images_per_second": 2e5,
        "device": "cuda", "machine": "A GPU, 80 GiB", "processor": "4 × a CPU", "threads": 4,
        "gpu_memory_mib": 900, "torch": "2.13.0", "cuda": "13.0", "python": "3.12.3", "system": "Linux",
        "commit": "abc", "date": "2026-11-28T12:00:00+00:00",
    }  # fmt: skip
    return numbers | changes


# The plan


def test_the_rows_come_in_the_order_of_the_plan_whatever_the_order_they_are_asked_in():
    assert [e.name for e in chosen()][:3] == ["fast", "linear", "alexnet_cifar"]
    assert [e.runs for e in chosen()][:4] == [5, 3, 3, 1]
    assert [(e.name, e.runs) for e in chosen(["resnet18", "linear"], 2)] == [("linear", 2), ("resnet18", 2)]


@pytest.mark.parametrize(("names", "runs"), [(["resnet"], None), (["fast", ""], 1), ([], 0), (["fast"], -1)])
def test_what_is_no_row_and_no_number_of_runs_is_refused(names, runs, capsys):
    with pytest.raises(ValueError, match=r"^--(only|runs): expected .*, got "):
        chosen(names, runs)
    arguments = [*(["--only", *names] if names else []), *(["--runs", str(runs)] if runs is not None else [])]
    assert command.main(arguments) == 2
    assert "expected" in capsys.readouterr().err


@pytest.mark.parametrize("entry", PLAN, ids=lambda entry: entry.name)
def test_every_row_is_a_net_with_a_recipe_that_takes_its_changes(entry):
    assert entry.model in MODELS
    assert RECIPES[entry.model].replace(**entry.changes)


# The file of results


def test_the_readme_says_what_every_field_is():
    said = (FOLDER / "README.md").read_text("utf-8")
    missing = [name for name in FIELDS if f"`{name}`" not in said]
    assert not missing
    assert f"`schema` ({results.SCHEMA})" in said


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_committed_results_have_all_fields_and_their_table(path):
    found = read(path)
    assert found
    assert all(set(entry) == set(FIELDS) for entry in found)
    assert {file_of(entry["machine"]) for entry in found} == {path}
    assert found[0]["row"] in table(newest(found))


def test_runs_are_added_in_their_order_and_files_are_told_apart_by_the_machine(tmp_path):
    for seed in range(3):
        append(file_of("A GPU", tmp_path), run(seed=seed))
    append(file_of("2 × CPU", tmp_path), run(machine="2 × CPU"))
    assert [entry["seed"] for entry in read(tmp_path / "a-gpu.json")] == [0, 1, 2]
    assert len(read(tmp_path / "2-x-cpu.json")) == 1
    assert read(tmp_path / "none.json") == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2-x-cpu.json", "a-gpu.json"]


def add(path, first):
    for seed in range(first, first + 10):
        append(path, run(seed=seed))


def test_two_commands_at_once_lose_no_run(tmp_path):
    path = tmp_path / "both.json"
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    processes = [context.Process(target=add, args=(path, first)) for first in (0, 10)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert sorted(entry["seed"] for entry in read(path)) == list(range(20))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"runs": []}', '{"schema": 2, "runs": []}'])
def test_a_foreign_or_broken_file_is_left_as_it_is(text, tmp_path):
    path = tmp_path / "a-gpu.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"^a-gpu\.json: expected results of .*, got something else"):
        append(path, run())
    assert path.read_text() == text
    assert [path] == list(tmp_path.iterdir())


@pytest.mark.parametrize("wrong", [{"more": 1}, {"accuracy": None}])
def test_a_run_with_other_fields_is_refused(wrong, tmp_path):
    entry = run() | wrong
    if wrong == {"accuracy": None}:
        del entry["accuracy"]
    with pytest.raises(ValueError, match=r"they differ in (more|accuracy)$"):
        append(tmp_path / "a.json", entry)
    assert not list(tmp_path.iterdir())


def test_of_equal_runs_the_newest_counts():
    old, new, other = run(accuracy=0.5), run(accuracy=0.6, date="later"), run(seed=1)
    assert newest([old, other, new]) == [new, other]
    assert len(newest([old, run(recipe=RECIPES["fast"].replace(epochs=9).as_dict())])) == 2


# The table


def cells(text, row):
    head, _, *lines = text.splitlines()
    found = next(line for line in lines if line.startswith(row))
    starts = [head.index(name) for name in ("original pixels", "JPEG copies", "mirrored")]
    return [found[a:b].strip() for a, b in itertools.pairwise(starts)]


def test_what_was_measured_on_jpeg_copies_leaves_the_column_of_the_original_pixels_empty():
    text = table([run(), run(seed=1, accuracy=0.935)])
    assert cells(text, "fast") == ["", "93.00 ± 0.71 %"]
    assert cells(table([run(data=ORIGINAL, accuracy=0.9412)]), "fast") == ["94.12 %", ""]
    assert "Shapes-10" in table([run(data="Shapes-10")]).splitlines()[0]


def test_a_target_is_judged_on_a_gpu_and_the_original_pixels_only():
    good = {"data": ORIGINAL, "accuracy": 0.941}
    assert "met" in table([run(**good)])
    for wrong in ({"accuracy": 0.93}, {"seconds_training": 3.0}, {"seconds_process": 11.0}):
        assert "MISSED" in table([run(**good | wrong)])
    for other in ({"device": "cpu"}, {"data": JPEG}, {"data": UNVERIFIED}):
        text = table([run(**good | other)])
        assert "met" not in text
        assert "MISSED" not in text
        assert "94 % in 2.5 s" in text


def test_seeds_stand_together_and_what_differs_stands_apart():
    runs = [run(row="linear"), run(seed=1), run(), run(precision="fp32"), run(data=ORIGINAL)]
    assert [len(group) for group in groups(runs)] == [2, 1, 1, 1]
    assert [group[0]["row"] for group in groups(runs)] == ["fast", "fast", "fast", "linear"]


# The command


@pytest.fixture
def answers(monkeypatch):
    """Processes that answer at once: `set` them, and see what was asked."""
    asked, speeds = [], {e.name: {"speed": 1e5, "images": 1e5} for e in PLAN}

    def ask(self, what, **task):
        asked.append(task)
        if "nets" in task:
            return {"speeds": speeds, "reading": 0.0, "data": JPEG, **machine}
        names = set(FIELDS) - {"row", "commit", "date"}
        answer = {name: value for name, value in run().items() if name in names}
        return answer | {"net": task["net"], "seed": task["seed"]}

    machine = {"machine": "A GPU, 80 GiB", "device": "cuda", "torch": "2.13.0"}
    monkeypatch.setattr(command.Session, "ask", ask)
    return speeds, asked


def test_every_run_is_asked_for_and_written_down(answers, tmp_path, capsys):
    assert command.main(["--results", str(tmp_path), "--commit", "c0ffee"]) == 0
    found = read(tmp_path / "a-gpu-80-gib.json")
    assert [entry["row"] for entry in found][:8] == ["fast"] * 5 + ["linear"] * 3
    assert [entry["seed"] for entry in found][:8] == [0, 1, 2, 3, 4, 0, 1, 2]
    assert len(found) == sum(entry.runs for entry in PLAN)
    assert {entry["commit"] for entry in found} == {"c0ffee"}
    assert [task.get("changes") for task in answers[1]][-2] == {"epochs": 200, "cutout": 16}
    assert "not measured" not in capsys.readouterr().out


def test_a_run_that_does_not_fit_is_not_begun_but_named_and_later_ones_are(answers, tmp_path, capsys):
    speeds, asked = answers
    speeds["vgg16"]["images"] = 1e9
    speeds["allcnn"] = {"error": "no memory"}
    assert command.main(["--results", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "vgg16: 1 of 1 runs not measured: each takes about" in printed
    assert "`--only vgg16` adds it" in printed
    assert printed.count("allcnn: not measured: no memory") == 2  # then, and at the end
    assert [task["net"] for task in asked[1:] if task["seed"] == 0] == [
        "fast", "linear", "alexnet_cifar", "resnet18", "resnet18", "resnet20",
    ]  # fmt: skip


def test_a_file_that_is_something_else_is_noticed_before_anything_is_trained(answers, tmp_path, capsys):
    (tmp_path / "a-gpu-80-gib.json").write_text("{}")
    assert command.main(["--results", str(tmp_path)]) == 2
    assert "a-gpu-80-gib.json: expected results of" in capsys.readouterr().err
    assert len(answers[1]) == 1


def test_nothing_is_begun_when_the_time_is_over(answers, tmp_path, capsys):
    assert command.main(["--results", str(tmp_path), "--minutes", "0", "--only", "linear"]) == 1
    assert "linear: 3 of 3 runs not measured" in capsys.readouterr().out
    assert not list(tmp_path.iterdir())


def test_after_a_run_its_own_time_is_the_estimate(answers, tmp_path):
    answers[0]["fast"]["images"] = 3e6  # 30 s each, says the probe
    session = command.Session(command.parser().parse_args(["--results", str(tmp_path)]), time.monotonic())
    session.end = time.monotonic() + 60
    session.row(chosen(["fast"])[0], training=30)
    assert len(session.runs) == 5  # since each took 9 s, as it said


@pytest.mark.parametrize(
    ("code", "said"),
    [("raise ValueError('no such thing')", "failed: ValueError: no such thing"), ("", "it said nothing")],
)
def test_a_process_that_fails_is_named_with_its_last_word(code, said, monkeypatch, capsys):
    real = subprocess.run
    monkeypatch.setattr(
        command.subprocess, "run", lambda words, **kw: real([sys.executable, "-c", code], **kw)
    )
    session = command.Session(command.parser().parse_args(["--commit", "c"]), time.monotonic())
    assert session.ask("linear, seed 0", net="linear") is None
    assert said in session.missing[0]
    assert session.missing[0] in capsys.readouterr().out


def test_a_process_is_stopped_when_the_time_is_over(monkeypatch):
    real = subprocess.run
    monkeypatch.setattr(
        command.subprocess,
        "run",
        lambda words, **kw: real([sys.executable, "-c", "import time; time.sleep(60)"], **kw),
    )
    session = command.Session(command.parser().parse_args(["--commit", "c"]), time.monotonic())
    session.end = time.monotonic()
    assert session.ask("linear, seed 0", net="linear") is None
    assert session.missing == ["linear, seed 0: stopped, as the time was over"]


@pytest.mark.family(share=4)
def test_on_a_cpu_it_runs_and_says_that_the_targets_are_for_gpus(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    words = ["--device", "cpu", "--only", "linear", "--runs", "1", "--quick", "--data", "shapes10"]
    assert runner.main(["gpu", *words, "--results", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "No GPU: of the targets above, which are for one, nothing is measured (on cpu)." in printed
    (path,) = tmp_path.iterdir()
    (found,) = read(path)
    assert found["data"] == "Shapes-10"
    assert (found["train_images"], found["test_images"], found["steps"]) == (600, 200, 6)
    assert 0 < found["seconds_training"] < found["seconds_with_setup"] < found["seconds_process"]
    assert found["test_looks"] == 2
    assert str(Path.home()) not in json.dumps(found) or Path.home() == Path("/")
    assert command.main(["--show", "--results", str(tmp_path)]) == 0
    assert "linear" in capsys.readouterr().out


# One run


def dataset(origin, images=None):
    images = np.zeros((20, 3, 32, 32), np.uint8) if images is None else images
    split = Split(images, np.arange(len(images)) % 10)
    return Dataset("CIFAR-10", split, split, tuple("abcdefghij"), origin)


@pytest.mark.family(share=4)
def test_only_verified_pixels_are_the_original_ones():
    assert kind_of(dataset("official archive in a folder, verified by published checksums")) == ORIGINAL
    assert kind_of(dataset("a PNG copy, unverified: no published checksum fits")) == UNVERIFIED
    assert kind_of(dataset("")) == UNVERIFIED
    assert kind_of(load_shapes10()) == "Shapes-10"


def test_jpeg_is_seen_in_the_pixels():
    import io

    from PIL import Image

    rng, images = np.random.default_rng(0), []
    for _ in range(200):
        pixels = rng.normal(size=(4, 4, 3)).repeat(8, 0).repeat(8, 1) * 50 + 128
        file = io.BytesIO()
        noisy = (pixels + rng.normal(size=pixels.shape) * 25).clip(0, 255).astype(np.uint8)
        Image.fromarray(noisy).save(file, "JPEG", quality=75)
        images.append(np.asarray(Image.open(file)).transpose(2, 0, 1))
    assert kind_of(dataset("verified by published checksums", np.stack(images))) == JPEG


@pytest.mark.family(share=3)
@pytest.mark.parametrize("optimizer", ["sgd", "adamw", "muon"])
def test_the_steps_that_warm_up_leave_no_trace(optimizer):
    rng = np.random.default_rng(0)
    recipe = RECIPES["small"].replace(epochs=2, batch_size=16, optimizer=optimizer)
    data = DeviceImages(
        rng.integers(0, 256, (40, 3, 32, 32), np.uint8),
        rng.integers(0, 10, 40),
        augmentation=Augmentation.of(recipe),
    )
    losses = []
    for warm in (False, True):
        learner = TorchLearner(build_model("small"), recipe)
        before = torch.get_rng_state()
        if warm:
            warm_up(learner, data, recipe.batch_size)
        assert torch.equal(torch.get_rng_state(), before)
        losses.append(fit(learner, data, recipe).losses)
    assert losses[0] == losses[1]


# Beside it: the rows of the convnets on a CPU


@pytest.mark.parametrize("has", [True, False])
def test_the_rows_of_the_nets_compare_two_precisions_where_there_are_two(has, monkeypatch):
    monkeypatch.setattr("benchmarks.convnets.cpu_has_bf16", lambda: has)
    (found,) = rows(quick=True)
    assert found.name == ("small: fp32 / bf16" if has else "small, fp32 (no bf16 here)")
    assert found.unit == ("×" if has else "images/s")
    assert found.values[0] > 0
    assert found.met is None  # it depends on the processor alone


@pytest.mark.parametrize("minutes", ["nan", "inf", "-1"])
def test_a_time_that_is_none_is_refused(minutes, capsys):
    assert command.main(["--minutes", minutes]) == 2
    assert "--minutes: expected a " in capsys.readouterr().err
