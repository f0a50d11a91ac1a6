"""The whole catalogue as files: a static tree of OPDS 2.0, and one ONIX 3.0 message.

Both are of one moment, whatever others write meanwhile; a million books pass through a server-side
cursor, a few at a time; and what stood there before is replaced when all is written, not sooner.
"""

import hashlib
import itertools
import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from ebook_pipeline.books.records import Protection, Record
from ebook_pipeline.books.releasing.distribution import COVER, PUBLICATION
from ebook_pipeline.books.selling import onix
from ebook_pipeline.books.selling.facets import FACETS, facet_label
from ebook_pipeline.books.selling.onix.codes import (
    EpubTechnicalProtection,
    ProductAvailability,
    ProductFormDetail,
)
from ebook_pipeline.books.selling.opds import (
    Feed,
    Json,
    Offer,
    Pagination,
    ShopUrls,
    group,
    link,
    publication,
)
from ebook_pipeline.foundation.errors import ServiceError
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.selling import offers
from ebook_pipeline.services.selling.feeds import facet_groups

PAGE = 100
"""How many books stand on a page of the tree."""

ROOT = "index.json"
_NEW = "new"
_NEWEST = "http://opds-spec.org/sort/new"
_SHOWN = 20  # books on the first page
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,40}")
_PROTECTIONS = {
    Protection.LCP: EpubTechnicalProtection.READIUM_LCP,
    Protection.SOCIAL: EpubTechnicalProtection.WATERMARKING,
    Protection.PASSWORD: EpubTechnicalProtection.DRM,
    Protection.NONE: EpubTechnicalProtection.NONE,
}


class ExportSummary(Record):
    """What was written: how many books, in how many files, where."""

    target: str
    books: int
    files: int


def onix_message(
    database: Database, shop: ShopUrls, target: Path, sender: onix.OnixSender
) -> ExportSummary:
    """Every book that ever was on sale as one message in the file `target`.

    A withdrawn book is told as not available (list 65, 40): a notification of deletion (list 1,
    05) would say that there never was such a product.
    """
    books = 0

    def listings(connection: Connection) -> Iterator[onix.Listing]:
        nonlocal books
        for offer in offers.everything(connection):
            books += 1
            yield listing_of(offer, shop)

    with (
        offers.snapshot(database) as connection,
        _replaced_file(target) as fresh,
        fresh.open("wb") as stream,
    ):
        onix.write(stream, listings(connection), sender, datetime.now(UTC))
        stream.flush()
        os.fsync(stream.fileno())
    return ExportSummary(target=str(target), books=books, files=1)


def opds_tree(database: Database, shop: ShopUrls, target: Path) -> ExportSummary:
    """Every book on sale as feeds in the folder `target`, whose URL is the shop's `feeds`.

    ``index.json`` leads to the newest books and to those of each facet; each book has a document
    of its own in ``books/``. Raises `ServiceError` where `target` holds anything but such a tree.
    """
    with offers.snapshot(database) as connection, _replaced_folder(target) as fresh:
        tree = _Tree(connection, shop, fresh)
        tree.write()
    return ExportSummary(target=str(target), books=tree.total, files=tree.files)


