"""The process of an embedded Postgres, found by its lock file: no driver is needed for it.

https://www.postgresql.org/docs/current/storage-file-layout.html (``postmaster.pid``)
"""

from pathlib import Path

import psutil

_LOCK = "postmaster.pid"
_STATUS_LINE = 7
"""Counted from 0; what ``pg_ctl`` waits for."""


def server_process(data: Path) -> psutil.Process | None:
    """The running server whose data lie in the folder `data`."""
    try:
        number = (data / _LOCK).read_text().splitlines()[0]
        process = psutil.Process(int(number))
        ours = process.name() == "postgres" and Path(process.cwd()).samefile(data)
    except (FileNotFoundError, IndexError, ValueError, psutil.Error):
        return None
    return process if ours else None


def is_ready(data: Path) -> bool:
    """Whether that server runs and says that it takes connections."""
    if server_process(data) is None:
        return False
    try:
        lines = (data / _LOCK).read_text().splitlines()
    except OSError:
        return False
    return lines[_STATUS_LINE:] != [] and lines[_STATUS_LINE].strip() == "ready"
