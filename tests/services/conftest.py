"""A real Postgres for the tests of this folder."""

from tests.support.servers.postgres import database, postgres_server
from tests.support.services.notices import desk

__all__ = ["database", "desk", "postgres_server"]
