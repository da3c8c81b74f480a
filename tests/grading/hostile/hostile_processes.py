"""Endless loops, dead kernels, processes and memory without end: the rest counts, nothing survives."""
# ruff: noqa: E501  # the cells of students

import os
from pathlib import Path

from hostile_bank import FULL, NO_MUL, NO_RELU, NOTHING, RIGHT, WRONG_RELU, row
from hostile_honest import in_forward

LOST = "no grade, the points before it are lost"
UNBOUND = "no limit"
ANY_END = "error dead slow hangs memory output"
LOOP = """while True:
    try:
        while True:
            pass
    except BaseException:
        pass"""
LOOP_INSIDE = "\n".join("        " + line for line in LOOP.split("\n"))


def survivors(root):
    """Processes of this computer that have the run's word in their command line."""
    mark = (root / "mark").read_text("utf-8") if (root / "mark").exists() else "?"
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            told = (place / "cmdline").read_bytes()
        except OSError:
            continue
        if f"daemon-{mark}".encode() in told and int(place.name) != os.getpid():
            found.append(place.name)
    return f"processes {', '.join(found)} survive" if found else ""


def first_cell(name, said, text, *, marks=FULL, **more):
    """A row whose first cell is this, all else right."""

    def make(hand):
        hand.first(text)

    make.__name__, make.__module__ = name, __name__
    row(marks, said, **more)(make)


def in_relu(name, said, lines, *, before="", marks=NO_RELU, only_later=False, **more):
    """A row whose ReLU does this in forward; `only_later`: not while the visible check runs."""

    def make(hand):
        text = lines
        if only_later:
            inside = "\n".join("    " + line for line in lines.split("\n"))
            text = f'if "check(" not in get_ipython().user_ns["In"][-1]:\n{inside}'
        hand.relu(in_forward(text, before))

    make.__name__, make.__module__ = name, __name__
    row(marks, said, **more)(make)


first_cell(
    "loop_in_a_cell",
    "a loop that ignores interrupts, in a cell of its own",
    LOOP,
    stock=LOST,
    flags="slow",
    slow=True,
)
in_relu(
    "loop_in_forward", "a loop that ignores interrupts, in forward", LOOP, stock=LOST, flags="slow", slow=True
)
in_relu(
    "loop_when_graded",
    "a loop in forward, but not in the visible check",
    LOOP,
    flags="slow",
    slow=True,
    only_later=True,
)


@row(NO_RELU, "a loop before the class in the solution's cell", stock=LOST, flags="slow", slow=True)
def loop_in_the_solution(hand):
    hand.relu(LOOP + "\n\n" + RIGHT["relu"])


@row(
    NO_MUL,
    "a loop in __init__ of the second task: the first keeps its marks",
    stock=LOST,
    flags="slow",
    slow=True,
)
def loop_in_init(hand):
    hand.write("mul", RIGHT["mul"].replace("        self.c = constant", LOOP_INSIDE))


@row(FULL, "a loop in C, which no interrupt of Python ends", stock=LOST, flags="slow", slow=True)
def loop_in_c(hand):
    hand.first("""import itertools, collections
collections.deque(itertools.repeat(None), maxlen=0)""")


@row(FULL, "a thread that counts for ever", flags="running", may="slow", slow=True)
def thread_that_counts(hand):
    hand.first("""import threading

def spin():
    while True:
        pass

threading.Thread(target=spin).start()""")


@row(FULL, "a child that counts for ever", flags="running", may="slow error", slow=True, after=survivors)
def child_that_counts(hand):
    hand.first(
        """import subprocess, sys
subprocess.Popen([sys.executable, '-c', 'while True: pass', 'daemon-@MARK@'], start_new_session=True)"""
    )


first_cell(
    "sleeps",
    "waits for ever in a cell",
    "import time\ntime.sleep(10**6)",
    stock="no grade",
    flags="hangs",
    slow=True,
)
in_relu(
    "sleeps_in_forward",
    "waits for ever in forward",
    "time.sleep(10**6)",
    before="import time",
    flags="hangs",
    slow=True,
)
in_relu(
    "sleeps_when_graded",
    "waits for ever, but not in the visible check",
    "time.sleep(10**6)",
    before="import time",
    flags="hangs",
    slow=True,
    only_later=True,
)
first_cell(
    "sleeps_deaf",
    "waits for ever with every signal ignored",
    """import signal, time
for s in signal.valid_signals():
    try:
        signal.signal(s, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
while True:
    time.sleep(100)""",
    stock="no grade",
    flags="hangs",
    slow=True,
)
first_cell(
    "reads_a_pipe",
    "reads from a pipe that nobody writes to",
    """import os
os.read(os.pipe()[0], 1)""",
    flags="hangs",
    slow=True,
)
first_cell(
    "stops_itself",
    "stops its own process",
    """import os, signal
os.kill(os.getpid(), signal.SIGSTOP)""",
    flags="hangs",
    may="dead",
    slow=True,
)
first_cell(
    "deadlock",
    "takes a lock twice",
    """import threading
lock = threading.Lock()
lock.acquire()
lock.acquire()""",
    flags="hangs",
    slow=True,
)

