"""Word to people through Amazon: what SES and SNS took is what was to be told, once."""

import email
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from mypy_boto3_ses import SESClient
from mypy_boto3_sns import SNSClient

from ebook_pipeline.books.notifying.notice_kinds import NoticeKind
from ebook_pipeline.books.records import Claims
from ebook_pipeline.resources.aws import Aws
from ebook_pipeline.resources.cdn import LocalEdge
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.notifier import AwsNotifier
from ebook_pipeline.services.delivering.dispatch import DeliveryLimits, deliver
from ebook_pipeline.services.notifying import confirming, notices
from ebook_pipeline.services.notifying.composing import NoticeComposer
from ebook_pipeline.services.notifying.recipients import NotifyingSettings
from ebook_pipeline.services.notifying.sending import NoticeSender, SendingSummary
from tests.support.services.submissions import arrive

SENDER = "books@notices.example"
RUN = {"job": "ingest", "run": "r", "count": 1, "books": ["emma: down"], "more": 0}


class NoEdge(LocalEdge):
    """None of the notices here has a link."""

    def __init__(self) -> None:
        """There is nothing that could be asked."""


@pytest.fixture
def clients(moto_url: str) -> tuple[SESClient, SNSClient]:
    aws = Aws("eu-central-1", moto_url, attempts=1)
    return aws.ses(), aws.sns()


@pytest.fixture
def topic(clients: tuple[SESClient, SNSClient]) -> str:
    return clients[1].create_topic(Name="notices-team")["TopicArn"]


@pytest.fixture
def settings(topic: str) -> NotifyingSettings:
    return NotifyingSettings(name="Books & Co", team="team@example.org", topic=topic)


def mails(to: str) -> list[EmailMessage]:
    """What SES took for this address; the server is in this process."""
    from moto.backends import get_backend

    sent = get_backend("ses")["123456789012"]["eu-central-1"].sent_messages
    return [
        email.message_from_string(one.raw_data, policy=default)
        for one in sent
        if to in one.destinations
    ]


def alarms(arn: str) -> list[Any]:
    from moto.backends import get_backend

    topics = get_backend("sns")["123456789012"]["eu-central-1"].topics
    return topics[arn].sent_notifications


def test_an_author_gets_a_mail_and_the_team_an_alarm_once(
    database: Database, clients: tuple[SESClient, SNSClient], settings: NotifyingSettings
) -> None:
    ses, sns = clients
    ses.verify_email_identity(EmailAddress=SENDER)
    notifier = AwsNotifier(ses, sns, SENDER)
    composer = NoticeComposer(database, NoEdge(), settings, notifier.channels)
    sender = NoticeSender(database, notifier, settings)
    to = "jane-once@example.org"
    confirming.vouch(database, "house", to, 20, actor="eve")
    arrive(database, claims=Claims(title="Emma\r\nBcc: x@example.org", contact=to))
    for _ in range(2):
        deliver(database, [composer], DeliveryLimits())
        composer.tell_team(NoticeKind.RUN_FAILED, "run r", RUN)
        sender.send_due(datetime.now(UTC))
    (mail,) = mails(to)
    assert mail["Subject"] == "We have received “Emma Bcc: x[@]example[.]org”"
    assert (mail["From"], mail["To"], mail["Bcc"]) == (SENDER, to, None)
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert len(alarms(settings.topic)) == 1


def test_a_sender_that_ses_does_not_know_fails_loudly_through_sns(
    database: Database,
    clients: tuple[SESClient, SNSClient],
    settings: NotifyingSettings,
) -> None:
    notifier = AwsNotifier(*clients, "stranger@unknown.example")
    composer = NoticeComposer(database, NoEdge(), settings, notifier.channels)
    sender = NoticeSender(database, notifier, settings)
    to = "jane-refused@example.org"
    confirming.vouch(database, "house", to, 20, actor="eve")
    arrive(database, claims=Claims(title="Emma", contact=to))
    deliver(database, [composer], DeliveryLimits())
    before = len(alarms(settings.topic))
    now = datetime.now(UTC) + timedelta(seconds=1)
    assert sender.send_due(now) == SendingSummary(sent=1, failed=1)
    assert len(alarms(settings.topic)) == before + 1
    (failed,) = notices.log(database, state="failed")
    assert to not in failed.why
    assert mails(to) == []
