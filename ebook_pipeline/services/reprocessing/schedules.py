"""Reprocessings that begin by themselves, as a cron line says."""

from datetime import datetime

from sqlalchemy import select, text

from ebook_pipeline.books.records import Record
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.database import Database, reprocessing_tables
from ebook_pipeline.services.audit_and_outbox import audit

_TABLE = reprocessing_tables.reprocessing_schedule
_KEEP = text(
    """
    INSERT INTO reprocessing_schedule (name, stage, alone, condition, cron, next_at, actor)
    VALUES (:name, :stage, :alone, :condition, :cron, :next_at, :actor)
    ON CONFLICT (name) DO UPDATE SET stage = excluded.stage, alone = excluded.alone,
        condition = excluded.condition, cron = excluded.cron, next_at = excluded.next_at,
        actor = excluded.actor
    """
)
_MOVE = text(
    "UPDATE reprocessing_schedule SET next_at = :next_at WHERE name = :name AND next_at = :due"
)


class ReprocessingSchedule(Record):
    """A reprocessing that begins at `next_at`, and then whenever `cron` (of UTC) says."""

    name: str
    stage: str
    alone: bool = False
    condition: str = ""
    cron: str
    next_at: datetime
    actor: str = ""


def keep(database: Database, one: ReprocessingSchedule, *, actor: str) -> None:
    """Keep the schedule; one of the same name is no more."""
    with database.begin() as connection:
        connection.execute(_KEEP, one.model_dump() | {"actor": actor})
        detail = one.model_dump(mode="json", include={"name", "stage", "cron"})
        audit(connection, actor, "reprocessing.schedule", "", detail)


def remove(database: Database, name: str, *, actor: str) -> None:
    """Raises `NotFound`."""
    with database.begin() as connection:
        if not connection.execute(_TABLE.delete().where(_TABLE.c.name == name)).rowcount:
            raise NotFound(f"no schedule is called {name[:80]!r}")
        audit(connection, actor, "reprocessing.unschedule", "", {"name": name})


def schedules(database: Database, due: datetime | None = None) -> tuple[ReprocessingSchedule, ...]:
    """All of them by name, or those that should have begun by `due`."""
    columns = tuple(_TABLE.c[name] for name in ReprocessingSchedule.model_fields)
    query = select(*columns).order_by(_TABLE.c.name)
    if due is not None:
        query = query.where(_TABLE.c.next_at <= due)
    with database.begin() as connection:
        rows = connection.execute(query).mappings()
        return tuple(ReprocessingSchedule.model_validate(dict(row)) for row in rows)


def move_on(database: Database, one: ReprocessingSchedule, next_at: datetime) -> bool:
    """Let it be due at `next_at` next; False where somebody else has done so already."""
    moved = {"name": one.name, "due": one.next_at, "next_at": next_at}
    with database.begin() as connection:
        return bool(connection.execute(_MOVE, moved).rowcount)
