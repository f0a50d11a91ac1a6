"""Buyers' copies from sale to trace: real masters, real marks, a real table; no name, no secret."""

import io
import multiprocessing
import stat
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import pikepdf
import pytest

from ebook_pipeline.books.records import (
    CatalogEntry,
    Distribution,
    Product,
    Protection,
    ReleaseFile,
)
from ebook_pipeline.foundation.errors import BookError, Damaged, Denied, NotFound
from ebook_pipeline.foundation.findings import Severity
from ebook_pipeline.foundation.secrets import Secret
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.key_vault import LocalKeyVault
from ebook_pipeline.resources.object_store import LocalObjectStore
from ebook_pipeline.services.delivering.event_log import LoggedEvent, list_events
from ebook_pipeline.services.protecting.content_keys import MARKING, named_secret
from ebook_pipeline.services.protecting.copies import Copies, Sale
from ebook_pipeline.services.protecting.rewrapping import rewrap
from ebook_pipeline.services.releasing import releases
from ebook_pipeline.services.selling import availability
from ebook_pipeline.tools.epubcheck import EpubCheck
from tests.support import protection_memory
from tests.support.books import mixed_epub as epubs
from tests.support.books import pdf as pdfs
from tests.support.books.epub import epub as valid_epub
from tests.support.secret_search import holding
from tests.support.servers.postgres import rows, sealed_by
from tests.support.services.submissions import arrive

NAME = "Zoë Berg-Łuczak"
PASSWORD = Secret(b"correct horse, battery staple")
SOLD = datetime(2026, 11, 21, 12, tzinfo=UTC)
CHAPTER = (
    b'<html xmlns="http://www.w3.org/1999/xhtml"><head><title>T</title></head><body>'
    + b"<p>a<em>b</em></p>" * 80
    + b"</body></html>"
)
SALE = Sale(book="emma", order="A-17", name=NAME)


