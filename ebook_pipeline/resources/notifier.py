"""Word to people: as files in an outbox folder, by Amazon's mail and messages, or to Slack.

Subjects and texts quote books, so they are hostile: nothing in them can become a mail header,
a mention, or a line of its own in a log. Addresses are personal: a log shows them masked.
"""

import hashlib
import json
import logging
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8, EmailPolicy
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from ebook_pipeline.books.notifying.addresses import Channel, channel_of, mail_address, masked
from ebook_pipeline.books.records import Record, canonical_json
from ebook_pipeline.foundation.errors import Denied, NotFound, ServiceError, Unavailable
from ebook_pipeline.resources import disk
from ebook_pipeline.resources.aws import aws_errors

if TYPE_CHECKING:
    from mypy_boto3_ses import SESClient
    from mypy_boto3_sns import SNSClient

_LOG = logging.getLogger(__name__)
_SAFE_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,79}")
_LONGEST_SUBJECT = 200
_LONGEST_SNS_SUBJECT = 99
_LONGEST_SLACK_TEXT = 2900
_LONGEST_SLACK_HEADER = 150
_SLACK_SECONDS = 10.0


class Unanswered(ServiceError):
    """The notice was handed over and nobody said that it arrived: sent again, it may come twice."""


class Notice(Record):
    """One message by one channel. `to` is an address of that channel, and empty for Slack.

    `id` names it: the same id is the same notice. `short` is what a text message says, `html` the
    other form of a mail's `text`; `unsubscribe` an address by which programs end such mails.
    """

    id: str
    channel: Channel = Channel.MAIL
    to: str
    subject: str
    text: str
    html: str = ""
    short: str = ""
    unsubscribe: str = ""


class Notifier(Protocol):
    """Safe for many threads; `send` may raise ServiceErrors."""

    @property
    def channels(self) -> frozenset[Channel]:
        """What it sends by."""
        ...

    def keeps_once(self, channel: Channel) -> bool:
        """Whether a notice that is sent again under its id is still one message."""
        ...

    def send(self, notice: Notice) -> None:
        """Hand the notice over; ServiceError where `to` is nobody that its channel reaches.

        `Unavailable` says that it was not taken, `Unanswered` that nobody knows.
        """
        ...

    def forget(self, notice_id: str) -> None:
        """Take away what is kept of a notice here; what went out can't be called back."""
        ...

    def forget_all(self, addresses: Collection[str]) -> None:
        """Take away what is kept here of any notice to one of these, or that tells one."""
        ...


class MailFolder:
    """``<id>.eml`` for a mail program and ``<id>.json`` for a program, in `folder`."""

    channels = frozenset(Channel)

    def __init__(self, folder: Path, mail_from: str = "ebooks@localhost") -> None:
        self._folder = folder
        self._mail_from = mail_from

    def keeps_once(self, channel: Channel) -> bool:  # noqa: ARG002
        return True

    def send(self, notice: Notice) -> None:
        _check(notice)
        mail = _mail(notice, self._mail_from, SMTPUTF8)
        name = _file_name(notice.id)
        with disk.disk_errors(f"notice {notice.id!r}"):
            disk.make_folder(self._folder)
            disk.create_file(self._folder / f"{name}.eml", mail.as_bytes())
            facts = canonical_json(notice.model_dump(mode="json"))
            # The facts come last: whoever makes them has sent the notice, and says so once.
            sent = disk.create_file(self._folder / f"{name}.json", facts)
        if sent:
            whom = f"{notice.channel} {masked(notice.to)}"
            _LOG.info("notice %r to %r: %s", notice.id, whom, _one_line(notice.subject))

    def forget(self, notice_id: str) -> None:
        name = _file_name(notice_id)
        with disk.disk_errors(f"notice {notice_id!r}"):
            for ending in ("eml", "json"):
                (self._folder / f"{name}.{ending}").unlink(missing_ok=True)

    def forget_all(self, addresses: Collection[str]) -> None:
        wanted = [json.dumps(address)[1:-1].encode() for address in addresses]
        wanted += [address.encode() for address in addresses]
        with disk.disk_errors("the mail folder"):
            for facts in self._folder.glob("*.json"):
                body = facts.read_bytes()
                if any(address in body for address in wanted):
                    facts.with_suffix(".eml").unlink(missing_ok=True)
                    facts.unlink(missing_ok=True)


class AwsNotifier:
    """Mail through SES from the verified `mail_from`; phones and topics through SNS.

    Neither knows a notice's id: SES gives every mail a Message-ID of its own. So the clients must
    not try again by themselves (`Aws.attempts`), for a mail may have gone out without an answer.
    """

    channels = frozenset({Channel.MAIL, Channel.SMS, Channel.TOPIC})

    def __init__(self, ses: "SESClient", sns: "SNSClient", mail_from: str) -> None:
        self._ses = ses
        self._sns = sns
        self._mail_from = mail_from

    def keeps_once(self, channel: Channel) -> bool:  # noqa: ARG002
        return False

    def send(self, notice: Notice) -> None:
        _check(notice)
        with aws_errors(f"notice {notice.id!r}"), _unanswered(notice):
            match notice.channel:
                case Channel.TOPIC:
                    subject = _sns_subject(notice.subject)
                    self._sns.publish(TopicArn=notice.to, Subject=subject, Message=notice.text)
                case Channel.SMS:
                    self._sns.publish(PhoneNumber=notice.to, Message=_brief(notice))
                case _:
                    self._send_mail(notice)

    def forget(self, notice_id: str) -> None:
        """Nothing is kept here."""

    def forget_all(self, addresses: Collection[str]) -> None:
        """Nothing is kept here."""

    def _send_mail(self, notice: Notice) -> None:
        if not notice.to.isascii():
            raise ServiceError(f"SES takes ASCII addresses only: {masked(notice.to)}")
        mail = _mail(notice, self._mail_from, SMTP)
        source = str(mail_address(self._mail_from))
        self._ses.send_raw_email(
            Source=source, Destinations=[notice.to], RawMessage={"Data": mail.as_bytes()}
        )


