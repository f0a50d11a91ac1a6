"""Which books have an edition's bytes or text, whose they are, and which of them was first."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from ebook_pipeline.books.describing import duplicates, sketches
from ebook_pipeline.books.records import Edition
from ebook_pipeline.resources.database import tables

_BOOK = tables.book.c
_DESCRIPTION = tables.description.c
_EDITION = tables.edition.c


class _Alike(NamedTuple):
    """A book with such a text: its likeness (0 to 1), and the id of its first such description."""

    likeness: float
    first: int


class Resemblance:
    """The books like one edition, looked for by its bytes and by the `sketch` of its text.

    Who was first is told by descriptions: they are written one at a time, so that of two accounts
    that send one text at once exactly one comes second.
    """

    def __init__(self, connection: Connection, edition: Edition, sketch: Sequence[int]) -> None:
        self._connection, self._edition, self._sketch = connection, edition, sketch

    @cached_property
    def same_file(self) -> tuple[str, ...]:
        """Other books with an edition of the same bytes."""
        same = _EDITION.sha256 == self._edition.blob.sha256
        others = select(_EDITION.book).where(same, _EDITION.book != self._edition.book)
        rows = self._connection.execute(others.distinct().order_by(_EDITION.book))
        return tuple(rows.scalars())

    @property
    def alike(self) -> tuple[tuple[str, float], ...]:
        """Other books of nearly the same text with their likeness, the likest first."""
        scored = {
            book: found.likeness
            for book, found in self._by_text.items()
            if book != self._edition.book
        }
        return tuple(sorted(scored.items(), key=lambda one: (-one[1], one[0])))

    def of_other_accounts(self, books: Iterable[str]) -> frozenset[str]:
        """Those of `books` that belong to other accounts than this one."""
        own = select(_BOOK.account).where(_BOOK.id == self._edition.book).scalar_subquery()
        query = select(_BOOK.id).where(_BOOK.id.in_(tuple(books)), _BOOK.account != own)
        return frozenset(self._connection.execute(query).scalars())

    def sent_first(self) -> dict[str, float]:
        """Books of other accounts that had this text before this book did, with their likeness.

        A text of few words is another's only where the whole file is.
        """
        is_text = len(self._sketch) >= duplicates.FEWEST_RUNS
        found = {**(self._by_text if is_text else {}), **dict(self._by_file())}
        own = found.pop(self._edition.book, None)
        first = [book for book in found if own is None or found[book].first < own.first]
        others = self.of_other_accounts(first)
        return {book: found[book].likeness for book in sorted(others)}

    @cached_property
    def _by_text(self) -> dict[str, _Alike]:
        """Every book with nearly this text, this one too: its likest description, and its first."""
        likely = _DESCRIPTION.sketch.overlap(list(self._sketch))
        query = select(_DESCRIPTION.book, _DESCRIPTION.sketch, _DESCRIPTION.id).where(likely)
        found: dict[str, _Alike] = {}
        for row in self._connection.execute(query):
            degree = sketches.similarity(self._sketch, row.sketch)
            if degree >= sketches.NEAR_DUPLICATE:
                before = found.get(row.book, _Alike(degree, row.id))
                first = min(row.id, before.first)
                found[row.book] = _Alike(max(degree, before.likeness), first)
        return found

    def _by_file(self) -> Iterator[tuple[str, _Alike]]:
        """Every book that was described from these bytes."""
        query = (
            select(_EDITION.book, func.min(_DESCRIPTION.id).label("first"))
            .join(
                tables.description,
                (_DESCRIPTION.book == _EDITION.book) & (_DESCRIPTION.edition == _EDITION.number),
            )
            .where(_EDITION.sha256 == self._edition.blob.sha256)
            .group_by(_EDITION.book)
        )
        for row in self._connection.execute(query):
            yield row.book, _Alike(1, row.first)
