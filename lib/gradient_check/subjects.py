"""What can be checked, made alike: variables, an output, and the gradients in the variables."""

from __future__ import annotations

import copy
from collections.abc import Callable
from inspect import signature
from typing import Any

import numpy as np

from lib.checks import shown


def make_subject(target: Any, gradient: Callable | None, x: np.ndarray, name: str | None = None) -> Subject:
    """The subject for a module, a pair of functions, or one function that returns loss and gradient.

    name: what x is called in the report; where it is None, the name that the function gives its argument
    """
    if isinstance(target, type):
        raise ValueError(
            f"module_or_function: expected a module, got the class {target.__name__}; make one: "
            f"{target.__name__}(…)"
        )
    if hasattr(target, "forward") and hasattr(target, "backward"):
        if gradient is not None:
            raise ValueError(
                f"gradient: expected None with a module, whose own backward is checked, got {shown(gradient)}"
            )
        return ModuleSubject(target, x, name or "x")
    if not callable(target):
        raise ValueError(
            f"module_or_function: expected a module with forward and backward, or a function, "
            f"got {type(target).__name__}"
        )
    _check_call("module_or_function", target, 1, "x alone", "; fix the others: lambda x: f(x, …)")
    if gradient is not None and not callable(gradient):
        raise ValueError(
            f"gradient: expected a function, got {shown(gradient)}; write gradient=lambda x: … "
            "(lambda x, grad_output: … where the output is an array)"
        )
    name = name or _argument_of(target)
    return (
        FunctionAndGradient(target, gradient, x, name)
        if gradient is not None
        else LossAndGradient(target, x, name)
    )


def _check_call(name: str, function: Callable, count: int, wanted: str, advice: str = "") -> None:
    """Raises `ValueError` where a function cannot be called with so many arguments."""
    try:
        takes = signature(function)
        takes.bind(*range(count))
    except TypeError:
        raise ValueError(f"{name}: expected a function of {wanted}, got one of {takes}{advice}") from None
    except ValueError:  # np.tanh has no signature
        return


def _argument_of(function: Callable) -> str:
    """What a function calls its first argument, such as "W"; "x" where it does not say."""
    try:
        first = next(iter(signature(function).parameters.values()), None)
    except (TypeError, ValueError):  # np.tanh has no signature
        return "x"
    named = first is not None and first.kind in (first.POSITIONAL_ONLY, first.POSITIONAL_OR_KEYWORD)
    return first.name if first is not None and named else "x"


class Subject:
    """What is checked.

    variables: float64 arrays by name, which the check nudges in place; `forward` sees the change
    inputs: the names among them that are inputs; the others are parameters, whose gradients add up over calls
    mutated: names of the arguments that a call changed; every call gets copies, so nothing is lost
    overwritten: names of the parameters that backward changed; they are put back
    """

    learns = False  # whether there are parameters among the variables

    def __init__(self, /, **inputs: np.ndarray):
        self.variables = dict(inputs)
        self.inputs = tuple(inputs)
        self.mutated: set[str] = set()
        self.overwritten: set[str] = set()

    def forward(self) -> np.ndarray:
        """The output for the present variables."""
        raise NotImplementedError

    def backward(self, grad_output: np.ndarray) -> dict[str, np.ndarray]:
        """The gradient in each variable."""
        raise NotImplementedError

    def backward_with_transposed(self, name: str, grad_output: np.ndarray) -> dict[str, np.ndarray]:
        """The gradients after a usual forward, where backward meets the square variable `name` transposed.

        Nothing, where a subject cannot be tried in this way.
        """
        return {}

    def backward_at_output(self, grad_output: np.ndarray) -> dict[str, np.ndarray]:
        """The gradient in the only input, where backward meets the output in the place of x; else nothing."""
        return {}

    def lend(self, function: Callable, /, **arguments: np.ndarray) -> Any:
        """Calls a function with copies, and notes which of them it changed."""
        copies = {name: array.copy() for name, array in arguments.items()}
        result = function(*copies.values())
        self.mutated |= {name for name, array in arguments.items() if not np.array_equal(copies[name], array)}
        return result


class LossAndGradient(Subject):
    """A function x → (loss, gradient)."""

    def __init__(self, function: Callable, x: np.ndarray, name: str):
        super().__init__(**{name: x})
        self.function, self.name = function, name

    def _call(self) -> tuple[Any, Any]:
        result = self.lend(self.function, **self.variables)
        if not isinstance(result, tuple) or len(result) != 2 or np.size(result[0]) != 1:
            exchanged = isinstance(result, tuple) and len(result) == 2 and np.size(result[1]) == 1
            advice = (
                "they are exchanged: return the loss first"
                if exchanged
                else "for two functions use check_gradients(function, x, gradient=...)"
            )
            raise ValueError(
                "module_or_function: expected a function that returns (loss, gradient), the loss one number, "
                f"got {_shown_result(result)}; {advice}"
            )
        return result

    def forward(self) -> np.ndarray:
        return np.asarray(self._call()[0]).reshape(())

    def backward(self, grad_output: np.ndarray) -> dict[str, np.ndarray]:
        return {self.name: grad_output * as_gradient(self._call()[1])}


