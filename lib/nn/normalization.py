"""What batch and group normalisation share: the weights, and sums that `backward` takes once."""

from __future__ import annotations

import numpy as np

from lib.nn.module import Module

Sums = tuple[np.ndarray, np.ndarray]  # of grad_output · x', where x' is normalised, and of grad_output


class Normalization(Module):
    """(x − mean) / std · weight + bias; a subclass says over what mean and std are taken.

    Both halves of `backward` need the same sums over x and grad_output: a subclass writes `sums`, and its
    halves ask `sums_once` for them.

    mean, std: of the last forward
    affine: whether there are weight and bias, (C,)
    """

    mean: np.ndarray
    std: np.ndarray
    affine: bool
    taken: list[Sums] | None = None  # what `sums_once` has taken for the `backward` at work; None outside it

    def make_weights(self, channels: int, affine: bool) -> None:
        """Sets weight, bias and their gradients, (channels,), to None or to arrays that `reset` fills."""
        self.affine = bool(affine)
        self.weight: np.ndarray | None = None
        self.bias: np.ndarray | None = None
        if affine:
            self.weight, self.bias, self.grad_weight, self.grad_bias = np.zeros((4, channels), np.float32)

    def reset(self, seed=0):
        """The weights become 1 again, the biases 0; nothing is random."""
        if self.weight is not None and self.bias is not None:
            self.weight.fill(1)
            self.bias.fill(0)
        return self

    def backward(self, x, grad_output, scale=1.0, *, need_grad_input=True):
        self.taken = []
        try:
            return super().backward(x, grad_output, scale, need_grad_input=need_grad_input)
        finally:
            self.taken = None

    def sums(self, x: np.ndarray, grad_output: np.ndarray) -> Sums:
        """The sums of grad_output · x' and of grad_output, with x' = (x − mean) / std."""
        raise NotImplementedError(f"{type(self).__name__}: write sums(self, x, grad_output)")

    def sums_once(self, x: np.ndarray, grad_output: np.ndarray) -> Sums:
        """As `sums`; within one `backward` they are taken once."""
        if self.taken is None:
            return self.sums(x, grad_output)
        if not self.taken:
            self.taken.append(self.sums(x, grad_output))
        return self.taken[0]

    def slope(self) -> np.ndarray:
        """How steep the output is in x where mean and std stay as they are: shaped like std."""
        return (1 if self.weight is None else self.weight) / self.std
