"""Picture books as orders: briefs in versions, pages asked for again, each with its audit row."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, func, insert, select, update

from ebook_pipeline.books.owning.accounts import HOUSE
from ebook_pipeline.books.owning.rights import Actor, Resource
from ebook_pipeline.books.picture_books.art import GivenArt
from ebook_pipeline.books.picture_books.brief import BookKind, Brief, EbookLayout
from ebook_pipeline.books.picture_books.brief_names import names_in
from ebook_pipeline.books.picture_books.stage_records import PageAttempts
from ebook_pipeline.books.records import Record
from ebook_pipeline.foundation.errors import NotFound, ServiceError
from ebook_pipeline.foundation.identifiers import is_book_id
from ebook_pipeline.resources.database import Database, picture_book_tables
from ebook_pipeline.services.audit_and_outbox import audit
from ebook_pipeline.services.concurrency import Precondition, unconditionally
from ebook_pipeline.services.owning import accounts
from ebook_pipeline.services.owning.thing_rights import account_condition

_TABLE = picture_book_tables.picture_book
_ORDER = _TABLE.c
_VERSIONS = picture_book_tables.picture_book_version
_VERSION = _VERSIONS.c
_STAGES = picture_book_tables.picture_book_stage
_NAMES = picture_book_tables.picture_book_name
_TODAY = func.date_trunc("day", func.now(), "UTC")


class OrderState(StrEnum):
    """How far an ordered picture book is."""

    WAITING = "waiting"
    MAKING = "making"
    MADE = "made"
    REFUSED = "refused"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNDER_WAY = (OrderState.WAITING, OrderState.MAKING)


class OrdersUsedUp(ServiceError):
    """Enough was ordered today."""


class NoArtHere(ServiceError):
    """This book takes no pictures of others."""


class NotUnderWay(ServiceError):
    """There is nothing to cancel."""


class PictureBookOrder(Record):
    """A picture book as it is ordered; `book` is what it was submitted as, empty before that."""

    key: str
    account: str
    version: int
    state: OrderState
    book: str | None
    brief: Brief
    attempts: PageAttempts
    actor: str
    at: datetime
    changed_at: datetime


class OrderedBy(Record):
    """Whose book it becomes, and in which form: all that its submission takes from the order."""

    key: str
    account: str
    ebook: EbookLayout


def order(
    database: Database,
    key: str,
    brief: Brief,
    *,
    actor: str,
    account: str = HOUSE,
    most_per_day: int | None = None,
) -> PictureBookOrder:
    """Keep the brief as `key`, or as the next version of what has that key.

    Raises ValueError where `key` is no name for a partition, `NotFound` for an unknown account,
    `OrdersUsedUp`.
    """
    if not is_book_id(key):
        raise ValueError(f"{key!r} cannot name a brief: use small letters, digits and hyphens")
    with database.begin() as connection:
        accounts.known(connection, account)
        _require_quota(connection, actor, most_per_day)
        seen = _find(connection, key, lock=True)
        if seen is None:
            row = {"key": key, "account": account, "version": 1, "state": "waiting"}
            connection.execute(insert(_TABLE), row | {"actor": actor})
            _keep_version(connection, key, 1, brief, PageAttempts(), actor)
        else:
            _next_version(connection, seen, brief, PageAttempts(), actor)
        audit(connection, actor, "picture_book.order", "", {"picture_book": key})
        return _of(connection, key)


def change(
    database: Database,
    key: str,
    brief: Brief,
    *,
    actor: str,
    precondition: Precondition[PictureBookOrder] = unconditionally,
    most_per_day: int | None = None,
) -> PictureBookOrder:
    """Order the same book by another brief. Raises `NotFound`, `OrdersUsedUp`."""
    with _changing(database, key, precondition) as (connection, seen):
        _require_quota(connection, actor, most_per_day)
        _next_version(connection, seen, brief, PageAttempts(), actor)
        audit(connection, actor, "picture_book.change", "", {"picture_book": key})
        return _of(connection, key)


def draw_again(
    database: Database,
    key: str,
    page: int,
    *,
    actor: str,
    precondition: Precondition[PictureBookOrder] = unconditionally,
    most_per_day: int | None = None,
) -> PictureBookOrder:
    """Ask for one page anew, by us; all others stay as they are. Raises `NotFound` for no page."""
    with _changing(database, key, precondition) as (connection, seen):
        _require_page(seen, page)
        _require_quota(connection, actor, most_per_day)
        before, art = seen.attempts.attempts, seen.attempts.art
        after = PageAttempts(
            attempts={**before, page: before.get(page, 0) + 1},
            art={number: given for number, given in art.items() if number != page},
        )
        _next_version(connection, seen, seen.brief, after, actor)
        detail = {"picture_book": key, "page": page}
        audit(connection, actor, "picture_book.draw_again", "", detail)
        return _of(connection, key)


def give_art(
    database: Database,
    key: str,
    given: Mapping[int, GivenArt],
    *,
    actor: str,
    precondition: Precondition[PictureBookOrder] = unconditionally,
) -> PictureBookOrder:
    """Take these pictures, which are in the store, for pages in the place of ours.

    Raises `NotFound` for no such page, `NoArtHere` for a colouring book, whose lines are ours.
    """
    with _changing(database, key, precondition) as (connection, seen):
        if seen.brief.kind is BookKind.COLOURING:
            raise NoArtHere("A colouring book has line drawings of ours alone.")
        for page in given:
            _require_page(seen, page)
        art = {**seen.attempts.art, **given}
        after = seen.attempts.model_copy(update={"art": art})
        _next_version(connection, seen, seen.brief, after, actor)
        detail = {"picture_book": key, "pages": sorted(given)}
        audit(connection, actor, "picture_book.give_art", "", detail)
        return _of(connection, key)


def make_again(
    database: Database,
    key: str,
    *,
    actor: str,
    precondition: Precondition[PictureBookOrder] = unconditionally,
) -> PictureBookOrder:
    """Try the version that stands once more, after a fault or a cancellation."""
    with _changing(database, key, precondition) as (connection, _):
        move(connection, key, OrderState.WAITING)
        audit(connection, actor, "picture_book.make_again", "", {"picture_book": key})
        return _of(connection, key)


def cancel(
    database: Database,
    key: str,
    *,
    actor: str,
    precondition: Precondition[PictureBookOrder] = unconditionally,
) -> PictureBookOrder:
    """Make no more of it: its run stops before its next stage. Raises `NotUnderWay`."""
    with _changing(database, key, precondition) as (connection, seen):
        if seen.state not in UNDER_WAY:
            raise NotUnderWay("nothing of this book is being made")
        move(connection, key, OrderState.CANCELLED)
        audit(connection, actor, "picture_book.cancel", "", {"picture_book": key})
        return _of(connection, key)


def discard(
    database: Database,
    key: str,
    *,
    actor: str,
    precondition: Precondition[PictureBookOrder] = unconditionally,
) -> None:
    """Forget the order with every version; a book that was submitted of it stays."""
    with _changing(database, key, precondition) as (connection, _):
        connection.execute(delete(_TABLE).where(_ORDER.key == key))
        audit(connection, actor, "picture_book.delete", "", {"picture_book": key})


def read(database: Database, key: str) -> PictureBookOrder:
    """The order. Raises `NotFound`."""
    with database.begin() as connection:
        return _of(connection, key)


def ordered(database: Database, key: str) -> Brief:
    """The brief of this key. Raises `NotFound` where nobody ordered it."""
    return read(database, key).brief


def attempts(database: Database, key: str) -> PageAttempts:
    """Which pages were asked for again."""
    return read(database, key).attempts


def picture_book_resource(connection: Connection, key: str, kind: str = "picture_book") -> Resource:
    """The order as `may` asks about it: its account's. Raises `NotFound`."""
    query = select(_ORDER.account).where(_ORDER.key == key)
    account = connection.execute(query).scalar_one_or_none() if is_book_id(key) else None
    if account is None:
        raise _unknown(key)
    return of_account(account, kind)


