"""One answer everywhere: relative places belong to the course's folder, whatever the current folder is."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from data_loaders import load_cifar10, places, usual_places
from lib.doctor.data import check_data

ROOT = Path(__file__).resolve().parents[2]
LOOK = "from data_loaders.places import data_folder; print(data_folder())"


@pytest.mark.parametrize("chosen", ["mydata", "./mydata", "lectures/../mydata", "mydata/"])
@pytest.mark.parametrize("folder", [".", "lectures", "lib/doctor", os.path.expanduser("~")])
def test_a_relative_folder_for_data_is_that_of_the_course(chosen, folder, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", chosen)
    monkeypatch.chdir(ROOT / folder)
    assert str(places.data_folder()) == str(ROOT / "mydata")


def test_other_folders_for_data(monkeypatch, tmp_path):
    for chosen, folder in ((str(tmp_path), tmp_path), ("~/mine", Path.home() / "mine")):
        monkeypatch.setenv("COURSE_DATA", chosen)
        assert places.data_folder() == folder
    for name in ("", None):
        monkeypatch.setenv("COURSE_DATA", name) if name == "" else monkeypatch.delenv("COURSE_DATA")
        assert places.data_folder().name == "deep-vision-course"


def test_a_kernel_in_lectures_and_a_command_say_the_same():
    said = {
        subprocess.run(
            [sys.executable, "-P", "-c", LOOK], cwd=folder, env=os.environ | {"COURSE_DATA": "mydata"},
            capture_output=True, text=True, check=True,
        ).stdout.strip()
        for folder in (ROOT, ROOT / "lectures", Path.home())
    }  # fmt: skip
    assert said == {str(ROOT / "mydata")}


@pytest.mark.parametrize("place", ["data/cifar-10-batches-py", "cifar-10-batches-bin", "mydata/cifar10"])
@pytest.mark.parametrize("folder", [".", "lectures", ".."])
def test_data_in_the_course_s_folder_is_found_from_everywhere(place, folder, tmp_path, monkeypatch):
    course = tmp_path / "course"
    (course / "lectures").mkdir(parents=True)
    (course / place).mkdir(parents=True)
    monkeypatch.setattr(places, "COURSE", course)
    monkeypatch.setenv("COURSE_DATA", "mydata")
    monkeypatch.chdir(course / folder)
    assert next(usual_places.found()) == course / place
    assert str(course / place) in check_data(chosen="auto").text


def test_the_current_folder_alone_is_no_place(tmp_path, monkeypatch):
    (tmp_path / "data" / "cifar-10-batches-py").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert not [copy for copy in usual_places.found() if tmp_path in copy.parents]


def test_a_relative_folder_that_is_not_there_is_explained(monkeypatch, tmp_path):
    monkeypatch.setattr(usual_places, "found", lambda: iter(()))
    monkeypatch.setenv("COURSE_DATA", "../rel")
    with pytest.raises(
        FileNotFoundError, match=r"COURSE_DATA='\.\./rel' is relative to the course's"
    ) as error:
        load_cifar10()
    assert "/../" not in str(error.value)
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    with pytest.raises(FileNotFoundError) as error:
        load_cifar10()
    assert "is relative to" not in str(error.value)
