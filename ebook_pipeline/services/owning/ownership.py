"""What a submission may touch: books, ISBNs and imprints of its own account, and no other's."""

from collections.abc import Collection, Iterable, Iterator

from sqlalchemy import Connection, Row, text

from ebook_pipeline.books.owning import landing_keys
from ebook_pipeline.books.records import Claims
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.foundation.identifiers import is_book_id, isbn13
from ebook_pipeline.services.owning import accounts, imprints

_CLAIM = "Take it out of the sidecar, or have the book given to your account."
_ISBN = "Give the book an ISBN of its own, or have the other book given to your account."
_IMPRINT = "Name an imprint of your own, or have the imprint given to your account."
# Whoever is on sale with an ISBN has it, else who was described with it first.
_HOLDER = text(
    """
    SELECT book.account, book.id AS book, isbn FROM description JOIN book ON book.id = book,
        unnest(isbns) AS isbn
    WHERE isbns && CAST(:isbns AS text[]) AND isbn = ANY(:isbns) AND book.id <> :book
    ORDER BY EXISTS (SELECT FROM catalog WHERE catalog.book = book.id) DESC, description.id LIMIT 1
    """
)


class SubmissionRefused(BookError):
    """A submission that touches what is another account's: nothing of it is taken."""


def require_own_claims(connection: Connection, account: str, key: str, claims: Claims) -> None:
    """Raise `SubmissionRefused` where a sidecar names what belongs to another account."""
    if claims.book is not None and is_book_id(claims.book):
        require_own_book(connection, account, key, claims.book)
    for finding in others_property(
        connection, account, "", filter(None, [isbn13(claims.isbn or "")]), [claims.publisher or ""]
    ):
        raise SubmissionRefused.of(finding.model_copy(update={"place": key}))


def require_own_book(connection: Connection, account: str, key: str, book: str) -> None:
    """Raise `SubmissionRefused` where there is such a book and it is another account's."""
    owner = accounts.owner(connection, book)
    if owner is not None and owner != account:
        message = f"The book {book} is another account's."
        finding = landing_keys.refusal("submission.not-its-book", key, message, _CLAIM)
        raise SubmissionRefused.of(finding)


def require_own_folder(account: str, key: str, known: Collection[str]) -> None:
    """Raise `SubmissionRefused` where the landing key is in another account's folder."""
    if account not in known or not landing_keys.may_submit(account, key, known):
        message = f"This is no place of the account {account}."
        remedy = "Put it into the account's own folder."
        finding = landing_keys.refusal("submission.not-its-folder", key, message, remedy)
        raise SubmissionRefused.of(finding)


def was_purged(place: str) -> Finding:
    """Why what is left of a purged book is not taken."""
    message = "This is of a book that was purged."
    remedy = "Take it away. `ebooks purge --list` says why the book went."
    return landing_keys.refusal("submission.purged", place, message, remedy)


def others_property(
    connection: Connection,
    account: str,
    book: str,
    isbns: Iterable[str],
    publishers: Iterable[str],
) -> Iterator[Finding]:
    """What a book of `account` says of itself and another account owns: ISBNs, then imprints."""
    holder = _holder(connection, book, list(isbns))
    if holder is not None and holder.account != account:
        message = f"The ISBN {holder.isbn} is that of another account's book."
        yield landing_keys.refusal("submission.not-its-isbn", "", message, _ISBN)
    for name in publishers:
        imprint = imprints.claimed(connection, name)
        if imprint is not None and imprint.account != account:
            message = f"{imprint.name} is another account's imprint."
            yield landing_keys.refusal("submission.not-its-imprint", "", message, _IMPRINT)


def _holder(
    connection: Connection, book: str, isbns: list[str]
) -> "Row[tuple[str, str, str]] | None":
    if not isbns:
        return None
    return connection.execute(_HOLDER, {"isbns": isbns, "book": book}).first()
