"""The catalogue as OPDS 2.0 documents at the edge: those that changed are written, others stay.

What lies there is known from a list in the object store, by path and digest, which is written
last: who is killed before it writes the same documents again.
"""

import hashlib
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ebook_pipeline.books.records import Record
from ebook_pipeline.books.selling.opds import ShopUrls
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.cdn import Cdn
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.object_store import ObjectStore
from ebook_pipeline.services.selling import feed_turns, offers
from ebook_pipeline.services.selling.export import ROOT, opds_tree

FOLDER = "public/feeds/opds"
LIST = "feeds/opds.json"
_MEDIA_TYPE = "application/opds+json"


class OpdsTurn(Record):
    """Books on sale, and how many documents were written, removed, and are there."""

    books: int
    written: int
    removed: int
    documents: int


@dataclass(frozen=True)
class OpdsFeed:
    """Keeps the documents current. The shop's `feeds` is the address of `FOLDER` at the edge."""

    database: Database
    cdn: Cdn
    store: ObjectStore
    shop: ShopUrls

    def show(self) -> OpdsTurn:
        """Write what changed, and then take away what is no more: no document leads nowhere."""
        with self.database.lock("opds feed"), tempfile.TemporaryDirectory() as folder:
            with offers.snapshot(self.database) as connection:
                at = feed_turns.moment(connection)
            tree = Path(folder) / "tree"
            made = opds_tree(self.database, self.shop, tree)
            before, now = self._known(), _digests(tree)
            fresh = [path for path, digest in now.items() if before.get(path) != digest]
            for path in sorted(fresh, key=_order):
                body = (tree / path).read_bytes()
                self.cdn.point(f"{FOLDER}/{path}", body, _MEDIA_TYPE, at_once=False)
            gone = sorted(set(before) - set(now))
            for path in gone:
                self.cdn.remove(f"{FOLDER}/{path}")
            self.store.write(LIST, json.dumps(now).encode())
            feed_turns.shown(self.database, "opds", at)
        return OpdsTurn(books=made.books, written=len(fresh), removed=len(gone), documents=len(now))

    def _known(self) -> Mapping[str, str]:
        try:
            known: dict[str, str] = json.loads(self.store.read(LIST))
        except NotFound:
            return {}
        return known


def _digests(tree: Path) -> dict[str, str]:
    """SHA-256 of each document by path; the first page's time is no change."""
    found = {}
    for path in tree.rglob("*.json"):
        document = json.loads(path.read_bytes())
        document.get("metadata", {}).pop("modified", None) if path == tree / ROOT else None
        body = json.dumps(document, sort_keys=True).encode()
        found[path.relative_to(tree).as_posix()] = hashlib.sha256(body).hexdigest()
    return found


def _order(path: str) -> tuple[bool, bool, str]:
    """Books before the lists that lead to them, the first page last."""
    return path == ROOT, not path.startswith("books/"), path
