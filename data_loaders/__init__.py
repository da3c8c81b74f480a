"""Data sets: find, fetch, verify, decode, cache. Nothing here knows about models."""

from .cifar10 import load_cifar10
from .dataset import Dataset, Split
from .load import load_dataset
from .shapes10 import load_shapes10

__all__ = ["Dataset", "Split", "load_cifar10", "load_dataset", "load_shapes10"]
