"""The net with mirror symmetry: its parts against plain ones, and the symmetry itself."""

import pytest
import torch
from torch import nn

from lib.convnets.bridge import from_torch
from lib.convnets.models import build_model, whiten
from lib.convnets.models.fast import PATCH
from lib.convnets.models.mirror import MirrorConv2d, PairNorm2d, other_half, partners_in_stem


@pytest.fixture
def numbers():
    """Random numbers of a shape, in float64."""
    generator = torch.Generator().manual_seed(0)
    return lambda *shape: torch.randn(shape, generator=generator, dtype=torch.float64)


def trained_somehow(numbers, classes=7, size=32, width=4):
    """A net whose weights, running means and stem are somewhere, as after a training."""
    model = build_model("fast_mirror", classes, size, width=width, seed=1)
    whiten(model, (numbers(50, 3, 8, 8).cumsum(3) + numbers(50, 1, 8, 1)).float())
    model.double()
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data += 0.1 * numbers(*parameter.shape)
    model(numbers(6, 3, size, size))
    return model


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("size", [16, 32, 64])
def test_an_image_and_its_mirror_image_have_the_same_scores(size, training, numbers):
    model, x = trained_somehow(numbers, size=size).train(training), numbers(6, 3, size, size)
    scores = model(x)
    torch.testing.assert_close(model(x.flip(3)), scores, rtol=1e-10, atol=1e-10)
    assert (model(x.flip(2)) - scores).abs().max() > 1e-3  # upside down is another image
    assert (scores - scores.mean(0)).abs().max() > 1e-3


def test_a_weight_learns_the_same_from_an_image_and_its_mirror_image(numbers):
    model, x = trained_somehow(numbers), numbers(5, 3, 32, 32)
    gradients = []
    for images in (x, x.flip(3)):
        model.zero_grad()
        nn.functional.cross_entropy(model(images), torch.tensor([0, 3, 3, 1, 2])).backward()
        gradients.append([p.grad.clone() for p in model.parameters() if p.requires_grad])
    for one, other in zip(*gradients, strict=True):
        assert one.abs().max() > 0
        torch.testing.assert_close(one, other, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize(
    ("channels", "width", "partners"), [(24, 6, partners_in_stem()), (6, 8, other_half(6))]
)
def test_what_a_filter_finds_its_partner_finds_in_the_mirror_image(channels, width, partners, numbers):
    layer, x = MirrorConv2d(channels, width, partners).double(), numbers(2, channels, 5, 7)
    mirrored = x[:, partners].flip(3)  # the same of the mirror image
    torch.testing.assert_close(layer(mirrored), layer(x)[:, other_half(width)].flip(3))
    plain = nn.Conv2d(channels, width // 2, 3, padding=1, bias=False).double()
    plain.weight = layer.weight
    torch.testing.assert_close(layer(x)[:, : width // 2], plain(x))
    assert torch.autograd.gradcheck(
        lambda x, w: torch.func.functional_call(layer, {"weight": w}, x),
        (x[:1].requires_grad_(), layer.weight),
    )


@pytest.mark.parametrize("memory", [torch.contiguous_format, torch.channels_last])
def test_both_of_a_pair_are_scaled_alike(memory, numbers):
    ours, plain = PairNorm2d(6, momentum=0.3).double(), nn.BatchNorm2d(3, momentum=0.3).double()
    for norm in (ours, plain):
        norm.weight.data[:] = torch.tensor([0.5, 1, 2])
        norm.bias.data[:] = torch.tensor([-1.0, 0, 1])
    for training in (True, True, False):
        ours.train(training)
        plain.train(training)
        x = numbers(4, 6, 5, 7).to(memory_format=memory)
        wanted = torch.cat(plain(torch.cat(x.chunk(2, 1))).chunk(2), 1)  # more images, with half the channels
        torch.testing.assert_close(ours(x), wanted)
        torch.testing.assert_close(ours.running_mean, plain.running_mean)
    x = numbers(2, 6, 2, 3).requires_grad_()
    assert torch.autograd.gradcheck(ours.train(), (x,))


def test_the_whitened_stem_has_partners_and_uncorrelated_patches(numbers):
    images = (numbers(400, 3, 12, 12).cumsum(3) + 2 * numbers(400, 1, 12, 1)).float()
    both = torch.cat([images, images.flip(3)])
    model = build_model("fast_mirror")
    before = model.stem.weight.clone()
    whiten(model, both, smoothing=0)
    weight = model.stem.weight
    assert not torch.allclose(weight, before)
    torch.testing.assert_close(weight[partners_in_stem()], weight.flip(3))
    found = model.stem(both).detach()[:, : 3 * PATCH**2].transpose(0, 1).flatten(1)
    torch.testing.assert_close(torch.cov(found), torch.eye(12), rtol=0, atol=0.02)


def test_it_begins_as_the_identity():
    stages = build_model("fast_mirror").stages
    x = torch.randn(2, 80, 5, 5)
    torch.testing.assert_close(stages[2][0](x)[:, :80], x)


def test_an_odd_width_is_refused():
    with pytest.raises(ValueError, match=r"fast_mirror: width: expected an even number, .* got 7"):
        build_model("fast_mirror", width=7)


def test_the_numpy_library_says_that_it_has_no_such_layer():
    with pytest.raises(ValueError, match=r"expected a layer that lib.nn has too, got MirrorConv2d"):
        from_torch(MirrorConv2d(4, 4, other_half(4)))
