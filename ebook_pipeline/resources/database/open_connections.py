"""A pool's connections are looked at before they are used, without a word to the server."""

import select
from typing import Any

from sqlalchemy import Engine, event, exc


def watch_closed(engine: Engine) -> None:
    """Have the pool of `engine` open another connection where the server has closed one.

    A connection that is closed, or broken, has something to read at once. To ask the server
    whether it is there (SQLAlchemy's ``pool_pre_ping``) is one more query for every transaction.
    """
    event.listen(engine, "checkout", _still_open)


def _still_open(connection: Any, *_: object) -> None:
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    if waiting.poll(0):
        raise exc.DisconnectionError("the server closed the connection")
