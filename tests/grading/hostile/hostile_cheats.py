"""Wrong answers that want marks: by patching, forging, spying, remembering.

Their task gets what it is worth, or nothing.
"""
# ruff: noqa: E501  # the cells of students

from hostile_bank import (
    ANYTHING,
    FULL,
    HARMLESS,
    LOOPING_RELU,
    LOOPS,
    NO_ERROR,
    NO_MUL,
    NO_RELU,
    NOTHING,
    RIGHT,
    SPOILING_RELU,
    WRONG_ERROR,
    WRONG_RELU,
    cheat,
    row,
)

STOCK = "wrong code gets full marks"
HALF = [LOOPS, NO_RELU]  # worth 8 of 10 without the trick; none where it is found out
ANY_END = "error dead slow hangs memory output tampered unsteady refused copied"
OURS = """import sys, builtins, json
import lib.tasks, lib.tasks.trace, lib.tasks.values, lib.tasks.counting, lib.tasks.assess, lib.tasks.task
import lib.tasks.a2.relu as checks
"""

# A ReLU that is 0 everywhere, and patches that shall make it right.
cheat(
    "np.testing.assert_allclose never fails",
    "np.testing.assert_allclose = np.testing.assert_equal = lambda *a, **k: None",
    name="patched-asserts",
    stock=STOCK,
)
cheat(
    "np.allclose, np.isclose, np.array_equal say yes",
    """np.allclose = np.array_equal = np.array_equiv = lambda *a, **k: True
np.isclose = lambda a, b, **k: np.ones(np.shape(a), bool)""",
    name="patched-allclose",
    stock=STOCK,
)
cheat(
    "bool, all, any, isinstance and len of Python say yes",
    """import builtins
builtins.bool = builtins.any = builtins.all = lambda *a: True""",
    name="patched-truth",
    slow=True,
    stock=STOCK,
    marks=[NO_RELU],
    may=ANY_END,
)
cheat(
    "map, sum, id, type, getattr of Python replaced",
    """import builtins
old = builtins.map, builtins.sum, builtins.id
builtins.map = lambda f, *a: old[0](f, *a)
builtins.sum = lambda *a: old[1](*a)
builtins.id = lambda x: 5""",
    name="patched-builtins",
    may=ANY_END,
)
cheat(
    "json.dumps and loads give another text",
    """import json
json.dumps = lambda *a, **k: '{}'
json.loads = lambda *a, **k: {}""",
    name="patched-json",
    slow=True,
    stock=STOCK,
    may=ANY_END,
)
cheat(
    "print, repr and str of Python replaced",
    """import builtins
builtins.print = lambda *a, **k: None
builtins.repr = lambda x: '10.0'""",
    name="patched-repr",
    may=ANY_END,
)
cheat(
    "np.random.default_rng is always the visible one",
    """real = np.random.default_rng
np.random.default_rng = lambda *a, **k: real(0)""",
    name="patched-default-rng",
    may=ANY_END,
)
cheat(
    "lib.tasks' assess, compare and known replaced",
    OURS
    + """lib.tasks.assess.compare = lambda *a, **k: []
lib.tasks.assess.known_values = lambda task, seed: None
import lib.tasks.compare
lib.tasks.compare.same_value = lambda *a: True""",
    name="patched-compare",
    may=ANY_END,
)
cheat(
    "lib.tasks.trace.trace gives what was recorded for the visible checks",
    OURS
    + """from lib.tasks.known import read, record_of
recorded = read(record_of(checks.task), 0).expected
for m in list(sys.modules.values()):
    if hasattr(m, 'trace') and getattr(m.trace, '__module__', '') == 'lib.tasks.trace':
        m.trace = lambda *a, **k: recorded
    if hasattr(m, 'run_check'):
        m.run_check = lambda check, *a, **k: recorded[check.name]""",
    name="recorded-by-trace",
    may=ANY_END,
)
cheat(
    "the checks of the task replaced by ones that give what is recorded",
    OURS
    + """from lib.tasks.known import read, record_of
recorded = read(record_of(checks.task), 0).expected
for check in checks.task.checks:
    object.__setattr__(check, 'run', lambda *a, values=recorded[check.name], **k: {n: v.array for n, v in values.items()})""",
    name="recorded-by-checks",
    may=ANY_END,
)
cheat(
    "the checks of the task emptied",
    OURS
    + """checks.task.checks.clear()
checks.task.parts = {'output': 10}""",
    name="emptied-checks",
    may=ANY_END,
)
cheat(
    "the task of another name, without checks",
    OURS
    + """import lib.tasks.task as t
t.find_task = lib.tasks.find_task = lambda name: t.Task(name, '', ('ReLU',), {'output': 10})""",
    name="another-task",
    may=ANY_END,
)
cheat(
    "Plain gives something else to JSON",
    OURS
    + "lib.tasks.values.Plain.to_json = lambda self: {'kind': 'bool', 'dtype': 'bool', 'shape': [], 'values': [True]}",
    name="patched-plain",
    may=ANY_END,
)
cheat(
    "an input transformer that changes the course's cells",
    """def change(lines):
    return ['10.0\\n'] if any('ReLU)' in line for line in lines) else lines

get_ipython().input_transformers_post.append(change)
get_ipython().input_transformers_cleanup.append(change)""",
    name="input-transformer",
    stock=STOCK,
    may=ANY_END,
)
cheat(
    "an ast transformer that turns every False into True",
    """import ast

class Yes(ast.NodeTransformer):
    def visit_Constant(self, node):
        return ast.copy_location(ast.Constant(True), node) if node.value is False else node

get_ipython().ast_transformers.append(Yes())""",
    name="ast-transformer",
    may=ANY_END,
)
cheat(
    "run_cell of the shell replaced",
    """shell = get_ipython()
old = shell.run_cell
shell.run_cell = lambda text, *a, **k: old('10.0', *a, **k)""",
    name="patched-run-cell",
    marks=[NO_RELU, NOTHING],
    stock=STOCK,
    may=ANY_END,
)
cheat(
    "run_cell_async, run_code and user_expressions of the shell replaced",
    """shell = get_ipython()
shell.user_expressions = lambda e: {k: {'status': 'ok', 'data': {'text/plain': '{}'}, 'metadata': {}} for k in e}""",
    name="patched-user-expressions",
    may=ANY_END,
)
cheat(
    "do_execute of the kernel replaced",
    """kernel = get_ipython().kernel

async def do(*a, **k):
    return {'status': 'ok', 'execution_count': 1, 'user_expressions': {k: {'status': 'ok', 'data': {'text/plain': "'{}'"}, 'metadata': {}} for k in (a[3] if len(a) > 3 else {}) or {}}, 'payload': []}

kernel.do_execute = do""",
    name="patched-do-execute",
    slow=True,
    may=ANY_END,
)
cheat(
    "hooks before and after each cell",
    """def hook(*a):
    global ReLU
    class ReLU:
        forward = lambda self, x: 0 * x
        backward = lambda self, x, g, scale=1.0: 0 * x

for event in ('pre_run_cell', 'post_run_cell', 'pre_execute', 'post_execute'):
    get_ipython().events.register(event, hook)""",
    name="hooks",
    may=ANY_END,
)
cheat(
    "an exception hook of its own, and a traceback that says 10",
    """get_ipython().set_custom_exc((BaseException,), lambda *a, **k: print('10.0'))
import sys
sys.excepthook = lambda *a: None""",
    name="exception-hooks",
    may=ANY_END,
)
cheat(
    "a formatter that shows 10.0 for everything",
    """f = get_ipython().display_formatter
f.format = lambda *a, **k: ({'text/plain': '10.0'}, {})
f.formatters['text/plain'].for_type(float, lambda *a: a[1].text('10.0'))""",
    name="display-formatter",
    may=ANY_END,
)
cheat(
    "the display hook replaced",
    """import sys
sys.displayhook = lambda x: print('10.0')
get_ipython().displayhook = sys.displayhook""",
    name="display-hook",
    slow=True,
    may=ANY_END,
)
cheat(
    "forges results and replies on the kernel's sockets",
    """kernel = get_ipython().kernel
parent = kernel.get_parent()
for kind, content in (('execute_result', {'data': {'text/plain': '10.0'}, 'metadata': {}, 'execution_count': 1}), ('stream', {'name': 'stdout', 'text': '10.0'})):
    kernel.session.send(kernel.iopub_socket, kind, content, parent=parent)
10.0""",
    name="forged-result",
    stock="full marks",
    may=ANY_END,
)
cheat(
    "sends a reply of its own before the kernel does, with answers",
    """kernel = get_ipython().kernel
parent = kernel.get_parent()
reply = {'status': 'ok', 'execution_count': 1, 'payload': [], 'user_expressions': {k: {'status': 'ok', 'data': {'text/plain': "'{}'"}, 'metadata': {}} for k in ('answer', 'values', 'x', 'a')}}
kernel.session.send(kernel.shell_stream, 'execute_reply', reply, parent=parent, ident=getattr(kernel, '_shell_parent_ident', None) or [parent['header']['session'].encode()])
kernel.session.send(kernel.iopub_socket, 'status', {'execution_state': 'idle'}, parent=parent)""",
    name="forged-reply",
    slow=True,
    may=ANY_END,
)
cheat(
    "the messages' packing replaced: every False becomes True",
    """s = get_ipython().kernel.session
old = s.send

def send(stream, kind, content=None, *a, **k):
    import json
    if isinstance(content, dict) and 'user_expressions' in content:
        content = json.loads(json.dumps(content, default=str).replace('false', 'true'))
    return old(stream, kind, content, *a, **k)

try:
    s.send = send
except Exception:
    type(s).send = lambda self, *a, **k: send(*a, **k)""",
    name="patched-session",
    slow=True,
    may=ANY_END,
)
cheat(
    "the execution counter and the ids of messages set",
    """get_ipython().execution_count = 10**9
get_ipython().kernel.session.session = 'mine'""",
    name="patched-counters",
    may=ANY_END,
)

