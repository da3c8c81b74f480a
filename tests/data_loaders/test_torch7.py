import os
import struct

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_array_equal

from data_loaders import torch7

TYPES = {
    "Byte": np.uint8,
    "Char": np.int8,
    "Short": np.int16,
    "Int": np.int32,
    "Long": np.int64,
    "Half": np.float16,
    "Float": np.float32,
    "Double": np.float64,
}
NAMES = {np.dtype(dtype): name for name, dtype in TYPES.items()}


class Storage:
    """A 1-d array to be written as a torch storage."""

    def __init__(self, array, device=""):
        self.array = array
        name = NAMES[array.dtype]
        self.element = device + ("" if device and name == "Float" else name)


class Tensor:
    """A view of a storage; offset and strides count elements, offset from 0."""

    def __init__(self, storage, shape, strides, offset=0):
        self.storage, self.shape, self.strides, self.offset = storage, shape, strides, offset


class Bytecode:
    """A Lua function."""


class Writer:
    """Torch7's serialisation, written from its documentation and independently of the reader."""

    def __init__(self, ascii=False, long_size=8, version=True):
        self.ascii, self.long, self.version = ascii, f"<i{long_size}", version
        self.data = b""
        self.numbers = {}  # id of an object → the number it has in the file
        self.kept = []  # so that no id is given twice

    def numbers_of(self, dtype, *values):
        if self.ascii:
            words = [b"%.17g" % v if isinstance(v, float) else b"%d" % v for v in values]
            self.data += b" ".join(words) + (b"\n" if values else b"")
        else:
            self.data += np.array(values, dtype).tobytes()

    def characters(self, text):
        self.data += text + (b"\n" if self.ascii and text else b"")

    def string(self, text):
        self.numbers_of("<i4", len(text))
        self.characters(text)

    def header(self, name):
        if self.version:
            self.string(b"V 1")
        self.string(name.encode())

    def reference(self, value, kind):
        """Writes kind and number; true where the value itself must follow."""
        new = id(value) not in self.numbers
        number = self.numbers.setdefault(id(value), len(self.numbers) + 1)
        self.kept.append(value)
        self.numbers_of("<i4", kind)
        self.numbers_of("<i4", number)
        return new

    def write(self, value):
        if value is None:
            self.numbers_of("<i4", 0)
        elif isinstance(value, bool):
            self.numbers_of("<i4", 5)
            self.numbers_of("<i4", int(value))
        elif isinstance(value, (int, float)):
            self.numbers_of("<i4", 1)
            self.numbers_of("<f8", float(value))
        elif isinstance(value, (str, bytes)):
            self.numbers_of("<i4", 2)
            self.string(value.encode() if isinstance(value, str) else value)
        elif isinstance(value, (list, dict)):
            if self.reference(value, 3):
                items = dict(enumerate(value, 1)) if isinstance(value, list) else value
                self.numbers_of("<i4", len(items))
                for key, item in items.items():
                    self.write(key)
                    self.write(item)
        elif isinstance(value, np.ndarray):
            flat = Storage(np.ascontiguousarray(value).ravel())
            strides = [stride // value.itemsize for stride in np.ascontiguousarray(value).strides]
            self.write(Tensor(flat, value.shape, strides) if value.size else Tensor(None, (), ()))
        elif isinstance(value, Storage):
            if self.reference(value, 4):
                self.header(f"torch.{value.element}Storage")
                self.numbers_of(self.long, len(value.array))
                if value.array.itemsize == 1:
                    self.characters(value.array.tobytes())
                else:
                    dtype = self.long if value.array.dtype == np.int64 else value.array.dtype
                    self.numbers_of(dtype, *value.array.tolist())
        elif isinstance(value, Tensor):
            if self.reference(value, 4):
                self.header(f"torch.{value.storage.element if value.storage else 'Double'}Tensor")
                self.numbers_of("<i4", len(value.shape))
                self.numbers_of(self.long, *value.shape)
                self.numbers_of(self.long, *value.strides)
                self.numbers_of(self.long, value.offset + 1)
                self.write(value.storage)
        elif isinstance(value, Bytecode) and self.reference(value, 8):
            self.string(b"\x1bLJ...")
            self.write([])
        return self.data


FORMS = pytest.mark.parametrize(
    "form",
    [{}, {"long_size": 4}, {"version": False}, {"ascii": True}],
    ids=["binary", "4-byte-long", "unversioned", "ascii"],
)


@pytest.fixture(scope="module")
def load_bytes(tmp_path_factory):
    path = tmp_path_factory.mktemp("torch7") / "file.t7"

    def load(data, **options):
        path.write_bytes(data)
        return torch7.load(path, **options)

    return load


def load_value(load_bytes, value, form):
    return load_bytes(Writer(**form).write(value))


def assert_same(read, saved):
    assert type(read) is type(saved)
    if isinstance(saved, np.ndarray):
        assert read.dtype == saved.dtype
        assert_array_equal(read, saved, strict=True)
    elif isinstance(saved, list):
        assert len(read) == len(saved)
        for ours, theirs in zip(read, saved, strict=True):
            assert_same(ours, theirs)
    elif isinstance(saved, dict):
        assert read.keys() == saved.keys()
        for key in saved:
            assert_same(read[key], saved[key])
    else:
        assert read == saved


tensors = st.sampled_from(sorted(TYPES)).flatmap(
    lambda name: hnp.arrays(
        TYPES[name],
        hnp.array_shapes(max_dims=4, max_side=3),
        elements={"min_value": -100, "max_value": 100} if TYPES[name] in (np.int64,) else None,
    )
)
keys = st.text(max_size=5) | st.integers(-5, 50).filter(lambda key: key != 1)  # no 1: stays a dict
values = st.recursive(
    st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False).filter(lambda x: not x.is_integer())
    | st.text(max_size=8)
    | st.just(b"\xff\xfe")
    | tensors,
    lambda inner: st.lists(inner, min_size=1, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=10,
)


@pytest.mark.family(share=3)
@FORMS
@given(value=values)
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_was_saved_is_read(load_bytes, form, value):
    assert_same(load_value(load_bytes, value, form), value)


@FORMS
def test_plain_values(load_bytes, form):
    for value in (None, True, False, 3, -0.25, float("inf"), "straße", "", b"\xff", {}, [None], {"x": None}):
        assert_same(load_value(load_bytes, value, form), value)
    assert np.isnan(load_value(load_bytes, float("nan"), form))


@pytest.mark.family(share=3)
@FORMS
@given(data=st.data())
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_strided_views_are_those_of_numpy(load_bytes, form, data):
    base = np.arange(120, dtype=data.draw(st.sampled_from(list(TYPES.values()))))
    view = base.reshape(data.draw(st.permutations([2, 3, 4, 5])))
    view = view.transpose(data.draw(st.permutations(range(4))))
    view = view[tuple(data.draw(st.slices(n).filter(lambda s: (s.step or 1) > 0)) for n in view.shape)]
    if not view.size:
        return
    offset = (view.__array_interface__["data"][0] - base.__array_interface__["data"][0]) // base.itemsize
    saved = Tensor(Storage(base), view.shape, [s // base.itemsize for s in view.strides], offset)
    assert_same(load_value(load_bytes, saved, form), view)


@FORMS
def test_shared_objects_stay_shared(load_bytes, form):
    storage = Storage(np.arange(6, dtype=np.float32))
    table, whole = [1, 2], Tensor(storage, (6,), (1,))
    views = [whole, Tensor(storage, (2, 2), (3, 1), 1)]
    saved = {"a": table, "b": table, "t": views, "w": whole, "s": storage}
    read = load_value(load_bytes, saved, form)
    assert read["a"] is read["b"]
    assert read["t"][0] is read["w"]
    read["w"][4] = 40
    assert_array_equal(read["t"][1], np.float32([[1, 2], [40, 5]]))
    assert_array_equal(read["s"], np.float32([0, 1, 2, 3, 40, 5]))


@FORMS
@pytest.mark.parametrize("name", TYPES)
def test_tensors_of_the_graphics_card(load_bytes, form, name):
    array = np.arange(4, dtype=TYPES[name])
    saved = Tensor(Storage(array, device="Cuda"), (2, 2), (2, 1))
    assert_same(load_value(load_bytes, saved, form), array.reshape(2, 2))


def test_long_size_can_be_given(load_bytes):
    data = Writer(long_size=4).write(np.arange(3))
    assert_array_equal(load_bytes(data, long_size=4), [0, 1, 2])
    with pytest.raises(ValueError, match="Torch7"):
        load_bytes(data, long_size=8)
    with pytest.raises(ValueError, match=r"long_size: expected .*, got 2"):
        load_bytes(data, long_size=2)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nothing\.t7"):
        torch7.load(tmp_path / "nothing.t7")


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


def in_itself():
    table = {}
    table["me"] = table
    return table


LINE = Storage(np.arange(6, dtype=np.uint8))


@FORMS
@pytest.mark.parametrize(
    ("value", "message"),
    [
        (Bytecode(), "Lua function"),
        (in_itself(), "contains itself"),
        (nested(150), "nested more than"),
        (Tensor(LINE, (7,), (1,)), "storage of 6"),
        (Tensor(LINE, (2, 3), (3, 1), 1), "does not fit"),
        (Tensor(LINE, (6,), (1,), -1), "does not fit"),
        (Tensor(LINE, (3,), (-1,), 3), "does not fit"),
        (Tensor(LINE, (2, 2), (2**31 - 1, 1)), "does not fit"),
        (Tensor(LINE, (6, 6), (0, 1)), "does not fit"),
        (Tensor(LINE, (2**31 - 1, 0), (0, 0)), "storage of 6"),
        (Tensor(LINE, (-1,), (1,)), "storage of 6"),
        (Tensor(LINE, (1,) * 33, (1,) * 33), "33 dimensions"),
        (Tensor(LINE, (1,), (1,), 2**31 - 2), "does not fit"),
    ],
)
def test_what_cannot_be_read_says_why(load_bytes, form, value, message):
    with pytest.raises(ValueError, match=message):
        load_value(load_bytes, value, form)


def test_nesting_deeper_than_any_stack_is_refused(load_bytes):
    key = struct.pack("<id", 1, 1.0)
    with pytest.raises(ValueError, match="nested more than"):
        load_bytes(b"".join(struct.pack("<iii", 3, index, 1) + key for index in range(100_000)))


def test_equal_keys_are_refused(load_bytes):
    key = struct.pack("<id", 1, 7.0)
    with pytest.raises(ValueError, match="key 7 twice"):
        load_bytes(struct.pack("<iii", 3, 1, 2) + 2 * (key + struct.pack("<i", 0)))


def test_a_table_as_key_is_refused(load_bytes):
    with pytest.raises(ValueError, match="key that is a dict"):
        load_bytes(struct.pack("<iii", 3, 1, 1) + struct.pack("<iii", 3, 2, 0) + struct.pack("<i", 0))


@pytest.mark.parametrize("version", [True, False])
def test_an_unknown_class_is_named(load_bytes, version):
    writer = Writer(version=version)
    writer.reference(object(), 4)
    writer.header("nn.SpatialConvolution")
    with pytest.raises(ValueError, match=r"nn\.SpatialConvolution"):
        load_bytes(writer.data)


def test_a_storage_larger_than_the_file_is_not_allocated(load_bytes):
    for count in (2**31 - 1, 2**62, -1):
        writer = Writer()
        writer.reference(object(), 4)
        writer.header("torch.DoubleStorage")
        writer.numbers_of("<i8", count)
        with pytest.raises(ValueError, match="storage"):
            load_bytes(writer.data)


def test_a_storage_of_another_type_is_refused(load_bytes):
    tensor = Tensor(Storage(np.arange(8, dtype=np.uint8)), (2,), (1,))
    data = Writer().write(tensor).replace(b"torch.ByteTensor", b"torch.LongTensor")
    with pytest.raises(ValueError, match="int64 tensor without a int64 storage"):
        load_bytes(data)


def everything():
    storage = Storage(np.arange(6, dtype=np.int64))
    shared = Tensor(storage, (2, 3), (3, 1))
    return {
        "plain": [True, 0.5, "a", b"\xff", None],
        "shared": [shared, shared, Tensor(storage, (3,), (2,))],
        "others": [np.float32([1.5, -2]), np.uint8([[1, 2]]), np.zeros(0)],
    }


@FORMS
def test_every_truncation_is_refused(tmp_path, form):
    path = tmp_path / "file.t7"
    path.write_bytes(Writer(**form).write(everything()))
    torch7.load(path)
    ending = 1 if form.get("ascii") else 0  # the last line break carries nothing
    for length in reversed(range(path.stat().st_size - ending)):
        os.truncate(path, length)
        with pytest.raises(ValueError, match="Torch7"):
            torch7.load(path)


@pytest.mark.family(share=3)
@FORMS
@given(flips=st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 255)), min_size=1, max_size=4))
@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damaged_files_are_read_or_refused(load_bytes, form, flips):
    data = bytearray(Writer(**form).write(everything()))
    for place, change in flips:
        data[place % len(data)] ^= change
    try:
        read = load_bytes(bytes(data))
    except ValueError:
        return
    assert_readable(read, limit=len(data))


@given(data=st.binary(max_size=80))
@example(b"")
@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_random_bytes_are_read_or_refused(load_bytes, data):
    try:
        read = load_bytes(data)
    except ValueError:
        return
    assert_readable(read, limit=len(data))


def assert_readable(value, limit):
    """Every element can be reached, and no array is larger than the file."""
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            assert_readable(item, limit)
    elif isinstance(value, np.ndarray):
        assert value.size <= limit
        value.copy()
    else:
        assert value is None or isinstance(value, bool | int | float | str | bytes)
