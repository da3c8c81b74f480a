"""Modules made of modules: one after another, or side by side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self

import numpy as np

from lib.checks import mismatch, name_of
from lib.nn.errors import as_array, say_what_came_before, shapes_of
from lib.nn.module import Module, TableModule
from lib.nn.shape import Identity


class Container(Module):
    """What containers share: a list of modules, and errors that name the one that failed."""

    def __init__(self, *modules: Module):
        self.modules: list[Module] = []
        self.add(*modules)

    def add(self, *modules: Module) -> Self:
        """Appends a module, or several; returns the container, so that calls can be chained."""
        inside = {id(part) for part in self.walk()}
        for module in modules:
            if not isinstance(module, Module):
                hint = f"; make one: {module.__name__}(…)" if isinstance(module, type) else ""
                hint = "; give them one by one: *modules" if isinstance(module, (list, tuple)) else hint
                got = f"{type(module).__name__} {module!r}"
                raise TypeError(f"{type(self).__name__}: modules: expected a module, got {got}{hint}")
            parts = {id(part) for part in module.walk()}
            if inside & parts:
                expected = "each module once, as it remembers one output only"
                got = f"{name_of(module)} twice"
                advice = (
                    "make a second one, and share second.weight, second.grad_weight = "
                    "first.weight, first.grad_weight"
                )
                raise mismatch(type(self).__name__, "modules", expected, got, advice)
            inside |= parts
        self.modules.extend(modules)
        return self

    def __getitem__(self, index: int) -> Module:
        """The module at an index; negative ones count from the end."""
        return self.modules[index]

    def __len__(self) -> int:
        return len(self.modules)

    def __iter__(self) -> Iterator[Module]:
        return iter(self.modules)

    def naming(self, index: int) -> Naming:
        """Adds to an error which of the modules it came from."""
        return Naming(self, index)

    def explain(self, error: Exception, index: int) -> None:
        """Says more about the error of a module, where the container knows more; by default it does not."""


class Naming:
    """What `Container.naming` returns: quicker than a generator, as it is passed for every module."""

    def __init__(self, container: Container, index: int):
        self.container, self.index = container, index

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, Exception):
            which = f"module {self.index} of {type(self.container).__name__}"
            error.add_note(f"in {which}: {name_of(self.container.modules[self.index])}")
            self.container.explain(error, self.index)


class Sequential(Container):
    """Modules one after another: the output of each is the input of the next.

    modules: one by one, or later by `add`

    Source: Torch7's nn.Sequential; deck A2, "Feed Forward – In Torch7".

    >>> model = Sequential(Identity(), Identity())
    >>> model
    Sequential(
      (0): Identity()
      (1): Identity()
    )
    """

    def __getitem__(self, index: int | slice) -> Module:
        """The module at an index, or a Sequential of those in a slice; they stay shared."""
        return Sequential(*self.modules[index]) if isinstance(index, slice) else self.modules[index]

    def explain(self, error, index):
        if index and self.output is None:  # in forward
            before, module = self.modules[index - 1 : index + 1]
            say_what_came_before(error, before, module, before.output)

    def update_output(self, x):
        self.output = None  # if a module fails, the others remember different inputs: no backward then
        for i, module in enumerate(self.modules):
            with self.naming(i):
                x = module.forward(x)
        self.output = x
        return x

    def backward(self, x, grad_output, scale=1.0, *, need_grad_input=True):
        x, grad_output = as_array(x), as_array(grad_output)
        self.check_backward(x, grad_output)
        for i, inner in self._from_the_end(self.input):  # the same numbers: nobody inside compares them again
            with self.naming(i):
                need = need_grad_input or i > 0
                grad_output = self.modules[i].backward(inner, grad_output, scale, need_grad_input=need)
        self.grad_input = grad_output if need_grad_input else None
        return self.grad_input

    def update_grad_input(self, x, grad_output):
        for i, inner in self._from_the_end(x):
            module = self.modules[i]
            module.grad_input = grad_output = module.update_grad_input(inner, grad_output)
        self.grad_input = grad_output
        return grad_output

    def acc_grad_parameters(self, x, grad_output, scale=1.0):
        """Uses the gradients that `update_grad_input` left in the modules."""
        for i, inner in self._from_the_end(x):
            self.modules[i].acc_grad_parameters(inner, grad_output, scale)
            grad_output = self.modules[i].grad_input

    def _from_the_end(self, x: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
        """The index and the input of every module, last first."""
        inputs = [x, *(module.output for module in self.modules[:-1])]
        return reversed(list(zip(range(len(self)), inputs, strict=True)) if self.modules else [])


class Branches(Container):
    """Modules side by side, all with the same input; a subclass says how their outputs are joined.

    grad_input: the sum of the branches' gradients, since x had an effect through each of them
    """

    def join(self, outputs: list[np.ndarray]) -> np.ndarray:
        """The output, from those of the branches."""
        raise NotImplementedError

    def split(self, grad_output: np.ndarray) -> list[np.ndarray]:
        """The gradient for each branch, from that of the output."""
        raise NotImplementedError

    def update_output(self, x):
        if not self.modules:
            raise mismatch(self, "modules", "at least one", "none", "give it some with add")
        self.output, outputs = None, []
        for i, module in enumerate(self.modules):
            with self.naming(i):
                outputs.append(module.forward(x))
        self.output = self.join(outputs)
        return self.output

    def backward(self, x, grad_output, scale=1.0, *, need_grad_input=True):
        x, grad_output = as_array(x), as_array(grad_output)
        self.check_backward(x, grad_output)
        for i, part in enumerate(self.split(grad_output)):
            with self.naming(i):
                self.modules[i].backward(self.input, part, scale, need_grad_input=need_grad_input)
        self.grad_input = self._sum() if need_grad_input else None
        return self.grad_input

    def update_grad_input(self, x, grad_output):
        for module, part in zip(self.modules, self.split(grad_output), strict=True):
            module.grad_input = module.update_grad_input(x, part)
        self.grad_input = self._sum()
        return self.grad_input

    def acc_grad_parameters(self, x, grad_output, scale=1.0):
        for module, part in zip(self.modules, self.split(grad_output), strict=True):
            module.acc_grad_parameters(x, part, scale)

    def _sum(self) -> np.ndarray:
        return as_array(add_arrays([module.grad_input for module in self.modules]))


class ConcatTable(Branches, TableModule):
    """The list of what several modules make of one input.

    modules: those that get the input, one by one

    Source: Torch7's nn.ConcatTable.

    >>> ConcatTable(Identity(), Identity()).forward(np.array([1.0, 2.0]))
    [array([1., 2.]), array([1., 2.])]
    """

    def join(self, outputs):
        return outputs

    def split(self, grad_output):
        return grad_output


class Concat(Branches):
    """The outputs of several modules, one behind the other along an axis.

    dim: the axis, 0 for the batch, 1 for the channels of (N, C, H, W)
    modules: those that get the input, one by one

    Source: Torch7's nn.Concat.

    >>> Concat(1, Identity(), Identity()).forward(np.ones((2, 3))).shape
    (2, 6)
    """

    def __init__(self, dim: int, *modules: Module):
        if not isinstance(dim, int) or isinstance(dim, bool):
            raise TypeError(f"Concat: dim: expected a number, the axis, got {type(dim).__name__} {dim!r}")
        super().__init__(*modules)
        self.dim = dim

    def join(self, outputs):
        try:
            self.ends = np.cumsum([output.shape[self.dim] for output in outputs])
            return np.concatenate(outputs, axis=self.dim)
        except (AttributeError, IndexError, ValueError) as error:
            raise ValueError(
                f"Concat: modules: expected outputs that are alike but for axis {self.dim}, "
                f"got shapes {shapes_of(outputs)}"
            ) from error

    def split(self, grad_output):
        return np.split(grad_output, self.ends[:-1], axis=self.dim)

    def describe(self):
        return str(self.dim)


class CAddTable(TableModule):
    """The sum of a list of arrays of one shape.

    Source: Torch7's nn.CAddTable.

    >>> Sequential(ConcatTable(Identity(), Identity()), CAddTable()).forward(np.array([1.0, 2.0]))
    array([2., 4.])
    """

    def check_input(self, x):
        if not isinstance(x, (list, tuple)) or not x or any(shapes_of(p) != shapes_of(x[0]) for p in x):
            raise self.wrong("x", x, "a list of arrays of one shape")

    def update_output(self, x):
        self.output = add_arrays(x)
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = [grad_output] * len(x)
        return self.grad_input


class Residual(Branches):
    """x + branch(x): what the branch learns is the difference to x.

    modules: the branch, one after another; its output has the shape of x, or of the shortcut's output
    shortcut: a module in place of the plain x, such as a 1×1 convolution where the shape changes

    Source: He, Zhang, Ren and Sun, 2016.

    >>> Residual(Identity()).forward(np.array([1.0, 2.0]))
    array([2., 4.])
    """

    def __init__(self, *modules: Module, shortcut: Module | None = None):
        super().__init__(Sequential(*modules), Identity() if shortcut is None else shortcut)

    def join(self, outputs):
        branch, shortcut = outputs
        if np.shape(branch) != np.shape(shortcut):
            raise ValueError(
                f"Residual: modules: expected {np.shape(shortcut)}, as the shortcut gives, "
                f"got {np.shape(branch)}; make them alike, such as with "
                "shortcut=Conv2d(in_channels, out_channels, 1, stride)"
            )
        return branch + shortcut

    def split(self, grad_output):
        return [grad_output, grad_output]


def add_arrays(parts: list[Any]) -> Any:
    """The sum of arrays, or of lists of arrays element by element; a new array."""
    if isinstance(parts[0], (list, tuple)):
        return [add_arrays(list(column)) for column in zip(*parts, strict=True)]
    total = parts[0] + 0
    for part in parts[1:]:
        total += part
    return total
