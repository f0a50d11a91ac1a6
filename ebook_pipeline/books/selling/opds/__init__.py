"""OPDS 2.0: the catalogue as reading systems browse it. https://drafts.opds.io/opds-2.0"""

from ebook_pipeline.books.selling.opds.feed import Feed, Pagination, facet_group, group, link
from ebook_pipeline.books.selling.opds.publication import Offer, ShopUrls, publication
from ebook_pipeline.books.selling.opds.vocabulary import FEED, PUBLICATION, Json

__all__ = [
    "FEED",
    "PUBLICATION",
    "Feed",
    "Json",
    "Offer",
    "Pagination",
    "ShopUrls",
    "facet_group",
    "group",
    "link",
    "publication",
]
