"""Authors whom readers follow: by name, for the catalogue knows its authors by nothing else.

Who of them is told of a new book is `services/notifying/new_books.py`'s.
"""

import unicodedata
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from ebook_pipeline.books.records import Record
from ebook_pipeline.foundation.errors import Denied, NotFound
from ebook_pipeline.resources.database import Database, reader_tables, tables
from ebook_pipeline.services.audit_and_outbox import audit

MOST_FOLLOWED = 500
"""Authors of one reader."""
_LONGEST_NAME = 300
_TABLE = reader_tables.followed_author
_FOLLOWED = _TABLE.c
_CATALOG = tables.catalog.c


class FollowedAuthor(Record):
    """An author whom a reader follows since `at`."""

    id: int
    name: str
    at: datetime


def author_key(name: str) -> str:
    """The name as names are compared: in one spelling of Unicode, without case or extra spaces."""
    return " ".join(unicodedata.normalize("NFKC", name).split()).casefold()


def follow(database: Database, book: str, author: str, person: str, *, actor: str) -> None:
    """Tell `person` of new books by this author of `book`; again it changes nothing.

    Raises `NotFound` where the book on sale has no such author, `Denied` past `MOST_FOLLOWED`.
    """
    with database.begin() as connection:
        names = {author_key(name): name for name in _authors(connection, book)}
        key = author_key(author[:_LONGEST_NAME])
        if key not in names:
            raise NotFound("the book has no such author")
        _require_room(connection, person)
        row = {"person": person, "author": key, "name": names[key]}
        added = connection.execute(insert(_TABLE).values(row).on_conflict_do_nothing())
        if added.rowcount:
            audit(connection, actor, "author.follow", book, {})


def unfollow(database: Database, number: int, person: str, *, actor: str) -> None:
    """Tell them of this author no more. Raises `NotFound` where it is nothing of theirs."""
    theirs = (_FOLLOWED.id == number) & (_FOLLOWED.person == person)
    with database.begin() as connection:
        if not connection.execute(delete(_TABLE).where(theirs)).rowcount:
            raise NotFound("you follow no such author")
        audit(connection, actor, "author.unfollow", "", {})


def list_followed(database: Database, person: str) -> tuple[FollowedAuthor, ...]:
    """Everybody whom they follow, in order of name; `MOST_FOLLOWED` at most."""
    return tuple(_listed(database, _FOLLOWED.person == person).values())


def followed_of(
    database: Database, person: str, authors: Collection[str]
) -> dict[str, FollowedAuthor]:
    """Those of these `authors` whom they follow, by the name that was given."""
    keys = {name: author_key(name) for name in authors}
    these = _FOLLOWED.author.in_(list(keys.values()))
    mine = _listed(database, (_FOLLOWED.person == person) & these)
    return {name: mine[key] for name, key in keys.items() if key in mine}


def _listed(database: Database, these: ColumnElement[bool]) -> dict[str, FollowedAuthor]:
    """By their names as names are compared, in that order."""
    columns = (_FOLLOWED.author, _FOLLOWED.id, _FOLLOWED.name, _FOLLOWED.at)
    query = select(*columns).where(these).order_by(_FOLLOWED.author)
    with database.begin() as connection:
        return {
            row.author: FollowedAuthor(id=row.id, name=row.name, at=row.at)
            for row in connection.execute(query)
        }


def _authors(connection: Connection, book: str) -> list[str]:
    """The names that stand on the book, which is on sale."""
    entry = select(tables.release.c.entry).join(
        tables.catalog, _CATALOG.release == tables.release.c.id
    )
    live = entry.where(_CATALOG.book == book, _CATALOG.state == "live")
    found = connection.execute(live).scalar_one_or_none()
    return [str(name)[:_LONGEST_NAME] for name in (found or {}).get("authors", ())]


def _require_room(connection: Connection, person: str) -> None:
    query = select(func.count()).select_from(_TABLE).where(_FOLLOWED.person == person)
    if connection.execute(query).scalar_one() >= MOST_FOLLOWED:
        raise Denied(f"you follow {MOST_FOLLOWED} authors: let one go first")
