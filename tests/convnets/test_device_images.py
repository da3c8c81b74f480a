"""Batches on a device: every image once, in an order of (seed, epoch), normalised as PixelScale does it."""

import hypothesis.strategies as st
import numpy as np
import pytest
import torch
from hypothesis import given, settings

from data_loaders import Split
from lib.convnets import images as images_module
from lib.convnets.augmentation import Augmentation, crop
from lib.convnets.images import DeviceImages
from lib.training.images import PixelScale


def numbered(count, size=4):
    """Images whose pixels, and whose label, are the image's number."""
    numbers = np.arange(count)
    images = np.broadcast_to(numbers.astype(np.uint8)[:, None, None, None], (count, 3, size, size)).copy()
    return images, numbers


def random_images(count=10, size=8, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (count, 3, size, size), np.uint8), rng.integers(0, 10, count)


def labels_of(batches):
    return [labels.tolist() for _, labels in batches]


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 60), st.integers(1, 20), st.integers(0, 2**70), st.integers(0, 99), st.integers(1, 4))
def test_every_image_comes_once_whoever_takes_it(count, batch_size, seed, epoch, world):
    batch_size = max(batch_size, world)
    data = DeviceImages(*numbered(count))
    shares = [
        labels_of(data.batches(batch_size, seed=seed, epoch=epoch, rank=rank, world=world))
        for rank in range(world)
    ]
    assert sorted(label for share in shares for batch in share for label in batch) == list(range(count))
    assert len({len(share) for share in shares}) == 1  # as many steps for each process
    if count >= world:
        assert all(batch for share in shares for batch in share)


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 60), st.integers(1, 20))
def test_the_last_short_batch_is_kept_or_dropped(count, batch_size):
    data = DeviceImages(*numbered(count))
    kept = labels_of(data.batches(batch_size))
    assert [len(batch) for batch in kept[:-1]] == [batch_size] * (len(kept) - 1)
    assert len(kept) == len(data.starts(batch_size)) == -(-count // batch_size)
    dropped = labels_of(data.batches(batch_size, drop_last=True))
    assert dropped == (kept if count < batch_size else [b for b in kept if len(b) == batch_size])
    assert len(dropped) == len(data.starts(batch_size, drop_last=True))


def test_an_image_keeps_its_label():
    images, labels = numbered(50)
    for x, y in DeviceImages(images, labels, scale=PixelScale((0,) * 3, (1,) * 3)).batches(7):
        assert torch.equal(x[:, 0, 0, 0].long(), y)


def test_the_order_depends_on_seed_and_epoch_alone():
    data = DeviceImages(*numbered(100))
    order = labels_of(data.batches(32, seed=3, epoch=2))
    torch.rand(5)  # torch's own generator has no part in it
    assert labels_of(data.batches(32, seed=3, epoch=2)) == order
    others = [(3, 1), (2, 2), (2, 3), (0, 0), (3, 0), (32, 0)]
    assert order not in [labels_of(data.batches(32, seed=s, epoch=e)) for s, e in others]
    assert labels_of(data.batches(32, shuffle=False)) == labels_of(data.in_order(32))
    assert torch.cat([y for _, y in data.in_order(32)]).tolist() == list(range(100))


def test_batches_leave_the_generator_of_torch_alone():
    before = torch.get_rng_state()
    list(DeviceImages(*random_images(), augmentation=Augmentation("random", 2, 3, 0.1)).batches(4))
    assert torch.equal(torch.get_rng_state(), before)


AUGMENTATIONS = [Augmentation(), Augmentation("random", 2), Augmentation("alternating", 3, 4, 0.2)]


@pytest.mark.parametrize("augmentation", AUGMENTATIONS)
@pytest.mark.parametrize("world", [2, 3])
def test_several_processes_get_together_what_one_gets(augmentation, world):
    data = DeviceImages(*random_images(23), augmentation=augmentation)
    whole = list(data.batches(6, seed=1, epoch=5))
    shares = [list(data.batches(6, seed=1, epoch=5, rank=rank, world=world)) for rank in range(world)]
    for number, (x, y) in enumerate(whole[:-1]):
        for rank in range(world):
            assert torch.equal(shares[rank][number][0], x[rank::world])
            assert torch.equal(shares[rank][number][1], y[rank::world])


def test_batches_are_normalised_as_pixel_scale_does_it():
    images, labels = random_images(30)
    data = DeviceImages(images, labels)
    assert data.scale == PixelScale.of(images)
    (x, _), = data.in_order(30)  # fmt: skip
    np.testing.assert_allclose(x, data.scale(images), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(x.mean((0, 2, 3)), 0, atol=1e-5)
    np.testing.assert_allclose(x.std((0, 2, 3), correction=0), 1, atol=1e-5)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float64])
