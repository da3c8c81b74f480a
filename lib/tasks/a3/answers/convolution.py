"""`Conv2d`: the right answer, and those that students give."""

from __future__ import annotations

import numpy as np

from lib.tasks.a3.convolution import task


@task.reference
class Conv2d:
    """Images in a frame of zeros, times a kernel that slides over them; a loop over the kernel's places."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=(1, 1), padding=(0, 0), seed=0):
        self.stride, self.padding, self.kernel_size = stride, padding, kernel_size
        shape = (out_channels, in_channels, *kernel_size)
        self.weight = np.random.default_rng(seed).normal(size=shape) / np.sqrt(np.prod(shape[1:]))
        self.grad_weight = np.zeros(shape)
        self.bias, self.grad_bias = np.zeros((2, out_channels))

    def forward(self, x):
        return correlate(pad(x, self.padding), self.weight, self.stride) + self.bias[:, None, None]

    def backward(self, x, grad_output, scale=1.0):
        self.grad_weight += scale * self.gradient_of_weight(x, grad_output)
        self.grad_bias += scale * self.gradient_of_bias(grad_output)
        return self.gradient_of_input(x, grad_output)

    def gradient_of_weight(self, x, grad_output):
        return weight_gradient(pad(x, self.padding), grad_output, self.weight.shape, self.stride)

    def gradient_of_bias(self, grad_output):
        return grad_output.sum(axis=(0, 2, 3))

    def gradient_of_input(self, x, grad_output):
        return self.crop(self.gradient_of_padded(x, grad_output), x)

    def gradient_of_padded(self, x, grad_output):
        return spread(grad_output, self.weight, self.stride, pad(x, self.padding).shape)

    def crop(self, grad_padded, x):
        (PH, PW), (H, W) = self.padding, x.shape[2:]
        return grad_padded[:, :, PH : PH + H, PW : PW + W]


def pad(x, padding):
    """x in a frame of zeros."""
    PH, PW = padding
    return np.pad(x, [(0, 0), (0, 0), (PH, PH), (PW, PW)])


def places(weight_shape, stride, output_size):
    """For each place of the kernel, (u, v), the pixels that stand below it, as an index."""
    (KH, KW), (SH, SW), (OH, OW) = weight_shape[2:], stride, output_size
    for u, v in np.ndindex(KH, KW):
        yield u, v, (..., slice(u, u + SH * (OH - 1) + 1, SH), slice(v, v + SW * (OW - 1) + 1, SW))


def output_size(size, kernel, stride):
    """How many windows lie along each axis."""
    return [(n - k) // s + 1 for n, k, s in zip(size, kernel, stride, strict=True)]


def correlate(padded, weight, stride, size=None):
    """(N, F, OH, OW), without bias."""
    size = size or output_size(padded.shape[2:], weight.shape[2:], stride)
    output = np.zeros((len(padded), len(weight), *size))
    for u, v, below in places(weight.shape, stride, size):
        output += np.einsum("fc,nchw->nfhw", weight[:, :, u, v], padded[below], optimize=True)
    return output


def weight_gradient(padded, grad_output, shape, stride):
    """(F, C, KH, KW)."""
    gradient = np.zeros(shape)
    for u, v, below in places(shape, stride, grad_output.shape[2:]):
        gradient[:, :, u, v] = np.einsum("nfhw,nchw->fc", grad_output, padded[below], optimize=True)
    return gradient


def spread(grad_output, weight, stride, padded_shape):
    """Each window's gradient times the kernel, added where its pixels are."""
    gradient = np.zeros(padded_shape)
    for u, v, below in places(weight.shape, stride, grad_output.shape[2:]):
        gradient[below] += np.einsum("fc,nfhw->nchw", weight[:, :, u, v], grad_output, optimize=True)
    return gradient


# Forward.


@task.wrong(
    95,
    "You turned the kernel by 180°: networks use cross-correlation, so weight[…, 0, 0] meets the window's "
    "first pixel.",
    breaks="output",
)
class Flipped(Conv2d):
    def forward(self, x):
        turned = self.weight[:, :, ::-1, ::-1]
        return correlate(pad(x, self.padding), turned, self.stride) + self.bias[:, None, None]


