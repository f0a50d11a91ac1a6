"""Events that subscribers are told of: what an event holds, and every type that there is."""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from types import MappingProxyType
from typing import Any

from ebook_pipeline.foundation.record import Record

SOURCE = "/ebook-pipeline"
DELIVERY_PREFIX = "delivery."
"""How the types of those events begin that are about the delivery of other events."""
_CAUSE: ContextVar[str | None] = ContextVar("cause", default=None)
_ANSWERED: ContextVar[str | None] = ContextVar("answered", default=None)


class Event(Record):
    """Something that happened to a book. `id` names it for ever: told again, it has the same id.

    `version` is of the form of `data`; `correlation` is the run or command that caused it,
    `causation` the id of the event that it followed from, where it followed from one.
    """

    id: str
    type: str
    version: int = 1
    book: str
    at: datetime
    correlation: str
    causation: str | None = None
    data: dict[str, Any]

    def as_cloudevent(self, source: str = SOURCE) -> dict[str, Any]:
        """The event as CloudEvents 1.0 in JSON, with extension attributes of ours.

        https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
        """
        return {
            "specversion": "1.0",
            "id": self.id,
            "source": source,
            "type": self.type,
            "subject": self.book,
            "time": self.at.isoformat().replace("+00:00", "Z"),
            "datacontenttype": "application/json",
            "dataversion": self.version,
            "correlationid": self.correlation,
            **({"causationid": self.causation} if self.causation else {}),
            "data": self.data,
        }


class EventType(Record):
    """One type of event: when it is told, and what each field of its `data` says."""

    when: str
    data: dict[str, str]
    version: int = 1


_EDITION = {"edition": "The edition's number."}
_TASK = _EDITION | {"task": "The number of the review."}
_ENDED = _EDITION | {"stage": "Where it stopped.", "reason": "Why."}
_RELEASE = {"edition": "The edition's number.", "release": "The release's name."}
_LICENSE = {"license": "The licence's id."}
_OPINION = {
    "opinion": "Its number.",
    "stars": "From 1 to 5.",
    "state": "`visible`, `held`, `hidden` or `deleted`.",
}
_FIELD = {"field": "Which field of the metadata."}
_REFUSED = {
    "subscriber": "Who did not take it.",
    "event": "The id of the event.",
    "type": "Its type.",
    "error": "What the subscriber said last.",
    "attempts": "How often it was offered.",
}

