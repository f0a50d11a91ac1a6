"""From a file to its card."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ebook_pipeline.books.describing.metadata_document.document import metadata_document
from ebook_pipeline.books.describing.metadata_document.stated import stated_facts
from ebook_pipeline.books.describing.single_file import SingleFileReader
from ebook_pipeline.books.records import Claims, Product
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding


@dataclass(frozen=True)
class MetadataDocument:
    """The card as JSON, and the product on it; without one, `finding` says why there is none."""

    card: dict[str, Any]
    product: Product | None = None
    finding: Finding | None = None


def metadata_document_of(
    path: Path, file: str, claims: Claims, reader: SingleFileReader, folder: Path
) -> MetadataDocument:
    """The card of the file at `path`, called `file`; `folder` is empty and ours.

    Of a file that can't be read the card holds what could be. Raises ServiceError only.
    """
    facts: dict[str, Any] = {}
    try:
        form = reader.format_of(path)
        facts = {"format": form.value, **stated_facts(path, form)}
        alone = reader.without_comparison()
        product = alone.read_inspected(path, form, claims, folder).product
    except BookError as error:
        finding = error.finding.model_dump(mode="json")
        return MetadataDocument(
            {"file": file, **facts, "findings": [finding]}, finding=error.finding
        )
    return MetadataDocument(metadata_document(file, product, facts), product)
