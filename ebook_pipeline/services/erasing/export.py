"""All that is known of a person: as one document, or as an archive of any size."""

import json
import zipfile
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from typing import IO, Any

from sqlalchemy import Connection, Table, select

from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.database.all_tables import metadata
from ebook_pipeline.resources.database.data_classes import DataClass, class_of
from ebook_pipeline.services.audit_and_outbox import audit
from ebook_pipeline.services.erasing.handles import PersonHandles, handles_of, naming

KEPT = (
    "What a published book says of its authors is part of the work, and stays with it.",
    "Licences, copies and prices stay for the books of account; an erased person's are another's.",
    "Mail and messages that went out, and events told to other systems, can't be called back.",
)
"""What an erasure leaves, and why."""
_AT_A_TIME = 500
"""Rows that are held at once."""


def export(database: Database, asked: str, *, actor: str) -> dict[str, Any]:
    """Every row in which the person stands, by table. `NotFound` where there is none.

    What is sealed is opened; keys and hashes are left out, for they open what is others' too.
    """
    with database.begin() as connection:
        person = handles_of(connection, asked)
        found = {table.name: _rows(connection, table, person) for table in metadata.sorted_tables}
        rows = {name: there for name, there in found.items() if there}
        if not rows:
            raise NotFound("nothing is known of anybody who is called so")
        audit(connection, actor, "person.export", "", {"tables": sorted(rows)})
    return {
        "known_as": sorted(person.names | person.spellings),
        "login": next(iter(person.logins), None),
        "rows": rows,
        "kept": list(KEPT),
    }


def archive(database: Database, login: str, target: IO[bytes], *, actor: str) -> None:
    """The same of somebody who has signed in as a ZIP: a file of JSON lines for each table.

    Written as it is read, so memory does not grow with the person's rows. Raises `NotFound`.
    """
    with database.begin() as connection:
        person = handles_of(connection, login)
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
            about = {"login": login, "known_as": sorted(person.names), "kept": list(KEPT)}
            made.writestr("about.json", json.dumps(about, ensure_ascii=False, indent=2))
            tables = [
                table.name
                for table in metadata.sorted_tables
                if _write_table(connection, made, table, person)
            ]
        audit(connection, actor, "person.export", "", {"tables": sorted(tables)})


def _write_table(
    connection: Connection, made: zipfile.ZipFile, table: Table, person: PersonHandles
) -> bool:
    """Whether the person stands in the table at all."""
    query = select(*_shown(table)).where(naming(table, person))
    rows = iter(connection.execute(query, execution_options={"yield_per": _AT_A_TIME}).mappings())
    first = next(rows, None)
    if first is None:
        return False
    with made.open(f"{table.name}.jsonl", "w") as entry:
        for row in chain([first], rows):
            line = {name: _plain(value) for name, value in row.items()}
            entry.write(json.dumps(line, ensure_ascii=False, default=str).encode() + b"\n")
    return True


def _rows(connection: Connection, table: Table, person: PersonHandles) -> list[dict[str, Any]]:
    rows = connection.execute(select(*_shown(table)).where(naming(table, person))).mappings()
    return [{name: _plain(value) for name, value in row.items()} for row in rows]


def _shown(table: Table) -> list[Any]:
    return [
        column for column in table.c if class_of(table.name, column.name) is not DataClass.SECRET
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
