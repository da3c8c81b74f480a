"""Each lecture in JupyterLab in Chromium: it runs, every slider moves its picture, nothing complains."""

from pathlib import Path

import pytest
from inspect_notebook import complaints
from nbformat.v4 import new_code_cell

from benchmarks.demos import write

LECTURES = sorted(path.name for path in (Path(__file__).parents[2] / "lectures").glob("*.ipynb"))


@pytest.mark.parametrize("name", LECTURES)
def test_a_lecture_runs_and_every_slider_moves_its_picture(lab, name):
    assert complaints(lab, name) == []


DEMO = """
from lib.demos.kit import Demo, Slider

class Line(Demo):
    title, alt = "A line", "A line."
    w = Slider(-10, 10, start=0)

    def compute(self, w):
        {compute}

    def draw(self, axes):
        (self.line,) = axes.plot([0, 1], [0, 0])
        axes.set(ylim=(-10, 10))

    def update(self, w):
        self.line.set_ydata([0, w])

Line().show()
"""


# Each of these must make the test above fail, and the first one must not.
@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (DEMO.format(compute="return w"), None),
        (DEMO.format(compute="return 3"), "slider 0 does not change the picture"),
        (DEMO.format(compute="return w if w == 0 else 1 / 0"), "shows ZeroDivisionError"),
        ("1 / 0", "cell 0: ZeroDivisionError"),
        ("import warnings; warnings.warn('careful')", "cell 0: on stderr"),
        (DEMO.format(compute="return w") + "\n1 / 0", "cell 0: ZeroDivisionError"),
    ],
    ids=["sound", "inert slider", "raising callback", "error in a cell", "warning", "error after a demo"],
)
def test_the_check_finds_what_is_wrong(lab, source, expected):
    name = f"control-{abs(hash(source))}.ipynb"
    write(lab.folder / name, new_code_cell(source))
    found = complaints(lab, name)
    if expected is None:
        assert found == []
    else:
        assert any(expected in complaint for complaint in found), found


def test_jupyterlab_asks_no_questions(lab):
    """Neither which kernel to use nor whether news are wanted: a whole class would have to answer."""
    with lab.open(LECTURES[0]) as notebook:
        notebook.page.wait_for_timeout(3000)  # such questions come a moment after the page
        assert notebook.page.locator(".jp-Dialog, .Toastify__toast").all_inner_texts() == []