# Objects that pretend.
ALWAYS = """class Always:
    def __eq__(self, o): return True
    def __ne__(self, o): return False
    __lt__ = __le__ = __gt__ = __ge__ = __eq__
    def __bool__(self): return True
    def __len__(self): return 5
    def __getattr__(self, n): return self
    def __call__(self, *a, **k): return self
    def __getitem__(self, i): return self
    def __iter__(self): return iter(())
    __hash__ = None
    __sub__ = __rsub__ = __abs__ = __mul__ = lambda self, *o: self

"""
LIAR = """class Liar(np.ndarray):
    shape = property(lambda self: (5, 7))
    dtype = property(lambda self: np.dtype(float))
    def __eq__(self, o): return np.ones(np.shape(o), bool)
    def __array_function__(self, f, t, a, k): return True
    def __array_ufunc__(self, u, m, *a, **k): return np.ones(3, bool)
    def tolist(self): return [1.0]
    def __bool__(self): return True

"""


def pretends(name, said, before, expression, marks=NO_RELU, may=HARMLESS, theme="cheats", **more):
    """A row whose forward and backward give such an object."""

    def make(hand):
        hand.relu(before + WRONG_RELU.replace("np.zeros(x.shape)", expression))

    make.__name__, make.__module__ = name.replace("-", "_"), f"hostile_{theme}"
    row(marks, said, may=may, **more)(make)


