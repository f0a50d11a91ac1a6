"""What readers did, read from where it stands: opinions, shelves, licences. Nothing is kept twice.

Of several signals of one reader about one work the one that says most holds.
"""

from collections.abc import Iterable, Iterator

from sqlalchemy import Connection, text

from ebook_pipeline.books.recommending.signals import HIGH_FROM, Signal, SignalKind
from ebook_pipeline.resources.database import Database

MOST_OF_A_READER = 500
"""Signals, the newest: who has more is a library, and says little of taste."""
_RANK = {kind.value: place for place, kind in enumerate(SignalKind)}
_EVERY = f"""
    SELECT person AS reader, work, changed_at AS at,
        CASE WHEN stars >= {HIGH_FROM} THEN 'rated_high' ELSE 'rated_low' END AS kind
    FROM opinion WHERE state <> 'hidden' {{opinion}}
    UNION ALL
    SELECT person, work, changed_at, CASE shelf WHEN 'read' THEN 'finished'
        WHEN 'reading' THEN 'reading' ELSE 'wanted' END
    FROM shelf_entry WHERE true {{shelf}}
    UNION ALL
    SELECT holder, work, issued, 'bought' FROM license JOIN book ON book.id = license.book
    WHERE holder IS NOT NULL AND license.state NOT IN ('cancelled', 'revoked') {{license}}
"""  # noqa: S608 - a number of ours
_ALL = _EVERY.format(opinion="", shelf="", license="")
_OF_ONE = _EVERY.format(
    opinion="AND person = :reader", shelf="AND person = :reader", license="AND holder = :reader"
)
_NEWEST = text(f"SELECT * FROM ({_OF_ONE}) AS of_one ORDER BY at DESC LIMIT :most")  # noqa: S608
_COUNTED = text(f"SELECT kind, count(*) AS number FROM ({_ALL}) AS every GROUP BY kind")  # noqa: S608
_EACH = text(f"SELECT * FROM ({_ALL}) AS every ORDER BY reader, at DESC")  # noqa: S608


def all_signals(database: Database) -> list[Signal]:
    """Of every reader with at most `MOST_OF_A_READER`, each with the signal that says most."""
    with database.begin() as connection:
        rows = connection.execution_options(yield_per=10_000).execute(_EACH)
        return list(_strongest((row.reader, row.work, row.kind) for row in rows))


def signals_of(connection: Connection, reader: str) -> list[Signal]:
    """Of one reader, the newest first."""
    rows = connection.execute(_NEWEST, {"reader": reader, "most": MOST_OF_A_READER})
    return list(_strongest((row.reader, row.work, row.kind) for row in rows))


def count_signals(database: Database) -> dict[str, int]:
    """How many there are of each kind, before the strongest of each work is taken."""
    with database.begin() as connection:
        counted = {row.kind: row.number for row in connection.execute(_COUNTED)}
    return {kind.value: counted.get(kind.value, 0) for kind in SignalKind}


def _strongest(rows: Iterable[tuple[str, int, str]]) -> Iterator[Signal]:
    best: dict[tuple[str, int], str] = {}
    for reader, work, kind in rows:
        before = best.get((reader, work))
        if before is None or _RANK[kind] < _RANK[before]:
            best[reader, work] = kind
    taken: dict[str, int] = {}
    for (reader, work), kind in best.items():
        taken[reader] = taken.get(reader, 0) + 1
        if taken[reader] <= MOST_OF_A_READER:
            yield Signal(reader=reader, work=work, kind=SignalKind(kind))
