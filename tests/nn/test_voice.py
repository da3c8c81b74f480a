"""Errors speak with one voice, `NAME: ARGUMENT: expected WHAT, got WHAT; do THIS`, and hints help."""

import re

import numpy as np
import pytest
from examples import CRITERIA, LAYERS, criterion, layer

from lib import nn
from lib.nn.arguments import check_images

VOICE = re.compile(r"[^:]+: [\w\[\]]+: expected [^;]+, got [^;]+(; [^;]+)?", re.DOTALL)
ANYTHING = [
    *(np.ones(shape) for shape in [(), (1,), (3,), (3, 4), (0, 3), (3, 5, 6), (4, 6, 6), (2, 0, 4, 4)]),
    *(np.ones(shape) for shape in [(2, 6, 6, 4), (2, 4, 1, 1), (2, 3, 6, 6), (2, 4, 0, 0), (1, 1, 1, 1, 1)]),
    [np.ones(3)],
    [np.ones(3), np.ones(2)],
    [],
    np.ones((2, 4, 6, 6), int),
    "x",
    None,
]


def spoken(error):
    assert VOICE.fullmatch(str(error)), str(error)


@pytest.mark.parametrize("name", LAYERS)
def test_whatever_a_layer_refuses_it_says_what_it_expected_and_what_it_got(name):
    refused = 0
    for value in ANYTHING:
        try:
            layer(name)[0].forward(value)
        except ValueError as error:
            refused += 1
            spoken(error)
    assert refused


@pytest.mark.parametrize("name", LAYERS)
def test_backward_does_so_too(name):
    module, x = layer(name)
    output = module.forward(x)
    for value in ANYTHING:
        with pytest.raises(ValueError, match="expected") as caught:
            module.backward(x, value)
        spoken(caught.value)
    other = [part + 1 for part in x] if isinstance(x, list) else x + 1
    with pytest.raises(ValueError, match="other numbers") as caught:
        module.backward(other, output)
    spoken(caught.value)


@pytest.mark.parametrize("name", CRITERIA)
def test_criteria_do_so_too(name):
    made, x, target = criterion(name)
    refused = 0
    for value in ANYTHING:
        for arguments in ((value, target), (x, value)):
            try:
                made.forward(*arguments)
            except ValueError as error:
                refused += 1
                spoken(error)
    assert refused > len(ANYTHING)


# One image without its batch.


IMAGE_LAYERS = ["Conv2d", "ConvTranspose2d", "MaxPool2d", "AvgPool2d", "AdaptiveAvgPool2d"]
IMAGE_LAYERS += ["BatchNorm2d", "Upsample", "Dropout2d"]


@pytest.mark.parametrize("name", IMAGE_LAYERS)
def test_for_one_image_there_is_a_hint_that_works(name):
    module, x = layer(name)
    with pytest.raises(ValueError, match=r"got shape \(4, 6, 6\); one image is x\[None\]$"):
        module.forward(x[0])
    module.eval().forward(x[0][None])


@pytest.mark.parametrize(
    ("shape", "channels", "advice"),
    [
        ((4, 6, 6), 4, "; one image is x[None]"),
        ((4, 6, 6), None, "; one image is x[None]"),
        ((6, 6, 4), 4, "; one image is x.transpose(2, 0, 1)[None]"),
        ((4, 4, 4), 4, "; one image is x[None]"),
        ((2, 6, 6, 4), 4, "; channels come before rows and columns: x.transpose(0, 3, 1, 2)"),
        ((2, 3, 6, 6), 4, ""),
        ((6, 6), None, ""),
        ((2, 4, 1, 6), 4, ""),
    ],
)
def test_images_get_the_hint_that_fits(shape, channels, advice):
    with pytest.raises(ValueError, match="expected") as caught:
        check_images("Layer", np.ones(shape), channels, least=(2, 2))
    expected = f"Layer: x: expected (N, {channels or 'C'}, H ≥ 2, W ≥ 2), got shape {shape}{advice}"
    assert str(caught.value) == expected


