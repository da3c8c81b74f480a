"""One layer of every kind, and one criterion, for tests of what holds for all of them."""

import numpy as np

from lib import nn

RNG = np.random.default_rng(0)
IMAGES = RNG.standard_normal((2, 4, 6, 6))
ROWS = RNG.standard_normal((4, 3))

ARGUMENTS = {
    "AdaptiveAvgPool2d": (2,),
    "Add": ((4, 6, 6),),
    "AddConstant": (2,),
    "AvgPool2d": (2,),
    "BatchNorm1d": (3,),
    "BatchNorm2d": (4,),
    "Concat": (1, nn.ReLU(), nn.Tanh()),
    "ConcatTable": (nn.ReLU(), nn.Tanh()),
    "Conv2d": (4, 3, 3),
    "ConvTranspose2d": (4, 3, 3),
    "GroupNorm": (2, 4),
    "InstanceNorm2d": (4,),
    "LayerNorm": (6,),
    "Linear": (3, 2),
    "MaxPool2d": (2,),
    "MulConstant": (3,),
    "Reshape": (-1,),
    "Residual": (nn.Tanh(),),
    "Sequential": (nn.ReLU(), nn.Tanh()),
    "Shuffle": (4,),
}  # what a layer that cannot do without arguments is made with: a new one needs a line here
OPTIONS = {"InstanceNorm2d": {"affine": True}, "Upsample": {"scale_factor": 2}}
INPUTS = {
    "BatchNorm1d": ROWS,
    "CAddTable": [ROWS, ROWS],
    "Linear": ROWS,
}  # what it is given, where that is not images of four channels and 6 × 6 pixels

LAYERS = [
    name
    for name in nn.__all__
    if isinstance(kind := getattr(nn, name), type)
    and issubclass(kind, nn.Module)
    and kind not in (nn.Module, nn.TableModule)
]
CRITERIA = [
    name
    for name in nn.__all__
    if isinstance(kind := getattr(nn, name), type)
    and issubclass(kind, nn.Criterion)
    and kind is not nn.Criterion
]


def layer(name):
    """A layer of this name in float64, and an x for it."""
    try:
        module = getattr(nn, name)(*ARGUMENTS.get(name, ()), **OPTIONS.get(name, {}))
    except TypeError as error:
        raise TypeError(
            f"add what {name} is made with to ARGUMENTS in tests/nn/examples.py: {error}"
        ) from None
    return module.double(), INPUTS.get(name, IMAGES)


def has_state(name):
    """Whether layers of this name have parameters or buffers of their own."""
    kind = getattr(nn, name)
    return kind.acc_grad_parameters is not nn.Module.acc_grad_parameters or bool(kind.buffer_names)


def criterion(name):
    """A criterion of this name, an x and a target for it."""
    made = getattr(nn, name)()
    if name in ("NLLLoss", "CrossEntropyLoss", "MultiMarginLoss"):
        return made, -np.abs(ROWS), np.array([0, 2, 1, 1])
    return made, RNG.uniform(0.1, 0.9, (4, 3)), RNG.uniform(0.1, 0.9, (4, 3))
