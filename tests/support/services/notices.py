"""The way of a notice from event to notifier: for tests of who is told what, and how."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from ebook_pipeline.books.notifying.addresses import Channel
from ebook_pipeline.books.records import Claims
from ebook_pipeline.books.reviewing.routing import ReviewRouting
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.notifier import Notice
from ebook_pipeline.services.delivering.dispatch import DeliveryLimits, deliver
from ebook_pipeline.services.notifying import confirming, notices
from ebook_pipeline.services.notifying.composing import NoticeComposer
from ebook_pipeline.services.notifying.recipients import NotifyingSettings
from ebook_pipeline.services.notifying.sending import NoticeSender, SendingSummary
from ebook_pipeline.services.recording.journal import Journal
from tests.support.services.submissions import arrive

AUTHOR = "jane@example.org"
PHONE = "+4930123456"
SETTINGS = NotifyingSettings(
    name="Books & Co", team="team@example.org", slack=True, shop_url="https://shop.example/",
    reached_at="https://desk.example",
)  # fmt: skip
FINDING = {"rule": "RSC-007", "severity": "error", "message": "A picture is missing"}
REJECTED = {"reason": "not publishable", "findings": [FINDING], "more": 0}


class Links:
    """As much of the edge as a notice needs."""

    def url(self, path: str) -> str:
        return f"https://edge.example/{path}"


class RecordingNotifier:
    """A notifier that notes what it is given, and fails as it is told; not one keeps ids."""

    channels = frozenset({Channel.MAIL, Channel.SMS, Channel.SLACK})

    def __init__(self) -> None:
        self.taken: list[Notice] = []
        self.error: Exception | None = None
        self.down: set[Channel] = set()

    def keeps_once(self, channel: Channel) -> bool:
        return False

    def forget(self, notice_id: str) -> None:
        self.taken = [notice for notice in self.taken if notice.id != notice_id]

    def forget_all(self, addresses: Collection[str]) -> None:
        self.taken = [notice for notice in self.taken if notice.to not in addresses]

    def send(self, notice: Notice) -> None:
        if self.error is not None and (not self.down or notice.channel in self.down):
            raise self.error
        self.taken.append(notice)


@dataclass
class NoticeFlow:
    """Composer, sender and notifier, as the daemon works them."""

    database: Database
    composer: NoticeComposer
    notifier: RecordingNotifier
    sender: NoticeSender

    def hear(self) -> Sequence[notices.LoggedNotice]:
        """Deliver all events; what was told by then, oldest first."""
        tallies = deliver(self.database, [self.composer], DeliveryLimits())
        assert [one.trouble for one in tallies] == [""]
        return notices.log(self.database)[::-1]

    def kinds(self, who: str = AUTHOR) -> list[str]:
        return [one.kind.value for one in self.hear() if one.who == who]

    def send(self, after: timedelta = timedelta(seconds=1)) -> SendingSummary:
        return self.sender.send_due(datetime.now(UTC) + after)


@pytest.fixture
def notice_flow(database: Database) -> NoticeFlow:
    for contact in (AUTHOR, PHONE):
        confirming.vouch(database, "house", contact, 20, actor="eve")
    notifier = RecordingNotifier()
    counter = NoticeComposer(database, Links(), SETTINGS, notifier.channels)  # type: ignore[arg-type]
    return NoticeFlow(database, counter, notifier, NoticeSender(database, notifier, SETTINGS))


def came(database: Database, content: str = "A", contact: str | None = AUTHOR) -> str:
    """A file of a book that is called emma."""
    return arrive(database, content, claims=Claims(title="Emma", contact=contact)).book


def ended(database: Database, outcome: Outcome, detail: dict[str, object], **options: str) -> None:
    stage = options.pop("stage", "validated_book")
    Journal(database).record("run", "emma", 1, stage, outcome, 0, detail=detail, **options)


def waits(database: Database, report: str = "r1", routing: ReviewRouting | None = None) -> None:
    journal = Journal(database, routing)
    detail = {"reason": "it needs a review", "title": "Emma"}
    journal.record(
        "run", "emma", 1, "drm_package", Outcome.WAITING, 0, data_version=report, detail=detail
    )


RUN = {"job": "ingest", "run": "r", "count": 1, "books": ["emma: down"], "more": 0}
FAILED = {"stage": "qa_report", "reason": "down", "title": "Emma", "book": "emma", "file": "e"}
