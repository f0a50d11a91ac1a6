"""What the tests of the heart share."""

from tests.support.servers.postgres import postgres_server

__all__ = ["postgres_server"]
