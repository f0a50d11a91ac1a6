"""Manuscripts as received, byte for byte. What they are is judged here; whether good, later."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ebook_pipeline.assets.ui_metadata import findings_table, size
from ebook_pipeline.books.formats import media_types
from ebook_pipeline.books.records import BookFormat, Edition, Submission
from ebook_pipeline.execution import stage
from ebook_pipeline.execution.files import Files
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding, Severity
from ebook_pipeline.services.intake.book_owner import BookOwner
from ebook_pipeline.services.intake.submissions import SameBytes
from ebook_pipeline.tools import sandbox


def is_kept_byte_for_byte(raw_file: Submission, edition: Edition, files: Files) -> bool:
    """What is kept has the SHA-256 and the length of what was submitted."""
    with files.path(raw_file.blob).open("rb") as manuscript:
        digest = hashlib.file_digest(manuscript, "sha256").hexdigest()
        length = manuscript.tell()
    return (digest, length) == (edition.blob.sha256, edition.blob.length)


def show_submission(raw_file: Submission) -> dict[str, Any]:
    return {
        "source": raw_file.source,
        "format": raw_file.format.value,
        "bytes": size(raw_file.blob),
        "sha256": raw_file.blob.sha256,
        "findings": findings_table(raw_file.findings),
    }


@stage(
    group="ingest",
    version="3",
    kinds=frozenset({"file"}),
    owners=("team:ingestion",),
    proofs=(is_kept_byte_for_byte,),
    show=show_submission,
)
def raw_file(edition: Edition, files: Files, twins: SameBytes, owner: BookOwner) -> Submission:
    """The manuscript as received, kept byte for byte.

    Its format is judged by its content, never by its name. A purged book's bytes are refused. Whom
    to tell of the book is the database's to know: a record holds no contact.
    """
    owner.require_not_purged()
    format_ = _format(files.path(edition.blob))
    return Submission(
        blob=edition.blob.model_copy(update={"media_type": media_types.media_type(format_)}),
        format=format_,
        source=edition.source,
        claims=edition.claims.model_copy(update={"contact": None}),
        findings=(*edition.claims.defects, *_twin_findings(twins)),
    )


def _format(manuscript: Path) -> BookFormat:
    """What the file is; why it is nothing at all, `validated_book` says."""
    try:
        return sandbox.call(media_types.sniff, manuscript)
    except BookError:
        return BookFormat.UNKNOWN


def _twin_findings(twins: SameBytes) -> Iterator[Finding]:
    if twins.books:
        yield Finding(
            rule="submission.same-bytes",
            severity=Severity.WARNING,
            message=f"The same file was submitted as {', '.join(twins.books)}",
            remedy="Withdraw one of them, unless both are meant to be sold.",
        )
    if twins.ended:
        names = ", ".join(twins.ended)
        yield Finding(
            rule="submission.sent-before",
            severity=Severity.INFO,
            message=f"The same file was submitted as {names}, and rejected or withdrawn.",
            remedy="Look there why, and whether that holds for this book too.",
        )
