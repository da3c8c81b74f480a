"""Where a net runs: on which device, in which precision, on how many threads; each is said once."""

from __future__ import annotations

import functools
import os
import platform
import time
from pathlib import Path

import torch

from lib.checks import alternatives, check_whole, mismatch, shown

BUSY = 2.0  # times as long on the wall as on the processor
SAID: set[str] = set()  # beginnings of lines, see `say_first`
MOST_THREADS = 256  # or as many as there are processors: of thousands, torch dies without a word
SHORTEST = 0.5  # seconds of which one can say that the machine is busy


def choose_device(name: str | None = None, *, index: int = 0) -> torch.device:
    """The fastest device of this computer, or the one that is named; says which, once.

    name: "cuda", "mps" or "cpu", with a number where there are several ("cuda:1"); None takes the first
        of these that there is
    index: which of several GPUs, where `name` has no number; with torchrun, LOCAL_RANK

    Raises `ValueError` where this computer has no such device.
    """
    device = check_device(devices()[0] if name is None else name, index=index)
    say_once(f"Device: {device}, {device_name(device)}")
    return device


def check_device(name: torch.device | str, *, index: int = 0) -> torch.device:
    """A device of this computer, returned; anything else raises `ValueError`.

    index: which of several GPUs, where `name` has no number
    """
    here = devices()
    check_whole(index, name="index")
    try:
        device = torch.device(name)
    except (RuntimeError, TypeError):  # it is no name of any device
        raise mismatch("", "device", alternatives(here), shown(name)) from None
    if device.type not in here:
        advice = "" if torch.version.cuda or device.type != "cuda" else "this torch is built without CUDA"
        came = repr(str(device))
        raise mismatch("", "device", f"{alternatives(here)}, which this computer has", came, advice)
    if device.type == "cuda":
        device = torch.device("cuda", index if device.index is None else device.index)
        if device.index >= torch.cuda.device_count():
            expected = f"one of {torch.cuda.device_count()} GPUs, counted from 0"
            raise mismatch("", "device", expected, repr(str(device)))
    return device


def devices() -> list[str]:
    """The kinds of devices that this computer has, the fastest first."""
    found = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    return [name for name, there in found.items() if there]


def device_name(device: torch.device) -> str:
    """What its maker calls it, as far as one can find out."""
    if device.type == "cuda":
        properties = torch.cuda.get_device_properties(device)
        return f"{properties.name}, {properties.total_memory / 2**30:.0f} GiB"
    if device.type == "mps":
        return "Apple's GPU"
    return cpu_fields().get("model name") or platform.processor() or platform.machine()


def precision_for(device: torch.device | str) -> str:
    """The precision that is fastest without being worse: "bf16" where the device computes in it, else "fp32".

    An NVIDIA GPU has bfloat16 from compute capability 8.0 on (A100, 2020), a CPU with avx512_bf16 or AMX. One
    without them would take longer in bfloat16, not shorter; Apple's GPUs gain little.
    """
    device = torch.device(device)
    if device.type == "cuda":
        return "bf16" if torch.cuda.get_device_capability(device) >= (8, 0) else "fp32"
    return "bf16" if device.type == "cpu" and cpu_has_bf16() else "fp32"


def cpu_has_bf16() -> bool:
    """Whether this processor multiplies bfloat16, and torch's convolutions know how to use that.

    What torch knows of the processor has no public name, so another release may lack it: then the operating
    system is asked.
    """
    names = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    answers = [_ask(torch.cpu, name) for name in names]
    if None in answers and True not in answers:
        flags = cpu_fields().get("flags", "").split()
        answers += ["avx512_bf16" in flags, "amx_bf16" in flags]
    convolutions = _ask(getattr(torch.ops, "mkldnn", None), "_is_mkldnn_bf16_supported")
    return True in answers and convolutions is not False


def use_threads(count: int | None = None) -> int:
    """Lets torch compute on so many threads, says so once, and returns the number.

    count: None takes all that this process has a right to, see `thread_share`
    """
    share, why = thread_share()
    if count is not None:
        most = max(MOST_THREADS, os.cpu_count() or 1)
        share, why = check_whole(count, name="threads", low=1, high=most), "as was asked for"
    torch.set_num_threads(share)
    say_once(f"Threads: {share}, {why}")
    return share


