"""The door for those who read an EPUB that nobody has validated."""

from pathlib import Path

from ebook_pipeline.books.formats.epub import ocf
from ebook_pipeline.foundation.errors import BookError


def refuse_unsafe(path: Path) -> None:
    """Raise the BookError that says why the container at `path` is not to be opened, if so."""
    container = ocf.inspect(path)
    if not container.may_be_opened:
        worst = max(container.findings, key=lambda one: one.severity.rank)
        raise BookError(worst.rule, worst.message, place=worst.place, remedy=worst.remedy)
