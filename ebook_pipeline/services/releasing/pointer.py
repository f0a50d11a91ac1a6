"""The edge's copy of what the catalogue says: which release of a book is live."""

from ebook_pipeline.books.records import canonical_json
from ebook_pipeline.books.releasing.distribution import open_to_all, pointer_path
from ebook_pipeline.foundation.events import Event
from ebook_pipeline.resources.cdn import Cdn
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.releasing import releases
from ebook_pipeline.services.releasing.preview_links import PreviewLinks


def rewrite(database: Database, cdn: Cdn, book: str) -> None:
    """Make the pointer say what the catalogue says now; after every commit, and to repair it.

    One at a time for a book: who asked the catalogue first must not write last.
    """
    with database.lock(f"pointer {book}"):
        _rewrite(database, cdn, book)


class PointerWriter:
    """The edge's copies, brought up to date by every event of a release."""

    name = "pointers"

    def __init__(self, database: Database, cdn: Cdn) -> None:
        self._database, self._cdn = database, cdn

    def deliver(self, event: Event) -> None:
        """Rewrite the pointer of a book whose release changed; may raise the CDN's errors."""
        if event.type.startswith("release."):
            rewrite(self._database, self._cdn, event.book)


def pointer_body(live: releases.BookRelease) -> bytes:
    """What the pointer of a book must say: the same bytes for the same facts."""
    facts = {
        "book": live.book,
        "state": live.state,
        "edition": live.entry.edition,
        "release": live.release,
        "files": {file.rel: file.path for file in live.distribution.files},
    }
    return canonical_json(facts)


def _rewrite(database: Database, cdn: Cdn, book: str) -> None:
    live = releases.current(database, book)
    if live is not None:
        cdn.point(pointer_path(book), pointer_body(live), "application/json")
    if live is not None and live.state != "live":
        PreviewLinks(database, cdn).sweep(book)
    if live is not None and live.taken_down:
        _take_down(database, cdn, book)


def _take_down(database: Database, cdn: Cdn, book: str) -> None:
    """Nothing of any release that is open to all stays at the edge; again, it changes nothing."""
    for distribution in releases.distributions(database, book):
        for file in open_to_all(distribution):
            cdn.remove(file.path)
