"""`after` in a kernel: what a block shows stays there until there is a guess; the block always runs."""

import json
import os

import pytest
from jupyter_client.manager import start_new_kernel

from lib.lessons.predictions import after
from lib.lessons.predictions.pages import as_details

NAME, OTHER = "01.alexnet_error", "05.forgetful"
START = """
import sys
import matplotlib
from IPython.display import HTML, Markdown, clear_output, display
from ipywidgets import Output
from ipywidgets.widgets.widget import _instances as instances
from lib.lessons import after, predict, revealed
from lib.lessons.predictions import find_prediction, session
from lib.lessons.predictions.closed import ClosedBox

def anew():
    session.forget()
    session.progress.forget_progress()

def guess(name="01.alexnet_error", guess=30):
    session.commit(find_prediction(name), guess)

def boxes():
    "What is in the boxes of the last cell, in the order in which they were made."
    return [list(each.outputs) for each in made(Output)]

def made(kind):
    return [each for each in list(instances.values()) if isinstance(each, kind)]

def forget_widgets():
    for each in list(instances.values()):
        each.close()
"""


class Kernel:
    """A notebook's kernel. run(code) gives the outputs of a cell; a widget's is its words."""

    def __init__(self, manager, client):
        self.manager, self.client = manager, client
        self.run(START)

    def run(self, code):
        outputs = []

        def heard(message):
            kind, content = message["msg_type"], message["content"]
            if kind == "stream":
                outputs.append(content["text"])
            elif kind in ("display_data", "execute_result"):
                outputs.append(content["data"]["text/plain"])
            elif kind == "error":
                outputs.append(content["ename"])

        self.client.execute_interactive(code, output_hook=heard, timeout=60, store_history=False)
        return outputs

    def value(self, expression):
        reply = self.client.execute_interactive(
            "", user_expressions={"it": f"__import__('json').dumps({expression}, default=str)"}, timeout=60
        )
        text = reply["content"]["user_expressions"]["it"]["data"]["text/plain"]
        return json.loads(eval(text))

    def boxes(self):
        """Of each box its outputs: text as it is, pictures and the like by their kinds."""

        def brief(output):
            return output.get("text") or sorted(output["data"])

        return [[brief(output) for output in box] for box in self.value("boxes()")]


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    progress = tmp_path_factory.mktemp("progress") / "progress.json"
    manager, client = start_new_kernel(env={**os.environ, "COURSE_PROGRESS": str(progress)})
    yield Kernel(manager, client)
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.fixture
def fresh(kernel):
    kernel.run("anew(); forget_widgets()")
    return kernel


CLOSED = ["Run this cell: what it shows comes after your guess.", ""]  # for pages without widgets; the widget


def test_what_is_printed_stays_closed_and_names_are_there_afterwards(fresh):
    shown = fresh.run(f"with after('{NAME}'):\n    value = 15.4\n    print('truth', value)\nprint(value)")
    assert shown == [*CLOSED, "15.4\n"]
    assert fresh.boxes() == [[]]


def test_what_is_closed_is_in_no_widget(fresh):
    fresh.run(f"with after('{NAME}'):\n    print('a secret number')")
    states = fresh.value("[each.get_state() for each in instances.values()]")
    assert "a secret number" not in json.dumps(states)


def test_a_guess_opens_every_box_of_its_name_and_no_other(fresh):
    fresh.run(f"predict('{NAME}')")
    fresh.run(f"with after('{NAME}'):\n    print('one')")
    fresh.run(f"with after('{NAME}'):\n    print('two')")
    fresh.run(f"with after('{OTHER}'):\n    print('three')")
    fresh.run("guess()")
    assert fresh.boxes() == [["one\n"], ["two\n"], []]
    assert fresh.value("[each.opened for each in made(ClosedBox)]") == [True, True, False]


def test_after_the_guess_a_block_is_a_block(fresh):
    fresh.run("guess()")
    assert fresh.run(f"with after('{NAME}'):\n    print('one')") == ["one\n"]
    assert fresh.boxes() == []
    assert fresh.value(f"[revealed('{NAME}'), revealed('{OTHER}')]") == [True, False]