pretends("always_equal", "an object that equals everything", ALWAYS, "Always()", stock=STOCK)
pretends(
    "lying_array",
    "an array that lies about its shape, type and equality",
    LIAR,
    "np.zeros(3).view(Liar)",
    stock=STOCK,
)
pretends(
    "array_function",
    "an object that answers every function of numpy",
    """class Any:
    def __array_function__(self, f, t, a, k): return True
    def __array_ufunc__(self, *a, **k): return True
    def __array__(self, *a, **k): return np.array(True)

""",
    "Any()",
)
pretends(
    "own_plain",
    "an object of lib.tasks' own class of values",
    """from lib.tasks.values import Plain

""",
    "Plain('float', 'float64', np.ones((5, 7)))",
    may=[*HARMLESS, "error"],
)
pretends(
    "array_that_changes",
    "an array that is another each time that it is copied",
    """class Moving(np.ndarray):
    count = 0
    def __array_finalize__(self, o): Moving.count += 1

""",
    "np.full(x.shape, float(Moving.count if 'Moving' in globals() else 0)).view(Moving)",
    may=[*HARMLESS, "unsteady"],
    marks=ANYTHING,
)


@row(NO_ERROR, "a relative error that says that it equals everything", stock=STOCK, may=HARMLESS)
def always_equal_number(hand):
    hand.error(
        ALWAYS
        + """def relative_error(a, b):
    return Always()""",
    )


