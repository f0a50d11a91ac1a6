"""The edge's copy of what the catalogue says: which release of a book is live."""

from ebook_pipeline.books.distribution import pointer_path
from ebook_pipeline.books.records import canonical_json
from ebook_pipeline.resources.cdn import Cdn
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services import releases


def rewrite(database: Database, cdn: Cdn, book: str) -> None:
    """Make the pointer say what the catalogue says now; after every commit, and to repair it."""
    live = releases.live(database, book)
    if live is None:
        return
    facts = {
        "book": book,
        "state": live.state,
        "edition": live.entry.edition,
        "release": live.release,
        "files": {file.rel: file.path for file in live.distribution.files},
    }
    cdn.point(pointer_path(book), canonical_json(facts), "application/json")
