"""The log of notices: queued once per cause, recipient and channel, shown, and sent again."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import Field
from sqlalchemy import Connection, Row, Select, func, select, update
from sqlalchemy.dialects.postgresql import insert

from ebook_pipeline.books.notifying.addresses import Channel
from ebook_pipeline.books.notifying.notice_kinds import NoticeKind
from ebook_pipeline.books.notifying.rendering import RenderedNotice, render_notice
from ebook_pipeline.foundation.errors import NotFound, ServiceError
from ebook_pipeline.foundation.record import Record
from ebook_pipeline.resources.database import Database, notice_tables
from ebook_pipeline.services.audit_and_outbox import audit
from ebook_pipeline.services.notifying.recipients import Recipient

NoticeState = Literal["queued", "held", "sent", "failed", "suppressed"]
NO_TEXTS_LEFT = "the account's text messages of this day are used up"
_TABLE = notice_tables.notice
_NOTICE = _TABLE.c


class LoggedNotice(Record):
    """One notice to one recipient by one channel, and what became of it.

    `cause` is the event (or what a sensor saw) that it tells of, `about` what it says (a release,
    a task). `sent_as` names the message that it went out in: its own, or a digest's.
    """

    id: str
    kind: NoticeKind
    cause: str
    about: str
    book: str | None
    who: str
    channel: Channel
    address: str
    language: str
    message: RenderedNotice
    state: NoticeState
    attempts: int
    at: datetime
    due: datetime
    claimed_at: datetime | None
    closed_at: datetime | None
    sent_as: str | None
    why: str
    account: str | None = None


class NoticeRequest(Record):
    """What should be told to somebody. `not_by` is a channel to be avoided where it can be.

    `unsubscribe`: where one click ends notices of this kind.
    """

    kind: NoticeKind
    to: Recipient
    cause: str
    values: dict[str, Any] = Field(repr=False)
    book: str | None = None
    about: str = ""
    not_by: Channel | None = None
    unsubscribe: str = ""


def queue(
    connection: Connection, request: NoticeRequest, available: frozenset[Channel], now: datetime
) -> int:
    """Write the notice down once for each channel; how many are new.

    Again with the same cause, kind, recipient and channel it changes nothing. What nobody wants,
    or nobody can be reached with, is kept as suppressed: the log says why nothing was sent. What is
    for a contact that nobody has confirmed is held.
    """
    preferences = request.to.preferences
    language, zone = preferences.language, preferences.zone
    message = render_notice(request.kind, language, request.values, zone)
    message = message.model_copy(update={"unsubscribe": request.unsubscribe})
    ways = request.to.ways(request.kind, available, not_by=request.not_by)
    rows = [
        {
            "id": notice_id(request, channel),
            **request.model_dump(mode="json", include={"kind", "cause", "book", "about"}),
            "who": request.to.who,
            "channel": channel.value,
            "address": address,
            "language": language,
            "message": message.model_dump(),
            "account": request.to.account or None,
            **_state(connection, request, channel, address, now),
            "at": now,
            "due": preferences.due(request.kind, now),
        }
        for channel, address in ways or ((Channel.MAIL, ""),)
    ]
    statement = insert(_TABLE).values(rows).on_conflict_do_nothing(index_elements=["id"])
    return len(connection.execute(statement.returning(_NOTICE.id)).all())


def texts_left(connection: Connection, account: str, most: int) -> int:
    """How many of its `most` text messages a day an account has; others wait with asking."""
    lock = func.pg_advisory_xact_lock(func.hashtextextended(f"texts {account}", 0))
    connection.execute(select(lock))
    sent = (_NOTICE.account == account) & (_NOTICE.channel == Channel.SMS.value)
    sent &= _NOTICE.state.in_(("queued", "sent", "failed"))
    today = func.date_trunc("day", func.now(), "UTC")
    query = select(func.count()).where(sent, _NOTICE.due >= today)
    used: int = connection.execute(query).scalar_one()
    return max(0, most - used)


def _state(
    connection: Connection, request: NoticeRequest, channel: Channel, address: str, now: datetime
) -> dict[str, Any]:
    """Whether it goes out; if not, why."""
    to = request.to
    why = "" if address or channel is Channel.SLACK else "no address is known"
    if to.preferences.refuses(request.kind):
        why = "unsubscribed"
    if not why and not to.confirmed:
        return {"state": "held", "why": "the contact is not confirmed", "closed_at": None}
    of_account = not why and channel is Channel.SMS and to.account
    if of_account and not texts_left(connection, to.account, to.texts_per_day):
        why = NO_TEXTS_LEFT
    state = "suppressed" if why else "queued"
    return {"state": state, "why": why, "closed_at": now if why else None}


def notice_id(request: NoticeRequest, channel: Channel) -> str:
    """The same for ever for one cause, kind, recipient and channel."""
    facts = "\0".join((request.cause, request.kind.value, request.to.who, channel.value))
    return hashlib.sha256(facts.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def log(
    database: Database,
    *,
    state: NoticeState | None = None,
    book: str | None = None,
    kind: NoticeKind | None = None,
    most: int = 100,
) -> tuple[LoggedNotice, ...]:
    """The latest notices, newest first: all, or those in a state, of a book, of a kind."""
    query: Select[Any] = select(_TABLE)
    wanted = {_NOTICE.state: state, _NOTICE.book: book, _NOTICE.kind: kind and kind.value}
    for column, value in wanted.items():
        if value is not None:
            query = query.where(column == value)
    with database.begin() as connection:
        rows = connection.execute(query.order_by(_NOTICE.at.desc(), _NOTICE.id).limit(most))
        return tuple(map(logged_notice, rows))


def notice(database: Database, identity: str) -> LoggedNotice:
    """The notice of this id, or whose id begins so. `NotFound` where there is not exactly one."""
    query = select(_TABLE).where(_NOTICE.id.startswith(identity, autoescape=True)).limit(2)
    with database.begin() as connection:
        rows = connection.execute(query).all() if identity else []
    if len(rows) != 1:
        raise NotFound(f"{len(rows) or 'no'} notices are called {identity!r}")
    return logged_notice(rows[0])


def send_again(database: Database, identity: str, *, actor: str) -> LoggedNotice:
    """Queue a notice that failed once more, at once. ServiceError where it is sent or unwanted."""
    logged = notice(database, identity)
    if logged.state not in ("failed", "queued"):
        raise ServiceError(f"notice {logged.id} is {logged.state}: {logged.why or 'nothing to do'}")
    values: Mapping[str, Any] = {"state": "queued", "attempts": 0, "due": func.now(), "why": ""}
    fresh = {"claimed_at": None, "closed_at": None, "sent_as": None}
    these = (_NOTICE.id == logged.id) & _NOTICE.state.in_(("failed", "queued"))
    with database.begin() as connection:
        connection.execute(update(_TABLE).where(these).values({**values, **fresh}))
        audit(connection, actor, "send_notice", logged.book or "", {"notice": logged.id})
    return notice(database, logged.id)


def last_about(
    connection: Connection, book: str, kinds: tuple[NoticeKind, ...]
) -> tuple[NoticeKind, str]:
    """Which of these kinds was told of the book last, and about what; empty where none was."""
    query = select(_NOTICE.kind, _NOTICE.about).where(_NOTICE.book == book)
    these = query.where(_NOTICE.kind.in_([kind.value for kind in kinds]))
    row = connection.execute(these.order_by(_NOTICE.at.desc()).limit(1)).first()
    return (kinds[0], "") if row is None else (NoticeKind(row.kind), row.about)


def logged_notice(row: Row[Any]) -> LoggedNotice:
    """A row of the table as a record."""
    return LoggedNotice.model_validate(
        {name: getattr(row, name) for name in LoggedNotice.model_fields}
    )
