"""The layer table beside torch's own counter, and beside what one can count by hand."""

from xml.etree import ElementTree

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from lib.convnets.layer_rows import COLUMNS
from lib.convnets.layer_table import summarize
from lib.convnets.models import MODELS, build_model


def without_numbers(name, num_classes=10, input_size=32, **options):
    with torch.device("meta"):
        return build_model(name, num_classes, input_size, **options)


def operations_by_torch(model, *shape):
    """A multiply–add counts as two."""
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model.eval()(torch.empty(1, *shape, device=next(model.parameters()).device))
    return counter.get_total_flops()


class Doubling(nn.Module):
    def forward(self, x):
        return 2 * x


class Needing(nn.Module):
    """Looks at numbers, which an image on the meta device does not have."""

    def forward(self, x):
        return x if x.sum().item() < 1 else -x


# Beside torch ----------------------------------------------------------------------------------------


@pytest.mark.family(share=4)
@pytest.mark.parametrize("name", MODELS)
def test_every_net_costs_what_torch_counts(name):
    size = 64 if name == "alexnet" else 32
    model = without_numbers(name, 10, size)
    table = summarize(model, size)
    assert table.operations == operations_by_torch(model, 3, size, size)
    assert table.operations == 2 * table.multiply_adds
    assert table.parameters == sum(p.numel() for p in model.parameters())
    assert table.notes == ()
    assert table.rows[-1].output[0] == 10


@pytest.mark.family(share=4)
@pytest.mark.parametrize("name", ["alexnet", "vgg16", "vgg19", "resnet18", "resnet50", "resnet152"])
def test_nets_for_imagenet_cost_what_torch_counts(name):
    model = without_numbers(name, 1000, 224)
    assert summarize(model, 224).operations == operations_by_torch(model, 3, 224, 224)


@settings(max_examples=25, deadline=None)
@given(
    kind=st.sampled_from([nn.Conv2d, nn.ConvTranspose2d]),
    channels=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    groups=st.integers(1, 3),
    kernel_size=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    stride=st.integers(1, 2),
    padding=st.integers(0, 1),
    dilation=st.integers(1, 2),
    bias=st.booleans(),
)
def test_any_convolution_costs_what_torch_counts(kind, channels, groups, **geometry):
    into, out = (groups * n for n in channels)
    layer = kind(into, out, groups=groups, device="meta", **geometry)
    table = summarize(nn.Sequential(layer, nn.ReLU()), (into, 7, 9))
    assert table.operations == operations_by_torch(layer, into, 7, 9)


def test_convolutions_of_one_dimension_and_of_three_are_counted_too():
    model = nn.Sequential(nn.Flatten(2), nn.Conv1d(3, 4, 5), nn.ConvTranspose1d(4, 2, 3))
    assert summarize(model, (3, 5, 5)).operations == operations_by_torch(model, 3, 5, 5)
    model = nn.Sequential(nn.Unflatten(1, (1, 3)), nn.Conv3d(1, 4, 2), nn.ConvTranspose3d(4, 2, 2))
    assert summarize(model, (3, 5, 5)).operations == operations_by_torch(model, 3, 5, 5)


# By hand ---------------------------------------------------------------------------------------------


def test_the_rows_of_a_small_net_by_hand():
    layers = [nn.Conv2d(3, 8, 5), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]
    table = summarize(nn.Sequential(*layers, nn.Dropout(), nn.Linear(8 * 14 * 14, 10)), 32)
    found = [(row.kind, row.output, row.parameters, row.activations, row.multiply_adds) for row in table.rows]
    assert found == [
        ("Conv2d", (8, 28, 28), 3 * 25 * 8 + 8, 6272, 28 * 28 * 8 * 75),
        ("BatchNorm2d", (8, 28, 28), 16, 6272, 0),
        ("ReLU", (8, 28, 28), 0, 6272, 0),
        ("MaxPool2d", (8, 14, 14), 0, 1568, 0),
        ("Flatten", (1568,), 0, 0, 0),  # the same numbers, seen as a vector
        ("Dropout", (1568,), 0, 0, 0),  # does nothing in evaluation
        ("Linear", (10,), 15690, 10, 15680),
    ]
    assert [row.name for row in table.rows] == list("0123456")
    assert table.total.activation_bytes == 4 * (3 * 6272 + 1568 + 10)
    assert table.total.parameter_bytes == 4 * table.parameters
    assert table.total.memory == table.total.parameter_bytes + table.total.activation_bytes