@pytest.mark.parametrize("shape", [(2, 3, 5, 4), (3, 60), (1, 3, 4, 5)])
def test_flatten_is_recommended_to_linear_only_where_it_helps(shape):
    x = np.ones(shape)
    layer, message = nn.Linear(60, 2), ""
    try:
        layer(x)
    except ValueError as error:
        message = str(error)
    assert ("put Flatten() before it" in message) == (x.ndim > 2)
    nn.Sequential(nn.Flatten(), layer)(x)


def test_flatten_is_not_recommended_where_it_does_not_help():
    with pytest.raises(ValueError, match=r"Linear\(8 -> 8\): x: expected \(N, 8\), got shape \(2, 8, 3\)$"):
        nn.Linear(8, 8)(np.ones((2, 8, 3)))


# Python's own errors name the class that was written.


@pytest.mark.parametrize("name", [*LAYERS, *CRITERIA])
def test_an_unknown_keyword_is_answered_in_the_name_of_the_class(name):
    with pytest.raises(TypeError) as caught:
        getattr(nn, name)(colour="red")
    spoken(caught.value)
    right = rf"{name}: colour: expected no argument of this name, got colour='red'; write {name}\("
    assert re.match(right, str(caught.value)), str(caught.value)


@pytest.mark.parametrize("name", [*LAYERS, *CRITERIA])
def test_too_many_arguments_are_answered_in_the_name_of_the_class(name):
    if name in ("Sequential", "ConcatTable", "Concat", "Residual", "Reshape"):  # they take any number
        return
    with pytest.raises(TypeError) as caught:
        getattr(nn, name)(*[1] * 20)
    spoken(caught.value)
    right = (
        rf"{name}: arguments: expected (at most \d+ in order|none without its name), got 20; write {name}\("
    )
    assert re.match(right, str(caught.value)), str(caught.value)
    for words in ("annotation", "self", "'int"):
        assert words not in str(caught.value)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (
            lambda: nn.Linear(3),
            r"^Linear: out_features: expected a value, got none; write Linear\(in_features, ",
        ),
        (
            lambda: nn.BatchNorm2d(),
            r"^BatchNorm2d: num_features: expected a value, got none; write BatchNorm2d",
        ),
        (lambda: nn.Concat(), r"^Concat: dim: expected a value, got none; write Concat\(dim, \*modules\)$"),
        (lambda: nn.Linear(3, 2, in_features=3), r"^Linear: in_features: expected one value, got two; write"),
        (lambda: nn.ReLU(True), r"^ReLU: arguments: expected none without its name, got 1; write ReLU\(\)$"),
        (lambda: nn.MSELoss("sum"), r"^MSELoss: arguments: .*; write MSELoss\(\*, reduction='mean'\)$"),
        (lambda: type("Mine", (nn.ReLU,), {})(3), r"^Mine: arguments: expected none"),
        (lambda: nn.ReLU(inplace=True), r"got inplace=True; write ReLU\(\), since nothing works in place: "),
        (lambda: nn.Conv2d(3, 8, 3, dtype="f"), r"got dtype='f'; write Conv2d\(.*\), since arrays lie in"),
    ],
)
def test_a_wrong_call_is_answered_by_a_right_one(call, sentence):
    with pytest.raises(TypeError, match=sentence) as caught:
        call()
    spoken(caught.value)
    assert caught.value.__context__ is None  # nothing of Python's own is shown above it


def test_a_parent_that_is_called_wrongly_is_named_itself():
    class Mine(nn.Linear):
        def __init__(self):
            super().__init__(3)

    with pytest.raises(TypeError, match=r"^Linear: out_features: expected a value, got none; write Linear"):
        Mine()


def test_a_fault_further_inside_stays_as_it_is():
    with pytest.raises(TypeError, match=r"^Sequential: modules: expected a module, got int 3$"):
        nn.Sequential(3)


def test_an_empty_constructor_lets_those_behind_it_run():
    class Other:
        def __init__(self):
            self.made = True

    assert type("Mine", (nn.ReLU, Other), {})().made


