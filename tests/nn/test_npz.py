"""Saving and loading: nothing is lost, nothing is executed, and a bad file changes nothing."""

import os
import pickle
import stat
import tracemalloc
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from lib import files, nn
from lib.nn import npz


class Counts(nn.Module):
    """A parameter, a buffer of floats and one of integers."""

    buffer_names = ("mean", "steps")

    def __init__(self):
        self.weight, self.grad_weight = np.arange(3.0), np.zeros(3)
        self.mean, self.steps = np.ones(2, np.float32), np.array(7)


def network(seed=0):
    return nn.Sequential(
        nn.Linear(4, 3, seed=seed),
        nn.Tanh(),
        nn.Residual(nn.Sequential(nn.Linear(3, 3, bias=False, seed=seed + 1)), nn.BatchNorm1d(3)),
    )


def copy_of(model):
    return {name: array.copy() for name, array in model.state().items()}


def assert_unchanged(model, before):
    for name, array in model.state().items():
        assert_array_equal(array, before[name])


@pytest.fixture
def saved(tmp_path):
    network(1).save(tmp_path / "net.npz")
    return tmp_path / "net.npz"


def test_a_round_trip_brings_back_every_number(saved):
    other = network(2)
    arrays = other.state()
    assert other.load(saved) is other
    for name, array in network(1).state().items():
        assert_array_equal(other.state()[name], array)
        assert other.state()[name] is arrays[name], "not in place: an optimiser would hold the old array"
    assert {name.rsplit(".", 1)[1] for name in arrays} == {"weight", "bias", "running_mean", "running_var"}


@pytest.mark.parametrize("kind", [str, lambda path: path])
def test_the_file_has_the_name_it_was_given(tmp_path, kind):
    path = tmp_path / "deep" / "down" / "weights"
    network(1).save(kind(path))
    assert [file.name for file in path.parent.iterdir()] == ["weights"]
    network(2).load(kind(path))


def test_buffers_of_any_dtype_are_saved(tmp_path):
    first, second = Counts(), Counts()
    first.weight += 1
    first.mean += 1
    first.steps += 1
    first.save(tmp_path / "file")
    second.load(tmp_path / "file")
    assert_array_equal(second.weight, [1, 2, 3])
    assert_array_equal(second.mean, [2, 2])
    assert second.steps == 8
    assert second.steps.dtype == np.array(7).dtype


def test_a_module_without_parameters_has_a_file_too(tmp_path):
    nn.ReLU().save(tmp_path / "file")
    nn.ReLU().load(tmp_path / "file")


def test_float32_and_float64_can_be_exchanged(saved, tmp_path):
    double = network(2).double().load(saved)
    assert double[0].weight.dtype == np.float64
    assert_array_equal(double[0].weight, network(1)[0].weight)
    double.save(tmp_path / "double")
    assert network(3).load(tmp_path / "double")[0].weight.dtype == np.float32


def test_the_file_is_a_plain_npz(saved):
    with np.load(saved, allow_pickle=False) as file:
        assert_array_equal(file["2.0.0.0.weight"], network(1).state()["2.0.0.0.weight"])


