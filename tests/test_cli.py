"""The `course` command, and JupyterLab as it starts it."""

import asyncio
import errno
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest
from slowness import slowness
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application
from tornado.websocket import WebSocketHandler, WebSocketProtocol13, websocket_connect

from lib import cli
from lib.commands import COMMANDS
from lib.demos.rooms import demos, room_of_demo
from lib.jupyter.demo import notebook_of, open_demo
from lib.jupyter.no_delay import send_at_once
from lib.jupyter.settings import course_settings
from lib.jupyter.start import START_HERE, server_arguments, start, usual_warnings

ROOT = Path(__file__).resolve().parents[1]


def test_help_is_quick_and_names_every_command():
    program = "import sys, lib.cli\ntry: lib.cli.main(['--help'])\nfinally: print(*sys.modules)"
    shown = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True).stdout
    *text, modules = shown.splitlines()
    for name, what in COMMANDS.items():
        assert any(line.split() == [name, *what.split()] for line in text), name
    assert not {"numpy", "matplotlib", "jupyterlab", "torch", "pytest"} & set(modules.split())


def test_mistakes_are_named(capsys):
    for arguments, words in ((["strat"], "'strat'"), (["doctor", "--nope"], "--nope"), ([], "COMMAND")):
        with pytest.raises(SystemExit) as left:
            cli.main(arguments)
        assert left.value.code == 2
        assert words in capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_every_command_needs_no_package(command):
    call = f"import lib.cli; lib.cli.main([{command!r}, '--help'])"
    program = f"import sys\ntry: {call}\nfinally: print(*sys.modules)"
    done = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    *text, modules = done.stdout.splitlines()
    assert text[0].startswith(f"usage: course {command}")
    assert not {"numpy", "matplotlib", "jupyterlab", "torch", "pytest", "nbformat"} & set(modules.split())


def test_data_gets_its_own_arguments(capsys):
    with pytest.raises(SystemExit) as left:
        cli.main(["data", "fetch", "--help"])
    assert left.value.code == 0
    assert "cifar10" in capsys.readouterr().out
    with pytest.raises(SystemExit) as left:
        cli.main(["data", "fetch", "mnist"])
    assert left.value.code == 2


def test_faults_are_one_sentence(capsys, monkeypatch):
    assert cli.main(["demo", "nothing"]) == 1
    assert "nothing" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "xdist", None)  # as where the test extra is not installed
    assert cli.main(["test"]) == 1
    sentence = capsys.readouterr().err
    assert "xdist" in sentence
    assert "pip install" in sentence


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EACCES, "set COURSE_DATA, COURSE_JUPYTER and COURSE_WORK to folders of yours"),
        (errno.EROFS, "set COURSE_DATA, COURSE_JUPYTER and COURSE_WORK to folders of yours"),
        (errno.ENOTDIR, "set COURSE_DATA, COURSE_JUPYTER and COURSE_WORK to folders of yours"),
        (errno.ENOENT, "course: /home/x/data: No such file"),
    ],
)
def test_a_home_that_cannot_be_written_is_one_sentence(number, words, capsys, monkeypatch):
    def fail(args, further):
        raise OSError(number, os.strerror(number), "/home/x/data")

    monkeypatch.setitem(cli.RUN, "demo", fail)
    assert cli.main(["demo"]) == 1
    said = capsys.readouterr().err
    assert "/home/x/data" in said
    assert words in said
    assert said.count("\n") == 1


def test_a_place_of_one_s_own_that_cannot_be_written_needs_another_one(capsys, monkeypatch):
    def fail(args, further):
        raise OSError(errno.EACCES, os.strerror(errno.EACCES), str(args.csv))

    monkeypatch.setitem(cli.RUN, "predict", fail)
    assert cli.main(["predict", "mine.pt", "--csv", "/sys/predictions.csv"]) == 1
    assert "/sys/predictions.csv cannot be written or read" in (said := capsys.readouterr().err)
    assert said.endswith("choose another place\n")


@pytest.mark.parametrize("command", ["data", "demo"])
def test_a_home_that_is_no_folder_gives_no_traceback(command, tmp_path):
    (tmp_path / "file").touch()
    home = str(tmp_path / "file" / "home")
    env = {name: value for name, value in os.environ.items() if name not in ("COURSE_DATA", "COURSE_JUPYTER")}
    env |= {"HOME": home, "USERPROFILE": home}
    result = subprocess.run(
        [sys.executable, "-m", "lib.cli", command], env=env, capture_output=True, text=True
    )
    assert result.returncode in (0, 1)
    assert "Traceback" not in result.stderr
    assert "Errno" not in result.stderr


