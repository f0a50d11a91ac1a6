"""One contract for the notifiers; hostile subjects above all."""

import email
import json
import logging
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from email.policy import default
from threading import Thread
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ebook_pipeline.books.notifying.addresses import Channel
from ebook_pipeline.foundation.errors import Denied, NotFound, ServiceError, Unavailable
from ebook_pipeline.resources.aws import Aws
from ebook_pipeline.resources.notifier import (
    AwsNotifier,
    ChannelNotifier,
    MailFolder,
    Notice,
    SlackNotifier,
    Unanswered,
)
from tests.support.servers.fixed_answer import Answering

NOTICE = Notice(
    id="review-emma-1",
    to="editor@example.org",
    subject="Emma – review",
    text="Élan\n.",
    html="<p>Élan</p>",
    short="Emma waits",
    unsubscribe="https://desk.example/unsubscribe/x",
)
TOPIC = "arn:aws:sns:eu-central-1:123456789012:alarms"
HOSTILE = "Emma\r\nBcc: everyone@example.org\n\n<!channel> \x00\x1b[31m\u2028" + "a" * 2000
NOBODY = [
    "no address",
    "a@b\r\nBcc: c@d",
    "a@b, c@d",
    "a@b@c",
    "@",
    "A <a@b.org>",
    " a@b.org",
    "a@b\0",
]


class OutboxCase:
    def __init__(self, request: pytest.FixtureRequest) -> None:
        self.folder = request.getfixturevalue("tmp_path") / "outbox"
        self.notifier = MailFolder(self.folder)

    def count(self) -> int:
        return len(list(self.folder.glob("*.eml")))


class AwsCase:
    def __init__(self, request: pytest.FixtureRequest) -> None:
        aws = request.getfixturevalue("aws")
        ses, sns = aws.ses(), aws.sns()
        ses.verify_email_identity(EmailAddress="ebooks@example.org")
        topic = sns.create_topic(Name="alarms")["TopicArn"]
        assert topic == TOPIC
        self.notifier = AwsNotifier(ses, sns, "ebooks@example.org")

    def count(self) -> int:
        """The messages to phones and topics that the server, which is in this process, took."""
        from moto.backends import get_backend

        backend = get_backend("sns")["123456789012"]["eu-central-1"]
        in_topics = sum(len(topic.sent_notifications) for topic in backend.topics.values())
        return in_topics + len(backend.sms_messages)

    def last(self) -> Any:
        """The mail that the server has taken last."""
        from moto.backends import get_backend

        return get_backend("ses")["123456789012"]["eu-central-1"].sent_messages[-1]


@pytest.fixture
def outbox(request: pytest.FixtureRequest) -> OutboxCase:
    return OutboxCase(request)


@pytest.fixture
def on_aws(request: pytest.FixtureRequest) -> AwsCase:
    return AwsCase(request)


@pytest.fixture(params=["outbox", "on_aws"])
def case(request: pytest.FixtureRequest) -> OutboxCase | AwsCase:
    case: OutboxCase | AwsCase = request.getfixturevalue(request.param)
    return case


@pytest.mark.parametrize("to", NOBODY)
def test_who_is_nobody_gets_nothing(case: OutboxCase | AwsCase, to: str) -> None:
    with pytest.raises(ServiceError):
        case.notifier.send(NOTICE.model_copy(update={"to": to}))


@pytest.mark.parametrize(("channel", "to"), [("sms", "+4930123456"), ("topic", TOPIC)])
def test_a_phone_or_a_topic_is_reached(case: OutboxCase | AwsCase, channel: str, to: str) -> None:
    before = case.count()
    update = {"channel": Channel(channel), "to": to, "subject": HOSTILE}
    case.notifier.send(NOTICE.model_copy(update=update))
    assert case.count() == before + 1


@pytest.mark.parametrize(
    ("channel", "to"), [("sms", "ann@example.org"), ("sms", TOPIC), ("topic", "+4930123456")]
)
def test_an_address_of_another_channel_is_refused_and_not_told(
    case: OutboxCase | AwsCase, channel: str, to: str
) -> None:
    with pytest.raises(ServiceError) as caught:
        case.notifier.send(NOTICE.model_copy(update={"channel": Channel(channel), "to": to}))
    assert to not in str(caught.value)


