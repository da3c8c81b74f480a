import hashlib
import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_loaders import shapes10
from data_loaders.shapes.draws import GOLDEN, mix, words
from data_loaders.shapes10 import CLASSES, NUISANCES, load_shapes10, render
from lib.classifiers import KNearestNeighbors

DIGEST = "365bc90227641e215b64539cfd0ce8c73ee63f1bd74cdf8c65613593bb5a0305"
MIDDLE = {"illumination": 0.5, "viewpoint": 0.5, "deformation": 0.5, "variation": 0.5, "scale": 0.5}
STRENGTHS = load_shapes10.__kwdefaults__


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """The set, drawn in this run: a cache from before a change of the code must not hide the change."""
    with pytest.MonkeyPatch.context() as patch:
        if "COURSE_DATA_IS_NEW" not in os.environ:
            patch.setenv("COURSE_DATA", str(tmp_path_factory.mktemp("data")))
        drawn = load_shapes10()
        patch.setattr(shapes10, "generate", lambda *_: pytest.fail("drawn a second time"))
        opened = load_shapes10()
    np.testing.assert_array_equal(opened.test.images, drawn.test.images)
    return opened


def rows(images):
    return images.reshape(len(images), -1)


# The set


def test_every_bit_of_the_set_is_as_on_the_machine_where_it_was_first_drawn(data):
    digest = hashlib.sha256()
    for split in (data.train, data.test):
        digest.update(split.images.tobytes())
        digest.update(split.labels.astype("<i8").tobytes())
    assert digest.hexdigest() == DIGEST, (
        "where the pictures were changed on purpose, raise shapes10.VERSION too"
    )


def test_the_set_has_the_form_of_cifar10(data):
    assert data.train.images.shape == (50_000, 3, 32, 32)
    assert data.test.images.shape == (10_000, 3, 32, 32)
    assert len(data.classes) == 10
    np.testing.assert_array_equal(np.bincount(data.train.labels), np.full(10, 5000))
    np.testing.assert_array_equal(np.bincount(data.test.labels), np.full(10, 1000))


def test_no_picture_comes_twice(data):
    pictures = {image.tobytes() for split in (data.train, data.test) for image in split.images}
    assert len(pictures) == 60_000


@settings(deadline=None, max_examples=40)
@given(index=st.integers(0, 59_999))
def test_a_picture_of_the_set_is_render_at_its_sliders(data, index):
    seed = words(np.array([0], np.uint64), 60_000)[0, index : index + 1]
    split, place = (data.train, index) if index < 50_000 else (data.test, index - 50_000)
    sliders = {name: value.item() for name, value in shapes10.draw_sliders(seed, STRENGTHS).items()}
    expected = render(split.labels[place], **sliders, seed=seed[0])
    np.testing.assert_array_equal(split.images[place], expected)


def test_the_pictures_do_not_depend_on_how_many_are_drawn_at_once(monkeypatch):
    one = shapes10.generate(3, STRENGTHS, train=150, test=20)
    monkeypatch.setattr(shapes10, "PICTURES_AT_ONCE", 4)
    monkeypatch.setattr(shapes10.os, "cpu_count", lambda: 5)
    other = shapes10.generate(3, STRENGTHS, train=150, test=20)
    for mine, theirs in ((one.train, other.train), (one.test, other.test)):
        np.testing.assert_array_equal(mine.images, theirs.images)
        np.testing.assert_array_equal(mine.labels, theirs.labels)


def test_another_seed_and_other_strengths_are_other_sets(monkeypatch):
    monkeypatch.setattr(shapes10, "cached", lambda key, build: key)
    keys = {load_shapes10(), load_shapes10(1)} | {load_shapes10(**{name: 0.35}) for name in NUISANCES}
    assert len(keys) == 9


@pytest.mark.parametrize("name", NUISANCES)
@pytest.mark.parametrize("strength", [-0.1, 1.01, float("nan"), "much", None])
def test_a_bad_strength_is_named(name, strength):
    with pytest.raises(ValueError, match=f"^{name}: expected a number from 0 to 1, got .*$"):
        load_shapes10(**{name: strength})


# Single pictures


@settings(deadline=None, max_examples=60)
@given(
    shape=st.sampled_from(CLASSES),
    seed=st.integers(0, 2**64 - 1),
    size=st.integers(8, 96),
    sliders=st.fixed_dictionaries({name: st.floats(*limits) for name, limits in NUISANCES.items()}),
)
def test_render_draws_at_any_setting_and_again_the_same(shape, seed, size, sliders):
    picture = render(shape, seed=seed, size=size, **sliders)
    assert picture.shape == (3, size, size)
    assert picture.dtype == np.uint8
    np.testing.assert_array_equal(picture, render(CLASSES.index(shape), seed=seed, size=size, **sliders))


