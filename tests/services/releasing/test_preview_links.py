"""Preview links through a real edge: they lead to the excerpt until they expire or are revoked."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from ebook_pipeline.books.records import BlobRef, CatalogEntry, Distribution, Product, ReleaseFile
from ebook_pipeline.books.releasing import short_links
from ebook_pipeline.foundation.errors import Damaged, Denied, NotFound
from ebook_pipeline.resources.cdn import LocalEdge
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.edge.origin import OriginFolder, signer
from ebook_pipeline.resources.edge.server import application
from ebook_pipeline.services.releasing import pointer, releases
from ebook_pipeline.services.releasing.preview_links import PreviewLinks
from tests.support.servers.postgres import rows
from tests.support.services.sales import sell
from tests.support.services.submissions import arrive

EDGE = "http://edge.example"
PAGE = b"<!DOCTYPE html><p>Once upon a time"
WEEK = timedelta(days=7)


@pytest.fixture
def cdn(tmp_path: Path) -> LocalEdge:
    return LocalEdge(tmp_path / "released", tmp_path / "secret", EDGE)


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[TestClient]:
    """Somebody who follows links."""
    app = application(OriginFolder(tmp_path / "released"), signer(tmp_path / "secret"))
    with TestClient(app, base_url=EDGE) as client:
        yield client


@pytest.fixture
def previews(database: Database, cdn: LocalEdge, tmp_path: Path) -> PreviewLinks:
    """Links of a shop that sells a book with a page as its excerpt."""
    (tmp_path / "page.html").write_bytes(PAGE)
    cdn.publish("previews/emma/page.html", tmp_path / "page.html", "text/html")
    arrive(database, "emma", key="emma.epub")
    entry = CatalogEntry(book="emma", edition=1, release="emma-1", title="Emma")
    blob = BlobRef(sha256="a" * 64, length=len(PAGE), media_type="text/html")
    file = ReleaseFile(rel="preview-page", path="previews/emma/page.html", blob=blob)
    distribution = Distribution(release="emma-1", files=(file,))
    product = Product(title="Emma")
    releases.go_live(database, entry, product, distribution=distribution, actor="pipeline")
    return PreviewLinks(database, cdn, f"{EDGE}/p")


def test_a_link_leads_to_the_excerpt(previews: PreviewLinks, reader: TestClient) -> None:
    link = previews.mint("emma", WEEK, actor="ann")
    first = reader.get(link.url, follow_redirects=False)
    assert (first.status_code, first.headers["cache-control"]) == (302, "no-store")
    assert "Expires=" in first.headers["location"]
    answer = reader.get(link.url)
    assert answer.content == PAGE
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert link.works
    assert previews.of_book("emma") == (link,)


def test_the_excerpt_itself_can_not_be_had_without_a_link(
    previews: PreviewLinks, reader: TestClient
) -> None:
    assert reader.get("/previews/emma/page.html").status_code == 403


def test_codes_are_different_long_and_not_in_the_audit(
    previews: PreviewLinks, database: Database
) -> None:
    codes = {previews.mint("emma", WEEK, actor="ann").code for _ in range(5)}
    assert (len(codes), {len(one) for one in codes}) == (5, {16})
    told = str(rows(database, "SELECT * FROM audit") + rows(database, "SELECT * FROM outbox"))
    assert not [one for one in codes if one in told]


def test_a_revoked_link_leads_nowhere(previews: PreviewLinks, reader: TestClient) -> None:
    kept, revoked = (previews.mint("emma", WEEK, actor="ann") for _ in range(2))
    assert not previews.revoke(revoked.code, actor="ann").works
    assert reader.get(revoked.url).status_code == 404
    assert reader.get(f"/public/p/{revoked.code}").status_code == 404
    assert reader.get(kept.url).content == PAGE
    with pytest.raises(NotFound):
        previews.revoke("another-code", actor="ann")


def test_expired_links_and_those_of_withdrawn_books_are_swept_away(
    previews: PreviewLinks, database: Database, cdn: LocalEdge, reader: TestClient
) -> None:
    old, other = (previews.mint("emma", WEEK, actor="ann") for _ in range(2))
    rows(
        database,
        "UPDATE preview_link SET expires_at = now() WHERE code = :code RETURNING 1",
        code=old.code,
    )
    assert (previews.sweep(), previews.sweep()) == (1, 0)
    assert [reader.get(one.url).status_code for one in (old, other)] == [404, 200]
    releases.withdraw(database, "emma", actor="ann")
    pointer.rewrite(database, cdn, "emma")
    assert reader.get(other.url).status_code == 404
    with pytest.raises(Denied):
        previews.mint("emma", WEEK, actor="ann")


def test_a_release_without_a_page_shows_its_excerpt_as_an_epub(
    previews: PreviewLinks, database: Database, reader: TestClient
) -> None:
    sell(database, "older")
    link = previews.mint("older", WEEK, actor="ann")
    answer = reader.get(link.url, follow_redirects=False)
    assert answer.headers["location"] == f"{EDGE}/public/older/preview"


@pytest.mark.parametrize("code", ["nothing-here", "..", "%2e%2e%2fbooks", "a b", "x" * 2000])
def test_other_codes_lead_nowhere(previews: PreviewLinks, reader: TestClient, code: str) -> None:
    assert reader.get(f"/p/{code}").status_code in {403, 404}


def test_a_page_leads_where_it_was_told_whatever_the_address_holds() -> None:
    address = 'https://edge.example/a?x=1&y="><script>'
    assert short_links.target(short_links.page(address)) == address
    assert b"<script>" not in short_links.page(address)
    with pytest.raises(Damaged):
        short_links.target(b"<p>another page")
