"""Who is told what, once, whatever is repeated, killed or down meanwhile."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from arrivals import arrive, offer
from postgres import rows
from sellers import sell

from ebook_pipeline.books.errors import Denied, NotFound, ServiceError, Unavailable
from ebook_pipeline.books.notices.addresses import Channel
from ebook_pipeline.books.notices.kinds import Kind
from ebook_pipeline.books.records import Claims
from ebook_pipeline.books.review_routing import Routing
from ebook_pipeline.execution.outcome import Outcome
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.notifier import Notice, Outbox, Unanswered
from ebook_pipeline.services import notices, releases, review_routes, reviews
from ebook_pipeline.services.delivery import Terms, deliver
from ebook_pipeline.services.delivery_desk import replay
from ebook_pipeline.services.journal import Journal
from ebook_pipeline.services.ledger import emit
from ebook_pipeline.services.notice_desk import NoticeDesk
from ebook_pipeline.services.notice_sending import Sender, Tally
from ebook_pipeline.services.recipients import House, forget, prefer, preferences_of
from ebook_pipeline.services.review_routes import Assignment
from ebook_pipeline.services.submissions import submit

AUTHOR = "jane@example.org"
HOUSE = House(
    name="Books & Co", team="team@example.org", slack=True, shop_url="https://shop.example/"
)
FINDING = {"rule": "RSC-007", "severity": "error", "message": "A picture is missing"}
REJECTED = {"reason": "not publishable", "findings": [FINDING], "more": 0}


class Links:
    """As much of the edge as a notice needs."""

    def url(self, path: str) -> str:
        return f"https://edge.example/{path}"


class Post:
    """A notifier that notes what it is given, and fails as it is told; not one keeps ids."""

    channels = frozenset({Channel.MAIL, Channel.SMS, Channel.SLACK})

    def __init__(self) -> None:
        self.taken: list[Notice] = []
        self.error: Exception | None = None
        self.down: set[Channel] = set()

    def keeps_once(self, channel: Channel) -> bool:
        return False

    def send(self, notice: Notice) -> None:
        if self.error is not None and (not self.down or notice.channel in self.down):
            raise self.error
        self.taken.append(notice)


@dataclass
class Desk:
    """A notice desk with its post, as the daemon works them."""

    database: Database
    desk: NoticeDesk
    post: Post
    sender: Sender

    def hear(self) -> Sequence[notices.Logged]:
        """Deliver all events; what was told by then, oldest first."""
        tallies = deliver(self.database, [self.desk], Terms())
        assert [one.trouble for one in tallies] == [""]
        return notices.log(self.database)[::-1]

    def kinds(self, who: str = AUTHOR) -> list[str]:
        return [one.kind.value for one in self.hear() if one.who == who]

    def send(self, after: timedelta = timedelta(seconds=1)) -> Tally:
        return self.sender.send_due(datetime.now(UTC) + after)


@pytest.fixture
def desk(database: Database) -> Desk:
    post = Post()
    counter = NoticeDesk(database, Links(), HOUSE, post.channels)  # type: ignore[arg-type]
    return Desk(database, counter, post, Sender(database, post, HOUSE))


def came(database: Database, content: str = "A", contact: str | None = AUTHOR) -> None:
    arrive(database, content, claims=Claims(title="Emma", contact=contact))


def ended(database: Database, outcome: Outcome, detail: dict[str, object], **options: str) -> None:
    stage = options.pop("stage", "validated_book")
    Journal(database).record("run", "emma", 1, stage, outcome, 0, detail=detail, **options)


def waits(database: Database, report: str = "r1", routing: Routing | None = None) -> None:
    journal = Journal(database, routing)
    detail = {"reason": "it needs a review", "title": "Emma"}
    journal.record(
        "run", "emma", 1, "drm_package", Outcome.WAITING, 0, data_version=report, detail=detail
    )


class TestAuthors:
    def test_an_author_hears_of_every_step(self, database: Database, desk: Desk) -> None:
        sell(database, "emma", title="Emma")
        submit(database, offer("emma.epub", "2", Claims(contact=AUTHOR)), actor="ann")
        releases.withdraw(database, "emma", actor="ann")
        desk.hear()
        releases.release(database, "emma", actor="ann")
        assert sorted(desk.kinds()) == [
            "book_on_sale",
            "book_received",
            "book_received",
            "book_withdrawn",
        ]

    def test_findings_come_with_the_editors_word(self, database: Database, desk: Desk) -> None:
        came(database)
        waits(database)
        reviews.decide(database, "emma", approved=False, note="The ending is missing", actor="eva")
        ended(database, Outcome.REJECTED, REJECTED, stage="drm_package")
        told = [one for one in desk.hear() if one.kind is Kind.BOOK_REJECTED]
        (message,) = [one.message for one in told]
        assert "Our editor writes: The ending is missing" in message.text
        assert "A picture is missing" in message.text
        assert "eva" not in message.text

    def test_a_release_is_told_with_links_that_everybody_may_follow(
        self, database: Database, desk: Desk
    ) -> None:
        sell(database, "emma", title="Emma")
        (told,) = [one for one in desk.hear() if one.kind is Kind.BOOK_ON_SALE]
        assert "https://shop.example/books/emma" in told.message.text
        assert "https://edge.example/public/emma/preview" in told.message.html
        assert "publication" not in told.message.text

    def test_who_gave_no_contact_is_noted_and_nobody_else_told(
        self, database: Database, desk: Desk
    ) -> None:
        for contact in (None, "call me maybe", "a@b.org, c@d.org"):
            came(database, contact or "", contact)
        assert {(one.state, one.why) for one in desk.hear()} == {
            ("suppressed", "no address is known")
        }
        assert desk.send() == Tally()

    def test_a_phone_number_is_a_contact_too(self, database: Database, desk: Desk) -> None:
        came(database, contact="+4930123456")
        desk.hear()
        desk.send()
        (sent,) = desk.post.taken
        assert (sent.channel, sent.to, sent.short) == (
            Channel.SMS,
            "+4930123456",
            "“Emma” has arrived (emma.epub).",
        )

    def test_a_hostile_book_changes_no_line(self, database: Database, desk: Desk) -> None:
        title = "Emma\r\nBcc: all@example.org\n<!channel> {{ house }} https://evil.example"
        arrive(database, claims=Claims(title=title, contact=AUTHOR))
        (told,) = desk.hear()
        assert told.message.subject.startswith("We have received “Emma Bcc: all@example.org <!ch")
        assert "{{ house }}" in told.message.text
        assert "https://evil" not in told.message.text


class TestOnce:
    def test_a_rerun_that_ends_alike_is_no_news(self, database: Database, desk: Desk) -> None:
        came(database)
        for detail in (REJECTED, REJECTED):
            ended(database, Outcome.REJECTED, detail)
            ended(database, Outcome.FAILED, {"reason": "Unavailable: 503"})
        ended(database, Outcome.REJECTED, REJECTED | {"reason": "another"})
        assert desk.kinds().count("book_rejected") == 2
        assert desk.kinds("team") == ["book_failed"] * 2  # by mail and by Slack

    def test_the_same_fault_of_a_new_file_is_news(self, database: Database, desk: Desk) -> None:
        came(database)
        ended(database, Outcome.REJECTED, REJECTED)
        submit(database, offer("emma.epub", "again", Claims(contact=AUTHOR)), actor="ann")
        ended(database, Outcome.REJECTED, REJECTED)
        assert desk.kinds().count("book_rejected") == 2

    def test_an_event_that_is_told_again_is_no_second_notice(
        self, database: Database, desk: Desk
    ) -> None:
        sell(database, "emma")
        came(database, "B")
        waits(database)
        first = desk.hear()
        desk.send()
        now = datetime.now(UTC)
        replay(database, "notices", now - timedelta(days=1), now, actor="ann")
        assert [one.id for one in desk.hear()] == [one.id for one in first]
        assert desk.send() == Tally()

    def test_a_mended_word_in_the_catalogue_is_no_second_sale(
        self, database: Database, desk: Desk
    ) -> None:
        sell(database, "emma", title="Emma")
        desk.hear()
        with database.begin() as connection:
            emit(connection, "release.live", "emma", {"edition": 1, "release": "emma-1"})
        assert desk.kinds("author of emma").count("book_on_sale") == 1

    def test_two_senders_at_once_send_each_once(self, database: Database, desk: Desk) -> None:
        for number in range(6):
            desk.desk.tell_team(Kind.RUN_FAILED, f"run {number}", RUN)
        other = Sender(database, desk.post, HOUSE)
        tallies = [one.send_due(datetime.now(UTC), most=3) for one in (desk.sender, other)]
        assert [one.sent for one in tallies] == [3, 3]
        assert len({one.id for one in desk.post.taken}) == 6


RUN = {"job": "ingest", "run": "r", "count": 1, "books": ["emma: down"], "more": 0}


class TestSending:
    def test_a_notifier_that_is_down_for_an_hour_loses_nothing_and_tells_nobody_twice(
        self, database: Database, desk: Desk
    ) -> None:
        came(database)
        desk.hear()
        desk.post.error = Unavailable("503")
        begin = datetime.now(UTC)
        tries = sum(
            desk.sender.send_due(begin + timedelta(minutes=minute)).later for minute in range(61)
        )
        assert tries == 6  # after 0, 1, 3, 7, 15 and 31 minutes
        desk.post.error = None
        after = [begin + timedelta(minutes=61 + minute) for minute in range(10)]
        assert sum(desk.sender.send_due(moment).sent for moment in after) == 1
        assert [one.to for one in desk.post.taken] == [AUTHOR]
        (told,) = notices.log(database)
        assert (told.state, told.attempts, told.why) == ("sent", 7, "")

    def test_what_is_refused_for_good_fails_loudly_by_another_channel(
        self, database: Database, desk: Desk
    ) -> None:
        came(database)
        desk.hear()
        desk.post.error = Denied(f"the mailbox {AUTHOR} is closed")
        desk.post.down = {Channel.MAIL}
        assert desk.send() == Tally(failed=1, sent=1)
        (alarm,) = desk.post.taken
        assert alarm.channel is Channel.SLACK
        assert "book_received" in alarm.text
        assert "j…@example.org" in alarm.text
        assert AUTHOR not in alarm.text

    def test_a_channel_that_fails_is_one_alarm_and_alarms_of_alarms_there_are_none(
        self, database: Database, desk: Desk
    ) -> None:
        for number in range(3):
            desk.desk.tell_team(Kind.BOOK_FAILED, f"{number}", FAILED | {"stage": str(number)})
            desk.desk.tell_team(Kind.RUN_FAILED, f"run {number}", RUN)
        desk.post.error = Denied("no")
        while desk.send().failed:
            pass
        states = rows(database, "SELECT kind, count(*) FROM notice GROUP BY kind ORDER BY kind")
        alarms = dict(states)["notice_failed"]
        assert alarms == 2  # mail and Slack are out of order: one each
        assert rows(database, "SELECT DISTINCT state FROM notice") == [("failed",)]

    def test_trying_ends(self, database: Database, desk: Desk) -> None:
        came(database)
        desk.hear()
        desk.post.error = Unavailable("503")
        begin = datetime.now(UTC)
        found = [desk.sender.send_due(begin + timedelta(hours=hour)) for hour in range(30)]
        assert sum(one.failed for one in found) >= 1
        told = notices.log(database, kind=Kind.BOOK_RECEIVED)[0]
        assert (told.state, told.attempts) == ("failed", 12)

    def test_a_failed_one_is_sent_again_when_somebody_asks(
        self, database: Database, desk: Desk
    ) -> None:
        came(database)
        desk.hear()
        desk.post.error = Denied("no")
        desk.send()
        desk.post.error = None
        failed = notices.log(database, state="failed")[0]
        notices.send_again(database, failed.id[:12], actor="ann")
        desk.send()
        assert notices.notice(database, failed.id).state == "sent"
        with pytest.raises(ServiceError, match="is sent"):
            notices.send_again(database, failed.id, actor="ann")
        with pytest.raises(NotFound):
            notices.notice(database, "%")


class TestKilled:
    """Between handing a notice over and noting that: the process is gone, the claim is left."""

    LATER = timedelta(minutes=11)

    def _cut_off(self, desk: Desk) -> None:
        class Killed(BaseException):
            pass

        desk.post.error = Killed()  # type: ignore[assignment]
        with pytest.raises(Killed):
            desk.send()
        desk.post.error = None

    def test_a_mail_may_have_gone_out_and_is_not_sent_twice(
        self, database: Database, desk: Desk
    ) -> None:
        came(database)
        desk.hear()
        self._cut_off(desk)
        assert desk.send() == Tally()  # who claimed it may still live
        assert desk.send(self.LATER).failed == 1
        (told,) = notices.log(database, kind=Kind.BOOK_RECEIVED)
        assert (told.state, told.why) == (
            "failed",
            "whether it arrived is not known: its sending was cut off",
        )
        assert {one.to for one in desk.post.taken} <= {"team@example.org", ""}

    def test_an_urgent_alarm_is_sent_again_under_the_same_id(self, desk: Desk) -> None:
        desk.desk.tell_team(Kind.RUN_FAILED, "run", RUN)
        self._cut_off(desk)
        before = {one.id for one in desk.post.taken}
        desk.send(self.LATER)
        assert {one.channel for one in desk.post.taken} == {Channel.MAIL, Channel.SLACK}
        assert before <= {one.id for one in desk.post.taken}

    def test_an_outbox_is_written_again_and_has_one_copy(
        self, database: Database, desk: Desk, tmp_path: Path
    ) -> None:
        came(database, "A")
        came(database, "B")
        desk.hear()
        outbox = Outbox(tmp_path / "outbox")
        real = outbox.send

        def send_and_die(notice: Notice) -> None:
            real(notice)
            raise KeyboardInterrupt

        outbox.send = send_and_die  # type: ignore[method-assign]
        sender = Sender(database, outbox, HOUSE)
        now = datetime.now(UTC)
        with pytest.raises(KeyboardInterrupt):
            sender.send_due(now)
        outbox.send = real  # type: ignore[method-assign]
        came(database, "C")
        desk.hear()
        later = now + self.LATER
        assert sender.send_due(later).sent == 3
        assert len(list((tmp_path / "outbox").glob("*.json"))) == 2
        assert sender.send_due(later) == Tally()

    def test_an_answer_that_was_lost_is_not_tried_again(
        self, database: Database, desk: Desk
    ) -> None:
        came(database)
        desk.hear()
        desk.post.error = Unanswered("Amazon took it and did not answer")
        desk.post.down = {Channel.MAIL}
        assert desk.send().failed == 1
        assert notices.log(database, state="failed")[0].attempts == 1


FAILED = {"stage": "qa_report", "reason": "down", "title": "Emma", "book": "emma", "file": "e"}


class TestPreferences:
    def test_low_ones_come_together_after_the_quiet_hours(
        self, database: Database, desk: Desk
    ) -> None:
        quiet = {"quiet_from": "00:00", "quiet_to": "23:59", "zone": "UTC", "language": "de"}
        prefer(database, AUTHOR, quiet, actor="ann")
        came(database, "A")
        came(database, "B")
        waits_of_two(database)
        assert len(desk.hear()) == 4
        assert desk.send().sent == 1  # the review's, who has no quiet hours
        desk.post.taken.clear()
        assert desk.send(timedelta(days=1)).sent == 3
        (digest,) = desk.post.taken
        assert digest.subject == "3 Nachrichten zu Ihren Büchern"
        assert "„Emma“ wartet auf die Redaktion." in digest.text
        assert {
            one.sent_as for one in notices.log(database, state="sent") if one.who == AUTHOR
        } == {digest.id}

    def test_a_digest_that_is_refused_keeps_its_notices(
        self, database: Database, desk: Desk
    ) -> None:
        came(database, "A")
        came(database, "B")
        desk.hear()
        desk.post.error = Unavailable("503")
        assert desk.send().later == 2
        desk.post.error = None
        assert desk.send(timedelta(minutes=2)).sent == 2
        assert len(desk.post.taken) == 1

    def test_nobody_unsubscribes_from_a_rejection(self, database: Database, desk: Desk) -> None:
        everything = {"unsubscribed": [kind.value for kind in Kind]}
        prefer(database, AUTHOR.upper(), everything, actor="ann")
        came(database)
        ended(database, Outcome.REJECTED, REJECTED)
        states = {one.kind.value: (one.state, one.why) for one in desk.hear()}
        assert states == {
            "book_received": ("suppressed", "unsubscribed"),
            "book_rejected": ("queued", ""),
        }

    def test_the_team_is_told_by_mail_and_slack_and_each_as_it_wants(
        self, database: Database, desk: Desk
    ) -> None:
        desk.desk.tell_team(Kind.RUN_FAILED, "one", RUN)
        wish = {"phone": "+4930123456", "by_kind": {"run_failed": ["sms", "slack"]}}
        prefer(database, "team", wish, actor="ann")
        desk.desk.tell_team(Kind.RUN_FAILED, "two", RUN)
        told = [(one.cause, one.channel.value) for one in notices.log(database)]
        assert sorted(told) == [("one", "mail"), ("one", "slack"), ("two", "slack"), ("two", "sms")]

    def test_a_channel_that_is_not_set_up_is_replaced_by_the_usual_one(
        self, database: Database, desk: Desk
    ) -> None:
        prefer(database, AUTHOR, {"channels": ["topic"]}, actor="ann")
        came(database)
        assert [one.channel for one in desk.hear()] == [Channel.MAIL]

    def test_wishes_add_up_and_are_forgotten(self, database: Database) -> None:
        prefer(database, "Ann", {"mail": "ann@example.org"}, actor="ann")
        prefer(database, "ann", {"language": "de"}, actor="ann")
        found = preferences_of(database, "ANN")
        assert found is not None
        assert (found.mail, found.language) == ("ann@example.org", "de")
        with pytest.raises(ServiceError, match=r"language: .*en"):
            prefer(database, "ann", {"language": "tlh"}, actor="ann")
        forget(database, "ann", actor="ann")
        assert preferences_of(database, "ann") is None
        with pytest.raises(NotFound):
            forget(database, "ann", actor="ann")


def waits_of_two(database: Database) -> None:
    Journal(database).record(
        "run", "emma", 2, "drm_package", Outcome.WAITING, 0, data_version="r", detail={}
    )


class TestReviewers:
    def test_an_author_whose_book_is_on_sale_is_not_told_of_a_flag(
        self, database: Database, desk: Desk
    ) -> None:
        sell(database, "emma")
        Journal(database).record("run", "emma", 1, "qa_report", Outcome.DONE, 0, data_version="r")
        review_routes.flag(database, "emma", reason="odd", actor="ann")
        kinds = [one.kind.value for one in desk.hear()]
        assert "review_asked" in kinds
        assert "book_waiting" not in kinds

    def test_a_review_of_nobody_goes_to_all_and_an_assigned_one_to_its_assignee(
        self, database: Database, desk: Desk
    ) -> None:
        came(database)
        waits(database)
        assert desk.kinds("reviewers") == ["review_asked"]
        review_routes.assign(database, "emma", Assignment(assignee="Eva@example.org"), actor="ann")
        assert desk.kinds("eva@example.org") == ["review_assigned"]
        told = [one for one in desk.hear() if one.kind is Kind.REVIEW_ASSIGNED]
        assert told[0].address == "Eva@example.org"

    def test_who_lost_the_task_meanwhile_is_not_told(self, database: Database, desk: Desk) -> None:
        came(database)
        waits(database)
        for name in ("eva@example.org", "udo@example.org"):
            review_routes.assign(database, "emma", Assignment(assignee=name), actor="ann")
        assert desk.kinds("eva@example.org") == []
        assert desk.kinds("udo@example.org") == ["review_assigned"]

    def test_a_name_without_address_is_told_through_all_reviewers(
        self, database: Database, desk: Desk
    ) -> None:
        prefer(database, "eva", {"mail": "eva@example.org"}, actor="ann")
        came(database)
        waits(database)
        for name in ("Eva", "udo"):
            review_routes.assign(database, "emma", Assignment(assignee=name), actor="ann")
            desk.hear()
        told = {one.who: one.address for one in desk.hear() if one.kind is Kind.REVIEW_ASSIGNED}
        assert told == {"eva": "eva@example.org", "udo": "team@example.org"}

    def test_an_overdue_review_is_told_to_both_once(self, database: Database, desk: Desk) -> None:
        came(database)
        default = {"assignee": "eva@example.org", "escalate_to": "head@example.org"}
        waits(database, routing=Routing.model_validate({"default": default}))
        rows(database, "UPDATE review_route SET due = now() - interval '1 hour' RETURNING 1")
        for _ in range(2):
            review_routes.escalate(database, actor="sensor")
        assert desk.kinds("eva@example.org") == ["review_assigned", "review_overdue"]
        assert desk.kinds("head@example.org") == ["review_overdue"]

    def test_a_new_file_frees_the_assignee(self, database: Database, desk: Desk) -> None:
        came(database)
        default = {"assignee": "eva@example.org"}
        waits(database, routing=Routing.model_validate({"default": default}))
        desk.hear()
        came(database, "B")
        assert desk.kinds("eva@example.org") == ["review_assigned", "review_voided"]


class TestTheTeam:
    def test_a_subscriber_that_is_down_is_one_alarm_a_day(
        self, database: Database, desk: Desk
    ) -> None:
        came(database, contact=None)
        facts = {"subscriber": "webhook", "event": "1", "type": "release.live", "error": "503"}
        with database.begin() as connection:
            for _ in range(3):
                emit(connection, "delivery.dead", "emma", facts | {"attempts": 9})
        told = [one.channel.value for one in desk.hear() if one.kind is Kind.DELIVERY_DEAD]
        assert sorted(told) == ["mail", "slack"]

    def test_a_broken_edge_wakes_the_team_and_its_recovery_calms_it(
        self, database: Database, desk: Desk
    ) -> None:
        came(database, contact=None)
        prefer(database, "team", {"quiet_from": "00:00", "quiet_to": "23:59"}, actor="ann")
        fault = {"rule": "edge.bytes", "asked": "cover", "message": "status 404", "remedy": "x"}
        broken = {"release": "emma-1", "point": "fra", "everything": False, "faults": [fault]}
        with database.begin() as connection:
            emit(connection, "edge.broken", "emma", broken)
            restored = {"point": "fra", "everything": False, "seconds": 60}
            emit(connection, "edge.restored", "emma", restored)
        desk.hear()
        desk.send()
        assert {one.subject for one in desk.post.taken} == {"The edge does not deliver emma"}
        assert "fra: cover: status 404" in desk.post.taken[0].text


def test_a_contact_is_in_no_event(database: Database, desk: Desk) -> None:
    """Events go to webhooks and topics; who submitted a book is nobody else's business."""
    came(database)
    ended(database, Outcome.REJECTED, REJECTED)
    ended(database, Outcome.FAILED, {"reason": "x"})
    waits(database)
    review_routes.assign(database, "emma", Assignment(assignee="eva@example.org"), actor="ann")
    review_routes.flag(database, "emma", reason="odd", actor="ann")
    told = json.dumps([list(row) for row in rows(database, "SELECT event, payload FROM outbox")])
    assert "review.assigned" in told
    assert "@example.org" not in told