@settings(deadline=None, max_examples=60)
@given(
    name=st.sampled_from(sorted(NUISANCES)),
    shape=st.sampled_from(CLASSES),
    seed=st.integers(0, 1000),
    position=st.floats(0, 0.99),
)
def test_pictures_move_smoothly_with_every_slider(name, shape, seed, position):
    low, high = NUISANCES[name]
    here, there = (low + (high - low) * p for p in (position, position + 0.01))
    others = {other: value for other, value in MIDDLE.items() if other != name}
    before = render(shape, **{name: here}, **others, seed=seed, size=64).astype(int)
    after = render(shape, **{name: there}, **others, seed=seed, size=64)
    assert np.abs(after - before).mean() < 6


@pytest.mark.parametrize("name", NUISANCES)
@pytest.mark.parametrize("shape", CLASSES)
def test_every_nuisance_changes_every_shape(name, shape):
    plain = render(shape, seed=1).astype(int)
    for end in set(NUISANCES[name]) - {0.0}:
        assert (np.abs(render(shape, seed=1, **{name: end}) - plain) > 10).mean() > 0.02


@pytest.mark.parametrize("shape", CLASSES)
def test_more_light_makes_every_pixel_brighter(shape):
    pictures = np.array([render(shape, illumination=t, seed=5) for t in np.linspace(-1, 1, 9)]).astype(int)
    assert (np.diff(pictures, axis=0) >= 0).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"shape": "circle"}, "shape: expected one of disc, ring, .*, got 'circle'"),
        ({"shape": 10}, "shape: expected an integer from 0 to 9, got 10"),
        ({"shape": 1.0}, "shape: expected an integer from 0 to 9, got 1.0"),
        ({"scale": 1.5}, "scale: expected a number from -1 to 1, got 1.5"),
        ({"clutter": -0.5}, "clutter: expected a number from 0 to 1, got -0.5"),
        ({"viewpoint": float("nan")}, "viewpoint: expected a number from -1 to 1, got nan"),
        ({"occlusion": "half"}, "occlusion: expected a number from 0 to 1, got 'half'"),
        ({"deformation": np.zeros(2)}, "deformation: expected a number from -1 to 1, got array.*"),
        ({"seed": -1}, "seed: expected an integer from 0 to 18446744073709551615, got -1"),
        ({"seed": 0.5}, "seed: expected an integer from .*, got 0.5"),
        ({"size": 7}, "size: expected an integer from 8 to 1024, got 7"),
        ({"size": 2000}, "size: expected an integer from 8 to 1024, got 2000"),
    ],
)
def test_render_names_the_bad_argument(arguments, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        render(**{"shape": "star"} | arguments)


def test_words_are_those_of_splitmix64():
    published = [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]  # its first outputs for seed 0
    assert mix(np.arange(1, 4, dtype=np.uint64) * GOLDEN).tolist() == published


# The story of the course: what is bad at CIFAR-10 is bad at this set too, and a convnet is good at both.


@pytest.mark.family(share=3)
def test_nearest_neighbours_do_badly(data):
    classifier = {metric: KNearestNeighbors(5, metric) for metric in ("l1", "l2")}
    test = data.test.take(400)
    for metric in classifier:
        classifier[metric].train(rows(data.train.images), data.train.labels)
        accuracy = (classifier[metric].predict(rows(test.images)) == test.labels).mean()
        assert 0.25 < accuracy < 0.5, metric


def train_by_torch(layers, split, *, epochs, learning_rate, batch=128):
    """Cross-entropy and Adam, the learning rate rising and falling once; returns predict(images) → labels."""
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)  # the suite's workers share the cores: more threads wait for each other
    x, y = torch.tensor(split.images), torch.tensor(split.labels)
    torch.manual_seed(0)
    model = torch.nn.Sequential(*layers(torch.nn))
    optimizer = torch.optim.Adam(model.parameters(), learning_rate)
    steps = len(x) // batch
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, learning_rate, total_steps=epochs * steps)
    for _ in range(epochs):
        for chosen in torch.randperm(len(x))[: steps * batch].split(batch):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(x[chosen] / 255 - 0.5), y[chosen]).backward()
            optimizer.step()
            schedule.step()
    model.eval().requires_grad_(False)
    return lambda images: model(torch.tensor(images) / 255 - 0.5).argmax(1).numpy()


@pytest.mark.family(share=3)
def test_a_linear_classifier_does_badly(data):
    predict = train_by_torch(
        lambda nn: [nn.Flatten(), nn.Linear(3072, 10)], data.train, epochs=4, learning_rate=1e-3
    )
    assert 0.25 < (predict(data.test.images) == data.test.labels).mean() < 0.5


@pytest.mark.family(share=3)
def test_a_small_convnet_does_well_on_a_sixth_of_the_training_set(data):
    def layers(nn):
        for inputs, outputs, stride in ((3, 16, 2), (16, 32, 1), (32, 64, 1)):
            yield nn.Conv2d(inputs, outputs, kernel_size=3 + 2 * (stride - 1), stride=stride, padding=stride)
            yield from (nn.BatchNorm2d(outputs), nn.ReLU())
            if stride == 1:
                yield nn.MaxPool2d(2)
        yield from (nn.Flatten(), nn.Linear(64 * 4 * 4, 10))

    predict = train_by_torch(layers, data.train.take(8000), epochs=3, learning_rate=1e-2, batch=64)
    test = data.test.take(2000)
    assert (predict(test.images) == test.labels).mean() > 0.8
