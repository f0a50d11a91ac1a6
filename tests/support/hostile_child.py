"""What a parser that was taken over would try: each attempt says whether it succeeded."""

import ctypes
import mmap
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_LIBRARY = ctypes.CDLL(None, use_errno=True)
_FORKS = 300


@dataclass(frozen=True)
class Targets:
    """What the attempts are made on; as text, so that nothing of it is given to the call."""

    secret: str
    code: str
    outside: str
    parent: int
    address: int
    tcp: int
    udp: int
    local: str
    abstract: str


def attempts(targets: Targets) -> dict[str, bool]:
    """Every attempt by its name, and whether it succeeded."""
    return {name: _succeeds(attempt, targets) for name, attempt in ATTEMPTS.items()}


def _succeeds(attempt: Callable[[Targets], object], targets: Targets) -> bool:
    try:
        return bool(attempt(targets))
    except (OSError, ValueError, subprocess.SubprocessError, RuntimeError):
        return False


def _call(number: int, *arguments: object) -> bool:
    return int(_LIBRARY.syscall(number, *arguments)) != -1


def _done(attempt: Callable[[], object]) -> bool:
    """What raises nothing has succeeded."""
    attempt()
    return True


def _allowed_to_all(targets: Targets) -> None:
    Path(targets.secret).chmod(0o777)


def _allowed_by_handle(targets: Targets) -> None:
    with Path(targets.code).open("rb") as file:
        os.fchmod(file.fileno(), 0o644)


def _listed(folder: str) -> bool:
    return bool(os.listdir(folder))  # noqa: PTH208


def _linked(targets: Targets) -> str:
    os.symlink(targets.secret, "link")  # noqa: PTH211
    return Path("link").read_text()


def _hard_linked(targets: Targets) -> bool:
    os.link(targets.secret, "hard")
    return True


def _memory_of(targets: Targets) -> bytes:
    with Path(f"/proc/{targets.parent}/mem").open("rb") as memory:
        memory.seek(targets.address)
        return memory.read(8)


def _vm_read(targets: Targets) -> bool:
    buffer = ctypes.create_string_buffer(8)
    here = (ctypes.c_size_t * 2)(ctypes.addressof(buffer), 8)
    there = (ctypes.c_size_t * 2)(targets.address, 8)
    return int(_LIBRARY.process_vm_readv(targets.parent, here, 1, there, 1, 0)) == 8


def _connected(family: int, address: object) -> bool:
    with socket.socket(family, socket.SOCK_STREAM) as tried:
        tried.connect(address)  # type: ignore[arg-type]
    return True


def _datagram(targets: Targets) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as tried:
        return tried.sendto(b"x", ("127.0.0.1", targets.udp)) == 1


def _addressed(targets: Targets) -> bool:
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with one, other:
        return one.sendto(b"x", targets.local) == 1


def _message(targets: Targets) -> bool:
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with one, other:
        return one.sendmsg([b"x"], [], 0, targets.local) == 1


def _forks(_targets: Targets) -> bool:
    made = 0
    for _ in range(_FORKS):
        child = os.fork()
        if child == 0:
            os._exit(0)
        made += 1
    return made == _FORKS


def _threads(_targets: Targets) -> bool:
    """More threads than a call may have, none of which has ended."""
    done = threading.Event()
    threading.stack_size(64 << 10)
    try:
        for _ in range(_FORKS):
            threading.Thread(target=done.wait, daemon=True).start()
    finally:
        done.set()
    return True


def _fills_one_file(_: Targets) -> bool:
    with Path("large").open("wb") as file:
        file.truncate(5 << 30)
    return True


def _program_from_memory(_: Targets) -> bool:
    handle = os.memfd_create("program")
    return handle > 0


def _raised_limit(_: Targets) -> bool:
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
    return True


def _by_handle(targets: Targets) -> None:
    signal.pidfd_send_signal(os.pidfd_open(targets.parent), 0)


def _socket(family: int, kind: int, protocol: int = 0) -> bool:
    socket.socket(family, kind, protocol).close()
    return True


def _scheduled_first() -> None:
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))


def _network_of(targets: Targets) -> bool:
    handle = os.open(f"/proc/{targets.parent}/ns/net", os.O_RDONLY)
    return bool(_LIBRARY.setns(handle, 0) == 0)


def _killed(targets: Targets, number: int) -> bool:
    os.kill(targets.parent, number)
    return True


