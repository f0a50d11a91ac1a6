"""What an EPUB's package document states, and what the container holds."""

from pathlib import Path
from typing import Any

from ebook_pipeline.books.formats.epub import ocf
from ebook_pipeline.books.formats.epub.metadata import Title
from ebook_pipeline.books.formats.epub.package import PackageDocument, read_package
from ebook_pipeline.books.formats.epub.structure import structure
from ebook_pipeline.tools import sandbox


def stated_facts(path: Path) -> dict[str, Any]:
    """Counts, titles, dates, sources, accessibility; only what is there. Raises BookError."""
    return sandbox.call(_read, path)


def _read(path: Path) -> dict[str, Any]:
    ocf.refuse_unsafe(path)
    package = read_package(path)
    counted = structure(path).model_dump(mode="json", exclude_none=True)
    stated = {
        "titles": [_title(title) for title in package.titles] if len(package.titles) > 1 else [],
        "dates": [date.value for date in package.dates],
        "modified": package.modified,
        "rights": list(package.rights),
        "sources": list(package.sources),
        "types": list(package.types),
        "se_subjects": [meta.value for meta in package.meta if meta.property == "se:subject"],
        "collections": list(dict.fromkeys(collection.name for collection in package.collections)),
        "accessibility": _accessibility(package),
    }
    return counted | {name: value for name, value in stated.items() if value}


def _title(title: Title) -> dict[str, Any]:
    return {
        "text": title.text,
        "type": title.type,
        "seq": title.sequence,
        "file_as": title.file_as,
    }


def _accessibility(package: PackageDocument) -> dict[str, list[str]]:
    """Every statement of schema.org's and Dublin Core's vocabularies, by its property."""
    statements: dict[str, list[str]] = {}
    for meta in package.meta:
        if meta.property.startswith(("schema:access", "a11y:", "dcterms:conformsTo")):
            statements.setdefault(meta.property, []).append(meta.value)
    return statements
