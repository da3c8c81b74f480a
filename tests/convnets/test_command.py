"""`course train` and `course predict`, from the command line to the file of predictions."""

import csv
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from data_loaders import Dataset, Split
from data_loaders.convert import write_cifar10
from data_loaders.shapes10 import NUISANCES, generate
from lib import cli
from lib.cli import main
from lib.commands import parse_command
from lib.convnets import command, training
from lib.convnets.checkpoints import read_checkpoint
from lib.convnets.command import HistoryFile
from lib.convnets.datasets import images_to_classify, load_named
from lib.convnets.durations import said
from lib.convnets.models import MODELS
from lib.convnets.probe import Speed
from lib.leaderboard.predictions import read_predictions

ROOT = Path(__file__).parents[2]
CLASSES = tuple("abcdefghij")


def tiny(train=300, test=80, seed=0):
    """Images whose class is their brightest colour and half, hidden in noise."""
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 200, (train + test, 3, 32, 32)).astype(np.uint8)
    labels = np.arange(train + test) % 6
    for row, label in enumerate(labels):
        half = slice(0, 16) if label < 3 else slice(16, 32)
        images[row, label % 3, half] += 40
    whole = Split(images, labels.astype(np.int64))
    return Dataset("CIFAR-10", whole[:train], whole[train:], CLASSES, "made for a test")


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder of one's own, with a tiny data set, and no time lost with probes."""
    dataset = tiny()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command, "load_named", lambda name: dataset)
    monkeypatch.setattr("lib.convnets.datasets.load_named", lambda name: dataset)
    monkeypatch.setattr(training, "probe", lambda *a, **k: Speed(1e5, 1e5, 128, 9, torch.get_num_threads()))
    return tmp_path


def call(*words):
    """Runs `course WORDS`, as the command line does."""
    args, _ = parse_command(words)
    args.begun = time.perf_counter()
    return (command.train if words[0] == "train" else command.predict)(args)


def test_the_file_of_predictions_scores_what_training_printed(here, capsys):
    assert call("train", "linear", "--epochs", "3", "--checkpoint", "a.pt") == 0
    said = capsys.readouterr().out
    accuracy = read_checkpoint("a.pt")["notes"]["test_accuracy"]
    assert f"{accuracy:.2%} of 80 test images are right" in said
    assert accuracy > 0.3
    assert call("predict", "a.pt", "--csv", "out/p.csv") == 0
    assert f"{accuracy:.2%} of them are right (training printed {accuracy:.2%})" in capsys.readouterr().out
    assert call("predict", "a.pt", "--csv", "out/mirrored.csv", "--mirrored") == 0
    both = re.search(r"seen mirrored, too .*: ([\d.]+%)\n", said)[1]
    assert f"{both} of them are right (training printed {both})" in capsys.readouterr().out
    lines = Path("out/p.csv").read_text().splitlines()
    assert lines[0] == "id,label"
    assert len(lines) == 81
    predicted = read_predictions("out/p.csv", CLASSES, count=80)
    assert (predicted == tiny().test.labels).mean() == accuracy


def test_what_will_be_done_is_said_before_it_is_done(here, capsys):
    call("train", "linear", "--epochs", "2", "--seed", "5", "--precision", "fp32", "--threads", "1")
    said = capsys.readouterr().out
    for line in ("net              linear, 30,730 parameters", "seed             5", "epochs           2"):
        assert line in said
    assert "270 to learn from, 30 held out for validation" in said
    assert "This will take about" in said
    assert said.index("This will take about") < said.index("epoch 1: ") < said.index("are right")


