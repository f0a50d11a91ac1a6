"""A book described: what submitter, file and text state, and what models make of the text."""

from dataclasses import dataclass
from typing import Protocol

from ebook_pipeline.books import product
from ebook_pipeline.books.locks import Locks, applied
from ebook_pipeline.books.product import Sources
from ebook_pipeline.books.records import Product
from ebook_pipeline.tools import sandbox


class Models(Protocol):
    """What is asked of the text models here; they are `resources.text_models`'."""

    @property
    def version(self) -> str: ...


@dataclass(frozen=True)
class Librarian:
    """Who describes books, with models; `version` is whatever may change a description."""

    models: Models

    @property
    def version(self) -> str:
        return self.models.version

    def describe(self, sources: Sources, locks: Locks) -> Product:
        """The product that `sources` are; strangers' files are read in a child process.

        What a person has locked stays as it was said. Raises BookError and LimitExceeded.
        """
        return applied(sandbox.call(product.describe, sources), locks)
