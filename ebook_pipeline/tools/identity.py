"""Who a child is: a user of its own where we are root, else itself in a user namespace of its own.

Either way the kernel counts its processes apart from all others, and it keeps no privilege but, of
a root, those over files: a root's books stay readable, and Landlock says which.

https://man7.org/linux/man-pages/man7/user_namespaces.7.html, capabilities.7
"""

import os
import struct
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

from ebook_pipeline.tools import libc

_CLONE_NEWUSER = 0x10000000
_PR_SET_KEEPCAPS, _PR_CAPBSET_DROP, _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE = 8, 24, 47, 2
_CAPABILITY_VERSION_3 = 0x20080522
_CAP_LAST, _CAP_SETUID = 63, 7
_KEPT = range(5)
"""CAP_CHOWN, DAC_OVERRIDE, DAC_READ_SEARCH, FOWNER, FSETID"""
_FIRST_USER, _USERS = 61184, 4096
"""Numbers that no user has: systemd's range for services without one, https://systemd.io/UIDS-GIDS/"""


class Identity(StrEnum):
    """As whom a child runs."""

    USER = "own user"
    NAMESPACE = "own user namespace"
    SHARED = "our user"


def found() -> Identity:
    """What is possible here, by trying in a child."""
    for identity in (Identity.USER, Identity.NAMESPACE):
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                take(identity, 0)
                code = 0
            finally:
                os._exit(code)
        if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0:
            return identity
    return Identity.SHARED


def take(identity: Identity, call: int) -> None:
    """Become the child of that call and give up what it does not need. Raises OSError."""
    if identity is Identity.USER:
        _become(_FIRST_USER + call % _USERS)
        return
    if identity is Identity.NAMESPACE:
        known = maps()
        libc.checked(libc.library().unshare(_CLONE_NEWUSER))
        write_maps("self", known)
    _set_capabilities(() if os.geteuid() else _KEPT)


def _become(user: int) -> None:
    """Files that it makes are ours all the same, until it becomes another program."""
    ours = os.geteuid()
    if ours != 0:
        raise PermissionError("only root becomes another user")
    library = libc.library()
    os.setgroups([])
    os.setresgid(user, user, user)
    libc.checked(library.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0))
    os.setresuid(user, user, user)
    _set_capabilities((*_KEPT, _CAP_SETUID))
    library.setfsuid(ours)
    _set_capabilities(_KEPT)
    for capability in _KEPT:  # for a program that it becomes
        libc.checked(library.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, capability, 0, 0))


def bound() -> None:
    """Let no program that this process or a child of it becomes have more than files need."""
    for capability in set(range(_CAP_LAST + 1)).difference(_KEPT):
        libc.library().prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)  # may be newer than the kernel


def _set_capabilities(kept: Iterable[int]) -> None:
    mask = sum(1 << capability for capability in kept)
    inherited = mask & ~(1 << _CAP_SETUID)
    header = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
    sets = struct.pack("=6I", mask, mask, inherited, 0, 0, 0)
    libc.checked(libc.library().capset(header, sets))


def maps() -> dict[str, str]:
    """The files that map every user and group to itself, in the order in which they are written."""
    if os.geteuid() != 0:
        user, group = os.geteuid(), os.getegid()
        return {"setgroups": "deny", "uid_map": f"{user} {user} 1", "gid_map": f"{group} {group} 1"}
    return {name: _same(Path(f"/proc/self/{name}").read_text()) for name in ("uid_map", "gid_map")}


def write_maps(process: str, files: dict[str, str]) -> None:
    """Give the user namespace of that process its users and groups."""
    for name, text in files.items():
        Path(f"/proc/{process}/{name}").write_text(text)


def _same(mapped: str) -> str:
    rows = (line.split() for line in mapped.splitlines())
    return "\n".join(f"{first} {first} {count}" for first, _, count in rows)
