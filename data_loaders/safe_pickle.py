"""Reads pickled batches: a small machine that knows only what such files hold, and runs no code.

A pickle is a program for a machine with a stack and a memo. Python's own machine builds anything, and so can
be told to do anything. This one builds dictionaries, lists, tuples, text, bytes, numbers and integer arrays,
with a budget for each: the work and the memory that a file can ask for are bounded before it is read.
"""

from __future__ import annotations

import codecs
import math
import re
import struct
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from .looks import Unreadable, advice, damage, looks_like, reason, shortened

MOST_STEPS = 500_000  # a batch takes 30,000: two or three for each label and each file name
MOST_BYTES = 64 << 20  # made beyond the file; a batch takes 62 MB where its pixels are text, else few
LONGEST_WORD = 1_000  # bytes of a number or a name
LONGEST_TEXT = 1 << 20  # beyond latin1: one rare letter makes Python store four bytes for each of the others
DEEPEST = 16  # containers in containers; a batch has lists in a dictionary
MOST_DIMENSIONS = 8
TWO_PLACES = "it puts one container, with others inside, into two places, which no batch needs"
CONTAINERS = (list, tuple, dict)
NUMBERS = {form: struct.Struct(form) for form in ("B", "<H", "<i", "<I", "<Q", ">d")}
INTEGERS = {"u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8"}

# The functions that a batch may name, by module. numpy moved its own from numpy.core to numpy._core.
ARRAYS = ("_reconstruct", "_frombuffer", "scalar", "ndarray", "dtype")
KNOWN = {
    "numpy": ARRAYS,
    "numpy.core.multiarray": ARRAYS,
    "numpy._core.multiarray": ARRAYS,
    "numpy.core.numeric": ARRAYS,
    "numpy._core.numeric": ARRAYS,
    "_codecs": ("encode",),
    "__builtin__": ("bytes", "bytearray"),
    "builtins": ("bytes", "bytearray"),
    "collections": ("OrderedDict",),
}
DAMAGE = (ValueError, IndexError, TypeError, struct.error, MemoryError)  # what damaged bytes make Python say


def loads(data: bytes, name: str) -> Any:
    """The object that was pickled: a dictionary of lists and arrays, as batches are, or a part of one.

    data: a pickle of any protocol, written by Python 2 or 3 (strings of Python 2 come back as bytes)
    name: the file, for the error

    Nothing that the pickle names is ever called: the few functions that batches need have a stand-in here.
    Keys are text or bytes, each once; only a container with none inside may stand in two places. An
    OrderedDict is read as a dictionary. Nothing may follow the end. A file may ask for 500,000 steps and
    64 MiB of text and bytes beyond its own size. Anything else, and a truncated file, raises `ValueError`.

    Source: the opcodes as documented by Python's pickletools.
    """
    try:
        return _Machine(data).run()
    except DAMAGE as error:
        why = f"{reason(error)}; save data and labels in a plain dictionary"
        got = f"one that cannot be read: {why if isinstance(error, _Foreign) else damage(error)}"
        if seen := looks_like(data):
            got = f"{seen}; {advice(seen)}"
        raise ValueError(f"{name}: expected a pickled batch of CIFAR-10, got {got}") from error


class _Foreign(Unreadable):
    """The pickle may well be whole, but it is of another kind than a batch."""


class _Mark:
    """Lies on the stack below the items of a list, a tuple or a dictionary."""


class _Function:
    """Stands for a function or class that the pickle names; only `_Machine.call` gives it a meaning."""

    def __init__(self, name: str):
        self.name = name


class _Dtype:
    """numpy.dtype('u1', False, True), and the byte order that is set afterwards."""

    def __init__(self, code: Any):
        code = _as_text(code)
        if not isinstance(code, str) or code not in INTEGERS:
            raise Unreadable(f"it has an array of type {shortened(code)}, expected integers")
        self.dtype = np.dtype(code)

    def set_state(self, _version: Any, order: Any, *_rest: Any) -> None:
        order = _as_text(order)
        if order not in ("<", ">", "|", "="):
            raise Unreadable(f"it has an array of byte order {shortened(order)}")
        self.dtype = self.dtype.newbyteorder(order)


