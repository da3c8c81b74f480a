"""Augmentation of whole batches beside plain loops over images, and the distribution of what is drawn."""

import hypothesis.strategies as st
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from torch.nn import functional as F

from lib.convnets.augmentation import (
    Augmentation,
    cut_out,
    in_turn,
    mirror,
    relight,
    shift,
)


@st.composite
def batches(draw, dtypes=(torch.uint8, torch.float32)):
    """Images (N, C, H, W) of random size and content, and a generator for the rest."""
    size = [draw(st.integers(1, most)) for most in (5, 4, 9, 9)]
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**32)))
    images = torch.randint(0, 256, size, generator=generator, dtype=torch.uint8)
    return images.to(draw(st.sampled_from(dtypes))), generator


def plain_shift(image, down, right, most):
    """One image by F.pad and a crop."""
    height, width = image.shape[1:]
    padded = F.pad(image.float(), (most,) * 4, mode="reflect").to(image.dtype)
    return padded[:, most - down : most - down + height, most - right : most - right + width]


def plain_cover(image, row, column, side):
    """One image, pixel by pixel."""
    image = image.clone()
    for y in range(row - side // 2, row - side // 2 + side):
        for x in range(column - side // 2, column - side // 2 + side):
            if 0 <= y < image.shape[1] and 0 <= x < image.shape[2]:
                image[:, y, x] = 0
    return image


@settings(deadline=None, max_examples=30)
@given(batches())
def test_mirror_is_that_of_each_image(batch):
    images, generator = batch
    before = images.clone()
    which = torch.rand(len(images), generator=generator) < 0.5
    plain = [image.flip(2) if turned else image for image, turned in zip(images, which, strict=True)]
    assert torch.equal(mirror(images, which), torch.stack(plain))
    assert torch.equal(images, before)


@settings(deadline=None, max_examples=30)
@given(batches(), st.integers(0, 8))
def test_shift_is_a_crop_of_each_padded_image(batch, most):
    images, generator = batch
    most = min(most, min(images.shape[2:]) - 1)
    down, right = torch.randint(-most, most + 1, (2, len(images)), generator=generator)
    before = images.clone()
    plain = [plain_shift(x, int(d), int(r), most) for x, d, r in zip(images, down, right, strict=True)]
    assert torch.equal(shift(images, down, right, most), torch.stack(plain))
    assert torch.equal(images, before)


@settings(deadline=None, max_examples=30)
@given(batches(dtypes=(torch.float32, torch.float64)), st.integers(0, 12))
def test_cutout_covers_a_square_of_each_image(batch, side):
    images, generator = batch
    row = torch.randint(images.shape[2], (len(images),), generator=generator)
    column = torch.randint(images.shape[3], (len(images),), generator=generator)
    before = images.clone()
    plain = [plain_cover(x, int(r), int(c), side) for x, r, c in zip(images, row, column, strict=True)]
    assert torch.equal(cut_out(images, row, column, side), torch.stack(plain))
    assert torch.equal(images, before)


@settings(deadline=None, max_examples=30)
@given(batches(dtypes=(torch.float32, torch.float64)))
def test_light_changes_each_image_by_its_own_numbers(batch):
    images, generator = batch
    contrast, light = torch.rand(2, len(images), generator=generator)
    plain = [c * x + b for x, c, b in zip(images, contrast, light, strict=True)]
    torch.testing.assert_close(relight(images, contrast, light), torch.stack(plain))


def test_a_shift_down_moves_what_is_there_down_and_brings_the_mirror_image_in_above():
    image = torch.arange(4, dtype=torch.uint8).reshape(1, 1, 4, 1).expand(1, 1, 4, 4)
    moved = shift(image, torch.tensor([2]), torch.tensor([0]), 2)
    assert moved[0, 0, :, 0].tolist() == [2, 1, 0, 1]


def test_every_shift_occurs_and_none_more_often_than_others():
    draws = Augmentation(shift=2).draw(25_000, torch.Generator().manual_seed(0), (32, 32))
    pairs, counts = torch.unique(torch.stack([draws["down"], draws["right"]]), dim=1, return_counts=True)
    assert {tuple(pair) for pair in pairs.T.tolist()} == {(d, r) for d in range(-2, 3) for r in range(-2, 3)}
    assert ((counts - 1000) ** 2 / 1000).sum() < 51.2  # chi², 24 degrees of freedom: 0.1 % are above


def test_half_of_the_images_are_mirrored_by_chance():
    mirrored = Augmentation(flip="random").draw(10_000, torch.Generator().manual_seed(1), (32, 32))[
        "mirrored"
    ]
    assert abs(mirrored.float().mean().item() - 0.5) < 0.02  # 4 deviations


def test_the_square_lies_anywhere_and_light_is_spread_evenly():
    draws = Augmentation(cutout=4, brightness=0.2).draw(20_000, torch.Generator().manual_seed(2), (6, 9))
    assert torch.unique(draws["row"]).tolist() == list(range(6))
    assert torch.unique(draws["column"]).tolist() == list(range(9))
    for name, middle in (("contrast", 1), ("light", 0)):
        offset = draws[name] - middle
        assert offset.abs().max() <= 0.2 + 1e-6
        share = torch.histc(offset, bins=4, min=-0.2, max=0.2) / 20_000
        assert (share - 0.25).abs().max() < 0.015


def test_contrast_and_light_are_drawn_apart():
    draws = Augmentation(brightness=0.5).draw(5000, torch.Generator().manual_seed(3), (4, 4))
    assert abs(np.corrcoef(draws["contrast"], draws["light"])[0, 1]) < 0.06


@settings(deadline=None, max_examples=30)
@given(st.lists(st.booleans(), min_size=1, max_size=20), st.integers(0, 50))
def test_two_epochs_in_turn_show_both_sides_of_every_image(first, epoch):
    first = torch.tensor(first)
    assert torch.equal(in_turn(first, epoch), ~in_turn(first, epoch + 1))
    assert torch.equal(in_turn(first, 0), first)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"flip": "sometimes"}, "flip: expected 'none', 'random' or 'alternating', got 'sometimes'"),
        ({"flip": True}, "flip: expected 'none', 'random' or 'alternating', got True"),
        ({"shift": -1}, "shift: expected a whole number of at least 0, got -1"),
        ({"shift": 2.0}, "shift: expected a whole number of at least 0, got 2.0"),
        ({"cutout": "8"}, "cutout: expected a whole number of at least 0, got '8'"),
        ({"brightness": 1.0}, "brightness: expected a number of at least 0 and below 1, got 1.0"),
        ({"brightness": float("nan")}, "brightness: expected a finite number"),
    ],
)
def test_what_is_no_augmentation_is_refused(arguments, message):
    with pytest.raises(ValueError, match=f"^Augmentation: {message}"):
        Augmentation(**arguments)


def test_a_shift_as_far_as_the_image_is_refused():
    with pytest.raises(ValueError, match="shift: expected less than 8, the side of the images, got 8"):
        Augmentation(shift=8).check_fits((8, 32))
    Augmentation(shift=7).check_fits((8, 32))
