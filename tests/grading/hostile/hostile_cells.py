"""Cells deleted, copied, moved, converted; files that are no notebook; names that nobody expects."""

import io
import json
import zipfile

import nbformat
from hostile_bank import FULL, NAME, NO_RELU, NOTHING, RIGHT, WRONG_RELU, row

ANY_SHAPE = "deleted duplicated edited split"


@row(FULL, "the cell with the check of one task deleted", flags="deleted")
def check_cell_deleted(hand):
    hand.delete("relu-check")


@row(FULL, "a marked cell deleted", stock="no grade, a person must look", flags="deleted")
def marked_cell_deleted(hand):
    hand.delete("relu-marks")


@row(FULL, "all marked cells and checks deleted", flags="deleted")
def all_marked_cells_deleted(hand):
    hand.delete(*(f"{task}-{part}" for task in RIGHT for part in ("check", "marks")))


@row(
    FULL, "a marked cell relabelled as a solution", stock="no grade, a person must look", may="edited deleted"
)
def marked_cell_relabelled(hand):
    about = hand.cell("relu-marks").metadata.nbgrader
    about.update(grade=False, solution=True, locked=False)


@row(FULL, "a marked cell is there twice", stock="the whole batch aborts", flags="duplicated")
def marked_cell_twice(hand):
    copy = nbformat.from_dict(hand.cell("relu-marks"))
    hand.notebook.cells.insert(hand.place("relu-marks"), copy)


@row(FULL, "every cell is there twice", stock="the whole batch aborts", flags="duplicated")
def every_cell_twice(hand):
    hand.notebook.cells = [nbformat.from_dict(cell) for cell in hand.notebook.cells for _ in range(2)]


@row(
    FULL, "the whole notebook twice, one below the other", stock="the whole batch aborts", flags="duplicated"
)
def notebook_twice(hand):
    hand.notebook.cells += [nbformat.from_dict(cell) for cell in hand.notebook.cells]


@row(FULL, "a solution twice, the first wrong: the last counts", flags="duplicated")
def solution_twice(hand):
    wrong = nbformat.from_dict(hand.cell("relu-code"))
    wrong.source = WRONG_RELU
    hand.notebook.cells.insert(hand.place("relu-code"), wrong)


@row(NO_RELU, "a solution twice, the last wrong: the last counts", flags="duplicated")
def solution_twice_the_last_wrong(hand):
    wrong = nbformat.from_dict(hand.cell("relu-code"))
    wrong.source = WRONG_RELU
    hand.notebook.cells.insert(hand.place("relu-check"), wrong)


@row(FULL, "a solution split over two cells that both have its name", may=ANY_SHAPE, flags="duplicated")
def split_with_its_name(hand):
    second = nbformat.from_dict(hand.cell("relu-code"))
    second.source = """def backward(self, x, grad_output, scale=1.0):
    return np.where(x > 0, grad_output, 0.0)

ReLU.backward = backward"""
    hand.relu(RIGHT["relu"].split("\n\n")[0])
    hand.notebook.cells.insert(hand.place("relu-check"), second)


@row(FULL, "a solution split, the second half in a new cell", may=ANY_SHAPE)
def split_into_a_new_cell(hand):
    hand.relu(RIGHT["relu"].split("\n\n")[0])
    hand.add(
        """def backward(self, x, grad_output, scale=1.0):
    return np.where(x > 0, grad_output, 0.0)

ReLU.backward = backward""",
        "relu-check",
    )


@row(FULL, "two solutions in one cell, the other empty", may=ANY_SHAPE)
def merged(hand):
    hand.relu(f"{RIGHT['relu']}\n\n\n{RIGHT['mul']}")
    hand.write("mul", "")


@row(FULL, "two cells merged: the second is gone", flags="deleted", may=ANY_SHAPE)
def merged_and_deleted(hand):
    hand.relu(f"{RIGHT['relu']}\n\n\n{RIGHT['mul']}")
    hand.delete("mul-code")


@row(FULL, "the cells in another order", may=ANY_SHAPE)
def reversed_order(hand):
    cells = hand.notebook.cells
    hand.notebook.cells = [*cells[:2], *reversed(cells[2:])]


