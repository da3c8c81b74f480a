"""System calls that code in a sandbox may not make: a seccomp filter, as the kernel reads it.

All is allowed but what is named here. Refused are ways to leave something behind that outlives a submission
(System V memory, POSIX queues, keys), to look into other processes, to make namespaces and mounts, to change
the machine, and calls that programs for data do not need and that attackers of the kernel like. A call that
is newer than this file is answered as an old kernel would, so that programs do what they did before.

Source: "Seccomp BPF", docs.kernel.org/userspace-api/seccomp_filter.html.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Iterator, Mapping
from types import MappingProxyType

# name → its number on (x86_64, aarch64); None where there is no such call
REFUSED: Mapping[str, tuple[int | None, int | None]] = MappingProxyType(
    {
        # System V memory, queues and semaphores, and POSIX queues, live on without a process. (POSIX
        # semaphores and shared memory, which multiprocessing uses, are files.)
        "shmget": (29, 194),
        "shmat": (30, 196),
        "shmctl": (31, 195),
        "shmdt": (67, 197),
        "semget": (64, 190),
        "semop": (65, 193),
        "semctl": (66, 191),
        "semtimedop": (220, 192),
        "msgget": (68, 186),
        "msgsnd": (69, 189),
        "msgrcv": (70, 188),
        "msgctl": (71, 187),
        "mq_open": (240, 180),
        "mq_unlink": (241, 181),
        # So do keys.
        "add_key": (248, 217),
        "request_key": (249, 218),
        "keyctl": (250, 219),
        # Other processes
        "ptrace": (101, 117),
        "process_vm_readv": (310, 270),
        "process_vm_writev": (311, 271),
        "process_madvise": (440, 440),
        "kcmp": (312, 272),
        "pidfd_getfd": (438, 438),
        "migrate_pages": (256, 238),
        "move_pages": (279, 239),
        "ioprio_set": (251, 30),
        # Namespaces and mounts
        "unshare": (272, 97),
        "setns": (308, 268),
        "chroot": (161, 51),
        "pivot_root": (155, 41),
        "mount": (165, 40),
        "umount2": (166, 39),
        "open_tree": (428, 428),
        "move_mount": (429, 429),
        "fsopen": (430, 430),
        "fsconfig": (431, 431),
        "fsmount": (432, 432),
        "fspick": (433, 433),
        "mount_setattr": (442, 442),
        # A file by its number passes over the folders above it.
        "name_to_handle_at": (303, 264),
        "open_by_handle_at": (304, 265),
        # The kernel's inside
        "bpf": (321, 280),
        "perf_event_open": (298, 241),
        "userfaultfd": (323, 282),
        "io_uring_setup": (425, 425),
        "io_uring_enter": (426, 426),
        "io_uring_register": (427, 427),
        "lookup_dcookie": (212, 18),
        "syslog": (103, 116),
        "fanotify_init": (300, 262),
        # The machine
        "create_module": (174, None),
        "init_module": (175, 105),
        "finit_module": (313, 273),
        "delete_module": (176, 106),
        "kexec_load": (246, 104),
        "kexec_file_load": (320, 294),
        "reboot": (169, 142),
        "swapon": (167, 224),
        "swapoff": (168, 225),
        "quotactl": (179, 60),
        "quotactl_fd": (443, 443),
        "nfsservctl": (180, 42),
        "acct": (163, 89),
        "iopl": (172, None),
        "ioperm": (173, None),
        "modify_ldt": (154, None),
        "settimeofday": (164, 170),
        "clock_settime": (227, 112),
        "adjtimex": (159, 171),
        "clock_adjtime": (305, 266),
        "sethostname": (170, 161),
        "setdomainname": (171, 162),
        "vhangup": (153, 58),
    }
)
MISSING = {  # to programs it is as if this Linux were older, and they do without
    "clone3": (435, 435),  # its flags cannot be looked at; the C library falls back on clone
    "memfd_create": (319, 279),  # memory that no process has mapped, and so nobody counts
    "memfd_secret": (447, 447),
}
NEWEST = 462  # mseal, Linux 6.10; the numbers of newer calls are the same everywhere

# Calls that are refused for some arguments: name → number
CLONE, SOCKET, IOCTL = (56, 220), (41, 198), (16, 29)
PRLIMIT, SETPRIORITY = (302, 261), (141, 140)
OF_A_PROCESS = {  # the first argument says whose: not of process 1, which starts all others
    "sched_setaffinity": (203, 122),
    "sched_setscheduler": (144, 119),
    "sched_setparam": (142, 118),
    "sched_setattr": (314, 274),
}
NEW_NAMESPACES = 0x7E02_0000  # CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
FAMILIES = (1, 2, 10, 16)  # AF_UNIX, AF_INET, AF_INET6, AF_NETLINK; no AF_VSOCK, which leaves the machine
TYPED_FOR_OTHERS = (0x5412, 0x541C)  # TIOCSTI and TIOCLINUX put words into a terminal
PRIO_USER = 2

X86_64, AARCH64 = 0xC000_003E, 0xC000_00B7  # what the kernel calls the architectures
X32 = 0x4000_0000  # in the number of a call: that of the other set of calls of x86_64

# Parts of an instruction: linux/bpf_common.h, linux/seccomp.h
LOAD, EQUALS, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, KILL, ERROR = 0x7FFF_0000, 0x8000_0000, 0x0005_0000
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16  # places in `struct seccomp_data`
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, MODE_FILTER = 38, 22, 2

Instruction = tuple[int, int, int, int]  # what to do, how many to skip if true, if false, a number


def seccomp_program(machine: str = "") -> bytes:
    """The filter as `bwrap --seccomp` reads it: eight bytes an instruction, in the machine's own order.

    machine: "x86_64" or "aarch64"; this one if not given
    Raises `NotImplementedError` for other machines.
    """
    machine = machine or platform.machine()
    machines = ("x86_64", "aarch64")
    if machine not in machines:
        raise NotImplementedError(f"machine: expected one of {machines}, got {machine!r}")
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in _program(machines.index(machine)))


def install_seccomp() -> None:
    """This thread and all that it starts obey the filter from now on, for ever.

    Raises `OSError` if the kernel refuses, `NotImplementedError` for a machine without a filter.
    """
    program = seccomp_program()
    memory = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("@HP", len(program) // 8, ctypes.addressof(memory))  # struct sock_fprog
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl.argtypes = [ctypes.c_int, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_ulong]
    for option, first, second in [
        (PR_SET_NO_NEW_PRIVS, 1, None),
        (PR_SET_SECCOMP, MODE_FILTER, ctypes.cast(ctypes.c_char_p(header), ctypes.c_void_p)),
    ]:
        if prctl(option, first, second, 0, 0):
            error = ctypes.get_errno()
            raise OSError(error, f"the kernel refuses the filter of system calls: {os.strerror(error)}")


def _program(column: int) -> list[Instruction]:
    """column: 0 for x86_64, 1 for aarch64."""
    refuse, missing = _return(ERROR | errno.EPERM), _return(ERROR | errno.ENOSYS)
    program: list[Instruction] = [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUALS, 1, 0, (X86_64, AARCH64)[column]),  # skips the next: programs of other machines die
        _return(KILL),
        (LOAD, 0, 0, NUMBER),
    ]
    if column == 0:
        program += [(AT_LEAST, 0, 1, X32), _return(KILL)]
    program += [(AT_LEAST, 0, 1, NEWEST + 1), missing]
    for calls, answer in [(REFUSED, refuse), (MISSING, missing)]:
        for numbers in calls.values():
            number = numbers[column]
            if number is not None:
                program += [(EQUALS, 0, 1, number), answer]

    program += _of(CLONE[column], [(LOAD, 0, 0, _low(0)), (ANY_BIT, 0, 1, NEW_NAMESPACES), refuse])
    program += _of(IOCTL[column], [(LOAD, 0, 0, _low(1)), *_any(TYPED_FOR_OTHERS, refuse)])
    program += _of(PRLIMIT[column], [(LOAD, 0, 0, _low(0)), (EQUALS, 1, 0, 0), refuse])
    program += _of(
        SETPRIORITY[column],  # of itself only: neither another process nor all of the user
        [
            (LOAD, 0, 0, _low(0)),
            (EQUALS, 0, 1, PRIO_USER),
            refuse,
            (LOAD, 0, 0, _low(1)),
            (EQUALS, 1, 0, 0),
            refuse,
        ],
    )
    for numbers in OF_A_PROCESS.values():
        program += _of(numbers[column], [(LOAD, 0, 0, _low(0)), (EQUALS, 0, 1, 1), refuse])
    unknown = _return(ERROR | errno.EAFNOSUPPORT)
    program += _of(SOCKET[column], [(LOAD, 0, 0, _low(0)), *_any(FAMILIES, _return(ALLOW)), unknown])
    return [*program, _return(ALLOW)]


def _return(answer: int) -> Instruction:
    return (RETURN, 0, 0, answer)


def _low(argument: int) -> int:
    """Where the lower half of an argument lies: both machines are little-endian, and all here are 32 bits."""
    return ARGUMENTS + 8 * argument


def _of(number: int, then: list[Instruction]) -> Iterator[Instruction]:
    """Instructions for one call only; if they do not answer, it is allowed."""
    yield (EQUALS, 0, len(then) + 1, number)
    yield from then
    yield _return(ALLOW)


def _any(values: tuple[int, ...], answer: Instruction) -> Iterator[Instruction]:
    for value in values:
        yield (EQUALS, 0, 1, value)
        yield answer
