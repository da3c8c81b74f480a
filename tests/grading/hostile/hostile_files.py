"""What reads, writes, connects and leaves things behind: nothing is got at, nothing outside is changed."""
# ruff: noqa: E501  # the cells of students

from hostile_bank import FULL, NAME, NOTHING, row

LEAKS = "leaks"
ANY_END = "error dead slow hangs memory output"


def spy(name, said, text, *, marks=FULL, stock="", may="error", says="tried", **more):
    """A row whose first cell tries this and prints `tried`; it prints LEAKED, in two parts, where it gets at something."""

    def make(hand):
        hand.first(f'import os, sys, glob\nGOT = "LEA" + "KED"\n{text}\nprint("tri" + "ed")')

    make.__name__, make.__module__ = name, __name__
    row(marks, said, stock=stock, may=may, says=says, **more)(make)


def opens(*paths):
    """Code that tries to read files."""
    return (
        f"for path in {list(paths)!r}:\n    for found in glob.glob(path, include_hidden=True) or [path]:\n        try:\n"
        "            with open(found, 'rb') as file:\n                file.read(10)\n            print(GOT, found)\n"
        "        except OSError as e:\n            print(type(e).__name__)"
    )


spy(
    "reads_the_solutions",
    "reads the instructor's solutions",
    opens(f"@ROOT@/solutions/{NAME}/{NAME}.ipynb", "/course/solutions/*/*", "../../../solutions/*/*"),
    stock=LEAKS,
)
spy(
    "reads_the_answers",
    "reads the answers of the tasks",
    opens("@REPO@/lib/tasks/a2/answers/relu.py", "/course/lib/tasks/a*/answers/*.py")
    + """
try:
    import lib.tasks.a2.answers.relu
    print(GOT)
except ImportError as e:
    print(e)""",
    stock=LEAKS,
)
spy(
    "reads_the_secret",
    "reads the secret of the hidden cases",
    opens(
        "@SECRET@", "@ROOT@/secret", "/root/.local/share/deep-vision-course/secret", "~/.local/share/*/secret"
    )
    + """
from lib.tasks.secret import read_secret
try:
    read_secret()
    print(GOT)
except (ValueError, ImportError, OSError) as e:
    print(e)""",
    stock=LEAKS,
)
spy(
    "reads_the_gradebook",
    "reads the gradebook",
    opens("@ROOT@/gradebook.db", "@ROOT@/grading/*/*", "@ROOT@/nbgrader_config.py"),
    stock=LEAKS,
)
spy(
    "reads_other_students",
    "reads the work of others",
    opens(f"@ROOT@/submitted/*/{NAME}/*", "../../*/*/*.ipynb", "../*/*.ipynb"),
    stock=LEAKS,
)
spy(
    "reads_its_own_notebook",
    "looks for the notebook that it is in, with the hidden tests",
    "found = [f for pattern in ('*.ipynb', '../*.ipynb', '../*/*.ipynb', '@REPO@/**/*.ipynb', '/tmp/**/*.ipynb', '/home/**/*.ipynb') for f in glob.glob(pattern, recursive=True) if '"
    + NAME
    + """' in f and 'originals' not in f and '/course/' not in os.path.realpath(f)]
if found: print(GOT, found)""",
    stock="hidden tests leak: full marks",
)
spy(
    "reads_the_environment",
    "reads the instructor's environment, of its own process and of all others",
    """import re
if os.environ.get('HOSTILE_TEST_MARK'): print(GOT)
for p in glob.glob('/proc/[0-9]*/environ') + ['/proc/self/environ']:
    try:
        if b'HOSTILE_TEST_MARK' in open(p, 'rb').read(): print(GOT, p)
    except OSError as e:
        pass""",
    stock=LEAKS,
)
spy(
    "reads_the_home",
    "reads the home folder",
    opens("~/.bashrc", "/root/.bashrc", "/root/.ssh/*", "/home/*/.*", "/root/*"),
    stock=LEAKS,
)
spy(
    "reads_passwords",
    "reads what only root can",
    opens("/etc/shadow", "/etc/gshadow", "/etc/sudoers", "/proc/kcore", "/dev/mem", "/dev/vda", "/dev/sda"),
)
spy(
    "reads_other_processes",
    "reads command lines, memory and descriptors of others",
    """mine = {os.getpid(), os.getppid()}
for p in glob.glob('/proc/[0-9]*'):
    pid = int(p.rsplit('/')[-1])
    try:
        line = open(p + '/cmdline', 'rb').read()
        if b'pytest' in line or b'hostile_table' in line or b'course.py' in line: print(GOT, line)
    except OSError: pass
for p in ('/proc/1/mem', f'/proc/{os.getppid()}/mem'):
    if os.getpid() == 1: continue
    try:
        open(p, 'r+b', 0)
        print(GOT, p)
    except OSError as e: print(e)""",
)
spy(
    "reads_its_descriptors",
    "what descriptors it has: a file or socket of the instructor's?",
    """for fd in os.listdir('/proc/self/fd'):
    try:
        to = os.readlink(f'/proc/self/fd/{fd}')
    except OSError: continue
    if '@ROOT@' in to or 'gradebook' in to or 'secret' in to: print(GOT, to)
    print(fd, to)""",
)
spy(
    "walks_the_disk",
    "walks over the whole disk for gradebooks, secrets and answers",
    """for top in ('/', ):
    for folder, folders, names in os.walk(top):
        folders[:] = [f for f in folders if os.path.join(folder, f) not in ('/proc', '/sys', '/usr', '/lib', '/lib64', '/dev')]
        if 'site-packages' in folder: folders[:] = []; continue
        for name in names:
            if name in ('gradebook.db', 'secret') or (os.path.basename(folder) == 'answers' and name.endswith('.py')): print(GOT, folder, name)""",
    slow=False,
    may="error slow",
)
spy(
    "imports_the_grader",
    "imports the grader and asks for hidden seeds",
    """try:
    from lib.tasks.grade import hidden_seeds
    from lib.tasks.secret import read_secret
    print(hidden_seeds('a2.relu', read_secret(), 5), GOT)
except Exception as e:
    print(e)""",
)

