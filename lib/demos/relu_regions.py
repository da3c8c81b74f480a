"""A layer of ReLUs cuts the plane along lines: the regions, counted against Zaslavsky's bound."""

from __future__ import annotations

from functools import cache
from math import comb
from typing import Any, NamedTuple

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import to_rgb

from lib import nn, plots
from lib.checks import check_number, check_whole, shown
from lib.demos.kit import Demo, Handle, Points, Slider, shows
from lib.demos.kit.points import Point
from lib.demos.kit.screen import Screen
from lib.demos.kit.touch import Mark, Values

MOST = 12  # units in a layer
EDGE = 3.0  # the window is −EDGE…EDGE in both inputs
SIDE = 160  # points of the window along each side, where patterns are counted
STRIP = 20  # rows of them that are looked at together
RING = 2.7  # radius of the circle on which a line's two ends stand until a hand moves them
APART = 0.3  # that the two ends of a line are at least


def most_regions(n: int, d: int) -> int:
    """The most regions that n hyperplanes cut d dimensions into: Σ C(n, s) over s = 0…d (Zaslavsky, 1975).

    >>> [most_regions(n, 2) for n in range(6)]
    [1, 2, 4, 7, 11, 16]
    """
    n, d = check_whole(n, name="n"), check_whole(d, name="d", low=1)
    return sum(comb(n, s) for s in range(d + 1))


def count_regions(lines: np.ndarray, edge: float = np.inf) -> int:
    """How many regions lines cut the plane into, or an open square around the origin: exact.

    lines: whole numbers (n, 3), a x₁ + b x₂ + c = 0 in each row, (a, b) ≠ 0; a line given twice counts once
    edge: half the side of the square, a whole number; infinite for the whole plane

    In a convex window, every line that meets it adds one region, and so does every earlier line it crosses
    there, where several cross in one point only once: 1 + lines + Σ over the points (lines through it − 1).

    Raises `ValueError` for other shapes or numbers.
    """
    lines = np.asarray(lines)
    if lines.ndim != 2 or lines.shape[1] != 3 or not np.issubdtype(lines.dtype, np.integer):
        raise ValueError(f"lines: expected whole numbers (n, 3), got {shown(lines)}")
    if not lines[:, :2].any(axis=1).all():
        raise ValueError("lines: expected (a, b) ≠ 0 in each row, got a row with a = b = 0, which is no line")
    if (most := np.abs(lines).max(initial=0)) > 1_000_000:
        raise ValueError(f"lines: expected numbers up to a million, got {most}; scale the rows down")
    lines = np.unique(canonical(lines.astype(np.int64)), axis=0)
    if np.isfinite(edge):
        lines = lines[edge * np.abs(lines[:, :2]).sum(axis=1) > np.abs(lines[:, 2])]  # those that meet it
    first, second = np.triu_indices(len(lines), 1)
    crossings = np.cross(lines[first], lines[second])  # homogeneous: (x₁ w, x₂ w, w)
    real = crossings[:, 2] != 0  # parallels meet at infinity
    if np.isfinite(edge):
        real &= (np.abs(crossings[:, :2]) < edge * np.abs(crossings[:, 2:])).all(axis=1)
    _, pairs = np.unique(canonical(crossings[real]), axis=0, return_counts=True)
    through = (1 + np.sqrt(1 + 8 * pairs)).astype(
        int
    ) // 2  # m lines through a point make m (m − 1) / 2 pairs
    return int(1 + len(lines) + (through - 1).sum())


def canonical(rows: np.ndarray) -> np.ndarray:
    """Multiples of one row of whole numbers become the same row: divided by the gcd, first entry positive."""
    rows = rows // np.maximum(1, np.gcd.reduce(rows, axis=1, keepdims=True))
    leading = np.take_along_axis(rows, (rows != 0).argmax(axis=1)[:, None], axis=1)
    return rows * np.where(leading < 0, -1, 1)


class State(NamedTuple):
    """The regions that a network of ReLU layers makes in the window."""

    active: np.ndarray  # (SIDE, SIDE) how many units are on, of all layers; first row is x₂ = EDGE
    codes: np.ndarray  # (SIDE, SIDE) the pattern of on and off, one bit a unit
    lines: np.ndarray  # (n, 3) the first layer's lines a x₁ + b x₂ + c = 0, in thousandths
    ends: np.ndarray  # (n, 2, 2) two points on each of them
    bends: np.ndarray  # (…, 2) the borders that deeper layers make: two points, and a row of NaN after them
    plane: int  # regions of the first layer in the whole plane, exact
    window: int  # regions of the first layer in the window, exact
    seen: int  # patterns on the points of the window: no more than there are regions, and of all layers
    layers: int


