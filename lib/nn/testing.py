"""Is a layer right? The properties that every layer of the library has, checked on yours."""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from lib.gradient_check import check_gradients
from lib.nn.criterion import Criterion
from lib.nn.errors import check_arrays
from lib.nn.module import Arrays, Module

MODES = ("training", "evaluation")


@dataclass(repr=False)
class Checked:
    """What was checked and found right, a line each; it prints as a list."""

    subject: str
    lines: list[str] = field(default_factory=list)

    def __repr__(self) -> str:
        return "\n".join([f"{self.subject}: right", *(f"  ✓ {line}" for line in self.lines)])


def check_module(module: Module, x: Arrays, *, seed: int = 0, tolerance: float = 1e-6) -> Checked:
    """Checks the whole contract of a layer, or of a network, on one input; the module stays as it is.

    x: a float array of a shape that the layer takes, or a list of such; small, since each element is moved
        on its own; away from kinks and ties, such as 0 for ReLU
    seed: of the random gradients sent backward
    tolerance: the largest relative error against finite differences

    In training and in evaluation mode: every gradient against finite differences in float64, gradients that
    add up over calls and follow `scale`, arguments left as they were, `output` and `grad_input` kept, float32
    in and out, any memory layout, `need_grad_input=False`; besides, `backward` before `forward` refused,
    parameters matching their gradients, and saving and loading.
    Raises `AssertionError` that says which property fails and how; returns the list of what was checked.

    >>> from lib import nn
    >>> check_module(nn.Linear(3, 2), np.array([[0.5, -1.0, 2.0]])).lines[0]
    '3 gradients agree with finite differences'
    """
    if not isinstance(module, Module):
        hint = f"; make one: {module.__name__}(…)" if isinstance(module, type) else ""
        raise TypeError(f"module: got {module!r}, it takes a module{hint}")
    check_arrays(module, "x", x)
    module.parameters()  # complains where a gradient is missing
    module = copy.deepcopy(module)
    report = Checked(repr(module))
    x = _map(lambda part: np.array(part, np.float64), x)
    rng = np.random.default_rng(seed)
    modes = {mode: _copy(module, training=mode == "training", dtype=np.float64) for mode in MODES}
    upstream = {
        mode: _map(lambda part: rng.standard_normal(part.shape), _copy(subject).forward(x))
        for mode, subject in modes.items()
    }
    for check in (_gradients, _returns, _scale, _skips, _halves, _layouts, _float32):
        for mode, subject in modes.items():
            with _naming(f"in {mode} mode"):
                line = check(subject, x, upstream[mode], tolerance)
        report.lines.append(line)
    for check in (_too_early, _parameters, _saving):
        report.lines.append(check(_copy(module, dtype=np.float64), x))
    return report


def check_criterion(criterion: Criterion, x: np.ndarray, target: Any, *, tolerance: float = 1e-6) -> Checked:
    """Checks a criterion's contract on one output x, float, and its target; the criterion stays as it is.

    Raises `AssertionError` that says which property fails; returns the list of what was checked.
    """
    criterion = copy.deepcopy(criterion)
    criterion.output = None
    report = Checked(repr(criterion))
    x = np.array(x, np.float64)
    kept_x, kept_target = x.copy(), copy.deepcopy(target)
    _expect_error(lambda: criterion.backward(x, target))
    report.lines.append("backward before forward is refused")

    loss = criterion.forward(x, target)
    _expect(isinstance(loss, float), f"forward returns {type(loss).__name__}, expected one float")
    _expect(criterion.output == loss, "`output` is not what forward returned")
    gradient = criterion.backward(x, target)
    _expect(criterion.grad_input is gradient, "`grad_input` is not what backward returned")
    _expect(np.array_equal(x, kept_x), "x was changed in place")
    _expect(np.array_equal(target, kept_target), "target was changed in place")
    report.lines.append("loss and gradient are kept, arguments stay as they were")

    check_gradients(
        lambda x: (criterion.forward(x, target), criterion.backward(x, target)), x, tolerance=tolerance
    ).raise_if_wrong()
    report.lines.append("the gradient agrees with finite differences")

    single = criterion.forward(x.astype(np.float32), target)
    _expect_close(np.float64(single), np.float64(loss), 1e-4, "the loss in float32")
    single = criterion.backward(x.astype(np.float32), target)
    _expect(
        single.dtype == np.float32, f"the gradient of a float32 output is {single.dtype}, expected float32"
    )
    _expect_close(single, gradient, 1e-4, "the gradient in float32")
    report.lines.append("float32 in, float32 out")
    return report


