"""One contract for the folder, the topic and the queue, the latter two over HTTP."""

import json
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest

from ebook_pipeline.foundation.errors import ServiceError
from ebook_pipeline.foundation.events import Event
from ebook_pipeline.resources.aws import Aws
from ebook_pipeline.resources.event_bus import EventFolder, SnsTopic, SqsQueue


def event(number: int, book: str = "emma", kind: str = "release.live") -> Event:
    at = datetime(2026, 11, 21, 9, 30, number, tzinfo=UTC)
    data = {"edition": number, "release": "Élan 1"}
    return Event(id=str(uuid.uuid4()), type=kind, book=book, at=at, correlation="r", data=data)


class Folder:
    def __init__(self, request: pytest.FixtureRequest) -> None:
        self.folder = request.getfixturevalue("tmp_path") / "events"
        self.subscriber = EventFolder(self.folder)

    def taken(self) -> list[dict[str, Any]]:
        return [json.loads(path.read_text()) for path in sorted(self.folder.glob("*/*.json"))]


class Queue:
    suffix = ""
    attributes: ClassVar[dict[Any, str]] = {}

    def __init__(self, request: pytest.FixtureRequest) -> None:
        aws = request.getfixturevalue("aws")
        self.sqs = aws.sqs()
        name = f"events-{uuid.uuid4().hex}{self.suffix}"
        made = self.sqs.create_queue(QueueName=name, Attributes=self.attributes)
        self.url = made["QueueUrl"]
        self.subscriber = self.listen(aws, name)

    def listen(self, aws: Aws, name: str) -> SqsQueue | SnsTopic:
        return SqsQueue(self.sqs, self.url)

    def messages(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            some = self.sqs.receive_message(
                QueueUrl=self.url,
                MaxNumberOfMessages=10,
                MessageAttributeNames=["All"],
                AttributeNames=["All"],
            ).get("Messages", [])
            if not some:
                return found
            for one in some:
                handle = one["ReceiptHandle"]
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=handle)
            found += some

    def taken(self) -> list[dict[str, Any]]:
        return [json.loads(one["Body"]) for one in self.messages()]


class FifoQueue(Queue):
    suffix = ".fifo"
    attributes: ClassVar[dict[Any, str]] = {"FifoQueue": "true"}


class Topic(Queue):
    def listen(self, aws: Aws, name: str) -> SnsTopic:
        sns = aws.sns()
        arn = sns.create_topic(Name=name, Attributes=self.topic_attributes())["TopicArn"]
        of_queue = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])
        sns.subscribe(
            TopicArn=arn,
            Protocol="sqs",
            Endpoint=of_queue["Attributes"]["QueueArn"],
            Attributes={"RawMessageDelivery": "true"},
        )
        return SnsTopic(sns, arn)

    def topic_attributes(self) -> dict[str, str]:
        return {}


class FifoTopic(Topic):
    suffix = ".fifo"
    attributes: ClassVar[dict[Any, str]] = {"FifoQueue": "true"}

    def topic_attributes(self) -> dict[str, str]:
        return {"FifoTopic": "true"}


@pytest.fixture(params=[Folder, Queue, FifoQueue, Topic, FifoTopic])
def case(request: pytest.FixtureRequest) -> Folder | Queue:
    made: Folder | Queue = request.param(request)
    return made


@pytest.fixture(params=[Queue, FifoQueue, Topic, FifoTopic])
def on_aws(request: pytest.FixtureRequest) -> Queue:
    made: Queue = request.param(request)
    return made


@pytest.fixture(params=[FifoQueue, FifoTopic])
def fifo(request: pytest.FixtureRequest) -> FifoQueue | FifoTopic:
    made: FifoQueue | FifoTopic = request.param(request)
    return made


def test_every_event_arrives_as_a_cloudevent(case: Folder | Queue) -> None:
    told = [event(number) for number in range(3)]
    for one in told:
        case.subscriber.deliver(one)
    assert case.taken() == [one.as_cloudevent() for one in told]


def test_what_filters_need_stands_beside_the_event(on_aws: Queue) -> None:
    on_aws.subscriber.deliver(event(1, "hamlet", "release.withdrawn"))
    (message,) = on_aws.messages()
    said = {name: one["StringValue"] for name, one in message["MessageAttributes"].items()}
    assert said == {"type": "release.withdrawn", "book": "hamlet", "version": "1"}


def test_in_order_means_in_order_of_each_book_and_without_what_came_before(
    fifo: FifoQueue | FifoTopic,
) -> None:
    first, second = event(1), event(2, "b" * 200)
    for one in (first, second, first):
        fifo.subscriber.deliver(one)
    messages = fifo.messages()
    facts = [one["Attributes"] for one in messages]
    assert [one["MessageDeduplicationId"] for one in facts] == [first.id, second.id]
    assert [one["MessageGroupId"] for one in facts] == ["emma", "b" * 128]


def test_a_queue_or_topic_that_is_not_there_is_a_service_error(aws: Aws) -> None:
    gone = "http://127.0.0.1:1/123456789012/none"
    for nobody in (
        SqsQueue(aws.sqs(), gone),
        SnsTopic(aws.sns(), "arn:aws:sns:eu-central-1:123456789012:none"),
    ):
        with pytest.raises(ServiceError):
            nobody.deliver(event(1))


def test_an_event_that_is_told_again_replaces_its_own_file(tmp_path: Path) -> None:
    folder = EventFolder(tmp_path / "events")
    one = event(1)
    folder.deliver(one)
    folder.deliver(one)
    (file,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert file.parent.name == "2026-11-21"
    assert file.name == f"093001.000000-release.live-{one.id}.json"
