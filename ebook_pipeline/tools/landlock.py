"""Landlock: which files a process may open from now on, for good, with all that it starts.

What no rule names can't be read, written, run or listed; TCP, abstract Unix sockets and signals to
processes outside are shut where the kernel knows how. It needs no privilege. What it does not hide
is that a file exists, and, before the kernel's Landlock 9, Unix sockets that have a path.

https://docs.kernel.org/userspace-api/landlock.html
"""

import contextlib
import fcntl
import os
import stat
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ebook_pipeline.tools import libc

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION, _PATH_BENEATH, _NET_PORT = 1, 1, 2

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_DIR, _REMOVE_FILE, _MAKE_DIR, _MAKE_REG = 1 << 4, 1 << 5, 1 << 7, 1 << 8
_MAKE_SOCK, _MAKE_FIFO, _MAKE_SYM = 1 << 9, 1 << 10, 1 << 12
_REFER, _TRUNCATE, _IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_BIND_TCP, _CONNECT_TCP = 1 << 0, 1 << 1

_READ = _READ_FILE | _READ_DIR
_CHANGE = _WRITE_FILE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG | _REFER | _TRUNCATE
_SPECIAL = _MAKE_SOCK | _MAKE_FIFO | _MAKE_SYM
_OF_A_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
_HANDLED = {1: (1 << 13) - 1, 2: _REFER, 3: _TRUNCATE, 5: _IOCTL_DEV}
"""Rights over files by the version that knows them first."""

_FIRST_HELD = 10


@dataclass(frozen=True)
class FileRules:
    """Paths, each with all below it; those that do not exist are passed over.

    `run` may be read and executed; in `write` plain files and folders may be made, changed and
    removed; in `own` links, sockets and pipes besides, which nobody outside must come across.
    """

    read: tuple[Path, ...] = ()
    run: tuple[Path, ...] = ()
    write: tuple[Path, ...] = ()
    own: tuple[Path, ...] = ()

    def rights(self) -> Iterable[tuple[Path, int]]:
        changed = _READ | _CHANGE
        for paths, right in (
            (self.read, _READ),
            (self.run, _READ | _EXECUTE),
            (self.write, changed),
            (self.own, changed | _SPECIAL),
        ):
            yield from ((path, right) for path in paths)


def version() -> int:
    """The kernel's Landlock, 1 and up; 0 where it has none or it is switched off."""
    try:
        return libc.system_call(_CREATE_RULESET, None, 0, _VERSION)
    except OSError:
        return 0


class OpenedRules:
    """Rules whose paths are looked up once, for many processes that are forked from this one.

    They are held by numbers that no such process has its standard files at.
    """

    def __init__(self, rules: FileRules = FileRules()) -> None:
        self.opened = [_moved_up(rule) for rule in _opened(rules, _handled(version()))]


class ProcessFolder:
    """What /proc has of a process, held open for as long as a rule over it shall hold.

    A rule is over what a name meant when it was made. /proc makes a process' folder anew after the
    kernel has dropped its name, as it does with unused ones when memory is short: without this the
    process can't read about itself from then on.
    """

    def __init__(self, pid: int) -> None:
        self._place: int | None = None
        with contextlib.suppress(OSError):  # it has ended, or this is no Linux
            self._place = os.open(f"/proc/{pid}", os.O_PATH | os.O_CLOEXEC)

    def close(self) -> None:
        if self._place is not None:
            os.close(self._place)
            self._place = None


def restrict(rules: FileRules, fixed: OpenedRules | None = None, *, listens: bool = False) -> None:
    """Hold this process to `rules`, and to those that were `fixed` before it was forked.

    It may listen on a port of the kernel's choice where it must. It must have no_new_privs, or
    CAP_SYS_ADMIN. Raises OSError, ENOSYS where there is no Landlock.
    """
    known = version()
    handled = _handled(known)
    ruleset = _ruleset(known, handled)
    own = [*_opened(rules, handled)]
    for rule in (*(fixed.opened if fixed else ()), *own):
        _add(ruleset, _PATH_BENEATH, rule.packed)
    if listens and known >= 4:
        _add(ruleset, _NET_PORT, struct.pack("=QQ", _BIND_TCP, 0))
    libc.system_call(_RESTRICT_SELF, ruleset, 0)
    for place in (*(rule.place for rule in own), ruleset):
        os.close(place)


@dataclass(frozen=True)
class _Rule:
    """An open path, what is allowed there, and both as the kernel reads them."""

    place: int
    allowed: int
    packed: bytes


def _rule(place: int, allowed: int) -> _Rule:
    return _Rule(place, allowed, struct.pack("=Qi", allowed, place))


def _moved_up(rule: _Rule) -> _Rule:
    place = fcntl.fcntl(rule.place, fcntl.F_DUPFD_CLOEXEC, _FIRST_HELD)
    os.close(rule.place)
    return _rule(place, rule.allowed)


def _handled(known: int) -> int:
    return sum(rights for first, rights in _HANDLED.items() if known >= first)


def _ruleset(known: int, files: int) -> int:
    """A file of the rules to come: what the kernel knows is forbidden until a rule allows it."""
    network = _BIND_TCP | _CONNECT_TCP if known >= 4 else 0
    scoped = 0b11 if known >= 6 else 0  # abstract sockets, signals
    words = [files, network, scoped][: 3 if known >= 6 else 2 if known >= 4 else 1]
    wanted = struct.pack(f"={len(words)}Q", *words)
    return libc.system_call(_CREATE_RULESET, wanted, len(wanted), 0)


def _opened(rules: FileRules, handled: int) -> Iterator[_Rule]:
    for path, rights in rules.rights():
        try:
            place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue
        allowed = rights & handled
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            allowed &= _OF_A_FILE
        yield _rule(place, allowed)


def _add(ruleset: int, kind: int, rule: bytes) -> None:
    libc.system_call(_ADD_RULE, ruleset, kind, rule, 0)
