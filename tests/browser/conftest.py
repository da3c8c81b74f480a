import os
import shutil
from pathlib import Path

import pytest
from slowness import slowness

from lib.doctor import find_browser

ROOT = Path(__file__).parents[2]
pytest.register_assert_rewrite("stage_page")  # its assertions tell what they compare


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's executable; without one these tests are skipped, except in CI, where they must run."""
    pytest.importorskip(
        "playwright", reason="playwright drives the browser: python3 course.py test installs it"
    )
    found = find_browser()
    if found:
        return str(found)
    if os.environ.get("CI"):
        pytest.fail("no Chromium or Chrome found, and in CI the browser tests must run: .ci/run installs one")
    pytest.skip("no Chromium or Chrome found: install one to run the browser tests")


@pytest.fixture(scope="session", autouse=True)
def patient_expectations():
    """Playwright's `expect` waits for 5 s, or longer on a slow computer."""
    playwright = pytest.importorskip("playwright.sync_api")
    playwright.expect.set_options(timeout=5000 * slowness())


@pytest.fixture(scope="module")  # a worker can have one Playwright at a time, and other files start their own
def lab(chromium, tmp_path_factory):
    """JupyterLab on a copy of the lectures: it saves what it runs."""
    from benchmarks.lab import Lab

    folder = tmp_path_factory.mktemp("lab") / "lectures"
    shutil.copytree(ROOT / "lectures", folder, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    with Lab(folder, chromium, patience=slowness()) as running:
        yield running
