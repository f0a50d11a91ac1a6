"""What a book is found by besides its words as they stand: its script's pairs, stems, spellings.

Kept beside the catalogue's texts, as two vectors: of the title page, and of the description. And
beside each description as one, for the lists of people who work with books.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, cast, column, func, literal, table, text, update
from sqlalchemy.dialects.postgresql import REGCONFIG, TSVECTOR

from ebook_pipeline.books.records import Contributor, Series
from ebook_pipeline.books.records.description import BookDescription
from ebook_pipeline.books.selling import scripts
from ebook_pipeline.books.selling.romanised import romanised
from ebook_pipeline.books.selling.spelt_out import LETTERS, query_spelt_out, spelt_out

LONGEST = 12_000
"""Characters of a text that is cut in pairs; a tsvector counts positions up to 16,383."""
_TOGETHER = 500
_SYNTAX = re.compile(r'["\-]|(?<=\s)or(?=\s)', re.IGNORECASE)
"""What a query of Postgres' websearch takes for more than words."""
_CATALOG = table(
    "catalog", column("book"), column("heading_forms", TSVECTOR), column("text_forms", TSVECTOR)
)
_DESCRIPTION = table("description", column("id"), column("forms", TSVECTOR))
_ROWS = text(
    """
    SELECT book, title, subtitle, creators, subjects, description, languages,
        coalesce(document -> 'creators', '[]') AS people,
        coalesce(document -> 'series', '[]') AS series
    FROM catalog WHERE book > :after AND (
        coalesce(languages[1], 'en') !~* '^en'
        OR title || subtitle || creators || subjects || description ~* :letters)
    ORDER BY book LIMIT :together
    """
)
_LETTERS = f"[{LETTERS}\u0308\u030a\u0370-\ud7ff]"
_DESCRIPTIONS = text(
    """
    SELECT id, title, document -> 'subtitle' AS subtitle,
        coalesce(document -> 'creators', '[]') AS creators,
        coalesce(document -> 'contributors', '[]') AS contributors,
        coalesce(document -> 'series', '[]') AS series,
        coalesce(document -> 'languages', '[]') AS languages
    FROM description WHERE id > :after ORDER BY id LIMIT :together
    """
)


def forms(
    heading: Sequence[str],
    body: Sequence[str],
    languages: Sequence[str],
    people: Sequence[Contributor] = (),
) -> dict[str, Any]:
    """The two columns, as expressions, of what stands on a title page and in a description.

    Of English ones only words with letters of other alphabets: the others are looked for as they
    stand.
    """
    spelt = spelt_out(" ".join(body)[:LONGEST])
    return {
        "heading_forms": _of_title_page(heading, languages, people),
        "text_forms": _vector(body, scripts.configuration(languages), spelt),
    }


def forms_in_lists(described: BookDescription) -> Any:
    """What a description is found by in lists, as an expression: title, people and series."""
    people = (*described.creators, *described.contributors)
    names = (*(person.name for person in people), *(series.name for series in described.series))
    heading = (described.title, described.subtitle or "", *names)
    words = func.to_tsvector("simple", func.folded(" ".join(heading)[:LONGEST]))
    return words.op("||")(_of_title_page(heading, described.languages, people))


def asked_in_lists(words: str) -> Any:
    """The query, as an expression, of a description that has all `words`, in any of its forms."""
    plain = _SYNTAX.sub(" ", words)
    readings = dict.fromkeys((scripts.asked(plain), *romanised(plain), *query_spelt_out(plain)))
    queries = [func.websearch_to_tsquery("simple", reading) for reading in readings]
    asked: Any = queries[0]
    for query in queries[1:]:
        asked = asked.op("||")(query)
    return asked


def fill(connection: Connection) -> int:
    """Give every book its forms, for a migration; how many have some."""
    after, count = "", 0
    wanted = {"letters": _LETTERS, "together": _TOGETHER}
    while rows := connection.execute(_ROWS, wanted | {"after": after}).all():
        for row in rows:
            _write(connection, row)
        after, count = rows[-1].book, count + len(rows)
    return count


def fill_descriptions(connection: Connection) -> int:
    """Give every description its forms, for a migration; how many there are."""
    after, count = 0, 0
    while rows := connection.execute(_DESCRIPTIONS, {"after": after, "together": _TOGETHER}).all():
        for row in rows:
            told = {name: value for name, value in row._mapping.items() if name != "id"}
            described = BookDescription.model_validate(told)
            made = {"forms": forms_in_lists(described)}
            connection.execute(update(_DESCRIPTION).where(_DESCRIPTION.c.id == row.id).values(made))
        after, count = rows[-1].id, count + len(rows)
    return count


def _write(connection: Connection, row: Any) -> None:
    people = [Contributor.model_validate(person) for person in row.people]
    series = [Series.model_validate(named).name for named in row.series]
    heading = (row.title, row.subtitle, *row.creators.split("; "), *series)
    made = forms(heading, (row.subjects, row.description), row.languages, people)
    connection.execute(update(_CATALOG).where(_CATALOG.c.book == row.book).values(made))


def _of_title_page(
    heading: Sequence[str], languages: Sequence[str], people: Sequence[Contributor]
) -> Any:
    language = next(iter(languages), "")
    named = [line for person in people for line in (person.file_as, *person.also) if line]
    lines = (*heading, *named)
    parted = (way for line in lines for way in scripts.otherwise_parted(line))
    spelt = [
        spelling for line in lines for spelling in (*romanised(line, language), *spelt_out(line))
    ]
    return _vector((*lines, *parted), scripts.configuration(languages), spelt)


def _vector(texts: Sequence[str], configuration: str, spelt: Sequence[str]) -> Any:
    whole = " ".join(texts)[:LONGEST]
    parts = list(_vectors(whole, configuration, " ".join(spelt)))
    made = parts[0] if parts else func.to_tsvector("simple", "")
    for part in parts[1:]:
        made = made.op("||")(part)
    return made


def _vectors(whole: str, configuration: str, spelt: str) -> Iterator[Any]:
    words = spelt
    if scripts.has_other_letters(whole):
        yield func.to_tsvector("simple", scripts.paired(whole))
        words = " ".join((scripts.signs(whole), spelt))
    if words:
        yield func.to_tsvector("simple", words)
    if configuration != "simple":
        stems = cast(literal(configuration), REGCONFIG)
        yield func.to_tsvector(stems, scripts.stemmable(whole))
