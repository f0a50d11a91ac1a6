"""Books described as an ONIX Product would: what the file, its text and its submitter say."""

from typing import Any

import dagster as dg

from ebook_pipeline.assets.shown import escaped, findings_table
from ebook_pipeline.books.librarian import Librarian
from ebook_pipeline.books.product import Sources
from ebook_pipeline.books.records import (
    Audience,
    Genre,
    Manifestations,
    Product,
    Submission,
)
from ebook_pipeline.execution import stage
from ebook_pipeline.execution.files import Files
from ebook_pipeline.services.shelf import Shelf


def show_product(book_metadata: Product) -> dict[str, Any]:
    return {
        "title": dg.MetadataValue.md(f"**{escaped(book_metadata.title)}**"),
        "creators": "; ".join(creator.name for creator in book_metadata.creators),
        "languages": ", ".join(book_metadata.languages),
        "identifiers": ", ".join(one.isbn13 or one.value for one in book_metadata.identifiers),
        "subjects": "; ".join(subject.term for subject in book_metadata.subjects),
        **_told_from_the_text(book_metadata),
        "words": dg.MetadataValue.int(book_metadata.word_count),
        "contents": dg.MetadataValue.md(
            "\n".join(
                f"{'  ' * (line.level - 1)}- {escaped(line.title)}"
                for line in book_metadata.toc[:60]
            )
        ),
        "provenance": dg.MetadataValue.table(_provenance(book_metadata)),
        "in_the_catalogue": dg.MetadataValue.json(
            [kin.model_dump(mode="json") for kin in book_metadata.kin]
        ),
        "findings": findings_table(book_metadata.findings),
    }


def _told_from_the_text(product: Product) -> dict[str, Any]:
    """What models make of a text, marked where they did; suggestions by their doubt."""
    audience = product.audience
    said = {
        "genres": "; ".join(map(_genre, product.genres)),
        "keywords": escaped(", ".join(product.keywords)),
        "audience": f"ONIX {audience.code}{_ages(audience)}" if audience else "",
        "summary": "\n\n".join(f"> {escaped(passage)}" for passage in product.summary),
    }
    generated = set(product.generated)
    return {
        name: dg.MetadataValue.md(f"*(made by a model)* {value}" if name in generated else value)
        for name, value in said.items()
        if value
    }


def _genre(genre: Genre) -> str:
    doubt = "" if genre.assigned else ", suggested"
    return f"{escaped(genre.term)} ({escaped(genre.code)}, {genre.confidence:.0%}{doubt})"


def _ages(audience: Audience) -> str:
    if audience.age_from is None:
        return ""
    upward = "and older" if audience.age_to is None else f"to {audience.age_to}"
    return f", ages {audience.age_from} {upward}"


def _provenance(product: Product) -> list[dg.TableRecord]:
    """A line per field: who says it, and which model made it."""
    return [
        dg.TableRecord(
            {
                "field": field,
                "from": said.origin.value,
                "model": said.model,
                "confidence": said.confidence if said.confidence is not None else "",
            }
        )
        for field, said in sorted(product.provenance.items())
    ]


@stage(
    group="prepare",
    version="2",
    kinds=frozenset({"onix"}),
    owners=("team:metadata",),
    show=show_product,
)
def book_metadata(
    raw_file: Submission,
    converted_book: Manifestations,
    files: Files,
    librarian: Librarian,
    shelf: Shelf,
) -> Product:
    """The book described: titles, contributors with roles, languages, identifiers, contents.

    Read from the package document itself; every field says where it came from. What a person has
    locked wins over the submitter, the submitter over the file, all of them over models, which tell
    genre, keywords, readers, names and passages of the text. Kept with its history.
    """
    text = files.path(converted_book.text)
    sources = Sources(
        epub=files.path(converted_book.epub),
        text=text,
        claims=raw_file.claims,
        submitted=files.path(raw_file.blob),
        form=raw_file.format,
        pages=converted_book.pages,
    )
    return shelf.place(librarian.describe(sources, shelf.locks), text.read_text(encoding="utf-8"))