@task.wrong(
    96,
    "The number of windows is rounded down: where the stride does not divide, the pixels that are left "
    "belong to no window.",
    breaks="remainder",
)
class RoundedUp(Conv2d):
    def forward(self, x):
        padded = pad(x, self.padding)
        more = [-(n - k) % s for n, k, s in zip(padded.shape[2:], self.kernel_size, self.stride, strict=True)]
        padded = np.pad(padded, [(0, 0), (0, 0), (0, more[0]), (0, more[1])])
        return correlate(padded, self.weight, self.stride) + self.bias[:, None, None]


@task.wrong(
    96,
    "The last window is missing along each axis: the size is ⌊(H + 2 · padding − kernel) / stride⌋ + 1.",
    breaks=("output", "remainder"),
)
class WithoutTheOne(Conv2d):
    def forward(self, x):
        padded = pad(x, self.padding)
        size = output_size(padded.shape[2:], self.kernel_size, self.stride)
        size = [n - 1 for n in size]
        return correlate(padded, self.weight, self.stride, size) + self.bias[:, None, None]


@task.wrong(
    96,
    "The output has the size that it would have without padding: in ⌊(H + 2 · padding − kernel) / stride⌋ "
    "+ 1 the padding counts twice.",
    breaks=("output", "remainder"),
)
class SizeWithoutPadding(Conv2d):
    def forward(self, x):
        size = output_size(x.shape[2:], self.kernel_size, self.stride)
        size = [max(n, 0) for n in size]
        return correlate(pad(x, self.padding), self.weight, self.stride, size) + self.bias[:, None, None]


@task.wrong(
    97,
    "Your windows begin one pixel apart whatever the stride is: window i begins at pixel i · stride.",
    breaks=("output", "remainder"),
)
class StrideInTheSizeOnly(Conv2d):
    def forward(self, x):
        padded = pad(x, self.padding)
        size = output_size(padded.shape[2:], self.kernel_size, self.stride)
        return correlate(padded, self.weight, (1, 1), size) + self.bias[:, None, None]


@task.wrong(
    97,
    "Your windows lie side by side: they begin `stride` pixels apart, not a kernel's size apart.",
    breaks=("output", "remainder"),
)
class SideBySide(Conv2d):
    def forward(self, x):
        padded = pad(x, self.padding)
        return correlate(padded, self.weight, self.kernel_size) + self.bias[:, None, None]


@task.wrong(
    98,
    "Examples and channels are padded as well: give np.pad a pair for each axis, (0, 0) for the first two.",
    breaks=("output", "remainder"),
)
class EverythingPadded(Conv2d):
    def forward(self, x):
        PH, PW = self.padding
        images = np.pad(x, [(PH, PH), (0, 0), (PH, PH), (PW, PW)])
        return correlate(images, self.weight, self.stride) + self.bias[:, None, None]


@task.wrong(
    98,
    "The frame of zeros stands on one side only: it goes above and below, left and right.",
    breaks="output",
)
class PaddedBefore(Conv2d):
    def forward(self, x):
        PH, PW = self.padding
        padded = np.pad(x, [(0, 0), (0, 0), (PH, 0), (PW, 0)])
        return correlate(padded, self.weight, self.stride) + self.bias[:, None, None]


@task.wrong(
    98,
    "The whole frame stands above and on the left: half of it goes below and to the right.",
    breaks=("output", "remainder"),
)
class PaddedTwiceBefore(Conv2d):
    def forward(self, x):
        PH, PW = self.padding
        padded = np.pad(x, [(0, 0), (0, 0), (2 * PH, 0), (2 * PW, 0)])
        return correlate(padded, self.weight, self.stride) + self.bias[:, None, None]


@task.wrong(
    98,
    "The frame repeats the pixels at the border: it holds zeros.",
    breaks="output",
)
class PaddedWithTheEdge(Conv2d):
    def forward(self, x):
        PH, PW = self.padding
        padded = np.pad(x, [(0, 0), (0, 0), (PH, PH), (PW, PW)], mode="edge")
        return correlate(padded, self.weight, self.stride) + self.bias[:, None, None]


@task.wrong(
    99,
    "The strides of rows and columns are exchanged: the height comes before the width, in every pair.",
    breaks=("output", "remainder"),
)
class StridesExchanged(Conv2d):
    def forward(self, x):
        return correlate(pad(x, self.padding), self.weight, self.stride[::-1]) + self.bias[:, None, None]


@task.wrong(
    99,
    "The paddings of rows and columns are exchanged: the height comes before the width, in every pair.",
    breaks=("output", "remainder"),
)
class PaddingsExchanged(Conv2d):
    def forward(self, x):
        return correlate(pad(x, self.padding[::-1]), self.weight, self.stride) + self.bias[:, None, None]


@task.wrong(
    99,
    "Rows and columns of the output are exchanged: output[n, f, i, j] belongs to the window in row i, "
    "column j.",
    breaks=("output", "remainder"),
)
class OutputTurned(Conv2d):
    def forward(self, x):
        return super().forward(x).swapaxes(2, 3)


@task.wrong(
    99,
    "Rows and columns of the kernel are exchanged: its height, weight.shape[2], runs down the image.",
    breaks="output",
)
class KernelTurned(Conv2d):
    def forward(self, x):
        turned = self.weight.swapaxes(2, 3).reshape(self.weight.shape)
        return correlate(pad(x, self.padding), turned, self.stride) + self.bias[:, None, None]


@task.wrong(
    100, "Each channel of your output is off by a constant: add bias[f] to all of filter f.", breaks="output"
)
class NoBias(Conv2d):
    def forward(self, x):
        return correlate(pad(x, self.padding), self.weight, self.stride)


@task.wrong(
    100,
    "The bias is added once for each input channel: it belongs to the filter, and is added once.",
    breaks="output",
)
class BiasForEachChannel(Conv2d):
    def forward(self, x):
        return super().forward(x) + (x.shape[1] - 1) * self.bias[:, None, None]


@task.wrong(
    100,
    "The bias is added once for each pixel of the kernel: it is added once, to the finished sum.",
    breaks="output",
)
class BiasForEachPlace(Conv2d):
    def forward(self, x):
        return super().forward(x) + (np.prod(self.kernel_size) - 1) * self.bias[:, None, None]


@task.wrong(
    101,
    "Only the last input channel counts: each output adds up over all channels of the window.",
    breaks="output",
)
class LastChannel(Conv2d):
    def forward(self, x):
        padded = pad(x[:, -1:], self.padding)
        return correlate(padded, self.weight[:, -1:], self.stride) + self.bias[:, None, None]


@task.wrong(
    101,
    "You took the mean over the input channels: a filter adds them up.",
    breaks="output",
)
class MeanOfChannels(Conv2d):
    def forward(self, x):
        padded = pad(x, self.padding)
        return correlate(padded, self.weight / x.shape[1], self.stride) + self.bias[:, None, None]


# Backward: the gradient in x.


@task.wrong(
    102,
    "Where windows overlap only the last one counts: a pixel's gradients from all its windows add up.",
    breaks="grad_input",
)
class LastWindow(Conv2d):
    def gradient_of_padded(self, x, grad_output):
        (KH, KW), (SH, SW) = self.kernel_size, self.stride
        gradient = np.zeros(pad(x, self.padding).shape)
        for i, j in np.ndindex(grad_output.shape[2:]):
            window = np.s_[..., i * SH : i * SH + KH, j * SW : j * SW + KW]
            gradient[window] = np.einsum("nf,fcuv->ncuv", grad_output[..., i, j], self.weight)
        return gradient


@task.wrong(
    103,
    "Your gradient still has the frame of padding around it: it is shaped like x.",
    breaks=("grad_input", "remainder"),
)
class NotCropped(Conv2d):
    def crop(self, grad_padded, x):
        return grad_padded


