"""The weights of a trained net: out of a checkpoint into a net, or into a small file of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from lib.checks import shown
from lib.convnets.checkpoint_files import read_checkpoint, save_atomically


def weights_of(checkpoint: dict[str, Any]) -> dict[str, Tensor]:
    """The weights to classify with: their moving average, where the training kept one."""
    return checkpoint["hooks"].get("EMA", {}).get("model", checkpoint["learner"]["model"])


def load_weights(path: str | Path, model: nn.Module) -> dict[str, Any]:
    """Puts the weights of a checkpoint into a net that was built alike; returns the whole checkpoint.

    Raises `ValueError` where names or shapes differ; then the net has not changed.
    """
    checkpoint = read_checkpoint(path)
    check_fits(weights_of(checkpoint), model.state_dict(), path)
    model.load_state_dict(weights_of(checkpoint))
    return checkpoint


def save_weights(source: str | Path, target: str | Path, *, dtype: torch.dtype = torch.bfloat16) -> None:
    """Writes a checkpoint anew with all that it takes to use the net, and nothing to train on with.

    source: of the finished training
    target: of the new file, which `load_weights` reads too
    dtype: of the weights in it; bfloat16 takes half the space, and three digits of each number stay

    Raises what `read_checkpoint` raises.
    """
    checkpoint = read_checkpoint(source)
    weights = {
        name: tensor.to(dtype).contiguous() if tensor.is_floating_point() else tensor
        for name, tensor in weights_of(checkpoint).items()
    }
    save_atomically(target, checkpoint | {"learner": {"model": weights}, "hooks": {}})


def check_fits(then: Any, now: dict[str, Tensor], path: str | Path) -> None:
    """Raises `ValueError` unless the weights of a file have the names and shapes of those of a net."""
    if not isinstance(then, dict) or not all(isinstance(value, Tensor) for value in then.values()):
        raise ValueError(f"path: expected weights by name, got {shown(then)} in {path}")
    missing, unknown = (
        [name for name in one if name not in other] for one, other in ((now, then), (then, now))
    )
    if missing or unknown:
        lacks, extra = (", ".join(names[:3]) or "nothing" for names in (missing, unknown))
        raise ValueError(
            f"path: expected the weights of this net, got {path}, which lacks {lacks} and adds {extra}; "
            "build the net that was saved"
        )
    for name, tensor in now.items():
        old, new = tuple(then[name].shape), tuple(tensor.shape)
        if old != new:
            advice = ""
            if len(old) == len(new) and old[1:] == new[1:] and name == _last_matrix(now):
                advice = f"; it knows {old[0]} classes: build_model(…, num_classes={old[0]})"
            raise ValueError(f"path: expected {name} of shape {new}, got {old} in {path}{advice}")


def _last_matrix(weights: dict[str, Tensor]) -> str:
    """The name of the classifier's weights: the last that are no vector."""
    return next((name for name in reversed(weights) if weights[name].ndim >= 2), "")