def test_the_test_set_is_looked_at_once_and_the_history_says_so(here):
    call("train", "linear", "--epochs", "2", "--checkpoint", "a.pt")
    with open("a.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert [row["test_looks"] for row in rows] == ["0", "1"]
    assert float(rows[-1]["test_accuracy"]) == read_checkpoint("a.pt")["notes"]["test_accuracy"]
    assert len(read_checkpoint("a.pt")["history"]["tests"]) == 1


def test_ctrl_c_keeps_the_last_epoch_and_resume_ends_as_if_nothing_had_happened(here, capsys, monkeypatch):
    words = ["train", "linear", "--epochs", "4"]
    call(*words, "--checkpoint", "whole.pt")
    after_epoch = HistoryFile.after_epoch

    def interrupt(self, run):
        after_epoch(self, run)
        if run.epoch == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(HistoryFile, "after_epoch", interrupt)
    monkeypatch.setattr(sys, "argv", ["course", *words, "--checkpoint", "a.pt"])
    assert call(*words, "--checkpoint", "a.pt") == 130
    assert "course train linear --epochs 4 --checkpoint a.pt --resume" in capsys.readouterr().err
    assert read_checkpoint("a.pt")["epoch"] == 2
    monkeypatch.setattr(HistoryFile, "after_epoch", after_epoch)
    assert call(*words, "--checkpoint", "a.pt", "--resume") == 0
    whole, resumed = read_checkpoint("whole.pt"), read_checkpoint("a.pt")
    assert whole["history"]["losses"] == resumed["history"]["losses"]
    for name, weights in whole["learner"]["model"].items():
        assert torch.equal(weights, resumed["learner"]["model"][name])


def test_ctrl_c_in_the_first_epoch_says_that_nothing_is_saved(here, capsys, monkeypatch):
    def interrupt(self, *_):
        raise KeyboardInterrupt

    monkeypatch.setattr("lib.convnets.learner.TorchLearner.step", interrupt)
    assert call("train", "linear") == 130
    assert "nothing is saved" in capsys.readouterr().err


def test_no_training_is_overwritten_unless_one_asks(here):
    words = ["train", "linear", "--epochs", "1"]
    for name in ("linear.pt", "linear-2.pt", "linear-3.pt"):
        call(*words)
        assert Path("trained", name).exists()
    with pytest.raises(
        FileExistsError, match=r"--checkpoint: expected a new file, .*--resume, .*--overwrite"
    ):
        call(*words, "--checkpoint", "trained/linear.pt")
    before = read_checkpoint("trained/linear.pt")["history"]["losses"]
    call(*words, "--checkpoint", "trained/linear.pt", "--overwrite", "--seed", "3")
    assert read_checkpoint("trained/linear.pt")["history"]["losses"] != before
    call(*words, "--resume")  # takes the newest, which is done: the test set is looked at again
    assert len(read_checkpoint("trained/linear-3.pt")["history"]["tests"]) == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["vgg61"], "NET: expected one of linear, small, .*, got vgg61; did you mean vgg16?"),
        (["linear", "--epochs", "0"], "epochs: expected a number above 0, got 0"),
        (["linear", "--batch-size", "0"], "batch_size: expected a whole number of at least 1, got 0"),
        (["linear", "--learning-rate", "nan"], "learning_rate: expected a finite number"),
        (["linear", "--images", "301"], "images: expected a whole number from 2 to 300"),
        (["linear", "--validation", "300"], "validation: expected a whole number from 0 to 299"),
        (["linear", "--device", "tpu"], "device: expected 'cpu'"),
        (["linear", "--threads", "0"], "threads: expected a whole number from 1 to .*, got 0"),
        (["linear", "--seed", "-1"], "seed: expected a whole number"),
        (["alexnet"], "input_size: expected"),
        (["linear", "--budget", "1m", "--epochs", "0"], "--epochs: expected no such number with --budget"),
        (["linear", "--budget", "1m", "--epochs", "3"], "--epochs: expected no such number with --budget"),
        (["linear", "--budget", "1m", "--resume"], "--resume: expected a training without --budget"),
    ],
)
def test_mistakes_are_named(here, words, message):
    with pytest.raises(ValueError, match=message):
        call("train", *words)
    assert not list(here.rglob("*.pt"))


