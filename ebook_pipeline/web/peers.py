"""Who holds the other end of a connection on this machine, by the kernel's own word.

A stolen cookie is of no use to another user of the machine: browsers send it to every port of a
host, and so to a server that such a user runs. Linux is asked by sock_diag, for one socket, in
microseconds; elsewhere nobody is told.

https://man7.org/linux/man-pages/man7/sock_diag.7.html
"""

import ipaddress
import os
import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager

Address = tuple[str, int]
_Ip = ipaddress.IPv4Address | ipaddress.IPv6Address

_ROOT = 0
_NETLINK_SOCK_DIAG, _SOCK_DIAG_BY_FAMILY, _NLM_F_REQUEST = 4, 20, 1
_MESSAGE = struct.Struct("=IHHII")  # nlmsghdr: length, type, flags, number, port
_QUESTION = struct.Struct("=BBBxI")  # inet_diag_req_v2: family, protocol, extensions, states
_ENDS = struct.Struct(">HH16s16s")  # inet_diag_sockid: ports and addresses, the asked one's first
_ANYWHERE = struct.pack("=III", 0, 0xFFFFFFFF, 0xFFFFFFFF)  # on any interface, of any cookie
_HOLDER = struct.Struct("=II")  # idiag_uid, idiag_inode
_HOLDER_AT = _MESSAGE.size + 64
_NOBODY = (_ROOT, 0)
_EVERY_STATE = 0xFFFFFFFF


def may_connect(peer: Address, own: Address) -> bool:
    """Whether `peer`, connected to `own`, is a process of this user or of root.

    True for other machines, which the token keeps out, and where the kernel does not tell: not on
    Linux, or in a container that forbids to ask.
    """
    there, here = (_ip(peer), peer[1]), (_ip(own), own[1])
    if not there[0].is_loopback or sys.platform != "linux":
        return True
    try:
        with _kernel() as kernel:
            # what is not found has gone, unless our own end is not found either
            found = _holder(kernel, there, here) or (_holder(kernel, here, there) and _NOBODY)
    except OSError:
        return True
    return found is None or _is_ours(*found)


def _is_ours(user: int, inode: int) -> bool:
    """A socket that no process holds any more is said to be root's, and has no inode."""
    return inode != 0 and user in {os.geteuid(), _ROOT}


@contextmanager
def _kernel() -> Iterator[socket.socket]:
    kind = socket.SOCK_RAW | socket.SOCK_CLOEXEC
    with socket.socket(socket.AF_NETLINK, kind, _NETLINK_SOCK_DIAG) as kernel:
        yield kernel


def _holder(
    kernel: socket.socket, asked: tuple[_Ip, int], other: tuple[_Ip, int]
) -> tuple[int, int] | None:
    """(user, inode) of the socket at `asked` that is connected to `other`; None if unknown."""
    family = socket.AF_INET if asked[0].version == 4 else socket.AF_INET6
    question = _QUESTION.pack(family, socket.IPPROTO_TCP, 0, _EVERY_STATE)
    question += _ENDS.pack(asked[1], other[1], asked[0].packed, other[0].packed) + _ANYWHERE
    size = _MESSAGE.size + len(question)
    kernel.send(_MESSAGE.pack(size, _SOCK_DIAG_BY_FAMILY, _NLM_F_REQUEST, 0, 0) + question)
    answer = kernel.recv(4096)
    if _MESSAGE.unpack_from(answer)[1] != _SOCK_DIAG_BY_FAMILY:
        return None
    user, inode = _HOLDER.unpack_from(answer, _HOLDER_AT)
    return user, inode


def _ip(address: Address) -> _Ip:
    """An IPv4 address stays one where a socket of both families writes it as IPv6."""
    found = ipaddress.ip_address(address[0])
    return (found.version == 6 and found.ipv4_mapped) or found
