"""What can be judged of a submitter's words before there is a book: the file's own come later."""

from collections.abc import Iterable, Iterator

from ebook_pipeline.books.contributor_roles import relator_of
from ebook_pipeline.books.describing.enrich.audience import parse_audience
from ebook_pipeline.books.language_tags import language_tag
from ebook_pipeline.books.records import Claims, Contributor
from ebook_pipeline.foundation.findings import Finding, Severity
from ebook_pipeline.foundation.identifiers import isbn13

_LONGEST_TITLE = 1000
_MOST_CONTRIBUTORS = 200


ROLES_WANTED = "a MARC relator, such as trl, or a code of ONIX list 17, such as B06"
_LONGEST_ROLE = 80


def unknown_roles(contributors: Iterable[Contributor]) -> tuple[str, ...]:
    """What is in no list of roles, once each, shortened to be shown."""
    named = dict.fromkeys(role for person in contributors for role in person.roles)
    return tuple(role[:_LONGEST_ROLE] for role in named if relator_of(role) is None)


def wrong_claims(claims: Claims) -> tuple[Finding, ...]:
    """Every field that can't be what it says, `place` names it."""
    return tuple(_wrong(claims))


def _wrong(claims: Claims) -> Iterator[Finding]:
    yield from _wrong_titles(claims)
    yield from _wrong_contributors(claims.contributors)
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


def _wrong_titles(claims: Claims) -> Iterator[Finding]:
    for field in ("title", "subtitle"):
        text: str | None = getattr(claims, field)
        if text is not None and not text.strip():
            yield _finding(field, f"The {field} is empty.", "Write it, or leave it out.")
        if text is not None and len(text) > _LONGEST_TITLE:
            message = f"The {field} has more than {_LONGEST_TITLE} characters."
            yield _finding(field, message, "Shorten it.")


def _wrong_contributors(contributors: tuple[Contributor, ...]) -> Iterator[Finding]:
    if len(contributors) > _MOST_CONTRIBUTORS:
        message = f"More than {_MOST_CONTRIBUTORS} people are named."
        yield _finding("contributors", message, "Name those whom shops are to name.")
        return
    if any(not person.name.strip() for person in contributors):
        yield _finding("contributors", "A name is empty.", "Write each contributor's name.")
    if any(not person.roles for person in contributors):
        message = "It is not said what somebody did."
        yield _finding("contributors", message, f"Write each one's roles: {ROLES_WANTED}.")
    for role in unknown_roles(contributors):
        yield _finding("contributors", f"{role!r} is no role.", f"Write {ROLES_WANTED}.")


def _finding(field: str, message: str, remedy: str) -> Finding:
    return Finding(
        rule=f"metadata.{field}",
        severity=Severity.ERROR,
        message=message,
        place=field,
        remedy=remedy,
    )