def test_several_processes_take_no_budget(here, monkeypatch):
    monkeypatch.setenv("LOCAL_RANK", "0")
    with pytest.raises(ValueError, match="--budget: expected one process, got several of torchrun"):
        call("train", "linear", "--budget", "1m")


def test_a_loss_that_is_no_number_ends_in_a_sentence(here, capsys):
    assert main(["train", "linear", "--learning-rate", "1e38", "--epochs", "2"]) == 1
    assert "expected finite numbers, got nan or infinity after step" in capsys.readouterr().err


def test_a_batch_that_does_not_fit_names_the_argument(here, capsys, monkeypatch):
    def fail(self, *_):
        raise MemoryError(
            "batch_size: expected one that fits, got 256; try recipe.replace(batch_size=64), which fits"
        )

    monkeypatch.setattr("lib.convnets.learner.TorchLearner.step", fail)
    assert main(["train", "linear"]) == 1
    said = "course: batch_size: expected one that fits, got 256; try --batch-size 64, which fits\n"
    assert capsys.readouterr().err.endswith(said)


def test_a_training_that_goes_on_computes_as_before(here, monkeypatch):
    call("train", "linear", "--epochs", "1", "--precision", "fp32", "--threads", "2", "--checkpoint", "a.pt")
    torch.set_num_threads(1)
    used = []
    monkeypatch.setattr(command, "use_threads", used.append)
    call("train", "linear", "--epochs", "1", "--checkpoint", "a.pt", "--resume")
    call("predict", "a.pt")
    assert used == [2, 2]
    assert read_checkpoint("a.pt")["notes"]["precision"] == "fp32"


def test_the_threads_that_are_fastest_are_used_unless_a_number_is_asked_for(here, monkeypatch):
    torch.set_num_threads(2)
    monkeypatch.setattr(command, "use_threads", lambda count: torch.set_num_threads(2))
    monkeypatch.setattr(training, "probe", lambda *a, **k: Speed(1e5, 1e5, 128, 9, 1))
    call("train", "linear", "--epochs", "1", "--threads", "2")
    assert torch.get_num_threads() == 2
    call("train", "linear", "--epochs", "1")
    assert torch.get_num_threads() == 1


def test_without_a_net_all_are_listed(capsys):
    assert call("train") == 0
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines()[1:] if line.strip()]
    assert set(MODELS) <= set(listed)


def test_a_foreign_checkpoint_is_refused(here):
    Path("a.pt").write_bytes(b"no checkpoint")
    with pytest.raises(ValueError, match=r"path: expected a whole checkpoint of this course, got a\.pt"):
        call("predict", "a.pt")
    with pytest.raises(FileNotFoundError, match="path: expected a checkpoint"):
        call("predict", "b.pt")


def test_a_checkpoint_of_a_notebook_that_lacks_its_net_is_refused(here):
    call("train", "linear", "--epochs", "1", "--checkpoint", "a.pt")
    content = read_checkpoint("a.pt")
    torch.save({**content, "net": {}}, "a.pt")
    with pytest.raises(
        ValueError, match=r"CHECKPOINT: expected one that `course train` has saved, .*lacks net"
    ):
        call("predict", "a.pt")


def test_pictures_of_a_folder_are_classified_in_the_order_of_their_names(here, capsys):
    call("train", "linear", "--epochs", "3", "--checkpoint", "a.pt")
    call("predict", "a.pt", "--csv", "whole.csv")
    folder = here / "pictures"
    folder.mkdir()
    for row, image in enumerate(tiny().test.images[:12]):
        Image.fromarray(image.transpose(1, 2, 0)).save(folder / f"{row}.png")
    (folder / "note.txt").write_text("no picture")
    assert call("predict", "a.pt", "--data", str(folder), "--csv", "p.csv") == 0
    assert "12 predictions for the 12 pictures from 0.png to 11.png" in capsys.readouterr().out
    whole = Path("whole.csv").read_text().splitlines()
    assert Path("p.csv").read_text().splitlines() == whole[:13]


