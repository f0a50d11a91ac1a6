"""What is older than the settings allow, taken away in small batches; unset, nothing is.

Events that everybody was told of go by `EBOOK_EVENTS_KEPT_DAYS`, where they are delivered.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, exists, func, literal, select, update

from ebook_pipeline.books.records import Record
from ebook_pipeline.resources.database import Database, notice_tables, tables
from ebook_pipeline.resources.database.roles import allow_taking_away
from ebook_pipeline.resources.notifier import Notifier
from ebook_pipeline.resources.object_store import ObjectStore
from ebook_pipeline.services.concurrency import TAKING_AWAY
from ebook_pipeline.services.erasing.contact_records import forget_contacts

if TYPE_CHECKING:
    from ebook_pipeline.resources import Resources
    from ebook_pipeline.settings import Settings

BATCH = 500
_SUBMISSION, _EDITION = tables.submission.c, tables.edition.c
_NOTICE, _REFUSED, _AUDIT = notice_tables.notice.c, tables.refused_arrival.c, tables.audit.c


class RetentionSummary(Record):
    """What a look took away, by kind; `more`: there was more than its time allowed."""

    claims: int = 0
    notices: int = 0
    audit: int = 0
    refusals: int = 0
    more: bool = False


class RetentionTerms(Record):
    """Days for which each kind is kept; None: for good."""

    claims: float | None = None
    notices: float | None = None
    audit: float | None = None
    refusals: float | None = None


@dataclass(frozen=True)
class Retention:
    """Takes away what is due; any number may work at a time."""

    database: Database
    store: ObjectStore
    notifier: Notifier
    terms: RetentionTerms

    def tidy(self, now: datetime | None = None, *, seconds: float = 10.0) -> RetentionSummary:
        """One look: batches of `BATCH` until nothing is due or so many `seconds` are over."""
        moment, until = now or datetime.now(UTC), time.monotonic() + seconds
        due: dict[str, Callable[[datetime], int]] = {
            "refusals": self._refusals,
            "notices": self._notices,
            "claims": self._claims,
            "audit": self._audit,
        }
        done: dict[str, int] = {}
        more = False
        for kind, take in due.items():
            days = getattr(self.terms, kind)
            count = BATCH if days is not None else 0
            while count >= BATCH and not more:
                with self.database.lock(TAKING_AWAY):
                    count = take(moment - timedelta(days))
                done[kind] = done.get(kind, 0) + count
                more = count >= BATCH and time.monotonic() > until
        return RetentionSummary(**done, more=more)

    def _refusals(self, before: datetime) -> int:
        """A file that still lies there is refused, and told of, once more."""
        old = select(_REFUSED.id).where(_REFUSED.at < before).order_by(_REFUSED.id).limit(BATCH)
        with self.database.begin() as connection:
            return connection.execute(
                delete(tables.refused_arrival).where(_REFUSED.id.in_(old))
            ).rowcount

    def _notices(self, before: datetime) -> int:
        """Ended ones with their mail; those that say that a refusal was told stay with it."""
        told = exists().where(_NOTICE.cause == literal("refused ") + _REFUSED.digest)
        ended = _NOTICE.state.in_(("sent", "failed", "suppressed"))
        old = select(_NOTICE.id, _NOTICE.sent_as).where(ended, _NOTICE.at < before, ~told)
        with self.database.begin() as connection:
            rows = connection.execute(old.order_by(_NOTICE.at).limit(BATCH)).all()
        for row in rows:
            for name in filter(None, row):
                self.notifier.forget(name)
        with self.database.begin() as connection:
            these = _NOTICE.id.in_([row.id for row in rows])
            return connection.execute(delete(notice_tables.notice).where(these)).rowcount

    def _claims(self, before: datetime) -> int:
        """The contact of closed submissions: nobody is told of those books by it any more."""
        given = func.coalesce(_SUBMISSION.claims["contact"].astext, "") != ""
        old = select(_SUBMISSION.id, _SUBMISSION.book, _SUBMISSION.edition, _SUBMISSION.claims)
        due = old.where(given, _SUBMISSION.closed_at < before).order_by(_SUBMISSION.id)
        with self.database.begin() as connection:
            rows = connection.execute(due.limit(BATCH)).all()
        for row in rows:
            forget_contacts(self.store, row.book, str(row.claims["contact"]).__eq__)
            with self.database.begin() as connection:
                _forget_contact(connection, row)
        return len(rows)

    def _audit(self, before: datetime) -> int:
        old = select(_AUDIT.id).where(_AUDIT.at < before).order_by(_AUDIT.id).limit(BATCH)
        with self.database.begin() as connection:
            allow_taking_away(connection)
            return connection.execute(delete(tables.audit).where(_AUDIT.id.in_(old))).rowcount


def retention_terms(settings: "Settings") -> RetentionTerms:
    """As the settings say."""
    return RetentionTerms(
        claims=settings.claims_kept_days,
        notices=settings.notices_kept_days,
        audit=settings.audit_kept_days,
        refusals=settings.refusals_kept_days,
    )


def retaining(resources: "Resources", terms: RetentionTerms) -> Retention:
    """The retention of this machine, or of production."""
    return Retention(resources.database, resources.object_store, resources.notifier, terms)


def _forget_contact(connection: Connection, row: Any) -> None:
    """In the submission, and in the edition that it became."""
    here = update(tables.submission).where(_SUBMISSION.id == row.id)
    connection.execute(here.values(claims={**row.claims, "contact": None}))
    edition = select(_EDITION.id, _EDITION.claims).where(_EDITION.id == row.edition)
    for became in connection.execute(edition).all():
        if became.claims.get("contact") == row.claims["contact"]:
            same = update(tables.edition).where(_EDITION.id == became.id)
            connection.execute(same.values(claims={**became.claims, "contact": None}))
