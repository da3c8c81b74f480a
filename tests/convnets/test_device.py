"""Device, precision and threads: what is chosen on computers of all kinds, and that it is said once."""

import os
import time

import pytest
import torch

from lib.convnets import device as devices
from lib.convnets.device import (
    Stretch,
    cgroup_quota,
    choose_device,
    cpu_has_bf16,
    precision_for,
    say_first,
    say_once,
    synchronize,
    thread_share,
    use_threads,
)


@pytest.fixture(autouse=True)
def nothing_said_yet(monkeypatch):
    say_once.cache_clear()
    monkeypatch.setattr("lib.convnets.device.SAID", set())


@pytest.fixture
def computer(monkeypatch):
    """A computer with these devices; its GPUs are NVIDIA's of this capability."""

    def make(cuda=0, mps=False, capability=(9, 0)):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda > 0)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: cuda)
        monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device=None: capability)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
        monkeypatch.setattr(devices, "device_name", lambda device: f"a {device.type}")

    return make


@pytest.mark.parametrize(
    ("has", "name", "index", "chosen"),
    [
        ({}, None, 0, "cpu"),
        ({"cuda": 1}, None, 0, "cuda:0"),
        ({"cuda": 4}, None, 3, "cuda:3"),
        ({"cuda": 4}, "cuda:2", 3, "cuda:2"),
        ({"cuda": 2}, "cuda", 1, "cuda:1"),
        ({"cuda": 1}, "cpu", 0, "cpu"),
        ({"mps": True}, None, 0, "mps"),
        ({"mps": True}, "cpu", 0, "cpu"),
        ({"cuda": 1, "mps": True}, None, 0, "cuda:0"),
    ],
)
def test_the_fastest_device_is_chosen_or_the_named_one(computer, capsys, has, name, index, chosen):
    computer(**has)
    assert choose_device(name, index=index) == torch.device(chosen)
    assert capsys.readouterr().out == f"Device: {chosen}, a {chosen.split(':')[0]}\n"
    choose_device(name, index=index)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("has", "name", "index", "message"),
    [
        ({}, "cuda", 0, "device: expected 'cpu', which this computer has, got 'cuda'"),
        ({"mps": True}, "cuda", 0, "device: expected 'mps' or 'cpu', which this computer has, got 'cuda'"),
        ({}, "mps", 0, "device: expected 'cpu', which this computer has, got 'mps'"),
        ({"cuda": 1}, "gpu", 0, "device: expected 'cuda' or 'cpu', got 'gpu'"),
        ({"cuda": 1}, 1.5, 0, "device: expected 'cuda' or 'cpu', got 1.5"),
        ({"cuda": 2}, "cuda:2", 0, "device: expected one of 2 GPUs, counted from 0, got 'cuda:2'"),
        ({"cuda": 2}, None, 5, "device: expected one of 2 GPUs, counted from 0, got 'cuda:5'"),
        ({}, None, -1, "index: expected a whole number of at least 0, got -1"),
    ],
)
def test_a_device_that_is_not_there_is_refused(computer, has, name, index, message):
    computer(**has)
    with pytest.raises(ValueError, match=f"^{message}"):
        choose_device(name, index=index)


def test_this_computer_has_a_processor_with_a_name(capsys):
    assert choose_device("cpu").type == "cpu"
    assert len(capsys.readouterr().out) > len("Device: cpu, ")


@pytest.mark.parametrize(
    ("device", "capability", "precision"),
    [("cuda", (9, 0), "bf16"), ("cuda", (8, 0), "bf16"), ("cuda", (7, 5), "fp32"), ("mps", None, "fp32")],
)
def test_a_gpu_computes_in_bfloat16_from_ampere_on(computer, device, capability, precision):
    computer(cuda=1, capability=capability)
    assert precision_for(device) == precision


def no(*_):
    raise RuntimeError("not this time")


