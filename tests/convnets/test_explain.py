"""What all explanations have in common: the net stays as it was, whatever comes in, whatever fails."""

import numpy as np
import pytest
import torch
from nets_to_explain import assert_same_state, random_image, random_net, whole_state
from numpy.testing import assert_allclose
from torch import nn

from lib import nn as numpy_nn
from lib.convnets import explain
from lib.convnets.explain import FromPixels, probabilities

METHODS = {
    "probabilities": probabilities,
    "layers_with_maps": explain.layers_with_maps,
    "feature_maps": lambda net, image: explain.feature_maps(net, image, ["0", "3"]),
    "grad_cam": lambda net, image, **label: explain.grad_cam(net, image, "3", **label),
    "saliency": explain.saliency,
    "smooth_grad": lambda net, image, **label: explain.smooth_grad(net, image, samples=3, **label),
    "smooth_grad_steps": lambda net, image, **label: list(
        explain.smooth_grad_steps(net, image, samples=3, **label)
    ),
    "occlusion": explain.occlusion,
    "fgsm": lambda net, image, **label: explain.fgsm(net, image, epsilon=0.1, **label),
    "pgd": lambda net, image, **label: list(explain.pgd(net, image, epsilon=0.1, steps=3, **label)),
    "ascend": lambda net, image: list(explain.ascend(net, 1, layer="3", start=image, steps=2)),
}
WITH_LABEL = [
    name for name in METHODS if name not in ("probabilities", "layers_with_maps", "feature_maps", "ascend")
]
each_method = pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)


def numbers(result):
    """All arrays of a result, one after the other."""
    if isinstance(result, dict):
        result = list(result.values())
    if isinstance(result, (list, tuple)):
        return np.concatenate([numbers(one) for one in result])
    return np.zeros(0) if isinstance(result, str) else np.asarray(result, float).ravel()


def mixed_modes(net):
    """In training, one layer in evaluation, one without gradients, one that has gathered some."""
    net.train()
    net[4].eval()
    net[0].weight.requires_grad_(False)
    net[3].bias.grad = torch.ones_like(net[3].bias)
    return net


@each_method
def test_the_net_and_the_image_stay_as_they_were(method):
    net, image = mixed_modes(random_net(1, inplace=True)), random_image(1)
    state, copy, generator = whole_state(net), image.copy(), torch.get_rng_state()
    method(net, image)
    assert_same_state(state, whole_state(net))
    assert np.array_equal(image, copy)
    assert torch.equal(generator, torch.get_rng_state())


@each_method
def test_the_net_stays_as_it_was_when_its_forward_fails(method):
    class Fails(nn.Module):
        def forward(self, x):
            raise KeyError("a fault of the net's own")

    net = mixed_modes(random_net(1))
    net[8] = Fails()
    state = whole_state(net)
    with pytest.raises(KeyError, match="a fault of the net's own"):
        method(net, random_image(1))
    assert_same_state(state, whole_state(net))


@each_method
def test_it_works_whatever_the_caller_has_switched_off(method):
    net, image = random_net(2), random_image(2)
    expected = method(net, image)
    for off in (torch.no_grad, torch.inference_mode):
        with off():
            assert_allclose(numbers(method(net, image)), numbers(expected), rtol=1e-6)
            assert_allclose(
                numbers(method(net, torch.as_tensor(image).clone())), numbers(expected), rtol=1e-6
            )
    for parameter in net.parameters():
        parameter.requires_grad_(False)
    assert_allclose(numbers(method(net, image)), numbers(expected), rtol=1e-6)