class _Array:
    """An array in the making: empty, until its state arrives."""

    array: np.ndarray | None = None

    def set_state(self, _version: Any, shape: Any, dtype: Any, fortran: Any, raw: Any) -> None:
        if not isinstance(dtype, _Dtype) or not isinstance(raw, bytes | bytearray | memoryview):
            raise Unreadable("it has an array that is not made of plain bytes")
        if not (isinstance(shape, tuple) and all(type(n) is int and n >= 0 for n in shape)):
            raise Unreadable("it has an array without a shape")
        if len(shape) > MOST_DIMENSIONS or math.prod(shape) * dtype.dtype.itemsize != len(raw):
            raise Unreadable("it has an array whose shape does not fit its bytes")
        self.array = np.frombuffer(raw, dtype.dtype).reshape(shape, order="F" if fortran else "C")


def _as_text(value: Any) -> Any:
    return value.decode("latin1") if isinstance(value, bytes) else value


class _Machine:
    """Runs one pickle: each opcode is a function of the machine, found by its byte in `OPCODES`."""

    def __init__(self, data: bytes):
        self.data, self.position = memoryview(data), 0
        self.whole = data
        self.stack: list[Any] = []
        self.marks: list[int] = []  # where they lie on the stack
        self.memo: dict[int, Any] = {}
        self.heights: dict[int, int] = {}  # of each container, by its id: 1 more than the highest inside
        self.shared: set[int] = set()  # the ids of containers that stand in more than one place
        self.bytes_left = MOST_BYTES

    def run(self) -> Any:
        whole, length = self.whole, len(self.whole)
        for _ in range(MOST_STEPS):  # the loop that takes the time: it reads by itself
            if (position := self.position) >= length:
                raise self.cut()
            self.position = position + 1
            if (code := whole[position]) == STOP:
                if position + 1 < length:
                    raise Unreadable(f"it goes on after its end, for {length - position - 1:,} bytes")
                return _finished(self.pop())
            BY_BYTE[code](self)
        raise Unreadable(f"it has more than {MOST_STEPS:,} steps")

    # The file: nothing is taken that is not there.

    def cut(self) -> Unreadable:
        return Unreadable(f"it is cut after {len(self.whole):,} bytes")

    def byte(self) -> int:
        if self.position >= len(self.whole):
            raise self.cut()
        self.position += 1
        return self.whole[self.position - 1]

    def take(self, count: int) -> memoryview:
        start = self.position
        if not 0 <= count <= len(self.whole) - start:
            raise self.cut()
        self.position += count
        return self.data[start : self.position]

    def number(self, form: str) -> Any:
        packed, start = NUMBERS[form], self.position
        if packed.size > len(self.whole) - start:
            raise self.cut()
        self.position += packed.size
        return packed.unpack_from(self.whole, start)[0]

    def line(self) -> memoryview:
        end = self.whole.find(b"\n", self.position)
        if end < 0:
            raise Unreadable("it is cut: a line does not end")
        line = self.take(end - self.position)
        self.position += 1
        return line

    def word(self) -> bytes:
        line = self.line()
        if len(line) > LONGEST_WORD:
            raise Unreadable("it has a number or a name that is too long")
        return bytes(line)

    def piece(self, form: str) -> memoryview:
        """Bytes, which stand in the file after their number: a view, which takes no memory."""
        return self.take(self.number(form))

    def pixels_or_bytes(self, form: str) -> bytes | memoryview:
        """The piece as bytes; where it is long, as the pixels of an array, a view that takes no memory."""
        if len(piece := self.piece(form)) > LONGEST_TEXT:
            return piece
        self.spend(len(piece))
        return bytes(piece)

    def spend(self, count: int) -> None:
        self.bytes_left -= count
        if self.bytes_left < 0:
            raise Unreadable(f"it asks for more than {MOST_BYTES:,} bytes")

    # The stack.

    def push(self, value: Any) -> None:
        self.stack.append(value)

    def pop(self) -> Any:
        if isinstance(value := self.stack.pop(), _Mark):
            raise Unreadable("it uses a value where a list begins")
        return value

    def push_mark(self) -> None:
        self.marks.append(len(self.stack))
        self.push(_Mark())

    def pop_to_mark(self) -> list[Any]:
        if not self.marks:
            raise Unreadable("it ends a list that has not begun")
        place = self.marks.pop()
        items = self.stack[place + 1 :]
        del self.stack[place:]
        return items

    def push_container(self, container: list | tuple | dict) -> None:
        self.heights[id(container)] = 1
        self.shared.discard(id(container))  # of one that is gone
        self.push(container)

    def fill(self, container: list | tuple | dict, items: list[Any]) -> None:
        """Keeps the height of a container that `items` have gone into."""
        inside = max((self.heights[id(item)] for item in items if isinstance(item, CONTAINERS)), default=0)
        if inside and id(container) in self.shared:
            raise _Foreign(TWO_PLACES)
        if inside >= DEEPEST:
            raise Unreadable(f"it is nested more than {DEEPEST} deep")
        self.heights[id(container)] = max(self.heights[id(container)], inside + 1)

    # The memo: what was made once can be mentioned again.

    def remember(self, place: int) -> None:
        if not 0 <= place < 1 << 32:
            raise Unreadable("it has a place in the memo that no pickler gives")
        self.memo[place] = self.stack[-1]

    def recall(self, place: int) -> None:
        """Puts a remembered value into another place. A container in two places may hold no other container,
        now or later, so that none can contain itself or double in size at each step.
        """
        if place not in self.memo:
            raise Unreadable("it mentions what it has not made")
        value = self.memo[place]
        if isinstance(value, _Mark):
            raise Unreadable("it mentions the beginning of a list")
        if isinstance(value, CONTAINERS):
            if self.heights[id(value)] > 1:
                raise _Foreign(TWO_PLACES)
            self.shared.add(id(value))
        self.push(value)

    # Opcodes that take more than a line.

    def make_tuple(self, items: list[Any]) -> None:
        self.push_container(made := tuple(items))
        self.fill(made, items)

    def make_list(self) -> None:
        items = self.pop_to_mark()
        self.push_container([])
        self.extend(items)

    def extend(self, items: list[Any]) -> None:
        if not isinstance(target := self.stack[-1], list):
            raise Unreadable("it appends to what is no list")
        target.extend(items)
        self.fill(target, items)

    def make_dictionary(self) -> None:
        items = self.pop_to_mark()
        self.push_container({})
        self.update(items)

    def update(self, items: list[Any]) -> None:
        if not isinstance(target := self.stack[-1], dict) or len(items) % 2:
            raise Unreadable("it sets an item that is none, or of what is no dictionary")
        keys, values = items[::2], items[1::2]
        for key, value in zip(keys, values, strict=True):
            if not isinstance(key, str | bytes):  # of numbers, an author can choose thousands that collide
                raise Unreadable(f"it has the key {shortened(key)}; a batch's keys are text")
            if key in target:
                raise Unreadable(f"it has {shortened(key)} twice")
            target[key] = value
        self.fill(target, values)

    def short_bytes(self) -> None:
        """Like `piece`, and faster, since a batch has 10,000 file names."""
        count = self.byte()
        start, self.position = self.position, self.position + count
        if self.position > len(self.whole):
            raise self.cut()
        self.spend(count)
        self.stack.append(self.whole[start : self.position])

    def text(self, raw: memoryview) -> None:
        if len(raw) > LONGEST_TEXT and np.frombuffer(raw, np.uint8).max() > 0xC3:
            raise Unreadable("it has a long text with letters beyond latin1, which no batch needs")
        self.push_text(raw, "utf-8", "surrogatepass")

    def escaped_text(self, raw: memoryview) -> None:
        if len(raw) > LONGEST_TEXT and re.search(rb"\\(?:u(?!00)|U)", raw):
            raise Unreadable("it has a long text with letters beyond latin1, which no batch needs")
        self.push_text(raw, "raw-unicode-escape")

    def push_text(self, raw: memoryview, *encoding: str) -> None:
        if len(raw) > MOST_BYTES:  # Python may need twice as much while it decodes
            self.spend(len(raw))
        text = str(raw, *encoding)
        self.spend(sys.getsizeof(text))
        self.push(text)

    def quoted_bytes(self, raw: memoryview) -> None:
        self.spend(len(raw))
        if len(raw) < 2 or raw[0] not in b"'\"" or raw[0] != raw[-1]:
            raise Unreadable("it has a string without quotes")
        self.push(codecs.escape_decode(raw[1:-1])[0])

    def name(self, module: Any, name: Any) -> None:
        known = isinstance(module, str) and isinstance(name, str) and name in KNOWN.get(module, ())
        if not known:
            wanted = f"{_as_text(module)}.{_as_text(name)}" if isinstance(name, str | bytes) else name
            raise _Foreign(f"it asks for {shortened(wanted)}, which no batch needs")
        self.push(_Function(name))

    def call(self) -> None:
        arguments, function = self.pop(), self.pop()
        if not isinstance(function, _Function) or not isinstance(arguments, tuple):
            raise Unreadable("it calls what is no function")
        self.push(self.result(function.name, arguments))

    def result(self, function: str, arguments: tuple) -> Any:
        match function, arguments:
            case "_reconstruct", _:
                return _Array()
            case "_frombuffer", (raw, dtype, shape, order):  # protocol 5: an array in one call
                made = _Array()
                made.set_state(1, shape, dtype, order == "F", raw)
                return made
            case "scalar", (dtype, raw):  # one of numpy's numbers
                made = _Array()
                made.set_state(1, (), dtype, False, raw)
                return _finished(made).item()
            case "dtype", (code, *_):
                return _Dtype(code)
            case "encode", (str(text), "latin1" | b"latin1"):  # bytes, as Python 3 writes them for Python 2
                self.spend(len(text))
                return text.encode("latin1")
            case "bytes", ():
                return b""
            case "bytearray", (bytes(raw),):
                self.spend(len(raw))
                return bytearray(raw)
            case "bytearray", (str(text), "latin1" | b"latin1"):
                self.spend(len(text))
                return bytearray(text, "latin1")
            case "bytearray", (memoryview() as raw,):
                return raw
            case "bytearray", ():
                return bytearray()
            case "OrderedDict", ():  # as Python 3 writes it: its items follow
                return self.ordered([])
            case "OrderedDict", (list(pairs),):  # as Python 2 does
                return self.ordered(pairs)
        raise Unreadable(f"it calls {function} as no batch does")

    def ordered(self, pairs: list[Any]) -> dict:
        if not all(isinstance(pair, list | tuple) and len(pair) == 2 for pair in pairs):
            raise Unreadable("it has an OrderedDict that is not made of pairs")
        made: dict = {}
        self.push_container(made)
        self.update([part for pair in pairs for part in pair])
        self.pop()
        return made

    def set_state(self) -> None:
        state, made = self.pop(), self.stack[-1]
        if not isinstance(made, _Array | _Dtype) or not isinstance(state, tuple):
            raise Unreadable("it changes what is neither an array nor its type")
        made.set_state(*state)