def test_a_class_of_ones_own_keeps_its_constructors_as_python_has_them():
    class Base(nn.Module):
        def __init__(self, a):
            self.a = a

    class Left(Base):
        pass

    class Right(Base):
        def __init__(self, a):
            super().__init__(a + 1)

    class Both(Left, Right):
        pass

    assert Both(1).a == 2  # Left must not have got an __init__ of its own
    with pytest.raises(TypeError, match=r"Base\.__init__\(\) missing 1 required"):
        Left()


# Slips in a layer of one's own.


class Twice(nn.Module):
    def update_output(self, x):
        return 2 * x

    def update_grad_input(self, x, grad_output):
        return 2 * grad_output


@pytest.mark.parametrize("attribute", ["parameter_names", "buffer_names"])
def test_a_missing_comma_is_said_before_anything_is_learnt_or_saved(attribute, tmp_path):
    module = type("Slip", (Twice,), {attribute: ("scale")})()
    later = Twice()
    setattr(later, attribute, "scale")
    for slip in (module, later, nn.Sequential(module)):
        message = (
            rf"\(\): {attribute}: expected a tuple of names, got 'scale'; write a comma: .*\('scale',\)$"
        )
        with pytest.raises(TypeError, match=message):
            slip.save(tmp_path / "slip.npz")
        if attribute == "parameter_names":
            with pytest.raises(TypeError, match=message):
                slip.zero_grad_parameters()
    assert not list(tmp_path.iterdir())


def test_parameters_that_cannot_be_learnt_are_named():
    module = type("Scale", (Twice,), {"parameter_names": ("factor",)})()
    with pytest.raises(
        ValueError,
        match=r"Scale\(\): parameter_names: expected names of its attributes, got 'factor', and there is no",
    ):
        module.parameters()
    module.factor = 1.5
    with pytest.raises(
        ValueError, match=r"Scale\(\): factor: expected a numpy array, got 1.5; self.factor = np.array"
    ):
        module.parameters()
    module.factor, module.grad_factor = np.ones(3, np.float32), np.zeros((3, 1), np.float32)
    with pytest.raises(ValueError, match=r"grad_factor: expected \(3,\), as factor has, got shape \(3, 1\)"):
        module.parameters()

    module.grad_factor = None
    with pytest.raises(ValueError, match=r"factor is learnt, got None; make it in __init__") as caught:
        module.parameters()
    spoken(caught.value)


def shared_by_half():
    network = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    network[1].weight = network[0].weight
    network.parameters()


def too_early(made, *target):
    made.backward(np.ones((1, 2)), *(target or [np.ones((1, 2))]))


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (
            shared_by_half,
            r"grad_weight: expected that of the layer with which weight is shared, got an array",
        ),
        (
            lambda: nn.Concat(1)(np.ones((1, 2))),
            r"Concat\(1\): modules: expected at least one, got none; give",
        ),
        (lambda: nn.Sequential(3), r"Sequential: modules: expected a module, got int 3"),
        (
            lambda: nn.Sequential(*[nn.ReLU()] * 2),
            r"modules: expected each module once, .*, got ReLU\(\) twice; make",
        ),
        (
            lambda: too_early(nn.ReLU()),
            r"ReLU\(\): backward: expected forward before it, got none; call forward\(x\)",
        ),
        (
            lambda: too_early(nn.MSELoss()),
            r"backward: expected forward before it, got none; call forward\(x, target\)",
        ),
    ],
)
def test_what_is_wrong_about_the_module_itself_is_said_in_the_same_voice(call, sentence):
    with pytest.raises((ValueError, TypeError, RuntimeError), match=sentence) as caught:
        call()
    spoken(caught.value)


