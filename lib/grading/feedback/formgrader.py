"""`course formgrader`: nbgrader's Formgrader for the written questions, without names on request."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lib.assignments.originals import original_names
from lib.assignments.places import ROOT, find_assignment
from lib.jupyter.start import START_HERE, start

# nbgrader's pages would keep the login for those below the first one alone: then none gets its data.
LOGIN_EVERYWHERE = "--IdentityProvider.cookie_options=path=/"
NAMES = ("student", "first_name", "last_name")
REFUSED = (  # pages and answers that list students, whoever asks
    "ManageStudentsHandler",
    "ManageStudentsAssignmentsHandler",
    "ManageStudentNotebookSubmissionsHandler",
    "ManageSubmissionsHandler",
)
REFUSED_ANSWERS = (
    "SubmissionCollectionHandler",
    "SubmissionHandler",
    "StudentCollectionHandler",
    "StudentHandler",
    "StudentSubmissionCollectionHandler",
    "StudentNotebookSubmissionCollectionHandler",
)


def formgrader_command(args: argparse.Namespace, root: Path = ROOT) -> None:
    """Opens Formgrader, until Ctrl-C.

    args: assignment, such as "a1", or "" for a list; anonymous, whether no name can be seen; db, the
        gradebook's address or ""; further, arguments of `jupyter lab`
    """
    place = "formgrader/gradebook"
    if args.assignment:
        full = find_assignment(args.assignment, original_names(root))
        place += f"/{full}/{full}"
    arguments = [f"--LabApp.default_url=/{place}", LOGIN_EVERYWHERE]
    if args.db:
        arguments.append(f"--CourseDirectory.db_url={args.db}")
    if not args.anonymous:
        open_formgrader([*arguments, *args.further], root)
        return
    with anonymous_formgrader():
        open_formgrader([*arguments, *args.further], root)


def open_formgrader(arguments: list[str], root: Path, notebook: str = START_HERE) -> None:
    """Runs JupyterLab with nbgrader's tools."""
    start(arguments, folder=root, notebook=notebook, instructor=True)


@contextmanager
def anonymous_formgrader() -> Iterator[None]:
    """A `with` block in which no page and no answer of Formgrader in this process tells a student's name.

    nbgrader itself only covers names until somebody clicks on an eye; they are in the page all the same. What
    a student has written into the notebook is shown as it is.
    """
    from nbgrader.apps.api import NbGraderAPI
    from nbgrader.server_extensions.formgrader import apihandlers, handlers
    from nbgrader.server_extensions.formgrader.base import BaseHandler

    exporter, listed, rendered = (
        BaseHandler.exporter,
        NbGraderAPI.get_notebook_submissions,
        BaseHandler.render,
    )

    def get_notebook_submissions(self: Any, assignment_id: str, notebook_id: str) -> list[dict[str, Any]]:
        return [without_names(each) for each in listed(self, assignment_id, notebook_id)]

    def render(self: Any, name: str, **values: Any) -> str:
        if "resources" in values:  # the page for a notebook that is not there
            values["resources"] = without_names({**values["resources"], "filename": "the notebook"})
        return str(rendered(self, name, **values))

    changed: list[tuple[Any, str, Any]] = [
        (BaseHandler, "exporter", property(lambda self: Nameless(exporter.fget(self)))),
        (BaseHandler, "render", render),
        (NbGraderAPI, "get_notebook_submissions", get_notebook_submissions),
        *((getattr(handlers, name), "get", refuse) for name in REFUSED),
        *((getattr(apihandlers, name), "get", refuse) for name in REFUSED_ANSWERS),
    ]
    before = [(owner, name, owner.__dict__[name]) for owner, name, _ in changed]
    for owner, name, value in changed:
        setattr(owner, name, value)
    try:
        yield
    finally:
        for owner, name, value in before:
            setattr(owner, name, value)


class Nameless:
    """nbgrader's exporter of notebooks, which gets no names."""

    def __init__(self, exporter: Any) -> None:
        self.exporter = exporter

    def from_filename(self, filename: str, resources: Mapping[str, Any]) -> Any:
        return self.exporter.from_filename(filename, resources=without_names(resources))


def without_names(about: Mapping[str, Any]) -> dict[str, Any]:
    """What Formgrader knows of a submission, without whose it is."""
    hidden: dict[str, Any] = {name: None for name in NAMES if name in about}
    if "student" in about:
        hidden["student"] = f"Submission #{int(about.get('index', -1)) + 1}"
    if "notebook_path" in about:
        hidden["notebook_path"] = ""
    return {**about, **hidden}


def refuse(handler: Any, *_: Any) -> None:
    """The answer of a page that would list students."""
    handler.set_status(403)
    handler.finish("Names are hidden: `course formgrader` without --anonymous shows them.")
