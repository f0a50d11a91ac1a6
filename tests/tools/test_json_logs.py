"""A log line is one JSON object, and nothing in it opens anything."""

import json
import logging

import pytest

from ebook_pipeline.tools.json_logs import JsonFormatter, without_secrets

SECRET = "AbCdEf123456_-~"


def record(message: str, *values: object, **extra: object) -> logging.LogRecord:
    made = logging.LogRecord("desk", logging.INFO, "", 1, message, values, None)
    made.__dict__.update(extra)
    return made


def test_a_line_has_its_request_run_and_book() -> None:
    ids = {"request_id": "r-1", "run": "run-1", "book": "emma"}
    line = json.loads(JsonFormatter().format(record("GET %s\nx", "/books", **ids)))
    assert line.items() >= {"message": "GET /books\nx", "level": "INFO", **ids}.items()
    assert "book" not in json.loads(JsonFormatter().format(record("x", request_id="-", book="")))


def test_it_stays_one_line() -> None:
    assert "\n" not in JsonFormatter().format(record("a\nb\u2028"))


@pytest.mark.parametrize(
    "text",
    [
        f"https://edge/x?Expires=1&Signature={SECRET}&Key-Pair-Id=K",
        f"https://s3/x?X-Amz-Signature={SECRET}&X-Amz-Credential={SECRET}",
        f"Authorization: Bearer {SECRET}",
        f"authorization: basic {SECRET}",
        f"/reset?token={SECRET}",
        f"/callback?code={SECRET}&state=1",
        f"password={SECRET}",
    ],
)
def test_what_opens_something_is_taken_out(text: str) -> None:
    assert SECRET not in without_secrets(text)
    assert SECRET not in JsonFormatter().format(record("asked %s", text))


def test_it_is_taken_out_of_errors_too() -> None:
    error = ValueError(f"https://edge/x?Signature={SECRET}")
    made = record("failed")
    made.exc_info = (ValueError, error, None)
    line = JsonFormatter().format(made)
    assert "ValueError" in json.loads(line)["error"]
    assert SECRET not in line
