"""The summary of a work's opinions: made when it is asked for and they have changed, then kept."""

import logging

from sqlalchemy import Connection, delete, func, select, text
from sqlalchemy.dialects.postgresql import insert

from ebook_pipeline.books.describing.enrich.brief import UnusableAnswer
from ebook_pipeline.books.rating.opinion_text import plain
from ebook_pipeline.books.summarizing.cited import SummaryWriter
from ebook_pipeline.books.summarizing.summary import (
    FEWEST,
    OpinionSummary,
    WrittenOpinion,
    digest_of,
    summarize,
)
from ebook_pipeline.resources.database import Database, reader_tables
from ebook_pipeline.services.concurrency import hold_works
from ebook_pipeline.services.rating.opinion_rows import work_of

MOST_READ = 500
"""Opinions, the most helpful, that a summary is made of."""
MOST_WRITTEN = 500
"""Works that a model writes about in one night, those of most opinions first."""
_UNWRITTEN = text(
    """
    SELECT opinion.work FROM opinion LEFT JOIN opinion_summary AS known USING (work)
    WHERE state = 'visible' AND text <> ''
    GROUP BY opinion.work, known.document, known.at
    HAVING count(*) >= :fewest
        AND (known.document->>'made_by' IS DISTINCT FROM :by OR max(changed_at) > known.at)
    ORDER BY count(*) DESC, opinion.work LIMIT :most
    """
)
_log = logging.getLogger(__name__)
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


def write_summaries(database: Database, writer: SummaryWriter, most: int = MOST_WRITTEN) -> int:
    """Have `writer` write about works whose opinions have changed since it, or another, did.

    How many were written; one transaction each, none while the model thinks. Raises what `writer`
    raises where it does not answer; an answer of no use leaves the work as it was.
    """
    written = 0
    if not writer.version:
        return 0
    asked = {"by": writer.version, "most": most, "fewest": FEWEST}
    with database.begin() as connection:
        works = list(connection.execute(_UNWRITTEN, asked).scalars())
    for work in works:
        with database.begin() as connection:
            opinions = _visible(connection, work)
        made = summarize(opinions)
        if made is None:
            continue
        try:
            said = writer.write(opinions)
        except UnusableAnswer as error:
            _log.warning("work %s: %s", work, error)
            said = ()
        facts = {"written": said, "made_by": writer.version}
        with database.begin() as connection:
            _keep(connection, work, made.model_copy(update=facts))
        written += bool(said)
    return written


def _visible(connection: Connection, work: int) -> list[WrittenOpinion]:
    query = select(_OPINION.id, _OPINION.stars, _OPINION.text)
    query = query.where(_OPINION.work == work, _OPINION.state == "visible")
    ordered = query.order_by(_OPINION.helpful.desc(), _OPINION.id.desc()).limit(MOST_READ)
    return [
        WrittenOpinion(id=row.id, stars=row.stars, text=plain(row.text))
        for row in connection.execute(ordered)
    ]


def _keep(connection: Connection, work: int, made: OpinionSummary | None) -> None:
    """Nothing of a work that was purged meanwhile."""
    if made is None or not hold_works(connection, [work]):
        connection.execute(delete(_SUMMARY).where(_SUMMARY.c.work == work))
        return
    document = made.model_dump(mode="json")
    values = {"digest": made.digest, "document": document, "at": func.now()}
    statement = insert(_SUMMARY).values(work=work, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["work"], set_=values))
