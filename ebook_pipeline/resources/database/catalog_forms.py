"""What a book is found by besides its words as they stand: its script's pairs, stems, spellings.

Kept beside the catalogue's texts, as two vectors: of the title page, and of the description.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, cast, column, func, literal, table, text, update
from sqlalchemy.dialects.postgresql import REGCONFIG, TSVECTOR

from ebook_pipeline.books.records import Contributor
from ebook_pipeline.books.selling import scripts
from ebook_pipeline.books.selling.romanised import romanised

LONGEST = 12_000
"""Characters of a text that is cut in pairs; a tsvector counts positions up to 16,383."""
_TOGETHER = 500
_CATALOG = table(
    "catalog", column("book"), column("heading_forms", TSVECTOR), column("text_forms", TSVECTOR)
)
_ROWS = text(
    """
    SELECT book, title, subtitle, creators, subjects, description, languages,
        coalesce(document -> 'creators', '[]') AS people
    FROM catalog WHERE book > :after AND (
        coalesce(languages[1], 'en') !~* '^en'
        OR title || subtitle || creators || subjects || description ~ '[\u0370-\ud7ff]')
    ORDER BY book LIMIT :together
    """
)


def forms(
    heading: Sequence[str],
    body: Sequence[str],
    languages: Sequence[str],
    people: Sequence[Contributor] = (),
) -> dict[str, Any]:
    """The two columns, as expressions, of what stands on a title page and in a description.

    Nothing for English ones: their words are looked for as they stand.
    """
    language = next(iter(languages), "")
    named = [line for person in people for line in (person.file_as, *person.also) if line]
    spelt = [spelling for line in (*heading, *named) for spelling in romanised(line, language)]
    configuration = scripts.configuration(languages)
    return {
        "heading_forms": _vector([*heading, *named], configuration, " ".join(spelt)),
        "text_forms": _vector(body, configuration),
    }


def fill(connection: Connection) -> int:
    """Give every book its forms, for a migration; how many have some."""
    after, count = "", 0
    while rows := connection.execute(_ROWS, {"after": after, "together": _TOGETHER}).all():
        for row in rows:
            _write(connection, row)
        after, count = rows[-1].book, count + len(rows)
    return count


def _write(connection: Connection, row: Any) -> None:
    people = [Contributor.model_validate(person) for person in row.people]
    heading = (row.title, row.subtitle, *row.creators.split("; "))
    made = forms(heading, (row.subjects, row.description), row.languages, people)
    connection.execute(update(_CATALOG).where(_CATALOG.c.book == row.book).values(made))


def _vector(texts: Sequence[str], configuration: str, more: str = "") -> Any:
    whole = " ".join(texts)[:LONGEST]
    parts = list(_vectors(whole, configuration, more))
    made = parts[0] if parts else func.to_tsvector("simple", "")
    for part in parts[1:]:
        made = made.op("||")(part)
    return made


def _vectors(whole: str, configuration: str, more: str) -> Iterator[Any]:
    if scripts.has_other_letters(whole):
        yield func.to_tsvector("simple", scripts.paired(whole))
        yield func.to_tsvector("simple", " ".join((scripts.signs(whole), more)))
    if configuration != "simple":
        stems = cast(literal(configuration), REGCONFIG)
        yield func.to_tsvector(stems, scripts.stemmable(whole))
