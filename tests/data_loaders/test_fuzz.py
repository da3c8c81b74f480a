"""The fuzzer on a few files of each format, and that it notices a reader that does harm."""

import os
import re
import signal
import sys
import time

import pytest

if sys.platform == "win32":
    pytest.skip("cases run in forked processes", allow_module_level=True)
import fuzz
import measured

from data_loaders.formats import FORMS


@pytest.mark.family(share=6)
@pytest.mark.parametrize("form", fuzz.FORMATS)
def test_damaged_files_are_refused_or_read_within_bounds(form):
    assert list(fuzz.failures(form, range(50))) == []


def test_every_form_has_a_generator_of_damaged_files():
    forms = {form.__name__.rpartition(".")[2] for form in FORMS}
    assert fuzz.COVERS.keys() == forms, "a form needs a line in COVERS, and a generator in FORMATS"
    for form, generators in fuzz.COVERS.items():
        assert generators, f"{form}: name a generator"
        assert generators <= fuzz.FORMATS.keys()


def raise_another(data, folder):
    raise KeyError("x")


def crash(data, folder):
    os.kill(os.getpid(), signal.SIGKILL)


def fill_memory(data, folder):
    return len(b"x" * (500 << 20))


def take_time(data, folder):
    end = time.process_time() + 0.2
    while time.process_time() < end:
        pass


def leave_a_file(data, folder):
    (folder / "left").write_bytes(b"")


def talk(data, folder):
    raise ValueError(repr(data * 10))


@pytest.mark.parametrize(
    ("reader", "complaint"),
    [
        (raise_another, "KeyError"),
        (crash, "signal 9"),
        (fill_memory, "memory|CPU time"),
        (take_time, "CPU time"),
        (leave_a_file, "left"),
        (talk, "letters"),
    ],
)
def test_a_reader_that_does_harm_is_noticed(reader, complaint, monkeypatch):
    good, special, _ = fuzz.FORMATS["pickle"]
    monkeypatch.setattr(measured, "SECONDS", 0.1)
    monkeypatch.setitem(fuzz.FORMATS, "pickle", (good, special, reader))
    found = list(fuzz.failures("pickle", range(1)))
    assert found
    assert re.search(complaint, found[0][1])
