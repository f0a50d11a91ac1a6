"""Thema subjects of a book: what its text suggests, and what a person confirms.

A confirmed subject is a lock of the field `genres`: no run changes it, shops are told it first, and
nothing says any more that a model made it.
"""

from collections.abc import Sequence

from ebook_pipeline.books.describing.overrides import InvalidOverride
from ebook_pipeline.books.records import Genre, Record
from ebook_pipeline.books.selling.thema import has_thema_heading, thema_heading
from ebook_pipeline.books.thema_qualifiers import qualifiers
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.describing.overrides import (
    UNLOCKED,
    BookFields,
    change_fields,
    fields_of,
)

FIELD, QUALIFIERS = "genres", "qualifiers"
MOST, MOST_QUALIFIERS = 3, 8
"""Subjects of one book: the main one, and two beside it; and what qualifies them."""


class BookSubjects(Record):
    """`suggested` is what the last run told, surest first; `confirmed_by` is empty before.

    Subjects first, then qualifiers; each of the two is suggested until it is confirmed.
    """

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


def confirmed_qualifiers(codes: Sequence[str]) -> list[dict[str, object]]:
    """Thema's qualifiers `codes` as the field keeps them.

    Raises InvalidOverride for too many, and a code that Thema has not, as far as we know it.
    """
    wanted = list(dict.fromkeys(code.strip().upper() for code in codes))
    if len(wanted) > MOST_QUALIFIERS:
        raise InvalidOverride(f"{QUALIFIERS}: name at most {MOST_QUALIFIERS} of Thema's")
    if unknown := [code for code in wanted if code not in qualifiers()]:
        raise InvalidOverride(f"{QUALIFIERS}: {unknown[0][:20]!r} is no qualifier that we know")
    return [
        {"code": code, "term": qualifiers()[code].heading(), "confidence": 1.0} for code in wanted
    ]


def subjects_in(fields: BookFields) -> BookSubjects:
    """What `fields` hold of subjects."""
    locks = {lock.field: lock for lock in fields.locks if lock.field in (FIELD, QUALIFIERS)}
    open_fields = (name for name in (FIELD, QUALIFIERS) if name not in locks)
    return BookSubjects(
        book=fields.book,
        suggested=tuple(told for name in open_fields for told in _genres(fields.values.get(name))),
        confirmed=tuple(
            told
            for name in (FIELD, QUALIFIERS)
            if name in locks
            for told in _genres(locks[name].value)
        ),
        confirmed_by=next((lock.actor for lock in locks.values()), ""),
    )


def subjects_of(database: Database, book: str) -> BookSubjects:
    """The subjects of a book. Raises NotFound for an unknown one."""
    return subjects_in(fields_of(database, book))


def confirm(database: Database, book: str, codes: Sequence[str], *, actor: str) -> BookSubjects:
    """Let `codes` be the subjects of `book`, those that begin with a digit its qualifiers.

    What no code is named of stays as it is. Raises NotFound, InvalidOverride.
    """
    qualifying = [code for code in codes if code[:1].isdigit()]
    subjects = [code for code in codes if code not in qualifying]
    changes: dict[str, object] = {}
    if subjects or not qualifying:
        changes[FIELD] = confirmed_genres(subjects)
    if qualifying:
        changes[QUALIFIERS] = confirmed_qualifiers(qualifying)
    change_fields(database, book, changes, actor=actor)
    return subjects_of(database, book)


def free(database: Database, book: str, *, actor: str) -> BookSubjects:
    """Let the next run suggest again. Raises NotFound where nothing is confirmed."""
    locked = {lock.field for lock in fields_of(database, book).locks}
    freed = [name for name in (FIELD, QUALIFIERS) if name in locked] or [FIELD]
    change_fields(database, book, dict.fromkeys(freed, UNLOCKED), actor=actor)
    return subjects_of(database, book)


def _genres(value: object) -> tuple[Genre, ...]:
    listed = value if isinstance(value, list) else []
    return tuple(Genre.model_validate(genre) for genre in listed)