first_cell("exits", "os._exit in a cell", "import os\nos._exit(0)", stock=LOST, flags="dead")
in_relu(
    "exits_in_forward", "os._exit in forward", "os._exit(3)", before="import os", stock=LOST, flags="dead"
)
in_relu(
    "exits_when_graded",
    "os._exit in forward, but not in the visible check",
    "os._exit(0)",
    before="import os",
    flags="dead",
    only_later=True,
)
first_cell("exit_command", "exit() in a cell", "exit()", may="dead error")
first_cell("quit_command", "quit in a cell", "quit", may="dead error")
first_cell("sys_exit", "sys.exit() in a cell", "import sys\nsys.exit(1)", flags="error", may="dead")


@row(FULL, "exit() as the last cell", may="dead error")
def exit_at_the_end(hand):
    hand.add("exit()")


@row(FULL, "os._exit as the last cell", flags="dead", stock=LOST)
def dies_at_the_end(hand):
    hand.add("import os\nos._exit(0)")


first_cell(
    "segfault",
    "a segmentation fault",
    """import ctypes
ctypes.string_at(0)""",
    stock=LOST,
    flags="dead",
)
in_relu(
    "segfault_in_forward",
    "a segmentation fault in forward",
    "ctypes.string_at(0)",
    before="import ctypes",
    stock=LOST,
    flags="dead",
)
first_cell("aborts", "os.abort", "import os\nos.abort()", flags="dead")
first_cell(
    "kills_itself",
    "SIGKILL to itself",
    """import os, signal
os.kill(os.getpid(), signal.SIGKILL)""",
    flags="dead",
)
first_cell(
    "kills_all",
    "SIGKILL to every process that it reaches",
    """import os
for p in (os.getppid(), 1, -1):
    try:
        os.kill(p, 9)
    except OSError as e:
        print(e)""",
    flags="",
    may="dead error hangs",
)
first_cell(
    "closes_descriptors",
    "closes every file descriptor",
    """import os
os.closerange(0, 4096)""",
    flags="",
    may=ANY_END,
    slow=True,
)
first_cell(
    "closes_the_sockets",
    "closes the kernel's sockets",
    """k = get_ipython().kernel
k.shell_stream.close()
k.iopub_socket.close()""",
    may=ANY_END,
    slow=True,
)
first_cell(
    "stops_the_loop",
    "stops the event loop of the kernel",
    """import asyncio
asyncio.get_running_loop().stop() if 0 else asyncio.get_event_loop().stop()""",
    may=ANY_END,
    slow=True,
)
first_cell(
    "lowers_its_limits",
    "sets its own limits to nearly nothing",
    """import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))""",
    may=f"{ANY_END} tampered",  # whose code asks for frames can no longer be read from its file
    slow=True,
    marks=[FULL, NOTHING],
)
first_cell(
    "forks_the_kernel",
    "os.fork: two processes answer",
    "import os\npid = os.fork()",
    may=f"{ANY_END} running",
    slow=True,
)
first_cell(
    "forks_and_waits",
    "a fork whose child exits",
    """import os
if os.fork() == 0:
    os._exit(0)
os.wait()""",
    may="error",
)
first_cell(
    "at_exit",
    "a function that waits for ever when Python ends",
    """import atexit, time
atexit.register(time.sleep, 10**6)""",
)
first_cell(
    "alarms",
    "an alarm each millisecond that raises",
    """import signal

def ring(*_):
    raise RuntimeError('ring')

signal.signal(signal.SIGALRM, ring)
signal.setitimer(signal.ITIMER_REAL, 0.5, 0.02)""",
    may=ANY_END + " unsteady tampered",
    marks=None,
    slow=True,
)
first_cell(
    "interrupts_itself",
    "SIGINT to itself again and again, by a thread",
    """import os, signal, threading, time

def ring():
    while True:
        time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGINT)

threading.Thread(target=ring, daemon=True).start()""",
    may=ANY_END + " unsteady tampered running",
    marks=None,
    slow=True,
)