# --- interrupted writes


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError("disk full"), MemoryError])
@pytest.mark.parametrize("step", ["savez", "fsync", "replace"])
def test_an_interrupted_write_keeps_the_old_file_and_leaves_no_other(saved, monkeypatch, step, error):
    before = saved.read_bytes()
    owner = np if step == "savez" else os
    original = getattr(owner, step)

    def interrupted(*arguments, **options):
        if step == "savez":
            original(*arguments, **options)
        raise error

    monkeypatch.setattr(npz.np if step == "savez" else files.os, step, interrupted)
    with pytest.raises(error if isinstance(error, type) else OSError):
        network(2).save(saved)
    assert saved.read_bytes() == before
    assert [file.name for file in saved.parent.iterdir()] == ["net.npz"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_others_may_read_it_as_any_other_file(saved, tmp_path):
    (tmp_path / "plain").touch()
    assert stat.S_IMODE(saved.stat().st_mode) == stat.S_IMODE((tmp_path / "plain").stat().st_mode)


# --- files that are wrong


class Bomb:
    """Unpickling it writes a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def pickled_inside(path, mark):
    arrays = network(1).state()
    arrays["0.weight"] = np.array([Bomb(mark)] * 12, object).reshape(3, 4)
    np.savez(path, **arrays)


def pickle_as_a_whole(path, mark):
    path.write_bytes(pickle.dumps(Bomb(mark)))


def pickle_as_a_member(path, mark):
    np.savez(path, **network(1).state())
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("extra.npy", pickle.dumps(Bomb(mark)))


@pytest.mark.parametrize("write", [pickled_inside, pickle_as_a_whole, pickle_as_a_member])
def test_a_pickle_is_refused_and_never_executed(tmp_path, write):
    path, mark = tmp_path / "net.npz", tmp_path / "executed"
    write(path, mark)
    model = network(2)
    before = copy_of(model)
    with pytest.raises(ValueError, match=r"net\.npz"):
        model.load(path)
    assert_unchanged(model, before)
    assert not mark.exists()


def raw_member(path):
    network(1).save(path)
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist() if name != "0.bias.npy"}
    with zipfile.ZipFile(path, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)
        file.writestr("0.bias", b"no array at all")


def npy(path):
    with path.open("wb") as file:
        np.save(file, np.ones(3))


@pytest.mark.parametrize(
    "write",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"PK\x03\x04 and then nothing"),
        lambda path: path.write_text("accuracy 0.93\n"),
        lambda path: path.mkdir(),
        npy,
        raw_member,
    ],
    ids=["empty", "a zip's first bytes", "text", "a folder", "npy", "a member that is no array"],
)
def test_a_file_of_another_kind_is_refused(tmp_path, write):
    write(tmp_path / "file")
    model = network(2)
    before = copy_of(model)
    with pytest.raises(ValueError, match="file"):
        model.load(tmp_path / "file")
    assert_unchanged(model, before)


def twice(archive):
    with pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("a.npy", b"again")


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (
            lambda archive: archive.writestr("b", b"text"),
            r"'b': expected an array, \.npy, got another kind of",
        ),
        (twice, "'a': expected one array of this name, got two"),
        (
            lambda archive: archive.writestr("b.npy", b"", zipfile.ZIP_LZMA),
            "'b': expected it stored or deflated, got another compression",
        ),
        (
            lambda archive: archive.writestr("b.npy", b"\x93NUMPY\x03\x00"),
            r"'b\.npy': expected version 1\.0 or 2\.0 of \.npy, got 3\.0",
        ),
        (
            lambda archive: archive.writestr("b.npy", archive.read("a.npy") + b"more"),
            r"'b\.npy': expected as many bytes as its header says, got another size",
        ),
    ],
)
def test_what_is_wrong_inside_a_file_is_said(tmp_path, spoil, reason):
    np.savez(tmp_path / "file.npz", a=np.ones(3))
    with zipfile.ZipFile(tmp_path / "file.npz", "a") as archive:
        spoil(archive)
    with pytest.raises(
        ValueError, match=rf"path: expected a whole \.npz file .*\({reason}.*\); save it again"
    ):
        npz.read_arrays(tmp_path / "file.npz", lambda declared: None)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        network().load(tmp_path / "nowhere")


@settings(deadline=None, max_examples=30)
@given(data=st.data())
def test_a_truncated_file_is_refused(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("truncated") / "file"
    network(1).save(path)
    content = path.read_bytes()
    path.write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
    model = network(2)
    before = copy_of(model)
    with pytest.raises(ValueError, match=r"path: expected a whole \.npz file of numbers, got .*file \("):
        model.load(path)
    assert_unchanged(model, before)


@pytest.mark.parametrize("flip", [0x01, 0xFF])
def test_a_damaged_byte_is_refused_or_does_not_matter(tmp_path, flip):
    """Each byte in turn. Some, such as those of a date, mean nothing here; then all numbers are right."""
    path, right = tmp_path / "file", nn.Linear(2, 1, seed=1)
    right.save(path)
    content = path.read_bytes()
    model, refused = nn.Linear(2, 1, seed=2), 0
    for position in range(len(content)):
        path.write_bytes(content[:position] + bytes([content[position] ^ flip]) + content[position + 1 :])
        try:
            model.load(path)
        except ValueError:
            refused += 1
            assert_unchanged(model, nn.Linear(2, 1, seed=2).state())
        else:
            assert_unchanged(model, right.state())
            model.reset(2)
    assert refused > len(content) / 2


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (
            lambda: nn.Sequential(nn.Linear(4, 3)),
            r"Sequential: .* lacks nothing and adds 2\.0\.0\.0\.weight, ",
        ),
        (
            lambda: nn.Sequential(*network(), nn.Linear(3, 1)),
            r"Sequential: .* lacks 3\.bias, 3\.weight and adds nothing",
        ),
        (
            lambda: nn.Sequential(nn.Linear(3, 4), *network()[1:]),
            r"0\.weight in .*: expected float32 \(4, 3\), got float32 \(3, 4\)",
        ),
        (lambda: nn.Linear(4, 3), r"Linear\(4 -> 3\): .* lacks bias, weight"),
    ],
)
def test_a_file_of_another_network_is_refused_and_changes_nothing(saved, other, message):
    model = other()
    before = copy_of(model)
    with pytest.raises(ValueError, match=message):
        model.load(saved)
    assert_unchanged(model, before)


def test_the_last_array_of_another_shape_changes_none_of_those_before(tmp_path):
    arrays = copy_of(network(1))
    last = [*arrays][-1]
    arrays[last] = np.ones((9, 9), np.float32)
    with (tmp_path / "file").open("wb") as file:
        np.savez(file, **arrays)
    model = network(2)
    before = copy_of(model)
    with pytest.raises(ValueError, match=r"\(9, 9\)"):
        model.load(tmp_path / "file")
    assert_unchanged(model, before)


@pytest.mark.parametrize("dtype", [np.int64, complex, bool, "U3"])
def test_numbers_of_another_kind_are_refused(tmp_path, dtype):
    arrays = {name: array.astype(dtype) for name, array in network(1).state().items()}
    np.savez(tmp_path / "file.npz", **arrays)
    model = network(2)
    before = copy_of(model)
    with pytest.raises(ValueError, match="expected float32"):
        model.load(tmp_path / "file.npz")
    assert_unchanged(model, before)


def bomb(path):
    """64 MB of zeros in a small file."""
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("weight.npy", "w", force_zip64=True) as file,
    ):
        header = {"descr": "<f4", "fortran_order": False, "shape": (1 << 24,)}
        np.lib.format.write_array_header_1_0(file, header)
        for _ in range(64):
            file.write(bytes(1 << 20))


def header_that_lies(path):
    with zipfile.ZipFile(path, "w") as archive, archive.open("weight.npy", "w") as file:
        header = {"descr": "<f4", "fortran_order": False, "shape": (10**12,)}
        np.lib.format.write_array_header_1_0(file, header)


def huge_header(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        content = b"\x93NUMPY\x02\x00" + (1 << 24).to_bytes(4, "little") + b" " * (1 << 24)
        archive.writestr("weight.npy", content)


def twice(path):
    layer = nn.Linear(2, 1)
    layer.save(path)
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("weight.npy", archive.read("weight.npy"))


def path_as_name(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../weight.npy", b"\x93NUMPY")


def smaller_than_it_is(path):
    """The list of the archive says that the bomb has a few bytes."""
    nn.Linear(2, 1).save(path)
    content = bytearray(path.read_bytes())
    place = content.index(b"PK\x01\x02")
    content[place + 24 : place + 28] = (100).to_bytes(4, "little")
    path.write_bytes(content)


@pytest.mark.parametrize(
    "write", [bomb, header_that_lies, huge_header, twice, path_as_name, smaller_than_it_is]
)
def test_a_hostile_file_is_refused_before_its_data_is_read(tmp_path, write):
    path, layer = tmp_path / "file", nn.Linear(2, 1, seed=2)
    write(path)
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=r"file"):
            layer.load(path)
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()
    assert_unchanged(layer, nn.Linear(2, 1, seed=2).state())
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("number", range(6))
def test_numbers_that_are_not_finite_are_refused(number, value, tmp_path):
    spoilt, model = network(1), network(2)
    name = list(spoilt.state())[number]
    spoilt.state()[name].flat[-1] = value
    spoilt.save(tmp_path / "net.npz")
    before = copy_of(model)
    with pytest.raises(ValueError, match=rf"{name} in .*: expected finite numbers, got {value}"):
        model.load(tmp_path / "net.npz")
    assert_unchanged(model, before)


def test_a_negative_variance_is_refused_and_a_negative_mean_is_not(tmp_path):
    spoilt, model = network(1), network(2)
    (name,) = (name for name in spoilt.state() if name.endswith("running_var"))
    spoilt.state()[name.replace("var", "mean")][:] = -1
    spoilt.save(tmp_path / "good.npz")
    model.load(tmp_path / "good.npz")
    before = copy_of(model)
    spoilt.state()[name][1] = -0.5
    spoilt.save(tmp_path / "net.npz")
    with pytest.raises(ValueError, match=rf"{name} in .*: expected numbers of at least 0, got -0.5 at \[1\]"):
        model.load(tmp_path / "net.npz")
    assert_unchanged(model, before)


def test_a_single_number_that_is_nan_is_refused(tmp_path):
    spoilt = nn.PReLU()
    spoilt.weight[...] = np.nan
    spoilt.save(tmp_path / "net.npz")
    with pytest.raises(ValueError, match=r"weight in .*: expected finite numbers, got nan"):
        nn.PReLU().load(tmp_path / "net.npz")