def _shown_result(result: Any) -> str:
    """What a function returned, several values by their shapes."""
    return f"({', '.join(map(shown, result))})" if isinstance(result, tuple) else shown(result)


class FunctionAndGradient(Subject):
    """A function x → output, and its gradient: of (x), or where the output is an array (x, grad_output)."""

    def __init__(self, function: Callable, gradient: Callable, x: np.ndarray, name: str):
        super().__init__(**{name: x})
        self.function, self.gradient, self.name = function, gradient, name

    def forward(self) -> np.ndarray:
        output = self.lend(self.function, **self.variables)
        if isinstance(output, tuple):
            raise ValueError(
                "module_or_function: expected a function that returns its output alone, since gradient= is "
                f"given, got {len(output)} values"
            )
        return np.asarray(output)

    def backward(self, grad_output: np.ndarray) -> dict[str, np.ndarray]:
        scalar = grad_output.ndim == 0
        wanted = (
            "x alone, since the output is one number"
            if scalar
            else "(x, grad_output), since the output is an array"
        )
        _check_call("gradient", self.gradient, 1 if scalar else 2, wanted)
        if scalar:
            return {self.name: grad_output * as_gradient(self.lend(self.gradient, **self.variables))}
        result = self.lend(self.gradient, **self.variables, grad_output=grad_output)
        return {self.name: as_gradient(result)}

    def backward_at_output(self, grad_output: np.ndarray) -> dict[str, np.ndarray]:
        output = self.forward()
        if not output.ndim or output.shape != self.variables[self.name].shape:
            return {}
        return {self.name: as_gradient(self.gradient(output, grad_output.copy()))}


class ModuleSubject(Subject):
    """A copy of a module, in float64."""

    def __init__(self, module: Any, x: np.ndarray, name: str = "x"):
        super().__init__(**{name: x})
        self.x = x
        parameters, gradients = module.parameters() if hasattr(module, "parameters") else ([], [])
        # deepcopy takes what it finds here in place of a copy: wherever the module keeps one of these arrays,
        # its copy keeps the float64 one.
        known = {id(array): np.array(array, np.float64) for array in [*parameters, *gradients]}
        named = (
            {id(array): name for name, array in module.state().items()} if hasattr(module, "state") else {}
        )
        names = [
            named.get(id(parameter)) or _name_of(parameter, module) or f"parameters[{i}]"
            for i, parameter in enumerate(parameters)
        ]
        self.module = copy.deepcopy(module, known)
        self.learns = bool(parameters)
        if self.learns:
            self.variables |= dict(zip(names, self.module.parameters()[0], strict=True))

    def forward(self) -> np.ndarray:
        return np.asarray(self.lend(self.module.forward, x=self.x))

    def backward(self, grad_output: np.ndarray) -> dict[str, np.ndarray]:
        if self.learns:
            self.module.zero_grad_parameters()
        return self.accumulate(grad_output)

    def backward_with_transposed(self, name: str, grad_output: np.ndarray) -> dict[str, np.ndarray]:
        if name in self.inputs:
            return {}
        matrix = self.variables[name]
        try:
            self.forward()
            matrix[...] = matrix.T.copy()
            self.module.zero_grad_parameters()
            return self._backward(grad_output)
        finally:
            matrix[...] = matrix.T.copy()

    def accumulate(self, grad_output: np.ndarray) -> dict[str, np.ndarray]:
        """forward and backward without zeroing first: the parameters' gradients should be added to."""
        self.forward()
        return self._backward(grad_output)

    def _backward(self, grad_output: np.ndarray) -> dict[str, np.ndarray]:
        parameters = {name: self.variables[name].copy() for name in self.variables if name not in self.inputs}
        gradients = [as_gradient(self.lend(self.module.backward, x=self.x, grad_output=grad_output))]
        for name, kept in parameters.items():
            if not np.array_equal(self.variables[name], kept):
                self.overwritten.add(name)
                self.variables[name][...] = kept
        if self.learns:
            gradients += [as_gradient(gradient) for gradient in self.module.parameters()[1]]
        return dict(zip(self.variables, gradients, strict=True))


def as_gradient(gradient: Any) -> np.ndarray:
    """A float64 copy of the gradient that a user's code returned; `ValueError` where it is not numbers."""
    gradient = np.array(gradient)
    if gradient.dtype.kind not in "buif":
        raise ValueError(
            f"gradient: expected an array of numbers, got {gradient.dtype} {gradient}; is it returned?"
        )
    return gradient.astype(np.float64)


def _name_of(parameter: np.ndarray, module: Any) -> str:
    """Where a module keeps a parameter, such as "weight" or "modules[2].bias"; "" where it isn't found."""
    for name, value in vars(module).items() if hasattr(module, "__dict__") else ():
        if value is parameter:
            return name
        for i, child in enumerate(value) if isinstance(value, (list, tuple)) else ():
            inner = _name_of(parameter, child)
            if inner:
                return f"{name}[{i}].{inner}"
    return ""
