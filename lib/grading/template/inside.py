"""The files of this package that the template itself is made of, as it sees them in its sandbox."""

from __future__ import annotations

from pathlib import Path

from ..sandbox.bubblewrap import CONNECTION, write_new

HERE = Path(__file__).resolve().parent
PLACE = "template"  # in the folder that the sandbox shows as /connection
PACKAGE = "grading"
FILES = (
    *(
        f"sandbox/{name}.py"
        for name in ("folders", "groups", "kernel", "landlock", "room", "seccomp", "watch")
    ),
    *(f"template/{name}.py" for name in ("counting", "fork", "messages", "server", "wiping")),
)


def write_inside(connection: Path) -> None:
    """Copies of the files.

    connection: the folder that the sandbox shows as /connection
    """
    package = connection / PLACE / PACKAGE
    for room in ("", "sandbox", "template"):
        folder = package / room
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        write_new(folder / "__init__.py", "")
    for name in FILES:
        write_new(package / name, (HERE.parent / name).read_text("utf-8"))


def start_code(descriptor: int, modules: list[str]) -> str:
    """What Python is told with -c.

    descriptor: of the template's end of the channel
    modules: to import before the first fork
    """
    return (
        f"import sys; sys.path.insert(0, {CONNECTION + '/' + PLACE!r}); "
        f"from {PACKAGE}.template.server import main; main({descriptor}, {modules!r})"
    )
