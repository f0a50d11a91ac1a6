"""No network for the sandbox's children: what the kernel offers, tried in order, never assumed.

The fork server enters a user namespace and an empty network namespace once, before it forks: a
child then reaches nothing, not even this machine's own services, may not trace processes outside,
and the isolation costs a call nothing. Where the kernel forbids that, each child gets a system-call
filter that gives it no socket but Unix ones. Where that fails too, `Isolation.NONE` says so.

https://man7.org/linux/man-pages/man7/network_namespaces.7.html
https://man7.org/linux/man-pages/man2/seccomp.2.html
"""

import contextlib
import ctypes
import errno
import os
import platform
import socket
import struct
import sys
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP = 24, 38, 22
_SECCOMP_MODE_FILTER = 2
_CAPABILITY_VERSION_3 = 0x20080522
_CAP_LAST = 63
_KEPT_CAPABILITIES = range(6)  # those over files (chown … kill): a root's books stay readable


class Isolation(StrEnum):
    """What keeps a child from the network."""

    NAMESPACE = "network namespace"
    FILTER = "system-call filter"
    NONE = "none"


def isolate_process() -> Isolation:
    """Isolate this process, which has one thread, and all that it forks from now on.

    FILTER is only possible here: each child puts it on itself, by `deny_sockets`.
    """
    if sys.platform != "linux":
        return Isolation.NONE
    for way in (_leave_with_users, _leave):
        if _works(way):
            way()
            return Isolation.NAMESPACE
    return Isolation.FILTER if _works(deny_sockets) else Isolation.NONE


def _works(way: Callable[[], None]) -> bool:
    """Whether a child that goes this way is then without network."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            way()
            code = 1 if _reaches_out() else 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def _reaches_out() -> bool:
    """Whether a datagram could be sent to this machine itself; none is."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(("127.0.0.1", 9))
    except OSError:
        return False
    return True


def _leave_with_users() -> None:
    """User and network namespace; every user and group keeps its number."""
    maps = _identity_maps()
    asked, ask = os.pipe()
    helper = os.fork() if os.geteuid() == 0 else None
    if helper == 0:
        _map_for_parent(asked, ask, maps)
    try:
        _checked(_libc().unshare(_CLONE_NEWUSER | _CLONE_NEWNET))
        if helper is None:
            _write_maps("self", maps)
    finally:
        os.close(asked)
        os.close(ask)
        if helper is not None:
            _, status = os.waitpid(helper, 0)
    if helper is not None and status != 0:
        raise PermissionError(errno.EPERM, "users cannot be mapped")
    _drop_capabilities()


def _leave() -> None:
    """Network namespace alone: what a root may do where user namespaces are switched off."""
    _checked(_libc().unshare(_CLONE_NEWNET))
    _drop_capabilities()


def _map_for_parent(asked: int, ask: int, maps: dict[str, str]) -> None:
    """In a process that stayed outside, where a root may map all users; never returns."""
    code = 1
    try:
        os.close(ask)
        os.read(asked, 1)  # ends when the parent closes its end: it has left, or failed to
        _write_maps(str(os.getppid()), maps)
        code = 0
    finally:
        os._exit(code)


def _identity_maps() -> dict[str, str]:
    """The files that map users and groups, in the order in which they must be written."""
    if os.geteuid() != 0:
        user, group = os.geteuid(), os.getegid()
        return {"setgroups": "deny", "uid_map": f"{user} {user} 1", "gid_map": f"{group} {group} 1"}
    return {name: _same(Path(f"/proc/self/{name}").read_text()) for name in ("uid_map", "gid_map")}


def _same(mapped: str) -> str:
    rows = (line.split() for line in mapped.splitlines())
    return "\n".join(f"{first} {first} {count}" for first, _, count in rows)


def _write_maps(process: str, maps: dict[str, str]) -> None:
    for name, text in maps.items():
        Path(f"/proc/{process}/{name}").write_text(text)


