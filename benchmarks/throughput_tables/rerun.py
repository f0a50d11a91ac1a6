"""A catalogue that nothing has happened to, once more: books a second, CPU, memory, by its number.

Ten books go through the whole chain; the others are planted as rows and files that are theirs but
for the name: each has a manuscript, records, blobs and a fingerprint of its own, reckoned as a run
does. Everything that the rerun compares is compared.
"""

import os
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks.catalog_books import settle
from benchmarks.frame import Cell, Options, Table, measured
from benchmarks.throughput_tables.ingesting import Cost, Home, benchmark_home, small_books, told
from ebook_pipeline.assets import BOOK_CHAIN
from ebook_pipeline.assets.book_batches import book_batch
from ebook_pipeline.books.records import BlobRef
from ebook_pipeline.cli.opening import opened
from ebook_pipeline.foundation.record import text_digest
from ebook_pipeline.resources.database import Database

COLUMNS = ("books", "books a second", "CPU ms a book", "MB at most", "ends")
NUMBERS = (100, 1_000, 10_000)
MADE = 10
_TABLES = ("edition", "stage_run", "description", "ingestion_metrics", "release", "catalog")
_KEYED = ("source", "submission")
"""Those with rows of a book that a rerun, or what it prints of the book, reads."""
_BOOKS = """
CREATE TEMPORARY TABLE planted AS SELECT made.id AS made, 'copy-' || n || '-' || made.id AS book
    FROM book AS made, generate_series(1, {copies}) AS n;
INSERT INTO work SELECT FROM planted;
INSERT INTO book (id, work, account, imprint)
    SELECT planted.book, (SELECT max(id) FROM work) + 1 - row_number() OVER (), account, imprint
    FROM planted JOIN book ON book.id = made;
"""
_COLUMNS = """
SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns
WHERE table_name = '{table}' AND table_schema = 'public' AND is_generated = 'NEVER'
    AND is_identity = 'NO' AND column_name NOT IN ('book', 'landing_key')
"""
_ROWS = """
INSERT INTO {table} (book, {columns}) SELECT planted.book, {columns} FROM {table} AS own
    JOIN planted ON planted.made = own.book
"""
_KEYED_ROWS = """
INSERT INTO {table} (book, landing_key, {columns})
    SELECT planted.book, replace(planted.book, made, '') || landing_key, {columns}
    FROM {table} AS own JOIN planted ON planted.made = own.book
"""
_PROGRESS = "INSERT INTO book_progress SELECT * FROM book_progress_now ON CONFLICT DO NOTHING"


def table(options: Options) -> Table:
    wanted = (options.books,) if options.books else NUMBERS
    rows = []
    for number in wanted:
        cost: Cost = measured(again, options.folder("small"), number).result
        cells: list[Cell] = [number, number / cost.wall, 1000 * cost.per_book, cost.megabytes]
        rows.append([*cells, told(cost.states)])
    said = f"Unchanged books ingested again, load {os.getloadavg()[0]:.1f}."
    return Table("Unchanged", COLUMNS, rows, said)


def again(folder: Path, number: int) -> Cost:
    """What `number` unchanged books take."""
    files = small_books(folder, MADE)
    with benchmark_home() as home:
        home.ingest(files)
        return home.ingest(planted(home, files, number // MADE - 1))


def planted(home: Home, files: Mapping[str, Path], copies: int) -> dict[str, Path]:
    """`files` and so many copies of each by other names, which the home has done as well."""
    resources = opened(home.settings)
    database, objects = resources.database, home.settings.root / "objects"
    run = str(uuid.uuid4())
    fingerprints = book_batch(resources, lambda _: None, run).fingerprints(BOOK_CHAIN.version)
    made = fingerprints.unchanged([Path(name).stem for name in files])
    _plant_rows(database, copies)
    for number in range(1, copies + 1):
        for book, blobs in made.items():
            copy = f"copy-{number}-{book}"
            _plant_records(objects / "documents" / "records", book, copy)
            own = tuple(_plant_blob(objects / "blobs", blob, copy) for blob in blobs)
            fingerprints.keep(copy, fingerprints.now(copy), own)
        fingerprints.told([f"copy-{number}-{book}" for book in made])
    settle(database)
    return {**files, **dict(_plant_files(files, copies))}


def _plant_rows(database: Database, copies: int) -> None:
    with database.begin_as_owner() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.exec_driver_sql(_BOOKS.format(copies=copies))
        for name in _TABLES:
            columns = connection.exec_driver_sql(_COLUMNS.format(table=name)).scalar_one()
            connection.exec_driver_sql(_ROWS.format(table=name, columns=columns))
        for name in _KEYED:
            columns = connection.exec_driver_sql(_COLUMNS.format(table=name)).scalar_one()
            connection.exec_driver_sql(_KEYED_ROWS.format(table=name, columns=columns))
        connection.exec_driver_sql(_PROGRESS)


def _plant_records(records: Path, book: str, copy: str) -> None:
    for stage in BOOK_CHAIN.names:
        folder = records / stage / copy / "1"
        folder.mkdir(parents=True)
        for document in (records / stage / book / "1").iterdir():
            os.link(document, folder / document.name)


def _plant_blob(blobs: Path, blob: BlobRef, copy: str) -> BlobRef:
    digest = text_digest(f"{blob.sha256} of {copy}")
    (blobs / digest[:2]).mkdir(exist_ok=True)
    os.link(blobs / blob.sha256[:2] / blob.sha256, blobs / digest[:2] / digest)
    return blob.model_copy(update={"sha256": digest})


def _plant_files(files: Mapping[str, Path], copies: int) -> Iterator[tuple[str, Path]]:
    for number in range(1, copies + 1):
        for name, path in files.items():
            copy = path.with_name(f"copy-{number}-{name}")
            if not copy.exists():
                os.link(path, copy)
            yield copy.name, copy
