"""All that is known of a person, as one document."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

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


def _rows(connection: Connection, table: Table, person: PersonHandles) -> list[dict[str, Any]]:
    shown = [
        column for column in table.c if class_of(table.name, column.name) is not DataClass.SECRET
    ]
    rows = connection.execute(select(*shown).where(naming(table, person))).mappings()
    return [{name: _plain(value) for name, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
