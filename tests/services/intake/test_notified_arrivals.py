"""New objects told by S3's own notifications: each is taken once, and none is missed."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from mypy_boto3_s3 import S3Client
from mypy_boto3_sqs import SQSClient

from ebook_pipeline.foundation.errors import Unavailable
from ebook_pipeline.resources.arrival_queue import ArrivalSqs
from ebook_pipeline.resources.aws import Aws
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.landing import TAKEN, LandingBucket
from ebook_pipeline.resources.landing_arrivals import Arrival
from ebook_pipeline.services.intake.notified_arrivals import (
    NotifiedSummary,
    SweepCursor,
    submit_notified,
    sweep,
)
from ebook_pipeline.services.intake.refusals import refused_since
from tests.support.aws.moto import aws_credentials, moto_url
from tests.support.servers.postgres import rows

__all__ = ["aws_credentials", "moto_url"]
ACTOR = "sensor:new_submissions"


class Landing:
    """A bucket that notifies a queue, as the template makes them."""

    def __init__(self, aws: Aws, database: Database) -> None:
        self.s3: S3Client = aws.s3()
        self.sqs: SQSClient = aws.sqs()
        self.database = database
        self.bucket = f"landing-{uuid.uuid4().hex}"
        place: Any = {"LocationConstraint": aws.region}
        self.s3.create_bucket(Bucket=self.bucket, CreateBucketConfiguration=place)
        versioning: Any = {"Status": "Enabled"}
        self.s3.put_bucket_versioning(Bucket=self.bucket, VersioningConfiguration=versioning)
        self.url = self.sqs.create_queue(QueueName=self.bucket)["QueueUrl"]
        answer = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])
        told: Any = {"QueueArn": answer["Attributes"]["QueueArn"], "Events": ["s3:ObjectCreated:*"]}
        self.s3.put_bucket_notification_configuration(
            Bucket=self.bucket, NotificationConfiguration={"QueueConfigurations": [told]}
        )
        self.store = LandingBucket(self.s3, self.bucket)
        self.queue = ArrivalSqs(self.sqs, self.url, self.bucket)

    def put(self, key: str, body: bytes = b"book") -> None:
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)

    def tell(self, *keys: str, body: str | None = None) -> None:
        records = [
            {
                "eventName": "ObjectCreated:Put",
                "s3": {"bucket": {"name": self.bucket}, "object": {"key": key}},
            }
            for key in keys
        ]
        message = json.dumps({"Records": records}) if body is None else body
        self.sqs.send_message(QueueUrl=self.url, MessageBody=message)

    def take(self) -> NotifiedSummary:
        return submit_notified(self.database, self.store, self.queue, actor=ACTOR, seconds=60)

    def sweep(self, cursor: SweepCursor, every: float = 60) -> SweepCursor:
        return sweep(self.database, self.store, cursor, actor=ACTOR, every=every)

    def submitted(self) -> list[str]:
        found = rows(self.database, "SELECT landing_key FROM submission ORDER BY id")
        return [key for (key,) in found]


@pytest.fixture
def landing(moto_url: str, aws_credentials: None, database: Database) -> Iterator[Landing]:
    aws = Aws("eu-central-1", moto_url)
    yield Landing(aws, database)
    aws.close()


def test_many_at_once_are_each_taken_once_though_told_twice_and_late(landing: Landing) -> None:
    keys = [f"house/b{number}.epub" for number in range(24)]
    for key in reversed(keys):
        landing.put(key)
        landing.tell(key, keys[0])
    assert landing.take().new == len(keys)
    landing.tell(*keys)
    assert landing.take().new == 0
    assert sorted(landing.submitted()) == sorted(keys)
    assert landing.queue.receive() == ()


def test_a_sidecar_brings_its_book_and_a_file_that_is_gone_nothing(landing: Landing) -> None:
    landing.put("house/gone.epub")
    landing.s3.delete_object(Bucket=landing.bucket, Key="house/gone.epub")
    landing.put("house/emma.epub.json", b'{"title": "Emma"}')
    assert landing.take().new == 0
    landing.put("house/emma.epub")
    assert landing.take().new == 1
    assert rows(landing.database, "SELECT claims ->> 'title' FROM submission") == [("Emma",)]


def test_hostile_keys_and_messages_are_nobodys_problem_but_their_own(landing: Landing) -> None:
    landing.put("house/ä +%2F&?.epub")
    landing.tell("%FF.epub", "a/" * 70 + "x.epub", "..%2F..%2Fetc", "house/.hidden", "house/x.part")
    landing.tell(body='{"Service": "Amazon S3", "Event": "s3:TestEvent"}')
    landing.tell(body="no JSON at all")
    summary = landing.take()
    assert (summary.new, summary.unreadable) == (1, 1)
    assert landing.submitted() == ["house/ä +%2F&?.epub"]
    refused = {one.finding.rule for one in refused_since(landing.database)}
    assert refused == {"landing.name", "landing.path-too-deep"}


def test_what_can_t_be_looked_at_stays_in_the_queue(
    landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    landing.put("house/emma.epub")

    def away(key: str) -> Arrival:
        raise Unavailable(f"{key}: S3 does not answer")

    with monkeypatch.context() as patch:
        patch.setattr(landing.store, "arrival", away)
        assert landing.take().new == 0
    name: Any = "ApproximateNumberOfMessagesNotVisible"
    told = landing.sqs.get_queue_attributes(QueueUrl=landing.url, AttributeNames=[name])
    assert told["Attributes"][name] == "1"
    landing.tell("house/emma.epub")  # as it does once its visibility timeout is over
    assert landing.take().new == 1


def test_a_sweep_finds_what_nobody_told_of_a_part_at_a_time(landing: Landing) -> None:
    keys = [f"house/b{number:02}.epub" for number in range(7)]
    for key in keys:
        landing.put(key)
    landing.put("house/b03.epub.json", b'{"title": "Three"}')
    list_objects, after = landing.s3.list_objects_v2, SweepCursor()

    def few(**asked: Any) -> Any:
        return list_objects(**asked, MaxKeys=1)

    landing.s3.list_objects_v2 = few  # type: ignore[method-assign]
    for _ in range(2):
        after = landing.sweep(after)
    assert after.after is None
    assert landing.submitted() == keys
    titled = rows(landing.database, "SELECT landing_key FROM submission WHERE claims ? 'title'")
    assert ("house/b03.epub",) in titled
    landing.put("house/later.epub")
    assert landing.sweep(after) == after
    after = landing.sweep(after, every=0)
    while after.after is not None:
        after = landing.sweep(after)
    assert landing.submitted()[-1] == "house/later.epub"


def test_what_was_taken_is_tagged_unless_it_is_another_version_by_now(landing: Landing) -> None:
    landing.put("house/emma.epub")
    seen = landing.store.arrival("house/emma.epub")
    landing.store.mark_taken(seen)
    key = {"Bucket": landing.bucket, "Key": "house/emma.epub"}
    assert landing.s3.get_object_tagging(**key)["TagSet"] == [TAKEN]  # type: ignore[arg-type]
    landing.put("house/emma.epub", b"other")
    landing.store.mark_taken(seen)
    assert landing.s3.get_object_tagging(**key)["TagSet"] == []  # type: ignore[arg-type]
