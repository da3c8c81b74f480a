"""`course start` in homes with settings of their own: server and kernels meet what a clean home has."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hostile_homes import FIGURES, KERNELS, SERVERS, Home

from lib.jupyter.settings import course_settings, kernel_settings, own_folder, user_settings

pytestmark = pytest.mark.skipif(os.name == "nt", reason="each home has a process that is forked")

HOMES = {"server": SERVERS, "kernel": KERNELS, "figure": FIGURES}
CASES = [(kind, name) for kind, homes in HOMES.items() for name in homes]
# Jupyter alone must fail here, or read other settings: else nothing would be tested.
CONTROLS = [
    ("server", "preferred_dir gone"),
    ("server", "widgets switched off"),
    ("server", "kernel python3 of another Python"),
    ("kernel", "startup file that raises"),
    ("figure", "MPLBACKEND"),
]


def look_around(cases, folder, how):
    """What is found in each home, and in a clean one of each kind: (kind, name) → dictionary."""
    cases = list(dict.fromkeys([*((kind, "clean") for kind, _ in cases), *cases]))
    jobs = []
    for kind, name in cases:
        (folder / kind / name).mkdir(parents=True)
        jobs.append([kind, HOMES[kind].get(name, Home()).make(folder / kind / name)])
    hidden = ("JUPYTER", "IPYTHON", "MPL", "MATPLOTLIB", "COURSE_JUPYTER", "XDG_")
    env = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
    program = Path(__file__).with_name("look_around.py")
    found = subprocess.run(
        [sys.executable, program, how], input=json.dumps(jobs), env=env, capture_output=True, text=True
    )
    lines = found.stdout.splitlines()
    assert len(lines) == len(jobs), found.stderr
    return dict(zip(cases, map(json.loads, lines), strict=True))


@pytest.fixture(scope="module")
def found(request, tmp_path_factory):
    """What is found in the homes whose tests run now, and in clean ones."""
    chosen = {item.name for item in request.session.items}
    cases = [case for case in CASES if f"test_a_hostile_home_changes_nothing[{id_of(case)}]" in chosen]
    clean = [("server", "clean"), ("kernel", "clean")]  # which have a test of their own
    return look_around([*clean, *cases], tmp_path_factory.mktemp("homes") / "Zoë Müller", "start")


def id_of(case):
    kind, name = case
    return f"{kind}: {name}"


@pytest.mark.family(share=6)
@pytest.mark.parametrize(("kind", "name"), CASES, ids=map(id_of, CASES))
def test_a_hostile_home_changes_nothing(kind, name, found):
    assert "failed" not in found[kind, name], found[kind, name]["failed"]
    assert found[kind, name] == found[kind, "clean"]


def test_a_clean_home_has_the_course_s_settings(found):
    server = found["server", "clean"]
    assert server["settings"]["ServerApp"]["root_dir"] == server["root_dir"]
    assert server["port"]
    assert server["has token"]
    assert set(server["switched off"]) == {
        "@jupyter/nbgrader",
        "@jupyterlab/application-extension:faviconbusy",
    }
    assert not any("nbgrader" in name for name in server["extensions"])
    assert found["kernel", "clean"]["settings"]["exec_PYTHONSTARTUP"] is False


@pytest.mark.family(share=3)
def test_jupyter_alone_is_changed_or_stopped_by_such_homes(tmp_path):
    plain = look_around(CONTROLS, tmp_path, "plain")
    for kind, name in CONTROLS:
        assert plain[kind, name] != plain[kind, "clean"], name


def test_the_user_s_theme_and_keys_stay(tmp_path, monkeypatch):
    settings = tmp_path / ".jupyter" / "lab" / "user-settings"
    settings.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    for name in ("JUPYTERLAB_SETTINGS_DIR", "JUPYTER_CONFIG_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COURSE_JUPYTER", str(tmp_path / "own"))
    with course_settings():
        assert os.environ["JUPYTERLAB_SETTINGS_DIR"] == str(settings)
        with course_settings():  # `course doctor` in a terminal of JupyterLab
            assert os.environ["JUPYTERLAB_SETTINGS_DIR"] == str(settings)
    assert "JUPYTERLAB_SETTINGS_DIR" not in os.environ
    assert user_settings({"JUPYTER_CONFIG_DIR": str(tmp_path / ".jupyter")}) == settings
    assert user_settings({"JUPYTERLAB_SETTINGS_DIR": str(tmp_path / "none")}) is None
    assert user_settings({"JUPYTER_CONFIG_DIR": str(tmp_path / "none")}) is None


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ('{"theme": "JupyterLab Dark"}', True),
        ('{\n  // night\n  "theme": "JupyterLab Dark",\n}', True),
        ("{ no theme", False),
        ("", False),
        ("[1]", False),
        ("null", False),
        ("\x00", False),
    ],
)
def test_settings_of_jupyterlab_that_are_no_json_are_named_and_left_out(text, good, tmp_path, capsys):
    file = tmp_path / "lab" / "user-settings" / "@jupyterlab" / "a-extension" / "b.jupyterlab-settings"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    found = user_settings({"JUPYTER_CONFIG_DIR": str(tmp_path)})
    assert (found is not None) == good
    assert (str(file) in capsys.readouterr().err) == (not good)


def test_the_environment_is_as_before_afterwards(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_JUPYTER", str(tmp_path))
    for name in ("JUPYTER_PORT", "MPLBACKEND", "JUPYTERHUB_USER", "JUPYTER_WIDGETS_ECHO"):
        monkeypatch.setenv(name, "1")
    before = dict(os.environ)
    with course_settings():
        assert not {"JUPYTER_PORT", "MPLBACKEND"} & set(os.environ)
        assert (os.environ["JUPYTERHUB_USER"], os.environ["JUPYTER_WIDGETS_ECHO"]) == ("1", "1")
        assert os.environ["PATH"].split(os.pathsep)[0] == str(Path(sys.executable).parent)
    assert dict(os.environ) == before


def test_a_folder_that_cannot_be_written_is_named_and_done_without(tmp_path, capsys):
    (tmp_path / "file").touch()
    chosen = tmp_path / "file" / "jupyter"
    assert own_folder({"COURSE_JUPYTER": str(chosen)}).is_dir()
    said = capsys.readouterr().err
    assert f"{chosen} cannot be written" in said
    assert "COURSE_JUPYTER" in said
    assert said.count("\n") == 1


def test_short_errors_are_loaded_where_that_module_is_there(monkeypatch):
    there = ["lib.jupyter.short_errors"]
    monkeypatch.setattr("lib.jupyter.settings.find_spec", lambda name: name in there or None)
    assert kernel_settings()["InteractiveShellApp"]["extensions"] == there
    there.clear()
    assert "extensions" not in kernel_settings()["InteractiveShellApp"]


def test_a_relative_folder_belongs_to_the_course(monkeypatch, tmp_path):
    monkeypatch.setattr("lib.jupyter.settings.ROOT", tmp_path)
    assert own_folder({"COURSE_JUPYTER": "mine"}) == tmp_path / "mine"


def test_a_home_of_an_unknown_user_is_a_folder_of_that_name(monkeypatch, tmp_path):
    monkeypatch.setattr("lib.jupyter.settings.ROOT", tmp_path)
    for name in ("~nobodyq/x", "~nobodyq", "~no~body/x"):
        assert own_folder({"COURSE_JUPYTER": name}) == tmp_path / name
        assert (tmp_path / name).is_dir()


def test_without_home_and_user_the_course_has_a_folder_all_the_same(monkeypatch, capsys):
    """As in containers: HOME is not set, and the user has no entry among the users."""

    def unknown(*_):
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr("platformdirs.user_data_dir", unknown)
    folder = own_folder({})
    assert folder.is_dir()
    assert "set COURSE_JUPYTER to a folder of yours" in capsys.readouterr().err
