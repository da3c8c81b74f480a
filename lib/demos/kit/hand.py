"""Between the places that the browser knows, shares of a picture's width and height, and what they mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from lib.demos.kit.demo import Demo
    from lib.demos.kit.touch import Mark


def meaning(demo: Demo, message: dict[str, Any]) -> dict[str, Any]:
    """The values of controls that a movement of the hand means; {} where it means nothing.

    message: of stage.js; `to` is "drag", "key", "pick", "remove" or "zoom", and `key` is the name of a handle
        and the number of its mark; or "click", "stroke" or "draw", on no mark. `x` and `y` are shares of the
        picture, or steps for "key"; a stroke has a `path` of such places, and "draw" has `places`, a list of
        [x, y, whether a line begins]
    """
    if message["to"] == "click":
        for touch in demo.touches.values():
            x, y, inside = place_in(getattr(demo, touch.axes), message["x"], message["y"])
            if inside and (values := touch.clicked(demo, x, y)):
                return values
        return {}
    if message["to"] in ("draw", "stroke"):
        touch = list(demo.touches.values())[message["field"]]
        axes = getattr(demo, touch.axes)
        if message["to"] == "stroke":
            return touch.stroked(demo, [place_in(axes, x, y)[:2] for x, y in message["path"]])
        return touch.drawn(demo, [(*place_in(axes, x, y)[:2], bool(new)) for x, y, new in message["places"]])
    name, _, number = message["key"].rpartition(":")
    touch, index = demo.touches[name], int(number)
    if index >= len(touch.marks(demo)):
        return {}  # it was taken away while the message was on its way
    match message["to"]:
        case "drag":
            x, y, _ = place_in(getattr(demo, touch.axes), message["x"], message["y"])
            return touch.slid(demo, index, x, y, message.get("was", 0))
        case "key":
            return touch.stepped(demo, index, int(message["x"]), int(message["y"]))
        case "pick":
            return touch.picked(demo, index)
        case "remove":
            return touch.removed(demo, index)
        case "zoom":
            x, y, _ = place_in(getattr(demo, touch.axes), message["x"], message["y"])
            return touch.zoomed(demo, int(message["steps"]), x, y)
    raise ValueError(f"message: expected a movement of the hand, got {message!r}")


def hovered(demo: Demo, message: dict[str, Any]) -> bool:
    """Tell every handle what the pointer, or the focus, is over; whether that changes the picture.

    message: of stage.js: the `key` of a mark, or a place `x`, `y` beside all marks, or neither
    """
    name, _, number = message.get("key", "").rpartition(":")
    changed = False
    for each, touch in demo.touches.items():
        place = None
        if "x" in message:
            x, y, inside = place_in(getattr(demo, touch.axes), message["x"], message["y"])
            place = (x, y) if inside else None
        changed |= touch.hovered(demo, int(number) if each == name else None, place)
    return changed


def marks(demo: Demo) -> list[dict[str, Any]]:
    """What can be touched now, as stage.js wants it."""
    found = []
    for field, (name, touch) in enumerate(demo.touches.items()):
        stand = touch.marks(demo)
        places = np.array([(m.x, m.y, m.x + m.w, m.y + m.h, *guide(m)) for m in stand]).reshape(-1, 2)
        shares = shares_of(getattr(demo, touch.axes), places).reshape(-1, 6)
        for index, (mark, (x, y, right, below, *to)) in enumerate(zip(stand, shares.tolist(), strict=True)):
            w, h = right - x, below - y  # a line may rise or fall
            place = {"x": x, "y": y, "w": w if mark.kind == "line" else abs(w)}
            place["h"] = h if mark.kind == "line" else abs(h)
            place["along"] = mark.along and [to[0] - x, to[1] - y]
            place["around"] = mark.around and to
            found.append(mark._asdict() | place | {"key": f"{name}:{index}", "field": field})
    return found


def guide(mark: Mark) -> tuple[float, float]:
    """What says where a held mark can go: a place further along its line, or the middle of its circle."""
    dx, dy = mark.along or (0.0, 0.0)
    return mark.around or (mark.x + dx, mark.y + dy)


def fields(demo: Demo) -> list[dict[str, Any]]:
    """Where the axes lie that can be touched, in the order of the demo's handles."""
    found = []
    for touch in demo.touches.values():
        axes = getattr(demo, touch.axes)
        width, height = axes.figure.bbox.size
        left, bottom, right, top = axes.bbox.extents
        sides = {
            "left": left / width,
            "right": right / width,
            "top": 1 - top / height,
            "bottom": 1 - bottom / height,
        }
        wishes = {"cursor": touch.cursor, "stroke": touch.stroke, "draws": touch.draws, "hover": touch.hover}
        found.append(sides | wishes)
    return found


def shares_of(axes: Axes, places: np.ndarray) -> np.ndarray:
    """Places (N, 2) in the axes' coordinates as shares of the picture, from its upper left corner."""
    return axes.transData.transform(places) / axes.figure.bbox.size * (1, -1) + (0, 1)


def share_of(axes: Axes, x: float, y: float) -> tuple[float, float]:
    """The same for one place."""
    right, below = shares_of(axes, np.array([[x, y]]))[0]
    return float(right), float(below)


def place_in(axes: Axes, right: float, below: float) -> tuple[float, float, bool]:
    """The way back: the place in the axes' coordinates, and whether it lies within the axes."""
    width, height = axes.figure.bbox.size
    dots = (right * width, (1 - below) * height)
    x, y = axes.transData.inverted().transform(dots)
    return float(x), float(y), bool(axes.bbox.contains(*dots))