@each_method
def test_an_image_comes_in_any_form_of_floats(method):
    net, image = random_net(3), random_image(3)
    expected = numbers(method(net, image))
    flipped = np.ascontiguousarray(image[:, ::-1])[:, ::-1]  # a view with negative strides
    last = np.asfortranarray(image)
    readonly = image.copy()
    readonly.flags.writeable = False
    tensor = torch.as_tensor(image)
    forms = [flipped, last, readonly, image.astype(">f4"), image.astype(float), image.astype(np.longdouble)]
    forms += [
        tensor,
        tensor.double(),
        tensor.clone().requires_grad_(),
        tensor.permute(1, 2, 0).contiguous().permute(2, 0, 1),
    ]
    for form in forms:
        assert_allclose(numbers(method(net, form)), expected, rtol=1e-4, atol=1e-6)
    half = image.astype(np.float16)
    assert_allclose(numbers(method(net, half)), numbers(method(net, half.astype(np.float32))), rtol=1e-6)


@each_method
def test_results_have_the_precision_of_the_net(method):
    for dtype, expected in (
        (torch.float64, np.float64),
        (torch.float32, np.float32),
        (torch.bfloat16, np.float32),
    ):
        result = method(random_net(4).to(dtype), random_image(4))
        some = next(iter(result.values())) if isinstance(result, dict) else result
        some = some[0] if isinstance(some, list) else some
        some = some.image if isinstance(some, explain.Ascent) else some
        if not isinstance(some, str):
            assert some.dtype == expected
            assert np.isfinite(some).all()


@each_method
def test_channels_last_and_a_compiled_net_make_no_difference(method):
    net, image = random_net(5), random_image(5)
    expected = numbers(method(net, image))

    class Compiled(nn.Module):  # what torch.compile returns, without what it imports
        def __init__(self):
            super().__init__()
            self._orig_mod = net

    assert_allclose(numbers(method(Compiled(), image)), expected, rtol=0)
    last = net.to(memory_format=torch.channels_last)
    assert_allclose(numbers(method(last, image)), expected, rtol=1e-3, atol=1e-5)


def test_a_walk_goes_on_in_whatever_mode_the_caller_is_at_each_step():
    net, image = random_net(9), random_image(9)
    for walk in (
        lambda: explain.pgd(net, image, epsilon=0.1, steps=4, seed=1),
        lambda: explain.ascend(net, 1, layer="3", start=image, steps=3),
        lambda: explain.smooth_grad_steps(net, image, samples=4),
    ):
        expected, steps, results = list(walk()), walk(), []
        for mode in (torch.inference_mode, torch.enable_grad, torch.no_grad, torch.enable_grad):
            with mode():
                results.append(next(steps))
        assert_allclose(numbers(results), numbers(expected), rtol=1e-6)


def test_what_is_done_to_a_result_does_not_reach_the_next_step():
    net, image = random_net(8), random_image(8)
    walks = {
        "pgd": lambda: explain.pgd(net, image, epsilon=0.1, steps=4),
        "ascend": lambda: explain.ascend(net, 1, start=image, steps=3),
        "smooth_grad": lambda: explain.smooth_grad_steps(net, image, samples=4),
    }
    for name, walk in walks.items():
        for one, expected in zip(walk(), list(walk()), strict=True):
            assert np.array_equal(numbers(one), numbers(expected)), name
            (one.image if isinstance(one, explain.Ascent) else one).fill(0)
    explain.filter_images(net).fill(0)
    explain.feature_maps(net, image, ["0"])["0"].fill(0)
    assert_same_state(whole_state(random_net(8)), whole_state(net))


