"""What submitter, file and text say of a book, and how their words become one description."""

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ebook_pipeline.books.contributor_roles import AUTHOR, relator_of
from ebook_pipeline.books.describing import stated_values
from ebook_pipeline.books.describing.enrich import audience, front_matter
from ebook_pipeline.books.formats.epub.package import PackageDocument
from ebook_pipeline.books.formats.pdf import metadata as pdf_metadata
from ebook_pipeline.books.html_text import text_of_html
from ebook_pipeline.books.language_tags import WELL_FORMED, language_tag
from ebook_pipeline.books.records import (
    Audience,
    Claims,
    Contributor,
    Identifier,
    Origin,
    Provenance,
    Subject,
)
from ebook_pipeline.books.records.description import BookDescription
from ebook_pipeline.foundation.identifiers import isbn13

COMBINED_FIELDS = frozenset({"identifiers", "subjects"})
"""Fields where what the later ones say is kept too, after the first."""
UNTITLED = "Untitled"
_AUDIENCE_PROPERTIES = frozenset({"schema:typicalAgeRange", "schema:audience", "dcterms:audience"})
_LONGEST_TITLE = 200
_LONGEST_DESCRIPTION = 20_000
_BISAC = re.compile(r"(?:bisac:)?([A-Z]{3}\d{6})", re.IGNORECASE)
_THEMA = re.compile(r"thema:([A-Z0-9-]{1,12})", re.IGNORECASE)


class Statement(BookDescription):
    """What one source says of a book; empty fields say nothing."""

    origin: Origin
    model: str = ""
    confidence: float | None = None

    @property
    def provenance(self) -> Provenance:
        return Provenance(origin=self.origin, model=self.model, confidence=self.confidence)


STATED_FIELDS = tuple(BookDescription.model_fields)


def merge_statements(
    statements: Iterable[Statement],
) -> tuple[dict[str, Any], dict[str, Provenance]]:
    """The fields that `statements`, best first, agree on, and where each comes from."""
    fields: dict[str, Any] = {"title": UNTITLED}
    provenance: dict[str, Provenance] = {}
    for statement in statements:
        for field in STATED_FIELDS:
            value = getattr(statement, field)
            if not value:
                continue
            if field not in provenance:
                fields[field], provenance[field] = value, statement.provenance
            elif field in COMBINED_FIELDS:
                fields[field] = _united(fields[field], value)
    return fields, provenance


def from_claims(claims: Claims, package: PackageDocument) -> Statement:
    """The sidecar; an author that the file has too keeps the file's role and sort name."""
    authors = [_known(name, package.creators) for name in claims.authors if name.strip()]
    others = [_contributor(person) for person in claims.contributors if person.name.strip()]
    return Statement(
        origin=Origin.SUBMITTER,
        title=_line(claims.title or ""),
        subtitle=_line(claims.subtitle or "") or None,
        creators=(*authors, *(person for person in others if AUTHOR in person.roles)),
        contributors=tuple(person for person in others if AUTHOR not in person.roles),
        languages=(claims.language,) if claims.language else (),
        identifiers=_isbn(claims.isbn),
        subjects=tuple(map(_subject, filter(str.strip, claims.subjects))),
        publishers=(claims.publisher,) if claims.publisher else (),
        description=_plain(claims.description or ""),
        rights=_plain(claims.rights or ""),
        price=claims.price,
        audience=audience.parse_audience(claims.audience),
    )


def from_file(
    package: PackageDocument, pdf: Path | None, *, guessed: bool = False
) -> list[Statement]:
    """The package document; before it, the manuscript's own metadata where it was a PDF.

    What only the EPUB of a PDF says is read in the text, and so is a title that was `guessed`.
    """
    statement = Statement(
        origin=Origin.FILE,
        title=_line(package.title),
        subtitle=package.subtitle,
        creators=stated_values.each_person(package.creators),
        contributors=stated_values.each_person(package.contributors),
        languages=tuple(dict.fromkeys(map(_language, package.languages))),
        identifiers=package.identifiers,
        subjects=tuple(map(_coded, package.subjects)),
        publishers=package.publishers,
        published=stated_values.calendar_date(package.published),
        modified=package.modified,
        description=_plain("\n\n".join(package.descriptions)),
        rights=_plain("\n\n".join(package.rights)),
        series=package.series,
        audience=_filed_audience(package),
    )
    if pdf is not None:
        return [_from_pdf(pdf), statement.model_copy(update={"origin": Origin.TEXT})]
    if guessed:
        title = Statement(origin=Origin.TEXT, title=statement.title)
        return [statement.model_copy(update={"title": ""}), title]
    return [statement]


