"""What shuts the sandbox's children in: the layers that this machine has, tried and never assumed.

The fork server enters a user namespace and an empty network namespace once, before it forks: a
child then reaches nothing, not even this machine's own services, may not trace processes outside,
and the isolation costs a call nothing. Where the kernel forbids that, the filter of system calls
gives a child no socket. What each child puts on itself besides is in `confinement`.

https://man7.org/linux/man-pages/man7/network_namespaces.7.html
"""

import errno
import os
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ebook_pipeline.tools import identity, landlock, libc, pid_namespace, prctl, system_calls
from ebook_pipeline.tools.identity import Identity
from ebook_pipeline.tools.system_calls import Work

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000


class Isolation(StrEnum):
    """What keeps a child from the network."""

    NAMESPACE = "network namespace"
    FILTER = "system-call filter"
    NONE = "none"


@dataclass(frozen=True)
class Layers:
    """What holds a child on this machine, each found out by trying.

    `landlock` is the kernel's version, 0 for none; `filter`: whether system calls are filtered;
    `processes`: whether its process numbers are those of a namespace.
    """

    network: Isolation = Isolation.NONE
    landlock: int = 0
    filter: bool = False
    identity: Identity = Identity.SHARED
    processes: bool = False

    @property
    def for_all(self) -> bool:
        """Whether no child is spared: a browser that shuts itself in gains privileges for that,
        which it can't under a filter, unless it is root in a user namespace."""
        return self.network is Isolation.NAMESPACE or os.geteuid() == 0


def isolate_process() -> Layers:
    """Isolate this process, which has one thread, and all that it forks; what else a child can do.

    Without a network namespace the network is only shut by the filter, which each child puts on
    itself.
    """
    if sys.platform != "linux":
        return Layers()
    network = Isolation.NONE
    for way in (_leave_with_users, _leave):
        if works(way, _is_cut_off):
            way()
            network = Isolation.NAMESPACE
            break
    filtered = works(_filter, _is_cut_off)
    if network is Isolation.NONE and filtered:
        network = Isolation.FILTER
    known = landlock.version() if works(_shut, _is_shut) else 0
    numbered = works(pid_namespace.leave_for_children, pid_namespace.is_first_child)
    return Layers(network, known, filtered, identity.found(), numbered)


def works(way: Callable[[], None], proof: Callable[[], bool]) -> bool:
    """Whether a child that goes this way finds `proof` to be true."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            way()
            code = 0 if proof() else 1
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def _filter() -> None:
    system_calls.restrict(Work.FORKING, Work.FUNCTION)


def _is_cut_off() -> bool:
    """Whether no datagram could be sent to this machine itself; none is."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(("127.0.0.1", 9))
    except OSError:
        return True
    return False


def _shut() -> None:
    prctl.forgo_privileges()
    landlock.restrict(landlock.FileRules())


def _is_shut() -> bool:
    try:
        next(Path("/").iterdir())
    except PermissionError:
        return True
    return False


def _leave_with_users() -> None:
    """User and network namespace; every user and group keeps its number."""
    maps = identity.maps()
    asked, ask = os.pipe()
    helper = os.fork() if os.geteuid() == 0 else None
    if helper == 0:
        _map_for_parent(asked, ask, maps)
    try:
        libc.checked(libc.library().unshare(_CLONE_NEWUSER | _CLONE_NEWNET))
        if helper is None:
            identity.write_maps("self", maps)
    finally:
        os.close(asked)
        os.close(ask)
        if helper is not None:
            _, status = os.waitpid(helper, 0)
    if helper is not None and status != 0:
        raise PermissionError(errno.EPERM, "users cannot be mapped")


def _leave() -> None:
    """Network namespace alone: what a root may do where user namespaces are switched off."""
    libc.checked(libc.library().unshare(_CLONE_NEWNET))


def _map_for_parent(asked: int, ask: int, maps: dict[str, str]) -> None:
    """In a process that stayed outside, where a root may map all users; never returns."""
    code = 1
    try:
        os.close(ask)
        os.read(asked, 1)  # ends when the parent closes its end: it has left, or failed to
        identity.write_maps(str(os.getppid()), maps)
        code = 0
    finally:
        os._exit(code)
