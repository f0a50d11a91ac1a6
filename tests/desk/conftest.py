"""A real Postgres and a desk over it, for the tests of this folder."""

from collections.abc import Iterator

import pytest

from ebook_pipeline.resources.database import Database
from tests.support.desk import Desk, open_desk
from tests.support.servers.postgres import database, postgres_server

__all__ = ["database", "desk", "postgres_server"]


@pytest.fixture
def desk(database: Database) -> Iterator[Desk]:
    with open_desk(database) as opened:
        yield opened
