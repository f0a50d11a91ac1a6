"""The catalogue as ONIX messages at the edge: a whole one now and then, between them what changed.

`public/feeds/onix/index.json` lists them in the order in which a receiver takes them: the newest
whole message, and every delta since. A message counts from the transaction that lists it and keeps
what it told of each product; who is killed before it leaves a file that nobody is led to.
"""

import hashlib
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lxml import etree
from sqlalchemy import Connection, text

from ebook_pipeline.books.records import Record
from ebook_pipeline.books.selling import onix
from ebook_pipeline.books.selling.onix.updates import ProductState, state_of, update
from ebook_pipeline.books.selling.opds import ShopUrls
from ebook_pipeline.resources.cdn import Cdn
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.selling import feed_turns, offers
from ebook_pipeline.services.selling.export import listing_of

FOLDER = "public/feeds/onix"
INDEX = f"{FOLDER}/index.json"
WHOLE_EVERY = timedelta(days=7)
"""How old the newest whole message may be: a receiver takes at most a week's deltas after it."""
_MEDIA_TYPE = "application/xml"
_SENT = text("SELECT book, digests FROM onix_sent")
_KEEP_SENT = text(
    """
    INSERT INTO onix_sent (book, digests)
    SELECT sent.book, sent.digests FROM jsonb_to_recordset(CAST(:rows AS jsonb))
        AS sent (book text, digests jsonb) JOIN book ON book.id = sent.book
    ON CONFLICT (book) DO UPDATE SET digests = excluded.digests, at = now()
    """
)
_LISTED = text(
    """
    INSERT INTO feed_message (kind, path, sha256, products, bytes)
    VALUES (:kind, :path, :sha256, :products, :bytes)
    """
)
_NEWEST_WHOLE = text("SELECT max(at) FROM feed_message WHERE kind = 'full'")
_CURRENT = text(
    """
    SELECT kind, path, sha256, products, bytes, at FROM feed_message WHERE id >= coalesce((
        SELECT max(id) FROM feed_message WHERE kind = 'full'), 0) ORDER BY id
    """
)
_OUTLIVED = text(
    """
    DELETE FROM feed_message WHERE id < (
        SELECT id FROM feed_message WHERE kind = 'full' ORDER BY id DESC OFFSET 1 LIMIT 1)
    RETURNING path
    """
)


class FeedMessage(Record):
    """A message at the edge, and how many products it tells of."""

    kind: str
    path: str
    sha256: str
    products: int
    bytes: int
    at: datetime


class OnixTurn(Record):
    """What one look at the catalogue told: of so many products, in `told` where there are any."""

    products: int
    told: FeedMessage | None = None


@dataclass(frozen=True)
class OnixFeed:
    """Tells what has changed. `shop` says where covers and pages are."""

    database: Database
    cdn: Cdn
    shop: ShopUrls
    sender: onix.OnixSender
    wait_seconds: float = 60.0

    def tell(self, now: datetime | None = None) -> OnixTurn:
        """Look at all products; the message that says what is new, if anything is."""
        now = now or datetime.now(UTC)
        with self.database.lock("onix feed"), tempfile.TemporaryDirectory() as folder:
            whole = self._is_whole_due(now)
            draft = self._write(Path(folder) / "message.xml", now, whole=whole)
            told = None
            if draft.products or whole:
                told = self._publish(draft, now)
            feed_turns.shown(self.database, "onix", draft.shown_at)
            self._point()
            return OnixTurn(products=draft.seen, told=told)

    def messages(self) -> tuple[FeedMessage, ...]:
        """The newest whole message and the deltas since, as receivers take them."""
        with self.database.begin() as connection:
            rows = connection.execute(_CURRENT).mappings()
            return tuple(FeedMessage.model_validate(dict(row)) for row in rows)

    def _is_whole_due(self, now: datetime) -> bool:
        with self.database.begin() as connection:
            last = connection.execute(_NEWEST_WHOLE).scalar_one()
        return last is None or now - last >= WHOLE_EVERY

    def _write(self, target: Path, now: datetime, *, whole: bool) -> "_Draft":
        draft = _Draft(target, "full" if whole else "delta")
        with offers.snapshot(self.database) as connection, target.open("wb") as stream:
            draft.shown_at = feed_turns.moment(connection)
            products = draft.of(self._products(connection), _sent(connection))
            onix.write_products(stream, products, self.sender, now)
        return draft

    def _products(self, connection: Connection) -> Iterator[tuple[str, etree._Element]]:
        for offer in offers.everything(connection):
            listing = listing_of(offer, self.shop)
            yield listing.reference, onix.product(listing, self.sender)

    def _publish(self, draft: "_Draft", now: datetime) -> FeedMessage:
        with draft.path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        name = f"{FOLDER}/{now:%Y%m%dT%H%M%S}-{draft.kind}-{digest[:8]}.xml"
        self.cdn.publish(name, draft.path, _MEDIA_TYPE)
        row = {
            "kind": draft.kind,
            "path": name,
            "sha256": digest,
            "products": draft.products,
            "bytes": draft.path.stat().st_size,
        }
        changed = [{"book": book, "digests": dict(one)} for book, one in draft.changed.items()]
        with self.database.begin() as connection:
            connection.execute(_LISTED, row)
            connection.execute(_KEEP_SENT, {"rows": json.dumps(changed)})
            gone = connection.execute(_OUTLIVED).scalars().all()
        for path in gone:
            self.cdn.remove(path)
        return FeedMessage(**row, at=now)

    def _point(self) -> None:
        """The list says what counts by now; written each time, so that one lost is made good."""
        document = {
            "messages": [
                {"href": self.cdn.url(one.path), **one.model_dump(mode="json", exclude={"path"})}
                for one in self.messages()
            ]
        }
        body = json.dumps(document, indent=1).encode()
        if self.cdn.recorded(INDEX) != hashlib.sha256(body).hexdigest():
            self.cdn.point(INDEX, body, "application/json")


@dataclass
class _Draft:
    """A message while it is written; `changed`: digests of what it tells, by book."""

    path: Path
    kind: str
    seen: int = 0
    products: int = 0
    shown_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    changed: dict[str, dict[str, str]] = field(default_factory=dict)

    def of(
        self, products: Iterator[tuple[str, etree._Element]], sent: dict[str, dict[str, str]]
    ) -> Iterator[etree._Element]:
        for book, product in products:
            self.seen += 1
            before = ProductState(sent[book]) if book in sent else None
            told = product if self.kind == "full" else update(product, before)
            if told is None:
                continue
            self.products += 1
            digests = dict(state_of(product).digests)
            if digests != sent.get(book):
                self.changed[book] = digests
            yield told


def _sent(connection: Connection) -> dict[str, dict[str, str]]:
    return {row.book: row.digests for row in connection.execute(_SENT)}
