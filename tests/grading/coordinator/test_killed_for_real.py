"""`course grade` in sandboxes, into nbgrader's gradebook, killed at some moment: the export is the same."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from lib.grading.sandbox.attempt import best_kind

sys.path.insert(0, str(Path(__file__).parents[1]))
from a_class import a_class, small_course

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
STUDENTS = 4
NAME = "a2_small"


def program(what, root, secret, *further):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(HERE)])}
    environment["COURSE_SECRET"] = str(secret)
    command = [sys.executable, str(HERE / "real_run.py"), what, str(root), *further]
    told = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    return subprocess.Popen(command, env=environment, start_new_session=True, **told)


def run(what, root, secret, *further):
    process = program(what, root, secret, *further)
    said = process.communicate()[0].decode()
    assert process.returncode == 0, said
    return said


def end_of(root, secret):
    """What does not depend on how long it took: the results and the export."""
    run("export", root, secret)
    found = {"export": (root / "marks.csv").read_bytes()}
    for file in sorted((root / "grading" / "results").rglob("*.json")):
        result = json.loads(file.read_text("utf-8"))
        found[file.name] = {name: result[name] for name in result if not name.endswith("_seconds")}
    return found


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    if best_kind() == "none":
        if os.environ.get("CI"):
            pytest.fail("no sandbox works here: course doctor says why")
        pytest.skip("needs a sandbox")
    root = small_course(tmp_path_factory.mktemp("killed") / "course")
    secret = root.parent / "secret"
    secret.write_text("c" * 64)
    a_class(root, STUDENTS, seed=3)
    assert f"{STUDENTS} submissions graded now" in run("grade", root, secret)
    return root, secret, end_of(root, secret)


def forget_results(root):
    """As before the first run, but for what is made once a course."""
    for name in ("grading/results", "grading/journal", "autograded", "gradebook.db"):
        place = root / name
        shutil.rmtree(place) if place.is_dir() else place.unlink(missing_ok=True)


def processes(root, whom):
    """Those of a kind in a run: its own, the templates, or the kernels, which are forks of them."""
    if whom == "coordinator":
        return [root]
    inside = root.children(recursive=True)
    above = {one.pid for one in inside if name_of(one) == "bwrap"}
    for _ in range({"template": 1, "kernel": 2}[whom]):
        found = [one for one in inside if one.pid not in above and parent_of(one) in above]
        above = {one.pid for one in found}
    return found


def name_of(process):
    with contextlib.suppress(psutil.Error):
        return process.name()
    return ""


def parent_of(process):
    with contextlib.suppress(psutil.Error):
        return process.ppid()
    return 0


@pytest.mark.timeout(300)
@pytest.mark.family(share=40, together=True)
@pytest.mark.parametrize("whom", ["coordinator", "kernel", "template"])
@pytest.mark.parametrize("point", range(7))
def test_a_killed_run_goes_on_to_the_same_export(undisturbed, point, whom):
    root, secret, expected = undisturbed
    forget_results(root)
    draw = random.Random(f"{point} {whom}")
    process = program("grade", root, secret)
    enough = draw.randrange(STUDENTS)
    killed = None
    with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
        while process.poll() is None and len(list((root / "grading").glob("results/*/*.json"))) < enough:
            time.sleep(0.02)
        time.sleep(draw.random())
        while process.poll() is None and killed is None:
            if victims := processes(psutil.Process(process.pid), whom):
                killed = draw.choice(victims)
                os.kill(killed.pid, signal.SIGKILL)
            time.sleep(0.02)
    told = process.communicate()[0].decode()
    assert (process.returncode == -signal.SIGKILL) == (whom == "coordinator" and killed is not None)
    if whom != "coordinator":  # it is tried a second time in the same run
        assert process.returncode == 0, told
    assert "Not graded" not in run("grade", root, secret)
    assert end_of(root, secret) == expected


@pytest.mark.timeout(300)
@pytest.mark.family(share=40, together=True)
@pytest.mark.parametrize("further", [[], ["--unsandboxed"]], ids=["sandboxed", "unsandboxed"])
def test_ctrl_c_ends_it_soon_and_the_next_run_goes_on(undisturbed, further):
    root, secret, expected = undisturbed
    forget_results(root)
    process = program("grade", root, secret, *further)
    while process.poll() is None and not list((root / "grading").glob("results/*/*.json")):
        time.sleep(0.02)
    assert process.poll() is None, process.communicate()[0].decode()
    inside = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    told = process.communicate(timeout=60)[0].decode()
    assert process.returncode == 130, told
    assert "Ended before the end, since it was interrupted; what is graded stays." in told
    assert "Traceback" not in told
    assert psutil.wait_procs(inside, timeout=10)[1] == []
    kept = len(list((root / "grading").glob("results/*/*.json")))
    said = run("grade", root, secret, *further).replace("1 submission graded", "1 submissions graded")
    if kept < STUDENTS:
        assert f"{STUDENTS - kept} submissions graded now, {kept} as before" in said
    else:
        assert f"nothing is new or has changed; {kept} submissions as before" in said
    found = end_of(root, secret)
    if further:
        for result in (result for result in found.values() if isinstance(result, dict)):
            assert result["sandbox"] == "none"
            assert "unsandboxed" in {flag["kind"] for flag in result["flags"]}
    else:
        assert found == expected


@pytest.mark.timeout(300)
@pytest.mark.family(share=40, together=True)
@pytest.mark.filterwarnings("ignore")
def test_two_workers_of_dask_one_of_them_killed_give_the_same_export(undisturbed, monkeypatch):
    distributed = pytest.importorskip("distributed", reason="the extra “grading” is not installed")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(HERE)]))
    monkeypatch.setenv("PYTHONHASHSEED", "6640")  # which Dask sets in this process, and leaves
    root, secret, expected = undisturbed
    forget_results(root)
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as cluster:
        process = program("grade", root, secret, "--scheduler", cluster.scheduler_address)
        while process.poll() is None and not list((root / "grading").glob("results/*/*.json")):
            time.sleep(0.02)
        os.kill(next(iter(cluster.workers.values())).pid, signal.SIGKILL)
        told = process.communicate()[0].decode()
        assert process.returncode == 0, told
    found = end_of(root, secret)
    assert found["export"] == expected["export"]
