"""ONIX for Books 3.0: what the trade is told of a product. https://www.editeur.org/93/Release-3.0"""

from ebook_pipeline.books.selling.onix.listing import Listing, OnixSender
from ebook_pipeline.books.selling.onix.message import message, product, write, write_products

__all__ = ["Listing", "OnixSender", "message", "product", "write", "write_products"]
