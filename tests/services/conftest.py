"""A real Postgres for the tests of this folder."""

from tests.support.servers.postgres import database, postgres_server
from tests.support.services.notices import notice_flow

__all__ = ["database", "notice_flow", "postgres_server"]
