"""Which release of a book is on sale: the one commit that publishes, withdraws or goes back."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, func, select, update
from sqlalchemy.dialects.postgresql import insert

from ebook_pipeline.books.records import CatalogEntry, Distribution, Product, Record
from ebook_pipeline.books.releasing.distribution import for_buyers
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.database import Database, tables
from ebook_pipeline.resources.database.catalog import columns
from ebook_pipeline.services.audit_and_outbox import audit, emit, lock_book_row
from ebook_pipeline.services.concurrency import Precondition, unconditionally
from ebook_pipeline.services.describing import works
from ebook_pipeline.services.selling import availability, similar

_CATALOG = tables.catalog.c
_RELEASE = tables.release.c
_STANDINGS = select(
    _CATALOG.book,
    _CATALOG.state,
    _RELEASE.edition,
    _RELEASE.distribution,
    _CATALOG.sold_from,
    _CATALOG.taken_down,
).join(tables.release, _CATALOG.release == _RELEASE.id)


class SaleStanding(Record):
    """Where a book stands in the catalogue, and what its release consists of."""

    book: str
    state: Literal["live", "withdrawn"]
    edition: int
    distribution: Distribution
    sold_from: date | None = None
    taken_down: bool = False

    @property
    def at_the_edge(self) -> Distribution:
        """What of it stands there."""
        return for_buyers(self.distribution) if self.taken_down else self.distribution


class BookRelease(Record):
    """What the shop knows of a book: its release, and whether it is on sale or withdrawn."""

    book: str
    state: Literal["live", "withdrawn"]
    entry: CatalogEntry
    product: Product
    distribution: Distribution
    rolled_back_from: int | None = None
    sold_from: date | None = None
    taken_down: bool = False
    """Nothing that is open to all stands at the edge, and `distribution` doesn't list it."""

    @property
    def release(self) -> str:
        """The release's name."""
        return self.entry.release


def go_live(
    database: Database,
    entry: CatalogEntry,
    product: Product,
    *,
    distribution: Distribution,
    actor: str,
) -> CatalogEntry:
    """Put the release on sale: release, catalogue row and event in one transaction.

    Returns the entry with the day it first went live as `published`, where it has none of its
    own. Again with the same facts it changes nothing. A withdrawn book stays withdrawn, a book
    that was rolled back stays so until a newer edition comes, and an older edition never
    replaces a newer one. What is the same work as others is one work with them, and what the book
    is about is kept beside its row. Raises `NotFound` where the edition is unknown.
    """
    works.gather(database, entry.book, product.kin)
    similar.prepare_index(database, product.meaning)
    with database.begin() as connection:
        lock_book_row(connection, entry.book)
        before = _live(connection, entry.book)
        entry = _dated(connection, entry)
        saved = _save(connection, entry, product, distribution)
        price = product.price.model_dump(mode="json") if product.price else None
        audit(connection, actor, "go_live", entry.book, _named(entry) | {"price": price})
        if _may_replace(before, entry):
            _list(connection, saved, before, state=before.state if before else "live")
        return entry


def withdraw(
    database: Database,
    book: str,
    *,
    actor: str,
    take_down: bool = False,
    precondition: Precondition[BookRelease] = unconditionally,
) -> BookRelease:
    """Take the book off sale until `release`.

    Raises `NotFound` where it was never on sale, and whatever `precondition` raises.

    With `take_down` nothing of any of its releases is open to all any more, once the pointer is
    rewritten.
    """
    with database.begin() as connection:
        lock_book_row(connection, book)
        before = _known(connection, book)
        precondition(before)
        detail = _named(before.entry) | {"take_down": take_down}
        audit(connection, actor, "withdraw", book, detail)
        if before.state == "live":
            values = {"state": "withdrawn", "changed_at": func.now()}
            connection.execute(update(tables.catalog).where(_CATALOG.book == book).values(values))
            similar.keep_embedding(connection, book, None)
            emit(connection, "release.withdrawn", book, _named(before.entry))
        if take_down:
            down = update(tables.catalog).where(_CATALOG.book == book)
            connection.execute(down.values(taken_down=True))
        return _known(connection, book)


