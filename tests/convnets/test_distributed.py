"""Two processes on the CPU learn what one would with the whole batches."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from tiny import Images, plain_net, real_images
from torch.testing import assert_close

from lib.convnets.distributed import process_group
from lib.convnets.learner import TorchLearner
from lib.convnets.loop import fit
from lib.convnets.recipe import Recipe

RECIPE = Recipe(3, 20, 0.05, label_smoothing=0.1, ema=0.9)
DATA = Images(47, dtype=torch.float64)

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """What each of the two processes saw, and the folder in which they wrote."""
    folder, here = tmp_path_factory.mktemp("two"), Path(__file__).parent
    places = os.pathsep.join([str(here), str(here.parents[1])])
    environment = os.environ | {"PYTHONPATH": places, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, here / "two_processes.py", folder]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    return [torch.load(folder / f"{rank}.pt") for rank in (0, 1)], folder


@pytest.fixture(scope="module")
def alone():
    learner = TorchLearner(plain_net().double(), RECIPE)
    return fit(learner, real_images(47, torch.float64), RECIPE, validation=DATA), learner


@needs_fork
@pytest.mark.parametrize("count", [20, 7, 2])
def test_gradients_are_those_of_one_process_with_the_whole_batch(both, count):
    learner = TorchLearner(plain_net(seed=2).double(), RECIPE)
    learner.gradients(DATA.images[:count], DATA.labels[:count])
    for found in both[0]:
        for ours, parameter in zip(found["gradients"][count], learner.model.parameters(), strict=True):
            assert_close(ours, parameter.grad, rtol=1e-11, atol=1e-13)


@needs_fork
def test_a_whole_training_has_the_losses_of_one_process(both, alone):
    history, learner = alone
    for found in both[0]:
        trained = found["trained"]
        assert_close(trained["history"]["losses"], history.losses, rtol=1e-9, atol=0)
        for name in ("loss", "train_accuracy", "validation_accuracy", "steps"):
            assert_close(trained["history"]["columns"][name], history.columns[name], rtol=1e-9, atol=0)
        for name, weight in learner.model.state_dict().items():
            assert_close(trained["weights"][name], weight, rtol=1e-8, atol=1e-10)


@needs_fork
def test_each_process_has_its_part_of_every_batch(both):
    counts = [found["trained"]["counts"] for found in both[0]]
    assert counts == [[10, 10, 4] * 3, [10, 10, 3] * 3]


@needs_fork
def test_rank_0_saves_and_no_other(both):
    assert sorted(path.name for path in both[1].iterdir()) == ["0.checkpoint", "0.pt", "1.pt"]


@needs_fork
def test_both_processes_stop_at_the_same_step_when_one_meets_a_nan(both):
    first, second = (found["spoiled"] for found in both[0])
    assert first == second
    assert first.startswith("loss: expected a finite number, got nan at step ")


@needs_fork
def test_without_a_gpu_processes_share_the_cpu(both):
    if not torch.cuda.is_available():
        assert [found["device"] for found in both[0]] == ["cpu", "cpu"]


def test_without_torchrun_it_says_how_to_start(monkeypatch):
    monkeypatch.delenv("LOCAL_RANK", raising=False)
    with (
        pytest.raises(ValueError, match="LOCAL_RANK: expected a process of torchrun, got another one"),
        process_group(),
    ):
        pass
