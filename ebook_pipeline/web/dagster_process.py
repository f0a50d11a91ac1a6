"""Dagster's daemon or its code server, as a process that ends when the one that started it does.

    python -m ebook_pipeline.web.dagster_process daemon run -w workspace.yaml
    python -m ebook_pipeline.web.dagster_process code-server -s socket -m ebook_pipeline.definitions

Two daemons must never run at once, and a code server that nobody asks runs for nothing.
"""

import ctypes
import os
import signal
import sys

from dagster._grpc import server_watcher

_PR_SET_PDEATHSIG = 1
_WATCH_SECONDS = 5


def main() -> None:
    """Become the process that the first argument names; the others are its own."""
    end_with_parent()
    watch_seldom()
    if sys.argv.pop(1) == "daemon":
        from dagster._daemon.cli import main as daemon

        daemon()
    else:
        from dagster._cli.api import grpc_command

        grpc_command()


def end_with_parent() -> None:
    """Have the kernel end this process in order when its parent dies, however that dies.

    Linux only: elsewhere a daemon outlives a parent that was killed.
    """
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:  # it died before it was asked
        sys.exit(1)


def watch_seldom() -> None:
    """Ask the code server every few seconds, not every second, whether it is still the same."""
    server_watcher.WATCH_INTERVAL = _WATCH_SECONDS


if __name__ == "__main__":
    main()
