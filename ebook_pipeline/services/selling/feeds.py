"""The catalogue as OPDS 2.0 feeds, made when somebody asks: browsing, searching, one book.

Addresses, below the shop's feeds: ``browse?language=en&after=…``, ``search?query=…&page=2`` (with
any facet too), ``books/<book>.json`` and ``books/<book>/related.json``. Whoever serves them hands
the query's parts over as they are. `export` writes the same as files, but for related books.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from urllib.parse import urlencode

from sqlalchemy import Connection

from ebook_pipeline.books.selling.facets import FACETS, facet, facet_label
from ebook_pipeline.books.selling.opds import (
    PUBLICATION,
    Feed,
    Json,
    Offer,
    Pagination,
    ShopUrls,
    facet_group,
    group,
    link,
    publication,
)
from ebook_pipeline.books.selling.territories import WORLD
from ebook_pipeline.foundation.errors import NotFound, ServiceError
from ebook_pipeline.resources.database import Database, catalog
from ebook_pipeline.services.describing import works
from ebook_pipeline.services.selling import offers, similar
from ebook_pipeline.services.selling.offers import ListPosition

PAGE = 50
"""How many books stand on a page."""

_MOST_OF_A_FACET = 30
_MOST_RELATED = 12
_LAST_PAGE = catalog.CANDIDATES // PAGE


def browse(
    database: Database, shop: ShopUrls, facets: Iterable[str] = (), *, after: str = ""
) -> Json:
    """A page of the newest books that have all of `facets`, after the place `after`.

    Raises `NotFound` where `after` is no place, `ValueError` for an unknown facet.
    """
    chosen = _checked(facets)
    place = ListPosition.parse(after) if after else None
    with offers.snapshot(database) as connection:
        newest = list(
            offers.newest(connection, chosen, after=place, limit=PAGE + 1, territory=shop.territory)
        )
        counts = offers.facet_counts(connection, chosen, catalog.CANDIDATES, shop.territory)
    complete = _books(counts) < catalog.CANDIDATES
    shown = newest[:PAGE]
    further = str(_place(shown[-1])) if len(newest) > PAGE else ""
    feed = Feed(
        title=_title("New books", chosen),
        href=_browse(shop, chosen, after),
        links=[search_link(shop)],
        publications=[publication(offer, shop) for offer in shown],
        facets=facet_groups(
            counts, chosen, lambda facets: _browse(shop, facets), complete=complete
        ),
        pages=Pagination(
            PAGE,
            first=_browse(shop, chosen),
            next=_browse(shop, chosen, further) if further else None,
        ),
    )
    return feed.document()


def search(
    database: Database, shop: ShopUrls, query: str, facets: Iterable[str] = (), *, page: int = 1
) -> Json:
    """Page `page` (from 1) of the books that match `query` and have all of `facets`, best first.

    Raises `NotFound` beyond the last page that there can be, `ValueError` for an unknown facet.
    """
    chosen = _checked(facets)
    if not 1 <= page <= _LAST_PAGE:
        raise NotFound(f"there is no page {page}: the first is 1, the last {_LAST_PAGE}")
    place = None if shop.territory == WORLD else shop.territory
    result = catalog.search_with_facets(
        database, query, chosen, limit=PAGE, offset=(page - 1) * PAGE, territory=place
    )
    with offers.snapshot(database) as connection:
        shown = offers.named(connection, [entry.book for entry in result.entries])

    def address(number: int) -> str:
        return _search(shop, query, chosen, number)

    feed = Feed(
        title=_title(result.searched, chosen),
        href=address(page),
        links=[search_link(shop)],
        publications=[publication(offer, shop) for offer in shown],
        facets=facet_groups(
            result.facets,
            chosen,
            lambda facets: _search(shop, query, facets, 1),
            complete=result.complete,
        ),
        pages=Pagination.numbered(page, PAGE, result.total, address),
    )
    return feed.document()


def book_document(database: Database, shop: ShopUrls, book: str) -> Json:
    """The document of one book, with a link to the books that are related to it.

    Raises `NotFound` where it is not on sale, or not in the shop's territory.
    """
    with offers.snapshot(database) as connection:
        sold = _sold(connection, shop, [book])
    if not sold:
        raise NotFound(f"{book!r} is not on sale")
    document = publication(sold[0], shop)
    document["links"].append(related_link(shop, book))
    return document


def related(database: Database, shop: ShopUrls, book: str) -> Json:
    """Other editions of the book and those most like it, in two groups; neither may have any.

    Raises `NotFound` where it was never released.
    """
    place = None if shop.territory == WORLD else shop.territory
    with offers.snapshot(database) as connection:
        alike = similar.near(connection, book, _MOST_RELATED, territory=place)
        others = works.other_editions(connection, book)
        editions = _sold(connection, shop, [entry.book for entry in others])
        likest = _sold(connection, shop, [similar_book.entry.book for similar_book in alike.books])
    named = (("Other editions", editions), ("Similar books", likest))
    href = related_link(shop, book)["href"]
    groups = [
        group(
            title, href, [publication(offer, shop) for offer in related_offers], len(related_offers)
        )
        for title, related_offers in named
        if related_offers
    ]
    back = link(shop.self_of(book), rel="up", kind=PUBLICATION)
    publications: list[Json] | None = None if groups else []
    return Feed("Related", href, links=[back], groups=groups, publications=publications).document()


def related_link(shop: ShopUrls, book: str) -> Json:
    """Where the books are that are related to `book`."""
    return link(shop.feed(f"books/{book}/related.json"), rel="related", title="Related books")


def _sold(connection: Connection, shop: ShopUrls, books: Sequence[str]) -> list[Offer]:
    on_sale = offers.named(connection, books)
    if shop.territory == WORLD:
        return list(on_sale)
    return [offer for offer in on_sale if offer.terms.sold_in(shop.territory)]


def search_link(shop: ShopUrls) -> Json:
    """The search as a URI template (RFC 6570), https://drafts.opds.io/opds-2.0#search"""
    template = f"search{{?query,{','.join(FACETS)}}}"
    return link(shop.feed(template), rel="search") | {"templated": True}