def thread_share(root: Path = Path("/")) -> tuple[int, str]:
    """How many threads this process has a right to, and by what, in words.

    root: of the file system, for tests

    The least of three: the processors that it may run on; in a container or on a JupyterHub, the share of
    them that its control group has; OMP_NUM_THREADS. More threads wait for each other at every layer.
    """
    processors = processor_count()
    every = os.cpu_count() or processors
    who = (
        "each processor"
        if processors == every
        else f"each of the {processors} processors, of {every}, that it may use"
    )
    shares: list[tuple[float, str]] = [(processors, f"one for {who}")]
    quota = cgroup_quota(root)
    if quota is not None:
        shares.append((quota, f"the share of {quota:g} processors that this session has"))
    wanted = os.environ.get("OMP_NUM_THREADS", "").split(",")[0].strip()
    if wanted.isdigit() and int(wanted):
        shares.append((int(wanted), "as OMP_NUM_THREADS says"))
    count, why = min(shares, key=lambda share: share[0])
    return max(int(count), 1), why


def processor_count() -> int:
    """The processors that this process may run on."""
    count = getattr(os, "process_cpu_count", None)  # from Python 3.13 on
    if count is not None:
        return count() or 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def cgroup_quota(root: Path = Path("/")) -> float | None:
    """The processors that this process's control groups grant it, such as 1.5; None for no limit.

    Version 2 has one file, cpu.max, with "quota period" in microseconds, or "max" for no limit; version 1
    has a file for each. A limit of a group holds for all groups within it: the least on the way up counts.
    """
    quotas = []
    for line in _lines(root / "proc/self/cgroup"):
        number, controllers, place = line.split(":", 2) if line.count(":") >= 2 else ("", "", "")
        if number == "0" and not controllers:
            mounts = [root / "sys/fs/cgroup", root / "sys/fs/cgroup/unified"]
        elif "cpu" in controllers.split(","):
            mounts = [root / "sys/fs/cgroup" / name for name in ("cpu", controllers)]
        else:
            continue
        parts = [part for part in place.split("/") if part not in ("", "..")]
        for mount in mounts:
            for depth in range(len(parts) + 1):
                quotas.append(_quota(mount.joinpath(*parts[:depth])))
    return min((quota for quota in quotas if quota is not None), default=None)


class Stretch:
    """A piece of work of this thread: how long it took on the wall, and how long the processor worked at it.

    >>> stretch = Stretch()
    >>> stretch.stop().busy
    False
    """

    def __init__(self) -> None:
        self.wall, self.cpu = -time.perf_counter(), -time.thread_time()

    def stop(self) -> Stretch:
        """Ends it, once; returns it."""
        self.wall += time.perf_counter()
        self.cpu += time.thread_time()
        return self

    @property
    def busy(self) -> bool:
        """Whether the wall's time is more than twice the processor's, for a stretch that is long enough.

        Of all threads of a computation the one that began it is never idle on a quiet machine, so its time
        alone tells, however many threads there are and however well they share the work.
        """
        return self.wall > SHORTEST and self.wall > BUSY * self.cpu

    def say_if_busy(self, device: torch.device | str = "cpu") -> None:
        """Says once that other programs keep the processors busy. Of a GPU one cannot tell: the CPU waits."""
        if torch.device(device).type == "cpu" and self.busy:
            spent = f"{self.wall:.1f} s went by for {self.cpu:.1f} s of work on a thread"
            say_first(f"This machine is busy: {spent}; what is measured here would be faster on an idle one")


def synchronize(device: torch.device | str) -> None:
    """Waits until a GPU has done all that it was given; a CPU has."""
    device = torch.device(device)
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


@functools.cache
def say_once(line: str) -> None:
    """Prints a line the first time that it is said."""
    print(line, flush=True)


def say_first(line: str) -> None:
    """Prints a line unless another that begins alike, up to the colon, has been said before."""
    beginning = line.partition(":")[0]
    if beginning not in SAID:
        SAID.add(beginning)
        print(line, flush=True)


def cpu_fields(root: Path = Path("/")) -> dict[str, str]:
    """What Linux says of the first processor: "model name", "flags", …; empty on other systems."""
    fields: dict[str, str] = {}
    for line in _lines(root / "proc/cpuinfo"):
        name, colon, value = line.partition(":")
        if colon:
            fields.setdefault(name.strip(), value.strip())
    return fields


def _ask(owner: object, name: str) -> bool | None:
    """The answer of a question without arguments; None where torch doesn't know it."""
    try:
        return bool(getattr(owner, name)())
    except Exception:  # no such name, or it can't be called like this any more: torch raises what it likes
        return None


def _quota(folder: Path) -> float | None:
    """quota / period of one control group; None where it has no limit."""
    one_file = _lines(folder / "cpu.max")
    if one_file:
        quota, period = [*one_file[0].split(), "", ""][:2]
    else:
        quota, period = (
            "".join(_lines(folder / f"cpu.cfs_{name}_us")[:1]).strip() for name in ("quota", "period")
        )
    if not (quota.isdigit() and period.isdigit() and int(quota) and int(period)):
        return None
    return int(quota) / int(period)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return []
