"""A real Postgres for the tests of this folder."""

from tests.support.servers.postgres import postgres_server

__all__ = ["postgres_server"]