@dataclass
class _Tree:
    connection: Connection
    shop: ShopUrls
    folder: Path
    counts: Mapping[str, int] = field(init=False)
    total: int = field(init=False)
    files: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        place = self.shop.territory
        self.counts = offers.facet_counts(self.connection, territory=place)
        self.total = offers.count(self.connection, territory=place)

    def write(self) -> None:
        newest: list[Json] = []
        for page in self._pages("New books", [], self.total):
            for offer in page:
                self._save(f"books/{offer.entry.book}.json", publication(offer, self.shop))
            newest += [publication(offer, self.shop) for offer in page[: _SHOWN - len(newest)]]
        for facet, books in self.counts.items():
            for _ in self._pages(facet_label(facet), [facet], books):
                pass
        for name in self._names():
            self._save(f"{name}/{ROOT}", self._values(name))
        self._save(ROOT, self._root(newest))

    def _pages(self, title: str, facets: Sequence[str], total: int) -> Iterator[list[Offer]]:
        """Write the list of these books, and give each page's when it is written."""
        path = _path(facets)
        offered = offers.newest(self.connection, facets, territory=self.shop.territory)
        groups = facet_groups(self.counts, facets, lambda chosen: self._list(chosen[-1:]))
        for number in itertools.count(1):
            page = list(itertools.islice(offered, PAGE))
            if not page and number > 1:
                return
            feed = Feed(
                title=title,
                href=self._list(facets, number),
                links=[link(self.shop.feed(ROOT), rel="start")],
                publications=[publication(offer, self.shop) for offer in page],
                facets=groups,
                pages=Pagination.numbered(number, PAGE, total, lambda at: self._list(facets, at)),
            )
            self._save(f"{path}/{number}.json", feed.document())
            yield page

    def _root(self, newest: Sequence[Json]) -> Json:
        ways = [link(self._list([]), rel=_NEWEST, title="New books", items=self.total)]
        ways += [
            link(self.shop.feed(f"{name}/{ROOT}"), rel="subsection", title=f"By {name}")
            for name in self._names()
        ]
        groups = [group("New books", self._list([]), newest, self.total)] if newest else []
        href = self.shop.feed(ROOT)
        return Feed("Catalogue", href, datetime.now(UTC), navigation=ways, groups=groups).document()

    def _values(self, name: str) -> Json:
        values = [facet for facet in self.counts if facet.startswith(f"{name}=")]
        ways = [
            link(
                self._list([facet]),
                rel="subsection",
                title=facet_label(facet),
                items=self.counts[facet],
            )
            for facet in values
        ]
        start = link(self.shop.feed(ROOT), rel="start")
        href = self.shop.feed(f"{name}/{ROOT}")
        return Feed(f"By {name}", href, links=[start], navigation=ways).document()

    def _names(self) -> list[str]:
        return [
            name for name in FACETS if any(facet.startswith(f"{name}=") for facet in self.counts)
        ]

    def _list(self, facets: Sequence[str], number: int = 1) -> str:
        return self.shop.feed(f"{_path(facets)}/{number}.json")

    def _save(self, path: str, document: Json) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        self.files += 1


def listing_of(offer: Offer, shop: ShopUrls) -> onix.Listing:
    """A product as ONIX tells it; a withdrawn book is not available."""
    sold, cover = offer.file(PUBLICATION), offer.file(COVER)
    pdf = sold is not None and "pdf" in sold.blob.media_type
    return onix.Listing(
        reference=offer.entry.book,
        product=offer.product,
        form=ProductFormDetail.PDF if pdf else ProductFormDetail.EPUB,
        protection=_PROTECTIONS[offer.distribution.protection],
        availability=(
            ProductAvailability.AVAILABLE if offer.on_sale else ProductAvailability.NOT_AVAILABLE
        ),
        size=sold.blob.length if sold else None,
        cover=shop.edge(cover.path) if cover else None,
        terms=offer.terms,
    )


def _path(facets: Sequence[str]) -> str:
    """Where a list lies: a code stands for itself, other values are named so that none collide."""
    if not facets:
        return _NEW
    name, _, value = facets[0].partition("=")
    if _PLAIN.fullmatch(value):
        return f"{name}/{value}"
    plain = re.sub(r"[^a-z0-9]+", "-", value.lower()).strip("-")[:40]
    return f"{name}/{plain}-{hashlib.sha256(value.encode()).hexdigest()[:12]}".replace("/-", "/")


@contextmanager
def _replaced_file(target: Path) -> Iterator[Path]:
    """A new file beside `target`, which takes its place when the body ends well."""
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as beside:
        fresh = Path(beside) / target.name
        yield fresh
        fresh.replace(target)


@contextmanager
def _replaced_folder(target: Path) -> Iterator[Path]:
    """A new folder beside `target` alike; what is no tree of ours is never replaced."""
    if target.exists() and not (target / ROOT).is_file() and any(target.iterdir()):
        raise ServiceError(f"{target} holds other things than a catalogue: name an empty folder")
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as beside:
        fresh, old = Path(beside) / "fresh", Path(beside) / "old"
        fresh.mkdir()
        yield fresh
        if target.exists():
            target.rename(old)
        fresh.rename(target)
