"""A real Postgres for the tests of this folder."""

from notice_desks import desk
from postgres import database, postgres_server

__all__ = ["database", "desk", "postgres_server"]