class TestOutbox:
    def test_a_notice_is_a_mail_and_a_document(self, outbox: OutboxCase) -> None:
        outbox.notifier.send(NOTICE)
        body = (outbox.folder / "review-emma-1.eml").read_bytes()
        mail = email.message_from_bytes(body, policy=default)
        assert (mail["To"], mail["Subject"]) == ("editor@example.org", "Emma – review")
        text, html = mail.iter_parts()
        assert text.get_content().splitlines() == ["Élan", "."]
        assert html.get_content_type() == "text/html"
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail["List-Unsubscribe"] == "<https://desk.example/unsubscribe/x>"
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        document = json.loads((outbox.folder / "review-emma-1.json").read_bytes())
        assert document == NOTICE.model_dump(mode="json")

    def test_the_same_id_is_sent_once(
        self, outbox: OutboxCase, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.INFO), ThreadPoolExecutor(8) as pool:
            list(pool.map(outbox.notifier.send, [NOTICE] * 16))
        outbox.notifier.send(NOTICE.model_copy(update={"text": "another"}))
        assert len(list(outbox.folder.iterdir())) == 2
        assert len(caplog.records) == 1
        assert (
            json.loads((outbox.folder / "review-emma-1.json").read_bytes())["text"] == NOTICE.text
        )

    def test_a_message_id_is_the_notices_for_ever(self, outbox: OutboxCase) -> None:
        ids = []
        for _ in range(2):
            outbox.notifier.send(NOTICE)
            path = outbox.folder / "review-emma-1.eml"
            ids.append(email.message_from_bytes(path.read_bytes(), policy=default)["Message-ID"])
            path.unlink()
        assert ids[0] == ids[1]

    def test_the_log_names_the_notice_but_not_its_body(
        self, outbox: OutboxCase, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.INFO):
            outbox.notifier.send(NOTICE.model_copy(update={"subject": HOSTILE}))
        assert "review-emma-1" in caplog.text
        assert "Élan" not in caplog.text
        assert "editor@" not in caplog.text
        assert len(caplog.text.splitlines()) == 1

    def test_a_notice_that_was_cut_off_by_a_kill_is_sent_again(self, outbox: OutboxCase) -> None:
        outbox.notifier.send(NOTICE)
        (outbox.folder / "review-emma-1.json").unlink()
        outbox.notifier.send(NOTICE)
        assert len(list(outbox.folder.iterdir())) == 2

    @pytest.mark.parametrize("name", ["../../out", "/etc/cron", "", ".", "..", "a\0b", "a" * 500])
    def test_no_id_leads_out_of_the_folder(self, outbox: OutboxCase, name: str) -> None:
        outbox.notifier.send(NOTICE.model_copy(update={"id": name}))
        assert len(list(outbox.folder.iterdir())) == 2
        assert [path.name for path in outbox.folder.parent.iterdir()] == ["outbox"]

    @settings(max_examples=50)
    @given(subject=st.text(), text=st.text())
    def test_nothing_in_a_notice_becomes_a_header(
        self, outbox: OutboxCase, subject: str, text: str
    ) -> None:
        for path in outbox.folder.glob("*"):
            path.unlink()
        outbox.notifier.send(NOTICE.model_copy(update={"subject": subject, "text": text}))
        body = (outbox.folder / "review-emma-1.eml").read_bytes()
        names = {name.lower() for name in email.message_from_bytes(body, policy=default)}
        known = {"from", "to", "subject", "date", "message-id", "mime-version", "auto-submitted"}
        known |= {"list-unsubscribe", "list-unsubscribe-post"}
        assert names - {"content-type", "content-transfer-encoding"} == known


class TestOnAws:
    def test_a_mail_goes_out_through_ses_in_both_forms(self, on_aws: AwsCase) -> None:
        on_aws.notifier.send(NOTICE.model_copy(update={"subject": HOSTILE}))
        sent = on_aws.last()
        assert set(sent.destinations) == {"editor@example.org"}
        mail = email.message_from_string(sent.raw_data, policy=default)
        assert mail["Subject"].startswith("Emma Bcc: everyone")
        assert (mail["Bcc"], mail["To"]) == (None, "editor@example.org")
        assert [part.get_content_type() for part in mail.iter_parts()] == [
            "text/plain",
            "text/html",
        ]

    def test_ses_is_not_asked_to_reach_what_it_cannot(self, on_aws: AwsCase) -> None:
        with pytest.raises(ServiceError, match="ASCII"):
            on_aws.notifier.send(NOTICE.model_copy(update={"to": "ann@exämple.org"}))

    def test_a_phone_is_sent_the_short_form(self, on_aws: AwsCase) -> None:
        from moto.backends import get_backend

        update = {"channel": Channel.SMS, "to": "+4930123456"}
        on_aws.notifier.send(NOTICE.model_copy(update=update))
        messages = get_backend("sns")["123456789012"]["eu-central-1"].sms_messages
        assert list(messages.values())[-1] == ("+4930123456", "Emma waits")

    def test_an_answer_that_never_came_is_not_taken_for_a_refusal(self) -> None:
        with hanging_up() as url:
            aws = Aws("eu-central-1", url, attempts=1)
            notifier = AwsNotifier(aws.ses(), aws.sns(), "ebooks@example.org")
            with pytest.raises(Unanswered):
                notifier.send(NOTICE)

    @pytest.mark.parametrize(
        ("status", "code", "expected"),
        [
            (400, "Throttling", Unavailable),
            (503, "ServiceUnavailable", Unavailable),
            (403, "AccessDenied", Denied),
            (400, "MessageRejected", ServiceError),
        ],
    )
    def test_what_ses_answers_is_one_of_our_errors(
        self, faulty: Answering, status: int, code: str, expected: type[ServiceError]
    ) -> None:
        body = f"<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>".encode()
        with faulty(status, body) as (url, _):
            aws = Aws("eu-central-1", url, attempts=1)
            notifier = AwsNotifier(aws.ses(), aws.sns(), "ebooks@example.org")
            with pytest.raises(ServiceError) as caught:
                notifier.send(NOTICE)
        assert type(caught.value) is expected


