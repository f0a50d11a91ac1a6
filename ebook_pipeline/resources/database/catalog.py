"""The catalogue's row, and its search: words without accents, in any language, ranked."""

from typing import Any

from sqlalchemy import text

from ebook_pipeline.books.records import CatalogEntry, Product
from ebook_pipeline.resources.database import Database

CANDIDATES = 2000
"""How many matches are ranked at most: ranking every match of a common word takes seconds."""

_LONGEST = 20_000  # characters of one field; a tsvector takes at most 1 MB
_SEARCH = text(
    """
    WITH query AS (SELECT websearch_to_tsquery('simple', folded(:query)) AS words),
    candidates AS (
        SELECT catalog.release, catalog.search, catalog.book
        FROM catalog, query
        WHERE catalog.state = 'live' AND catalog.search @@ query.words
        LIMIT :candidates
    )
    SELECT release.entry
    FROM candidates JOIN release ON release.id = candidates.release, query
    ORDER BY ts_rank_cd(candidates.search, query.words) DESC, candidates.book
    LIMIT :limit
    """
)
_FINDS = text(
    """
    WITH query AS (SELECT plainto_tsquery('simple', folded(:words)) AS words)
    SELECT catalog.search @@ query.words OR numnode(query.words) = 0
    FROM catalog, query
    WHERE catalog.book = :book AND catalog.state = 'live'
    """
)


def search(database: Database, query: str, limit: int = 20) -> tuple[CatalogEntry, ...]:
    """Books on sale that match `query`, best first; title counts most, description least.

    `query` is what people type: words, "phrases", or, -without. Accents and case don't matter.
    """
    asked = {"query": query.replace("\0", " "), "limit": limit, "candidates": CANDIDATES}
    with database.begin() as connection:
        rows = connection.execute(_SEARCH, asked).scalars()
        return tuple(map(CatalogEntry.model_validate, rows))


def finds(database: Database, book: str, words: str) -> bool:
    """Whether a search for `words` (its title, say) can find this book, however many others."""
    asked = {"book": book, "words": words.replace("\0", " ")[:_LONGEST]}
    with database.begin() as connection:
        return bool(connection.execute(_FINDS, asked).scalar_one_or_none())


def columns(entry: CatalogEntry, product: Product) -> dict[str, Any]:
    """The catalogue's columns for a book that is sold as `entry` and described as `product`."""
    people = (*entry.authors, *(person.name for person in product.contributors))
    series = (item.name for item in product.series)
    return {
        "book": entry.book,
        "title": entry.title[:_LONGEST],
        "subtitle": (product.subtitle or "")[:_LONGEST],
        "creators": "; ".join(people)[:_LONGEST],
        "subjects": "; ".join((*(item.term for item in product.subjects), *series))[:_LONGEST],
        "description": product.description[:_LONGEST],
        "languages": list(product.languages),
        "isbn13": entry.isbn13,
        "published": entry.published,
        "document": product.model_dump(mode="json"),
    }