def network(
    units: int, layers: int, offset: float, seed: int, ends: tuple[Point, ...] | None = None
) -> nn.Sequential:
    """Linear(2 -> units), ReLU, and so on, in float64; with one unit more, the earlier ones stay as they are.

    The first layer's numbers are whole thousandths, so that its lines are known exactly. Arguments as in
    `compute`.
    """
    rng = np.random.default_rng(seed)
    turn = (
        rng.uniform(0, np.pi) + np.pi * np.arange(MOST) * 0.618034
    )  # the golden ratio spreads the directions
    first = np.column_stack([np.cos(turn), np.sin(turn), offset * rng.uniform(-2, 2, MOST)])
    if ends:
        by_hand = lines_through(np.array(ends)[:, :2].reshape(-1, 2, 2))
        first[: len(by_hand)] = by_hand
    model = nn.Sequential()
    for layer in range(layers):
        linear = nn.Linear(2 if layer == 0 else units, units).double()
        W, b = linear.parameters()[0]
        if layer == 0:
            W[:], b[:] = np.round(first[:units, :2], 3), np.round(first[:units, 2], 3)
        else:
            weight, bias = rng.standard_normal((MOST, MOST)), rng.uniform(-1, 1, MOST)
            W[:], b[:] = weight[:units, :units] * np.sqrt(2 / units), offset * bias[:units]
        model.add(linear).add(nn.ReLU())
    return model


def lines_through(pairs: np.ndarray) -> np.ndarray:
    """Lines through pairs of points (n, 2, 2): (n, 3), a x₁ + b x₂ + c = 0 with a² + b² = 1."""
    p, q = pairs[:, 0], pairs[:, 1]
    a, b = (q - p)[:, 1], (p - q)[:, 0]
    c = -(a * p[:, 0] + b * p[:, 1])
    return np.column_stack([a, b, c]) / np.hypot(a, b)[:, None]


def ends_of(lines: np.ndarray) -> np.ndarray:
    """The two points where each line (n, 3) crosses the circle of radius RING: (n, 2, 2).

    They come in the order that `lines_through` needs for the same signs.
    """
    size = np.hypot(lines[:, 0], lines[:, 1])[:, None]
    normal, c = lines[:, :2] / size, lines[:, 2:] / size
    along = np.sqrt(RING**2 - np.minimum(c**2, RING**2 - APART**2)) * normal[:, ::-1] * (-1, 1)
    return np.stack([-c * normal - along, -c * normal + along], axis=1)


def compute(
    units: int, offset: float, layers: int, seed: int, ends: tuple[Point, ...] | None = None
) -> State:
    """Lines, patterns and counts of a random network of the plane.

    units: in each layer, 1…MOST
    offset: ≥ 0, scales the biases
    layers: 1…3
    seed: of the random numbers
    ends: points (x₁, x₂, 0), two on each of the first layer's first lines, which go through them; the other
        lines stay random
    Raises `ValueError` where one of them is not of that kind.

    >>> compute(4, 1.0, 1, seed=0).plane, compute(4, 0.0, 1, seed=0).plane
    (11, 8)
    """
    for name, value, low, high in (("units", units, 1, MOST), ("layers", layers, 1, 3)):
        check_whole(value, name=name, low=low, high=high)
    check_number(offset, name="offset", low=0, high=100)
    model = network(units, layers, offset, seed, ends)
    codes, bends = survey(model)
    W, b, *_ = model.parameters()[0]
    lines = np.round(1000 * np.column_stack([W, b])).astype(np.int64)
    places = ends_of(lines)
    by_hand = np.array(ends or ())[: 2 * units, :2] if ends else np.empty((0, 2))
    places.reshape(-1, 2)[: len(by_hand)] = by_hand
    return State(
        active=np.bitwise_count(codes), codes=codes, lines=lines,
        plane=count_regions(lines), window=count_regions(lines, EDGE),
        seen=len(np.unique(codes)), layers=layers, ends=places, bends=bends,
    )  # fmt: skip


def survey(model: nn.Sequential) -> tuple[np.ndarray, np.ndarray]:
    """Which units are on at the points of the window, and where those of deeper layers turn on.

    A few rows at a time, which is faster: what the layers keep stays in the cache of the processor.
    Returns unsigned (SIDE, SIDE), unit k is bit k, of at most 36; and (…, 2), as in `borders`.
    """
    linears = model.modules[::2]
    codes, bends = [], [np.full((1, 2), np.nan)]
    for top in range(0, SIDE, STRIP):
        points = window_points()[top : top + STRIP + 1]  # with the first row of the next strip
        model.forward(points.reshape(-1, 2))
        sums = np.concatenate([linear.output for linear in linears], axis=1)
        code = ((sums > 0) @ 2.0 ** np.arange(sums.shape[1])).astype("<u8").reshape(-1, SIDE)
        codes.append(code[:STRIP])
        if len(linears) > 1:
            first = linears[0].output.shape[1]
            bends.append(borders(points, sums[:, first:], code >> np.uint64(first)))
    return np.concatenate(codes), np.concatenate(bends)


