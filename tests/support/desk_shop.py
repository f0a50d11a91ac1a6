"""A desk over two publishers' books in every state, and people of every role, for tests."""

import base64
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import text
from starlette.testclient import TestClient

from ebook_pipeline.books.owning.accounts import Role
from ebook_pipeline.books.protecting.lcp.license import passphrase_hash
from ebook_pipeline.books.records import (
    BlobRef,
    CatalogEntry,
    Contributor,
    CoverImages,
    Distribution,
    Edition,
    Manifestations,
    Price,
    Product,
    Protection,
    QualityReport,
    ReleaseFile,
    Verdict,
)
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.record_store import RecordStore
from ebook_pipeline.services.describing.descriptions import Descriptions
from ebook_pipeline.services.intake.submissions import submit, take_edition
from ebook_pipeline.services.recording.journal import Journal
from ebook_pipeline.services.releasing import releases
from ebook_pipeline.services.reviewing import queue
from tests.support.desk import Desk, open_desk
from tests.support.services.submissions import offer

PASSPHRASE = "correct horse, battery staple"
HASHED = passphrase_hash(PASSPHRASE).reveal().hex()
PEOPLE = {
    "pat": (Role.AUTHOR, "press"),
    "edna": (Role.EDITOR, "press"),
    "paul": (Role.PUBLISHER, "press"),
    "rob": (Role.AUTHOR, "rival"),
    "rosa": (Role.PUBLISHER, "rival"),
    "rita": (Role.READER, "house"),
    "ray": (Role.READER, "house"),
    "olga": (Role.OPERATOR, "house"),
}
_SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
_PAGE = b"<!doctype html><script>alert(document.cookie)</script>"


class DeskShop:
    """`press` and `rival` have the same books each: `<account>-sold`, `-draft`, `-waiting`."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.context = desk.context
        self.database: Database = desk.database
        self.store = desk.context.object_store
        self._browsers: dict[str, TestClient] = {}
        for login, (role, account) in PEOPLE.items():
            self._browsers[login] = desk.person(login, role, account)
        for account in ("press", "rival"):
            self.sell(f"{account}-sold", account)
            self.draft(f"{account}-draft", account)
            self.wait(f"{account}-waiting", account)

    def by(self, login: str) -> TestClient:
        """The browser of one of `PEOPLE`."""
        return self._browsers[login]

    def draft(self, book: str, account: str) -> Edition:
        """A book whose file was rejected."""
        edition = self._arrive(book, account)
        self._journal(book, "validated_book", Outcome.REJECTED, reason="it is broken")
        return edition

    def wait(self, book: str, account: str, report: str = "r1") -> int:
        """A book that waits for a review; the review's number."""
        edition = self._arrive(book, account)
        self._make(edition)
        self._journal(book, "qa_report", Outcome.DONE, version=report)
        self._journal(book, "drm_package", Outcome.WAITING, version=report, reason="typos")
        [review] = queue.list_reviews(self.database, queue.QueueFilter(book=book))
        return review.task.id

    def sell(self, book: str, account: str, protection: Protection = Protection.LCP) -> None:
        """A book on sale, whose file is a real one."""
        edition = self._arrive(book, account)
        made = self._make(edition)
        product = Product(
            title=book.replace("-", " ").title(),
            creators=(Contributor(name="Élise Łuc"),),
            languages=("en",),
            price=Price(amount="4.50", currency="EUR"),
        )
        Descriptions(self.database, edition).add(product, (1, 2, 3))
        entry = CatalogEntry(
            book=book, edition=1, release=f"{book}-1", title=product.title, authors=("Élise Łuc",)
        )
        files = tuple(
            ReleaseFile(rel=rel, path=f"{where}/{book}/{rel}", blob=blob)
            for rel, where, blob in (
                ("publication", "books", made.epub),
                ("preview", "public/books", made.preview),
                ("cover", "public/books", self._blob(f"cover of {book}", "image/png")),
            )
        )
        distribution = Distribution(release=entry.release, files=files, protection=protection)
        releases.go_live(self.database, entry, product, distribution=distribution, actor="pipeline")
        self._journal(book, "ingestion_analytics", Outcome.DONE)

    def etag(self, login: str, path: str) -> str:
        """The version of what stands there, as this person sees it."""
        answer = self.by(login).get(path)
        assert answer.status_code == 200, answer.text
        return answer.headers["etag"]

    def license(self, book: str = "press-sold", **wanted: Any) -> dict[str, Any]:
        """A licence that the operator issues."""
        wish = {"book": book, "reader": "r-17", "passphrase_sha256": HASHED} | wanted
        answer = self.by("olga").post("/api/v1/licenses", json=wish)
        assert answer.status_code == 201, answer.text
        issued: dict[str, Any] = answer.json()
        return issued

    def _arrive(self, book: str, account: str) -> Edition:
        blob = self._blob(f"the manuscript of {book}", "text/plain")
        request = offer(f"{account}/{book.removeprefix(f'{account}-')}.txt", "1")
        submit(self.database, request.model_copy(update={"account": account}), actor="eve")
        return take_edition(self.database, book, lambda _: blob)

    def _make(self, edition: Edition) -> Manifestations:
        """What conversion and quality would have left: the scripts in it are a stranger's."""
        book = edition.book
        made = Manifestations(
            epub=self._blob(f"epub of {book}" * 100, "application/epub+zip"),
            pdf=self._blob(f"%PDF {book}" * 100, "application/pdf"),
            text=self._blob(f"text of {book}", "text/plain"),
            preview=self._blob(f"preview of {book}", "application/epub+zip"),
            cover=self._cover(),
            pages=1,
            engine="none",
            preview_page=self.store.put(_PAGE, "text/html"),
        )
        records = RecordStore(self.store)
        records.keep("converted_book", book, 1, made, "f")
        report = QualityReport(
            verdict=Verdict.NEEDS_REVIEW, policy="p", page=self.store.put(_PAGE, "text/html")
        )
        records.keep("qa_report", book, 1, report, "f")
        return made

    def _cover(self) -> CoverImages:
        picture = self.store.put(_SVG, "image/svg+xml")
        return CoverImages(original=picture, medium=picture, thumbnail=picture, width=1, height=1)

    def _blob(self, body: str, media_type: str) -> BlobRef:
        return self.store.put(body.encode(), media_type)

    def _journal(
        self, book: str, stage: str, outcome: Outcome, version: str = "", **detail: Any
    ) -> None:
        Journal(self.database).record(
            "run", book, 1, stage, outcome, 0.0, data_version=version, detail=detail
        )


@contextlib.contextmanager
def open_shop(database: Database, folder: Path, **settings: Any) -> Iterator[DeskShop]:
    """A shop in an empty database, whose files and keys are in `folder`."""
    with open_desk(database, home=folder, **settings) as desk:
        yield DeskShop(desk)


def count(database: Database, query: str) -> int:
    """A figure that the database holds."""
    with database.begin() as connection:
        return int(connection.execute(text(query)).scalar_one())


def app_password(shop: DeskShop, login: str) -> str:
    """A new password for a reading app of `login`."""
    made = shop.by(login).post("/api/v1/app-passwords", json={"name": "Thorium"})
    assert made.status_code == 201, made.text
    return str(made.json()["text"])


def basic(login: str, password: str) -> dict[str, str]:
    """The headers with which an app sends it."""
    return {"Authorization": f"Basic {base64.b64encode(f'{login}:{password}'.encode()).decode()}"}
