"""Books described as an ONIX Product would: what the file, its text and its submitter say."""

from typing import Any

import dagster as dg

from ebook_pipeline.assets.ui_metadata import escaped, findings_table, in_place
from ebook_pipeline.books.describing import sketches
from ebook_pipeline.books.describing.describer import Describer
from ebook_pipeline.books.describing.enrich import audience
from ebook_pipeline.books.describing.product import DescriptionSources
from ebook_pipeline.books.records import (
    Genre,
    Identifier,
    Manifestations,
    Product,
    Submission,
    TocEntry,
)
from ebook_pipeline.books.records.converted_book import TITLE_GUESSED
from ebook_pipeline.execution import stage
from ebook_pipeline.execution.files import Files
from ebook_pipeline.services.describing.descriptions import Descriptions
from ebook_pipeline.services.intake.book_owner import BookOwner
from ebook_pipeline.tools import sandbox

_BETWEEN = {"genres": "; ", "keywords": ", "}
"""What parts the words of a list; all else are paragraphs."""
_PROVENANCE = dg.TableSchema(
    columns=[dg.TableColumn(name) for name in ("field", "from", "model", "confidence")]
)


def is_named(book_metadata: Product) -> bool:
    """The book has a title, and it is known who says so: nothing is listed without one."""
    return bool(book_metadata.title.strip()) and "title" in book_metadata.provenance


def show_product(book_metadata: Product) -> dict[str, Any]:
    return {
        "title": dg.MetadataValue.md(f"**{escaped(book_metadata.title)}**"),
        "creators": "; ".join(creator.name for creator in book_metadata.creators),
        "languages": ", ".join(book_metadata.languages),
        "publishers": ", ".join(book_metadata.publishers),
        "published": (book_metadata.published or "")[:10],
        "identifiers": ", ".join(_printed(name) for name in book_metadata.identifiers),
        "subjects": "; ".join(subject.term for subject in book_metadata.subjects),
        **_told_from_the_text(book_metadata),
        "words": dg.MetadataValue.int(book_metadata.word_count),
        "contents": in_place([_line(entry) for entry in book_metadata.toc], "\n"),
        "provenance": dg.MetadataValue.table(_provenance(book_metadata), schema=_PROVENANCE),
        **_kin(book_metadata),
        "findings": findings_table(book_metadata.findings),
    }


def _printed(identifier: Identifier) -> str:
    return identifier.isbn13 or identifier.value


def _line(entry: TocEntry) -> str:
    return f"{'  ' * (entry.level - 1)}- {escaped(entry.title)}"


def _kin(product: Product) -> dict[str, Any]:
    """The books of the catalogue that it is like, if there are any."""
    rows = [
        dg.TableRecord(
            {"book": kin.book, "relation": kin.relation, "likeness": f"{kin.likeness:.0%}"}
        )
        for kin in product.kin
    ]
    return {"in_the_catalogue": dg.MetadataValue.table(rows)} if rows else {}


def _told_from_the_text(product: Product) -> dict[str, Any]:
    """What models make of a text, marked where they did; suggestions by their doubt."""
    said = {
        "genres": [_genre(genre) for genre in product.genres],
        "keywords": [escaped(word) for word in product.keywords],
        "audience": [audience.audience_text(product.audience)] if product.audience else [],
        "description": [escaped(part) for part in product.description.split("\n\n") if part],
        "summary": [f"> {escaped(passage)}" for passage in product.summary],
    }
    return {
        name: in_place(parts, _BETWEEN.get(name, "\n\n"), _mark(product, name))
        for name, parts in said.items()
        if parts
    }


def _mark(product: Product, field: str) -> str:
    if field not in product.generated:
        return ""
    return "*(made by a model)* " if field != "summary" else "*(made by a model)*\n\n"


def _genre(genre: Genre) -> str:
    doubt = "" if genre.assigned else ", suggested"
    return f"{escaped(genre.term)} ({escaped(genre.code)}, {genre.confidence:.0%}{doubt})"


def _provenance(product: Product) -> list[dg.TableRecord]:
    """A line per field: who says it, and which model made it."""
    return [
        dg.TableRecord(
            {
                "field": field,
                "from": said.origin.value,
                "model": said.model,
                "confidence": f"{said.confidence:.0%}" if said.confidence is not None else "",
            }
        )
        for field, said in sorted(product.provenance.items())
    ]


@stage(
    group="prepare",
    version="5",
    kinds=frozenset({"onix"}),
    owners=("team:metadata",),
    pools=frozenset({"models"}),
    proofs=(is_named,),
    show=show_product,
)
def book_metadata(
    raw_file: Submission,
    converted_book: Manifestations,
    files: Files,
    describer: Describer,
    descriptions: Descriptions,
    owner: BookOwner,
) -> Product:
    """The book described: titles, contributors with roles, languages, identifiers, contents.

    Read from the package document itself; every field says where it came from. What a person has
    locked wins over the submitter, the submitter over the file, all of them over models, which tell
    genre, keywords, readers, names and passages of the text. Kept with its history. A book with the
    ISBN of another account's is refused.
    """
    text = files.path(converted_book.text)
    sources = DescriptionSources(
        epub=files.path(converted_book.epub),
        text=text,
        claims=raw_file.claims,
        submitted=files.path(raw_file.blob),
        form=raw_file.format,
        pages=converted_book.pages,
        guessed=any(found.rule == TITLE_GUESSED for found in converted_book.findings),
    )
    described = describer.describe(sources, descriptions.overrides)
    owner.require_own(described)
    return descriptions.add(described, sandbox.call(sketches.sketch_file, text))
