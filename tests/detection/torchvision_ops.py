"""torchvision's operations on boxes, an oracle where its build fits that of torch."""

import pytest


def torchvision_ops():
    """The module torchvision.ops; skips the test where it cannot be loaded."""
    try:
        from torchvision import ops
    except (ImportError, RuntimeError) as error:
        pytest.skip(f"no torchvision that fits: {error}")
    return ops