def _finished(value: Any) -> Any:
    """The value with every array in the making replaced by its array: in a dictionary, or by itself."""
    if isinstance(value, dict):
        return {key: _finished(item) if isinstance(item, _Array) else item for key, item in value.items()}
    if not isinstance(value, _Array):
        return value
    if value.array is None:
        raise Unreadable("it has an array without content")
    return value.array


def _integer(raw: memoryview) -> int:
    if len(raw) > LONGEST_WORD:
        raise Unreadable("it has a number that is too long")
    return int.from_bytes(raw, "little", signed=True)


def _written_integer(word: bytes) -> int:
    return {b"00": False, b"01": True}[word] if word in (b"00", b"01") else int(word.removesuffix(b"L"))


def _protocol(machine: _Machine) -> None:
    if (protocol := machine.byte()) > 5:
        raise Unreadable(f"it has protocol {protocol}, known are 0 to 5")


def _stack_name(machine: _Machine) -> None:
    name, module = machine.pop(), machine.pop()
    machine.name(module, name)


def _unknown(machine: _Machine) -> None:
    place = machine.position - 1
    code = machine.whole[place : place + 1]
    raise Unreadable(f"at byte {place} it has the opcode {code!r}, which no batch needs")


OPCODES: dict[bytes, Callable[[_Machine], Any]] = {
    b"\x80": _protocol,
    b"\x95": lambda m: m.number("<Q"),  # a frame: only how many bytes a reader could take at once
    # constants and numbers
    b"N": lambda m: m.push(None),
    b"\x88": lambda m: m.push(True),
    b"\x89": lambda m: m.push(False),
    b"I": lambda m: m.push(_written_integer(m.word())),
    b"L": lambda m: m.push(_written_integer(m.word())),
    b"F": lambda m: m.push(float(m.word())),
    b"J": lambda m: m.push(m.number("<i")),
    b"K": lambda m: m.stack.append(m.byte()),
    b"M": lambda m: m.push(m.number("<H")),
    b"\x8a": lambda m: m.push(_integer(m.piece("B"))),
    b"\x8b": lambda m: m.push(_integer(m.piece("<i"))),
    b"G": lambda m: m.push(m.number(">d")),
    # bytes and text: S, T, U are Python 2's strings
    b"S": lambda m: m.quoted_bytes(m.line()),
    b"T": lambda m: m.push(m.pixels_or_bytes("<i")),
    b"U": _Machine.short_bytes,
    b"B": lambda m: m.push(m.pixels_or_bytes("<I")),
    b"C": _Machine.short_bytes,
    b"\x8e": lambda m: m.push(m.pixels_or_bytes("<Q")),
    b"\x96": lambda m: m.push(m.piece("<Q")),  # a bytearray, which nothing here changes
    b"V": lambda m: m.escaped_text(m.line()),
    b"X": lambda m: m.text(m.piece("<I")),
    b"\x8c": lambda m: m.text(m.piece("B")),
    b"\x8d": lambda m: m.text(m.piece("<Q")),
    # containers
    b"(": _Machine.push_mark,
    b")": lambda m: m.make_tuple([]),
    b"t": lambda m: m.make_tuple(m.pop_to_mark()),
    b"\x85": lambda m: m.make_tuple([m.pop()]),
    b"\x86": lambda m: m.make_tuple([m.pop() for _ in range(2)][::-1]),
    b"\x87": lambda m: m.make_tuple([m.pop() for _ in range(3)][::-1]),
    b"]": lambda m: m.push_container([]),
    b"l": _Machine.make_list,
    b"a": lambda m: m.extend([m.pop()]),
    b"e": lambda m: m.extend(m.pop_to_mark()),
    b"}": lambda m: m.push_container({}),
    b"d": _Machine.make_dictionary,
    b"s": lambda m: m.update([m.pop() for _ in range(2)][::-1]),
    b"u": lambda m: m.update(m.pop_to_mark()),
    # the memo
    b"p": lambda m: m.remember(int(m.word())),
    b"q": lambda m: m.remember(m.byte()),
    b"r": lambda m: m.remember(m.number("<I")),
    b"\x94": lambda m: m.remember(len(m.memo)),
    b"g": lambda m: m.recall(int(m.word())),
    b"h": lambda m: m.recall(m.byte()),
    b"j": lambda m: m.recall(m.number("<I")),
    # functions that are named, called, and given a state
    b"c": lambda m: m.name(m.word().decode("latin1"), m.word().decode("latin1")),
    b"\x93": _stack_name,
    b"R": _Machine.call,
    b"b": _Machine.set_state,
}
BY_BYTE = [OPCODES.get(bytes([code]), _unknown) for code in range(256)]
STOP = ord(".")
