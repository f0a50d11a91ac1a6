"""What the tests of the heart share."""

from postgres import postgres_server

__all__ = ["postgres_server"]
