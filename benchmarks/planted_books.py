"""Books that a home has done without doing them: copies of some that it did, as a run leaves them.

Each copy has a manuscript, an edition, records, blobs and a fingerprint of its own, reckoned as a
run does; no two have the same bytes. What their records say is what the first ones' say: the files
are the same, by other names.
"""

import hashlib
import os
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.catalog_books import settle
from ebook_pipeline.assets import BOOK_CHAIN
from ebook_pipeline.assets.book_batches import book_batch
from ebook_pipeline.books.records import BlobRef
from ebook_pipeline.cli.opening import opened
from ebook_pipeline.foundation.record import text_digest
from ebook_pipeline.resources.database import Database
from ebook_pipeline.settings import Settings

_COPIED: dict[str, dict[str, str]] = {
    "edition": {"sha256": "planted.sha256", "length": "planted.length"},
    "stage_run": {},
    "description": {},
    "ingestion_metrics": {},
    "release": {},
    "catalog": {},
    "source": {"landing_key": "planted.landing_key"},
    "submission": {
        "landing_key": "planted.landing_key",
        "version": "planted.sha256 || substr(own.version, 65)",
        "length": "planted.length",
        "blob": "own.blob || jsonb_build_object("
        "'sha256', planted.sha256, 'length', planted.length)",
    },
}
"""Tables with rows of a book that a rerun, or what it prints of the book, reads; and by column what
a copy has of its own."""
_PLANTED = """
CREATE TEMPORARY TABLE planted
    (made text, book text, landing_key text, sha256 text, length bigint) ON COMMIT DROP
"""
_EACH = "INSERT INTO planted VALUES (%s, %s, %s, %s, %s)"
_BOOKS = """
INSERT INTO work SELECT FROM planted;
INSERT INTO book (id, work, account, imprint)
    SELECT planted.book, (SELECT max(id) FROM work) + 1 - row_number() OVER (), account, imprint
    FROM planted JOIN book ON book.id = made;
"""
_COLUMNS = """
SELECT quote_ident(column_name) FROM information_schema.columns
WHERE table_name = %s AND table_schema = 'public' AND is_generated = 'NEVER'
    AND is_identity = 'NO' AND column_name <> 'book'
"""
_PROGRESS = "INSERT INTO book_progress SELECT * FROM book_progress_now ON CONFLICT DO NOTHING"


@dataclass(frozen=True)
class Copy:
    """A book that is planted: whose copy it is, and its manuscript at `path`."""

    made: str
    book: str
    path: Path
    sha256: str
    length: int


def planted(settings: Settings, files: Mapping[str, Path], copies: int) -> dict[str, Path]:
    """`files` and so many copies of each by other names, which the home has done as well."""
    resources = opened(settings)
    each = list(_manuscripts(files, copies))
    _plant_rows(resources.database, each)
    run = str(uuid.uuid4())
    fingerprints = book_batch(resources, lambda _: None, run).fingerprints(BOOK_CHAIN.version)
    made = fingerprints.unchanged([Path(name).stem for name in files])
    objects = settings.root / "objects"
    for copy in each:
        _plant_records(objects / "documents" / "records", copy)
        _plant_manuscript(objects / "blobs", copy)
        own = tuple(_plant_blob(objects / "blobs", blob, copy) for blob in made[copy.made])
        fingerprints.keep(copy.book, fingerprints.now(copy.book), own)
    fingerprints.told([copy.book for copy in each])
    settle(resources.database)
    return {**files, **{copy.path.name: copy.path for copy in each}}


def _manuscripts(files: Mapping[str, Path], copies: int) -> Iterator[Copy]:
    """A file for each, which ends with its number."""
    for number in range(1, copies + 1):
        for name, path in files.items():
            body = path.read_bytes() + f"\nThis is copy {number}.\n".encode()
            target = path.with_name(f"copy-{number}-{name}")
            target.write_bytes(body)
            digest = hashlib.sha256(body).hexdigest()
            yield Copy(path.stem, target.stem, target, digest, len(body))


def _plant_rows(database: Database, copies: list[Copy]) -> None:
    rows = [(one.made, one.book, one.path.name, one.sha256, one.length) for one in copies]
    with database.begin_as_owner() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.exec_driver_sql(_PLANTED)
        connection.exec_driver_sql(_EACH, rows)
        connection.exec_driver_sql(_BOOKS)
        for table, own in _COPIED.items():
            columns = connection.exec_driver_sql(_COLUMNS, (table,)).scalars().all()
            values = ", ".join(own.get(column, f"own.{column}") for column in columns)
            connection.exec_driver_sql(
                f"INSERT INTO {table} (book, {', '.join(columns)}) SELECT planted.book, {values}"
                f" FROM {table} AS own JOIN planted ON planted.made = own.book"
            )
        connection.exec_driver_sql(_PROGRESS)


def _plant_records(records: Path, copy: Copy) -> None:
    for stage in BOOK_CHAIN.names:
        folder = records / stage / copy.book / "1"
        folder.mkdir(parents=True)
        for document in (records / stage / copy.made / "1").iterdir():
            os.link(document, folder / document.name)


def _plant_manuscript(blobs: Path, copy: Copy) -> None:
    target = _blob_path(blobs, copy.sha256)
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(copy.path.read_bytes())


def _plant_blob(blobs: Path, blob: BlobRef, copy: Copy) -> BlobRef:
    digest = text_digest(f"{blob.sha256} of {copy.book}")
    target = _blob_path(blobs, digest)
    target.parent.mkdir(exist_ok=True)
    os.link(_blob_path(blobs, blob.sha256), target)
    return blob.model_copy(update={"sha256": digest})


def _blob_path(blobs: Path, digest: str) -> Path:
    return blobs / digest[:2] / digest
