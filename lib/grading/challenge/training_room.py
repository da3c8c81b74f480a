"""What a sandbox shows of the course and of the data while handed-in training code runs again."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from data_loaders import Dataset, load_dataset
from lib.assignments.places import ROOT
from lib.checks import mismatch
from lib.grading.examination.old_rooms import hold_room
from lib.grading.examination.placed_folder import placed_folder
from lib.grading.examination.sandbox_room import room_without_data
from lib.grading.places import rooms_folder
from lib.grading.sandbox.room import Room
from lib.leaderboard.command import challenging
from lib.leaderboard.competition import Key, digest_of

SHORT = "a4"  # the assignment of the challenge
NAMES = {"CIFAR-10": "cifar10", "Shapes-10": "shapes10"}  # as a key has them, as `load_dataset` takes them


def training_data(key: Key) -> Dataset:
    """The data set whose test images a competition has taken.

    Raises `FileNotFoundError` where it is not on this computer, `ValueError` where nobody knows it.
    """
    if key.data not in NAMES:
        raise mismatch("", "key", f"one of {' or '.join(NAMES)}", key.data)
    return challenging(load_dataset(NAMES[key.data]))


def training_room(data: Dataset, root: Path = ROOT) -> Room:
    """The students' copy of the course for a4, and the training images, which are written once.

    data: of which nothing but the training images goes in
    root: of the instructors' copy of the course
    """
    room = room_without_data(SHORT, rooms_folder(root), root)
    images, labels = np.asarray(data.train.images), data.train.labels
    about = json.dumps({"name": data.name, "classes": list(data.classes)})
    parts = f"{digest_of(images)} {digest_of(labels)} {about}"
    folder = rooms_folder(root) / f"{SHORT}-{hashlib.sha256(parts.encode()).hexdigest()[:16]}-training"
    if not hold_room(folder):
        with placed_folder(folder) as new:
            np.save(new / "images.npy", images, allow_pickle=False)
            np.save(new / "labels.npy", labels, allow_pickle=False)
            (new / "about.json").write_text(about, "utf-8")
        hold_room(folder)
    return replace(room, data=folder)
