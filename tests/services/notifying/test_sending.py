"""Notices leave when people want them, once, whatever is killed or down meanwhile."""

import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ebook_pipeline.books.notifying.addresses import Channel
from ebook_pipeline.books.notifying.notice_kinds import NoticeKind
from ebook_pipeline.foundation.errors import Denied, NotFound, ServiceError, Unavailable
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.notifier import MailFolder, Notice, SlackNotifier, Unanswered
from ebook_pipeline.services.notifying import notices
from ebook_pipeline.services.notifying.recipients import forget, prefer, preferences_of
from ebook_pipeline.services.notifying.sending import NoticeSender, SendingSummary
from ebook_pipeline.services.recording.journal import Journal
from tests.support.servers.fixed_answer import answering
from tests.support.servers.postgres import VAULT, rows
from tests.support.services.notices import (
    AUTHOR,
    FAILED,
    REJECTED,
    RUN,
    SETTINGS,
    NoticeFlow,
    came,
    ended,
)

KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.key_vault import LocalKeyVault
from ebook_pipeline.resources.notifier import SlackNotifier
from ebook_pipeline.services.notifying.sending import NoticeSender
from ebook_pipeline.services.notifying.recipients import NotifyingSettings

class Killed(SlackNotifier):
    def send(self, notice):
        super().send(notice)
        os.kill(os.getpid(), signal.SIGKILL)

