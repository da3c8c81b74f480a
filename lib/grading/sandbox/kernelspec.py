"""The sandbox as a kernel that stock nbgrader and Jupyter can use by its name.

    c.ExecutePreprocessor.kernel_name = "deep-vision-sandbox"

in nbgrader_config.py makes `nbgrader autograde` run students' code in it: no network, no gradebook,
no solutions, not even the notebook itself; its working folder is a copy of the submission's other files.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from jupyter_core.paths import jupyter_data_dir

from lib.checks import mismatch, shown
from lib.files import replacing_text

from .container import ContainerSandbox
from .provisioner import BubblewrapSandbox, KernelSandbox
from .room import Limits, Room

KERNEL_NAME = "deep-vision-sandbox"
PROVISIONERS: dict[str, type[KernelSandbox]] = {
    "bubblewrap": BubblewrapSandbox,
    "container": ContainerSandbox,
}


def write_kernelspec(
    room: Room, limits: Limits, kind: str = "bubblewrap", name: str = KERNEL_NAME, data: Path | None = None
) -> Path:
    """Writes a kernel's description, and returns its folder.

    room, limits: what every kernel sees and may take
    kind: "bubblewrap" or "container"
    name: what the kernel is called
    data: a data folder of Jupyter's, by default this user's
    Raises `ValueError` for another kind.
    """
    if kind not in PROVISIONERS:
        raise mismatch("kernelspec", "kind", f"one of {', '.join(PROVISIONERS)}", shown(kind))
    folder = (data or Path(jupyter_data_dir())) / "kernels" / name
    folder.mkdir(parents=True, exist_ok=True)
    config = {
        "course": str(room.course.resolve()),
        "data": str(room.data.resolve()) if room.data else "",
        "hidden": list(room.hidden),
        "limits": asdict(limits),
    }
    spec = {
        "argv": PROVISIONERS[kind](room, limits).arguments(),
        "display_name": f"Python in a sandbox ({kind})",
        "language": "python",
        "interrupt_mode": "message",
        "metadata": {
            "kernel_provisioner": {"provisioner_name": f"deep-vision-{kind}", "config": config},
        },
    }
    with replacing_text(folder / "kernel.json") as file:
        file.write(json.dumps(spec, indent=1) + "\n")
    return folder
