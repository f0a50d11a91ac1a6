"""A purged book leaves a tombstone and nothing else, wherever one looks; cut off or not."""

import json
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import dagster as dg
import pytest
from sqlalchemy import text

from ebook_pipeline.assets import PARTITION
from ebook_pipeline.books.notifying.addresses import Channel
from ebook_pipeline.books.notifying.notice_kinds import NoticeKind
from ebook_pipeline.books.notifying.preferences import Preferences
from ebook_pipeline.books.records import (
    BookFormat,
    CatalogEntry,
    Distribution,
    Product,
    ReleaseFile,
    Submission,
)
from ebook_pipeline.execution import dagster_forgetting
from ebook_pipeline.foundation.record import text_digest
from ebook_pipeline.foundation.secrets import Secret
from ebook_pipeline.resources.object_store import LocalObjectStore
from ebook_pipeline.resources.record_store import RecordStore
from ebook_pipeline.services.describing.descriptions import Descriptions
from ebook_pipeline.services.intake import file_submission, refusals, submissions
from ebook_pipeline.services.notifying import confirming, notices, recipients
from ebook_pipeline.services.notifying.notices import NoticeRequest
from ebook_pipeline.services.notifying.recipients import Recipient
from ebook_pipeline.services.owning import tombstones
from ebook_pipeline.services.owning.ownership import SubmissionRefused
from ebook_pipeline.services.preserving import tombstone_log
from ebook_pipeline.services.preserving.backup import Backup
from ebook_pipeline.services.preserving.manifest import authenticated, read_manifest
from ebook_pipeline.services.preserving.pool import BackupPool
from ebook_pipeline.services.protecting.content_keys import ContentKeys
from ebook_pipeline.services.protecting.license_records import license_path
from ebook_pipeline.services.purging import rows as book_rows
from ebook_pipeline.services.purging.purge import Purge
from ebook_pipeline.services.releasing import pointer, releases
from tests.support import secret_search
from tests.support.homes import Home, copied_home, filled_once
from tests.support.kills import killed_at
from tests.support.servers.dagster_server import wait_for
from tests.support.servers.postgres import rows

BOOK, TITLE, CONTACT, READER = "emma", "Quincunx Unheard-Of", "purged@example.org", "reader-4711"
BODY = b"It is a truth that nobody else has ever printed, quincunx by quincunx. "

_LICENSE = """
    INSERT INTO license (id, book, edition, form, reader, provider, hint, user_key,
        issued, updated, status_updated, state)
    VALUES ('l-1', :book, 1, 'epub', :reader, 'p', 'h', 'uk', now(), now(), now(), 'ready')
    RETURNING 1
"""


