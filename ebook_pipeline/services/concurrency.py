"""What keeps changes that meet from harming each other.

A precondition: the thing is still as whoever changes it has seen it, `If-Match` (RFC 9110 §13.1.1).
A service asks with the thing as it stands, under the lock that the change is made under and before
anything is written; what a precondition raises, the service raises.

Held rows: those that something is about to point to, where they are there still. What a pass over
many rows listed may be purged or erased before its turn comes: then it is left out, and ends the
pass for nobody else.

One lock for all that takes bytes or rows away for good, so that a backup sees none of it half: a
purge, an erasure and retention hold it while they work, a backup while it copies.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

from sqlalchemy import Connection, select

from ebook_pipeline.resources.database import account_tables, tables

T = TypeVar("T")

Precondition = Callable[[T], None]
"""Raises where the thing is no more what was seen."""

TAKING_AWAY = "taking away"
"""The database's lock (`Database.lock`)."""

RESTORE = "restore"
"""In whose name a restored home purges and erases again."""

_WORK, _PERSON = tables.work.c, account_tables.person.c


def unconditionally(_: object) -> None:
    """The change is made whatever the thing is by now."""


def hold_works(connection: Connection, works: Iterable[int]) -> list[int]:
    """Those of these works that there are, in order; they stay until the transaction ends."""
    query = select(_WORK.id).where(_WORK.id.in_(list(works))).order_by(_WORK.id)
    held = query.with_for_update(read=True, key_share=True)
    return list(connection.execute(held).scalars())


def hold_person(connection: Connection, login: str) -> bool:
    """Whether there is such a person, who then stays until the transaction ends."""
    query = select(_PERSON.login).where(_PERSON.login == login)
    held = query.with_for_update(read=True, key_share=True)
    return connection.execute(held).first() is not None
