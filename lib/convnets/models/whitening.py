"""The stem of `fast` and `fast_mirror`, computed from images."""

from __future__ import annotations

import torch
from torch import nn

from lib.checks import mismatch
from lib.convnets.models.fast import PATCH, Fast, set_stem
from lib.convnets.models.mirror import FastMirror

IMAGES = 5000  # at most so many are looked at


@torch.no_grad()
def whiten(model: nn.Module, images: torch.Tensor, *, smoothing: float = 0.0005) -> None:
    """Sets the stem of `fast` or `fast_mirror` from training images, before the first step.

    Every 2 × 2 patch of three colours is 12 numbers. The directions in which patches vary (the eigenvectors
    of their covariance), each divided by how much they vary in it, are the filters: what comes out is
    uncorrelated, with variance 1. As GELU drops what is negative, each filter comes with its negative.

    model: may be wrapped, as for several GPUs; any other net, and a stem that is learned, stay as they are
    images: floats (N, 3, H, W), scaled as in training; the first 5,000 are enough
    smoothing: added to the variances: directions with hardly any variance are noise
    """
    found = next((part for part in model.modules() if isinstance(part, (Fast, FastMirror))), None)
    if found is None or found.stem.weight.requires_grad:
        return
    if images.ndim != 4 or images.shape[1] != 3 or not images.is_floating_point() or not images.numel():
        raise mismatch("whiten", "images", "floats (N, 3, H, W)", f"{images.dtype} {tuple(images.shape)}")
    patches = nn.functional.unfold(images[:IMAGES].float(), PATCH)  # (N, 12, places)
    patches = patches.transpose(1, 2).flatten(0, 1)
    covariance = torch.cov(patches.T).cpu().double()  # no eigenvectors on MPS
    filters = []
    for kind in found.patches:
        kind = kind.cpu().double()
        variances, directions = torch.linalg.eigh(kind @ covariance @ kind.T)
        filters.append(directions.T @ kind / (variances[:, None] + smoothing).sqrt())
    set_stem(found.stem, torch.cat(filters))
