"""Which version of the course each copy in work/ was made from: copies.json there."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from lib.files import replacing_text

FILE = "copies.json"
ABOUT = "From which version of the course each copy was made. `course start` reads this, and writes it."


@dataclass
class CopyRecord:
    """What is known of a copy.

    made_from: the fingerprint of the original; "" where nobody knows, and the copy counts as changed
    offered: a digest of the newest original that the student has been given, in this copy or beside it
    beside: the name of that other file; "" where there is none
    beside_made_from: its fingerprint
    """

    made_from: str = ""
    offered: str = ""
    beside: str = ""
    beside_made_from: str = ""


def read_record(work: Path) -> dict[str, CopyRecord]:
    """Path of a copy, relative to work/ → what is known; empty where there is no record that can be read."""
    try:
        found = json.loads((work / FILE).read_text("utf-8"))["copies"]
        record = {path: CopyRecord(**known) for path, known in found.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}
    good = all(isinstance(value, str) for made in record.values() for value in asdict(made).values())
    return record if good else {}


def write_record(work: Path, record: dict[str, CopyRecord]) -> None:
    """Writes all of it or nothing."""
    copies = {
        path: {name: value for name, value in asdict(made).items() if value}
        for path, made in sorted(record.items())
    }
    with replacing_text(work / FILE) as file:
        file.write(json.dumps({"about": ABOUT, "copies": copies}, indent=1, ensure_ascii=False) + "\n")
