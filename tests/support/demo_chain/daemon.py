"""Dagster's daemon in a hurry: it looks for backfills every second, where Dagster's own waits 30.

python -m tests.support.demo_chain.daemon run -w workspace.yaml
"""

from dagster._daemon import controller
from dagster._daemon.cli import main

if __name__ == "__main__":
    controller.DEFAULT_DAEMON_INTERVAL_SECONDS = 1
    main()
