"""Books as lists show them: filtered by what they are and where they stand, a page at a time.

The state is the one that `status` derives, said in SQL, so that a list of a few needs no look at
all books. A page begins after a place, not after a number of books: the last costs what the first
does.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Row,
    Select,
    and_,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.selectable import LateralFromClause

from ebook_pipeline.books.records import Record
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources.database import Database, tables
from ebook_pipeline.resources.database.clean import clean_text
from ebook_pipeline.services.reporting.status import LAST_STAGE, BookState

_BOOK = tables.book.c
_EDITION = tables.edition.c
_STAGE = tables.stage_run.c
_SUBMISSION = tables.submission.c
_DESCRIPTION = tables.description.c
_CATALOG = tables.catalog.c
_LONGEST_TEXT = 200
_HELD: ColumnElement[bool] = literal_column(
    "('x' || encode(substr(sha256(convert_to('book ' || book.id, 'UTF8')), 1, 8), 'hex'))"
    "::bit(64)::bigint IN (SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks"
    " WHERE locktype = 'advisory' AND objsubid = 1 AND granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))",
    Boolean(),
)
"""A run has the book: it holds the lock that `Database.lock` takes. All locks are read once, not
once for each book."""


class BookFilter(Record):
    """Which books; what is unset or empty narrows nothing.

    `text` is words of a title, an ISBN or a book's id; `language` is its first subtag; `genre` a
    Thema code, those below it included.
    """

    book: str | None = None
    states: tuple[BookState, ...] = ()
    account: str | None = None
    imprint: str | None = None
    language: str | None = None
    genre: str | None = None
    text: str | None = None


class BookSummary(Record):
    """One book of a list; `live_edition` is on sale, whatever became of `edition`."""

    book: str
    account: str
    imprint: str | None
    state: BookState
    stage: str
    edition: int
    live_edition: int | None
    title: str
    creators: tuple[str, ...]
    languages: tuple[str, ...]
    submitted: datetime
    changed: datetime


@dataclass(frozen=True)
class BookPosition:
    """A place in the list of the newest books: after `book`, which is known since `at`."""

    at: datetime
    book: str

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.book}"

    @classmethod
    def parse(cls, written: str) -> Self:
        """The place as it was written. Raises `NotFound` for what is none."""
        at, _, book = written.partition("~")
        try:
            moment = datetime.fromisoformat(at)
        except ValueError as error:
            raise NotFound("there is no such place in the list") from error
        if moment.tzinfo is None or "\0" in book:
            raise NotFound("there is no such place in the list")
        return cls(moment, book)


def list_books(
    database: Database,
    wanted: BookFilter,
    *,
    visible: ColumnElement[bool] | None = None,
    after: BookPosition | None = None,
    limit: int = 50,
) -> tuple[BookSummary, ...]:
    """At most `limit` books, the newest first, of the `visible` ones (a condition on book)."""
    query = _books().where(true() if visible is None else visible, *_conditions(wanted))
    if after is not None:
        query = query.where(tuple_(_BOOK.at, _BOOK.id) < (after.at, after.book))
    ordered = query.order_by(_BOOK.at.desc(), _BOOK.id.desc()).limit(limit)
    with database.begin() as connection:
        return tuple(map(_summary, connection.execute(ordered)))


def summary_of(database: Database, book: str) -> BookSummary:
    """One book, which must be there, as lists show it."""
    [found] = list_books(database, BookFilter(book=book), limit=1)
    return found


def _newest() -> LateralFromClause:
    query = select(_EDITION.number).where(_EDITION.book == _BOOK.id)
    return query.order_by(_EDITION.number.desc()).limit(1).lateral("newest")


def _last(newest: LateralFromClause) -> LateralFromClause:
    query = select(_STAGE.stage, _STAGE.outcome, _STAGE.edition, _STAGE.at)
    of_this = (_STAGE.book == _BOOK.id) & _STAGE.edition.in_((0, newest.c.number))
    return query.where(of_this).order_by(_STAGE.id.desc()).limit(1).lateral("last")


def _waiting() -> LateralFromClause:
    query = select(_SUBMISSION.at).where(_SUBMISSION.book == _BOOK.id, _SUBMISSION.state == "open")
    return query.order_by(_SUBMISSION.id.desc()).limit(1).lateral("waiting")


def _described() -> LateralFromClause:
    query = select(_DESCRIPTION.id, _DESCRIPTION.document, _DESCRIPTION.title, _DESCRIPTION.isbns)
    these = query.where(_DESCRIPTION.book == _BOOK.id)
    return these.order_by(_DESCRIPTION.id.desc()).limit(1).lateral("described")


_NEWEST = _newest()
_LAST = _last(_NEWEST)
_WAITING = _waiting()
_DESCRIBED = _described()
_IN_VAIN = func.coalesce(and_(_LAST.c.edition == 0, _LAST.c.at > _WAITING.c.at), False)
_ENDED = _LAST.c.outcome.in_((Outcome.DONE.value, Outcome.REUSED.value))
_STATE = case(
    (or_(_HELD, and_(_WAITING.c.at.is_not(None), ~_IN_VAIN)), BookState.IN_PROGRESS.value),
    (_LAST.c.outcome == Outcome.REJECTED.value, BookState.REJECTED.value),
    (_LAST.c.outcome == Outcome.WAITING.value, BookState.NEEDS_REVIEW.value),
    (
        and_(_ENDED, _LAST.c.stage == LAST_STAGE, _CATALOG.state == "withdrawn"),
        BookState.WITHDRAWN.value,
    ),
    (and_(_ENDED, _LAST.c.stage == LAST_STAGE), BookState.RELEASED.value),
    else_=BookState.FAILED.value,
)


def _books() -> Select[Any]:
    columns = (
        _BOOK.id,
        _BOOK.account,
        _BOOK.imprint,
        _BOOK.at,
        _STATE.label("state"),
        func.coalesce(_LAST.c.stage, "").label("stage"),
        func.coalesce(_NEWEST.c.number, 0).label("edition"),
        func.coalesce(_DESCRIBED.c.title, "").label("title"),
        _DESCRIBED.c.document["creators"].label("creators"),
        _DESCRIBED.c.document["languages"].label("languages"),
        func.greatest(_BOOK.at, _LAST.c.at, _CATALOG.changed_at).label("changed"),
        case((_CATALOG.state == "live", tables.release.c.edition)).label("live_edition"),
    )
    joined = tables.book
    for part in (_NEWEST, _LAST, _WAITING, _DESCRIBED):
        joined = joined.outerjoin(part, true())  # type: ignore[assignment]
    whole = joined.outerjoin(tables.catalog, _CATALOG.book == _BOOK.id).outerjoin(
        tables.release, tables.release.c.id == _CATALOG.release
    )
    return select(*columns).select_from(whole)


def _conditions(wanted: BookFilter) -> Iterable[ColumnElement[bool]]:
    if wanted.book is not None:
        yield _BOOK.id == clean_text(wanted.book)
    if wanted.account is not None:
        yield _BOOK.account == clean_text(wanted.account)
    if wanted.imprint is not None:
        yield _BOOK.imprint == clean_text(wanted.imprint)
    if wanted.states:
        yield _STATE.in_([state.value for state in wanted.states])
    if wanted.language:
        yield _has_language(clean_text(wanted.language))
    if wanted.genre:
        yield _has_genre(clean_text(wanted.genre))
    if wanted.text and wanted.text.strip():
        yield _has_text(clean_text(wanted.text)[:_LONGEST_TEXT].strip())


def _has_language(language: str) -> ColumnElement[bool]:
    tag = func.jsonb_array_elements_text(_DESCRIBED.c.document["languages"]).column_valued("tag")
    first = func.lower(func.split_part(tag, "-", 1))
    return select(1).where(first == language.split("-")[0].lower()).exists()


def _has_genre(code: str) -> ColumnElement[bool]:
    """Thema's codes grow at their end: what begins with `code` is below it."""
    given = _DESCRIBED.c.document["genres"].op("||")(_DESCRIBED.c.document["subjects"])
    subject = func.jsonb_array_elements(given, type_=JSONB).column_valued("subject")
    named = func.starts_with(subject["code"].astext, code)
    return select(1).where(named, subject["scheme"].astext == "thema").exists()


def _has_text(words: str) -> ColumnElement[bool]:
    """The index of titles finds descriptions, these the books; only a book's last one counts."""
    asked = func.plainto_tsquery("simple", func.folded(words))
    titled = func.to_tsvector("simple", func.folded(_DESCRIPTION.title)).op("@@")(asked)
    named = or_(titled, _DESCRIPTION.isbns.contains([words]))
    books = select(_DESCRIPTION.book).where(named).union(select(literal(words)))
    described = _DESCRIBED.c.id.in_(select(_DESCRIPTION.id).where(named))
    return and_(_BOOK.id.in_(books), or_(_BOOK.id == words, described))


def _summary(row: Row[Any]) -> BookSummary:
    return BookSummary(
        book=row.id,
        account=row.account,
        imprint=row.imprint,
        state=row.state,
        stage=row.stage,
        edition=row.edition,
        live_edition=row.live_edition,
        title=row.title,
        creators=tuple(person["name"] for person in row.creators or ()),
        languages=tuple(row.languages or ()),
        submitted=row.at,
        changed=row.changed,
    )
