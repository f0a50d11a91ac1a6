"""Rows that an earlier release wrote in the clear, sealed in batches; a kill loses one batch."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Row,
    Table,
    Text,
    cast,
    delete,
    or_,
    select,
    type_coerce,
    update,
)
from sqlalchemy import text as sql
from sqlalchemy.exc import IntegrityError

from ebook_pipeline.resources.database.columns import metadata
from ebook_pipeline.resources.database.personal import (
    MARK,
    PERSONAL_TYPES,
    PartlyPersonalJson,
)
from ebook_pipeline.resources.database.roles import allow_taking_away

_BATCH = 500
_LEFT = sql('SELECT "table" FROM unsealed ORDER BY "table"')
_DONE = sql('DELETE FROM unsealed WHERE "table" = :table')

Transaction = Callable[[], AbstractContextManager[Connection]]


def seal_rows(begin: Transaction) -> int:
    """Seal what `unsealed` names; how many rows were written. Again, it costs one query."""
    with begin() as connection:
        names = list(connection.execute(_LEFT).scalars())
    if names:
        from ebook_pipeline.resources.database import all_tables  # noqa: F401 - they register
    return sum(_seal_table(begin, metadata.tables[name]) for name in names)


def _seal_table(begin: Transaction, table: Table) -> int:
    columns = [column for column in table.c if isinstance(column.type, PERSONAL_TYPES)]
    written, batch = 0, -1
    while batch:
        with begin() as connection:
            batch = 0
            for row in _in_the_clear(connection, columns):
                _seal(connection, table, columns, row)
                batch += 1
        written += batch
    with begin() as connection:
        connection.execute(_DONE, {"table": table.name})
    return written


def _in_the_clear(connection: Connection, columns: list[Any]) -> list[Row[Any]]:
    """Rows as they stand: `ctid` names each, for a key may be what is sealed."""
    query = select(sql("ctid"), *columns).where(or_(*map(_is_clear, columns)))
    return list(connection.execute(query.limit(_BATCH).with_for_update()))


def _seal(connection: Connection, table: Table, columns: list[Any], row: Row[Any]) -> None:
    """A type opens what is sealed and seals what it writes: written back, the row is sealed."""
    values = {column.name: getattr(row, column.name) for column in columns}
    this = sql("ctid = CAST(:ctid AS tid)").bindparams(ctid=row.ctid)
    try:
        with connection.begin_nested():
            allow_taking_away(connection)
            connection.execute(update(table).where(this).values(values))
    except IntegrityError:  # this release has written the same one meanwhile
        connection.execute(delete(table).where(this))


def _is_clear(column: "Column[Any]") -> Any:
    """Whether the column holds something that is not sealed yet."""
    if isinstance(column.type, PartlyPersonalJson):
        return or_(*(_is_clear_text(_plain(column)[name].astext) for name in column.type.names))
    return _is_clear_text(cast(_plain(column), Text))


def _plain(column: "Column[Any]") -> Any:
    """The column as Postgres knows it, unopened."""
    return type_coerce(column, column.type.impl_instance)  # type: ignore[attr-defined]


def _is_clear_text(value: Any) -> Any:
    """JSON's texts come with a quotation mark before them."""
    marked = or_(value.startswith(MARK), value.startswith(f'"{MARK}'))
    return value.is_not(None) & (value != "") & ~marked
