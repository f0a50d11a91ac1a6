"""Books on sale, for tests of what lists them."""

from datetime import date

from ebook_pipeline.books.records import (
    BlobRef,
    CatalogEntry,
    Contributor,
    Distribution,
    Embedding,
    Price,
    Product,
    RelatedBook,
    ReleaseFile,
)
from ebook_pipeline.books.selling.opds import ShopUrls
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.releasing import releases
from tests.support.servers.postgres import rows
from tests.support.services.submissions import arrive

SHOP = ShopUrls(
    "https://shop.example/opds/", "https://shop.example", "https://edge.example/{}".format
)


def sell(
    database: Database,
    book: str,
    *,
    title: str = "",
    language: str = "en",
    publisher: str = "Müller & Söhne",
    day: int = 28,
    meaning: tuple[float, ...] = (),
    same_as: str = "",
) -> None:
    """Put a book on sale, since that day of a month; the same work as `same_as`, where set."""
    arrive(database, book, key=f"{book}.epub")
    product = Product(
        title=title or book,
        creators=(Contributor(name="Élise Łuc", roles=("aut",)),),
        languages=(language,),
        publishers=(publisher,),
        price=Price(amount="4.50", currency="EUR"),
        published="2026-01-02",
        meaning=Embedding.of("fake", meaning) if meaning else None,
        kin=(RelatedBook(book=same_as, relation="same-work", likeness=1),) if same_as else (),
    )
    entry = CatalogEntry(
        book=book,
        edition=1,
        release=f"{book}-1",
        title=product.title,
        authors=("Élise Łuc",),
        published=date(2026, 11, day),
    )
    files = (
        _file(book, "publication", "application/epub+zip"),
        _file(book, "cover", "image/jpeg").model_copy(update={"width": 1600, "height": 2560}),
        _file(book, "preview", "application/epub+zip"),
    )
    distribution = Distribution(release=entry.release, files=files)
    releases.go_live(database, entry, product, distribution=distribution, actor="pipeline")


def several(database: Database, number: int) -> None:
    """So many books, every second one in German; two of them of one day."""
    for at in range(number):
        language = "de" if at % 2 else "en"
        sell(database, f"book-{at}", title=f"Number {at}", language=language, day=max(1, at))
    assert rows(database, "SELECT count(*) FROM catalog") == [(number,)]


def _file(book: str, rel: str, kind: str) -> ReleaseFile:
    blob = BlobRef(sha256="a" * 64, length=812_345, media_type=kind)
    return ReleaseFile(rel=rel, path=f"public/{book}/{rel}", blob=blob)
