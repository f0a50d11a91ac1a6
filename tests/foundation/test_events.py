"""Every event is described, has an identity and a cause, and is told as a CloudEvent."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ebook_pipeline.events_doc import events_table
from ebook_pipeline.foundation import events
from ebook_pipeline.foundation.events import (
    EVENT_TYPES,
    Event,
    caused_by,
    checked_type,
    current_cause,
)
from ebook_pipeline.foundation.secrets import Secret
from ebook_pipeline.resources.webhooks import Endpoint, Webhook
from tests.support.paths import PROJECT as ROOT
from tests.support.servers.webhook_receiver import SECRET, WRITTEN, receiving

EVENT = Event(
    id="8f6b0a3e-9d5b-4a3f-8a35-0d5b7f0f2a11",
    type="release.live",
    book="river-bank",
    at=datetime(2026, 11, 21, 9, 30, tzinfo=UTC),
    correlation="run-1",
    data={"edition": 1, "release": "0001-5f2c9a"},
)


def test_the_page_of_types_is_what_the_code_says() -> None:
    page = (ROOT / "docs" / "event_types.md").read_text(encoding="utf-8")
    assert page == events_table(), "python -m ebook_pipeline.events_doc > docs/event_types.md"


def test_every_event_that_the_code_emits_is_described() -> None:
    code = "\n".join(path.read_text() for path in (ROOT / "ebook_pipeline").rglob("*.py"))
    emitted = set(re.findall(r'emit\(\s*\w+,\s*"([a-z_.]+)"', code))
    assert {"release.live", "submission.received"} <= emitted <= set(EVENT_TYPES)


def test_an_event_is_a_cloudevent() -> None:
    assert EVENT.as_cloudevent() == {
        "specversion": "1.0",
        "id": EVENT.id,
        "source": "/ebook-pipeline",
        "type": "release.live",
        "subject": "river-bank",
        "time": "2026-11-21T09:30:00Z",
        "datacontenttype": "application/json",
        "dataversion": 1,
        "correlationid": "run-1",
        "data": {"edition": 1, "release": "0001-5f2c9a"},
    }


@pytest.mark.parametrize(
    ("kind", "data", "why"),
    [
        ("release.lvie", {}, "is no event"),
        ("release.live", {"edition": 1, "title": "Emma"}, "does not describe: {'title'}"),
    ],
)
def test_what_nobody_has_described_is_no_event(kind: str, data: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=re.escape(why)):
        checked_type(kind, data)


def test_a_cause_holds_for_its_block_alone() -> None:
    with caused_by("run-1"):
        with caused_by("run-2"):
            assert current_cause() == "run-2"
        assert current_cause() == "run-1"
    assert current_cause() is None


def test_no_two_events_have_the_same_id() -> None:
    assert len({events.new_id() for _ in range(1000)}) == 1000


def test_the_example_for_receivers_verifies_what_is_sent() -> None:
    page = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    assert len(code.split("def ")[1].splitlines()) <= 10
    with receiving() as receiver:
        endpoint = Endpoint(name="shop", url=receiver.url, types="*", secret_env="X")
        Webhook(endpoint, [Secret(b"o" * 32), Secret(SECRET)]).deliver(EVENT)
    (one,) = receiver.received
    assert names["verified"](one.headers, one.body, WRITTEN)
    assert not names["verified"](one.headers, one.body + b" ", WRITTEN)
    late = one.headers | {"webhook-timestamp": "1700000000"}
    assert not names["verified"](late, one.body, WRITTEN)


def test_the_example_of_a_webhooks_file_is_one(tmp_path: Path) -> None:
    from ebook_pipeline.resources.webhooks import load_webhooks

    page = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
    (toml,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "webhooks.toml").write_text(toml)
    (tmp_path / "library.secret").write_text(WRITTEN)
    found = load_webhooks(tmp_path / "webhooks.toml", lambda _: WRITTEN, "https")
    assert [one.name for one in found] == ["webhook:shop", "webhook:library"]
