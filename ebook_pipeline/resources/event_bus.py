"""Where events go that others take up: a folder that one can read, Amazon's topics and queues."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ebook_pipeline.foundation.events import Event
from ebook_pipeline.foundation.record import canonical_json
from ebook_pipeline.resources import disk
from ebook_pipeline.resources.aws import aws_errors

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient

_LONGEST_GROUP = 128


class EventFolder:
    """One CloudEvent in JSON a file, a folder a day; in each the names are in order of time.

    An event that is told again replaces its own file.
    """

    name = "folder"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def deliver(self, event: Event) -> None:
        day = self._folder / f"{event.at:%Y-%m-%d}"
        name = f"{event.at:%H%M%S.%f}-{event.type}-{event.id}.json"
        with disk.disk_errors(f"event {event.id}"):
            disk.make_folder(day)
            disk.replace_file(day / name, event_body(event) + b"\n", self._folder)

    def forget(self, event: str) -> None:
        """Take away the file of the event with this id."""
        with disk.disk_errors(f"event {event}"):
            for path in self._folder.glob(f"*/*-{event}.json"):
                path.unlink(missing_ok=True)


class SnsTopic:
    """Every event to one topic; subscribers of it may filter by the message attributes.

    A FIFO topic keeps the order of each book and drops what it got within five minutes before.
    https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
    """

    name = "topic"

    def __init__(self, sns: "SNSClient", arn: str) -> None:
        self._sns, self._arn = sns, arn

    def deliver(self, event: Event) -> None:
        with aws_errors(f"event {event.id} to its topic"):
            self._sns.publish(
                TopicArn=self._arn,
                Message=event_body(event).decode(),
                MessageAttributes=_attributes(event),
                **_in_order(self._arn, event),
            )


class SqsQueue:
    """Every event to one queue; a FIFO queue keeps the order of each book.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
    """

    name = "queue"

    def __init__(self, sqs: "SQSClient", url: str) -> None:
        self._sqs, self._url = sqs, url

    def deliver(self, event: Event) -> None:
        with aws_errors(f"event {event.id} to its queue"):
            self._sqs.send_message(
                QueueUrl=self._url,
                MessageBody=event_body(event).decode(),
                MessageAttributes=_attributes(event),
                **_in_order(self._url, event),
            )


def event_body(event: Event) -> bytes:
    """The event as all subscribers get it: a CloudEvent in JSON."""
    return canonical_json(event.as_cloudevent())


def _attributes(event: Event) -> Any:
    return {
        "type": {"DataType": "String", "StringValue": event.type},
        "book": {"DataType": "String", "StringValue": event.book},
        "version": {"DataType": "Number", "StringValue": str(event.version)},
    }


def _in_order(target: str, event: Event) -> Any:
    """A FIFO topic's or queue's name says what it is."""
    if not target.endswith(".fifo"):
        return {}
    return {"MessageGroupId": _group(event.book), "MessageDeduplicationId": event.id}


def _group(book: str) -> str:
    """A group's name has its limit; books that begin alike for so long only wait a little more."""
    return book[:_LONGEST_GROUP]
