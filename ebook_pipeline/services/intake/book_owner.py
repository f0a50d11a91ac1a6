"""Whose book a file says that it is, inside: checked once the file can be read."""

from ebook_pipeline.books.records import Edition, Product
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.intake import refusals
from ebook_pipeline.services.owning import accounts, imprints, ownership, tombstones
from ebook_pipeline.services.owning.ownership import SubmissionRefused

_PIPELINE = "pipeline"


class BookOwner:
    """The account that an edition's book belongs to, for what its file may say."""

    def __init__(self, database: Database, edition: Edition) -> None:
        self._database, self._edition = database, edition

    @property
    def imprint(self) -> str:
        """The name under which it publishes the book: its policies are this one's."""
        return imprints.imprint_of(self._database, self._edition.book) or ""

    def require_not_purged(self) -> None:
        """Raise `SubmissionRefused` where these very bytes were a purged book's."""
        with self._database.begin() as connection:
            if tombstones.is_purged(connection, content=self._edition.blob.sha256):
                raise SubmissionRefused.of(ownership.was_purged(self._edition.source))

    def require_own(self, product: Product) -> None:
        """Raise `SubmissionRefused`, and tell the team, where an ISBN is another account's book's.

        The sidecar was asked when it came; this is for what stands in the file itself.
        """
        book = self._edition.book
        isbns = [identifier.isbn13 for identifier in product.identifiers if identifier.isbn13]
        with self._database.begin() as connection:
            account = accounts.owner(connection, book) or ""
            found = list(ownership.others_property(connection, account, book, isbns, ()))
        for finding in found:
            placed = finding.model_copy(update={"place": self._edition.source})
            version = f"{self._edition.blob.sha256} {finding.message}"
            refusals.refuse(self._database, [(book, version, placed)], actor=_PIPELINE)
            raise SubmissionRefused.of(placed)
