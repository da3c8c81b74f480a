"""Augmentation of whole batches beside plain loops over images, and the distribution of what is drawn."""

import hypothesis.strategies as st
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from torch.nn import functional as F

from lib.convnets.augmentation import (
    Augmentation,
    as_images,
    as_lines,
    crop,
    crop_by_stretches,
    cut_out,
    in_turn,
    relight,
    with_border,
)


@st.composite
def batches(draw, dtypes=(torch.float32, torch.float64)):
    """Images (N, C, H, W) of random size and content, in either order of memory, and a generator."""
    size = [draw(st.integers(1, most)) for most in (5, 4, 9, 9)]
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**32)))
    images = torch.randint(0, 256, size, generator=generator, dtype=torch.uint8)
    if draw(st.booleans()):
        images = images.contiguous(memory_format=torch.channels_last)
    return images.to(draw(st.sampled_from(dtypes))), generator


@st.composite
def crops(draw):
    """Bytes (N, C, H, W), which of them to cut out, the border, and what was drawn."""
    images, generator = draw(batches(dtypes=(torch.uint8,)))
    border = draw(st.integers(0, min(images.shape[2:]) - 1))
    count = draw(st.integers(0, 7))
    rows = torch.randint(len(images), (count,), generator=generator)
    draws = {}
    if draw(st.booleans()):
        draws["mirrored"] = torch.rand(count, generator=generator) < 0.5
    if draw(st.booleans()):
        for name in ("down", "right"):
            draws[name] = torch.randint(-border, border + 1, (count,), generator=generator)
    return images, rows, border, draws


def plain_crop(image, border, mirrored=False, down=0, right=0):
    """One image: mirrored, padded by torch, and cropped."""
    height, width = image.shape[1:]
    image = image.flip(2) if mirrored else image
    padded = F.pad(image.float(), (border,) * 4, mode="reflect").to(image.dtype)
    return padded[:, border - down : border - down + height, border - right : border - right + width]


def plain_cut_out(image, row, column, side):
    """One image, pixel by pixel."""
    image = image.clone()
    for y in range(row - side // 2, row - side // 2 + side):
        for x in range(column - side // 2, column - side // 2 + side):
            if 0 <= y < image.shape[1] and 0 <= x < image.shape[2]:
                image[:, y, x] = 0
    return image


@pytest.mark.parametrize("cut", [crop, crop_by_stretches])
@settings(deadline=None, max_examples=60)
@given(case=crops())
def test_a_crop_is_that_of_each_image_mirrored_and_padded(cut, case):
    images, rows, border, draws = case
    padded = with_border(images.permute(0, 2, 3, 1), border).contiguous()
    before = padded.clone()
    got = cut(padded, rows, tuple(images.shape[2:]), border, draws)
    assert got.shape == (len(rows), *images.shape[2:], images.shape[1])
    for number, (row, one) in enumerate(zip(rows, got, strict=True)):
        one_draw = {name: int(values[number]) for name, values in draws.items()}
        assert torch.equal(one.permute(2, 0, 1), plain_crop(images[row], border, **one_draw))
    assert torch.equal(padded, before)


@settings(deadline=None, max_examples=30)
@given(batches(dtypes=(torch.float32, torch.float64)), st.integers(0, 12))
def test_cutout_covers_a_square_of_each_image(batch, side):
    images, generator = batch
    row = torch.randint(images.shape[2], (len(images),), generator=generator)
    column = torch.randint(images.shape[3], (len(images),), generator=generator)
    before = images.clone()
    plain = [plain_cut_out(x, int(r), int(c), side) for x, r, c in zip(images, row, column, strict=True)]
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
    image = torch.arange(4, dtype=torch.uint8).reshape(1, 4, 1, 1).expand(1, 4, 4, 1)
    draws = {"down": torch.tensor([2]), "right": torch.tensor([0])}
    moved = crop(with_border(image, 2), torch.tensor([0]), (4, 4), 2, draws)
    assert moved[0, :, 0, 0].tolist() == [2, 1, 0, 1]


@settings(deadline=None, max_examples=30)
@given(batches(dtypes=(torch.uint8,)))
def test_lines_are_images_in_another_order(batch):
    images, _ = batch
    assert torch.equal(as_images(as_lines(images), images.shape[1]), images)


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
