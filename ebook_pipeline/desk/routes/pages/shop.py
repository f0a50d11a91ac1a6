"""The shop window: what is on sale, found by words and facets, and a book's page with its excerpt.

Everybody looks; only what readers say knows who they are.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from ebook_pipeline.books.owning.rights import grants
from ebook_pipeline.books.records import CatalogEntry, Product, Protection
from ebook_pipeline.books.releasing.distribution import COVER, PREVIEW, PREVIEW_PAGE, THUMBNAIL
from ebook_pipeline.books.selling.facets import FACETS, facet_label, genre_facets
from ebook_pipeline.books.selling.opds import Offer
from ebook_pipeline.books.selling.territories import WORLD
from ebook_pipeline.books.summarizing.book_summary import BookSummary
from ebook_pipeline.desk import licensing, rendering
from ebook_pipeline.desk.access import Access, allow
from ebook_pipeline.desk.routes.books import BookId
from ebook_pipeline.desk.routes.catalog import Facet
from ebook_pipeline.desk.routes.pages.covers import picture
from ebook_pipeline.desk.routes.pages.frames import framed
from ebook_pipeline.desk.routes.pages.readers import done_in, of_reader
from ebook_pipeline.desk.words import FALLBACK, words_of
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.database import catalog
from ebook_pipeline.services.selling import offers, similar
from ebook_pipeline.services.selling.offers import ListPosition
from ebook_pipeline.services.selling.prices import today
from ebook_pipeline.services.summarizing import book_summaries

AT_ONCE = 24
_MOST_OF_A_FACET = 8
_SIMILAR = 6
_WORDS = {"audience": "audience", "accessibility": "accessible"}
"""Facets whose values the desk's own words name."""
Looking = Annotated[Access, Depends(allow("catalog", "read"))]

router = APIRouter(prefix="/shop", include_in_schema=False)


@router.get("")
def show_shop(
    request: Request,
    access: Looking,
    query: Annotated[str, Query(max_length=400)] = "",
    facet: Annotated[list[Facet], Query(max_length=10)] = [],  # noqa: B006
    after: Annotated[str, Query(max_length=300)] = "",
) -> Response:
    """What is found; without words the newest books."""
    words = query.strip()
    found = _searched(access, words, facet, after) if words else _newest(access, facet, after)
    values = found | {
        "query": query,
        "chosen": [(one, _label(request, one), _without(query, facet, one)) for one in facet],
        "groups": _groups(request, found["facets"], query, facet),
        "more_query": f"{_query(query, facet)}&",
    }
    return rendering.render(request, "shop", values)


@router.get("/{book}")
def show_book(book: BookId, request: Request, access: Looking) -> Response:
    """The book as a shop shows it; 404 where it is not on sale."""
    offer = _offer(access, book)
    access.context.count_view(book, "page")
    alike = similar.similar(access.context.database, book, _SIMILAR, territory=None)
    values = {
        "offer": offer,
        "entry": offer.entry,
        "product": offer.product,
        "price": offer.terms.price(WORLD, today(), offer.product.price),
        "buy": _sold_at(access, book),
        "is_licensed": offer.distribution.protection is Protection.LCP,
        "available": offer.terms.can_be_bought(today()),
        "languages": [facet_label(f"language={tag}") for tag in offer.product.languages],
        "genres": _genres(request, offer.product),
        "features": [_stated(request, name) for name in offer.product.accessibility.features],
        "similar": [one.entry for one in alike.books],
        "about": _about(access, book),
        "has_excerpt": offer.file(PREVIEW_PAGE) is not None,
        "excerpt": _url(access, offer, PREVIEW),
        "may_issue": bool(grants(access.actor, "issue", "license")),
        "done": done_in(request),
    } | of_reader(access, book, offer.entry.authors)
    return rendering.render(request, "shop_book", values)


@router.get("/{book}/cover")
def show_cover(book: BookId, request: Request, access: Looking) -> Response:
    """The cover of what is on sale."""
    offer = _offer(access, book)
    file = offer.file(THUMBNAIL) or offer.file(COVER)
    return picture(request, access.context, file.blob if file else None, f"{book}-cover")


@router.get("/{book}/excerpt")
def show_excerpt(book: BookId, access: Looking) -> Response:
    """The first tenth as one page, for the frame of the book's page."""
    file = _offer(access, book).file(PREVIEW_PAGE)
    if file is None:
        raise NotFound("it has no excerpt")
    access.context.count_view(book, "excerpt")
    with access.context.object_store.open(file.blob) as stream:
        return framed(stream.read())


