"""The contract of every layer: forward, backward, parameters and their gradients."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from lib.checks import mismatch, name_of, shown
from lib.nn.constructors import give_constructor
from lib.nn.errors import (
    as_array,
    check_arrays,
    kind_of,
    no_attribute,
    same_values,
    shapes_of,
)
from lib.nn.npz import load_arrays, save_arrays

Arrays = np.ndarray | list[np.ndarray]  # what a TableModule takes or gives


class Module:
    """A layer, or a whole network: computes an output, and sends the loss's gradient back.

    Your own layer needs `update_output` and `update_grad_input`; if it learns, also `acc_grad_parameters`.
    Nobody calls these three but `forward` and `backward`, which check what comes and what is returned.

    input: the x of the last `forward`, which `backward` needs again
    output, grad_input: what the last `forward` and `backward` returned
    weight, bias, grad_weight, grad_bias: the parameters, and the gradients that `backward` adds to
    parameter_names: the attributes that are learnt, where they are not called weight and bias;
        the gradient of `name` is `grad_name`
    buffer_names: further arrays that belong to the state and are saved, such as running means
    training: True in training mode; Dropout and BatchNorm behave differently in evaluation mode

    Source: Torch7's nn.Module; deck A2, "In Torch7".

    >>> class Twice(Module):
    ...     def update_output(self, x):
    ...         self.output = 2 * x
    ...         return self.output
    ...
    ...     def update_grad_input(self, x, grad_output):
    ...         self.grad_input = 2 * grad_output
    ...         return self.grad_input
    >>> Twice().forward(np.array([1.0, 3.0]))
    array([2., 6.])
    """

    parameter_names: tuple[str, ...] = ("weight", "bias")
    buffer_names: tuple[str, ...] = ()
    input: Any = None
    output: Any = None
    grad_input: Any = None
    training: bool = True
    takes_lists: bool = False  # of arrays: whether a list of numbers is no likely x

    def __init_subclass__(cls, **options: Any):
        super().__init_subclass__(**options)
        give_constructor(cls)

    # What a layer is: written by each subclass.

    def update_output(self, x: np.ndarray) -> np.ndarray:
        """Computes `self.output` from x, and returns it; x stays as it is."""
        raise NotImplementedError(f"{type(self).__name__}: write update_output(self, x)")

    def update_grad_input(self, x: np.ndarray, grad_output: np.ndarray) -> np.ndarray:
        """Computes `self.grad_input`, ∂L/∂x, from ∂L/∂output, and returns it; changes no argument."""
        raise NotImplementedError(f"{type(self).__name__}: write update_grad_input(self, x, grad_output)")

    def acc_grad_parameters(self, x: np.ndarray, grad_output: np.ndarray, scale: float = 1.0) -> None:
        """Adds scale · ∂L/∂parameter to the gradient of each parameter; without parameters, nothing."""

    def check_input(self, x: np.ndarray) -> None:
        """Raises `ValueError` where x is not for this layer: see `wrong`. x is known to hold floats."""

    # What one does with a layer: the same for all.

    def forward(self, x: np.ndarray) -> np.ndarray:
        """The output for the input x.

        x: float32 or float64; its shape is the layer's matter. Images are (N, C, H, W).
        """
        x = as_array(x)
        check_arrays(self, "x", x)
        self.check_input(x)
        try:
            output = self.update_output(x)
        except Exception as error:
            self._check_parameters(error)
            raise
        self.output = self._returned("output", output)
        self.input = x
        return self.output

    def __call__(self, x: np.ndarray) -> np.ndarray:
        return self.forward(x)

    def backward(
        self, x: np.ndarray, grad_output: np.ndarray, scale: float = 1.0, *, need_grad_input: bool = True
    ) -> np.ndarray | None:
        """Sends ∂L/∂output back: returns ∂L/∂x, and adds scale · ∂L/∂parameter to each parameter's gradient.

        x: that of the last `forward`, or a copy of it; not changed in place since, which nobody would notice
        grad_output: shaped like `output`
        scale: what the parameters' gradients are multiplied by before they are added
        need_grad_input: False spares the gradient in x, and returns None; the first layer of a network has
            no use for it
        Raises `RuntimeError` before the first `forward`, `ValueError` where shapes do not fit or x is another
        than in the last `forward`.
        """
        x, grad_output = as_array(x), as_array(grad_output)
        self.check_backward(x, grad_output)
        try:
            if need_grad_input or self.children():  # layers inside learn from what it leaves in them
                self.grad_input = self._returned("grad_input", self.update_grad_input(x, grad_output), like=x)
            self.acc_grad_parameters(x, grad_output, scale)
        except Exception as error:
            self._check_parameters(error)
            raise
        return self.grad_input if need_grad_input else None

    def parameters(self) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """The parameters and their gradients: two lists in one order, each array once."""
        pairs: dict[int, tuple[np.ndarray, np.ndarray]] = {}
        for module in self.walk():
            for name, parameter, gradient in module._learnt():
                if pairs.setdefault(id(parameter), (parameter, gradient))[1] is not gradient:
                    expected = f"that of the layer with which {name} is shared"
                    advice = f"share both: second.grad_{name} = first.grad_{name}"
                    raise mismatch(module, f"grad_{name}", expected, "an array of its own", advice)
        return [parameter for parameter, _ in pairs.values()], [gradient for _, gradient in pairs.values()]

    def zero_grad_parameters(self) -> None:
        """Sets every gradient of a parameter to zero; without this, `backward` adds to them."""
        for gradient in self.parameters()[1]:
            gradient.fill(0)

    def update_parameters(self, learning_rate: float) -> None:
        """One step downhill: parameter ← parameter − learning_rate · gradient, in place."""
        for parameter, gradient in zip(*self.parameters(), strict=True):
            parameter -= learning_rate * gradient

    def train(self) -> Self:
        """Training mode, here and in every layer inside; returns the module."""
        for module in self.walk():
            module.training = True
        return self

    def eval(self) -> Self:
        """Evaluation mode, here and in every layer inside; returns the module."""
        for module in self.walk():
            module.training = False
        return self

    def reset(self, seed: int | np.random.Generator = 0) -> Self:
        """Draws all random parameters again, layer after layer from one generator; returns the module.

        Layers that were made with one seed and one shape start alike; after this they differ.
        """
        rng = np.random.default_rng(seed)
        for module in self.children().values():
            module.reset(rng)
        return self

    # Its parts, and its state.

    def children(self) -> dict[str, Module]:
        """The modules that are attributes of this one, or in a list or dictionary that is: name → module."""
        found = {}
        for name, value in vars(self).items():
            if isinstance(value, Module):
                found[name] = value
            elif isinstance(value, (list, tuple, dict)):
                prefix = "" if name == "modules" else f"{name}."
                parts = value.items() if isinstance(value, dict) else enumerate(value)
                found |= {f"{prefix}{key}": part for key, part in parts if isinstance(part, Module)}
        return found

    def walk(self) -> Iterator[Module]:
        """This module, and every module inside it, from the input on."""
        yield self
        for child in self.children().values():
            yield from child.walk()

    def state(self) -> dict[str, np.ndarray]:
        """Every parameter and buffer by name, such as "0.weight": the arrays themselves, not copies."""
        names = (*self._names("parameter_names"), *self._names("buffer_names"))
        found = {name: getattr(self, name) for name in names if getattr(self, name, None) is not None}
        for prefix, child in self.children().items():
            found |= {f"{prefix}.{name}": array for name, array in child.state().items()}
        return found

    def save(self, path: str | Path) -> None:
        """Writes parameters and buffers to an .npz file; a file that was there is replaced in one go."""
        save_arrays(path, self.state())

    def load(self, path: str | Path) -> Self:
        """Reads what `save` wrote, into a module built in the same way; returns the module.

        Raises `ValueError` where names or shapes differ, a number is nan or infinite, or the file is damaged;
        then nothing has changed.
        """
        load_arrays(path, into=self.state(), owner=name_of(self))
        return self

    def double(self) -> Self:
        """Parameters, gradients and buffers become float64, for gradient checks; returns the module."""
        return self._convert(np.float64)

    def float(self) -> Self:
        """Parameters, gradients and buffers become float32; returns the module."""
        return self._convert(np.float32)

    # Errors and print.

    def wrong(self, name: str, value: Any, expected: str, advice: str = "") -> ValueError:
        """The error for an argument of the wrong shape: what is accepted, what came, and what to do.

        >>> Module().wrong("x", np.zeros((2, 3, 4)), "(N, 12)", "put Flatten() before it")
        ValueError('Module(): x: expected (N, 12), got shape (2, 3, 4); put Flatten() before it')
        """
        return mismatch(self, name, expected, kind_of(value), advice)

    def check_backward(self, x: np.ndarray, grad_output: np.ndarray) -> None:
        """Raises where `backward` has come too early, or with arrays that are not for it.

        The rule is the same for every layer, whether it keeps something of `forward` or not: x has the
        numbers of the last `forward`. Mostly it is the very same array, and no number is compared.
        """
        if self.output is None:
            if type(self).update_output is Module.update_output:  # as in torch: only `forward` was written
                raise RuntimeError(
                    f"{name_of(self)}: update_output: expected it to be written, got forward; "
                    "write update_output(self, x), not forward(self, x)"
                )
            raise RuntimeError(
                f"{name_of(self)}: backward: expected forward before it, got none; "
                "call forward(x) first, with the same x"
            )
        if x is not self.input:
            check_arrays(self, "x", x)
            self.check_input(x)
            if shapes_of(x) != shapes_of(self.input):
                raise self.wrong("x", x, f"{shapes_of(self.input)}, as in the last forward")
            if not same_values(x, self.input):
                raise mismatch(
                    self, "x", "that of the last forward", "other numbers", "call forward(x) before backward"
                )
        check_arrays(self, "grad_output", grad_output, like=self.output)

    def describe(self) -> str:
        """What stands between the brackets when the module is printed, such as "5 -> 4"."""
        return ""

    def __repr__(self) -> str:
        children = self.children()
        if not children:
            return f"{type(self).__name__}({self.describe()})"
        head = f"{type(self).__name__}({self.describe()}"
        lines = [f"({name}): {child!r}".replace("\n", "\n  ") for name, child in children.items()]
        return "\n  ".join([head, *lines]) + "\n)"

    def _returned(self, name: str, value: Any, like: Any = None) -> Any:
        """What `update_output` or `update_grad_input` returned; raises where it is nothing, or not like x."""
        if value is None:
            raise TypeError(
                f"{name_of(self)}: update_{name}: expected an array, got None; "
                f"end it with `return self.{name}`"
            )
        if like is not None and shapes_of(value) != shapes_of(like):
            turned = isinstance(value, np.ndarray) and shapes_of(value.T) == shapes_of(like)
            advice = "this is the shape of its transpose" if turned else ""
            raise self.wrong(name, value, f"{shapes_of(like)}, as x has", advice)
        return as_array(value)

    def _names(self, attribute: str) -> tuple[str, ...]:
        """`parameter_names` or `buffer_names`; raises `TypeError` where a comma is missing."""
        if isinstance(names := getattr(self, attribute), str):
            advice = f"write a comma: {attribute} = ({names!r},)"
            raise TypeError(
                f"{name_of(self)}: {attribute}: expected a tuple of names, got {names!r}; {advice}"
            )
        return names

    def _learnt(self) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
        """Name, parameter and gradient of what this module itself learns; raises where one is no array."""
        for name in self._names("parameter_names"):
            if name not in vars(self) and not hasattr(type(self), name):
                if name in Module.parameter_names:
                    continue
                got = f"{name!r}, and there is no self.{name}"
                raise mismatch(self, "parameter_names", "names of its attributes", got)
            if (parameter := getattr(self, name)) is None:
                continue
            if not isinstance(parameter, np.ndarray):
                advice = f"self.{name} = np.array(…, np.float32)"
                raise mismatch(self, name, "a numpy array", shown(parameter), advice)
            gradient = getattr(self, "grad_" + name, None)
            if not isinstance(gradient, np.ndarray):
                expected = f"a numpy array, as {name} is learnt"
                advice = f"make it in __init__: self.grad_{name} = np.zeros_like(self.{name})"
                raise mismatch(self, f"grad_{name}", expected, shown(gradient), advice)
            if gradient.shape != parameter.shape:
                raise self.wrong("grad_" + name, gradient, f"{parameter.shape}, as {name} has")
            yield name, parameter, gradient

    def _check_parameters(self, error: Exception) -> None:
        """Where a layer has failed: raises a clearer error if a parameter is no array, or has changed shape.

        The gradients have the shapes that the parameters had at the start.
        """
        for name in self._names("parameter_names"):
            parameter, gradient = vars(self).get(name), vars(self).get("grad_" + name)
            if parameter is None or not isinstance(gradient, np.ndarray):
                continue
            if not isinstance(parameter, np.ndarray):
                advice = f"self.{name} = np.array(…, np.float32)"
                raise mismatch(self, name, "a numpy array", shown(parameter), advice) from error
            if parameter.shape != gradient.shape:
                turned = parameter.ndim == 2 and parameter.T.shape == gradient.shape
                advice = "yours looks transposed: W.T" if turned else ""
                raise self.wrong(name, parameter, str(gradient.shape), advice) from error

    if not TYPE_CHECKING:  # or every misspelt attribute would count as one

        def __getattr__(self, name):
            raise no_attribute(self, name)

    def _convert(self, dtype: type) -> Self:
        # A parameter that two layers share stays shared. The old arrays are kept till the end: an id is
        # an array's own only as long as that lives.
        known: dict[int, tuple[np.ndarray, np.ndarray]] = {}
        done: set[int] = set()
        for module in self.walk():
            parameters = module._names("parameter_names")
            gradients = ["grad_" + name for name in parameters]
            for name in (*parameters, *gradients, *module._names("buffer_names")):
                array = getattr(module, name, None)
                if array is not None and array.dtype.kind == "f" and id(array) not in done:
                    new = known.setdefault(id(array), (array, array.astype(dtype)))[1]
                    setattr(module, name, new)
                    done.add(id(new))
        return self


class TableModule(Module):
    """A module that takes or gives several arrays in a list, which Torch7 calls a table.

    It differs from `Module` in its types only: x, output and their gradients may be lists of arrays.
    """

    takes_lists = True

    def forward(self, x: Arrays) -> Any:
        return super().forward(x)  # type: ignore[arg-type]  # the one place that says so

    def __call__(self, x: Arrays) -> Any:
        return self.forward(x)

    def backward(
        self, x: Arrays, grad_output: Arrays, scale: float = 1.0, *, need_grad_input: bool = True
    ) -> Any:
        return super().backward(x, grad_output, scale, need_grad_input=need_grad_input)  # type: ignore[arg-type]
