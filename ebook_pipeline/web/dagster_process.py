"""Dagster's daemon or its code server, as a process that ends when the one that started it does.

    python -m ebook_pipeline.web.dagster_process daemon run -w workspace.yaml
    python -m ebook_pipeline.web.dagster_process code-server -s socket -m ebook_pipeline.definitions

Two daemons must never run at once, and a code server that nobody asks runs for nothing.
"""

import sys

from dagster._daemon import controller
from dagster._grpc import server_watcher
from grpc import _common as waiting

from ebook_pipeline.tools.prctl import end_with_parent

_WAIT_SECONDS = 1.0
_WATCH_SECONDS = 5
_REREAD_SECONDS = 240


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


def watch_seldom() -> None:
    """Idle, look less often for what seldom happens; internals, whose names a test watches.

    gRPC's server need not wake ten times a second, a signal interrupts its wait. The code server
    is asked every five seconds, not every second, whether it is still the same, and now and then,
    not every minute, for all that it holds, which is read anew when it is another.
    """
    waiting.MAXIMUM_WAIT_TIMEOUT = _WAIT_SECONDS
    server_watcher.WATCH_INTERVAL = _WATCH_SECONDS
    controller.RELOAD_WORKSPACE_INTERVAL = _REREAD_SECONDS
    controller.DEFAULT_WORKSPACE_FRESHNESS_TOLERANCE = 2 * _REREAD_SECONDS


if __name__ == "__main__":
    main()
