"""Many files that nobody has seen before, submitted by a few statements, however many they are.

What a single submission looks at is looked at here for all of them. Whatever is not plain (it has
a sidecar, its book is known, its name is taken, it was purged, its folder is another's) is left
to `submissions.submit`, one by one.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select, text
from sqlalchemy.dialects import postgresql

from ebook_pipeline.books.owning.landing_keys import may_submit, own_name
from ebook_pipeline.books.records import Claims
from ebook_pipeline.foundation.identifiers import book_id
from ebook_pipeline.resources.database import Database, tables
from ebook_pipeline.resources.database.clean import clean_text
from ebook_pipeline.services.audit_and_outbox import NewEvent, audit_all, emit_all
from ebook_pipeline.services.intake import refusals, submissions
from ebook_pipeline.services.intake.submissions import SubmissionRequest
from ebook_pipeline.services.owning import accounts, imprints, tombstones

Offers = Mapping[str, SubmissionRequest]
"""What is offered, by the id of its book, or by its landing key."""
_WORKS = text("INSERT INTO work SELECT FROM generate_series(1, :count) RETURNING id")


def submit_new(
    database: Database, offers: Iterable[SubmissionRequest], *, actor: str
) -> frozenset[str]:
    """Submit those of `offers` that are plain, in one transaction; their landing keys."""
    plain = {clean_text(offer.landing_key): offer for offer in offers if _is_plain(offer)}
    if len(plain) < 2:
        return frozenset()
    with database.begin() as connection:
        submissions.queue_up(connection, plain)
        books = _make_books(connection, _free(connection, _fresh(connection, plain)))
        if books:
            _note(connection, books, actor)
    return frozenset(offer.landing_key for offer in books.values())


def _is_plain(offer: SubmissionRequest) -> bool:
    return offer.claims == Claims() and offer.blob is None


def _fresh(connection: Connection, offers: Offers) -> Offers:
    """Those of keys that nobody has submitted, in their account's folder, and not purged."""
    known = accounts.known_ids(connection)
    sources = tables.source.c.landing_key
    seen = set(connection.execute(select(sources).where(sources.in_(offers))).scalars())
    digests = {key: refusals.digest_of(key, offer.version) for key, offer in offers.items()}
    purged = tombstones.purged_arrivals(connection, digests.values())
    return {
        key: offer
        for key, offer in offers.items()
        if key not in seen and digests[key] not in purged and _is_own(key, offer, known)
    }


def _is_own(key: str, offer: SubmissionRequest, known: Collection[str]) -> bool:
    return offer.account in known and may_submit(offer.account, key, known)


def _free(connection: Connection, offers: Offers) -> Offers:
    """By the name of their book, those whose name no other book has or had."""
    named: dict[str, SubmissionRequest] = {}
    for key, offer in offers.items():
        named.setdefault(book_id(own_name(offer.account, key)), offer)
    ids = tables.book.c.id
    taken = set(connection.execute(select(ids).where(ids.in_(named))).scalars())
    taken |= tombstones.of_books(connection, named)
    return {name: offer for name, offer in sorted(named.items()) if name not in taken}


def _make_books(connection: Connection, offers: Offers) -> Offers:
    """Make these books, each with a work and a source; without those that others make just now."""
    if not offers:
        return {}
    found = {offer.account for offer in offers.values()}
    imprint = {account: imprints.imprint_for(connection, account, None) for account in found}
    works = connection.execute(_WORKS, {"count": len(offers)}).scalars().all()
    rows = [
        {"id": name, "work": work, "account": offer.account, "imprint": imprint[offer.account]}
        for work, (name, offer) in zip(works, offers.items(), strict=True)
    ]
    book = tables.book.c.id
    statement = postgresql.insert(tables.book).on_conflict_do_nothing().returning(book)
    made = set(connection.execute(statement, rows).scalars())
    if spare := [row["work"] for row in rows if row["id"] not in made]:
        connection.execute(delete(tables.work).where(tables.work.c.id.in_(spare)))
    books = {name: offer for name, offer in offers.items() if name in made}
    sources = [{"landing_key": one.landing_key, "book": name} for name, one in books.items()]
    if sources:
        connection.execute(insert(tables.source), sources)
    return books


def _note(connection: Connection, books: Offers, actor: str) -> None:
    """The submissions with their audit rows and events, as those of single ones are."""
    rows = [submissions.row_of(book, offer, actor) for book, offer in books.items()]
    id_, book = tables.submission.c.id, tables.submission.c.book
    made = connection.execute(insert(tables.submission).returning(book, id_), rows)
    numbers: dict[str, int] = {row.book: row.id for row in made}
    details = {
        book: submissions.told(numbers[book], offer.landing_key, offer.version)
        for book, offer in books.items()
    }
    audit_all(connection, actor, "submit", details)
    events = [
        event
        for book, offer in books.items()
        for event in _events(book, offer, details[book], numbers[book])
    ]
    emit_all(connection, events)


def _events(
    book: str, offer: SubmissionRequest, detail: Mapping[str, Any], number: int
) -> Sequence[NewEvent]:
    received = NewEvent("submission.received", book, {**detail, "origin": offer.origin})
    made = {"account": offer.account, "submission": number}
    return received, NewEvent("book.created", book, made, follows=received.uid)