IMAGES = [
    ([[0.5]], "image: expected an array or a tensor (C, H, W), got [[0.5]]"),
    ("cat.png", "image: expected an array or a tensor (C, H, W), got 'cat.png'"),
    (np.zeros((16, 16)), "image: expected one image (C, H, W), got shape (16, 16)"),
    (np.zeros((0, 16, 16)), "image: expected one image (C, H, W), got shape (0, 16, 16)"),
    (
        torch.zeros(1, 3, 16, 16),
        "image: expected one image (C, H, W), got shape (1, 3, 16, 16); one image of a",
    ),
    (
        np.zeros((3, 16, 16), np.uint8),
        "image: expected floats, got uint8; bytes become floats with image / 255",
    ),
    (
        torch.zeros(3, 16, 16, dtype=torch.uint8),
        "image: expected floats, got torch.uint8; bytes become floats",
    ),
    (np.zeros((3, 16, 16), complex), "image: expected floats, got complex128"),
    (np.zeros((3, 16, 16), object), "image: expected floats, got object"),
    (torch.zeros(3, 16, 16, dtype=torch.bool), "image: expected floats, got torch.bool"),
    (np.full((3, 16, 16), np.nan), "image: expected finite numbers, got numbers from nan to nan"),
    (np.full((3, 16, 16), np.inf), "image: expected finite numbers, got numbers from inf to inf"),
    (
        np.zeros((3, 8, 8)),
        "model: expected a net that takes images (1, 3, 8, 8), got Sequential, where torch says",
    ),
    (
        np.zeros((1, 16, 16)),
        "model: expected a net that takes images (1, 1, 16, 16), got Sequential, where torch",
    ),
    (
        np.zeros((16, 16, 3)),
        "model: expected a net that takes images (1, 16, 16, 3), got Sequential, where torch",
    ),
]


@each_method
@pytest.mark.parametrize(("image", "message"), IMAGES, ids=[message for _, message in IMAGES])
def test_an_image_that_does_not_fit_is_refused(method, image, message):
    net = mixed_modes(random_net())
    state = whole_state(net)
    with pytest.raises(ValueError, match="expected") as caught:
        method(net, image)
    assert str(caught.value).startswith(message)
    assert_same_state(state, whole_state(net))


def test_channels_at_the_end_are_recognised():
    with pytest.raises(ValueError, match=r"channels come first: image.transpose\(2, 0, 1\)$"):
        probabilities(random_net(), np.zeros((16, 16, 3)))


class Gives(nn.Module):
    """A net with scores of one's own choice."""

    def __init__(self, scores):
        super().__init__()
        self.conv, self.scores = nn.Conv2d(3, 3, 1), scores

    def forward(self, x):
        return self.scores(self.conv(x))


MODELS = [
    (lambda: "small", "model: expected a torch.nn.Module, got 'small'"),
    (lambda: torch.sum, "model: expected a torch.nn.Module, got <"),
    (
        lambda: numpy_nn.Linear(3, 2),
        "model: expected a torch.nn.Module, got Linear(3 -> 2); to_torch(module) makes",
    ),
    (lambda: Gives(lambda x: x), "model: expected scores (1, classes), got shape (1, 3, 16, 16)"),
    (lambda: Gives(lambda x: x.mean((1, 2, 3))), "model: expected scores (1, classes), got shape (1,)"),
    (lambda: Gives(lambda x: (x, x)), "model: expected scores (1, classes), got tuple"),
    (
        lambda: Gives(lambda x: x.mean((2, 3)) / 0),
        "model: expected finite scores, got nan or inf; did its training",
    ),
]


@pytest.mark.parametrize(("model", "message"), MODELS, ids=[message for _, message in MODELS])
@pytest.mark.parametrize(
    "method", [METHODS["saliency"], METHODS["fgsm"], METHODS["occlusion"], probabilities]
)
def test_a_model_that_does_not_fit_is_refused(method, model, message):
    with pytest.raises(ValueError, match="expected") as caught:
        method(model(), random_image())
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("method", ["saliency", "smooth_grad", "fgsm"])
def test_a_net_that_cuts_its_scores_off_is_told_so(method):
    with pytest.raises(ValueError, match=r"model: expected scores that have a gradient, got scores cut off"):
        METHODS[method](Gives(lambda x: x.mean((2, 3)).detach()), random_image())


@pytest.mark.parametrize("method", WITH_LABEL)
@pytest.mark.parametrize("label", [-1, 5, 1.0, True, "1", np.float64(2), [1], torch.tensor(1)])
def test_a_label_that_is_no_class_is_refused(method, label):
    with pytest.raises(
        ValueError, match=r"^label: expected a whole number from 0 to 4, the classes of the net"
    ):
        METHODS[method](random_net(), random_image(), label=label)