database = Database(sys.argv[1], vault=LocalKeyVault(Path(sys.argv[3])))
sender = NoticeSender(database, Killed(sys.argv[2]), NotifyingSettings())
sender.send_due(datetime.now(UTC))
"""


def waits_of_two(database: Database) -> None:
    Journal(database).record(
        "run", "emma", 2, "drm_package", Outcome.WAITING, 0, data_version="r", detail={}
    )


class TestSending:
    def test_a_notifier_that_is_down_for_an_hour_loses_nothing_and_tells_nobody_twice(
        self, database: Database, notice_flow: NoticeFlow
    ) -> None:
        came(database)
        notice_flow.hear()
        notice_flow.notifier.error = Unavailable("503")
        begin = datetime.now(UTC)
        tries = sum(
            notice_flow.sender.send_due(begin + timedelta(minutes=minute)).later
            for minute in range(61)
        )
        assert tries == 6  # after 0, 1, 3, 7, 15 and 31 minutes
        notice_flow.notifier.error = None
        after = [begin + timedelta(minutes=61 + minute) for minute in range(10)]
        assert sum(notice_flow.sender.send_due(moment).sent for moment in after) == 1
        assert [one.to for one in notice_flow.notifier.taken] == [AUTHOR]
        (told,) = notices.log(database)
        assert (told.state, told.attempts, told.why) == ("sent", 7, "")

    def test_what_is_refused_for_good_fails_loudly_by_another_channel(
        self, database: Database, notice_flow: NoticeFlow
    ) -> None:
        came(database)
        notice_flow.hear()
        notice_flow.notifier.error = Denied(f"the mailbox {AUTHOR} is closed")
        notice_flow.notifier.down = {Channel.MAIL}
        assert notice_flow.send() == SendingSummary(failed=1, sent=1)
        (alarm,) = notice_flow.notifier.taken
        assert alarm.channel is Channel.SLACK
        assert "book_received" in alarm.text
        assert "j…[@]example[.]org" in alarm.text
        assert AUTHOR not in alarm.text

    def test_a_channel_that_fails_is_one_alarm_and_alarms_of_alarms_there_are_none(
        self, database: Database, notice_flow: NoticeFlow
    ) -> None:
        for number in range(3):
            notice_flow.composer.tell_team(
                NoticeKind.BOOK_FAILED, f"{number}", FAILED | {"stage": str(number)}
            )
            notice_flow.composer.tell_team(NoticeKind.RUN_FAILED, f"run {number}", RUN)
        notice_flow.notifier.error = Denied("no")
        while notice_flow.send().failed:
            pass
        states = rows(database, "SELECT kind, count(*) FROM notice GROUP BY kind ORDER BY kind")
        alarms = dict(states)["notice_failed"]
        assert alarms == 2  # mail and Slack are out of order: one each
        assert rows(database, "SELECT DISTINCT state FROM notice") == [("failed",)]

    def test_trying_ends(self, database: Database, notice_flow: NoticeFlow) -> None:
        came(database)
        notice_flow.hear()
        notice_flow.notifier.error = Unavailable("503")
        begin = datetime.now(UTC)
        found = [notice_flow.sender.send_due(begin + timedelta(hours=hour)) for hour in range(30)]
        assert sum(one.failed for one in found) >= 1
        told = notices.log(database, kind=NoticeKind.BOOK_RECEIVED)[0]
        assert (told.state, told.attempts) == ("failed", 12)

    def test_a_failed_one_is_sent_again_when_somebody_asks(
        self, database: Database, notice_flow: NoticeFlow
    ) -> None:
        came(database)
        notice_flow.hear()
        notice_flow.notifier.error = Denied("no")
        notice_flow.send()
        notice_flow.notifier.error = None
        failed = notices.log(database, state="failed")[0]
        notices.send_again(database, failed.id[:12], actor="ann")
        notice_flow.send()
        assert notices.notice(database, failed.id).state == "sent"
        with pytest.raises(ServiceError, match="is sent"):
            notices.send_again(database, failed.id, actor="ann")
        with pytest.raises(NotFound):
            notices.notice(database, "%")


class TestKilled:
    """Between handing a notice over and noting that: the process is gone, the claim is left."""

    LATER = timedelta(minutes=11)

    def _cut_off(self, notice_flow: NoticeFlow) -> None:
        class Killed(BaseException):
            pass

        notice_flow.notifier.error = Killed()  # type: ignore[assignment]
        with pytest.raises(Killed):
            notice_flow.send()
        notice_flow.notifier.error = None

    def test_a_mail_may_have_gone_out_and_is_not_sent_twice(
        self, database: Database, notice_flow: NoticeFlow
    ) -> None:
        came(database)
        notice_flow.hear()
        self._cut_off(notice_flow)
        assert notice_flow.send() == SendingSummary()  # who claimed it may still live
        assert notice_flow.send(self.LATER).failed == 1
        (told,) = notices.log(database, kind=NoticeKind.BOOK_RECEIVED)
        assert (told.state, told.why) == (
            "failed",
            "whether it arrived is not known: its sending was cut off",
        )
        assert {one.to for one in notice_flow.notifier.taken} <= {"team@example.org", ""}

    def test_a_process_that_is_killed_after_slack_took_it_tells_nobody_twice(
        self, database: Database, notice_flow: NoticeFlow
    ) -> None:
        prefer(database, "team", {"channels": ["slack"]}, actor="ann")
        notice_flow.composer.tell_team(
            NoticeKind.EDGE_RESTORED, "calm", {"facts": []}, came(database)
        )
        with answering(200, b"ok") as (url, received):
            address = database.engine.url.render_as_string(hide_password=False)
            killed = subprocess.run(
                [sys.executable, "-c", KILLED, address, url, VAULT.folder], check=False
            )
            assert killed.returncode == -signal.SIGKILL
            later = datetime.now(UTC) + self.LATER
            again = NoticeSender(database, SlackNotifier(url), SETTINGS).send_due(later)
        assert [b"delivers emma again" in body for _, body in received] == [True, False]
        assert again == SendingSummary(
            failed=1, sent=1
        )  # what is sent is the alarm that it may be lost

    def test_an_urgent_alarm_is_sent_again_under_the_same_id(self, notice_flow: NoticeFlow) -> None:
        notice_flow.composer.tell_team(NoticeKind.RUN_FAILED, "run", RUN)
        self._cut_off(notice_flow)
        before = {one.id for one in notice_flow.notifier.taken}
        notice_flow.send(self.LATER)
        assert {one.channel for one in notice_flow.notifier.taken} == {Channel.MAIL, Channel.SLACK}
        assert before <= {one.id for one in notice_flow.notifier.taken}

    def test_an_outbox_is_written_again_and_has_one_copy(
        self, database: Database, notice_flow: NoticeFlow, tmp_path: Path
    ) -> None:
        came(database, "A")
        came(database, "B")
        notice_flow.hear()
        outbox = MailFolder(tmp_path / "outbox")
        real = outbox.send

        def send_and_die(notice: Notice) -> None:
            real(notice)
            raise KeyboardInterrupt

        outbox.send = send_and_die  # type: ignore[method-assign]
        sender = NoticeSender(database, outbox, SETTINGS)
        now = datetime.now(UTC)
        with pytest.raises(KeyboardInterrupt):
            sender.send_due(now)
        outbox.send = real  # type: ignore[method-assign]
        came(database, "C")
        notice_flow.hear()
        later = now + self.LATER
        assert sender.send_due(later).sent == 3
        assert len(list((tmp_path / "outbox").glob("*.json"))) == 2
        assert sender.send_due(later) == SendingSummary()

    def test_an_answer_that_was_lost_is_not_tried_again(
        self, database: Database, notice_flow: NoticeFlow
    ) -> None:
        came(database)
        notice_flow.hear()
        notice_flow.notifier.error = Unanswered("Amazon took it and did not answer")
        notice_flow.notifier.down = {Channel.MAIL}
        assert notice_flow.send().failed == 1
        assert notices.log(database, state="failed")[0].attempts == 1


class TestPreferences:
    def test_low_ones_come_together_after_the_quiet_hours(
        self, database: Database, notice_flow: NoticeFlow
    ) -> None:
        quiet = {"quiet_from": "00:00", "quiet_to": "23:59", "zone": "UTC", "language": "de"}
        prefer(database, AUTHOR, quiet, actor="ann")
        came(database, "A")
        came(database, "B")
        waits_of_two(database)
        assert len(notice_flow.hear()) == 4
        assert notice_flow.send().sent == 1  # the review's, who has no quiet hours
        notice_flow.notifier.taken.clear()
        assert notice_flow.send(timedelta(days=1)).sent == 3
        (digest,) = notice_flow.notifier.taken
        assert digest.subject == "3 Nachrichten zu Ihren Büchern"
        assert "„Emma“ wartet auf die Redaktion." in digest.text
        assert {
            one.sent_as for one in notices.log(database, state="sent") if one.who == AUTHOR
        } == {digest.id}

    def test_a_digest_that_is_refused_keeps_its_notices(
        self, database: Database, notice_flow: NoticeFlow
    ) -> None:
        came(database, "A")
        came(database, "B")
        notice_flow.hear()
        notice_flow.notifier.error = Unavailable("503")
        assert notice_flow.send().later == 2
        notice_flow.notifier.error = None
        assert notice_flow.send(timedelta(minutes=2)).sent == 2
        assert len(notice_flow.notifier.taken) == 1

    def test_nobody_unsubscribes_from_a_rejection(
        self, database: Database, notice_flow: NoticeFlow
    ) -> None:
        everything = {"unsubscribed": [kind.value for kind in NoticeKind]}
        prefer(database, AUTHOR.upper(), everything, actor="ann")
        came(database)
        ended(database, Outcome.REJECTED, REJECTED)
        states = {one.kind.value: (one.state, one.why) for one in notice_flow.hear()}
        assert states == {
            "book_received": ("suppressed", "unsubscribed"),
            "book_rejected": ("queued", ""),
        }

    def test_the_team_is_told_by_mail_and_slack_and_each_as_it_wants(
        self, database: Database, notice_flow: NoticeFlow
    ) -> None:
        notice_flow.composer.tell_team(NoticeKind.RUN_FAILED, "one", RUN)
        wish = {"phone": "+4930123456", "by_kind": {"run_failed": ["sms", "slack"]}}
        prefer(database, "team", wish, actor="ann")
        notice_flow.composer.tell_team(NoticeKind.RUN_FAILED, "two", RUN)
        told = [(one.cause, one.channel.value) for one in notices.log(database)]
        assert sorted(told) == [("one", "mail"), ("one", "slack"), ("two", "slack"), ("two", "sms")]

    def test_a_channel_that_is_not_set_up_is_replaced_by_the_usual_one(
        self, database: Database, notice_flow: NoticeFlow
    ) -> None:
        prefer(database, AUTHOR, {"channels": ["topic"]}, actor="ann")
        came(database)
        assert [one.channel for one in notice_flow.hear()] == [Channel.MAIL]

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