def test_arguments_of_jupyter_follow_those_of_the_course():
    arguments = server_arguments(["--port", "9000"], folder=Path("my coürse"))
    assert arguments[-2:] == ["--port", "9000"]
    assert "--ServerApp.root_dir=my coürse" in arguments
    assert f"--LabApp.default_url=/lab/tree/{START_HERE}" in arguments


def test_instructor_is_the_course_s_own_argument(monkeypatch, capsys):
    calls = []
    monkeypatch.setattr(
        "lib.jupyter.start.start", lambda further, **options: calls.append((further, options))
    )
    cli.main(["start", "--instructor", "--port", "9000"])
    cli.main(["start", "--no-browser"])
    work = Path(os.environ["COURSE_WORK"])
    assert calls == [(["--port", "9000"], {"instructor": True}), (["--no-browser"], {"folder": work})]
    with pytest.raises(SystemExit):
        cli.main(["start", "--help"])
    assert "--instructor" in capsys.readouterr().out


def test_missing_lecture_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"notebook: expected .*00_start_here"):
        start(folder=tmp_path)


def test_demos_are_found_without_importing_them(tmp_path):
    (tmp_path / "one.py").write_text(
        '"""First line.\n\nMore."""\nimport nothing_like_this\ndef show(): ...\n'
    )
    (tmp_path / "two.py").write_text("show = print\n")
    (tmp_path / "kit.py").write_text('"""Not a demo."""\ndef shown(): ...\n')
    (tmp_path / "three").mkdir()
    (tmp_path / "three" / "__init__.py").write_text('"""A package."""\ndef show(): ...\n')
    assert demos(tmp_path) == {"one": "First line.", "three": "A package.", "two": ""}


def test_demos_that_need_torch_are_found_in_a_room_of_their_own():
    assert {"slope", "ablations"} <= demos().keys()
    assert list(demos()) == sorted(demos())
    assert "from lib.convnets.demos import ablations\n" in notebook_of("ablations", "")["cells"][1]["source"]
    assert "from lib.demos import slope\n" in notebook_of("slope", "")["cells"][1]["source"]


def test_a_demo_has_a_notebook_of_its_own():
    notebook = nbformat.reads(json.dumps(notebook_of("slope", "The slope")), as_version=4)
    nbformat.validate(notebook)
    assert [cell.cell_type for cell in notebook.cells] == ["markdown", "code"]
    compile(notebook.cells[1].source, "cell", "exec")
    with pytest.raises(ValueError, match=r"NAME: expected .*, got 'no_such_demo'"):
        open_demo("no_such_demo")


class TellNoDelay(WebSocketHandler):
    """Answers whether Nagle's algorithm is off on its own connection."""

    def on_message(self, message):
        stream = self.ws_connection.stream
        self.write_message(str(stream.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)))


def ask_no_delay():
    async def ask():
        listener, port = bind_unused_port()
        server = HTTPServer(Application([("/", TellNoDelay)]))
        server.add_socket(listener)
        client = await websocket_connect(f"ws://127.0.0.1:{port}/")
        await client.write_message("?")
        answer = await client.read_message()
        client.close()
        server.stop()
        return answer != "0"

    with ThreadPoolExecutor() as threads:  # Playwright may have left a loop in this one
        return threads.submit(asyncio.run, ask()).result()


def test_no_delay_reaches_the_socket(monkeypatch):
    original = WebSocketProtocol13._receive_frame_loop
    monkeypatch.setattr(WebSocketProtocol13, "_receive_frame_loop", original)  # undone afterwards
    monkeypatch.setenv("COURSE_NO_DELAY", "0")
    assert not send_at_once()
    assert not ask_no_delay()

    monkeypatch.delenv("COURSE_NO_DELAY")
    assert send_at_once()
    assert ask_no_delay()
    once = WebSocketProtocol13._receive_frame_loop
    assert send_at_once()
    assert WebSocketProtocol13._receive_frame_loop is once


def test_no_delay_is_left_out_where_tornado_has_changed(monkeypatch):
    monkeypatch.delattr(WebSocketProtocol13, "_receive_frame_loop")
    assert not send_at_once()