WRITES = """for path in {paths!r}:
    try:
        with open(path, 'ab') as file:
            file.write(b'owned')
        print(GOT if {strict} else 'wrote', path)
    except OSError as e:
        print(e)"""


def writes(*paths, strict=True):
    return WRITES.format(paths=list(paths), strict=strict)


def unchanged(root):
    """Nothing of the vandals' stands in the course's folder, outside of what was handed in."""
    wrong = []
    for path in root.rglob("*"):
        inside = path.relative_to(root).parts
        if inside[0] in ("submitted", "autograded", "feedback") or path.is_symlink() or not path.is_file():
            continue
        if path.name.startswith("owned") or (
            path.stat().st_size < 10**7 and path.read_bytes()[-5:] == b"owned"
        ):
            wrong.append("/".join(inside))
    return f"{', '.join(wrong)} changed" if wrong else ""


spy(
    "writes_the_gradebook",
    "writes into the gradebook",
    writes("@ROOT@/gradebook.db")
    + """
import sqlite3
try:
    sqlite3.connect('@ROOT@/gradebook.db').execute('update grade set auto_score = 1000')
    print(GOT)
except sqlite3.Error as e:
    print(e)""",
    stock="every student's grade changed",
    after=unchanged,
)
spy(
    "writes_the_course",
    "writes into the course, the tasks and Python",
    writes(
        "/course/lib/tasks/trace.py",
        "/course/owned.py",
        "/course/lib/tasks/a2/relu.py",
        "@REPO@/owned",
        "@ROOT@/owned",
        "{site}/owned.py",
    ).replace("'{site}/owned.py'", "np.__path__[0] + '/owned.py'"),
    after=unchanged,
)
spy(
    "writes_the_system",
    "writes into the system, the devices and the folder above",
    writes(
        "/etc/owned",
        "/usr/owned",
        "/usr/bin/python3",
        "/root/owned",
        "/home/owned",
        "/owned",
        "/var/owned",
        "/proc/sys/kernel/core_pattern",
        "/sys/kernel/mm/transparent_hugepage/enabled",
        "/proc/1/oom_score_adj",
    ),
    after=unchanged,
)
spy(
    "writes_to_tmp",
    "leaves files in every folder that can be written",
    """for folder in ('/tmp', '/dev/shm', '/var/tmp', '/run', '/dev/mqueue', '..', '.', os.path.expanduser('~')):
    try:
        open(folder + '/owned-by-a-vandal', 'w').write('import this')
        print(folder)
    except OSError as e:
        print(e)""",
    after=unchanged,
)
spy(
    "links_to_the_gradebook",
    "symbolic links in its folder to the instructor's files",
    f"for name in ('{NAME}.ipynb', 'result.json', 'out.ipynb', 'kernel.json', 'numbers.csv'):\n    try:\n        os.symlink('@ROOT@/gradebook.db', name)\n    except OSError as e:\n        print(e)\nos.symlink('@ROOT@', 'folder')\nos.symlink('/', 'root')",
    after=unchanged,
)
spy(
    "replaces_the_connection_file",
    "symbolic links in the place of the kernel's connection file and sockets",
    """import ipykernel
try:
    place = ipykernel.get_connection_file()
except OSError:  # a kernel of the template's has none
    place = os.path.expanduser('~/.local/share/jupyter/runtime/kernel-1.json')
for path in [place, *glob.glob(os.path.dirname(place) + '/*')]:
    try:
        os.unlink(path)
        os.symlink('@ROOT@/owned-link', path)
        print('replaced', path)
    except OSError as e:
        print(e)""",
    may=ANY_END,
    after=unchanged,
    marks=None,
    slow=True,
)
spy(
    "odd_files",
    "pipes, sockets, names of odd bytes, a folder that nobody may enter",
    """import socket
os.mkfifo('pipe.csv')
socket.socket(socket.AF_UNIX).bind('socket')
open(b'\\xff\\xfe', 'w').close()
open('a\\nb', 'w').close()
open('x' * 255, 'w').close()
os.mkdir('closed')
open('closed/f', 'w').close()
os.chmod('closed', 0)
os.chmod('.', 0o500)""",
    after=unchanged,
)
spy(
    "deep_folders",
    "a folder in a folder in a folder, 1,500 deep",
    """for _ in range(1500):
    os.mkdir('d' * 60)
    os.chdir('d' * 60)""",
    after=unchanged,
)
spy(
    "many_files",
    "20,000 files",
    """for k in range(20_000):
    open(f'f{k}', 'w').close()""",
    may="disk",  # it is ended, unless it is done before anybody has looked
    says="",
    after=unchanged,
)
spy(
    "fills_the_disk",
    "files of 100 MB without end, in every folder",
    """total = 0
for folder in ('.', '/tmp', '/dev/shm', '/var/tmp'):
    for k in range(8):
        try:
            with open(f'{folder}/large{k}', 'wb') as file:
                file.write(bytes(100_000_000))
            total += 1
        except OSError as e:
            print(folder, e)
            break
print(total * 100, 'MB', GOT if total > 20 else '')""",
    may="error memory dead output slow disk",
    says="",
)
spy(
    "removes_its_folder",
    "removes the folder that it works in",
    """import shutil
shutil.rmtree('.', ignore_errors=True)
shutil.rmtree(os.getcwd(), ignore_errors=True)""",
    may="error",
)
spy(
    "hidden_numbers_in_the_folder",
    "looks for files that the grader has put beside it",
    """found = [f for f in glob.glob('**', recursive=True, include_hidden=True) if os.path.isfile(f)]
print(found)
for f in found:
    if b'expected' in open(f, 'rb').read(): print(GOT, f)""",
)

