"""Formgrader shows what was recorded; with --anonymous nothing that it sends tells whose it is."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from grading_course import NAME, executed, graded, make_course, result

from lib.grading.feedback.formgrader import without_names
from lib.grading.gradebook.opening import open_gradebook
from lib.grading.gradebook.recorder import Recorder

SERVER = """
import sys
from contextlib import nullcontext
from pathlib import Path
from lib.grading.feedback.formgrader import anonymous_formgrader, open_formgrader
arguments = ["--no-browser", "--port=0", "--IdentityProvider.token=open", "--ServerApp.log_level=ERROR"]
with anonymous_formgrader() if sys.argv[2] == "anonymous" else nullcontext():
    open_formgrader(arguments, Path(sys.argv[1]), "start.ipynb")
"""


@pytest.fixture(scope="module", params=["anonymous", "names"])
def formgrader(request, tmp_path_factory):
    """Asks a Formgrader of a small class for a page: path → (status, text)."""
    root = make_course(tmp_path_factory.mktemp("class"))
    (root / "start.ipynb").write_bytes(executed())
    people = {"ada-l": {"first_name": "Ada", "last_name": "Lovelace", "email": "ada@x.example"}}
    with open_gradebook(root) as gradebook, Recorder(gradebook, NAME, people) as recorder:
        graded(
            root, recorder, result("ada-l", said=["The sign is wrong."]), executed(why="An answer to read.")
        )
        recorder.record(result("bob-b", nothing=True))
    command = [sys.executable, "-c", SERVER, str(root), request.param]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONUNBUFFERED": "1"}
    server = subprocess.Popen(
        command, cwd=root, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert server.stdout is not None
    said = []
    for line in server.stdout:
        said.append(line)
        if found := re.search(r"open at (http://\S+?)/?(lab\S*|tree\S*)?(\?token=\S+)?$", line.strip()):
            address = re.match(r"http://[^/]+", found[1])[0]
            break
    else:
        pytest.fail("".join(said))

    def ask(path):
        request = urllib.request.Request(f"{address}/{path}", headers={"Authorization": "token open"})
        try:
            with urllib.request.urlopen(request, timeout=100) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    ask.hidden = request.param == "anonymous"
    yield ask
    server.send_signal(signal.SIGTERM)
    time.sleep(0.1)
    server.kill()
    server.wait()
    server.stdout.close()


@pytest.mark.family(share=8)
def test_a_written_answer_can_be_marked_and_names_are_hidden_on_request(formgrader):
    status, listed = formgrader(f"formgrader/api/submitted_notebooks/{NAME}/{NAME}")
    assert status == 200
    (submission,) = json.loads(listed)  # bob's has no notebook
    assert submission["needs_manual_grade"]
    status, page = formgrader(f"formgrader/submissions/{submission['id']}/")
    assert status == 200
    assert "An answer to read." in page
    assert "The sign is wrong." in page
    status, scores = formgrader(f"formgrader/api/grades?submission_id={submission['id']}")
    assert {grade["name"]: grade["auto_score"] for grade in json.loads(scores)} == {
        "add-marks": 10.0,
        "twice-marks": 6.0,
        "why": None,
    }
    pages = [
        "manage_students", "manage_students/ada-l", f"manage_submissions/{NAME}", "api/students",
        "api/student/ada-l", f"api/submissions/{NAME}", f"api/submission/{NAME}/ada-l",
        "api/student_submissions/ada-l", f"manage_students/ada-l/{NAME}",
        f"api/student_notebook_submissions/ada-l/{NAME}",
    ]  # fmt: skip
    sent = [listed, page, *(formgrader(f"formgrader/{path}")[1] for path in pages)]
    sent += [
        formgrader(f"formgrader/gradebook/{NAME}/{NAME}")[1],
        formgrader("formgrader/manage_assignments")[1],
    ]
    told = [word for text in sent for word in ("ada-l", "Ada", "Lovelace", "bob-b", "ada@x") if word in text]
    assert bool(told) is not formgrader.hidden


def test_a_submission_without_a_name_has_a_number():
    about = {
        "student": "ada",
        "first_name": "Ada",
        "last_name": None,
        "index": 3,
        "score": 5,
        "notebook_path": "x/ada",
    }
    assert without_names(about) == {
        "student": "Submission #4", "first_name": None, "last_name": None, "index": 3, "score": 5,
        "notebook_path": "",
    }  # fmt: skip
