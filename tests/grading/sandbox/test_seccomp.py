"""Every call that the filter names fails in a child, and what submissions need still works under it."""

from __future__ import annotations

import errno
import json
import os
import platform
import signal
import struct
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from lib.grading.sandbox import seccomp
from lib.grading.sandbox.seccomp import MISSING, REFUSED, install_seccomp, seccomp_program

ROOT = Path(__file__).parents[3]
MACHINES = ("x86_64", "aarch64")
pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or platform.machine() not in MACHINES,
    reason="no filter for this system",
)
COLUMN = MACHINES.index(platform.machine()) if platform.machine() in MACHINES else 0

START = """
import ctypes, errno, json, os, sys
from lib.grading.sandbox.seccomp import install_seccomp
install_seccomp()
system = ctypes.CDLL(None, use_errno=True).syscall
def call(number, *arguments):
    ctypes.set_errno(0)
    answer = system(ctypes.c_long(number), *map(ctypes.c_long, arguments))
    return errno.errorcode.get(ctypes.get_errno(), "fine") if answer < 0 else "fine"
"""


def under_the_filter(code, timeout=60):
    """Runs code in a Python that has installed the filter."""
    command = [sys.executable, "-c", START + textwrap.dedent(code)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=timeout)


def said(code, timeout=60):
    run = under_the_filter(code, timeout)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def answer(machine, number, *arguments, architecture=None):
    """What the filter answers, by an interpreter of our own: works for the machine that this is not, too."""
    column = MACHINES.index(machine)
    architecture = architecture or (seccomp.X86_64, seccomp.AARCH64)[column]
    full = [*arguments, 0, 0, 0, 0, 0, 0][:6]
    data = struct.pack("=iIQ6Q", number - (1 << 32 if number >> 31 else 0), architecture, 0, *full)
    program = [struct.unpack("=HBBI", part) for part in batches(seccomp_program(machine), 8)]
    at, loaded = 0, 0
    while True:
        what, if_true, if_false, value = program[at]
        at += 1
        match what:
            case 0x20:
                (loaded,) = struct.unpack_from("=I", data, value)
            case 0x06:
                return value
            case _:
                test = {0x15: loaded == value, 0x35: loaded >= value, 0x45: bool(loaded & value)}[what]
                at += if_true if test else if_false


def batches(content, size):
    return [content[start : start + size] for start in range(0, len(content), size)]


def refused(number):
    return 0x50000 | number


ALLOWED, KILLED = 0x7FFF0000, 0x80000000


@pytest.mark.parametrize("machine", MACHINES)
def test_each_named_call_is_refused_on_both_machines(machine):
    column = MACHINES.index(machine)
    answers = {name: answer(machine, n[column]) for name, n in REFUSED.items() if n[column] is not None}
    assert set(answers.values()) == {refused(errno.EPERM)}
    assert {answer(machine, n[column]) for n in MISSING.values()} == {refused(errno.ENOSYS)}


@pytest.mark.parametrize("machine", MACHINES)
def test_what_is_not_named_is_allowed(machine):
    column = MACHINES.index(machine)
    special = [seccomp.SOCKET[column]]
    named = {numbers[column] for table in (REFUSED, MISSING) for numbers in table.values()}
    others = [n for n in range(seccomp.NEWEST + 1) if n not in named and n not in special]
    wrong = [n for n in others if answer(machine, n, 0) != ALLOWED]
    assert wrong == []


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    ("call", "arguments", "expected"),
    [
        ("CLONE", (17,), ALLOWED),  # fork
        ("CLONE", (0x3D0F00,), ALLOWED),  # a thread
        *[("CLONE", (flag | 17,), refused(errno.EPERM)) for flag in
          (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)],
        ("SOCKET", (1,), ALLOWED),
        ("SOCKET", (2,), ALLOWED),
        ("SOCKET", (10,), ALLOWED),
        ("SOCKET", (16,), ALLOWED),
        ("SOCKET", (40,), refused(errno.EAFNOSUPPORT)),  # to the machine outside a virtual one
        ("SOCKET", (38,), refused(errno.EAFNOSUPPORT)),
        ("SOCKET", (17,), refused(errno.EAFNOSUPPORT)),
        ("IOCTL", (0, 0x5412), refused(errno.EPERM)),
        ("IOCTL", (0, 0x1_0000_5412), refused(errno.EPERM)),  # the kernel looks at the lower half only
        ("IOCTL", (0, 0x541C), refused(errno.EPERM)),
        ("IOCTL", (0, 0x5413), ALLOWED),
        ("PRLIMIT", (0, 7), ALLOWED),
        ("PRLIMIT", (1, 7), refused(errno.EPERM)),
        ("PRLIMIT", (77, 7), refused(errno.EPERM)),
        ("SETPRIORITY", (0, 0, 5), ALLOWED),
        ("SETPRIORITY", (0, 1, 5), refused(errno.EPERM)),
        ("SETPRIORITY", (2, 0, 5), refused(errno.EPERM)),
    ],
)  # fmt: skip
def test_some_calls_are_refused_for_some_arguments(machine, call, arguments, expected):
    assert answer(machine, getattr(seccomp, call)[MACHINES.index(machine)], *arguments) == expected


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("call", seccomp.OF_A_PROCESS)
def test_process_1_is_left_alone(machine, call):
    number = seccomp.OF_A_PROCESS[call][MACHINES.index(machine)]
    assert answer(machine, number, 0) == answer(machine, number, 55) == ALLOWED
    assert answer(machine, number, 1) == refused(errno.EPERM)


