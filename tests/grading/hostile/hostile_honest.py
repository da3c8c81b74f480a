"""Right answers, of unusual looks or with much to say: full marks, and nothing to flag."""

from hostile_bank import FULL, LOOPS, RIGHT, row

STDERR = "0 points, where it writes to stderr inside a test"


def in_forward(lines, before=""):
    """A right ReLU that also does this at each call."""
    inside = "\n".join(f"        {line}" for line in lines.split("\n"))
    return (
        f"{before}\n\nclass ReLU:\n    def forward(self, x):\n{inside}\n        return np.maximum(x, 0)\n\n"
        f"    def backward(self, x, grad_output, scale=1.0):\n{inside}\n        return grad_output * (x > 0)"
    )


@row(FULL, "nothing unusual")
def plain(hand):
    pass


@row(FULL, "prints at each call")
def prints(hand):
    hand.relu(in_forward('print("forward of", x.shape, x[:1])'))


@row(FULL, "prints 10 kB at each call")
def prints_ten_kilobytes(hand):
    hand.relu(in_forward('print("x" * 10_000)'))


@row(FULL, "warns at each call", stock=STDERR)
def warns(hand):
    hand.relu(in_forward('warnings.warn("x holds zeros", stacklevel=2)', "import warnings"))


@row(FULL, "logs at each call, to stderr", stock=STDERR)
def logs(hand):
    hand.relu(
        in_forward(
            'log.debug("forward")',
            """import logging
logging.basicConfig(level=1)
log = logging.getLogger()""",
        )
    )


@row(FULL, "a progress bar at each call", stock=STDERR)
def progress_bars(hand):
    hand.relu(in_forward("for _ in tqdm(range(3)): pass", "from tqdm.auto import tqdm"))
    hand.first("""from tqdm import tqdm
for _ in tqdm(range(100)):
    pass""")


@row(FULL, "writes to sys.stderr, sys.__stderr__ and descriptor 2", stock=STDERR)
def standard_error(hand):
    hand.relu(
        in_forward(
            """sys.stderr.write("e\\n")
sys.__stderr__.write("f\\n")
os.write(2, b"g\\n")
os.write(1, b"h\\n")""",
            "import os, sys",
        )
    )


@row(FULL, "asks input() in a cell, as a student at the keyboard did", may="error")
def asks(hand):
    hand.first("""name = input("Your name? ")
print("Hello", name)""")


@row(FULL, "asks input() in the cell of a solution, before the class", may="error")
def asks_in_the_solution(hand):
    hand.relu('answer = input("Ready? ")\n' + RIGHT["relu"])


@row(FULL, "plots, and shows the figure")
def plots(hand):
    hand.first("""import matplotlib.pyplot as plt
plt.plot(np.arange(5))
plt.show()""")


@row(FULL, "asks for a window that no server has", may="error")
def window_backend(hand):
    hand.first("""import matplotlib
matplotlib.use("TkAgg")
import matplotlib.pyplot as plt
plt.plot([1])
plt.show()""")


@row(FULL, "magic commands: inline figures, times, autoreload", may="error")
def magics(hand):
    hand.first("""%matplotlib inline
%load_ext autoreload
%autoreload 2
%timeit -n 1 -r 1 sum(range(10))
%who""")
    hand.relu("%%time\n" + RIGHT["relu"])
    hand.write("mul", "%%capture\n" + RIGHT["mul"])


@row(FULL, "commands of a shell, an installation without network among them", may="error")
def shell_commands(hand):
    hand.first("""!ls
!echo $HOME
%pip install -q tqdm
!pip install -q --no-input tqdm""")
    hand.first("%%bash\necho hello\nfalse")


@row(FULL, "a module of the student's own beside the notebook", stock="works")
def helpers_beside_it(hand):
    hand.files["helpers.py"] = """def positive(x):
    return x > 0
"""
    hand.relu("from helpers import positive\n\n" + RIGHT["relu"].replace("x > 0, x", "positive(x), x"))


@row(FULL, "%run of a file beside the notebook")
def runs_a_file(hand):
    hand.files["my relu.py"] = "import numpy as np\n\n" + RIGHT["relu"] + "\n"
    hand.relu('%run "my relu.py"')