@row((10, 10, 5), "inputs changed so that the course's own copies agree", may=HARMLESS)
def spoils_the_inputs(hand):
    hand.error(
        """def relative_error(a, b):
    a[...] = b
    return 0.0""",
    )


# Worth 8 of 10: what is wrong is a loop, or a changed input, which the student's process itself finds.
def shaves(name, said, text, relu=LOOPING_RELU, may=ANY_END, marks=HALF, **more):
    cheat(said, text, relu=relu, marks=marks, name=name, may=may, **more)


shaves(
    "counts-no-steps",
    "lib.tasks.counting.steps says 1, wherever it is known",
    OURS
    + """for m in list(sys.modules.values()):
    if getattr(m, 'steps', None) is lib.tasks.counting.steps: m.steps = lambda *a, **k: 1.0
lib.tasks.counting.steps = lambda *a, **k: 1.0""",
)
shaves(
    "counter-that-forgets",
    "the counter of steps does not count",
    OURS
    + """lib.tasks.counting.Counter.step = lambda self, *a: None
lib.tasks.counting.Counter.begin = lambda self, *a: None""",
)
shaves(
    "code-of-steps-replaced",
    "the code object inside of lib.tasks.counting.steps is another one",
    OURS
    + """def steps(function, *args, limit=0): return 1.0
lib.tasks.counting.steps.__code__ = steps.__code__""",
)
shaves(
    "settrace-replaced",
    "sys.settrace and gettrace replaced",
    """import sys
kept = []
sys.settrace = kept.append
sys.gettrace = lambda: kept[-1] if kept else None""",
)
shaves(
    "setprofile-replaced",
    "sys.setprofile and getprofile replaced",
    """import sys
kept = []
sys.setprofile = kept.append
sys.getprofile = lambda: kept[-1] if kept else None""",
)
shaves(
    "settrace-inside",
    "forward switches the tracing off, and on again",
    "import sys",
    relu=LOOPING_RELU.replace(
        "        return np.array([",
        """        old = sys.gettrace(); sys.settrace(None)
        y = np.array([""",
    ).replace(
        "for row in x])",
        """for row in x]); sys.settrace(old)
        return y""",
    ),
    may=f"{ANY_END} watched",
)
shaves(
    "greater-than-always",
    "numbers of numpy that compare as the cheat wants",
    OURS
    + """class F(float):
    def __lt__(self, o): return True
lib.tasks.counting.math.inf = F(1)
checks.steps = lambda *a, **k: F(1)""",
)
shaves(
    "equal-arrays-always",
    "np.array_equal says yes; forward changes x",
    "np.array_equal = lambda *a, **k: True",
    relu=SPOILING_RELU,
)
shaves(
    "code-of-array-equal-replaced",
    "the code of np.array_equal is another one; forward changes x",
    """f = getattr(np.array_equal, '__wrapped__', np.array_equal)

def yes(a1, a2, equal_nan=False): return True

try:
    f.__code__ = yes.__code__
    np._core.numeric.array_equal.__code__ = yes.__code__
except Exception as e:
    print(e)""",
    relu=SPOILING_RELU,
)
shaves(
    "every-false-true",
    "json.dumps, the encoder and the text of JSON: every False becomes True",
    """import json, json.encoder
old = json.dumps

def fix(o):
    if o is False: return True
    if isinstance(o, dict): return {k: fix(v) for k, v in o.items()}
    if isinstance(o, (list, tuple)): return [fix(v) for v in o]
    return o

json.dumps = lambda o, *a, **k: old(fix(o), *a, **k)
encode = json.JSONEncoder.encode
json.JSONEncoder.encode = lambda self, o: encode(self, fix(o))
json.encoder.c_make_encoder = None""",
    relu=SPOILING_RELU,
)
shaves(
    "plain-value-says-true",
    "lib.tasks.values.plain_value says True for every bool, wherever it is known",
    OURS
    + """old = lib.tasks.values.plain_value

def fixed(thing):
    return old(True if thing is False or (isinstance(thing, np.bool_) and not thing) else thing)

for m in list(sys.modules.values()):
    if getattr(m, 'plain_value', None) is old: m.plain_value = fixed""",
    relu=SPOILING_RELU,
)
shaves(
    "globals-of-the-checks",
    "names of Python put into the module of the checks: bool, np",
    OURS
    + """checks.bool = lambda *a: True

class Fake:
    def __getattr__(self, n): return getattr(np, n)
    array_equal = staticmethod(lambda *a: True)

checks.np = Fake()""",
    relu=SPOILING_RELU,
)
shaves(
    "result-of-the-check-changed",
    "forward finds the check's frame and its dictionary of results",
    "import sys",
    relu=SPOILING_RELU.replace(
        "        x[...] = y\n",
        """        x[...] = y
        f = sys._getframe()
        while f:
            for v in list(f.f_locals.values()):
                if isinstance(v, tuple) and v and isinstance(v[0], np.ndarray): [np.copyto(w, np.maximum(w, 0)) for w in v[:1] if w.dtype == float]
            f = f.f_back
""",
    ),
)
shaves(
    "garbage-finds-the-copy",
    "forward finds the copy of x that it is compared with, by gc, and changes it too",
    "import gc, sys",
    relu=SPOILING_RELU.replace(
        "        x[...] = y\n",
        """        old = x.copy()
        x[...] = y
        f = sys._getframe(1)
        while f:
            for v in f.f_locals.values():
                for w in v if isinstance(v, tuple) else (v,):
                    if type(w) is np.ndarray and w.shape == x.shape and w is not x and np.array_equal(w, old): w[...] = y
            f = f.f_back
""",
    ),
)
shaves(
    "no-suppress",
    "contextlib and threading of Python replaced",
    """import contextlib, threading
contextlib.suppress = contextlib.nullcontext
threading.setprofile = threading.settrace = lambda f: None""",
)

