"""One machine needs no setting; production says which ones it misses, and prints no secret."""

import os
from typing import Any

import pytest
from pydantic import ValidationError

from ebook_pipeline.settings import REQUIRED_ON_AWS, REQUIRED_ON_SERVERS, Settings

COMPLETE = {name: "x" for name in REQUIRED_ON_AWS} | {"env": "aws", "mail_team": "team@example.com"}


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("EBOOK_")]:
        monkeypatch.delenv(name)


def test_one_machine_needs_no_setting() -> None:
    assert Settings().env == "local"


def complete(**others: Any) -> Settings:
    return Settings(**(COMPLETE | others))


@pytest.mark.parametrize("name", REQUIRED_ON_AWS)
def test_production_names_the_setting_that_it_misses(name: str) -> None:
    with pytest.raises(ValidationError, match=f"EBOOK_{name.upper()}"):
        complete(**{name: None})


@pytest.mark.parametrize("name", REQUIRED_ON_SERVERS)
def test_servers_of_ones_own_name_the_setting_that_they_miss(name: str) -> None:
    given = dict.fromkeys(REQUIRED_ON_SERVERS, "x") | {"edge_url": "http://edge:8081"}
    assert Settings(env="server", **given).env == "server"
    with pytest.raises(ValidationError, match=f"EBOOK_{name.upper()}"):
        Settings(env="server", **given | {name: None})


def test_production_must_know_whom_to_tell_of_failures() -> None:
    with pytest.raises(ValidationError, match="EBOOK_MAIL_TEAM"):
        complete(mail_team=None)
    assert complete(mail_team=None, alarm_topic_arn="arn:x").env == "aws"


def test_a_setting_is_read_from_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBOOK_BOOKS_IN_FLIGHT", "7")
    assert Settings().books_in_flight == 7


def test_secrets_are_not_printed() -> None:
    shown = repr(complete(database_url="postgresql://u:hunter2@h/d"))
    assert "hunter2" not in shown