def _language(stated: str) -> str:
    """The tag of what is no tag: ``en_US``, ``English``."""
    return stated if WELL_FORMED.fullmatch(stated) else language_tag(stated) or stated


def _filed_audience(package: PackageDocument) -> Audience | None:
    """As schema.org or Dublin Core say it, https://schema.org/typicalAgeRange"""
    values = (meta.value for meta in package.meta if meta.property in _AUDIENCE_PROPERTIES)
    return next(filter(None, map(audience.parse_audience, values)), None)


def _from_pdf(pdf: Path) -> Statement:
    facts = pdf_metadata.read_metadata(pdf)
    return Statement(
        origin=Origin.FILE,
        title=facts.title,
        creators=tuple(Contributor(name=name, roles=(AUTHOR,)) for name in facts.authors),
        languages=(facts.language,) if facts.language else (),
        identifiers=_isbn(facts.isbn),
        subjects=tuple(map(_subject, facts.keywords)),
        publishers=facts.publishers,
        published=facts.created or None,
        description=facts.description,
        rights=facts.rights,
    )


def from_text(body: str, *, identified: bool = False) -> Statement:
    """The text's own pages about the edition; its first line is the title if nothing names one.

    An ISBN printed as the e-book's is the book's, unless it is `identified` by one already.
    """
    first = next((line for line in map(_line, body.splitlines()) if line), "")
    front = front_matter.read(body)
    translators = (Contributor(name=name, roles=("trl",)) for name in front.translators)
    return Statement(
        origin=Origin.TEXT,
        title=first[:_LONGEST_TITLE],
        contributors=tuple(translators),
        identifiers=() if identified else _isbn(front.ebook_isbn),
        publishers=(front.publisher,) if front.publisher else (),
        edition=front.edition,
        original_title=front.original_title,
        first_published=front.first_published,
        copyright_year=front.copyright_year,
        printed_isbns=front.isbns,
    )


def _known(name: str, creators: tuple[Contributor, ...]) -> Contributor:
    same = (creator for creator in creators if comparison_key(creator.name) == comparison_key(name))
    return next(same, Contributor(name=_line(name), roles=(AUTHOR,)))


def _contributor(claimed: Contributor) -> Contributor:
    """With its roles as MARC relators; a role that is in no list stays as it was written."""
    roles = dict.fromkeys(relator_of(role) or role for role in claimed.roles)
    file_as = _line(claimed.file_as or "") or None
    also = tuple(filter(None, map(_line, claimed.also)))
    return Contributor(name=_line(claimed.name), roles=tuple(roles), file_as=file_as, also=also)


def _isbn(claimed: str | None) -> tuple[Identifier, ...]:
    """Only a valid one: the product must carry no wrong number into the shops."""
    number = isbn13(claimed or "")
    return (Identifier(value=f"urn:isbn:{number}", scheme="isbn", isbn13=number),) if number else ()


def _subject(term: str) -> Subject:
    for scheme, pattern in (("bisac", _BISAC), ("thema", _THEMA)):
        code = pattern.fullmatch(term.strip())
        if code:
            return Subject(term=code[1].upper(), scheme=scheme, code=code[1].upper())
    return Subject(term=_line(term))


def _coded(subject: Subject) -> Subject:
    """Many files print a BISAC code without saying that it is one."""
    if subject.scheme or subject.code:
        return subject
    coded = _subject(subject.term)
    return subject.model_copy(update={"scheme": coded.scheme, "code": coded.code})


def _united(first: tuple[Any, ...], later: tuple[Any, ...]) -> tuple[Any, ...]:
    seen = {_name(value) for value in first}
    return first + tuple(value for value in later if _name(value) not in seen)


def _name(value: Identifier | Subject) -> str:
    if isinstance(value, Identifier):
        return value.isbn13 or value.value
    return value.code or comparison_key(value.term)


def comparison_key(text: str) -> str:
    """`text` for comparison: case, accents, punctuation and spaces make no difference."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(sign for sign in plain if sign.isalnum())


def _line(text: str) -> str:
    return " ".join(text.split())


def _plain(markup: str) -> str:
    return text_of_html(markup)[:_LONGEST_DESCRIPTION]