@row(FULL, "solutions in new cells, their own cells deleted", flags="deleted")
def solutions_in_new_cells(hand):
    for task, text in RIGHT.items():
        hand.add(text, f"{task}-check")
        hand.delete(f"{task}-code")


@row(NO_RELU, "a solution's cell deleted", flags="deleted", may="error")
def solution_deleted(hand):
    hand.delete("relu-code")


@row(FULL, "a solution's cell converted to text", flags="edited")
def converted_to_markdown(hand):
    cell = hand.cell("relu-code")
    place = hand.place("relu-code")
    hand.notebook.cells[place] = nbformat.v4.new_markdown_cell(
        cell.source, metadata=cell.metadata, id=cell.id
    )


@row(FULL, "a solution's cell converted to raw", flags="edited")
def converted_to_raw(hand):
    cell, place = hand.cell("relu-code"), hand.place("relu-code")
    hand.notebook.cells[place] = nbformat.v4.new_raw_cell(cell.source, metadata=cell.metadata, id=cell.id)


@row(FULL, "the written answer converted to code", may="error edited deleted")
def written_answer_as_code(hand):
    cell, place = hand.cell("why"), hand.place("why")
    hand.notebook.cells[place] = nbformat.v4.new_code_cell(cell.source, metadata=cell.metadata, id=cell.id)


@row(FULL, "the cell of imports changed", flags="edited")
def imports_edited(hand):
    hand.cell("imports").source += "\nimport math"


@row(FULL, "the cell of imports emptied", flags="edited")
def imports_emptied(hand):
    hand.cell("imports").source = ""


@row(NO_RELU, "a marked cell changed into one that gives all marks", flags="edited")
def marked_cell_edited(hand):
    hand.relu(WRONG_RELU)
    hand.cell("relu-marks").source = "10.0"


@row(NO_RELU, "the points of a marked cell raised to 1000", may="edited")
def points_edited(hand):
    hand.relu(WRONG_RELU)
    hand.cell("relu-marks").metadata.nbgrader.points = 1000


@row(FULL, "a check's cell changed", flags="edited")
def check_edited(hand):
    hand.cell("relu-check").source = "# check('a2.relu', ReLU)  # it takes too long"


@row(FULL, "a solution's cell has lost what nbgrader knows of it", flags="deleted")
def metadata_lost(hand):
    hand.cell("relu-code").metadata.clear()


@row(FULL, "no cell has metadata: converted by another program", flags="deleted", may="error")
def all_metadata_lost(hand):
    for cell in hand.notebook.cells:
        cell.metadata.clear()


@row(FULL, "a solution's cell under another name", flags="deleted")
def grade_id_edited(hand):
    hand.cell("relu-code").metadata.nbgrader.grade_id = "../../relu-code-2"


@row(FULL, "what nbgrader knows of a cell is a list, and of another a number", may="deleted edited")
def metadata_of_another_kind(hand):
    content = json.loads(hand.content())
    named = {cell["id"]: cell for cell in content["cells"]}
    named["relu-check"]["metadata"]["nbgrader"] = ["relu"]
    named["mul-check"]["metadata"]["nbgrader"] = 7
    named["title"]["metadata"]["nbgrader"] = {"grade_id": ["a", 3], "solution": "yes"}
    hand.raw = json.dumps(content)


@row(FULL, "tags that tell programs to skip a cell, hide it, or let it raise")
def tags(hand):
    for cell in hand.notebook.cells:
        cell.metadata["tags"] = ["skip-execution", "remove_cell", "raises-exception", "hide-input"]
        cell.metadata["editable"] = False


@row(FULL, "all cells have one id", stock="ids are changed without a word")
def one_id_for_all(hand):
    content = json.loads(hand.content())
    for cell in content["cells"]:
        cell["id"] = "same"
    hand.raw = json.dumps(content)


@row(FULL, "cells without ids, outputs or counts; sources as lists of lines")
def cells_that_lack_fields(hand):
    content = json.loads(hand.content())
    for cell in content["cells"]:
        for name in ("id", "outputs", "execution_count"):
            cell.pop(name, None)
        cell["source"] = "".join(cell["source"]).splitlines(keepends=True)
    hand.raw = json.dumps(content)


