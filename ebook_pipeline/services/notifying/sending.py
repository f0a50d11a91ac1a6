"""Notices on their way out: due ones sent, refused ones tried again, the hopeless ones told of.

A notice is claimed in a transaction of its own before it is handed over. Who is killed in between
leaves a claim: an outbox folder, which keeps one copy of an id, is then simply written again; a
mail or a message may have gone out, so that only urgent ones are sent once more.
"""

import hashlib
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select, update

from ebook_pipeline.books.notifying.addresses import masked
from ebook_pipeline.books.notifying.notice_kinds import NOTICE_KINDS, NoticeKind, Urgency
from ebook_pipeline.books.notifying.rendering import DIGEST, RenderedNotice, render_notice
from ebook_pipeline.foundation.errors import ServiceError
from ebook_pipeline.foundation.record import Record
from ebook_pipeline.resources.database import Database, notice_tables
from ebook_pipeline.resources.notifier import Notice, Notifier, Unanswered
from ebook_pipeline.services.notifying.notices import (
    LoggedNotice,
    NoticeRequest,
    logged_notice,
    queue,
)
from ebook_pipeline.services.notifying.recipients import (
    NotifyingSettings,
    RecipientDirectory,
    notifying_settings,
)

if TYPE_CHECKING:
    from ebook_pipeline.resources import Resources

MOST_ATTEMPTS = 12
_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=1)
_PRESUMED_DEAD = timedelta(minutes=10)
_MOST_IN_A_DIGEST = 10_000
_MOST_SHOWN = 50
_IN_DOUBT = "whether it arrived is not known: its sending was cut off"
_FORGOTTEN = "(a link that works once; the log has forgotten it)"
_LOW = tuple(kind.value for kind, nature in NOTICE_KINDS.items() if nature.urgency is Urgency.LOW)
_TABLE = notice_tables.notice
_NOTICE = _TABLE.c


class SendingSummary(Record):
    """What became of the notices of one turn; `later` were refused and are tried again."""

    sent: int = 0
    later: int = 0
    failed: int = 0


class NoticeSender:
    """Sends what is due; any number may work at a time, none sends what another has claimed."""

    def __init__(self, database: Database, notifier: Notifier, settings: NotifyingSettings) -> None:
        self._database, self._notifier, self._settings = database, notifier, settings

    def send_due(
        self, now: datetime | None = None, *, most: int = 100, seconds: float = 5
    ) -> SendingSummary:
        """Send at most `most` messages, and begin none after so many `seconds`."""
        moment = now or datetime.now(UTC)
        until = time.monotonic() + seconds
        summary = SendingSummary(failed=self._settle_interrupted(moment))
        for _ in range(most):
            bundle = self._claim(moment)
            if not bundle:
                break
            summary = self._send(bundle, moment, summary)
            if time.monotonic() > until:
                break
        return summary

    def _claim(self, now: datetime) -> list[LoggedNotice]:
        """The next notice that is due, with those that belong into one message with it."""
        free = (_NOTICE.state == "queued") & (_NOTICE.due <= now) & _NOTICE.claimed_at.is_(None)
        first = select(_TABLE).where(free).order_by(_NOTICE.due, _NOTICE.id).limit(1)
        with self._database.begin() as connection:
            row = connection.execute(first.with_for_update(skip_locked=True)).first()
            if row is None:
                return []
            bundle = [logged_notice(row)]
            together = _together(bundle[0])
            if together is not None:
                more = select(_TABLE).where(free, together, _NOTICE.id != row.id)
                more = more.order_by(_NOTICE.at, _NOTICE.id).limit(_MOST_IN_A_DIGEST - 1)
                bundle += map(
                    logged_notice, connection.execute(more.with_for_update(skip_locked=True))
                )
            values = {"claimed_at": now, "sent_as": _name(bundle)}
            _change(connection, bundle, values | {"attempts": _NOTICE.attempts + 1})
        return sorted(bundle, key=lambda notice: (notice.at, notice.id))

    def _send(
        self, bundle: Sequence[LoggedNotice], now: datetime, summary: SendingSummary
    ) -> SendingSummary:
        try:
            self._notifier.send(_message(bundle, self._settings))
        except ServiceError as error:
            return self._refused(bundle, error, now, summary)
        with self._database.begin() as connection:
            _close(connection, bundle, {"state": "sent", "closed_at": now, "why": ""})
        return summary.model_copy(update={"sent": summary.sent + len(bundle)})

    def _refused(
        self,
        bundle: Sequence[LoggedNotice],
        error: ServiceError,
        now: datetime,
        summary: SendingSummary,
    ) -> SendingSummary:
        why = _unaddressed(str(error), bundle)
        attempts = max(notice.attempts for notice in bundle) + 1
        again = error.retryable or (isinstance(error, Unanswered) and _is_urgent(bundle[0]))
        with self._database.begin() as connection:
            if again and attempts < MOST_ATTEMPTS:
                wait = min(_FIRST_WAIT * 2 ** (attempts - 1), _LONGEST_WAIT)
                values = {"due": now + wait, "claimed_at": None, "sent_as": None, "why": why}
                _change(connection, bundle, values)
                return summary.model_copy(update={"later": summary.later + len(bundle)})
            self._give_up(connection, bundle, why, now)
        return summary.model_copy(update={"failed": summary.failed + len(bundle)})

    def _settle_interrupted(self, now: datetime) -> int:
        """What dead senders had claimed: free again, or failed where it may have arrived."""
        dead = (_NOTICE.state == "queued") & (_NOTICE.claimed_at < now - _PRESUMED_DEAD)
        failed = 0
        with self._database.begin() as connection:
            rows = connection.execute(select(_TABLE).where(dead).with_for_update(skip_locked=True))
            for notice in map(logged_notice, rows.all()):
                if self._notifier.keeps_once(notice.channel) or _is_urgent(notice):
                    _change(connection, [notice], {"claimed_at": None})
                else:
                    self._give_up(connection, [notice], _IN_DOUBT, now)
                    failed += 1
        return failed

    def _give_up(
        self, connection: Connection, bundle: Sequence[LoggedNotice], why: str, now: datetime
    ) -> None:
        """Failed, and the team hears of it: by another channel, once an hour for each channel."""
        _close(connection, bundle, {"state": "failed", "closed_at": now, "why": why})
        first = bundle[0]
        if first.kind is NoticeKind.NOTICE_FAILED:
            return
        alarm = NoticeRequest(
            kind=NoticeKind.NOTICE_FAILED,
            to=RecipientDirectory(self._database, self._settings).team(),
            cause=f"failed {first.channel} {now:%Y-%m-%dT%H}",
            values={
                "house": self._settings.name,
                "failed": first.kind.value,
                "to": masked(first.address) or first.who,
                "channel": first.channel.value,
                "why": why,
                "notice": first.id,
            },
            not_by=first.channel,
        )
        queue(connection, alarm, self._notifier.channels, now)


