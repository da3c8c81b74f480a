"""What submissions have tried against a template, and what must not come of it: each row was a hole once, or
might be one."""

from __future__ import annotations

import signal

import pytest

from lib.grading.sandbox.privileges import INSIDE, Account
from lib.grading.sandbox.room import Room
from lib.grading.template import TemplateSandbox, client


def test_the_way_to_the_template_is_closed_in_the_fork(submit):
    """It was a socket with a path, and a submission told the template to quit."""
    found = submit(
        """
        import gc, stat
        opened = {}
        for name in os.listdir("/proc/self/fd"):
            try:
                opened[name] = os.readlink("/proc/self/fd/" + name)
            except OSError:
                pass
        found["files"] = sorted({link.partition(":[")[0] for link in opened.values()})
        kinds = []
        for name, link in opened.items():
            if link.startswith("socket:"):
                with socket.socket(fileno=os.dup(int(name))) as copy:
                    kinds.append((copy.family.name, copy.type.name))
        found["sockets"] = sorted(set(kinds))
        found["objects"] = [s.fileno() for s in gc.get_objects()
            if isinstance(s, socket.socket) and s.fileno() >= 0 and s.type == socket.SOCK_SEQPACKET]
        tops = ("/connection", "/course", "/tmp", "/dev", "/submission")
        paths = [os.path.join(where, n) for top in tops for where, _, names in os.walk(top) for n in names]
        found["paths"] = [path for path in paths if stat.S_ISSOCK(os.lstat(path).st_mode)]
        found["modules"] = [name for name in sys.modules if name.startswith("grading")]
        found["path"] = [folder for folder in sys.path if "connection" in folder]
        say()
        """
    )
    allowed = {"/dev/null", "pipe", "socket", "anon_inode", "anon_inode:[eventpoll]", "anon_inode:[eventfd]"}
    strange = {
        name for name in found["files"] if name not in allowed and not name.startswith(("/proc/", "/tmp/"))
    }
    assert strange == set()
    assert {kind for _, kind in found["sockets"]} == {"SOCK_STREAM"}  # the channel has SOCK_SEQPACKET
    assert found["objects"] == found["paths"] == found["modules"] == found["path"] == []


def test_only_three_places_can_be_written_and_none_of_them_lies_outside(submit):
    """The folder of the kernel's sockets was writable, and the grader followed a link that was left there."""
    found = submit(
        """
        for folder in ["/", "/connection", "/course", "/etc", "/dev", "/dev/pts", "/usr", "/usr/lib", "/proc",
                       "/proc/self", "/connection/template", sys.prefix, os.path.dirname(os.__file__)]:
            tried(folder, lambda: open(os.path.join(folder, "mine"), "w"))
        for file in ["/connection/passwd", "/etc/passwd", "/proc/1/oom_score_adj", "/proc/self/oom_score_adj",
                     "/proc/sys/kernel/hostname", os.__file__]:
            tried(file, lambda: open(file, "a"))
        tried("link", lambda: os.symlink("/etc/passwd", "/connection/kernel.json"))
        tried("hard link", lambda: os.link("/course/lib/__init__.py", "/submission/mine"))
        tried("mode", lambda: os.chmod("/connection", 0o777))
        for folder in ["/submission", "/tmp", "/dev/shm"]:
            tried("in " + folder, lambda: open(os.path.join(folder, "mine"), "w"))
        say()
        """
    )
    assert {name for name, word in found.items() if word == "fine"} == {
        "in /submission",
        "in /tmp",
        "in /dev/shm",
    }


LEAVE = """
    import stat
    for top in ["/submission", "/tmp", "/dev/shm"]:
        os.chdir(top)
        open("file", "w").write("left for you")
        os.symlink("/etc", "link")
        os.symlink("/connection", "folder link")
        os.mkfifo("fifo")
        socket.socket(socket.AF_UNIX).bind("socket")
        os.makedirs("closed/inside")
        open("closed/inside/file", "w").write("x")
        os.chmod("closed/inside", 0)
        os.chmod("closed", 0)
        for _ in range(1000):  # longer than any path may be
            os.mkdir("deep")
            os.chdir("deep")
        open("file", "w").write("x")
        os.chdir(top)
        tried("mode of " + top, lambda: os.chmod(top, 0o700))
        tried("attribute of " + top, lambda: os.setxattr(top, "user.left", b"for you"))
    tried("terminals", lambda: os.chmod("/dev/pts/ptmx", 0))
    os.makedirs("/tmp/matplotlib/x", exist_ok=True)
    open("/tmp/matplotlib/matplotlibrc", "w").write("figure.dpi: 7")
    say()
    """
