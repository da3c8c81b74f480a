"""A warning that nobody expects fails the tests of recording: it is an error of tomorrow."""

from __future__ import annotations

import gc
import logging
import warnings

import pytest

STRICT = ("test_gradebook_", "test_feedback_", "test_exports_", "test_formgrader_")  # names of files
EXPECTED = ("Unwritable directory, please contact your instructor",)  # nbgrader, where there is no exchange


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.name.startswith(STRICT) and item.path.parent.name == "grading":
            item.add_marker(pytest.mark.filterwarnings("error"), append=False)


@pytest.fixture(autouse=True, scope="module")
def what_other_tests_left_is_gone(request):
    """A pipe that another file's test has not closed would warn here, whenever Python comes to collect it."""
    if request.path.name.startswith(STRICT):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            gc.collect()


@pytest.fixture(autouse=True)
def nothing_is_logged_as_a_warning(request, caplog):
    """Log lines count like warnings: nbgrader, alembic and ipykernel say there what they dislike."""
    yield
    if request.path.name.startswith(STRICT):
        said = [record for record in caplog.get_records("call") if record.levelno >= logging.WARNING]
        assert [r.getMessage() for r in said if not r.getMessage().startswith(EXPECTED)] == []
