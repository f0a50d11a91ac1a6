"""The rows of an erased person: some go, in all others a pseudonym stands for them."""

from typing import Any

from sqlalchemy import Connection, Exists, Table, delete, exists, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from ebook_pipeline.books.notifying.addresses import channel_of
from ebook_pipeline.resources.database import account_tables, license_tables
from ebook_pipeline.resources.database.all_tables import metadata
from ebook_pipeline.resources.database.data_classes import DataClass, class_of
from ebook_pipeline.resources.database.personal import PartlyPersonalJson, PersonalText
from ebook_pipeline.resources.database.roles import allow_taking_away
from ebook_pipeline.services.erasing.handles import PersonHandles, names_in, naming

GONE = {
    "contact": ("address",),
    "recipient": ("who",),
    "notice": ("who", "address"),
    "session": ("person",),
    "credential": ("person",),
    "one_time_link": ("person", "address"),
    "membership": ("person",),
    "app_password": ("person",),
    "identity": ("person",),
    "opinion_vote": ("person",),
    "opinion_report": ("person",),
    "opinion": ("person",),
    "shelf_entry": ("person",),
    "dismissal": ("person",),
    "followed_author": ("person",),
    "profile": ("person",),
    "manuscript_editor": ("person",),
    "reader_recommendations": ("person",),
    "picture_book_name": ("name",),
}
"""Tables whose rows are of the one whom these columns name, and go as a whole."""
_PERSON = account_tables.person
_LICENSE, _DEVICE = license_tables.license, license_tables.license_event


def is_known(connection: Connection, person: PersonHandles) -> bool:
    """Whether the person stands in any row."""
    return any(
        connection.execute(select(_one(table, person))).scalar_one()
        for table in metadata.sorted_tables
    )


def erase_rows(connection: Connection, person: PersonHandles, pseudonym: str) -> dict[str, int]:
    """Remove or rewrite every row in which the person stands; how many, by table."""
    allow_taking_away(connection)
    changed = {"license_event": _forget_devices(connection, person)}
    for name, columns in GONE.items():
        table = metadata.tables[name]
        theirs = or_(*(table.c[column].in_(_everything(person)) for column in columns))
        changed[name] = connection.execute(delete(table).where(theirs)).rowcount
    for login in person.logins:
        _introduce(connection, login, pseudonym)
    for table in metadata.sorted_tables:
        if table is not _PERSON:
            count = _rewrite(connection, table, person, pseudonym)
            changed[table.name] = changed.get(table.name, 0) + count
    for login in person.logins:
        done = connection.execute(delete(_PERSON).where(_PERSON.c.login == login))
        changed["person"] = done.rowcount
    return {name: count for name, count in changed.items() if count}


def _one(table: Table, person: PersonHandles) -> Exists:
    return exists(select(literal(1)).select_from(table).where(naming(table, person)))


def _everything(person: PersonHandles) -> frozenset[str]:
    return person.names | person.spellings


def actor_for(actor: str, pseudonym: str) -> str:
    """The pseudonym behind the door that the person came by."""
    door, separator, _ = actor.rpartition(":")
    return f"{door}{separator}{pseudonym}"


def _introduce(connection: Connection, login: str, pseudonym: str) -> None:
    """A person who left, for whatever refers to one."""
    known = select(_PERSON.c.actor, _PERSON.c.at).where(_PERSON.c.login == login)
    row = connection.execute(known).one()
    nobody = {"login": pseudonym, "actor": row.actor, "at": row.at, "left_at": row.at}
    connection.execute(insert(_PERSON).values(nobody).on_conflict_do_nothing())


def _forget_devices(connection: Connection, person: PersonHandles) -> int:
    theirs = select(_LICENSE.c.id).where(_LICENSE.c.reader.in_(_everything(person)))
    here = _DEVICE.c.license.in_(theirs) & _DEVICE.c.device.is_not(None)
    nameless = update(_DEVICE).where(here).values(device=None, device_name=None)
    return connection.execute(nameless).rowcount


def _rewrite(connection: Connection, table: Table, person: PersonHandles, pseudonym: str) -> int:
    columns = [column for column in table.c if _may_name(table, column)]
    if not columns:
        return 0
    keys = list(table.primary_key)
    rows = connection.execute(select(*keys, *columns).where(naming(table, person))).all()
    for row in rows:
        values = {
            column.name: _without(column, getattr(row, column.name), person, pseudonym)
            for column in columns
        }
        here = [key == getattr(row, key.name) for key in keys]
        connection.execute(update(table).where(*here).values(values))
    return len(rows)


def _may_name(table: Table, column: Any) -> bool:
    typed = isinstance(column.type, PersonalText | PartlyPersonalJson)
    return typed or class_of(table.name, column.name) is DataClass.ACTOR


def _without(column: Any, value: Any, person: PersonHandles, pseudonym: str) -> Any:
    if isinstance(value, dict):
        named = names_in(column)
        return {
            name: _text(name, text, person, pseudonym, known=name in named)
            for name, text in value.items()
        }
    if (
        isinstance(value, str)
        and value in person.actors
        and not isinstance(column.type, PersonalText)
    ):
        return actor_for(value, pseudonym)
    return pseudonym if isinstance(value, str) and person.is_named(value) else value


def _text(name: str, text: Any, person: PersonHandles, pseudonym: str, *, known: bool) -> Any:
    """A contact is none any more; whoever else is named is named otherwise.

    `known`: a person stands there. Elsewhere a login is an ordinary word, and an address is not.
    """
    if name == "subject" and isinstance(text, str):
        return None  # how another house knows them, as an earlier release noted it
    if not isinstance(text, str) or not (known or channel_of(text)):
        return text
    if text in person.actors:
        return actor_for(text, pseudonym)
    if not person.is_named(text):
        return text
    return None if name == "contact" else pseudonym