@task.wrong(
    103,
    "The frame of padding is cut off on the wrong side: x begins `padding` pixels from the top and the left.",
    breaks=("grad_input", "remainder"),
)
class CroppedAfter(Conv2d):
    def crop(self, grad_padded, x):
        return grad_padded[:, :, : x.shape[2], : x.shape[3]]


@task.wrong(
    103,
    "Without padding your gradient is empty: a slice P : −P holds nothing at P = 0, P : P + H does.",
    breaks="grad_input",
)
class CroppedByMinusZero(Conv2d):
    def crop(self, grad_padded, x):
        PH, PW = self.padding
        return grad_padded[:, :, PH:-PH, PW:-PW]


@task.wrong(
    104,
    "The gradient in x is right for stride 1 only: go over the same windows as forward, which begin i · "
    "stride.",
    breaks=("grad_input", "remainder"),
)
class InputWithoutStride(Conv2d):
    def gradient_of_padded(self, x, grad_output):
        return spread(grad_output, self.weight, (1, 1), pad(x, self.padding).shape)


@task.wrong(
    107,
    "The kernel is turned by 180° on the way back: a pixel that forward took times weight[…, u, v] gets "
    "grad_output times the same number.",
    breaks="grad_input",
)
class FlippedBack(Conv2d):
    def gradient_of_padded(self, x, grad_output):
        turned = self.weight[:, :, ::-1, ::-1]
        return spread(grad_output, turned, self.stride, pad(x, self.padding).shape)


@task.wrong(
    107,
    "The gradient in x is a convolution of grad_output with the turned kernel only where the stride is 1: "
    "spread grad_output out before.",
    breaks=("grad_input", "remainder"),
)
class FullConvolutionWithoutStride(Conv2d):
    def gradient_of_padded(self, x, grad_output):
        KH, KW = self.kernel_size
        wide = pad(grad_output, (KH - 1, KW - 1))
        found = correlate(wide, self.weight.swapaxes(0, 1)[:, :, ::-1, ::-1], (1, 1))
        gradient = np.zeros(pad(x, self.padding).shape)
        rows, columns = (min(a, b) for a, b in zip(found.shape[2:], gradient.shape[2:], strict=True))
        gradient[:, :, gradient.shape[2] - rows :, gradient.shape[3] - columns :] = found[
            :, :, :rows, :columns
        ]
        return gradient


@task.wrong(
    106,
    "The gradient is too small: pixels that no window covers have the gradient 0, but they have one.",
    breaks="remainder",
)
class OnlyWhatIsCovered(Conv2d):
    def crop(self, grad_padded, x):
        sizes = zip(grad_padded.shape[2:], self.kernel_size, self.stride, strict=True)
        bottom, right = (n - (n - k) % s for n, k, s in sizes)
        return super().crop(grad_padded[:, :, :bottom, :right], x)


@task.wrong(
    106,
    "Pixels that no window covers got a gradient: your windows end at the last pixel, those of forward "
    "begin at the first.",
    breaks="remainder",
)
class AlignedAtTheEnd(Conv2d):
    def gradient_of_padded(self, x, grad_output):
        gradient = super().gradient_of_padded(x, grad_output)
        sizes = zip(gradient.shape[2:], self.kernel_size, self.stride, strict=True)
        return np.roll(gradient, [(n - k) % s for n, k, s in sizes], axis=(2, 3))


@task.wrong(
    0,
    "Scale belongs to the gradients of weight and bias alone: what backward returns is not multiplied by it.",
    breaks="grad_input",
)
class InputScaled(Conv2d):
    def backward(self, x, grad_output, scale=1.0):
        return scale * super().backward(x, grad_output, scale)


# Backward: the gradients of weight and bias.


@task.wrong(
    104,
    "Your weight gradient is right for stride 1 only: take the same windows as forward, which begin i · "
    "stride.",
    breaks="grad_weight",
)
class WeightWithoutStride(Conv2d):
    def gradient_of_weight(self, x, grad_output):
        return weight_gradient(pad(x, self.padding), grad_output, self.weight.shape, (1, 1))


