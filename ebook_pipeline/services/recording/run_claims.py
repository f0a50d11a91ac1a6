"""Which runs live, as every machine sees it: each holds a lock of the database while it works.

The server frees the lock when the process dies, or its machine. A connection that is lost for a
while is opened anew, so that who looks twice within minutes mistakes no living run for a dead one.
"""

import threading
from collections.abc import Iterable

from ebook_pipeline.foundation.errors import ServiceError
from ebook_pipeline.resources.database import Database

_AGAIN_SECONDS = 20.0
_claims: dict[str, "RunClaim"] = {}


def claim_run(database: Database, run: str) -> None:
    """Let this process hold `run` until it ends or begins another; again, it does already.

    A process works at one run at a time: a warm worker would hold a connection for each that it
    ever worked at.
    """
    if run in _claims:
        return
    for former in list(_claims):
        _claims.pop(former).release()
    _claims[run] = RunClaim(database, run)


class RunClaim:
    """Holds the lock of `run` from now until the process ends, or `release`."""

    def __init__(self, database: Database, run: str) -> None:
        self._database, self._name = database, _name(run)
        self._stop = threading.Event()
        self._held = threading.Event()
        self._thread = threading.Thread(target=self._hold, daemon=True, name=self._name)
        self._thread.start()
        self._held.wait(_AGAIN_SECONDS)

    def release(self) -> None:
        """Let the lock go."""
        self._stop.set()
        self._thread.join(_AGAIN_SECONDS)

    def _hold(self) -> None:
        while not self._stop.is_set():
            try:
                with self._database.lock(self._name, stop=self._stop):
                    self._held.set()
                    while not self._stop.wait(_AGAIN_SECONDS):
                        if self._name not in self._database.locked([self._name]):
                            break
            except ServiceError:
                self._stop.wait(_AGAIN_SECONDS)


def living(database: Database, runs: Iterable[str]) -> set[str]:
    """Which of these runs hold their lock now."""
    names = {_name(run): run for run in runs}
    return {names[name] for name in database.locked(names)}


def _name(run: str) -> str:
    return f"run {run}"
