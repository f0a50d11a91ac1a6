"""Who was erased: a keyed hash, and the pseudonym that stands in their stead."""

import secrets
from typing import Any

from sqlalchemy import Connection, Row, func, select, update
from sqlalchemy.dialects.postgresql import insert

from ebook_pipeline.resources.database import Database, account_tables
from ebook_pipeline.services.preserving.tombstone_log import ErasureStone

_TABLE = account_tables.erasure
_ERASURE = _TABLE.c


def digest_of(database: Database, who: str) -> str:
    """What stands for a person's name once it is gone: without the key nobody can guess it."""
    return database.personal.digest("person", who)


def begin(
    database: Database, connection: Connection, who: str, *, actor: str, pseudonym: str = ""
) -> ErasureStone:
    """Note that `who` is being erased; again, it is the same erasure with the same pseudonym."""
    row = {
        "digest": digest_of(database, who),
        "pseudonym": pseudonym or f"erased-{secrets.token_hex(5)}",
        "actor": actor,
    }
    connection.execute(insert(_TABLE).values(row).on_conflict_do_nothing())
    here = select(_TABLE).where(_ERASURE.digest == row["digest"])
    return _stone(connection.execute(here).one())


def end(database: Database, stone: ErasureStone) -> ErasureStone:
    """The last of the person is gone."""
    here = _ERASURE.digest == stone.digest
    with database.begin() as connection:
        connection.execute(update(_TABLE).where(here).values(ended_at=func.now()))
        return _stone(connection.execute(select(_TABLE).where(here)).one())


def unended(database: Database) -> tuple[ErasureStone, ...]:
    """Erasures that were cut off: the same command takes them up."""
    with database.begin() as connection:
        rows = connection.execute(select(_TABLE).where(_ERASURE.ended_at.is_(None)))
        return tuple(map(_stone, rows))


def _stone(row: Row[Any]) -> ErasureStone:
    return ErasureStone.model_validate(
        {name: getattr(row, name) for name in ErasureStone.model_fields}
    )