@pytest.mark.parametrize("augmentation", AUGMENTATIONS)
def test_batches_have_the_dtype_and_lie_channels_last(dtype, augmentation):
    data = DeviceImages(*random_images(), dtype=dtype, augmentation=augmentation)
    exact = DeviceImages(*random_images(), dtype=torch.float64, augmentation=augmentation)
    for (x, y), (right, _) in zip(data.batches(4), exact.batches(4), strict=True):
        assert (x.dtype, y.dtype) == (dtype, torch.int64)
        assert x.is_contiguous(memory_format=torch.channels_last)
        torch.testing.assert_close(
            x.double(), right, rtol=2**-8 if dtype == torch.bfloat16 else 1e-5, atol=1e-5
        )


def test_alternating_flip_shows_both_sides_in_two_epochs():
    images, labels = random_images(40, size=5)
    data = DeviceImages(images, labels, augmentation=Augmentation("alternating"))
    plain = torch.cat([x for x, _ in data.in_order()])
    epochs = [
        torch.cat([x for x, _ in data.batches(16, shuffle=False, augment=True, epoch=e)]) for e in range(3)
    ]
    turned = [(x != plain).flatten(1).any(1) for x in epochs]
    assert torch.equal(turned[0], ~turned[1])
    assert torch.equal(turned[0], turned[2])
    assert 8 < turned[0].sum() < 32
    assert torch.equal(epochs[0][turned[0]], plain[turned[0]].flip(3))


@pytest.mark.parametrize("augmentation", AUGMENTATIONS)
def test_a_gpu_would_make_the_same_batches(monkeypatch, augmentation):
    """On a GPU `crop` cuts out the images, on a CPU `crop_by_stretches`; here it is `crop`, too."""
    data = DeviceImages(*random_images(), augmentation=augmentation)
    expected = list(data.batches(4))
    monkeypatch.setattr(images_module, "crop_by_stretches", crop)
    for (x, y), (right, labels) in zip(data.batches(4), expected, strict=True):
        assert torch.equal(x, right)
        assert torch.equal(y, labels)
        assert x.is_contiguous(memory_format=torch.channels_last)


def test_images_in_order_are_not_augmented_unless_one_asks():
    data = DeviceImages(*random_images(), augmentation=Augmentation("none", 2, 3, 0.2))
    (plain, _), (asked, _) = next(data.in_order()), next(data.batches(10, shuffle=False, augment=True))
    (shuffled, _), (still, _) = next(data.batches(10)), next(data.batches(10, augment=False))
    np.testing.assert_allclose(plain, data.scale(random_images()[0]), rtol=1e-5, atol=1e-5)
    assert not torch.equal(plain, asked)
    assert not torch.equal(shuffled, still)


def test_augmentation_differs_between_epochs_and_between_batches():
    images = np.repeat(random_images(1)[0], 12, axis=0)
    data = DeviceImages(images, np.zeros(12, int), augmentation=Augmentation("none", 3, 0, 0.1))
    first, second = list(data.batches(6)), list(data.batches(6, epoch=1))
    assert not torch.equal(first[0][0], second[0][0])
    assert not torch.equal(first[0][0], first[1][0])
    assert torch.equal(first[0][0], next(data.batches(6))[0])