@pytest.mark.parametrize("method", WITH_LABEL)
def test_a_label_of_numpy_is_a_label(method):
    one, same = (METHODS[method](random_net(), random_image(), label=label) for label in (2, np.int64(2)))
    assert np.array_equal(numbers(one), numbers(same))


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (
            "conv1",
            "layer: expected the name of a layer, or the layer, got 'conv1'; layers_with_maps(model, image)",
        ),
        ("", "layer: expected the name of a layer, or the layer, got ''"),
        (3, "layer: expected the name of a layer, or the layer, got 3"),
        (None, "layer: expected the name of a layer, or the layer, got None"),
        (
            "7",
            "layer: expected a layer that gives (N, C, H, W), got shape (1, 768) from '7'; choose",
        ),
        (nn.ReLU(), "layer: expected a layer of the model, got another ReLU"),
    ],
)
def test_a_layer_that_does_not_fit_is_refused(layer, message):
    with pytest.raises(ValueError, match="expected") as caught:
        explain.grad_cam(random_net(), random_image(), layer)
    assert str(caught.value).startswith(message)


def test_a_slip_in_the_name_of_a_layer_is_recognised():
    net = nn.Sequential()
    net.features, net.classifier = random_net()[:6], random_net()[6:]
    with pytest.raises(ValueError, match=r"got 'feature.3'; did you mean 'features.3'\?$"):
        explain.grad_cam(net, random_image(), "feature.3")


def test_probabilities_are_the_softmax_of_the_scores():
    net, image = random_net(6), random_image(6)
    with torch.no_grad():
        expected = net.eval()(torch.as_tensor(image)[None]).softmax(1)[0]
    assert_allclose(probabilities(net, image), expected, rtol=1e-6)


def test_from_pixels_is_the_net_after_the_scaling():
    net, x = random_net(7).eval(), torch.rand(2, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    mean, deviation = (0.5, 0.4, 0.3), np.float32([0.2, 0.3, 0.1])
    scaled = (x - torch.tensor(mean)[:, None, None]) / torch.tensor(deviation)[:, None, None]
    assert_allclose(FromPixels(net, mean, deviation)(x).detach(), net(scaled).detach(), rtol=1e-5)
    assert not any(
        p is q for p in FromPixels(net, mean, deviation).buffers() for q in net.buffers() if p.ndim == 3
    )


@pytest.mark.parametrize(
    ("mean", "deviation", "message"),
    [
        (
            (0.5, 0.5, 0.5),
            (0.2, 0.2),
            "FromPixels: deviation: expected as many numbers as in mean, got 2 for 3",
        ),
        (
            (0.5, 0.5, 0.5),
            (0.2, 0.2, 0),
            "FromPixels: deviation: expected numbers above 0, got (0.2, 0.2, 0)",
        ),
        (
            (0.5, np.nan, 0.5),
            (0.2, 0.2, 0.2),
            "FromPixels: mean: expected a finite number for each channel, got",
        ),
        (0.5, (0.2, 0.2, 0.2), "FromPixels: mean: expected a finite number for each channel, got 0.5"),
        ("abc", (0.2, 0.2, 0.2), "FromPixels: mean: expected a finite number for each channel, got 'abc'"),
        ((0.5, 0.5, 0.5), None, "FromPixels: deviation: expected a finite number for each channel, got None"),
    ],
)
def test_from_pixels_refuses_what_does_not_fit(mean, deviation, message):
    with pytest.raises(ValueError, match="expected") as caught:
        FromPixels(random_net(), mean, deviation)
    assert str(caught.value).startswith(message)


def test_heat_of_is_the_largest_size_among_the_channels():
    gradient = np.random.default_rng(0).standard_normal((3, 4, 5))
    assert_allclose(explain.heat_of(gradient), np.max(np.abs(gradient), axis=0))
    with pytest.raises(ValueError, match=r"^gradient: expected \(C, H, W\), got shape \(4, 5\)"):
        explain.heat_of(gradient[0])
