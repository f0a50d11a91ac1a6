"""A real edge over HTTP behind a proxy that can lie, and books on sale there."""

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn

from ebook_pipeline.books.records import BlobRef, CatalogEntry, Distribution, Product, ReleaseFile
from ebook_pipeline.resources.cdn import Cdn, LocalEdge
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.edge.connections import ConnectionLimits
from ebook_pipeline.resources.edge.origin import OriginFolder, signer
from ebook_pipeline.resources.edge.server import application, server
from ebook_pipeline.resources.object_store import LocalObjectStore, ObjectStore
from ebook_pipeline.services.releasing import pointer, releases
from tests.support.servers.faulty_proxy import Proxy
from tests.support.services.submissions import arrive

EPUB = "application/epub+zip"


@contextmanager
def edge_before(origin: Path, secret: Path) -> Iterator[str]:
    """The edge of the folder `origin`, in a thread; its URL."""
    with edge_server(origin, secret, ConnectionLimits()) as server:
        yield f"http://127.0.0.1:{port_of(server)}"


@contextmanager
def edge_server(origin: Path, secret: Path, limits: ConnectionLimits) -> Iterator[uvicorn.Server]:
    """The edge, in a thread, with limits of its own."""
    edge = server(application(OriginFolder(origin), signer(secret)), limits)
    edge.config.port = 0
    thread = threading.Thread(target=edge.run)
    thread.start()
    while not edge.started:
        time.sleep(0.01)
    yield edge
    edge.should_exit = True
    thread.join()


def port_of(edge: uvicorn.Server) -> int:
    port: int = edge.servers[0].sockets[0].getsockname()[1]
    return port


@dataclass
class Shop:
    """Where books are sold in a test."""

    database: Database
    cdn: Cdn
    store: ObjectStore
    origin: Path

    def sell(self, book: str = "emma", *, edition: int = 1, mark: str = "") -> Distribution:
        """Publish and list an edition whose bytes follow from its names."""
        arrive(self.database, f"{book} {edition} {mark}", key=f"{book}.epub")
        epub = self._file(book, "publication", f"books/{book}", f"{book} {edition} {mark}" * 900)
        cover = self._file(book, "cover", f"public/books/{book}", f"cover {edition}")
        name = f"{book}-{edition}{mark and '-'}{mark}"
        distribution = Distribution(release=name, files=(epub, cover))
        product = Product(title=book.title())
        entry = CatalogEntry(
            book=book, edition=edition, release=name, title=product.title, authors=("A",)
        )
        releases.go_live(self.database, entry, product, distribution=distribution, actor="ann")
        pointer.rewrite(self.database, self.cdn, book)
        return distribution

    def place(self, distribution: Distribution, rel: str = "publication") -> Path:
        """Where the bytes of a file lie at the origin."""
        [file] = [one for one in distribution.files if one.rel == rel]
        return OriginFolder(self.origin).file(file.path, file.blob.sha256)

    def _file(self, book: str, rel: str, folder: str, body: str) -> ReleaseFile:
        kind = EPUB if rel == "publication" else "image/jpeg"
        blob: BlobRef = self.store.put(body.encode(), kind)
        path = f"{folder}/{blob.sha256}.bin"
        source = self.store.fetch(blob, self.origin.parent / "sources" / blob.sha256)
        self.cdn.publish(path, source, kind)
        return ReleaseFile(rel=rel, path=path, blob=blob)


@dataclass
class ProxiedShop(Shop):
    """`wire` is the proxy between the edge and its readers."""

    wire: Proxy


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("edge")


@pytest.fixture(scope="module")
def edge_url(home: Path) -> Iterator[str]:
    with edge_before(home / "released", home / "secret") as url:
        yield url


@pytest.fixture(scope="module")
def wire(edge_url: str) -> Iterator[Proxy]:
    with Proxy(edge_url).running() as wire:
        yield wire


@pytest.fixture
def shop(database: Database, home: Path, wire: Proxy, tmp_path: Path) -> Iterator[ProxiedShop]:
    cdn = LocalEdge(home / "released", home / "secret", wire.url)
    yield ProxiedShop(database, cdn, LocalObjectStore(tmp_path / "store"), home / "released", wire)
    wire.plan = lambda _: None
    cdn.close()
    shutil.rmtree(home / "released", ignore_errors=True)
