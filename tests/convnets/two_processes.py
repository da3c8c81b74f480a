"""Trains with two processes, as torchrun would start them, and writes what each of them saw.

    python two_processes.py FOLDER

The second process is a fork of the first, so that torch is imported once.
"""

import os
import socket
import sys
from pathlib import Path

import torch
from tiny import Images, plain_net, real_images

from lib.convnets.checkpoints import Checkpoints
from lib.convnets.distributed import DistributedLearner, process_group
from lib.convnets.images import DeviceImages
from lib.convnets.loop import fit
from lib.convnets.recipe import Recipe

RECIPE = Recipe(3, 20, 0.05, label_smoothing=0.1, ema=0.9)
DATA = Images(47, dtype=torch.float64)  # the last batch has 7: four for one process, three for the other


class Seen(DeviceImages):
    """Images that remember the labels of each batch."""

    def batches(self, batch_size, **options):
        for images, labels in super().batches(batch_size, **options):
            if options.get("augment", True):
                self.seen.append(labels)
            yield images, labels


def gradients(count):
    """Those of one batch of so many images, of which this process has its part."""
    learner = DistributedLearner(plain_net(seed=2).double(), RECIPE)
    mine = slice(learner.rank, count, learner.world)
    learner.gradients(DATA.images[mine], DATA.labels[mine])
    return [parameter.grad.clone() for parameter in learner.model.parameters()]


def trained(folder, rank):
    """Losses, weights, and the images of a whole training; each process may write a file of its own name."""
    learner = DistributedLearner(plain_net(seed=rank).double(), RECIPE)  # rank 1 takes the weights of rank 0
    data = real_images(47, torch.float64, kind=Seen)
    data.seen = []
    hooks = [Checkpoints(folder / f"{rank}.checkpoint")]
    history = fit(learner, data, RECIPE, validation=DATA, hooks=hooks)
    history.columns["seconds"].clear()
    return {
        "history": history.state_dict(),
        "weights": learner.model.state_dict(),
        "counts": [len(labels) for labels in data.seen],
    }


def spoiled(rank):
    """What is raised when the images of one process hold a nan."""
    data = Images(47, dtype=torch.float64)
    if rank:
        data.images[:20] = float("nan")
    try:
        fit(DistributedLearner(plain_net().double(), RECIPE), data, RECIPE)
    except FloatingPointError as error:
        return str(error)


def main(folder):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    torch.set_num_threads(1)  # before a fork there must be no others
    child = os.fork()
    rank = "0" if child else "1"
    os.environ |= {
        "RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
    }  # fmt: skip
    with process_group() as device:
        found = {
            "device": str(device),
            "gradients": {count: gradients(count) for count in (20, 7, 2)},
            "trained": trained(folder, int(rank)),
            "spoiled": spoiled(int(rank)),
        }
    torch.save(found, folder / f"{rank}.pt")
    if child:
        sys.exit(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
