"""Too much, too deep or too odd to be kept: output, values and errors that would choke what reads them."""

from hostile_bank import ANYTHING, FULL, NO_ERROR, NO_RELU, RIGHT, WRONG_RELU, row
from hostile_honest import in_forward

FLOOD = "error slow memory dead hangs"


def flood(name, said, text, *, marks=FULL, **more):
    """A row whose first cell is a flood, all else right."""

    def make(hand):
        hand.first(text)

    make.__name__, make.__module__ = name, __name__
    row(marks, said, **{"flags": "output", "may": FLOOD} | more)(make)


flood("one_long_line", "a line of 200 MB", 'print("x" * 200_000_000)', stock="a file of 200 MB")
flood(
    "long_line_on_stderr",
    "a line of 100 MB on stderr",
    """import sys
sys.stderr.write("x" * 100_000_000)""",
)
flood(
    "a_million_lines",
    "a million short lines",
    """for k in range(1_000_000):
    print(k)""",
)
flood(
    "many_small_messages",
    "50,000 outputs, each sent at once",
    """for k in range(50_000):
    print(k, end='', flush=True)""",
    may=f"{FLOOD} output",
    flags="",
)
flood(
    "many_displays",
    "20,000 objects shown",
    """from IPython.display import display
for k in range(20_000):
    display(k)""",
    flags="",
    may=f"{FLOOD} output",
)
flood(
    "large_html",
    "HTML of 60 MB shown",
    """from IPython.display import HTML, display
display(HTML("<p>" + "x" * 60_000_000))""",
)
flood(
    "giant_picture",
    "a picture of 30 MB shown",
    """import base64, os
from IPython.display import display
display({"image/png": base64.b64encode(os.urandom(30_000_000)).decode()}, raw=True)""",
)
flood(
    "deep_json",
    "JSON nested 900 deep shown",
    """from IPython.display import display
inner = {}
for _ in range(900):
    inner = {'a': inner}
display({'application/json': inner, 'text/plain': 'deep'}, raw=True)""",
    flags="",
    may=f"{FLOOD} output",
)
flood(
    "long_result",
    "a result whose text has 100 MB",
    """class Long:
    def __repr__(self):
        return 'x' * 100_000_000

Long()""",
)
flood(
    "long_error",
    "an error whose words have 50 MB",
    "raise ValueError('x' * 50_000_000)",
    flags="error",
    may=f"{FLOOD} output",
)
flood(
    "deep_traceback",
    "a recursion without end",
    """def f(n):
    return f(n + 1)

f(0)""",
    flags="error",
)
flood(
    "words_that_raise",
    "an error whose words raise, and a result whose words end Python",
    """class E(Exception):
    def __str__(self):
        raise SystemExit

raise E""",
    flags="",
    may="dead error",
)
flood(
    "updates_without_end",
    "an output updated 20,000 times",
    """from IPython.display import display
h = display(0, display_id=True)
for k in range(20_000):
    h.update(k)""",
    flags="",
    may=f"{FLOOD} output",
)
flood(
    "cleared_output",
    "an output cleared 10,000 times, as a bar of one's own does",
    """from IPython.display import clear_output
for k in range(10_000):
    clear_output(wait=True)
    print(k)""",
    flags="",
    may="output slow",
)
flood(
    "carriage_returns",
    "a line written over 100,000 times",
    """for k in range(100_000):
    print('\\r', k, end='')""",
    flags="",
    may="output",
)
flood(
    "control_characters",
    "characters that steer a terminal, and half a surrogate pair",
    """print('\\x1b[2J\\x1b]0;x\\x07\\x00\\ud800'.encode('utf-8', 'replace').decode())
print('\\x1b[2J\\x1b]0;mine\\x07\\x00')""",
    flags="",
)
flood(
    "half_a_pair_printed",
    "half a surrogate pair printed",
    "print('\\ud800')",
    flags="",
    may="error output dead",
)
flood(
    "raw_descriptors",
    "200 MB written to descriptors 1 and 2",
    """import os
for _ in range(2000):
    os.write(1, b'x' * 50_000)
    os.write(2, b'y' * 50_000)""",
    flags="",
    may=f"{FLOOD} output",
)
flood(
    "comms",
    "20,000 comm messages",
    """from ipykernel.comm import Comm
for k in range(20_000):
    Comm(target_name='mine', data={'k': k})""",
    flags="",
    may=f"{FLOOD} output",
)
flood(
    "figures",
    "40 figures shown",
    """%matplotlib inline
import matplotlib.pyplot as plt
for k in range(40):
    plt.plot([0, k])
    plt.show()""",
    flags="",
    may="output",
)
flood(
    "error_of_markup",
    "an error whose class and words are markup",
    "raise type('<script>alert(1)</script>', (Exception,), {})('<img src=x onerror=alert(1)>')",
    flags="error",
)


@row(FULL, "prints 20 MB at each call of the checks", may="output slow memory")
def prints_at_each_call(hand):
    hand.relu(in_forward('print("x" * 20_000_000)'))


@row(FULL, "writes 10 MB to descriptor 1 at each call", may="output slow")
def writes_at_each_call(hand):
    hand.relu(in_forward("os.write(1, b'x' * 10_000_000)", "import os"))


