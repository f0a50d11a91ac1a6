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
from ebook_pipeline.books.notifying.kinds import NOTICE_KINDS, NoticeKind, Urgency
from ebook_pipeline.books.notifying.rendering import DIGEST, RenderedNotice, rendered
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

    def __init__(self, database: Database, notifier: Notifier, house: NotifyingSettings) -> None:
        self._database, self._notifier, self._house = database, notifier, house

    def send_due(
        self, now: datetime | None = None, *, most: int = 100, seconds: float = 5
    ) -> SendingSummary:
        """Send at most `most` messages, and begin none after so many `seconds`."""
        moment = now or datetime.now(UTC)
        until = time.monotonic() + seconds
        tally = SendingSummary(failed=self._settle_interrupted(moment))
        for _ in range(most):
            parcel = self._claim(moment)
            if not parcel:
                break
            tally = self._send(parcel, moment, tally)
            if time.monotonic() > until:
                break
        return tally

    def _claim(self, now: datetime) -> list[LoggedNotice]:
        """The next notice that is due, with those that belong into one message with it."""
        free = (_NOTICE.state == "queued") & (_NOTICE.due <= now) & _NOTICE.claimed_at.is_(None)
        first = select(_TABLE).where(free).order_by(_NOTICE.due, _NOTICE.id).limit(1)
        with self._database.begin() as connection:
            row = connection.execute(first.with_for_update(skip_locked=True)).first()
            if row is None:
                return []
            parcel = [logged_notice(row)]
            together = _together(parcel[0])
            if together is not None:
                more = select(_TABLE).where(free, together, _NOTICE.id != row.id)
                more = more.order_by(_NOTICE.at, _NOTICE.id).limit(_MOST_IN_A_DIGEST - 1)
                parcel += map(
                    logged_notice, connection.execute(more.with_for_update(skip_locked=True))
                )
            values = {"claimed_at": now, "sent_as": _name(parcel)}
            _change(connection, parcel, values | {"attempts": _NOTICE.attempts + 1})
        return sorted(parcel, key=lambda one: (one.at, one.id))

    def _send(
        self, parcel: Sequence[LoggedNotice], now: datetime, tally: SendingSummary
    ) -> SendingSummary:
        try:
            self._notifier.send(_message(parcel, self._house))
        except ServiceError as error:
            return self._refused(parcel, error, now, tally)
        with self._database.begin() as connection:
            _change(connection, parcel, {"state": "sent", "closed_at": now, "why": ""})
        return tally.model_copy(update={"sent": tally.sent + len(parcel)})

    def _refused(
        self,
        parcel: Sequence[LoggedNotice],
        error: ServiceError,
        now: datetime,
        tally: SendingSummary,
    ) -> SendingSummary:
        why = _unaddressed(str(error), parcel)
        attempts = max(one.attempts for one in parcel) + 1
        again = error.retryable or (isinstance(error, Unanswered) and _is_urgent(parcel[0]))
        with self._database.begin() as connection:
            if again and attempts < MOST_ATTEMPTS:
                wait = min(_FIRST_WAIT * 2 ** (attempts - 1), _LONGEST_WAIT)
                values = {"due": now + wait, "claimed_at": None, "sent_as": None, "why": why}
                _change(connection, parcel, values)
                return tally.model_copy(update={"later": tally.later + len(parcel)})
            self._give_up(connection, parcel, why, now)
        return tally.model_copy(update={"failed": tally.failed + len(parcel)})

    def _settle_interrupted(self, now: datetime) -> int:
        """What dead senders had claimed: free again, or failed where it may have arrived."""
        dead = (_NOTICE.state == "queued") & (_NOTICE.claimed_at < now - _PRESUMED_DEAD)
        failed = 0
        with self._database.begin() as connection:
            rows = connection.execute(select(_TABLE).where(dead).with_for_update(skip_locked=True))
            for one in map(logged_notice, rows.all()):
                if self._notifier.keeps_once(one.channel) or _is_urgent(one):
                    _change(connection, [one], {"claimed_at": None})
                else:
                    self._give_up(connection, [one], _IN_DOUBT, now)
                    failed += 1
        return failed

    def _give_up(
        self, connection: Connection, parcel: Sequence[LoggedNotice], why: str, now: datetime
    ) -> None:
        """Failed, and the team hears of it: by another channel, once an hour for each channel."""
        _change(connection, parcel, {"state": "failed", "closed_at": now, "why": why})
        one = parcel[0]
        if one.kind is NoticeKind.NOTICE_FAILED:
            return
        alarm = NoticeRequest(
            kind=NoticeKind.NOTICE_FAILED,
            to=RecipientDirectory(self._database, self._house).team(),
            cause=f"failed {one.channel} {now:%Y-%m-%dT%H}",
            values={
                "house": self._house.name,
                "failed": one.kind.value,
                "to": masked(one.address) or one.who,
                "channel": one.channel.value,
                "why": why,
                "notice": one.id,
            },
            not_by=one.channel,
        )
        queue(connection, alarm, self._notifier.channels, now)


def notice_sender(resources: "Resources") -> NoticeSender:
    """The sender of this machine, or of production: as its settings say."""
    house = notifying_settings(resources.settings)
    return NoticeSender(resources.database, resources.notifier, house)


def _together(one: LoggedNotice) -> Any:
    """What goes out with this notice: others of low urgency, or what an earlier message held."""
    same = (_NOTICE.channel == one.channel.value) & (_NOTICE.address == one.address)
    same &= _NOTICE.who == one.who
    if one.sent_as is not None:
        return same & (_NOTICE.sent_as == one.sent_as)
    low = _NOTICE.kind.in_(_LOW) & _NOTICE.sent_as.is_(None)
    return same & low if one.kind.value in _LOW else None


def _name(parcel: Sequence[LoggedNotice]) -> str:
    """The message's id: the notice's own, or one that the same notices together always have."""
    if len(parcel) == 1:
        return parcel[0].sent_as or parcel[0].id
    names = "\0".join(sorted(one.id for one in parcel))
    return parcel[0].sent_as or f"digest-{hashlib.sha256(names.encode()).hexdigest()[:32]}"


def _message(parcel: Sequence[LoggedNotice], house: NotifyingSettings) -> Notice:
    one = parcel[0]
    said: RenderedNotice = one.message
    if len(parcel) > 1:
        lines = [each.message.short for each in parcel[:_MOST_SHOWN]]
        values = {"house": house.name, "messages": lines, "count": len(parcel)}
        said = rendered(DIGEST, one.language, values)
    return Notice(id=_name(parcel), channel=one.channel, to=one.address, **said.model_dump())


def _change(connection: Connection, parcel: Sequence[LoggedNotice], values: dict[str, Any]) -> None:
    these = _NOTICE.id.in_([one.id for one in parcel])
    connection.execute(update(_TABLE).where(these).values(values))


def _is_urgent(one: LoggedNotice) -> bool:
    return NOTICE_KINDS[one.kind].urgency is Urgency.URGENT


def _unaddressed(why: str, parcel: Sequence[LoggedNotice]) -> str:
    """What a service said, without the address that it may have repeated."""
    address = parcel[0].address
    return (why.replace(address, masked(address)) if address else why)[:1000]