spy(
    "asks_names",
    "asks for names and connects to the network",
    """import socket
socket.setdefaulttimeout(2)
for call in (lambda: socket.getaddrinfo('example.com', 80), lambda: socket.create_connection(('1.1.1.1', 53)), lambda: socket.create_connection(('127.0.0.1', @PORT@)), lambda: socket.create_connection(('::1', @PORT@))):
    try:
        call()
        print(GOT)
    except OSError as e:
        print(e)""",
    stock="the network is there",
)
spy(
    "abstract_sockets",
    "connects to a socket of this computer that has no path",
    """import socket
try:
    socket.socket(socket.AF_UNIX).connect('\\0hostile-@MARK@')
    print(GOT)
except OSError as e:
    print(e)""",
)
spy(
    "path_sockets",
    "looks for sockets and connects to them",
    """import socket
try: mine = os.path.dirname(__import__('ipykernel').get_connection_file())
except OSError: mine = '/connection'  # a fork's kernel has no such file
for top in ('/run', '/var/run', '/tmp', '@ROOT@', mine, os.path.dirname(mine)):
    for folder, folders, names in os.walk(top):
        for name in names:
            path = os.path.join(folder, name)
            try:
                s = socket.socket(socket.AF_UNIX); s.settimeout(1); s.connect(path); s.close()
                print('connected', path)
                if 'kernel' not in name and not any(name.endswith(f'-{k}') for k in range(1, 6)): print(GOT)
            except OSError: pass""",
)
spy(
    "system_v_memory",
    "shared memory, queues and semaphores of System V",
    """import ctypes
libc = ctypes.CDLL(None, use_errno=True)
for made in (libc.shmget(@KEY@, 4096, 0o666), ):
    if made >= 0: print(GOT)
print(libc.shmget(777, 4096, 0o1666), libc.msgget(777, 0o1666), libc.semget(777, 1, 0o1666))""",
)
spy(
    "traces_others",
    "ptrace and process_vm_readv of its parent and of process 1",
    """import ctypes
libc = ctypes.CDLL(None, use_errno=True)
for pid in {os.getppid(), 1} - {os.getpid()}:
    if pid and libc.ptrace(16, pid, 0, 0) == 0: print(GOT, 'ptrace', pid)
buffer = ctypes.create_string_buffer(8)
class V(ctypes.Structure):
    _fields_ = [('b', ctypes.c_void_p), ('n', ctypes.c_size_t)]
local, remote = V(ctypes.addressof(buffer), 8), V(id(buffer), 8)
for pid in {os.getppid(), 1} - {os.getpid()}:
    if pid and libc.process_vm_readv(pid, ctypes.byref(local), 1, ctypes.byref(remote), 1, 0) > 0: print(GOT, 'read', pid)""",
    may="error dead",
)
spy(
    "new_namespaces",
    "new namespaces, mounts, keys, and other doors of the kernel",
    """import ctypes
libc = ctypes.CDLL(None, use_errno=True)
for flag in (0x10000000, 0x20000, 0x40000000, 0x8000000):
    if os.fork() == 0:
        os._exit(0 if libc.unshare(flag) == 0 else 1)
    if os.wait()[1] == 0: print(GOT, 'unshare', hex(flag))
if libc.mount(b'none', b'/tmp', b'tmpfs', 0, None) == 0: print(GOT, 'mount')
if libc.chroot(b'.') == 0: print(GOT, 'chroot')
if libc.syscall(250, 0, -3, 1) >= 0: print(GOT, 'keyctl')
if libc.syscall(321, 0, 0, 0) >= 0: print(GOT, 'bpf')
if libc.syscall(323, 0) >= 0: print(GOT, 'userfaultfd')
if libc.syscall(425, 1, ctypes.create_string_buffer(120)) >= 0: print(GOT, 'io_uring')
if libc.syscall(298, ctypes.create_string_buffer(128), 0, -1, -1, 0) >= 0: print(GOT, 'perf_event_open')""",
    may="error dead",
)
spy(
    "becomes_root",
    "becomes root by setuid, sudo and a file with the bit",
    """import subprocess
for call in (lambda: os.setresuid(0, 0, 0), lambda: os.setgroups([0])):
    try:
        call()
        print(GOT if os.path.exists('/root/.bashrc') else 'root of nothing')
    except OSError as e:
        print(e)
for command in ('sudo -n true', 'su -c true', 'mount -t tmpfs x /mnt', 'chown 0 .'):
    try:
        if subprocess.run(command, shell=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=5).returncode == 0: print('ran', command)
    except subprocess.TimeoutExpired: pass""",
)
spy(
    "makes_devices",
    "makes a device and a file that belongs to root",
    """import stat
try:
    os.mknod('disk', stat.S_IFBLK | 0o666, os.makedev(254, 0))
    open('disk', 'rb').read(1)
    print(GOT)
except OSError as e:
    print(e)""",
)
spy(
    "terminal",
    "pushes letters into the instructor's terminal",
    """import fcntl, termios
for path in ('/dev/tty', '/dev/pts/0', '/dev/console', 0, 1, 2):
    try:
        fd = os.open(path, os.O_RDWR) if isinstance(path, str) else path
        fcntl.ioctl(fd, termios.TIOCSTI, b'x')
        print(GOT)
    except OSError as e:
        print(e)""",
)
spy(
    "history",
    "reads the history of cells: In, _ih, %history, history.sqlite",
    """shell = get_ipython()
told = '\\n'.join(map(str, [*shell.user_ns['In'], *shell.user_ns['_ih'], *(t for *_, t in shell.history_manager.search('*')), *glob.glob(os.path.expanduser('~/.ipython/**/history.sqlite'), recursive=True)]))
word = 'gra' + 'de('
if word in told: print(GOT, told)""",
)