@pytest.mark.parametrize("parent", [nn.Linear, nn.Sequential, nn.PReLU, nn.CrossEntropyLoss])
def test_a_forgotten_super_init_is_said(parent):
    class Own(parent):
        def __init__(self):
            self.mine = 1

    made = Own()
    with pytest.raises(
        AttributeError,
        match=r"^Own: expected one of its attributes, got \w+; a parent's .*call super\(\).__init__\(…\)",
    ):
        made.forward(np.ones((2, 3)), np.array([0, 1])) if parent is nn.CrossEntropyLoss else made.forward(
            np.ones((2, 3))
        )


def test_a_misspelt_attribute_is_only_that():
    with pytest.raises(AttributeError, match=r"^Twice: expected one of its attributes, got wieght$"):
        _ = Twice().wieght
    assert getattr(Twice(), "weight", None) is None


@pytest.mark.parametrize(
    ("module", "name", "advice"),
    [
        (nn.Linear(3, 2), "weights", "did you mean weight?"),
        (nn.Linear(3, 2), "Bias", "did you mean bias?"),
        (nn.Linear(3, 2), "wieght", "did you mean weight?"),
        (nn.Linear(3, 2), "gradWeight", "did you mean grad_weight?"),
        (nn.Conv2d(3, 2, 3), "kernelsize", "did you mean kernel_size?"),
        (nn.MSELoss(), "reductions", "did you mean reduction?"),
        (
            nn.Sequential(nn.Linear(3, 2)),
            "weights",
            "weight belongs to the layers inside, such as Linear(3 -> 2)",
        ),
        (
            nn.Sequential(nn.Linear(3, 2)),
            "weight",
            "weight belongs to the layers inside, such as Linear(3 -> 2)",
        ),
        (nn.Sequential(nn.Linear(3, 2)), "zero_grad", "did you mean zero_grad_parameters?"),
        (nn.ReLU(), "state_dict", "did you mean state?"),
        (nn.ReLU(), "zeroGradParameters", "did you mean zero_grad_parameters?"),
        (nn.ReLU(), "evaluate", "did you mean eval?"),
        (nn.Sequential(), "colour", ""),
        (nn.Linear(3, 2), "_repr_html_", ""),
    ],
)
def test_the_near_name_is_given_and_no_wrong_track(module, name, advice):
    with pytest.raises(AttributeError) as caught:
        getattr(module, name)
    said = f"{type(module).__name__}: expected one of its attributes, got {name}"
    assert str(caught.value) == said + (f"; {advice}" if advice else "")


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("Hardtanh", "did you mean HardTanh?"),
        ("Softshrink", "did you mean SoftShrink?"),
        ("SoftMax", "did you mean Softmax?"),
        ("MSEloss", "did you mean MSELoss?"),
        ("Lineer", "did you mean Linear?"),
        ("LSTM", "docs/layers.md lists them beside torch's"),
    ],
)
def test_a_name_that_is_spelt_otherwise_elsewhere_leads_to_ours(name, advice):
    with pytest.raises(AttributeError) as caught:
        getattr(nn, name)
    assert str(caught.value) == f"lib.nn: expected one of its names, got {name}; {advice}"
    assert not hasattr(nn, "__nothing__")


def test_a_gradient_of_the_wrong_shape_is_said_at_once():
    class Transposed(nn.Linear):
        def update_grad_input(self, x, grad_output):
            return super().update_grad_input(x, grad_output).T

    module = Transposed(3, 2).double()
    output = module(np.ones((4, 3)))
    with pytest.raises(
        ValueError, match=r"grad_input: expected \(4, 3\), as x has, got shape \(3, 4\); .* transpose$"
    ):
        module.backward(np.ones((4, 3)), output)


def test_forward_in_place_of_update_output_is_said():
    class AsInTorch(nn.Module):
        def forward(self, x):
            return 2 * x

    module = AsInTorch()
    module(np.ones(3))
    with pytest.raises(
        RuntimeError, match=r"AsInTorch\(\): update_output: expected it to be written, got forward; write"
    ):
        module.backward(np.ones(3), np.ones(3))


def replaced(module, name, value):
    setattr(module, name, value)
    return module


