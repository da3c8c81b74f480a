"""lib/demos/net_sizes.py and net_plans.py: every number is that of the nets themselves, at any size."""

import numpy as np
import pytest
import torch
from torch import nn

from lib.convnets.layer_table import summarize
from lib.convnets.models import build_model
from lib.convnets.models.resnet import cifar_resnet
from lib.demos.net_plans import PLANS, Walk, pieces_of
from lib.demos.net_sizes import (
    BASE,
    COUNTING,
    LARGEST,
    SLANT,
    NetSizesDemo,
    box_faces,
    compute,
    height_of,
    pixels_of,
    rounded,
)

NETS = {name: (name, {}) for name in PLANS if name != "alexnet 2012"} | {
    "alexnet 2012": ("alexnet", {"groups": 2})
}
COLUMNS = ("parameters", "activations", "multiply_adds")


def measured(model, pixels):
    """(parameters, activations, multiply–adds) of each layer with weights and of what follows it."""
    rows = []
    for row in summarize(model, pixels).rows:
        if row.kind in ("Conv2d", "Linear"):
            rows.append([0, 0, 0])
        if rows:
            rows[-1] = [total + getattr(row, name) for total, name in zip(rows[-1], COLUMNS, strict=True)]
    return rows


def planned(net, pixels, **sizes):
    return [[getattr(piece, name) for name in COLUMNS] for piece in pieces_of(net, pixels, **sizes)]


@pytest.mark.parametrize("net", PLANS)
@pytest.mark.parametrize("larger", [0, 32])
def test_every_row_is_that_of_the_net(net, larger):
    name, options = NETS[net]
    pixels = PLANS[net].pixels + larger
    with torch.device("meta"):
        model = build_model(name, 1000 if PLANS[net].pixels == 224 else 10, pixels, **options)
    assert planned(net, pixels) == measured(model, pixels)


@pytest.mark.parametrize(
    ("net", "width", "built"),
    [
        ("small", 0.5, ("small", {"width": 16})),
        ("small", 1.75, ("small", {"width": 56})),
        ("fast", 0.5, ("fast_half", {})),
        ("fast", 1.5, ("fast", {"width": 96})),
        ("resnet20", 0.5, ("resnet20", {"width": 8})),
        ("resnet20", 2.0, ("resnet20", {"width": 32})),
    ],
)
def test_width_is_that_of_the_net(net, width, built):
    name, options = built
    with torch.device("meta"):
        assert planned(net, 32, width=width) == measured(build_model(name, 10, 32, **options), 32)


@pytest.mark.parametrize(("depth", "layers"), [(1.0, 20), (2.0, 38)])
def test_depth_repeats_the_blocks(depth, layers):
    with torch.device("meta"):
        model = cifar_resnet(10, 32, depth=layers)
    assert planned("resnet20", 32, depth=depth) == measured(model, 32)
    assert [len(pieces_of("vgg16", 224, depth=d)) for d in (0.5, 1, 1.5, 2)] == [11, 16, 24, 29]


class Built(Walk):
    """Builds with torch what it walks through."""

    def __init__(self, pixels):
        super().__init__(pixels)
        self.layers = []

    def conv(
        self, channels, kernel=3, *, stride=1, padding=None, groups=1, norm=False, bias=True, active=True
    ):
        made = nn.Conv2d(self.channels, channels, kernel, stride, kernel // 2 if padding is None else padding,
                         groups=groups, bias=bias)  # fmt: skip
        self.layers += [made, *[nn.BatchNorm2d(channels)] * norm, *[nn.ReLU()] * active]
        super().conv(
            channels,
            kernel,
            stride=stride,
            padding=padding,
            groups=groups,
            norm=norm,
            bias=bias,
            active=active,
        )

    def linear(self, features, *, norm=False, bias=True, active=True):
        self.layers += [nn.Flatten(), nn.Linear(self.channels * self.side**2, features, bias=bias)]
        self.layers += [nn.ReLU()] * active
        super().linear(features, norm=norm, bias=bias, active=active)

    def pool(self, kernel, stride=None, *, padding=0):
        self.layers.append(nn.MaxPool2d(kernel, stride, padding))
        super().pool(kernel, stride, padding=padding)


@pytest.mark.parametrize("net", ["alexnet", "alexnet 2012", "vgg16", "vgg19", "small"])
@pytest.mark.parametrize(("width", "depth", "pixels"), [(0.25, 2.0, 96), (1.75, 0.5, 208)])
def test_any_width_depth_and_size_of_nets_without_skips(net, width, depth, pixels, monkeypatch):
    made = []
    monkeypatch.setattr("lib.demos.net_plans.Walk", lambda size: made.append(Built(size)) or made[-1])
    with torch.device("meta"):
        plan = planned(net, pixels, width=width, depth=depth)
        assert plan == measured(nn.Sequential(*made[0].layers), pixels)


