"""What a hidden layer does to space: grid and points bend on their way from the input to the output."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import contourpy
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lib import plots
from lib.checks import check_choice, check_number, check_whole
from lib.demos.kit import Choice, Demo, Handle, Slider, Time, shows
from lib.demos.kit.lines import Lines, handles
from lib.demos.kit.regions import Regions
from lib.demos.layers_2d import ACTIVATIONS, COUNT, DATA, WIDTHS, Net, by_hand, points, straight, trained
from lib.demos.points_2d import EDGE

BY_HAND = "by hand"
NETWORKS = (BY_HAND, *WIDTHS)
LAST = 120  # steps of the way
LINES, FINE = 21, 73  # grid lines in each direction, points of each
CELLS = 64  # of the regions along each side
ARM = 1.7  # from one handle of a line to the other
FLOOR = -0.75  # height of the output's axis on the stage
TILT, TURN = 24, 34  # degrees by which a space of three units is seen from above, and from the side
MOST = 1 + max(map(len, WIDTHS.values()))  # hidden layers and the output, at most
Line = tuple[float, float]  # the angle of a line's normal in degrees, and its offset


class Survey(NamedTuple):
    """What does not depend on the way: where everything stands at each stop.

    A stop is the input, a hidden layer or the output; places are (…, 3), each coordinate from −1 to 1.
    grid, dots, border, frame, ends: a list of places, one for each stop; rows of NaN end a line
    lift: (stops,) 1 where a layer has three units, else 0
    sides: bool, for each place of the grid whether the score is above 0
    regions: (CELLS, CELLS) scores over the input plane, from the lower left corner
    lines: (units, 2), angle and offset of the first layer's units
    edge: (P, 2), the border in the input plane
    y: (COUNT,) classes
    right: how many points the network gets right
    """

    grid: list[np.ndarray]
    dots: list[np.ndarray]
    border: list[np.ndarray]
    frame: list[np.ndarray]
    ends: list[np.ndarray]
    lift: np.ndarray
    sides: np.ndarray
    regions: np.ndarray
    lines: np.ndarray
    edge: np.ndarray
    y: np.ndarray
    right: int


class State(NamedTuple):
    """The stage at one moment of the way; places are (…, 2), as seen.

    leg, share: which stop was passed last, and how much of the way to the next one is done, 0…1
    right: how many points a straight line or plane fitted here gets right; on the last leg, the network
    flat: whether all lies in a plane here
    """

    survey: Survey
    grid: np.ndarray
    dots: np.ndarray
    border: np.ndarray
    frame: np.ndarray
    ends: np.ndarray
    way: int
    leg: int
    share: float
    right: int
    flat: bool
    network: str
    turn: float


def grid() -> np.ndarray:
    """The lines of a grid over the input plane, each ended by a row of NaN: (2 · LINES · (FINE + 1), 2)."""
    at, along = np.meshgrid(np.linspace(-EDGE, EDGE, LINES), np.linspace(-EDGE, EDGE, FINE), indexing="ij")
    lines = np.concatenate([np.stack([at, along], axis=2), np.stack([along, at], axis=2)])
    return np.pad(lines, ((0, 0), (0, 1), (0, 0)), constant_values=np.nan).reshape(-1, 2)


def cube(depth: float) -> np.ndarray:
    """The edges of a cube from −1 to 1, of this depth, or of a square: (36, 3), a row of NaN after each."""
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-depth, depth)], float)
    edges = [(a, b) for a in range(8) for b in range(a + 1, 8) if (a ^ b) in (1, 2, 4)]
    return np.concatenate([[*corners[list(edge)], np.full(3, np.nan)] for edge in edges])


def border_of(net: Net) -> np.ndarray:
    """Where the score is 0 in the input plane, (P, 2); a row of NaN after each of its pieces."""
    ticks = np.linspace(-EDGE, EDGE, 97)
    plane = np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)
    heights = net.scores(plane).reshape(97, 97)
    pieces = contourpy.contour_generator(ticks, ticks, heights).lines(0)
    gap = np.full((1, 2), np.nan)
    return np.concatenate([part for piece in pieces for part in (piece, gap)] or [gap])


def piled(scores: np.ndarray) -> np.ndarray:
    """Where points stand at the output: their probability, and on top of each other where it is alike."""
    p = 1 / (1 + np.exp(-scores))
    bins = np.clip((p * 40).astype(int), 0, 39)
    order = np.lexsort((scores, bins))
    first = np.searchsorted(bins[order], np.arange(40))
    height = np.empty(len(p))
    height[order] = np.arange(len(p)) - first[bins[order]]
    step = min(0.1, 1.6 / max(1.0, height.max()))
    return np.column_stack([2 * p - 1, FLOOR + 0.06 + step * height, np.zeros(len(p))])


@lru_cache(maxsize=8)
def survey(data: str, network: str, activation: str, lines: tuple[Line, Line]) -> Survey:
    """Everything at every stop. Arguments as in `compute`; lines only matter by hand."""
    net = by_hand(data, activation, lines) if network == BY_HAND else trained(data, network, activation)
    X, y = points(data)
    plane, edge = grid(), border_of(net)
    widest = [max(1e-9, float(np.nanmax(h))) for h in net.layers(plane)]

    def stops(places: np.ndarray) -> list[np.ndarray]:
        found = []
        for k, h in enumerate(net.layers(places)):
            shown = h if k == 0 or activation == "tanh" else 2 * h / widest[k] - 1
            found.append(np.pad(shown, ((0, 0), (0, 3 - shown.shape[1]))))
        p = 1 / (1 + np.exp(-np.clip(net.scores(places), -500, 500)))
        last = np.column_stack([2 * p - 1, np.full(len(p), FLOOR), 0 * p])
        return [*found, last]

    scores = net.scores(X)
    lift = np.array([0.0, *(float(len(b) == 3) for _, b in net.hidden), 0.0])
    frames = [cube(depth) for depth in lift]
    frames[-1] = np.column_stack([frames[-1][:, 0], 0 * frames[-1][:, 0] + FLOOR, 0 * frames[-1][:, 0]])
    ends = [np.array([[1.0, -1, 0], [-1, 1, 0]])] * len(lift)
    W, b = net.hidden[0]
    length = np.linalg.norm(W, axis=1)
    ticks = EDGE * (2 * np.arange(CELLS) + 1 - CELLS) / CELLS
    middles = np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)
    return Survey(
        grid=stops(plane), dots=[*stops(X)[:-1], piled(scores)], border=stops(edge), frame=frames, ends=ends,
        lift=lift, sides=net.scores(plane) > 0, regions=net.scores(middles).reshape(CELLS, CELLS),
        lines=np.column_stack([np.degrees(np.arctan2(W[:, 1], W[:, 0])), -EDGE * b / length]),
        edge=edge, y=y, right=int(((scores > 0) == y).sum()),
    )  # fmt: skip


def compute(
    way: int, data: str, network: str, activation: str, turn: float,
    angle_1: float, offset_1: float, angle_2: float, offset_2: float,
) -> State:  # fmt: skip
    """The stage at one moment.

    way: 0 at the input … LAST at the output; the hidden layers stand between them at equal distances
    data: one of `DATA`
    network: BY_HAND, or one of `WIDTHS`, which is trained
    activation: one of `ACTIVATIONS`
    turn: of the space around its upright axis, in quarter turns, −1…1
    angle_1, offset_1, angle_2, offset_2: by hand, the lines n·x = offset along which the two units switch;
        n has this angle, in degrees

    Raises `ValueError` that names the argument.
    """
    check_whole(way, name="way", high=LAST)
    check_choice(data, DATA, name="data")
    check_choice(network, NETWORKS, name="network")
    check_choice(activation, ACTIVATIONS, name="activation")
    check_number(turn, name="turn", low=-1, high=1)
    given = {"angle_1": angle_1, "offset_1": offset_1, "angle_2": angle_2, "offset_2": offset_2}
    a1, o1, a2, o2 = (check_number(number, name=name) for name, number in given.items())
    lines = ((a1, o1), (a2, o2)) if network == BY_HAND else ((0.0, 0.0), (0.0, 0.0))
    found = survey(data, network, activation, lines)

    legs = len(found.grid) - 1
    leg = min(way * legs // LAST, legs - 1)
    share = way * legs / LAST - leg
    eased = share**2 * (3 - 2 * share)  # slow at the stops

    def between(stops: Any) -> Any:
        return stops[leg] + eased * (stops[leg + 1] - stops[leg])

    lift = float(between(found.lift))

    def seen(stops: list[np.ndarray]) -> np.ndarray:
        return look(between(stops), 90 * turn + TURN * lift, TILT * lift)

    dots = between(found.dots)
    right = found.right
    if leg < legs - 1 or share == 0:
        v, c = straight(dots if lift else dots[:, :2], found.y)
        right = int((((dots[:, : len(v)] @ v + c) > 0) == found.y).sum())
    return State(
        found, seen(found.grid), seen(found.dots), seen(found.border), seen(found.frame), seen(found.ends),
        way, leg, share, right, lift == 0, network, float(turn),
    )  # fmt: skip


def look(places: np.ndarray, turn: float, tilt: float) -> np.ndarray:
    """Places (N, 3) as they are seen, (N, 2): turned around the upright axis, and tilted, in degrees."""
    (ct, cp), (st, sp) = np.cos(np.radians([turn, tilt])), np.sin(np.radians([turn, tilt]))
    x, y, z = places.T
    near = z * ct - x * st
    larger = (1 - 0.22 * tilt / TILT) / (1 - 0.12 * (near * cp + y * sp))
    return np.column_stack([larger * (x * ct + z * st), larger * (y * cp - near * sp)])


def reach(own: np.ndarray) -> np.ndarray:
    """Those places of a line that are its own, and one more at each end, so that two colours meet."""
    wider = own.copy()
    wider[1:] |= own[:-1]
    wider[:-1] |= own[1:]
    return wider


class HiddenSpaceDemo(Demo):
    title = "Space that bends"
    alt = (
        "Left: the input plane with points of two classes, the regions that the network gives them, and the "
        "lines along which its units switch. Right: the plane's grid and the same points on their way "
        "through the layers: they bend until a straight cut parts the classes, and end as one number each."
    )
    ask = "Predict: along which lines must the units switch, so that the hidden points come apart?"
    size = (10.2, 4.2)
    tall_size = (4.8, 8.3)
    presets = {
        "XOR solved": {
            "way": 60, "angle_1": 35, "offset_1": 1.3, "angle_2": 55, "offset_2": -1.3,
        },
        "ReLU folds": {
            "way": 60, "activation": "ReLU", "angle_1": 35, "offset_1": -1.9, "angle_2": 55, "offset_2": 0.7,
        },
        "Two units fail": {"way": 60, "data": "circles", "network": "2"},
        "Three take off": {"way": 60, "data": "circles", "network": "3"},
        "Spiral: twice": {"way": 80, "data": "spiral", "network": "3+3"},
        "Its output": {"way": LAST, "data": "spiral", "network": "3+3"},
    }  # fmt: skip

    way = Time(LAST, start=0, interval=50, label="way")
    data = Choice(DATA)
    network = Choice(NETWORKS, label="units")
    angle_1 = Slider(-180, 180, start=0, label="angle 1")
    offset_1 = Slider(-2.5, 2.5, start=0.0, step=0.1, label="offset 1")
    angle_2 = Slider(-180, 180, start=90, label="angle 2")
    offset_2 = Slider(-2.5, 2.5, start=0.0, step=0.1, label="offset 2")
    activation = Choice(tuple(ACTIVATIONS))
    turn = Slider(-1.0, 1.0, start=0.0, step=0.02, label="turn")

    units = Lines(
        [("angle_1", "offset_1"), ("angle_2", "offset_2")],
        now="lines_now", axes="plane", arm=ARM, also={"network": BY_HAND},
    )  # fmt: skip
    on_track = Handle("way", axes="track", label="the way", click=True)
    turner = Handle("turn", axes="stage", beside="below", label="the space")

    compute = staticmethod(compute)

    def panel(self, **options: Any) -> Any:
        """Its widgets: the sliders of the lines are at rest while the lines are trained."""
        panel = super().panel(**options)
        network = panel.widgets["network"]

        def rest(_: Any = None) -> None:
            for name in ("angle_1", "offset_1", "angle_2", "offset_2"):
                panel.widgets[name].disabled = network.value != BY_HAND

        network.observe(rest, names="value")
        rest()
        return panel

    def lines_now(self) -> list[Line]:
        """The lines that a hand can move: those of one layer of two units."""
        if self.state.network not in (BY_HAND, "2"):
            return []
        return [(float(angle), float(offset)) for angle, offset in self.state.survey.lines]

    def below(self) -> float:
        return -1.2

    def arrange(self, figure: Figure) -> tuple[Axes, Axes, Axes]:
        figure.set_layout_engine("none")
        places = (
            ((0.1, 0.53, 0.8, 0.463), (0.02, 0.005, 0.96, 0.43), (0.06, 0.44, 0.88, 0.06))
            if self.tall else
            ((0.005, 0.03, 0.387, 0.94), (0.4, 0.0, 0.595, 0.85), (0.45, 0.865, 0.5, 0.12))
        )  # fmt: skip
        plane, stage, track = (figure.add_axes(place) for place in places)
        return plane, stage, track

    def draw(self, axes: tuple[Axes, Axes, Axes]) -> None:
        self.plane, self.stage, self.track = axes
        colors = plots.COLORS[:2]
        self.drawn: Survey | None = None
        self.map = Regions(self.plane, list(colors), (-EDGE, EDGE, -EDGE, EDGE))
        self.plane.set(xticks=[], yticks=[], xlim=(-EDGE, EDGE), ylim=(-EDGE, EDGE), aspect="equal")
        self.plane.spines[:].set_visible(False)
        dot: dict[str, Any] = {
            "linestyle": "none", "markersize": 7, "markeredgecolor": self.paper, "markeredgewidth": 0.8,
        }  # fmt: skip
        self.unit_colors = (self.ink, plots.COLORS[3], plots.COLORS[2])
        self.edge = self.plane.plot([], [], color=self.ink, linewidth=2.4, zorder=2.6)[0]
        self.lines, self.feet, self.arms = [], [], []
        for color, style in zip(self.unit_colors, ("--", "-.", ":"), strict=True):
            self.lines += self.plane.plot([], [], style, color=color, linewidth=1.8, zorder=2.7)
            self.feet += self.plane.plot([], [], "o", color=color, markersize=10, zorder=3.2)
            ring: dict[str, Any] = {"color": color, "markerfacecolor": self.paper, "markeredgewidth": 2.4}
            self.arms += self.plane.plot([], [], "o", markersize=10, zorder=3.2, **ring)
        self.input_dots = [
            self.plane.plot([], [], marker, color=color, zorder=3, **dot)[0]
            for marker, color in zip(plots.MARKERS, colors, strict=False)
        ]

        stage = self.stage
        stage.set(xlim=(-1.9, 1.9), ylim=(-1.28, 1.12), aspect="equal")
        stage.set_axis_off()
        stage.spines[:].set_visible(False)
        self.frame = stage.plot([], [], color=self.faint, linewidth=1, zorder=1)[0]
        self.grids = [
            stage.plot([], [], color=color, linewidth=0.9, alpha=0.75, zorder=2)[0] for color in colors
        ]
        self.border = stage.plot([], [], color=self.ink, linewidth=2.4, zorder=2.5)[0]
        self.dots = [
            stage.plot([], [], marker, color=color, zorder=3, **dot)[0]
            for marker, color in zip(plots.MARKERS, colors, strict=False)
        ]
        word: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 12, "zorder": 4}
        self.names = [
            stage.text(0, 0, f"unit {k}", color=color, **word)
            for k, color in enumerate(self.unit_colors[:2], start=1)
        ]
        self.numbers = [
            stage.text(x, FLOOR - 0.13, number, **word) for x, number in ((-1, "0"), (0, "½"), (1, "1"))
        ]
        self.numbers.append(stage.text(0, FLOOR - 0.3, "output: the probability of orange", **word))
        stage.plot([-1, 1], [self.below()] * 2, color=self.faint, linewidth=1, zorder=1)
        stage.text(-1.1, self.below(), "turn", **word | {"ha": "right"})
        self.knob = stage.plot([], [], "o", color=plots.COLORS[8], markersize=10, zorder=4)[0]

        self.track.set(xlim=(0, LAST), ylim=(-1, 1.6))
        self.track.set_axis_off()
        self.track.spines[:].set_visible(False)
        self.track.plot([0, LAST], [0, 0], color=self.faint, linewidth=2, zorder=1, clip_on=False)
        self.posts = self.track.plot([], [], "o", color=self.faint, markersize=8, zorder=2, clip_on=False)[0]
        self.now = self.track.plot(
            [], [], "o", color=plots.COLORS[0], markersize=13, zorder=3, clip_on=False
        )[0]
        self.words = [
            self.track.text(0, 1.05, "", ha="center", va="center", fontsize=12) for _ in range(MOST + 1)
        ]

    def update(self, state: State) -> None:
        self.state = state
        if state.survey is not self.drawn:
            self.show_input(state)
            self.drawn = state.survey
        y, sides = state.survey.y, state.survey.sides
        self.frame.set_data(*state.frame.T)
        self.border.set_data(*state.border.T)
        for c in (0, 1):
            self.grids[c].set_data(*np.where(reach(sides == c)[:, None], state.grid, np.nan).T)
            self.dots[c].set_data(*state.dots[y == c].T)
        self.now.set_data([state.way], [0])
        self.knob.set_data([state.turn], [self.below()])
        legs = len(state.survey.grid) - 1
        at_hidden = [max(0.0, 1 - 4 * abs(state.leg + state.share - k)) for k in range(1, legs)]
        at_output = max(0.0, 1 - 4 * (legs - state.leg - state.share))
        for name, place, beside in zip(self.names, state.ends, ((0, -0.09), (0, 0.07)), strict=True):
            name.set_position(place + beside)
            name.set_alpha(max(at_hidden) if state.flat else 0.0)
        for number in self.numbers:
            number.set_alpha(at_output)

    def show_input(self, state: State) -> None:
        """What does not move along: the input plane, and the names of the stops."""
        found = state.survey
        self.map.show(np.stack([-found.regions, found.regions], axis=2))
        self.edge.set_data(*found.edge.T)
        X = EDGE * found.dots[0][:, :2]
        for c, dots in enumerate(self.input_dots):
            dots.set_data(*X[found.y == c].T)
        free = state.network in (BY_HAND, "2")
        for k, (line, foot, arm) in enumerate(zip(self.lines, self.feet, self.arms, strict=True)):
            if k >= len(found.lines):
                for artist in (line, foot, arm):
                    artist.set_data([], [])
                continue
            angle, offset = found.lines[k].tolist()
            middle, end = handles(angle, offset, ARM)
            along = (end - middle) * 5
            line.set_data(*np.array([middle - along, middle + along]).T)
            foot.set_data(*np.array([middle] if free else np.empty((0, 2))).T)
            arm.set_data(*np.array([end] if free else np.empty((0, 2))).T)
        layers = len(found.grid) - 2
        names = [
            "input",
            *(["hidden"] if layers == 1 else [f"layer {k}" for k in range(1, layers + 1)]),
            "output",
        ]
        places = np.linspace(0, LAST, len(names))
        self.posts.set_data(places, 0 * places)
        for k, word in enumerate(self.words):
            word.set_text(names[k] if k < len(names) else "")
            word.set_position((places[min(k, len(names) - 1)], 1.05))

    def said(self) -> str:
        state, layers = self.state, len(self.state.survey.grid) - 2
        hidden = [f"layer {k}" for k in range(1, layers + 1)] if layers > 1 else ["the hidden layer"]
        names = ["the input", *hidden, "the output"]
        trained = (
            "" if state.network == BY_HAND else " Its lines were trained; the sliders are for lines by hand."
        )
        if state.way == LAST:
            sides = f"{state.right} of {COUNT} stand on their side of ½"
            return f"At the output one number is left of each point: {sides}.{trained}"
        share = f"{100 * state.share:.0f} % of the way from {names[state.leg]} to {names[state.leg + 1]}"
        where = share if state.share else f"At {names[state.leg]}"
        network = state.share and state.leg == layers
        fitted = f"the {'straight line' if state.flat else 'flat cut'} fitted here (logistic regression)"
        judge = "the network" if network else fitted
        whole = f", and the whole network {state.survey.right}" if state.leg < layers else ""
        return f"{where}, {judge} gets {state.right} of {COUNT} points right{whole}.{trained}"


show = shows(HiddenSpaceDemo)
