"""A book described: one product of what its submitter, its file and its text say."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ebook_pipeline.books.contributor_roles import AUTHOR, relator_of
from ebook_pipeline.books.describing import statements
from ebook_pipeline.books.describing.claim_checks import ROLES_WANTED, unknown_roles
from ebook_pipeline.books.describing.field_lengths import bounded
from ebook_pipeline.books.describing.statements import Statement, comparison_key
from ebook_pipeline.books.formats.epub import navigation
from ebook_pipeline.books.formats.epub.package import PackageDocument, read_package
from ebook_pipeline.books.formats.epub.structure import Structure, structure
from ebook_pipeline.books.language_tags import WELL_FORMED
from ebook_pipeline.books.reading_ease import FORMULAS
from ebook_pipeline.books.records import (
    BookFormat,
    Claims,
    Contributor,
    Extent,
    Origin,
    Product,
    Provenance,
    Readability,
)
from ebook_pipeline.books.text import count, word_count
from ebook_pipeline.foundation.findings import Finding, Severity
from ebook_pipeline.foundation.identifiers import isbn13, looks_like_isbn

"""The shape of a well-formed tag, BCP 47 §2.1, https://www.rfc-editor.org/info/bcp47"""
PRINTED_ISBN = re.compile(r"\bISBN(?:-1[03])?:?\s*((?:97[89][\s-]?)?(?:\d[\s-]?){9}[\dXx])\b")
MOST_PRINTED_ISBNS = 5
_LONGEST_QUOTED = 300
"""Characters of a stranger's words in a finding."""
NOBODY = frozenset({"unknown", "unknownauthor", "author", "unbekannt", "inconnu", "desconocido"})
"""What programs name as the author where nobody said one."""
_FILE, _TEXT = Provenance(origin=Origin.FILE), Provenance(origin=Origin.TEXT)
_COUNTED = {
    **dict.fromkeys(("toc", "extent", "accessibility", "layout", "page_progression"), _FILE),
    **dict.fromkeys(("word_count", "reading", "pages"), _TEXT),
}


@dataclass(frozen=True)
class DescriptionSources:
    """What a description is drawn from.

    `epub` is the canonical one, `text` its plain text in UTF-8, `pages` its length in print;
    `submitted` is the manuscript of format `form`, read again for what it says of itself.
    `guessed`: the EPUB has a title that nobody stated.
    """

    epub: Path
    text: Path
    claims: Claims
    submitted: Path | None = None
    form: BookFormat = BookFormat.EPUB
    pages: int = 0
    guessed: bool = False


def describe(sources: DescriptionSources) -> Product:
    """The product that `sources` state: nothing here is guessed by a model.

    Arguments and result pickle, so that hostile files are read in a sandbox. Raises BookError
    (``container.…``, ``package.…``, ``xml.…``, ``pdf.unreadable``).
    """
    package, claims = read_package(sources.epub), sources.claims
    body = sources.text.read_text(encoding="utf-8")
    pdf = sources.submitted if sources.form is BookFormat.PDF else None
    filed = statements.from_file(package, pdf, guessed=sources.guessed)
    stated = [statements.from_claims(claims, package), *filed]
    fields, provenance = statements.merge_statements(_with_text(stated, body))
    language = _primary(fields["languages"][0]) if fields.get("languages") else ""
    counted = count(body, language)
    product = Product(
        **fields,
        toc=navigation.toc(sources.epub, package),
        accessibility=package.accessibility,
        layout=package.layout,
        page_progression=package.page_progression,
        word_count=word_count(body),
        reading=Readability(minutes=counted.minutes, ease=counted.ease),
        extent=_extent(structure(sources.epub)),
        pages=sources.pages,
        provenance=provenance | _COUNTED | {"reading": _measured_by(language)},
    )
    findings = (
        *_missing(product),
        *_conflicts(claims, filed[0]),
        *_wrong(claims, product, body, package),
    )
    return bounded(product.model_copy(update={"findings": findings}))


def _with_text(stated: Sequence[Statement], body: str) -> list[Statement]:
    """And what the text says of itself, least of all where something else identifies the book."""
    identified = any(
        identifier.isbn13 for statement in stated for identifier in statement.identifiers
    )
    return [*stated, statements.from_text(body, identified=identified)]


def _measured_by(language: str) -> Provenance:
    """Which formula the reading ease is of."""
    formula = FORMULAS.get(language)
    return Provenance(origin=Origin.TEXT, model=formula.name if formula else "")


def _extent(counted: Structure) -> Extent:
    return Extent(
        characters=counted.text_chars,
        documents=counted.spine_items,
        resources=counted.manifest_items,
        images=counted.images,
        audio_video=counted.audio_video,
        fonts=counted.fonts,
        media_overlays=counted.media_overlays,
        page_list=counted.page_list_entries,
    )


