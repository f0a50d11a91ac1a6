"""Which system calls a confined process may make: a filter for the kernel, by what the work needs.

Nothing here is about files: `landlock` is. The filter stays, for all that the process starts, and
with it no set-user-id program works any more.

https://man7.org/linux/man-pages/man2/seccomp.2.html
"""

import ctypes
import errno
import functools
import os
import platform
import socket
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from ebook_pipeline.tools import libc, prctl

_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 22, 2


class Work(Enum):
    """What a process does besides computing and reading and writing its files.

    What FORKING is denied holds for all.
    """

    FORKING = auto()
    """It starts the others, and is our own code."""
    FUNCTION = auto()
    """Nothing: it starts threads, but no program and no process."""
    PROGRAM = auto()
    """It becomes another program, which is alone."""
    PROCESSES = auto()
    """It starts processes, which speak with each other by local sockets."""
    BROWSER = auto()
    """As PROCESSES, and it shuts some of them in namespaces of their own."""
    SERVER = auto()
    """It becomes another program, which listens to us on a port and connects to none."""


@dataclass(frozen=True)
class _Machine:
    """The audit name of a processor, and which of the two numbers of a system call is its own."""

    audit: int
    column: int


_MACHINES = {"x86_64": _Machine(0xC000003E, 0), "aarch64": _Machine(0xC00000B7, 1)}

_Calls = dict[str, tuple[int, int | None]]
# Numbers on x86_64 and on aarch64, which has no fork, symlink or mknod without a folder.
_NEVER: _Calls = {
    # other processes' memory, files and signals
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "process_madvise": (440, 440), "kcmp": (312, 272), "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424), "rt_tgsigqueueinfo": (297, 240),
    "rt_sigqueueinfo": (129, 138), "shmget": (29, 194), "shmat": (30, 196),
    "msgget": (68, 186), "semget": (64, 190),
    # rights to files, which Landlock leaves to their owner
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "chown": (92, None), "lchown": (94, None), "fchown": (93, 55), "fchownat": (260, 54),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7), "setxattrat": (463, 463),
    # what was the way out of other sandboxes
    "bpf": (321, 280), "io_uring_setup": (425, 425), "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427), "userfaultfd": (323, 282), "perf_event_open": (298, 241),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265), "fanotify_init": (300, 262),
    "modify_ldt": (154, None),
    # the machine itself
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "move_mount": (429, 429),
    "open_tree": (428, 428), "fsopen": (430, 430), "fsmount": (432, 432), "fspick": (433, 433),
    "mount_setattr": (442, 442), "setns": (308, 268), "mknod": (133, None), "mknodat": (259, 33),
    "kexec_load": (246, 104), "kexec_file_load": (320, 294), "init_module": (175, 105),
    "finit_module": (313, 273), "delete_module": (176, 106), "reboot": (169, 142),
    "swapon": (167, 224), "swapoff": (168, 225), "quotactl": (179, 60), "acct": (163, 89),
    "settimeofday": (164, 170), "clock_settime": (227, 112), "adjtimex": (159, 171),
    "sethostname": (170, 161), "setdomainname": (171, 162), "connect": (42, 203),
}  # fmt: skip
_BROWSERS_OWN: _Calls = {
    "unshare": (272, 97), "chroot": (161, 51), "capset": (126, 91), "setuid": (105, 146),
    "setgid": (106, 144), "setreuid": (113, 145), "setregid": (114, 143), "setgroups": (116, 159),
    "setresuid": (117, 147), "setresgid": (119, 149), "setfsuid": (122, 151),
    "setfsgid": (123, 152),
}  # fmt: skip
_OF_PROCESSES: _Calls = {
    "fork": (57, None), "vfork": (58, None), "symlink": (88, None), "symlinkat": (266, 36),
    "memfd_create": (319, 279),
}  # fmt: skip
_OF_PROGRAMS: _Calls = {"execve": (59, 221), "execveat": (322, 281)}
_OF_SOCKETS: _Calls = {
    "bind": (49, 200), "listen": (50, 201), "accept": (43, 202), "accept4": (288, 242),
}  # fmt: skip
_MESSAGES: _Calls = {"sendmsg": (46, 211), "sendmmsg": (307, 269)}
"""Their address stands in memory, where a filter can't look."""
_CLONE, _CLONE3, _SOCKET, _SENDTO = (56, 220), (435, 435), (41, 198), (44, 206)
_KILL, _TKILL, _TGKILL = (62, 129), (200, 130), (234, 131)

_THREAD, _NAMESPACES = 0x10000, 0x7E020000
_STREAM, _KIND_OF_SOCKET = 1, 0xF

_Step = tuple[int, int, str | int, str | int]
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_ALLOW, _ERROR = 0x7FFF0000, 0x00050000
_OWN = b"self"
"""Stands where a process' own number will."""
_NUMBER, _ARCHITECTURE, _X32 = 0, 4, 0x40000000
_NEXT, _TO_ALLOW, _TO_DENY, _TO_ABSENT = "next", "allow", "deny", "absent"


def restrict(*works: Work) -> None:
    """Leave this process, which is about to do all of `works`, only the system calls that it needs.

    Raises OSError where the system has no such filters, or the processor is not known here.
    """
    prctl.forgo_privileges()
    for work in works:
        program = program_for(work).replace(_OWN, struct.pack("=I", os.getpid()))
        code = ctypes.create_string_buffer(program)
        whole = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
        libc.checked(libc.library().prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, whole))