@row(FULL, "reads its own data beside the notebook, and writes a file")
def reads_and_writes(hand):
    hand.files["data/numbers.csv"] = "1,2\n3,4\n"
    hand.first("""table = np.loadtxt("data/numbers.csv", delimiter=",")
assert table[1, 1] == 4
np.save("mine", table)""")


@row(FULL, "changes the working folder")
def changes_the_folder(hand):
    hand.first("""import os
os.makedirs("out", exist_ok=True)
os.chdir("out")""")
    hand.add("%cd /", "mul-code")


@row(FULL, "shadows Python's names in its own cells: list, sum, max, bool, print, input, type, id")
def shadows_builtins(hand):
    hand.first("""list = [1, 2]
sum = 0
max = 5
bool = float = int = None
print = 3
str = 1
id = 7
type = 8
len = 9""")


@row(FULL, "shadows names that a notebook has: _, In, Out, check, grade, lib, json, task, exit", may="error")
def shadows_the_notebook_s_names(hand):
    hand.add("""_ = __ = In = Out = 5
task = trace = json = seed = rng = "mine"
lib = grade = quit = exit = None""")


@row(FULL, "a global helper has another meaning later: the check after its task saw the first")
def helper_defined_again_later(hand):
    hand.relu(
        """def mask(x):
    return x > 0

"""
        + RIGHT["relu"].replace("x > 0, x", "mask(x), x")
    )
    hand.add("def mask(x):\n    return x", "slope-code")


@row(FULL, "np is something else later")
def numpy_renamed_later(hand):
    hand.add("np = None")


@row(FULL, "a last cell clears all names, as %reset does", may="error")
def reset_at_the_end(hand):
    hand.add("%reset -f")


@row(FULL, "another class of the same name in an experiment at the end")
def class_of_the_same_name_later(hand):
    hand.add("""class ReLU:
    'an experiment'
    def forward(self, x):
        return x""")


@row(FULL, "random numbers without a seed, which change nothing")
def random_numbers(hand):
    hand.relu(in_forward("random.random(); np.random.rand(3)", "import random"))
    hand.first("""import random
random.seed(1)
np.random.seed(2)""")


@row(FULL, "every floating-point warning an error, and other print options")
def strict_numpy(hand):
    hand.first(
        """np.seterr(all="raise")
np.set_printoptions(precision=2, threshold=3)
import warnings
warnings.simplefilter("error")"""
    )


@row(FULL, "environment variables and the locale changed", may="error")
def environment(hand):
    hand.first("""import os, locale
os.environ["OMP_NUM_THREADS"] = "2"
os.environ.clear()
locale.setlocale(locale.LC_ALL, "C")""")


@row(FULL, "the recursion limit low and high")
def recursion_limit(hand):
    hand.first("""import sys
sys.setrecursionlimit(400)
sys.setrecursionlimit(50_000)""")


@row(FULL, "code with await at the top of a cell, and a task that goes on")
def asynchronous(hand):
    hand.first("""import asyncio
await asyncio.sleep(0.01)

async def tick():
    while True:
        await asyncio.sleep(0.05)

ticking = asyncio.create_task(tick())""")


@row(FULL, "a thread that waits in the background", flags="running")
def background_thread(hand):
    hand.first("""import threading
waiting = threading.Thread(target=threading.Event().wait)
waiting.start()""")


@row(FULL, "a pool of two processes")
def pool_of_processes(hand):
    hand.first("""import multiprocessing
with multiprocessing.Pool(2) as pool:
    print(pool.map(abs, range(-3, 0)))""")


@row(FULL, "a pool of threads inside forward")
def pool_of_threads(hand):
    hand.relu(
        in_forward(
            "with ThreadPoolExecutor(2) as pool: list(pool.map(abs, [1, 2]))",
            "from concurrent.futures import ThreadPoolExecutor",
        )
    )


@row(FULL, "widgets", may="error")
def widgets(hand):
    hand.first("""import ipywidgets
ipywidgets.interact(lambda k: k, k=(0, 5));""")