LOOK = """
    found["files"] = [[top, os.listdir(top)] for top in ["/submission", "/dev/shm"]]
    found["tmp"] = sorted(os.listdir("/tmp"))
    found["fonts"] = [n for n in os.listdir("/tmp/matplotlib") if not n.startswith("fontlist")]
    found["modes"] = [oct(os.stat(top).st_mode) for top in ["/submission", "/tmp", "/dev/shm"]]
    found["attributes"] = [os.listxattr(top) for top in ["/submission", "/tmp", "/dev/shm"]]
    import pty
    pty.openpty()
    say()
    """


def test_nothing_that_was_written_is_seen_by_the_next(submit, sandbox):
    before = submit(LOOK)
    process = sandbox._process
    submit(LEAVE)
    assert submit(LOOK) == before
    assert sandbox._process is process, "it was emptied, not replaced"
    assert before["files"] == [["/submission", []], ["/dev/shm", []]]
    assert before["attributes"] == [[], [], []]


def test_no_memory_or_queue_of_system_v_and_no_key_can_be_left(submit):
    found = submit(
        """
        import platform
        column = ["x86_64", "aarch64"].index(platform.machine())
        system = ctypes.CDLL(None, use_errno=True).syscall
        for name, numbers in dict(shmget=(29, 194), msgget=(68, 186), semget=(64, 190), mq_open=(240, 180),
                                  keyctl=(250, 219), add_key=(248, 217), io_uring_setup=(425, 425),
                                  unshare=(272, 97), bpf=(321, 280), userfaultfd=(323, 282)).items():
            ctypes.set_errno(0)
            system(numbers[column], 0x10000000, 4096, 0o1600)
            found[name] = errno.errorcode.get(ctypes.get_errno(), "fine")
        say()
        """
    )
    assert set(found.values()) == {"EPERM"}, found


@pytest.mark.family(share=2)
def test_processes_are_limited(submit, limits):
    """400 were started where 256 were allowed: the limit does not bind where the outer user is root."""
    found = submit(
        """
        children = []
        try:
            while len(children) < 400:
                child = os.fork()
                if child == 0:
                    time.sleep(60)
                    os._exit(0)
                children.append(child)
        except OSError as error:
            found["error"] = errno.errorcode[error.errno]
        found["processes"] = len(children)
        say()
        """
    )
    assert found["error"] == "EAGAIN"
    assert 20 < found["processes"] < limits.processes


@pytest.mark.parametrize("amount", ["5 << 30", "40 << 30"])
def test_memory_is_limited(submit, sandbox, amount):
    """Above what the template has mapped; 5 GB are an error that the submission sees."""
    found = submit(
        f"""
        import numpy as np
        tried("small", lambda: np.ones(100 << 17))
        tried("large", lambda: np.ones(({amount}) >> 3))
        say()
        """
    )
    assert found == {"small": "fine", "large": "MemoryError"}
    assert sandbox.usage().ended == ""


@pytest.mark.family(share=3)
def test_memory_of_all_processes_together_is_limited(submit, sandbox):
    found = submit(
        """
        import numpy as np
        for _ in range(4):
            if os.fork() == 0:
                kept = np.ones(400 << 17)
                time.sleep(60)
                os._exit(0)
        time.sleep(20)
        say()
        """
    )
    assert found is None
    assert sandbox.usage().ended == "memory"
    assert sandbox.usage().memory > 1 << 30


@pytest.mark.family(share=3)
def test_the_disk_is_not_filled(submit, sandbox, limits):
    found = submit(
        f"""
        for number in range(20):
            with open(f"/submission/{{number}}", "wb") as file:
                file.write(bytes({limits.file_bytes - 1}))
            time.sleep(0.1)
        time.sleep(3)
        say()
        """
    )
    assert found is None
    assert sandbox.usage().ended == "disk"


DRAW = """
    import random, tempfile, uuid
    import numpy as np
    say([random.random(), np.random.rand(), np.random.default_rng().random(), str(uuid.uuid4()),
         os.path.basename(tempfile.mktemp())])
    """


def test_forks_draw_different_numbers(submit):
    first, second = submit(DRAW), submit(DRAW)
    assert [a for a, b in zip(first, second, strict=True) if a == b] == []


