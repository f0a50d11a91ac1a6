"""The end of the audit's chain, noted outside the database: who cuts rows off is found by it.

A note is a document of the object store, one a day and replaced while the day lasts, sealed by a
key of the vault. The database has its last position too, so that a note that was taken away is
missed. Who changes both goes back to an older note of ours; a bucket that keeps versions has the
newer ones.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from pydantic import ValidationError
from sqlalchemy import Connection, delete, func, insert, select

from ebook_pipeline.foundation.errors import Damaged
from ebook_pipeline.foundation.record import Record, canonical_json
from ebook_pipeline.resources.database import Database, audit_tables
from ebook_pipeline.resources.object_store import ObjectStore
from ebook_pipeline.services import audit_chain
from ebook_pipeline.services.audit_and_outbox import audit
from ebook_pipeline.services.audit_chain import MOST_TOLD, BrokenLink, ChainReport

PREFIX = "audit-heads/"
_LINK, _HEAD = audit_tables.audit_link.c, audit_tables.audit_head.c
_LOCK = select(func.pg_advisory_xact_lock(func.hashtext("audit heads")))


class NotedHead(Record):
    """A link that was the last one, by its position and hash, at a time; `seal` is of the rest.

    `lost` is the head that somebody let go of, for the reason that the audit says.
    """

    at: datetime
    position: int
    head: str
    lost: str = ""
    seal: str = ""


def note(database: Database, store: ObjectStore) -> NotedHead | None:
    """Keep the chain's end, where it is another than the one noted last; None for an empty chain.

    Raises `Damaged` where that one is no link any more: nothing is noted before a person has seen
    to it, by `accept_end`.
    """
    _link_all(database)
    with database.begin() as connection:
        connection.execute(_LOCK)
        last = _last(store)
        for fault in _faults(connection, database, last):
            raise Damaged(fault)
        return _note(connection, database, store, last)


def accept_end(database: Database, store: ObjectStore, reason: str, *, actor: str) -> NotedHead:
    """Let the chain end where it does, though a head beyond it was noted, as after a restore."""
    with database.begin() as connection:
        lost = _last(store)
        detail = {"reason": reason, "lost": lost.head if lost else "", "at": _said(lost)}
        audit(connection, actor, "audit.accept-end", "", detail)
    _link_all(database)
    with database.begin() as connection:
        connection.execute(_LOCK)
        noted = _note(connection, database, store, None, lost=detail["lost"])
    if noted is None:
        raise Damaged("the audit has no link, though a row was written")
    return noted


def verify(
    database: Database, store: ObjectStore, *, kept_days: float | None = None, head: str = ""
) -> ChainReport:
    """`audit_chain.verify`, and whether the chain goes on to the head noted last. Of a whole chain
    the end is noted."""
    report = audit_chain.verify(database, kept_days=kept_days, head=head)
    with database.begin() as connection:
        faults = list(_faults(connection, database, _last(store)))
    broken = (*report.broken, *(BrokenLink(audit=0, why=why) for why in faults))
    if not broken:
        note(database, store)
    return report.model_copy(update={"broken": broken[:MOST_TOLD]})


def _link_all(database: Database) -> None:
    while audit_chain.link_new(database):
        pass


def _note(
    connection: Connection,
    database: Database,
    store: ObjectStore,
    last: NotedHead | None,
    lost: str = "",
) -> NotedHead | None:
    query = select(_LINK.position, _LINK.hash).order_by(_LINK.position.desc()).limit(1)
    end = connection.execute(query).first()
    if end is None or (last is not None and last.head == end.hash):
        return last
    at = datetime.now(UTC)
    noted = NotedHead(at=at, position=end.position, head=end.hash, lost=lost)
    sealed = noted.model_copy(update={"seal": _seal(database, noted)})
    store.write(f"{PREFIX}{at:%Y-%m-%d}.json", canonical_json(sealed.model_dump(mode="json")))
    connection.execute(delete(audit_tables.audit_head))
    row = {"position": end.position, "hash": end.hash, "at": at}
    connection.execute(insert(audit_tables.audit_head).values(row))
    return sealed


def _last(store: ObjectStore) -> NotedHead | None:
    """The newest note; one that can't be read is a note without a seal."""
    key = max(store.keys(PREFIX), default=None)
    if key is None:
        return None
    try:
        return NotedHead.model_validate_json(store.read(key))
    except ValidationError:
        return NotedHead(at=datetime.min.replace(tzinfo=UTC), position=0, head="")


def _faults(connection: Connection, database: Database, last: NotedHead | None) -> Iterator[str]:
    known = connection.execute(select(_HEAD.position).order_by(_HEAD.position.desc())).scalar()
    if last is None:
        if known is not None:
            yield "the heads that were noted in the object store are gone"
        return
    if last.seal != _seal(database, last):
        yield "the head that was noted last is not as it was written"
        return
    if known is not None and last.position < known:
        yield f"a head was noted at link {known}, and its note is gone"
    link = select(_LINK.audit).where(_LINK.hash == last.head, _LINK.position == last.position)
    if connection.execute(link).first() is None:
        yield f"rows were cut off: the head noted at {_said(last)} is no link any more"


def _said(noted: NotedHead | None) -> str:
    return f"{noted.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if noted else ""


def _seal(database: Database, noted: NotedHead) -> str:
    facts = noted.model_dump(mode="json", exclude={"seal"})
    return database.personal.digest("audit head", canonical_json(facts).decode())