class Shelf:
    """A home with a released book that left something everywhere, and a twin of the same file."""

    def __init__(self, home: Home, folder: Path) -> None:
        self.home, self.folder = home, folder
        self.resources = home.resources
        self.database, self.store = self.resources.database, self.resources.object_store
        self.keys = ContentKeys(self.database, self.resources.key_vault)
        self.key = b""

    def fill(self) -> None:
        confirming.vouch(self.database, "house", CONTACT, 20, actor="eve")
        self._ask(CONTACT)
        for book in (BOOK, "twin"):
            self._submit(book)
        self._release()
        self._tell()

    def _ask(self, address: str) -> None:
        """The question that a new contact gets, and its copy in the mail folder."""
        rows(self.database, "UPDATE contact SET confirmed_at = NULL RETURNING 1")
        question = NoticeRequest(
            kind=NoticeKind.CONTACT_CONFIRM,
            to=Recipient(
                who=address,
                preferences=Preferences(mail=address),
                usual=(Channel.MAIL,),
                account="house",
                contact=address,
            ),
            cause="contact house 0123",
            values={"house": "h", "account": "house", "code": "ABC"},
        )
        with self.database.begin() as connection:
            notices.queue(connection, question, frozenset(Channel), datetime.now(UTC))
            connection.execute(text("UPDATE contact SET confirmed_at = now()"))

    def write(self, book: str) -> Path:
        """The file of a book, as its author has it, beside its sidecar."""
        path = self.folder / f"{book}.txt"
        path.write_bytes(BODY)
        claims = {
            "title": TITLE if book == BOOK else "Twin",
            "contact": CONTACT if book == BOOK else "",
        }
        path.with_name(f"{path.name}.json").write_text(json.dumps(claims))
        return path

    def _submit(self, book: str) -> None:
        path = self.write(book)
        file_submission.submit_file(self.database, self.store, path.name, path, actor="eve")
        submissions.take_edition(self.database, book, lambda found: found.blob)  # type: ignore[arg-type, return-value]

    def _release(self) -> None:
        edition = submissions.current_edition(self.database, BOOK)
        product = Product(title=TITLE, publishers=("Nobody",))
        Descriptions(self.database, edition).add(product, (1, 2, 3))
        record = Submission(
            blob=edition.blob, format=BookFormat.TEXT, source=edition.source, claims=edition.claims
        )
        RecordStore(self.store).keep("raw_file", BOOK, 1, record, "f")
        files = tuple(
            self._file(rel, path, TITLE.encode() + rel.encode() * 99)
            for rel, path in (
                ("publication", f"books/{BOOK}/p"),
                ("cover", f"public/books/{BOOK}/c"),
            )
        )
        distribution = Distribution(release="emma-1", files=files)
        entry = CatalogEntry(book=BOOK, edition=1, release="emma-1", title=TITLE, authors=("A",))
        releases.go_live(self.database, entry, product, distribution=distribution, actor="pipeline")
        pointer.rewrite(self.database, self.resources.cdn, BOOK)
        self.keys.for_edition(BOOK, 1)
        self._license()

    def _file(self, rel: str, path: str, body: bytes) -> ReleaseFile:
        blob = self.store.put(body, "image/jpeg")
        source = self.store.fetch(blob, self.folder / rel)
        self.resources.cdn.publish(path, source, "image/jpeg")
        source.unlink()
        return ReleaseFile(rel=rel, path=path, blob=blob)

    def _license(self) -> None:
        rows(self.database, _LICENSE, book=BOOK, reader=READER)
        self.resources.cdn.point(license_path("l-1"), READER.encode(), "text/plain")

    def _tell(self) -> None:
        recipients.prefer(self.database, CONTACT, {"language": "de"}, actor="eve")
        assert self.home.ebooks("notices", "send").code == 0
        with dg.DagsterInstance.get() as instance:
            instance.add_dynamic_partitions(PARTITION, [BOOK, "twin"])
            for book in (BOOK, "twin"):
                event = dg.AssetMaterialization(
                    "raw_file", partition=book, metadata={"title": TITLE if book == BOOK else "t"}
                )
                instance.report_runless_asset_event(event)

    def purge(self) -> int:
        self.home.ebooks("withdraw", "--now", BOOK)
        return self.home.ebooks("purge", BOOK, "--reason", "a court said so").code

    def left(self) -> list[str]:
        """Places outside the submitter's own folder that hold a byte, a key or an address of it."""
        secrets = [BODY[:40], TITLE.encode(), CONTACT.encode(), READER.encode(), self.key]
        places = dict(secret_search.left_behind(self.home))
        found = secret_search.holding(places, secrets)
        found += [place for place in places if f"/{BOOK}/" in place or f"/{BOOK}." in place]
        return found


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    folder = tmp_path / "from"
    folder.mkdir()
    with copied_home(filled_once("purging", _fill), tmp_path / "home") as home:
        made = Shelf(home, folder)
        made.key = made.keys.for_edition(BOOK, 1).key.reveal()
        yield made


def _fill(home: Home) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Shelf(home, Path(folder)).fill()


def twin_is_whole(shelf: Shelf) -> bool:
    edition = submissions.current_edition(shelf.database, "twin")
    with dg.DagsterInstance.get() as instance:
        seen = instance.get_latest_materialization_event(dg.AssetKey("raw_file"))
        kept = instance.get_dynamic_partitions(PARTITION) == ["twin"]
    return shelf.store.exists(edition.blob) and kept and seen is not None


def test_nothing_is_left_but_a_tombstone_and_what_is_anothers(shelf: Shelf) -> None:
    assert len(shelf.left()) > 8
    assert shelf.purge() == 0
    blobs = submissions.current_edition(shelf.database, "twin").blob.sha256
    assert [place for place in shelf.left() if blobs not in place] == []
    assert twin_is_whole(shelf)
    (stone,) = shelf.home.ebooks("purge", "--list", "--json").objects
    assert (stone["reason"], stone["actor"], stone["contents"]) == (
        "a court said so",
        "cli:eve",
        [blobs],
    )
    assert stone["ended_at"] is not None
    assert BOOK not in json.dumps(stone)