# The properties, one function each: each returns the line that says what it found right.


def _gradients(module: Module, x: Arrays, grad_output: Arrays, tolerance: float) -> str:
    report = check_gradients(
        _Flat(module, x), _flatten(x), grad_output=_flatten(grad_output), tolerance=tolerance
    ).raise_if_wrong()
    count = len(report.comparisons)
    return f"{count} gradient{'s agree' if count > 1 else ' agrees'} with finite differences"


def _returns(module: Module, x: Arrays, grad_output: Arrays, tolerance: float) -> str:
    module = _copy(module)
    output = module.forward(x)
    _expect(module.output is output, "`output` is not what forward returned")
    grad_input = module.backward(x, grad_output)
    _expect(module.grad_input is grad_input, "`grad_input` is not what backward returned")
    _expect(_shapes(grad_input) == _shapes(x), f"grad_input has shape {_shapes(grad_input)}, x {_shapes(x)}")
    _expect(_same(_copy(module).forward(x), module(x)), "module(x) differs from module.forward(x)")
    return "output and grad_input are kept"


def _scale(module: Module, x: Arrays, grad_output: Arrays, tolerance: float) -> str:
    once, thrice = _backward(module, x, grad_output), _backward(module, x, grad_output, scale=3.0)
    _expect_close(
        thrice[0], once[0], 1e-9, "grad_input after backward(…, scale=3), which leaves it as it is,"
    )
    for ours, theirs in zip(thrice[1], once[1], strict=True):
        _expect_close(ours, 3 * theirs, 1e-9, "a parameter's gradient after backward(…, scale=3)")
    return "scale multiplies the parameters' gradients"


def _skips(module: Module, x: Arrays, grad_output: Arrays, tolerance: float) -> str:
    full = _backward(module, x, grad_output)
    part = _backward(module, x, grad_output, need_grad_input=False)
    _expect(part[0] is None, "backward(…, need_grad_input=False) returns something, expected None")
    for ours, theirs in zip(part[1], full[1], strict=True):
        _expect_close(ours, theirs, 1e-9, "a parameter's gradient with need_grad_input=False")
    return "the gradient in x can be spared"


def _halves(module: Module, x: Arrays, grad_output: Arrays, tolerance: float) -> str:
    expected = _backward(module, x, grad_output)
    module = _copy(module)
    module.zero_grad_parameters()
    module.forward(x)
    found = module.update_grad_input(x, grad_output)
    module.acc_grad_parameters(x, grad_output)
    _expect_close(found, expected[0], 1e-9, "what update_grad_input returns, compared with backward,")
    _expect_close(
        module.parameters()[1], expected[1], 1e-9, "what acc_grad_parameters adds, compared with backward,"
    )
    return "update_grad_input and acc_grad_parameters are the two halves of backward"


def _layouts(module: Module, x: Arrays, grad_output: Arrays, tolerance: float) -> str:
    expected, others = _copy(module).forward(x), (np.asfortranarray, _channels_last, _spread)
    gradients = _backward(module, x, grad_output)
    for layout in others:
        turned = _map(layout, x)
        _expect_close(
            _copy(module).forward(turned), expected, 1e-9, f"the output for x laid out {layout.__name__}"
        )
        found = _backward(module, turned, _map(layout, grad_output))
        for ours, theirs in zip((found[0], *found[1]), (gradients[0], *gradients[1]), strict=True):
            _expect_close(ours, theirs, 1e-9, f"a gradient with memory laid out {layout.__name__}")
    return "the memory layout of the arguments does not matter"