def of_account(account: str, kind: str = "picture_book") -> Resource:
    """A picture book of this account, as `may` asks about it."""
    return Resource(kind=kind, account=account)


def order_condition(actor: Actor, action: str = "read") -> ColumnElement[bool]:
    """Which rows of the table the actor may do this to: `may`, for a list."""
    return account_condition(actor, action, "picture_book", _ORDER.account)


def _keep_version(
    connection: Connection, key: str, number: int, brief: Brief, tried: PageAttempts, actor: str
) -> None:
    row = {
        "picture_book": key,
        "number": number,
        "brief": brief.model_dump(mode="json"),
        "attempts": tried.model_dump(mode="json"),
        "actor": actor,
    }
    connection.execute(insert(_VERSIONS), row)
    connection.execute(delete(_NAMES).where(_NAMES.c.picture_book == key))
    names = [{"picture_book": key, "field": field, "name": name} for field, name in names_in(brief)]
    if names:
        connection.execute(insert(_NAMES), names)


def _next_version(
    connection: Connection, seen: PictureBookOrder, brief: Brief, tried: PageAttempts, actor: str
) -> None:
    number = seen.version + 1
    _keep_version(connection, seen.key, number, brief, tried, actor)
    move(connection, seen.key, OrderState.WAITING, version=number)


