"""The catalogue's row, and its search: words without accents, in any language, ranked."""

from typing import Any

from sqlalchemy import text

from ebook_pipeline.books.records import CatalogEntry, Product
from ebook_pipeline.resources.database import Database

CANDIDATES = 2000
"""How many matches are ranked at most: ranking every match of a common word takes seconds."""

_LONGEST = 20_000  # characters of one field; a tsvector takes at most 1 MB
# The query stands twice, not in a subquery: so the planner knows how common its words are.
_SEARCH = text(
    """
    WITH candidates AS MATERIALIZED (
        SELECT release, search, book FROM catalog
        WHERE state = 'live' AND search @@ websearch_to_tsquery('simple', folded(:query))
        LIMIT :candidates
    ),
    best AS MATERIALIZED (
        SELECT release, book,
            ts_rank_cd(search, websearch_to_tsquery('simple', folded(:query))) AS rank
        FROM candidates ORDER BY rank DESC, book LIMIT :limit
    )
    SELECT release.entry FROM best JOIN release ON release.id = best.release
    ORDER BY best.rank DESC, best.book
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
