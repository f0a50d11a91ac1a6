"""In whose name something is done: people we know, and the pipeline's own parts."""

from sqlalchemy import Connection, exists, select

from ebook_pipeline.foundation.errors import Denied
from ebook_pipeline.resources.database import account_tables, token_tables

PARTS = frozenset(
    {
        "setup",  # makes the first operator
        "pipeline",  # the chain's own stages, as are runs by their id
        "submissions",  # a newer edition voids the questions about the one before
        "device",  # a reader's, which registers and returns its licence itself
        "restore",  # a restored home purges and erases again
        "sensor:new_submissions",
        "sensor:attention",
        "sensor:failed_runs",
        "sensor:reprocessings",
    }
)
LAUNCHED_BY = "ebooks/launched_by"
"""The tag of a run that names who launched it: ``cli:ann`` from a shell, ``ann`` from the web UI.
"""
_SHELL = "cli:"
_RUN = "run:"
_DOORS = frozenset({"cli", "dagster", "api", "desk"})
_PROGRAM = "client:"
_PERSON = account_tables.person.c


class UnknownActor(Denied):
    """Nobody whom we know: nothing is done in this name."""


def require_known(connection: Connection, actor: str) -> None:
    """Raise `UnknownActor` where `actor` is neither a part of ours, a person nor a program.

    A person's login stands behind the door that they came by: ``cli:ann``; a program is named by
    its client's or key's id: ``client:k0123456789abcdef``.
    """
    if actor in PARTS or actor.startswith(_RUN) or _is_program(connection, actor):
        return
    door, separator, login = actor.rpartition(":")
    if not separator or door in _DOORS:
        here = (_PERSON.login == login) & _PERSON.left_at.is_(None)
        if connection.execute(select(exists().where(here))).scalar_one():
            return
    raise UnknownActor(
        f"nobody is known as the actor {actor[:80]!r}: `ebooks users list` names who is"
    )


def login_behind(actor: str) -> str:
    """Who it was, without the door that they came by: ``ann`` of ``desk:ann``."""
    return actor.rpartition(":")[2]


def is_shells(launcher: str) -> bool:
    """Whether a run with this `LAUNCHED_BY` runs in the process of a shell's command."""
    return launcher.startswith(_SHELL)


def _is_program(connection: Connection, actor: str) -> bool:
    """Whether it is a client or key that has not ended."""
    if not actor.startswith(_PROGRAM):
        return False
    identifier = actor.removeprefix(_PROGRAM)
    return any(
        connection.execute(
            select(exists().where(table.c.id == identifier, table.c.ended_at.is_(None)))
        ).scalar_one()
        for table in (token_tables.oauth_client, token_tables.api_key)
    )
