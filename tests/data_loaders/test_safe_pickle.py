"""The unpickler reads what batches are made of and runs nothing."""

import os
import pickle
import pickletools
import sys
from collections import OrderedDict

import numpy as np
import pytest
from cifar10_forms import python2_batch, tiny
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays, integer_dtypes, unsigned_integer_dtypes
from measured import measured
from numpy.testing import assert_array_equal

from data_loaders.formats.python_batches import _read_batch
from data_loaders.safe_pickle import MOST_BYTES, loads

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


def python_2_ordered_dict(protocol):
    """OrderedDict([("data", [1]), ("labels", [2])]) as Python 2 wrote it: a call with a list of pairs."""
    pairs = pickle.dumps([["data", [1]], ["labels", [2]]], protocol)
    head = pairs[:2] if protocol == 2 else b""
    return head + b"ccollections\nOrderedDict\n(" + pairs[len(head) : -1] + b"tR."


@pytest.mark.parametrize("protocol", range(6))
def test_an_ordered_dict_is_a_dictionary(protocol):
    data = pickle.dumps(OrderedDict(data=np.zeros((2, 6), np.uint8), labels=[1, 2]), protocol)
    read = loads(data, "file")
    assert list(read) == ["data", "labels"]
    assert read["labels"] == [1, 2]
    assert loads(pickle.dumps(OrderedDict(), protocol), "file") == {}
    if protocol < 3:
        assert loads(python_2_ordered_dict(protocol), "file") == {"data": [1], "labels": [2]}


FLAT = {"list": [1, 2], "tuple": (1, 2), "dictionary": {"a": 1}, "empty list": [], "array": np.arange(3)}


@pytest.mark.parametrize("kind", FLAT)
@pytest.mark.parametrize("protocol", range(6))
def test_a_flat_container_may_be_mentioned_again(kind, protocol):
    flat = FLAT[kind]
    read = loads(pickle.dumps({"labels": flat, "fine": flat, "other": flat}, protocol), "file")
    for value in read.values():
        assert_array_equal(value, flat) if kind == "array" else None
        assert kind == "array" or value == flat


def doubling(levels):
    value = [0]
    for _ in range(levels):
        value = [value, value]
    return value


def endless():
    value = []
    value.append(value)
    return value


@pytest.mark.parametrize("make", [lambda: doubling(2), lambda: doubling(12), endless, lambda: [endless()]])
@pytest.mark.parametrize("protocol", range(6))
def test_nothing_doubles_or_contains_itself(make, protocol):
    with pytest.raises(ValueError, match=r"into two places.*; save data and labels in a plain dictionary$"):
        loads(pickle.dumps({"labels": make()}, protocol), "file")


@pytest.mark.parametrize("after", [b"\0", b"\n", b"junk", pickle.dumps(1)])
def test_what_follows_the_end_is_refused(after):
    with pytest.raises(ValueError, match=rf"it goes on after its end, for {len(after)} bytes"):
        loads(BATCH + after, "file")


def test_a_key_twice_is_refused():
    with pytest.raises(ValueError, match="it has 'labels' twice"):
        loads(b"}(Vlabels\nNVlabels\nNu.", "file")


def test_another_kind_is_not_called_damaged():
    with pytest.raises(ValueError, match=r"; save data and labels in a plain dictionary$"):
        loads(pickle.dumps({"data": {1, 2}}, 2), "file")
    with pytest.raises(ValueError, match=r"; download or copy it again$"):
        loads(BATCH[:-5], "file")


PIXELS = np.zeros((2, 3072), np.uint8)


@pytest.mark.parametrize("protocol", range(6))
def test_batches_of_other_writers_are_read(protocol):
    labels, spare = [3, 9], np.arange(3)
    for batch in (
        {"data": PIXELS, "labels": tuple(labels)},
        {"data": PIXELS, "labels": labels, "fine": labels, "copy": PIXELS},
        OrderedDict(data=PIXELS, labels=labels),
        {b"data": PIXELS, b"labels": labels, b"spare": [spare, spare]},
    ):
        assert _read_batch(pickle.dumps(batch, protocol), "file").labels.tolist() == labels


def test_labels_by_two_names_are_refused():
    with pytest.raises(ValueError, match=r"file: expected each entry once, got 'labels' twice"):
        _read_batch(pickle.dumps({b"data": PIXELS, b"labels": [1, 2], "labels": [9, 9]}), "file")


@pytest.mark.parametrize("protocol", range(6))
def test_a_batch_of_full_size_is_within_the_budget(protocol):
    """Of protocols 0 to 2, Python 3 writes the pixels as text, which takes their memory twice."""
    pixels = np.random.default_rng(0).integers(0, 256, (10_000, 3072), np.uint8)
    names = [f"a_name_of_usual_length_s_{number:06}.png" for number in range(10_000)]
    batch = {b"data": pixels, b"labels": [7] * 10_000, b"filenames": names, b"batch_label": b"batch 1 of 5"}
    read = loads(pickle.dumps(batch, protocol), "file")
    assert np.array_equal(read[b"data"], pixels)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is measured on Linux")
@pytest.mark.parametrize(
    "text",
    [
        b"X\x00\x00\x00\x08" + b"a" * ((1 << 27) - 2) + "é".encode(),  # the last letter makes Python copy all
        b"V" + b"a" * (128 << 20) + b"\\u00e9\n",
        b"c_codecs\nencode\nX\x00\x00\x00\x03" + b"a" * (48 << 20) + b"X\x06\x00\x00\x00latin1\x86R",
    ],
    ids=["a rare letter at the end", "an escaped one", "text made into bytes"],
)
def test_long_texts_take_no_more_than_the_budget(text):
    data = b"\x80\x02" + text + b"."
    outcome = measured(lambda: loads(data, "file"))
    assert outcome.kind == "ValueError"
    assert "asks for more than" in outcome.said
    assert outcome.memory < 2 * MOST_BYTES
