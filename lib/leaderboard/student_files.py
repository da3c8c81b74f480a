"""The folder that students get: test images without labels, and how a file of predictions looks."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from data_loaders.safe_archive import DAMAGE
from lib.checks import mismatch, shown
from lib.files import replacing_bytes, replacing_text
from lib.leaderboard.predictions import write_predictions
from lib.leaderboard.torch7_tensor import write_byte_tensor

IMAGES, TORCH7, SAMPLE, ABOUT = "challenge.npz", "te_data.bin", "sample_submission.csv", "README.txt"


def write_challenge(folder: str | Path, images: np.ndarray, classes: tuple[str, ...]) -> list[Path]:
    """Writes the folder of the students; returns its files. The same images always give the same bytes.

    folder: new or empty, or one that has been written by this before
    images: uint8 (N, C, H, W), as `make_competition` gives them
    classes: their names

    Raises `ValueError` where the folder holds anything else: it might be what nobody is to see.
    """
    folder = Path(folder).expanduser()
    names = (IMAGES, TORCH7, SAMPLE, ABOUT)
    if folder.exists():
        others = sorted(set(os.listdir(folder)) - set(names)) if folder.is_dir() else [folder.name]
        halves = [other for other in others if _is_half(other, names)]
        others = [other for other in others if other not in halves]
        if others:
            advice = "name another"
            raise mismatch("", "to", "a new or an empty folder", f"one with {shown(others[0])}", advice)
        for half in halves:
            (folder / half).unlink()
    with replacing_bytes(folder / IMAGES) as file:
        np.savez(file, images=images, ids=np.arange(1, len(images) + 1))
    with replacing_bytes(folder / TORCH7) as file:
        write_byte_tensor(file, images)
    write_predictions(folder / SAMPLE, np.zeros(len(images), np.int64))
    with replacing_text(folder / ABOUT) as file:
        file.write(about(len(images), images.shape[1:], classes))
    return [folder / name for name in names]


def _is_half(name: str, names: Sequence[str]) -> bool:
    """Whether a file is one of ours that was being written when the computer stopped."""
    whole, _, process = name.removesuffix(".part").rpartition(".")
    return name.endswith(".part") and whole in names and process.isdigit()


def read_challenge(folder: str | Path) -> np.ndarray:
    """The test images of the challenge, uint8 (N, C, H, W); the i-th has the id i + 1.

    folder: as the instructor gave it

    Raises `FileNotFoundError` where it is not there, `ValueError` where its file is damaged.
    """
    path = Path(folder).expanduser() / IMAGES
    if not path.is_file():
        raise FileNotFoundError(f"folder: expected {IMAGES} in {folder}, got no such file")
    try:
        with np.load(path, allow_pickle=False) as arrays:
            images = arrays["images"]
    except (*DAMAGE, KeyError) as error:
        raise mismatch(
            "", IMAGES, "the images of the challenge", "a damaged file", "copy it again"
        ) from error
    if images.ndim != 4 or images.dtype != np.uint8:
        raise mismatch("", IMAGES, "images, uint8 (N, C, H, W)", shown(images), "copy it again")
    return images


def about(count: int, shape: tuple[int, ...], classes: tuple[str, ...]) -> str:
    """What stands in the folder for people."""
    size = " × ".join(map(str, shape))
    numbers = "\n".join(f"  {number}  {name}" for number, name in enumerate(classes))
    return f"""The challenge: {count:,} test images without labels

{IMAGES}: `images`, uint8 ({count}, {size}), and `ids`, 1 to {count}
  from lib.leaderboard import read_challenge
{TORCH7}: the same images as a torch.ByteTensor, for Torch7
{SAMPLE}: how a file of predictions looks; all of them say class 0

Hand in a CSV file with the header id,label and {count:,} lines, one for each id, in any order. A label is the
number of a class:
{numbers}

The images are shuffled. Some have a little noise on them; some are noised beyond recognition, and count in
no score. Half of the others make the public standing, the rest the marks.
"""
