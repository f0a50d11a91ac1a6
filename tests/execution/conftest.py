"""What the tests of the executor share."""

from tests.support.servers.postgres import postgres_server

__all__ = ["postgres_server"]
