"""What was submitted, asked of many files or books at a time."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select, text

from ebook_pipeline.books.records import Claims
from ebook_pipeline.resources.database import Database, tables
from ebook_pipeline.resources.database.clean import clean_text

_EDITION = tables.edition.c
_LATEST_SOURCES = text(
    """
    SELECT asked.book, latest.source FROM unnest(CAST(:books AS text[])) AS asked (book)
    CROSS JOIN LATERAL (
        SELECT submission.source FROM source
        JOIN submission USING (landing_key)
        WHERE source.book = asked.book ORDER BY submission.id DESC LIMIT 1
    ) AS latest
    """
)


def latest_sources(database: Database, books: Sequence[str]) -> dict[str, str]:
    """By book the path or name under which it was submitted last."""
    with database.ask() as connection:
        rows = connection.execute(_LATEST_SOURCES, {"books": list(books)})
        return {row.book: row.source for row in rows}


def known(database: Database, landing: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Which of these pairs (landing key, version) were submitted, in one query."""
    asked = {(clean_text(key), clean_text(version)): (key, version) for key, version in landing}
    query = text(
        "SELECT landing_key, version FROM submission JOIN unnest("
        "CAST(:keys AS text[]), CAST(:versions AS text[])) AS asked (landing_key, version)"
        " USING (landing_key, version)"
    )
    values = {"keys": [key for key, _ in asked], "versions": [version for _, version in asked]}
    with database.ask() as connection:
        return {asked[row.landing_key, row.version] for row in connection.execute(query, values)}


def standing(database: Database, landing_keys: Iterable[str]) -> dict[str, tuple[str, str, Claims]]:
    """The book of each of these landing keys, its current edition's SHA-256, and its claims."""
    asked = {clean_text(key): key for key in landing_keys}
    newest = select(_EDITION.id).where(_EDITION.book == tables.source.c.book)
    newest = newest.order_by(_EDITION.number.desc()).limit(1).correlate(tables.source)
    query = (
        select(tables.source.c.landing_key, _EDITION.book, _EDITION.sha256, _EDITION.claims)
        .join(tables.edition, _EDITION.id == newest.scalar_subquery())
        .where(tables.source.c.landing_key.in_(asked))
    )
    with database.ask() as connection:
        rows = connection.execute(query).all()
    return {
        asked[row.landing_key]: (row.book, row.sha256, Claims.model_validate(row.claims))
        for row in rows
    }
