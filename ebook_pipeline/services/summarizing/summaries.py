"""The summary of a work's opinions: made when it is asked for and they have changed, then kept."""

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert

from ebook_pipeline.books.rating.opinion_text import plain
from ebook_pipeline.books.summarizing.summary import (
    OpinionSummary,
    WrittenOpinion,
    digest_of,
    summarize,
)
from ebook_pipeline.resources.database import Database, reader_tables
from ebook_pipeline.services.rating.opinion_rows import work_of

MOST_READ = 500
"""Opinions, the most helpful, that a summary is made of."""
_OPINION, _SUMMARY = reader_tables.opinion.c, reader_tables.opinion_summary


def summary_of(database: Database, book: str) -> OpinionSummary | None:
    """Of the work that `book` is of; None where too few have said anything. Raises `NotFound`."""
    with database.begin() as connection:
        work = work_of(connection, book)
        opinions = _visible(connection, work)
        kept = connection.execute(select(_SUMMARY).where(_SUMMARY.c.work == work)).first()
        if kept is not None and kept.digest == digest_of(opinions):
            return OpinionSummary.model_validate(kept.document)
        made = summarize(opinions)
        _keep(connection, work, made)
        return made


def _visible(connection: Connection, work: int) -> list[WrittenOpinion]:
    query = select(_OPINION.id, _OPINION.stars, _OPINION.text)
    query = query.where(_OPINION.work == work, _OPINION.state == "visible")
    ordered = query.order_by(_OPINION.helpful.desc(), _OPINION.id.desc()).limit(MOST_READ)
    return [
        WrittenOpinion(id=row.id, stars=row.stars, text=plain(row.text))
        for row in connection.execute(ordered)
    ]


def _keep(connection: Connection, work: int, made: OpinionSummary | None) -> None:
    if made is None:
        connection.execute(delete(_SUMMARY).where(_SUMMARY.c.work == work))
        return
    values = {"digest": made.digest, "document": made.model_dump(mode="json")}
    statement = insert(_SUMMARY).values(work=work, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["work"], set_=values))