def test_the_template_can_be_neither_killed_nor_traced_nor_read_nor_slowed(submit, sandbox):
    before = submit("say(open('/proc/1/stat').read().rpartition(')')[2].split()[15:18])")
    process = sandbox._process
    found = submit(
        """
        import resource
        for number in sorted(signal.valid_signals()):
            tried(f"signal {number}", lambda: os.kill(1, number))
        handle = os.pidfd_open(1)
        tried("signal by handle", lambda: signal.pidfd_send_signal(handle, 9))
        for name in ["mem", "environ", "maps", "auxv", "stack", "syscall", "smaps", "pagemap"]:
            tried(name, lambda: open(f"/proc/1/{name}", "rb").read(1))
        for name in ["fd", "ns", "map_files", "cwd/", "root/"]:
            tried(name, lambda: [os.readlink(f"/proc/1/{name}/{x}") for x in os.listdir(f"/proc/1/{name}")])
        system = ctypes.CDLL(None, use_errno=True)
        def traced():
            if system.ptrace(16, 1, 0, 0) < 0:
                raise OSError(ctypes.get_errno(), "ptrace")
        tried("ptrace", traced)
        tried("limits", lambda: resource.prlimit(1, resource.RLIMIT_CPU, (1, 1)))
        tried("priority", lambda: os.setpriority(os.PRIO_PROCESS, 1, 19))
        tried("priority of the user", lambda: os.setpriority(os.PRIO_USER, 0, 19))
        tried("processors", lambda: os.sched_setaffinity(1, {0}))
        tried("scheduler", lambda: os.sched_setscheduler(1, os.SCHED_IDLE, os.sched_param(0)))
        say()
        """
    )
    assert {name for name, word in found.items() if word == "fine"} == set()
    assert submit("say(open('/proc/1/stat').read().rpartition(')')[2].split()[15:18])") == before
    assert sandbox._process is process


@pytest.mark.family(share=2)
def test_signals_to_all_reach_only_the_submission_itself(submit, sandbox):
    process = sandbox._process
    assert submit("os.kill(-1, signal.SIGTERM)", "say()") is not None or sandbox.usage().ended
    assert submit("signal.signal(2, signal.SIG_IGN); os.killpg(0, signal.SIGKILL)", "say()") is None
    assert sandbox.usage().ended == "signal 9"
    assert submit("say('here')") == "here"
    assert sandbox._process is process


def test_a_submission_has_no_rights_and_sees_only_itself(submit):
    found = submit(
        """
        words = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
        found["status"] = {name: words[name].split() for name in ["CapEff", "CapPrm", "CapBnd", "NoNewPrivs",
                                                                  "Seccomp", "Groups"]}
        found["root"] = 0 in (os.getuid(), os.geteuid(), os.getgid())
        found["processes"] = [n for n in os.listdir("/proc") if n.isdigit() and int(n) != os.getpid()]
        found["network"] = os.listdir("/sys/class/net") if os.path.exists("/sys/class/net") else []
        found["environment"] = sorted(name for name in os.environ if name.startswith(("SSH", "AWS", "XDG")))
        run = subprocess.run(["unshare", "--user", "true"], capture_output=True)
        found["unshare"] = run.returncode != 0
        tried("connect", lambda: socket.create_connection(("1.1.1.1", 80), 2))
        say()
        """
    )
    status = found["status"]
    assert status["NoNewPrivs"] == ["1"]
    assert status["Seccomp"] == ["2"]
    assert {int(status[name][0], 16) for name in ("CapEff", "CapPrm")} == {0}
    assert found["processes"] == ["1"]
    assert found["network"] == found["environment"] == []
    assert found["unshare"]
    assert not found["root"]
    assert found["connect"] in ("ENETUNREACH", "EHOSTUNREACH")


def test_no_memory_is_shared_with_the_template(submit):
    shared = submit(
        """
        say([line.strip() for line in open("/proc/self/maps") if {"w", "s"} <= set(line.split()[1])])
        """
    )
    assert shared == []


def test_patched_modules_are_not_seen_by_the_next(submit):
    submit(
        """
        import builtins, json.encoder, numpy as np, ipykernel.kernelapp, IPython
        np.testing.assert_allclose = lambda *a, **k: None
        np.sum = lambda *a, **k: 42
        builtins.sum = lambda x: 42
        sys.modules["math"] = None
        sys.path.insert(0, "/tmp")
        os.environ["LEFT"] = "for you"
        IPython.core.interactiveshell.InteractiveShell.run_cell = None
        print("SAID{}")
        """
    )
    found = submit(
        """
        import math, numpy as np
        tried("assert", lambda: np.testing.assert_allclose(1, 1))
        try:
            np.testing.assert_allclose(1, 2)
        except AssertionError:
            found["assert"] = "raises"
        say([found["assert"], int(np.sum([1, 2])), sum([1]), "/tmp" in sys.path, "LEFT" in os.environ])
        """
    )
    assert found == ["raises", 3, 1, False, False]