def move(connection: Connection, key: str, state: OrderState, **values: object) -> None:
    """Let the order be in that state, with these columns; one that waits begins from nothing."""
    this = update(_TABLE).where(_ORDER.key == key)
    connection.execute(this.values(state=state.value, changed_at=func.clock_timestamp(), **values))
    if state is OrderState.WAITING:
        connection.execute(delete(_STAGES).where(_STAGES.c.picture_book == key))


def _require_quota(connection: Connection, actor: str, most: int | None) -> None:
    if most is None:
        return
    query = select(func.count()).where(_VERSION.actor == actor, _VERSION.at >= _TODAY)
    if connection.execute(query).scalar_one() >= most:
        raise OrdersUsedUp(f"You have ordered {most} picture books and pages today.")


def _require_page(order: PictureBookOrder, page: int) -> None:
    last = order.brief.pages - 1
    if not 3 <= page <= last:
        raise NotFound(f"{order.key} has no page {page} that can be drawn again: 3 to {last}")


@contextmanager
def _changing(
    database: Database, key: str, precondition: Precondition[PictureBookOrder]
) -> Iterator[tuple[Connection, PictureBookOrder]]:
    """A transaction that alone has the order, which is as it was to be. Raises `NotFound`."""
    with database.begin() as connection:
        seen = _find(connection, key, lock=True)
        if seen is None:
            raise _unknown(key)
        precondition(seen)
        yield connection, seen


def _of(connection: Connection, key: str) -> PictureBookOrder:
    found = _find(connection, key)
    if found is None:
        raise _unknown(key)
    return found


def _find(connection: Connection, key: str, *, lock: bool = False) -> PictureBookOrder | None:
    if not is_book_id(key):
        return None
    if lock:  # by itself: who waits for it reads the version that stands then
        connection.execute(select(_ORDER.key).where(_ORDER.key == key).with_for_update())
    row = connection.execute(standing_orders().where(_ORDER.key == key)).mappings().first()
    return None if row is None else order_of(row)


def standing_orders() -> Select[Any]:
    """Orders, each with its version that stands: what `order_of` takes."""
    stands = (_VERSION.picture_book == _ORDER.key) & (_VERSION.number == _ORDER.version)
    return select(_TABLE, _VERSION.brief, _VERSION.attempts).join(_VERSIONS, stands)


def order_of(row: Any) -> PictureBookOrder:
    """The order in a row of its table joined with the version that stands."""
    return PictureBookOrder.model_validate(dict(row))


def _unknown(key: str) -> NotFound:
    return NotFound(f"no picture book is called {key!r}")
