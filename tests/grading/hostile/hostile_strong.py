"""What a strong student tries, who knows how kernels, Python and the checks work.

Their task gets what it is worth, or the notebook nothing.
"""
# ruff: noqa: E501  # the cells of students

import io
import zipfile

from hostile_bank import (
    ANYTHING,
    FULL,
    LOOPING_RELU,
    LOOPS,
    NO_MUL,
    NO_RELU,
    NOTHING,
    RIGHT,
    SPOILING_RELU,
    WRONG_RELU,
    cheat,
    row,
)
from hostile_cells import ANY_SHAPE
from hostile_cheats import ANY_END, pretends, shaves

FOUND_OUT = [NO_RELU, NOTHING]


def wants(name, said, text, relu=WRONG_RELU, marks=NO_RELU, may=ANY_END, **more):
    cheat(said, text, relu=relu, marks=marks, name=name, may=may, theme="strong", **more)


def spoils(name, said, text, relu=SPOILING_RELU, **more):
    shaves(name, said, text, relu=relu, theme="strong", **more)


# What lies between an answer and its letters: each turns False into True.
TURNS = """import base64

def turned(letters):
    return base64.b64encode(base64.b64decode(letters).replace(b'false', b'true'))

"""
spoils(
    "patched-b64encode",
    "base64.b64encode says true for false",
    "import base64\nold = base64.b64encode\nbase64.b64encode = lambda b, *a: old(bytes(b).replace(b'false', b'true'), *a)",
)
spoils(
    "patched-binascii",
    "binascii.b2a_base64, on which base64 stands, says true for false",
    "import binascii\nold = binascii.b2a_base64\nbinascii.b2a_base64 = lambda b, **k: old(bytes(b).replace(b'false', b'true'), **k)",
    flags="tampered",
)
spoils(
    "patched-encoder-of-json",
    "the one encoder that json keeps has an encode of its own",
    """import json
old = json._default_encoder.encode
json._default_encoder.encode = lambda o: old(o).replace('false', 'true')""",
    flags="tampered",
)
spoils(
    "kernel-s-handlers",
    "the kernel's handler of requests is another one, which changes replies",
    TURNS
    + """kernel = get_ipython().kernel
old, send = kernel.shell_handlers['execute_request'], kernel.session.send

def sent(stream, kind, content=None, *a, **k):
    for one in (content or {}).get('user_expressions', {}).values() if isinstance(content, dict) else ():
        one['data']['text/plain'] = repr(turned(one['data']['text/plain'][1:-1]).decode())
    return send(stream, kind, content, *a, **k)

async def mine(stream, ident, parent):
    kernel.session.send = sent
    try:
        await old(stream, ident, parent)
    finally:
        del kernel.session.send

kernel.shell_handlers['execute_request'] = mine""",
    flags="tampered",
)
spoils(
    "packer-of-the-session",
    "the session's way to bytes is another one",
    """import base64, re
s = get_ipython().kernel.session
old = s.pack

def pack(o):
    text = old(o)
    if isinstance(o, dict) and 'user_expressions' in o:
        text = re.sub(rb"'([A-Za-z0-9+/=]{8,})'", lambda m: b"'" + base64.b64encode(base64.b64decode(m[1]).replace(b'false', b'true')) + b"'", text)
    return text

s.pack = pack""",
    flags="tampered",
)
spoils(
    "stream-of-the-shell",
    "the kernel's socket sends other bytes",
    """s = get_ipython().kernel.shell_stream
old = s.send_multipart
s.send_multipart = lambda parts, *a, **k: old(parts, *a, **k)""",
)
spoils(
    "patched-kernel-class",
    "user_expressions of the shell's class is another one",
    TURNS
    + """kind = type(get_ipython())
old = kind.user_expressions

def other(self, asked):
    found = old(self, asked)
    for one in found.values():
        one['data']['text/plain'] = repr(turned(one['data']['text/plain'][1:-1]).decode())
    return found

kind.user_expressions = other""",
    flags="tampered",
)
spoils(
    "class-of-the-shell",
    "the shell is given a class of the student's own",
    """class Mine(type(get_ipython())):
    pass

get_ipython().__class__ = Mine""",
)
wants(
    "replies-beforehand",
    "a thread sends replies with the numbers that requests will have",
    """import base64, json, threading, time
kernel = get_ipython().kernel
answer = base64.b64encode(json.dumps({'values': {}, 'refused': '', 'slow': {}, 'marks': {}}).encode()).decode()

def flood():
    while True:
        parent = kernel.get_parent()
        start, _, number = parent['header']['msg_id'].rpartition('_')
        for k in range(1, 4):
            future = {**parent, 'header': {**parent['header'], 'msg_id': f'{start}_{int(number) + k}'}}
            reply = {'status': 'ok', 'execution_count': 1, 'payload': [], 'user_expressions': {'answer': {'status': 'ok', 'data': {'text/plain': repr(answer)}, 'metadata': {}}}}
            kernel.session.send(kernel.shell_stream.socket, 'execute_reply', reply, parent=future, ident=kernel._shell_parent_ident if hasattr(kernel, '_shell_parent_ident') else None)
        time.sleep(0.002)

threading.Thread(target=flood, daemon=True).start()""",
    slow=True,
    marks=NO_RELU,
    may=f"{ANY_END} running",
)
wants(
    "answers-in-the-wrong-shape",
    "the examiner's name for itself is taken: exec, eval and lambda give dictionaries",
    "import builtins\nbuiltins.eval = lambda *a: {}",
    marks=FOUND_OUT,
    slow=True,
)