def release(
    database: Database,
    book: str,
    *,
    release: str | None = None,
    actor: str,
    precondition: Precondition[BookRelease] = unconditionally,
) -> BookRelease:
    """Put a withdrawn book back on sale, or go (back) to the release called `release`.

    Raises `NotFound` where the book has no such release, and whatever `precondition` raises.
    """
    with database.begin() as connection:
        lock_book_row(connection, book)
        before = _known(connection, book)
        precondition(before)
        wanted = _saved(connection, book, release or before.release)
        pinned = _pinned(connection, book, wanted) if release else before.rolled_back_from
        audit(connection, actor, "release", book, {"release": wanted.name})
        _list(connection, wanted, before, state="live")
        pin = update(tables.catalog).where(_CATALOG.book == book)
        connection.execute(pin.values(rolled_back_from=pinned))
        return _known(connection, book)


def current(database: Database, book: str) -> BookRelease | None:
    """The book's row in the catalogue, on sale or withdrawn; None before its first release."""
    with database.begin() as connection:
        return _live(connection, book)


def standings(database: Database, books: Sequence[str]) -> dict[str, SaleStanding]:
    """Where these books stand in the catalogue, by name; those without a row are left out."""
    with database.ask() as connection:
        rows = connection.execute(_STANDINGS.where(_CATALOG.book.in_(books))).all()
    return {row.book: SaleStanding.model_validate(dict(row._mapping)) for row in rows}


def history(database: Database, book: str) -> tuple[CatalogEntry, ...]:
    """Every release the book ever had, oldest first."""
    query = select(_RELEASE.entry).where(_RELEASE.book == book).order_by(_RELEASE.id)
    with database.begin() as connection:
        return tuple(map(CatalogEntry.model_validate, connection.execute(query).scalars()))


def distributions(database: Database, book: str) -> tuple[Distribution, ...]:
    """What every release of the book consisted of, oldest first, whatever is at the edge now."""
    query = select(_RELEASE.distribution).where(_RELEASE.book == book).order_by(_RELEASE.id)
    with database.begin() as connection:
        return tuple(map(Distribution.model_validate, connection.execute(query).scalars()))


def saved(database: Database, book: str, name: str) -> BookRelease | None:
    """A release that the book had once, whether it is on sale now or not."""
    with database.begin() as connection:
        now = _live(connection, book)
        if now is None or (now.release == name and not now.taken_down):
            return now
        columns = (_RELEASE.entry, _RELEASE.product, _RELEASE.distribution)
        query = select(*columns).where(_RELEASE.book == book, _RELEASE.name == name)
        row = connection.execute(query).first()
        if row is None:
            return None
        return BookRelease.model_validate({"book": book, "state": "withdrawn", **row._mapping})


def on_sale(database: Database) -> list[str]:
    """The books on sale, in order of name."""
    query = select(_CATALOG.book).where(_CATALOG.state == "live").order_by(_CATALOG.book)
    with database.begin() as connection:
        return list(connection.execute(query).scalars())


def _may_replace(before: BookRelease | None, entry: CatalogEntry) -> bool:
    if before is None or before.release == entry.release:
        return True
    newest_refused = before.rolled_back_from or 0
    return entry.edition >= before.entry.edition and entry.edition > newest_refused


def _dated(connection: Connection, entry: CatalogEntry) -> CatalogEntry:
    """The day of sale is set once, so that the entry says the same when it is made again."""
    if entry.published is not None:
        return entry
    query = select(_RELEASE.at).where(_RELEASE.book == entry.book, _RELEASE.name == entry.release)
    first: datetime | None = connection.execute(query).scalar_one_or_none()
    day = (first or datetime.now(UTC)).astimezone(UTC).date()
    return entry.model_copy(update={"published": day})


