"""What to read next, for one reader or for everybody: on sale, not read yet, fit for their age.

A reader's works are kept as they were ranked (`kept.py`), until the reader does something or the
model is another one: so what they have just finished or said "not this" to counts at once.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, text

from ebook_pipeline.books.recommending.ranking import Likeness, Ranked, Reason, diverse, ranked
from ebook_pipeline.books.recommending.signals import LIKED, Signal, SignalKind
from ebook_pipeline.books.records import CatalogEntry, Record
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.concurrency import hold_person
from ebook_pipeline.services.recommending import kept
from ebook_pipeline.services.recommending.kept import MOST_KEPT, RankedWorks
from ebook_pipeline.services.recommending.models import known_of, links_of
from ebook_pipeline.services.recommending.signals import signals_of
from ebook_pipeline.services.selling import similar

FREE_UP_TO = 15
"""Years: books for older readers are recommended to those alone who have taken up such a book."""
ACTIVE_DAYS = 90
"""Readers who did nothing for longer are ranked for when they come back."""
_MOST_USED = 100
"""Signals, the newest, that are listened to."""
_SEEDS = 3
"""Of how many works, the newest that the reader liked, like ones are looked for."""
_ALIKE = 30
_CANDIDATES = 120
_BOOKS = """
    SELECT DISTINCT ON (work) work, catalog.book, entry,
        CAST(product #>> '{audience,age_from}' AS integer) AS age
    FROM book JOIN catalog ON catalog.book = book.id AND catalog.state = 'live'
    JOIN release ON release.id = catalog.release
"""
_SHOWN = text(
    f"""{_BOOKS} WHERE work = ANY (:works)
        AND (CAST(:territory AS text) IS NULL OR NOT barred @> ARRAY[CAST(:territory AS text)])
    ORDER BY work, published DESC NULLS LAST, catalog.book"""
)
_TAKEN_UP = text(
    f"{_BOOKS} WHERE work = ANY (:works) ORDER BY work, published DESC NULLS LAST, catalog.book"
)
_DISMISSED = text("SELECT work FROM dismissal WHERE person = :person")
_POPULAR = text("SELECT work, signals FROM work_links ORDER BY signals DESC, work LIMIT :number")
_WORKS = text("SELECT id, work FROM book WHERE id = ANY (:books)")


class Because(Record):
    """Why: they did `kind` with `book`; or, where nothing is known that says more, `popular`."""

    popular: bool
    kind: SignalKind | None = None
    book: str | None = None
    title: str | None = None


class Recommendation(Record):
    """A book on sale, how strongly it is recommended (1 at most), and why."""

    entry: CatalogEntry
    score: float
    because: Because


def recommend(
    database: Database, person: str, number: int = 10, *, territory: str | None = None
) -> tuple[Recommendation, ...]:
    """For a reader; with nothing known of them, what is popular.

    What is kept is answered without a transaction: four statements, each of which stands alone.
    """
    with database.ask() as connection:
        known = kept.read(connection, person)
        if known is not None:
            return _of_kept(connection, known, number, territory)
    with database.begin() as connection:
        return _of_kept(connection, _prepare(connection, person), number, territory)


def prepare(database: Database, days: int = ACTIVE_DAYS) -> int:
    """Rank for every reader who did something in the last `days`, and for whom what is kept is
    not good any more; how many those were. One transaction each; who was erased meanwhile is left
    out."""
    with database.begin() as connection:
        readers = kept.stale(connection, days)
    prepared = 0
    for person in readers:
        with database.begin() as connection:
            if hold_person(connection, person):
                _prepare(connection, person)
                prepared += 1
    return prepared


def _prepare(connection: Connection, person: str) -> RankedWorks:
    """What is good for the reader now, which is kept."""
    fingerprint = kept.fingerprint(connection, person)
    signals = signals_of(connection, person)
    taken = _rows(connection, _TAKEN_UP, [signal.work for signal in signals])
    found = _found(connection, signals, taken)
    gone = set(connection.execute(_DISMISSED, {"person": person}).scalars())
    gone |= {signal.work for signal in signals}
    oldest = max((row.age or 0 for row in taken.values()), default=0)
    wanted = [one for one in found if one.work not in gone][:_CANDIDATES]
    wanted += _popular(connection, gone | {one.work for one in wanted})
    shown = _rows(connection, _SHOWN, [one.work for one in wanted], territory=None)
    works = tuple(one for one in wanted if one.work in shown)[:MOST_KEPT]
    authors = tuple(tuple(shown[one.work].entry.get("authors", ())) for one in works)
    known = RankedWorks(works=works, authors=authors, oldest=max(oldest, FREE_UP_TO))
    kept.keep(connection, person, fingerprint, known)
    return known


def popular(
    database: Database, number: int = 10, *, territory: str | None = None
) -> tuple[Recommendation, ...]:
    """What most readers took up, for whoever has not signed in."""
    with database.begin() as connection:
        wanted = _popular(connection, set())
        shown = _rows(connection, _SHOWN, [one.work for one in wanted], territory=territory)
        authors = {work: row.entry.get("authors", ()) for work, row in shown.items()}
        fit = [one for one in wanted if _is_fit(shown, one.work, FREE_UP_TO)]
        return _told(connection, diverse(fit, authors, number), shown)


def _found(
    connection: Connection, signals: Sequence[Signal], taken: Mapping[int, Row[Any]]
) -> list[Ranked]:
    used = signals[:_MOST_USED]
    links = links_of(connection, [signal.work for signal in used])
    alike = list(_alike(connection, used, taken))
    works = {other for link in links for other in link.others} | {pair.other for pair in alike}
    return ranked(signals, links, alike, known_of(connection, works))


def _alike(
    connection: Connection, signals: Iterable[Signal], taken: Mapping[int, Row[Any]]
) -> Iterable[Likeness]:
    """Near books of those that the reader liked last, as works."""
    seeds = (one for one in signals if one.kind in LIKED and one.work in taken)
    near = {
        seed.work: similar.nearest(connection, taken[seed.work].book, _ALIKE)
        for seed in islice(seeds, _SEEDS)
    }
    books = sorted({book for found in near.values() for book, _ in found})
    works = {row.id: row.work for row in connection.execute(_WORKS, {"books": books})}
    for work, found in near.items():
        for book, cosine in found:
            if book in works:  # else it was purged just now
                yield Likeness(work=work, other=works[book], cosine=cosine)


def _popular(connection: Connection, gone: set[int]) -> list[Ranked]:
    """Below everything that something speaks for."""
    rows = connection.execute(_POPULAR, {"number": _CANDIDATES + len(gone)})
    left = [row for row in rows if row.work not in gone][:_CANDIDATES]
    most = left[0].signals if left else 1
    return [Ranked(work=row.work, score=1e-3 * row.signals / most, reason=Reason()) for row in left]


def _of_kept(
    connection: Connection, known: RankedWorks, number: int, territory: str | None
) -> tuple[Recommendation, ...]:
    """The best of what is kept. Whether a book is on sale is asked of those alone that are chosen:
    of all only where one of them is not."""
    works, oldest = list(known.works), known.oldest
    authors = {one.work: names for one, names in zip(known.works, known.authors, strict=True)}
    chosen = diverse(works, authors, number)
    shown = _rows(connection, _SHOWN, [one.work for one in chosen], territory=territory)
    if not all(_is_fit(shown, one.work, oldest) for one in chosen):
        shown = _rows(connection, _SHOWN, [one.work for one in works], territory=territory)
        fit = [one for one in works if _is_fit(shown, one.work, oldest)]
        chosen = diverse(fit, authors, number)
    return _told(connection, chosen, shown)


def _is_fit(shown: Mapping[int, Row[Any]], work: int, oldest: int) -> bool:
    """On sale, and for readers no older than that."""
    return work in shown and (shown[work].age or 0) <= oldest


def _told(
    connection: Connection, chosen: Sequence[Ranked], shown: Mapping[int, Row[Any]]
) -> tuple[Recommendation, ...]:
    """Each with its reason, whose book is looked up as the reader knows it."""
    reasons = sorted({one.reason.work for one in chosen if one.reason.work is not None})
    taken = _rows(connection, _TAKEN_UP, reasons) if reasons else {}
    return tuple(
        Recommendation(
            entry=CatalogEntry.model_validate(shown[one.work].entry),
            score=one.score,
            because=_because(one.reason, taken),
        )
        for one in chosen
    )


def _because(reason: Reason, taken: Mapping[int, Row[Any]]) -> Because:
    """The book by which the reader knows the work, where it is on sale still."""
    if reason.work is None:
        return Because(popular=True)
    row = taken.get(reason.work)
    book, title = (row.book, row.entry["title"]) if row is not None else (None, None)
    return Because(popular=False, kind=reason.kind, book=book, title=title)


def _rows(
    connection: Connection, query: Any, works: Sequence[int], **values: Any
) -> dict[int, Row[Any]]:
    rows = connection.execute(query, {"works": list(works)} | values)
    return {row.work: row for row in rows}
