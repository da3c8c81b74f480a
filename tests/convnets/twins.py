"""What the tests of the bridge share: random layers and nets of every kind, and the comparison of twins."""

import numpy as np
import torch
from hypothesis import strategies as st

from lib import nn
from lib.convnets.bridge.arrays import all_arrays

TOLERANCE = {np.dtype(np.float64): 1e-12, np.dtype(np.float32): 1e-5}  # beside the largest number there

# Not tiny: where the variance is, as behind a ReLU that lets little pass, float32 has few right digits.
EPS = st.sampled_from([0.1, 0.3])

# --- random geometry: every maker draws a layer that takes inputs of a shape, (N, C, H, W) or (N, C)


def pair(draw, *numbers):
    """One number for both axes, or two."""
    return (
        draw(st.sampled_from(numbers))
        if draw(st.booleans())
        else tuple(draw(st.sampled_from(numbers)) for _ in range(2))
    )


def window(draw, size, *, half=False):
    """kernel, padding and dilation along an axis of `size` pixels; half: padding ≤ kernel / 2."""
    kernel = draw(st.integers(1, min(3, size)))
    padding = draw(st.integers(0, kernel // 2 if half else 2))
    most = (size + 2 * padding - 1) // max(1, kernel - 1)
    return kernel, padding, draw(st.integers(1, max(1, min(2, most))))


def windows(draw, shape, **options):
    """The same along both axes: kernel_size, padding, dilation."""
    both = [window(draw, size, **options) for size in shape[2:]]
    return tuple(zip(*both, strict=True))


def groups(draw, channels):
    return draw(st.sampled_from([g for g in range(1, channels + 1) if channels % g == 0]))


def conv(draw, shape):
    parts, bias = groups(draw, shape[1]), draw(st.booleans())
    kernel, padding, dilation = windows(draw, shape)
    stride = pair(draw, 1, 2, 3)
    if draw(st.booleans()) and stride == 1:
        padding = "same"
    out = parts * draw(st.integers(1, 3))
    return nn.Conv2d(shape[1], out, kernel, stride, padding, dilation, parts, bias)


def transposed(draw, shape):
    parts, kernel, stride = groups(draw, shape[1]), pair(draw, 1, 2, 3), draw(st.integers(1, 2))
    dilation, extra = draw(st.integers(1, 2)), draw(st.integers(0, stride - 1))
    padding = 0 if kernel == 1 or 1 in np.atleast_1d(kernel) else draw(st.integers(0, 1))
    out = parts * draw(st.integers(1, 2))
    bias = draw(st.booleans())
    return nn.ConvTranspose2d(shape[1], out, kernel, stride, padding, extra, parts, bias, dilation)


def norm(kind):
    def make(draw, shape):
        momentum, affine = draw(st.sampled_from([0.1, 0.3, None])), draw(st.booleans())
        return kind(shape[1], draw(EPS), momentum, affine, draw(st.integers(0, 3)) > 0)

    return make


def group_norm(draw, shape):
    size = int(np.prod(shape[2:]))
    fitting = [g for g in range(1, shape[1] + 1) if shape[1] % g == 0 and shape[1] // g * size >= 4]
    if not fitting:
        return nn.Identity()
    return nn.GroupNorm(draw(st.sampled_from(fitting)), shape[1], draw(EPS), draw(st.booleans()))


def instance_norm(draw, shape):
    few = np.prod(shape[2:]) < 4
    return nn.Identity() if few else nn.InstanceNorm2d(shape[1], draw(EPS), affine=draw(st.booleans()))


def layer_norm(draw, shape):
    sizes = shape[draw(st.integers(1, len(shape) - 1)) :]
    if np.prod(sizes) < 4:
        return nn.Identity()
    return nn.LayerNorm(sizes, draw(EPS), draw(st.booleans()), draw(st.booleans()))


def max_pool(draw, shape):
    kernel, padding, dilation = windows(draw, shape, half=True)
    stride = draw(st.just(None) | st.integers(1, 3))
    return nn.MaxPool2d(kernel, stride, padding, dilation, ceil_mode=draw(st.booleans()))


def avg_pool(draw, shape):
    kernel, padding, _ = windows(draw, shape, half=True)
    stride, divisor = draw(st.just(None) | st.integers(1, 3)), draw(st.just(None) | st.integers(1, 5))
    return nn.AvgPool2d(kernel, stride, padding, draw(st.booleans()), draw(st.booleans()), divisor)


def upsample(draw, shape):
    mode = draw(st.sampled_from(["nearest", "bilinear"]))
    align = draw(st.booleans()) if mode == "bilinear" else None
    if draw(st.booleans()):
        return nn.Upsample(size=pair(draw, 1, 3, 4), mode=mode, align_corners=align)
    return nn.Upsample(scale_factor=pair(draw, 1, 1.5, 2), mode=mode, align_corners=align)


def reshape(draw, shape):
    size = int(np.prod(shape[1:]))
    return nn.Reshape(*draw(st.sampled_from([(size,), (-1,), (1, -1), (1, size, 1), shape[:0:-1]])))


def with_number(kind, low, high):
    return lambda draw, shape: kind(draw(st.floats(low, high)))


def prelu(draw, shape):
    return nn.PReLU(draw(st.sampled_from([1, shape[1]])), init=0.1)


def linear(draw, shape):
    return nn.Linear(shape[-1], draw(st.integers(1, 5)), draw(st.booleans()))


def residual(draw, shape):
    first = draw(st.sampled_from([nn.Tanh, nn.ReLU, nn.Identity]))()
    if len(shape) == 2:
        return nn.Residual(first, nn.Linear(shape[1], shape[1]))
    branch = nn.Conv2d(shape[1], 2, 3, padding=1), first
    return nn.Residual(*branch, shortcut=nn.Conv2d(shape[1], 2, 1))


def concat(draw, shape):
    return nn.Concat(1, nn.Identity(), nn.Sequential(nn.Tanh(), nn.MulConstant(draw(st.floats(-2, 2)))))


def tables(draw, shape):
    branches = nn.ConcatTable(nn.Identity(), nn.Sigmoid(), nn.Identity())
    return nn.Sequential(branches, nn.CAddTable())


def sequential(draw, shape):
    return nn.Sequential(*[nn.Sequential() for _ in range(draw(st.integers(0, 2)))], nn.Softsign())


BOTH = {kind: lambda draw, shape, kind=kind: kind() for kind in (
    nn.ReLU, nn.ReLU6, nn.SELU, nn.SiLU, nn.Mish, nn.Sigmoid, nn.LogSigmoid, nn.Hardsigmoid, nn.Hardswish,
    nn.Tanh, nn.Softsign, nn.Identity, nn.Mul,
)} | {
    nn.Sequential: sequential,
    nn.Residual: residual,
    nn.Concat: concat,
    nn.ConcatTable: tables,
    nn.CAddTable: tables,
    nn.Linear: linear,
    nn.GroupNorm: group_norm,
    nn.LayerNorm: layer_norm,
    nn.PReLU: prelu,
    nn.LeakyReLU: with_number(nn.LeakyReLU, -0.5, 0.5),
    nn.ELU: with_number(nn.ELU, 0.1, 2),
    nn.GELU: lambda draw, shape: nn.GELU(draw(st.sampled_from(["none", "tanh"]))),
    nn.HardTanh: lambda draw, shape: nn.HardTanh(draw(st.floats(-2, 0)), draw(st.floats(0.1, 2))),
    nn.Softplus: lambda draw, shape: nn.Softplus(draw(st.floats(0.5, 3)), draw(st.sampled_from([1, 20]))),
    nn.SoftShrink: with_number(nn.SoftShrink, 0, 1),
    nn.Softmax: lambda draw, shape: nn.Softmax(draw(st.integers(-2, 1))),
    nn.LogSoftmax: lambda draw, shape: nn.LogSoftmax(draw(st.integers(-2, 1))),
    nn.Dropout: with_number(nn.Dropout, 0, 1),
    nn.Flatten: lambda draw, shape: nn.Flatten(draw(st.integers(1, len(shape) - 1)), -1),
    nn.Reshape: reshape,
    nn.Shuffle: lambda draw, shape: nn.Shuffle(shape[1], seed=draw(st.integers(0, 9))),
    nn.MulConstant: with_number(nn.MulConstant, -2, 2),
    nn.AddConstant: with_number(nn.AddConstant, -2, 2),
    nn.Add: lambda draw, shape: nn.Add(shape[1:]),
}  # fmt: skip
VECTORS = BOTH | {nn.BatchNorm1d: norm(nn.BatchNorm1d)}
IMAGES = BOTH | {
    nn.Conv2d: conv,
    nn.ConvTranspose2d: transposed,
    nn.BatchNorm2d: norm(nn.BatchNorm2d),
    nn.InstanceNorm2d: instance_norm,
    nn.MaxPool2d: max_pool,
    nn.AvgPool2d: avg_pool,
    nn.AdaptiveAvgPool2d: lambda draw, shape: nn.AdaptiveAvgPool2d(pair(draw, 1, 2, None) or 1),
    nn.Dropout2d: with_number(nn.Dropout2d, 0, 1),
    nn.Upsample: upsample,
}


@st.composite
def single(draw, kind):
    """A layer of one kind, or the smallest net it makes sense in, with all numbers drawn; and an x for it."""
    choices = [table for table in (VECTORS, IMAGES) if kind in table]
    table = draw(st.sampled_from(choices))
    x = examples(draw, images=table is IMAGES)
    return ready(draw, table[kind](draw, x.shape)), x


@st.composite
def networks(draw, *, dropout, most=6):
    """(net, x): layers of any kind one after another, and one of them in the other."""
    x = examples(draw, images=draw(st.integers(0, 3)) > 0)
    net, at = nn.Sequential(), x
    for _ in range(draw(st.integers(1, most))):
        table = {2: VECTORS, 4: IMAGES}.get(at.ndim, {nn.Flatten: lambda draw, shape: nn.Flatten()})
        kinds = [k for k in table if dropout or not issubclass(k, nn.Dropout)]
        kinds = [k for k in kinds if k not in (nn.BatchNorm1d, nn.BatchNorm2d) or at.size >= 8 * at.shape[1]]
        layer = ready(draw, table[draw(st.sampled_from(kinds))](draw, at.shape))
        at = layer.forward(at)
        net.add(layer)
    return net, x


def examples(draw, *, images):
    count = st.integers(2, 4) if images else st.integers(8, 10)  # the variance of two numbers may be tiny
    shape = [draw(count), draw(st.integers(1, 4))]
    shape += [draw(st.integers(2, 7)) for _ in range(2)] if images else []
    return np.random.default_rng(draw(st.integers(0, 2**32 - 1))).standard_normal(shape)


def ready(draw, layer):
    """In float64, with every parameter and running average drawn."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    layer.double()
    for name, array in layer.state().items():
        if name.endswith("running_var"):
            array[...] = rng.uniform(0.5, 2, array.shape)
        elif array.dtype == np.float64:
            array[...] = rng.uniform(-1, 1, array.shape)
    return layer


# --- the comparison


def close(found, wanted, scale=1.0):
    """found: an array of ours; wanted: a tensor or an array; scale: the largest number that counts there."""
    wanted = wanted.detach().numpy() if isinstance(wanted, torch.Tensor) else wanted
    assert found.dtype == wanted.dtype
    assert found.shape == wanted.shape
    tolerance = TOLERANCE[found.dtype]
    scale = max(1.0, scale, np.abs(wanted).max(initial=0))
    assert np.abs(found - wanted).max(initial=0) <= tolerance * scale


def assert_twins(ours, theirs, x, seed=0):
    """Output, gradient in x and in every parameter, and all numbers afterwards are the same."""
    for part in theirs.modules():
        if isinstance(part, torch.nn.Hardsigmoid):  # its own gradient is 1/6 of float32, also in float64
            part.forward = lambda x: torch.nn.functional.relu6(x + 3) / 6
    tensor = torch.tensor(x, requires_grad=True)
    output, expected = ours.forward(x), theirs(tensor)
    close(output, expected)
    grad_output = np.random.default_rng(seed).standard_normal(output.shape).astype(x.dtype)
    ours.zero_grad_parameters()
    theirs.zero_grad()
    grad_input = ours.backward(x, grad_output)
    expected.backward(torch.tensor(grad_output))

    both = list(zip(all_arrays(ours), all_arrays(theirs), strict=True))
    learnt = [(a, b) for a, b in both if isinstance(b.numbers, torch.nn.Parameter)]
    assert [a for a, _ in learnt] == [a for a, _ in both if local(a) in a.module.parameter_names]
    gradients = [(getattr(a.module, f"grad_{local(a)}"), b.numbers.grad) for a, b in learnt]
    gradients = [(a, torch.zeros_like(torch.tensor(a)) if b is None else b) for a, b in gradients]
    gradients.append((grad_input, tensor.grad))
    scale = max(float(b.abs().max()) for _, b in gradients)
    for found, wanted in gradients:
        close(found, wanted, scale)
    for a, b in both:
        if a.numbers.dtype.kind == "f":
            close(a.numbers, b.numbers)


def local(entry):
    return entry.name.rpartition(".")[2]
