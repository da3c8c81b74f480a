"""A competition, made of a test split and a secret: images for students, and the key, which is kept apart."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np

from data_loaders import Dataset
from lib.checks import check_number, mismatch, shown
from lib.leaderboard.noise import beyond_recognition, mildly_noised, secret_order

SHORTEST = 16  # bytes of a secret
LEAST = 20  # images
UNCHANGED, NOISED, UNREADABLE = range(3)  # what may have happened to an image


@dataclass(frozen=True, eq=False)
class Key:
    """What nobody but the instructors may have; the i-th entry belongs to the image with the id i + 1.

    labels: int64 (N,), the true classes
    treatment: int8 (N,): UNCHANGED, NOISED (mildly), or UNREADABLE (noised beyond recognition)
    public: bool (N,), whether an image counts for the public half
    classes: their names
    data: the name of the data set
    digest: of the images, which tells whether a key belongs to them
    """

    labels: np.ndarray = field(repr=False)
    treatment: np.ndarray = field(repr=False)
    public: np.ndarray = field(repr=False)
    classes: tuple[str, ...]
    data: str
    digest: str

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def private(self) -> np.ndarray:
        """bool (N,), whether an image counts for the private half; those beyond recognition count nowhere."""
        return ~self.public & (self.treatment != UNREADABLE)


@dataclass(frozen=True, eq=False)
class Competition:
    """What students get, and what they do not.

    images: uint8 (N, C, H, W), those of the test split in another order, some of them changed
    key: what is true of them
    """

    images: np.ndarray
    key: Key


def make_competition(
    dataset: Dataset, secret: bytes, *, noised: float = 0.5, unreadable: float = 0.03
) -> Competition:
    """Shuffles the test images, changes some, and divides them into halves; the same secret does the same.

    dataset: whose test split is used
    secret: at least 16 bytes that nobody can guess
    noised: the share of the images that get mild noise, which a net hardly minds
    unreadable: the share that is noised beyond recognition, and counts in no score

    Raises `ValueError` for a shorter secret, for fewer than 20 images, and where the shares leave nothing.

    Source: deck A2, "Make a submission": test images shuffled, and random noise on some of them.
    """
    if not isinstance(secret, bytes) or len(secret) < SHORTEST:
        came = f"{len(secret)} bytes" if isinstance(secret, bytes) else f"a {type(secret).__name__}"
        raise mismatch("", "secret", f"at least {SHORTEST} bytes", came)
    noised = check_number(noised, name="noised", low=0, high=1)
    unreadable = check_number(unreadable, name="unreadable", low=0, high=1)
    if noised + unreadable > 1:
        raise mismatch("", "noised", f"at most 1 − unreadable = {1 - unreadable:g}", shown(noised))
    count = len(dataset.test)
    if count < LEAST:
        raise mismatch("", "dataset", f"at least {LEAST} test images", shown(count))
    order = secret_order(secret, "order", count)
    images, labels = np.array(dataset.test.images)[order], dataset.test.labels[order]
    treatment = _treatment(secret, count, round(unreadable * count), round(noised * count))
    for row in np.flatnonzero(treatment == NOISED):
        images[row] = mildly_noised(images[row], secret, f"mild {row}")
    for row in np.flatnonzero(treatment == UNREADABLE):
        images[row] = beyond_recognition(images[row], secret, f"strong {row}")
    scored = np.flatnonzero(treatment != UNREADABLE)
    public = np.zeros(count, bool)
    public[scored[secret_order(secret, "halves", len(scored))[: len(scored) // 2]]] = True
    key = Key(labels, treatment, public, dataset.classes, dataset.name, digest_of(images))
    return Competition(images, key)


def digest_of(images: np.ndarray) -> str:
    """What two sets of images have in common only where they are the same: SHA-256 of shape and pixels."""
    digest = hashlib.sha256(repr(images.shape).encode())
    digest.update(np.ascontiguousarray(images).data)
    return digest.hexdigest()


def _treatment(secret: bytes, count: int, unreadable: int, noised: int) -> np.ndarray:
    """What happens to each image, int8 (count,); the order of the images says nothing about it."""
    treatment = np.full(count, UNCHANGED, np.int8)
    chosen = secret_order(secret, "treatment", count)
    treatment[chosen[:unreadable]] = UNREADABLE
    treatment[chosen[unreadable : unreadable + noised]] = NOISED
    return treatment