def test_images_too_small_have_no_layers():
    assert pieces_of("alexnet", 62) == []
    assert pieces_of("alexnet", 63)
    demo = NetSizesDemo(pixels=48)
    assert demo.said() == "Images of 48 × 48 are too small for AlexNet: its maps would vanish."
    assert demo.touches["on_net"].dragged(demo, 1, 1.0, 0) == {}
    assert len(demo.touches["on_net"].marks(demo)) == 1


def test_operations_are_counted_both_ways():
    once, apart = (compute("vgg19", 224, counting=way) for way in COUNTING)
    assert once.totals[3] == 19_632_062_464
    assert apart.totals[3] == 2 * once.totals[3]
    assert (apart.totals[:3] == once.totals[:3]).all()
    assert once.totals[2] == 4 * (once.totals[0] + once.totals[1])  # bytes


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("net", "lenet", "^net: expected 'alexnet'"),
        ("pixels", 0, "^pixels: expected a whole number of at least 1, got 0"),
        ("width", 0, "^width: expected "),
        ("depth", -1, "^depth: expected "),
        ("look", 101, "^look: expected "),
        ("counting", "both", "^counting: expected "),
    ],
)
def test_bad_input_is_refused_by_name(name, value, message):
    with pytest.raises(ValueError, match=message):
        compute(**{"net": "alexnet", "pixels": 224} | {name: value})


def test_the_image_is_dragged_by_its_top_and_a_layer_is_chosen_by_a_click():
    demo = NetSizesDemo()
    touch = demo.touches["on_net"]
    top, layer = touch.marks(demo)
    assert top.name == "image: 224 pixels"
    assert layer.name == "layer 6: linear, 9,216 → 4,096"
    assert touch.dragged(demo, 0, 0, BASE + height_of(130)) == {"pixels": 128}
    assert touch.dragged(demo, 0, 0, -1) == {"pixels": 16}
    assert touch.stepped(demo, 0, 0, 1) == {"pixels": 240}
    for place in range(8):
        demo.set(**touch.clicked(demo, demo.middle_of(place), 0.5))
        assert demo.state.chosen == place
    demo.set(**touch.stepped(demo, 1, -1, 0))
    assert demo.state.chosen == 6
    assert touch.clicked(demo, -5, 0) == {"look": 0}
    assert touch.clicked(demo, 99, 0) == {"look": 100}


@pytest.mark.parametrize("preset", NetSizesDemo.presets)
def test_every_layer_of_a_net_can_be_reached(preset):
    demo = NetSizesDemo(**NetSizesDemo.presets[preset])
    touch, count = demo.touches["on_net"], len(demo.state.pieces)
    for place in {0, 1, count // 2, count - 1}:
        demo.set(**touch.looked_at(demo, place))
        assert demo.state.chosen == place


def test_boxes_and_bars_stand_where_the_layers_are():
    demo = NetSizesDemo(net="vgg16")
    fronts = np.array([path.vertices[:4] for path in demo.faces.get_paths()[::3]])
    middles = fronts[:, :2, 0].mean(axis=1)
    bars = np.array([path.vertices[:4] for path in demo.bars.get_paths()])
    assert len(fronts) == 17  # the image, too
    assert (np.diff(middles) > 0).all()
    np.testing.assert_allclose(bars[:16, :2, 0].mean(axis=1), [demo.middle_of(i) for i in range(16)])
    heights = (bars[:, 2, 1] - bars[:, 1, 1]).reshape(4, 16)
    numbers = demo.state.numbers
    shares = numbers / numbers.max(axis=1, keepdims=True)
    np.testing.assert_allclose(heights / heights.max(axis=1, keepdims=True), shares)
    assert demo.bars.get_facecolor()[15].tolist() != demo.bars.get_facecolor()[0].tolist()


def test_the_largest_image_fits_into_the_picture():
    demo = NetSizesDemo(pixels=LARGEST)
    assert BASE + (1 + SLANT[1]) * height_of(LARGEST) < demo.net_high


def test_a_box_is_as_high_as_its_maps():
    front, top, side = box_faces(1, 0, 0.5, 2)
    assert front[2] - front[0] == pytest.approx([0.5, 2])
    assert (front[3] == top[0]).all()
    assert (front[1] == side[0]).all()
    assert pixels_of(height_of(112)) == pytest.approx(112)


def test_what_it_says_is_what_the_table_says():
    demo = NetSizesDemo()
    assert demo.said() == (
        "AlexNet at 224 × 224: 62.4 million parameters, 255 MB and 1.14 billion multiply–adds an image. "
        "Layer 6 holds 61 % of the parameters and does 3.3 % of the work."
    )
    assert round(100 * 37_752_832 / 62_378_344) == 61
    demo.set(**demo.preset("AlexNet of 2012"))
    assert "61.0 million parameters, 250 MB and 1.45 billion multiplications and additions" in demo.said()
    assert [rounded(n) for n in (999, 1e6, 999.6e6, 2.5e12)] == [
        "999",
        "1.00 million",
        "1,000 million",
        "2.50 trillion",
    ]
