"""How large is a net? Parameters, activations, memory and operations of its layers, as its sizes move."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from lib import plots
from lib.checks import check_choice, check_number
from lib.demos.kit import Choice, Demo, Slider, shows
from lib.demos.kit.touch import Mark, Touch, Values
from lib.demos.net_plans import PLANS, Piece, pieces_of

LARGEST = 448  # pixels
ASKED = "resnet152"  # its sizes are a prediction of lecture 10, some sections after this demo
COUNTING = ("multiply–adds", "× and +")  # what counts as an operation
QUANTITIES = ("parameters", "activations", "memory", "operations")
HIGH, BASE = 1.26, 0.08  # inches of a map of LARGEST pixels, and below all boxes
SLANT = np.array([0.28, 0.2])  # how the third direction leans, in shares of a box's height
CAPTION = 0.46  # of a row of bars, for its words
IMAGE = 0.5  # inches for the image, at least
Color = tuple[float, float, float]


class State(NamedTuple):
    """A net, layer by layer.

    net, pixels: as they were chosen
    pieces: its layers; none where the images are too small for it
    chosen: which one is looked at, from 0
    numbers: float (4, layers), of each of QUANTITIES; memory in bytes
    counting: one of COUNTING
    """

    net: str
    pixels: int
    pieces: list[Piece]
    chosen: int
    numbers: np.ndarray
    counting: str

    @property
    def totals(self) -> np.ndarray:
        """Sums over all layers, (4,)."""
        return self.numbers.sum(axis=1)


def compute(
    net: str,
    pixels: int,
    width: float = 1.0,
    depth: float = 1.0,
    look: float = 0.0,
    counting: str = COUNTING[0],
) -> State:
    """The layer table of a net at these sizes.

    net, pixels, width, depth: as of `pieces_of`
    look: which layer is looked at, in per cent of the way through
    counting: one of COUNTING; the second counts a multiplication and its addition as two operations

    Raises `ValueError` that names the argument.

    >>> int(compute("alexnet", 224).totals[0])
    62378344
    """
    check_number(look, name="look", low=0, high=100)
    check_choice(counting, COUNTING, name="counting")
    pieces = pieces_of(net, pixels, width=width, depth=depth)
    each = 1 + COUNTING.index(counting)
    rows = [(p.parameters, p.activations, p.memory, each * p.multiply_adds) for p in pieces]
    numbers = np.array(rows, float).reshape(-1, 4).T
    chosen = round(look / 100 * (len(pieces) - 1)) if pieces else 0
    return State(net, pixels, pieces, chosen, numbers, counting)


class OnNet(Touch):
    """The upper edge of the image can be dragged, for its size; a click, or a drag, chooses a layer."""

    hint = "Drag the top of the image for its size · click a layer, or drag along them"
    cursor = "pointer"

    def marks(self, demo: NetSizesDemo) -> list[Mark]:  # type: ignore[override]  # it belongs to this demo
        top = Mark(*demo.top_of_image(), f"image: {demo.state.pixels} pixels", drag="y")
        if not demo.state.pieces:
            return [top]
        name = f"layer {demo.state.chosen + 1}: {title_of(demo.state.pieces[demo.state.chosen])}"
        return [top, Mark(demo.middle_of(demo.state.chosen), BASE / 2, name, drag="x")]

    def dragged(self, demo: NetSizesDemo, index: int, x: float, y: float) -> Values:  # type: ignore[override]
        if index == 0:
            return {"pixels": demo.controls["pixels"].nearest(pixels_of(y - BASE))}
        return self.looked_at(demo, demo.layer_at(x))

    def stepped(self, demo: NetSizesDemo, index: int, right: int, up: int) -> Values:  # type: ignore[override]
        if index == 0:
            return {"pixels": demo.controls["pixels"].step_from(demo.values["pixels"], up)}
        return self.looked_at(demo, demo.state.chosen + right)

    def clicked(self, demo: NetSizesDemo, x: float, y: float) -> Values:  # type: ignore[override]
        return self.looked_at(demo, demo.layer_at(x))

    def looked_at(self, demo: NetSizesDemo, layer: int) -> Values:
        """The value of the slider that chooses this layer."""
        last = len(demo.state.pieces) - 1
        return {"look": round(100 * min(max(layer, 0), last) / last, 1)} if last > 0 else {}


class NetSizesDemo(Demo):
    title = "How large is a net?"
    alt = (
        "Above, the image and the layers of a net as boxes: their height is that of the maps, their length "
        "the number of channels; convolutions are blue, linear layers orange. Below, bars for each layer: "
        "parameters, activations, memory and operations. The layer that is looked at has a band behind it."
    )
    ask = "Predict, then click: which layer holds the most parameters, and which does the most work?"
    size = (10, 3.85)
    tall_size = (4.8, 5.6)
    columns = 3
    presets = {
        "AlexNet": {"net": "alexnet", "look": 71.4},
        "AlexNet of 2012": {"net": "alexnet 2012", "look": 14.3, "counting": COUNTING[1]},
        "VGG-16": {"net": "vgg16", "look": 86.7},
        "VGG-19": {"net": "vgg19", "look": 5.6},
        "ResNet-50": {"net": "resnet50", "look": 0},
        "Small convnet": {"net": "small", "pixels": 32, "look": 66.7},
        "ResNet-20": {"net": "resnet20", "pixels": 32, "look": 0},
    }

    net = Choice(tuple(name for name in PLANS if name != ASKED), start="alexnet")
    pixels = Slider(16, LARGEST, start=224, step=16, label="input size")
    width = Slider(0.25, 2.0, start=1.0, step=0.25, label="width ×")
    depth = Slider(0.5, 2.0, start=1.0, step=0.5, label="depth ×")
    look = Slider(0.0, 100.0, start=71.4, step=0.1, label="look at, %")
    counting = Choice(COUNTING, label="count")
    on_net = OnNet(axes="boxes")

    compute = staticmethod(compute)

    def arrange(self, figure: Figure) -> tuple[Axes, Axes]:
        """The net, and the bars below it; both have inches as coordinates."""
        figure.set_layout_engine("none")
        width, height = figure.get_size_inches()
        self.across, self.net_high = width - 0.2, 1.62
        self.bars_high = height - self.net_high - 0.1
        places = (0.1, height - self.net_high, self.net_high), (0.1, 0.05, self.bars_high)
        net, bars = (
            figure.add_axes((x / width, y / height, self.across / width, h / height)) for x, y, h in places
        )
        for axes, high in ((net, self.net_high), (bars, self.bars_high)):
            axes.set(xlim=(0, self.across), ylim=(0, high))
            axes.set_axis_off()
            axes.spines[:].set_visible(False)
        return net, bars

    def draw(self, axes: tuple[Axes, Axes]) -> None:
        self.boxes, bars = axes
        self.row = self.bars_high / len(QUANTITIES)
        self.tints = [shades(color, self.paper, self.ink) for color in (*plots.COLORS[:2], "#8a9099")]
        pale = shade_between(self.faint, self.paper, 0.45)
        look: dict[str, Any] = {"facecolor": pale, "linewidth": 0, "zorder": 1}
        self.bands = [polygons(ax, **look) for ax in axes]
        self.faces = polygons(self.boxes, edgecolor=self.paper, linewidth=0.4, zorder=2)
        self.bars = polygons(bars, linewidth=0, zorder=2)
        size = 12 if self.tall else 13.5
        right: dict[str, Any] = {"ha": "right", "va": "top", "zorder": 4}
        top = self.net_high - 0.05
        self.caption = self.boxes.text(self.across, top, "", fontsize=size, weight="bold", **right)
        self.details = self.boxes.text(self.across, top - 0.24, "", fontsize=size - 1, **right)
        for x, word, tint in ((0.86, "convolution", 0), (0, "linear layer", 1)):
            color = self.tints[tint][1 if self.dark else 0]
            self.boxes.text(self.across - 1.25 * x, top - 0.46, word, color=color, fontsize=12, **right)
        letters = 14 if self.tall else 12.5
        self.words = [
            bars.text(0, self.bars_high - i * self.row - 0.05, "", va="top", fontsize=letters, zorder=4)
            for i in range(4)
        ]
        floors = self.bars_high - self.row * np.arange(1, 5)
        bars.hlines(floors, 0, self.across, color=self.faint, linewidth=1, zorder=1.5)

    # ---- Where things stand, in inches.

    @property
    def begin(self) -> float:
        """Where the layers begin; the image stands to the left."""
        return max(IMAGE, self.across / (max(len(self.state.pieces), 1) + 1))

    @property
    def pitch(self) -> float:
        """From one layer to the next."""
        return (self.across - self.begin) / max(len(self.state.pieces), 1)

    def left_of(self, layer: int) -> float:
        return self.begin + layer * self.pitch

    def middle_of(self, layer: int) -> float:
        return self.left_of(layer) + self.pitch / 2

    def layer_at(self, x: float) -> int:
        return int((x - self.begin) // self.pitch)

    def top_of_image(self) -> tuple[float, float]:
        return self.begin / 2, BASE + height_of(self.state.pixels)

    def update(self, state: State) -> None:
        self.state = state
        self._update_boxes(state)
        self._update_bars(state)
        left = self.left_of(state.chosen)
        side = state.pieces[state.chosen].side if state.pieces else 0
        over = 2 * BASE + (1 + SLANT[1]) * height_of(side)
        for band, high in zip(self.bands, (over, self.bars_high), strict=True):
            band.set_verts([rectangle(left, 0, self.pitch, high)] if state.pieces else [])
        if not state.pieces:
            self.caption.set_text(f"{PLANS[state.net].name}: no room")
            self.details.set_text("windows larger than the maps")
            return
        piece = state.pieces[state.chosen]
        self.caption.set_text(f"{state.chosen + 1} of {len(state.pieces)}: {title_of(piece)}")
        made = (
            f"{piece.channels:,} × {piece.side} × {piece.side}"
            if piece.kind == "conv"
            else f"{piece.channels:,}"
        )
        self.details.set_text(f"makes {made} numbers")

    def _update_boxes(self, state: State) -> None:
        pitch = self.pitch
        verts: list[np.ndarray] = []
        colors: list[Color] = []
        middles = [self.begin / 2, *map(self.middle_of, range(len(state.pieces)))]
        boxes = [(3, state.pixels, 2), *((p.channels, p.side, int(p.kind == "linear")) for p in state.pieces)]
        for middle, (channels, side, tint) in zip(middles, boxes, strict=True):
            long = max(0.025, 0.72 * min(pitch, 1.2) * (min(channels, 8192) / 8192) ** (1 / 3))
            high = height_of(side)
            verts += box_faces(middle - long / 2, BASE, long, high)
            colors += self.tints[tint]
        self.faces.set_verts(verts)
        self.faces.set_facecolor(colors)

    def _update_bars(self, state: State) -> None:
        pitch = self.pitch
        verts: list[np.ndarray] = []
        colors: list[Color] = []
        room = self.row * (1 - CAPTION)
        for number, (name, values) in enumerate(zip(QUANTITIES, state.numbers, strict=True)):
            floor, top = self.bars_high - (number + 1) * self.row, values.max(initial=1)
            for layer, (piece, value) in enumerate(zip(state.pieces, values, strict=True)):
                verts.append(
                    rectangle(self.left_of(layer) + 0.14 * pitch, floor, 0.72 * pitch, room * value / top)
                )
                colors.append(self.tints[int(piece.kind == "linear")][0])
            words = f"{name}  {counted(values.sum(), name)}" if state.pieces else name
            if state.pieces and not self.tall:
                words += f"   here {counted(values[state.chosen], name)}"
            self.words[number].set_text(words)
        self.bars.set_verts(verts)
        self.bars.set_facecolor(colors)

    def said(self) -> str:
        state, name = self.state, PLANS[self.state.net].name
        if not state.pieces:
            return (
                f"Images of {state.pixels} × {state.pixels} are too small for {name}: its maps would vanish."
            )
        parameters, _, memory, operations = state.totals
        kind = "multiply–adds" if state.counting == COUNTING[0] else "multiplications and additions"
        shares = 100 * state.numbers[:, state.chosen] / np.maximum(state.totals, 1)
        return (
            f"{upper(name)} at {state.pixels} × {state.pixels}: {rounded(parameters)} parameters, "
            f"{in_bytes(memory)} and {rounded(operations)} {kind} an image. Layer {state.chosen + 1} holds "
            f"{percent(shares[0])} of the parameters and does {percent(shares[3])} of the work."
        )


def height_of(side: float) -> float:
    """Inches of a map so high: its root, so that small maps can be seen."""
    return HIGH * float(np.sqrt(side / LARGEST))


def pixels_of(inches: float) -> float:
    """The other way round."""
    return LARGEST * (max(inches, 0.0) / HIGH) ** 2


def title_of(piece: Piece) -> str:
    """What a layer is.

    >>> title_of(pieces_of("alexnet", 224)[1])
    'convolution 5 × 5, 96 → 256'
    """
    window = f"convolution {piece.kernel} × {piece.kernel}" if piece.kind == "conv" else "linear"
    return f"{window}, {piece.into:,} → {piece.channels:,}"


def polygons(axes: Axes, **look: Any) -> PolyCollection:
    """Room for polygons, none so far."""
    made = PolyCollection([], **look)
    axes.add_collection(made)
    return made


def box_faces(left: float, floor: float, long: float, high: float) -> list[np.ndarray]:
    """The front, the top and the right side of a box, as deep as it is high: (3 of (4, 2))."""
    across, up, back = np.array([long, 0]), np.array([0, high]), high * SLANT
    corner = np.array([left, floor]) - (back[0] / 2, 0)
    faces = (across, up), (across, back), (up, back)
    starts = corner, corner + up, corner + across
    return [np.array([c, c + a, c + a + b, c + b]) for c, (a, b) in zip(starts, faces, strict=True)]


def rectangle(left: float, floor: float, width: float, height: float) -> np.ndarray:
    """Its corners, (4, 2)."""
    return np.array(
        [[left, left + width, left + width, left], [floor, floor, floor + height, floor + height]]
    ).T


def shades(color: str, paper: str, ink: str) -> list[Color]:
    """Three shades of a colour, for the front, the top and the side of a box."""
    bright = sum(to_rgb(paper)) > sum(to_rgb(ink))
    side = shade_between(color, ink if bright else paper, 0.25)
    return [to_rgb(color), shade_between(color, "#ffffff", 0.35), side]


def shade_between(color: str, other: str, share: float) -> Color:
    """A colour on the way to another one."""
    red, green, blue = (1 - share) * np.array(to_rgb(color)) + share * np.array(to_rgb(other))
    return float(red), float(green), float(blue)


def counted(value: float, name: str) -> str:
    """A number of one of QUANTITIES, in words."""
    return in_bytes(value) if name == "memory" else rounded(value)


def rounded(value: float) -> str:
    """A count in three digits; small ones as they are.

    >>> rounded(62378344), rounded(61e6), rounded(19.6e9), rounded(608)
    ('62.4 million', '61.0 million', '19.6 billion', '608')
    """
    return three_digits(value, ((1e12, " trillion"), (1e9, " billion"), (1e6, " million"))) or f"{value:,.0f}"


def in_bytes(value: float) -> str:
    """Bytes, a thousand to the kB."""
    return three_digits(value, ((1e9, " GB"), (1e6, " MB"), (1e3, " kB"))) or f"{value:.0f} B"


def three_digits(value: float, units: Sequence[tuple[float, str]]) -> str:
    """A number in the first of these units that it reaches; "" where it reaches none."""
    for factor, unit in units:
        if value >= factor:
            digits = max(0, 2 - int(np.log10(value / factor)))
            return f"{value / factor:,.{digits}f}{unit}"
    return ""


def percent(share: float) -> str:
    """A share in per cent; small ones with as many digits as they need.

    >>> percent(61.2), percent(3.31), percent(0.026), percent(0)
    ('61 %', '3.3 %', '0.03 %', '0 %')
    """
    return f"{share:.0f} %" if share >= 9.5 else f"{share:.1f} %" if share >= 0.095 else f"{share:.1g} %"


def upper(name: str) -> str:
    return name[0].upper() + name[1:]


show = shows(NetSizesDemo)
