"""Proposals: boxes in which there may be an object, whatever it is."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

import numpy as np

from lib.checks import check_number, check_whole, mismatch, shown
from lib.detection.boxes import iou
from lib.detection.grouping import MergeTree, group
from lib.detection.pictures import check_picture

SCALE, SMALLEST_REGION = 60.0, 20  # of Felzenszwalb's segmentation; pixels
SMALLEST_SIDE = 12  # pixels of a proposal
MISSING = (
    "scikit-image: expected it to be installed, since proposals begin with its regions, got an installation "
    "without it (--light); close JupyterLab and type: python3 course.py start"
)


def merge_tree(image: np.ndarray, scale: float = SCALE) -> MergeTree:
    """The regions of an image, from Felzenszwalb's segmentation to one region that is the image.

    image: uint8 (3, H, W)
    scale: a larger one begins with larger regions, > 0

    Source: Felzenszwalb and Huttenlocher, "Efficient Graph-Based Image Segmentation", IJCV 2004, from
    scikit-image.
    """
    if find_spec("skimage") is None:
        raise ModuleNotFoundError(MISSING, name="skimage")
    from skimage.segmentation import felzenszwalb

    image, scale = check_picture(image), check_number(scale, name="scale", low=0, open_low=True)
    start = felzenszwalb(image.transpose(1, 2, 0), scale=scale, sigma=0.8, min_size=SMALLEST_REGION)
    return group(image, start)


def propose(image: np.ndarray, scales: Sequence[float] = (SCALE,), *, seed: int = 0) -> np.ndarray:
    """Boxes of all regions of the merge trees, each box once: float64 (P, 4).

    image: uint8 (3, H, W)
    scales: of the segmentation; each gives a tree
    seed: of the order: regions that were made late come early, with some chance, so that the first few
        boxes are already a fair choice

    >>> from lib.detection.sets import make_scenes
    >>> propose(make_scenes(1)[0].image).shape[1]
    4
    """
    if not isinstance(scales, (list, tuple, np.ndarray)) or not len(scales):
        raise mismatch("", "scales", "a list of one number or more", shown(scales))
    rng = np.random.default_rng(check_whole(seed, name="seed"))
    boxes, ranks = [], []
    for scale in scales:
        tree = merge_tree(image, scale)
        boxes.append(tree.boxes[::-1])
        ranks.append(np.arange(1, len(tree.boxes) + 1) * rng.uniform(size=len(tree.boxes)))
    all_boxes = np.concatenate(boxes)[np.argsort(np.concatenate(ranks), kind="stable")]
    all_boxes = all_boxes[(all_boxes[:, 2:] - all_boxes[:, :2] >= SMALLEST_SIDE).all(axis=1)]
    _, first = np.unique(all_boxes, axis=0, return_index=True)
    return all_boxes[np.sort(first)]


def best_overlaps(objects: np.ndarray, proposals: np.ndarray) -> np.ndarray:
    """For each object (M, 4) the highest IoU with a proposal (P, 4): (M,); 0 without proposals."""
    return iou(objects, proposals).max(axis=1, initial=0.0)
