"""Trains with checkpoints, and is killed with kill -9 again and again, at random moments; then finishes.

    python killed.py CHECKPOINT KILLS SEED

Prints what became of it, as JSON. Each training is a fork of this process, which has torch already.
"""

import json
import os
import random
import signal
import sys
import time

import torch
from tiny import Images, net

from lib.convnets.checkpoint_files import read_checkpoint
from lib.convnets.checkpoints import Checkpoints
from lib.convnets.learner import TorchLearner
from lib.convnets.loop import fit
from lib.convnets.recipe import Recipe

RECIPE = Recipe(40, 30, 0.02, ema=0.9, label_smoothing=0.1)
DATA = Images(120)


def train(path):
    learner = TorchLearner(net(dropout=0.2), RECIPE)
    return fit(learner, DATA, RECIPE, validation=DATA, seed=3, hooks=[Checkpoints(path, resume=True)])


def train_for(seconds, path):
    """Trains in a process of its own, which gets kill -9 after so many seconds; True where it was killed."""
    child = os.fork()
    if not child:
        train(path)
        os._exit(0)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def main(path, kills, seed):
    torch.set_num_threads(1)  # before a fork there must be no others
    rng = random.Random(seed)
    start = time.perf_counter()
    straight = train(f"{path}.straight")
    length = time.perf_counter() - start
    killed, epochs = 0, []
    while killed < kills:  # one that was done before it was killed does not count
        killed += train_for(length * rng.uniform(0, 0.3), path)
        epochs.append(read_checkpoint(path)["epoch"] if os.path.exists(path) else 0)
        if epochs[-1] == RECIPE.epochs:
            os.remove(path)
    resumed = train(path)
    same = {
        name: resumed.columns[name] == straight.columns[name]
        for name in straight.columns
        if name != "seconds"
    }
    print(
        json.dumps(
            {"killed": killed, "epochs": epochs, "same": same, "losses": resumed.losses == straight.losses}
        )
    )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
