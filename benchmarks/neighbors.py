"""Nearest neighbours against the bare matrix product, scikit-learn and scipy; and the memory they take."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from statistics import median

import numpy as np
from scipy.spatial.distance import cdist
from sklearn.neighbors import NearestNeighbors

from benchmarks.measure import Row, interleaved, ratios
from data_loaders import Dataset, load_dataset
from lib.classifiers import KNearestNeighbors

K = 5
ALL = 10_000  # queries that seconds are scaled to

# Prints the peak memory in MB that a search adds to a process that holds the data.
MEMORY = """
import sys, psutil, threading
import numpy as np
from lib.classifiers import KNearestNeighbors

metric, n, m = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
rng = np.random.default_rng(0)
smooth = lambda count: rng.integers(0, 256, (count, 96), dtype=np.uint8).repeat(32, axis=1)
train, queries = smooth(n), smooth(m)
model = KNearestNeighbors(5, metric).train(train, np.zeros(n, np.int64))
process = psutil.Process()
before = peak = process.memory_info().rss
done = threading.Event()
def watch():
    global peak
    while not done.wait(0.005):
        peak = max(peak, process.memory_info().rss)
watcher = threading.Thread(target=watch)
watcher.start()
model.neighbors(queries)
done.set()
watcher.join()
print((peak - before) / 1e6)
"""


def rows(quick: bool) -> Iterator[Row]:
    data = load_dataset("shapes10" if quick else "auto")
    train, turns = (2000, 1) if quick else (50_000, 3)
    yield from l2_rows(data, queries=64 if quick else 4000, train=train, turns=turns)
    yield from l1_rows(data, queries=32 if quick else 500, train=train, turns=turns)
    yield from memory_rows(queries=100 if quick else ALL, train=train)


def l2_rows(data: Dataset, *, queries: int, train: int, turns: int) -> Iterator[Row]:
    """Both peers get float32, converted beforehand; scikit-learn gets a quarter of the queries."""
    X, y, Q = _pixels(data, queries, train)
    X_float, Q_float = X.astype(np.float32), Q.astype(np.float32)
    Q_part, out = Q_float[: len(Q) // 4], np.empty((len(Q), len(X)), np.float32)
    model = KNearestNeighbors(K, "l2").train(X, y)
    theirs = NearestNeighbors(n_neighbors=K, algorithm="brute").fit(X_float)
    seconds = interleaved(
        {
            "ours": lambda: model.neighbors(Q),
            "product": lambda: np.matmul(Q_float, X_float.T, out=out),
            "sklearn": lambda: theirs.kneighbors(Q_part),
        },
        turns=turns,
    )
    what, ours = _case(data, X, Q), _scaled(seconds["ours"], len(Q))
    slower = ratios(seconds["ours"], seconds["product"])
    product = _scaled(seconds["product"], len(Q))
    yield Row("L2 / matrix product", what, slower, at_most=1.15, ours=ours, peer=product)
    sklearn = _scaled(seconds["sklearn"], len(Q_part))
    faster = [len(Q) / len(Q_part) * ratio for ratio in ratios(seconds["sklearn"], seconds["ours"])]
    yield Row("scikit-learn brute / L2", what, faster, at_least=1.8, ours=ours, peer=sklearn)


def l1_rows(data: Dataset, *, queries: int, train: int, turns: int) -> Iterator[Row]:
    """scipy is slow but steady: it gets few queries and part of the training data, converted beforehand."""
    X, y, Q = _pixels(data, queries, train)
    X_part, Q_part = X[:5000].astype(np.float64), Q[:16].astype(np.float64)
    noise = np.random.default_rng(0).integers(0, 256, (min(50, len(Q)), X.shape[1]), dtype=np.uint8)
    seconds = interleaved(
        {
            "ours": lambda: KNearestNeighbors(K, "l1").train(X, y).neighbors(Q, threads=1),
            "scipy": lambda: cdist(Q_part, X_part, "cityblock"),
            "noise": lambda: KNearestNeighbors(K, "l1").train(X, y).neighbors(noise, threads=1),
        },
        turns=turns,
    )
    share = len(Q_part) * len(X_part) / len(X)  # so many queries' worth of pairs
    ours, scipy, hard = (
        [time / count for time in seconds[side]]
        for side, count in [("ours", len(Q)), ("scipy", share), ("noise", len(noise))]
    )
    peer = _scaled(seconds["scipy"], share)
    name, case = "scipy cdist / L1", _case(data, X, Q)
    yield Row(name, case, ratios(scipy, ours), at_least=2.7, ours=_scaled(seconds["ours"], len(Q)), peer=peer)
    case = f"noise as queries: the worst case ({len(noise)} of them)"
    yield Row(name, case, ratios(scipy, hard), ours=_scaled(seconds["noise"], len(noise)), peer=peer)


def memory_rows(*, queries: int, train: int) -> Iterator[Row]:
    """The search's peak of resident memory beyond the data, in a process of its own."""
    for metric in ("l2", "l1"):
        command = [sys.executable, "-c", MEMORY, metric, str(train), str(queries)]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        what = f"{queries:,} × {train:,} × 3,072 bytes, every core"
        yield Row(f"memory of {metric.upper()}", what, [float(printed)], unit="MB", at_most=300)


def _pixels(data: Dataset, queries: int, train: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Training examples and labels, and queries, as uint8 rows in memory."""
    train_part, test_part = data.train.take(train), data.test.take(queries)
    X, Q = (np.array(split.images).reshape(len(split), -1) for split in (train_part, test_part))
    return X, train_part.labels, Q


def _case(data: Dataset, X: np.ndarray, Q: np.ndarray) -> str:
    return f"{data.name}, k = {K}, {len(Q):,} × {len(X):,} × {X.shape[1]:,} uint8"


def _scaled(seconds: list[float], queries: float) -> str:
    """The time for 10,000 queries, scaled from those measured."""
    return f"{median(seconds) / queries * ALL:.3g} s/10k"