def _drop_capabilities() -> None:
    """Keep those over files: nobody below may enter a namespace, trace or mount."""
    libc = _libc()
    for capability in range(_CAP_LAST + 1):
        if capability not in _KEPT_CAPABILITIES:
            libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)  # EINVAL: newer than this kernel
    kept = sum(1 << capability for capability in _KEPT_CAPABILITIES)
    header = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
    sets = struct.pack("=6I", kept, kept, 0, 0, 0, 0)
    _checked(libc.capset(header, sets))


def deny_sockets() -> None:
    """Take from this process, for good, every socket but Unix ones; OSError where it can't be.

    It cannot gain privileges afterwards: no set-user-id program works below it.
    """
    machine = _machine()
    _filter(machine.tracing, _IO_URING_SETUP, only_local_from=machine.socket)


def deny_connections() -> None:
    """As `deny_sockets`, for a program that listens to us on a port: it may not connect to any."""
    machine = _machine()
    _filter(machine.connect, machine.tracing, _IO_URING_SETUP)


class _Machine(NamedTuple):
    """The audit name of a processor and the numbers of its system calls."""

    audit: int
    socket: int
    connect: int
    tracing: int


_MACHINES = {
    "x86_64": _Machine(0xC000003E, 41, 42, 101),
    "aarch64": _Machine(0xC00000B7, 198, 203, 117),
}
_IO_URING_SETUP, _X32 = 425, 0x40000000  # io_uring opens and connects sockets of its own
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _DENY = 0x7FFF0000, 0x00050000 | errno.EPERM
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_LOCAL = (socket.AF_UNIX, 16)  # netlink, 16, speaks to the kernel only
_NEXT, _TO_ALLOW, _TO_DENY = "next", "allow", "deny"


def _machine() -> _Machine:
    if platform.machine() not in _MACHINES:
        raise OSError(errno.ENOSYS, f"no filter for {platform.machine()}")
    return _MACHINES[platform.machine()]


def _filter(*denied: int, only_local_from: int | None = None) -> None:
    """Deny this process system calls; let the one of that number open local sockets only."""
    program = _assembled(_steps(denied, only_local_from))
    code = ctypes.create_string_buffer(program)
    whole = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    libc = _libc()
    _checked(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    _checked(libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, whole))


def _steps(denied: Sequence[int], opening: int | None) -> list[tuple[int, int, str, str]]:
    """Tests in order: operation, operand, where to go if it is so and if not."""
    steps = [
        (_LOAD, _ARCHITECTURE, _NEXT, _NEXT),
        (_EQUAL, _machine().audit, _NEXT, _TO_DENY),
        (_LOAD, _NUMBER, _NEXT, _NEXT),
        (_AT_LEAST, _X32, _TO_DENY, _NEXT),
        *((_EQUAL, number, _TO_DENY, _NEXT) for number in denied),
    ]
    if opening is not None:
        steps += [
            (_EQUAL, opening, _NEXT, _TO_ALLOW),
            (_LOAD, _FIRST_ARGUMENT, _NEXT, _NEXT),
            *((_EQUAL, family, _TO_ALLOW, _NEXT) for family in _LOCAL),
            (_AT_LEAST, 0, _TO_DENY, _TO_DENY),
        ]
    return steps


def _assembled(steps: Sequence[tuple[int, int, str, str]]) -> bytes:
    """The kernel's instructions: jumps count from the next one; allow and deny come last."""
    ends = {_TO_ALLOW: len(steps), _TO_DENY: len(steps) + 1}
    code = b""
    for at, (operation, operand, yes, no) in enumerate(steps):
        jumps = (ends[to] - at - 1 if to in ends else 0 for to in (yes, no))
        code += struct.pack("=HBBI", operation, *jumps, operand)
    return code + b"".join(struct.pack("=HBBI", _RETURN, 0, 0, end) for end in (_ALLOW, _DENY))


def _checked(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _libc() -> Any:
    return ctypes.CDLL(None, use_errno=True)


def offline_launcher() -> list[str]:
    """Words to put before a command that must listen to us on a port: it then connects to none.

    The command runs all the same where the system knows no filter.
    """
    return [sys.executable, "-I", "-S", __file__]


if __name__ == "__main__":
    with contextlib.suppress(OSError):  # not this system's
        deny_connections()
    os.execv(sys.argv[1], sys.argv[1:])  # noqa: S606
