"""Text in JupyterLab as `course start` has it: where lines break, what keeps its distance."""

import pytest
from nbformat import write
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from slowness import slowness

from benchmarks.lab import Lab

WIDTHS = range(700, 1300, 40)
FORMULAS = " ".join(f"It is {'l' * (k % 7)} $x_{k}$. So ($y_{k}$), too." for k in range(40))
FOLDED = "<details><summary>Think first</summary>\n\nFolded.\n\n</details>\n\nThis comes next."
PRINTED = "print(' '.join('word' * (1 + k % 4) for k in range(80)), 'x' * 400)"
FOLDED_CODE = "# " + "A first line that is longer than a narrow window has room for. " * 3 + "\nprint()"
SOURCE = "from IPython.display import Code\n\n"
SOURCE += "Code(' + '.join('name' * (1 + k % 4) for k in range(80)), language='python')"
BAR = "from tqdm.auto import tqdm\n\n"
BAR += "said = 'loss=2.050, train accuracy=31.6%, validation accuracy=13.2%'\n"
BAR += "for _ in tqdm(range(3), unit='batch', postfix=said):\n    pass"
SCALES = "predict('09.three_counts')  # fully connected, local, shared"
CARD = "from lib.lessons import predict\n\npredict('05.price_of_nudging')  # its scale ends with 1,000,000"

# Each formula, and the sign that touches it, of which one stands in another line.
TORN = """
() => [...document.querySelectorAll('.jp-RenderedMarkdown mjx-container')].filter((formula) => {
  const here = formula.querySelector('mjx-math').getBoundingClientRect(), range = document.createRange();
  const elsewhere = (text, start) => {
    range.setStart(text, start);
    range.setEnd(text, start + 1);
    const there = range.getBoundingClientRect();
    return there.top > here.bottom || there.bottom < here.top;
  };
  const before = formula.previousSibling, after = formula.nextSibling;
  return (before.data.endsWith('(') && elsewhere(before, before.length - 1)) || elsewhere(after, 0);
}).length
"""
# Formulas that begin a line: the word before them stands in another one.
FIRST = """
() => [...document.querySelectorAll('.jp-RenderedMarkdown mjx-container')].filter((formula) => {
  const word = formula.previousSibling, range = document.createRange();
  if (!word.data.endsWith(' ')) return false;
  range.setStart(word, word.length - 2);
  range.setEnd(word, word.length - 1);
  return range.getBoundingClientRect().bottom < formula.querySelector('mjx-math').getBoundingClientRect().top;
}).length
"""
BROKEN_WORDS = """
() => {
  const text = document.querySelector('.jp-OutputArea-output pre').firstChild, range = document.createRange();
  return [...text.data.matchAll(/\\S+/g)].filter((word) => {
    range.setStart(text, word.index);
    range.setEnd(text, word.index + word[0].length);
    return range.getClientRects().length > 1;
  }).map((word) => word[0]);
}
"""
TICKS = """
() => [...document.querySelectorAll('.course-tick')].filter((tick) => {
  const { left, right } = tick.getBoundingClientRect();
  const room = tick.closest('.course-outcome').getBoundingClientRect();
  return right > left && (left < room.left || right > room.right); // every second one may be hidden
}).map((tick) => tick.innerText)
"""
BEGINNINGS = """
() => [...document.querySelectorAll('.course-part')].map((name) => {
  const { left, right } = name.nextElementSibling.getBoundingClientRect();
  return [Math.round(left), right - left > 150 && left >= name.getBoundingClientRect().right];
})
"""
BESIDE = """
() => {
  const parts = ['.jp-PlaceholderText', '.jp-MoreHorizIcon', '.jp-Placeholder-content'];
  const [words, dots, frame] = parts.map((it) => document.querySelector(it).getBoundingClientRect());
  const cell = document.querySelector('.jp-InputPlaceholder').parentNode.getBoundingClientRect();
  return [words.right <= dots.left + 1, dots.right <= frame.right, frame.right <= cell.right + 1];
}
"""
BROKEN_NAMES = """
() => [...document.querySelectorAll('.highlight pre span')]
  .filter((name) => /^\\w+$/.test(name.innerText) && name.getClientRects().length > 1)
  .map((name) => name.innerText)
"""
PROGRESS = """
() => {
  const bar = document.querySelector('.widget-hprogress'), words = bar.parentNode.lastElementChild;
  const inside = words.firstElementChild ?? words, right = (it) => it.getBoundingClientRect().right;
  const fits = inside.scrollWidth <= inside.clientWidth + 1;
  return [bar.clientWidth >= 100, fits && right(words) <= right(bar.closest('.jp-OutputArea-output')) + 1];
}
"""
GAP = """
() => {
  const folded = document.querySelector('.jp-RenderedMarkdown details');
  return folded.nextElementSibling.getBoundingClientRect().top - folded.getBoundingClientRect().bottom;
}
"""


@pytest.fixture(scope="module")
def page(chromium, tmp_path_factory):
    folder = tmp_path_factory.mktemp("text")
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [
        new_markdown_cell(FORMULAS),
        new_markdown_cell(FOLDED),
        new_code_cell(PRINTED),
        new_code_cell(CARD),
        new_code_cell(SCALES),
        new_code_cell(SOURCE),
        new_code_cell(BAR),
        new_code_cell(FOLDED_CODE, metadata={"jupyter": {"source_hidden": True}}),
    ]
    write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), folder / "text.ipynb")
    progress = {"COURSE_PROGRESS": str(folder / "progress.json")}
    with (
        Lab(folder, chromium, patience=slowness(), environment=progress) as lab,
        lab.open("text.ipynb") as notebook,
    ):
        notebook.run_all()
        notebook.page.wait_for_function("document.querySelectorAll('mjx-container').length === 80")
        yield notebook.page


def test_a_full_stop_or_a_bracket_stays_with_its_formula(page):
    first = 0
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(TORN) == 0, f"{width} px"
        first += page.evaluate(FIRST)
    assert first > 0, "a formula may begin a line"


def test_a_printed_line_breaks_between_words_and_a_word_without_end_breaks_too(page):
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(BROKEN_WORDS) == ["x" * 400], f"{width} px"


def test_the_numbers_below_a_scale_stay_in_their_frame(page):
    page.get_by_role("button", name="Show anyway").first.click()
    page.locator(".course-tick").last.wait_for()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(TICKS) == [], f"{width} px"


def test_the_scales_of_one_card_begin_at_one_place(page):
    page.get_by_role("button", name="Show anyway").last.click()
    page.locator(".course-part").last.wait_for()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        (first, wide), *others = page.evaluate(BEGINNINGS)
        assert wide, f"{width} px"
        assert others == [[first, True]] * 2, f"{width} px"


def test_the_first_line_of_a_folded_cell_ends_in_its_frame(page):
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(BESIDE) == [True, True, True], f"{width} px"


def test_names_in_shown_code_are_whole(page):
    page.locator(".highlight pre").wait_for()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(BROKEN_NAMES) == [], f"{width} px"


def test_a_bar_of_progress_and_its_words_have_room(page):
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(PROGRESS) == [True, True], f"{width} px"


def test_what_follows_a_folded_answer_keeps_its_distance(page):
    assert page.evaluate(GAP) >= 10
