"""Each reader's works as they were ranked last, good until the reader or the model knows better.

One row per reader, found by its key: ranking anew asks for a hundred works' links and meanings.
"""

from datetime import timedelta

from sqlalchemy import Connection, func, text
from sqlalchemy.dialects.postgresql import insert

from ebook_pipeline.books.recommending.ranking import Ranked
from ebook_pipeline.books.records import Record
from ebook_pipeline.resources.database import reader_tables

MOST_KEPT = 60
"""Works of a reader: some go off sale, are of one author, or not sold where the reader is."""
_TABLE = reader_tables.reader_recommendations
_PRINT = """
    concat_ws(' ', '2',
        (SELECT concat(count(*), ':', max(changed_at)) FROM opinion WHERE person = {who}),
        (SELECT concat(count(*), ':', max(changed_at)) FROM shelf_entry WHERE person = {who}),
        (SELECT concat(count(*), ':', max(at)) FROM dismissal WHERE person = {who}),
        (SELECT concat(count(*), ':', max(updated)) FROM license WHERE holder = {who}),
        (SELECT max(at) FROM recommendation_model))
"""
"""Of all that a ranking is made from, and of the form of what is kept; each part is one look into
an index."""
RENEWED_AFTER, GOOD_FOR = timedelta(hours=20), timedelta(hours=36)
"""New books go on sale: a ranking is renewed once a day, and served until that has come to it,
so that no hour of the day finds everybody's out of date."""
_FINGERPRINT = text(f"SELECT {_PRINT.format(who=':person')}")
_FRESH = text(
    f"""SELECT document FROM reader_recommendations
    WHERE person = :person AND fingerprint = {_PRINT.format(who=":person")}
        AND at > now() - CAST(:good_for AS interval)"""  # noqa: S608 - ours
)
_STALE = text(
    f"""
    WITH active AS (
        SELECT person FROM opinion WHERE changed_at > now() - make_interval(days => :days)
        UNION SELECT person FROM shelf_entry WHERE changed_at > now() - make_interval(days => :days)
        UNION SELECT holder FROM license WHERE holder IS NOT NULL
            AND updated > now() - make_interval(days => :days)
    )
    SELECT active.person FROM active LEFT JOIN reader_recommendations AS known USING (person)
    WHERE known.fingerprint IS DISTINCT FROM {_PRINT.format(who="active.person")}
        OR known.at < now() - CAST(:renewed_after AS interval)
    ORDER BY known.at NULLS FIRST, active.person
    """  # noqa: S608 - ours
)


class RankedWorks(Record):
    """Works, the best first, each with the authors of its book on sale.

    `oldest`: books for readers of up to this age may be among them.
    """

    works: tuple[Ranked, ...]
    authors: tuple[tuple[str, ...], ...]
    oldest: int


def read(connection: Connection, person: str) -> RankedWorks | None:
    """What is kept, if it is good still."""
    asked = {"person": person, "good_for": GOOD_FOR}
    document = connection.execute(_FRESH, asked).scalar_one_or_none()
    return None if document is None else RankedWorks.model_validate(document)


def fingerprint(connection: Connection, person: str) -> str:
    """Of all that a ranking for the reader is made from now."""
    return str(connection.execute(_FINGERPRINT, {"person": person}).scalar_one())


def keep(connection: Connection, person: str, mark: str, known: RankedWorks) -> None:
    """Let this be served while `mark` is the reader's fingerprint."""
    values = {"fingerprint": mark, "document": known.model_dump(mode="json"), "at": func.now()}
    statement = insert(_TABLE).values(person=person, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["person"], set_=values))


def stale(connection: Connection, days: int) -> list[str]:
    """Readers who did something in the last `days`, and whose ranking is missing, out of date or
    old."""
    asked = {"days": days, "renewed_after": RENEWED_AFTER}
    return list(connection.execute(_STALE, asked).scalars())