@row(FULL, "ids that nbformat forbids, cells with more fields")
def odd_ids(hand):
    content = json.loads(hand.content())
    for k, cell in enumerate(content["cells"]):
        cell["id"] = f"a b/{k}" * 30
        cell["colour"] = "red"
    hand.raw = json.dumps(content)


@row(NOTHING, "an empty file", stock="no grade", flags="unreadable")
def empty_file(hand):
    hand.raw = b""


@row(NOTHING, "a notebook cut in the middle", stock="no grade", flags="unreadable")
def cut_in_the_middle(hand):
    hand.raw = hand.content()[: len(hand.content()) // 2]


@row(NOTHING, "JSON, but no notebook: null", stock="no grade", flags="unreadable")
def json_null(hand):
    hand.raw = b"null"


@row(NOTHING, "JSON, but no notebook: a list", stock="no grade", flags="unreadable")
def json_list(hand):
    hand.raw = b"[1, 2]"


@row(NOTHING, "JSON, but no notebook: {}", stock="no grade", flags="unreadable")
def json_empty(hand):
    hand.raw = b"{}"


@row(NOTHING, "cells that are numbers", stock="no grade", flags="missing")
def cells_are_numbers(hand):
    hand.raw = b'{"cells": [1, 2], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'


@row(NOTHING, "a notebook without cells", flags="missing")
def no_cells(hand):
    hand.notebook.cells = []


@row(NOTHING, "brackets nested 200,000 deep", stock="no grade", flags="unreadable")
def nested_brackets(hand):
    hand.raw = b"[" * 200_000


@row(FULL, "metadata nested 300 deep", may="unreadable")
def nested_metadata(hand):
    inner = {}
    for _ in range(300):
        inner = {"a": inner}
    hand.cell("relu-code").metadata["deep"] = inner


@row(NOTHING, "a sign-in page of the platform, saved as the notebook", stock="no grade", flags="unreadable")
def html_page(hand):
    hand.raw = "<!DOCTYPE html><html><body>Please sign in</body></html>"


@row(NOTHING, "an archive under the name of the notebook", stock="no grade", flags="unreadable")
def archive_as_notebook(hand):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(f"{NAME}.ipynb", hand.content())
    hand.raw = out.getvalue()


@row(NOTHING, "bytes that are no text", stock="no grade", flags="unreadable")
def random_bytes(hand):
    hand.raw = bytes(range(256)) * 100


@row(NOTHING, "nbformat 5, which nobody knows", flags="unreadable")
def nbformat_five(hand):
    content = json.loads(hand.content())
    hand.raw = json.dumps({**content, "nbformat": 5, "nbformat_minor": 0, "cells": "later"})


@row(FULL, "nbformat 3, with worksheets", may=ANY_SHAPE)
def nbformat_three(hand):
    hand.raw = nbformat.writes(nbformat.convert(hand.notebook, 3), version=3)


@row(FULL, "nbformat 4.0, without ids")
def nbformat_four_zero(hand):
    content = json.loads(hand.content())
    for cell in content["cells"]:
        cell.pop("id")
    hand.raw = json.dumps({**content, "nbformat_minor": 0})


@row(FULL, "a byte order mark before it", may="unreadable")
def byte_order_mark(hand):
    hand.raw = b"\xef\xbb\xbf" + hand.content()


@row(FULL, "a kernel that is not installed here: R", stock="no grade")
def another_kernel(hand):
    hand.notebook.metadata["kernelspec"] = {"display_name": "R", "language": "R", "name": "ir"}
    hand.notebook.metadata["language_info"] = {"name": "R"}


@row(FULL, "no kernel named, and metadata of the wrong kind", may="unreadable")
def metadata_of_the_notebook(hand):
    content = json.loads(hand.content())
    content["metadata"] = {
        "kernelspec": {"name": "a kernel of mine", "display_name": 3},
        "widgets": {"x": {}},
    }
    hand.raw = json.dumps(content)


@row(FULL, "another name of the file", stock="no grade", flags="renamed")
def renamed(hand):
    hand.file = f"{NAME} (1).ipynb"


@row(FULL, "a name in another alphabet", stock="no grade", flags="renamed")
def renamed_in_another_alphabet(hand):
    hand.file = "Kopie von Übung №2 – endgültig.ipynb"


@row(FULL, "the notebook in a folder of its own", stock="no grade", flags="renamed")
def in_a_folder(hand):
    hand.file = f"my work/{NAME}.ipynb"


@row(NOTHING, "no notebook, only a program", stock="no grade", flags="missing")
def only_a_program(hand):
    hand.file = ""
    hand.files["solution.py"] = RIGHT["relu"]


@row(NOTHING, "an empty folder", stock="no grade", flags="missing")
def empty_folder(hand):
    hand.file = ""


@row(
    NOTHING,
    "nothing but what Jupyter keeps in .ipynb_checkpoints",
    stock="no grade",
    flags="missing",
    may="renamed",
)
def only_a_checkpoint(hand):
    hand.file = ""
    hand.files[f".ipynb_checkpoints/{NAME}-checkpoint.ipynb"] = b"{}"


@row(NOTHING, "the notebook of another assignment", flags="missing")
def another_assignment(hand):
    hand.notebook.cells = [nbformat.v4.new_code_cell("x = 1"), nbformat.v4.new_markdown_cell("# A lecture")]


@row(FULL, "a second notebook beside it, for experiments")
def two_notebooks(hand):
    hand.files["experiments.ipynb"] = nbformat.writes(nbformat.v4.new_notebook())


@row(
    FULL,
    "<script> in text, in an answer, in output and in the title",
    stock="live in the feedback",
    after=lambda root: no_script(root),
)
def scripts(hand):
    script = "<script>alert('@MARK@')</script><img src=x onerror=alert(1)>"
    hand.cell("why").source = f"{script}\n\n[click](javascript:alert('@MARK@'))"
    hand.add(script, kind="markdown")
    hand.add(
        f'from IPython.display import HTML, Javascript, display\ndisplay(HTML("""{script}"""))\n'
        'display(Javascript("alert(1)"))'
    )
    hand.notebook.metadata["title"] = script


def no_script(root):
    pages = (root / "feedback").glob("scripts/**/*.html")
    return "; ".join(
        f"{path.name} has a live script"
        for path in pages
        if "<script>alert('" in path.read_text("utf-8") or "onerror=alert" in path.read_text("utf-8")
    )


@row(FULL, "20 MB of old output", stock="20 MB in every copy")
def old_output(hand):
    hand.cell("relu-code").outputs = [nbformat.v4.new_output("stream", text="x" * 20_000_000)]


@row(NOTHING, "5,000 empty cells", flags="unreadable")
def far_too_many_cells(hand):
    hand.notebook.cells += [nbformat.v4.new_code_cell("") for _ in range(5000)]


@row(FULL, "1,500 empty cells")
def many_cells(hand):
    hand.notebook.cells += [nbformat.v4.new_code_cell("") for _ in range(1500)]


@row(FULL, "60 cells that each show a number")
def sixty_cells(hand):
    hand.notebook.cells += [nbformat.v4.new_code_cell(f"{k}") for k in range(60)]


@row(FULL, "half a surrogate pair in a text", may="unreadable")
def half_a_pair(hand):
    content = json.loads(hand.content())
    content["cells"][0]["source"] = "# \ud800 a title"
    hand.raw = json.dumps(content)


@row(FULL, "two keys of one name in the file", may="unreadable")
def doubled_keys(hand):
    hand.raw = hand.content().replace(b'"nbformat": 4,', b'"nbformat": 3, "nbformat": 4,', 1)


def student(name, said, text):
    """A student of an unusual id, whose work is right."""

    def make(hand):
        pass

    make.__name__, make.__module__ = name, __name__
    row(FULL, said, student=text)(make)


student("id_with_spaces", "an id with spaces", "ada of lovelace")
student("id_with_umlauts", "an id with letters of other alphabets", "Zoë-Müller-日本")
student("id_with_quotes", "an id with quotation marks", "o'brien\"x")
student("id_of_markup", "an id that is markup", "<script>alert(1)<")
student("id_like_an_option", "an id like an option of a command", "-rf")
student("id_with_a_command", "an id that a shell would run", "$(touch owned)`id`")
student("id_like_an_address", "an e-mail address", "ada@uni.example")
student("id_very_long", "an id of 200 letters", "x" * 200)
student("id_of_a_formula", "an id that a spreadsheet would compute", "=1+1")
student("id_with_a_percent_sign", "an id with a per cent sign and a brace", "{0}%s%")
