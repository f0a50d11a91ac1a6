"""The catalogue's row, and its search: words without accents, in any language, ranked."""

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field
from sqlalchemy import Connection, TextClause, text

from ebook_pipeline.books.records import CatalogEntry, Distribution, Product, Record
from ebook_pipeline.books.selling import scripts
from ebook_pipeline.books.selling.facets import facets_of
from ebook_pipeline.books.selling.romanised import romanised
from ebook_pipeline.books.selling.spelt_out import query_spelt_out
from ebook_pipeline.books.selling.title_order import title_key
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.database.catalog_forms import forms
from ebook_pipeline.resources.database.clean import clean_text
from ebook_pipeline.resources.database.query_spelling import corrections

CANDIDATES = 600
"""How many matches are ranked at most: ranking every match of a common word takes seconds."""
EXAMINED = 2000
"""How many books are read at most in search of a phrase, which no index knows, only its words."""

_LONGEST_QUERY = 400
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
            WHERE state = 'live' AND heading @@ {words}
            {narrowed} LIMIT :examined
        ) AS headed
        UNION ALL
        SELECT * FROM (
            SELECT release, search, book, facets FROM catalog
            WHERE state = 'live' AND search @@ {words}
            AND NOT heading @@ {words}
            {narrowed} LIMIT :examined
        ) AS described
        LIMIT :examined
    ),
    candidates AS MATERIALIZED (
        SELECT * FROM likely WHERE search @@ {query}
        LIMIT :candidates
    ),
    best AS MATERIALIZED (
        SELECT release, book,
            ts_rank_cd(search, {query}) AS rank
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
    places = (bool(narrowed), territory is not None)
    missed = None
    with database.ask() as connection:
        for reading in _readings(connection, clean_text(query)[:_LONGEST_QUERY]):
            statement = _statement(*places, reading.configurations)
            result = _found(connection, statement, asked | reading.parameters)
            if result.total:
                said = reading.words if reading.corrected else query
                told = {"searched": said, "corrected": reading.corrected}
                return result.model_copy(update=told)
            missed = missed or result.model_copy(update={"searched": query})
    return missed or SearchResult(searched=query)


def search_by_title(
    database: Database,
    query: str,
    narrowed: Sequence[str] = (),
    *,
    limit: int = 20,
    offset: int = 0,
    territory: str | None = None,
) -> SearchResult:
    """The same in the order of titles, each by the rules of its language."""
    found = search_with_facets(database, query, narrowed, limit=CANDIDATES, territory=territory)
    ordered = sorted(found.entries, key=_title_key)
    return found.model_copy(update={"entries": tuple(ordered[offset : offset + limit])})


def _title_key(entry: CatalogEntry) -> tuple[str, str]:
    return title_key(entry.title, entry.language), entry.book


def is_findable(database: Database, book: str, words: str) -> bool:
    """Whether a search for `words` (its title, say) can find this book, however many others."""
    asked = {"book": book, "words": words.replace("\0", " ")[:_LONGEST]}
    with database.begin() as connection:
        return bool(connection.execute(_FINDS, asked).scalar_one_or_none())


def columns(entry: CatalogEntry, product: Product, distribution: Distribution) -> dict[str, Any]:
    """The catalogue's columns for a book that is sold as `entry` and described as `product`."""
    people = (*entry.authors, *(person.name for person in product.contributors))
    series = tuple(item.name for item in product.series)
    sold = next((file for file in distribution.files if file.rel == "publication"), None)
    row = {
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
    heading = (entry.title, product.subtitle or "", *people, *series)
    named = (*product.creators, *product.contributors)
    body = (str(row["subjects"]), product.description)
    return row | forms(heading, body, product.languages, named)


@dataclass(frozen=True)
class _Reading:
    """A way to read a query: its `words` folded, and Postgres' `configurations` of languages.

    `stems` are the words as stemmers take them; `corrected` where it is not what was typed.
    """

    words: str
    stems: str = ""
    configurations: tuple[str, ...] = ()
    corrected: bool = False

    @property
    def parameters(self) -> dict[str, Any]:
        """What the statement asks for: how much of it is examined is its folded words' to say."""
        stems = {f"stem_{name}": value for name, value in _words(self.stems, 0).items()}
        return stems | _words(self.words, CANDIDATES)


def _readings(connection: Connection, query: str) -> Iterator[_Reading]:
    """What is typed; its stems or its spelling in Latin letters; other words, a slip away.

    What is excluded is so as it stands: a book that was never stemmed has no stems to exclude.
    """
    plain = _IDLE_DASH.sub(" ", scripts.asked(query))
    stems = _IDLE_DASH.sub(" ", scripts.stemmable(query))
    excluding = _EXCLUDED.search(plain) is not None
    typed = plain if excluding else " or ".join((plain, *query_spelt_out(query)))
    yield _Reading(typed, stems, () if excluding else scripts.configurations(query))
    if scripts.has_other_letters(query):
        for spelling in romanised(query):
            yield _Reading(spelling, corrected=True)
    elif not excluding and any(map(str.isalpha, query)):
        yield _Reading(plain, stems, scripts.IN_LATIN)
    if instead := _corrected(connection, plain):
        yield _Reading(instead, corrected=True)


@functools.cache
def _statement(
    with_facets: bool, somewhere: bool, configurations: tuple[str, ...] = ()
) -> TextClause:
    narrowed = f"{_WITH_FACETS if with_facets else ''} {_SOLD_THERE if somewhere else ''}"
    words, query = (_tsquery(name, configurations) for name in ("words", "query"))
    return text(_SEARCH.format(narrowed=narrowed, words=words, query=query))


def _tsquery(name: str, configurations: Sequence[str]) -> str:
    """Words as they stand, or their stems in any of these configurations."""
    parts = [f"websearch_to_tsquery('simple', :{name})"]
    parts += [f"websearch_to_tsquery('{stems}', :stem_{name})" for stems in configurations]
    return f"({' || '.join(parts)})"


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
