"""Books as lists show them: filtered by what they are and where they stand, a page at a time.

The state is the one that `status` derives, kept by the database in `book_progress`, so that a list
of a few needs no look at all books. A page begins after a place, not after a number of books: the
last costs what the first does.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Any, Self

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import JSONB, array
from sqlalchemy.sql.selectable import LateralFromClause, ScalarSelect

from ebook_pipeline.books.language_tags import primary_tag
from ebook_pipeline.books.records import Record
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.database import Database, progress_tables, tables
from ebook_pipeline.resources.database.catalog_forms import asked_in_lists
from ebook_pipeline.resources.database.clean import clean_text
from ebook_pipeline.services.reporting.book_conditions import IS_HELD, condition_on_books
from ebook_pipeline.services.reporting.status import BookState

_BOOK = tables.book.c
_PROGRESS = progress_tables.book_progress.c
_SOURCE = tables.source.c
_DESCRIPTION = tables.description.c
_CATALOG = tables.catalog.c
_LONGEST_TEXT = 200
_INDEXED_SIGNS = 8
"""Of a Thema code: migration 0162."""


class BookFilter(Record):
    """Which books; what is unset or empty narrows nothing.

    `text` is words, or parts of words where a script has no spaces, of title, people or series, an
    ISBN or a book's id; `language` is its first subtag; `genre` a
    Thema code, those below it included. `since`: nothing has changed of a book before. `where` is
    a condition of `conditions`, and asking raises `BadCondition` where it is none.
    """

    book: str | None = None
    states: tuple[BookState, ...] = ()
    account: str | None = None
    imprint: str | None = None
    language: str | None = None
    genre: str | None = None
    text: str | None = None
    since: datetime | None = None
    where: str | None = None


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
    file: str = ""
    """The name of the newest file, where no title is known."""
    creators: tuple[str, ...]
    languages: tuple[str, ...]
    submitted: datetime
    changed: datetime

    @property
    def name(self) -> str:
        """What lists call it: its title, else its file's name, else its id."""
        return self.title or self.file or self.book

    @classmethod
    def of(cls, row: Row[Any]) -> "BookSummary":
        """The book of a row of `books_query`."""
        return BookSummary(
            book=row.id,
            account=row.account,
            imprint=row.imprint,
            state=row.state,
            stage=row.stage,
            edition=row.edition,
            live_edition=row.live_edition,
            title=row.title,
            file=PurePath(row.landing_key or "").name,
            creators=tuple(person["name"] for person in row.creators or ()),
            languages=tuple(row.languages or ()),
            submitted=row.at,
            changed=row.changed,
        )


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
    query = books_query(wanted).where(true() if visible is None else visible)
    if after is not None:
        query = query.where(tuple_(_PROGRESS.submitted, _PROGRESS.book) < (after.at, after.book))
    ordered = query.order_by(_PROGRESS.submitted.desc(), _PROGRESS.book.desc()).limit(limit)
    with database.begin() as connection:
        return tuple(map(BookSummary.of, connection.execute(ordered)))


def summary_of(database: Database, book: str) -> BookSummary:
    """One book, which must be there, as lists show it."""
    [found] = list_books(database, BookFilter(book=book), limit=1)
    return found


def _described() -> LateralFromClause:
    query = select(_DESCRIPTION.id, _DESCRIPTION.document, _DESCRIPTION.title, _DESCRIPTION.isbns)
    these = query.where(_DESCRIPTION.book == _BOOK.id)
    return these.order_by(_DESCRIPTION.id.desc()).limit(1).lateral("described")


_DESCRIBED = _described()


def _newest_key() -> ScalarSelect[str]:
    """Where its file landed; of several places the last."""
    query = select(_SOURCE.landing_key).where(_SOURCE.book == _BOOK.id)
    return query.order_by(_SOURCE.at.desc()).limit(1).scalar_subquery()