@pytest.mark.parametrize(
    ("avx512", "amx", "mkldnn", "flags", "expected"),
    [
        (lambda: True, lambda: False, lambda: True, "", True),
        (lambda: False, lambda: True, lambda: True, "", True),
        (lambda: False, lambda: False, lambda: True, "avx512_bf16", False),
        (lambda: True, lambda: False, lambda: False, "", False),
        (None, None, lambda: True, "fpu avx512_bf16", True),  # torch forgot the names
        (None, None, lambda: True, "fpu amx_bf16", True),
        (None, None, lambda: True, "fpu avx512f", False),
        (None, None, None, "", False),
        (no, lambda: False, lambda: True, "avx512_bf16", True),
        (no, no, no, "avx512_bf16", True),
        (lambda x: True, lambda: True, None, "", True),
    ],
)
def test_bfloat16_of_a_cpu_is_found_whatever_torch_knows(monkeypatch, avx512, amx, mkldnn, flags, expected):
    class Some:
        pass

    cpu, ops, convolutions = Some(), Some(), Some()
    for owner, name, value in (
        (cpu, "_is_avx512_bf16_supported", avx512),
        (cpu, "_is_amx_tile_supported", amx),
        (convolutions, "_is_mkldnn_bf16_supported", mkldnn),
    ):
        if value is not None:
            setattr(owner, name, value)
    ops.mkldnn = convolutions
    monkeypatch.setattr(devices.torch, "cpu", cpu)
    monkeypatch.setattr(devices.torch, "ops", ops)
    monkeypatch.setattr(devices, "cpu_fields", lambda: {"flags": flags})
    assert cpu_has_bf16() is expected


def test_this_torch_answers_what_is_asked_of_it():
    for owner, name in (
        (torch.cpu, "_is_avx512_bf16_supported"),
        (torch.cpu, "_is_amx_tile_supported"),
        (torch.ops.mkldnn, "_is_mkldnn_bf16_supported"),
    ):
        assert devices._ask(owner, name) is not None, f"{name} is gone: see cpu_has_bf16"


