"""Where descriptions stand: their history, and which books of the catalogue are alike."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Row, func, select
from sqlalchemy.dialects.postgresql import insert

from ebook_pipeline.books.describing import duplicates
from ebook_pipeline.books.records import Edition, Product, Record, RelatedBook
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.resources.database import Database, tables
from ebook_pipeline.resources.database.catalog_forms import forms_in_lists
from ebook_pipeline.services.describing.overrides import overrides_of
from ebook_pipeline.services.describing.resemblance import Resemblance

_DESCRIPTION = tables.description.c
_MOST_KIN = 20
_PLACING = 0x5E1F
"""Names the lock under which one book at a time looks for its kin and joins them."""


class DescriptionVersion(Record):
    """One description of an edition, as it stood from `at` until the next one."""

    edition: int
    product: Product
    at: datetime


class Descriptions:
    """The descriptions around one edition, and what people have locked of its book."""

    def __init__(self, database: Database, edition: Edition) -> None:
        self._database, self._edition = database, edition
        self.overrides = overrides_of(database, edition.book)

    @property
    def version(self) -> str:
        """Another word of a person makes another description."""
        return self.overrides.data_version

    def add(self, product: Product, sketch: tuple[int, ...]) -> Product:
        """`product` with its kin in the catalogue, kept; again with the same facts, once.

        `sketch` is that of its text.
        """
        with self._database.begin() as connection:
            connection.execute(select(func.pg_advisory_xact_lock(_PLACING)))
            alike = Resemblance(connection, self._edition, sketch)
            kin = tuple(self._kin(connection, product, alike))[:_MOST_KIN]
            findings = (*product.findings, *_findings(alike, kin))
            placed = product.model_copy(update={"kin": kin, "findings": findings})
            self._keep(connection, placed, sketch)
        return placed

    def _keep(self, connection: Connection, product: Product, sketch: Sequence[int]) -> None:
        row = {
            "book": self._edition.book,
            "edition": self._edition.number,
            "data_version": product.data_version,
            "document": product.model_dump(mode="json"),
            "title": product.title,
            "work_key": duplicates.work_key(product),
            "isbns": _isbns(product),
            "sketch": list(sketch),
            "forms": forms_in_lists(product),
        }
        connection.execute(insert(tables.description).values(row).on_conflict_do_nothing())

    def _kin(
        self, connection: Connection, product: Product, alike: Resemblance
    ) -> Iterator[RelatedBook]:
        """The closest relation to each book: same file, same work, then a text much alike."""
        seen: set[str] = set()
        relations = chain(
            (_related(book, "same-file") for book in alike.same_file),
            self._same_work(connection, product),
            (_related(book, "near-duplicate", degree) for book, degree in alike.alike),
        )
        for kin in relations:
            if kin.book not in seen:
                seen.add(kin.book)
                yield kin

    def _same_work(self, connection: Connection, product: Product) -> Iterator[RelatedBook]:
        key = duplicates.work_key(product)
        same = _DESCRIPTION.isbns.overlap(_isbns(product))
        if key:
            same |= _DESCRIPTION.work_key == key
        others = select(_DESCRIPTION.book).where(same, _DESCRIPTION.book != self._edition.book)
        for book in connection.execute(others.distinct().order_by(_DESCRIPTION.book)).scalars():
            yield _related(book, "same-work")


def history(database: Database, book: str) -> tuple[DescriptionVersion, ...]:
    """Every description that the book ever had, oldest first."""
    query = select(tables.description).where(_DESCRIPTION.book == book).order_by(_DESCRIPTION.id)
    with database.begin() as connection:
        return tuple(map(_described, connection.execute(query)))


def _findings(alike: Resemblance, kin: Sequence[RelatedBook]) -> Iterator[Finding]:
    others = alike.of_other_accounts(related.book for related in kin)
    yield from duplicates.findings(kin, others)
    yield from duplicates.findings_of_another_account(alike.sent_first().values())


def _related(book: str, relation: str, likeness: float = 1) -> RelatedBook:
    return RelatedBook(book=book, relation=relation, likeness=likeness)


def _described(row: Row[Any]) -> DescriptionVersion:
    return DescriptionVersion(
        edition=row.edition, product=Product.model_validate(row.document), at=row.at
    )


def _isbns(product: Product) -> list[str]:
    return [identifier.isbn13 for identifier in product.identifiers if identifier.isbn13]
