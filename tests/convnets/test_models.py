"""Each net: parameters of its paper, scores and gradients of the right shapes, start values from a seed."""

import pytest
import torch
from torch import nn

from lib.convnets.models import MODELS, build_model, whiten
from lib.convnets.models.alexnet import alexnet
from lib.convnets.models.resnet import ResidualBlock, cifar_resnet

AT_32 = {  # parameters, for ten classes
    "linear": 30_730,
    "small": 579_402,
    "alexnet_cifar": 7_507_914,
    "vgg16": 14_991_946,
    "vgg19": 20_304_202,
    "allcnn": 1_370_986,
    "resnet18": 11_173_962,
    "resnet50": 23_520_842,
    "resnet152": 58_156_618,
    "resnet20": 269_722,  # the paper's 0.27 million
    "resnet56": 853_018,  # the paper's 0.85 million
    "plain20": 269_722,
    "plain56": 853_018,
    "fast": 1_972_792,
    "fast_half": 498_104,
    "fast_mirror": 1_538_368,
}
AT_224 = {  # parameters, for 1,000 classes; all but AlexNet as in torchvision
    "alexnet": 62_378_344,
    "vgg16": 138_365_992,
    "vgg19": 143_678_248,
    "resnet18": 11_689_512,
    "resnet50": 25_557_032,
    "resnet152": 60_192_808,
}
QUICK = [name for name in AT_32 if AT_32[name] < 12e6]
SIZES = {"alexnet": 63}  # where 32 is too small


def parameters(model: nn.Module) -> int:
    return sum(p.numel() for p in model.parameters())


def without_numbers(name, num_classes, input_size, **options):
    with torch.device("meta"):
        return build_model(name, num_classes, input_size, **options)


def test_every_net_is_counted_here():
    assert set(MODELS) == set(AT_32) | set(AT_224)


@pytest.mark.parametrize("name", AT_32)
def test_parameters_for_ten_classes_of_small_images(name):
    assert parameters(without_numbers(name, 10, 32)) == AT_32[name]


@pytest.mark.parametrize("name", AT_224)
def test_parameters_for_imagenet(name):
    assert parameters(without_numbers(name, 1000, 224)) == AT_224[name]


@pytest.fixture(scope="module")
def theirs():
    """torchvision's nets; they are an oracle only where its build fits that of torch."""
    try:
        from torchvision import models
    except (ImportError, RuntimeError) as error:
        pytest.skip(f"no torchvision that fits: {error}")
    return models


def test_torchvision_s_alexnet_is_another_net(theirs):
    with torch.device("meta"):
        assert parameters(theirs.alexnet()) == 61_100_840
        assert theirs.alexnet().features[0].out_channels == 64  # the listing has 96


@pytest.mark.parametrize("name", sorted(set(AT_224) - {"alexnet"}))
def test_the_tensors_are_those_of_torchvision(name, theirs):
    with torch.device("meta"):
        net = getattr(theirs, name + "_bn" * name.startswith("vgg"))()
    ours = without_numbers(name, 1000, 224)
    shapes = [sorted(tuple(t.shape) for t in some.state_dict().values()) for some in (ours, net)]
    assert shapes[0] == shapes[1]


def test_alexnet_of_2012_was_cut_in_two_halves():
    assert parameters(without_numbers("alexnet", 1000, 224, groups=2)) == 60_965_224


@pytest.mark.parametrize("name", MODELS)
def test_scores_have_one_column_a_class(name):
    with torch.device("meta"):
        scores = build_model(name, 7, 65)(torch.empty(2, 3, 65, 65))
    assert scores.shape == (2, 7)


def test_one_class_is_accepted():
    assert build_model("linear", 1)(torch.zeros(2, 3, 32, 32)).shape == (2, 1)


@pytest.mark.parametrize("name", QUICK)
def test_every_parameter_gets_a_gradient(name):
    model = build_model(name, 5)
    loss = nn.functional.cross_entropy(model(torch.randn(4, 3, 32, 32)), torch.tensor([0, 1, 4, 2]))
    loss.backward()
    assert loss.isfinite()
    assert loss < 6  # the scores of a new net say little: ln 5 is 1.6
    for key, parameter in model.named_parameters():
        if parameter.requires_grad:
            assert parameter.grad is not None, key
            assert parameter.grad.isfinite().all(), key
        else:
            assert (name[:4], key) == ("fast", "stem.weight")


@pytest.mark.parametrize("name", ["small", "allcnn", "resnet20", "fast_half", "fast_mirror"])
def test_scores_are_the_same_with_channels_last(name):
    x = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    model = build_model(name).eval()
    with torch.inference_mode():
        before = model(x)
        model, x = (thing.to(memory_format=torch.channels_last) for thing in (model, x))
        torch.testing.assert_close(model(x), before, rtol=1e-4, atol=1e-5)
        with torch.autocast("cpu", torch.bfloat16):
            torch.testing.assert_close(model(x).float(), before, rtol=0.05, atol=0.05)