def system(root, files):
    """A file system with these files."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


V1 = "12:cpuset:/\n4:cpu,cpuacct:/docker/abc\n0::/\n"


@pytest.mark.parametrize(
    ("files", "quota"),
    [
        ({}, None),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "200000 100000\n"}, 2.0),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "max 100000\n"}, None),
        ({"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/cpu.max": "150000 100000"}, 1.5),
        (
            {
                "proc/self/cgroup": "0::/a/b\n",
                "sys/fs/cgroup/a/cpu.max": "400000 100000",
                "sys/fs/cgroup/a/b/cpu.max": "50000 100000",
            },
            0.5,
        ),
        (
            {
                "proc/self/cgroup": V1,
                "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "300000",
                "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
            },
            3.0,
        ),
        (
            {
                "proc/self/cgroup": V1,
                "sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_quota_us": "250000\n",
                "sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_period_us": "100000\n",
            },
            2.5,
        ),
        (
            {
                "proc/self/cgroup": V1,
                "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1",
                "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
            },
            None,
        ),
        ({"proc/self/cgroup": "0::/../../x\n", "sys/fs/cgroup/cpu.max": "100000 100000"}, 1.0),
        ({"proc/self/cgroup": "nonsense\n\n0:\n", "sys/fs/cgroup/cpu.max": "100000 100000"}, None),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": ""}, None),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "0 0"}, None),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "quota"}, None),
    ],
)
def test_the_quota_is_the_least_on_the_way_up(tmp_path, files, quota):
    assert cgroup_quota(system(tmp_path, files)) == quota


@pytest.mark.parametrize(
    ("processors", "quota", "openmp", "threads", "why"),
    [
        (8, None, None, 8, "one for each processor"),
        (64, "200000 100000", None, 2, "the share of 2 processors that this session has"),
        (64, "50000 100000", None, 1, "the share of 0.5 processors that this session has"),
        (4, "290000 100000", None, 2, "the share of 2.9 processors that this session has"),
        (2, "800000 100000", None, 2, "one for each processor"),
        (8, None, "3", 3, "as OMP_NUM_THREADS says"),
        (8, None, "4,2", 4, "as OMP_NUM_THREADS says"),
        (2, None, "64", 2, "one for each processor"),
        (8, None, "0", 8, "one for each processor"),
        (8, None, "many", 8, "one for each processor"),
    ],
)
def test_threads_are_the_least_of_processors_quota_and_wish(
    monkeypatch, tmp_path, processors, quota, openmp, threads, why
):
    monkeypatch.setattr(devices, "processor_count", lambda: processors)
    monkeypatch.setattr(os, "cpu_count", lambda: processors)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    if openmp is not None:
        monkeypatch.setenv("OMP_NUM_THREADS", openmp)
    files = {"proc/self/cgroup": "0::/\n"} | ({"sys/fs/cgroup/cpu.max": quota} if quota else {})
    assert thread_share(system(tmp_path, files)) == (threads, why)


def test_a_part_of_the_processors_is_said_to_be_one(monkeypatch, tmp_path):
    monkeypatch.setattr(devices, "processor_count", lambda: 4)
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert thread_share(tmp_path) == (4, "one for each of the 4 processors, of 64, that it may use")


@pytest.mark.parametrize("kind", ["process_cpu_count", "sched_getaffinity", "cpu_count"])
def test_processors_are_counted_on_every_system(monkeypatch, kind):
    monkeypatch.setattr(os, "cpu_count", lambda: 5)
    monkeypatch.setattr(os, "process_cpu_count", lambda: 3, raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 7}, raising=False)
    expected = {"process_cpu_count": 3, "sched_getaffinity": 2, "cpu_count": 5}[kind]
    for name in ("process_cpu_count", "sched_getaffinity"):
        if kind == name:
            break
        monkeypatch.delattr(os, name)
    assert devices.processor_count() == expected


def test_torch_gets_the_threads_and_says_so_once(capsys):
    before = torch.get_num_threads()
    try:
        assert use_threads(1) == torch.get_num_threads() == 1
        assert use_threads(1) == 1
        assert capsys.readouterr().out == "Threads: 1, as was asked for\n"
        assert 1 <= use_threads() <= devices.processor_count()
        with pytest.raises(ValueError, match=r"threads: expected a whole number from 1 to .*, got 0"):
            use_threads(0)
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize(
    ("wall", "cpu", "busy"),
    [(10, 9, False), (10, 5.1, False), (10, 4.9, True), (10, 0, True), (0.4, 0.1, False)],
)
def test_a_machine_is_busy_where_the_wall_takes_twice_as_long(monkeypatch, capsys, wall, cpu, busy):
    walls, cpus = iter([5.0, 5.0 + wall]), iter([1.0, 1.0 + cpu])
    monkeypatch.setattr(time, "perf_counter", lambda: next(walls))
    monkeypatch.setattr(time, "thread_time", lambda: next(cpus))
    stretch = Stretch().stop()
    assert stretch.busy is busy
    stretch.say_if_busy("cuda")
    assert capsys.readouterr().out == ""
    stretch.say_if_busy()
    assert capsys.readouterr().out.startswith("This machine is busy: 10.0 s" if busy else "")
    assert stretch.busy is busy


def test_that_it_is_busy_is_said_once_whatever_the_numbers(capsys):
    for line in ("This machine is busy: 2 s", "This machine is busy: 3 s", "Device: cpu"):
        say_first(line)
    assert capsys.readouterr().out == "This machine is busy: 2 s\nDevice: cpu\n"


def test_work_on_one_thread_of_many_is_not_taken_for_a_busy_machine():
    stretch = Stretch()
    end = time.thread_time() + 0.02
    while time.thread_time() < end:
        pass
    assert stretch.stop().cpu >= 0.02


def test_a_processor_need_not_be_waited_for():
    synchronize("cpu")


@pytest.mark.parametrize("count", [0, -3, 99_999, 2.0])
def test_a_number_of_threads_that_no_machine_has_is_refused(count):
    before = torch.get_num_threads()
    with pytest.raises(ValueError, match="threads: expected a whole number from 1 to"):
        use_threads(count)
    assert torch.get_num_threads() == before
