"""Every line of `course doctor` with faked faults, and once in truth."""

import io
import os
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from lib.doctor.browser import check_browser, find_browser
from lib.doctor.data import check_data, check_disk
from lib.doctor.finding import Finding, pip_command
from lib.doctor.machine import check_gpu, check_python, nvidia_device, torch_device
from lib.doctor.notebook import MANAGER, check_kernel, check_widgets, run_kernel
from lib.doctor.packages import check_packages, differences, installed_versions, pinned_versions
from lib.doctor.report import CHECKS, all_checks, report

GB = 10**9


@pytest.mark.parametrize(
    ("version", "mark"),
    [
        ((3, 10, 9), "fault"),
        ((3, 11, 0), "ok"),
        ((3, 13, 5), "ok"),
        ((3, 14, 0), "warning"),
        ((4, 0, 0), "warning"),
    ],
)
def test_python(version, mark):
    finding = check_python(version)
    assert finding.mark == mark
    assert ".".join(map(str, version)) in finding.text
    assert bool(finding.fix) == (mark != "ok")


NEEDED = [Requirement(line) for line in ("numpy>=2.0", "ipywidgets>=8", 'torch==2.13.0 ; extra == "torch"')]
TESTED = {"numpy": "2.4.6", "ipywidgets": "8.1.9", "torch": "2.13.0", "appnope": "1.0"}


@pytest.mark.parametrize(
    ("changes", "mark", "words"),
    [
        ({}, "ok", "3 packages"),
        ({"torch": None}, "ok", "2 packages"),
        ({"torch": "2.13.0+cpu"}, "ok", "3 packages"),
        ({"numpy": None}, "fault", "numpy is missing"),
        ({"numpy": "1.26.4"}, "fault", "numpy 1.26.4"),
        ({"torch": "2.12.0"}, "fault", "torch 2.12.0"),
        ({"numpy": "2.5.0"}, "warning", "numpy 2.5.0 (tested: 2.4.6)"),
    ],
)
def test_packages(changes, mark, words):
    installed = {"numpy": "2.4.6", "ipywidgets": "8.1.9", "torch": "2.13.0", "other": "1.0"} | changes
    installed = {name: version for name, version in installed.items() if version}
    finding = check_packages(installed, TESTED, NEEDED)
    assert (finding.mark, words in finding.text) == (mark, True), finding
    assert ("[torch]" in finding.fix) == (changes.get("torch") == "2.12.0")


def test_many_differences_are_one_short_line():
    tested = {f"package{number}": "1" for number in range(9)}
    assert "and 6 more" in check_packages(dict.fromkeys(tested, "2"), tested, []).text


def test_pins_depend_on_the_python_that_runs(tmp_path):
    file = tmp_path / "constraints.txt"
    file.write_text(
        "# pins\nNum_Py==2.1 ; python_version < '3'\nNum_Py==2.4 ; python_version >= '3'\nb==1  # why\n"
    )
    assert pinned_versions(file) == {"num-py": "2.4", "b": "1"}


def test_this_environment_is_the_tested_one():
    assert differences(installed_versions(), pinned_versions()) == []


def test_kernel_that_runs():
    assert check_kernel(run_kernel).mark == "ok"


def test_kernel_that_does_not():
    assert check_kernel(lambda: str(Path.home())).mark == "fault"
    with pytest.raises(RuntimeError, match="ModuleNotFoundError"):
        run_kernel("import no_such_package")

    def dies():
        raise RuntimeError("Kernel died")

    finding = check_kernel(dies)
    assert finding.mark == "fault"
    assert "Kernel died" in finding.text
    assert check_kernel(lambda: run_kernel(name="no-such-kernel")).mark == "fault"


def test_widgets(tmp_path):
    (tmp_path / MANAGER).parent.mkdir(parents=True)
    (tmp_path / MANAGER).write_text('{"version": "5.0.1"}')
    installed = {"ipywidgets": "8.1.9", "jupyterlab-widgets": "3.0.17"}
    needed = ["jupyterlab_widgets~=3.0.15", 'pytest; extra == "test"']
    assert check_widgets(installed, needed, [tmp_path / "none", tmp_path]).mark == "ok"
    for finding, words in (
        (check_widgets({}, needed, [tmp_path]), "ipywidgets is missing"),
        (check_widgets({"ipywidgets": "8.1.9"}, needed, [tmp_path]), "found: none"),
        (check_widgets(installed | {"jupyterlab-widgets": "1.1"}, needed, [tmp_path]), "found: 1.1"),
        (check_widgets(installed, needed, [tmp_path / "none"]), "JupyterLab's part"),
    ):
        assert finding.mark == "fault"
        assert words in finding.text
        assert finding.fix
    assert check_widgets().mark == "ok"


