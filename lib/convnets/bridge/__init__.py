"""Between lib.nn and torch: a network's twin on the other side, with the same weights, either way."""

from lib.convnets.bridge.from_torch import from_torch
from lib.convnets.bridge.to_torch import to_torch
from lib.convnets.bridge.weights import copy_weights, names

__all__ = ["copy_weights", "from_torch", "names", "to_torch"]
