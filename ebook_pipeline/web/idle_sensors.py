"""Sensors are asked seldom while nothing happens: neither in the landing folder nor in our tables.

A look of a sensor is some ten statements of Dagster's and a call of the code server, whether there
is anything to find or not. Whether anything has changed since its last look is told by one number
that the database counts anyway, and by the names in a folder. What time alone makes due is found
within `LONGEST_SECONDS`.
"""

import threading
import time
from collections.abc import Callable, Hashable

from dagster._core.remote_representation.external import RemoteSensor
from dagster._core.scheduler.instigation import InstigatorState
from dagster._daemon import sensor
from sqlalchemy import text

from ebook_pipeline.foundation.errors import PipelineError
from ebook_pipeline.resources import Resources
from ebook_pipeline.settings import Settings

LONGEST_SECONDS = 60.0
"""Between two looks of a sensor, whatever happens."""
_KEPT_SECONDS = 1.0
"""For so long one answer does for all sensors of a round."""
_CHANGED_ROWS = text(
    "SELECT tup_inserted + tup_updated + tup_deleted FROM pg_stat_database"
    " WHERE datname = current_database()"
)


def look_seldom_while_idle(settings: Settings) -> None:
    """Have this process's daemon ask sensors only where something has changed since they looked.

    On one machine: a bucket's arrivals are told by nothing that is cheaper to ask.
    """
    if settings.env != "local":
        return
    changes = Changes(Resources(settings))
    quiet = QuietSensors(changes.state)
    too_early = sensor.is_under_min_interval

    def is_not_due(
        state: InstigatorState,
        remote_sensor: RemoteSensor,
        minimum_allowed_min_interval: int | None = None,
    ) -> bool:
        if too_early(state, remote_sensor, minimum_allowed_min_interval):
            return True
        elapsed = sensor.get_elapsed(state)
        unchanged = quiet.is_unchanged(remote_sensor.name, elapsed)
        return unchanged and elapsed is not None and elapsed < LONGEST_SECONDS

    sensor.is_under_min_interval = is_not_due


class Changes:
    """What tells whether anything has happened to a home."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    def state(self) -> Hashable | None:
        """Another one where rows have changed, or files have come to rest; None: nobody knows.

        The server counts a transaction's rows within a second, or ten where its connection is idle.
        """
        try:
            with self._resources.database.ask() as connection:
                rows = connection.execute(_CHANGED_ROWS).scalar_one()
            arrivals = self._resources.landing_store.arrivals()
            return rows, hash(tuple((one.key, one.version) for one in arrivals))
        except PipelineError:
            return None


class QuietSensors:
    """Which sensors have looked since anything happened; safe for many threads."""

    def __init__(self, state: Callable[[], Hashable | None]) -> None:
        self._ask = state
        self._at = float("-inf")
        self._state: Hashable | None = None
        self._offered: dict[str, Hashable | None] = {}
        self._seen: dict[str, tuple[float, Hashable | None]] = {}
        self._lock = threading.Lock()

    def is_unchanged(self, name: str, elapsed: float | None) -> bool:
        """Whether all is as before the sensor's last look, which began `elapsed` seconds ago.

        Where it is not, what is so now is what the look has seen that follows.
        """
        with self._lock:
            state = self._now()
            began = time.monotonic() - (elapsed or 0.0)
            last, seen = self._seen.get(name, (float("-inf"), None))
            if began - last > _KEPT_SECONDS:  # it has looked since
                seen = self._offered.get(name)
                self._seen[name] = began, seen
            if state is None or state != seen:
                self._offered[name] = state
                return False
            return True

    def _now(self) -> Hashable | None:
        now = time.monotonic()
        if now - self._at > _KEPT_SECONDS:
            self._state, self._at = self._ask(), now
        return self._state