def notice_sender(resources: "Resources") -> NoticeSender:
    """The sender of this machine, or of production: as its settings say."""
    settings = notifying_settings(resources.settings)
    return NoticeSender(resources.database, resources.notifier, settings)


def _together(notice: LoggedNotice) -> Any:
    """What goes out with this notice: others of low urgency, or what an earlier message held."""
    same = (_NOTICE.channel == notice.channel.value) & (_NOTICE.address == notice.address)
    same &= _NOTICE.who == notice.who
    if notice.sent_as is not None:
        return same & (_NOTICE.sent_as == notice.sent_as)
    low = _NOTICE.kind.in_(_LOW) & _NOTICE.sent_as.is_(None)
    return same & low if notice.kind.value in _LOW else None


def _name(bundle: Sequence[LoggedNotice]) -> str:
    """The message's id: the notice's own, or one that the same notices together always have."""
    if len(bundle) == 1:
        return bundle[0].sent_as or bundle[0].id
    names = "\0".join(sorted(notice.id for notice in bundle))
    return bundle[0].sent_as or f"digest-{hashlib.sha256(names.encode()).hexdigest()[:32]}"


def _message(bundle: Sequence[LoggedNotice], settings: NotifyingSettings) -> Notice:
    first = bundle[0]
    rendered: RenderedNotice = first.message
    if len(bundle) > 1:
        lines = [each.message.short for each in bundle[:_MOST_SHOWN]]
        values = {"house": settings.name, "messages": lines, "count": len(bundle)}
        rendered = render_notice(DIGEST, first.language, values)
    return Notice(
        id=_name(bundle), channel=first.channel, to=first.address, **rendered.model_dump()
    )


def _change(connection: Connection, bundle: Sequence[LoggedNotice], values: dict[str, Any]) -> None:
    these = _NOTICE.id.in_([notice.id for notice in bundle])
    connection.execute(update(_TABLE).where(these).values(values))


def _close(connection: Connection, bundle: Sequence[LoggedNotice], values: dict[str, Any]) -> None:
    """As `_change`, for good: what a secret one said is forgotten."""
    if NOTICE_KINDS[bundle[0].kind].secret:
        said = bundle[0].message
        blank = RenderedNotice(subject=said.subject, text=_FORGOTTEN, html="", short="")
        values = values | {"message": blank.model_dump()}
    _change(connection, bundle, values)


def _is_urgent(notice: LoggedNotice) -> bool:
    return NOTICE_KINDS[notice.kind].urgency is Urgency.URGENT


def _unaddressed(why: str, bundle: Sequence[LoggedNotice]) -> str:
    """What a service said, without the address that it may have repeated."""
    address = bundle[0].address
    return (why.replace(address, masked(address)) if address else why)[:1000]
