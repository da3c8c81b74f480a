"""All-CNN-C: convolutions alone. Strides take the place of poolings, a mean that of linear layers."""

from torch import nn

from lib.checks import check_whole
from lib.convnets.models.parts import conv_norm, he_start


def allcnn(num_classes: int, input_size: int) -> nn.Sequential:
    """Nine convolutions; the last makes one map a class, whose mean is the score. Here with batch norm.

    Source: Springenberg, Dosovitskiy, Brox and Riedmiller, "Striving for Simplicity", 2014.
    """
    check_whole(input_size, name="input_size", owner="allcnn", low=9)
    return he_start(
        nn.Sequential(
            nn.Dropout(0.2),
            *conv_norm(3, 96), nn.ReLU(),
            *conv_norm(96, 96), nn.ReLU(),
            *conv_norm(96, 96, stride=2), nn.ReLU(),  # in place of a pooling
            nn.Dropout(0.5),
            *conv_norm(96, 192), nn.ReLU(),
            *conv_norm(192, 192), nn.ReLU(),
            *conv_norm(192, 192, stride=2), nn.ReLU(),  # in place of a pooling
            nn.Dropout(0.5),
            *conv_norm(192, 192, padding=0), nn.ReLU(),
            *conv_norm(192, 192, 1, padding=0), nn.ReLU(),
            nn.Conv2d(192, num_classes, 1),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
        )
    )  # fmt: skip
