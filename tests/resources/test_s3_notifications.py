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
     '{"Type": "Notification", "Message": "x"}', told(record("\ud800.epub")),
     told(record("a", bucket="\udfff")), told(record("a", event="ObjectCreated:\ud83d")),
     "\ufeff" + told(record("a")), told(record("a")).replace('"a"', '"a", "size": ' + "9" * 5000),
     json.dumps({"Type": "Notification", "Message": json.dumps(
         {"Type": "Notification", "Message": told(record("a"))})}),
     '{"detail": {"bucket": {"name": "landing"}, "object": {"key": "a"}}}', told([record("a")]),
     told(record("a"), {"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": "landing"}}}),
     told(record("a", bucket="landing"), record("b") | {"eventName": ["ObjectCreated:Put"]})],
)  # fmt: skip
def test_what_s3_never_sends_is_refused(body: str) -> None:
    with pytest.raises(UnreadableNotification):
        created_keys(body, "landing")


ODD_KEYS = {
    "%zz%.epub": "%zz%.epub", "a%2500.epub": "a%00.epub", "a%2Bb+c": "a+b c", "%2e%2e/x": "../x",
    "+": " ", "%": "%", "%F0%9F%98%80": "\U0001f600", "\U0001f600": "\U0001f600",
    "a%0D%0Ab": "a\r\nb", "/a": "/a", "": "", "k" * 200_000: "k" * 200_000,
}  # fmt: skip


def test_odd_keys_are_read_as_they_are_and_say_nothing_else() -> None:
    """What a key may not be, the landing store refuses when it looks there."""
    assert {key: created_keys(told(record(key)), "landing") for key in ODD_KEYS} == {
        key: (read,) for key, read in ODD_KEYS.items()
    }


@pytest.mark.parametrize(
    "more",
    [{"size": 10**18}, {"size": -1}, {"size": float("inf")}, {"versionId": "null"},
     {"sequencer": [1]}, {"eTag": None}],
)  # fmt: skip
def test_nothing_but_the_key_is_believed(more: dict[str, object]) -> None:
    told_of = {"eventName": "ObjectCreated:CompleteMultipartUpload"}
    s3 = {"bucket": {"name": "landing"}, "object": {"key": "a", **more}}
    assert created_keys(told(told_of | {"s3": s3}), "landing") == ("a",)


def test_of_a_key_that_stands_there_twice_the_last_is_meant() -> None:
    body = told(record("a")).replace('"key": "a"', '"key": "b", "key": "a"')
    assert created_keys(f'{{"Records": 1, {body[1:]}', "landing") == ("a",)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_any_name_comes_back_as_it_was(name: str) -> None:
    assert created_keys(told(record(quote_plus(name))), "landing") == (name,)
