"""Several processes that answer at one address: Python takes one core of each.

They share nothing but the listening socket, as desks on several machines share nothing but their
address: what they have to know of each other is in Postgres.
"""

import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

from ebook_pipeline.settings import Settings

_LOG = logging.getLogger(__name__)
_WAITING_CONNECTIONS = 2048
_PAUSE_SECONDS = 1.0
_LAST_SECONDS = 10.0


def listening(settings: Settings) -> socket.socket:
    """A socket at the settings' address. Ends the process with 1 where that is taken."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.desk_port))
    except OSError as error:
        _LOG.error("%s:%d: %s", settings.host, settings.desk_port, error.strerror)
        sys.exit(1)
    listener.listen(_WAITING_CONNECTIONS)
    return listener


def keep(count: int, module: str, listener: socket.socket) -> NoReturn:
    """Have `count` processes of `module` answer at `listener` until this one is asked to end.

    One that dies is replaced; none outlives this one. The module is told the
    socket's number, and this process'.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    argv = [sys.executable, "-m", module, str(listener.fileno()), str(os.getpid())]
    children = {child.pid: child for child in (_started(argv, listener) for _ in range(count))}
    try:
        while True:
            pid, status = os.wait()
            if children.pop(pid, None) is None:
                continue
            _LOG.warning("a process of the desk ended (%d): another one begins", status)
            time.sleep(_PAUSE_SECONDS)
            child = _started(argv, listener)
            children[child.pid] = child
    except KeyboardInterrupt:
        sys.exit(0)
    finally:
        _end(list(children.values()))


def _started(argv: Sequence[str], listener: socket.socket) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(argv, pass_fds=[listener.fileno()])


def _end(children: "Sequence[subprocess.Popen[bytes]]") -> None:
    for child in children:
        child.terminate()
    for child in children:
        with suppress(subprocess.TimeoutExpired):
            child.wait(_LAST_SECONDS)
        child.kill()
