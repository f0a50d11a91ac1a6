"""Thema subjects of a book: what its text suggests, and what a person confirms.

A confirmed subject is a lock of the field `genres`: no run changes it, shops are told it first, and
nothing says any more that a model made it.
"""

from collections.abc import Sequence

from ebook_pipeline.books.describing.overrides import InvalidOverride
from ebook_pipeline.books.records import Genre, Record
from ebook_pipeline.books.selling.thema import has_thema_heading, thema_heading
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.describing.overrides import (
    BookFields,
    clear_override,
    fields_of,
    override_field,
)

FIELD = "genres"
MOST = 3
"""Subjects of one book: the main one, and two beside it."""


class BookSubjects(Record):
    """`suggested` is what the last run told, surest first; `confirmed_by` is empty before."""

    book: str
    suggested: tuple[Genre, ...] = ()
    confirmed: tuple[Genre, ...] = ()
    confirmed_by: str = ""


def confirmed_genres(codes: Sequence[str]) -> list[dict[str, object]]:
    """Thema's `codes`, the main one first, as the field keeps them.

    Raises InvalidOverride for none, too many, and a code that Thema has not, as far as we know it.
    """
    wanted = list(dict.fromkeys(code.strip().upper() for code in codes))
    if not 1 <= len(wanted) <= MOST:
        raise InvalidOverride(f"{FIELD}: name one to {MOST} codes of Thema, the main one first")
    if unknown := [code for code in wanted if not has_thema_heading(code)]:
        raise InvalidOverride(f"{FIELD}: {unknown[0][:20]!r} is no subject of Thema that we know")
    return [{"code": code, "term": thema_heading(code), "confidence": 1.0} for code in wanted]


def subjects_in(fields: BookFields) -> BookSubjects:
    """What `fields` hold of subjects."""
    lock = next((lock for lock in fields.locks if lock.field == FIELD), None)
    suggested = () if lock else _genres(fields.values.get(FIELD))
    return BookSubjects(
        book=fields.book,
        suggested=suggested,
        confirmed=_genres(lock.value) if lock else (),
        confirmed_by=lock.actor if lock else "",
    )


def subjects_of(database: Database, book: str) -> BookSubjects:
    """The subjects of a book. Raises NotFound for an unknown one."""
    return subjects_in(fields_of(database, book))


def confirm(database: Database, book: str, codes: Sequence[str], *, actor: str) -> BookSubjects:
    """Let `codes` be the subjects of `book`. Raises NotFound, InvalidOverride."""
    override_field(database, book, FIELD, confirmed_genres(codes), actor=actor)
    return subjects_of(database, book)


def free(database: Database, book: str, *, actor: str) -> BookSubjects:
    """Let the next run suggest again. Raises NotFound where nothing is confirmed."""
    clear_override(database, book, FIELD, actor=actor)
    return subjects_of(database, book)


def _genres(value: object) -> tuple[Genre, ...]:
    listed = value if isinstance(value, list) else []
    return tuple(Genre.model_validate(genre) for genre in listed)
