"""Every line of `course doctor` with faked faults, and once in truth."""

import io
import os
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from lib.doctor.browser import check_browser, find_browser
from lib.doctor.data import check_disk
from lib.doctor.finding import Finding, pip_command
from lib.doctor.machine import check_gpu, check_python, nvidia_device, torch_device
from lib.doctor.notebook import MANAGER, check_kernel, check_widgets, run_kernel
from lib.doctor.packages import check_packages, differences, installed_versions, pinned_versions
from lib.doctor.report import CHECKS, FOR_INSTRUCTORS, all_checks, report

GB = 10**9
ROOT = Path(__file__).resolve().parents[1]


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


def test_of_two_copies_of_a_package_the_imported_one_counts(tmp_path, monkeypatch):
    before = installed_versions()["packaging"]
    copy = tmp_path / "packaging-0.1.dist-info"
    copy.mkdir()
    (copy / "METADATA").write_text("Metadata-Version: 2.1\nName: packaging\nVersion: 0.1\n")
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])  # as setuptools does
    assert installed_versions()["packaging"] == before
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    assert installed_versions()["packaging"] == "0.1"


def test_this_environment_is_the_tested_one():
    assert differences(installed_versions(), pinned_versions()) == []


def test_kernel_that_runs():
    assert check_kernel(run_kernel).mark == "ok"


def test_kernel_that_does_not():
    ours = {"prefix": sys.prefix, "lib": str(ROOT / "lib" / "__init__.py")}
    assert check_kernel(lambda: ours).mark == "ok"
    assert check_kernel(lambda: ours | {"prefix": str(Path.home())}).mark == "fault"
    assert "another lib, /x/lib" in check_kernel(lambda: ours | {"lib": "/x/lib"}).text
    with pytest.raises(RuntimeError, match="ModuleNotFoundError"):
        run_kernel("import no_such_package")

    def dies():
        raise RuntimeError("Kernel died")

    finding = check_kernel(dies)
    assert finding.mark == "fault"
    assert "Kernel died" in finding.text
    assert check_kernel(lambda: run_kernel(name="no-such-kernel")).mark == "fault"


SAYS_MUCH = """
import os, sys, warnings
warnings.warn("an old numpy")
print("hello from an import", file=sys.stderr)
print("/another/prefix")
os.write(2, b"from C, too\\n")
answer = {"prefix": sys.prefix, "lib": LIB}
"""


def test_what_a_kernel_prints_or_warns_of_is_not_taken_for_its_answer():
    lib = str(ROOT / "lib" / "__init__.py")
    assert check_kernel(lambda: run_kernel(SAYS_MUCH.replace("LIB", repr(lib)))).mark == "ok"


def test_what_torch_prints_is_not_taken_for_a_device():
    assert torch_device("import sys; print('hello'); print('x', file=sys.stderr); print('A GPU')") == "A GPU"
    assert torch_device("print('hello'); print('')") == ""


def test_the_kernel_is_that_of_lectures():
    assert run_kernel("import os; answer = {'cwd': os.getcwd()}") == {"cwd": str(ROOT / "lectures")}


def test_each_number_has_its_own_name():
    text = check_widgets().text
    for package in ("ipywidgets", "jupyterlab"):
        assert f"{package} {metadata.version(package)}" in text
    assert re.search(r"jupyterlab-manager \d", text)
    assert "in JupyterLab" not in text


def test_the_report_changes_no_environment():
    before = dict(os.environ)
    report({"widgets": check_widgets}, io.StringIO())
    assert dict(os.environ) == before


def test_the_kernel_has_the_course_s_settings():
    text = check_kernel(lambda: {"prefix": os.environ["IPYTHONDIR"]}).text
    assert os.environ["COURSE_JUPYTER"] in text


def test_the_doctor_works_where_every_package_is_missing():
    program = "import sys; from lib.cli import main; sys.exit(main(['doctor']))"
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    result = subprocess.run(
        [sys._base_executable, "-S", "-c", program], cwd=ROOT, env=env, capture_output=True, text=True
    )
    assert result.returncode == 1
    assert f"✓ {'Python':9}" in result.stdout
    assert "'numpy'" in result.stdout or "'packaging'" in result.stdout
    assert result.stderr == ""


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
    there = {path.name[:2] for path in (ROOT / "lectures").glob("*.ipynb")}
    named = re.findall(r"\b\d\d\b", check_gpu(missing, none).text + check_gpu(none, none).text)
    assert len(named) == 4
    assert set(named) <= there, "lectures that are to come help nobody now"


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
    assert list(all_checks()) == [*CHECKS, *FOR_INSTRUCTORS]
    assert all_checks()["Python"]() == check_python(sys.version_info)
    assert all_checks()["browser"]().name == "browser"
