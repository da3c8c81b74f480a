"""The benchmark of the challenge's page: its table, its load, its file; no speed is asserted here."""

import math

import pytest

import benchmarks.__main__ as runner
from benchmarks.grading.command import read_rows
from benchmarks.leaderboard import command
from benchmarks.leaderboard.a_class import a_key, as_csv, predictions_of
from benchmarks.leaderboard.load import Load, Plan, Reader
from benchmarks.leaderboard.parts import PARTS, at
from benchmarks.measure import Row
from lib.leaderboard.predictions import read_entry
from lib.leaderboard.site.live import change_message


def test_rows_are_printed_and_kept_one_file_a_machine(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(command, "PARTS", {"tiny": lambda quick: iter([Row("a page", "tiny", [12.0])])})
    assert runner.main(["leaderboard", "--results", str(tmp_path)]) == 0
    assert "a page" in capsys.readouterr().out
    (path,) = tmp_path.glob("*.json")
    assert [(row["part"], row["row"], row["median"]) for row in read_rows(path)] == [("tiny", "a page", 12.0)]
    assert runner.main(["leaderboard", "unknown"]) == 2
    assert "expected some of tiny, got unknown" in capsys.readouterr().err


def test_the_files_of_the_load_are_what_they_say():
    key = a_key()
    labels = predictions_of(key, 0.6)
    assert abs((labels == key.labels).mean() - 0.64) < 0.02  # of the others one in ten is right by chance
    assert (read_entry(as_csv(labels), "p.csv", key.classes) == labels).all()
    named = as_csv([key.classes[label] for label in labels])
    assert (read_entry(named, "p.csv", key.classes) == labels).all()


def test_a_watcher_notes_when_it_is_told_of_each_upload_however_the_bytes_come():
    load = Load(Plan(1, 1, ["s"], ["heron"], 1, 1, 1.0, 1.0, 1.0, 1.0))
    load.found.begun = 0.0
    load.found.sent = {"heron": 0.0}
    reader = Reader(load, "s", watches=True)
    first = change_message([], [("p1", "owl", 1, 1)])
    second = change_message([], [("p1", "heron", 1, 1), ("p2", "owl", 2, 2)])
    sent = b"".join(b"%x\r\n%s\r\n" % (len(one), one) for one in (b":\n\n", first, second, second))
    for byte in range(0, len(sent), 7):
        reader.read(sent[byte : byte + 7])
    assert reader.told == {"heron"}
    assert len(load.found.delays) == 1
    reader.data_received(sent)
    assert reader.count == 3


def test_a_percentile_of_nothing_is_no_number():
    assert at([0.1, 0.2, 0.3], 50) == pytest.approx(200)
    assert math.isnan(at([], 95))


@pytest.mark.family(share=20)
@pytest.mark.parametrize("part", PARTS)
def test_a_part_of_the_benchmark_runs(part):
    """Under a small load everything is right: no answer of another kind, all readers told of all uploads."""
    rows = {row.name: row for row in PARTS[part](quick=True)}
    assert all(math.isfinite(value) for row in rows.values() for value in row.values)
    for name in ("uploads that a reader was not told", "answers of another kind"):
        assert part != "class" or rows[name].met