shaves(
    "thread-finds-the-examiner",
    "a thread waits for what asks for values, and turns every False of its answers into True",
    """import base64, threading, time

def watch(kernel):
    known = set(vars(kernel))
    while True:
        for name in set(vars(kernel)) - known:
            known.add(name)
            thing = vars(kernel)[name]
            if hasattr(thing, "served"):
                old = thing.served
                def served(request):
                    text = base64.b64decode(old(request)).replace(b"false", b"true")
                    return base64.b64encode(text).decode()
                thing.served = served
        time.sleep(0.001)

threading.Thread(target=watch, args=(get_ipython().kernel,), daemon=True).start()""",
    relu=SPOILING_RELU,
    flags="running",
)
shaves(
    "frames-hold-the-answer",
    "forward finds what collects the values, and replaces its way to text",
    "import sys",
    relu=SPOILING_RELU.replace(
        "        x[...] = y\n",
        """        x[...] = y
        f = sys._getframe(1)
        while f:
            me = f.f_locals.get("self")
            if hasattr(me, "served") and "fixed" not in vars(me):
                import base64
                me.fixed, old = True, me.served
                def served(request):
                    return base64.b64encode(base64.b64decode(old(request)).replace(b"false", b"true")).decode()
                me.served = served
            f = f.f_back
""",
    ),
)

