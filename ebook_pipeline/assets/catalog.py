"""The shop's row of a book: the one commit that says which release is live."""

from typing import Any

import dagster as dg

from ebook_pipeline.assets.ui_metadata import escaped, links
from ebook_pipeline.books.records import CatalogEntry, Distribution, Edition, Product, QualityReport
from ebook_pipeline.books.releasing.distribution import catalog_entry
from ebook_pipeline.books.selling.age_advice import with_age_advice
from ebook_pipeline.execution import stage
from ebook_pipeline.resources.cdn import Cdn
from ebook_pipeline.resources.database import Database, catalog
from ebook_pipeline.services.releasing import pointer, releases


def is_found(catalog_row: CatalogEntry, database: Database) -> bool:
    """A search for the book's title finds it, unless it was withdrawn from sale."""
    live = releases.current(database, catalog_row.book)
    on_sale = live is not None and live.state == "live"
    return not on_sale or catalog.is_findable(database, catalog_row.book, catalog_row.title)


def show_entry(catalog_row: CatalogEntry, cdn: Cdn) -> dict[str, Any]:
    paths = {"cover": catalog_row.cover, "preview": catalog_row.preview}
    return {
        "title": dg.MetadataValue.md(f"**{escaped(catalog_row.title)}**"),
        "authors": ", ".join(catalog_row.authors),
        "release": catalog_row.release,
        **links({name: cdn.url(path) for name, path in paths.items() if path}),
    }


@stage(
    group="sell",
    version="2",
    kinds=frozenset({"postgres"}),
    owners=("team:catalogue",),
    proofs=(is_found,),
    show=show_entry,
)
def catalog_row(
    cdn_release: Distribution,
    book_metadata: Product,
    qa_report: QualityReport,
    edition: Edition,
    database: Database,
    cdn: Cdn,
) -> CatalogEntry:
    """The book in the shop's catalogue, searchable, with its cover and preview.

    Its audience is never younger than what is in it suggests, unless a person has locked it.
    One transaction makes the release live and writes the event; only then the edge's pointer.
    """
    product = with_age_advice(book_metadata, qa_report)
    entry = catalog_entry(edition, product, cdn_release)
    listed = releases.go_live(database, entry, product, distribution=cdn_release, actor="pipeline")
    pointer.rewrite(database, cdn, edition.book)
    return listed
