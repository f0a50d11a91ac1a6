"""A book described: what submitter, file and text state, and what models make of the text."""

import tempfile
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ebook_pipeline.books.boilerplate import write_own_text
from ebook_pipeline.books.describing import product
from ebook_pipeline.books.describing.enrich.brief import Copywriter
from ebook_pipeline.books.describing.enrich.composed import ComposedCopywriter
from ebook_pipeline.books.describing.enrich.encoder import EnrichmentModels
from ebook_pipeline.books.describing.enrich.passages import LONGEST_TEXT
from ebook_pipeline.books.describing.overrides import Overrides, apply_overrides
from ebook_pipeline.books.describing.product import DescriptionSources
from ebook_pipeline.books.language_tags import primary_tag
from ebook_pipeline.books.records import Product
from ebook_pipeline.tools import sandbox

if TYPE_CHECKING:
    from ebook_pipeline.books.describing.enrich.enrichment import Enricher


@dataclass(frozen=True)
class Describer:
    """Who describes books, with models; `version` is whatever may change a description.

    `copywriter` describes books that nobody has described; `bisac` is the file of a licensee.
    `leave_out`: what a digital library put around a text is not described with it.
    """

    models: EnrichmentModels
    copywriter: Copywriter = field(default_factory=ComposedCopywriter)
    bisac: Path | None = None
    leave_out: bool = False

    @property
    def version(self) -> str:
        return f"{self._enricher.version}{'+own-text' if self.leave_out else ''}"

    @property
    def version_of_all(self) -> str:
        """The same with the models of every language."""
        return f"{self.version}+{self.models.version}"

    def is_current(self, made: Product) -> bool:
        """Whether the models of its language are those that `made` was described with."""
        language = primary_tag(made.languages[0]) if made.languages else ""
        return made.models == self._enricher.models_for(language)

    @cached_property
    def _enricher(self) -> "Enricher":
        """Made at first use: what it imports takes half a second."""
        from ebook_pipeline.books.describing.enrich.bisac import read_mapping
        from ebook_pipeline.books.describing.enrich.enrichment import Enricher

        mapping = read_mapping(self.bisac) if self.bisac else {}
        return Enricher(self.models, self.copywriter, mapping)

    def describe(self, sources: DescriptionSources, locks: Overrides) -> Product:
        """The product that `sources` are; strangers' files are read in a child process.

        What a person has locked stays as it was said, and models fill only what nobody states.
        Raises BookError, LimitExceeded, ServiceError and Unavailable.
        """
        if not self.leave_out:
            return self._described(sources, locks)
        with tempfile.TemporaryDirectory(prefix="own-text-") as folder:
            own = Path(folder, "text.txt")
            sandbox.call(write_own_text, sources.text, own)
            return self._described(replace(sources, text=own), locks)

    def _described(self, sources: DescriptionSources, locks: Overrides) -> Product:
        stated = apply_overrides(sandbox.call(product.describe, sources), locks)
        with sources.text.open(encoding="utf-8") as file:
            return self._enricher.enriched(stated, file.read(LONGEST_TEXT))
