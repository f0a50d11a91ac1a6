"""What ends with a person who leaves: sessions and password, the programs that they made, and what
they let others do.

They have seen the secrets of those programs, and would go on knowing them.
"""

from sqlalchemy import Connection, delete, func, update

from ebook_pipeline.foundation.record import Record
from ebook_pipeline.resources.database import desk_tables, token_tables

_SIGN_IN = (
    desk_tables.session,
    desk_tables.one_time_link,
    desk_tables.app_password,
    desk_tables.credential,
)


class Ended(Record):
    """How many keys, clients and consents ended."""

    keys: int
    clients: int
    consents: int


def end_programs(connection: Connection, login: str) -> Ended:
    """End every key and client that `login` made, and every consent that they gave."""
    counts = []
    for table in (token_tables.api_key, token_tables.oauth_client, token_tables.token_family):
        theirs = (table.c.person == login) & table.c.ended_at.is_(None)
        done = connection.execute(update(table).where(theirs).values(ended_at=func.now()))
        counts.append(done.rowcount)
    return Ended(keys=counts[0], clients=counts[1], consents=counts[2])


def end_sign_in(connection: Connection, login: str) -> None:
    """End every session of `login`, and what a new one would begin with: who is back is welcomed
    by a new link."""
    for table in _SIGN_IN:
        connection.execute(delete(table).where(table.c.person == login))
