"""The autoencoders against PCA of scikit-learn, torch, and errors measured on the pictures themselves."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from sklearn.decomposition import PCA

from data_loaders import load_shapes10
from lib.demos.autoencoder import (
    FAR,
    FOR_PCA,
    KINDS,
    SHAPE,
    SIDE,
    WIDEST,
    AutoencoderDemo,
    Bottleneck,
    compute,
    place,
    train,
)
from lib.demos.kit.signs import sign_colors
from lib.nn.testing import check_module


@pytest.fixture(scope="module")
def data():
    return load_shapes10()


@pytest.fixture(scope="module")
def models(data):
    return train(data.train.images[:1000], steps=200)


@pytest.mark.family(share=2)
def test_the_linear_one_is_scikit_learns_pca(data, models):
    images = data.train.images[:FOR_PCA].reshape(FOR_PCA, -1).astype(float)
    pca = PCA(WIDEST, svd_solver="arpack", tol=1e-9).fit(images)
    assert_allclose(models.mean, pca.mean_, rtol=1e-5)
    assert_allclose(models.axes @ models.axes.T, np.eye(WIDEST), atol=2e-4)
    cosines = np.abs((models.axes * pca.components_).sum(axis=1))
    assert_allclose(cosines, 1, atol=1e-3)
    for width in (1, 8, WIDEST):
        image = data.test.images[3]
        z = pca.transform(image.reshape(1, -1).astype(float))
        z[:, width:] = 0
        restored = pca.inverse_transform(z).reshape(SHAPE)
        state = compute(models, image, width, KINDS[0], 0)
        assert_allclose(state.restored.astype(float), restored.clip(0, 255), atol=0.75)  # rounded to bytes
        assert state.error == pytest.approx(np.sqrt(((restored - image) ** 2).mean()), rel=1e-3)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("noise", [0, 40])
def test_the_errors_are_those_of_the_pictures(data, models, kind, noise):
    image = data.test.images[5]
    for width in (1, 5, 64):
        state = compute(models, image, width, kind, noise)
        x = state.seen.reshape(1, -1).astype(np.float32)
        z = models.decode(models.encode(models.coordinates(x), kind), width, kind)
        restored = models.mean + models.unit * z @ models.axes
        error = np.sqrt(((restored - image.ravel()) ** 2).mean())
        assert state.error == pytest.approx(error, rel=1e-3)
        assert state.errors[KINDS.index(kind), width - 1] == state.error
        assert state.code.shape == (width,)
    assert state.noise == pytest.approx(np.sqrt(((state.seen - image.astype(float)) ** 2).mean()))


def test_what_does_not_pass_the_bottleneck_has_no_say(models):
    code = np.random.default_rng(0).standard_normal((2, WIDEST)).astype(np.float32)
    code[1, :7] = code[0, :7]
    for kind in KINDS:
        same = models.decode(code, 7, kind)
        assert_allclose(same[0], same[1], atol=1e-6)
        assert not np.allclose(*models.decode(code, 8, kind))


def test_training_lowers_the_error_of_the_pictures_it_has_seen(data, models):
    x = data.train.images[:500].reshape(500, -1).astype(np.float32)
    z = models.coordinates(x)
    for width in (8, 16, 32):
        linear, bent = (
            ((models.decode(models.encode(z, kind), width, kind) - z) ** 2).mean() for kind in KINDS
        )
        assert bent < linear


@pytest.fixture(scope="module")
def whole_demo(data):
    return AutoencoderDemo(data)


@pytest.fixture
def demo(whole_demo):
    whole_demo.set(**whole_demo.start)
    return whole_demo


@pytest.mark.parametrize("kind", KINDS)
def test_a_number_that_is_set_is_what_the_decoder_gets(data, models, kind):
    image, which = data.test.images[5], KINDS.index(kind)
    edits = ((0, 1.5), (3, -2.0), (40, 3.0))  # the last one does not pass
    state = compute(models, image, 8, kind, 0, edits)
    code = models.encode(models.coordinates(image.reshape(1, -1).astype(np.float32)), kind)[0]
    code[[0, 3]] = [1.5, -2.0] * models.deviations[which, [0, 3]]
    restored = models.mean + models.unit * models.decode(code[None], 8, kind)[0] @ models.axes
    assert_allclose(state.restored.ravel(), restored.clip(0, 255), atol=0.51)
    assert state.error == pytest.approx(np.sqrt(((restored - image.ravel()) ** 2).mean()), rel=1e-3)
    assert state.own_error == compute(models, image, 8, kind, 0).error
    assert state.changed == 2
    assert_allclose(state.code[[0, 3]], [1.5, -2.0], rtol=1e-5)


def test_blue_is_positive_and_orange_negative(demo):
    demo.set(edits=((0, 2.5), (1, -2.5), (2, 0.0)))
    squares = demo.code.cells(24)[12, 12::24].tolist()[:3]
    assert squares == [
        sign_colors(np.ones(1))[0].tolist(),
        sign_colors(-np.ones(1))[0].tolist(),
        [255, 255, 255],
    ]
    assert sign_colors(np.ones(1))[0, 2] > sign_colors(np.ones(1))[0, 0]


def test_a_square_is_dragged_up_and_down_and_stands_where_it_is_drawn(demo):
    marks = demo.edits.marks(demo)
    assert len(marks) == demo.values["width"] == 16
    assert (marks[9].x, marks[9].y) == place(9) == (1.5 * SIDE - 0.5, 1.5 * SIDE - 0.5)
    x, y = place(9)
    assert demo.edits.dragged(demo, 9, x, y - 1.5 * SIDE) == {"edits": ((9, 1.5),)}
    assert demo.edits.dragged(demo, 9, x, y + 20 * SIDE) == {"edits": ((9, -FAR),)}
    demo.set(edits=((9, 1.5),))
    assert demo.edits.dragged(demo, 2, *place(2)) == {"edits": ((9, 1.5), (2, 0.0))}
    assert "1.5 deviations" in demo.edits.marks(demo)[9].name


def test_a_click_sets_a_number_to_0_and_another_gives_back_its_own(demo):
    assert demo.edits.picked(demo, 4) == {"edits": ((4, 0.0),)}
    demo.set(edits=((4, 0.0),))
    assert demo.edits.picked(demo, 4) == {"edits": None}
    assert demo.state.code[4] == 0


def test_keys_move_a_number_by_quarters_of_a_deviation(demo):
    own = demo.state.code[0]
    ((which, number),) = demo.edits.stepped(demo, 0, 0, 1)["edits"]
    assert (which, number) == (0, pytest.approx(own + 0.25, abs=0.006))


@pytest.mark.parametrize("value", [((64, 1.0),), ((0.5, 1.0),), ((0, np.nan),), "code", (1, 2, 3)])
def test_other_edits_are_refused(demo, value):
    with pytest.raises(ValueError, match=r"^edits: expected None or pairs"):
        demo.set(edits=value)


def test_it_says_how_far_the_restored_picture_is_off(demo):
    errors = demo.state.errors[:, 15]
    words = f"linear (PCA) is off by {errors[0]:.1f} grey levels, with ReLU by {errors[1]:.1f}."
    assert demo.said() == f"From 16 numbers, {words}"
    demo.set(width=1, edits=((0, 3.0), (5, 1.0)))
    assert demo.said().startswith("You have set 1 of 1 number: the restored picture is off by ")
    demo.set(edits=None, noise=50)
    off = np.sqrt(((demo.state.seen - demo.pictures[0].astype(float)) ** 2).mean())
    assert demo.said().endswith(f"The noisy picture is off by {off:.1f}.")


@pytest.mark.parametrize("width", [3, np.array([0, 2, 5, 1])])
def test_the_bottleneck_is_a_module_and_cuts_as_torch_does(width):
    bottleneck = Bottleneck()
    bottleneck.width = width
    x = np.random.default_rng(0).standard_normal((4, 5))
    check_module(bottleneck, x).raise_if_wrong()
    theirs = torch.tensor(x, requires_grad=True)
    mask = torch.arange(5) < torch.as_tensor(np.broadcast_to(np.reshape(width, (-1, 1)), (4, 1)).copy())
    cotangent = np.random.default_rng(1).standard_normal((4, 5))
    output = torch.where(mask, theirs, torch.zeros_like(theirs))
    output.backward(torch.tensor(cotangent))
    assert_allclose(bottleneck.forward(x), output.detach())
    assert_allclose(bottleneck.backward(x, cotangent), theirs.grad)


def test_noise_is_the_same_at_every_call_and_the_picture_stays_as_it_is(data, models):
    image = data.test.images[0].copy()
    first, second = (compute(models, image, 4, KINDS[1], 30) for _ in range(2))
    assert (first.seen == second.seen).all()
    assert (first.restored == second.restored).all()
    assert (image == data.test.images[0]).all()
    assert (compute(models, image, 4, KINDS[0], 0).seen == image).all()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"image": np.zeros((3, 8, 8), np.uint8)}, r"image: expected uint8 \(3, 32, 32\), got uint8"),
        ({"image": np.zeros(SHAPE)}, "image: expected uint8"),
        ({"width": 0}, "^width: expected .*got 0"),
        ({"kind": "deep"}, "^kind: expected .*got 'deep'"),
        ({"noise": -1}, "^noise: expected .*got -1"),
    ],
)
def test_bad_input_is_refused_by_name(models, changes, message):
    values = {"image": np.zeros(SHAPE, np.uint8), "width": 4, "kind": KINDS[0], "noise": 0}
    with pytest.raises(ValueError, match=message):
        compute(models, **{**values, **changes})


def test_too_few_images_are_refused(data):
    few = type(data)("few", data.train.take(100), data.test, data.classes)
    with pytest.raises(ValueError, match="data: expected a Dataset with 800 training and 12 test images"):
        AutoencoderDemo(few)