@task.wrong(
    104,
    "The weight gradient leaves the padding out: it goes over the padded images, as forward does.",
    breaks="grad_weight",
)
class WeightWithoutPadding(Conv2d):
    def gradient_of_weight(self, x, grad_output):
        PH, PW = self.padding
        below = np.pad(x, [(0, 0), (0, 0), (0, 2 * PH), (0, 2 * PW)])
        return weight_gradient(below, grad_output, self.weight.shape, self.stride)


@task.wrong(
    107,
    "Your weight gradient is turned by 180°: nothing is turned, grad_weight[…, u, v] belongs to weight[…, "
    "u, v].",
    breaks="grad_weight",
)
class WeightFlipped(Conv2d):
    def gradient_of_weight(self, x, grad_output):
        return super().gradient_of_weight(x, grad_output)[:, :, ::-1, ::-1]


@task.wrong(
    0,
    "Your weight gradient is a mean over the images: grad_output holds that already if the loss is a "
    "mean, so add up.",
    breaks="grad_weight",
)
class WeightAveraged(Conv2d):
    def gradient_of_weight(self, x, grad_output):
        return super().gradient_of_weight(x, grad_output) / len(x)


@task.wrong(
    0,
    "Only the last window counts in your weight gradient: add up over all windows of all images.",
    breaks="grad_weight",
)
class WeightOfTheLastWindow(Conv2d):
    def gradient_of_weight(self, x, grad_output):
        last = np.zeros_like(grad_output)
        last[..., -1, -1] = grad_output[..., -1, -1]
        return super().gradient_of_weight(x, last)


@task.wrong(
    105,
    "Your bias gradient is a mean: each bias was added everywhere, so the gradients add up over axes 0, 2 "
    "and 3.",
    breaks="grad_bias",
)
class BiasAveraged(Conv2d):
    def gradient_of_bias(self, grad_output):
        return grad_output.mean(axis=(0, 2, 3))


@task.wrong(
    105,
    "Your bias gradient is averaged over the images: add up over axes 0, 2 and 3.",
    breaks="grad_bias",
)
class BiasAveragedOverImages(Conv2d):
    def gradient_of_bias(self, grad_output):
        return grad_output.sum(axis=(2, 3)).mean(axis=0)


@task.wrong(
    105,
    "Your bias gradient adds up over the wrong axes: one number a filter is left after axes 0, 2 and 3 "
    "are summed.",
    breaks="grad_bias",
)
class BiasOfEachImage(Conv2d):
    def backward(self, x, grad_output, scale=1.0):
        grad_bias = self.grad_bias
        grad_input = super().backward(x, grad_output, scale)
        self.grad_bias = grad_bias.sum() + scale * grad_output.sum(axis=(1, 2, 3))
        return grad_input

    def gradient_of_bias(self, grad_output):
        return 0


@task.wrong(
    70,
    "The gradients add up from backward to backward, until someone sets them to 0; yours start anew each "
    "time.",
    breaks=("grad_weight", "grad_bias"),
)
class Overwritten(Conv2d):
    def backward(self, x, grad_output, scale=1.0):
        self.grad_weight[...], self.grad_bias[...] = 0, 0
        return super().backward(x, grad_output, scale)


@task.wrong(
    0,
    "Scale is not used: grad_weight and grad_bias grow by scale times the gradient.",
    breaks=("grad_weight", "grad_bias"),
)
class NotScaled(Conv2d):
    def backward(self, x, grad_output, scale=1.0):
        return super().backward(x, grad_output)


# The rest.


@task.wrong(
    0,
    "The steps of forward and backward grow with the number of images: let numpy take all images at once, "
    "and loop over the kernel or over the windows.",
    breaks="no loop over images",
)
class ImageByImage(Conv2d):
    def forward(self, x):
        return np.concatenate([super(ImageByImage, self).forward(image[None]) for image in x])

    def gradient_of_input(self, x, grad_output):
        pairs = zip(x, grad_output, strict=True)
        return np.concatenate(
            [super(ImageByImage, self).gradient_of_input(a[None], g[None]) for a, g in pairs]
        )


