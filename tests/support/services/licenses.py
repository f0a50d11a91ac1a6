"""A shop that issues licences of one book, and an edge that says how they stand."""

import base64
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ebook_pipeline.books.protecting.lcp.license import (
    LicenseRights,
    issuer_for_tests,
    passphrase_hash,
)
from ebook_pipeline.books.records import (
    CatalogEntry,
    Distribution,
    Product,
    Protection,
    ReleaseFile,
)
from ebook_pipeline.resources.cdn import LocalEdge
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.key_vault import LocalKeyVault
from ebook_pipeline.services.protecting.license_records import (
    License,
    LicenseProvider,
    LicenseRequest,
)
from ebook_pipeline.services.protecting.licenses import Licenses
from ebook_pipeline.services.releasing import releases
from tests.support.servers.postgres import sealed_by
from tests.support.services.submissions import arrive, blob

ISSUER = issuer_for_tests("https://example.org")
PASSPHRASE = "correct horse, battery staple"
HASHED = passphrase_hash(PASSPHRASE)
START = datetime.now(UTC).replace(microsecond=0)
SOON, LATER = START + timedelta(days=21), START + timedelta(days=42)


class Clock:
    """Goes on only when it is told to."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[LocalEdge]:
    """An edge whose pointers are delivered over HTTP."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = pointer(edge, self.path.lstrip("/"))
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        address = f"http://127.0.0.1:{server.server_address[1]}"
        edge = LocalEdge(tmp_path / "released", tmp_path / "edge.secret", address)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield edge
        server.shutdown()
        thread.join()
        edge.close()


def pointer(edge: LocalEdge, path: str) -> bytes:
    """What the edge has at `path`."""
    return base64.b64decode(edge._origin.entry(path).body or "")


@pytest.fixture
def vault(tmp_path: Path) -> LocalKeyVault:
    return LocalKeyVault(tmp_path / "vault")


@pytest.fixture(name="database")
def sealed_database(database: Database, vault: LocalKeyVault) -> Iterator[Database]:
    with sealed_by(database, vault) as ours:
        yield ours


@pytest.fixture
def shop(database: Database, vault: LocalKeyVault, served: LocalEdge, clock: Clock) -> Licenses:
    arrive(database)
    on_sale(database)
    return Licenses(
        database, vault, served, LicenseProvider(ISSUER, "https://example.org/hint"), clock
    )


def on_sale(database: Database, protection: Protection = Protection.LCP) -> None:
    entry = CatalogEntry(book="emma", edition=1, release=f"r-{protection}", title="Emma")
    file = ReleaseFile(rel="publication", path="books/emma/r1.epub", blob=blob("r1"))
    distribution = Distribution(release=entry.release, files=(file,), protection=protection)
    releases.go_live(
        database, entry, Product(title="Emma"), distribution=distribution, actor="pipeline"
    )


def issued(shop: Licenses, **wish: Any) -> License:
    wished = {"rights": LicenseRights(pages=10, end=SOON), "may_end": LATER} | wish
    return shop.issue(LicenseRequest(book="emma", reader="r-17", **wished), HASHED, actor="ann")