class SlackNotifier:
    """Notices into the channel of one incoming webhook, whose `url` is a secret.

    https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
    """

    channels = frozenset({Channel.SLACK})

    def __init__(self, url: str) -> None:
        self._url = url

    def keeps_once(self, channel: Channel) -> bool:  # noqa: ARG002
        return False

    def send(self, notice: Notice) -> None:
        status = _post(self._url, _slack_message(notice), notice.id)
        if status >= 300:
            raise _kind(status)(f"notice {notice.id!r}: Slack answered {status}")

    def forget(self, notice_id: str) -> None:
        """Nothing is kept here."""

    def forget_all(self, addresses: Collection[str]) -> None:
        """Nothing is kept here."""


class ChannelNotifier:
    """Several notifiers as one: each channel belongs to the first that has it."""

    def __init__(self, *notifiers: Notifier) -> None:
        self._of = {
            channel: notifier for notifier in reversed(notifiers) for channel in notifier.channels
        }

    @property
    def channels(self) -> frozenset[Channel]:
        return frozenset(self._of)

    def keeps_once(self, channel: Channel) -> bool:
        return channel in self._of and self._of[channel].keeps_once(channel)

    def send(self, notice: Notice) -> None:
        if notice.channel not in self._of:
            raise ServiceError(f"notice {notice.id!r}: nothing sends by {notice.channel}")
        self._of[notice.channel].send(notice)

    def forget(self, notice_id: str) -> None:
        for notifier in set(self._of.values()):
            notifier.forget(notice_id)

    def forget_all(self, addresses: Collection[str]) -> None:
        for notifier in set(self._of.values()):
            notifier.forget_all(addresses)


def _check(notice: Notice) -> None:
    """ServiceError where `to` is no address of the notice's channel."""
    if notice.channel is Channel.MAIL:
        mail_address(notice.to)
    elif notice.channel is not Channel.SLACK and channel_of(notice.to) is not notice.channel:
        raise ServiceError(f"{masked(notice.to)!r} is no address by {notice.channel}")


def _mail(notice: Notice, mail_from: str, policy: "EmailPolicy[Any]") -> EmailMessage:
    """RFC 5322, with a Message-ID that is the notice's for ever, marked as sent by a program.

    RFC 3834 §5, https://www.rfc-editor.org/rfc/rfc3834#section-5; one click ends it where it says
    how: RFC 8058 §3.1, https://www.rfc-editor.org/rfc/rfc8058#section-3.1
    """
    mail = EmailMessage(policy=policy)
    mail["From"] = mail_address(mail_from)
    if notice.channel is Channel.MAIL:
        mail["To"] = mail_address(notice.to)
    else:
        mail["X-Recipient"] = _one_line(f"{notice.channel} {notice.to}")
    mail["Subject"] = _one_line(notice.subject)
    mail["Date"] = format_datetime(datetime.now(UTC))
    digest = hashlib.sha256(notice.id.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    mail["Message-ID"] = f"<{digest}@ebook-pipeline.invalid>"
    mail["Auto-Submitted"] = "auto-generated"
    if notice.unsubscribe:
        mail["List-Unsubscribe"] = f"<{notice.unsubscribe}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(_encodable(notice.text))
    if notice.html:
        mail.add_alternative(_encodable(notice.html), subtype="html")
    return mail


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _brief(notice: Notice) -> str:
    return notice.short or f"{_one_line(notice.subject)}\n{notice.text}"


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


def _slack_message(notice: Notice) -> dict[str, Any]:
    """Subject and text as plain text, in which Slack looks for no links, mentions or mark-up.

    `text`, what a telephone's lock screen shows, has its three signs escaped.
    https://docs.slack.dev/reference/block-kit/composition-objects/text-object
    """
    subject = _one_line(notice.subject)
    whole = f"{subject}: {_one_line(notice.short or notice.text)}"
    return {
        "text": whole.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"),
        "blocks": [
            {"type": "header", "text": _plain(subject[:_LONGEST_SLACK_HEADER] or "–")},
            {"type": "section", "text": _plain(notice.text[:_LONGEST_SLACK_TEXT] or "–")},
        ],
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}


def _post(url: str, document: dict[str, Any], notice_id: str) -> int:
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
    except (httpx.ReadTimeout, httpx.ReadError, httpx.RemoteProtocolError):
        raise Unanswered(f"notice {notice_id!r}: Slack took it and did not answer") from None
    except httpx.TransportError as error:
        name = type(error).__name__
        raise Unavailable(f"notice {notice_id!r}: Slack did not answer: {name}") from error


@contextmanager
def _unanswered(notice: Notice) -> Iterator[None]:
    """Amazon took the request, and the line broke before it said what became of it."""
    from botocore import exceptions as boto

    try:
        yield
    except (boto.ReadTimeoutError, boto.ConnectionClosedError) as error:
        raise Unanswered(f"notice {notice.id!r}: Amazon took it and did not answer") from error


def _kind(status: int) -> type[ServiceError]:
    if status == 429 or status >= 500:
        return Unavailable
    if status in (401, 403):
        return Denied
    return NotFound if status in (404, 410) else ServiceError
