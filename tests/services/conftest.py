"""A real Postgres for the tests of this folder."""

from tests.support.notice_senders import desk
from tests.support.postgres import database, postgres_server

__all__ = ["database", "desk", "postgres_server"]