ATTEMPTS: dict[str, Callable[[Targets], object]] = {
    "read a secret of the vault": lambda t: Path(t.secret).read_text(),
    "list the vault": lambda t: _listed(str(Path(t.secret).parent)),
    "list the machine": lambda _: _listed("/"),
    "list the home": lambda _: _listed(str(Path.home())),
    "read the passwords of the machine": lambda _: Path("/etc/shadow").read_bytes(),
    "write our code": lambda t: _done(lambda: Path(t.code).open("a").close()),
    "write beside our code": lambda t: _done(lambda: Path(t.code).with_name("own.py").touch()),
    "write outside of its folder": lambda t: _done(lambda: Path(t.outside, "own").touch()),
    "truncate a secret": lambda t: _done(lambda: os.truncate(t.secret, 0)),
    "remove a secret": lambda t: _done(lambda: Path(t.secret).unlink()),
    "link to a secret": _linked,
    "link hard to a secret": _hard_linked,
    "open a secret to all": lambda t: _done(lambda: _allowed_to_all(t)),
    "open our code to all": lambda t: _done(lambda: _allowed_by_handle(t)),
    "give a secret away": lambda t: _done(lambda: os.chown(t.secret, 65534, 65534)),
    "make a named pipe": lambda _: _done(lambda: os.mkfifo("pipe")),
    "make a device": lambda _: _done(lambda: os.mknod("disk", 0o60600, os.makedev(8, 0))),
    "read the parent's memory": _memory_of,
    "read the parent's memory by a call": _vm_read,
    "read the parent's environment": lambda t: Path(f"/proc/{t.parent}/environ").read_bytes(),
    "list the parent's open files": lambda t: _listed(f"/proc/{t.parent}/fd"),
    "trace the parent": lambda t: _LIBRARY.ptrace(16, t.parent, 0, 0) == 0,
    "signal the parent": lambda t: _killed(t, 0),
    "stop all of its user": lambda _: _done(lambda: os.kill(-1, signal.SIGCONT)),
    "signal the parent by a handle": lambda t: _done(lambda: _by_handle(t)),
    "connect to a server": lambda t: _connected(socket.AF_INET, ("127.0.0.1", t.tcp)),
    "connect to a local socket": lambda t: _connected(socket.AF_UNIX, t.local),
    "connect to an abstract socket": lambda t: _connected(socket.AF_UNIX, t.abstract),
    "send a datagram": _datagram,
    "send to an address": _addressed,
    "send a message to an address": _message,
    "listen": lambda _: socket.create_server(("127.0.0.1", 0)),
    "start 300 processes": _forks,
    "start 300 threads": _threads,
    "start a program": lambda _: subprocess.run([sys.executable, "-c", ""]).returncode == 0,
    "start a program from memory": _program_from_memory,
    "become root": lambda _: _done(lambda: os.setuid(0)),
    "enter a user namespace": lambda _: _LIBRARY.unshare(0x10000000) == 0,
    "mount": lambda _: _LIBRARY.mount(b"none", b".", b"tmpfs", 0, None) == 0,
    "change the root": lambda _: _done(lambda: os.chroot(".")),
    "use io_uring": lambda _: _call(425, 1, ctypes.create_string_buffer(120)),
    "load a program into the kernel": lambda _: _call(321, 5, ctypes.create_string_buffer(72), 72),
    "use the kernel's keys": lambda _: _call(250, 0, -3, 1),
    "handle faults of pages": lambda _: _call(323, 1),
    "open a file by its handle": lambda _: (
        _call(304, -100, None, 0) or ctypes.get_errno() not in (1, 38)
    ),
    "share memory of others": lambda _: _call(29, 0x1234, mmap.PAGESIZE, 0o1666),
    "fill the disk by one file": _fills_one_file,
    "raise a limit": _raised_limit,
    "open a packet socket": lambda _: _socket(socket.AF_PACKET, socket.SOCK_RAW),
    "open a raw socket": lambda _: _socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP),
    "open a socket of the kernel": lambda _: _socket(socket.AF_NETLINK, socket.SOCK_RAW),
    "open a socket to the host": lambda _: _socket(socket.AF_VSOCK, socket.SOCK_STREAM),
    "use the kernel's ciphers": lambda _: _socket(socket.AF_ALG, socket.SOCK_SEQPACKET),
    "take an open file of the parent": lambda t: _call(438, os.pidfd_open(t.parent), 0, 0),
    "advise on the parent's memory": lambda t: _call(440, os.pidfd_open(t.parent), 0, 0, 21, 0),
    "compare with the parent": lambda t: _call(312, os.getpid(), t.parent, 0, 0, 0),
    "read a limit of the parent": lambda t: _call(
        302, t.parent, 7, None, ctypes.create_string_buffer(16)
    ),
    "enter the parent's network": _network_of,
    "come before all others": lambda _: _done(_scheduled_first),
    "make segments of memory": lambda _: _call(154, 0x11, ctypes.create_string_buffer(16), 16),
    "read what the kernel says": lambda _: _call(103, 3, ctypes.create_string_buffer(64), 64),
    "read the first process' environment": lambda _: Path("/proc/1/environ").read_bytes(),
    "watch the files of all": lambda _: _call(300, 0, 0),
}


def place(_given: Path, answer: str) -> Path:
    """A place that it may have been given."""
    return Path(answer)


def fill() -> None:
    """Files without end, each within its limit."""
    number = 0
    while True:
        Path(f"{number}").write_bytes(b"x" * (1 << 20))
        number += number < 200
