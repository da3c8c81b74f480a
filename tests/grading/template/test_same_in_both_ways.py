"""Ordinary things that students do say the same in a fork of the template and in a fresh kernel."""

from __future__ import annotations

import re

import nbformat
import pytest
from run_notebook import run_notebook

from lib.grading.sandbox.room import Limits, Room
from lib.grading.sandbox.start import open_sandbox
from lib.grading.template import TemplateSandbox

CELLS = {
    "figure": "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2])\nplt.show()",
    "figure without show": "plt.scatter([1, 2], [3, 4])",
    "inline": "%matplotlib inline\nplt.plot([1, 2]);",
    "widget": "%matplotlib widget",
    "agg": "import matplotlib\nmatplotlib.use('agg')\nprint(plt.get_backend())\nplt.plot([1])\nplt.show()",
    "tk": "matplotlib.use('tkagg')",
    "inline again": "%matplotlib inline\nprint(matplotlib.get_backend())",
    "config inline": "%config InlineBackend.figure_formats = ['svg']\nplt.plot([1, 2]); plt.close()",
    "timeit": "%timeit -n 2 -r 1 sum(range(10))",
    "time": "%time 1 + 1",
    "cell time": "%%time\nx = 5",
    "list files": "!ls",
    "shell value": "found = !echo 1 2\nfound",
    "bash": "%%bash\necho from bash; echo err >&2",
    "change folder": "%cd /tmp\n%cd -",
    "input": "input('name? ')",
    "getpass": "import getpass\ngetpass.getpass()",
    "tqdm": "from tqdm import tqdm\nfor _ in tqdm(range(3), desc='x'): pass",
    "warnings": "import warnings\nwarnings.warn('careful')",
    "deprecated": "warnings.warn('old', DeprecationWarning)",
    "logging": "import logging\nlogging.warning('w'); logging.info('i'); print(logging.getLogger().level)",
    "logging handlers": "logging.basicConfig(level=10); logging.getLogger('a').debug('d')",
    "pool": "from multiprocessing import Pool\nwith Pool(2) as pool: print(pool.map(abs, [-1, 2]))",
    "start method": "import multiprocessing as mp\nprint(mp.get_start_method(), mp.current_process().name)",
    "futures": "from concurrent.futures import *\n"
    "with ProcessPoolExecutor(1) as p: print(p.submit(abs, -3).result())",
    "thread": "import threading\nt = threading.Thread(target=print, args=('t',)); t.start(); t.join()",
    "threads": "now = threading.current_thread()\nprint(now.name, now is threading.main_thread())",
    "subprocess": "import subprocess, sys\n"
    "print(subprocess.run([sys.executable, '-c', 'import lib, sys; print(sys.flags.safe_path)'],\n"
    "                     capture_output=True, text=True).stdout)",
    "files": "open('a.txt', 'w').write('hello')\nprint(open('a.txt').read())",
    "save": "import numpy as np\nnp.save('a.npy', np.arange(3)); print(np.load('a.npy'))",
    "temporary": "import tempfile\nprint(tempfile.gettempdir())",
    "seeded": "print(np.random.default_rng(0).random(), np.random.RandomState(1).rand())",
    "unseeded": "print(0 <= np.random.rand() < 1)",
    "hash": "print(hash('text'), {'a', 'b', 'c'})",
    "argv": "print(sys.argv)",
    "folder": "import os\nprint(os.getcwd(), sorted(os.listdir()))",
    "path": "print(sys.path)",
    "environment": "print(sorted(os.environ.items()))",
    "name": "print(__name__, sys.modules['__main__'].__dict__ is globals())",
    "file": "print(__file__)",
    "names": "print([name for name in dir() if name.startswith('_') and not name[1:2].isdigit()])",
    "html": "from IPython.display import HTML, Markdown\ndisplay(HTML('<b>x</b>'), Markdown('**y**'))",
    "update": "handle = display(1, display_id='one')\nhandle.update(2)",
    "clear": "from IPython.display import clear_output\nprint(1); clear_output(); print(2)",
    "slider": "import ipywidgets as w\nw.IntSlider(3)",
    "interact": "w.interact(lambda x: print(x), x=(0, 4));",
    "await": "import asyncio\nawait asyncio.sleep(0)\nprint('awaited')",
    "run": "c = asyncio.sleep(0)\ntry: asyncio.run(c)\nfinally: c.close()",
    "task": "await asyncio.gather(*[asyncio.sleep(0, i) for i in range(3)])",
    "help": "help(len)",
    "question": "len?",
    "source": "import inspect\ndef f(): return 1\nprint(inspect.getsource(f))",
    "breakpoint": "breakpoint()",
    "pdb": "import pdb; pdb.set_trace()",
    "debug": "%debug",
    "error": "def g(x):\n    return 1 / x\ng(0)",
    "syntax": "for",
    "system exit": "raise SystemExit(2)",
    "sys.exit": "sys.exit('bye')",
    "assert": "assert 1 == 2, 'no'",
    "run_cell": "get_ipython().run_cell('print(7); 8')",
    "shell": "print(type(get_ipython()).__name__, get_ipython().execution_count)",
    "history": "print(In[1][:6], len(Out) > 0)",
    "magics": "%who_ls int",
    "writefile": "%%writefile m.py\nv = 3",
    "module": "import m\nprint(m.v, m.__file__)",
    "recursion": "print(sys.getrecursionlimit()); sys.setrecursionlimit(500)\ndef r(): r()\ntry: r()\n"
    "except RecursionError: print('deep')\nsys.setrecursionlimit(3000)",
    "gc": "import gc\nprint(gc.isenabled(), gc.get_threshold(), gc.get_freeze_count() >= 0, gc.get_debug())",
    "faulthandler": "import faulthandler\nfaulthandler.enable(); print(faulthandler.is_enabled())",
    "signals": "import signal\nprint(*map(signal.getsignal, (2, 15)))",
    "sleep": "import time\ntime.sleep(0.01)",
    "large": "print('x' * 200_000)",
    "many lines": "for i in range(2000): print(i)",
    "stderr": "print('e', file=sys.stderr)",
    "limits": "import resource\nprint(resource.getrlimit(resource.RLIMIT_NOFILE))",
    "user": "print(getpass.getuser(), os.path.expanduser('~'))",
    "platform": "import platform, locale\nprint(platform.node(), locale.getlocale(), sys.stdout.encoding)",
    "zone": "print(time.tzname)",
    "connection": "from ipykernel import get_connection_file\nget_connection_file()",
    "connection info": "%connect_info",
    "numpy error": "np.linalg.inv(np.zeros((2, 2)))",
    "numpy warns": "np.array([1.0]) / 0",
    "print options": "print(np.get_printoptions()['precision'], np.geterr())",
    "threads of numpy": "print(os.environ['OMP_NUM_THREADS'], len(os.sched_getaffinity(0)) > 0)",
    "exit": "exit()",
    "after exit": "print('still here')",
}
CHANCE = [
    (r"0x[0-9a-f]+", "0x"),
    (r"object at [0-9a-f]+", "object"),
    (r"\d+(\.\d+)?\s*(ns|µs|μs|us|ms|s|min)\b", "TIME"),
    (r"ipykernel_\d+/\d+", "CELL"),
    (r"tmp/ipython_[^/\s]*", "CELL"),
    (r"[\d.?]+(it/s|s/it)", "RATE"),
    (r"\d\d:\d\d", "CLOCK"),
    (r"IPY_MODEL_[0-9a-f]+", "MODEL"),
    (r"[0-9a-f]{32}", "ID"),
    (r"(session|kernel)-[0-9a-f-]+", "ID"),
    (r"TIME ± .*", "TIME"),
    (r"CPU times: .*", "TIMES"),
    (r"\d+\.\d+e-\d+", "RATE"),
]


