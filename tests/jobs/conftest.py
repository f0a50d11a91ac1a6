"""A real Postgres and a Dagster instance for the tests of this folder."""

from collections.abc import Iterator

import dagster as dg
import pytest

from tests.support.servers.postgres import database, postgres_server

__all__ = ["database", "postgres_server"]


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as instance:
        yield instance