def _sold_at(access: Access, book: str) -> str:
    """The page of the house's shop that sells the book; empty where no shop is known."""
    context = access.context
    return licensing.shop_urls(context).page(book) if context.settings.shop_url else ""


def _about(access: Access, book: str) -> BookSummary | None:
    """A few sentences of what the book is like; who asks first finds them the next time."""
    context = access.context
    found = book_summaries.kept(context.database, book)
    if found is None:
        context.background.run(
            lambda: book_summaries.make(context.database, context.object_store, book)
        )
    return found.summary if found else None


def _newest(access: Access, facets: Sequence[str], after: str) -> dict[str, Any]:
    place = ListPosition.parse(after) if after else None
    with offers.snapshot(access.context.database) as connection:
        shown = list(offers.newest(connection, facets, after=place, limit=AT_ONCE + 1))
        total = offers.count(connection, facets)
        counts = offers.facet_counts(connection, facets)
    last = shown[AT_ONCE - 1].entry if len(shown) > AT_ONCE else None
    following = ""
    if last is not None and last.published is not None:
        following = str(ListPosition(last.published, last.book))
    return _found([one.entry for one in shown[:AT_ONCE]], total, counts, following)


def _searched(access: Access, words: str, facets: Sequence[str], after: str) -> dict[str, Any]:
    offset = int(after) if after.isascii() and after.isdigit() and len(after) < 6 else 0
    result = catalog.search_with_facets(
        access.context.database, words, facets, limit=AT_ONCE, offset=offset
    )
    following = offset + AT_ONCE
    is_more = following < min(result.total, catalog.CANDIDATES)
    found = _found(result.entries, result.total, result.facets, str(following) if is_more else "")
    return found | {
        "corrected": result.searched if result.corrected else "",
        "complete": result.complete,
    }


def _found(
    entries: Sequence[CatalogEntry], total: int, facets: Mapping[str, int], following: str
) -> dict[str, Any]:
    return {
        "entries": entries,
        "total": total,
        "facets": facets,
        "next": following,
        "corrected": "",
        "complete": True,
    }


def _groups(
    request: Request, counts: Mapping[str, int], query: str, chosen: Sequence[str]
) -> list[tuple[str, list[tuple[str, int, str]]]]:
    """(facet, (what people call it, how many, the query that narrows by it)) of each offered."""
    ranked = sorted(counts.items(), key=lambda item: (_rank(item[0]), -item[1], item[0]))
    groups = []
    for name, members in groupby(ranked, key=lambda item: item[0].partition("=")[0]):
        offered = [
            (_label(request, word), number, _query(query, (*chosen, word)))
            for word, number in members
            if word not in chosen
        ]
        if offered:
            groups.append((name, offered[:_MOST_OF_A_FACET]))
    return groups


def _label(request: Request, word: str) -> str:
    """What people call a facet's value, in the language of the page."""
    name, _, value = word.partition("=")
    key = f"{_WORDS[name]}.{value}" if name in _WORDS else ""
    if key and words_of(FALLBACK).knows(key):
        return rendering.say(request, key)
    return facet_label(word, rendering.page_language(request))


def _rank(word: str) -> int:
    name = word.partition("=")[0]
    return FACETS.index(name) if name in FACETS else len(FACETS)


def _query(query: str, chosen: Sequence[str]) -> str:
    return urlencode([("query", query), *(("facet", one) for one in chosen)])


def _without(query: str, chosen: Sequence[str], word: str) -> str:
    return _query(query, [one for one in chosen if one != word])


def _genres(request: Request, product: Product) -> list[tuple[str, str]]:
    """(what people call it, the query that finds its like) of each of the book's genres."""
    sure = tuple(genre for genre in product.genres if genre.assigned)
    words = genre_facets(product.model_copy(update={"genres": sure}))
    named = {word: _label(request, word) for word in words}
    return [(label, _query("", [word])) for word, label in named.items()]


def _stated(request: Request, feature: str) -> str:
    """A feature (schema.org's accessibilityFeature) in words; what has none stands for itself."""
    known = words_of(FALLBACK).knows(f"feature.{feature}")
    return rendering.say(request, f"feature.{feature}") if known else feature


def _offer(access: Access, book: str) -> Offer:
    with offers.snapshot(access.context.database) as connection:
        found = offers.named(connection, [book])
    if not found:
        raise NotFound("there is no such book on sale")
    return found[0]


def _url(access: Access, offer: Offer, rel: str) -> str:
    file = offer.file(rel)
    return access.context.resources.cdn.url(file.path) if file else ""
