"""Every tick tells what is new, says what it did, and forgets what is old."""

import json
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from sqlalchemy import text

from ebook_pipeline.resources import Resources
from ebook_pipeline.resources.database import Database
from ebook_pipeline.sensors.deliveries import event_deliveries
from ebook_pipeline.settings import Settings
from tests.support.existing import existing
from tests.support.servers.postgres import rows
from tests.support.servers.webhook_receiver import WRITTEN, Receiver, receiving
from tests.support.services.events import say, shelve


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def resources(
    tmp_path: Path, database: Database, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> Resources:
    monkeypatch.setenv("SHOP_SECRET", WRITTEN)
    file = tmp_path / "webhooks.toml"
    file.write_text(
        f"""
        [[webhook]]
        name = "shop"
        url = "{receiver.url}"
        types = ["release.*"]
        secret_env = "SHOP_SECRET"
        """
    )
    shelve(database, "emma")
    return Resources(Settings(home=tmp_path / "home", webhooks_file=file), database=database)


def tick(resources: Resources) -> str:
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_sensor_context(instance=instance)
        return str(event_deliveries(resources).evaluate_tick(context).skip_message)


def test_a_tick_tells_everybody_and_says_so(
    resources: Resources, database: Database, receiver: Receiver
) -> None:
    say(database, "emma", 1, 2)
    said = tick(resources)
    assert "folder: 2 delivered" in said
    assert "webhook:shop: 2 delivered" in said
    assert [one.verified()["data"]["edition"] for one in receiver.received] == [1, 2]
    files = sorted((resources.settings.root / "events").glob("*/*.json"))
    assert [json.loads(path.read_text())["id"] for path in files] == receiver.ids
    assert tick(resources) == "nothing to tell"


def test_a_webhook_that_refuses_is_said_and_harms_nobody_else(
    resources: Resources, database: Database, receiver: Receiver
) -> None:
    receiver.status = 500
    say(database, "emma", 1)
    said = tick(resources)
    assert "webhook:shop: 1 refused (webhook:shop answered 500), 1 waiting" in said
    assert "folder: 1 delivered" in said


def test_a_wrong_file_of_webhooks_is_said_and_harms_nobody_else(
    resources: Resources, database: Database
) -> None:
    existing(resources.settings.webhooks_file).write_text("[[webhook")
    say(database, "emma", 1)
    said = tick(resources)
    assert "event bus: " in said
    assert "webhooks.toml: no TOML" in said
    assert "pointers: 1 delivered" in said


def test_old_events_are_forgotten(resources: Resources, database: Database) -> None:
    say(database, "emma", 1)
    tick(resources)
    with database.begin() as connection:
        connection.execute(text("UPDATE outbox SET at = at - interval '2 years'"))
    tick(resources)
    assert rows(database, "SELECT count(*) FROM outbox") == [(0,)]
