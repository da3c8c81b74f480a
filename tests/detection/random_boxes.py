"""Random boxes for hypothesis, on a coarse grid: many touch or are equal, and each area is exact."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

DTYPES = (np.float32, np.float64, np.int64)
THRESHOLDS = (0.0, 0.1, 0.25, 0.3, 1 / 3, 0.5, 0.7, 0.75, 0.9, 1.0)


def boxes(count, dtypes=DTYPES, least=-4):
    """N boxes (N, 4) with whole corners from `least` to 16; count: a strategy for N, or N."""
    if isinstance(count, int):
        count = st.just(count)
    corner = st.integers(least, 8)
    side = st.integers(1, 8)
    box = st.tuples(corner, corner, side, side).map(lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3]))
    rows = count.flatmap(lambda n: st.lists(box, min_size=n, max_size=n))
    return st.tuples(rows, st.sampled_from(dtypes)).map(lambda p: np.array(p[0], p[1]).reshape(-1, 4))


def uneven_boxes(count, dtype):
    """N boxes whose corners are any numbers from −100 to 200, sides from 0.5."""
    width = 32 if dtype == np.float32 else 64
    start = arrays.arrays(dtype, (count, 2), elements=st.floats(-100, 100, width=width))
    side = arrays.arrays(dtype, (count, 2), elements=st.floats(0.5, 100, width=width))
    return st.tuples(start, side).map(lambda pair: np.concatenate([pair[0], pair[0] + pair[1]], axis=1))


def scores(count, levels=4):
    """Scores (count,) of few values, so that there are ties."""
    return st.lists(st.integers(0, levels), min_size=count, max_size=count).map(
        lambda found: np.array(found, np.float64) / levels
    )


def read_only(*values):
    """Arrays of which writing raises: a function that gets them leaves its caller's arrays alone."""
    for value in values:
        value.setflags(write=False)
    return values
