"""What does the net look at? Grad-CAM, saliency, a hidden part, adversarial noise, and its own wish."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from data_loaders.shapes10 import CLASSES
from lib import plots
from lib.convnets.demos.sight import METHODS, PICTURES, PIXELS, STEPS, Sight, Sighting, new_pictures
from lib.convnets.trained import trained
from lib.demos.kit import Choice, Demo, Pick, Region, Slider, Time, shows
from lib.demos.kit.screen import Screen
from lib.demos.kit.signs import BLUE, ORANGE

NET = "fast_half_shapes10_hard"
ANSWER = "what it says"
LAYERS = 7  # of the net, that Grad-CAM can look at
LARGEST_SIDE, BYTES = 16, 255
RIGHT, OTHER = plots.COLORS[2], plots.COLORS[0]


@cache
def the_sight() -> Sight:
    """The trained net and its pictures, loaded once."""
    return Sight(trained(NET), new_pictures())


class WhatItSeesDemo(Demo):
    title = "What does the net look at?"
    alt = (
        "A picture as the net sees it, with noise and a square over a part of it; the same picture in "
        "grey, with what speaks for the class in blue and what speaks against it in orange; a picture that "
        "grows into what the net takes for that class; and bars of the probabilities of all classes, with a "
        "line where each was before noise and square."
    )
    ask = "Predict, then drag the framed square: what must it hide to change the answer?"
    size = (10, 3.55)
    tall_size = (4.8, 6.0)
    columns = 3
    presets = {
        "Hide the middle": {"row": 10, "column": 12, "side": 10},
        "Early layer": {"layer": 2},
        "Saliency": {"method": "saliency"},
        "Which part counts": {"method": "occlusion"},
        "Noise, ε = 2/255": {"method": "noise", "epsilon": 2, "side": 0},
        "Towards a heart": {
            "picture": 18,
            "method": "noise",
            "epsilon": 4,
            "explain": "heart",
            "side": 0,
        },
        "Its wish": {"step": STEPS},
    }

    picture = Slider(0, PICTURES - 1, start=1)
    explain = Choice((ANSWER, *CLASSES), label="class")
    method = Choice(METHODS, label="show")
    layer = Slider(1, LAYERS, start=4, label="layer")
    row = Slider(0, PIXELS - 1, start=25, label="hidden row")
    column = Slider(0, PIXELS - 1, start=1, label="column")
    side = Slider(0, LARGEST_SIDE, start=6, label="side")
    epsilon = Slider(0, 32, start=0, label="noise · 255")
    step = Time(STEPS, start=0, interval=90, label="step of its wish")
    square = Region("column", "row", axes="left", width="side", height="side", label="the framed square")
    bar = Pick(
        "explain", spots="bar_spots", axes="right", size=(1.0, 0.9), hint="click a bar to explain its class"
    )

    def __init__(self, **values: Any):
        self.sight = the_sight()
        super().__init__(**values)

    def compute(
        self, picture: int, explain: str, method: str, layer: int, row: int, column: int, side: int,
        epsilon: int, step: int,
    ) -> Sighting:  # fmt: skip
        wanted = None if explain == ANSWER else CLASSES.index(explain)
        share = epsilon / BYTES
        return self.sight.look(picture, wanted, method, layer - 1, row, column, side, share, step)

    def bar_spots(self) -> list[tuple[str, float, float, str]]:
        """The bars: a click explains that class."""
        shares = 100 * self.state.now
        return [(name, 0.5, i, f"{name}, {shares[i]:.0f} %: explain it") for i, name in enumerate(CLASSES)]

    def arrange(self, figure: Figure) -> list[Axes]:
        figure.set_layout_engine("none")
        width, height = figure.get_size_inches()
        places = [(0.1, 0.1, 2.5, 2.5), (2.8, 0.1, 2.5, 2.5), (5.5, 0.1, 2.5, 2.5), (9.0, 0.1, 0.9, 2.9)]
        if self.tall:
            places = [(0.1, 3.1, 2.2, 2.2), (2.5, 3.1, 2.2, 2.2), (0.1, 0.1, 2.2, 2.2), (3.4, 0.1, 1.2, 2.2)]
        return [figure.add_axes((x / width, y / height, w / width, h / height)) for x, y, w, h in places]

    def draw(self, axes: list[Axes]) -> None:
        self.left, self.right = axes[0], axes[3]
        self.screens = [Screen(ax, (PIXELS, PIXELS)) for ax in axes[:3]]
        look: dict[str, Any] = {"ha": "left", "va": "bottom", "fontsize": 13}
        self.heads = [
            ax.text(0, 1.03, "", transform=ax.transAxes, linespacing=1.25, **look) for ax in axes[:3]
        ]
        # The square has the picture's mean colour: without a frame it can hardly be found.
        self.frames = [
            Rectangle((0, 0), 1, 1, fill=False, edgecolor=color, linewidth=width, zorder=3)
            for color, width in (("black", 3.5), ("white", 1.5))
        ]
        for frame in self.frames:
            self.left.add_patch(frame)
        places = range(len(CLASSES))
        self.bars = self.right.barh(places, 0, height=0.7, linewidth=2, zorder=3)
        self.befores = self.right.plot(
            [], [], "|", color=self.ink, markersize=11, markeredgewidth=2, zorder=4
        )[0]
        self.right.set(xlim=(0, 1), ylim=(len(CLASSES) - 0.45, -0.55), xticks=())
        self.right.set_yticks(places, CLASSES, fontsize=11.5)
        self.right.tick_params(axis="y", length=0)
        self.right.spines["bottom"].set_visible(False)
        self.right.spines["left"].set_color(self.faint)
        self.right.set_title("what it says", fontsize=13, loc="right")

    def update(self, state: Sighting) -> None:
        self.state = state
        self.screens[0].set_data(as_bytes(state.image))
        row, column, side = state.hidden
        for frame in self.frames:
            frame.set(xy=(column - 0.5, row - 0.5), width=side, height=side, visible=side > 0)
        self.screens[1].set_data(self.explained(state))
        self.screens[2].set_data(as_bytes(state.dream.image))
        name = CLASSES[state.label]
        speaks = f"speaks for {name}" if state.heat.any() else f"nothing for {name}"
        words = {
            "Grad-CAM": f"Grad-CAM, layer {self.sight.layers.index(state.layer) + 1}:\n{speaks}",
            "saliency": f"saliency: pixels that\nmove {name} most",
            "occlusion": f"hidden here, {name}\nfalls (blue) or rises",
            "noise": "the noise, as large\nas can be seen",
        }
        self.heads[0].set_text(f"what it sees:\na {CLASSES[state.truth]}")
        self.heads[1].set_text(words[state.method])
        self.heads[2].set_text(f"what it wants to\nsee as {name}")
        for i, (bar, share) in enumerate(zip(self.bars, state.now, strict=True)):
            bar.set_width(share)
            bar.set_facecolor(RIGHT if i == state.truth else OTHER)
            bar.set_edgecolor(self.ink if i == state.label else "none")
        self.befores.set_data(state.before, np.arange(len(CLASSES)))

    def explained(self, state: Sighting) -> np.ndarray:
        """The picture in grey with what a method found in blue and orange, or the noise: uint8 (H, W, 3)."""
        if state.method == "noise":
            return as_bytes(0.5 + 0.5 * state.direction)
        paper = 255 * np.array(to_rgb(self.paper))
        grey = 255 * state.image.mean(axis=0)[..., None]
        ground = 0.45 * grey + 0.55 * paper
        heat = state.heat[..., None]
        share = 0.9 * np.abs(heat)
        return (ground + share * (np.where(heat < 0, ORANGE, BLUE) - ground)).astype(np.uint8)

    def said(self) -> str:
        state, side, step = self.state, self.values["side"], self.values["step"]
        was, now = int(state.before.argmax()), int(state.now.argmax())
        done = [f"noise of ±{self.values['epsilon']}/255"] * bool(self.values["epsilon"])
        done += [f"{side} × {side} pixels hidden"] * bool(side)
        words = f"With {' and '.join(done)} it" if done else "It"
        words += f" says {CLASSES[now]}, {100 * state.now[now]:.0f} %"
        if now != was:
            words += f", and not {CLASSES[was]} as before, {100 * state.before[was]:.0f} %"
        elif done:
            words += f"; before, {100 * state.before[was]:.0f} %"
        if step:
            name, score = CLASSES[state.label], f"{state.dream.value:.1f}".replace("-", "−")
            words += f". After {step} step{'s' * (step > 1)} its wish has a score of {score} as {name}"
        return f"{words}."


def as_bytes(image: np.ndarray) -> np.ndarray:
    """(3, H, W) from 0 to 1 → uint8 (H, W, 3)."""
    return (255 * np.moveaxis(image, 0, -1) + 0.5).astype(np.uint8)


show = shows(WhatItSeesDemo)