def same(text: str) -> str:
    for pattern, word in CHANCE:
        text = re.sub(pattern, word, text)
    return text


def seen(outputs) -> dict:
    """What is printed on each stream, and everything else in its order."""
    printed: dict[str, str] = {}
    shown = []
    for output in outputs:
        if output.output_type == "stream":
            printed[output.name] = printed.get(output.name, "") + output.text
        elif output.output_type == "error":
            shown.append((output.ename, same(output.evalue), [same(line) for line in output.traceback]))
        else:
            shown.append({kind: same(str(value)) for kind, value in output.data.items()})
    return {"printed": {name: same(text) for name, text in printed.items()}, "shown": shown}


def executed(sandbox, folder):
    (folder / "data.csv").write_text("1,2")
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(each) for each in CELLS.values()])
    try:
        run_notebook(book, sandbox.kernel(folder), allow_errors=True, timeout=120)
    finally:
        sandbox.end() if isinstance(sandbox, TemplateSandbox) else sandbox.close()
    return {name: seen(cell.outputs) for name, cell in zip(CELLS, book.cells, strict=True)}


@pytest.mark.family(share=4)
def test_ordinary_things_say_the_same(sandbox, course, tmp_path):
    limits = Limits(cpu_seconds=60)
    said = []
    for name in ("template", "bubblewrap"):
        folder = tmp_path / name
        folder.mkdir()
        with open_sandbox(name, Room(course), limits) as opened:
            said.append(executed(opened, folder))
    forked, fresh = said
    differ = [(name, forked[name], fresh[name]) for name in CELLS if forked[name] != fresh[name]]
    assert differ == []
    assert forked["pool"]["printed"]["stdout"] == "[1, 2]\n"
    assert forked["subprocess"]["printed"]["stdout"].strip() == "True"
    assert forked["folder"]["printed"]["stdout"].startswith("/submission")
