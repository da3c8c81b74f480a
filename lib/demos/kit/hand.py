"""Between the places that the browser knows, shares of a picture's width and height, and what they mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from lib.demos.kit.demo import Demo


def meaning(demo: Demo, message: dict[str, Any]) -> dict[str, Any]:
    """The values of controls that a movement of the hand means; {} where it means nothing.

    message: of stage.js; `to` is "drag", "key", "pick", "remove" or "click"; but for "click", `key` is the
        name of a handle and the number of its mark; `x` and `y` are shares of the picture, or steps for "key"
    """
    if message["to"] == "click":
        for touch in demo.touches.values():
            x, y, inside = place_in(getattr(demo, touch.axes), message["x"], message["y"])
            if inside and (values := touch.clicked(demo, x, y)):
                return values
        return {}
    name, _, number = message["key"].rpartition(":")
    touch, index = demo.touches[name], int(number)
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
    raise ValueError(f"message: expected a movement of the hand, got {message!r}")


def marks(demo: Demo) -> list[dict[str, Any]]:
    """What can be touched now, as stage.js wants it."""
    found = []
    for field, (name, touch) in enumerate(demo.touches.items()):
        axes = getattr(demo, touch.axes)
        for index, mark in enumerate(touch.marks(demo)):
            x, y = share_of(axes, mark.x, mark.y)
            right, below = share_of(axes, mark.x + mark.w, mark.y + mark.h)
            place = {"x": x, "y": y, "w": abs(right - x), "h": abs(below - y)}
            found.append(mark._asdict() | place | {"key": f"{name}:{index}", "field": field})
    return found


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
        found.append(sides | {"cursor": touch.cursor})
    return found


def share_of(axes: Axes, x: float, y: float) -> tuple[float, float]:
    """A place in the axes' coordinates as shares of the picture, from its upper left corner."""
    right, up = axes.transData.transform((x, y))
    width, height = axes.figure.bbox.size
    return float(right / width), float(1 - up / height)


def place_in(axes: Axes, right: float, below: float) -> tuple[float, float, bool]:
    """The way back: the place in the axes' coordinates, and whether it lies within the axes."""
    width, height = axes.figure.bbox.size
    dots = (right * width, (1 - below) * height)
    x, y = axes.transData.inverted().transform(dots)
    return float(x), float(y), bool(axes.bbox.contains(*dots))