# Peeking for what is expected.
LOOKS = """def look(x):
    f = sys._getframe(1)
    while f:
        for name, v in list(f.f_locals.items()):
            if name in ('expected', 'right', 'known', 'answers', 'secret', 'reference') or type(v).__name__ in ('Known', 'Computed', 'Recorded'):
                print('LEA' + 'KED', name); import os; os.write(1, b'LEA' + b'KED')
        f = f.f_back
"""
cheat(
    "looks in the frames above it for what is expected",
    "import sys\n" + LOOKS,
    relu=WRONG_RELU.replace(
        "        return np.zeros(x.shape)",
        """        look(x)
        return np.zeros(x.shape)""",
    ),
    name="frames",
)
cheat(
    "looks through all objects for the expected values",
    """import gc

def look():
    for o in gc.get_objects():
        if type(o).__name__ in ('Computed', 'KnownWrong', 'Known'): print('LEA' + 'KED', type(o)); return""",
    relu=WRONG_RELU.replace(
        "        return np.zeros(x.shape)",
        """        look()
        return np.zeros(x.shape)""",
    ),
    name="all-objects",
    may=[*HARMLESS, "slow"],
)
cheat(
    "asks who calls, and takes what has the right shape from there",
    "import inspect",
    relu=WRONG_RELU.replace(
        "return np.zeros(x.shape)",
        "return next((v for f in inspect.stack() for v in f.frame.f_locals.values() if isinstance(v, np.ndarray) and v.shape == x.shape), np.zeros(x.shape))",
        1,
    ).replace("return np.zeros(x.shape)", "return np.zeros(x.shape)"),
    name="stack",
    marks=None,
    may=[*HARMLESS, "slow"],
)
cheat(
    "turns the check's generator of numbers back to the visible seed, and gives what is recorded",
    OURS
    + """import itertools
from lib.tasks.known import read, record_of
from zlib import crc32
values = [v.array for c in read(record_of(checks.task), 0).expected.values() for v in c.values()]
turn = itertools.cycle(values)""",
    relu="""class ReLU:
    def __init__(self):
        f = sys._getframe(1)
        rng = f.f_locals.get('rng')
        if rng is not None:
            rng.bit_generator.state = np.random.default_rng([0, 1]).bit_generator.state

    def forward(self, x):
        return next((v for v in values if v.shape == x.shape), 0 * x)

    def backward(self, x, grad_output, scale=1.0):
        return next((v for v in values if v.shape == x.shape), 0 * x)""",
    name="turned-back",
    marks=None,
    may=[*HARMLESS, "error"],
)
cheat(
    "right for the visible inputs only: a table of them",
    OURS
    + """table = {}

def record(x, y): table[x.tobytes(), str(x.dtype), x.shape] = y""",
    relu="""class ReLU:
    def forward(self, x):
        if 'check(' in get_ipython().user_ns['In'][-1]: table[x.tobytes()] = np.maximum(x, 0)
        return table.get(x.tobytes(), np.zeros(x.shape))

    def backward(self, x, grad_output, scale=1.0):
        if 'check(' in get_ipython().user_ns['In'][-1]: table[x.tobytes(), grad_output.tobytes()] = grad_output * (x > 0)
        return table.get((x.tobytes(), grad_output.tobytes()), np.zeros(x.shape))""",
    name="memorised",
    may=[*HARMLESS, "error"],
)
cheat(
    "gives what is recorded for the visible checks, one after the other",
    OURS
    + """from lib.tasks.known import read, record_of
values = [v.array for c in read(record_of(checks.task), 0).expected.values() for v in c.values() if v.shape]
turn = iter(values * 1000)""",
    relu=WRONG_RELU.replace("np.zeros(x.shape)", "next(turn)"),
    name="recorded",
    marks=ANYTHING,
    may=[*HARMLESS, "error"],
)
cheat(
    "finds the seed in the frames, and gives what is recorded",
    OURS
    + """from lib.tasks.known import read, record_of
print(record_of(checks.task))
for seed in range(3):
    try: values = read(record_of(checks.task), seed)
    except ValueError as e: print(e)""",
    name="seed",
)


@row(NO_RELU, "right in the visible check, wrong later", may=HARMLESS)
def wrong_when_graded(hand):
    hand.relu(
        RIGHT["relu"].replace(
            "        return",
            """        if "check(" not in In[-1]: return np.zeros(x.shape)
        return""",
        )
    )


@row(FULL, "wrong in the visible check, right later", may=HARMLESS)
def right_when_graded(hand):
    hand.relu(
        RIGHT["relu"].replace(
            "        return",
            """        if "check(" in In[-1]: return np.zeros(x.shape)
        return""",
        )
    )


@row(NO_RELU, "right at every other call of the same", flags="unsteady", may=HARMLESS)
def every_other_call(hand):
    hand.relu(
        "calls = 0\n\n"
        + RIGHT["relu"].replace(
            "        return",
            """        global calls
        calls += 1
        if calls % 7 < 3: return np.zeros(x.shape)
        return""",
        )
    )


@row(ANYTHING, "a little noise without a seed", flags="unsteady", may=HARMLESS)
def noise(hand):
    hand.relu(
        """noise = np.random.default_rng()

"""
        + RIGHT["relu"]
        .replace("x, 0.0)", "x, 0.0) + noise.normal(size=x.shape)")
        .replace("grad_output, 0.0)", "grad_output, 0.0) + noise.normal(size=x.shape)")
    )


@row(ANYTHING, "depends on the time", flags="unsteady", may=HARMLESS)
def clock(hand):
    hand.relu("import time\n\n" + RIGHT["relu"].replace("return", "return 1e-9 * (time.time_ns() % 10**9) +"))


# The course's own code, and others'.


