"""The unpickler reads what batches are made of and runs nothing."""

import os
import pickle
import pickletools

import numpy as np
import pytest
from cifar10_forms import python2_batch, tiny
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays, integer_dtypes, unsigned_integer_dtypes
from numpy.testing import assert_array_equal

from data_loaders.safe_pickle import loads

plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary()
nested = st.recursive(
    plain, lambda x: st.lists(x) | st.dictionaries(st.text(), x) | st.tuples(x, x), max_leaves=10
)


@given(value=nested, protocol=st.integers(0, 5))
@settings(deadline=None)
def test_plain_values_are_those_of_pickle(value, protocol):
    assert loads(pickle.dumps(value, protocol), "file") == value


@given(
    array=arrays(integer_dtypes() | unsigned_integer_dtypes(), array_shapes(min_dims=0)),
    fortran=st.booleans(),
    protocol=st.integers(0, 5),
)
@settings(deadline=None)
def test_arrays_are_those_of_pickle(array, fortran, protocol):
    array = np.asfortranarray(array) if fortran else array
    read = loads(pickle.dumps({"data": array}, protocol), "file")["data"]
    assert_array_equal(read, array)
    assert read.dtype == array.dtype


def test_what_python_2_wrote_is_read_as_pickle_reads_it():
    data = python2_batch(tiny().test)
    ours, theirs = loads(data, "file"), pickle.loads(data, encoding="bytes")
    assert ours.keys() == theirs.keys()
    assert_array_equal(ours[b"data"], theirs[b"data"])
    assert ours[b"labels"] == theirs[b"labels"]


class Touch:
    """Creates a file, where its pickle is loaded without care."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("protocol", range(6))
def test_no_code_runs(protocol, tmp_path):
    data = pickle.dumps({"data": Touch(tmp_path / "made")}, protocol)
    with pytest.raises(ValueError, match=r"file: expected.*mkdir"):
        loads(data, "file")
    assert not (tmp_path / "made").exists()
    pickle.loads(data)
    assert (tmp_path / "made").exists()  # the pickle was a dangerous one


@pytest.mark.parametrize(
    "name",
    [
        "builtins eval",
        "__builtin__ eval",
        "os system",
        "posix system",
        "numpy load",
        "copyreg _reconstructor",
        "numpy dtype.type",
        "functools partial",
        "_codecs decode",
        "codecs encode",
        "pickle loads",
    ],
)
def test_other_names_are_refused(name):
    module, attribute = name.split()
    for data in (
        f"c{module}\n{attribute}\n.".encode(),
        b"\x80\4" + b"".join(b"\x8c" + bytes([len(s)]) + s.encode() for s in (module, attribute)) + b"\x93.",
        f"(i{module}\n{attribute}\n.".encode(),
    ):
        with pytest.raises(ValueError, match="which no batch needs"):
            loads(data, "file")


ARRAY = pickle.dumps(np.arange(3, dtype=np.uint8), 2)
HOSTILE = {
    "empty": b"",
    "not a pickle": b"<html>",
    "a memo index of 4 billion": b"]r\xff\xff\xff\xff.",
    "bytes longer than the file": b"\x80\4\x8e" + b"\xff" * 7 + b"\x7f.",
    "persistent id": b"Pone\n.",
    "extension": b"\x82\1.",
    "array of objects": pickle.dumps(np.array([[], None], object), 2),
    "array of floats": pickle.dumps(np.zeros(3), 2),
    "array of text": pickle.dumps(np.array(["x"]), 2),
    "array without content": pickle.dumps(None, 0)[:0] + b"cnumpy\nndarray\n(K\1tR.",
    "array of another size": ARRAY.replace(b"K\x03\x85", b"K\x04\x85"),
    "array with a state twice nested": b"cnumpy.core.multiarray\n_reconstruct\n(tR(NNNNNtb.",
    "array never filled": b"}(U\1acnumpy.core.multiarray\n_reconstruct\n(tRu.",
    "state for a name": b"cnumpy\ndtype\n}b.",
    "new object of a name": b"cnumpy\ndtype\n)\x81.",
    "attributes for a name": b"cnumpy\ndtype\nN}(U\4nameU\1xu\x86b.",
    "text that is not latin1": b"c_codecs\nencode\n(V\\u20ac\nVlatin1\ntR.",
    "another codec": b"c_codecs\nencode\n(Vx\nVrot13\ntR.",
    "nothing on the stack": b"R.",
    "deeper than Python goes": b"(" * 200_000 + b"t" * 200_000 + b".",
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_pickles_are_refused_or_plain(case):
    data = HOSTILE[case]
    if case == "a memo index of 4 billion":
        assert loads(data, "file") == []  # odd, but only a list
    else:
        with pytest.raises(ValueError, match="file: expected"):
            loads(data, "file")


BATCH = pickle.dumps({"data": np.zeros((2, 6), np.uint8), "labels": [1, 2], "filenames": ["a", "b"]}, 2)
OPCODES = st.sampled_from([op.code.encode("latin1") for op in pickletools.opcodes])


@pytest.mark.parametrize("length", range(len(BATCH)))
def test_every_truncation_is_refused(length):
    with pytest.raises(ValueError, match="file: expected"):
        loads(BATCH[:length], "file")


@given(data=st.lists(OPCODES | st.binary(max_size=6)))
@settings(deadline=None, max_examples=300)
def test_random_opcodes_raise_nothing_but_value_error(data):
    try:
        loads(b"".join(data), "file")
    except ValueError as error:
        message = str(error)
    else:
        message = "file: expected"
    assert "file: expected" in message