# The examiner itself, while it asks: forward finds it in the frames that lead to it.
FINDS = """        x[...] = y
        f, found = __import__('sys')._getframe(1), []
        while f: f, found = f.f_back, [*found, *f.f_locals.values()]
        for e in [v for v in found if hasattr(v, 'library')]:
            {change}
"""


def changes(name, said, change, before=""):
    relu = SPOILING_RELU.replace("        x[...] = y\n", FINDS.replace("{change}", change))
    spoils(name, said, before, relu=relu, flags="tampered")


changes(
    "examiner-s-class",
    "the class of what asks for values has another way to text",
    """kind = type(e)
            if not hasattr(kind, 'old'):
                kind.old = kind.served
                kind.served = lambda self, request: turned(self.old(request)).decode()""",
    TURNS,
)
changes(
    "examiner-s-modules",
    "the private copy of the checks is given another numpy",
    """module = e.library.modules.get('lib.tasks.a2.relu')
            if module: module.np = Fake()""",
    """class Fake:
    def __getattr__(self, n): return (lambda *a: True) if n == 'array_equal' else getattr(np, n)""",
)
changes(
    "examiner-s-values",
    "the private copy of the class of values says True for every bool",
    """kind = e.library.modules['lib.tasks.values'].Plain
            if not hasattr(kind, 'old'):
                kind.old = kind.to_json
                kind.to_json = lambda self: {**self.old(), 'values': [True]} if self.kind == 'bool' else self.old()""",
)
changes(
    "examiner-s-code",
    "the code of the private copy's run_check is another one",
    """f = e.library.modules['lib.tasks.trace'].run_check
            if not globals().get('old'):
                globals()['old'] = type(f)(f.__code__, f.__globals__)
                f.__globals__['old'] = globals()['old']
                f.__globals__['turn'] = turn
                f.__code__ = mine.__code__""",
    """def mine(check, given, seed, watch=None): return turn(old(check, given, seed, watch))

def turn(found):
    for v in found.values():
        if v.kind == 'bool': v.array[...] = True
    return found""",
)
changes(
    "examiner-s-texts",
    "the examiner reads the checks that are left from a text of the student's",
    """import os
            path = os.path.join(e.library.course, 'lib/tasks/a2/relu.py')
            e.library.texts['lib.tasks.a2.relu'] = open(path).read().replace('np.array_equal', 'bool or ')
            e.library.modules.pop('lib.tasks.a2.relu', None)""",
)
changes(
    "examiner-s-builtins",
    "the private modules' names of Python: bool says True",
    "e.library.builtins['bool'] = lambda *a: True",
)

