"""Word to people: as files in an outbox folder, by Amazon's mail and messages, or to Slack.

Subjects and texts quote books, so they are hostile: nothing in them can become a mail header,
a mention, or a line of its own in a log.
"""

import hashlib
import logging
import re
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTPUTF8
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ebook_pipeline.books.errors import Denied, NotFound, ServiceError, Unavailable
from ebook_pipeline.books.records import Record, canonical_json
from ebook_pipeline.resources import disk
from ebook_pipeline.resources.aws import aws_errors

if TYPE_CHECKING:
    from mypy_boto3_ses import SESClient
    from mypy_boto3_sns import SNSClient

_LOG = logging.getLogger(__name__)
_SAFE_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,79}")
_PHONE = re.compile(r"\+[1-9][0-9]{5,14}")
_TOPIC = re.compile(r"arn:aws[a-z-]*:sns:[^\s:]+:[0-9]+:[A-Za-z0-9_.-]+")
_LONGEST_SUBJECT = 200
_LONGEST_SNS_SUBJECT = 99
_LONGEST_SLACK_TEXT = 30_000
_SLACK_SECONDS = 10.0


class Notice(Record):
    """One message. `to` is a mail address, a phone number (E.164), the ARN of an SNS topic, or
    empty for whoever watches the alarms. `id` names it: the same id is the same notice.
    """

    id: str
    to: str
    subject: str
    text: str


class Notifier(Protocol):
    """Safe for many threads; `send` may raise ServiceErrors."""

    def send(self, notice: Notice) -> None:
        """Hand the notice over; ServiceError where `to` is nobody that this notifier reaches.

        The outbox keeps one copy of an id; the others may deliver twice after a lost answer.
        """
        ...


class Outbox:
    """``<id>.eml`` for a mail program and ``<id>.json`` for a program, in `folder`."""

    def __init__(self, folder: Path, mail_from: str = "ebooks@localhost") -> None:
        self._folder = folder
        self._mail_from = mail_from

    def send(self, notice: Notice) -> None:
        mail = _mail(notice, self._mail_from)
        name = _file_name(notice.id)
        with disk.disk_errors(f"notice {notice.id!r}"):
            disk.make_folder(self._folder)
            disk.create_file(self._folder / f"{name}.eml", mail.as_bytes())
            facts = canonical_json(notice.model_dump(mode="json"))
            # The facts come last: whoever makes them has sent the notice, and says so once.
            sent = disk.create_file(self._folder / f"{name}.json", facts)
        if sent:
            _LOG.info("notice %r to %r: %s", notice.id, notice.to, _one_line(notice.subject))


class AwsNotifier:
    """Mail through SES from `mail_from`; phones and topics through SNS.

    `team` (a topic's ARN or an address) gets the notices that are addressed to nobody.
    """

    def __init__(
        self, ses: "SESClient", sns: "SNSClient", mail_from: str, team: str | None
    ) -> None:
        self._ses = ses
        self._sns = sns
        self._mail_from = mail_from
        self._team = team

    def send(self, notice: Notice) -> None:
        to = notice.to or self._team or ""
        with aws_errors(f"notice {notice.id!r}"):
            if _TOPIC.fullmatch(to):
                subject = _sns_subject(notice.subject)
                self._sns.publish(TopicArn=to, Subject=subject, Message=notice.text)
            elif _PHONE.fullmatch(to):
                message = f"{_one_line(notice.subject)}\n{notice.text}"
                self._sns.publish(PhoneNumber=to, Message=message)
            else:
                self._mail(str(_address(to)), notice)

    def _mail(self, to: str, notice: Notice) -> None:
        self._ses.send_email(
            Source=self._mail_from,
            Destination={"ToAddresses": [to]},
            Message={
                "Subject": {"Data": _one_line(notice.subject), "Charset": "UTF-8"},
                "Body": {"Text": {"Data": notice.text, "Charset": "UTF-8"}},
            },
        )


class SlackNotifier:
    """Every notice into the channel of one incoming webhook, whose `url` is a secret.

    https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
    """

    def __init__(self, url: str) -> None:
        self._url = url

    def send(self, notice: Notice) -> None:
        status = _post(self._url, {"text": _slack_text(notice)})
        if status >= 300:
            raise _kind(status)(f"notice {notice.id!r}: Slack answered {status}")


def _mail(notice: Notice, mail_from: str) -> EmailMessage:
    mail = EmailMessage(policy=SMTPUTF8)
    mail["From"] = _address(mail_from)
    if _PHONE.fullmatch(notice.to) or _TOPIC.fullmatch(notice.to):
        mail["X-Recipient"] = notice.to
    elif notice.to:
        mail["To"] = _address(notice.to)
    mail["Subject"] = _one_line(notice.subject)
    mail["Date"] = format_datetime(datetime.now(UTC))
    digest = hashlib.sha256(notice.id.encode()).hexdigest()[:32]
    mail["Message-ID"] = f"<{digest}@ebook-pipeline.invalid>"
    mail.set_content(notice.text)
    return mail


def _address(text: str) -> Address:
    """One mail address; ServiceError for anything else, such as several or a line break in one."""
    if text != text.strip() or not text.isprintable() or "@" not in text:
        raise ServiceError(f"no mail address: {text[:200]!r}")
    try:
        return Address(addr_spec=text)
    except (ValueError, IndexError, MessageError) as error:
        raise ServiceError(f"no mail address: {text[:200]!r}: {error}") from error


def _one_line(text: str) -> str:
    """`text` without line breaks and control characters, cut at 200 characters."""
    printable = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(printable.split())[:_LONGEST_SUBJECT]


def _sns_subject(text: str) -> str:
    """ASCII of less than 100 characters that begins with a letter, digit or punctuation mark.

    https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
    """
    ascii_only = _one_line(text).encode("ascii", "replace").decode()
    return ascii_only[:_LONGEST_SNS_SUBJECT].strip() or "Notice"


def _file_name(notice_id: str) -> str:
    """`notice_id` where it is a harmless file name, else a name made of its digest."""
    if _SAFE_NAME.fullmatch(notice_id):
        return notice_id
    digest = hashlib.sha256(notice_id.encode("utf-8", "surrogatepass")).hexdigest()
    return f"~{digest}"


def _slack_text(notice: Notice) -> str:
    """Bold subject and text, escaped so that no ``<!channel>`` or link comes out of a book."""
    whole = f"*{_one_line(notice.subject)}*\n{notice.text}"[:_LONGEST_SLACK_TEXT]
    return whole.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _post(url: str, document: dict[str, str]) -> int:
    """The status of a POST. The transport is used bare, for httpx's client logs whole URLs."""
    import httpx

    request = httpx.Request(
        "POST",
        url,
        json=document,
        extensions={"timeout": httpx.Timeout(_SLACK_SECONDS).as_dict()},
    )
    try:
        with httpx.HTTPTransport() as transport:
            response = transport.handle_request(request)
            response.read()
            return response.status_code
    except httpx.TransportError as error:
        raise Unavailable(f"Slack did not answer: {type(error).__name__}") from error


def _kind(status: int) -> type[ServiceError]:
    if status == 429 or status >= 500:
        return Unavailable
    if status in (401, 403):
        return Denied
    return NotFound if status in (404, 410) else ServiceError