class Shop:
    """A house with one book, of which releases are put on sale."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.folder = database, folder
        self.store = LocalObjectStore(folder / "objects")
        self.vault = LocalKeyVault(folder / "vault")
        self.copies = Copies(database, self.store, self.vault, lambda: SOLD)
        arrive(database)

    def sell(self, protection: Protection, book: Path | None = None, name: str = "r1") -> None:
        entry = CatalogEntry(book="emma", edition=1, release=name, title="Emma")
        files = (
            self._file("publication", book or self._epub(), "application/epub+zip"),
            self._file("publication-pdf", self._pdf(), "application/pdf"),
        )
        said = Distribution(release=name, files=files, protection=protection)
        product = Product(title="Emma")
        releases.go_live(self.database, entry, product, distribution=said, actor="pipeline")

    def copy(self, sale: Sale = SALE, out: str = "copy", password: Secret | None = None) -> Path:
        path = self.folder / out
        self.copies.make(sale, path, actor="ann", password=password)
        return path

    def _epub(self) -> Path:
        entries = {**epubs.RESOURCES, "EPUB/one.xhtml": CHAPTER}
        return epubs.write(self.folder / "master.epub", entries)

    def _pdf(self) -> Path:
        return pdfs.book(self.folder / "master.pdf", pages=2)

    def _file(self, rel: str, path: Path, kind: str) -> ReleaseFile:
        blob = self.store.put(path, kind)
        return ReleaseFile(rel=rel, path=f"masters/emma/{blob.sha256}", blob=blob)


@pytest.fixture
def shop(database: Database, tmp_path: Path) -> Iterator[Shop]:
    with sealed_by(database, LocalKeyVault(tmp_path / "vault")) as ours:
        yield Shop(ours, tmp_path)


@pytest.mark.parametrize("form", ["epub", "pdf"])
def test_a_copy_leads_back_to_its_sale_and_the_same_order_gives_the_same_file(
    shop: Shop, form: str
) -> None:
    shop.sell(Protection.SOCIAL)
    sale = SALE.model_copy(update={"form": form})
    first = shop.copy(sale)
    (trace,) = shop.copies.trace(first)
    assert (trace.order, trace.book, trace.form, trace.at) == ("A-17", "emma", form, SOLD)
    assert (trace.release, trace.same_file, trace.marks > 0) == ("r1", True, True)
    shop.sell(Protection.SOCIAL, valid_epub(shop.folder / "corrected.epub"), "r2")
    assert shop.copy(sale, "again").read_bytes() == first.read_bytes()
    assert rows(shop.database, "SELECT count(*) FROM copy") == [(1,)]
    assert [one.event.data["order"] for one in told(shop)] == ["A-17"]
    done = "SELECT actor, action FROM audit WHERE action LIKE 'copy.%' ORDER BY id"
    assert rows(shop.database, done) == [("ann", "copy.made"), ("ann", "copy.made_again")]


def told(shop: Shop) -> list[LoggedEvent]:
    return [one for one in list_events(shop.database, ()) if one.event.type == "copy.made"]


def test_those_who_ask_for_an_order_at_once_get_the_same_copy_of_one_sale(shop: Shop) -> None:
    shop.sell(Protection.SOCIAL)
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda number: shop.copy(SALE, f"copy-{number}"), range(4)))
    assert len({one.read_bytes() for one in made}) == 1
    told = "SELECT count(*) FROM outbox WHERE event = 'copy.made'"
    assert rows(shop.database, told) == rows(shop.database, "SELECT count(*) FROM copy") == [(1,)]


def test_an_order_of_several_forms_and_other_orders_are_told_apart(shop: Shop) -> None:
    shop.sell(Protection.SOCIAL)
    shop.copy(SALE, "mine.epub")
    shop.copy(SALE.model_copy(update={"form": "pdf"}), "mine.pdf")
    shop.copy(Sale(book="emma", order="B-1"), "other.epub")
    found = {
        name: [(one.order, one.form) for one in shop.copies.trace(shop.folder / name)]
        for name in ("mine.epub", "mine.pdf", "other.epub", "master.epub", "master.pdf")
    }
    assert found == {
        "mine.epub": [("A-17", "epub")],
        "mine.pdf": [("A-17", "pdf")],
        "other.epub": [("B-1", "epub")],
        "master.epub": [],
        "master.pdf": [],
    }
    assert [one.form for one in shop.copies.of_order("A-17")] == ["epub", "pdf"]


def test_a_copy_without_its_page_and_lines_in_another_zip_is_traced(shop: Shop) -> None:
    shop.sell(Protection.SOCIAL)
    found = epubs.read(shop.copy())
    del found["EPUB/ex-libris.xhtml"]
    line = found["EPUB/one.xhtml"].index(b'<p id="m-')
    found = {"EPUB/one.xhtml": found["EPUB/one.xhtml"][:line] + b"</body></html>"}
    with zipfile.ZipFile(shop.folder / "found", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in found.items():
            archive.writestr(name, body)
    (trace,) = shop.copies.trace(shop.folder / "found")
    assert (trace.order, trace.same_file, trace.marks) == ("A-17", False, 2)


def test_one_page_of_a_marked_pdf_is_traced(shop: Shop) -> None:
    shop.sell(Protection.SOCIAL)
    with pikepdf.open(shop.copy(SALE.model_copy(update={"form": "pdf"}))) as pdf:
        del pdf.pages[:2]
        pdf.save(shop.folder / "page.pdf")
    (trace,) = shop.copies.trace(shop.folder / "page.pdf")
    assert (trace.order, trace.same_file, trace.marks) == ("A-17", False, 1)


def test_a_row_that_was_changed_accuses_nobody(shop: Shop) -> None:
    shop.sell(Protection.SOCIAL)
    copy = shop.copy()
    with shop.database.begin() as connection:
        connection.exec_driver_sql("UPDATE copy SET shop_order = 'B-1', sha256 = ''")
    assert shop.copies.trace(copy) == ()


def test_copies_are_traced_after_the_master_key_was_replaced(shop: Shop) -> None:
    shop.sell(Protection.SOCIAL)
    copy = shop.copy()
    shop.vault.rotate()
    assert rewrap(shop.database, shop.vault, actor="ann").house_keys == 2
    assert shop.copy(SALE, "again").read_bytes() == copy.read_bytes()


def test_a_marked_copy_is_as_valid_as_its_master(shop: Shop, epubcheck: EpubCheck) -> None:
    master = valid_epub(shop.folder / "valid.epub")
    shop.sell(Protection.SOCIAL, master)
    found = epubcheck.check(shop.copy())
    assert [one for one in found if one.severity >= Severity.ERROR] == []


def test_the_buyer_is_named_in_the_copy_alone(shop: Shop) -> None:
    shop.sell(Protection.SOCIAL)
    body = epubs.read(shop.copy())["EPUB/ex-libris.xhtml"].decode("ascii")
    assert "Zo&#235; Berg-&#321;uczak, order A-17." in body
    secret = named_secret(shop.database, shop.vault, MARKING).reveal()
    assert NAME not in stored(shop)
    assert holding({"rows": stored(shop).encode()}, [secret]) == []


def stored(shop: Shop) -> str:
    tables = ("copy", "audit", "outbox", "house_key")
    return "".join(str(rows(shop.database, f"SELECT t::text FROM {name} t")) for name in tables)


def test_a_pdf_opens_with_the_buyers_password_alone(shop: Shop) -> None:
    shop.sell(Protection.PASSWORD)
    copy = shop.copy(password=PASSWORD)
    with pikepdf.open(copy, password=PASSWORD.reveal().decode()) as pdf:
        assert (len(pdf.pages), pdf.encryption.bits) == (2, 256)
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(copy)
    assert holding({"rows": stored(shop).encode()}, [PASSWORD.reveal()]) == []
    (trace,) = shop.copies.trace(copy)
    assert (trace.order, trace.form, trace.same_file, trace.marks) == ("A-17", "pdf", True, 0)


def test_a_forgotten_password_is_replaced_and_the_sale_stays_one(shop: Shop) -> None:
    shop.sell(Protection.PASSWORD)
    shop.copy(password=PASSWORD)
    again = shop.copy(SALE, "again", Secret(b"another"))
    pikepdf.open(again, password="another").close()
    assert shop.copies.trace(again)[0].order == "A-17"
    assert rows(shop.database, "SELECT count(*) FROM outbox WHERE event = 'copy.made'") == [(1,)]


@pytest.mark.parametrize(
    ("protection", "sale", "password", "told"),
    [
        (Protection.LCP, SALE, None, "ebooks license emma"),
        (Protection.NONE, SALE, None, "without protection"),
        (Protection.SOCIAL, SALE, PASSWORD, "takes no password"),
        (Protection.PASSWORD, SALE, None, "say which"),
        (Protection.PASSWORD, SALE.model_copy(update={"form": "epub"}), PASSWORD, "no epub"),
        (Protection.PASSWORD, SALE, Secret(b""), "1 to 127 bytes"),
    ],
)
def test_what_is_sold_otherwise_gets_no_such_copy(
    shop: Shop, protection: Protection, sale: Sale, password: Secret | None, told: str
) -> None:
    shop.sell(protection)
    with pytest.raises(Denied, match=told):
        shop.copy(sale, password=password)
    assert_nothing_was_sold(shop)


def assert_nothing_was_sold(shop: Shop) -> None:
    assert not (shop.folder / "copy").exists()
    assert list(shop.folder.glob(".part-*")) == []
    assert rows(shop.database, "SELECT count(*) FROM copy") == [(0,)]


def test_unknown_withdrawn_and_not_yet_sold_books_have_no_copies(shop: Shop) -> None:
    with pytest.raises(NotFound, match="'emma' was ever on sale"):
        shop.copy()
    shop.sell(Protection.SOCIAL)
    availability.sell_from(shop.database, "emma", date(2099, 1, 1), actor="ann")
    with pytest.raises(Denied, match="sold from 2099-01-01 on"):
        shop.copy()
    availability.sell_from(shop.database, "emma", None, actor="ann")
    releases.withdraw(shop.database, "emma", actor="ann")
    with pytest.raises(Denied, match="is withdrawn"):
        shop.copy()
    assert_nothing_was_sold(shop)


def test_of_a_damaged_master_no_copy_is_made(shop: Shop) -> None:
    shop.sell(Protection.SOCIAL)
    for path in (shop.folder / "objects" / "blobs").glob("*/*"):
        if path.suffix != ".json":
            path.chmod(stat.S_IRUSR | stat.S_IWUSR)
            path.write_bytes(path.read_bytes()[:-1] + b"\0\0")
    with pytest.raises(Damaged):
        shop.copy()
    assert_nothing_was_sold(shop)


def test_what_is_no_book_is_not_traced(shop: Shop) -> None:
    damaged = io.BytesIO()
    with zipfile.ZipFile(damaged, "w") as archive:
        archive.writestr("one.xhtml", CHAPTER)
    bodies = [b"", b"no book", b"%PDF-1.7 no book", damaged.getvalue().replace(b"<em>", b"<xx>")]
    for body in bodies:
        (shop.folder / "odd").write_bytes(body)
        with pytest.raises(BookError):
            shop.copies.trace(shop.folder / "odd")


@pytest.mark.parametrize("form", ["epub", "pdf"])
def test_marking_a_large_book_takes_little_memory(tmp_path: Path, form: str) -> None:
    source = large_epub(tmp_path) if form == "epub" else large_pdf(tmp_path)
    assert source.stat().st_size > 120 << 20
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        peak = pool.apply(protection_memory.marked, (form, source, tmp_path / "copy"))
    assert peak < 100


def large_epub(folder: Path) -> Path:
    plate = bytes(range(256)) * (128 << 12)
    path = epubs.write(folder / "large.epub", {**epubs.RESOURCES, "EPUB/one.xhtml": CHAPTER})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("EPUB/film.mp4", plate, zipfile.ZIP_STORED)
    return path


def large_pdf(folder: Path) -> Path:
    plate = bytes(range(256)) * (8 << 12)

    def pictures(pdf: pikepdf.Pdf) -> None:
        for number, page in enumerate(pdf.pages):
            page.obj.Resources.XObject = pikepdf.Dictionary(
                Plate=pdf.make_stream(plate + bytes([number]))
            )

    with pikepdf.open(pdfs.book(folder / "small.pdf", pages=16)) as pdf:
        pictures(pdf)
        pdf.save(folder / "large.pdf", compress_streams=False)
    return folder / "large.pdf"


def test_an_order_is_its_shops_alone(shop: Shop, tmp_path: Path) -> None:
    shop.sell(Protection.SOCIAL)
    mine = SALE.model_copy(update={"client": "shop"})
    for _ in range(2):
        shop.copies.make(mine, tmp_path / "mine.epub", actor="ann")
    other = SALE.model_copy(update={"client": "other", "name": "Mallory"})
    with pytest.raises(Denied, match="another shop's"):
        shop.copies.make(other, tmp_path / "stolen.epub", actor="ann")
    assert not (tmp_path / "stolen.epub").exists()
    assert [copy.order for copy in shop.copies.of_order("A-17", "shop")] == ["A-17"]
    assert shop.copies.of_order("A-17", "other") == ()
    shop.copies.make(SALE, tmp_path / "operators.epub", actor="ann")
