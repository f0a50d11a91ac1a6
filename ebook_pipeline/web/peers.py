"""Who holds the other end of a connection on this machine, by the kernel's table of sockets.

A stolen cookie is of no use to another user of the machine: browsers send it to every port of a
host, and so to a server that such a user runs. The table is Linux's; elsewhere nobody is told.
https://www.kernel.org/doc/html/latest/networking/proc_net_tcp.html
"""

import ipaddress
import os
import sys
from collections.abc import Iterator
from pathlib import Path

Address = tuple[str, int | None]
_TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_ROOT = 0
_LOCAL, _REMOTE, _USER, _INODE = 1, 2, 7, 9


def may_connect(peer: Address, own: Address) -> bool:
    """Whether `peer`, connected to `own`, is a process of this user or of root.

    True for other machines, which the token keeps out, and where there is no such table.
    """
    if not _ip(peer).is_loopback:
        return True
    ends = {(line[_LOCAL], line[_REMOTE]): line for line in _lines()}
    theirs, ours = _written(peer), _written(own)
    if not any((here, there) in ends for here in ours for there in theirs):
        return True  # not even our own end is shown
    found = (ends.get((there, here)) for there in theirs for here in ours)
    return any(_holder(line) in {os.geteuid(), _ROOT} for line in found if line)


def _holder(line: list[str]) -> int | None:
    """The user of a socket; None where no process holds it any more, for then the kernel says 0."""
    return int(line[_USER]) if line[_INODE] != "0" else None


def _lines() -> Iterator[list[str]]:
    for table in _TABLES:
        try:
            text = table.read_text(encoding="ascii")
        except OSError:  # no Linux, no IPv6, or hidden from us
            continue
        yield from (line.split() for line in text.splitlines()[1:])


def _written(address: Address) -> tuple[str, ...]:
    """The address as the tables write it: words of 32 bits in the machine's own order."""
    found = _ip(address)
    whole = [found.packed]
    if found.version == 4:
        whole.append(bytes(10) + b"\xff\xff" + found.packed)  # as a socket of both families has it
    return tuple(f"{_in_words(packed)}:{address[1] or 0:04X}" for packed in whole)


def _ip(address: Address) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    found = ipaddress.ip_address(address[0])
    return (found.version == 6 and found.ipv4_mapped) or found


def _in_words(packed: bytes) -> str:
    words = (packed[at : at + 4] for at in range(0, len(packed), 4))
    return "".join(f"{int.from_bytes(word, sys.byteorder):08X}" for word in words)