def test_test_images_are_scaled_as_the_training_images_and_not_augmented():
    images, labels = random_images(20)
    train = DeviceImages(images, labels, classes=10, augmentation=Augmentation("random", 2))
    test = train.with_same_scale(Split(images[:7] // 2, labels[:7]), is_test=True)
    assert (test.scale, test.is_test, test.classes, len(test)) == (train.scale, True, 10, 7)
    assert test.augmentation == Augmentation()


@pytest.mark.parametrize("shift", [0, 3])
def test_the_bytes_can_be_looked_at_as_they_came(shift):
    images, labels = random_images()
    data = DeviceImages(images, labels, augmentation=Augmentation(shift=shift))
    assert np.array_equal(data.images, images)
    assert data.padded.shape == (10, 8 + 2 * shift, 8 + 2 * shift, 3)


@pytest.mark.parametrize("channels", [1, 2, 4])
@pytest.mark.parametrize("size", [(5, 9), (9, 5)])
def test_images_of_any_size_and_any_number_of_channels_are_taken(channels, size):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (6, channels, *size), np.uint8)
    data = DeviceImages(images, np.arange(6), augmentation=Augmentation("random", 2, 3, 0.1))
    np.testing.assert_allclose(next(data.in_order())[0], data.scale(images), rtol=1e-4, atol=1e-5)
    assert next(data.batches(4))[0].shape == (4, channels, *size)


def test_the_images_are_a_copy():
    images, labels = random_images()
    data = DeviceImages(images, labels)
    images[:], labels[:] = 0, 0
    assert data.images.any()
    assert data.labels.any()


def test_tensors_and_read_only_arrays_are_taken(recwarn):
    images, labels = random_images()
    images.flags.writeable = labels.flags.writeable = False
    data, twin = DeviceImages(images, labels), DeviceImages(torch.tensor(images), torch.tensor(labels))
    assert torch.equal(data.images, twin.images)
    assert torch.equal(data.labels, twin.labels)
    assert not recwarn.list


def test_images_on_disk_and_in_any_order_of_memory_are_taken(tmp_path, recwarn):
    images, labels = random_images()
    np.save(tmp_path / "images.npy", images)
    mapped = np.load(tmp_path / "images.npy", mmap_mode="r")
    for same in (mapped, images[::-1].copy()[::-1], np.asfortranarray(images)):
        data = DeviceImages(same, labels[::-1].copy()[::-1].astype(">i4"))
        assert np.array_equal(data.images, images)
        assert np.array_equal(data.labels, labels)
    assert not recwarn.list


IMAGES = np.zeros((4, 3, 32, 32), np.uint8)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (IMAGES.transpose(0, 2, 3, 1), r"got uint8 \(4, 32, 32, 3\); channels last become channels first "),
        (IMAGES.astype(np.float32), r"got float32 \(4, 3, 32, 32\); give the bytes 0…255"),
        (IMAGES.astype(np.int64), r"got int64 \(4, 3, 32, 32\)"),
        (IMAGES[0], r"got uint8 \(3, 32, 32\); one image is images\[None\]"),
        (IMAGES.reshape(4, -1), r"got uint8 \(4, 3072\); rows become images with images.reshape"),
        (IMAGES[:0], r"got uint8 \(0, 3, 32, 32\)"),
        ([], r"got \[\]"),
        (None, "got None"),
        ("train", "got 'train'"),
    ],
)
def test_what_are_no_images_is_refused(images, message):
    expected = r"^images: expected uint8 \(N, C, H, W\), at least one image, "
    with pytest.raises(ValueError, match=expected + message):
        DeviceImages(images, np.zeros(4, int))


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, 1, 2], r"labels: expected shape \(4,\), one label an image|labels: expected shape \(4,\)"),
        ([0, 1, 2, 10], r"labels: expected labels 0 to 9, got 10 at \[3\]"),
        ([0, -1, 2, 1], r"labels: expected labels 0 to 9, got -1 at \[1\]"),
        ([0.0, 1, 2, 3], "labels: expected integers, got dtype float64"),
        (np.eye(4), r"labels: expected shape \(4,\).*argmax"),
        (torch.zeros(4), "labels: expected integers, got dtype float32"),
    ],
)
def test_what_are_no_labels_is_refused(labels, message):
    with pytest.raises(ValueError, match=message):
        DeviceImages(IMAGES, labels, classes=10)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"batch_size": 0}, "batch_size: expected a whole number of at least 1, got 0"),
        ({"batch_size": 2.5}, "batch_size: expected a whole number of at least 1, got 2.5"),
        ({"batch_size": 1, "world": 2}, "batch_size: expected a whole number of at least 2, got 1"),
        ({"batch_size": 4, "rank": 1}, "rank: expected a whole number from 0 to 0, got 1"),
        ({"batch_size": 4, "world": 0}, "world: expected a whole number of at least 1, got 0"),
        ({"batch_size": 4, "seed": -1}, "seed: expected a whole number of at least 0, got -1"),
        ({"batch_size": 4, "epoch": 0.5}, "epoch: expected a whole number of at least 0, got 0.5"),
    ],
)
def test_what_is_no_epoch_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        next(DeviceImages(IMAGES, np.zeros(4, int)).batches(**arguments))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"dtype": torch.int64}, "dtype: expected torch.float32, bfloat16 or float64, got torch.int64"),
        ({"dtype": "float32"}, "dtype: expected torch.float32, bfloat16 or float64, got 'float32'"),
        ({"scale": PixelScale((0,), (1,))}, "scale: expected one of 3 channels, got one of 1"),
        ({"augmentation": Augmentation(shift=32)}, "shift: expected less than 32, the side of the images"),
        ({"device": "gpu"}, "device: expected .*'cpu', got 'gpu'"),
        ({"device": "meta"}, "device: expected .*'cpu', which this computer has, got 'meta'"),
        ({"is_test": 1}, "is_test: expected True or False, got 1"),
    ],
)
def test_what_does_not_fit_the_images_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        DeviceImages(IMAGES, np.zeros(4, int), **arguments)
