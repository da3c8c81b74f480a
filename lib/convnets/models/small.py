"""The small convnet: two layers that look, two that decide. Quick on any computer."""

from torch import nn

from lib.checks import check_whole


def small(num_classes: int, input_size: int, *, width: int = 32) -> nn.Sequential:
    """Two 5 × 5 convolutions, each with a pooling, then two linear layers: 0.58 million parameters.

    width: channels of the first convolution; the others follow from it

    Source: after LeCun et al., 1998, with ReLU.
    """
    check_whole(input_size, name="input_size", owner="small", low=4)
    check_whole(width, name="width", owner="small", low=1)
    side = input_size // 4  # after two poolings
    return nn.Sequential(
        nn.Conv2d(3, width, kernel_size=5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(width, 2 * width, kernel_size=5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(2 * width * side**2, 4 * width),
        nn.ReLU(),
        nn.Linear(4 * width, num_classes),
    )
