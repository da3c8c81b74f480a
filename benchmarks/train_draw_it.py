"""Trains the small convnet of lib/demos/draw_it.py on drawn outlines: python -m benchmarks.train_draw_it

Outlines of the ten classes of Shapes-10, as lines: thin and thick, shaky, turned, shifted, with gaps.
"""

from __future__ import annotations

import numpy as np

from data_loaders.shapes.outlines import OUTLINES
from lib import nn
from lib.demos.draw_it import SIDE, WEIGHTS, convnet
from lib.optim import Adam

STEPS, BATCH = 1100, 64


def outlines(count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Drawings float32 (count, 1, SIDE, SIDE), 0 paper and 1 ink, and their classes (count,)."""

    def draw(low: float, high: float) -> np.ndarray:
        return rng.uniform(low, high, (count, 1, 1)).astype(np.float32)

    ticks = np.arange(SIDE, dtype=np.float32) + 0.5 - SIDE / 2
    radius, wide, turn = draw(7.5, 14.5), draw(0.85, 1.18), draw(-0.3, 0.3)
    room = np.maximum(15.5 - radius, 0)
    right = ticks[None, None] - draw(-1, 1) * room
    up = -ticks[None, :, None] - draw(-1, 1) * room
    x = (np.cos(turn) * right + np.sin(turn) * up) / radius / wide
    y = (np.cos(turn) * up - np.sin(turn) * right) / radius * wide
    shake = draw(0, 0.055)
    for _ in range(3):  # a shaky hand: waves of several lengths
        a, b = draw(-7, 7), draw(-7, 7)
        x, y = (
            x + shake * np.sin(a * y + b * x + draw(0, 6.3)),
            y + shake * np.sin(b * y + a * x + draw(0, 6.3)),
        )
    labels = rng.integers(len(OUTLINES), size=count)
    build = draw(-1, 1)
    far = np.empty((count, SIDE, SIDE), np.float32)
    for k, outline in enumerate(OUTLINES.values()):
        of = labels == k
        far[of] = outline(x[of], y[of], build[of])
    # Distances in pixels: the outlines' own are not exact, so divide by their slope.
    slope_y, slope_x = np.gradient(far, axis=(1, 2))
    ink = np.clip(draw(0.7, 1.9) + 0.5 - np.abs(far) / np.maximum(np.hypot(slope_x, slope_y), 0.03), 0, 1)
    for _ in range(2):  # gaps, where the hand was lifted
        gap = np.hypot(right - draw(-1.2, 1.2) * radius, up - draw(-1.2, 1.2) * radius) < draw(-2, 3)
        ink[gap] = 0
    return ink[:, None].astype(np.float32), labels


def main() -> None:
    rng = np.random.default_rng(0)
    model, criterion, optimizer = convnet(), nn.CrossEntropyLoss(), Adam(lambda t: 0.003 * (1 - t / STEPS) + 1e-5)
    parameters, gradients = model.parameters()
    for step in range(STEPS):
        X, labels = outlines(BATCH, rng)
        scores = model.forward(X)
        loss = criterion.forward(scores, labels)
        model.zero_grad_parameters()
        model.backward(X, criterion.backward(scores, labels), need_grad_input=False)
        optimizer.step(parameters, gradients)
        if step % 100 == 0:
            print(f"step {step}: loss {loss:.3f}", flush=True)
    X, labels = outlines(1000, np.random.default_rng(1))
    print(f"right on 1000 new ones: {(model.forward(X).argmax(axis=1) == labels).mean():.1%}")
    model.save(WEIGHTS)


if __name__ == "__main__":
    main()
