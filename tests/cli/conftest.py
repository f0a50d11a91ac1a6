"""A real Postgres for the tests of this folder."""

from tests.support.servers.postgres import database, postgres_server

__all__ = ["database", "postgres_server"]
