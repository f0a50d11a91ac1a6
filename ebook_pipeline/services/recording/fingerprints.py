"""What books are made of, compared in one question: all that stages and the gate ask of the world.

What a stage asks of the database and a rerun must not miss stands in `MADE_OF`; a test reads which
tables a rerun reads.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache

from sqlalchemy import Connection, delete, text, update
from sqlalchemy.dialects.postgresql import insert

from ebook_pipeline.books.records import BlobRef
from ebook_pipeline.resources.database import Database, progress_tables

_TABLE = progress_tables.book_fingerprint
_KEPT = _TABLE.c
_BLOB_TYPE = "application/octet-stream"
MADE_OF = f"""
    SELECT book.id AS book, encode(sha256(convert_to(jsonb_build_array(CAST(:made_with AS text),
        book.account, imprint.name, account.price_fall, newest.number, newest.sha256,
        newest.length, newest.media_type, newest.source, newest.claims,
        (SELECT jsonb_agg(jsonb_build_array(field, value) ORDER BY field)
            FROM field_lock WHERE field_lock.book = book.id),
        (SELECT jsonb_agg(reason ORDER BY id) FROM review_flag
            WHERE review_flag.book = book.id AND review_flag.edition = newest.number
                AND settled_at IS NULL),
        (SELECT max(decision.id) FROM review_task JOIN decision ON decision.task = review_task.id
            WHERE review_task.book = book.id),
        (SELECT release FROM catalog WHERE catalog.book = book.id),
        (SELECT max(id) FROM audit WHERE audit.book = book.id AND action = 'go_live'),
        (SELECT jsonb_agg(jsonb_build_array(twins.book, twins.ended) ORDER BY twins.book)
            FROM ({progress_tables.TWINS}) AS twins)
    )::text, 'UTF8')), 'hex') AS fingerprint
    FROM book JOIN account ON account.id = book.account
    LEFT JOIN imprint ON imprint.key = book.imprint
    CROSS JOIN LATERAL (
        SELECT * FROM edition WHERE edition.book = book.id ORDER BY number DESC LIMIT 1
    ) AS newest
    WHERE book.id = ANY(CAST(:books AS text[])) AND NOT EXISTS (
        SELECT FROM submission WHERE submission.book = book.id AND submission.state = 'open')
"""  # noqa: S608 - of our own words
_NOW = text(MADE_OF)
_UNCHANGED = text(
    f"""
    SELECT kept.book, kept.blobs FROM book_fingerprint AS kept JOIN ({MADE_OF}) AS made
        ON made.book = kept.book AND made.fingerprint = kept.fingerprint
    WHERE kept.told AND kept.book = ANY(CAST(:books AS text[])) ORDER BY kept.book
    """  # noqa: S608 - of our own words
)


class BookFingerprints:
    """Those of one run; `made_with` tells its code and tools: execution's `Fingerprints`."""

    def __init__(self, database: Database, run: str, made_with: Callable[[], str]) -> None:
        self._database, self._run = database, run
        self._made_with = cache(made_with)

    def unchanged(self, keys: Sequence[str]) -> Mapping[str, tuple[BlobRef, ...]]:
        with self._database.begin() as connection:
            rows = connection.execute(_UNCHANGED, self._asked(keys))
            return {row.book: tuple(map(_blob, row.blobs)) for row in rows}

    def begin(self, key: str) -> str:
        with self._database.begin() as connection:
            connection.execute(delete(_TABLE).where(_KEPT.book == key))
            return self._made_of(connection, key)

    def now(self, key: str) -> str:
        with self._database.begin() as connection:
            return self._made_of(connection, key)

    def keep(self, key: str, fingerprint: str, blobs: Sequence[BlobRef]) -> None:
        values = {
            "fingerprint": fingerprint,
            "blobs": [f"{blob.sha256} {blob.length}" for blob in blobs],
            "run": self._run,
            "told": False,
        }
        row = insert(_TABLE).values(book=key, **values)
        with self._database.begin() as connection:
            connection.execute(row.on_conflict_do_update(index_elements=["book"], set_=values))

    def told(self, keys: Sequence[str]) -> None:
        these = update(_TABLE).where(_KEPT.book.in_(keys), _KEPT.run == self._run)
        with self._database.begin() as connection:
            connection.execute(these.values(told=True))

    def _made_of(self, connection: Connection, key: str) -> str:
        row = connection.execute(_NOW, self._asked([key])).first()
        return str(row.fingerprint) if row else ""

    def _asked(self, keys: Sequence[str]) -> dict[str, object]:
        return {"made_with": self._made_with(), "books": list(keys)}


def _blob(kept: str) -> BlobRef:
    digest, _, length = kept.partition(" ")
    return BlobRef(sha256=digest, length=int(length), media_type=_BLOB_TYPE)