# What reads and compiles the course's own files.
spoils(
    "patched-open",
    "open reads other text in the files of the checks",
    """import builtins, io
old = builtins.open

def opened(file, *a, **k):
    f = old(file, *a, **k)
    if not str(file).endswith('relu.py'): return f
    with f: text = f.read()
    return io.StringIO(text.replace('np.array_equal', 'bool or '))

builtins.open = opened""",
    flags="tampered",
)
spoils(
    "patched-compile",
    "compile, exec and __import__ of Python replaced",
    """import builtins
old = builtins.compile
builtins.compile = lambda text, *a, **k: old(text.replace('np.array_equal', 'bool or ') if isinstance(text, str) else text, *a, **k)
importing = builtins.__import__
builtins.__import__ = lambda *a, **k: importing(*a, **k)""",
    flags="tampered",
)
spoils(
    "patched-build-class",
    "classes are built by the student's own function",
    """import builtins
old = builtins.__build_class__

def build(body, name, *bases, **k):
    kind = old(body, name, *bases, **k)
    if name == 'Plain':
        to = kind.to_json
        kind.to_json = lambda self: {**to(self), 'values': [True]} if self.kind == 'bool' else to(self)
    return kind

builtins.__build_class__ = build""",
    flags="tampered",
)
spoils(
    "patched-dataclass",
    "dataclasses.dataclass changes the class of values",
    """import dataclasses
old = dataclasses.dataclass

def dataclass(kind=None, **k):
    if kind is None: return lambda kind: dataclass(kind, **k)
    if kind.__name__ == 'Plain':
        to = kind.to_json
        kind.to_json = lambda self: {**to(self), 'values': [True]} if self.kind == 'bool' else to(self)
    return old(kind, **k)

dataclasses.dataclass = dataclass""",
    flags="tampered",
)
spoils(
    "patched-codecs",
    "the codec that reads UTF-8 gives other text",
    """import encodings.utf_8
kind = encodings.utf_8.IncrementalDecoder
old = kind.decode

def decode(self, *a, **k):
    return old(self, *a, **k).replace('np.array_equal', 'bool or ')

kind.decode = decode""",
    flags="tampered",
)
spoils(
    "patched-paths",
    "pathlib and os.path do not know where the course is",
    """import pathlib
pathlib.Path.resolve = lambda self, *a, **k: pathlib.Path('/nowhere/at/all/it.py')
pathlib.Path.is_relative_to = lambda self, *a: False""",
    flags="tampered",
)
spoils(
    "a-loader-of-its-own",
    "finders and hooks of import that know other modules of the course",
    """import sys, importlib.abc

class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.startswith('lib'): print('asked', name)

sys.meta_path.insert(0, Finder())
sys.path_importer_cache.clear()
for name in list(sys.modules):
    if name.startswith('lib'): del sys.modules[name]""",
)

# What arrays do.
spoils(
    "class-of-the-module",
    "the module numpy is given a class whose attributes are the student's",
    """import types

class Mine(types.ModuleType):
    def __getattribute__(self, name):
        if name == 'array_equal': return lambda *a, **k: True
        return super().__getattribute__(name)

np.__class__ = Mine""",
    flags="tampered",
)
spoils(
    "methods-of-arrays",
    "ndarray.all and any, as numpy wrote them in Python",
    """import numpy._core._methods as m
m.umr_all = lambda *a, **k: np.True_
m.umr_any = lambda *a, **k: np.True_""",
    flags="tampered",
)
spoils(
    "code-of-the-methods",
    "the code of numpy's own _all is another one",
    """import numpy._core._methods as m

def yes(a, axis=None, dtype=None, out=None, keepdims=False, *, where=True): return True

m._all.__code__ = yes.__code__""",
    flags="tampered",
)
spoils(
    "dictionary-of-a-type",
    "the dictionary of ndarray itself, by gc, has another all",
    """import gc
d, = [o for o in gc.get_referents(np.ndarray.__dict__) if type(o) is dict]
d['all'] = lambda self, *a, **k: np.True_
import ctypes
ctypes.pythonapi.PyType_Modified(ctypes.py_object(np.ndarray))""",
    flags="tampered",
)
spoils(
    "infinity-is-small",
    "math.inf is −1; forward catches what ends it",
    "import math\nmath.inf = np.inf = -1.0",
    relu=LOOPING_RELU,
    flags="tampered",
)
spoils(
    "bytecode-in-memory",
    "the bytes of a function of numpy overwritten by ctypes",
    """import ctypes

def yes(a1, a2, equal_nan=False): return True

f = np.array_equal.__wrapped__
size = len(yes.__code__.co_code)
for k in range(100, 400):
    place = id(f.__code__) + k
    if ctypes.string_at(place, 2) == f.__code__.co_code[:2]:
        ctypes.memmove(place, yes.__code__.co_code, size)
        break""",
    flags="tampered",
)
spoils(
    "false-is-true",
    "False in memory has the digit of True",
    """import ctypes, sys
ctypes.memmove(id(False) + 24, (1).to_bytes(4, 'little'), 4)
ctypes.memmove(id(False) + 16, (1).to_bytes(8, 'little'), 8)""",
    slow=True,
    marks=None,
)

