"""The catalogue's row, and its search: words without accents, in any language, ranked."""

import functools
import re
from collections.abc import Sequence
from typing import Any

from pydantic import Field
from sqlalchemy import Connection, TextClause, text

from ebook_pipeline.books.records import CatalogEntry, Distribution, Product, Record
from ebook_pipeline.books.selling.facets import facets_of
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.database.clean import clean_text
from ebook_pipeline.resources.database.query_spelling import corrections, folded

CANDIDATES = 600
"""How many matches are ranked at most: ranking every match of a common word takes seconds."""
EXAMINED = 2000
"""How many books are read at most in search of a phrase, which no index knows, only its words."""

_LONGEST = 20_000  # characters of one field; a tsvector takes at most 1 MB
_MOST_FACETS = 200
_EXCLUDED = re.compile(r'-"[^"]*"?|(?<!\S)-\S*')
# The query stands there again and again, not in a subquery: so the planner knows how common its
# words are. Books that have them on their title page are candidates first; the others are not even
# looked for where those are enough.
_SEARCH = """
    WITH likely AS MATERIALIZED (
        SELECT * FROM (
            SELECT release, search, book, facets FROM catalog
            WHERE state = 'live' AND heading @@ websearch_to_tsquery('simple', :words)
            {narrowed} LIMIT :examined
        ) AS headed
        UNION ALL
        SELECT * FROM (
            SELECT release, search, book, facets FROM catalog
            WHERE state = 'live' AND search @@ websearch_to_tsquery('simple', :words)
            AND NOT heading @@ websearch_to_tsquery('simple', :words)
            {narrowed} LIMIT :examined
        ) AS described
        LIMIT :examined
    ),
    candidates AS MATERIALIZED (
        SELECT * FROM likely WHERE search @@ websearch_to_tsquery('simple', :query)
        LIMIT :candidates
    ),
    best AS MATERIALIZED (
        SELECT release, book,
            ts_rank_cd(search, websearch_to_tsquery('simple', :query)) AS rank
        FROM candidates ORDER BY rank DESC, book LIMIT :limit OFFSET :offset
    ),
    counted AS (
        SELECT facet, count(*) AS books FROM candidates, unnest(facets) AS facet
        GROUP BY facet ORDER BY books DESC, facet LIMIT :facets
    )
    SELECT
        (SELECT count(*) FROM likely) AS examined,
        (SELECT count(*) FROM candidates) AS total,
        (SELECT coalesce(jsonb_agg(release.entry ORDER BY best.rank DESC, best.book), '[]')
            FROM best JOIN release ON release.id = best.release) AS entries,
        (SELECT coalesce(jsonb_object_agg(facet, books), '{{}}') FROM counted) AS facets
    """
# Postgres stacks what a dash excludes up to a depth of 32: one before nothing is only a dash.
_IDLE_DASH = re.compile(r'-(?=[^\w"]|$)|-(?="[^\w]*")')
_WITH_FACETS = "AND facets @> CAST(:narrowed AS text[])"
_SOLD_THERE = "AND NOT barred @> ARRAY[CAST(:territory AS text)]"
_MATCHES = text(
    """
    SELECT count(*) FROM (
        SELECT search FROM catalog
        WHERE state = 'live' AND search @@ websearch_to_tsquery('simple', :words)
        LIMIT :examined
    ) AS few
    WHERE search @@ websearch_to_tsquery('simple', :query)
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


class SearchResult(Record):
    """What a search found: a page of `entries`, and how many books there are by facet.

    `searched` differs from what was asked where a word was spelt wrong. `total` and `facets` count
    up to `CANDIDATES` books: of more, `complete` is false and both are lower bounds.
    """

    searched: str
    corrected: bool = False
    total: int = 0
    complete: bool = True
    entries: tuple[CatalogEntry, ...] = ()
    facets: dict[str, int] = Field(default_factory=dict)


def search(database: Database, query: str, limit: int = 20) -> tuple[CatalogEntry, ...]:
    """Books on sale that match `query`, best first; title counts most, description least.

    `query` is what people type: words, "phrases", or, -without. Accents and case don't matter, and
    words that no book has are corrected.
    """
    return search_with_facets(database, query, limit=limit).entries


def search_with_facets(
    database: Database,
    query: str,
    narrowed: Sequence[str] = (),
    *,
    limit: int = 20,
    offset: int = 0,
    territory: str | None = None,
) -> SearchResult:
    """The same with facets: only books that have all of the facets `narrowed`.

    And only such as may be sold in the country `territory`. Only the best `CANDIDATES` can be paged
    through.
    """
    asked = {
        "limit": limit,
        "offset": min(offset, CANDIDATES),
        "candidates": CANDIDATES,
        "facets": _MOST_FACETS,
        "narrowed": [clean_text(facet) for facet in narrowed],
        "territory": territory and clean_text(territory),
    }
    plain = _IDLE_DASH.sub(" ", folded(query))
    statement = _statement(bool(narrowed), territory is not None)
    with database.ask() as connection:
        result = _found(connection, statement, asked | _words(plain, CANDIDATES))
        if result.total:
            return result.model_copy(update={"searched": query})
        instead = _corrected(connection, plain)
        if instead is None:
            return result.model_copy(update={"searched": query})
        better = _found(connection, statement, asked | _words(instead, CANDIDATES))
        return better.model_copy(update={"corrected": True})


def is_findable(database: Database, book: str, words: str) -> bool:
    """Whether a search for `words` (its title, say) can find this book, however many others."""
    asked = {"book": book, "words": words.replace("\0", " ")[:_LONGEST]}
    with database.begin() as connection:
        return bool(connection.execute(_FINDS, asked).scalar_one_or_none())


def columns(entry: CatalogEntry, product: Product, distribution: Distribution) -> dict[str, Any]:
    """The catalogue's columns for a book that is sold as `entry` and described as `product`."""
    people = (*entry.authors, *(person.name for person in product.contributors))
    series = (item.name for item in product.series)
    sold = next((file for file in distribution.files if file.rel == "publication"), None)
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
        "facets": list(facets_of(product, sold.blob.media_type if sold else "")),
    }


@functools.cache
def _statement(with_facets: bool, somewhere: bool) -> TextClause:
    narrowed = f"{_WITH_FACETS if with_facets else ''} {_SOLD_THERE if somewhere else ''}"
    return text(_SEARCH.format(narrowed=narrowed))


def _words(query: str, wanted: int) -> dict[str, Any]:
    """The folded query, its words without phrases and exclusions, and how many books to read.

    What an index tells of all that is asked is read no further than what is wanted.
    """
    words = _IDLE_DASH.sub(" ", _EXCLUDED.sub(" ", query).replace('"', " "))
    examined = wanted if words == query else EXAMINED
    return {"query": query, "words": words, "examined": examined}


def _found(connection: Connection, statement: TextClause, asked: dict[str, Any]) -> SearchResult:
    row = connection.execute(statement, asked).one()
    return SearchResult(
        searched=asked["query"],
        total=row.total,
        complete=row.total < CANDIDATES and row.examined < asked["examined"],
        entries=row.entries,
        facets=row.facets,
    )


def _corrected(connection: Connection, query: str) -> str | None:
    """Of the queries the fewest slips away, the one that most books match; None if none does."""
    best, most, fewest = None, 0, 0
    for slips, instead in corrections(connection, query):
        if best is not None and slips > fewest:
            break
        matches: int = connection.execute(_MATCHES, _words(instead, 100)).scalar_one()
        if matches > most:
            best, most, fewest = instead, matches, slips
    return best
