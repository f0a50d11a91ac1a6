"""What was purged and erased after a backup, taken away again from what was restored of it."""

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection, select

from ebook_pipeline.books.records import Record
from ebook_pipeline.foundation.record import text_digest
from ebook_pipeline.resources.database import (
    Database,
    account_tables,
    license_tables,
    notice_tables,
    tables,
)
from ebook_pipeline.services.concurrency import RESTORE
from ebook_pipeline.services.erasing import erasures
from ebook_pipeline.services.erasing.erase import Erasure
from ebook_pipeline.services.notifying.recipients import ROLES, name_of
from ebook_pipeline.services.owning import tombstones
from ebook_pipeline.services.owning.tombstones import Tombstone
from ebook_pipeline.services.preserving.tombstone_log import ErasureStone
from ebook_pipeline.services.purging.purge import Purge
from ebook_pipeline.services.releasing import releases

_NAMES = (
    account_tables.person.c.login,
    account_tables.person.c.email,
    account_tables.contact.c.address,
    notice_tables.recipient.c.who,
    notice_tables.notice.c.who,
    notice_tables.review_route.c.assignee,
    license_tables.license.c.reader,
    tables.SUBMITTED_CONTACT,
)
"""Where names of persons stand by which one was erased."""


class Replayed(Record):
    """How many books were purged again, how many persons erased again."""

    books: int = 0
    persons: int = 0


def replay(
    purge: Purge,
    erasure: Erasure,
    books: Mapping[str, Tombstone],
    persons: Mapping[str, ErasureStone],
) -> Replayed:
    """Purge every book and erase every person of these that are there; again, nothing is left."""
    return Replayed(
        books=sum(_purge(purge, books[digest], book) for digest, book in _known(purge, books)),
        persons=sum(
            _erase(erasure, stone, name) for stone, name in _erased(erasure.database, persons)
        ),
    )


def _known(purge: Purge, stones: Mapping[str, Tombstone]) -> Iterator[tuple[str, str]]:
    """The books that are there and have a tombstone; every tombstone is noted before."""
    with purge.database.begin() as connection:
        for stone in stones.values():
            tombstones.restore_stone(connection, stone)
        books = connection.execute(select(tables.book.c.id)).scalars().all()
    digests = {text_digest(book): book for book in books}
    yield from ((digest, book) for digest, book in digests.items() if digest in stones)


def _purge(purge: Purge, stone: Tombstone, book: str) -> int:
    live = releases.current(purge.database, book)
    if live is not None and live.state == "live":
        releases.withdraw(purge.database, book, actor=RESTORE, take_down=True)
    purge.purge(book, stone.reason, actor=RESTORE)
    return 1


def _erased(
    database: Database, stones: Mapping[str, ErasureStone]
) -> Iterator[tuple[ErasureStone, str]]:
    if not stones:
        return
    with database.begin() as connection:
        names = sorted(_all_names(connection))
    for name in names:
        stone = stones.get(erasures.digest_of(database, name))
        if stone is not None:
            yield stone, name


def _all_names(connection: Connection) -> set[str]:
    found: set[str] = set()
    for column in _NAMES:
        found |= {name_of(name) for name in connection.execute(select(column)).scalars() if name}
    return found - set(ROLES)


def _erase(erasure: Erasure, stone: ErasureStone, name: str) -> int:
    erasure.erase(name, actor=RESTORE, pseudonym=stone.pseudonym)
    return 1