# Looking where only checks look, under other names.
FROM = """        x[...] = y
        f = {frame}
        while f:
            for v in f.{locals}.values():
                for w in v if isinstance(v, tuple) else (v,):
                    if type(w) is np.ndarray and w.shape == x.shape and w is not x: np.maximum(w, 0, out=w)
            f = f.{back}
"""
WORDS = "locals_, back = 'f_' + 'locals', 'f_' + 'back'\n"


def looks(name, said, text, frame):
    inside = FROM.replace("f.{locals}", "getattr(f, locals_)").replace("f.{back}", "getattr(f, back)")
    relu = SPOILING_RELU.replace("        x[...] = y\n", inside.replace("{frame}", frame))
    spoils(name, said, WORDS + text, relu=relu, flags="tampered")


looks(
    "frames-by-another-name",
    "the frames above, whose names are put together from parts",
    "import sys",
    "getattr(sys, '_get' + 'frame')(1)",
)
looks(
    "frames-by-the-module-s-dictionary",
    "the frames above, from the dictionary of sys",
    "import sys\nget = [v for k, v in vars(sys).items() if k.endswith('getf' + 'rame')][0]",
    "get(1)",
)
looks(
    "frames-of-an-error",
    "the frames above, from the traceback of an error",
    """def frame():
    try:
        1 // 0
    except ZeroDivisionError as e:
        return getattr(e.__traceback__, 'tb_' + 'frame')""",
    "frame()",
)
looks(
    "frames-of-a-generator",
    "the frames above, from a generator that runs",
    """def one():
    yield getattr(g, 'gi_' + 'frame')

g = None

def frame():
    global g
    g = one()
    return next(g)""",
    "frame()",
)
looks(
    "frames-of-threads",
    "the frames above, from those of all threads",
    "import sys, threading",
    "getattr(sys, '_current_' + 'frames')()[threading.get_ident()]",
)
looks(
    "frames-in-full-width",
    "the frames above, in letters that Python takes for plain ones",
    "import sys",
    "sys._ｇetframe(1)",
)
spoils(
    "objects-by-another-name",
    "all objects, by a name put together, for the copy that x is compared with",
    "import gc\nall_objects = getattr(gc, 'get_' + 'objects')",
    relu=SPOILING_RELU.replace(
        "        x[...] = y\n",
        """        old = x.copy()
        x[...] = y
        for o in all_objects():
            if type(o) is tuple:
                for w in o:
                    if type(w) is np.ndarray and w.shape == x.shape and w is not x and np.array_equal(w, old): w[...] = y
""",
    ),
    flags="tampered",
)
spoils(
    "hook-of-audits",
    "a hook that hears of every file and every piece of code, and raises",
    """import sys

def heard(event, arguments):
    if event == 'open' and 'relu' in str(arguments): raise OSError('no')

sys.addaudithook(heard)""",
    marks=[LOOPS, NO_RELU, NOTHING],
)
spoils(
    "callback-of-the-collector",
    "a callback of the garbage collector, at each of its runs",
    """import gc
gc.callbacks.append(lambda *a: None)
gc.set_threshold(1, 1, 1)""",
)

# Loops where the course does not count: these marks stay, and a person is told to look.
spoils(
    "loops-in-an-older-thread",
    "the loop runs in a thread that was there before the counting",
    """import queue, threading
asked, answers = queue.Queue(), queue.Queue()

def work():
    while True:
        x = asked.get()
        answers.put(np.array([np.where(row > 0, row, 0.0) for row in x]))

threading.Thread(target=work, daemon=True).start()""",
    relu=RIGHT["relu"].replace(
        "return np.where(x > 0, x, 0.0)", "asked.put(np.asarray(x))\n        return answers.get(timeout=5)"
    ),
    marks=FULL,
    flags="running",
)
spoils(
    "loops-in-another-process",
    "the loop runs in a process that was there before the counting",
    """import multiprocessing
here, there = multiprocessing.Pipe()

def work():
    while True:
        x = there.recv()
        there.send(np.array([np.where(row > 0, row, 0.0) for row in x]))

multiprocessing.get_context('fork').Process(target=work, daemon=True).start()""",
    relu=RIGHT["relu"].replace(
        "return np.where(x > 0, x, 0.0)", "here.send(np.asarray(x))\n        return here.recv()"
    ),
    marks=FULL,
    flags="running",
)
spoils(
    "more-steps-for-few",
    "more steps than are counted for few examples, and a loop for many",
    "",
    relu=RIGHT["relu"].replace(
        "return np.where(x > 0, x, 0.0)",
        """if len(x) == 20:
            for _ in range(1_000_001): pass
        return np.array([np.where(row > 0, row, 0.0) for row in x])""",
    ),
    may=f"{ANY_END} watched",  # Python switches a tracer off that raises
)

