"""A prediction's card looks the same where a demo stands on the page, which brings styles of its own."""

import pytest
from nbformat import write
from nbformat.v4 import new_code_cell, new_notebook
from slowness import slowness

from benchmarks.lab import Lab

LOOKS = """
() => {
  const card = document.querySelector('.course-prediction'), style = (it) => getComputedStyle(it);
  const [main, quiet] = ['.course-main', '.course-quiet'].map((it) => style(card.querySelector(it)));
  return {
    border: style(card).borderLeftWidth,
    main: [main.backgroundColor, main.color, main.fontWeight],
    quiet: [quiet.backgroundColor, quiet.color, quiet.fontWeight],
    padding: main.padding,
  };
}
"""


@pytest.mark.family(share=4)
def test_a_card_looks_the_same_after_a_demo(chromium, tmp_path):
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [
        new_code_cell("from lib.lessons import predict\n\npredict('05.branch')"),
        new_code_cell("from lib.demos import slope\n\nif demo_too:\n    slope.show()"),
    ]
    looks = []
    for demo_too in (False, True):
        first = new_code_cell(f"demo_too = {demo_too}")
        made = new_notebook(cells=[first, *cells], metadata={"kernelspec": kernel})
        write(made, tmp_path / f"{demo_too}.ipynb")
    progress = {"COURSE_PROGRESS": str(tmp_path / "progress.json")}
    with Lab(tmp_path, chromium, patience=slowness(), environment=progress) as lab:
        for name, shown in (("False", ".course-main"), ("True", ".course-demo .course-stage img")):
            with lab.open(f"{name}.ipynb") as notebook:
                notebook.run_all()
                notebook.page.locator(shown).first.wait_for()
                notebook.page.locator(".course-main").wait_for()
                looks.append(notebook.page.evaluate(LOOKS))
    alone, beside = looks
    assert beside == alone
    assert alone["border"] == "5px"
    assert alone["main"] != alone["quiet"]
