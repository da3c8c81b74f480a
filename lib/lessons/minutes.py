"""How long a lecture takes: its marked path, and all of it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib.demos.rooms import demos
from lib.tasks.task import find_task

FURTHER = re.compile(r"## (\d+ )?Further: ")  # so begins a section that is not on the path of 50 minutes
WORDS = 120  # that are read in a minute
CODE, PREDICTION, DEMO = 1 / 3, 1.0, 2.0  # minutes of a cell
READERS = 1.2  # their clocks showed so many times the sum: formulas and open code take longer than words
HEADING = re.compile(r"^(?=## )", re.MULTILINE)
CHECK = re.compile(r'\b(?:check|or_ours)\("(\d\d\.\w+)"')


@dataclass(frozen=True)
class Minutes:
    """Of a lecture, as readers' clocks showed them.

    path: without the sections that are called "Further: …"
    whole: with them
    words: of all text, folded text too, without code and the table of words and symbols
    """

    path: float
    whole: float
    words: int


def lecture_minutes(path: Path) -> Minutes:
    """Reads a notebook and adds up: 120 words a minute, 20 s a code cell, a minute a prediction, 2 a demo,
    and for each exercise the minutes that it declares, in which its stub and its check are; then a fifth
    more, as readers needed: five of them, with a clock, over all lectures."""
    on_path, total, words = True, {True: 0.0, False: 0.0}, 0
    demo_names = set(demos())
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            total[on_path] += code_minutes(cell, source, demo_names)
            continue
        if "words" in cell["metadata"].get("tags", ()):
            continue  # to look things up, not to read
        for piece in HEADING.split(source):
            if piece.startswith("## "):
                on_path = not FURTHER.match(piece)
            words += (count := count_words(piece))
            total[on_path] += count / WORDS
    path_minutes, further = READERS * total[True], READERS * total[False]
    return Minutes(path_minutes, path_minutes + further, words)


def code_minutes(cell: dict[str, Any], source: str, demo_names: set[str]) -> float:
    """What a code cell takes: by what it calls."""
    if "exercise" in cell["metadata"].get("tags", ()):
        return 0.0  # its check counts for both
    if names := CHECK.findall(source):
        return float(sum(find_task(name).minutes for name in names)) if "or_ours" not in source else 0.0
    if re.search(r"^predict\(", source, re.MULTILINE):
        return PREDICTION
    shown = re.findall(r"^ *(\w+)\.show\(", source, re.MULTILINE)
    return CODE if demo_names.isdisjoint(shown) else DEMO


def count_words(text: str) -> int:
    """The words that one reads: a formula counts as one, code and addresses as none.

    >>> count_words("# A *short* text, with $x^2 + 1$ and [a link](a.ipynb)")
    8
    """
    text = re.sub(r"```.*?```|<[^>]+>|\]\([^)]*\)", " ", text, flags=re.DOTALL)
    text = re.sub(r"\$\$.*?\$\$|\$[^$]*\$|`[^`]*`", " x ", text, flags=re.DOTALL)
    return len(re.findall(r"\w+(?:[’'.,-]\w+)*", text))