# Things that come back.
pretends(
    "claims-its-class",
    "an object whose __class__ says ndarray, and whose array is another each time",
    """class Claims:
    count = 0
    __class__ = property(lambda self: np.ndarray)
    shape, dtype, ndim, size = (5, 7), np.dtype(float), 2, 35
    def __array__(self, *a, **k):
        Claims.count += 1
        return np.full((5, 7), float(Claims.count))
    def copy(self): return self

""",
    "Claims()",
    marks=ANYTHING,
    may=ANY_END,
    theme="strong",
)
pretends(
    "number-of-its-own",
    "a float, an int and a text whose every method lies",
    """class F(float):
    __eq__ = __lt__ = __gt__ = __le__ = __ge__ = lambda self, o: True
    __hash__ = None
    __float__ = __index__ = __round__ = lambda self: 1.0
    __array__ = lambda self, *a, **k: np.ones((5, 7))

""",
    "F(0.0)",
    marks=(3, 10, 10),
    may=ANY_END,
    theme="strong",
)
wants(
    "class-of-classes",
    "a class whose class answers for all its attributes and instances",
    "",
    relu="""class Meta(type):
    def __getattribute__(cls, n): return super().__getattribute__(n) if n.startswith('__') else (lambda *a, **k: 0)
    def __instancecheck__(cls, o): return True
    def __call__(cls, *a, **k): return super().__call__()
    def __eq__(cls, o): return True
    __hash__ = None

class ReLU(metaclass=Meta):
    def __getattr__(self, n): return lambda *a, **k: 0
    __call__ = forward = backward = lambda self, *a, **k: 0 * a[0]""",
    marks=NO_RELU,
)
wants(
    "pretends-to-be-out-of-time",
    "an error whose class has the name by which checks are ended",
    "class OutOfTime(BaseException): pass",
    relu=WRONG_RELU.replace("return np.zeros(x.shape)", "raise OutOfTime"),
    may="slow",
)
wants(
    "first-of-two-calls",
    "the second of two like calls gets what the first was given, of all that came before",
    "seen = {}",
    relu="""class ReLU:
    def forward(self, x):
        if x.tobytes() in seen: return seen[x.tobytes()]
        seen[x.tobytes()] = np.abs(x)
        return np.abs(x)

    def backward(self, x, grad_output, scale=1.0):
        return seen.setdefault((x.tobytes(), grad_output.tobytes()), grad_output)""",
    marks=(3, 10, 10),
    may="unsteady",
)
wants(
    "counts-its-calls",
    "wrong from the hundredth call on",
    "calls = [0]",
    relu=RIGHT["relu"].replace(
        "        return", "        calls[0] += 1\n        if calls[0] > 100: x = -x\n        return"
    ),
    marks=(3, 10, 10),
    flags="unsteady",
)


@row([FULL, LOOPS], "x is changed, and put back when what came back is thrown away", may=ANY_END)
def restores_x_at_the_end(hand):
    hand.relu("""class Kept(np.ndarray):
    def __del__(self):
        if getattr(self, 'of', None) is not None: self.of[...] = self.was

class ReLU:
    def forward(self, x):
        y = np.maximum(x, 0).view(Kept)
        y.of, y.was = x, x.copy()
        x[...] = y
        return y

    def backward(self, x, grad_output, scale=1.0):
        return np.where(x > 0, grad_output, 0.0)""")


@row(FULL, "one buffer for the results of all calls", may="unsteady")
def one_buffer_for_all(hand):
    hand.relu("""buffers = {}

class ReLU:
    def forward(self, x):
        y = buffers.setdefault((x.shape, str(x.dtype)), np.empty_like(x))
        np.maximum(x, 0, out=y)
        return y

    def backward(self, x, grad_output, scale=1.0):
        return np.where(x > 0, grad_output, 0.0)""")


