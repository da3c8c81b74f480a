"""lib/detection/study.py: it writes what it measures, and goes on where it stopped."""

import json

import numpy as np
import pytest

from data_loaders.shapes10 import NUISANCES, generate
from lib.detection import study


@pytest.fixture
def tiny(monkeypatch):
    """The study with few scenes and two seeds; its photographs are drawn."""
    few = generate(0, dict.fromkeys(NUISANCES, 1.0), train=40, test=10)
    monkeypatch.setattr(study, "load_dataset", lambda name: few)
    for name, value in {"TRAINING": 6, "TEST": 3, "SHOWN": 2, "SEEDS": range(2)}.items():
        monkeypatch.setattr(study, name, value)


@pytest.mark.family(share=4)
def test_a_study_of_detectors_goes_on_where_it_stopped(tiny, tmp_path, capsys):
    path = tmp_path / "study.json"
    study.main(path)
    whole = study.recorded_study(path)
    assert [run["seed"] for run in whole["runs"]] == [0, 1]
    assert list(whole["kinds"]) == list(study.KINDS)
    path.write_text(json.dumps(whole | {"runs": whole["runs"][:1]}), "utf-8")
    capsys.readouterr()
    study.main(path)
    assert capsys.readouterr().out.count("seed") == 1
    again = study.recorded_study(path)["runs"][1]
    assert {**again, "cpu_seconds": 0} == {**whole["runs"][1], "cpu_seconds": 0}  # the same numbers


def test_nothing_is_written_where_nothing_is_left_to_measure(tmp_path, monkeypatch):
    path = tmp_path / "study.json"
    made = study.recorded_study()
    monkeypatch.setattr(study, "machine_of", lambda: made["machine"])
    path.write_text(json.dumps(made), "utf-8")
    study.main(path)
    assert path.read_text("utf-8") == json.dumps(made)


@pytest.mark.parametrize(
    ("text", "came"),
    [
        ("{", "something else"),
        ("[1, 2]", "something else"),
        ('{"kinds": {}}', "something else"),
        (json.dumps(study.recorded_study() | {"runs": [{"seed": 0}]}), "something else"),
        (json.dumps(study.recorded_study() | {"runs": None}), "something else"),
        (json.dumps(study.recorded_study() | {"machine": "abacus"}), "another"),
        (json.dumps(study.recorded_study() | {"counts": [5]}), "another"),
        ("\udcff", "something else"),
    ],
)
def test_a_file_of_something_else_is_refused_and_stays(tiny, tmp_path, text, came):
    path = tmp_path / "mine.json"
    content = text.encode("utf-8", "surrogateescape")
    path.write_bytes(content)
    with pytest.raises(ValueError, match=rf"^mine.json: expected a study .*, got {came}; give the name of"):
        study.main(path)
    assert path.read_bytes() == content


def test_where_nothing_can_be_written_it_says_so_first(tmp_path, monkeypatch):
    monkeypatch.setattr(study, "load_dataset", lambda name: pytest.fail("it has begun to measure"))
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match=r"study\.json"):
        study.main(tmp_path / "file" / "study.json")
    with pytest.raises(ValueError, match="got a folder"):
        study.main(tmp_path)


def test_more_proposals_find_more_objects():
    for run in study.recorded_study()["runs"]:
        for found in run["recall"].values():
            assert len(found) == len(study.COUNTS)
            assert (np.diff(found) >= 0).all()
            assert found[-1] > 0.98


def test_what_is_committed_was_made_by_this_study():
    made = study.recorded_study()
    assert made["command"] == "python -m lib.detection.study"
    assert made["counts"] == list(study.COUNTS)
    assert made["scenes"] == {"training": study.TRAINING, "test": study.TEST, "of each kind": study.SHOWN}
    assert [run["seed"] for run in made["runs"]] == list(study.SEEDS)
    assert made["machine"]
    rows = study.precision_rows(made)
    assert {values.shape for values in rows.values()} == {(2, 3)}
    assert len(rows) == 3 * len(study.CLASSIFIERS)
    assert sum(run["cpu_seconds"] for run in made["runs"]) < 20 * 60