def test_memory_follows_the_kind_of_number():
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())
    kinds = (torch.float, torch.bfloat16, torch.double)
    single, half, double = (summarize(model.to(kind), 8) for kind in kinds)
    assert single.total.memory == 2 * half.total.memory == double.total.memory / 2
    assert single.parameters == half.parameters == double.parameters


def test_a_skip_and_other_layers_that_hand_on_take_no_memory():
    rows = summarize(without_numbers("resnet20"), 32).rows
    assert {row.activations for row in rows if row.kind == "Identity"} == {0}
    assert summarize(nn.Sequential(nn.ReLU(inplace=True)), 8).rows[0].activations == 0
    assert summarize(nn.Sequential(nn.ReLU()), 8).rows[0].activations == 192


def test_width_depth_and_input_size_move_the_table():
    narrow, wide = (summarize(without_numbers("fast", width=width), 32) for width in (16, 32))
    assert 3 < wide.multiply_adds / narrow.multiply_adds < 4  # the square of the width, but for the stem
    shallow, deep = (summarize(without_numbers("resnet20", depth=depth), 32) for depth in (20, 38))
    assert len(deep.rows) > len(shallow.rows)
    small, large = (summarize(without_numbers("resnet18", 10, side), side) for side in (32, 64))
    assert small.parameters == large.parameters
    head = 512 * 10
    assert large.multiply_adds - head == 4 * (small.multiply_adds - head)


# Nets that are built otherwise -------------------------------------------------------------------------


def test_a_layer_of_unknown_kind_counts_nothing_and_the_table_says_so():
    table = summarize(nn.Sequential(nn.Conv2d(3, 2, 1), Doubling(), Doubling()), 4)
    assert [row.multiply_adds for row in table.rows] == [96, 0, 0]
    assert table.notes == ("Counted as 0 multiply–adds, as their kind is unknown: Doubling.",)
    assert table.notes[0] in repr(table)
    assert table.notes[0] in table._repr_html_()


def test_attention_is_of_unknown_kind_and_keeps_its_parameters():
    model = nn.Sequential(nn.Flatten(2), nn.TransformerEncoderLayer(16, 2, batch_first=True))
    table = summarize(model, (5, 4, 4))
    assert table.parameters == sum(p.numel() for p in model.parameters())
    assert "MultiheadAttention" in table.notes[0]
    assert "out_proj" in table.notes[1]  # its weights are used, but the layer is not called


def test_recurrent_layers_return_tuples_and_are_of_unknown_kind():
    table = summarize(nn.Sequential(nn.Flatten(2), nn.LSTM(16, 3, batch_first=True)), (5, 4, 4))
    assert table.rows[1].output == (5, 3)
    assert "LSTM" in table.notes[0]


def test_a_layer_of_your_own_made_from_a_known_one_is_known():
    class Mine(nn.Conv2d):
        pass

    table = summarize(nn.Sequential(Mine(3, 2, 1)), 4)
    assert (table.rows[0].kind, table.multiply_adds, table.notes) == ("Mine", 96, ())