@pytest.mark.parametrize(
    ("module", "x", "message"),
    [
        (
            replaced(nn.Linear(4, 3), "weight", np.ones((4, 3))),
            np.ones((2, 4)),
            r"Linear\(4 -> 3\): weight: expected \(3, 4\), got shape \(4, 3\); yours looks transposed: W\.T$",
        ),
        (
            replaced(nn.Linear(4, 3), "weight", [[1.0] * 4] * 3),
            np.ones((2, 4)),
            r"Linear\(4 -> 3\): weight: expected a numpy array, got .*; self\.weight = np\.array",
        ),
        (
            replaced(nn.Linear(4, 3), "bias", np.ones(4)),
            np.ones((2, 4)),
            r"Linear\(4 -> 3\): bias: expected \(3,\), got shape \(4,\)$",
        ),
        (
            replaced(nn.Conv2d(3, 8, 3), "weight", np.ones((3, 3, 3, 8))),
            np.ones((2, 3, 5, 5)),
            r"weight: expected \(8, 3, 3, 3\), got shape \(3, 3, 3, 8\)$",
        ),
        (
            replaced(nn.Conv2d(3, 8, 3), "weight", np.ones((8, 3, 5, 5))),
            np.ones((2, 3, 8, 8)),
            r"weight: expected \(8, 3, 3, 3\), got shape \(8, 3, 5, 5\)$",
        ),
        (
            replaced(nn.ConvTranspose2d(3, 8, 3), "weight", np.ones((8, 3, 3, 3))),
            np.ones((2, 3, 5, 5)),
            r"weight: expected \(3, 8, 3, 3\), got",
        ),
        (
            replaced(nn.BatchNorm2d(3), "weight", np.ones(4)),
            np.ones((2, 3, 5, 5)),
            r"BatchNorm2d\(3\): weight: expected \(3,\), got shape \(4,\)$",
        ),
        (replaced(nn.LayerNorm(3), "bias", np.ones(4)), np.ones((2, 3)), r"bias: expected \(3,\), got"),
        (replaced(nn.PReLU(3), "weight", np.ones(4)), np.ones((2, 3)), r"weight: expected \(3,\), got"),
    ],
)
def test_a_parameter_that_was_replaced_by_one_of_another_shape_is_named(module, x, message):
    for network in (module, nn.Sequential(module)):
        with pytest.raises(ValueError, match=f"(?m){message}"):
            network.forward(x)


def test_such_a_parameter_is_named_in_backward_too_where_forward_could_not_know():
    layer = replaced(nn.Linear(4, 3, bias=False), "weight", np.ones((5, 4)))
    x = np.ones((2, 4))
    with pytest.raises(ValueError, match=r"weight: expected \(3, 4\), got shape \(5, 4\)$"):
        layer.backward(x, layer.forward(x))


def test_an_error_of_a_students_own_stays_as_it_is():
    class Fails(nn.Linear):
        def update_output(self, x):
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        Fails(4, 3).forward(np.ones((2, 4)))


@pytest.mark.parametrize("x", [[1, -2, 3], [[1.0, 2.0]], (1, 2), [True]])
@pytest.mark.parametrize(
    "module", [nn.ReLU(), nn.Linear(3, 2), nn.Sequential(nn.ReLU()), nn.Flatten()], ids=repr
)
def test_a_list_of_numbers_becomes_an_array(module, x):
    kind = type(x).__name__
    message = rf": x: expected a numpy array of floats, got a {kind}; np\.array\(x, float\)$"
    with pytest.raises(ValueError, match=message):
        module.forward(x)