# Files beside the notebook.


def beside(name, said, files, *, marks=FULL, stock="", may="", links=(), **more):
    def make(hand):
        hand.files.update(files)
        hand.links.update(links)

    make.__name__, make.__module__ = name, __name__
    row(marks, said, stock=stock, may=may, **more)(make)


SHOUT = """print("LEA" + "KED")
raise SystemExit("mine")
"""
beside("shadows_numpy", "a folder numpy/", {"numpy/__init__.py": SHOUT}, stock="shadows numpy")
beside(
    "shadows_the_course",
    "a folder lib/ with tasks of its own",
    {"lib/__init__.py": SHOUT, "lib/tasks/__init__.py": SHOUT, "data_loaders/__init__.py": SHOUT},
    stock="shadows the course",
)
beside(
    "shadows_the_standard_library",
    "json.py, random.py, string.py, types.py, io.py, zmq/",
    {
        f"{name}.py": SHOUT
        for name in (
            "json",
            "random",
            "string",
            "types",
            "io",
            "threading",
            "zmq",
            "ipykernel",
            "IPython",
            "traitlets",
            "sitecustomize",
            "usercustomize",
            "conftest",
        )
    },
)
beside(
    "python_startup_files",
    "what Python and IPython read at the start",
    {
        "evil.pth": "import os; os._exit(7)\n",
        ".pdbrc": SHOUT,
        "pyvenv.cfg": "home = /tmp\n",
        "python._pth": ".\n",
        ".ipython/profile_default/startup/00.py": SHOUT,
        ".ipython/profile_default/ipython_config.py": SHOUT,
        ".local/lib/python3.11/site-packages/usercustomize.py": SHOUT,
        ".config/matplotlib/matplotlibrc": "backend: nonsense\n",
    },
)
beside(
    "jupyter_settings",
    "settings of Jupyter and of nbgrader",
    dict.fromkeys(
        (
            "jupyter_config.py",
            "ipython_config.py",
            "ipykernel_config.py",
            "ipython_kernel_config.py",
            "nbgrader_config.py",
            "jupyter_server_config.py",
            ".jupyter/jupyter_config.py",
        ),
        SHOUT,
    )
    | {"jupyter_config.json": '{"KernelManager": {"kernel_cmd": ["false"]}}'},
)
beside(
    "matplotlibrc",
    "settings of matplotlib that are wrong",
    {"matplotlibrc": "backend: nonsense\n"},
    may="error",
)
beside(
    "hidden_folders",
    "a folder .git, caches, and what systems leave",
    {
        ".git/config": """[core]
\tfsmonitor = touch owned
""",
        "__MACOSX/._x": b"\0",
        ".DS_Store": b"\0",
        "Thumbs.db": b"\0",
        "__pycache__/x.pyc": b"\0",
        ".ipynb_checkpoints/x-checkpoint.ipynb": "{}",
    },
)
beside("large_files", "30 MB of data beside it", {"data.bin": bytes(30_000_000)}, flags="files")
beside(
    "many_files_beside_it",
    "2,000 files beside it",
    {f"data/{k}.txt": str(k) for k in range(2000)},
    flags="files",
)
beside(
    "linked_file",
    "a file beside it that is a link to the gradebook and the solutions",
    {},
    links={
        "numbers.csv": "@ROOT@/gradebook.db",
        "solution.ipynb": f"@ROOT@/solutions/{NAME}/{NAME}.ipynb",
    }.items(),
    stock="copied",
)
beside(
    "linked_loop",
    "a link to the folder that it is in, and a link to nothing",
    {},
    links={"again": ".", "up": "..", "nothing": "nowhere"}.items(),
)


