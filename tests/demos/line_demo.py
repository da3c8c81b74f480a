"""A small demo of every kind of artist, and the full drawing that a fast frame must equal."""

import numpy as np

from lib.demos.kit import Choice, Demo, Slider


def compute(w, k, mode):
    if w > 9:
        raise ValueError(f"w: expected a number up to 9, got {w}")
    x = np.linspace(-10, 10, 50)
    return x, w * x + k, np.add.outer(x, w * x), mode


class LineDemo(Demo):
    title = "A line"
    alt = "A line of slope w over a map that turns with it."
    size = (6, 3)
    panels = 2
    presets = {"Steep": {"w": 5.0}}
    w = Slider(-10.0, 10.0, start=1.0, step=0.5)
    k = Slider(-5, 5, start=0)
    mode = Choice(["plain", "loud"])
    compute = staticmethod(compute)

    def draw(self, axes):
        left, right = axes
        (self.line,) = left.plot([], [])
        (self.dot,) = left.plot([], [], "o")
        left.fill_between([-5, 5], -20, 20, alpha=0.3, zorder=3)
        left.set(xlim=(-10, 10), ylim=(-60, 60), xlabel="x", ylabel="y", title="line")
        self.map = right.imshow(np.zeros((50, 50)), vmin=-60, vmax=60, extent=(-10, 10, -10, 10))
        right.scatter(np.arange(-8, 8), np.arange(-8, 8))
        self.title_text = right.set_title("")

    def update(self, state):
        x, y, field, mode = state
        self.line.set_data(x, y)
        self.dot.set_data(x[::7], y[::7])
        self.map.set_data(field)
        if mode == "loud":  # an artist that moves for the first time later on
            self.title_text.set_text("LOUD")
            self.dot.set_markersize(14)
        else:
            self.title_text.set_text("quiet")
            self.dot.set_markersize(6)


def full_drawing(demo):
    """The figure painted from nothing, without any lifting: uint8 (H, W, 4)."""
    for axes in demo.canvas.figure.axes:
        for artist in axes.get_children():
            artist.set_animated(False)
    for text in demo.canvas.figure.texts:
        text.set_animated(False)
    demo.canvas.agg.draw()
    pixels = np.array(demo.canvas.agg.buffer_rgba())
    demo.canvas.background = None
    return pixels