@task.wrong(
    0,
    "The steps of forward grow with the number of images: let numpy take all images at once.",
    breaks="no loop over images",
)
class ForwardImageByImage(Conv2d):
    def forward(self, x):
        return np.concatenate([super(ForwardImageByImage, self).forward(image[None]) for image in x])


@task.wrong(
    0,
    "The steps of backward grow with the number of images: let numpy take all images at once.",
    breaks="no loop over images",
)
class BackwardImageByImage(Conv2d):
    def gradient_of_input(self, x, grad_output):
        pairs = zip(x, grad_output, strict=True)
        each = super().gradient_of_input
        return np.concatenate([each(a[None], g[None]) for a, g in pairs])


@task.wrong(
    0,
    "The caller's grad_output has changed: multiply into an array of your own.",
    breaks="contract",
)
class GradOutputChanged(Conv2d):
    def backward(self, x, grad_output, scale=1.0):
        grad_input = super().backward(x, grad_output, scale)
        grad_output *= 2
        return grad_input


@task.wrong(
    0,
    "The caller's x has changed: forward and backward read it only.",
    breaks="contract",
)
class InputChanged(Conv2d):
    def backward(self, x, grad_output, scale=1.0):
        gradient = super().backward(x, grad_output, scale)
        x[...] = gradient
        return gradient


@task.wrong(
    0,
    "Backward changes the weights: it fills grad_weight and grad_bias, and the step is taken elsewhere.",
    breaks="contract",
)
class StepTaken(Conv2d):
    def backward(self, x, grad_output, scale=1.0):
        gradient = super().backward(x, grad_output, scale)
        self.weight -= 0.01 * self.grad_weight
        return gradient


@task.wrong(
    0,
    "An array kept from the first batch does not fit the second: make it anew in every call.",
    breaks="contract",
)
class GradientKept(Conv2d):
    kept = np.empty(0)

    def gradient_of_padded(self, x, grad_output):
        gradient = super().gradient_of_padded(x, grad_output)
        if self.kept.shape[1:] != gradient.shape[1:]:
            self.kept = np.zeros_like(gradient)
        self.kept[...] = gradient
        return self.kept


@task.wrong(
    0, "The weights change while a net learns: forward must use those of now, no copy of the first.",
    breaks="contract",
)  # fmt: skip
class WeightKept(Conv2d):
    kept = None

    def forward(self, x):
        now = self.weight
        if self.kept is None:
            self.kept = now.copy()
        self.weight = self.kept
        output = super().forward(x)
        self.weight = now
        return output


@task.wrong(
    0, "Images may have another height and width at the next call: what belongs to a size is not kept.",
    breaks="contract",
)  # fmt: skip
class SizeKept(Conv2d):
    size = None

    def forward(self, x):
        self.size = self.size or x.shape[2:]
        return super().forward(x[:, :, : self.size[0], : self.size[1]])


@task.wrong(
    0, "The flat view of zeros_like(x) may be a copy, where x lies in memory in another order: what you "
    "write there is lost.",
    breaks="contract",
)  # fmt: skip
class WritesToACopy(Conv2d):
    def backward(self, x, grad_output, scale=1.0):
        grad_input = np.zeros_like(x)
        grad_input.reshape(-1)[...] = super().backward(x, grad_output, scale).ravel()
        return grad_input


@task.wrong(
    0, "Where there is one channel, squeeze takes its axis away: leave all four.",
    breaks=("output", "grad_input"),
)  # fmt: skip
class Squeezed(Conv2d):
    def forward(self, x):
        output = super().forward(x)
        return output.squeeze() if self.weight.shape[0] == 1 else output

    def backward(self, x, grad_output, scale=1.0):
        grad_input = super().backward(x, grad_output, scale)
        return grad_input.squeeze() if x.shape[1] == 1 else grad_input