def test_pictures_of_another_size_are_scaled_and_what_is_none_is_named(tmp_path):
    Image.fromarray(np.full((50, 70), 9, np.uint8)).save(tmp_path / "grey.png")
    split, _, known = images_to_classify(str(tmp_path), CLASSES, 32)
    assert split.images.shape == (1, 3, 32, 32)
    assert (split.images == 9).all()
    assert not known
    (tmp_path / "false.png").write_bytes(b"nothing")
    with pytest.raises(ValueError, match=r"false\.png: expected a picture"):
        images_to_classify(str(tmp_path), CLASSES, 32)


def test_images_of_other_classes_are_refused(here):
    with pytest.raises(ValueError, match="data: expected images of the classes that this net knows: cat"):
        images_to_classify("cifar10", ("cat", "dog"), 32)


def test_data_that_is_not_there_is_named():
    with pytest.raises(
        ValueError, match=r"data: expected one of auto, .*, or a path that exists, got 'nowhere'"
    ):
        load_named("nowhere")


@pytest.mark.family(share=3)
def test_from_the_terminal_to_the_file_of_predictions(tmp_path):
    shapes = generate(0, dict.fromkeys(NUISANCES, 0.0), 200, 50)
    write_cifar10(shapes, tmp_path / "shapes.npz", "npz")
    data = ["--data", str(tmp_path / "shapes.npz"), "--threads", "1"]

    def course(*words):
        run = [sys.executable, "-m", "lib.cli", *words]
        env = {**os.environ, "PYTHONPATH": str(ROOT), "COURSE_DATA": str(tmp_path)}
        return subprocess.run(run, cwd=tmp_path, env=env, capture_output=True, text=True)

    trained = course("train", "linear", "--budget", "60s", *data)
    assert trained.returncode == 0, trained.stderr
    assert "(budget: 60 s)" in trained.stdout
    accuracy = read_checkpoint(tmp_path / "trained" / "linear.pt")["notes"]["test_accuracy"]
    predicted = course("predict", "trained/linear.pt", *data)
    assert predicted.returncode == 0, predicted.stderr
    assert f"{accuracy:.2%} of them are right" in predicted.stdout
    assert len((tmp_path / "predictions.csv").read_text().splitlines()) == 51


