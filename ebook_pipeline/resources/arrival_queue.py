"""The queue that a landing bucket notifies of new files; a landing folder is listed instead.

A message is handed out until it is settled, again and again, perhaps twice and out of order: it
says where to look, and what lies there is the truth.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from ebook_pipeline.foundation.record import Record
from ebook_pipeline.foundation.slices import slices
from ebook_pipeline.resources.aws import aws_errors
from ebook_pipeline.resources.s3_notifications import UnreadableNotification, created_keys

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MESSAGES_AT_ONCE = 10
"""Messages that SQS hands out, and takes back, in one call."""


class ArrivalMessage(Record):
    """`keys` of files that have come; `wrong` says why it can't be read. `receipt` settles it."""

    receipt: str
    keys: tuple[str, ...] = ()
    wrong: str = ""


class ArrivalQueue(Protocol):
    """Safe for many threads; every method may raise ServiceErrors."""

    def receive(self) -> tuple[ArrivalMessage, ...]:
        """Some messages that nobody has in hand; none where there are none."""
        ...

    def settle(self, receipts: Sequence[str]) -> None:
        """These were dealt with, and never come again. What is settled already is left alone."""
        ...


class ArrivalSqs:
    """The queue that the landing bucket notifies. What nobody settles comes again, and after some
    times lies in the queue for what can't be read, which alarms.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
    """

    def __init__(self, sqs: "SQSClient", url: str, bucket: str) -> None:
        self._sqs, self._url, self._bucket = sqs, url, bucket

    def receive(self) -> tuple[ArrivalMessage, ...]:
        with aws_errors("the queue of arrivals"):
            answer = self._sqs.receive_message(
                QueueUrl=self._url, MaxNumberOfMessages=MESSAGES_AT_ONCE
            )
        return tuple(
            _message(message["ReceiptHandle"], message["Body"], self._bucket)
            for message in answer.get("Messages", ())
        )

    def settle(self, receipts: Sequence[str]) -> None:
        for part in slices(receipts, MESSAGES_AT_ONCE):
            entries = [{"Id": str(at), "ReceiptHandle": one} for at, one in enumerate(part)]
            with aws_errors("the queue of arrivals"):
                self._sqs.delete_message_batch(QueueUrl=self._url, Entries=entries)  # type: ignore[arg-type]


def _message(receipt: str, body: str, bucket: str) -> ArrivalMessage:
    try:
        return ArrivalMessage(receipt=receipt, keys=created_keys(body, bucket))
    except UnreadableNotification as error:
        return ArrivalMessage(receipt=receipt, wrong=str(error))
