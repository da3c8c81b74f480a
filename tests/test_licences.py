"""Every place that says under which licence the course is says the same."""

import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
HOLDER = "the authors of Deep Learning for Computer Vision"


def read(name):
    return (ROOT / name).read_text("utf-8")


def test_licences_holder_and_citation_agree():
    citation = yaml.safe_load(read("CITATION.cff"))
    assert PROJECT["license"] == "MIT AND CC-BY-4.0"
    assert citation["license"] == PROJECT["license"].split(" AND ")
    assert citation["version"] == PROJECT["version"]
    assert PROJECT["authors"] == citation["authors"] == [{"name": HOLDER}]
    for name in PROJECT["license-files"]:
        assert HOLDER in read(name)
        assert f"]({name})" in read("README.md")
    assert read("LICENSE").startswith("MIT License\n")
    assert all(
        part in read("LICENSE-lectures") for part in ("CC-BY-4.0", "creativecommons.org/licenses/by/4.0/")
    )


def test_forms_for_issues_can_be_read():
    forms = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
    assert {form.stem for form in forms} == {"config", "instructor", "student"}
    for form in forms:
        content = yaml.safe_load(form.read_text("utf-8"))
        if form.stem == "config":
            continue
        assert content["name"]
        assert content["description"]
        ids = [part["id"] for part in content["body"] if part["type"] != "markdown"]
        assert len(set(ids)) == len(ids) > 2
        assert {part["type"] for part in content["body"]} <= {"markdown", "input", "textarea", "dropdown"}
