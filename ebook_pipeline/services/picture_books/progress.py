"""How far ordered picture books are: written by their runs, read by whoever watches."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects.postgresql import insert

from ebook_pipeline.books.picture_books.stage_records import MadeFiles
from ebook_pipeline.books.records import Record
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources.database import Database, picture_book_tables
from ebook_pipeline.services.picture_books import briefs
from ebook_pipeline.services.picture_books.briefs import OrderState

_TABLE = picture_book_tables.picture_book
_ORDER = _TABLE.c
_STAGES = picture_book_tables.picture_book_stage
_STAGE = _STAGES.c
_VERSIONS = picture_book_tables.picture_book_version
STAGES = (
    "book_brief", "story", "character_sheet", "illustrations", "picture_book", "interior_pdf",
    "colouring_pdf", "fixed_layout_epub", "cover_pdf", "print_package", "book_submission",
)  # fmt: skip
"""Of a picture book, in their order: a test says that they are the chain's."""
_RUNNING = "running"
_LOST = timedelta(minutes=30)
"""What has not moved for so long is held by no run: a story by a model takes ten at most."""
_ENDS = {Outcome.REJECTED: OrderState.REFUSED, Outcome.FAILED: OrderState.FAILED}


class OrderStage(Record):
    """A stage of the newest version: `outcome` is ``running`` while it is under way."""

    stage: str
    outcome: str
    seconds: float
    tokens: int
    detail: dict[str, Any]
    at: datetime

    @property
    def is_finished(self) -> bool:
        return self.outcome in (Outcome.DONE, Outcome.REUSED)


def started(database: Database, key: str, stage: str) -> bool:
    """Note that a stage begins; False where the order was cancelled, and nothing is to begin."""
    with database.begin() as connection:
        state = _lock(connection, key)
        if state is None or state is OrderState.CANCELLED:
            return state is None
        _note(connection, key, {"stage": stage, "outcome": _RUNNING, "seconds": 0.0, "detail": {}})
        briefs.move(connection, key, OrderState.MAKING)
    return True


def ended(
    database: Database,
    key: str,
    stage: str,
    outcome: Outcome,
    seconds: float,
    detail: Mapping[str, Any],
) -> None:
    """Note how a stage ended, and the order with it where it was the last or a refusal."""
    with database.begin() as connection:
        state = _lock(connection, key)
        if state is None or state is OrderState.CANCELLED:
            return
        tokens = int(detail.get("tokens", 0))
        row = {"stage": stage, "outcome": outcome.value, "seconds": seconds, "tokens": tokens}
        _note(connection, key, row | {"detail": dict(detail)})
        last = stage == STAGES[-1] and outcome in (Outcome.DONE, Outcome.REUSED)
        after = OrderState.MADE if last else _ENDS.get(outcome, OrderState.MAKING)
        briefs.move(connection, key, after)


def made(database: Database, key: str, files: MadeFiles, book: str) -> None:
    """Note what came of the version that stands, and as which book it was submitted."""
    with database.begin() as connection:
        this = update(_TABLE).where(_ORDER.key == key).values(book=book).returning(_ORDER.version)
        number = connection.execute(this).scalar_one()
        here = (_VERSIONS.c.picture_book == key) & (_VERSIONS.c.number == number)
        document = files.model_dump(mode="json")
        connection.execute(update(_VERSIONS).where(here).values(made=document))


def files_of(database: Database, key: str, version: int | None = None) -> MadeFiles | None:
    """What came of a version, the newest that was made if unset; None where nothing has."""
    query = select(_VERSIONS.c.made).where(
        _VERSIONS.c.picture_book == key, _VERSIONS.c.made.is_not(None)
    )
    if version is not None:
        query = query.where(_VERSIONS.c.number == version)
    query = query.order_by(_VERSIONS.c.number.desc()).limit(1)
    with database.begin() as connection:
        found = connection.execute(query).scalar_one_or_none()
    return MadeFiles.model_validate(found) if found else None


def stages_of(database: Database, key: str) -> list[OrderStage]:
    """What is known of the newest version's stages, in the chain's order."""
    columns = [column for column in _STAGE if column.name != "picture_book"]
    query = select(*columns).where(_STAGE.picture_book == key)
    with database.begin() as connection:
        rows = connection.execute(query).mappings()
        found = [OrderStage.model_validate(dict(row)) for row in rows]
    return sorted(found, key=lambda one: STAGES.index(one.stage))


def give_up_lost(database: Database) -> int:
    """Fail orders whose run is gone; of how many. They can be made again."""
    lost = (_ORDER.state == OrderState.MAKING) & (_ORDER.changed_at < func.now() - _LOST)
    failed = update(_TABLE).where(lost).values(state=OrderState.FAILED.value)
    with database.begin() as connection:
        return connection.execute(failed).rowcount


def _lock(connection: Connection, key: str) -> OrderState | None:
    query = select(_ORDER.state).where(_ORDER.key == key).with_for_update()
    state = connection.execute(query).scalar_one_or_none()
    return None if state is None else OrderState(state)


def _note(connection: Connection, key: str, row: dict[str, Any]) -> None:
    fresh = {"tokens": 0, "at": func.clock_timestamp()} | row
    adding = insert(_STAGES).values({"picture_book": key} | fresh)
    same = [_STAGE.picture_book, _STAGE.stage]
    connection.execute(adding.on_conflict_do_update(index_elements=same, set_=fresh))
