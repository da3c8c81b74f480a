"""The properties of a right layer, one function each: each returns the line that says what it found right.

A property that does not hold raises `AssertionError` with the problem.
"""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from lib.gradient_check import GradientReport, check_gradients
from lib.gradient_check.check import draw_upstream
from lib.nn.module import Module
from lib.nn.testing.arrays import (
    ArrayOrArrays,
    channels_last,
    columns_first,
    expect,
    expect_close,
    flatten,
    leaves,
    map_arrays,
    same,
    shapes,
    unflatten,
    with_gaps,
)


@dataclass(frozen=True)
class Case:
    """A layer in one mode, in float64, with an input and a gradient for its output."""

    module: Module
    x: ArrayOrArrays
    grad_output: ArrayOrArrays
    tolerance: float

    @classmethod
    def of(cls, module: Module, x: ArrayOrArrays, training: bool, seed: int, tolerance: float) -> Self:
        """A copy of the module in this mode, and a random gradient: the same in both modes."""
        module = copied(module, training=training, dtype=np.float64)
        output = copied(module).forward(x)
        drawn = draw_upstream((sum(part.size for part in leaves(output)),), seed)
        grad_output = map_arrays(lambda part: np.empty(part.shape), output)
        start = 0
        for part in leaves(grad_output):
            part.flat[:] = drawn[start : start + part.size]
            start += part.size
        return cls(module, x, grad_output, tolerance)


def compare_gradients(case: Case) -> GradientReport:
    """Every gradient against finite differences."""
    flat = _Flat(case.module, case.x)
    return check_gradients(
        flat, flatten(case.x), grad_output=flatten(case.grad_output), tolerance=case.tolerance
    )


def _returns(case: Case) -> str:
    module, x, grad_output = case.module, case.x, case.grad_output
    module = copied(module)
    output = module.forward(x)
    expect(module.output is output, "`output` is not what forward returned")
    grad_input = module.backward(x, grad_output)
    expect(module.grad_input is grad_input, "`grad_input` is not what backward returned")
    expect(shapes(grad_input) == shapes(x), f"grad_input has shape {shapes(grad_input)}, x {shapes(x)}")
    expect(same(copied(module).forward(x), module(x)), "module(x) differs from module.forward(x)")
    return "output and grad_input are kept"


def _scale(case: Case) -> str:
    module, x, grad_output = case.module, case.x, case.grad_output
    names = parameter_names(module)
    once = _backward(module, x, grad_output)
    for scale in (3, -2):
        call = f"backward(…, scale={scale})"
        scaled = _backward(module, x, grad_output, scale=float(scale))
        expect_close(scaled[0], once[0], 1e-9, f"grad_input after {call}, which leaves it as it is,")
        for name, ours, theirs in zip(names, scaled[1], once[1], strict=True):
            wrong = _wrong_scale(ours, theirs, scale)
            expect(not wrong, f"the gradient in {name} after {call}: {wrong}")
            expect_close(ours, scale * theirs, 1e-9, f"the gradient in {name} after {call}")
    return "scale multiplies the parameters' gradients"


def _wrong_scale(ours: np.ndarray, theirs: np.ndarray, scale: int) -> str:
    """What was done with scale instead of multiplying by it; "" where it is none of the usual slips.

    ours, theirs: a parameter's gradient with this scale, and with scale 1
    """
    advice = "add scale times the gradient"
    for factor, what in (
        (1, f"acc_grad_parameters ignores scale: it adds the same as scale=1; {advice}"),
        (scale**2, "scale is applied twice"),
        (abs(scale), f"the sign of scale is lost, as in abs(scale); {advice}"),
        (0, f"nothing is added; {advice}"),
    ):
        if factor != scale and theirs.any() and np.allclose(ours, factor * theirs, rtol=1e-9, atol=0):
            return what
    return ""


def _skips(case: Case) -> str:
    module, x, grad_output = case.module, case.x, case.grad_output
    full = _backward(module, x, grad_output)
    part = _backward(module, x, grad_output, need_grad_input=False)
    expect(part[0] is None, "backward(…, need_grad_input=False) returns something, expected None")
    for ours, theirs in zip(part[1], full[1], strict=True):
        expect_close(ours, theirs, 1e-9, "a parameter's gradient with need_grad_input=False")
    return "the gradient in x can be spared"


