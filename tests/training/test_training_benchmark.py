"""The benchmark trains the network that lecture 09 shows."""

import numpy as np
import pytest

from benchmarks import training


def test_the_network_is_read_from_the_lecture():
    scores = training.lecture_network().forward(np.zeros((2, 3, 32, 32), np.float32))
    assert scores.shape == (2, 10)


def test_a_lecture_without_that_cell_is_an_error(monkeypatch):
    monkeypatch.setattr(training, "CELL", "no cell begins like this")
    with pytest.raises(LookupError, match="0 cells begin with"):
        training.lecture_network()
