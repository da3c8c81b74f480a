"""Predictions of lecture 10, architectures."""

from __future__ import annotations

import numpy as np

from lib.lessons.predictions.kinds import Choice, Number, SeveralNumbers, Sketch, Slider
from lib.lessons.predictions.prediction import Prediction
from lib.lessons.predictions.scale import Scale

PLAIN_56 = (10.2, 10.6, 11.1, 11.2, 11.0, 10.9, 11.2, 11.5, 12.2, 12.4, 12.4, 12.7, 12.7, 13.1, 13.2, 13.3)


def accuracy_of_plain_56(epoch: np.ndarray) -> np.ndarray:
    """Training images that the plain net of 56 layers names rightly, in per cent: the mean of five seeds.

    lib/convnets/studies/depth.json holds them, epochs 1 to 16.
    """
    return np.interp(epoch, np.arange(1, 17), PLAIN_56)


def share_of_small_kernels(k: np.ndarray) -> np.ndarray:
    """Weights of the layers of 3 × 3 that see k × k, in per cent of those of one layer of k × k."""
    return 100 * 9 * (k - 1) / 2 / k**2


predictions = [
    Prediction(
        "10.conv_share",
        "AlexNet has five convolutions and three linear layers. How much is in the convolutions: of its "
        "parameters, and of its multiply–adds?",
        SeveralNumbers(("of the parameters", "of the multiply–adds"), 0, 100, unit="%", close=6),
        (6.0, 94.8),
        "The weights are in the linear layers, the work is in the convolutions. Two fifths of all work "
        "are in one layer, the second convolution.",
        tells=("94 %", "95 %", "94.8", "two fifths"),
    ),
    Prediction(
        "10.twice_as_wide",
        "Every layer of AlexNet but the last gets twice as many channels or units. How many times as many "
        "parameters has it then?",
        Slider(1, 8, step=0.1, unit="times", close=0.3),
        3.87,
        "A weight joins a channel that goes in with a channel that comes out: twice as many on both sides "
        "are four times as many weights. Only the first layer and the last are bound on one side.",
        tells=("four times as many", "fourfold", "3.9", "3.87"),
    ),
    Prediction(
        "10.share_of_small",
        "Layers of 3 × 3, one after the other, replace one layer of $k \\times k$ and see as much; all have "
        "as many channels. Draw how many weights they have together, in per cent of those of the one.",
        Sketch(Scale(3, 15, "side k of the large kernel"), Scale(0, 120, "weights, % of k × k")),
        share_of_small_kernels,
        "The layers that you need grow with $k$, the weights of the large kernel with $k^2$. For 5 × 5 it is "
        "72 %, for 7 × 7 it is 55 %.",
        tells=("72 %", "55 %", "grows with $k^2$"),
    ),
    Prediction(
        "10.without_front",
        "192 maps go into GoogLeNet's first module; 64, 128 and 32 leave its first three branches. Three of "
        "its 1 × 1 layers only make many maps few: in front of the 3 × 3 (96 maps), in front of the 5 × 5 "
        "(16), behind the pooling (32). Take these three away. How many times as many weights has the module "
        "then?",
        Slider(0.2, 10, step=0.1, unit="times", close=0.3),
        2.37,
        "And 416 maps would come out instead of 256, since the pooling hands on all its 192.",
        tells=("2.37", "2.4", "387", "416"),
    ),
    Prediction(
        "10.plain_56",
        "After 16 epochs the plain net of 20 layers names 51 % of its *training* images rightly. Draw the "
        "curve of the plain net of 56 layers, on the same training images.",
        Sketch(Scale(1, 16, "epoch"), Scale(0, 100, "training images, right, %"), points=16),
        accuracy_of_plain_56,
        "It ends at 13 %, hardly better than guessing. A net as good as the small one is among all that it "
        "could be, and gradient descent does not find it.",
        tells=("13 %", "better than guessing", "more than guessing"),
    ),
    Prediction(
        "10.skip_slope",
        "The slope of each body is 0.1. What is the slope of a chain of 27 blocks, without the wire and with "
        "it?",
        SeveralNumbers(("without", "with the wire"), 1e-30, 1e6, log=True, close=3),
        (1e-27, 13.1),
        "Without it is $0.1^{27}$. With it, the slope of a block is $1 + 0.1$, and $1.1^{27} = 13.1$.",
        tells=("13.1", "10^{-27}", "1 + 0.1"),
    ),
    Prediction(
        "10.resnet_152",
        "VGG\u201119 has 144 million parameters and does 19.6 billion multiply–adds. ResNet-152 has eight "
        "times as many layers. What else does it have?",
        Choice(
            "more parameters and more work",
            "more parameters and less work",
            "fewer parameters and more work",
            "fewer parameters and less work",
        ),
        "fewer parameters and less work",
        "60 million parameters and 11.5 billion multiply–adds. Depth is cheap if the maps are small and the "
        "kernels are, too.",
        tells=("60 million", "11.5", "depth is cheap", "fewer parameters and"),
    ),
    Prediction(
        "10.vgg_times",
        "Count both in the same way. How many times as much work is VGG\u201119 as the AlexNet of 2012?",
        Slider(1, 60, step=1, unit="times", close=3),
        27,
        "The 1.5 billion are 1.45: multiplications *and* additions of the net of 2012. The 19.6 billion of "
        "VGG\u201119 are multiply–adds. The books divide one by the other.",
        tells=("27 times", "1.45", "books divide"),
    ),
    Prediction(
        "10.activations",
        "VGG\u201119 has 144 million weights: with gradients and momentum they take 1.7 GB. How much do the "
        "activations of a batch of 128 images take, at 4 bytes each?",
        Number(0.01, 1000, unit="GB", log=True, close=1.5),
        23.6,
        "With the weights it is 25.3 GB, so it does not fit on a GPU of 24 GB.",
        tells=("23.6", "25.3", "24 GB"),
    ),
    Prediction(
        "10.images_a_second",
        "A processor does 100 billion operations a second at best, × and + apart. AlexNet needs 1.14 billion "
        "multiply–adds for an image. How many images a second can it look at?",
        Number(0.1, 10_000, unit="images", log=True, close=1.2),
        44,
        "1.14 billion multiply–adds are 2.27 billion operations. 44 images are the most; in truth, fewer.",
        tells=("44 images", "at most 44", "2.27"),
    ),
    Prediction(
        "10.epsilon",
        "Colours come in steps of 1/255. Which $\\varepsilon$ is the smallest of these that changes the "
        "answer for a picture of a ring?",
        Choice("1/255", "2/255", "8/255", "32/255"),
        "2/255",
        "3,072 numbers change by less than 1 % each, and no eye sees it.",
        tells=("ε = 2/255", "= 2/255", "less than 1 %"),
    ),
    Prediction(
        "10.sanity",
        "For twelve images, the map of the trained net is compared with that of the untrained one. With "
        "which method are the two more alike?",
        Choice("saliency", "Grad-CAM", "both the same: hardly at all"),
        "saliency",
        "Its correlation is about 0.3, that of Grad-CAM about 0. A gradient in the pixels also follows the "
        "edges of the picture, whatever was learnt. A method that showed nothing else would reach 1.",
        tells=("about 0.3", "follows the edges", "0.27"),
    ),
]