def _halves(case: Case) -> str:
    module, x, grad_output = case.module, case.x, case.grad_output
    expected = _backward(module, x, grad_output)
    module = copied(module)
    module.zero_grad_parameters()
    module.forward(x)
    found = module.update_grad_input(x, grad_output)
    module.acc_grad_parameters(x, grad_output)
    expect_close(found, expected[0], 1e-9, "what update_grad_input returns, compared with backward,")
    expect_close(
        module.parameters()[1], expected[1], 1e-9, "what acc_grad_parameters adds, compared with backward,"
    )
    return "update_grad_input and acc_grad_parameters are the two halves of backward"


def _layouts(case: Case) -> str:
    module, x, grad_output = case.module, case.x, case.grad_output
    expected, others = copied(module).forward(x), (columns_first, channels_last, with_gaps)
    gradients = _backward(module, x, grad_output)
    for layout in others:
        turned = map_arrays(layout, x)
        expect_close(
            copied(module).forward(turned), expected, 1e-9, f"the output for x laid out {layout.__name__}"
        )
        found = _backward(module, turned, map_arrays(layout, grad_output))
        for ours, theirs in zip((found[0], *found[1]), (gradients[0], *gradients[1]), strict=True):
            expect_close(ours, theirs, 1e-9, f"a gradient with memory laid out {layout.__name__}")
    return "the memory layout of the arguments does not matter"


def _float32(case: Case) -> str:
    module, x, grad_output = case.module, case.x, case.grad_output
    single = copied(module, dtype=np.float32)
    short_x, short_grad = (
        map_arrays(lambda part: part.astype(np.float32), value) for value in (x, grad_output)
    )
    output, (grad_input, gradients) = copied(single).forward(short_x), _backward(single, short_x, short_grad)
    for name, value in (
        ("output", output),
        ("grad_input", grad_input),
        ("a parameter's gradient", gradients),
    ):
        dtypes = {str(part.dtype) for part in leaves(value)}
        came = " and ".join(sorted(dtypes - {"float32"}))
        expect(not came, f"{name} of float32 input is {came}, expected float32")
    expected = _backward(module, x, grad_output)
    expect_close(output, copied(module).forward(x), 1e-4, "the output in float32")
    expect_close(grad_input, expected[0], 1e-3, "grad_input in float32")
    expect_close(gradients, expected[1], 1e-3, "a parameter's gradient in float32")
    return "float32 in, float32 out"


def _float64(case: Case) -> str:
    output = copied(case.module).forward(case.x)
    module = copied(case.module)
    grad_input, gradients = _backward(module, case.x, case.grad_output)
    named = [("output", part) for part in leaves(output)] + [
        ("grad_input", part) for part in leaves(grad_input)
    ]
    named += [
        (f"the gradient in {name}", part)
        for name, part in zip(parameter_names(module), gradients, strict=True)
    ]
    for name, part in named:
        expect(part.dtype == np.float64, f"{name} of float64 input is {part.dtype}, expected float64")
    # Linear in grad_output, a gradient feels its last digits, unless it is rounded on the way.
    rounded = map_arrays(lambda part: part.astype(np.float32).astype(np.float64), case.grad_output)
    coarse = _backward(case.module, case.x, rounded)
    for name, fine, other in zip(
        ("grad_input", *(f"the gradient in {name}" for name in parameter_names(module))),
        (grad_input, *gradients),
        (coarse[0], *coarse[1]),
        strict=True,
    ):
        expect(
            not any(part.any() for part in leaves(fine)) or not same(fine, other),
            f"{name} is computed from grad_output in float32, although all is float64: cast nothing",
        )
    return "float64 stays float64"


def _too_early(case: Case) -> str:
    module, x = case.module, case.x
    for part in module.walk():
        part.output = None
    _expect_error(lambda: module.backward(x, x))
    return "backward before forward is refused"


