"""A PostgreSQL server of one's own, in a temporary folder, reached by a socket there; no port is opened."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

USERS = ("postgres", "nobody")  # PostgreSQL does not run as root


def program(name: str) -> str | None:
    """Where a program of the server is: Debian keeps them out of PATH."""
    debian = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    newest = sorted(debian, key=lambda path: int(path.parts[-3]))
    return str(newest[-1]) if newest else shutil.which(name)


def lacking() -> str:
    """What is missing for a server, in a sentence; "" where nothing is."""
    if os.name != "posix":
        return "no PostgreSQL server on this system"
    if not find_spec("psycopg"):
        return "psycopg is not installed: pip install 'psycopg[binary]'"
    missing = [name for name in ("initdb", "pg_ctl") if not program(name)]
    return f"no {' or '.join(missing)} here: apt-get install postgresql" if missing else ""


def run_as_other(command: list[str], user: str | None) -> None:
    who = {"user": user, "group": user_group(user), "extra_groups": []} if user else {}
    run = subprocess.run(command, cwd="/", capture_output=True, text=True, **who)
    assert run.returncode == 0, run.stdout + run.stderr


def user_group(user: str) -> int:
    import pwd

    return pwd.getpwnam(user).pw_gid


@contextmanager
def private_server() -> Iterator[str]:
    """Starts a server and yields the address of an empty database; skips without one, but not with CI."""
    if reason := lacking():
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    user = None
    if os.geteuid() == 0:
        import pwd

        there = {entry.pw_name for entry in pwd.getpwall()}
        user = next(name for name in USERS if name in there)
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # the path of a socket has at most 107 bytes
    try:
        if user:
            shutil.chown(folder, user)
        data = folder / "data"
        usual = ["--auth=trust", "--username=teacher", "--encoding=UTF8", "--no-locale", "--no-sync"]
        run_as_other([str(program("initdb")), f"--pgdata={data}", *usual], user)
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        control = [str(program("pg_ctl")), f"--pgdata={data}", "--wait"]
        run_as_other([*control, f"--options={options}", f"--log={folder}/log", "start"], user)
        try:
            yield f"postgresql+psycopg://teacher@/postgres?host={folder}"
        finally:
            run_as_other([*control, "--mode=immediate", "stop"], user)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
