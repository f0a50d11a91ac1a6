"""Rows that something is about to point to, held where they are there still.

What a pass over many rows listed may be purged or erased before its turn comes: then it is left
out, and ends the pass for nobody else.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from ebook_pipeline.resources.database import account_tables, tables

_WORK, _PERSON = tables.work.c, account_tables.person.c


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