def test_other_architectures_are_killed_and_newer_calls_are_missing():
    for machine in MACHINES:
        assert answer(machine, 39, architecture=0x40000003) == KILLED  # i386
        assert answer(machine, seccomp.NEWEST + 1) == refused(errno.ENOSYS)
    assert answer("x86_64", 0x40000000 + 39) == KILLED  # x32
    assert answer("aarch64", 39, architecture=seccomp.X86_64) == KILLED


def test_another_machine_is_refused():
    with pytest.raises(NotImplementedError, match=r"expected one of .* got 'riscv64'"):
        seccomp_program("riscv64")


def test_the_kernel_refuses_each_named_call_to_a_child():
    numbers = {name: n[COLUMN] for name, n in REFUSED.items() if n[COLUMN] is not None}
    # Arguments that would be refused for their values anyway if the filter let one through: EFAULT, EINVAL
    answers = said(
        f"print(json.dumps({{name: call(n, -1, -1, -1, -1, -1) for name, n in {numbers!r}.items()}}))"
    )
    assert {name: word for name, word in answers.items() if word != "EPERM"} == {}
    others = said(
        f"""
        print(json.dumps([
            call({MISSING["clone3"][COLUMN]}, 0, 0),
            call({seccomp.CLONE[COLUMN]}, 0x10000011, 0),
            call({seccomp.PRLIMIT[COLUMN]}, os.getppid(), 7, 0, 0), call({seccomp.SOCKET[COLUMN]}, 40, 1, 0),
            call({seccomp.NEWEST + 5}, 0)]))
        """
    )
    assert others == ["ENOSYS", "EPERM", "EPERM", "EAFNOSUPPORT", "ENOSYS"]


def test_without_the_filter_they_are_not_refused():
    """Else the test above could not fail."""
    code = START.replace("install_seccomp()\n", "") + (
        f"print(call({REFUSED['shmget'][COLUMN]}, 0, 0, 0), call({REFUSED['keyctl'][COLUMN]}, 99))"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "EPERM" not in run.stdout, run.stdout


@pytest.mark.skipif(platform.machine() != "x86_64", reason="x32 is a part of x86_64")
def test_x32_is_killed():
    run = under_the_filter("call(0x40000000 + 39)")
    assert run.returncode == -signal.SIGSYS


def test_subprocesses_threads_and_pools_work_under_the_filter():
    answers = said(
        """
        import multiprocessing, subprocess, threading, resource
        from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
        import numpy as np

        def square(x):
            return x * x

        found = {}
        thread = threading.Thread(target=lambda: found.update(thread=1)); thread.start(); thread.join()
        found["subprocess"] = subprocess.run(["echo", "hello"], capture_output=True, text=True).stdout
        context = multiprocessing.get_context("fork")
        with ProcessPoolExecutor(2, mp_context=context) as pool:
            found["pool"] = list(pool.map(square, range(4)))
        lock = context.Lock()
        with lock:
            found["semaphore"] = True
        from multiprocessing import shared_memory
        memory = shared_memory.SharedMemory(create=True, size=100); memory.close(); memory.unlink()
        found["product"] = float((np.ones((300, 300)) @ np.ones((300, 300)))[0, 0])
        resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))
        os.nice(1)
        print(json.dumps(found))
        """
    )
    assert answers == {
        "thread": 1, "subprocess": "hello\n", "pool": [0, 1, 4, 9], "semaphore": True, "product": 300.0,
    }  # fmt: skip


@pytest.mark.family(share=6)
def test_torch_works_under_the_filter():
    pytest.importorskip("torch")
    answers = said(
        """
        import torch
        from torch.utils.data import DataLoader, TensorDataset
        torch.set_num_threads(2)
        x = torch.ones(200, 200, requires_grad=True)
        (x @ x).sum().backward()
        batches = list(DataLoader(TensorDataset(torch.arange(8)), batch_size=4, num_workers=2))
        print(json.dumps([float(x.grad[0, 0]), sum(int(b.sum()) for b, in batches)]))
        """,
        timeout=120,
    )
    assert answers == [400.0, 28]


def test_the_filter_is_inherited_and_stays():
    run = under_the_filter(
        f"""
        import subprocess
        code = "import ctypes; system = ctypes.CDLL(None, use_errno=True).syscall; "
        code += "print(system({REFUSED["keyctl"][COLUMN]}, 0, -3, 0), ctypes.get_errno())"
        print(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout)
        print(open("/proc/self/status").read().partition("Seccomp:")[2].split()[0])
        """
    )
    assert run.stdout.split() == ["-1", str(errno.EPERM), "2"], run.stderr


def test_installing_is_for_good_in_this_thread_too():
    """In a fork, as the warm template does it."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            install_seccomp()
            import ctypes

            system = ctypes.CDLL(None, use_errno=True).syscall
            refused_call = (
                system(REFUSED["keyctl"][COLUMN], 0, -3, 0) < 0 and ctypes.get_errno() == errno.EPERM
            )
            code = 0 if refused_call else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