@pytest.mark.parametrize(
    ("copies", "chosen", "mark"),
    [
        (["cifar"], "auto", "ok"),
        ([], "auto", "warning"),
        ([], "shapes10", "ok"),
        ([], "cifar10", "fault"),
        (["cifar"], "mnist", "fault"),
    ],
)
def test_data(copies, chosen, mark):
    finding = check_data([Path(copy) for copy in copies], chosen)
    assert finding.mark == mark
    assert bool(finding.fix) == (mark != "ok")


def test_a_web_page_in_the_place_of_the_archive_is_no_data(tmp_path):
    page, copy = tmp_path / "cifar-10-python.tar.gz", tmp_path / "cifar-10-batches-py"
    page.write_bytes(b"<html>Log in")
    copy.mkdir()
    for chosen, mark in (("auto", "warning"), ("cifar10", "fault")):
        finding = check_data([page], chosen)
        assert finding.mark == mark
        assert finding.text == f"{page}: expected an archive, got an HTML page (it begins with <html>)"
        assert "fetch cifar10" in finding.fix
    assert check_data([page, copy], "auto").mark == "ok"


def test_gpu():
    def missing():
        raise ImportError("torch")

    def broken():
        raise RuntimeError("libcudnn.so.9 is missing")

    def none():
        return ""

    assert "not installed" in check_gpu(missing, none).text
    assert "[torch]" in check_gpu(missing, none).fix
    assert check_gpu(broken, none).mark == "fault"
    assert "libcudnn" in check_gpu(broken, none).text
    assert check_gpu(lambda: "H200", none) == Finding("ok", "GPU", "H200")
    assert check_gpu(none, lambda: "H200").mark == "warning"
    assert check_gpu(none, none).mark == "ok"
    with pytest.raises(RuntimeError, match="no driver"):
        torch_device("raise SystemExit('no driver')")
    assert torch_device("print('A GPU')") == "A GPU"


@pytest.mark.skipif(os.name == "nt", reason="a shell script")
def test_driver(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert nvidia_device() == ""
    command = tmp_path / "nvidia-smi"
    command.write_text("#!/bin/sh\necho 'NVIDIA H200'\necho 'NVIDIA H200'\n")
    command.chmod(0o755)
    assert nvidia_device() == "NVIDIA H200"
    command.write_text("#!/bin/sh\necho 'no driver'\nexit 9\n")
    assert nvidia_device() == ""


def test_browser(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    file = tmp_path / "Chrome"
    assert find_browser(files=[file]) is None
    file.touch()
    assert find_browser(files=[tmp_path / "none", file]) == file
    assert check_browser(lambda: file).mark == "ok"
    assert check_browser(lambda: None).mark == "warning"
    name = "chromium.exe" if os.name == "nt" else "chromium"
    (tmp_path / name).touch(0o755)
    assert find_browser(files=[file]) == tmp_path / name


@pytest.mark.parametrize(("free", "mark"), [(50 * GB, "ok"), (GB // 2, "warning"), (GB // 10, "fault")])
def test_disk(free, mark, tmp_path):
    finding = check_disk(tmp_path / "not" / "there", free)
    assert finding.mark == mark
    assert f"{free / GB:.1f} GB" in finding.text
    assert bool(finding.fix) == (mark != "ok")
    assert check_disk(
        tmp_path / "not" / "there"
    ).text  # asked of the system, of the nearest folder that exists


def crash():
    raise OSError("no such device")


def test_report_has_a_line_for_each_check_and_a_fix_for_each_fault():
    ok, warning = Finding("ok", "one", "fine"), Finding("warning", "two", "so so", "a tip")
    stream = io.StringIO()
    assert report({"one": lambda: ok, "two": lambda: warning}, stream) == 0
    assert stream.getvalue().splitlines()[-1] == "Ready."

    stream = io.StringIO()
    assert report({"one": lambda: ok, "bad": crash, "two": lambda: warning}, stream) == 1
    first, second, fix, third, tip, last = stream.getvalue().splitlines()
    assert first.startswith("✓ one")
    assert second.startswith("✗ bad")
    assert "no such device" in second
    assert pip_command() in fix
    assert third.startswith("! two")
    assert "a tip" in tip
    assert last.startswith("1 fault:")


def test_report_in_plain_letters():
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    report({"one": lambda: Finding("ok", "one", "in /home/Zoë"), "bad": crash}, stream)
    stream.seek(0)
    first, second, *_ = stream.read().splitlines()
    assert first.startswith("+ one")
    assert "Zo?" in first
    assert second.startswith("x bad")


def test_every_check_exists():
    assert list(all_checks()) == list(CHECKS)
    assert all_checks()["Python"]() == check_python(sys.version_info)
    assert all_checks()["browser"]().name == "browser"
