"""Feeds at the edge: what changed is told once, what is gone is taken away, none is stale."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import onixcheck
import pytest
from lxml import etree

from ebook_pipeline.books.selling import onix
from ebook_pipeline.books.selling.opds import ShopUrls
from ebook_pipeline.books.selling.sales_terms import PriceRule
from ebook_pipeline.foundation.errors import Unavailable
from ebook_pipeline.resources.cdn import LocalEdge
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.edge.origin import OriginFolder
from ebook_pipeline.resources.object_store import LocalObjectStore
from ebook_pipeline.services.releasing import releases
from ebook_pipeline.services.selling import feed_turns, onix_feed, opds_feed, prices
from ebook_pipeline.services.selling.onix_feed import OnixFeed
from ebook_pipeline.services.selling.opds_feed import OpdsFeed
from tests.support.opds_schema import faults
from tests.support.services.sales import sell, several

NS = {"o": "http://ns.editeur.org/onix/3.0/reference"}
SENDER = onix.OnixSender("The River Press", "trade@example.com")


class _LosingEdge(LocalEdge):
    """Takes nothing while `lost`."""

    lost = False

    def publish(self, path: str, source: Path, media_type: str) -> None:
        if self.lost:
            raise Unavailable("the edge is away")
        super().publish(path, source, media_type)


@pytest.fixture
def edge(tmp_path: Path) -> Iterator[_LosingEdge]:
    edge = _LosingEdge(tmp_path / "released", tmp_path / "secret", "http://127.0.0.1:9")
    yield edge
    edge.close()


def _shop(edge: LocalEdge) -> ShopUrls:
    return ShopUrls(edge.url(opds_feed.FOLDER), "https://shop.example", edge.url)


def _body(edge: LocalEdge, path: str) -> bytes:
    assert isinstance(edge._origin, OriginFolder)
    entry = edge._origin.entry(path)
    if entry.body is not None:
        return base64.b64decode(entry.body)
    return edge._origin.file(path, entry.sha256).read_bytes()


def _told(edge: LocalEdge, tmp_path: Path, path: str) -> dict[str, str]:
    """Notification type by book, of a message that the schemas hold for valid."""
    file = tmp_path / "message.xml"
    file.write_bytes(_body(edge, path))
    assert onixcheck.validate(str(file), schemas=("xsd", "rng")) == []
    found = etree.parse(file).getroot().findall("o:Product", NS)
    return {
        str(one.findtext("o:RecordReference", namespaces=NS)): str(
            one.findtext("o:NotificationType", namespaces=NS)
        )
        for one in found
    }


def test_onix_tells_what_changed_since_once_and_lists_it(
    database: Database, edge: _LosingEdge, tmp_path: Path
) -> None:
    several(database, 3)
    feed = OnixFeed(database, edge, _shop(edge), SENDER)
    assert [one.waits_since is not None for one in feed_turns.standings(database)] == [True, True]
    first = feed.tell().told
    assert first is not None
    assert (first.kind, first.products) == ("full", 3)
    assert feed.tell().told is None
    prices.set_price(
        database,
        "book-1",
        PriceRule(territory="WORLD", currency="EUR", amount="9.90", valid_from=date(2026, 1, 1)),
        actor="ann",
    )
    sell(database, "new")
    edge.lost = True
    with pytest.raises(Unavailable):
        feed.tell()
    assert len(feed.messages()) == 1
    edge.lost = False
    second = feed.tell().told
    assert second is not None
    assert _told(edge, tmp_path, second.path) == {"book-1": "04", "new": "03"}
    releases.withdraw(database, "book-2", actor="ann")
    third = feed.tell().told
    assert third is not None
    assert _told(edge, tmp_path, third.path) == {"book-2": "04"}
    listed = json.loads(_body(edge, onix_feed.INDEX))["messages"]
    assert [one["href"] for one in listed] == [edge.url(one.path) for one in (first, second, third)]
    assert feed_turns.standings(database)[0].waits_since is None
    for weeks in (1, 2):
        feed.tell(datetime.now(UTC) + timedelta(days=8 * weeks))
    assert [one.kind for one in feed.messages()] == ["full"]
    assert not edge.exists(first.path)


def test_opds_writes_what_changed_and_takes_away_what_is_gone(
    database: Database, edge: _LosingEdge, tmp_path: Path
) -> None:
    several(database, 3)
    store = LocalObjectStore(tmp_path / "objects")
    feed = OpdsFeed(database, edge, store, _shop(edge))
    first = feed.show()
    assert (first.books, first.written, first.removed) == (3, first.documents, 0)
    assert feed.show().written == 0
    documents = [json.loads(_body(edge, f"{opds_feed.FOLDER}/{path}")) for path in _paths(store)]
    assert [faults(one) for one in documents] == [[]] * len(documents)
    releases.withdraw(database, "book-2", actor="ann")
    after = feed.show()
    assert after.removed > 0
    assert not edge.exists(f"{opds_feed.FOLDER}/books/book-2.json")
    assert after.books == 2


def test_a_feed_that_stands_still_is_stale_after_a_while(database: Database) -> None:
    sell(database, "emma")
    now = datetime.now(UTC)
    assert not any(one.is_stale(now) for one in feed_turns.standings(database))
    assert all(one.is_stale(now + feed_turns.STALE) for one in feed_turns.standings(database))
    feed_turns.shown(database, "onix", datetime.now(UTC))
    stale = [one.feed for one in feed_turns.standings(database) if one.is_stale(now + timedelta(1))]
    assert stale == ["opds"]


def _paths(store: LocalObjectStore) -> list[str]:
    return list(json.loads(store.read(opds_feed.LIST)))