SLACK = NOTICE.model_copy(update={"channel": Channel.SLACK, "to": ""})


class TestSlack:
    def test_a_notice_is_posted_without_links_and_mentions(self, faulty: Answering) -> None:
        with faulty(200, b"ok") as (url, received):
            SlackNotifier(f"{url}/services/T/B/x").send(
                SLACK.model_copy(update={"subject": HOSTILE, "text": HOSTILE, "short": HOSTILE})
            )
        ((path, body),) = received
        message = json.loads(body)
        assert path == "/services/T/B/x"
        assert "<" not in message["text"]
        assert message["text"].startswith("Emma Bcc: everyone@example.org &lt;!channel&gt;")
        assert {block["text"]["type"] for block in message["blocks"]} == {"plain_text"}
        assert len(message["blocks"][0]["text"]["text"]) == 150
        assert not message["unfurl_links"]

    def test_an_answer_that_never_came_is_not_taken_for_a_refusal(self) -> None:
        with hanging_up() as url, pytest.raises(Unanswered) as caught:
            SlackNotifier(f"{url}/hidden").send(SLACK)
        assert "hidden" not in str(caught.value)

    @pytest.mark.parametrize(
        ("status", "expected"),
        [
            (500, Unavailable),
            (503, Unavailable),
            (429, Unavailable),
            (403, Denied),
            (404, NotFound),
            (410, NotFound),
            (400, ServiceError),
            (302, ServiceError),
        ],
    )
    def test_what_slack_answers_is_one_of_our_errors(
        self, faulty: Answering, status: int, expected: type[ServiceError]
    ) -> None:
        with faulty(status) as (url, _), pytest.raises(ServiceError) as caught:
            SlackNotifier(url).send(SLACK)
        assert type(caught.value) is expected

    def test_the_secret_url_is_in_no_error_and_no_log(
        self, faulty: Answering, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.DEBUG), faulty(500) as (url, _):
            notifier = SlackNotifier(f"{url}/services/T/B/hidden")
            with pytest.raises(Unavailable) as caught:
                notifier.send(SLACK)
        assert "hidden" not in f"{caplog.text} {caught.value} {notifier!r}"

    def test_nobody_listening_is_unavailable(self) -> None:
        with pytest.raises(Unavailable):
            SlackNotifier("http://127.0.0.1:9/hidden").send(SLACK)


class TestSwitchboard:
    def test_each_channel_goes_its_own_way(self, outbox: OutboxCase, faulty: Answering) -> None:
        with faulty(200, b"ok") as (url, received):
            board = ChannelNotifier(SlackNotifier(url), outbox.notifier)
            board.send(SLACK)
            board.send(NOTICE)
        assert (len(received), outbox.count()) == (1, 1)
        assert (board.keeps_once(Channel.SLACK), board.keeps_once(Channel.MAIL)) == (False, True)
        assert board.channels == set(Channel)

    def test_a_channel_that_nobody_has_is_an_error(self) -> None:
        with pytest.raises(ServiceError, match="nothing sends by mail"):
            ChannelNotifier(SlackNotifier("http://127.0.0.1:9/")).send(NOTICE)


@contextmanager
def hanging_up() -> Iterator[str]:
    """A service that reads what it is sent and hangs up without a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def take() -> None:
            try:
                while True:
                    connection, _ = server.accept()
                    with connection:
                        connection.recv(65536)
            except OSError:
                return  # the test is over

        thread = Thread(target=take)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
    thread.join()
