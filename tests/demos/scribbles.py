"""A hundred scribbles that show none of the ten shapes, of five kinds, by other code than the training's.

letters: 20 letters and figures, typed as places; hatching: to and fro; chased: a heavy pen pulled by a target
that jumps; curves: a few Bézier curves end to end; objects: 10 things, typed, each in two sizes.
"""

import numpy as np

SIDE = 32

# Places on a grid of 0…8 across and 0…8 down, lines separated by "/".
LETTERS = """
A 08,40,88/25,65
B 00,08,58,66,44,04/44,62,50,00
E 80,00,08,88/04,54
F 70,00,08/04,54
H 00,08/80,88/04,84
K 00,08/70,04,78
M 08,00,45,80,88
N 08,00,88,80
R 08,00,50,62,44,04/34,78
S 71,40,12,24,64,76,58,17
U 00,06,28,68,86,80
W 00,28,43,68,80
Y 00,44,80/44,48
Z 00,80,08,88
G 71,30,03,06,38,77,75,45
two 11,40,71,73,08,88
three 00,60,33,64,66,48,07
four 60,05,85/63,68
five 70,10,03,53,75,57,08
seven 00,80,38
"""
OBJECTS = """
house 28,24,50,84,88,28,08/24,84
man 40,31,42,51,40/42,46/03,44,83/08,46,88
fish 04,21,52,74,82,86,74,56,27,04/23,33
tree 48,44/44,10,01,13,44,64,82,71,44
cup 02,18,68,72,02/73,83,85,66
key 23,05,14,34,35,23/34,88/66,75/77,86
table 02,82/12,18/72,78
chair 00,08/04,64,68
ladder 20,28/60,68/22,62/24,64/26,66
umbrella 04,11,40,71,84,04/44,47,38,27
"""


def typed(text):
    """The drawings of a table, as strokes of places from 0 to 8."""
    found = []
    for word in text.split():
        if word[0].isdigit():
            found.append([[(int(x), int(y)) for x, y in line.split(",")] for line in word.split("/")])
    return found


def placed(strokes, rng, size):
    """The strokes on the sheet: so many pixels across, somewhere, a little crooked."""
    every = np.concatenate([np.array(stroke, float) for stroke in strokes])
    low, high = every.min(axis=0), every.max(axis=0)
    scale = size / (high - low).max()
    start = rng.uniform(2, SIDE - 3 - scale * (high - low))
    lean = np.array([[1, rng.uniform(-0.15, 0.15)], [0, 1]])
    found = []
    for stroke in strokes:
        places = (np.array(stroke, float) - low) * scale @ lean.T + start
        found.append(tuple(map(tuple, places + rng.normal(0, 0.4, places.shape))))
    return tuple(found)


def hatched(rng):
    lines, low, high = rng.integers(5, 14), *np.sort(rng.uniform(3, 28, 2))
    left, right = np.sort(rng.choice(np.arange(3, 29), 2, replace=False))
    y = np.linspace(low, max(high, low + 6), lines) + rng.normal(0, 0.5, lines)
    x = np.where(np.arange(lines) % 2, left, right) + rng.normal(0, 1.2, lines)
    places = np.stack([x, y], axis=1)[:, :: rng.choice([1, -1])]
    return (tuple(map(tuple, places)),)


def chased(rng):
    place, speed, path = rng.uniform(6, 26, 2), np.zeros(2), []
    for tick in range(rng.integers(60, 160)):
        if tick % 14 == 0:
            goal = rng.uniform(3, 29, 2)
        speed = 0.86 * speed + 0.05 * (goal - place)
        place = np.clip(place + speed, 1, SIDE - 2)
        path.append(tuple(place))
    return (tuple(path),)


def curved(rng):
    t = np.linspace(0, 1, 18)[:, None]
    end, path = rng.uniform(4, 28, 2), []
    for _ in range(rng.integers(2, 6)):
        a, (b, c, d) = end, rng.uniform(2, 30, (3, 2))
        path += list((1 - t) ** 3 * a + 3 * t * (1 - t) ** 2 * b + 3 * t**2 * (1 - t) * c + t**3 * d)
        end = d
    return (tuple(map(tuple, path)),)


def scribbles():
    """Kind → 20 drawings, each a tuple of strokes."""
    rng = np.random.default_rng(99)
    return {
        "letters": [placed(strokes, rng, rng.uniform(14, 25)) for strokes in typed(LETTERS)],
        "hatching": [hatched(rng) for _ in range(20)],
        "chased": [chased(rng) for _ in range(20)],
        "curves": [curved(rng) for _ in range(20)],
        "objects": [placed(strokes, rng, size) for strokes in typed(OBJECTS) for size in (16, 24)],
    }
