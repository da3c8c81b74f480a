"""Sets of scenes, the same for the same seed."""

from __future__ import annotations

import numpy as np

from data_loaders.dataset import Split
from lib.checks import check_choice, check_number, check_whole, shown
from lib.detection.pasted import PastedObjects
from lib.detection.scenes import HEIGHT, WIDTH, Scene, compose
from lib.detection.shapes import lit_scene, shape_background, shape_object

KINDS = ("outlines", "soft", "squares")


def make_scenes(
    count: int,
    *,
    kind: str = "outlines",
    images: Split | None = None,
    first: int = 0,
    seed: int = 0,
    clutter: float = 0.8,
    occlusion: float = 0.3,
    scale: float = 1.0,
    illumination: float = 0.4,
) -> list[Scene]:
    """Scenes of 128 × 192 pixels with 1 to 5 objects of 32 to 64 pixels.

    kind: "outlines": Shapes-10 drawn by their outlines; "soft": `images` with soft round edges on an enlarged
        one; "squares": the same as they are, whose straight borders give every object away
    images: what is pasted, for the last two kinds
    first: the number of the first scene: 200 to train on and 50 to test are `make_scenes(200)` and
        `make_scenes(50, first=200)`
    seed: another one gives other scenes of the same kind
    clutter: how much there is behind the objects, 0 to 1
    occlusion: the most of an object's square that another may share, as IoU, 0 to 1
    scale: 0: objects of one size; 1: from half to double
    illumination: how far light differs from scene to scene and across it, 0 to 1, for outlines

    >>> scene = make_scenes(1, seed=3)[0]
    >>> scene.image.shape, len(scene.boxes) == len(scene.labels) == len(scene.masks)
    ((3, 128, 192), True)
    """
    count, first = check_whole(count, name="count"), check_whole(first, name="first")
    seed = check_whole(seed, name="seed")
    check_choice(kind, KINDS, name="kind")
    amounts = {"clutter": clutter, "occlusion": occlusion, "scale": scale, "illumination": illumination}
    for name, value in amounts.items():
        check_number(value, name=name, low=0, high=1)
    wanted = kind != "outlines" or images is not None
    if wanted and (not isinstance(images, Split) or not len(images.images)):
        raise ValueError(
            f"images: expected a split such as data.train for kind={kind!r}, got {shown(images)}"
        )
    pasted = PastedObjects(images.images, images.labels, soft=kind == "soft") if images is not None else None

    def scene(number: int) -> Scene:
        rng = np.random.default_rng([seed, number])
        if kind == "outlines" or pasted is None:
            ground = shape_background(rng, HEIGHT, WIDTH, clutter)
            made = compose(ground, shape_object, rng, occlusion=occlusion, scale=scale)
            return Scene(lit_scene(rng, made.image, illumination), made.boxes, made.labels, made.masks)
        ground = pasted.background(rng, HEIGHT, WIDTH, clutter)
        return compose(ground, pasted.draw, rng, occlusion=occlusion, scale=scale)

    return [scene(number) for number in range(first, first + count)]