first_cell(
    "five_gigabytes", "5 GB in one array", "held = np.ones(5 * 2**27)", stock=UNBOUND, may="memory error dead"
)
first_cell(
    "memory_by_and_by",
    "memory without end, bit by bit",
    """held = []
while True:
    held.append(bytearray(50_000_000))""",
    stock=UNBOUND,
    may="memory error dead slow hangs",
    slow=True,
)
in_relu(
    "memory_in_forward",
    "5 GB at each call of forward",
    "held.append(np.ones(5 * 2**27))",
    before="held = []",
    may="memory error dead",
    marks=NO_RELU,
)
first_cell(
    "memory_of_children",
    "four children with 1 GB each",
    """import os, time
for _ in range(4):
    if os.fork() == 0:
        held = bytearray(b'x') * 2**30
        time.sleep(3)
        os._exit(0)
for _ in range(4):
    os.wait()""",
    stock=UNBOUND,
    may="memory error dead hangs slow",
    slow=True,
)
first_cell(
    "fork_bomb",
    "a fork bomb",
    """import os
while True:
    try:
        os.fork()
    except OSError:
        pass""",
    stock=UNBOUND,
    may=ANY_END,
    slow=True,
)
first_cell(
    "two_hundred_processes",
    "200 processes that wait",
    """import subprocess
held, refused = [], 0
for k in range(200):
    try:
        held.append(subprocess.Popen(['sleep', '1000']))
    except OSError:
        refused += 1
print('started', len(held), 'LEA' + 'KED' if refused == 0 else 'refused')""",
    stock=UNBOUND,
    flags="running",
    may="error",
    says="started",
)
first_cell(
    "two_hundred_threads",
    "200 threads that wait",
    """import threading
held = []
try:
    for k in range(200):
        held.append(threading.Thread(target=threading.Event().wait))
        held[-1].start()
except RuntimeError as e:
    print(e)
print('started', len(held))""",
    stock=UNBOUND,
    flags="running",
    may="error dead hangs",
    says="started",
    slow=True,
)
first_cell(
    "daemon",
    "a daemon that outlives its parent",
    """import subprocess, sys
code = '''import os, time
if os.fork(): os._exit(0)
os.setsid()
if os.fork(): os._exit(0)
time.sleep(3600)'''
subprocess.run([sys.executable, '-c', code, 'daemon-@MARK@'])
print('tried')""",
    stock="outlives grading",
    says="tried",
    after=survivors,
)
first_cell(
    "daemon_with_the_pipes",
    "a daemon that keeps the outputs open",
    """import subprocess, sys
subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(3600)', 'daemon-@MARK@'], stdout=1, stderr=2)
print('tried')""",
    stock="outlives grading",
    flags="running",
    says="tried",
    after=survivors,
)
first_cell(
    "daemon_that_ignores",
    "a daemon that ignores every signal",
    """import subprocess, sys
code = 'import signal, time; [signal.signal(s, signal.SIG_IGN) for s in signal.valid_signals() - {9, 19}]; time.sleep(3600)'
subprocess.Popen([sys.executable, '-c', code, 'daemon-@MARK@'], start_new_session=True)
print('tried')""",
    stock="outlives grading",
    flags="running",
    says="tried",
    after=survivors,
)


in_relu(
    "disarms_the_alarms",
    "forward takes away all alarms and handlers of signals, then loops",
    "for timer in (signal.ITIMER_REAL, signal.ITIMER_PROF, signal.ITIMER_VIRTUAL): signal.setitimer(timer, 0)\n"
    "for number in (signal.SIGALRM, signal.SIGPROF, signal.SIGINT): signal.signal(number, signal.SIG_IGN)\n"
    + LOOP,
    before="import signal",
    flags="slow",
    slow=True,
    only_later=True,
)


@row(NO_RELU, "what forward gives ends Python when it is thrown away", flags="dead", may="error")
def deadly_finalizer(hand):
    hand.relu(
        """import os

class Bomb(np.ndarray):
    def __del__(self):
        os._exit(0)

"""
        + WRONG_RELU.replace("np.zeros(x.shape)", "np.zeros(x.shape).view(Bomb)", 1)
    )


@row(FULL, "an object that ends Python when the garbage collector runs, and it is called", flags="dead")
def deadly_callback(hand):
    hand.first("""import gc, os
gc.callbacks.append(lambda *_: os._exit(0))
gc.collect()""")
