"""Installed packages against what the course needs and what was tested."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from .finding import ROOT, Finding, pip_command

COURSE = "deep-vision-course"
CONSTRAINTS = ROOT / "constraints.txt"


def installed_versions() -> dict[str, str]:
    """Every installed package: its canonical name → its version.

    Of two copies the one counts that is imported; setuptools brings copies of its own along.
    """
    found = list(metadata.distributions())  # in the order of sys.path
    return {canonicalize_name(each.name): each.version for each in reversed(found) if each.name}


def pinned_versions(constraints: Path = CONSTRAINTS) -> dict[str, str]:
    """The versions of constraints.txt for this Python on this system: canonical name → version."""
    lines = (line.partition("#")[0].strip() for line in constraints.read_text("utf-8").splitlines())
    pins = [Requirement(line) for line in lines if line]
    return {
        canonicalize_name(pin.name): str(pin.specifier).removeprefix("==")
        for pin in pins
        if pin.marker is None or pin.marker.evaluate()
    }


def requirements() -> list[Requirement]:
    """What pyproject.toml asks for, the optional parts too (their marker names the part)."""
    return [Requirement(line) for line in metadata.requires(COURSE) or []]


def differences(installed: Mapping[str, str], tested: Mapping[str, str]) -> list[str]:
    """Packages that differ, as "name 1.2 (tested: 1.3)"; a local version, such as "+cpu", does not count."""
    return [
        f"{name} {installed[name]} (tested: {version})"
        for name, version in tested.items()
        if name in installed and Version(installed[name]).public != Version(version).public
    ]


def check_packages(
    installed: Mapping[str, str] | None = None,
    tested: Mapping[str, str] | None = None,
    needed: Sequence[Requirement] | None = None,
) -> Finding:
    """A fault where a package is missing or too old, a warning where one is not the tested version.

    installed, tested, needed: what is compared, by default what `installed_versions`, `pinned_versions` and
        `requirements` say of this computer
    """
    installed = installed_versions() if installed is None else installed
    needed = requirements() if needed is None else needed
    wrong = {each: _wrong(each, installed) for each in needed}
    wrong = {each: text for each, text in wrong.items() if text}
    if wrong:
        extras = sorted({extra for each in wrong if (extra := _extra(each))})
        return Finding("fault", "packages", ", ".join(wrong.values()), pip_command(*extras))
    if tested is None:
        if not CONSTRAINTS.exists():
            fix = "install the course from its own folder: pip install -e . -c constraints.txt"
            return Finding(
                "warning", "packages", "complete; there is no constraints.txt to compare with", fix
            )
        tested = pinned_versions()
    different = differences(installed, tested)
    if different:
        more = f" and {len(different) - 3} more" if len(different) > 3 else ""
        return Finding(
            "warning", "packages", f"not as tested: {', '.join(different[:3])}{more}", pip_command()
        )
    return Finding("ok", "packages", f"{len(set(tested) & set(installed))} packages, all as tested")


def _wrong(needed: Requirement, installed: Mapping[str, str]) -> str:
    """What is wrong with one dependency, or nothing; an optional one may be missing."""
    version = installed.get(canonicalize_name(needed.name))
    if version is None:
        return "" if _extra(needed) else f"{needed.name} is missing"
    if needed.specifier.contains(version, prereleases=True):
        return ""
    return f"{needed.name} {version} is installed, {needed.specifier} is needed"


def _extra(needed: Requirement) -> str:
    """The optional part that a dependency belongs to, or nothing."""
    match = re.search(r'extra == "([^"]+)"', str(needed.marker or ""))
    return match[1] if match else ""
