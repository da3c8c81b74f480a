"""The command that runs one program in bubblewrap: what it sees, where it writes, what it may take.

Only Python's own modules are needed here, so that any Python can make the command.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .privileges import NAME, Account
from .room import Limits, Room

# Where a submission sees what
WORK, COURSE, DATA, CONNECTION = "/submission", "/course", "/data", "/connection"
FONTS = "/tmp/matplotlib"
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/gnu/store")
ETC = ("alternatives", "fonts", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "mime.types", "ssl")
CHECKOUT = Path(__file__).resolve().parents[3]
ABSENT = '"""Hidden."""\nraise ModuleNotFoundError({message!r}, name={name!r})\n'
# A folder numpy/ of the submission comes last, and hides nothing.
KERNEL = "import os, sys; sys.path.append(os.getcwd()); "
KERNEL += "from ipykernel.kernelapp import launch_new_instance; launch_new_instance()"
GIB = 1 << 30


@dataclass(frozen=True)
class Interpreter:
    """A Python that is there inside as it is outside.

    program: with which it is started
    folders: all that it needs, outside of the system's
    packages: folders in which its packages lie
    """

    program: str
    folders: tuple[Path, ...]
    packages: tuple[Path, ...]


@functools.cache
def this_interpreter() -> Interpreter:
    """The Python that runs this."""
    prefixes = (sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix)
    wanted = [path for prefix in prefixes for path in (Path(prefix), Path(prefix).resolve())]
    wanted += [link.parent for link in _links(Path(sys.executable))]
    folders: list[Path] = []
    for path in wanted:
        if not any(path.is_relative_to(there) for there in (*map(Path, SYSTEM), *folders)):
            folders.append(path)
    packages = [Path(each) for each in sys.path if each.endswith(("site-packages", "dist-packages"))]
    for folder in (*folders, Path("/usr"), Path("/usr/local")):  # where a submission may look, too
        packages += folder.glob("lib*/python3*/*-packages")
    return Interpreter(sys.executable, tuple(folders), tuple({each.resolve(): each for each in packages}))


def _links(program: Path) -> Iterator[Path]:
    """The program, what it links to, and so on."""
    for _ in range(20):
        yield program
        if not program.is_symlink():
            return
        program = Path(os.path.normpath(program.parent / os.readlink(program)))


@dataclass(frozen=True)
class Place:
    """Folders outside, for one program: each is new, and nobody else's.

    work: seen as /submission, writable
    connection: seen as /connection, read-only; here lie files of ours
    """

    work: Path
    connection: Path


def environment(
    room: Room, interpreter: Interpreter, more: Mapping[str, str] | None = None
) -> dict[str, str]:
    """All variables that a submission sees.

    more: beside these
    """
    threads = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB")
    return {
        "PATH": f"{Path(interpreter.program).parent}:/usr/bin:/bin",
        "HOME": WORK,
        "USER": NAME,
        "LOGNAME": NAME,
        "LANG": "C.UTF-8",
        "TMPDIR": "/tmp",
        "TZ": "UTC",
        "PYTHONPATH": COURSE,
        "PYTHONSAFEPATH": "1",
        "PYTHONNOUSERSITE": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",  # the same marks every time
        "IPYTHONDIR": "/tmp/ipython",  # no start-up files out of the submission
        "JUPYTER_CONFIG_DIR": "/tmp/jupyter",
        "MPLCONFIGDIR": FONTS,
        "COURSE_GRADING": "1",
        "COURSE_QUICK": "1",
        "COURSE_DATASET": "shapes10",
        **({"COURSE_DATA": DATA} if room.data else {}),
        **{f"{each}_NUM_THREADS": "1" for each in threads},
        **(more or {}),
    }


def bubblewrap_command(
    program: Sequence[str],
    room: Room,
    limits: Limits,
    place: Place,
    account: Account,
    interpreter: Interpreter,
    *,
    seccomp: int | None = None,
    info: int | None = None,
    more: Mapping[str, str] | None = None,
) -> list[str]:
    """The whole command line; start it with an empty environment.

    seccomp: descriptor of a file with a filter of system calls
    info: descriptor to which bubblewrap writes the id of its first process
    more: variables beside those of `environment`
    """
    command = ["bwrap", *account.namespaces("--disable-userns" in options()), "--die-with-parent"]
    command += ["--new-session", "--clearenv"]
    for name, value in environment(room, interpreter, more).items():
        command += ["--setenv", name, value]
    command += _files(room, place, limits, interpreter)
    command += ["--seccomp", str(seccomp)] if seccomp is not None else []
    command += ["--info-fd", str(info)] if info is not None else []
    return [*command, "--", *account.prefix(WORK), *limited(limits), *program]


def limited(limits: Limits) -> list[str]:
    """What runs a program with limits of the system's for each process.

    The processor's time and memory of all together are watched from outside; these are above it.
    """
    cpu = int(limits.cpu_seconds) + 5
    values = {
        "core": 0,
        "cpu": cpu,
        "fsize": limits.file_bytes,
        "nofile": limits.open_files,
        "nproc": limits.processes,
        "data": limits.memory,
        "as": limits.memory + 4 * GIB,  # what is set aside and not used costs nothing
    }
    return ["prlimit", *(f"--{name}={value}" for name, value in values.items()), "--"]


def _files(room: Room, place: Place, limits: Limits, interpreter: Interpreter) -> list[str]:
    words: list[str] = []
    made = {Path("/")}

    def parents(path: Path) -> None:
        """bubblewrap itself makes them such that only root may pass."""
        for parent in reversed(path.parents):
            if parent not in made and not any(parent.is_relative_to(each) for each in SYSTEM):
                words.extend(["--perms", "0755", "--dir", str(parent)])
                made.add(parent)

    def show(source: Path, target: str | Path, option: str = "--ro-bind") -> None:
        parents(Path(target))
        words.extend([option, str(source), str(target)])
        made.add(Path(target))

    def memory_disk(target: str, size: int) -> None:
        sized = ["--size", str(size)] if "--size" in options() else []
        words.extend(["--perms", "1777", *sized, "--tmpfs", target])
        made.add(Path(target))

    for system in map(Path, SYSTEM):
        if system.is_symlink():
            words += ["--symlink", os.readlink(system), str(system)]
        elif system.exists():
            show(system, system)
    for name in ETC:
        if (Path("/etc") / name).exists():
            show((Path("/etc") / name).resolve(), Path("/etc") / name)
    words += ["--proc", "/proc", "--dev", "/dev"]
    made |= {Path("/proc"), Path("/dev")}
    memory_disk("/dev/shm", limits.memory // 4)
    memory_disk("/tmp", limits.memory // 8)
    covered = [Path(each) for each in SYSTEM if CHECKOUT.is_relative_to(each)]
    if covered:
        words += ["--tmpfs", str(CHECKOUT)]
    for folder in interpreter.folders:
        _must_not_clash(folder)
        show(folder, folder)
        if CHECKOUT.is_relative_to(folder):
            covered.append(folder)
            words += ["--tmpfs", str(CHECKOUT)]
    show(room.course, COURSE)
    if room.data:
        show(room.data, DATA)
    show(place.connection, CONNECTION)
    show(place.connection / "passwd", "/etc/passwd")
    show(place.connection / "group", "/etc/group")
    for source, target in _hidden(room, place, interpreter):
        show(source, target)
    words += ["--perms", "0777", "--dir", FONTS]
    made.add(Path(FONTS))
    for file in sorted((place.connection / "fonts").glob("*")):
        show(file, f"{FONTS}/{file.name}")
    show(place.work, WORK, "--bind")
    read_only = ["/dev", *([str(CHECKOUT)] if covered else []), "/"]
    return [*words, *(word for each in read_only for word in ("--remount-ro", each))]


def _must_not_clash(folder: Path) -> None:
    taken = [Path(each) for each in (WORK, COURSE, DATA, CONNECTION)]
    if folder == CHECKOUT:
        raise ValueError(
            f"sandbox: expected Python apart from the course's files, got both in {folder}; "
            "make the environment in .venv: python3 course.py start"
        )
    for each in taken:
        if folder.is_relative_to(each) or each.is_relative_to(folder):
            raise ValueError(
                f"sandbox: expected Python outside of {each}, which is something else to submissions, "
                f"got {folder}; install the course elsewhere"
            )


def prepare(room: Room, place: Place, account: Account, fonts: Path | None = None) -> None:
    """Writes the files of ours into `place.connection`, which is empty, and gives what is writable away.

    fonts: matplotlib's list of fonts, so that it need not look for them
    """
    write_new(place.connection / "passwd", account.passwd())
    write_new(place.connection / "group", account.group())
    (place.connection / "fonts").mkdir(mode=0o755)
    if fonts:
        write_new(place.connection / "fonts" / fonts.name, fonts.read_text("utf-8"))
    for name in room.hidden:
        folder = place.connection / "hidden" / name
        folder.mkdir(parents=True, mode=0o755)
        message = f"{name} is not here while this assignment is graded"
        write_new(folder / "__init__.py", ABSENT.format(message=message, name=name))
    account.own(place.work)


def write_new(path: Path, text: str, mode: int = 0o644) -> None:
    """Writes a file that must not be there yet, not even as a link."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    with open(os.open(path, flags, mode), "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    path.chmod(mode)


def _hidden(room: Room, place: Place, interpreter: Interpreter) -> Iterator[tuple[Path, Path]]:
    """What lies over a package that must not be imported: source and target."""
    for name in room.hidden:
        masked = place.connection / "hidden" / name
        for folder in interpreter.packages:
            if (folder / name).is_dir():
                yield masked, folder / name
            if (folder / f"{name}.py").is_file():
                yield masked / "__init__.py", folder / f"{name}.py"


@functools.cache
def options() -> str:
    """bubblewrap's own help, which says what this version can; "" where there is none."""
    if not shutil.which("bwrap"):
        return ""
    answer = subprocess.run(["bwrap", "--help"], capture_output=True, text=True, timeout=60)
    return answer.stdout + answer.stderr
