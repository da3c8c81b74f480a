"""A sheet folded by ReLU units, cut once and unfolded: one straight cut has become many."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.markers import MarkerStyle
from matplotlib.path import Path
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D

from lib import plots
from lib.checks import check_number, check_whole, shown
from lib.demos.folds_2d import Line, area, beyond, lifted, normal, pieces, split, straight_cuts, thickest
from lib.demos.kit import Demo, Handle, Slider, Time, shows
from lib.demos.kit.chords import Chord, Chords, chord_ends
from lib.demos.kit.controls import Control
from lib.demos.kit.looks import legible
from lib.demos.relu_regions import most_regions


def centred(path: Path) -> Path:
    """The path with the middle of its box at the origin."""
    corners = np.asarray(path.vertices, float)
    return Path(corners - (corners.min(axis=0) + corners.max(axis=0)) / 2, path.codes)


LAST = 120  # steps of the way: fold by fold, the cut, and open again
MOST = 5  # folds
FURTHEST = 1.4  # offset of a line
LAYER = 0.27  # opacity of one layer of paper
RIM = 1.5  # radius of the circle on which the ends of lines slide
SCISSORS = centred(TextPath((0, 0), "✂", size=10, prop=FontProperties("DejaVu Sans")))
# Lines to fold along: to ever thinner wedges, to a tenth, to strips, to a quarter of a quarter, and anyhow.
WEDGES = ((180.0, 0.0), (-90.0, 0.0), (135.0, 0.0), (112.5, 0.0), (101.25, 0.0))
TENTH = ((180.0, 0.0), (-108.0, 0.0), (-72.0, 0.0), (-36.0, 0.0))
STRIPS = ((180.0, 0.0), (0.0, 0.5), (0.0, 0.25), (0.0, 0.125), (0.0, 0.0625))
SQUARES = ((180.0, 0.0), (-90.0, 0.0), (0.0, 0.5), (90.0, 0.5))
ANYHOW = ((-85.0, 0.25), (5.0, 0.15), (-150.0, 0.1), (95.0, 0.2), (-15.0, 0.05))


class State(NamedTuple):
    """The folded sheet, and the sheet on its way.

    lines, cut: angle and offset of each
    way, phase, share: where on the way, 0…1 of which phase: the folds, the cut, and the folds backwards
    packet, packet_off: the pieces of the folded sheet, corners (M, 2): what stays, and what is cut off
    paper, paper_off: the same of the sheet on its way
    creases, border, cuts: (S, 2, 2) straight segments of the sheet on its way
    grip: where the cut crosses the folded sheet, in the middle
    layers: of paper at the thickest place, with the folds that are made
    now, open: straight cuts of the sheet on its way, and of the open sheet; 0 where the cut misses it
    """

    lines: tuple[Line, ...]
    cut: Line
    way: int
    phase: int
    share: float
    packet: list[np.ndarray]
    packet_off: list[np.ndarray]
    paper: list[np.ndarray]
    paper_off: list[np.ndarray]
    creases: np.ndarray
    border: np.ndarray
    cuts: np.ndarray
    grip: tuple[float, float]
    layers: int
    now: int
    open: int


def chosen(folds: int, lines: Sequence[Line] | None) -> tuple[Line, ...]:
    """The first lines; those that are not given are the ones of the start."""
    given = tuple(lines or ())
    return (*given, *WEDGES[len(given) :])[:folds]


def compute(way: int, folds: int, angle: float, offset: float, lines: tuple[Line, ...] | None) -> State:
    """The sheet at one moment of the way.

    way: 0 flat; then it is folded, cut, and opened again until LAST
    folds: how many, up to MOST
    angle, offset: of the cut n·x = offset through the folded sheet; n has this angle, in degrees
    lines: angle and offset of the folds, or None: `WEDGES`

    Raises `ValueError` that names the argument.
    """
    check_whole(way, name="way", high=LAST)
    check_whole(folds, name="folds", high=MOST)
    cut = check_number(angle, name="angle"), check_number(offset, name="offset")
    used = chosen(folds, lines)
    phase, rest = divmod(way * (2 * folds + 1), LAST)
    phase, share = (2 * folds, 1.0) if phase > 2 * folds else (phase, rest / LAST)
    eased = share**2 * (3 - 2 * share)  # slow where a fold begins and ends
    before = phase < folds
    moving = phase if before else 2 * folds - phase  # of the lines; at the cut none

    def seen(places: np.ndarray) -> np.ndarray:
        after = places[..., moving, :]
        return after if phase == folds else lifted(after, used[moving], eased if before else 1 - eased)

    kept, off, cuts = halves(used, cut)
    made = min(folds, phase + (share > 0)) if before else folds
    is_whole = before or (phase == folds and share == 0)
    paper, paper_off = (pieces(used[:made]), []) if is_whole else (kept, off if phase == folds else [])
    edges, kinds = edges_of(paper, used[:made])
    return State(
        used, cut, way, phase, share,
        packet=[piece[:, -1] for piece in kept], packet_off=[piece[:, -1] for piece in off],
        paper=[seen(piece) for piece in in_order(paper, moving, used)],
        paper_off=[seen(piece) + 0.5 * eased * normal(cut[0]) for piece in paper_off],
        creases=seen(edges[kinds > 0]), border=seen(edges[kinds == 0]),
        cuts=seen(cuts[:0] if is_whole else cuts), grip=middle(cuts[:, :, -1].reshape(-1, 2), cut),
        layers=thickest(used[:made]),
        now=straight_cuts(cuts[:, :, moving]), open=straight_cuts(cuts[:, :, 0]),
    )  # fmt: skip


@lru_cache(maxsize=4)
def halves(lines: tuple[Line, ...], cut: Line) -> tuple[list[np.ndarray], list[np.ndarray], np.ndarray]:
    """What stays of the pieces, what is cut off, and the cuts: (S, 2, folds + 1, 2)."""
    parts = [split(piece, beyond(piece[:, -1], cut)) for piece in pieces(lines)]
    kept, off = ([part for part in side if len(part)] for side in zip(*parts, strict=True))
    split_ones = [stays for stays, goes in parts if len(stays) and len(goes)]
    along = [on_the_cut(stays, cut) for stays in split_ones]
    return kept, off, np.stack(along) if along else np.zeros((0, 2, len(lines) + 1, 2))


def on_the_cut(piece: np.ndarray, cut: Line) -> np.ndarray:
    """The two corners of a piece at the ends of its edge along a cut; others may be as near as rounding."""
    n, near = normal(cut[0]), piece[np.abs(beyond(piece[:, -1], cut)) < 1e-7]
    along = near[:, -1] @ [-n[1], n[0]]
    return near[[along.argmin(), along.argmax()]]


def in_order(found: list[np.ndarray], moving: int, lines: tuple[Line, ...]) -> list[np.ndarray]:
    """Pieces in the order in which they are painted: what a fold lifts comes last."""
    if moving == len(lines):
        return found
    return sorted(found, key=lambda piece: beyond(piece[:, moving].mean(axis=0), lines[moving]) > 0)


def edges_of(found: list[np.ndarray], lines: tuple[Line, ...]) -> tuple[np.ndarray, np.ndarray]:
    """All edges of pieces (E, 2, folds + 1, 2), and what each is: the sheet's border 0, a crease its number.

    A cut is −1.
    """
    ends = [np.stack([piece, np.roll(piece, -1, axis=0)], axis=1) for piece in found]
    edges = np.concatenate([np.zeros((0, 2, len(lines) + 1, 2)), *ends])
    kinds = np.full(len(edges), -1)
    for number, line in enumerate(lines, start=1):
        kinds[(np.abs(beyond(edges[:, :, number - 1], line)) < 1e-7).all(axis=1)] = number
    kinds[(np.abs(edges[:, :, 0].sum(axis=1)) > 2 - 1e-7).any(axis=1)] = 0  # both ends at 1, or both at −1
    return edges, kinds


def joined(segments: np.ndarray) -> np.ndarray:
    """Segments (S, 2, 2) as one line with gaps, a row of NaN after each: (3 · S, 2)."""
    return np.pad(segments, ((0, 0), (0, 1), (0, 0)), constant_values=np.nan).reshape(-1, 2)


def middle(places: np.ndarray, cut: Line) -> tuple[float, float]:
    """The middle of a cut between its outermost places (P, 2), or where its line is nearest to the origin."""
    n = normal(cut[0])
    along = places @ [-n[1], n[0]] if len(places) else np.zeros(1)
    x, y = np.clip(cut[1] * n + (along.min() + along.max()) / 2 * np.array([-n[1], n[0]]), -RIM, RIM)
    return float(x), float(y)


class FoldLines(Control):
    """Its value is a tuple of lines to fold along (angle in degrees, offset), or None: `WEDGES`."""

    accepted = f"None or up to {MOST} lines (angle, offset) with offsets from 0 to {FURTHEST}"
    examples = (SQUARES, STRIPS)

    def check(self, value: Any) -> tuple[Line, ...] | None:
        if value is None:
            return None
        try:
            lines = np.array([tuple(line) for line in value], float).reshape(-1, 2)
        except (TypeError, ValueError):
            raise self.refuse(value, self.accepted) from None
        fits = np.isfinite(lines).all() and (lines[:, 1] >= 0).all() and (lines[:, 1] <= FURTHEST).all()
        if not 1 <= len(lines) <= MOST or not fits:
            raise ValueError(f"{self.name}: expected {self.accepted}, got {shown(value)}")
        return tuple((float(angle), float(offset)) for angle, offset in lines)


class FoldDemo(Demo):
    title = "Fold, cut, unfold"
    alt = (
        "Left: a square sheet, folded, darker where more layers lie on each other, with the lines along "
        "which it was folded and a straight cut. Right: the same sheet on its way from flat to folded, cut, "
        "and open again, with holes or a fringe where the cut went, and its creases."
    )
    ask = "Predict, then play: one straight cut through all layers. How many cuts in the open sheet?"
    size = (9.8, 4.8)
    tall_size = (4.8, 9.5)
    presets = {
        "One fold": {"way": LAST, "folds": 1, "angle": 40, "offset": 0.5},
        "Star": {"way": LAST, "folds": 4, "angle": 70.5, "offset": 0.33},
        "Five points": {"way": LAST, "folds": 4, "lines": TENTH, "angle": 18, "offset": 0.28},
        "Four holes": {"way": LAST, "folds": 4, "lines": SQUARES, "angle": 40, "offset": 0.5},
        "Saw": {"way": LAST, "folds": 4, "lines": STRIPS, "angle": 25, "offset": 0.1},
        "Anyhow": {"way": LAST, "folds": 5, "lines": ANYHOW, "angle": -30, "offset": -0.02},
    }  # fmt: skip

    way = Time(LAST, start=0, interval=60, label="way")
    folds = Slider(0, MOST, start=3, label="folds")
    angle = Slider(-180.0, 180.0, start=68.0, step=0.5, label="cut: angle")
    offset = Slider(-FURTHEST, FURTHEST, start=0.36, step=0.01, label="cut: offset")
    lines = FoldLines(None, None)

    chords = Chords(
        now="lines_now", moved="line_moved", axes="bench", radius=RIM,
        hint="Drag the cut, or a line by its ends",
    )  # fmt: skip
    on_track = Handle("way", axes="track", label="the way", click=True)

    compute = staticmethod(compute)

    def lines_now(self) -> list[Chord]:
        """The cut, and the lines of the folds."""
        folds = enumerate(self.state.lines, start=1)
        cut = Chord("the cut", *self.state.cut, grip=self.state.grip)
        return [cut, *(Chord(f"fold {number}", angle, offset, low=0.0) for number, (angle, offset) in folds)]

    def line_moved(self, index: int, angle: float, offset: float) -> dict[str, Any]:
        """The values that put one of these lines elsewhere, and show what it makes of the open sheet."""
        if index == 0:
            new = {"angle": angle, "offset": offset}
            return {name: self.controls[name].nearest(number) for name, number in new.items()} | {"way": LAST}
        lines = list(chosen(MOST, self.values["lines"]))
        lines[index - 1] = round(angle, 2), round(min(max(offset, 0.0), FURTHEST), 3)
        return {"lines": tuple(lines), "way": LAST}

    def arrange(self, figure: Figure) -> tuple[Axes, Axes, Axes]:
        figure.set_layout_engine("none")
        places = (
            ((0.02, 0.505, 0.96, 0.49), (0.03, 0.0, 0.94, 0.44), (0.08, 0.45, 0.84, 0.06))
            if self.tall else
            ((0.0, 0.0, 0.5, 1.0), (0.53, 0.0, 0.44, 0.87), (0.56, 0.87, 0.38, 0.12))
        )  # fmt: skip
        bench, open_sheet, track = (figure.add_axes(place) for place in places)
        return bench, open_sheet, track

    def draw(self, axes: tuple[Axes, Axes, Axes]) -> None:
        self.bench, self.sheet, self.track = axes
        for panel, reach in ((self.bench, 1.62), (self.sheet, 1.08)):
            panel.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
        for panel in axes:
            panel.set_axis_off()
            panel.spines[:].set_visible(False)
        self.drawn_lines: tuple[Line, ...] | None = None
        self.drawn_cut: Line | None = None
        front, back = (legible(plots.COLORS[k], dark=self.dark) for k in (0, 4))
        self.front, self.back = front, back
        around = np.radians(np.arange(361))
        self.bench.plot(RIM * np.cos(around), RIM * np.sin(around), color=self.faint, linewidth=1, zorder=1)
        look: dict[str, Any] = {"antialiaseds": False, "linewidths": 0, "zorder": 2}
        self.packet, self.leaves = PolyCollection([], **look), PolyCollection([], **look)
        self.bench.add_collection(self.packet)
        self.sheet.add_collection(self.leaves)
        self.border = self.sheet.plot([], [], color=front, linewidth=1.6, zorder=3)[0]
        self.creases = self.sheet.plot([], [], color=self.ink, linewidth=0.8, alpha=0.35, zorder=2.5)[0]
        edge = legible(plots.COLORS[5], dark=self.dark)
        self.cuts = self.sheet.plot([], [], color=edge, linewidth=2.6, zorder=3.5, solid_capstyle="round")[0]
        self.next = self.sheet.plot([], [], "--", color=self.ink, linewidth=1.6, zorder=3.2)[0]

        self.bench.text(-1.6, 1.5, "folded", ha="left", va="center", fontsize=13, zorder=1)
        self.cut_line = self.bench.plot([], [], color=edge, linewidth=2.6, zorder=4)[0]
        self.cut_grip = self.bench.plot([], [], "o", color=edge, markersize=11, zorder=4.2)[0]
        self.cut_end = self.bench.plot([], [], "o", color=edge, markersize=9, zorder=4.2)[0]
        self.scissors = self.bench.plot([], [], color=edge, markersize=24, markeredgewidth=0, zorder=4.3)[0]
        self.fold_lines = self.bench.plot([], [], "--", color=self.ink, linewidth=1.3, zorder=3)[0]
        ring: dict[str, Any] = {"color": self.ink, "markerfacecolor": self.paper, "linestyle": "none"}
        self.fold_ends = self.bench.plot([], [], "o", markersize=15, zorder=3.1, **ring)[0]
        word: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 11, "zorder": 3.2}
        self.numbers = [self.bench.text(0, 0, "", **word) for _ in range(2 * MOST)]

        self.track.set(xlim=(0, LAST), ylim=(-1, 1.6))
        self.track.plot([0, LAST], [0, 0], color=self.faint, linewidth=2, zorder=1, clip_on=False)
        self.posts = self.track.plot([], [], "o", color=self.faint, markersize=8, zorder=2, clip_on=False)[0]
        self.now = self.track.plot([], [], "o", color=edge, markersize=13, zorder=3, clip_on=False)[0]
        self.words = [
            self.track.text(0, 1.05, "", ha="center", va="center", fontsize=12) for _ in range(MOST + 3)
        ]

    def update(self, state: State) -> None:
        self.state = state
        gone = 1 - state.share if state.phase == len(state.lines) else 1
        self.fill(self.leaves, state.paper, state.paper_off, gone, both_sides=True)
        self.creases.set_data(*joined(state.creases).T)
        self.border.set_data(*joined(state.border).T)
        self.cuts.set_data(*joined(state.cuts).T)
        in_hand = state.phase < len(state.lines)
        self.next.set_data(*(chord_ends(*state.lines[state.phase], RIM).T if in_hand else ([], [])))

        self.now.set_data([state.way], [0])
        if state.lines != self.drawn_lines:
            self.show_lines(state.lines)
        if (state.lines, state.cut) != (self.drawn_lines, self.drawn_cut):
            self.show_cut(state)
        self.drawn_lines, self.drawn_cut = state.lines, state.cut

    def show_cut(self, state: State) -> None:
        """What the folded sheet shows."""
        self.fill(self.packet, state.packet, state.packet_off, 0.35)
        ends = chord_ends(*state.cut, RIM)
        self.cut_line.set_data(*ends.T)
        self.cut_grip.set_data(*np.transpose([state.grip]))
        self.cut_end.set_data(*ends[1:].T)
        self.scissors.set_data(*ends[:1].T)
        self.scissors.set_marker(MarkerStyle(SCISSORS, transform=Affine2D().rotate_deg(state.cut[0] - 90)))

    def show_lines(self, lines: tuple[Line, ...]) -> None:
        """The folds' lines, and the stops of the way, which move only where a fold does."""
        ends = np.array([chord_ends(*line, RIM) for line in lines]).reshape(-1, 2, 2)
        self.fold_lines.set_data(*joined(ends).T)
        self.fold_ends.set_data(*ends.reshape(-1, 2).T)
        for k, number in enumerate(self.numbers):
            number.set_text(f"{k // 2 + 1}" if k // 2 < len(lines) else "")
            number.set_position(ends[k // 2, k % 2] if k // 2 < len(lines) else (0, 0))

        count = len(lines)
        names = ["flat", *(f"{number}" for number in range(1, count + 1)), "cut", "open"]
        steps = np.array([*range(count + 2), 2 * count + 1]) * LAST / (2 * count + 1)
        self.posts.set_data(steps, 0 * steps)
        for k, word in enumerate(self.words):
            word.set_text(names[k] if k < len(names) else "")
            word.set_position((steps[min(k, len(names) - 1)], 1.05))

    def fill(
        self, found: PolyCollection, stays: list[np.ndarray], off: list[np.ndarray], share: float,
        *, both_sides: bool = False,
    ) -> None:  # fmt: skip
        """Give a collection its pieces, each a thin layer of colour; `share` of it for what is cut off."""
        found.set_verts([*off, *stays])
        colors = [
            to_rgba(self.back if both_sides and area(piece) < 0 else self.front, LAYER * weight)
            for pieces_of, weight in ((off, share), (stays, 1.0))
            for piece in pieces_of
        ]
        found.set_facecolor(colors)

    def said(self) -> str:
        state, count = self.state, len(self.state.lines)
        folds = some(count, "fold")
        layers = f"up to {some(state.layers, 'layer')} of paper"
        if state.way == 0:
            return f"A flat sheet: 1 layer of paper. {folds} and one cut are to come."
        if state.phase < count:
            return f"Fold {state.phase + (state.share > 0)} of {count}: {layers}."
        if not state.open:
            return f"{folds}, {layers}: the cut crosses none of it."
        if state.way < LAST and state.phase == count:
            return f"{folds}, {layers}, and one straight cut through them."
        if state.way < LAST:
            opens = f"Fold {2 * count - state.phase + 1} of {count} opens"
            return f"{opens}: one cut becomes {some(state.now, 'cut')}."
        most = (
            f"{folds} can make {2**count}; the border of one hidden layer of {some(count, 'ReLU')} "
            f"has at most {some(most_regions(count, 2), 'straight piece')}."
        )
        return f"{folds}, {layers}: one cut has become {some(state.open, 'cut')}. {most}"


def some(count: int, what: str) -> str:
    """So many of something, in words."""
    return f"{count} {what}{'' if count == 1 else 's'}"


show = shows(FoldDemo)
