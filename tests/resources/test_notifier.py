"""One contract for the notifiers; hostile subjects above all."""

import email
import json
import logging
from concurrent.futures import ThreadPoolExecutor
from email.policy import default

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ebook_pipeline.books.errors import Denied, NotFound, ServiceError, Unavailable
from ebook_pipeline.resources.aws import Aws
from ebook_pipeline.resources.notifier import AwsNotifier, Notice, Outbox, SlackNotifier

NOTICE = Notice(
    id="review-emma-1", to="editor@example.org", subject="Emma – review", text="Élan\n."
)
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
    def __init__(self, request) -> None:
        self.folder = request.getfixturevalue("tmp_path") / "outbox"
        self.notifier = Outbox(self.folder)

    def count(self) -> int:
        return len(list(self.folder.glob("*.eml")))


class AwsCase:
    def __init__(self, request) -> None:
        aws = request.getfixturevalue("aws")
        ses, sns = aws.ses(), aws.sns()
        ses.verify_email_identity(EmailAddress="ebooks@example.org")
        topic = sns.create_topic(Name="alarms")["TopicArn"]
        self.notifier = AwsNotifier(ses, sns, "ebooks@example.org", topic)

    def count(self) -> int:
        """The messages to phones and topics that the server, which is in this process, took."""
        from moto.backends import get_backend

        backend = get_backend("sns")["123456789012"]["eu-central-1"]
        in_topics = sum(len(topic.sent_notifications) for topic in backend.topics.values())
        return in_topics + len(backend.sms_messages)

    def last(self):
        """The mail that the server has taken last."""
        from moto.backends import get_backend

        return get_backend("ses")["123456789012"]["eu-central-1"].sent_messages[-1]


@pytest.fixture
def outbox(request):
    return OutboxCase(request)


@pytest.fixture
def on_aws(request):
    return AwsCase(request)


@pytest.fixture(params=["outbox", "on_aws"])
def case(request):
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("to", NOBODY)
def test_who_is_nobody_gets_nothing(case, to):
    with pytest.raises(ServiceError):
        case.notifier.send(NOTICE.model_copy(update={"to": to}))


@pytest.mark.parametrize("to", ["", "+4930123456", "arn:aws:sns:eu-central-1:123456789012:alarms"])
def test_a_phone_a_topic_or_the_alarms_are_reached(case, to):
    before = case.count()
    case.notifier.send(NOTICE.model_copy(update={"to": to, "subject": HOSTILE}))
    assert case.count() == before + 1


class TestOutbox:
    def test_a_notice_is_a_mail_and_a_document(self, outbox):
        outbox.notifier.send(NOTICE)
        body = (outbox.folder / "review-emma-1.eml").read_bytes()
        mail = email.message_from_bytes(body, policy=default)
        assert (mail["To"], mail["Subject"]) == ("editor@example.org", "Emma – review")
        assert mail.get_content().splitlines() == ["Élan", "."]
        document = json.loads((outbox.folder / "review-emma-1.json").read_bytes())
        assert document == NOTICE.model_dump()

    def test_the_same_id_is_sent_once(self, outbox, caplog):
        with caplog.at_level(logging.INFO), ThreadPoolExecutor(8) as pool:
            list(pool.map(outbox.notifier.send, [NOTICE] * 16))
        outbox.notifier.send(NOTICE.model_copy(update={"text": "another"}))
        assert len(list(outbox.folder.iterdir())) == 2
        assert len(caplog.records) == 1
        assert (
            json.loads((outbox.folder / "review-emma-1.json").read_bytes())["text"] == NOTICE.text
        )

    def test_the_log_names_the_notice_but_not_its_body(self, outbox, caplog):
        with caplog.at_level(logging.INFO):
            outbox.notifier.send(NOTICE.model_copy(update={"subject": HOSTILE}))
        assert "review-emma-1" in caplog.text
        assert "Élan" not in caplog.text
        assert len(caplog.text.splitlines()) == 1

    def test_a_notice_that_was_cut_off_by_a_kill_is_sent_again(self, outbox):
        outbox.notifier.send(NOTICE)
        (outbox.folder / "review-emma-1.json").unlink()
        outbox.notifier.send(NOTICE)
        assert len(list(outbox.folder.iterdir())) == 2

    @pytest.mark.parametrize("name", ["../../out", "/etc/cron", "", ".", "..", "a\0b", "a" * 500])
    def test_no_id_leads_out_of_the_folder(self, outbox, name):
        outbox.notifier.send(NOTICE.model_copy(update={"id": name}))
        assert len(list(outbox.folder.iterdir())) == 2
        assert [path.name for path in outbox.folder.parent.iterdir()] == ["outbox"]

    @settings(
        suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50
    )
    @given(subject=st.text(), text=st.text())
    def test_nothing_in_a_notice_becomes_a_header(self, outbox, subject, text):
        for path in outbox.folder.glob("*"):
            path.unlink()
        outbox.notifier.send(NOTICE.model_copy(update={"subject": subject, "text": text}))
        body = (outbox.folder / "review-emma-1.eml").read_bytes()
        names = {name.lower() for name in email.message_from_bytes(body, policy=default)}
        known = {"from", "to", "subject", "date", "message-id", "mime-version"}
        assert names - {"content-type", "content-transfer-encoding"} == known


