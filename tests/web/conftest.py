"""A real Postgres for the tests of this folder that need one."""

from tests.support.servers.postgres import database, postgres_server

__all__ = ["database", "postgres_server"]
