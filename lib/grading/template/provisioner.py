"""A sandbox whose kernels are forks of a template; jupyter_client, nbclient and nbgrader notice nothing."""

from __future__ import annotations

import asyncio
import platform
import shutil
import signal
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import uuid4

from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.provisioning import KernelProvisionerBase

from ..sandbox.folders import forget_folder, new_folder
from ..sandbox.landlock import SCOPES_SINCE, landlock_abi
from ..sandbox.provisioner import CHANNELS, listening
from ..sandbox.room import Limits, Room, Usage
from .client import TemplateProcess

PAUSE = 0.02  # seconds between two looks at whether it has ended


def template_offered() -> tuple[bool, str]:
    """Whether this computer can run a template, and if not, why: then each kernel is started afresh."""
    if platform.system() != "Linux":
        return False, "it needs Linux"
    if platform.machine() not in ("x86_64", "aarch64"):
        return False, f"there is no filter of system calls for {platform.machine()}"
    if landlock_abi() < SCOPES_SINCE:
        return (
            False,
            f"it needs Landlock of version 6 (Linux 6.12), and this kernel has {landlock_abi() or 'none'}",
        )
    if not shutil.which("bwrap"):
        return False, "it needs bubblewrap"
    return True, ""


class ForkProvisioner(KernelProvisionerBase):
    """Asks a template for a kernel, for what it takes, and for its end."""

    sandbox: TemplateSandbox
    status: int | None = None
    running = False
    folder: Path | None = None  # of the sockets

    @property
    def has_process(self) -> bool:
        return self.running

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Sockets of our own, in a folder that the sandbox does not see."""
        kwargs = await super().pre_launch(cmd=[], **kwargs)
        self.forget()
        self.folder = new_folder()
        manager: Any = self.parent
        manager.transport, manager.ip = "ipc", str(self.folder / "k")
        for port, channel in enumerate(CHANNELS, start=1):
            setattr(manager, f"{channel}_port", port)
        self.connection_info = manager.get_connection_info()
        return kwargs

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """The fork."""
        manager: Any = self.parent
        with listening(manager) as sockets:
            self.sandbox.fork(
                self,
                sockets,
                key=manager.session.key.decode(),
                arguments=kwargs.get("extra_arguments") or [],
            )
        self.status, self.running = None, True
        return self.connection_info

    async def poll(self) -> int | None:
        if self.running and self.status is None:
            self.status = self.sandbox.look() if self.is_last else -signal.SIGKILL
        return self.status if self.running else self.status or 0

    async def wait(self) -> int | None:
        while self.running and await self.poll() is None:
            await asyncio.sleep(PAUSE)
        self.running = False
        return self.status

    async def send_signal(self, signum: int) -> None:
        if signum in (signal.SIGKILL, signal.SIGTERM):
            await self.kill()
        elif self.running and self.is_last:
            self.sandbox.signal(signum)

    async def kill(self, restart: bool = False) -> None:
        if self.running:
            if self.is_last:
                self.sandbox.end()
            self.status = -signal.SIGKILL if self.status is None else self.status

    async def terminate(self, restart: bool = False) -> None:
        await self.kill(restart)

    async def shutdown_requested(self, restart: bool = False) -> None:
        """All marks are taken by now: nothing is gained by its last words."""
        await self.kill(restart)

    async def cleanup(self, restart: bool = False) -> None:
        await self.kill(restart)
        self.running = False
        self.forget()

    @property
    def is_last(self) -> bool:
        """Whether the sandbox has started no other kernel since: it ends one before it starts the next."""
        return self.sandbox.last is self

    def forget(self) -> None:
        """Removes the sockets."""
        if self.folder:
            forget_folder(self.folder)
        self.folder = None


class TemplateSandbox:
    """Each kernel is a fork of one template, which is started when the first is asked for.

    room: as a kernel sees it; the modules in `preload` are imported once
    limits: of each kernel
    """

    kind = "template"

    def __init__(self, room: Room, limits: Limits):
        self.room, self.limits = room, limits
        self._process: TemplateProcess | None = None
        self._busy = False
        self._usage = Usage()
        self.last: ForkProvisioner | None = None

    def kernel(self, folder: Path) -> AsyncKernelManager:
        """A manager whose kernel is not started yet.

        folder: what the submission brings; it sees, and changes, a copy of it
        """
        self.end()
        if self.last:
            self.last.forget()
        if self._process is None or not self._process.alive:
            self._replace()
        assert self._process is not None
        self._process.fill(folder)
        self._usage = Usage()
        spec = KernelSpec(argv=[], display_name="template", language="python", interrupt_mode="message")
        manager = AsyncKernelManager(kernel_id=str(uuid4()), autorestart=False)
        manager._kernel_spec = spec
        provisioner = ForkProvisioner(kernel_id=manager.kernel_id, kernel_spec=spec, parent=manager)
        provisioner.sandbox, self.last = self, provisioner
        manager.provisioner = provisioner
        return manager

    def _replace(self) -> None:
        self.close()
        self._process = TemplateProcess(self.room, self.limits)

    def fork(self, asking: ForkProvisioner, listening: list[int], **how: Any) -> None:
        """A kernel that takes these sockets, of which each listens for one of `CHANNELS`."""
        if self._process is None or self.last is not asking:
            raise RuntimeError("template: expected the manager that `kernel` gave last, got an older one")
        self._process.ask("start", listening, limits=asdict(self.limits), **how)
        self._busy = True

    def look(self) -> int | None:
        """The exit code of the kernel, negative for a signal; None while it runs."""
        return self._told("usage").get("status")

    def signal(self, number: int) -> None:
        """To the kernel."""
        self._told("signal", number=number)

    def usage(self) -> Usage:
        """Of the kernel that was made last, while it runs and after it."""
        if self._busy:
            self._told("usage")
        return self._usage

    def end(self) -> None:
        """Ends the kernel and all that it has started, and removes what it has written."""
        if not self._busy:
            return
        self._told("usage")
        ended = self._usage.ended
        answer = self._told("end")
        self._busy = False
        self._usage = Usage(self._usage.cpu_seconds, self._usage.memory, ended)
        if not answer.get("clean") and self._process:
            self._process.kill()  # the next kernel gets a new one

    def _told(self, what: str, **more: Any) -> dict[str, Any]:
        if self._process is None:
            return {"status": -signal.SIGKILL}
        try:
            answer = self._process.ask(what, **more)
        except RuntimeError:
            self._busy = False
            self._usage = Usage(self._usage.cpu_seconds, self._usage.memory, "signal 9")
            return {"status": -signal.SIGKILL}
        if "cpu" in answer:
            self._usage = Usage(answer["cpu"], answer["memory"], answer["ended"])
        return answer

    def close(self) -> None:
        """Ends the template, and whatever still runs."""
        self._busy = False
        if self.last:
            self.last.forget()
        if self._process:
            with suppress(OSError):
                self._process.close()
        self._process = None

    def __enter__(self) -> TemplateSandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
