"""`show(...)` of every demo: what its controls take works, everything else is answered with a sentence."""

import importlib
import inspect

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell

from benchmarks.demos import demo_class
from data_loaders import Dataset, Split, load_dataset
from lib.demos import convolve, knn_images, knn_plane, pixels, regularization
from lib.demos.kit import Choice, Demo, Slider, shows
from lib.demos.kit.data import dataset_of, images_of
from lib.demos.rooms import demos, room_of_demo

NAMES = [name for name in demos() if name != "live_graph"]  # which has a test of its own
WITH_DATA = {"autoencoder", "convolve", "feature_maps", "knn_images", "mistakes", "pixels", "regularization"}


def show_of(name):
    return importlib.import_module(f"{room_of_demo(name)}.{name}").show


@pytest.mark.family(share=3)
@pytest.mark.parametrize("name", NAMES)
def test_every_show_lists_its_controls_and_says_what_is_wrong(name):
    show, controls = show_of(name), demo_class(name).__dict__
    control = next(key for key, value in controls.items() if isinstance(value, Slider | Choice))
    assert ("data" in inspect.signature(show).parameters) == (
        name in WITH_DATA or "data" in demo_class(name).controls
    )
    assert f"\n{control}: " in show.__doc__
    if name not in WITH_DATA:
        with pytest.raises(ValueError, match=r"^show: expected values by name, \w+=.*, got 5$"):
            show(5)
        for value in (None, "five", np.nan, [5], {"k": 5}):
            with pytest.raises(ValueError, match=rf"^{control}: expected .*, got "):
                show(**{control: value})
        with pytest.raises(ValueError, match=r"^K5: expected the name of a control, '.*', got 'K5'$"):
            show(K5=5)
    else:
        for wrong in (7, "cifar10", [1, 2], np.zeros(3), np.zeros((20, 32, 32, 3), np.uint8)):
            with pytest.raises(ValueError, match=r"^data: expected .*, got .*; give "):
                show(wrong)
        with pytest.raises(ValueError, match=r"^show: expected values by name, .*, got 2$"):
            show(None, 2)
        with pytest.raises(ValueError, match=rf"^{control}: expected .*, got None$"):
            show(None, **{control: None})


def small(train=900, test=900):
    rng = np.random.default_rng(0)
    parts = (Split(rng.integers(0, 256, (n, 3, 32, 32), np.uint8), np.arange(n) % 10) for n in (train, test))
    return Dataset("small", *parts, tuple("abcdefghij"))


@pytest.fixture
def shown():
    """What is displayed, as in a notebook's kernel."""
    shell, sent = InteractiveShell.instance(), []
    shell.display_pub.publish = lambda data, metadata=None, **_: sent.append(data)
    yield sent
    InteractiveShell.clear_instance()


def test_a_value_in_show_moves_the_control(shown):
    knn_plane.show(k=5)
    knn_plane.show()
    knn_plane.show(k=np.int64(5))
    first, second, third = (data["image/png"] for data in shown if "image/png" in data)
    assert first != second
    assert first == third


@pytest.mark.parametrize("k", [0, 26, "5", 2.5, None, True, np.nan])
def test_a_wrong_k_in_show_is_named(k):
    with pytest.raises(ValueError, match=r"^k: expected a whole number from 1 to 25, got "):
        knn_plane.show(k=k)


def test_pictures_may_be_a_data_set_a_split_or_an_array(shown):
    data = small()
    for given in (data, data.train, data.train.images):
        pixels.show(given)
        convolve.show(data=given)
    pictures = [data["image/png"] for data in shown if "image/png" in data]
    assert len(set(pictures[::2])) == len(set(pictures[1::2])) == 1
    assert np.shares_memory(images_of(data, least=1), data.train.images)


@pytest.mark.parametrize("wrong", [
    small().train.images[0], small().train.images.astype(float), small().train.images.tolist()[:1],
    small().train.vectors(), (small().train, small().test), "data.train", 12,
    np.zeros((0, 3, 32, 32), np.uint8), small().train.take(11),
    Split(np.zeros((20, 3, 16, 16), np.uint8), np.zeros(20, np.int64)),
], ids=lambda wrong: type(wrong).__name__)  # fmt: skip
def test_what_is_no_pictures_is_answered(wrong):
    with pytest.raises(
        ValueError, match=r"^data: expected (12 or more images|images, uint8 \(N, 3, 32, 32\)), got "
    ):
        pixels.show(wrong)


def test_one_picture_is_told_how_to_become_several():
    with pytest.raises(ValueError, match=r"; one image is data\[None\]$"):
        convolve.show(small().train.images[3])


@pytest.mark.parametrize("show", [knn_images.show, regularization.show])
def test_a_demo_about_a_data_set_says_what_it_lacks(show):
    for wrong, message in (
        (small().train, r"expected a Dataset with .* got Split.*; give the whole data, not data.train"),
        (small().train.images, r"expected a Dataset with .* got uint8 \(900, 3, 32, 32\); give load_dataset"),
        (small(train=5), "expected a Dataset with .*, got small: 5 training and 900 test images"),
        (small(test=0), "expected a Dataset with .*, got small: 900 training and 0 test images"),
    ):
        with pytest.raises(ValueError, match="^data: " + message):
            show(wrong)


def test_nothing_given_is_the_course_s_own_data():
    assert dataset_of(None, training=1, test=1).name == load_dataset("auto").name


@pytest.mark.parametrize("count", [0, -1, "9", 2.0])
def test_a_wrong_count_of_training_images_is_named(count):
    with pytest.raises(ValueError, match=r"^count: expected a whole number of at least 1, got "):
        regularization.RegularizationDemo(small(), count=count)


class Nothing(Demo):
    title, alt = "Nothing", "Nothing."
    k = Slider(0, 3, start=1)

    def compute(self, k):
        return k

    def draw(self, axes):
        pass

    def update(self, state):
        pass


def test_data_are_not_for_every_demo():
    with pytest.raises(ValueError, match=r"^data: expected nothing, as this demo makes its own, got 3$"):
        shows(Nothing)(data=3)


@pytest.mark.parametrize(
    "name", ["columns", "size", "panels", "presets", "title", "start", "set", "compute", "k"]
)
def test_an_attribute_may_not_take_the_place_of_one_of_the_kit(name):
    class Shadow(Nothing):
        def draw(self, axes):
            setattr(self, name, 5)

    with pytest.raises(
        AttributeError, match=rf"^Shadow: expected a free name, got self.{name} = 5, but {name} is "
    ):
        Shadow()


@pytest.mark.parametrize(
    "name", ["columns", "size", "start", "values", "canvas", "controls", "png", "compute"]
)
def test_a_control_may_not_be_called_like_something_of_the_kit(name):
    with pytest.raises(
        AttributeError, match=f"^Shadow: expected a free name for a control or handle, got {name}"
    ):
        type("Shadow", (Nothing,), {name: Slider(0, 1, start=0)})