def _float32(module: Module, x: Arrays, grad_output: Arrays, tolerance: float) -> str:
    single = _copy(module, dtype=np.float32)
    short_x, short_grad = (_map(lambda part: part.astype(np.float32), value) for value in (x, grad_output))
    output, (grad_input, gradients) = _copy(single).forward(short_x), _backward(single, short_x, short_grad)
    for name, value in (
        ("output", output),
        ("grad_input", grad_input),
        ("a parameter's gradient", gradients),
    ):
        dtypes = {part.dtype for part in _leaves(value)}
        _expect(dtypes <= {np.dtype(np.float32)}, f"{name} of float32 input is {dtypes}, expected float32")
    expected = _backward(module, x, grad_output)
    _expect_close(output, _copy(module).forward(x), 1e-4, "the output in float32")
    _expect_close(grad_input, expected[0], 1e-3, "grad_input in float32")
    _expect_close(gradients, expected[1], 1e-3, "a parameter's gradient in float32")
    return "float32 in, float32 out"


def _too_early(module: Module, x: Arrays) -> str:
    for part in module.walk():
        part.output = None
    _expect_error(lambda: module.backward(x, x))
    return "backward before forward is refused"


def _parameters(module: Module, x: Arrays) -> str:
    parameters, gradients = module.parameters()
    known = {id(gradient) for gradient in gradients}
    for part in module.walk():
        for name, value in vars(part).items():
            hidden = name.startswith("grad_") and name != "grad_input" and isinstance(value, np.ndarray)
            _expect(
                not hidden or id(value) in known,
                f"{name} is kept, but parameters() does not know it: name the parameter in parameter_names",
            )
    _expect(_shapes(parameters) == _shapes(gradients), "parameters and their gradients differ in shape")
    module.forward(x)
    module.backward(x, _map(np.ones_like, module.output))
    now = module.parameters()[1]
    _expect(
        all(new is old for new, old in zip(now, gradients, strict=True)),
        "backward replaces a gradient by a new array: add with +=, since an optimiser keeps the old one",
    )
    module.zero_grad_parameters()
    _expect(
        not any(gradient.any() for gradient in module.parameters()[1]),
        "zero_grad_parameters leaves something",
    )
    for gradient in module.parameters()[1]:
        gradient += 1
    before = [parameter.copy() for parameter in parameters]
    module.update_parameters(0.5)
    _expect_close(
        module.parameters()[0],
        [array - 0.5 for array in before],
        1e-9,
        "a parameter after update_parameters(0.5)",
    )
    return f"{len(parameters)} parameter{'' if len(parameters) == 1 else 's'}, each with its gradient"


def _saving(module: Module, x: Arrays) -> str:
    other = _copy(module)
    arrays = [*other.parameters()[0], *other.state().values()]
    for array in {id(array): array for array in arrays}.values():
        array += 1
    with tempfile.TemporaryDirectory() as folder:
        module.save(Path(folder) / "module.npz")
        other.load(Path(folder) / "module.npz")
    _expect(
        _same(other.eval().forward(x), module.eval().forward(x)), "another output after saving and loading"
    )
    return "saving and loading"


# How they look at a module.


class _Flat:
    """A module whose input and output are vectors, and whose random numbers are the same at every call."""

    def __init__(self, module: Module, x: Arrays):
        self.module = _copy(module)
        self.x, self.rngs = x, _generators(self.module)
        self.states = [rng.bit_generator.state for rng in self.rngs]

    def forward(self, vector: np.ndarray) -> np.ndarray:
        for rng, state in zip(self.rngs, self.states, strict=True):
            rng.bit_generator.state = state
        self.last = _like(vector, self.x)
        return _flatten(self.module.forward(self.last))

    def backward(self, vector: np.ndarray, grad_output: np.ndarray) -> np.ndarray:
        gradient = _like(grad_output, self.module.output)
        kept_x, kept = copy.deepcopy(self.last), copy.deepcopy(gradient)
        grad_input = _flatten(self.module.backward(self.last, gradient))
        _expect(_same(self.last, kept_x), "x was changed in place: it belongs to the caller, work on a copy")
        _expect(_same(gradient, kept), "grad_output was changed in place: it belongs to the caller")
        return grad_input

    def parameters(self):
        return self.module.parameters()

    def state(self):
        return self.module.state()

    def zero_grad_parameters(self):
        self.module.zero_grad_parameters()


