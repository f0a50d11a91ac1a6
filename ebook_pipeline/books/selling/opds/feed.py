"""Lists of publications and of ways to them: navigation, facets, groups, pages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ebook_pipeline.books.selling.opds.vocabulary import FEED, Json, without_empty


@dataclass(frozen=True)
class Pagination:
    """Where a page stands in its list, https://drafts.opds.io/opds-2.0#pagination

    `size` is how many fit on one; what is not known of `number` (from 1) and `total` stays None.
    """

    size: int
    number: int | None = None
    total: int | None = None
    first: str | None = None
    previous: str | None = None
    next: str | None = None
    last: str | None = None

    @classmethod
    def numbered(
        cls, number: int, size: int, total: int, address: Callable[[int], str]
    ) -> "Pagination":
        """Page `number` of a list of `total`; `address` is the URL of a page by its number."""
        last = max(1, -(-total // size))
        page = cls(size, number, total, first=address(1), last=address(last))
        if number > 1:
            page = replace(page, previous=address(number - 1))
        return replace(page, next=address(number + 1)) if number < last else page

    @property
    def links(self) -> list[Json]:
        """One link per relation that is known."""
        rels = ("first", "previous", "next", "last")
        return [link(href, rel=rel) for rel in rels if (href := getattr(self, rel))]

    @property
    def metadata(self) -> Json:
        """How the feed's metadata tells it."""
        figures = {
            "numberOfItems": self.total,
            "itemsPerPage": self.size,
            "currentPage": self.number,
        }
        return without_empty(figures)


@dataclass(frozen=True)
class Feed:
    """One document of type `FEED`; at least one of its collections is given, empty or not."""

    title: str
    href: str
    modified: datetime | None = None
    links: Sequence[Json] = ()
    navigation: Sequence[Json] = ()
    publications: Sequence[Json] | None = None
    groups: Sequence[Json] = ()
    facets: Sequence[Json] = ()
    pages: Pagination | None = None

    def document(self) -> Json:
        """The feed as JSON."""
        paging = self.pages.links if self.pages else []
        document = without_empty(
            {
                "metadata": self._metadata(),
                "links": [link(self.href, rel="self"), *self.links, *paging],
                "navigation": list(self.navigation),
                "groups": list(self.groups),
                "facets": list(self.facets),
            }
        )
        if self.publications is not None:
            document["publications"] = list(self.publications)
        return document

    def _metadata(self) -> Json:
        changed = (
            self.modified.astimezone(UTC).isoformat(timespec="seconds") if self.modified else ""
        )
        pages = self.pages.metadata if self.pages else {}
        return without_empty({"title": self.title, "modified": changed}) | pages


def link(
    href: str, *, rel: str = "", title: str = "", items: int | None = None, kind: str = FEED
) -> Json:
    """A Link Object; `items` is how many are behind it."""
    properties = {} if items is None else {"numberOfItems": items}
    return without_empty(
        {"rel": rel, "href": href, "type": kind, "title": title, "properties": properties}
    )


def facet_group(title: str, links: Sequence[Json]) -> Json:
    """Ways to narrow the list; the one that is chosen already has ``rel: self``.

    https://drafts.opds.io/opds-2.0#facets
    """
    return {"metadata": {"title": title}, "links": list(links)}


def group(title: str, href: str, publications: Sequence[Json], total: int) -> Json:
    """A few of a list, and where all of it is. https://drafts.opds.io/opds-2.0#groups"""
    return {
        "metadata": {"title": title, "numberOfItems": total},
        "links": [link(href, rel="self")],
        "publications": list(publications),
    }
