"""What S3 says when an object was put: read as strictly as whatever else comes from outside.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_to_bytes

from ebook_pipeline.foundation import foreign_json

LARGEST = 1 << 20
"""Bytes of a message: four times what SQS takes."""
_CREATED = "ObjectCreated:"
_MOST_RECORDS = 1000
_SURROGATE = re.compile("[\ud800-\udfff]")


class UnreadableNotification(ValueError):
    """It is no notification of S3's, and the message says why."""


def created_keys(body: str, bucket: str) -> tuple[str, ...]:
    """The keys that were put into `bucket`, each once; a test message and other events name none.

    Keys come as S3 writes them into URLs: with ``+`` for a space, and per cent for the rest. One
    that is no UTF-8 keeps its bytes as lone surrogates, as names of files do. Raises
    `UnreadableNotification`.
    """
    message = _document(body)
    if message.get("Type") == "Notification" and isinstance(message.get("Message"), str):
        message = _document(message["Message"])  # a topic stands between bucket and queue
    if message.get("Event") == "s3:TestEvent":
        return ()
    records = message.get("Records")
    if not isinstance(records, list) or len(records) > _MOST_RECORDS:
        raise UnreadableNotification("it has no list of records, or one that S3 does not send")
    return tuple(dict.fromkeys(key for record in records for key in _keys(record, bucket)))


def _document(body: str) -> dict[str, Any]:
    if len(body) > LARGEST:
        raise UnreadableNotification(f"it has more than {LARGEST} characters")
    try:
        document = foreign_json.parse_json(body)
    except ValueError as error:
        raise UnreadableNotification(f"it is no JSON: {error}") from error
    if not isinstance(document, dict):
        raise UnreadableNotification("it is no JSON object")
    return document


def _keys(record: object, bucket: str) -> Iterator[str]:
    name = _text(record, "eventName")
    if not name.removeprefix("s3:").startswith(_CREATED):
        return
    if _text(record, "s3", "bucket", "name") != bucket:
        return
    written = _text(record, "s3", "object", "key")
    yield unquote_to_bytes(written.replace("+", " ")).decode("utf-8", "surrogateescape")


def _text(record: object, *names: str) -> str:
    found = record
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    if not isinstance(found, str):
        raise UnreadableNotification(f"a record has no {'.'.join(names)}")
    if _SURROGATE.search(found):  # JSON can write half a letter, which no encoding takes
        raise UnreadableNotification(f"{'.'.join(names)} of a record is no text")
    return found