@row(FULL, "reads the files that links beside it lead to", stock="copied", may="error", says="tried")
def reads_through_links(hand):
    hand.links |= {"book.csv": "@ROOT@/gradebook.db", "key.py": "@SECRET@", "sources": "@ROOT@/solutions"}
    hand.first(
        """import os
for name in ("book.csv", "key.py", f"sources/"""
        + NAME
        + "/"
        + NAME
        + """.ipynb"):
    try:
        open(name, "rb").read()
        print("LEA" + "KED", name)
    except OSError as e:
        print(e)
print("tri" + "ed")"""
    )


@row(
    NOTHING, "the notebook is a link to the solutions", flags="missing", may="unreadable", stock="full marks"
)
def notebook_is_a_link(hand):
    hand.file = ""
    hand.links[f"{NAME}.ipynb"] = f"@ROOT@/solutions/{NAME}/{NAME}.ipynb"


@row(NOTHING, "the notebook is a link that leads round in a circle", flags="missing", may="unreadable")
def notebook_is_a_circle(hand):
    hand.file = ""
    hand.links[f"{NAME}.ipynb"] = f"{NAME}.ipynb"


@row(NOTHING, "a folder under the name of the notebook", flags="missing", may="unreadable")
def notebook_is_a_folder(hand):
    hand.file = ""
    hand.files[f"{NAME}.ipynb/x.txt"] = "x"