@functools.cache
def program_for(work: Work) -> bytes:
    """The filter, but for the number of the process that takes it; kept for those forked later."""
    return _assembled(list(_Filter(work, _machine().column).steps()))


def _machine() -> _Machine:
    if platform.machine() not in _MACHINES:
        raise OSError(errno.ENOSYS, f"no filter for {platform.machine()}")
    return _MACHINES[platform.machine()]


@dataclass(frozen=True)
class _Filter:
    """The tests for `work`, in order; numbers of system calls from `column`."""

    work: Work
    column: int

    def steps(self) -> Iterator[_Step]:
        """Operation, operand, where to go if it is so and if not."""
        yield (_LOAD, _ARCHITECTURE, _NEXT, _NEXT)
        yield (_EQUAL, _machine().audit, _NEXT, _TO_DENY)
        yield (_LOAD, _NUMBER, _NEXT, _NEXT)
        yield (_AT_LEAST, _X32, _TO_DENY, _NEXT)
        for number in sorted(self._denied()):
            yield (_EQUAL, number, _TO_DENY, _NEXT)
        if self.work is Work.FORKING:
            return
        yield (_EQUAL, _CLONE3[self.column], _TO_ABSENT, _NEXT)  # its flags stand in memory
        yield from self._clone()
        yield from self._sockets()
        if self._alone:
            itself = (_EQUAL, int.from_bytes(_OWN, sys.byteorder), _TO_ALLOW, _TO_DENY)
            itself = (_EQUAL, int.from_bytes(_OWN, sys.byteorder), _TO_ALLOW, _TO_DENY)
            for call in (_KILL, _TKILL, _TGKILL):
                yield from self._when(call, *_argument(0), itself)

    @property
    def _alone(self) -> bool:
        return self.work not in (Work.PROCESSES, Work.BROWSER)

    def _denied(self) -> set[int]:
        if self.work is Work.FORKING:
            return {number for call in _NEVER.values() if (number := call[self.column])}
        tables = [] if self.work is Work.BROWSER else [_BROWSERS_OWN]
        if self._alone:
            tables += [_OF_PROCESSES, _MESSAGES]
        if self.work is Work.FUNCTION:
            tables += [_OF_PROGRAMS]
        if self.work in (Work.FUNCTION, Work.PROGRAM):
            tables += [_OF_SOCKETS]
        numbers = (call[self.column] for table in tables for call in table.values())
        return {number for number in numbers if number is not None}

    def _clone(self) -> Iterator[_Step]:
        if self._alone:
            yield from self._when(_CLONE, *_argument(0), (_ANY_BIT, _THREAD, _TO_ALLOW, _TO_DENY))
        elif self.work is Work.PROCESSES:
            test = (_ANY_BIT, _NAMESPACES, _TO_DENY, _TO_ALLOW)
            yield from self._when(_CLONE, *_argument(0), test)

    def _sockets(self) -> Iterator[_Step]:
        """Which may be opened; what is sent goes to the other end and to no address."""
        if self.work in (Work.FUNCTION, Work.PROGRAM):
            yield (_EQUAL, _SOCKET[self.column], _TO_DENY, _NEXT)
        elif self.work is Work.SERVER:
            kind = (_LOAD, _low(1), _NEXT, _NEXT), (_AND, _KIND_OF_SOCKET, _NEXT, _NEXT)
            yield from self._when(_SOCKET, *kind, (_EQUAL, _STREAM, _TO_ALLOW, _TO_DENY))
        else:
            families = (socket.AF_UNIX, _NETLINK)
            yield from self._when(
                _SOCKET,
                *_argument(0),
                (_EQUAL, families[0], _TO_ALLOW, _NEXT),
                (_EQUAL, families[1], _TO_ALLOW, _TO_DENY),
            )
        yield from self._when(
            _SENDTO,
            (_LOAD, _low(4), _NEXT, _NEXT),
            (_EQUAL, 0, _NEXT, _TO_DENY),
            (_LOAD, _low(4) + 4, _NEXT, _NEXT),
            (_EQUAL, 0, _TO_ALLOW, _TO_DENY),
        )

    def _when(self, call: tuple[int, int], *steps: _Step) -> Iterator[_Step]:
        """`steps`, which end the filter, for that system call."""
        yield (_EQUAL, call[self.column], _NEXT, len(steps))
        yield from steps


_NETLINK = 16
"""A family of sockets that speaks to the kernel only."""


def _low(argument: int) -> int:
    """Where the lower half of an argument stands."""
    return 16 + 8 * argument


def _argument(argument: int) -> tuple[_Step]:
    return ((_LOAD, _low(argument), _NEXT, _NEXT),)


def _assembled(steps: list[_Step]) -> bytes:
    """The kernel's instructions: jumps count from the next one; the three ends come last."""
    ends = {_TO_ALLOW: len(steps), _TO_DENY: len(steps) + 1, _TO_ABSENT: len(steps) + 2}
    code = b""
    for at, (operation, operand, *targets) in enumerate(steps):
        jumps = [
            target if isinstance(target, int) else ends[target] - at - 1 if target in ends else 0
            for target in targets
        ]
        code += struct.pack("=HBBI", operation, *jumps, operand)
    answers = (_ALLOW, _ERROR | errno.EPERM, _ERROR | errno.ENOSYS)
    return code + b"".join(struct.pack("=HBBI", _RETURN, 0, 0, answer) for answer in answers)