@row(FULL, "HTML, LaTeX and a picture shown")
def shows(hand):
    hand.first("""from IPython.display import HTML, Latex, display
display(HTML("<b>x</b>"), Latex("$x$"))
HTML("<i>y</i>")""")


@row(FULL, "a class without a class statement")
def type_call(hand):
    hand.relu(
        """ReLU = type("ReLU", (), {
    "forward": lambda self, x: x.clip(0),
    "backward": lambda self, x, grad_output, scale=1.0: grad_output * (x > 0),
})"""
    )


@row(FULL, "a base class in a cell of its own, and super()")
def base_class(hand):
    hand.first(
        """class Layer:
    def __init__(self):
        self.seen = 0

    def forward(self, x):
        self.seen += 1
        return self.output(x)"""
    )
    hand.relu(
        """class ReLU(Layer):
    def output(self, x):
        return np.maximum(0, x)

    def backward(self, x, grad_output, scale=1.0):
        return np.sign(np.maximum(x, 0)) * grad_output"""
    )


@row(FULL, "a dataclass with slots, types and a property")
def dataclass(hand):
    hand.write(
        "mul",
        """from dataclasses import dataclass

@dataclass(slots=True)
class MulConstant:
    constant: float

    @property
    def c(self) -> float:
        return self.constant

    def forward(self, x):
        return self.c * x

    def backward(self, x, grad_output, scale=1.0):
        return self.c * grad_output""",
    )


@row(FULL, "a decorator of its own around each method")
def decorators(hand):
    hand.relu(
        """import functools

def told(f):
    @functools.wraps(f)
    def inner(*a, **k):
        return f(*a, **k)
    return inner

"""
        + RIGHT["relu"].replace("    def ", "    @told\n    def ")
    )


@row(FULL, "a class made by a function, with a closure")
def closure(hand):
    hand.relu(
        "def make(zero):\n"
        + "\n".join("    " + line for line in RIGHT["relu"].replace("0.0", "zero").split("\n"))
        + """
    return ReLU

ReLU = make(0.0)"""
    )


ERROR = "np.max(np.abs(a - b) / np.where(np.abs(a) + np.abs(b) == 0, 1, np.abs(a) + np.abs(b)))"


@row(FULL, "a lambda, and a float of Python's comes back")
def lambda_function(hand):
    hand.error(f"relative_error = lambda a, b: float({ERROR})")


@row(FULL, "an object with __call__ in the place of a function")
def callable_object(hand):
    hand.error(
        f"class Measure:\n    def __call__(self, a, b):\n        return {ERROR}\n\n\n"
        "relative_error = Measure()"
    )


@row(FULL, "a partial of a function with more arguments")
def partial_function(hand):
    hand.error(
        f"import functools\n\ndef far(power, a, b):\n    return {ERROR} ** power\n\n"
        "relative_error = functools.partial(far, 1)"
    )


@row(FULL, "lru_cache on tuples: a memory of its own")
def remembers(hand):
    hand.error(
        "import functools\n\n@functools.lru_cache(maxsize=None)\ndef of(a, b):\n"
        "    return max(abs(p - q) / (abs(p) + abs(q) or 1) for p, q in zip(a, b))\n\n"
        "def relative_error(a, b):\n    return of(tuple(a.ravel().tolist()), tuple(b.ravel().tolist()))"
    )


@row(FULL, "an array of one number comes back where a number is asked for: by item()")
def item_of_an_array(hand):
    hand.error(f"def relative_error(a, b):\n    return np.array([{ERROR}]).item()")


@row(FULL, "nested lists come back where an array is asked for")
def nested_lists(hand):
    hand.write(
        "slope", RIGHT["slope"].replace("np.reshape(slopes, x.shape)", "np.reshape(slopes, x.shape).tolist()")
    )


@row(FULL, "from numpy import *, which hides sum, max and all")
def numpy_star(hand):
    hand.first("from numpy import *")


@row(FULL, "names in other alphabets, and a matrix product by einsum")
def unicode_names(hand):
    hand.write(
        "mul",
        """class MulConstant:
    def __init__(self, größe):
        self.größe = größe

    def forward(self, ξ):
        return np.einsum("...,->...", ξ, self.größe)

    def backward(self, ξ, grad_output, scale=1.0):
        return np.multiply(self.größe, grad_output)""",
    )


