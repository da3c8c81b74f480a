"""Runs a notebook by nbclient in a kernel of a sandbox, and closes what nbclient leaves open."""

from __future__ import annotations

from typing import Any

from jupyter_client import AsyncKernelManager
from nbclient import NotebookClient
from nbformat import NotebookNode


def run_notebook(notebook: NotebookNode, manager: AsyncKernelManager, **options: Any) -> None:
    """nbclient closes its sockets only where it has made the manager itself."""
    client = NotebookClient(notebook, km=manager, **options)
    try:
        client.execute()
    finally:
        if client.kc is not None:
            client.kc.stop_channels()
        manager._close_control_socket()  # the kernel lives on, until the sandbox ends it
        manager.context.destroy(linger=0)
