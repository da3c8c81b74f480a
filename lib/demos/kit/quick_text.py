"""Text on the canvas of a demo, drawn once and remembered: the same words cost next to nothing again.

A letter takes about 50 µs to draw, which is most of a frame's time in a demo with labels and numbers;
and to lay out a word that is remembered takes 100 µs more, unless it has not changed at all.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.text import Text

MOST = 300  # strings that are remembered, about 10 kB each
MARGIN = 4  # pixels around a string, for letters that reach over its box


class QuickTextRenderer(RendererAgg):
    """Agg's renderer with a memory for horizontal text."""

    def __init__(self, width: float, height: float, dpi: float):
        super().__init__(width, height, dpi)
        self.remembered: OrderedDict[tuple, tuple[np.ndarray, int]] = OrderedDict()
        self.stamps: dict[Artist, list[tuple]] = {}  # what `paint` repeats: arguments of `draw_image`
        self.placed: list[tuple] | None = None  # what is being recorded for it

    def paint(self, artist: Artist) -> None:
        """Draw an artist; a text that has not changed since its last `paint` is stamped where it stood."""
        if not artist.stale and artist in self.stamps:
            for stamp in self.stamps[artist]:
                self.draw_image(*stamp)
            return
        self.placed = [] if is_words_only(artist) else None
        artist.draw(self)
        if self.placed is None:
            self.stamps.pop(artist, None)
        else:
            self.stamps[artist], self.placed = self.placed, None

    def draw_text(
        self,
        gc: Any,
        x: float,
        y: float,
        s: str,
        prop: Any,
        angle: float,
        ismath: Any = False,
        mtext: Any = None,
    ) -> None:
        if angle or ismath:
            self.placed = None  # cannot be repeated
            super().draw_text(gc, x, y, s, prop, angle, ismath, mtext)
            return
        left, base = int(np.floor(x)), int(np.floor(y))
        key = (s, hash(prop), gc.get_rgb(), gc.get_alpha(), x - left, y - base)
        if key in self.remembered:
            self.remembered.move_to_end(key)
        else:
            self.remembered[key] = self._picture(gc, x - left, y - base, s, prop, mtext)
            if len(self.remembered) > MOST:
                self.remembered.popitem(last=False)
        picture, above = self.remembered[key]
        # An image is placed by its lower edge, counted from below; y counts from above.
        below = len(picture) - above
        stamp = (gc, left - MARGIN, self.height - base - below, picture)
        self.draw_image(*stamp)
        if self.placed is not None:
            self.placed.append(stamp)

    def _picture(self, gc: Any, x: float, y: float, s: str, prop: Any, mtext: Any) -> tuple[np.ndarray, int]:
        """The string alone, uint8 RGBA with its last row first, for `draw_image`; its rows above the line."""
        width, height, descent = self.get_text_width_height_descent(s, prop, False)
        above, below = int(height - descent) + 2 * MARGIN, int(descent) + 2 * MARGIN
        scratch = RendererAgg(int(width) + 3 * MARGIN, above + below, self.dpi)
        copy = scratch.new_gc()
        copy.set_foreground(gc.get_rgb(), isRGBA=True)
        copy.set_alpha(gc.get_alpha())
        scratch.draw_text(copy, MARGIN + x, above + y, s, prop, 0, False, mtext)
        return np.ascontiguousarray(np.asarray(scratch.buffer_rgba())[::-1]), above


def is_words_only(artist: Artist) -> bool:
    """Whether nothing but `draw_text` paints it: a text without a box, an arrow or effects."""
    return type(artist) is Text and not artist.get_bbox_patch() and not artist.get_path_effects()


class QuickTextCanvas(FigureCanvasAgg):
    """Agg's canvas with that renderer."""

    def get_renderer(self) -> QuickTextRenderer:
        if not hasattr(self, "renderer"):
            self.renderer = QuickTextRenderer(*self.figure.bbox.size, self.figure.dpi)
            self.renderers = OrderedDict({self.figure.dpi: self.renderer})
        return self.renderer

    def resolution(self, dpi: float) -> None:
        """Draw from now on with the renderer for so many dots an inch; those of two are kept."""
        self.get_renderer()
        if dpi not in self.renderers:
            self.renderers[dpi] = QuickTextRenderer(*self.figure.bbox.size, dpi)
        self.renderers.move_to_end(dpi)
        if len(self.renderers) > 2:
            self.renderers.popitem(last=False)
        self.renderer = self.renderers[dpi]
        self.renderer.stamps.clear()  # artists may have changed since it last drew