def test_without_torch_the_extra_is_named():
    program = "import sys; sys.modules['torch'] = None; import lib.cli; sys.exit(lib.cli.main(['train']))"
    done = subprocess.run([sys.executable, "-P", "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert "torch is not installed in this Python" in done.stderr
    assert "[torch]" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["what_it_sees", "ablations", "drag_box"])
def test_without_torch_a_demo_that_needs_it_says_so_before_a_window_opens(name):
    program = (
        f"import sys; sys.modules['torch'] = None; import lib.cli; sys.exit(lib.cli.main(['demo', {name!r}]))"
    )
    done = subprocess.run([sys.executable, "-P", "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert "torch is not installed in this Python" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_torch_a_cell_of_a_lecture_is_told_what_to_type():
    program = "import sys; sys.modules['torch'] = None; from lib.convnets.models import build_model"
    done = subprocess.run([sys.executable, "-P", "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.stderr.splitlines()[-1].startswith("ModuleNotFoundError: torch: expected it to be installed")
    assert done.stderr.rstrip().endswith("python3 course.py start")


def test_what_is_overwritten_stays_until_the_first_epoch_is_done(here, capsys, monkeypatch):
    words = ["train", "linear", "--epochs", "1", "--checkpoint", "a.pt"]
    call(*words)
    before = Path("a.pt").read_bytes()
    for mistake in (["--images", "1"], ["--batch-size", "0"], ["--learning-rate", "nan"]):
        with pytest.raises(ValueError, match="expected"):
            call(*words, "--overwrite", *mistake)
        assert Path("a.pt").read_bytes() == before

    def interrupt(self, *_):
        raise KeyboardInterrupt

    monkeypatch.setattr("lib.convnets.learner.TorchLearner.step", interrupt)
    assert call(*words, "--overwrite") == 130
    assert "nothing is saved" in capsys.readouterr().err
    assert Path("a.pt").read_bytes() == before


@pytest.mark.parametrize("name", ["a.csv", "run.1", "run.2", "net"])
def test_a_history_has_a_file_of_its_own(name, here):
    Path("run.csv").write_text("a thesis")
    assert call("train", "linear", "--epochs", "1", "--checkpoint", name) == 0
    assert read_checkpoint(name)["epoch"] == 1
    assert Path(f"{name}.csv").read_text().startswith("epoch,steps")
    assert Path("run.csv").read_text() == "a thesis"


def test_a_history_replaces_nothing(here):
    Path("a.csv").write_text("a thesis")
    with pytest.raises(
        FileExistsError, match=r"--checkpoint: .* history is a new file, got a\.pt, and a\.csv"
    ):
        call("train", "linear", "--epochs", "1", "--checkpoint", "a.pt")
    assert [p.name for p in here.iterdir()] == ["a.csv"]
    Path("folder").mkdir()
    with pytest.raises(ValueError, match="--checkpoint: expected the name of a file, got folder"):
        call("train", "linear", "--checkpoint", "folder", "--overwrite")
    Path("trained").mkdir()
    Path("trained/linear.csv").write_text("an older history")
    call("train", "linear", "--epochs", "1")
    assert Path("trained/linear-2.pt").exists()


def test_what_is_missing_for_predictions_is_said_before_anything_else(here, capsys):
    with pytest.raises(FileNotFoundError, match="`course train` makes one"):
        call("predict", "none.pt")
    call("train", "linear", "--epochs", "1", "--checkpoint", "mine.pt")
    Path("file").touch()
    capsys.readouterr()
    assert cli.main(["predict", "mine.pt", "--csv", "file/predictions.csv"]) == 1
    said = capsys.readouterr()
    assert "file/predictions.csv" in said.err
    assert "Written" not in said.out


def test_predictions_replace_nothing_but_predictions(here):
    call("train", "linear", "--epochs", "1", "--checkpoint", "a.pt")
    Path("folder").mkdir()
    before = Path("a.pt").read_bytes()
    for name in ("a.pt", "a.csv", "folder"):
        with pytest.raises(FileExistsError, match="--csv: expected a new file, or one of predictions, got"):
            call("predict", "a.pt", "--csv", name)
    assert Path("a.pt").read_bytes() == before
    for _ in range(2):
        assert call("predict", "a.pt", "--csv", "p.csv") == 0


def test_the_accuracy_is_said_even_if_it_cannot_be_saved(here, capsys, monkeypatch):
    def full(*_, **__):
        raise OSError("No space left on device")

    monkeypatch.setattr(command, "add_to_checkpoint", full)
    with pytest.raises(OSError, match="No space left"):
        call("train", "linear", "--epochs", "1")
    assert "of 80 test images are right" in capsys.readouterr().out


def test_a_budget_that_was_stopped_is_not_said_to_go_on():
    args, _ = parse_command(["train", "--budget", "3m"])
    text = command.stopped(args, Path("trained/budget.pt"), saved=True)
    assert "a budget cannot be resumed" in text
    assert "--resume" not in text


def test_a_checkpoint_of_a_notebook_that_does_not_name_the_size_of_images_predicts(here):
    call("train", "linear", "--epochs", "1", "--checkpoint", "a.pt")
    content = read_checkpoint("a.pt")
    del content["net"]["input_size"]
    torch.save(content, "b.pt")
    assert call("predict", "b.pt") == 0


def test_no_end_of_time_is_said():
    assert said(float("inf")) == "no end of time"