def facet_groups(
    counts: Mapping[str, int],
    chosen: Sequence[str],
    address: Callable[[Sequence[str]], str],
    *,
    complete: bool = True,
) -> list[Json]:
    """The facets of a list by name; numbers only where they are `complete`, not lower bounds.

    What is chosen leads back to itself, all else to the list at the `address` of more facets.
    """
    groups = []
    for name in FACETS:
        values = [facet for facet in counts if facet.startswith(f"{name}=")][:_MOST_OF_A_FACET]
        links = [
            link(
                address(chosen if facet in chosen else [*chosen, facet]),
                rel="self" if facet in chosen else "",
                title=facet_label(facet),
                items=counts[facet] if complete else None,
            )
            for facet in values
        ]
        if links:
            groups.append(facet_group(name.capitalize(), links))
    return groups


def _books(counts: Mapping[str, int]) -> int:
    """How many books were counted: each has one format."""
    return sum(books for facet, books in counts.items() if facet.startswith("format="))


def _checked(facets: Iterable[str]) -> list[str]:
    pairs = (facet.partition("=") for facet in facets)
    return list(dict.fromkeys(facet(name, value) for name, _, value in pairs))


def _title(of: str, chosen: Iterable[str]) -> str:
    return " · ".join((of, *map(facet_label, chosen)))


def _place(offer: Offer) -> ListPosition:
    """Where the list goes on after this book; whatever is on sale has its day."""
    if offer.entry.published is None:
        raise ServiceError(f"{offer.entry.book!r} is on sale without a day")
    return ListPosition(offer.entry.published, offer.entry.book)


def _browse(shop: ShopUrls, facets: Sequence[str], after: str = "") -> str:
    return shop.feed("browse") + _query([*_pairs(facets), *([("after", after)] if after else [])])


def _search(shop: ShopUrls, query: str, facets: Sequence[str], page: int) -> str:
    further = [("page", str(page))] if page > 1 else []
    return shop.feed("search") + _query([("query", query), *_pairs(facets), *further])


def _pairs(facets: Sequence[str]) -> list[tuple[str, str]]:
    return [(name, value) for name, _, value in (facet.partition("=") for facet in facets)]


def _query(pairs: Sequence[tuple[str, str]]) -> str:
    return f"?{urlencode(pairs, errors='replace')}" if pairs else ""
