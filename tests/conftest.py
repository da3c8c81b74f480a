"""What every test runs with: quick mode, the built-in data set, and a data folder of its own."""

import os
import shutil
import tempfile


def pytest_configure(config):
    """Set before anything is collected; xdist's workers inherit it, so that Shapes-10 is generated once."""
    os.environ.setdefault("COURSE_QUICK", "1")
    os.environ.setdefault("COURSE_DATASET", "shapes10")
    if "COURSE_DATA" not in os.environ:
        folder = os.environ["COURSE_DATA"] = tempfile.mkdtemp(prefix="course-tests-")
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