def _parameters(case: Case) -> str:
    module, x = case.module, case.x
    parameters, gradients = module.parameters()
    known = {id(gradient) for gradient in gradients}
    for part in module.walk():
        for name, value in vars(part).items():
            hidden = name.startswith("grad_") and name != "grad_input" and isinstance(value, np.ndarray)
            expect(
                not hidden or id(value) in known,
                f"{name} is kept, but parameters() does not know it: name the parameter in parameter_names",
            )
    expect(shapes(parameters) == shapes(gradients), "parameters and their gradients differ in shape")
    module.forward(x)
    module.backward(x, map_arrays(np.ones_like, module.output))
    now = module.parameters()[1]
    expect(
        all(new is old for new, old in zip(now, gradients, strict=True)),
        "backward replaces a gradient by a new array: add with +=, since an optimiser keeps the old one",
    )
    module.zero_grad_parameters()
    expect(
        not any(gradient.any() for gradient in module.parameters()[1]),
        "zero_grad_parameters leaves something",
    )
    for gradient in module.parameters()[1]:
        gradient += 1
    before = [parameter.copy() for parameter in parameters]
    module.update_parameters(0.5)
    expect_close(
        module.parameters()[0],
        [array - 0.5 for array in before],
        1e-9,
        "a parameter after update_parameters(0.5)",
    )
    return f"{len(parameters)} parameter{'' if len(parameters) == 1 else 's'}, each with its gradient"


def _saving(case: Case) -> str:
    module, x = case.module, case.x
    other = copied(module)
    arrays = [*other.parameters()[0], *other.state().values()]
    for array in {id(array): array for array in arrays}.values():
        array += 1
    with tempfile.TemporaryDirectory() as folder:
        module.save(Path(folder) / "module.npz")
        other.load(Path(folder) / "module.npz")
    expect(same(other.eval().forward(x), module.eval().forward(x)), "another output after saving and loading")
    return "saving and loading"


# How they look at a module.


class _Flat:
    """A module whose input and output are vectors, and whose random numbers are the same at every call."""

    def __init__(self, module: Module, x: ArrayOrArrays):
        self.module = copied(module)
        self.x, self.rngs = x, _generators(self.module)
        self.states = [rng.bit_generator.state for rng in self.rngs]

    def forward(self, vector: np.ndarray) -> np.ndarray:
        for rng, state in zip(self.rngs, self.states, strict=True):
            rng.bit_generator.state = state
        self.last = unflatten(vector, self.x)
        return flatten(self.module.forward(self.last))

    def backward(self, vector: np.ndarray, grad_output: np.ndarray) -> np.ndarray:
        gradient = unflatten(grad_output, self.module.output)
        kept_x, kept = copy.deepcopy(self.last), copy.deepcopy(gradient)
        grad_input = flatten(self.module.backward(self.last, gradient))
        expect(same(self.last, kept_x), "x was changed in place: it belongs to the caller, work on a copy")
        expect(same(gradient, kept), "grad_output was changed in place: it belongs to the caller")
        return grad_input

    def parameters(self):
        return self.module.parameters()

    def state(self):
        return self.module.state()

    def zero_grad_parameters(self):
        self.module.zero_grad_parameters()


def _backward(
    module: Module, x: ArrayOrArrays, grad_output: ArrayOrArrays, **options
) -> tuple[Any, list[np.ndarray]]:
    """grad_input and the parameters' gradients after one forward and backward of a copy."""
    module = copied(module)
    module.zero_grad_parameters()
    module.forward(x)
    return module.backward(x, grad_output, **options), module.parameters()[1]


def parameter_names(module: Module) -> list[str]:
    """The name of each parameter, such as "0.weight", in the order of `parameters()`."""
    known = {id(array): name for name, array in reversed(module.state().items())}
    return [known.get(id(array), "a parameter") for array in module.parameters()[0]]


def copied(module: Module, *, training: bool | None = None, dtype: Any = None) -> Module:
    module = copy.deepcopy(module)
    if training is not None:
        module.train() if training else module.eval()
    if dtype is not None:
        module.double() if dtype == np.float64 else module.float()
    return module


def _generators(module: Module) -> list[np.random.Generator]:
    values = (value for part in module.walk() for value in vars(part).values())
    return [value for value in values if isinstance(value, np.random.Generator)]


def _expect_error(call: Callable[[], Any]) -> None:
    try:
        call()
    except RuntimeError:
        return
    raise AssertionError("backward before forward passes, expected a RuntimeError")


IN_EACH_MODE = (_float64, _returns, _scale, _skips, _halves, _layouts, _float32)
ONCE = (_too_early, _parameters, _saving)