def _missing(product: Product) -> Iterator[Finding]:
    """Shops refuse a book without these, or nobody finds it there."""
    if product.provenance.get("title", _TEXT).origin not in (Origin.SUBMITTER, Origin.FILE):
        taken = _quoted(product.title)
        message = f"Neither the file nor the submitter names a title; taken: {taken}."
        yield _warning("metadata.title-missing", message, _stated("title", "title"))
    if all(comparison_key(creator.name) in NOBODY for creator in product.creators):
        message = "Neither the file nor the submitter names an author."
        yield _warning("metadata.creator-missing", message, _stated("authors", "authors"))
    if not product.languages:
        message = "Neither the file nor the submitter names a language."
        yield _warning("metadata.language-missing", message, "Send the language, such as en-GB.")
    for field, said in (("description",) * 2, ("subjects",) * 2, ("publishers", "publisher")):
        if not getattr(product, field):
            message = f"The book has no {said}."
            yield _info(f"metadata.{field}-missing", message, _stated(said, said))


def _stated(what: str, sidecar: str) -> str:
    """A remedy for who uploads at the desk and for who writes sidecars."""
    return f"State the {what} in the file, or where you submit it (sidecar: `{sidecar}`)."


def _conflicts(claims: Claims, filed: Statement) -> Iterator[Finding]:
    """Where both speak and disagree, the submitter is believed; it may be the wrong file."""
    pairs = (
        ("title", [claims.title or ""], _titles(filed)),
        (
            "creator",
            [*claims.authors, *_claimed_authors(claims)],
            [name for creator in filed.creators for name in _names(creator)],
        ),
        ("publisher", [claims.publisher or ""], list(filed.publishers)),
        ("language", [_primary(claims.language or "")], [_primary(tag) for tag in filed.languages]),
        ("isbn", [isbn13(claims.isbn or "") or ""], _isbns(filed)),
    )
    whole = f"{claims.title} {claims.subtitle}" if claims.title and claims.subtitle else ""
    for field, claimed, in_file in pairs:
        said = [*claimed, whole] if field == "title" else claimed
        ours = set(map(comparison_key, said)) - {""}
        theirs = set(map(comparison_key, in_file)) - {""}
        if ours and theirs and not ours & theirs:
            difference = f"{_quoted(', '.join(claimed))} where the file says {_quoted(in_file[0])}"
            yield _warning(
                f"metadata.{field}-conflict",
                f"The submitter names the {field} {difference}.",
                "Correct the sidecar or the file; the submitter's word was taken.",
            )


def _wrong(
    claims: Claims, product: Product, body: str, package: PackageDocument
) -> Iterator[Finding]:
    stated = () if claims.language else package.languages
    for tag in dict.fromkeys([*product.languages, *stated]):
        if not WELL_FORMED.fullmatch(tag):
            message = f"{_quoted(tag)} is no language tag."
            yield _warning("metadata.language", message, "Write a BCP 47 tag, such as en-GB.")
    for role in unknown_roles(claims.contributors):
        message = f"{role!r} is no role of a contributor: shops are not told of it."
        yield _warning("metadata.contributors", message, f"Write {ROLES_WANTED}.")
    for number, place in _wrong_isbns(claims, product, body):
        shown = number[:_LONGEST_QUOTED]
        yield Finding(
            rule="metadata.isbn",
            severity=Severity.WARNING,
            message=f"{shown} is no valid ISBN: its check digit or length is wrong.",
            place=place,
            remedy="Compare it with the one that the agency gave.",
        )


def _wrong_isbns(claims: Claims, product: Product, body: str) -> Iterator[tuple[str, str]]:
    """(number, where it stands)"""
    if claims.isbn and not isbn13(claims.isbn):
        yield claims.isbn, "sidecar"
    for identifier in product.identifiers:
        claims_to_be = (
            looks_like_isbn(identifier.value) or (identifier.scheme or "").lower() == "isbn"
        )
        if claims_to_be and identifier.isbn13 is None:
            yield identifier.value, "package document"
    printed = {match[1].strip(): None for match in PRINTED_ISBN.finditer(body)}
    wrong = [number for number in printed if not isbn13(number)]
    yield from ((number, "text") for number in wrong[:MOST_PRINTED_ISBNS])


def _claimed_authors(claims: Claims) -> list[str]:
    return [
        person.name for person in claims.contributors if AUTHOR in map(relator_of, person.roles)
    ]


def _titles(filed: Statement) -> list[str]:
    whole = f"{filed.title} {filed.subtitle}" if filed.subtitle else ""
    return [title for title in (filed.title, whole) if title]


def _names(creator: Contributor) -> list[str]:
    """*Austen, Jane* is *Jane Austen*."""
    turned = " ".join(reversed((creator.file_as or creator.name).split(",", 1)))
    return [creator.name, turned, *filter(None, [creator.file_as])]


def _isbns(filed: Statement) -> list[str]:
    return [identifier.isbn13 for identifier in filed.identifiers if identifier.isbn13]


def _quoted(words: str) -> str:
    return repr(words if len(words) <= _LONGEST_QUOTED else f"{words[:_LONGEST_QUOTED]}…")


def _primary(tag: str) -> str:
    return tag.split("-")[0]


def _warning(rule: str, message: str, remedy: str) -> Finding:
    return Finding(rule=rule, severity=Severity.WARNING, message=message, remedy=remedy)


def _info(rule: str, message: str, remedy: str) -> Finding:
    return Finding(rule=rule, severity=Severity.INFO, message=message, remedy=remedy)
