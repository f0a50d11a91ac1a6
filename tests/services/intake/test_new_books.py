"""Files that nobody has seen before are submitted together as each is by itself."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, event

from ebook_pipeline.books.records import Claims
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.actors import UnknownActor
from ebook_pipeline.services.intake import submissions
from ebook_pipeline.services.intake.new_books import submit_new
from ebook_pipeline.services.intake.refusals import digest_of
from ebook_pipeline.services.intake.submissions import SubmissionRequest
from ebook_pipeline.services.owning import accounts, imprints, tombstones
from tests.support.servers.postgres import rows

ACTOR = "sensor:new_submissions"
WRITTEN = """
SELECT one.landing_key, one.version, one.source, one.length, one.claims::text, one.origin,
    one.state, one.actor, one.book, source.book, book.account, book.imprint, progress.state,
    (SELECT jsonb_agg(actor || action || (detail - 'submission')::text) FROM audit
     WHERE audit.book = one.book AND (detail ->> 'submission')::bigint = one.id),
    (SELECT jsonb_agg(event || version || (payload - 'submission')::text
         || (causation IS NOT DISTINCT FROM first_value) || (correlation = uid::text) ORDER BY id)
     FROM (SELECT *, first_value(uid::text) OVER (ORDER BY id) FROM outbox
           WHERE outbox.book = one.book AND (payload ->> 'submission')::bigint = one.id) AS told)
FROM submission AS one JOIN book ON book.id = one.book JOIN source USING (landing_key)
    JOIN book_progress AS progress ON progress.book = one.book ORDER BY landing_key
"""


def offer(key: str, version: str = "1", account: str = "house", **more: Any) -> SubmissionRequest:
    return SubmissionRequest(
        landing_key=key, version=version, source=key, length=7, account=account, **more
    )


def written(database: Database, name: str) -> list[list[str]]:
    """All that is noted of the files of this name, without the name and digests of it."""
    found = [list(map(str, row)) for row in rows(database, WRITTEN) if name in row[0]]
    return sorted([re.sub(f"{name}|-[0-9a-f]{{6}}", "", cell) for cell in row] for row in found)


@pytest.fixture
def owners(database: Database) -> None:
    accounts.add(database, "mill", actor="setup")
    imprints.add(database, "Mill Press", "mill", actor="setup")


@pytest.mark.usefixtures("owners")
def test_what_is_written_is_what_single_submissions_write(database: Database) -> None:
    def offers(name: str) -> Iterator[SubmissionRequest]:
        yield from (offer(f"{name}.epub"), offer(f"house/{name} ü\0.epub"))
        yield offer(f"mill/{name}.docx", account="mill")

    for one in offers("first"):
        submissions.submit(database, one, actor=ACTOR)
    alone = written(database, "first")
    assert len(submit_new(database, offers("second"), actor=ACTOR)) == 3
    assert written(database, "second") == written(database, "first") == alone
    assert rows(database, "SELECT count(*) FROM work") == [(6,)]


@pytest.mark.usefixtures("owners")
def test_whatever_is_not_plain_is_left_to_single_submissions(database: Database) -> None:
    submissions.submit(database, offer("known.epub"), actor=ACTOR)
    with database.begin() as connection:
        for name in ("gone", "away"):
            tombstones.raise_stone(connection, name, "a mistake", actor="setup")
        tombstones.remember(connection, "away", [digest_of("was.epub", "1")], [])
    left = [
        offer("known.epub"),  # no news
        offer("known.epub", "2"),  # a new edition
        offer("known.docx"),  # its name is another's
        offer("gone.epub"),  # its name was a purged book's
        offer("was.epub"),  # it was a purged book's itself
        offer("mill/others.epub"),  # not the house's folder
        offer("nobody/x.epub", account="nobody"),
        offer("sidecar.epub", claims=Claims(title="A title")),
    ]
    plain = [offer("a.epub"), offer("b.epub"), offer("b.docx")]
    assert submit_new(database, [*left, *plain], actor=ACTOR) == {"a.epub", "b.epub"}
    assert submit_new(database, plain, actor=ACTOR) == frozenset()
    assert rows(database, "SELECT count(*) FROM work") == [(3,)]


def test_a_hundred_take_few_statements(database: Database) -> None:
    told: list[object] = []

    def hear(*facts: object) -> None:
        told.append(facts)

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        submit_new(database, [offer(f"b{n}.epub") for n in range(100)], actor=ACTOR)
    finally:
        event.remove(Engine, "before_cursor_execute", hear)
    assert len(told) < 16
    assert rows(database, "SELECT count(*) FROM submission") == [(100,)]


def test_nobody_submits_in_an_unknown_name(database: Database) -> None:
    with pytest.raises(UnknownActor):
        submit_new(database, [offer("a.epub"), offer("b.epub")], actor="eve was here")
    assert rows(database, "SELECT count(*) FROM book") == [(0,)]
