"""The audit's rows chained by hash: what was changed, slipped in or taken out is found.

Each row has a link of keyed digests that names the one before it; without the vault's key nobody
makes a link. Rows are taken up in small turns once they are committed, so that no transaction waits
for another one's. What an erasure tells otherwise is told from forgery by the pseudonym, a purged
book's rows by its tombstone, and what retention takes by its age. Who takes off the chain's end is
found by a head that was noted elsewhere (`audit_heads`).
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from ebook_pipeline.books.records import Record
from ebook_pipeline.foundation.record import canonical_json, text_digest
from ebook_pipeline.resources.database import Database, account_tables, audit_tables, tables

AT_A_TIME = 2000
MOST_TOLD = 100
_AUDIT, _LINK, _UNLINKED = tables.audit.c, audit_tables.audit_link.c, audit_tables.audit_unlinked.c
_LOCK = select(func.pg_advisory_xact_lock(func.hashtext("audit chain")))


class BrokenLink(Record):
    """A row of the audit, by its number, with what is wrong: nobody has the right to do that."""

    audit: int
    why: str


class ChainReport(Record):
    """How many rows are as they were written, told otherwise since an erasure, of purged books, or
    gone by their age. `head` names the last link; `broken` are 100 at most."""

    whole: int = 0
    retold: int = 0
    purged: int = 0
    expired: int = 0
    head: str = ""
    broken: tuple[BrokenLink, ...] = ()


def link_new(database: Database, most: int = AT_A_TIME) -> int:
    """Take up rows that have no link yet, in the order of their numbers; how many."""
    with database.begin() as connection:
        connection.execute(_LOCK)
        waiting = select(_UNLINKED.audit).order_by(_UNLINKED.audit).limit(most)
        ids = list(connection.execute(waiting).scalars())
        if not ids:
            return 0
        last = select(_LINK.position, _LINK.hash).order_by(_LINK.position.desc()).limit(1)
        end = connection.execute(last).first()
        position, before = (end.position, end.hash) if end else (0, "")
        links = []
        rows = select(tables.audit).where(_AUDIT.id.in_(ids)).order_by(_AUDIT.id)
        for position, row in enumerate(connection.execute(rows), position + 1):  # noqa: B020
            links.append(_link(database, row, position, before))
            before = links[-1]["hash"]
        if links:
            connection.execute(insert(audit_tables.audit_link), links)
        connection.execute(delete(audit_tables.audit_unlinked).where(_UNLINKED.audit.in_(ids)))
        return len(ids)


def verify(database: Database, *, kept_days: float | None = None, head: str = "") -> ChainReport:
    """Go through the whole chain, once what is new is linked. `head`, if it is set, is one that was
    noted earlier, and must be a link still; `kept_days`: how long rows are kept."""
    while link_new(database):
        pass
    with database.begin() as connection:
        verifier = _Verifier(database, connection, kept_days)
        broken = [*verifier.broken(), *_unlinked(connection), *_cut_off(connection, head)]
        told = {"head": verifier.head, "broken": broken[:MOST_TOLD]}
        return ChainReport.model_validate({**verifier.counts, **told})


class _Verifier:
    """Reads links in order, with their rows; `counts` are of what is well, `head` is the last."""

    def __init__(self, database: Database, connection: Connection, kept_days: float | None) -> None:
        self._database, self._connection = database, connection
        self._oldest = datetime.now(UTC) - timedelta(days=kept_days) if kept_days else None
        stones = connection.execute(select(account_tables.tombstone.c.digest)).scalars()
        self._purged = frozenset(stones)
        erased = connection.execute(select(account_tables.erasure.c.pseudonym)).scalars()
        self._pseudonyms = tuple(erased)
        self.counts = Counter[str]()
        self.head = ""

    def broken(self) -> Iterator[BrokenLink]:
        place = 0
        query = select(audit_tables.audit_link).order_by(_LINK.position)
        links = self._connection.execution_options(yield_per=AT_A_TIME).execute(query)
        for some in links.partitions():
            rows = self._rows([link.audit for link in some])
            for link in some:
                why = self._fault(link, rows.get(link.audit))
                if (link.before, link.position) != (self.head, place + 1):
                    why = "a link before it is gone, or was put in"
                if why:
                    yield BrokenLink(audit=link.audit, why=why)
                self.head, place = link.hash, link.position

    def _rows(self, ids: list[int]) -> dict[int, Row[Any]]:
        query = select(tables.audit).where(_AUDIT.id.in_(ids))
        return {row.id: row for row in self._connection.execute(query)}

    def _fault(self, link: Row[Any], row: Row[Any] | None) -> str:
        """What is wrong with the link or its row; empty, and counted, where nothing is."""
        if _hash(self._database, link._mapping) != link.hash:
            return "the link itself was changed"
        if row is None:
            return self._gone(link)
        if _written(self._database, row) != link.written:
            return "the row was changed"
        if _facts(self._database, row) == link.facts:
            return self._count("whole")
        told = canonical_json([row.actor, row.detail]).decode()
        if any(pseudonym in told for pseudonym in self._pseudonyms):
            return self._count("retold")
        return "the row was changed"

    def _gone(self, link: Row[Any]) -> str:
        if link.book_digest and link.book_digest in self._purged:
            return self._count("purged")
        if self._oldest is not None and link.at < self._oldest:
            return self._count("expired")
        return "the row was taken out"

    def _count(self, what: str) -> str:
        self.counts[what] += 1
        return ""


def _unlinked(connection: Connection) -> Iterator[BrokenLink]:
    """Rows that came in while nobody was to hear of them."""
    query = (
        select(_AUDIT.id)
        .outerjoin(audit_tables.audit_link, _LINK.audit == _AUDIT.id)
        .outerjoin(audit_tables.audit_unlinked, _UNLINKED.audit == _AUDIT.id)
        .where(_LINK.audit.is_(None), _UNLINKED.audit.is_(None))
    )
    for number in connection.execute(query.order_by(_AUDIT.id).limit(MOST_TOLD)).scalars():
        yield BrokenLink(audit=number, why="the row was put in past the chain")


def _cut_off(connection: Connection, head: str) -> Iterator[BrokenLink]:
    known = select(_LINK.audit).where(_LINK.hash == head)
    if head and connection.execute(known).first() is None:
        yield BrokenLink(audit=0, why="the head that was noted is no link any more")


def _link(database: Database, row: Row[Any], position: int, before: str) -> dict[str, Any]:
    link = {
        "position": position,
        "audit": row.id,
        "at": row.at,
        "book_digest": text_digest(row.book) if row.book else "",
        "written": _written(database, row),
        "facts": _facts(database, row),
        "before": before,
    }
    return {**link, "hash": _hash(database, link)}


def _written(database: Database, row: Row[Any]) -> str:
    """Of what nothing ever changes in the row."""
    said = [row.id, _moment(row.at), row.action, row.book, row.correlation]
    return _digest(database, said)


def _facts(database: Database, row: Row[Any]) -> str:
    """Of what names people, and is told otherwise once they are erased."""
    return _digest(database, [row.actor, row.detail])


def _hash(database: Database, link: Any) -> str:
    parts = ("position", "audit", "book_digest", "written", "facts", "before")
    return _digest(database, [*(link[part] for part in parts), _moment(link["at"])])


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _digest(database: Database, facts: list[Any]) -> str:
    return database.personal.digest("audit", canonical_json(facts).decode())
