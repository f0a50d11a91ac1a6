"""What others do about an opinion: votes and reports of readers, decisions of moderators, appeals.

Nothing is thrown away: what is hidden can be appealed against, and shown again.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from ebook_pipeline.books.rating.holding import HELD_FROM, ReportReason
from ebook_pipeline.foundation.errors import Denied
from ebook_pipeline.resources.database import Database, reader_tables
from ebook_pipeline.services.concurrency import Precondition, unconditionally
from ebook_pipeline.services.rating.opinion_rows import (
    Opinion,
    found,
    opinion_of,
    revise,
    selected,
    tell,
)
from ebook_pipeline.services.rating.opinions import REPORTED

_OPINION = reader_tables.opinion
_VOTE, _REPORT = reader_tables.opinion_vote, reader_tables.opinion_report
_NOW = func.now()


def vote(
    database: Database, number: int, person: str, *, helpful: bool | None, actor: str
) -> Opinion:
    """Say that it is helpful, or not, or nothing any more (None); a second vote is the only one.

    `Denied` about one's own.
    """
    with database.begin() as connection:
        _require_others(found(connection, number, locked=True), person)
        if helpful is None:
            theirs = (_VOTE.c.opinion == number) & (_VOTE.c.person == person)
            connection.execute(delete(_VOTE).where(theirs))
        else:
            row = {"opinion": number, "person": person, "helpful": helpful}
            statement = insert(_VOTE).values(row)
            keys, now = ["opinion", "person"], {"helpful": helpful}
            connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=now))
        after = found(connection, number)
        tell(connection, "", after, actor, "vote", helpful=helpful)
        return after


def report(
    database: Database,
    number: int,
    person: str,
    reason: ReportReason,
    note: str = "",
    *,
    actor: str,
) -> Opinion:
    """Say why it should not stand here, once; from `HELD_FROM` readers on it is held.

    Not where a moderator has looked at these words already. `Denied` about one's own.
    """
    row = {"opinion": number, "person": person, "reason": reason.value, "note": note}
    with database.begin() as connection:
        before = found(connection, number, locked=True)
        _require_others(before, person)
        added = connection.execute(insert(_REPORT).values(row).on_conflict_do_nothing())
        if not added.rowcount:
            return before
        reports, state, cleared = _OPINION.c.reports + 1, _OPINION.c.state, _OPINION.c.cleared
        values = {"reports": reports, "waits_since": func.coalesce(_OPINION.c.waits_since, _NOW)}
        query = update(_OPINION).where(_OPINION.c.id == number).values(values)
        connection.execute(query)
        many = (_OPINION.c.id == number) & (_OPINION.c.reports >= HELD_FROM)
        holding = update(_OPINION).where(many, state == "visible", ~cleared)
        held = connection.execute(holding.values(state="held", reasons=[REPORTED])).rowcount
        after = found(connection, number)
        event = "review.hidden" if held else ""
        tell(connection, event, after, actor, "report", reason=reason.value)
        return after


def decide(
    database: Database,
    number: int,
    *,
    shown: bool,
    note: str,
    actor: str,
    precondition: Precondition[Opinion] = unconditionally,
) -> Opinion:
    """A moderator shows or hides it; whoever wrote it reads the note. An appeal ends with it."""
    values: dict[str, Any] = {
        "state": "visible" if shown else "hidden",
        "note": note,
        "appeal": "",
        "reasons": [],
        "reports": 0,
        "cleared": shown,
        "waits_since": None,
    }
    with database.begin() as connection:
        before, after = revise(connection, number, lambda _: values, precondition)
        event = "review.changed" if shown else "review.hidden"
        tell(connection, event if after.state != before.state else "", after, actor, "decide")
        return after


def appeal(
    database: Database,
    number: int,
    why: str,
    *,
    actor: str,
    precondition: Precondition[Opinion] = unconditionally,
) -> Opinion:
    """Ask for another look at what was hidden, once for each decision. `Denied` otherwise."""

    def appealed(before: Opinion) -> dict[str, Any]:
        if before.state != "hidden" or before.appeal:
            raise Denied("only what was hidden is appealed against, and once")
        return {"appeal": why, "waits_since": func.now()}

    with database.begin() as connection:
        _, after = revise(connection, number, appealed, precondition)
        tell(connection, "", after, actor, "appeal")
        return after


def waiting(
    database: Database, *, after: tuple[datetime, int] | None = None, limit: int = 50
) -> tuple[Opinion, ...]:
    """What is held, reported or appealed, the longest waiting first."""
    keys = (_OPINION.c.waits_since, _OPINION.c.id)
    query = selected().where(_OPINION.c.waits_since.is_not(None))
    if after is not None:
        query = query.where(tuple_(*keys) > tuple_(*after))
    with database.begin() as connection:
        rows = map(opinion_of, connection.execute(query.order_by(*keys).limit(limit)))
        return tuple(opinion for opinion in rows if opinion.book)


def reports_of(database: Database, numbers: Collection[int]) -> dict[int, dict[str, int]]:
    """How many readers said what of each of these opinions."""
    said: dict[int, dict[str, int]] = {number: {} for number in numbers}
    columns = (_REPORT.c.opinion, _REPORT.c.reason)
    query = select(*columns, func.count()).where(_REPORT.c.opinion.in_(numbers))
    with database.begin() as connection:
        for number, reason, count in connection.execute(query.group_by(*columns)):
            said[number][reason] = count
    return said


def _require_others(opinion: Opinion, person: str) -> None:
    if opinion.person == person:
        raise Denied("that is your own opinion")