EVENT_TYPES: Mapping[str, EventType] = MappingProxyType(
    {
        "submission.received": EventType(
            when="A file arrived.",
            data={
                "submission": "The submission's number.",
                "landing_key": "Where it was put.",
                "version": "Which version of the file.",
                "origin": "`landing`, `cli` or `http`.",
            },
        ),
        "edition.taken": EventType(
            when="A file became a book's next edition.",
            data={
                "edition": "The edition's number.",
                "submission": "The submission's number.",
                "sha256": "Of the manuscript.",
            },
        ),
        "book.created": EventType(
            when="A file made a book that there was not before.",
            data={
                "account": "Whose it is.",
                "submission": "The number of the submission that made it.",
            },
        ),
        "user.registered": EventType(
            when="Somebody new can sign in; the subject is `user:` and their number.",
            data={
                "user": "Their number, which stays when they are erased.",
                "account": "Where they have their first role.",
                "role": "Which: reader, author, editor, publisher or operator.",
            },
        ),
        "comment.answered": EventType(
            when="A comment on a manuscript was answered; the subject is `manuscript:` and its id.",
            data={
                "manuscript": "Its id.",
                "comment": "The number of the comment.",
                "answer": "The number of the answer.",
                "by": "Who answered.",
            },
        ),
        "book.stateChanged": EventType(
            when="A manuscript took a step of its life; its subject is `manuscript:` and its id.",
            data={
                "manuscript": "Its id.",
                "step": "Which step: docs/editing.md has them all.",
                "from": "`draft`, `submitted`, `ready`, `published` or `withdrawn`.",
                "to": "One of these.",
                "by": "Who took it.",
                "reason": "Why, where somebody said.",
            },
        ),
        "stage.started": EventType(
            when="A stage begins to work on a book; not where what it made before still holds.",
            data=_EDITION | {"stage": "Its name."},
        ),
        "stage.finished": EventType(
            when="A stage has done its work on a book.",
            data=_EDITION
            | {
                "stage": "Its name.",
                "seconds": "How long it worked.",
                "findings": "The worst: `rule`, `severity`, `message`, `place`, `remedy` of each.",
                "more": "How many more findings there are.",
            },
        ),
        "book.retried": EventType(
            when="Somebody asked for a book to be taken up again.", data={"actor": "Who asked."}
        ),
        "book.rejected": EventType(
            when="An edition is not sold: a check, a broken file or a person refused it.",
            data=_ENDED
            | {
                "findings": "The worst: `rule`, `severity`, `message`, `place`, `remedy` of each.",
                "more": "How many more findings there are.",
            },
        ),
        "book.failed": EventType(
            when="A book stopped for a fault of ours or of a service, not of its own.",
            data=_ENDED,
        ),
        "review.flagged": EventType(
            when="Somebody wants an edition reviewed, whatever quality says.",
            data=_EDITION | {"reason": "Why."},
        ),
        "review.asked": EventType(
            when="An edition waits for a person.",
            data=_TASK
            | {
                "report": "The data version of the report to judge.",
                "reason": "Why it waits.",
                "priority": "`urgent`, `high`, `normal` or `low`.",
                "due": "By when an answer is wanted.",
            },
        ),
        "review.assigned": EventType(
            when="A review was given to somebody.",
            data=_TASK | {"assignment": "How often the task was given to somebody by then."},
        ),
        "review.overdue": EventType(
            when="A review was not answered in time.", data=_TASK | {"due": "When it was due."}
        ),
        "review.voided": EventType(
            when="A review needs no answer any more.", data=_TASK | {"reason": "Why."}
        ),
        "review.decided": EventType(
            when="A person approved or rejected an edition.",
            data={
                "edition": "The edition's number.",
                "report": "The data version of the report that was judged.",
                "approved": "True or false.",
                "task": "The number of the review.",
            },
        ),
        "review.created": EventType(
            when="A reader wrote an opinion of a book.",
            data=_OPINION,
        ),
        "review.changed": EventType(
            when="A reader's opinion was changed or taken away, or is seen again.",
            data=_OPINION,
        ),
        "review.hidden": EventType(
            when="A reader's opinion is seen no more: it was reported, or a moderator hid it.",
            data=_OPINION,
        ),
        "release.live": EventType(when="A release went on sale, also again.", data=_RELEASE),
        "release.withdrawn": EventType(when="A book went off sale.", data=_RELEASE),
        "price.changed": EventType(
            when="A price was set for a territory, or ended there.",
            data={
                "price": "`territory`, `type` (ONIX list 58), `currency`, `amount`, `valid_from`, "
                "`valid_until` of the price that was set.",
                "territory": "Where prices ended.",
                "currency": "Of the prices that ended.",
                "ended": "The first day on which they hold no more.",
            },
        ),
        "availability.changed": EventType(
            when="Where a book may be sold changed, or from which day.",
            data={
                "rights": "`territory` and `type` (ONIX list 46) of each right that was set.",
                "forgotten": "Territories of which nothing is said any more.",
                "sold_from": "The first day of sale, or null for at once.",
            },
        ),
        "edge.broken": EventType(
            when="Verification finds wrong at the edge what was right before, once per incident.",
            data={
                "release": "The release's name.",
                "point": "Where it was asked: `edge`, or a name of `EBOOK_EDGE_POINTS`.",
                "everything": "True where nothing at all is answered there, for any book.",
                "faults": "`rule`, `asked`, `message` and `remedy` of each, ten at most.",
            },
        ),
        "edge.restored": EventType(
            when="What was broken at the edge is right again.",
            data={
                "point": "Where it was asked.",
                "everything": "True where nothing was answered there.",
                "seconds": "From the first fault seen to the recovery seen.",
            },
        ),
        "book.downloaded": EventType(
            when="A file of a book was fetched from the edge; counted by hour, and told late.",
            data={
                "what": "`book`, `excerpt` or `preview`.",
                "form": "The suffix of the file: `epub`, `pdf`, `html`.",
                "times": "How often it was fetched from its beginning within the hour.",
                "length": "Bytes that were sent of it then.",
            },
        ),
        "metadata.locked": EventType(when="A person fixed a field.", data=_FIELD),
        "metadata.unlocked": EventType(when="A field is found by the next run again.", data=_FIELD),
        "license.issued": EventType(
            when="A reader was given a licence.",
            data=_LICENSE | {"reader": "Whose it is."},
        ),
        "license.registered": EventType(when="A device opened a licence.", data=_LICENSE),
        "license.renewed": EventType(when="A loan was prolonged.", data=_LICENSE),
        "license.returned": EventType(when="A loan was given back.", data=_LICENSE),
        "license.revoked": EventType(when="A licence was revoked.", data=_LICENSE),
        "license.cancelled": EventType(when="A licence ended before its first use.", data=_LICENSE),
        "copy.made": EventType(
            when="A buyer's own copy was made, for the first time for this order.",
            data=_RELEASE
            | {
                "order": "The shop's order.",
                "form": "`epub` or `pdf`.",
                "sha256": "Of the copy.",
                "length": "Of the copy, in bytes.",
            },
        ),
        "delivery.dead": EventType(
            when="An event was set aside: a subscriber refused it for days.",
            data=_REFUSED,
        ),
        "delivery.disabled": EventType(
            when="A subscriber is told nothing more: it answered that it is gone.", data=_REFUSED
        ),
    }
)
"""Every type of event: `ledger.emit` takes no other, and docs/event_types.md lists them."""


@contextmanager
def caused_by(cause: str) -> Iterator[None]:
    """Events emitted meanwhile, in this thread, name `cause` as their correlation, if it is one."""
    token = _CAUSE.set(cause or None)
    try:
        yield
    finally:
        _CAUSE.reset(token)


@contextmanager
def following(event: str) -> Iterator[None]:
    """Events emitted meanwhile, in this thread, name the one of this id as their causation."""
    token = _ANSWERED.set(event)
    try:
        yield
    finally:
        _ANSWERED.reset(token)


def followed() -> str | None:
    """The id of the event that what is emitted now follows from, or None."""
    return _ANSWERED.get()


def current_cause() -> str | None:
    """The run or command under way, or None where nobody said."""
    return _CAUSE.get()


def new_id() -> str:
    """An id that no other event has or will have."""
    return str(uuid.uuid4())


def checked_type(name: str, data: Mapping[str, Any]) -> EventType:
    """The type called `name`; ValueError where there is none, or it has no such fields."""
    event_type = EVENT_TYPES.get(name)
    if event_type is None:
        raise ValueError(f"{name!r} is no event: describe it in foundation/events.py")
    if unknown := set(data) - set(event_type.data):
        raise ValueError(
            f"{name} has fields that foundation/events.py does not describe: {unknown}"
        )
    return event_type
