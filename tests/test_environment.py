"""One list of dependencies, pyproject.toml; constraints.txt and environment.yml follow it."""

import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from lib.bootstrap import main as bootstrap
from lib.bootstrap.main import EXTRAS
from lib.cli import EXTRAS as ALL_EXTRAS
from lib.doctor.machine import NEWEST, OLDEST
from lib.doctor.packages import pinned_versions

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
DIRECT = [
    *PROJECT["dependencies"],
    *(line for part in PROJECT["optional-dependencies"].values() for line in part),
]


def test_conda_installs_the_same_list():
    python, pip, (name, lines) = *CONDA["dependencies"][:2], *CONDA["dependencies"][2].items()
    assert (pip, name) == ("pip", "pip")
    assert lines == ["-c constraints.txt", "-e .[torch]"]
    assert CONDA["name"] == PROJECT["name"]
    assert len(CONDA["dependencies"]) == 3
    versions = SpecifierSet(python.removeprefix("python"))
    assert SpecifierSet(PROJECT["requires-python"]) == SpecifierSet(f">={OLDEST[0]}.{OLDEST[1]}")
    for minor in range(9, 16):
        assert versions.contains(f"3.{minor}.0") == (OLDEST <= (3, minor) <= NEWEST)


def test_commands_install_extras_that_exist():
    assert set(ALL_EXTRAS) == set(PROJECT["optional-dependencies"]) == EXTRAS["test"]
    assert set().union(*EXTRAS.values()) <= set(ALL_EXTRAS)


@pytest.mark.parametrize("line", DIRECT)
def test_direct_dependencies_are_pinned_within_their_bounds(line):
    requirement = Requirement(line)
    assert requirement.specifier, "no lower bound"
    version = pinned_versions()[canonicalize_name(requirement.name)]
    assert requirement.specifier.contains(version)


@pytest.mark.parametrize("action", ["init", "invite", "serve", "status"])
def test_the_leaderboard_brings_what_its_page_needs(action, monkeypatch):
    asked = []
    monkeypatch.setattr(bootstrap, "choose", lambda root, extras: asked.append(extras))
    monkeypatch.setattr(bootstrap, "hand_over", lambda python, arguments: 0)
    assert bootstrap.main(["leaderboard", action]) == 0
    assert asked == [{"leaderboard"}]


def test_everything_that_is_installed_on_the_way_is_pinned():
    pins = pinned_versions()
    seen, waiting = set(), [Requirement(line) for line in DIRECT]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        key = (name, frozenset(requirement.extras))
        if key in seen:
            continue
        seen.add(key)
        assert name in pins, f"{name} is not in constraints.txt"
        try:
            needed = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue  # an extra that is not installed here
        for each in map(Requirement, needed):
            if any(_applies(each, extra) for extra in ("", *requirement.extras)):
                waiting.append(each)
    assert len(seen) > 100


def _applies(requirement, extra):
    return requirement.marker is None or requirement.marker.evaluate(default_environment() | {"extra": extra})


def test_readme_names_the_two_commands():
    readme = (ROOT / "README.md").read_text("utf-8")
    assert "python3 course.py start" in readme
    assert "python3 course.py test" in readme
