"""Dagster's daemon or its code server, as a process that ends when the one that started it does.

    python -m ebook_pipeline.web.dagster_process daemon run -w workspace.yaml
    python -m ebook_pipeline.web.dagster_process code-server -s socket -m ebook_pipeline.definitions

Two daemons must never run at once, and a code server that nobody asks runs for nothing.
"""

import sys

from dagster._grpc import server_watcher

from ebook_pipeline.tools.prctl import end_with_parent

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


def watch_seldom() -> None:
    """Ask the code server every few seconds, not every second, whether it is still the same."""
    server_watcher.WATCH_INTERVAL = _WATCH_SECONDS


if __name__ == "__main__":
    main()
