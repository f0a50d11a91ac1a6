"""Events turned into word to people: who hears of what, and what they must know of it."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sqlalchemy import select

from ebook_pipeline.books.notifying.addresses import Channel
from ebook_pipeline.books.notifying.notice_kinds import NOTICE_KINDS, NoticeKind
from ebook_pipeline.books.notifying.rendering import Link
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.foundation.events import Event
from ebook_pipeline.foundation.findings import in_one_line
from ebook_pipeline.resources.cdn import Cdn
from ebook_pipeline.resources.database import Database, tables
from ebook_pipeline.resources.edge.origin import PUBLIC
from ebook_pipeline.services.notifying import notices
from ebook_pipeline.services.notifying.confirming import Confirming
from ebook_pipeline.services.notifying.editing_notices import EditingNotices
from ebook_pipeline.services.notifying.new_books import NewBookNotices
from ebook_pipeline.services.notifying.notices import NoticeRequest
from ebook_pipeline.services.notifying.recipients import (
    NotifyingSettings,
    Recipient,
    RecipientDirectory,
    name_of,
    notifying_settings,
)
from ebook_pipeline.services.releasing import releases
from ebook_pipeline.services.reviewing import reviews
from ebook_pipeline.services.reviewing.reviews import ReviewTask

if TYPE_CHECKING:
    from ebook_pipeline.resources import Resources

_SUBMISSION = tables.submission.c
_DESCRIPTION = tables.description.c
_GATED = "drm_package"
_NAMING = ("book", "manuscript", "task")
_LINKS = {"preview": "preview", "cover": "cover"}


class NoticeComposer:
    """A subscriber of events that only writes down what is to be told: sending comes later.

    So a mail server that is down holds up nobody, and an event that is told again changes
    nothing: its notices are there already.
    """

    name = "notices"

    def __init__(
        self,
        database: Database,
        cdn: Cdn,
        settings: NotifyingSettings,
        channels: frozenset[Channel],
    ) -> None:
        self._database, self._cdn, self._settings = database, cdn, settings
        self._channels = channels
        self._directory = RecipientDirectory(database, settings)
        self._confirming = Confirming(settings, channels)
        self._new_books = NewBookNotices(database, self._directory, settings)
        editing = EditingNotices(database, self._directory, settings)
        self._plans: Mapping[str, Callable[[Event], Iterable[NoticeRequest]]] = {
            "submission.received": self._received,
            "book.rejected": self._rejected,
            "book.failed": self._failed,
            "release.live": self._on_sale,
            "release.withdrawn": self._withdrawn,
            "review.asked": self._asked,
            "review.assigned": self._assigned,
            "review.overdue": self._overdue,
            "review.voided": self._voided,
            "edge.broken": self._edge_broken,
            "edge.restored": self._edge_restored,
            "delivery.dead": self._delivery_dead,
            "delivery.disabled": self._delivery_disabled,
            "book.stateChanged": editing.of_step,
            "comment.answered": editing.of_answer,
        }

    def deliver(self, event: Event) -> None:
        """Queue the notices of an event; of most there are none."""
        plan = self._plans.get(event.type)
        if plan is not None:
            self._queue(plan(event))
        if event.type == "release.live":
            self._tell_followers(event)

    def tell_team(
        self, kind: NoticeKind, cause: str, values: Mapping[str, Any], book: str | None = None
    ) -> bool:
        """Tell the team what no event says; whether it is news. `cause` names it for ever."""
        if book is not None:
            values = {**self._book(book), **values}
        whole = {"house": self._settings.name, **values}
        to = self._directory.team()
        return (
            self._queue([NoticeRequest(kind=kind, to=to, cause=cause, values=whole, book=book)]) > 0
        )

    def _queue(self, planned: Iterable[NoticeRequest]) -> int:
        """All of one event, or none: they are found out first, and written in one transaction."""
        requests = [self._placed(request) for request in planned]
        now = datetime.now(UTC)
        with self._database.begin() as connection:
            for request in requests:
                self._confirming.ask(connection, request.to, now)
            return sum(
                notices.queue(connection, request, self._channels, now) for request in requests
            )

    def _placed(self, request: NoticeRequest) -> NoticeRequest:
        """With the address of the page that it is about, where people reach the desk."""
        page = NOTICE_KINDS[request.kind].page
        if not page or not self._settings.reached_at:
            return request
        names = {"book": request.book or "", **request.values}
        named = {name: quote(str(names[name]), safe="") for name in _NAMING if name in names}
        link = Link(f"{self._settings.reached_at}{page.format(**named)}")
        return request.model_copy(update={"values": {**request.values, "desk": link}})

    def _received(self, event: Event) -> Iterable[NoticeRequest]:
        yield self._author(event, NoticeKind.BOOK_RECEIVED)

    def _rejected(self, event: Event) -> Iterable[NoticeRequest]:
        data = event.data
        values = {"reason": data["reason"], "findings": data["findings"], "more": data["more"]}
        yield self._author(event, NoticeKind.BOOK_REJECTED, {**values, "note": self._note(event)})

    def _note(self, event: Event) -> str:
        """What the editor wrote who rejected it; a check's rejection has no such note."""
        if event.data["stage"] != _GATED:
            return ""
        decision = reviews.last_decision(self._database, event.book, event.data["edition"])
        return decision.note if decision is not None and not decision.approved else ""

    def _failed(self, event: Event) -> Iterable[NoticeRequest]:
        values = {"stage": event.data["stage"], "reason": event.data["reason"]}
        yield self._team(event, NoticeKind.BOOK_FAILED, values)

    def _on_sale(self, event: Event) -> Iterable[NoticeRequest]:
        """Told once for each release, and again after a withdrawal; a mended word is no news."""
        live = releases.current(self._database, event.book)
        release = event.data["release"]
        if live is None or live.state != "live" or live.release != release:
            return  # a later event says what holds now
        with self._database.begin() as connection:
            kinds = (NoticeKind.BOOK_ON_SALE, NoticeKind.BOOK_WITHDRAWN)
            if notices.last_about(connection, event.book, kinds) == (kinds[0], release):
                return
        values = {"links": self._links(live), "edition": live.entry.edition}
        yield self._author(event, NoticeKind.BOOK_ON_SALE, values, about=release)

    def _tell_followers(self, event: Event) -> None:
        """Some at a time: an author may have many, and who was told already is told no more."""
        live = releases.current(self._database, event.book)
        if live is None or live.state != "live":
            return
        for requests in self._new_books.of_release(event, live):
            self._queue(requests)

    def _withdrawn(self, event: Event) -> Iterable[NoticeRequest]:
        yield self._author(event, NoticeKind.BOOK_WITHDRAWN, about=event.data["release"])

    def _asked(self, event: Event) -> Iterable[NoticeRequest]:
        task = self._open_task(event)
        if task is None:
            return
        live = releases.current(self._database, event.book)
        if live is None or live.entry.edition != task.edition:  # else it is on sale already
            yield self._author(event, NoticeKind.BOOK_WAITING)
        if not task.assignee:
            yield self._review(event, NoticeKind.REVIEW_ASKED, task, self._directory.reviewers())

    def _assigned(self, event: Event) -> Iterable[NoticeRequest]:
        """Only who has the task now: an assignment that was changed since is no news."""
        task = self._open_task(event)
        if task and task.assignee and task.assignments == event.data["assignment"]:
            to = self._directory.reviewer(task.assignee)
            yield self._review(event, NoticeKind.REVIEW_ASSIGNED, task, to)

    def _overdue(self, event: Event) -> Iterable[NoticeRequest]:
        task = self._open_task(event)
        if task is None:
            return
        names = dict.fromkeys(
            name_of(person) for person in (task.assignee, task.escalate_to) if person
        )
        recipients = [self._directory.reviewer(name) for name in names] or [
            self._directory.reviewers()
        ]
        for to in recipients:
            yield self._review(event, NoticeKind.REVIEW_OVERDUE, task, to)

    def _voided(self, event: Event) -> Iterable[NoticeRequest]:
        task = self._task(event)
        if task and task.assignee and task.state == "voided":
            values = {"task": task.id, "reason": event.data["reason"]}
            to = self._directory.reviewer(task.assignee)
            yield self._request(
                event, NoticeKind.REVIEW_VOIDED, to, values, about=f"task {task.id}"
            )

    def _edge_broken(self, event: Event) -> Iterable[NoticeRequest]:
        data = event.data
        facts = [
            f"{data['point']}: {fault['asked']}: {fault['message']}" for fault in data["faults"]
        ]
        if data["everything"]:
            facts = [f"{data['point']}: nothing is answered there, for any book", *facts]
        yield self._team(event, NoticeKind.EDGE_BROKEN, {"facts": facts})

    def _edge_restored(self, event: Event) -> Iterable[NoticeRequest]:
        yield self._team(event, NoticeKind.EDGE_RESTORED, {})

    def _delivery_dead(self, event: Event) -> Iterable[NoticeRequest]:
        """Once a day for each subscriber: one that is down refuses every event."""
        values = {name: event.data[name] for name in ("subscriber", "type", "error", "attempts")}
        cause = f"dead {event.data['subscriber']} {event.at:%Y-%m-%d}"
        yield self._team(event, NoticeKind.DELIVERY_DEAD, values).model_copy(
            update={"cause": cause}
        )

    def _delivery_disabled(self, event: Event) -> Iterable[NoticeRequest]:
        values = {name: event.data[name] for name in ("subscriber", "error")}
        yield self._team(event, NoticeKind.DELIVERY_DISABLED, values)

    def _author(
        self,
        event: Event,
        kind: NoticeKind,
        values: Mapping[str, Any] | None = None,
        about: str = "",
    ) -> NoticeRequest:
        to = self._directory.author(event.book)
        return self._request(event, kind, to, values or {}, about=about)

    def _team(self, event: Event, kind: NoticeKind, values: Mapping[str, Any]) -> NoticeRequest:
        return self._request(event, kind, self._directory.team(), values)

    def _review(
        self, event: Event, kind: NoticeKind, task: ReviewTask, to: Recipient
    ) -> NoticeRequest:
        shown = task.evidence
        shown_values = {
            "task": task.id,
            "assignee": task.assignee or "–",
            "reason": in_one_line(shown.get("reasons") or ()) or shown.get("reason", ""),
            "priority": task.priority.value,
            "due": task.due,
            "findings": shown.get("findings", []),
            "more": shown.get("more", 0),
        }
        return self._request(event, kind, to, shown_values, about=f"task {task.id}")

    def _request(
        self,
        event: Event,
        kind: NoticeKind,
        to: Recipient,
        values: Mapping[str, Any],
        about: str = "",
    ) -> NoticeRequest:
        known = {"house": self._settings.name, "edition": event.data.get("edition", 0)}
        whole = {**known, **self._book(event.book), **values}
        return NoticeRequest(
            kind=kind, to=to, cause=event.id, values=whole, book=event.book, about=about
        )

    def _open_task(self, event: Event) -> ReviewTask | None:
        task = self._task(event)
        return task if task and task.state == "open" else None

    def _task(self, event: Event) -> ReviewTask | None:
        """None where it was purged since."""
        try:
            return reviews.task_of(self._database, event.data["task"])
        except NotFound:
            return None

    def _book(self, book: str) -> dict[str, Any]:
        """How people call the book: its title as far as it is known, and its file's name."""
        claimed = _SUBMISSION.claims["title"].astext
        submitted = select(_SUBMISSION.source, claimed.label("title")).where(
            _SUBMISSION.book == book
        )
        described = select(_DESCRIPTION.title).where(_DESCRIPTION.book == book)
        with self._database.begin() as connection:
            row = connection.execute(submitted.order_by(_SUBMISSION.id.desc()).limit(1)).first()
            newest = described.order_by(_DESCRIPTION.id.desc()).limit(1)
            title = connection.execute(newest).scalar_one_or_none()
        file = PurePath(row.source).name if row else book
        return {"book": book, "file": file, "title": title or (row and row.title) or file}

    def _links(self, live: releases.BookRelease) -> list[dict[str, Any]]:
        """What everybody may see: the shop's page, the preview, the cover; never what is sold."""
        shop = self._settings.shop_url.rstrip("/")
        page = [{"name": "page", "url": Link(f"{shop}/books/{live.book}")}] if shop else []
        paths = {name: live.distribution.path(rel) for name, rel in _LINKS.items()}
        shown = {
            name: self._cdn.url(path)
            for name, path in paths.items()
            if path and path.startswith(PUBLIC)
        }
        return page + [{"name": name, "url": Link(url)} for name, url in shown.items()]


def notice_composer(resources: "Resources") -> NoticeComposer:
    """The composer of this machine, or of production: as its settings say."""
    settings = notifying_settings(resources.settings)
    channels = resources.notifier.channels
    return NoticeComposer(resources.database, resources.cdn, settings, channels)
