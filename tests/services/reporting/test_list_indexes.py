"""Lists of what there is much of: their newest page is read from an index, none is sorted."""

import re
from typing import Any

import pytest
from sqlalchemy import event, true

from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.reporting.book_list import BookFilter, list_books
from ebook_pipeline.services.reporting.job_list import newest_jobs
from ebook_pipeline.services.writing import manuscripts

LISTS: dict[str, tuple[str, Any]] = {
    "manuscript": ("manuscript_changed_idx", lambda db: manuscripts.lines(db, true(), 50)),
    "job": ("job_at_idx", lambda db: newest_jobs(db, true(), 50)),
    "genre": ("description_genre_idx", lambda db: list_books(db, BookFilter(genre="FBA"))),
    "text": ("description_forms_idx", lambda db: list_books(db, BookFilter(text="emma"))),
    "imprint": ("book_imprint_idx", lambda db: list_books(db, BookFilter(imprint="vintage"))),
}

SORTED = ("seqscan", "sort")
LOOKED_THROUGH = ("seqscan", "indexscan", "indexonlyscan", "nestloop")
OTHER_WAYS = {"genre": LOOKED_THROUGH, "text": LOOKED_THROUGH, "imprint": LOOKED_THROUGH}
"""What the planner would do instead where there are few rows."""


@pytest.mark.parametrize("name", LISTS)
def test_the_newest_page_of_a_list_is_read_from_an_index(database: Database, name: str) -> None:
    index, ask = LISTS[name]
    asked: list[tuple[str, Any]] = []

    def hear(_: Any, __: Any, statement: str, given: Any, *___: Any) -> None:
        asked.append((statement, given))

    event.listen(database.engine, "before_cursor_execute", hear)
    ask(database)
    event.remove(database.engine, "before_cursor_execute", hear)
    statement, given = next(one for one in asked if re.match(r"\s*SELECT", one[0]))
    with database.begin() as connection:
        connection.exec_driver_sql("ANALYZE")  # so that it does not matter whether somebody did
        for way in OTHER_WAYS.get(name, SORTED):
            connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
        plan = connection.exec_driver_sql(f"EXPLAIN {statement}", given).scalars().all()
    assert index in "\n".join(plan)
