"""Buyers' own copies: made of a release's master at sale, and traced back to that sale.

A marked copy is the same file whenever it is asked for again with the same name. A locked PDF is
not: its key and salts are random (ISO 32000-2 §7.6.4.4), and no password is kept. Nor is the
buyer's name: the row of a sale knows the shop's order alone.
"""

import hashlib
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import AwareDatetime
from sqlalchemy import ColumnElement, Connection, Row, insert, select, update

from ebook_pipeline.books.protecting import pdf_password
from ebook_pipeline.books.protecting.marking import epub, pdf
from ebook_pipeline.books.protecting.marking.token import Buyer, token_of
from ebook_pipeline.books.records import BlobRef, Distribution, Protection, Record
from ebook_pipeline.foundation.errors import BookError, Denied, NotFound, Unavailable
from ebook_pipeline.foundation.secrets import Secret
from ebook_pipeline.foundation.slices import slices
from ebook_pipeline.resources.database import Database, tables
from ebook_pipeline.resources.database.license_tables import copy as table
from ebook_pipeline.resources.disk import disk_errors
from ebook_pipeline.resources.key_vault import KeyVault
from ebook_pipeline.resources.object_store import ObjectStore
from ebook_pipeline.services.audit_and_outbox import audit, emit, lock_book_row
from ebook_pipeline.services.protecting.content_keys import MARKING, named_secret
from ebook_pipeline.services.releasing import releases
from ebook_pipeline.services.releasing.releases import BookRelease

Form = Literal["epub", "pdf"]

_COPY = table.c
_RELS: dict[str, str] = {"epub": "publication", "pdf": "publication-pdf"}
_MARKERS = {"epub": epub.mark_epub, "pdf": pdf.mark_pdf}
_ZIP, _PDF = b"PK", b"%PDF-"
_HEAD = 1024
_AT_ONCE = 10_000


class Sale(Record):
    """What a shop sold. `form` unset: the EPUB, or the PDF where the book is sold as that."""

    book: str
    order: str
    name: str = ""
    form: Form | None = None
    client: str = ""
    """The program that sold it, whose order it is; unset: an operator, who may make any again."""


class BuyerCopy(Record):
    """A buyer's copy: `at` is when it was first made, `sha256` and `length` are of the last."""

    book: str
    order: str
    form: Form
    release: str
    edition: int
    sha256: str
    length: int
    actor: str
    at: AwareDatetime


class TracedCopy(BuyerCopy):
    """The sale that a file leads back to: by its own bytes, or by so many marks in it."""

    same_file: bool
    marks: int


@dataclass(frozen=True)
class _Master:
    """What a copy is made of: a file of the release that this order has."""

    sale: Sale
    form: Form
    release: BookRelease
    blob: BlobRef

    @property
    def protection(self) -> Protection:
        return self.release.distribution.protection

    @property
    def buyer(self) -> Buyer:
        sale = self.sale
        hidden = _hidden(sale.book, self.form, sale.order)
        return Buyer(order=sale.order, name=sale.name, sale=hidden)


