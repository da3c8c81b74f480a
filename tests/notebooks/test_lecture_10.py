"""What the predictions of lecture 10 call true is what the library and its cells compute."""

from contextlib import nullcontext

import numpy as np
import pytest
import torch
from lecture_cells import LECTURES, cells_of, sources_with_solutions

from lib.convnets import explain
from lib.convnets.demos.sight import new_pictures
from lib.convnets.layer_table import summarize
from lib.convnets.models import build_model
from lib.convnets.models.resnet import zero_padding
from lib.convnets.studies import depth
from lib.convnets.trained import trained
from lib.demos import net_sizes
from lib.lessons.predictions import find_prediction

SOURCES = sources_with_solutions(cells_of(LECTURES / "10_architectures.ipynb"))
HERE = {
    "np": np, "torch": torch, "nn": torch.nn, "explain": explain, "trained": trained,
    "new_pictures": new_pictures, "build_model": build_model,
    "zero_padding": zero_padding, "after": lambda name: nullcontext(),
}  # fmt: skip


def run(*cells):
    """The names that these cells define, run by themselves with our solutions."""
    names = dict(HERE)
    for cell in cells:
        exec(SOURCES[cell], names)
    return names


def truth(name):
    return find_prediction(f"10.{name}").true()


def table(name, **options):
    with torch.device("meta"):
        return summarize(build_model(name, 1000, 224, **options), 224)


def test_weights_are_in_the_linear_layers_and_work_in_the_convolutions():
    names = run("conv-cost", "alexnet-by-hand")
    parameters, work = names["parameters"], names["work"]
    shares = [100 * numbers[:5].sum() / numbers.sum() for numbers in (parameters, work)]
    assert truth("conv_share") == pytest.approx(shares, abs=0.05)
    assert work.argmax() == 1
    assert work[1] / work.sum() == pytest.approx(2 / 5, abs=0.02)


def test_twice_the_width_is_almost_four_times_the_parameters():
    once, twice = (net_sizes.compute("alexnet", 224, width).totals[0] for width in (1, 2))
    assert truth("twice_as_wide") == pytest.approx(twice / once, abs=0.005)


def test_the_curve_of_small_kernels_is_what_the_exercise_computes():
    small_kernels = run("small-kernels")["small_kernels"]
    for k in (3, 5, 7, 15):
        _, deep, wide = small_kernels(k, 256)
        assert truth("share_of_small")(np.array(k)) == pytest.approx(100 * deep / wide)


def test_the_module_without_its_one_by_one_layers():
    names = run("inception-code", "inception-exercise", "inception-count")
    assert truth("without_front") == pytest.approx(names["without"] / names["weights"], abs=0.005)


def test_the_plain_nets_end_where_the_prediction_says():
    curves = {name: 100 * seeds.mean(axis=0) for name, seeds in depth.curves_of("train_accuracy").items()}
    np.testing.assert_allclose(truth("plain_56")(np.arange(1, 17)), curves["plain56"], atol=0.051)
    assert "names 51 %" in find_prediction("10.plain_56").question
    assert round(curves["plain20"][-1]) == 51
    assert "at 13 %" in find_prediction("10.plain_56").sentence


def test_the_slope_of_a_chain_with_the_wire_and_without():
    assert truth("skip_slope") == pytest.approx((0.1**27, 1.1**27), rel=0.01)


def test_the_wire_to_a_new_shape_is_that_of_resnet20(capsys):
    run("shortcut", "shortcut-library")
    assert capsys.readouterr().out.strip() == "(32, 16, 16) as the library's: True"


def test_resnet_152_has_fewer_parameters_and_does_less_work_than_vgg_19():
    deep, wide = (net_sizes.compute(net, 224).totals for net in ("resnet152", "vgg19"))  # as the demo counts
    assert truth("resnet_152") == "fewer parameters and less work"
    assert deep[0] < wide[0]
    assert deep[3] < wide[3]
    assert f"{deep[0] / 1e6:.0f} {deep[3] / 1e9:.1f}" == "60 11.5"


def test_the_demo_does_not_tell_the_size_of_resnet_152():
    assert "resnet152" not in net_sizes.NetSizesDemo.net.options
    assert "resnet50" in net_sizes.NetSizesDemo.net.options


def test_four_times_the_pixels_are_4_7_times_the_numbers_of_the_first_linear_layer():
    before, after = (
        next(p for p in net_sizes.compute("alexnet", pixels).pieces if p.kind == "linear").parameters
        for pixels in (224, 448)
    )
    assert f"{after / before:.1f}" == "4.7"


def test_vgg_19_beside_the_alexnet_of_2012():
    wide, of_2012 = table("vgg19"), table("alexnet", groups=2)
    assert truth("vgg_times") == round(wide.multiply_adds / of_2012.multiply_adds)


def test_the_activations_of_a_batch_of_128():
    total = table("vgg19").total
    assert truth("activations") == pytest.approx(128 * total.activation_bytes / 1e9, abs=0.05)
    assert f"{3 * total.parameter_bytes / 1e9:.1f}" == "1.7"


def test_images_a_second_at_100_billion_operations():
    assert truth("images_a_second") == int(100e9 / table("alexnet").operations)


def test_the_smallest_noise_that_changes_the_answer(capsys):
    run("trained", "adversary", "fgsm-code")
    answers = [line.split()[2:4] for line in capsys.readouterr().out.splitlines()[-5:]]
    assert next(noise for noise, answer in answers if answer != "ring") == truth("epsilon")


def test_maps_of_saliency_are_more_alike_than_those_of_grad_cam(capsys):
    capsys.readouterr()
    run("trained", "sanity-code")
    saliency, grad_cam = capsys.readouterr().out.splitlines()[-2:]
    alike, other = (float(line.split("nets")[1].split(",")[0]) for line in (saliency, grad_cam))
    assert truth("sanity") == saliency.split()[0] == "saliency"
    assert alike == pytest.approx(0.3, abs=0.1)
    assert other == pytest.approx(0, abs=0.1)


def test_grad_cam_by_hand_is_that_of_the_library():
    names = run("trained", "grad-cam", "grad-cam-by-hand")
    np.testing.assert_allclose(names["heat"], names["library"], atol=1e-6)
    assert names["heat"].shape == (7, 7)
    assert names["heat"].max() > 0
