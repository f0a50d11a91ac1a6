"""A real Postgres, a landing folder and an ephemeral Dagster for the tests of this folder."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from ebook_pipeline.settings import Settings
from tests.support.servers.postgres import database, postgres_server

__all__ = ["database", "postgres_server"]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance
