"""Is a layer right? The properties that every layer of the library has, checked on yours."""

from lib.nn.testing.check import check_criterion, check_module

__all__ = ["check_criterion", "check_module"]