@pytest.mark.parametrize("name", MODELS)
def test_no_layer_changes_its_input_in_place(name):
    layers = list(without_numbers(name, 10, SIZES.get(name, 32)).modules())
    assert len(layers) > 2
    assert not [layer for layer in layers if getattr(layer, "inplace", False)]


@pytest.mark.parametrize("name", QUICK)
def test_the_same_seed_draws_the_same_weights(name):
    first, again, other = (build_model(name, seed=seed).state_dict() for seed in (3, 3, 4))
    assert all(torch.equal(first[key], again[key]) for key in first)
    assert any(not torch.equal(first[key], other[key]) for key in first)


def test_torch_s_own_generator_stays_as_it_was():
    torch.manual_seed(1)
    before = torch.get_rng_state()
    build_model("small", seed=5)
    with pytest.raises(ValueError, match="at least 32"):
        build_model("vgg16", 10, 31)
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(2)  # nor do the weights depend on it
    assert torch.equal(build_model("linear", seed=5)[1].weight, build_model("linear", seed=5)[1].weight)


def test_through_56_plain_layers_the_gradient_grows_a_thousandfold_and_with_skips_tenfold():
    x = torch.randn(8, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    growth = {}
    for name in ("plain56", "resnet56"):
        model = build_model(name)
        nn.functional.cross_entropy(model(x), torch.arange(8)).backward()
        blocks = [layer for layer in model if isinstance(layer, ResidualBlock)]
        first, last = (block.body[0].weight.grad.norm() for block in (blocks[0], blocks[-1]))
        growth[name] = (first / last).item()
    assert growth["plain56"] > 1000  # batch norm keeps it from vanishing, not from this
    assert 1 < growth["resnet56"] < 20


def test_the_plain_net_has_the_weights_of_the_residual_one():
    residual, plain = (build_model(name, seed=2).state_dict() for name in ("resnet20", "plain20"))
    assert list(residual) == list(plain)
    assert all(torch.equal(residual[key], plain[key]) for key in residual)


def test_weights_are_drawn_on_the_cpu_whatever_the_default_device():
    with torch.device("cpu"):
        assert build_model("linear")[1].weight.device.type == "cpu"
    assert without_numbers("linear", 10, 32)[1].weight.device.type == "meta"
    assert build_model("linear")[1].weight.device.type == "cpu"


@pytest.mark.parametrize("seed", [-1, 1.5, None, 2**63])
def test_a_seed_is_a_whole_number(seed):
    with pytest.raises(ValueError, match="linear: seed: expected a whole number from 0 to "):
        build_model("linear", seed=seed)


def test_a_skip_without_weights_takes_every_second_pixel_and_zeros():
    block = cifar_resnet(10, 32)[6]
    assert isinstance(block, ResidualBlock)
    x = torch.randn(2, 16, 8, 8)
    skipped = block.shortcut(x)
    assert torch.equal(skipped[:, :16], x[:, :, ::2, ::2])
    assert torch.equal(skipped[:, 16:], torch.zeros(2, 16, 4, 4))


# fast -----------------------------------------------------------------------------------------------


def photographs(count=64, side=16):
    """Neighbouring pixels and colours alike, as in photographs."""
    noise = torch.randn(count, 3, side, side, generator=torch.Generator().manual_seed(0))
    return (noise + 3 * noise.mean(1, keepdim=True)).cumsum(-1).cumsum(-2) / side


def test_whitened_patches_are_uncorrelated_and_of_one_size():
    model, images = build_model("fast"), photographs()
    whiten(model, images, smoothing=0)
    outputs = model.stem(images).transpose(0, 1).flatten(1)[:12].double()
    torch.testing.assert_close(torch.cov(outputs), torch.eye(12).double(), rtol=1e-3, atol=1e-3)
    assert torch.equal(model.stem.weight[12:], -model.stem.weight[:12])


def test_smoothing_leaves_directions_that_are_only_noise_small():
    model, images = build_model("fast"), photographs()
    images[:, 2] = images[:, 1]  # four of the twelve directions do not vary at all
    whiten(model, images)
    assert model.stem.weight.isfinite().all()
    spread = model.stem(images).transpose(0, 1).flatten(1)[:12].var(1)
    assert (spread[:4] < 0.1).all()
    assert (spread[4:] > 0.5).all()


def test_a_net_without_a_whitened_stem_stays_as_it_is():
    for model in (build_model("small"), build_model("fast", whitened=False)):
        before = {key: value.clone() for key, value in model.state_dict().items()}
        whiten(model, photographs())
        assert all(torch.equal(before[key], value) for key, value in model.state_dict().items())


def test_a_wrapped_net_is_whitened_too():
    model, wrapped = build_model("fast"), build_model("fast")
    whiten(model, photographs())
    whiten(nn.Sequential(wrapped), photographs())
    assert torch.equal(model.stem.weight, wrapped.stem.weight)


def test_the_stem_is_trained_only_where_it_is_not_whitened():
    assert not build_model("fast").stem.weight.requires_grad
    assert build_model("fast", whitened=False).stem.weight.requires_grad


@pytest.mark.parametrize(
    "images",
    [
        torch.zeros(3, 8, 8),
        torch.zeros(0, 3, 8, 8),
        torch.zeros(2, 1, 8, 8),
        torch.zeros(2, 3, 8, 8, dtype=torch.uint8),
    ],
)
def test_whitening_wants_scaled_colour_images(images):
    with pytest.raises(ValueError, match=r"whiten: images: expected floats \(N, 3, H, W\), got torch\."):
        whiten(build_model("fast"), images)


def test_convolutions_of_fast_begin_as_the_identity():
    x = torch.randn(2, 64, 9, 9)
    first, second = (build_model("fast", identity=switch).stages[2][0] for switch in (True, False))
    torch.testing.assert_close(first(x)[:, :64], x)
    assert not torch.allclose(second(x)[:, :64], x, atol=0.1)


# What is no net ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("resnet", "resnet"), ("ResNet18", "'resnet18'"), ("vgg", "'vgg1"), ("alex_net", "'alexnet'"),
        ("fats", "'fast'"), ("all-cnn", "'allcnn'"), ("xyz", None), ("", None), (3, None), (None, None),
    ],
)  # fmt: skip
def test_an_unknown_name_is_answered_by_the_nearest_and_the_list(name, near):
    with pytest.raises(ValueError, match=r"build_model: name: expected one of linear, small, ") as caught:
        build_model(name)
    text = str(caught.value)
    assert all(known in text for known in MODELS)
    assert ("did you mean" in text) == (near is not None)
    assert near is None or near in text.partition("did you mean")[2]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("small", 0), "small: num_classes: expected a whole number of at least 1, got 0"),
        (("small", 10.0), "small: num_classes: expected a whole number of at least 1, got 10.0"),
        (("small", True), "small: num_classes: expected a whole number of at least 1, got True"),
        (("small", 10, 3), "small: input_size: expected a whole number of at least 4, got 3"),
        (("small", 10, "32"), "small: input_size: expected a whole number of at least 1, got '32'"),
        (("small", 10, (32, 32)), "small: input_size: expected a whole number of at least 1, got (32, 32)"),
        (("small", 10, -32), "small: input_size: expected a whole number of at least 1, got -32"),
        (("vgg19", 10, 28), "vgg19: input_size: expected a whole number of at least 32, got 28"),
        (("alexnet",), "alexnet: input_size: expected at least 63 pixels, got 32; for small images there is "
                       "'alexnet_cifar'"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(arguments, message):
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        build_model(*arguments)
    assert str(caught.value) == message


def test_the_smallest_images_that_are_accepted_work():
    smallest = {"linear": 1, "small": 4, "alexnet": 63, "alexnet_cifar": 8, "vgg16": 32, "allcnn": 9}
    smallest |= {"resnet18": 8, "resnet20": 4, "fast": 9, "fast_mirror": 16}
    with torch.device("meta"):
        for name, size in smallest.items():
            assert build_model(name, 10, size)(torch.empty(2, 3, size, size)).shape == (2, 10)
            if size > 1:
                with pytest.raises(ValueError, match="input_size: expected"):
                    build_model(name, 10, size - 1)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        (
            "fast",
            {"widht": 3},
            r"fast: widht: expected no argument .*; write build_model\('fast', width=64",
        ),
        ("fast", {"width": 0}, "fast: width: expected a whole number of at least 1, got 0"),
        ("linear", {"width": 8}, r"linear: width: expected no argument .*; write build_model\('linear'\)"),
        ("resnet20", {"depth": 21}, r"depth: expected 6 n \+ 2, such as 20 or 56, got 21"),
        ("resnet18", {"depth": 34}, "depth: expected 18, 50 or 152, got 34"),
        ("resnet18", {"skips": 1}, "skips: expected True or False, got 1"),
        ("vgg16", {"depth": 13}, "depth: expected 16 or 19, got 13"),
    ],
)
def test_options_that_a_net_does_not_have_are_named(name, options, message):
    with pytest.raises((TypeError, ValueError), match=message):
        build_model(name, **options)


def test_a_width_of_your_own_moves_the_parameters():
    assert parameters(without_numbers("fast", 10, 32, width=32)) == AT_32["fast_half"]
    assert parameters(without_numbers("small", 10, 32, width=8)) < AT_32["small"] / 8


def test_the_listing_of_deck_c_line_by_line():
    with torch.device("meta"):
        layers = [type(layer).__name__ for layer in alexnet(1000, 224)]
    convolutions = "Conv2d ReLU MaxPool2d Conv2d ReLU MaxPool2d Conv2d ReLU Conv2d ReLU Conv2d ReLU MaxPool2d"
    decisions = "Flatten Linear ReLU Dropout Linear ReLU Dropout Linear"
    assert layers == f"{convolutions} {decisions}".split()
