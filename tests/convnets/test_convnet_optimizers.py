"""What decays, what moves, and Muon beside torch's own."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny import net

from lib.convnets.muon import Muon, orthogonal
from lib.convnets.optimizers import make_optimizers
from lib.convnets.recipe import Recipe

SIDES = st.integers(1, 7)


def recipe(optimizer, **changes):
    return Recipe(1, 10, 0.1, optimizer, weight_decay=0.25).replace(**changes)


@pytest.mark.parametrize("optimizer", ["sgd", "adamw", "muon"])
def test_every_parameter_has_one_place_and_only_what_multiplies_decays(optimizer):
    model = net()
    model[0].weight.requires_grad_(False)  # as the whitened stem of `fast`
    groups = [g for o in make_optimizers(model, recipe(optimizer)) for g in o.param_groups]
    placed = [id(p) for group in groups for p in group["params"]]
    learnt = [p for p in model.parameters() if p.requires_grad]
    assert sorted(placed) == sorted(map(id, learnt))
    for group in groups:
        for parameter in group["params"]:
            assert group["weight_decay"] == (0.25 if parameter.ndim >= 2 else 0)


def test_muon_has_the_filters_and_adamw_the_rest():
    filters, rest = make_optimizers(net(), recipe("muon", momentum=0.6))
    assert isinstance(filters, Muon)
    assert isinstance(rest, torch.optim.AdamW)
    assert [p.ndim for p in filters.param_groups[0]["params"]] == [4, 4]
    assert filters.param_groups[0]["momentum"] == 0.6
    assert rest.param_groups[0]["betas"] == (0.9, 0.999)


def test_the_recipe_reaches_the_optimizer():
    (sgd,) = make_optimizers(net(), recipe("sgd", momentum=0.7, nesterov=False))
    assert {(g["momentum"], g["nesterov"]) for g in sgd.param_groups} == {(0.7, False)}
    (adamw,) = make_optimizers(net(), recipe("adamw", momentum=0.8))
    assert {g["betas"] for g in adamw.param_groups} == {(0.8, 0.999)}


def test_a_net_of_filters_only_needs_muon_alone():
    (muon,) = make_optimizers(torch.nn.Conv2d(3, 4, 3, bias=False), recipe("muon"))
    assert isinstance(muon, Muon)


@settings(max_examples=40)
@given(count=st.integers(1, 4), rows=SIDES, columns=SIDES, seed=st.integers(0, 2**32 - 1))
def test_singular_values_become_about_one_and_their_vectors_stay(count, rows, columns, seed):
    generator = torch.Generator().manual_seed(seed)
    matrices = torch.randn(count, rows, columns, generator=generator, dtype=torch.double)
    u, s, v = torch.linalg.svd(matrices, full_matrices=False)
    ours = orthogonal(matrices)
    inner = u.mT @ ours @ v.mT  # diagonal: the new singular values
    new = torch.diagonal(inner, dim1=1, dim2=2)
    torch.testing.assert_close(inner, torch.diag_embed(new), atol=1e-9, rtol=0)
    large = s > 0.05 * matrices.norm(dim=(1, 2))[:, None]
    assert ((new > 0.5) & (new < 1.3))[large].all()


def test_a_gradient_of_zeros_moves_nothing():
    assert torch.equal(orthogonal(torch.zeros(2, 3, 4)), torch.zeros(2, 3, 4))


@pytest.mark.skipif(not hasattr(torch.optim, "Muon"), reason="this torch has no Muon")
@settings(max_examples=25, deadline=None)
@given(
    shapes=st.lists(st.tuples(SIDES, SIDES, st.integers(1, 3)), min_size=1, max_size=4),
    nesterov=st.booleans(),
    momentum=st.sampled_from([0.0, 0.6, 0.95]),
    weight_decay=st.sampled_from([0.0, 0.1]),
    seed=st.integers(0, 2**32 - 1),
)
def test_muon_is_that_of_torch_on_flat_filters(shapes, nesterov, momentum, weight_decay, seed):
    generator = torch.Generator().manual_seed(seed)

    def draw(shape):
        return torch.randn(shape, generator=generator, dtype=torch.double)

    ours = [torch.nn.Parameter(draw((out, of, k, k))) for out, of, k in [*shapes, *shapes[:2]]]
    ours[0].data = ours[0].data.contiguous(memory_format=torch.channels_last)
    theirs = [torch.nn.Parameter(p.detach().flatten(1).clone()) for p in ours]
    arguments = {"lr": 0.05, "momentum": momentum, "nesterov": nesterov, "weight_decay": weight_decay}
    optimizers = (
        Muon(ours, **arguments),
        torch.optim.Muon(theirs, **arguments, adjust_lr_fn="match_rms_adamw"),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.Tensor, "bfloat16", torch.Tensor.clone)  # torch's would round to 8 bits
        for rate in (0.05, 0.02, 0.01):
            for one, other in zip(ours, theirs, strict=True):
                one.grad = draw(one.shape)
                other.grad = one.grad.flatten(1).clone()
            for optimizer in optimizers:
                optimizer.param_groups[0]["lr"] = rate
                optimizer.step()
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one.detach().flatten(1), other.detach(), atol=1e-9, rtol=1e-9)


def test_muon_in_16_bits_is_close_to_muon_in_32():
    torch.manual_seed(0)
    weights = [torch.nn.Parameter(torch.randn(8, 4, 3, 3)) for _ in range(2)]
    before = weights[0].detach().clone()
    weights[1].data = before.clone()
    gradient = torch.randn(8, 4, 3, 3)
    for weight, dtype in zip(weights, (None, torch.bfloat16), strict=True):
        weight.grad = gradient.clone()
        Muon([weight], 0.1, dtype=dtype).step()
    moved, also = (weight.detach() - before for weight in weights)
    assert (moved - also).norm() < 0.05 * moved.norm()


def test_a_weight_without_a_gradient_stays_with_muon():
    still, moving = (torch.nn.Parameter(torch.ones(2, 2, 3, 3)) for _ in range(2))
    moving.grad = torch.randn(2, 2, 3, 3)
    Muon([still, moving], 0.1).step()
    assert torch.equal(still, torch.ones(2, 2, 3, 3))
    assert not torch.equal(moving, torch.ones(2, 2, 3, 3))
