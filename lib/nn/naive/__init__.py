"""Plain twins of the fast layers, as one would write them down: to read first, and to check the others."""

from lib.nn.naive.batch_norm import batch_norm_backward, batch_norm_forward
from lib.nn.naive.convolution import col2im, conv2d_backward, conv2d_forward, im2col
from lib.nn.naive.max_pooling import max_pool2d_backward, max_pool2d_forward

__all__ = [
    "batch_norm_backward",
    "batch_norm_forward",
    "col2im",
    "conv2d_backward",
    "conv2d_forward",
    "im2col",
    "max_pool2d_backward",
    "max_pool2d_forward",
]
