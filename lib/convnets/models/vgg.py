"""VGG: nothing but 3 × 3 convolutions and 2 × 2 poolings, sixteen or nineteen layers deep.

Two 3 × 3 convolutions see a patch as large as one of 5 × 5 does, with fewer weights and a ReLU between.

Source: Simonyan and Zisserman, "Very Deep Convolutional Networks", 2014; deck C; batch norm and dropout for
CIFAR-10 after Zagoruyko, 2015, to whom deck A2 points.
"""

from __future__ import annotations

from torch import nn

from lib.checks import check_choice, check_whole
from lib.convnets.models.parts import IMAGENET, he_start

WIDTHS = (64, 128, 256, 512, 512)  # channels, stage by stage
CONVOLUTIONS = {16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}  # of each stage, by depth


def vgg(num_classes: int, input_size: int, *, depth: int = 16) -> nn.Sequential:
    """Five stages of convolutions with batch norm, a pooling after each; then linear layers with dropout.

    Small images: dropout between the convolutions too, and a slim head: 15 million parameters.
    From 128 pixels on: the paper's two layers of 4,096, with which depth 16 has 138 million and 19 has 144.

    depth: layers with weights, 16 or 19
    """
    check_choice(depth, tuple(CONVOLUTIONS), name="depth", owner="vgg")
    side = check_whole(input_size, name="input_size", owner=f"vgg{depth}", low=32) // 32
    large = input_size >= IMAGENET
    layers: list[nn.Module] = []
    channels = 3
    for width, count in zip(WIDTHS, CONVOLUTIONS[depth], strict=True):
        for number in range(count):
            if number > 0 and not large:
                layers.append(nn.Dropout(0.3 if width == 64 else 0.4))
            layers += [nn.Conv2d(channels, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU()]
            channels = width
        layers.append(nn.MaxPool2d(2))
    classifier = imagenet_classifier if large else cifar_classifier
    return he_start(nn.Sequential(*layers, nn.Flatten(), *classifier(channels * side**2, num_classes)))


def cifar_classifier(features: int, num_classes: int) -> list[nn.Module]:
    """One hidden layer of 512, with batch norm."""
    return [
        nn.Dropout(0.5),
        nn.Linear(features, 512),
        nn.BatchNorm1d(512),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(512, num_classes),
    ]


def imagenet_classifier(features: int, num_classes: int) -> list[nn.Module]:
    """Two hidden layers of 4,096: seven eighths of all parameters."""
    return [
        nn.Linear(features, 4096),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(4096, 4096),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(4096, num_classes),
    ]
