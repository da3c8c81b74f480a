"""What is said of the sandboxes of this computer, and of computers on which one does not work."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest
from in_sandbox import needs_bubblewrap

from lib.doctor.sandbox import check_sandbox
from lib.grading.sandbox import attempt
from lib.grading.sandbox.attempt import (
    INSTALL,
    UBUNTU,
    Attempt,
    best_kind,
    fix_for,
    install_command,
    judged,
    try_bubblewrap,
    try_container,
    try_template,
)
from lib.grading.sandbox.launch import Finished
from lib.grading.sandbox.room import Usage

GOOD = {"user": 1000, "rights": 0, "networks": ["lo"], "spaces": False, "processes": 3, "seen": []}


@pytest.mark.skipif("CI" not in __import__("os").environ, reason="says what this computer has")
def test_this_computer_has_one():
    assert best_kind() != "none"


@needs_bubblewrap()
def test_bubblewrap_works_here():
    assert try_bubblewrap() == Attempt("bubblewrap")


@pytest.mark.parametrize(
    ("fact", "said"),
    [
        ({"user": 0}, "as root"),
        ({"rights": 1}, "as root"),
        ({"networks": ["lo", "eth0"]}, "network"),
        ({"spaces": True}, "namespaces"),
        ({"processes": 100}, "other processes"),
        ({"seen": ["/home/i/course"]}, "/home/i/course can be read"),
    ],
)
def test_a_sandbox_with_a_hole_does_not_count_as_one(fact, said):
    assert judged(GOOD).works
    assert said in judged(GOOD | fact).why
    assert judged(GOOD | fact).fix


def settings(**values):
    return lambda name: values.get(name.replace("/", "_"), "")


@pytest.mark.parametrize(
    "said",
    [
        "bwrap: setting up uid map: Permission denied",
        "bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted",
        "bwrap: No permissions to create new namespace",
    ],
)
def test_ubuntu_gets_a_profile_to_install(said):
    where = settings(kernel_apparmor_restrict_unprivileged_userns="1")
    fix = fix_for(said, where)
    assert fix == UBUNTU.format(bwrap=os.path.realpath(shutil.which("bwrap") or "/usr/bin/bwrap"))
    for word in ("abi <abi/4.0>,", "userns,", "/etc/apparmor.d/bwrap", "apparmor_parser"):
        assert word in fix


@pytest.mark.skipif(sys.platform != "linux", reason="AppArmor is Linux's")
@pytest.mark.parametrize("folder", ["opt", "with space", "linked"])
def test_ubuntus_profile_is_one_file_with_the_real_path_of_the_program(folder, tmp_path, monkeypatch):
    """AppArmor knows a program by its path behind all links."""
    real = tmp_path / "opt" / "bwrap"
    real.parent.mkdir()
    real.write_text("#!/bin/sh\n")
    real.chmod(0o755)
    if folder == "linked":
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "bwrap").symlink_to(real)
    elif folder != "opt":
        real = shutil.copytree(real.parent, tmp_path / folder) / "bwrap"
    monkeypatch.setenv("PATH", str(tmp_path / folder))
    where = settings(kernel_apparmor_restrict_unprivileged_userns="1")
    written = fix_for("setting up uid map: Permission denied", where).partition(" | sudo")[0]
    monkeypatch.undo()
    text = subprocess.run(["sh", "-c", written], capture_output=True, text=True, check=True).stdout
    assert text.splitlines() == [
        "abi <abi/4.0>,",
        "include <tunables/global>",
        f'profile bwrap "{real}" flags=(unconfined) {{ userns, include if exists <local/bwrap> }}',
    ]


def test_systems_without_user_namespaces_get_the_setting():
    said = "bwrap: No permissions to create new namespace"
    assert "unprivileged_userns_clone=1" in fix_for(said, settings(kernel_unprivileged_userns_clone="0"))
    assert "max_user_namespaces=" in fix_for(said, settings(user_max_user_namespaces="0"))
    assert fix_for("something else", settings())


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ('ID=debian\nVERSION_ID="12"', INSTALL["debian"]),
        ("ID=linuxmint\nID_LIKE=ubuntu", INSTALL["ubuntu"]),
        ('ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"', INSTALL["suse"]),
        ("ID=rocky\nID_LIKE='rhel centos fedora'".replace("'", '"'), INSTALL["rhel"]),
        ("", "install bubblewrap with this system's package manager"),
    ],
)
def test_a_missing_bubblewrap_is_installed_by_the_systems_own_command(text, command):
    assert install_command(text) == command


def test_a_missing_program_is_named(monkeypatch):
    monkeypatch.setattr(attempt, "options", lambda: "")
    assert "bwrap is missing" in try_bubblewrap().why
    monkeypatch.setattr(attempt, "options", lambda: "--bind")
    assert "older than 0.5" in try_bubblewrap().why
    monkeypatch.setattr(attempt, "options", lambda: "--perms")
    monkeypatch.setattr(attempt.shutil, "which", lambda name: None if name == "prlimit" else name)
    assert "prlimit of util-linux is missing" in try_bubblewrap().why


@pytest.mark.parametrize(("platform", "word"), [("darwin", "podman"), ("win32", "wsl --install")])
def test_other_systems_get_a_container(platform, word):
    tried = try_bubblewrap(platform=platform)
    assert not tried.works
    assert word in tried.fix


@needs_bubblewrap()
def test_the_words_of_bubblewrap_are_passed_on():
    def run(*_):
        raise RuntimeError("bwrap: setting up uid map: Permission denied\nmore")

    assert try_bubblewrap(run).why == "bwrap: setting up uid map: Permission denied"
    failed = Finished(1, "", "bwrap: execvp setpriv: No such file or directory", Usage())
    assert "setpriv" in try_bubblewrap(lambda *_: failed).why


def test_a_template_needs_bubblewrap_first():
    assert not try_template(Attempt("bubblewrap", "missing", "install it")).works


def test_a_container_needs_an_engine_and_an_image(monkeypatch, tmp_path):
    monkeypatch.setattr(attempt, "engine", lambda: "")
    assert "neither podman nor docker" in try_container().why
    fake = tmp_path / "podman"
    monkeypatch.setattr(attempt, "engine", lambda: str(fake))
    assert not try_container().works
    for script, why in [
        ("exit 1", "podman: it does not run"),
        ('[ "$1" = info ]', "there is no image"),
        ("", ""),
    ]:
        fake.write_text(f"#!/bin/sh\n{script}\n")
        fake.chmod(0o755)
        assert why in try_container().why
    assert try_container().works


def test_the_best_one_that_works_is_taken():
    bad, plain, box = (
        Attempt(kind, why) for kind, why in [("template", "old"), ("bubblewrap", ""), ("container", "")]
    )
    assert best_kind([bad, plain, box]) == "bubblewrap"
    assert best_kind([bad, Attempt("bubblewrap", "missing"), box]) == "container"
    assert best_kind([bad]) == "none"


def test_doctor_says_it_in_one_line():
    works, broken = (
        Attempt("bubblewrap"),
        Attempt("bubblewrap", "bwrap is missing", "sudo apt install bubblewrap"),
    )
    assert check_sandbox([works]).mark == "ok"
    finding = check_sandbox([Attempt("template", "old"), broken])
    assert (finding.mark, finding.fix) == ("warning", broken.fix)
    assert "bwrap is missing" in finding.text
    assert "\n" not in finding.text


@needs_bubblewrap()
@pytest.mark.parametrize(("kills", "works"), [(1, True), (2, False)])
def test_a_trial_that_is_killed_is_made_once_more(kills, works):
    """A grader whose trial somebody killed said that no sandbox works here."""
    killed = Finished(137, "", "", Usage())
    outcomes = [killed] * kills + [Finished(0, json.dumps(GOOD), "", Usage())]
    tried = try_bubblewrap(lambda *_: outcomes.pop(0), "linux")
    assert tried.works == works
    assert works or tried.why == "it ended with status 137"
