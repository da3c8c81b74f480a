"""The gates, family by family: forward and backward side by side, each small enough to write live.

A new gate is written into the file of its family, and nowhere else.
"""

# Every family lists in its `__all__` what it adds. ruff: F403 is about names whose origin cannot be seen.
from lib.graph.gates import activations, arithmetic, arrays, extremes, functions, losses
from lib.graph.gates.activations import *  # noqa: F403
from lib.graph.gates.arithmetic import *  # noqa: F403
from lib.graph.gates.arrays import *  # noqa: F403
from lib.graph.gates.extremes import *  # noqa: F403
from lib.graph.gates.functions import *  # noqa: F403
from lib.graph.gates.losses import *  # noqa: F403

__all__: list[str] = []
__all__ += activations.__all__
__all__ += arithmetic.__all__
__all__ += arrays.__all__
__all__ += extremes.__all__
__all__ += functions.__all__
__all__ += losses.__all__