@row(FULL, "tabs, semicolons and Windows' ends of lines")
def tabs_and_returns(hand):
    hand.relu(RIGHT["relu"].replace("    ", "\t").replace("\n", "\r\n") + ";\r\n;".replace(";\r\n;", "\r\n"))


@row(FULL, "masked arrays come out of forward")
def masked_arrays(hand):
    hand.relu(RIGHT["relu"].replace("np.where(x > 0, x, 0.0)", "np.ma.masked_array(np.maximum(x, 0))"))


@row(FULL, "the result is a subclass of ndarray with a name")
def named_arrays(hand):
    hand.relu(
        """class Named(np.ndarray):
    pass

"""
        + RIGHT["relu"].replace("np.where(x > 0, x, 0.0)", "np.maximum(x, 0).view(Named)")
    )


@row(LOOPS, "right, with a loop over the rows: two marks of ten are for none")
def loop_over_rows(hand):
    hand.relu(RIGHT["relu"].replace("np.where(x > 0, x, 0.0)", "np.array([np.maximum(row, 0) for row in x])"))


@row((0, 0, 0), "the release as it was given out", stock="0")
def untouched(hand):
    release = "raise NotImplementedError"
    hand.relu(
        f"class ReLU:\n    def forward(self, x):\n        {release}\n\n"
        f"    def backward(self, x, grad_output, scale=1.0):\n        {release}"
    )
    hand.write("mul", f"class MulConstant:\n    def __init__(self, constant):\n        {release}")
    hand.write(
        "slope",
        f"def numerical_gradient(f, x, grad_output, h=1e-5):\n    {release}\n\n\n"
        f"def relative_error(a, b):\n    {release}",
    )


@row((0, 10, 10), "one solution has a slip of syntax", flags="error")
def syntax_error(hand):
    hand.relu("""class ReLU:
    def forward(self, x)
        return x""")


@row((0, 10, 10), "one solution raises while it is defined", flags="error")
def raises_when_defined(hand):
    hand.relu("1 / 0\n" + RIGHT["relu"])


@row((7, 10, 10), "one method is right, the other raises")
def half_written(hand):
    hand.relu(RIGHT["relu"].replace("return np.where(x > 0, x, 0.0)", "raise NotImplementedError"))


@row(FULL, "a cell of experiments raises", flags="error", stock="full marks")
def experiment_raises(hand):
    hand.first("this_is_not_defined")
    hand.add("assert 1 == 2")


@row(FULL, "uses the course's helpers that a task allows: checks and plots")
def uses_the_course(hand):
    hand.first("""from lib import plots
from lib.mode import pick
plots.use_style()
pick(full=1, quick=2)""")


@row(FULL, "looks whether it is being graded, to leave out a long training")
def asks_whether_it_is_graded(hand):
    hand.first("""from lib.tasks import grading
if not grading():
    while True:
        pass""")


@row(FULL, "computes for more than half of the CPU time that a cell may take", slow=True)
def takes_its_time(hand):
    hand.first("import time\n\nend = time.process_time() + 0.7\nwhile time.process_time() < end:\n    pass")


@row(FULL, "computes at each call, for a quarter of the CPU time that a check may take", slow=True)
def takes_its_time_when_graded(hand):
    hand.relu(in_forward("sum(range(400_000))"))


@row(FULL, "waits for half of the time that it may wait", slow=True)
def waits_a_little(hand):
    hand.first("import time\n\ntime.sleep(3)")


@row(FULL, "a profiler that was never switched off", flags="watched")
def profiler_left_on(hand):
    hand.first("import cProfile\nprofile = cProfile.Profile()\nprofile.enable()")


@row(FULL, "a function of its own that is told of each call, never switched off", flags="watched")
def setprofile_left_on(hand):
    hand.first("import sys\ncalls = []\nsys.setprofile(lambda frame, event, arg: calls.append(event))")


@row(FULL, "a tracer that was never switched off", flags="watched")
def settrace_left_on(hand):
    hand.first("import sys\nsys.settrace(lambda *a: None)")