def _save(
    connection: Connection, entry: CatalogEntry, product: Product, distribution: Distribution
) -> Row[Any]:
    """Write the release and its manifestations; what is there already is brought up to date."""
    facts = {
        "edition": entry.edition,
        "entry": entry.model_dump(mode="json"),
        "product": product.model_dump(mode="json"),
        "distribution": distribution.model_dump(mode="json"),
    }
    edition = _edition_id(connection, entry)
    statement = insert(tables.release).values(book=entry.book, name=entry.release, **facts)
    connection.execute(statement.on_conflict_do_update(index_elements=["book", "name"], set_=facts))
    for file in distribution.files:
        isbn = entry.isbn13 if file.rel == "publication" else None
        row = {"edition": edition, "form": file.rel, "isbn13": isbn, **file.blob.model_dump()}
        form = insert(tables.manifestation).values(row)
        connection.execute(form.on_conflict_do_update(index_elements=["edition", "form"], set_=row))
    return _saved(connection, entry.book, entry.release)


def _edition_id(connection: Connection, entry: CatalogEntry) -> int:
    edition = tables.edition.c
    query = select(edition.id).where(edition.book == entry.book, edition.number == entry.edition)
    number: int | None = connection.execute(query).scalar_one_or_none()
    if number is None:
        raise NotFound(f"{entry.book!r} has no edition {entry.edition}")
    return number


def _saved(connection: Connection, book: str, name: str) -> Row[Any]:
    query = select(tables.release).where(_RELEASE.book == book, _RELEASE.name == name)
    row = connection.execute(query).first()
    if row is None:
        raise NotFound(f"{book!r} has no release {name!r}")
    return row


def _list(
    connection: Connection, saved: Row[Any], before: BookRelease | None, *, state: str
) -> None:
    """Point the catalogue at this release, and tell it where something changed."""
    entry = CatalogEntry.model_validate(saved.entry)
    product = Product.model_validate(saved.product)
    distribution = Distribution.model_validate(saved.distribution)
    row = columns(entry, product, distribution) | {"release": saved.id, "state": state}
    row |= availability.columns(connection, entry.book, product, new=before is None)
    if state == "live":
        row["taken_down"] = False
    if before is not None and entry.edition > (before.rolled_back_from or 0):
        row["rolled_back_from"] = None
    if before is not None and _same(before, saved, state):
        return
    statement = insert(tables.catalog).values(row)
    changed = row | {"changed_at": func.now()}
    connection.execute(statement.on_conflict_do_update(index_elements=["book"], set_=changed))
    similar.keep_embedding(connection, entry.book, product.meaning if state == "live" else None)
    if state == "live":
        emit(connection, "release.live", entry.book, _named(entry))


def _same(before: BookRelease, saved: Row[Any], state: str) -> bool:
    now = BookRelease(
        book=before.book,
        state=before.state,
        entry=saved.entry,
        product=saved.product,
        distribution=saved.distribution,
        rolled_back_from=before.rolled_back_from,
        sold_from=before.sold_from,
    )
    return before.state == state and before == now


def _pinned(connection: Connection, book: str, wanted: Row[Any]) -> int | None:
    """The newest edition that going back refuses, or None when `wanted` is the newest release."""
    query = select(_RELEASE.id, _RELEASE.edition).where(_RELEASE.book == book)
    newest = connection.execute(query.order_by(_RELEASE.edition.desc(), _RELEASE.id.desc())).first()
    if newest is None or newest.id == wanted.id:
        return None
    edition: int = newest.edition
    return edition


def _known(connection: Connection, book: str) -> BookRelease:
    release = _live(connection, book)
    if release is None:
        raise NotFound(f"{book!r} was never released")
    return release


def _live(connection: Connection, book: str) -> BookRelease | None:
    query = (
        select(
            _CATALOG.book,
            _CATALOG.state,
            _RELEASE.entry,
            _RELEASE.product,
            _RELEASE.distribution,
            _CATALOG.rolled_back_from,
            _CATALOG.sold_from,
            _CATALOG.taken_down,
        )
        .join(tables.release, _CATALOG.release == _RELEASE.id)
        .where(_CATALOG.book == book)
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    live = BookRelease.model_validate(dict(row._mapping))
    left = for_buyers(live.distribution) if live.taken_down else live.distribution
    return live.model_copy(update={"distribution": left})


def _named(entry: CatalogEntry) -> dict[str, Any]:
    return {"edition": entry.edition, "release": entry.release}
