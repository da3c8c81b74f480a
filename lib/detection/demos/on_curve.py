"""The handle on a curve of precision and recall: a threshold moves along it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.demos.kit.touch import Values
from lib.demos.kit.track import Track
from lib.detection.average_precision import Ranking

if TYPE_CHECKING:
    from lib.demos.kit.demo import Demo


class OnCurve(Track):
    """A point on the curve; to the right or down the threshold falls, which finds more.

    Between two detections no step of the threshold moves the point, so its keys do not ask the curve.
    """

    def stepped(self, demo: Demo, index: int, right: int, up: int) -> Values:
        control, value = demo.controls[self.slider], demo.values[self.slider]
        return {self.slider: control.step_from(value, up - right)}


def point_at(ranking: Ranking, score: float) -> tuple[float, float]:
    """Recall and precision of the detections with this score or more; (0, 1) where there is none.

    >>> import numpy as np
    >>> point_at(Ranking(np.array([0.9, 0.8]), np.array([True, False]), objects=4), 0.8)
    (0.25, 0.5)
    """
    count = int((ranking.scores >= score).sum())
    hits = int(ranking.hits[:count].sum())
    return (hits / ranking.objects, hits / count) if count and ranking.objects else (0.0, 1.0)
