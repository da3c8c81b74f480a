"""Training in numpy: one loop for every network of `lib.nn`. Start reading at trainer.py."""

from lib.training.images import PixelScale, RandomFlipAndShift
from lib.training.trainer import Trainer

__all__ = ["PixelScale", "RandomFlipAndShift", "Trainer"]