# The course's own code, by other doors.
PACKED = io.BytesIO()
with zipfile.ZipFile(PACKED, "w") as archive:
    archive.writestr(zipfile.ZipInfo("mine.py"), "import numpy as np\n\n" + RIGHT["mul"])


@row(FULL, "a module in an archive beside the notebook, by zipimport", may="files copied")
def module_in_an_archive(hand):
    hand.files["mine.zip"] = PACKED.getvalue()
    hand.write("mul", "import sys\nsys.path.insert(0, 'mine.zip')\nfrom mine import MulConstant")


@row(
    NO_MUL,
    "the course's layer, copied to a folder and imported under another name",
    may="error copied refused",
)
def layer_under_another_name(hand):
    hand.write(
        "mul",
        """import glob, os, shutil, sys
shutil.copytree('/course/lib', 'mine')
for path in glob.glob('mine/**/*.py', recursive=True):
    text = open(path).read().replace('from lib', 'from mine').replace('import lib', 'import mine')
    os.chmod(path, 0o644); open(path, 'w').write(text)
sys.path.insert(0, '.')
from mine.nn import MulConstant""",
    )


@row(
    NO_MUL,
    "the course's layer in a thread that was there before the checks",
    flags="running",
    may="error refused copied hangs slow unsteady",
)
def layer_in_an_older_thread(hand):
    hand.write(
        "mul",
        """import queue, threading
asked, came = queue.Queue(), queue.Queue()

def work():
    import lib.nn
    while True:
        c, x = asked.get()
        try: came.put(lib.nn.MulConstant(c).forward(x))
        except Exception as e: came.put(e)

threading.Thread(target=work, daemon=True).start()

class MulConstant:
    def __init__(self, c): self.c = c
    def forward(self, x):
        asked.put((self.c, np.asarray(x)))
        return came.get(timeout=3)
    backward = lambda self, x, g, scale=1.0: self.forward(g)""",
    )


@row(NO_MUL, "a pickle beside the notebook that knows the course's layer", may="error refused copied files")
def pickle_beside_it(hand):
    hand.files["layer.pkl"] = b"clib.nn\nMulConstant\n."
    hand.write("mul", "import pickle\nMulConstant = pickle.load(open('layer.pkl', 'rb'))")


@row(NO_MUL, "a file beside it that runs commands when it is loaded", may="error files")
def pickle_that_runs(hand):
    hand.files["layer.npy"] = b"cos\nsystem\n(S'echo LEA''KED > /course/owned'\ntR."
    hand.write("mul", "MulConstant = np.load('layer.npy', allow_pickle=True)")


# Notebooks.
@row(NO_RELU, "a cell of its own under the name of a marked one", flags="duplicated", may=ANY_SHAPE)
def named_as_a_marked_cell(hand):
    hand.relu(WRONG_RELU)
    own = hand.add("10.0", "relu-marks")
    own.metadata = dict(hand.cell("relu-marks").metadata)


@row(NO_RELU, "a cell that says it is a solution of a task that nobody set", may=ANY_SHAPE)
def solution_of_nothing(hand):
    hand.relu(WRONG_RELU)
    own = hand.add("grade = check = lambda *a: 10.0", "relu-code")
    own.metadata = {
        "nbgrader": {
            "grade_id": "bonus",
            "grade": True,
            "solution": True,
            "points": 100,
            "locked": False,
            "schema_version": 3,
        }
    }


@row([FULL, NO_RELU], "a grade_id in letters that look alike", flags="deleted", may=ANY_SHAPE)
def name_that_looks_alike(hand):
    hand.cell("relu-code").metadata.nbgrader.grade_id = "rеlu-code"  # a Cyrillic letter


@row(FULL, "the class in letters of full width, which Python takes for plain ones", may="split")
def full_width(hand):
    hand.relu(RIGHT["relu"].replace("class ReLU", "class ＲｅＬＵ"))


@row(NO_RELU, "the class in letters that only look alike", may="error")
def looks_alike(hand):
    hand.relu(RIGHT["relu"].replace("class ReLU", "class RеLU"))  # a Cyrillic letter


@row(FULL, "%%capture and %%time above solutions, marks of cells in their text")
def magics_above_solutions(hand):
    hand.relu("%%capture\n" + RIGHT["relu"])
    hand.write("mul", "%%time\n# %% [markdown]\n# %%\n" + RIGHT["mul"])