def test_show_anyway_opens_it_and_tells_the_card(fresh):
    fresh.run(f"predict('{NAME}')\nwith after('{NAME}'):\n    print('one')")
    fresh.run("(box,) = made(ClosedBox)\nbox.told(box, {'to': 'show'}, [])")
    assert fresh.boxes() == [["one\n"]]
    fresh.run("from lib.lessons.predictions.card import PredictionCard\n(card,) = made(PredictionCard)")
    assert fresh.value("card.guess") == ""
    assert "15.4" in fresh.value("card.said")


def test_prints_figures_tables_and_errors_on_stderr_keep_their_order(fresh):
    shown = fresh.run(
        f"""
from matplotlib import pyplot as plt
with after('{NAME}'):
    print('a')
    print('b')
    display(Markdown('*c*'))
    print('d', file=sys.stderr)
    plt.plot([1, 2])
    display(HTML('<b>e</b>'))
"""
    )
    assert shown == CLOSED
    fresh.run("guess()")
    assert fresh.boxes() == [
        [
            "a\nb\n",
            ["text/markdown", "text/plain"],
            "d\n",
            ["text/html", "text/plain"],
            ["image/png", "text/plain"],
        ]
    ]


def test_a_figure_of_before_the_block_is_no_secret_and_one_of_after_it_neither(fresh):
    shown = fresh.run(
        f"""
from matplotlib import pyplot as plt
plt.plot([1, 2])
with after('{NAME}'):
    plt.figure()
    plt.plot([2, 1])
plt.figure()
plt.plot([2, 1])
"""
    )
    assert len([each for each in shown if each.startswith("<Figure")]) == 2
    fresh.run("guess()")
    assert [len(box) for box in fresh.boxes()] == [1]


def test_pictures_of_the_course_come_with_their_alt_text(fresh):
    fresh.run(
        f"""
from lib import plots
with after('{NAME}'):
    figure, ax = plots.figure()
    plots.show(figure, alt='A truth.')
guess()
"""
    )
    ((picture,),) = fresh.value("boxes()")
    assert 'alt="A truth."' in picture["data"]["text/html"]
    assert isinstance(picture["data"]["image/png"], str)


@pytest.mark.parametrize(
    "error", ["1 / 0", "raise KeyboardInterrupt", "raise ValueError('x')", "open('none')"]
)
def test_an_error_is_shown_at_once_and_prints_go_on_afterwards(fresh, error):
    shown = fresh.run(f"with after('{NAME}'):\n    print('a')\n    {error}")
    assert shown[:2] == CLOSED
    assert shown[2] in ("ZeroDivisionError", "KeyboardInterrupt", "ValueError", "FileNotFoundError")
    assert fresh.run("print('free')\ndisplay(Markdown('too'))")[0] == "free\n"
    fresh.run("guess()")
    assert fresh.boxes() == [["a\n"]]


def test_a_block_in_a_block_has_a_box_in_the_box(fresh):
    inner = f"    with after('{OTHER}'):\n        print('b')\n"
    shown = fresh.run(f"with after('{NAME}'):\n    print('a')\n{inner}    print('c')")
    assert shown == CLOSED
    fresh.run("guess()")
    view = ["application/vnd.jupyter.widget-view+json", "text/plain"]
    assert fresh.boxes() == [["a\n", ["text/html", "text/plain"], view, "c\n"], []]
    fresh.run(f"guess('{OTHER}', 'both')")
    assert fresh.boxes()[1] == ["b\n"]


def test_a_block_in_a_block_of_the_same_name(fresh):
    fresh.run(f"with after('{NAME}'):\n    with after('{NAME}'):\n        print('b')")
    fresh.run("guess()")
    assert fresh.boxes()[1] == ["b\n"]