class TestOnAws:
    def test_a_mail_goes_out_through_ses(self, on_aws):
        on_aws.notifier.send(NOTICE.model_copy(update={"subject": HOSTILE}))
        mail = on_aws.last()
        assert mail.destinations["ToAddresses"] == ["editor@example.org"]
        assert mail.subject.startswith("Emma Bcc: everyone")
        assert mail.subject.isprintable()

    def test_an_alarm_without_a_topic_is_an_error(self, aws):
        notifier = AwsNotifier(aws.ses(), aws.sns(), "ebooks@example.org", None)
        with pytest.raises(ServiceError):
            notifier.send(NOTICE.model_copy(update={"to": ""}))

    @pytest.mark.parametrize(
        ("status", "code", "expected"),
        [
            (400, "Throttling", Unavailable),
            (503, "ServiceUnavailable", Unavailable),
            (403, "AccessDenied", Denied),
            (400, "MessageRejected", ServiceError),
        ],
    )
    def test_what_ses_answers_is_one_of_our_errors(self, faulty, status, code, expected):
        body = f"<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>".encode()
        with faulty(status, body) as (url, _):
            aws = Aws("eu-central-1", url, attempts=1)
            notifier = AwsNotifier(aws.ses(), aws.sns(), "ebooks@example.org", None)
            with pytest.raises(ServiceError) as caught:
                notifier.send(NOTICE)
        assert type(caught.value) is expected


class TestSlack:
    def test_a_notice_is_posted_without_mentions(self, faulty):
        with faulty(200, b"ok") as (url, received):
            SlackNotifier(f"{url}/services/T/B/x").send(
                NOTICE.model_copy(update={"subject": HOSTILE})
            )
        ((path, body),) = received
        text = json.loads(body)["text"]
        assert path == "/services/T/B/x"
        assert "<" not in text
        assert text.startswith("*Emma Bcc: everyone@example.org &lt;!channel&gt; [31m aaa")

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
    def test_what_slack_answers_is_one_of_our_errors(self, faulty, status, expected):
        with faulty(status) as (url, _), pytest.raises(ServiceError) as caught:
            SlackNotifier(url).send(NOTICE)
        assert type(caught.value) is expected

    def test_the_secret_url_is_in_no_error_and_no_log(self, faulty, caplog):
        with caplog.at_level(logging.DEBUG), faulty(500) as (url, _):
            notifier = SlackNotifier(f"{url}/services/T/B/hidden")
            with pytest.raises(Unavailable) as caught:
                notifier.send(NOTICE)
        assert "hidden" not in f"{caplog.text} {caught.value} {notifier!r}"

    def test_nobody_listening_is_unavailable(self):
        with pytest.raises(Unavailable):
            SlackNotifier("http://127.0.0.1:9/hidden").send(NOTICE)
