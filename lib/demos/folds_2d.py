"""A square sheet of paper, folded along lines and cut once: its pieces, its cuts, and the network of it.

A fold is x → x − 2 max(0, n·x − offset) n: what lies beyond the line n·x = offset comes back mirrored, one
ReLU and a way around it. On a piece of paper that no crease crosses all folds together are one linear
function, so a piece is its corners, and where they lie after each fold.
Source: Montúfar, Pascanu, Cho and Bengio, On the number of linear regions of deep neural networks, 2014.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from lib import nn

SHEET = np.array([[-1.0, -1], [1, -1], [1, 1], [-1, 1]])  # its corners, counter-clockwise
NEAR = 1e-9  # so near to a line is on it
Line = tuple[float, float]  # n·x = offset: the angle of n in degrees, and the offset


def normal(angle: float) -> np.ndarray:
    """The unit vector of an angle in degrees, (2,)."""
    return np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])


def beyond(places: np.ndarray, line: Line) -> np.ndarray:
    """How far beyond a line places (…, 2) lie; negative before it."""
    angle, offset = line
    return places @ normal(angle) - offset


def fold(places: np.ndarray, line: Line) -> np.ndarray:
    """Where places (…, 2) come to lie when the paper beyond a line is folded back over it."""
    return places - 2 * np.maximum(0, beyond(places, line))[..., None] * normal(line[0])


def lifted(places: np.ndarray, line: Line, share: float) -> np.ndarray:
    """The same on the way, seen from above: 0 lies flat, at ½ the paper stands upright, 1 is folded."""
    flap = np.maximum(0, beyond(places, line))[..., None]
    seen = places - (1 - np.cos(np.pi * share)) * flap * normal(line[0])
    return seen * (1 + 0.1 * np.sin(np.pi * share) * flap)  # what is nearer is larger


def network(lines: tuple[Line, ...], cut: Line) -> nn.Sequential:
    """The same as modules: a way around one ReLU for each fold, then one linear unit; above 0 is cut off."""
    net = nn.Sequential()
    for angle, offset in lines:
        net.add(
            nn.Residual(linear(normal(angle)[None], -offset), nn.ReLU(), linear(-2 * normal(angle)[:, None]))
        )
    return net.add(linear(normal(cut[0])[None], -cut[1]))


def linear(weight: np.ndarray, bias: float = 0.0) -> nn.Linear:
    """The module W x + b for a given W (outputs, inputs) and one number b, in float64."""
    module = nn.Linear(weight.shape[1], weight.shape[0]).double()
    parameters, _ = module.parameters()
    parameters[0][:], parameters[1][:] = weight, bias
    return module


def split(piece: np.ndarray, ahead: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The part of a convex piece before a line, and the part beyond it; a part that is empty has no corners.

    piece: (M, …), whatever belongs to each corner
    ahead: (M,), how far beyond the line the corners lie
    """
    ahead = np.where(np.abs(ahead) < NEAR, 0, ahead)
    if ahead.max() <= 0:
        return piece, piece[:0]
    if ahead.min() >= 0:
        return piece[:0], piece
    after = np.roll(ahead, -1)
    crossed = ahead * after < 0
    share = np.divide(ahead, ahead - after, out=np.zeros_like(ahead), where=crossed)
    on_line = piece + share.reshape(-1, *[1] * (piece.ndim - 1)) * (np.roll(piece, -1, axis=0) - piece)
    corners = np.stack([piece, on_line], axis=1).reshape(-1, *piece.shape[1:])  # in their order around it
    before, behind = (np.stack([part, crossed], axis=1).ravel() for part in (ahead <= 0, ahead >= 0))
    return corners[before], corners[behind]


@lru_cache(maxsize=16)
def pieces(lines: tuple[Line, ...]) -> list[np.ndarray]:
    """The pieces into which the creases part the sheet.

    Each is (M, folds + 1, 2): where its M corners lie in the sheet, after the first fold, after the second, …
    """
    found = [SHEET[:, None]]
    for line in lines:
        parts = [part for piece in found for part in split(piece, beyond(piece[:, -1], line)) if len(part)]
        found = [np.concatenate([part, fold(part[:, -1:], line)], axis=1) for part in parts]
    return found


def upright(lines: np.ndarray) -> np.ndarray:
    """Lines (L, 2 or 3), whose first two numbers are a direction, with one sign for either way round."""
    x, y = lines[:, :1], lines[:, 1:2]
    return np.where((x < -1e-7) | ((np.abs(x) < 1e-7) & (y < 0)), -1, 1) * lines


def straight_cuts(segments: np.ndarray) -> int:
    """How many straight cuts segments (S, 2, 2) make; those that continue or cover each other are one."""
    along = segments[:, 1] - segments[:, 0]
    along = upright(along / np.hypot(*along.T)[:, None])
    height = along[:, 0] * segments[:, 0, 1] - along[:, 1] * segments[:, 0, 0]
    spans = np.sort(
        np.einsum("sec,sc->se", segments, along), axis=1
    )  # where each begins and ends on its line
    on_line: dict[tuple[float, ...], list[list[float]]] = {}
    for key, span in zip(np.column_stack([along, height]).round(6) + 0.0, spans.tolist(), strict=True):
        on_line.setdefault(tuple(key), []).append(span)
    count = 0
    for found in on_line.values():
        reached = -np.inf
        for start, end in sorted(found):
            count += start > reached + 1e-6
            reached = max(reached, end)
    return count


@lru_cache(maxsize=16)
def thickest(lines: tuple[Line, ...]) -> int:
    """How many layers of paper lie on each other where the folded sheet is thickest.

    The number changes only at edges. So it is counted beside each point where two of their lines meet, once
    in each of the four corners that they make there.
    """
    last = [piece[:, -1] for piece in pieces(lines)]
    along = np.concatenate([np.roll(corners, -1, axis=0) - corners for corners in last])
    out = np.column_stack([along[:, 1], -along[:, 0]]) / np.hypot(*along.T)[:, None]
    turned = np.repeat([np.sign(area(corners)) for corners in last], [len(corners) for corners in last])
    out *= turned[:, None]
    corners = np.concatenate(last)
    sides = np.column_stack([out, -(out * corners).sum(axis=1)])  # (E, 3): a x + b y + c ≤ 0 within
    edges = np.unique(upright(sides).round(7) + 0.0, axis=0)
    first, second = (edges[index] for index in np.triu_indices(len(edges), 1))
    crossing = np.cross(first, second)  # of two lines, in homogeneous coordinates
    meet = np.abs(crossing[:, 2]) > 1e-6
    at = crossing[meet, :2] / crossing[meet, 2:]
    ways = [s * first[meet, :2] + t * second[meet, :2] for s in (-1, 1) for t in (-1, 1)]
    beside = np.concatenate([at + 1e-5 * way for way in ways])
    beside = beside[np.hypot(*beside.T) < 1.5]  # no fold takes paper further away from the middle
    within = beside @ sides[:, :2].T + sides[:, 2] <= 0
    starts = np.cumsum([0, *(len(corners) for corners in last[:-1])])
    return int(np.logical_and.reduceat(within, starts, axis=1).sum(axis=1).max())


def area(corners: np.ndarray) -> float:
    """Of a polygon (M, 2), negative where its corners run clockwise."""
    x, y = corners.T
    return float(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2