@pytest.mark.prove
@pytest.mark.parametrize(
    ("where", "what"),
    [
        (LocalObjectStore, "remove_blob"),
        (LocalObjectStore, "remove"),
        (book_rows, "delete_rows"),
        (dagster_forgetting, "forget_partition"),
    ],
)
def test_a_purge_that_is_cut_off_is_taken_up_where_it_was(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, where: object, what: str
) -> None:
    with killed_at(monkeypatch, where, what):
        shelf.purge()
    assert rows(shelf.database, "SELECT count(*) FROM content_key") == [(0,)]
    assert shelf.purge() == 0
    blobs = submissions.current_edition(shelf.database, "twin").blob.sha256
    assert [place for place in shelf.left() if blobs not in place] == []
    assert twin_is_whole(shelf)


@pytest.mark.prove
def test_a_purge_beside_a_backup_is_buried_by_it_and_gone_from_the_next(
    shelf: Shelf, tmp_path: Path
) -> None:
    shelf.home.ebooks("withdraw", "--now", BOOK)
    log = shelf.home.settings.root / "objects" / "documents" / "tombstones" / "books"
    purges = [Thread(target=shelf.purge)]

    def dump(name: str, target: Path) -> None:
        target.write_bytes(b"")
        if purges[0].ident is None:
            purges[0].start()
            wait_for(lambda: list(log.glob("*.json")), bool, 60)

    pool, key = BackupPool(tmp_path / "out"), Secret(bytes(32))
    root = shelf.home.settings.root
    taking = Backup(root, tmp_path / "scratch", pool, key, shelf.database, dump)
    beside = taking.take()
    purges[0].join()
    assert purged(shelf)
    assert any(f"/{BOOK}/" in place for place in places_of(pool, beside.name, key))
    (stone,) = (json.loads(authenticated(body, key, name)) for name, body in pool.tombstones())
    assert stone["digest"] == text_digest(BOOK)
    assert not any(f"/{BOOK}/" in place for place in places_of(pool, taking.take().name, key))


def places_of(pool: BackupPool, name: str, key: Secret) -> list[str]:
    return [file.path for file in read_manifest(pool.read_set(name), key, name).files]


def purged(shelf: Shelf) -> bool:
    (stone,) = shelf.home.ebooks("purge", "--list", "--json").objects
    return stone["ended_at"] is not None


def test_a_book_that_went_on_sale_meanwhile_keeps_no_tombstone(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Purge, "_announce", announced_of_a_book_on_sale)
    refused = shelf.home.ebooks("purge", BOOK, "--reason", "x")
    assert (refused.code, "withdraw --now" in refused.err) == (1, True)
    assert shelf.home.ebooks("purge", "--list", "--json").objects == []
    assert list(tombstone_log.logged(shelf.store)) == []


def announced_of_a_book_on_sale(purge: Purge, book: str, reason: str, actor: str) -> None:
    """As if it had been withdrawn when it was asked for."""
    with purge.database.begin() as connection:
        tombstones.raise_stone(connection, book, reason, actor=actor)
    tombstone_log.log_book(purge.store, tombstones.standing(purge.database, book))


def test_what_is_on_sale_is_not_purged_and_a_reason_is_asked_for(shelf: Shelf) -> None:
    refused = shelf.home.ebooks("purge", BOOK, "--reason", "x")
    assert (refused.code, "withdraw --now" in refused.err) == (1, True)
    assert shelf.home.ebooks("purge", BOOK).code == 2
    assert shelf.home.ebooks("purge", "nobody", "--reason", "x").code == 1


def test_what_was_purged_does_not_come_back(shelf: Shelf) -> None:
    assert shelf.purge() == 0
    path = shelf.write(BOOK)
    with pytest.raises(SubmissionRefused, match="purged"):
        file_submission.submit_file(
            shelf.database, shelf.store, path.name, path, actor="eve", account="house"
        )
    (refused,) = refusals.refused_since(shelf.database)
    assert refused.finding.rule == "submission.purged"
    path.write_bytes(b"Another book of that name.")
    again = file_submission.submit_file(
        shelf.database, shelf.store, path.name, path, actor="eve", account="house"
    )
    assert again.book != BOOK
