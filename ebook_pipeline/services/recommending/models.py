"""The model in Postgres: links from each work, how many readers know it; replaced as a whole."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select

from ebook_pipeline.books.recommending.ease import WorkLinks
from ebook_pipeline.books.records import Record
from ebook_pipeline.foundation.slices import slices
from ebook_pipeline.resources.database import Database, reader_tables
from ebook_pipeline.services.concurrency import hold_works

_LINKS, _MODEL = reader_tables.work_links, reader_tables.recommendation_model
_AT_A_TIME = 500


class ModelFigures(Record):
    """What a model was made of, and how good it is: nDCG@10 on what was held back, and that of
    recommending the most popular; None where too little was known to hold anything back."""

    day: str
    signals: int
    readers: int
    works: int
    ndcg: float | None = None
    popular_ndcg: float | None = None
    at: datetime | None = None


def replace_model(
    database: Database, links: Sequence[WorkLinks], counts: dict[int, int], figures: ModelFigures
) -> None:
    """Let this be the model from now on; who asks meanwhile gets the one before, or this."""
    by_work = {link.work: link for link in links}
    with database.begin() as connection:
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('recommendations'))")
        connection.execute(delete(_LINKS))
        for works in slices(sorted(counts), _AT_A_TIME):
            there = hold_works(connection, works)
            rows = [_row(work, counts[work], by_work.get(work)) for work in there]
            if rows:
                connection.execute(insert(_LINKS), rows)
        values = figures.model_dump(exclude={"at"})
        connection.execute(delete(_MODEL).where(_MODEL.c.day == figures.day))
        connection.execute(insert(_MODEL).values(values))


def latest_figures(database: Database) -> ModelFigures | None:
    """Of the model in use; None before there is one."""
    query = select(_MODEL).order_by(_MODEL.c.at.desc()).limit(1)
    with database.begin() as connection:
        row = connection.execute(query).mappings().first()
    return None if row is None else ModelFigures(**row)


def links_of(connection: Connection, works: Iterable[int]) -> list[WorkLinks]:
    """Of those of these works that the model knows."""
    these = _LINKS.c.work.in_(list(works)) & (func.cardinality(_LINKS.c.others) > 0)
    query = select(_LINKS).where(these)
    return [WorkLinks.model_construct(**row) for row in connection.execute(query).mappings()]


def known_of(connection: Connection, works: Iterable[int]) -> dict[int, int]:
    """How many readers' signals the model had of each of these works."""
    query = select(_LINKS.c.work, _LINKS.c.signals).where(_LINKS.c.work.in_(list(works)))
    return {row.work: row.signals for row in connection.execute(query)}


def _row(work: int, count: int, link: WorkLinks | None) -> dict[str, object]:
    others, weights = (link.others, link.weights) if link else ((), ())
    return {"work": work, "signals": count, "others": list(others), "weights": list(weights)}
