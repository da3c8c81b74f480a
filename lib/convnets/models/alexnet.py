"""AlexNet, the net that won ILSVRC 2012 by eleven points, and the same idea for 32 × 32 images."""

from torch import nn

from lib.checks import check_choice, check_whole, mismatch
from lib.convnets.models.parts import conv_norm, he_start


def alexnet(num_classes: int, input_size: int, *, groups: int = 1) -> nn.Sequential:
    """Deck C's "Alex Net in Torch", line by line: 62,378,344 parameters for 1,000 classes at 224 × 224.

    This is not torchvision's `alexnet` (61,100,840): that is a later net of Krizhevsky's, with 64 channels
    first. Nor is it quite the one of 2012: that was cut in two for two GPUs of 3 GB.

    groups: 2 cuts convolutions 2, 4 and 5 in two halves which do not see each other, as in 2012, and leaves
        60,965,224 parameters

    Source: Krizhevsky, Sutskever and Hinton, 2012; deck C, "Alex Net in Torch".
    """
    if input_size < 63:
        advice = "for small images there is 'alexnet_cifar'"
        raise mismatch("alexnet", "input_size", "at least 63 pixels", str(input_size), advice)
    check_choice(groups, (1, 2), name="groups", owner="alexnet")
    side = pooled(pooled(pooled((input_size - 7) // 4 + 1)))  # 224 → 55 → 27 → 13 → 6
    return nn.Sequential(
        nn.Conv2d(3, 96, kernel_size=11, stride=4, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(3, stride=2),
        nn.Conv2d(96, 256, kernel_size=5, padding=2, groups=groups),
        nn.ReLU(),
        nn.MaxPool2d(3, stride=2),
        nn.Conv2d(256, 384, kernel_size=3, padding=1),
        nn.ReLU(),
        nn.Conv2d(384, 384, kernel_size=3, padding=1, groups=groups),
        nn.ReLU(),
        nn.Conv2d(384, 256, kernel_size=3, padding=1, groups=groups),
        nn.ReLU(),
        nn.MaxPool2d(3, stride=2),
        nn.Flatten(),  # nn.View(256*6*6)
        nn.Linear(256 * side * side, 4096),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(4096, 4096),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(4096, num_classes),
    )


def pooled(size: int) -> int:
    """How many pixels are left of so many after a pooling of 3 pixels with stride 2."""
    return (size - 3) // 2 + 1


def alexnet_cifar(num_classes: int, input_size: int) -> nn.Sequential:
    """Five convolutions, three poolings and three linear layers as in AlexNet, for 32 × 32 images.

    3 × 3 kernels without strides, as the images are small; batch norm, which AlexNet came too early for.
    The widths are those of Krizhevsky's one-column net.

    Source: after Krizhevsky, "One weird trick for parallelizing convolutional neural networks", 2014.
    """
    side = check_whole(input_size, name="input_size", owner="alexnet_cifar", low=8) // 8
    return he_start(
        nn.Sequential(
            *conv_norm(3, 64), nn.ReLU(),
            nn.MaxPool2d(2),
            *conv_norm(64, 192), nn.ReLU(),
            nn.MaxPool2d(2),
            *conv_norm(192, 384), nn.ReLU(),
            *conv_norm(384, 256), nn.ReLU(),
            *conv_norm(256, 256), nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Dropout(0.5),
            nn.Linear(256 * side * side, 1024),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Linear(1024, 1024),
            nn.ReLU(),
            nn.Linear(1024, num_classes),
        )
    )  # fmt: skip
