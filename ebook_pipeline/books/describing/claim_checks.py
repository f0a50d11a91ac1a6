"""What can be judged of a submitter's words before there is a book: the file's own come later."""

from collections.abc import Iterator

from ebook_pipeline.books.describing.enrich.audience import parse_audience
from ebook_pipeline.books.language_tags import language_tag
from ebook_pipeline.books.records import Claims
from ebook_pipeline.foundation.findings import Finding, Severity
from ebook_pipeline.foundation.identifiers import isbn13

_LONGEST_TITLE = 1000


def wrong_claims(claims: Claims) -> tuple[Finding, ...]:
    """Every field that can't be what it says, `place` names it."""
    return tuple(_wrong(claims))


def _wrong(claims: Claims) -> Iterator[Finding]:
    if claims.title is not None and not claims.title.strip():
        yield _finding("title", "The title is empty.", "Write it, or leave it out.")
    if any(not name.strip() for name in claims.authors):
        yield _finding("authors", "A name is empty.", "Write each author's name.")
    if claims.isbn is not None and isbn13(claims.isbn) is None:
        message = "This is no valid ISBN: its check digit or length is wrong."
        yield _finding("isbn", message, "Compare it with the one that the agency gave.")
    if claims.language is not None and not language_tag(claims.language):
        yield _finding("language", "This is no language.", "Write a BCP 47 tag, such as en-GB.")
    if claims.audience is not None and parse_audience(claims.audience) is None:
        remedy = "Write children, young adults, general, or ages such as 8-12."
        yield _finding("audience", "This is no audience.", remedy)
    if claims.title is not None and len(claims.title) > _LONGEST_TITLE:
        message = f"The title has more than {_LONGEST_TITLE} characters."
        yield _finding("title", message, "Shorten it.")


def _finding(field: str, message: str, remedy: str) -> Finding:
    return Finding(
        rule=f"metadata.{field}",
        severity=Severity.ERROR,
        message=message,
        place=field,
        remedy=remedy,
    )
