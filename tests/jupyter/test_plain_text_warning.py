"""Kernels of the course pass over one warning of ipykernel, and over no other."""

import inspect
import logging

import pytest
from ipykernel.kernelapp import IPKernelApp
from traitlets.config import Config

from lib.jupyter.settings import kernel_settings


@pytest.mark.parametrize("ours", [True, False])
@pytest.mark.parametrize("level", ["warning", "error"])
def test_only_the_warning_of_plain_text_is_passed_over(ours, level, capfd, monkeypatch):
    monkeypatch.setattr(logging.getLogger("IPKernelApp"), "filters", [])
    app = IPKernelApp(config=Config(kernel_settings() if ours else {}))
    say = getattr(app.log, level)
    say("Kernel is running over TCP without encryption. All communication …")
    say("%s is running over TCP without encryption.", "Kernel")
    say("The kernel is running")
    said = capfd.readouterr().err
    assert said.count("without encryption") == (0 if ours else 2)
    assert "The kernel is running" in said


def test_it_is_still_the_sentence_that_ipykernel_writes():
    source = inspect.getsource(IPKernelApp)
    assert "encrypt" not in source or "Kernel is running over TCP without encryption" in source


def test_without_that_module_kernels_start_all_the_same(monkeypatch):
    monkeypatch.setattr("lib.jupyter.settings.find_spec", lambda name: None)
    assert "IPKernelApp" not in kernel_settings()