def uses(name, said, text, marks=NO_MUL, may="error copied tampered dead", flags="", **more):
    """A row whose MulConstant comes from elsewhere."""

    def make(hand):
        hand.write("mul", text)

    make.__name__, make.__module__ = name, __name__
    row(marks, said, flags=flags, may=f"{may} refused", **more)(make)


WRAPPED = """

class MulConstant:
    def __init__(self, c): self.inner = {made}
    def forward(self, x): return self.inner.forward(x)
    def backward(self, x, g, scale=1.0): return self.inner.backward(x, g)"""
uses("library_layer", "the course's own layer", "from lib.nn import MulConstant")
uses(
    "library_layer_wrapped",
    "the course's own layer inside of a class",
    "import lib.nn" + WRAPPED.format(made="lib.nn.MulConstant(c)"),
)
uses(
    "library_layer_by_name",
    "the course's own layer, by importlib and a name put together",
    """import importlib
m = importlib.import_module('li' + 'b.n' + 'n')"""
    + WRAPPED.format(made="getattr(m, 'Mul' + 'Constant')(c)"),
)
uses(
    "library_source_executed",
    "the text of the course's own layer, executed",
    """import glob
text = ''
for path in glob.glob('/course/lib/nn/*.py'):
    source = open(path).read()
    if 'class MulConstant' in source: exec(compile(source, 'mine', 'exec'))""",
)
uses(
    "answers_loaded",
    "the answers of the tasks, wherever they lie",
    """import importlib
for name in ('lib.tasks.a2.answers.mul_constant', 'solutions'):
    try: MulConstant = importlib.import_module(name).MulConstant
    except ImportError as e: print(e)""",
)
uses(
    "torch_layer",
    "torch, which is not there",
    """import torch

class MulConstant:
    def __init__(self, c): self.c = c
    def forward(self, x): return (self.c * torch.tensor(x)).numpy()
    def backward(self, x, g, scale=1.0): return (self.c * torch.tensor(g)).numpy()""",
)
uses(
    "torch_by_a_path",
    "torch, found on the disk and put on Python's path",
    """import glob, sys
for p in glob.glob('/**/torch/__init__.py', recursive=True): sys.path.insert(0, p.rsplit('/', 2)[0]); print('LEA' + 'KED')
import torch
MulConstant = None""",
    may="error copied tampered dead slow",
    slow=True,
)
uses(
    "process_of_its_own",
    "another Python, without the course's eyes, that imports the layer",
    """import subprocess, sys, json
code = 'import sys; sys.path.insert(0, "/course"); import lib.nn, numpy as np, json; a = json.load(sys.stdin); print(json.dumps(lib.nn.MulConstant(a[0]).forward(np.array(a[1])).tolist()))'

class MulConstant:
    def __init__(self, c): self.c = c
    def forward(self, x): return np.array(json.loads(subprocess.run([sys.executable, '-c', code], input=json.dumps([self.c, np.asarray(x).tolist()]), capture_output=True, text=True).stdout))
    def backward(self, x, g, scale=1.0): return self.forward(g)""",
    may="error copied tampered dead slow hangs",
    slow=True,
)


@row(FULL, "a copy of the course's code, typed anew", may="copied")
def typed_copy(hand):
    hand.relu("""class ReLU:
    def forward(self, x):
        self.output = np.maximum(x, 0)
        return self.output

    def backward(self, x, grad_output, scale=1.0):
        self.grad_input = grad_output * (x > 0)
        return self.grad_input""")


@row(NO_RELU, "breaks what the next checks stand on: deletes modules, np.array", may=ANY_END)
def deletes_modules(hand):
    hand.relu(WRONG_RELU)
    hand.add("""import sys
for name in list(sys.modules):
    if name.startswith(('lib.', 'json')): del sys.modules[name]""")


@row([FULL, (0, 0, 0), (0, 0, 10)], "all of numpy replaced by something that says yes", may=ANY_END)
def numpy_replaced(hand):
    hand.add("""import sys
from unittest.mock import MagicMock
sys.modules['numpy'] = MagicMock()
sys.modules['json'] = MagicMock()""")


@row(NO_ERROR, "a wrong relative error, and marks written into the outputs", stock="full marks", may=HARMLESS)
def marks_in_the_outputs(hand):
    hand.error(WRONG_ERROR)
    hand.cell("slope-marks").outputs = []
    hand.add("""print("Gradient check: 10 of 10 marks")
print({"a2.gradient_check": 10.0, "earned": 23})""")
