"""Predictions of lecture 11, CIFAR-10 on the GPU."""

from __future__ import annotations

import numpy as np

from lib.lessons.predictions.kinds import Choice, Number, Sketch, Slider
from lib.lessons.predictions.prediction import Prediction
from lib.lessons.predictions.scale import Scale

# Of fast_half on two cores of a processor: lib/convnets/studies/sitting.json has all digits.
SECONDS = (19.3, 38.6, 62.9, 82.6, 101.4, 120.2, 139.3, 158.4, 164.5)
RIGHT = (65.1, 70.6, 76.1, 77.7, 80.4, 81.0, 84.4, 87.6, 87.2)  # % of the validation images


def minutes_of_fast_half(seconds: np.ndarray) -> np.ndarray:
    """The per cent of validation images that are right after so many seconds of training."""
    return np.interp(seconds, SECONDS, RIGHT)


predictions = [
    Prediction(
        "11.where",
        "The net has moved to another device, the images have not. What does `model(images)` do?",
        Choice(
            "it moves the images as well",
            "it computes where the images are",
            "it stops with an error",
            "it returns scores that are wrong",
        ),
        "it stops with an error",
        "Nothing travels by itself. This is the most frequent error of the first week with a GPU, and its "
        "message names both devices.",
        tells=("travels by itself", "most frequent error"),
    ),
    Prediction(
        "11.all_versions",
        "Each of 50,000 images moves by up to 4 pixels down or up, by up to 4 to the right or left, and is "
        "mirrored or not. All versions are kept, as 32-bit floats. How many gigabytes, billions of bytes, "
        "are they?",
        Number(0.1, 10_000, unit="GB", log=True, close=1.1),
        99.5,
        "There are $9 \\cdot 9 \\cdot 2 = 162$ versions, and one of each image takes 0.614 GB, four times "
        "its bytes. Few GPUs hold them all. And in ten epochs a net sees at most ten versions of an image.",
        tells=("99.5", "162"),
    ),
    Prediction(
        "11.third_minute",
        "The net `fast_half` is trained on CIFAR-10 on two cores of a processor. Draw how many per cent of "
        "the validation images are right, from the end of the first epoch (19 seconds) to the last (165).",
        Sketch(
            Scale(19.3, 164.5, "seconds of training"),
            Scale(0, 100, "validation images right", unit="%"),
            points=10,
        ),
        minutes_of_fast_half,
        "After one look at each image two thirds are right. Each further point is dearer, but the last "
        "epochs bring six points at once: the schedule lowers the rate there.",
        tells=("87.2", "two thirds", "65 %", "six points"),
    ),
    Prediction(
        "11.training_curve",
        "The same training: on which side of the validation curve does the curve of the *training* images "
        "lie?",
        Choice("always above it", "above it first, then below", "below it first, then above", "always below"),
        "below it first, then above",
        "Validation images are not easier. The training accuracy is measured on augmented images, and it is "
        "a mean over the epoch: half of it was counted when the net was worse. In the end the net knows its "
        "training images better all the same.",
        tells=("mean over the epoch", "measured on augmented"),
    ),
    Prediction(
        "11.bridge",
        "The same loop trains a numpy net and its torch twin on the same ten batches, in 64 bits. In which "
        "digit do their ten losses begin to differ?",
        Choice("in the second", "in about the fourth", "in about the eighth", "in the last ones, if at all"),
        "in the last ones, if at all",
        "Forward, backward, batch norm, momentum, label smoothing, schedule: one wrong sign in any of them, "
        "and the second row would differ. Sums in another order change the last digits.",
        tells=("second row", "another order"),
    ),
    Prediction(
        "11.resumed",
        "A training was killed in the middle of its third epoch, and goes on from the checkpoint of the end "
        "of the second. By how much do its losses differ from those of a training that ran through?",
        Choice("visibly, for a few steps", "in the last digits", "not at all, to the last bit"),
        "not at all, to the last bit",
        "The checkpoint holds all that the next step depends on, and the order of the images follows from "
        "the seed and the number of the epoch alone.",
        tells=("bit for bit", "last bit", "order of an epoch"),
    ),
    Prediction(
        "11.patience",
        "The net `fast` ran for eleven epochs and ended with 88.7 % of the validation images. With early "
        "stopping and a patience of one epoch: how many per cent would the kept net have right?",
        Slider(60, 95, step=0.1, unit="%", close=1.5),
        81.8,
        "It had one bad epoch, the sixth, while the rate was still high, and would have stopped there. "
        "Where a schedule lowers the rate to 0, the best comes at the end: let it run through.",
        tells=("81.8", "bad epoch", "sixth"),
    ),
]