def books_query(wanted: BookFilter) -> Select[Any]:
    """A row of each book that is wanted, in no order, from book joined with book_progress."""
    columns = (
        _BOOK.id,
        _BOOK.account,
        _BOOK.imprint,
        _BOOK.at,
        case((IS_HELD, BookState.IN_PROGRESS.value), else_=_PROGRESS.state).label("state"),
        _PROGRESS.stage,
        _PROGRESS.edition,
        func.coalesce(_DESCRIBED.c.title, "").label("title"),
        case((func.coalesce(_DESCRIBED.c.title, "") == "", _newest_key())).label("landing_key"),
        _DESCRIBED.c.document["creators"].label("creators"),
        _DESCRIBED.c.document["languages"].label("languages"),
        _PROGRESS.changed,
        case((_CATALOG.state == "live", tables.release.c.edition)).label("live_edition"),
    )
    whole = (
        tables.book.join(progress_tables.book_progress, _PROGRESS.book == _BOOK.id)
        .outerjoin(_DESCRIBED, true())
        .outerjoin(tables.catalog, _CATALOG.book == _BOOK.id)
        .outerjoin(tables.release, tables.release.c.id == _CATALOG.release)
    )
    return select(*columns).select_from(whole).where(*_conditions(wanted))


def _conditions(wanted: BookFilter) -> Iterable[ColumnElement[bool]]:
    if wanted.book is not None:
        yield _BOOK.id == clean_text(wanted.book)
    if wanted.account is not None:
        yield _BOOK.account == clean_text(wanted.account)
    if wanted.imprint is not None:
        yield _BOOK.imprint == clean_text(wanted.imprint)
    if wanted.states:
        yield _in_states(wanted.states)
    if wanted.since is not None:
        yield _PROGRESS.changed >= wanted.since
    if wanted.where is not None:
        yield condition_on_books(wanted.where)
    if wanted.language:
        yield _has_language(clean_text(wanted.language))
    if wanted.genre:
        yield _has_genre(clean_text(wanted.genre))
    if wanted.text and wanted.text.strip():
        yield _has_text(clean_text(wanted.text)[:_LONGEST_TEXT].strip())


def _in_states(states: Sequence[BookState]) -> ColumnElement[bool]:
    kept = _PROGRESS.state.in_([state.value for state in states])
    if BookState.IN_PROGRESS in states:
        return or_(kept, IS_HELD)
    return and_(kept, ~IS_HELD)


def _has_language(language: str) -> ColumnElement[bool]:
    tag = func.jsonb_array_elements_text(_DESCRIBED.c.document["languages"]).column_valued("tag")
    first = func.lower(func.split_part(tag, "-", 1))
    return select(1).where(first == primary_tag(language)).exists()


def _has_genre(code: str) -> ColumnElement[bool]:
    """Thema's codes grow at their end: what begins with `code` is below it. The index knows the
    first signs of every description's; only a book's last one counts."""
    prefix = func.thema_prefixes(_DESCRIPTION.document).op("@>")(array([code[:_INDEXED_SIGNS]]))
    known = _DESCRIBED.c.id.in_(select(_DESCRIPTION.id).where(prefix))
    books = _BOOK.id.in_(select(_DESCRIPTION.book).where(prefix))
    given = _DESCRIBED.c.document["genres"].op("||")(_DESCRIBED.c.document["subjects"])
    subject = func.jsonb_array_elements(given, type_=JSONB).column_valued("subject")
    named = func.starts_with(subject["code"].astext, code)
    stands = select(1).where(named, subject["scheme"].astext == "thema").exists()
    return and_(books, known, stands)


def _has_text(words: str) -> ColumnElement[bool]:
    """The indexes find descriptions, these the books; only a book's last one counts.

    Titles are looked for beside forms: a release before them may still write descriptions.
    """
    asked = asked_in_lists(words)
    titled = func.to_tsvector("simple", func.folded(_DESCRIPTION.title)).op("@@")(asked)
    named = or_(titled, _DESCRIPTION.forms.op("@@")(asked), _DESCRIPTION.isbns.contains([words]))
    books = select(_DESCRIPTION.book).where(named).union(select(literal(words)))
    described = _DESCRIBED.c.id.in_(select(_DESCRIPTION.id).where(named))
    return and_(_BOOK.id.in_(books), or_(_BOOK.id == words, described))