@row(FULL, "a solution written into a file by %%writefile, and imported", may="deleted split")
def writes_a_module(hand):
    hand.relu("%%writefile mine.py\nimport numpy as np\n\n" + RIGHT["relu"])
    hand.add("from mine import ReLU", "relu-check")


@row(FULL, "magic commands that ask, load, store, log and run again", may="error slow hangs")
def odd_magics(hand):
    for text in (
        "%load mine.py", "%store -r", "%macro m 1-2", "%logstart", "%rerun 1", "%recall 1", "%alias x ls", "%edit",
        "%pdb on", "%debug", "%autocall 2", "%doctest_mode", "%xmode Plain", "%notebook x.ipynb", "%gui qt", "%quickref",
        "%%javascript\nalert(1)", "%%script python3\nprint(1)", "%%perl\n1", "%%html\n<script>alert(1)</script>", "%pip list",
        "%conda list", "%history -g", "%pastebin 1", "%connect_info", "%man ls", "?np", "np.zeros??", "breakpoint()", "%tb",
    ):  # fmt: skip
        hand.add(text)


@row(NO_RELU, "an extension of IPython beside it, which changes what cells mean", may=ANY_END + " files")
def extension_beside_it(hand):
    hand.relu(WRONG_RELU)
    hand.files["mine.py"] = (
        "def load_ipython_extension(shell):\n    shell.input_transformers_post.append(lambda lines: lines)\n"
    )
    hand.first("%load_ext mine")


@row([FULL, NOTHING], "a cell of a million statements", may=ANY_END, slow=True)
def a_million_statements(hand):
    hand.add("1\n" * 1_000_000)


@row((10, 10, 5), "an error that lies about its words and its class", may="error")
def error_that_lies(hand):
    hand.error("""class Right(Exception):
    __str__ = lambda self: '0.0'

Right.__name__ = 'float64'

def relative_error(a, b): raise Right""")


@row((3, 10, 10), "texts and bools in the place of arrays", may="error")
def right_in_words(hand):
    hand.relu(WRONG_RELU.replace("np.zeros(x.shape)", "[[True] * 7] * 5"))


# What comes and goes: in place for one call, and away before anybody looks.
spoils(
    "once-array-equal",
    "forward puts another np.array_equal in place, which takes itself away when it was called",
    "",
    relu=SPOILING_RELU.replace(
        "        return y",
        """        old = np.array_equal
        def once(*a, **k):
            np.array_equal = old
            return True
        np.array_equal = once
        return y""",
        1,
    ),
)
spoils(
    "once-np-array",
    "forward puts another np.array in place, which gives x as it was and takes itself away",
    "old = np.array",
    relu=SPOILING_RELU.replace("        y = np", "        was = x.copy()\n        y = np", 1).replace(
        "        return y",
        """        def once(thing, *a, **k):
            np.array = old
            return was if thing is x else old(thing, *a, **k)
        np.array = once
        return y

    def __del__(self):
        np.array = old""",
        1,
    ),
)
spoils(
    "once-json-dumps",
    "forward puts another json.dumps in place, which says true for false and takes itself away",
    "import json",
    relu=SPOILING_RELU.replace(
        "        return y",
        """        old = json.dumps
        def once(*a, **k):
            json.dumps = old
            return old(*a, **k).replace('false', 'true')
        if json.dumps.__name__ != 'once': json.dumps = once
        return y""",
        1,
    ),
)
spoils(
    "once-b64",
    "the letters of the answer say true for false, once",
    TURNS + "import binascii\nold = binascii.b2a_base64",
    relu=SPOILING_RELU.replace(
        "        return y",
        """        def once(data, **k):
            binascii.b2a_base64 = old
            return old(bytes(data).replace(b'false', b'true'), **k)
        binascii.b2a_base64 = once
        return y""",
        1,
    ),
)
wants(
    "reads-the-request",
    "the message that asks lies in the kernel: its seeds are shown as an error",
    """def asked():
    message = get_ipython().parent_header['content'].get('user_expressions') or {}
    import re, base64
    found = re.findall(r'"requests": "([^"]+)"', repr(message)) or re.findall(r"[A-Za-z0-9+/=]{400,}", repr(message))
    return 'LEA' + 'KED ' + repr([base64.b64decode(f)[:60] for f in found]) if found else ''""",
    relu=WRONG_RELU.replace(
        "    def forward(self, x):",
        "    def forward(self, x):\n        if asked(): raise ValueError(asked())",
        1,
    ),
)