# One that leaves things behind, and one that looks for them; the finder's name comes last.

TRACES = """import ctypes, gc, os, subprocess, sys, threading
libc = ctypes.CDLL(None, use_errno=True)
for folder in ("/tmp", "/dev/shm", "/var/tmp", "/run", "..", ".", os.path.expanduser("~"), "/data", "/course", "/"):
    try:
        open(f"{folder}/owned-@MARK@", "w").write("owned")
    except OSError:
        pass
print(libc.shmget(4711, 4096, 0o1666), libc.msgget(4711, 0o1666), libc.semget(4711, 1, 0o1666))
np.owned = sys.owned = True
import matplotlib, json
json.owned = matplotlib.owned = True
os.environ["OWNED"] = "1"
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)", "daemon-@MARK@"], start_new_session=True)
import socket
held = socket.socket(socket.AF_UNIX); held.bind("\\0owned-@MARK@"); held.listen()
print("tried")"""
FINDS = """import ctypes, glob, json, os, socket, sys
import matplotlib
libc = ctypes.CDLL(None, use_errno=True)
found = [p for folder in ("/tmp", "/dev/shm", "/var/tmp", "/run", "..", ".", os.path.expanduser("~"), "/data", "/course", "/") for p in glob.glob(f"{folder}/owned*", include_hidden=True)]
found += [name for name, made in {"shm": libc.shmget(4711, 4096, 0), "msg": libc.msgget(4711, 0), "sem": libc.semget(4711, 1, 0)}.items() if made >= 0]
found += [m.__name__ for m in (np, sys, json, matplotlib) if hasattr(m, "owned")]
found += ["environ"] * ("OWNED" in os.environ)
for p in glob.glob("/proc/[0-9]*/cmdline"):
    try:
        if b"daemon-" in open(p, "rb").read(): found.append(p)
    except OSError: pass
try:
    socket.socket(socket.AF_UNIX).connect("\\0owned-@MARK@"); found.append("socket")
except OSError: pass
if found: print("LEA" + "KED", found)
print("tri" + "ed")"""


@row(
    FULL,
    "leaves files, memory, names, a daemon and a socket behind",
    stock="outlives grading",
    flags="running",
    may="error dead",
    says="tried",
)
def y_leaves_traces(hand):
    hand.first(TRACES)


@row(FULL, "looks for what others have left behind", says="tried")
def z_finds_traces(hand):
    hand.first(FINDS)
