"""Who is there and how busy it is, for operators: people, sessions, queues, the machine."""

import os

from sqlalchemy import text

from ebook_pipeline.books.records import Record
from ebook_pipeline.resources.database import Database

_ROLES = text(
    """
    SELECT role, count(DISTINCT person) AS people FROM membership
    JOIN person ON person.login = membership.person AND person.left_at IS NULL
    GROUP BY role ORDER BY role
    """
)
_QUEUES = text(
    """
    SELECT (SELECT count(*) FROM session WHERE ends_at > now()) AS sessions,
        (SELECT count(DISTINCT person) FROM session
            WHERE ends_at > now() AND seen_at > now() - interval '1 day') AS seen_today,
        (SELECT count(*) FROM submission WHERE state = 'open') AS submissions,
        (SELECT count(*) FROM review_task WHERE state = 'open') AS reviews,
        (SELECT count(*) FROM opinion WHERE waits_since IS NOT NULL) AS opinions,
        (SELECT count(*) FROM notice WHERE state = 'queued') AS notices,
        pg_database_size(current_database()) AS database_bytes,
        (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()) AS connections
    """
)


class LoadFigures(Record):
    """`people` by role, who has left not among them; `sessions`: browsers signed in, and how many
    people of those were seen within a day. Then what waits for somebody, the database, and how
    many of so many `processors` have had work in the last minute (`load`)."""

    people: dict[str, int]
    sessions: int
    seen_today: int
    submissions: int
    reviews: int
    opinions: int
    notices: int
    database_bytes: int
    connections: int
    load: float
    processors: int


def load_figures(database: Database) -> LoadFigures:
    """All of it, as of now."""
    with database.begin() as connection:
        people = {row.role: row.people for row in connection.execute(_ROLES)}
        queues = dict(connection.execute(_QUEUES).mappings().one())
    load = round(os.getloadavg()[0], 2)
    return LoadFigures(people=people, **queues, load=load, processors=os.cpu_count() or 1)
