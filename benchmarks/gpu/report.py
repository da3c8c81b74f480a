"""The table of the runs of one machine."""

from __future__ import annotations

import json
from collections.abc import Sequence
from statistics import mean, stdev
from typing import Any

from benchmarks.gpu.plan import JPEG, ORIGINAL, PLAN, Entry

FOOTNOTE = """Single view, last epoch; mirrored: with the mirror image of each test image.
Several runs: mean ± standard deviation over the seeds. JPEG copies: 2–3 points below the original pixels.
Training: from the first step to the last; + set-up: with data, warm-up and evaluation; process: from the
start of Python to the accuracy."""


def table(runs: Sequence[dict[str, Any]]) -> str:
    """A line for each row, recipe and precision; one column of accuracies for each kind of data.

    The columns of the original pixels and of their JPEG copies are always there, empty where nothing was
    measured. A target is judged only where it holds: on a GPU, on the original pixels.
    """
    kinds = [ORIGINAL, JPEG, *sorted({run["data"] for run in runs} - {ORIGINAL, JPEG})]
    head = ["net", "epochs", "precision", "runs", *kinds, "mirrored", "training", "+ set-up", "process"]
    lines = [[*head, "target: original pixels, one GPU"]]
    for group in groups(runs):
        first = group[0]
        accuracy = percent([run["accuracy"] for run in group])
        lines.append(
            [
                first["row"],
                f"{first['recipe']['epochs']:g}",
                first["precision"] + (", compiled" if first["compiled"] else ""),
                str(len(group)),
                *(accuracy if kind == first["data"] else "" for kind in kinds),
                percent([run["accuracy_mirrored"] for run in group]),
                *(
                    seconds([run[f"seconds_{clock}"] for run in group])
                    for clock in ("training", "with_setup", "process")
                ),
                target(group),
            ]
        )
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    text = ["  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip() for line in lines]
    rule = "─" * max(map(len, text))
    return "\n".join([text[0], rule, *text[1:], "", FOOTNOTE])


def groups(runs: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The runs that differ only in their seeds, together; in the order of the plan."""
    found: dict[Any, list[dict[str, Any]]] = {}
    for run in runs:
        case = [run[name] for name in ("row", "data", "precision", "compiled", "train_images")]
        found.setdefault((*case, json.dumps(run["recipe"], sort_keys=True)), []).append(run)
    order = [entry.name for entry in PLAN]
    return sorted(found.values(), key=lambda group: order.index(group[0]["row"]))


def target(group: Sequence[dict[str, Any]]) -> str:
    """The target of a row, and whether the means keep to it, where it is judged."""
    aim = entry_of(group[0]["row"]).target
    if group[0]["device"] != "cuda" or group[0]["data"] != ORIGINAL:
        return str(aim)
    process = mean(run["seconds_process"] for run in group)
    met = (
        100 * mean(run["accuracy"] for run in group) >= aim.accuracy
        and mean(run["seconds_training"] for run in group) <= aim.seconds
        and (aim.process is None or process <= aim.process)
    )
    return f"{aim}: {'met' if met else 'MISSED'}"


def entry_of(row: str) -> Entry:
    """The entry of the plan with this name."""
    return next(entry for entry in PLAN if entry.name == row)


def percent(shares: Sequence[float]) -> str:
    """Shares 0…1 as a mean in %, with the standard deviation where there are several.

    >>> percent([0.94]), percent([0.93, 0.95])
    ('94.00 %', '94.00 ± 1.41 %')
    """
    values = [100 * share for share in shares]
    spread = f" ± {stdev(values):.2f}" if len(values) > 1 else ""
    return f"{mean(values):.2f}{spread} %"


def seconds(values: Sequence[float]) -> str:
    """Seconds as a mean, with the standard deviation where there are several.

    >>> seconds([2.25]), seconds([10.0, 12.0])
    ('2.25 s', '11.00 ± 1.41 s')
    """
    spread = f" ± {stdev(values):.2f}" if len(values) > 1 else ""
    return f"{mean(values):.2f}{spread} s"


def line(run: dict[str, Any]) -> str:
    """What came out of one run, in a line."""
    return (
        f"{run['row']}, seed {run['seed']}: {percent([run['accuracy']])} "
        f"(mirrored {percent([run['accuracy_mirrored']])}) on {run['data']}; training "
        f"{seconds([run['seconds_training']])}, with set-up and evaluation "
        f"{seconds([run['seconds_with_setup']])}, process {seconds([run['seconds_process']])}"
    )