def test_a_container_with_parameters_of_its_own_has_a_row():
    class Scaled(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale, self.body = nn.Parameter(torch.ones(4)), nn.Conv2d(3, 4, 1)

        def forward(self, x):
            return self.scale[:, None, None] * self.body(x)

    table = summarize(Scaled(), 4)
    assert [(row.name, row.kind, row.parameters) for row in table.rows] == [
        ("body", "Conv2d", 16),
        ("Scaled", "Scaled", 4),
    ]
    assert "Scaled" in table.notes[0]


def test_a_layer_that_is_called_twice_has_two_rows_and_its_parameters_once():
    layer = nn.Conv2d(3, 3, 3, padding=1)
    table = summarize(nn.Sequential(layer, nn.ReLU(), layer), 8)
    assert [row.parameters for row in table.rows] == [84, 0, 0]
    assert table.multiply_adds == 2 * 8 * 8 * 3 * 27


def test_weights_that_two_layers_share_count_once():
    first, second = nn.Conv2d(3, 3, 1, bias=False), nn.Conv2d(3, 3, 1, bias=False)
    second.weight = first.weight
    assert [row.parameters for row in summarize(nn.Sequential(first, second), 8).rows] == [9, 0]


def test_layers_that_are_not_called_are_told():
    model = nn.Sequential(nn.Conv2d(3, 2, 1))
    model.forward = lambda x: x
    table = summarize(model, 8)
    assert [(row.name, row.output, row.parameters) for row in table.rows] == [("0", None, 8)]
    assert "Not called, so only their parameters count: 0." in table.notes
    assert "not called" in repr(table)


def test_a_single_layer_is_a_net():
    assert summarize(nn.Conv2d(3, 2, 1), 4).rows[0].name == "Conv2d"
    assert summarize(nn.Sequential(), 4).notes == ()


def test_a_net_that_looks_at_numbers_is_run_on_zeros():
    table = summarize(nn.Sequential(nn.Conv2d(3, 2, 1), Needing(), nn.Conv2d(2, 1, 1)), 4)
    assert [row.multiply_adds for row in table.rows] == [96, 0, 32]


def test_weight_norm_does_not_hide_a_convolution():
    layer = nn.utils.parametrizations.weight_norm(nn.Conv2d(3, 2, 1))
    assert summarize(nn.Sequential(layer), 4).multiply_adds == 96


# The net stays as it is ---------------------------------------------------------------------------------


@pytest.mark.parametrize("fails", [False, True])
def test_the_net_stays_as_it_is(fails):
    model = build_model("vgg16")
    model[5].eval()
    modes = [layer.training for layer in model.modules()]
    before = {name: value.clone() for name, value in model.state_dict().items()}
    state = torch.get_rng_state()
    if fails:
        with pytest.raises(ValueError, match="input_size"):
            summarize(model, 16)
    else:
        summarize(model, 32)
    assert [layer.training for layer in model.modules()] == modes
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert all(p.grad is None and p.device.type == "cpu" for p in model.parameters())
    assert not any(layer._forward_hooks for layer in model.modules())
    assert torch.equal(torch.get_rng_state(), state)


# How it prints -------------------------------------------------------------------------------------------


def test_it_prints_as_columns():
    text = repr(summarize(build_model("linear"), 32))
    assert text.splitlines() == [
        "Sequential: its layers, for one image of 3 × 32 × 32",
        "",
        "name   kind     output  parameters  activations    memory  multiply–adds",
        "─" * 72,
        "0      Flatten  3072             0            0       0 B              0",
        "1      Linear   10          30,730           10  123.0 kB         30,720",
        "─" * 72,
        "total                       30,730           10  123.0 kB         30,720",
        "",
        "Operations, a multiply–add counted as one: 30,720; as two: 61,440.",
        "Memory: 122.9 kB of parameters, 40 B of activations.",
        *text.splitlines()[-1:],
    ]
    assert "Multiply–adds are those of convolutions and linear layers" in text


def test_its_html_is_a_table_with_headings_for_rows_and_columns():
    model = nn.Sequential()
    model.add_module("<b>", nn.Conv2d(3, 2, 1))
    html = ElementTree.fromstring(f"<div>{summarize(model, 4)._repr_html_()}</div>")
    assert [cell.text for cell in html.iterfind(".//thead/tr/th[@scope='col']")] == list(COLUMNS)
    assert [cell.text for cell in html.iterfind(".//th[@scope='row']")] == ["<b>", "total"]
    assert html.find(".//caption").text.endswith("3 × 4 × 4")
    assert {len(row) for row in html.iter("tr")} == {len(COLUMNS)}


# What is no net, no image ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("input_size", "message"),
    [
        (0, "summarize: input_size: expected a whole number of at least 1, got 0"),
        ("32", "summarize: input_size: expected a whole number of at least 1, got '32'"),
        (32.0, "summarize: input_size: expected a whole number of at least 1, got 32.0"),
        ((32, 32), r"summarize: input_size: expected a number of pixels, or \(C, H, W\), got \(32, 32\)"),
        ((3, 32, -1), "summarize: input_size: expected a whole number of at least 1, got -1"),
        (16, "input_size: expected images that the net takes, got 3 × 16 × 16; torch says: .+"),
        ((1, 32, 32), "input_size: expected images that the net takes, got 1 × 32 × 32; torch says: .+"),
    ],
)
def test_an_image_that_does_not_fit_is_named(input_size, message):
    with pytest.raises(ValueError, match=message):
        summarize(build_model("small"), input_size)


@pytest.mark.parametrize("model", ["small", nn.Conv2d, None, 3])
def test_what_is_no_net_is_named(model):
    with pytest.raises(ValueError, match="summarize: model: expected a net of torch, such as build_model"):
        summarize(model, 32)
