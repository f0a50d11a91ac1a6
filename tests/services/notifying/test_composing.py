"""Who is told what, and once, whatever is repeated."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from ebook_pipeline.books.notifying.addresses import Channel
from ebook_pipeline.books.notifying.notice_kinds import NoticeKind
from ebook_pipeline.books.records import Claims
from ebook_pipeline.books.reviewing.routing import ReviewRouting
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.audit_and_outbox import emit
from ebook_pipeline.services.delivering.event_log import replay
from ebook_pipeline.services.intake.submissions import submit
from ebook_pipeline.services.notifying.recipients import prefer
from ebook_pipeline.services.notifying.sending import NoticeSender, SendingSummary
from ebook_pipeline.services.recording.journal import Journal
from ebook_pipeline.services.releasing import releases
from ebook_pipeline.services.reviewing import reviews, routing
from ebook_pipeline.services.reviewing.routing import AssignmentChange
from tests.support.servers.postgres import rows
from tests.support.services.notices import (
    AUTHOR,
    REJECTED,
    RUN,
    SETTINGS,
    NoticeFlow,
    came,
    ended,
    waits,
)
from tests.support.services.sales import sell
from tests.support.services.submissions import arrive, offer


class TestAuthors:
    def test_an_author_hears_of_every_step(
        self, database: Database, notice_flow: NoticeFlow
    ) -> None:
        sell(database, "emma", title="Emma")
        submit(database, offer("emma.epub", "2", Claims(contact=AUTHOR)), actor="ann")
        releases.withdraw(database, "emma", actor="ann")
        notice_flow.hear()
        releases.release(database, "emma", actor="ann")
        assert sorted(notice_flow.kinds()) == [
            "book_on_sale",
            "book_received",
            "book_received",
            "book_withdrawn",
        ]

    def test_findings_come_with_the_editors_word(
        self, database: Database, notice_flow: NoticeFlow
    ) -> None:
        came(database)
        waits(database)
        reviews.decide(database, "emma", approved=False, note="The ending is missing", actor="eva")
        ended(database, Outcome.REJECTED, REJECTED, stage="drm_package")
        told = [one for one in notice_flow.hear() if one.kind is NoticeKind.BOOK_REJECTED]
        (message,) = [one.message for one in told]
        assert "Our editor writes: The ending is missing" in message.text
        assert "A picture is missing" in message.text
        assert "eva" not in message.text

    def test_a_release_is_told_with_links_that_everybody_may_follow(
        self, database: Database, notice_flow: NoticeFlow
    ) -> None:
        sell(database, "emma", title="Emma")
        (told,) = [one for one in notice_flow.hear() if one.kind is NoticeKind.BOOK_ON_SALE]
        assert "https://shop.example/books/emma" in told.message.text
        assert "https://edge.example/public/emma/preview" in told.message.html
        assert "publication" not in told.message.text

    def test_who_gave_no_contact_is_noted_and_nobody_else_told(
        self, database: Database, notice_flow: NoticeFlow
    ) -> None:
        for contact in (None, "call me maybe", "a@b.org, c@d.org"):
            came(database, contact or "", contact)
        assert {(one.state, one.why) for one in notice_flow.hear()} == {
            ("suppressed", "no address is known")
        }
        assert notice_flow.send() == SendingSummary()

    def test_a_phone_number_is_a_contact_too(
        self, database: Database, notice_flow: NoticeFlow
    ) -> None:
        came(database, contact="+4930123456")
        notice_flow.hear()
        notice_flow.send()
        (sent,) = notice_flow.notifier.taken
        assert (sent.channel, sent.to, sent.short) == (
            Channel.SMS,
            "+4930123456",
            "“Emma” has arrived (emma.epub).",
        )

    def test_a_hostile_book_changes_no_line(
        self, database: Database, notice_flow: NoticeFlow
    ) -> None:
        title = "Emma\r\nBcc: all@example.org\n<!channel> {{ house }} https://evil.example"
        arrive(database, claims=Claims(title=title, contact=AUTHOR))
        (told,) = notice_flow.hear()
        assert told.message.subject.startswith("We have received “Emma Bcc: all[@]example[.]org <")
        assert "{{ house }}" in told.message.text
        assert "https://evil" not in told.message.text


class TestOnce:
    def test_a_rerun_that_ends_alike_is_no_news(
        self, database: Database, notice_flow: NoticeFlow
    ) -> None:
        came(database)
        for detail in (REJECTED, REJECTED):
            ended(database, Outcome.REJECTED, detail)
            ended(database, Outcome.FAILED, {"reason": "Unavailable: 503"})
        ended(database, Outcome.REJECTED, REJECTED | {"reason": "another"})
        assert notice_flow.kinds().count("book_rejected") == 2
        assert notice_flow.kinds("team") == ["book_failed"] * 2  # by mail and by Slack

    def test_the_same_fault_of_a_new_file_is_news(
        self, database: Database, notice_flow: NoticeFlow
    ) -> None:
        came(database)
        ended(database, Outcome.REJECTED, REJECTED)
        submit(database, offer("emma.epub", "again", Claims(contact=AUTHOR)), actor="ann")
        ended(database, Outcome.REJECTED, REJECTED)
        assert notice_flow.kinds().count("book_rejected") == 2

    def test_an_event_that_is_told_again_is_no_second_notice(
        self, database: Database, notice_flow: NoticeFlow
    ) -> None:
        sell(database, "emma")
        came(database, "B")
        waits(database)
        first = notice_flow.hear()
        notice_flow.send()
        now = datetime.now(UTC)
        replay(database, "notices", now - timedelta(days=1), now, actor="ann")
        assert [one.id for one in notice_flow.hear()] == [one.id for one in first]
        assert notice_flow.send() == SendingSummary()

    def test_a_mended_word_in_the_catalogue_is_no_second_sale(
        self, database: Database, notice_flow: NoticeFlow
    ) -> None:
        sell(database, "emma", title="Emma")
        notice_flow.hear()
        with database.begin() as connection:
            emit(connection, "release.live", "emma", {"edition": 1, "release": "emma-1"})
        assert notice_flow.kinds("author of emma").count("book_on_sale") == 1

    def test_two_senders_at_once_send_each_once(
        self, database: Database, notice_flow: NoticeFlow
    ) -> None:
        for number in range(6):
            notice_flow.composer.tell_team(NoticeKind.RUN_FAILED, f"run {number}", RUN)
        other = NoticeSender(database, notice_flow.notifier, SETTINGS)
        with ThreadPoolExecutor(2) as pool:
            tallies = list(pool.map(NoticeSender.send_due, (notice_flow.sender, other)))
        assert sum(one.sent for one in tallies) == 12  # by mail and by Slack
        assert (
            len({one.id for one in notice_flow.notifier.taken})
            == len(notice_flow.notifier.taken)
            == 12
        )


class TestReviewers:
    def test_an_author_whose_book_is_on_sale_is_not_told_of_a_flag(
        self, database: Database, notice_flow: NoticeFlow
    ) -> None:
        sell(database, "emma")
        Journal(database).record("run", "emma", 1, "qa_report", Outcome.DONE, 0, data_version="r")
        routing.flag(database, "emma", reason="odd", actor="ann")
        kinds = [one.kind.value for one in notice_flow.hear()]
        assert "review_asked" in kinds
        assert "book_waiting" not in kinds

    def test_a_review_of_nobody_goes_to_all_and_an_assigned_one_to_its_assignee(
        self, database: Database, notice_flow: NoticeFlow
    ) -> None:
        came(database)
        waits(database)
        assert notice_flow.kinds("reviewers") == ["review_asked"]
        routing.assign(database, "emma", AssignmentChange(assignee="Eva@example.org"), actor="ann")
        assert notice_flow.kinds("eva@example.org") == ["review_assigned"]
        told = [one for one in notice_flow.hear() if one.kind is NoticeKind.REVIEW_ASSIGNED]
        assert told[0].address == "eva@example.org"

    def test_who_lost_the_task_meanwhile_is_not_told(
        self, database: Database, notice_flow: NoticeFlow
    ) -> None:
        came(database)
        waits(database)
        for name in ("eva@example.org", "udo@example.org"):
            routing.assign(database, "emma", AssignmentChange(assignee=name), actor="ann")
        assert notice_flow.kinds("eva@example.org") == []
        assert notice_flow.kinds("udo@example.org") == ["review_assigned"]

    def test_a_name_without_address_is_told_through_all_reviewers(
        self, database: Database, notice_flow: NoticeFlow
    ) -> None:
        prefer(database, "eva", {"mail": "eva@example.org"}, actor="ann")
        came(database)
        waits(database)
        for name in ("Eva", "udo"):
            routing.assign(database, "emma", AssignmentChange(assignee=name), actor="ann")
            notice_flow.hear()
        told = {
            one.who: one.address
            for one in notice_flow.hear()
            if one.kind is NoticeKind.REVIEW_ASSIGNED
        }
        assert told == {"eva": "eva@example.org", "udo": "team@example.org"}

    def test_an_overdue_review_is_told_to_both_once(
        self, database: Database, notice_flow: NoticeFlow
    ) -> None:
        came(database)
        default = {"assignee": "eva@example.org", "escalate_to": "head@example.org"}
        waits(database, routing=ReviewRouting.model_validate({"default": default}))
        rows(database, "UPDATE review_route SET due = now() - interval '1 hour' RETURNING 1")
        for _ in range(2):
            routing.escalate(database, actor="sensor:attention")
        assert notice_flow.kinds("eva@example.org") == ["review_assigned", "review_overdue"]
        assert notice_flow.kinds("head@example.org") == ["review_overdue"]

    def test_a_new_file_frees_the_assignee(
        self, database: Database, notice_flow: NoticeFlow
    ) -> None:
        came(database)
        default = {"assignee": "eva@example.org"}
        waits(database, routing=ReviewRouting.model_validate({"default": default}))
        notice_flow.hear()
        came(database, "B")
        assert notice_flow.kinds("eva@example.org") == ["review_assigned", "review_voided"]


class TestTheTeam:
    def test_a_subscriber_that_is_down_is_one_alarm_a_day(
        self, database: Database, notice_flow: NoticeFlow
    ) -> None:
        came(database, contact=None)
        facts = {"subscriber": "webhook", "event": "1", "type": "release.live", "error": "503"}
        with database.begin() as connection:
            for _ in range(3):
                emit(connection, "delivery.dead", "emma", facts | {"attempts": 9})
        told = [
            one.channel.value for one in notice_flow.hear() if one.kind is NoticeKind.DELIVERY_DEAD
        ]
        assert sorted(told) == ["mail", "slack"]

    def test_a_broken_edge_wakes_the_team_and_its_recovery_calms_it(
        self, database: Database, notice_flow: NoticeFlow
    ) -> None:
        came(database, contact=None)
        prefer(database, "team", {"quiet_from": "00:00", "quiet_to": "23:59"}, actor="ann")
        fault = {"rule": "edge.bytes", "asked": "cover", "message": "status 404", "remedy": "x"}
        broken = {"release": "emma-1", "point": "fra", "everything": False, "faults": [fault]}
        with database.begin() as connection:
            emit(connection, "edge.broken", "emma", broken)
            restored = {"point": "fra", "everything": False, "seconds": 60}
            emit(connection, "edge.restored", "emma", restored)
        notice_flow.hear()
        notice_flow.send()
        assert {one.subject for one in notice_flow.notifier.taken} == {
            "The edge does not deliver emma"
        }
        assert "fra: cover: status 404" in notice_flow.notifier.taken[0].text


def test_a_contact_is_in_no_event(database: Database, notice_flow: NoticeFlow) -> None:
    """Events go to webhooks and topics; who submitted a book is nobody else's business."""
    came(database)
    ended(database, Outcome.REJECTED, REJECTED)
    ended(database, Outcome.FAILED, {"reason": "x"})
    waits(database)
    routing.assign(database, "emma", AssignmentChange(assignee="eva@example.org"), actor="ann")
    routing.flag(database, "emma", reason="odd", actor="ann")
    told = json.dumps([list(row) for row in rows(database, "SELECT event, payload FROM outbox")])
    assert "review.assigned" in told
    assert "@example.org" not in told


def test_what_is_about_something_at_the_desk_leads_there(
    database: Database, notice_flow: NoticeFlow
) -> None:
    came(database)
    waits(database)
    task = reviews.task(database, "emma").id
    places = {one.kind: one.message.text for one in notice_flow.hear()}
    assert "https://desk.example/books/emma" in places[NoticeKind.BOOK_RECEIVED]
    assert f"https://desk.example/reviews/{task}\n" in places[NoticeKind.REVIEW_ASKED]