def _backward(module: Module, x: Arrays, grad_output: Arrays, **options) -> tuple[Any, list[np.ndarray]]:
    """grad_input and the parameters' gradients after one forward and backward of a copy."""
    module = _copy(module)
    module.zero_grad_parameters()
    module.forward(x)
    return module.backward(x, grad_output, **options), module.parameters()[1]


def _copy(module: Module, *, training: bool | None = None, dtype: Any = None) -> Module:
    module = copy.deepcopy(module)
    if training is not None:
        module.train() if training else module.eval()
    if dtype is not None:
        module.double() if dtype == np.float64 else module.float()
    return module


def _generators(module: Module) -> list[np.random.Generator]:
    values = (value for part in module.walk() for value in vars(part).values())
    return [value for value in values if isinstance(value, np.random.Generator)]


# Arrays, and lists of arrays, alike.


def _leaves(value: Any) -> list[np.ndarray]:
    return [leaf for part in value for leaf in _leaves(part)] if isinstance(value, (list, tuple)) else [value]


def _map(function: Callable, value: Any) -> Any:
    return [_map(function, part) for part in value] if isinstance(value, (list, tuple)) else function(value)


def _shapes(value: Any) -> Any:
    return _map(np.shape, value)


def _flatten(value: Any) -> np.ndarray:
    """One array as it is; a list of arrays as one vector."""
    return np.concatenate([leaf.ravel() for leaf in _leaves(value)]) if isinstance(value, list) else value


def _like(flat: np.ndarray, value: Any) -> Any:
    """What `_flatten` made flat, in the form of `value` again."""
    if not isinstance(value, list):
        return flat
    parts = np.split(flat, np.cumsum([leaf.size for leaf in _leaves(value)])[:-1])
    rest = iter(parts)
    return _map(lambda leaf: next(rest).reshape(leaf.shape), value)


def _same(a: Any, b: Any) -> bool:
    return all(np.array_equal(*pair) for pair in zip(_leaves(a), _leaves(b), strict=True))


def _channels_last(array: np.ndarray) -> np.ndarray:
    """The same values, the second axis varying fastest in memory."""
    return np.moveaxis(np.ascontiguousarray(np.moveaxis(array, 1, -1)), -1, 1) if array.ndim > 2 else array


def _spread(array: np.ndarray) -> np.ndarray:
    """The same values, with gaps between them in memory."""
    wide = np.zeros((*array.shape, 2), array.dtype)
    wide[..., 0] = array
    return wide[..., 0]


def _expect(condition: bool, problem: str) -> None:
    if not condition:
        raise AssertionError(problem)


def _expect_close(found: Any, expected: Any, tolerance: float, what: str) -> None:
    """Every element within `tolerance` of the largest expected magnitude."""
    for ours, theirs in zip(_leaves(found), _leaves(expected), strict=True):
        _expect(ours.shape == theirs.shape, f"{what} has shape {ours.shape}, expected {theirs.shape}")
        error = np.abs(ours - theirs).max(initial=0)
        limit = tolerance * max(1, np.abs(theirs).max(initial=0))
        _expect(error <= limit, f"{what} is off by up to {error:.3g}, accepted are {limit:.3g}")


@contextmanager
def _naming(place: str):
    """Adds to a failure where it happened."""
    try:
        yield
    except AssertionError as error:
        raise AssertionError(f"{error} ({place})") from None


def _expect_error(call: Callable) -> None:
    try:
        call()
    except RuntimeError:
        return
    raise AssertionError("backward before forward passes, expected a RuntimeError")
