"""Python and the GPU."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Sequence

from .finding import Finding, pip_command

OLDEST, NEWEST = (3, 11), (3, 13)
TORCH_DEVICE = """
import torch
print(torch.cuda.get_device_name() if torch.cuda.is_available() else
      "Apple GPU" if torch.backends.mps.is_available() else "")
"""


def check_python(version: Sequence[int | str] = sys.version_info) -> Finding:
    """A fault below the oldest Python that runs the course, a warning above the newest that was tested."""
    text = ".".join(map(str, version[:3]))
    if tuple(version[:2]) < OLDEST:
        return Finding(
            "fault",
            "Python",
            f"{text} is too old",
            "install Python 3.11 to 3.13, then: python3 course.py start",
        )
    if tuple(version[:2]) > NEWEST:
        fix = "if anything fails, use Python 3.13: delete .venv, then: python3.13 course.py start"
        return Finding("warning", "Python", f"{text} is newer than what was tested", fix)
    return Finding("ok", "Python", f"{text} ({sys.executable})")


def torch_device(program: str = TORCH_DEVICE) -> str:
    """The GPU that torch uses, or "" where it has none; asked in a process of its own, as torch may crash.

    Raises `ImportError` where torch is not installed, `RuntimeError` where it does not work.
    """
    if importlib.util.find_spec("torch") is None:
        raise ImportError("torch")
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    if answer.returncode:
        raise RuntimeError((answer.stderr.strip().splitlines() or [f"exit status {answer.returncode}"])[-1])
    return (answer.stdout.splitlines() or [""])[-1].strip()  # whatever torch's import may print before


def nvidia_device() -> str:
    """The first GPU that NVIDIA's driver reports, or ""."""
    if not (command := shutil.which("nvidia-smi")):
        return ""
    answer = subprocess.run(
        [command, "--query-gpu=name", "--format=csv,noheader"], capture_output=True, text=True, timeout=60
    )
    return answer.stdout.partition("\n")[0].strip() if answer.returncode == 0 else ""


def check_gpu(ask_torch=torch_device, ask_driver=nvidia_device) -> Finding:
    """A warning where torch is missing or leaves a GPU unused, a fault where torch does not work.

    ask_torch, ask_driver: give the name of the GPU or ""
    """
    try:
        device = ask_torch()
    except ImportError:
        return Finding(
            "warning",
            "GPU",
            "torch is not installed: lectures 10 to 13 need it",
            pip_command("torch"),
        )
    except RuntimeError as error:
        return Finding(
            "fault", "GPU", f"torch does not work: {error}", f"{pip_command('torch')} --force-reinstall"
        )
    if device:
        return Finding("ok", "GPU", device)
    unused = ask_driver()
    if unused:
        fix = "update NVIDIA's driver, and install the build of torch for GPUs that torch's own site names"
        return Finding("warning", "GPU", f"{unused} is there, but torch cannot use it", fix)
    return Finding("ok", "GPU", "none: everything runs on the processor, lectures 11 to 13 for longer")
