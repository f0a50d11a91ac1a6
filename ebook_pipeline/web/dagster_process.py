"""Dagster's daemon or its code server, as a process that ends when the one that started it does.

    python -m ebook_pipeline.web.dagster_process daemon run -w workspace.yaml
    python -m ebook_pipeline.web.dagster_process code-server -s socket -m ebook_pipeline.definitions

Two daemons must never run at once, and a code server that nobody asks runs for nothing.
"""

import sys
import threading
import weakref
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

from dagster._daemon import controller
from dagster._grpc import server, server_watcher
from dagster._grpc.client import DagsterGrpcClient
from grpc import Channel
from grpc import _common as waiting

from ebook_pipeline.tools.prctl import end_with_parent

_WAIT_SECONDS = 1.0
_WATCH_SECONDS = 5
_CLEANUP_SECONDS = 5
_REREAD_SECONDS = 240
_Open = tuple[ExitStack, Channel]
"""A channel, and what closes it."""


def main() -> None:
    """Become the process that the first argument names; the others are its own."""
    end_with_parent()
    watch_seldom()
    if sys.argv.pop(1) == "daemon":
        from dagster._daemon.cli import main as daemon

        from ebook_pipeline.settings import Settings
        from ebook_pipeline.web.idle_sensors import look_seldom_while_idle

        look_seldom_while_idle(Settings())
        daemon()
    else:
        from dagster._cli.api import grpc_command

        grpc_command()


def watch_seldom() -> None:
    """Idle, look less often for what seldom happens; internals, whose names a test watches.

    gRPC's server need not wake ten times a second, a signal interrupts its wait, nor the code
    server twice for runs that have left it. The code server is asked every five seconds, not every
    second, whether it is still the same, and now and then, not every minute, for all that it holds,
    which is read anew when it is another.
    """
    waiting.MAXIMUM_WAIT_TIMEOUT = _WAIT_SECONDS
    server.CLEANUP_TICK = _CLEANUP_SECONDS
    server_watcher.WATCH_INTERVAL = _WATCH_SECONDS
    controller.RELOAD_WORKSPACE_INTERVAL = _REREAD_SECONDS
    controller.DEFAULT_WORKSPACE_FRESHNESS_TOLERANCE = 2 * _REREAD_SECONDS
    keep_channels()


def keep_channels() -> None:
    """Let a client ask over the connection that it has, not over a new one each time.

    One caller at a time has it. Where a call fails it is closed: gRPC would wait longer and longer
    before it connects anew, and a channel that is opened beside waits with it.
    """
    opened = DagsterGrpcClient._channel
    idle: weakref.WeakKeyDictionary[DagsterGrpcClient, _Open] = weakref.WeakKeyDictionary()
    taking = threading.Lock()

    @contextmanager
    def channel(client: DagsterGrpcClient) -> Iterator[Channel]:
        with taking:
            kept = idle.pop(client) if client in idle else None
        opening, using = kept or _open(opened(client))
        with opening:
            yield using
            with taking:
                if client not in idle:
                    idle[client] = opening.pop_all(), using

    DagsterGrpcClient._channel = channel  # type: ignore[assignment,method-assign]


def _open(opening: AbstractContextManager[Channel]) -> _Open:
    stack = ExitStack()
    return stack, stack.enter_context(opening)


if __name__ == "__main__":
    main()
