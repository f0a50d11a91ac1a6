"""An item's way is one trace, and nothing of what errors or statements say stands in it."""

import json
import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import boto3
import pytest
from moto import mock_aws
from sqlalchemy import text
from sqlalchemy.exc import DataError

from ebook_pipeline.foundation import tracing
from ebook_pipeline.foundation.errors import PipelineError
from ebook_pipeline.foundation.events import caused_by
from ebook_pipeline.foundation.log_context import WithRunAndBook, working_on
from ebook_pipeline.foundation.tracing import Fact
from ebook_pipeline.resources import aws_tracing
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.tracing import start_tracing
from ebook_pipeline.tools.json_logs import JsonFormatter
from tests.support.servers.postgres import database, postgres_server

__all__ = ["database", "postgres_server"]
SECRET = "AbCdEf123456-Signature"


@dataclass
class Recorder:
    """Spans as ``name (parent)``, and all facts, in the order in which they began."""

    spans: list[str] = field(default_factory=list)
    facts: list[Mapping[str, Fact]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    _here: threading.local = field(default_factory=threading.local)

    @contextmanager
    def span(self, name: str, facts: Mapping[str, Fact]) -> Iterator[None]:
        parent = getattr(self._here, "name", "")
        self.spans.append(f"{name} ({parent})")
        self.facts.append(facts)
        self._here.name = name
        try:
            yield
        except BaseException as error:
            self.errors.append(type(error).__name__)
            raise
        finally:
            self._here.name = parent


def test_statements_and_requests_are_children_without_values(database: Database) -> None:
    recorder = Recorder()
    with mock_aws(), tracing.traced_to(recorder):
        client = boto3.client("s3", region_name="us-east-1")
        aws_tracing.trace(client)
        with tracing.span("stage x", stage="x"), database.begin() as connection:
            connection.execute(text("SELECT id FROM book WHERE id = :id"), {"id": SECRET})
            client.create_bucket(Bucket="books")
            client.put_object(Bucket="books", Key=SECRET, Body=SECRET.encode())
            with pytest.raises(client.exceptions.NoSuchKey):
                client.get_object(Bucket="books", Key=f"{SECRET}?X-Amz-Signature={SECRET}")
    assert recorder.spans == [
        "stage x ()",
        "SELECT book (stage x)",
        "s3.CreateBucket (stage x)",
        "s3.PutObject (stage x)",
        "s3.GetObject (stage x)",
    ]
    assert SECRET not in json.dumps([recorder.spans, [dict(one) for one in recorder.facts]])


def test_a_statement_that_fails_ends_its_span(database: Database) -> None:
    recorder = Recorder()
    fails = pytest.raises(DataError, match="division")
    with tracing.traced_to(recorder), fails, database.begin() as connection:
        connection.execute(text("SELECT 1 / 0"))
    with tracing.traced_to(recorder), database.begin() as connection:
        connection.execute(text("SELECT 1"))
    assert recorder.spans == ["SELECT ()", "SELECT ()"]
    assert len(recorder.errors) == 1


def test_a_log_line_has_the_run_and_the_book_it_is_about() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 1, f"GET /?Signature={SECRET}", (), None)
    with caused_by("run-1"), working_on("emma"):
        WithRunAndBook("process").filter(record)
    line = JsonFormatter().format(record)
    assert json.loads(line).items() >= {"run": "run-1", "book": "emma"}.items()
    assert SECRET not in line
    WithRunAndBook("process").filter(record)
    assert json.loads(JsonFormatter().format(record))["run"] == "process"


def test_without_the_sdk_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "opentelemetry.sdk", None)
    start_tracing(None)
    with pytest.raises(PipelineError, match=r"ebook-pipeline\[otel\]"):
        start_tracing("http://127.0.0.1:9")
    assert not tracing.is_traced()
