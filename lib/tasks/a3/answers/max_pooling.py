"""`MaxPool2d`: the right answer, and those that students give."""

from __future__ import annotations

import numpy as np

from lib.tasks.a3.max_pooling import task


@task.reference
class MaxPool2d:
    """The largest number of each window; a loop over the places in a window."""

    def __init__(self, kernel_size, stride):
        self.stride, self.kernel_size = stride, kernel_size

    def forward(self, x):
        return self.windows(x).max(axis=0)

    def backward(self, x, grad_output):
        winner = self.windows(x).argmax(axis=0)  # the first of equal ones
        return self.spread(x, [grad_output * (winner == k) for k in range(len(self.places(x)))])

    def places(self, x):
        """For each place in a window, in reading order, the pixels that stand there, as an index."""
        (KH, KW), (SH, SW), (OH, OW) = self.kernel_size, self.stride, self.output_size(x)
        return [
            (..., slice(u, u + SH * (OH - 1) + 1, SH), slice(v, v + SW * (OW - 1) + 1, SW))
            for u, v in np.ndindex(KH, KW)
        ]

    def output_size(self, x):
        return [(n - k) // s + 1 for n, k, s in zip(x.shape[2:], self.kernel_size, self.stride, strict=True)]

    def windows(self, x):
        """(KH · KW, N, C, OH, OW)."""
        return np.stack([x[below] for below in self.places(x)])

    def spread(self, x, gradients):
        """Adds up what the pixels at each place of a window get."""
        grad_input = np.zeros_like(x)
        for below, gradient in zip(self.places(x), gradients, strict=True):
            grad_input[below] += gradient
        return grad_input


# Forward.


@task.wrong(
    108,
    "The maximum begins at 0, so windows of negative numbers give 0: a window of −3 and −5 has the "
    "maximum −3.",
    breaks="negative",
)
class FromZero(MaxPool2d):
    def forward(self, x):
        return np.maximum(super().forward(x), 0)


@task.wrong(
    108,
    "The maximum begins at a negative number that is not small enough: begin with −∞, or with the "
    "window's first number.",
    breaks="negative",
)
class FromMinusThousand(MaxPool2d):
    def forward(self, x):
        return np.maximum(super().forward(x), -1000)


@task.wrong(
    108,
    "You took the number that is farthest from 0: of −3 and −5 the largest is −3.",
    breaks="negative",
)
class LargestMagnitude(MaxPool2d):
    def forward(self, x):
        windows = self.windows(x)
        return np.take_along_axis(windows, abs(windows).argmax(axis=0)[None], axis=0)[0]


@task.wrong(
    0,
    "Your forward takes the mean of each window: max pooling takes its largest number.",
    breaks=("output", "negative"),
)
class MeanForward(MaxPool2d):
    def forward(self, x):
        return self.windows(x).mean(axis=0)


@task.wrong(0, "Your forward takes the smallest number of each window.", breaks=("output", "negative"))
class Smallest(MaxPool2d):
    def forward(self, x):
        return self.windows(x).min(axis=0)


@task.wrong(
    0,
    "Your windows lie side by side whatever the stride is: they begin `stride` pixels apart.",
    breaks=("output", "remainder"),
)
class StrideIsKernel(MaxPool2d):
    def forward(self, x):
        return MaxPool2d(self.kernel_size, self.kernel_size).windows(x).max(axis=0)


@task.wrong(
    0,
    "Your windows begin one pixel apart whatever the stride is: window i begins at pixel i · stride.",
    breaks=("output", "negative", "remainder"),
)
class StrideInTheSizeOnly(MaxPool2d):
    def forward(self, x):
        OH, OW = self.output_size(x)
        return MaxPool2d(self.kernel_size, (1, 1)).windows(x).max(axis=0)[..., :OH, :OW]


@task.wrong(
    0,
    "Height and width of the window are exchanged: the height comes first in every pair.",
    breaks=("output", "negative", "remainder"),
)
class KernelExchanged(MaxPool2d):
    def forward(self, x):
        return MaxPool2d(self.kernel_size[::-1], self.stride).windows(x).max(axis=0)


@task.wrong(
    0,
    "The strides of rows and columns are exchanged: the height comes first in every pair.",
    breaks=("output", "negative", "remainder"),
)
class StridesExchanged(MaxPool2d):
    def forward(self, x):
        return MaxPool2d(self.kernel_size, self.stride[::-1]).windows(x).max(axis=0)


@task.wrong(
    0,
    "The channels are pooled too: the maximum is taken in each channel by itself.",
    breaks=("output", "negative", "remainder"),
)
class OverChannels(MaxPool2d):
    def forward(self, x):
        return super().forward(x).max(axis=1)


@task.wrong(
    0,
    "The last windows run over the edge: a window counts only where it fits, what is left at the edge "
    "belongs to none.",
    breaks="remainder",
)
class RoundedUp(MaxPool2d):
    def forward(self, x):
        more = [-(n - k) % s for n, k, s in zip(x.shape[2:], self.kernel_size, self.stride, strict=True)]
        frame = [(0, 0), (0, 0), (0, more[0]), (0, more[1])]
        return self.windows(np.pad(x, frame, constant_values=-np.inf)).max(axis=0)


@task.wrong(
    0,
    "The last window is missing along each axis: there are ⌊(H − kernel) / stride⌋ + 1.",
    breaks=("output", "negative", "remainder"),
)
class WithoutTheOne(MaxPool2d):
    def forward(self, x):
        return super().forward(x)[..., :-1, :-1]


# Backward.


@task.wrong(
    109,
    "Where windows overlap, the last one overwrites the others: a pixel that wins two windows gets both "
    "gradients.",
    breaks="grad_input",
)
class Overwritten(MaxPool2d):
    def spread(self, x, gradients):
        grad_input = np.zeros_like(x)
        for below, gradient in zip(self.places(x), gradients, strict=True):
            grad_input[below] = np.where(gradient != 0, gradient, grad_input[below])
        return grad_input


@task.wrong(
    109,
    "Where windows overlap, the zeros of the last one wipe out what others have given: gradients add up.",
    breaks="grad_input",
)
class WipedOut(MaxPool2d):
    def backward(self, x, grad_output):
        (KH, KW), (SH, SW) = self.kernel_size, self.stride
        grad_input = np.zeros_like(x)
        for i, j in np.ndindex(grad_output.shape[2:]):
            window = np.s_[..., i * SH : i * SH + KH, j * SW : j * SW + KW]
            flat = x[window].reshape(*x.shape[:2], -1)
            first = np.arange(KH * KW) == flat.argmax(axis=2)[..., None]
            grad_input[window] = first.reshape(*x.shape[:2], KH, KW) * grad_output[..., i, j, None, None]
        return grad_input


@task.wrong(
    110,
    "Every one of the equal maxima gets the whole gradient: the first in reading order gets it all, the "
    "others nothing.",
    breaks="ties",
)
class ToEveryMaximum(MaxPool2d):
    def backward(self, x, grad_output):
        windows = self.windows(x)
        return self.spread(x, grad_output * (windows == windows.max(axis=0)))


@task.wrong(
    110,
    "Equal maxima share the gradient: the first in reading order gets it all.",
    breaks="ties",
)
class SharedOut(MaxPool2d):
    def backward(self, x, grad_output):
        windows = self.windows(x)
        largest = windows == windows.max(axis=0)
        return self.spread(x, grad_output * largest / largest.sum(axis=0))


@task.wrong(
    110,
    "Of equal maxima the last one gets the gradient: it is the first in reading order.",
    breaks="ties",
)
class ToTheLast(MaxPool2d):
    def backward(self, x, grad_output):
        winner = (
            self.windows(x)[::-1].argmax(axis=0)[None]
            == np.arange(np.prod(self.kernel_size))[::-1, None, None, None, None]
        )
        return self.spread(x, grad_output * winner)


@task.wrong(
    110,
    "Of equal maxima the first one column by column gets the gradient: reading order goes row by row.",
    breaks="ties",
)
class ColumnByColumn(MaxPool2d):
    def backward(self, x, grad_output):
        KH, KW = self.kernel_size
        order = np.arange(KH * KW).reshape(KH, KW).T.ravel()
        winner = order[self.windows(x)[order].argmax(axis=0)]
        return self.spread(x, [grad_output * (winner == k) for k in range(KH * KW)])


@task.wrong(
    110,
    "Where the largest number is 0 your windows have no gradient: a maximum of 0 is one like any other.",
    breaks="ties",
)
class NoneAtZero(MaxPool2d):
    def backward(self, x, grad_output):
        return super().backward(x, grad_output * (self.windows(x).max(axis=0) != 0))


@task.wrong(
    111,
    "The largest number is looked for in the whole image: each window has a winner of its own.",
    breaks=("grad_input", "negative", "ties"),
)
class WholeImage(MaxPool2d):
    def backward(self, x, grad_output):
        flat = x.reshape(*x.shape[:2], -1)
        first = np.arange(flat.shape[2]) == flat.argmax(axis=2)[..., None]
        return first.reshape(x.shape) * grad_output.sum(axis=(2, 3), keepdims=True)


@task.wrong(
    111,
    "Each pixel is compared with one window alone, though it lies in several where they overlap: go from "
    "window to window.",
    breaks=("grad_input", "remainder"),
)
class OneWindowForEachPixel(MaxPool2d):
    def backward(self, x, grad_output):
        (SH, SW), (KH, KW) = self.stride, self.kernel_size
        return self.spread(
            x,
            [
                grad_output * (self.windows(x).argmax(axis=0) == k) * (u < SH and v < SW)
                for k, (u, v) in enumerate(np.ndindex(KH, KW))
            ],
        )


@task.wrong(
    112,
    "Only the first window hands its gradient on: is there a return inside the loop?",
    breaks=("grad_input", "negative", "ties", "remainder"),
)
class ReturnInTheLoop(MaxPool2d):
    def backward(self, x, grad_output):
        first = np.zeros_like(grad_output)
        first[..., 0, 0] = grad_output[..., 0, 0]
        return super().backward(x, first)


@task.wrong(
    113,
    "Every pixel of a window gets an equal share, as in mean pooling: the largest one gets it all.",
    breaks=("grad_input", "negative", "ties"),
)
class SpreadEvenly(MaxPool2d):
    def backward(self, x, grad_output):
        count = np.prod(self.kernel_size)
        return self.spread(x, [grad_output / count] * count)


@task.wrong(
    0,
    "The largest numbers come back in place of their gradients: the winner of a window gets grad_output.",
    breaks=("grad_input", "negative", "ties"),
)
class NumbersForGradients(MaxPool2d):
    def backward(self, x, grad_output):
        return super().backward(x, self.windows(x).max(axis=0))


@task.wrong(
    0,
    "The winners get 1 and not the window's gradient: multiply by grad_output.",
    breaks=("grad_input", "negative", "ties"),
)
class MaskAlone(MaxPool2d):
    def backward(self, x, grad_output):
        return super().backward(x, np.ones_like(grad_output))


@task.wrong(
    0,
    "The gradient is too small: pixels that no window covers have the gradient 0, but they have one.",
    breaks="remainder",
)
class OnlyWhatIsCovered(MaxPool2d):
    def backward(self, x, grad_output):
        sizes = zip(x.shape[2:], self.kernel_size, self.stride, strict=True)
        bottom, right = (n - (n - k) % s for n, k, s in sizes)
        return super().backward(x, grad_output)[:, :, :bottom, :right]


# The rest.


@task.wrong(
    0,
    "The steps of forward and backward grow with the number of images: let numpy take all images at once, "
    "and loop over the window's places or over the windows.",
    breaks="no loop over images",
)
class ImageByImage(MaxPool2d):
    def forward(self, x):
        return np.concatenate([super(ImageByImage, self).forward(image[None]) for image in x])

    def backward(self, x, grad_output):
        each = super().backward
        return np.concatenate([each(a[None], g[None]) for a, g in zip(x, grad_output, strict=True)])


@task.wrong(
    0,
    "The steps of backward grow with the number of images: let numpy take all images at once.",
    breaks="no loop over images",
)
class BackwardImageByImage(MaxPool2d):
    def backward(self, x, grad_output):
        each = super().backward
        return np.concatenate([each(a[None], g[None]) for a, g in zip(x, grad_output, strict=True)])


@task.wrong(0, "The caller's x has changed: forward and backward read it only.", breaks="contract")
class InputChanged(MaxPool2d):
    def backward(self, x, grad_output):
        grad_input = super().backward(x, grad_output)
        x[...] = -np.inf
        return grad_input


@task.wrong(
    0,
    "Gradients are kept from one backward to the next: begin with zeros in each.",
    breaks="contract",
)
class GradientKept(MaxPool2d):
    def spread(self, x, gradients):
        found = super().spread(x, gradients)
        kept = getattr(self, "kept", None)
        self.kept = found if kept is None or kept.shape != found.shape else found + kept
        return self.kept


@task.wrong(
    0,
    "The winners of the first batch are used for the second: find them anew in every forward.",
    breaks="contract",
)
class WinnersKept(MaxPool2d):
    def windows(self, x):
        windows = super().windows(x)
        if not hasattr(self, "shape"):
            self.shape = x.shape[:2]
        return windows if self.shape == x.shape[:2] else windows[::-1] * 0


@task.wrong(
    0, "Your maximum begins at −10⁹, and numbers may be lower: begin at the first number of "
    "the window, or at −inf.",
    breaks="negative",
)  # fmt: skip
class FromMinusABillion(MaxPool2d):
    def forward(self, x):
        return np.maximum(super().forward(x), -1e9)


@task.wrong(
    0, "Images may have another height and width at the next call: what belongs to a size is not kept.",
    breaks="contract",
)  # fmt: skip
class SizeKept(MaxPool2d):
    size = None

    def forward(self, x):
        self.size = self.size or x.shape[2:]
        return super().forward(x[:, :, : self.size[0], : self.size[1]])


@task.wrong(
    0, "The flat view of zeros_like(x) may be a copy, where x lies in memory in another order: what you "
    "write there is lost.",
    breaks="contract",
)  # fmt: skip
class WritesToACopy(MaxPool2d):
    def backward(self, x, grad_output):
        grad_input = np.zeros_like(x)
        grad_input.reshape(-1)[...] = super().backward(x, grad_output).ravel()
        return grad_input


@task.wrong(
    0, "Where windows are square and side by side, equal numbers share the gradient: the first gets all.",
    breaks="ties",
)  # fmt: skip
class SharedOutInSquares(MaxPool2d):
    """The short cut by reshape, for the setting that is the most usual one."""

    def backward(self, x, grad_output):
        size = self.kernel_size[0]
        if {*self.kernel_size, *self.stride} != {size} or x.shape[2] % size or x.shape[3] % size:
            return super().backward(x, grad_output)
        cells = x.reshape(*x.shape[:2], x.shape[2] // size, size, x.shape[3] // size, size)
        won = cells == cells.max(axis=(3, 5), keepdims=True)
        shares = won / won.sum(axis=(3, 5), keepdims=True)
        return (shares * grad_output[:, :, :, None, :, None]).reshape(x.shape)