DAEMON = """
    def daemon():
        if os.fork():
            return
        os.setsid()
        if os.fork():
            os._exit(0)
        for number in signal.valid_signals():
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        while True:
            try:
                open("/tmp/daemon", "w").write("x")
            except OSError:
                pass
            time.sleep(0.005)
    for _ in range(5):
        daemon()
    hidden = socket.socket(socket.AF_UNIX); hidden.bind("\\0left for you"); hidden.listen()
    time.sleep(0.2)
    say([len([name for name in os.listdir("/proc") if name.isdigit()]) > 5, os.path.exists("/tmp/daemon")])
    """


def test_daemons_are_gone_before_the_next(submit):
    assert submit(DAEMON) == [True, True]
    found = submit(
        """
        tried("abstract", lambda: socket.socket(socket.AF_UNIX).connect("\\0left for you"))
        say([found, [name for name in os.listdir("/proc") if name.isdigit()], os.listdir("/tmp")])
        """
    )
    assert found[0] == {"abstract": "ECONNREFUSED"}
    assert len(found[1]) == 2
    assert "daemon" not in found[2]


@pytest.mark.family(share=2)
def test_children_of_an_ended_kernel_are_gone_too(submit):
    submit(
        "if os.fork() == 0: time.sleep(100)", "if os.fork() == 0: os.setsid(); time.sleep(100)", "os._exit(3)"
    )
    assert len(submit("say([name for name in os.listdir('/proc') if name.isdigit()])")) == 2


@pytest.mark.family(share=3)
@pytest.mark.parametrize(
    ("code", "ended"),
    [
        ("ctypes.string_at(0)", f"signal {signal.SIGSEGV.value}"),
        ("os._exit(3)", "exit 3"),
        ("os._exit(0)", "exit 0"),
        ("os.abort()", f"signal {signal.SIGABRT.value}"),
        ("os.kill(os.getpid(), 9)", "signal 9"),
    ],
)
def test_a_kernel_that_dies_says_of_what(submit, sandbox, code, ended):
    process = sandbox._process
    assert submit(code, "say()") is None
    assert sandbox.usage().ended == ended
    assert submit("say(1)") == 1
    assert sandbox._process is process


@pytest.mark.family(share=3)
@pytest.mark.parametrize(
    "code",
    [
        "signal.signal(2, signal.SIG_IGN)\nwhile True: pass",
        "for _ in range(3): os.fork()\nwhile True: pass",
    ],
)
def test_an_endless_loop_ends_with_its_cpu_time(submit, sandbox, limits, code):
    assert submit(code, "say()") is None
    usage = sandbox.usage()
    assert usage.ended == "cpu"
    assert limits.cpu_seconds <= usage.cpu_seconds < limits.cpu_seconds + 4
    assert submit("say(1)") == 1


@pytest.mark.family(share=4)
def test_a_bomb_of_forks_is_gone_before_the_next(submit, sandbox):
    submit(
        """
        first = os.getpid()
        for _ in range(12):
            try:
                os.fork()
            except OSError:
                pass
        if os.getpid() != first:
            time.sleep(99)
        say()
        """
    )
    assert len(submit("say([name for name in os.listdir('/proc') if name.isdigit()])")) == 2


@pytest.mark.family(share=2)
def test_the_same_holds_in_a_user_namespace(submit, course, limits, monkeypatch):
    """As an ordinary user has it; as root the tests above run without one."""
    monkeypatch.setattr(client, "new_account", lambda: Account(INSIDE, False))
    with TemplateSandbox(Room(course), limits) as box:
        before = submit(LOOK, box=box)
        process = box._process
        left = submit(LEAVE, box=box)
        assert left["mode of /tmp"] == "fine", "here it is the owner"
        assert submit(LOOK, box=box) == before
        submit("for top in ['/tmp', '/dev/shm', '/submission']: os.chmod(top, 0)\nsay()", box=box)
        assert submit(LOOK, box=box) == before
        submit(DAEMON, box=box)
        found = submit(
            """
            for number in sorted(signal.valid_signals()):
                tried(f"signal {number}", lambda: os.kill(1, number))
            for name in ["mem", "environ", "maps"]:
                tried(name, lambda: open(f"/proc/1/{name}", "rb").read(1))
            tried("priority", lambda: os.setpriority(os.PRIO_PROCESS, 1, 19))
            tried("root", lambda: os.setuid(0))
            run = subprocess.run(["unshare", "-U", "true"], capture_output=True)
            found["unshare"] = "fine" if run.returncode == 0 else "fails"
            for folder in ["/", "/dev", "/connection", "/course", "/etc"]:
                tried(folder, lambda: open(os.path.join(folder, "mine"), "w"))
            found["processes"] = str(len([name for name in os.listdir("/proc") if name.isdigit()]))
            say()
            """,
            box=box,
        )
        assert found.pop("processes") == "2"  # process 1, the kernel, and none of the daemons
        assert {name for name, word in found.items() if word == "fine"} == set()
        assert box._process is process
