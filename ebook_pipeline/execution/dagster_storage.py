"""Dagster's storage in Postgres, with connections and answers that are kept.

Dagster's own class opens a connection for each query: the server starts a process for it, both
sides compute a password's hash, and over a network TLS begins anew. With that an idle daemon cost
three times as much. `dagster.yaml` names the class here. It touches internals, as `dagster_events`
does: `tests/execution/test_dagster_storage.py` fails when they change.
"""

import math
import os
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from dagster._core.scheduler.instigation import InstigatorState, TickStatus
from dagster._core.storage.schedules.schema import InstigatorsTable, JobTable
from dagster._serdes import ConfigurableClassData, serialize_value
from dagster._time import get_current_datetime
from dagster_postgres import DagsterPostgresStorage, PostgresRunStorage, PostgresScheduleStorage
from dagster_postgres.utils import create_pg_engine, pg_url_from_config
from sqlalchemy import Connection, Engine, func, select, update

from ebook_pipeline.resources.database.open_connections import watch_closed

_KEPT = 4
"""Connections of one process: to store a materialization takes two at once."""
_RECYCLED_SECONDS = 3600
_PURGED_SECONDS = 3600
"""Ticks are kept for days: who looks every hour for those that are too old keeps no more."""
_engines: dict[str, Engine] = {}
_making = threading.Lock()


class PooledPostgresStorage(DagsterPostgresStorage):
    """All instances of a process share one pool for a database, and look for its tables once."""

    def __init__(self, postgres_url: str, inst_data: ConfigurableClassData | None = None) -> None:
        with _making:
            super().__init__(postgres_url, postgres_url not in _engines, inst_data)
            if postgres_url not in _engines:
                _engines[postgres_url] = _pool(postgres_url)
        self._run_storage = _RunStorage(postgres_url, should_autocreate_tables=False)
        self._schedule_storage = _ScheduleStorage(postgres_url, should_autocreate_tables=False)
        for storage in (self._run_storage, self._event_log_storage, self._schedule_storage):
            storage._engine = _engines[postgres_url]

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> "PooledPostgresStorage":
        return cls(pg_url_from_config(config_value), inst_data)


class _RunStorage(PostgresRunStorage):
    """Its tables were made by this version: they have every column that old ones may lack."""

    def has_run_stats_index_cols(self) -> bool:
        return True


class _ScheduleStorage(PostgresScheduleStorage):
    """Asks once for what only databases of old versions lack, and seldom for ticks that are too
    old; Dagster's own asks for both at every tick. Where a sensor stands is written by one
    statement, not by three, twice in every tick."""

    def __init__(self, postgres_url: str, should_autocreate_tables: bool) -> None:
        super().__init__(postgres_url, should_autocreate_tables)
        self._there: set[str] = set()
        self._purged: dict[tuple[str, tuple[TickStatus, ...]], float] = {}

    def purge_ticks(
        self,
        origin_id: str,
        selector_id: str,
        before: float,
        tick_statuses: Sequence[TickStatus] | None = None,
    ) -> None:
        purged, now = (selector_id, tuple(tick_statuses or ())), time.monotonic()
        if now < self._purged.get(purged, -math.inf) + _PURGED_SECONDS:
            return
        super().purge_ticks(origin_id, selector_id, before, tick_statuses)
        self._purged[purged] = now

    def update_instigator_state(self, state: InstigatorState) -> InstigatorState:
        status, body, now = state.status.value, serialize_value(state), get_current_datetime()
        selector = {"selector_id": state.selector_id}
        written = (
            update(InstigatorsTable)
            .where(InstigatorsTable.c.selector_id == state.selector_id)
            .values(
                status=status,
                instigator_type=state.instigator_type.value,
                instigator_body=body,
                update_timestamp=now,
            )
            .returning(InstigatorsTable.c.id)
            .cte("written")
        )
        job = update(JobTable).where(JobTable.c.job_origin_id == state.instigator_origin_id)
        job = job.values(status=status, job_body=body, update_timestamp=now, **selector)
        query = select(func.count()).select_from(written).add_cte(job.cte("job"))
        with self.connect() as connection:
            if connection.execute(query).scalar_one():
                return state
        return super().update_instigator_state(state)  # which says what is missing

    def _has_instigators_table(self, conn: Connection) -> bool:
        if "instigators" in self._there or super()._has_instigators_table(conn):
            self._there.add("instigators")
        return "instigators" in self._there

    def has_instigators_table(self) -> bool:
        return "instigators" in self._there or super().has_instigators_table()

    def has_built_index(self, migration_name: str) -> bool:
        if migration_name in self._there or super().has_built_index(migration_name):
            self._there.add(migration_name)
        return migration_name in self._there


def _pool(url: str) -> Engine:
    """More connections than are kept are never waited for: they are opened, and closed again."""
    engine = create_pg_engine(
        url,
        isolation_level="AUTOCOMMIT",
        pool_size=_KEPT,
        max_overflow=-1,
        pool_recycle=_RECYCLED_SECONDS,
    )
    watch_closed(engine)
    return engine


def _forked() -> None:
    """A fork's copies of the connections are the parent's."""
    for engine in _engines.values():
        engine.dispose(close=False)
    _engines.clear()


os.register_at_fork(after_in_child=_forked)
