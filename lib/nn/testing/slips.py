"""Slips in how a layer is written, found by looking at its class: nothing is computed."""

from __future__ import annotations

from difflib import get_close_matches
from inspect import signature

from lib.nn.criterion import Criterion
from lib.nn.module import Module

# What `forward` and `backward` call, and how many arguments they give.
CALLED = {
    "update_output": ("update_output(self, x)", 1),
    "update_grad_input": ("update_grad_input(self, x, grad_output)", 2),
    "acc_grad_parameters": ("acc_grad_parameters(self, x, grad_output, scale=1.0)", 3),
}


def find_slips(module: Module) -> tuple[str, ...]:
    """What is wrong with how this layer, or a layer inside it, is written; empty where nothing is."""
    found = [slip for part in module.walk() for slip in _slips_of(part)]
    return tuple(dict.fromkeys(found))


def _slips_of(module: Module) -> list[str]:
    kind = type(module)
    if kind.__module__.split(".")[0] == "lib":
        return []
    slips = find_unwritten(kind, Module)
    near = _near_miss(kind, "acc_grad_parameters")
    if near and kind.acc_grad_parameters is Module.acc_grad_parameters:
        slips.append(
            f"{kind.__name__}: expected acc_grad_parameters, got {near}; nobody calls that: rename it"
        )
    return slips + _wrong_arguments(kind) + _wrong_names(module)


def find_unwritten(kind: type, base: type[Module] | type[Criterion]) -> list[str]:
    """Methods that a layer or a criterion has to write, and has not; perhaps under another name."""
    slips = []
    for ours, torchs in (("update_output", "forward"), ("update_grad_input", "backward")):
        if getattr(kind, ours) is not getattr(base, ours):
            continue
        if getattr(kind, torchs) is not getattr(base, torchs):
            slips.append(
                f"{kind.__name__}: write {ours}, not {torchs}: {torchs} is there already, it checks what "
                f"comes, and calls your {ours}"
            )
        else:
            near = _near_miss(kind, ours, base)
            hint = f"; {near} is close: is that what it is meant to be?" if near else ""
            call = ", ".join(signature(getattr(base, ours)).parameters)
            slips.append(f"{kind.__name__}: write {ours}({call}){hint}")
    return slips


def find_exchanged_arguments(module: Module) -> tuple[str, ...]:
    """Methods whose arguments are called like a gradient and its x, in this order.

    Names alone are no proof, so this is said only of a layer that is wrong.
    """
    found = [
        exchanged(part, name)
        for part in module.walk()
        for name in ("update_grad_input", "acc_grad_parameters")
        if names_are_gradients(part, name) == [True, False]
    ]
    return tuple(dict.fromkeys(found))


def names_are_gradients(module: Module, method: str) -> list[bool]:
    """Whether the first and the second argument of a method are called like a gradient."""
    return [_is_gradient(name) for name in list(signature(getattr(type(module), method)).parameters)[1:3]]


def exchanged(module: Module, method: str) -> str:
    """What to say where a method takes its arguments in the wrong order."""
    return f"{type(module).__name__}: arguments exchanged: {CALLED[method][0]}"


def _is_gradient(name: str) -> bool:
    """Whether an argument is called like a gradient: g, dy, grad, grad_output, gradOutput."""
    plain = name.lower()
    return plain in ("g", "go", "dy", "dout", "upstream", "delta") or plain.startswith("grad")


def _wrong_arguments(kind: type[Module]) -> list[str]:
    """Methods that cannot be called with what `forward` and `backward` give them."""
    slips = []
    for name, (call, count) in CALLED.items():
        method = getattr(kind, name)
        try:
            takes = signature(method)
            takes.bind(*range(count if isinstance(vars(kind).get(name), staticmethod) else count + 1))
        except TypeError:
            slips.append(f"{kind.__name__}: expected {call}, got {name}{takes}")
        except ValueError:  # no signature to be had
            continue
    return slips


def _near_miss(kind: type, name: str, base: type = Module) -> str:
    """A method of one's own that is nearly called so, such as updateOutput."""
    own = [method for each in kind.__mro__ if each is not base for method in vars(each)]
    own = [method for method in own if callable(getattr(kind, method, None)) and not hasattr(base, method)]
    plain = {method.replace("_", "").lower(): method for method in own}
    close = get_close_matches(name.replace("_", ""), plain, n=1, cutoff=0.8)
    return plain[close[0]] if close else ""


def _wrong_names(module: Module) -> list[str]:
    """parameter_names that is a text, or names what is not there."""
    slips = []
    for attribute in ("parameter_names", "buffer_names"):
        names = getattr(module, attribute)
        owner = f"{type(module).__name__}: {attribute}"
        if isinstance(names, str):
            slips.append(f'{owner}: expected a tuple of names, got the text {names!r}; write ("{names}",)')
        elif not isinstance(names, (tuple, list)) or not all(isinstance(name, str) for name in names):
            slips.append(f'{owner}: expected a tuple of names such as ("weight", "bias"), got {names!r}')
        elif names != getattr(Module, attribute):
            for name in names:
                if not hasattr(module, name):
                    slips.append(
                        f"{owner}: there is no self.{name}; make it in __init__, or correct the name"
                    )
    return slips