def test_a_list_of_numbers_is_no_array_for_what_takes_lists_of_arrays():
    with pytest.raises(
        ValueError, match=r"CAddTable\(\): x\[0\]: expected a numpy array of floats, got int$"
    ):
        nn.CAddTable().forward([1, 2])
    with pytest.raises(
        ValueError, match=r"x: expected one array, got a list of numbers; np\.array\(x, float\)$"
    ):
        nn.MSELoss().forward([1.0, 2.0], np.ones(2))


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (np.eye(3, dtype=int)[[0, 1, 2, 0]], r"; one-hot rows become classes with target\.argmax\(axis=1\)$"),
        (np.eye(3, dtype=bool)[[0, 1, 2, 0]], r"; one-hot rows become classes with"),
        (np.zeros((4, 1), int), r"got shape \(4, 1\); take target\[\.\.\., 0\]$"),
        (np.zeros((3, 4), int), r"got shape \(3, 4\)$"),
        (
            np.array([0, 7, 1, 2]),
            r"expected 0 to 2, got 7 at \[1\]; or give the last layer more than 3 outputs$",
        ),
        (np.array([0, -1, 1, 2]), r"expected 0 to 2, got -1 at \[1\]$"),
    ],
)
@pytest.mark.parametrize("kind", [nn.CrossEntropyLoss, nn.NLLLoss, nn.MultiMarginLoss])
def test_targets_that_are_no_classes_get_the_hint_that_fits(kind, target, message):
    with pytest.raises(ValueError, match=message):
        kind().forward(np.zeros((4, 3)), target)


def test_a_matrix_that_may_be_transposed_is_seen():
    message = r"got shape \(3072, 5\); where each column is an example, x\.T$"
    with pytest.raises(ValueError, match=message):
        nn.Linear(3072, 10).forward(np.ones((3072, 5)))
    with pytest.raises(ValueError, match=f"(?m){message}") as caught:
        nn.Sequential(nn.Linear(3072, 10), nn.ReLU()).forward(np.ones((3072, 5)))
    spoken(caught.value)
    with pytest.raises(ValueError, match=r"got shape \(5, 3071\)$"):
        nn.Linear(3072, 10).forward(np.ones((5, 3071)))


def flat(*modules):
    return nn.Sequential(nn.Linear(20, 32), nn.ReLU(), *modules)


IMAGES = np.ones((8, 3, 9, 9))


@pytest.mark.parametrize(
    ("network", "x", "advice"),
    [
        (flat(nn.Linear(64, 10)), np.ones((64, 20)), "ReLU(), gives 32 features, this one takes 64"),
        (flat(nn.Linear(64, 10)), np.ones((10, 20)), "ReLU(), gives 32 features, this one takes 64"),
        (
            nn.Sequential(flat(), nn.Sequential(nn.Linear(64, 10))),
            np.ones((64, 20)),
            "Sequential, gives this shape",
        ),
        (flat(nn.Residual(nn.Linear(64, 64))), np.ones((64, 20)), "ReLU(), gives this shape"),
        (flat(nn.BatchNorm1d(64)), np.ones((64, 20)), "ReLU(), gives this shape"),
        (
            nn.Sequential(nn.ReLU(), nn.Conv2d(3, 8, 1), nn.Conv2d(16, 8, 1)),
            IMAGES,
            "Conv2d(3 -> 8, kernel_size=1), gives 8 channels, this one takes 16",
        ),
        (nn.Sequential(nn.Flatten(), nn.Conv2d(3, 8, 1)), IMAGES, "Flatten(), gives this shape"),
        (
            nn.Sequential(nn.Flatten(), nn.Linear(8, 8)),
            IMAGES,
            "Flatten(), gives 243 features, this one takes 8",
        ),
    ],
)
def test_between_two_layers_nothing_is_called_transposed(network, x, advice):
    with pytest.raises(ValueError, match="expected") as caught:
        network.forward(x)
    spoken(caught.value)
    assert str(caught.value).endswith(f"; the layer before, {advice}")


def test_an_advice_that_fits_stays_between_two_layers():
    with pytest.raises(ValueError, match=r"(?m)put Flatten\(\) before it$"):
        nn.Sequential(nn.ReLU(), nn.Linear(243, 8)).forward(IMAGES)
    with pytest.raises(ValueError, match=r"got a list of shapes \[\(2, 4\), \(2, 4\)\]"):
        nn.Sequential(nn.ConcatTable(nn.ReLU(), nn.ReLU()), nn.Linear(4, 2)).forward(np.ones((2, 4)))
