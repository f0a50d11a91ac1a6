"""What S3 tells of new objects, read whatever it holds."""

import json
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebook_pipeline.resources.s3_notifications import UnreadableNotification, created_keys

COPIED = "s3:ObjectCreated:Copy"


def record(
    key: str, bucket: str = "landing", event: str = "ObjectCreated:Put"
) -> dict[str, object]:
    return {"eventName": event, "s3": {"bucket": {"name": bucket}, "object": {"key": key}}}


def told(*records: object) -> str:
    return json.dumps({"Records": records})


def test_keys_are_read_as_s3_writes_them_each_once() -> None:
    body = told(record("house/A+b%2Bc%20%C3%A9.epub"), record("x"), record("x", event=COPIED))
    assert created_keys(body, "landing") == ("house/A b+c é.epub", "x")


def test_what_is_no_new_object_of_the_bucket_names_none() -> None:
    body = told(record("a", bucket="other"), record("b", event="ObjectRemoved:Delete"))
    assert created_keys(body, "landing") == ()
    assert created_keys('{"Service": "Amazon S3", "Event": "s3:TestEvent"}', "landing") == ()


def test_a_topic_may_stand_between() -> None:
    body = json.dumps({"Type": "Notification", "Message": told(record("a"))})
    assert created_keys(body, "landing") == ("a",)


def test_a_key_that_is_no_utf_8_keeps_its_bytes() -> None:
    [key] = created_keys(told(record("%FF.epub")), "landing")
    assert key.encode("utf-8", "surrogateescape") == b"\xff.epub"


@pytest.mark.parametrize(
    "body",
    ["", "x", "[]", "{}", '{"Records": 1}', told(1), told({}), told(record("a") | {"s3": []}),
     "[" * 10**5, '{"Records": [' + "1," * 2000 + "1]}", " " * (1 << 21),
     '{"Type": "Notification", "Message": "x"}'],
)  # fmt: skip
def test_what_s3_never_sends_is_refused(body: str) -> None:
    with pytest.raises(UnreadableNotification):
        created_keys(body, "landing")


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_any_name_comes_back_as_it_was(name: str) -> None:
    assert created_keys(told(record(quote_plus(name))), "landing") == (name,)