def borders(points: np.ndarray, sums: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Where units turn on: two points for each cell between four points that a border crosses, and NaN.

    points: (h, w, 2)
    sums: (h · w, n), what n units get there; between two points it is taken to be linear
    codes: unsigned (h, w), where it is above 0: unit k is bit k
    Returns (…, 2), with a row of NaN after each two.
    """
    beside, below = codes[:, 1:] ^ codes[:, :-1], codes[1:] ^ codes[:-1]
    changed = beside[:-1] | beside[1:] | below[:, :-1]  # units that are not alike at all corners of a cell
    row, column = np.nonzero(changed)
    bits = np.unpackbits(changed[row, column][:, None].view(np.uint8), axis=1, bitorder="little")
    cell, unit = np.nonzero(bits[:, : sums.shape[1]])
    width = codes.shape[1]
    around = (row * width + column)[cell, None] + (0, 1, width + 1, width)  # its corners, one after the other
    start = sums[around, unit[:, None]]
    end = np.roll(start, -1, axis=1)
    crossed = (start > 0) != (end > 0)  # two edges of a cell, seldom all four
    share = (start[crossed] / (start - end)[crossed])[:, None]
    places = points.reshape(-1, 2)
    here, there = places[around[crossed]], places[np.roll(around, -1, axis=1)[crossed]]
    pairs = (here + share * (there - here)).reshape(-1, 2, 2)
    return np.concatenate([pairs, np.full((len(pairs), 1, 2), np.nan)], axis=1).reshape(-1, 2)


@cache
def window_points() -> np.ndarray:
    """The points of the window where patterns are looked at: (SIDE, SIDE, 2), from above; read only."""
    ticks = EDGE * (2 * np.arange(SIDE) + 1 - SIDE) / SIDE
    points = np.stack(np.meshgrid(ticks, -ticks), axis=-1)
    points.flags.writeable = False
    return points


class Ends(Points):
    """Two points on each line; the line follows them."""

    hint = "Drag an end of a line"
    cursor = ""

    def check(self, value: Any) -> tuple[Point, ...] | None:
        points = super().check(value)
        if points is None:
            return None
        places = np.array(points)[:, :2]
        if len(points) % 2 or np.hypot(*(places[::2] - places[1::2]).T).min() < APART - 1e-9:
            raise self.refuse(value, f"two points on each line, at least {APART} apart")
        return points

    def marks(self, demo: Demo) -> list[Mark]:
        return [
            mark._replace(name=f"line {1 + index // 2}, {mark.name}", removable=False)
            for index, mark in enumerate(super().marks(demo))
        ]

    def dragged(self, demo: Demo, index: int, x: float, y: float) -> Values:
        other = self.now(demo)[index ^ 1]
        near = np.hypot(x - other[0], y - other[1]) < APART
        return {} if near else super().dragged(demo, index, x, y)

    def clicked(self, demo: Demo, x: float, y: float) -> Values:
        return {}

    def removed(self, demo: Demo, index: int) -> Values:
        return {}


class ReLURegionsDemo(Demo):
    title = "How many regions do ReLUs cut the plane into?"
    alt = (
        "Left: a square of the plane, lighter where more units are on, cut by the lines of the first layer "
        "and by the bent borders of deeper ones. Right: regions against the number of units, on a log "
        "axis: Zaslavsky's bound, lines through one point, and the present count."
    )
    ask = "Predict, then drag the lines: what are the most and the fewest regions that you can make?"
    size = (10, 4.8)
    tall_size = (4.8, 8.6)
    presets = {
        "One unit, one fold": {"units": 1},
        "Three lines": {"units": 3},
        "No bias": {"units": 8, "offset": 0.0},
        "Twelve lines": {"units": 12},
        "A second layer": {"units": 6, "layers": 2},
        "Three layers of twelve": {"units": 12, "layers": 3},
    }

    units = Slider(1, MOST, start=4, label="units n a layer")
    offset = Slider(0.0, 1.0, start=0.5, step=0.05, label="bias size")
    layers = Slider(1, 3, start=1, label="layers")
    seed = Slider(0, 30, start=0, label="seed")
    ends = Ends(
        axes="plane",
        own="line_ends",
        classes=("an end",),
        span=(0.1 - EDGE, EDGE - 0.1) * 2,
        most=2 * MOST,
        made_by=("offset", "seed"),
    )
    count = Handle("units", axes="chart", beside="regions", click=True)
    count.hint = "Drag the number of units in the chart"

    compute = staticmethod(compute)

    def line_ends(self) -> list[Point]:
        return [(x, y, 0) for x, y in self.state.ends.reshape(-1, 2).round(4).tolist()]

    def regions(self) -> float:
        return self.state.plane

    def arrange(self, figure: Any) -> Any:
        if self.tall:
            return tuple(figure.subplots(2, 1, height_ratios=(1.25, 1)))
        return tuple(figure.subplots(1, 2, width_ratios=(1, 1.15)))

    def draw(self, axes: Any) -> None:
        self.plane, self.chart = axes
        paper = np.array(to_rgb(self.paper))
        strength = 0.45 if self.dark else 0.55
        shades = (1 - strength) * paper + strength * colormaps["viridis"](np.linspace(0, 1, 256))[:, :3]
        self.shades = (255 * shades).astype(np.uint8)
        self.map = Screen(self.plane, (SIDE, SIDE))
        self.map.set(zorder=2.6, extent=(-EDGE, EDGE, -EDGE, EDGE))
        self.bends = self.plane.plot([], [], color=self.ink, linewidth=1.2, zorder=2.7)[0]
        self.lines = self.plane.plot([], [], color=self.ink, linewidth=2, zorder=2.8)[0]
        look: dict[str, Any] = {"color": self.ink, "markeredgecolor": self.paper}
        self.knobs = self.plane.plot([], [], "o", markersize=8, zorder=2.9, **look)[0]
        self.plane.set(xlim=(-EDGE, EDGE), ylim=(-EDGE, EDGE), aspect="equal")

        n = np.arange(1, MOST + 1)
        bound = [most_regions(k, 2) for k in n.tolist()]
        look = {"linewidth": 1.8, "markersize": 5}
        curves = (
            (2.0**n, "--", plots.COLORS[8], "2ⁿ patterns"),
            (bound, "s-", plots.COLORS[0], "the bound"),
            (2 * n, "^:", plots.COLORS[2], "through\none point"),
        )
        for values, line, color, name in curves:
            self.chart.plot(n, values, line, color=color, **look)
            self.chart.text(MOST + 0.6, values[-1], name, color=color, va="center")
        look = {"markersize": 13, "zorder": 3, "linestyle": "none", "markeredgecolor": self.paper}
        self.dots = [
            self.chart.plot([], [], marker=marker, color=color, label=label, **look)[0]
            for marker, color, label in (
                ("o", plots.COLORS[5], "first layer, whole plane"),
                ("*", self.ink, "all layers, in the window"),
            )
        ]
        self.chart.set(yscale="log", xlim=(0.5, MOST + 4.5), ylim=(1, 6000))
        self.chart.set(xlabel="units n in a layer", ylabel="regions")
        self.chart.set_xticks((1, *range(2, MOST + 1, 2)))
        self.chart.set_yticks((1, 10, 100, 1000), ("1", "10", "100", "1000"))
        self.chart.minorticks_off()
        self.chart.legend(loc="upper left", fontsize=12, labelspacing=0.25).set_zorder(0)

    def update(self, state: State) -> None:
        self.state = state
        fewest, most = state.active.min(), state.active.max()
        self.map.set_data(self.shades[(state.active - fewest) * np.uint16(255) // max(1, most - fewest)])
        self.lines.set_data(*segments(state.lines).T)
        self.bends.set_data(*state.bends.T)
        self.knobs.set_data(*state.ends.reshape(-1, 2).T)
        for dot, count in zip(self.dots, (state.plane, state.seen), strict=True):
            dot.set_data([len(state.lines)], [count])

    def said(self) -> str:
        state, units = self.state, len(self.state.lines)
        words = (
            f"{units} line{'s' * (units > 1)} cut{'s' * (units == 1)} the plane into {state.plane} regions, "
            f"of at most {most_regions(units, 2)}, and the window into {state.window}"
        )
        if state.layers == 1:
            return f"{words}."
        return f"{words}; with {state.layers} layers the window has at least {state.seen}."


def segments(lines: np.ndarray) -> np.ndarray:
    """Each line as two points far outside the window, and a gap of NaN after them: (3n, 2)."""
    normal, c = lines[:, :2], lines[:, 2:]
    squared = (normal**2).sum(axis=1, keepdims=True)
    foot = -c * normal / squared
    along = 10 * EDGE * np.column_stack([-normal[:, 1], normal[:, 0]]) / np.sqrt(squared)
    return np.stack([foot - along, foot + along, np.full_like(foot, np.nan)], axis=1).reshape(-1, 2)


show = shows(ReLURegionsDemo)