@pytest.fixture
def course(tmp_path):
    """A folder with a first lecture, and `course start` on it: arguments → a running process and its log."""
    (tmp_path / "lectures").mkdir()
    (tmp_path / START_HERE).write_text(json.dumps(notebook_of("slope", "The slope")))
    program = "import sys; from pathlib import Path; from lib.jupyter.start import start\n"
    program += "start(sys.argv[2:], folder=Path(sys.argv[1]))"
    running = []

    def run(*arguments, **variables):
        log = tmp_path / "log"
        with log.open("w") as file:
            process = subprocess.Popen(
                [sys.executable, "-c", program, tmp_path, "--no-browser", *arguments],
                env=os.environ | {"COURSE_JUPYTER": str(tmp_path / "jupyter")} | variables,
                stdout=file,
                stderr=file,
                # a test run in the background of a script ignores Ctrl-C, and what it starts would do so too
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )
        running.append(process)
        return process, log

    yield run
    for process in running:
        process.kill()
        process.wait()


SIGINT = pytest.mark.skipif(os.name == "nt", reason="sends SIGINT")


@pytest.mark.family(share=3)
@SIGINT
def test_start_serves_the_course_with_its_own_settings_and_leaves_cleanly(course, tmp_path):
    # Of the user's own settings only those that the command line names; they note whether ours were read too.
    note = tmp_path / "note"
    mine = tmp_path / "mine.py"
    mine.write_text(
        "import atexit, pathlib\n"
        "from tornado.websocket import WebSocketProtocol13 as Protocol\n"
        "c.ServerApp.base_url = '/mine/'\n"
        "changed = lambda: str(hasattr(Protocol._receive_frame_loop, '__wrapped__'))\n"
        f"atexit.register(lambda: pathlib.Path({str(note)!r}).write_text(changed()))\n"
    )
    process, log = course("--config", str(mine), COURSE_NO_DELAY="1")
    url = wait_for_url(log, process)
    with urllib.request.urlopen(url, timeout=30 * slowness()) as page:
        assert page.status == 200
    assert f"/mine/lab/tree/{START_HERE}" in url
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60 * slowness()) == 0
    assert note.read_text() == "True"


@pytest.mark.family(share=3)
@SIGINT
def test_warnings_as_errors_break_neither_the_server_nor_its_extensions(course):
    process, log = course(PYTHONWARNINGS="error")
    wait_for_url(log, process)
    assert "Traceback" not in log.read_text()
    assert "Warning" not in log.read_text()


@pytest.mark.parametrize("how", ["error", "error::DeprecationWarning", "default", "ignore"])
def test_kernels_warn_as_python_does_by_default(how, monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_JUPYTER", str(tmp_path))
    monkeypatch.setenv("PYTHONWARNINGS", how)
    with course_settings():
        assert "PYTHONWARNINGS" not in os.environ
    assert os.environ["PYTHONWARNINGS"] == how


def test_the_filters_of_warnings_are_those_of_python_and_come_back():
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("error")
        with usual_warnings():
            warnings.warn("old", DeprecationWarning, stacklevel=1)
            warnings.warn("look", UserWarning, stacklevel=1)
        with pytest.raises(UserWarning):
            warnings.warn("look", UserWarning, stacklevel=1)
    assert [each.category for each in seen] == [UserWarning]


@pytest.mark.family(share=3)
@SIGINT
def test_a_port_that_is_taken_is_passed_over(course):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process, log = course("--port", str(port))
        url = wait_for_url(log, process)
        assert f":{port}/" not in url
        with urllib.request.urlopen(url, timeout=30 * slowness()) as page:
            assert page.status == 200


@SIGINT
@pytest.mark.parametrize(
    "moment", [0.4, 0.7, 1.0, 1.4]
)  # while modules are imported, settings read, sockets opened
@pytest.mark.family(share=3)
def test_ctrl_c_at_once_leaves_without_a_traceback(moment, tmp_path):
    program = "import sys, course; sys.exit(course.command())"
    process = subprocess.Popen(
        [sys.executable, "-c", program, "start", "--no-browser"],
        env=os.environ | {"COURSE_JUPYTER": str(tmp_path)}, cwd=ROOT, stderr=subprocess.PIPE, text=True,
        stdout=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    time.sleep(moment * slowness())
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60 * slowness())
    assert process.returncode in (0, 130), errors
    assert "Traceback" not in errors


def wait_for_url(log, process):
    """What `course start` says where the course is."""
    while process.poll() is None:
        for line in log.read_text().splitlines():
            if line.startswith("The course is open at "):
                return line.split()[-1]
        time.sleep(0.05)
    pytest.fail(log.read_text())


def test_demos_that_need_torch_are_found_where_they_are():
    assert {"slope", "what_it_sees"} <= set(demos())
    assert room_of_demo("slope") == "lib.demos"
    code = notebook_of("what_it_sees", "Sight")["cells"][1]["source"]
    assert code.startswith("from lib.convnets.demos import what_it_sees\n")
