"""Where word reaches people: channels, what an address of each looks like, and how it is hidden."""

import re
from email.errors import MessageError
from email.headerregistry import Address
from enum import StrEnum

from ebook_pipeline.foundation.errors import ServiceError

_PHONE = re.compile(r"\+[1-9][0-9]{5,14}")
_TOPIC = re.compile(r"arn:aws[a-z-]*:sns:[^\s:]+:[0-9]+:[A-Za-z0-9_.-]+")
_LONGEST = 254


class Channel(StrEnum):
    """How a notice goes out. Slack has no address: its webhook is a setting, and a secret."""

    MAIL = "mail"
    SMS = "sms"
    SLACK = "slack"
    TOPIC = "topic"


def channel_of(address: str) -> Channel | None:
    """The channel that an address belongs to, or None where it is no address at all."""
    if _PHONE.fullmatch(address):
        return Channel.SMS
    if _TOPIC.fullmatch(address):
        return Channel.TOPIC
    try:
        mail_address(address)
    except ServiceError:
        return None
    return Channel.MAIL


def mail_address(text: str) -> Address:
    """One mail address; ServiceError for anything else, such as several or a line break in one.

    RFC 5322 §3.4.1, https://www.rfc-editor.org/rfc/rfc5322#section-3.4.1
    """
    fits = len(text) <= _LONGEST and text.isprintable() and not re.search(r"[\s<>,;:\"]", text)
    if not fits or text.count("@") != 1:
        raise ServiceError(f"no mail address: {masked(text)!r}")
    try:
        return Address(addr_spec=text)
    except (ValueError, IndexError, MessageError) as error:
        raise ServiceError(f"no mail address: {masked(text)!r}") from error


def masked(address: str) -> str:
    """``e…@example.org``, ``+49…56``: enough to know it again, too little to write to."""
    if not address:
        return ""
    if _TOPIC.fullmatch(address):
        return f"topic {address.rpartition(':')[2]}"
    name, at, host = address.partition("@")
    if at:
        return f"{name[:1]}…@{host}"[:80]
    return f"{address[:3]}…{address[-2:]}" if len(address) > 6 else f"{address[:1]}…"
