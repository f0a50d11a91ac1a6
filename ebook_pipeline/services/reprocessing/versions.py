"""What stages are made with: a rise is noticed, and offers to do the stage again.

The executor notes with each outcome what made it (`made_with`). A version that was not seen before
is kept with the number of books that were made with something else, and the hours they take.
"""

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, text

from ebook_pipeline.books.records import Record
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.database.clean import clean_json
from ebook_pipeline.services.audit_and_outbox import audit
from ebook_pipeline.services.reprocessing import plan, reprocessings
from ebook_pipeline.services.reprocessing.plan import ReprocessPlan
from ebook_pipeline.services.reprocessing.reprocessings import Reprocessing, ReprocessingRequest

_KNOWN = text("SELECT version FROM stage_version WHERE stage = :stage")
_NEW = text(
    """
    INSERT INTO stage_version (stage, version, facts, is_first, books, hours, answer)
    VALUES (:stage, :version, CAST(:facts AS jsonb), :is_first, :books, :hours, :answer)
    ON CONFLICT (stage, version) DO NOTHING
    """
)
_OUTDATED = text(
    """
    SELECT book_progress.book FROM book_progress CROSS JOIN LATERAL (
        SELECT detail ->> 'made_with' AS made_with FROM stage_run
        WHERE stage_run.book = book_progress.book AND stage_run.edition = book_progress.edition
            AND stage_run.stage = :stage AND stage_run.outcome IN ('done', 'reused')
        ORDER BY id DESC LIMIT 1
    ) AS latest
    WHERE latest.made_with IS DISTINCT FROM :version ORDER BY 1
    """
)
_OFFERS = text(
    """
    SELECT DISTINCT ON (stage) stage, version, facts, books, hours, at, answer
    FROM stage_version ORDER BY stage, at DESC
    """
)
_COUNTED = text(
    """
    UPDATE stage_version SET books = :books, hours = :hours,
        answer = CASE WHEN :books > 0 THEN answer ELSE 'taken' END
    WHERE stage = :stage AND answer = 'open'
    """
)
_ANSWER = text("UPDATE stage_version SET answer = :answer WHERE stage = :stage AND answer = 'open'")


class MadeWith(Record):
    """What a stage is made with: `facts` are its code's and record's versions, and its tools'."""

    version: str
    facts: dict[str, str]


class Offer(Record):
    """A stage that is made with something new; so many books were made with something else."""

    stage: str
    version: str
    facts: dict[str, str]
    books: int
    hours: float
    at: datetime


def note(database: Database, made_with: Mapping[str, MadeWith]) -> tuple[str, ...]:
    """Keep what stages are made with from now on; those with a new version that asks for work."""
    return tuple(stage for stage, made in made_with.items() if _note(database, stage, made))


def count_again(database: Database) -> None:
    """Let open offers say how many books they are about by now; none is about no book."""
    for offer in offers(database):
        left = outdated(database, offer)
        counted = {"stage": offer.stage, "books": len(left.books), "hours": left.hours}
        with database.begin() as connection:
            connection.execute(_COUNTED, counted)


def offers(database: Database) -> tuple[Offer, ...]:
    """What nobody has answered yet, by stage: of a stage's newest version alone."""
    with database.begin() as connection:
        rows = connection.execute(_OFFERS).mappings().all()
    fields = Offer.model_fields
    return tuple(
        Offer.model_validate({name: row[name] for name in fields})
        for row in rows
        if row["answer"] == "open"
    )


def outdated(database: Database, offer: Offer) -> ReprocessPlan:
    """The books that were made with something else, as of now."""
    with database.begin() as connection:
        books = _outdated(connection, offer.stage, offer.version)
    own, after = plan.hours(database, offer.stage, len(books), alone=False)
    return ReprocessPlan(stage=offer.stage, books=books, hours=own, hours_after=after)


def accept(database: Database, stage: str, *, actor: str) -> Reprocessing:
    """Do the stage again for its outdated books. Raises `NotFound` where nothing is offered."""
    offer = _offer(database, stage)
    request = ReprocessingRequest(stage=stage, cause=f"version:{stage}")
    begun = reprocessings.begin(database, request, outdated(database, offer), actor=actor)
    _answer(database, stage, "taken", actor)
    return begun


def dismiss(database: Database, stage: str, *, actor: str) -> None:
    """Leave the books as they are. Raises `NotFound` where nothing is offered."""
    _offer(database, stage)
    _answer(database, stage, "dismissed", actor)


def _note(database: Database, stage: str, made: MadeWith) -> bool:
    with database.begin() as connection:
        known = set(connection.execute(_KNOWN, {"stage": stage}).scalars())
        if made.version in known:
            return False
        books = _outdated(connection, stage, made.version) if known else ()
    own, _ = plan.hours(database, stage, len(books), alone=True)
    row = {
        "stage": stage,
        "version": made.version,
        "facts": json.dumps(clean_json(made.facts)),
        "is_first": not known,
        "books": len(books),
        "hours": own,
        "answer": "open" if books else "dismissed",
    }
    with database.begin() as connection:
        connection.execute(_NEW, row)
    return bool(books)


def _outdated(connection: Connection, stage: str, version: str) -> tuple[str, ...]:
    return tuple(connection.execute(_OUTDATED, {"stage": stage, "version": version}).scalars())


def _offer(database: Database, stage: str) -> Offer:
    for offer in offers(database):
        if offer.stage == stage:
            return offer
    raise NotFound(f"nothing is offered for the stage {stage[:80]!r}")


def _answer(database: Database, stage: str, answer: str, actor: str) -> None:
    with database.begin() as connection:
        connection.execute(_ANSWER, {"stage": stage, "answer": answer})
        audit(connection, actor, f"reprocessing.offer.{answer}", "", {"stage": stage})
