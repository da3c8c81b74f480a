"""Many short texts as one artist: in a frame of the live graph, a quarter of the time that `Text`s take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist, allow_rasterization
from matplotlib.font_manager import FontProperties
from matplotlib.transforms import Bbox


class TextBatch(Artist):
    """Texts of one colour and size, each at the left end of its line."""

    def __init__(self, color: str, zorder: float):
        super().__init__()
        self.color, self.zorder = color, zorder
        self.set_places(np.zeros((0, 2)), 10)

    def set_places(self, places: np.ndarray, size: float) -> None:
        """Gives the texts new places, and forgets the texts themselves.

        places: float (n, 2), in data coordinates
        size: of the font, points
        """
        self.places, self.font = places, FontProperties(family="DejaVu Sans", size=size)
        self.texts: list[str] = [""] * len(places)
        self.stale = True

    def set_texts(self, texts: Sequence[str]) -> None:
        """One for each place; an empty one draws nothing."""
        if list(texts) != self.texts:
            self.texts = list(texts)
            self.stale = True

    @allow_rasterization
    def draw(self, renderer: Any) -> None:
        if not self.get_visible():
            return
        gc = renderer.new_gc()
        gc.set_foreground(self.color)
        if self.axes is not None:
            gc.set_clip_rectangle(self.axes.bbox)
        for text, (x, y) in self._shown():
            y = renderer.height - y if renderer.flipy() else y
            renderer.draw_text(gc, x, y, text, self.font, 0, False)
        gc.restore()
        self.stale = False

    def boxes(self, renderer: Any) -> list[Bbox]:
        """Where each text stands, in dots."""
        boxes = []
        for text, (x, y) in self._shown():
            width, height, descent = renderer.get_text_width_height_descent(text, self.font, False)
            boxes.append(Bbox.from_bounds(x, y - descent, width, height))
        return boxes

    def get_window_extent(self, renderer: Any = None) -> Bbox:
        if renderer is None:
            figure = self.get_figure(root=True)
            renderer = None if figure is None else getattr(figure.canvas, "get_renderer", lambda: None)()
        boxes = [] if renderer is None else self.boxes(renderer)
        return Bbox.union(boxes) if boxes else Bbox.null()

    def _shown(self) -> list[tuple[str, np.ndarray]]:
        axes = self.axes
        if axes is None:
            return []
        dots = axes.transData.transform(self.places) if len(self.places) else self.places
        dots = dots.round()  # so that a number looks alike at each place: the canvas of a demo remembers it
        return [(text, at) for text, at in zip(self.texts, dots, strict=True) if text]