def gives(
    name,
    said,
    expression,
    *,
    before="",
    marks=NO_RELU,
    may="error memory slow dead refused",
    flags="",
    **more,
):
    """A row whose forward gives this, and whose backward gives it, too."""

    def make(hand):
        lines = before + "\n" if before else ""
        hand.relu(
            f"{lines}class ReLU:\n    def forward(self, x):\n        return {expression}\n\n"
            f"    def backward(self, x, grad_output, scale=1.0):\n        return {expression}"
        )

    make.__name__, make.__module__ = name, __name__
    row(marks, said, may=may, flags=flags, **more)(make)


gives("gives_a_giant_view", "a view of 10¹⁰ numbers comes back", "np.broadcast_to(0.0, (10**5, 10**5))")
gives("gives_a_long_list", "a list of 5 million numbers comes back", "[0.0] * 5_000_000")
gives(
    "gives_a_deep_list",
    "a list nested 5,000 deep comes back",
    "deep",
    before="""deep = []
for _ in range(5_000):
    deep = [deep]
""",
)
gives("gives_itself", "a list that holds itself comes back", "own", before="own = []\nown.append(own)\n")
gives(
    "gives_a_generator",
    "a generator without end comes back",
    "itertools.count()",
    before="import itertools\n",
)
gives("gives_a_long_text", "a text of 100 MB comes back", "'x' * 100_000_000")
gives("gives_objects", "an array of objects comes back", "np.array([object()] * 9)")
gives("gives_complex_numbers", "complex numbers come back", "x + 1j")
gives("gives_a_record", "a structured array comes back", "np.zeros(3, [('a', 'f8'), ('b', 'S9')])")
gives("gives_dates", "dates come back", "np.array(['2026-11-28'], 'datetime64[D]')")
gives("gives_texts", "an array of texts comes back", "x.astype(str)")
gives("gives_nan", "nan and infinity come back", "np.where(x > 0, np.nan, np.inf)", marks=ANYTHING)
gives("gives_nothing", "nothing comes back", "None")
gives(
    "gives_a_mock",
    "a mock that answers everything",
    "Mock()",
    before="""from unittest.mock import MagicMock as Mock
""",
)
gives(
    "gives_what_raises",
    "an object whose every method raises",
    "Bad()",
    before="""class Bad:
    def __getattribute__(self, name):
        raise SystemExit
""",
)
gives(
    "gives_an_array_that_waits",
    "an object that becomes an array for ever",
    "Slow()",
    before="""class Slow(list):
    def __array__(self, *a, **k):
        while True:
            pass
""",
    slow=True,
    flags="slow",
)


def raises(name, said, expression, *, before="", marks=NO_RELU, may="error refused dead", **more):
    """A row whose forward and backward raise this."""
    gives(
        name,
        said,
        f"hurl({expression})",
        before=f"{before}\ndef hurl(thing):\n    raise thing\n",
        marks=marks,
        may=may,
        **more,
    )


raises("raises_keyboard_interrupt", "forward raises KeyboardInterrupt", "KeyboardInterrupt()")
raises("raises_system_exit", "forward calls exit", "SystemExit(0)")
raises("raises_generator_exit", "forward raises GeneratorExit", "GeneratorExit()")
raises("raises_stop_iteration", "forward raises StopIteration", "StopIteration()")
raises(
    "raises_its_own",
    "forward raises a BaseException of its own",
    "Mine()",
    before="""class Mine(BaseException):
    pass
""",
)
raises(
    "raises_long_words",
    "forward raises an error with 50 MB of words",
    "ValueError('x' * 50_000_000)",
    may="error memory slow output refused",
)
raises(
    "raises_words_that_wait",
    "forward raises an error whose words never come",
    "Mine()",
    before="""class Mine(Exception):
    def __str__(self):
        while True:
            pass
""",
    slow=True,
    flags="slow",
)
raises(
    "raises_markup",
    "forward raises an error whose class and words are markup",
    "type('<script>alert(1)</script>', (Exception,), {})('<script>alert(2)</script>\\n\\x1b[2J')",
)


@row(NO_RELU, "forward calls itself without end", may="error dead")
def recursion(hand):
    hand.relu(WRONG_RELU.replace("np.zeros(x.shape)", "self.forward(x)"))


@row(NO_RELU, "forward calls itself without end, with no limit of recursion", may="error dead memory slow")
def recursion_without_limit(hand):
    hand.relu(
        """import sys
sys.setrecursionlimit(10**9)

"""
        + WRONG_RELU.replace("np.zeros(x.shape)", "self.forward(x)")
    )


@row(NO_ERROR, "a float that claims to equal everything")
def float_that_equals_all(hand):
    hand.error(
        """class Sure(float):
    def __eq__(self, other):
        return True
    __hash__ = float.__hash__
    def __sub__(self, other):
        return 0.0
    __rsub__ = __sub__

def relative_error(a, b):
    return Sure(0.123)""",
    )


@row(FULL, "warnings of numpy, and more of them than anyone reads")
def many_warnings(hand):
    hand.relu("import warnings\n" + in_forward("for _ in range(500): warnings.warn(str(_))"))


@row(FULL, "comments of 2 MB in a solution", may="edited copied")
def long_comments(hand):
    hand.relu(RIGHT["relu"] + "\n# " + "x" * 2_000_000)


@row(FULL, "a cell nested deeper than IPython can read", may="error copied hangs", slow=True)
def nested_code(hand):
    hand.add("(" * 90 + "1" + ")" * 90)
    hand.add("x" + "+1" * 3000)
