"""Files that arrived and can't be submitted: noted once each, for the team and whoever asks."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Text, cast, exists, literal, select
from sqlalchemy.dialects.postgresql import insert

from ebook_pipeline.books.records import Record
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.resources.database import Database, notice_tables, tables
from ebook_pipeline.services.actors import require_known

_REFUSED = tables.refused_arrival.c


class RefusedArrival(Record):
    """A file of the landing store that nobody can take as it is; `digest` names it for ever."""

    digest: str
    landing_key: str
    finding: Finding
    at: datetime

    @property
    def cause(self) -> str:
        """Names it among the causes of notices."""
        return f"refused {self.digest}"


def refuse(
    database: Database, refused: Iterable[tuple[str, str, Finding]], *, actor: str
) -> tuple[str, ...]:
    """Note each (landing key, version, finding); the keys that nobody had noted before."""
    rows = {digest_of(key, version): (key, finding) for key, version, finding in refused}
    if not rows:
        return ()
    values = [
        {
            "digest": digest,
            "landing_key": finding.place,
            "finding": finding.model_dump(mode="json"),
            "actor": actor,
        }
        for digest, (_, finding) in rows.items()
    ]
    statement = insert(tables.refused_arrival).values(values).on_conflict_do_nothing()
    with database.begin() as connection:
        require_known(connection, actor)
        new = connection.execute(statement.returning(_REFUSED.digest)).scalars().all()
    return tuple(rows[digest][0] for digest in new)


def noted(database: Database, arrivals: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Which of these pairs (landing key, version) were refused before."""
    asked = {digest_of(key, version): (key, version) for key, version in arrivals}
    if not asked:
        return set()
    query = select(_REFUSED.digest).where(_REFUSED.digest.in_(asked))
    with database.ask() as connection:
        return {asked[digest] for digest in connection.execute(query).scalars()}


def refused_since(database: Database, since: datetime | None = None) -> tuple[RefusedArrival, ...]:
    """What was refused, the newest first; all of it unless `since` is given."""
    query = select(_REFUSED.digest, _REFUSED.landing_key, _REFUSED.finding, _REFUSED.at)
    if since is not None:
        query = query.where(_REFUSED.at >= since)
    with database.begin() as connection:
        rows = connection.execute(query.order_by(_REFUSED.id.desc())).mappings()
        return tuple(RefusedArrival.model_validate(dict(row)) for row in rows)


def untold(database: Database, most: int = 200) -> tuple[RefusedArrival, ...]:
    """What was refused and no notice tells of yet, the oldest first."""
    cause = literal("refused ") + cast(_REFUSED.digest, Text)
    told = exists().where(notice_tables.notice.c.cause == cause)
    query = select(_REFUSED.digest, _REFUSED.landing_key, _REFUSED.finding, _REFUSED.at)
    with database.begin() as connection:
        rows = connection.execute(query.where(~told).order_by(_REFUSED.id).limit(most)).mappings()
        return tuple(RefusedArrival.model_validate(dict(row)) for row in rows)


def digest_of(key: str, version: str) -> str:
    """What stands for an arrival, for ever."""
    return hashlib.sha256(f"{version}\0{key}".encode("utf-8", "surrogatepass")).hexdigest()
