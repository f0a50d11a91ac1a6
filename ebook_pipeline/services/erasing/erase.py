"""A person taken out of what is kept: files first, then rows, so that a cut-off is taken up again.

While rows name the person their files are found by them; the rows change last, in one transaction.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Connection, delete, select

from ebook_pipeline.books.notifying.addresses import channel_of
from ebook_pipeline.books.records import Record
from ebook_pipeline.foundation.errors import Denied, NotFound
from ebook_pipeline.resources.database import (
    Database,
    license_tables,
    notice_tables,
    tables,
)
from ebook_pipeline.resources.notifier import Notifier
from ebook_pipeline.resources.object_store import ObjectStore
from ebook_pipeline.services.audit_and_outbox import audit
from ebook_pipeline.services.concurrency import TAKING_AWAY
from ebook_pipeline.services.erasing import erased_rows, erasures
from ebook_pipeline.services.erasing.contact_records import forget_contacts
from ebook_pipeline.services.erasing.handles import PersonHandles, handles_of, naming
from ebook_pipeline.services.erasing.named_briefs import forget_in_briefs
from ebook_pipeline.services.owning import people
from ebook_pipeline.services.owning.people import SETUP
from ebook_pipeline.services.preserving.tombstone_log import ErasureStone, log_person

_NOTICE = notice_tables.notice.c


class ForgetfulSubscriber(Protocol):
    """A place of events that can forget one."""

    def forget(self, event: str) -> None: ...


class Erased(Record):
    """What an erasure did: the pseudonym, and how many rows it changed or removed, by table."""

    pseudonym: str
    rows: dict[str, int]


@dataclass(frozen=True)
class Erasure:
    """Erases persons. `republish` writes a licence's documents anew; `elsewhere` renames texts."""

    database: Database
    store: ObjectStore
    notifier: Notifier
    events: tuple[ForgetfulSubscriber, ...]
    republish: Callable[[str], None]
    elsewhere: Callable[[dict[str, str]], None]

    def erase(self, asked: str, *, actor: str, pseudonym: str = "") -> Erased:
        """Leave nothing by which the person is known, but a pseudonym where something must stand.

        Raises `NotFound` where nobody is known by that name, `Denied` for the only operator.
        """
        with self.database.lock(TAKING_AWAY):
            person, stone = self._begin(asked, actor, pseudonym)
            self._forget_files(person)
            self.elsewhere(_renamed(person, stone.pseudonym))
            with self.database.begin() as connection:
                changed = erased_rows.erase_rows(connection, person, stone.pseudonym)
                facts = {"erased": stone.pseudonym}
                audit(connection, _still_known(actor, person), "person.erase", "", facts)
                licenses = _of_reader(connection, stone.pseudonym)
            for license in licenses:
                self.republish(license)
            log_person(self.store, erasures.end(self.database, stone))
        return Erased(pseudonym=stone.pseudonym, rows=changed)

    def _begin(self, asked: str, actor: str, pseudonym: str) -> tuple[PersonHandles, ErasureStone]:
        with self.database.begin() as connection:
            person = handles_of(connection, asked)
            if people.operators(self.database) == list(person.logins):
                raise Denied(f"{asked} is the only operator: add another one first")
            cut_off = {stone.digest for stone in erasures.unended(self.database)}
            again = erasures.digest_of(self.database, person.who) in cut_off
            if not again and not erased_rows.is_known(connection, person):
                raise NotFound("nothing is known of anybody who is called so")
            stone = erasures.begin(
                self.database, connection, person.who, actor=actor, pseudonym=pseudonym
            )
        log_person(self.store, stone)
        return person, stone

    def _forget_files(self, person: PersonHandles) -> None:
        """Mail, events and records that name the person."""
        with self.database.begin() as connection:
            notices = _notices(connection, person)
            told = _column(connection, tables.outbox.c.uid, tables.outbox, person)
            books = _column(connection, tables.submission.c.book, tables.submission, person)
        for notice in notices:
            self.notifier.forget(notice)
        self.notifier.forget_all(frozenset(filter(channel_of, person.spellings)))
        with self.database.begin() as connection:
            connection.execute(delete(notice_tables.notice).where(_NOTICE.id.in_(notices)))
        for event in told:
            for place in self.events:
                place.forget(str(event))
        for book in set(books):
            forget_contacts(self.store, book, person.is_named)
        forget_in_briefs(self.database, self.store, person)


def _notices(connection: Connection, person: PersonHandles) -> list[str]:
    """To the person, and to others that tell their address; with the messages they went out in."""
    these = naming(notice_tables.notice, person)
    found = connection.execute(select(_NOTICE.id, _NOTICE.sent_as).where(these))
    rows: list[tuple[str, str | None]] = [(row.id, row.sent_as) for row in found]
    whole = select(_NOTICE.id, _NOTICE.sent_as, _NOTICE.message).where(~these)
    addresses = [spelling for spelling in person.spellings if channel_of(spelling)]
    for row in connection.execution_options(yield_per=500).execute(whole) if addresses else ():
        if any(address in str(row.message) for address in addresses):
            rows.append((row.id, row.sent_as))
    return [name for row in rows for name in row if name]


def _column(connection: Connection, column: Any, table: Any, person: PersonHandles) -> list[str]:
    return list(connection.execute(select(column).where(naming(table, person))).scalars())


def _of_reader(connection: Connection, reader: str) -> list[str]:
    table = license_tables.license
    return list(connection.execute(select(table.c.id).where(table.c.reader == reader)).scalars())


def _still_known(actor: str, person: PersonHandles) -> str:
    """Nobody is known any more by the name of who erases themselves."""
    return SETUP if actor in person.actors else actor


def _renamed(person: PersonHandles, pseudonym: str) -> dict[str, str]:
    """Texts that stand for the person elsewhere, by what is to stand there."""
    actors = {
        actor: erased_rows.actor_for(actor, pseudonym) for actor in person.actors if ":" in actor
    }
    return actors | {text: pseudonym for text in person.spellings if channel_of(text)}