def test_a_guess_within_the_block_opens_it_at_once_and_the_rest_follows(fresh):
    fresh.run(f"with after('{NAME}'):\n    print('a')\n    guess()\n    seen = boxes()\n    print('b')")
    assert fresh.value("seen")[0][0]["text"] == "a\n"
    assert fresh.boxes() == [["a\nb\n"]]


def test_clearing_and_updating_work_within(fresh):
    fresh.run(
        f"""
with after('{NAME}'):
    print('gone')
    clear_output()
    handle = display(Markdown('first'), display_id='me')
    print('b')
    handle.update(HTML('second'))
guess()
"""
    )
    assert fresh.boxes() == [[["text/html", "text/plain"], "b\n"]]


def test_what_waits_for_the_next_output_is_cleared_by_it(fresh):
    fresh.run(f"with after('{NAME}'):\n    print('a')\n    clear_output(wait=True)\n    print('b')\nguess()")
    assert fresh.boxes() == [["b\n"]]


def test_an_update_of_another_cell_goes_there(fresh):
    fresh.run("handle = display(Markdown('first'), display_id='far')")
    assert fresh.run(f"with after('{NAME}'):\n    handle.update(Markdown('second'))") == CLOSED


def test_a_demo_within_comes_as_picture_and_widget(fresh):
    fresh.run(f"from lib.demos import slope\nwith after('{NAME}'):\n    slope.show()\nguess()")
    demo = fresh.boxes()[0]
    assert demo == [
        ["image/png", "text/html", "text/plain"],
        ["application/vnd.jupyter.widget-view+json", "text/plain"],
    ]


def test_a_loop_of_many_prints_is_one_text(fresh):
    fresh.run(f"with after('{NAME}'):\n    for k in range(20_000): print(k)\nguess()")
    ((text,),) = fresh.boxes()
    assert text.count("\n") == 20_000


def test_a_guess_amid_a_loop_that_prints_floods_nothing(fresh):
    fresh.run(
        f"""
sent = []
with after('{NAME}'):
    guess()
    (box,) = made(Output)
    box.observe(lambda change: sent.append(len(str(change.new))), 'outputs')
    for k in range(3000): print(k)
"""
    )
    assert fresh.value("len(sent)") < 100
    ((text,),) = fresh.boxes()
    assert text.endswith("2998\n2999\n")


def test_for_a_page_a_block_becomes_details(fresh):
    shown = fresh.run(
        "import os\nos.environ['COURSE_EXPORT'] = '1'\n"
        f"predict('{NAME}')\nwith after('{NAME}'):\n    print('1 < 2')\ndel os.environ['COURSE_EXPORT']"
    )
    assert "AlexNet?" in shown[0]
    assert "15.4" in shown[0]
    assert shown[1] == "Guess first, then open 1 < 2"


def test_details_hold_every_kind_of_output():
    png = {"output_type": "display_data", "metadata": {"image/png": {"alt": "A <b>"}}}
    page = as_details(
        [
            {"output_type": "stream", "name": "stdout", "text": "1 < 2\n"},
            png | {"data": {"image/png": "QUJD\n", "text/plain": "x"}},
            png | {"data": {"text/markdown": "**c**", "text/plain": "x"}},
            png | {"data": {"text/html": "<table></table>", "text/plain": "x"}},
            png | {"data": {"application/vnd.jupyter.widget-view+json": {}, "text/plain": "gone"}},
            png | {"data": {"text/plain": "array([1])"}},
        ]
    )
    for piece in ("1 &lt; 2", 'alt="A &lt;b&gt;"', "base64,QUJD", "<strong>c</strong>", "<table>", "array("):
        assert piece in page
    assert "gone" not in page
    assert page.startswith("<details>")
    assert page.endswith("</details>")


def test_in_plain_python_it_just_runs(capsys):
    with after(NAME):
        print("truth")
    assert capsys.readouterr().out == "truth\n"


def test_an_unknown_name_is_an_error_before_anything_runs():
    with pytest.raises(ValueError, match="expected a prediction"), after("01.nothing"):
        pytest.fail("it ran")