class Copies:
    """Makes copies of books under social DRM or a password, each for one order."""

    def __init__(
        self,
        database: Database,
        store: ObjectStore,
        vault: KeyVault,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database, self._store, self._vault, self._now = database, store, vault, now

    def make(
        self, sale: Sale, out: Path, *, actor: str, password: Secret | None = None
    ) -> BuyerCopy:
        """Write the order's copy to `out`, which appears whole or not at all, and note the sale.

        Again for the same order it is made of the same release, whatever is on sale by then.
        `NotFound` for a book or form that was never released; `Denied` where the book is withdrawn,
        not sold yet, under LCP or unprotected, and for a password too many or too few;
        ValidationError for an order or a name that no page can show; `Damaged` for a bad master.
        """
        order = Buyer(order=sale.order, name=sale.name).order
        master = self._master(sale.model_copy(update={"order": order}))
        _check_password(master, password)
        with (
            disk_errors("making a copy"),
            tempfile.TemporaryDirectory(dir=out.absolute().parent, prefix=".part-") as folder,
        ):
            part = Path(folder) / "copy"
            mark = self._write(master, password, part)
            row = self._row(master, part) | {"mark": mark, "actor": actor}
            row["client"] = sale.client or None
            with self._database.begin() as connection:
                made = _sold(connection, row)
            part.replace(out)
        return made

    def of_order(self, order: str, client: str = "") -> tuple[BuyerCopy, ...]:
        """Every copy that was made for an order (of this `client`'s, if set), the oldest first."""
        query = select(table).where(_COPY.shop_order == order).order_by(_COPY.at)
        if client:
            query = query.where(_COPY.client == client)
        with self._database.begin() as connection:
            return tuple(map(_copy, connection.execute(query)))

    def trace(self, file: Path) -> tuple[TracedCopy, ...]:
        """The sales that an EPUB or PDF leads back to, the surest first; none for other files.

        A mark counts where the house's secret makes the same of the sale that its row tells.
        `BookError` for what can't be read as either.
        """
        digest = _digest(file)
        same = self._rows(_COPY.sha256 == digest)
        marks = _marks(file, needed=not same)
        rows = {(row.book, row.shop_order, row.form): row for row in same}
        for tokens in slices(list(marks), _AT_ONCE):
            for row in self._rows(_COPY.mark.in_(tokens)):
                rows[row.book, row.shop_order, row.form] = row
        if not rows:
            return ()
        secret = named_secret(self._database, self._vault, MARKING)
        traces = [_traced(row, digest, marks, secret) for row in rows.values()]
        sure = [trace for trace in traces if trace.same_file or trace.marks]
        return tuple(sorted(sure, key=lambda trace: (not trace.same_file, -trace.marks, trace.at)))

    def _master(self, sale: Sale) -> _Master:
        """The file for this sale: of the release that the order has, else of that on sale."""
        live = releases.current(self._database, sale.book)
        if live is None:
            raise NotFound(f"no book called {sale.book!r} was ever on sale")
        if live.state != "live":
            raise Denied(f"{sale.book} is withdrawn: no copies are made of it")
        form = sale.form or _usual_form(live.distribution)
        release = self._sold_before(sale, form)
        if release is None:
            release = live
            if live.sold_from is not None and live.sold_from > self._now().date():
                raise Denied(f"{sale.book} is sold from {live.sold_from} on")
        _check_protection(release.distribution, sale.book, form)
        return _Master(sale, form, release, _blob(release.distribution, form))

    def _sold_before(self, sale: Sale, form: Form) -> BookRelease | None:
        rows = self._rows(_key(sale.book, sale.order, form))
        if not rows:
            return None
        _require_own_order(rows[0], sale.client)
        return releases.saved(self._database, sale.book, rows[0].release)

    def _write(self, master: _Master, password: Secret | None, part: Path) -> bytes | None:
        """Write the copy; the mark that is hidden in it, where one is."""
        source = self._store.fetch(master.blob, part.with_name("master"))
        if password is not None:
            pdf_password.lock_pdf(source, part, password)
            return None
        secret = named_secret(self._database, self._vault, MARKING)
        _MARKERS[master.form](source, part, master.buyer, secret)
        return token_of(master.buyer.hidden, secret)

    def _row(self, master: _Master, part: Path) -> dict[str, Any]:
        return {
            "book": master.sale.book,
            "shop_order": master.sale.order,
            "form": master.form,
            "release": master.release.release,
            "edition": master.release.entry.edition,
            "sha256": _digest(part),
            "length": part.stat().st_size,
            "at": self._now(),
        }

    def _rows(self, where: ColumnElement[bool]) -> list[Row[Any]]:
        with self._database.begin() as connection:
            return list(connection.execute(select(table).where(where)))


def _sold(connection: Connection, row: dict[str, Any]) -> BuyerCopy:
    """Note the sale, or that its copy was made again; `Denied` where the book was withdrawn."""
    book, order, actor = row["book"], row["shop_order"], row["actor"]
    lock_book_row(connection, book)
    state = select(tables.catalog.c.state).where(tables.catalog.c.book == book)
    if connection.execute(state).scalar_one() != "live":
        raise Denied(f"{book} was withdrawn while the copy was made")
    key = _key(book, order, row["form"])
    before = connection.execute(select(table).where(key)).first()
    if before is not None:
        _require_own_order(before, row["client"])
    if before is not None and before.release != row["release"]:
        raise Unavailable(f"order {order} of {book} is being made elsewhere: ask again")
    facts = {name: row[name] for name in ("release", "edition", "form", "sha256", "length")}
    facts["order"] = order
    if before is None:
        connection.execute(insert(table), row)
        audit(connection, actor, "copy.made", book, facts)
        emit(connection, "copy.made", book, facts)
    else:
        again = {name: row[name] for name in ("sha256", "length", "mark")}
        connection.execute(update(table).where(key).values(again))
        audit(connection, actor, "copy.made_again", book, facts)
    return _copy(connection.execute(select(table).where(key)).one())


def _require_own_order(row: Row[Any], client: str | None) -> None:
    if client and row.client != client:
        raise Denied(f"the order {row.shop_order} is another shop's: number yours otherwise")


def _key(book: str, order: str, form: str) -> ColumnElement[bool]:
    return (_COPY.book == book) & (_COPY.shop_order == order) & (_COPY.form == form)


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _usual_form(distribution: Distribution) -> Form:
    return "pdf" if distribution.protection is Protection.PASSWORD else "epub"


def _check_protection(distribution: Distribution, book: str, form: Form) -> None:
    if distribution.protection is Protection.LCP:
        raise Denied(f"{book} is under LCP: a reader gets a licence (`ebooks license {book}`)")
    if not distribution.protection.per_copy:
        raise Denied(f"{book} is sold without protection: every buyer gets the same file")
    if distribution.protection is Protection.PASSWORD and form != "pdf":
        raise Denied(f"{book} is sold as a PDF with a password: there is no {form} for a buyer")


def _check_password(master: _Master, password: Secret | None) -> None:
    needed = master.protection is Protection.PASSWORD
    if needed and password is None:
        raise Denied(f"{master.sale.book} is sold as a PDF with a password: say which")
    if password is not None and not needed:
        raise Denied(f"{master.sale.book} is sold with its buyer's marks: it takes no password")


def _blob(distribution: Distribution, form: Form) -> BlobRef:
    blob = next((file.blob for file in distribution.files if file.rel == _RELS[form]), None)
    if blob is None:
        raise NotFound(f"{distribution.release} has no {form}")
    return blob


def _hidden(book: str, form: str, order: str) -> str:
    """What a copy's marks are made of: an order may be of several books, in several forms."""
    return "\n".join((book, form, order))


def _marks(file: Path, *, needed: bool) -> Counter[bytes]:
    """The marks in a file; none in one that is known by its bytes and can't be read."""
    with file.open("rb") as stream:
        head = stream.read(_HEAD)
    read = pdf.tokens_in_pdf if _PDF in head and head[:2] != _ZIP else epub.tokens_in_epub
    try:
        return read(file)
    except BookError:
        if needed:
            raise
        return Counter()


def _traced(row: Row[Any], digest: str, marks: Counter[bytes], secret: Secret) -> TracedCopy:
    mark = token_of(_hidden(row.book, row.form, row.shop_order), secret)
    count = marks[mark] if row.mark is not None and bytes(row.mark) == mark else 0
    return TracedCopy(**dict(_copy(row)), same_file=row.sha256 == digest, marks=count)


def _copy(row: Row[Any]) -> BuyerCopy:
    same = {name: getattr(row, name) for name in BuyerCopy.model_fields.keys() - {"order"}}
    return BuyerCopy(order=row.shop_order, **same)
