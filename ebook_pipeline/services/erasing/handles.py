"""How a person is known here: a login, addresses in every spelling, a shop's id of a reader.

The schema's own types say where a person may stand: every column of persons' text, every JSON with
a person in it, and every column of class ACTOR. So a new table is looked through unasked.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, false, or_, select, type_coerce

from ebook_pipeline.books.records import Record
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.database import account_tables, notice_tables, tables
from ebook_pipeline.resources.database.data_classes import ACTOR_TEXTS, DataClass, class_of
from ebook_pipeline.resources.database.personal import PartlyPersonalJson, PersonalText
from ebook_pipeline.services.notifying.recipients import ROLES, name_of

_DOORS = ("cli", "dagster", "api", "desk")
_PERSON = account_tables.person.c
_NOTICE = notice_tables.notice.c


class PersonHandles(Record):
    """`who` is what was asked for; `names` and `spellings` are addresses, and what stands for one.

    `logins` are at most one: a person's own.
    """

    who: str
    logins: tuple[str, ...] = ()
    names: frozenset[str]
    spellings: frozenset[str]

    @property
    def actors(self) -> frozenset[str]:
        """In whose name the person did something, by whatever door."""
        doors = {f"{door}:{login}" for login in self.logins for door in _DOORS}
        return frozenset({*self.logins, *doors})

    def is_named(self, text: str) -> bool:
        """Whether `text` is one of the person's names, however it is spelt."""
        return name_of(text) in self.names


def handles_of(connection: Connection, asked: str) -> PersonHandles:
    """Everything by which we know the person who is called `asked`. `NotFound` for a role."""
    who = name_of(asked)
    if not who or who in ROLES:
        raise NotFound("name a person: a login, a mail address, a telephone number, a reader's id")
    is_theirs = (_PERSON.login == who) | (_PERSON.email == who)
    people = connection.execute(select(_PERSON.login, _PERSON.email).where(is_theirs)).all()
    names = frozenset({who, *(row.login for row in people), *(row.email or who for row in people)})
    spellings = {asked.strip(), *names, *_given(connection, names)}
    sent = select(_NOTICE.address).where(_NOTICE.who.in_(names)).distinct()
    written = {address for address in connection.execute(sent).scalars() if address}
    return PersonHandles(
        who=who,
        logins=tuple(sorted({row.login for row in people})),
        names=names,
        spellings=frozenset(spellings | {one for one in written if name_of(one) in names}),
    )


def _given(connection: Connection, names: frozenset[str]) -> Iterator[str]:
    """The person's address as submissions spelt it."""
    contacts = select(tables.SUBMITTED_CONTACT).distinct()
    for contact in filter(None, connection.execute(contacts).scalars()):
        if name_of(contact) in names:
            yield contact


def naming(table: Table, person: PersonHandles) -> ColumnElement[bool]:
    """The rows of `table` in which the person stands."""
    found: list[ColumnElement[bool]] = []
    for column in table.c:
        if isinstance(column.type, PersonalText):
            found.append(column.in_(person.names | person.spellings))
        elif isinstance(column.type, PartlyPersonalJson):
            found += [text.in_(person.spellings) for text in texts_of(column)]
            found += [column[name].astext.in_(person.actors) for name in _actor_texts(column)]
        elif class_of(table.name, column.name) is DataClass.ACTOR:
            found.append(column.in_(person.actors))
    return or_(*found) if found else false()


def names_in(column: Any) -> frozenset[str]:
    """Which texts of a JSON column may name a person, sealed or as an actor."""
    return frozenset({*column.type.names, *_actor_texts(column)})


def _actor_texts(column: Any) -> tuple[str, ...]:
    return ACTOR_TEXTS.get((column.table.name, column.name), ())


def texts_of(column: Any) -> Iterator[ColumnElement[Any]]:
    """Each text of a JSON column that may name a person, opened when it is read."""
    for name in column.type.names:
        yield type_coerce(column[name].astext, PersonalText(name))
