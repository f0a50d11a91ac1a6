"""In whose name something is done: people we know, and the pipeline's own parts."""

from sqlalchemy import Connection, exists, select

from ebook_pipeline.foundation.errors import Denied
from ebook_pipeline.resources.database import account_tables

PARTS = frozenset(
    {
        "setup",  # makes the first operator
        "pipeline",  # the chain's own stages, as are runs by their id
        "submissions",  # a newer edition voids the questions about the one before
        "device",  # a reader's, which registers and returns its licence itself
        "sensor:new_submissions",
        "sensor:attention",
    }
)
_RUN = "run:"
_DOORS = frozenset({"cli", "dagster", "api", "desk"})
_PERSON = account_tables.person.c


class UnknownActor(Denied):
    """Nobody whom we know: nothing is done in this name."""


def require_known(connection: Connection, actor: str) -> None:
    """Raise `UnknownActor` where `actor` is neither a part of ours nor a person.

    A person's login stands behind the door that they came by: ``cli:ann``.
    """
    if actor in PARTS or actor.startswith(_RUN):
        return
    door, separator, login = actor.rpartition(":")
    if not separator or door in _DOORS:
        here = (_PERSON.login == login) & _PERSON.left_at.is_(None)
        if connection.execute(select(exists().where(here))).scalar_one():
            return
    raise UnknownActor(
        f"nobody is known as the actor {actor[:80]!r}: `ebooks users list` names who is"
    )
