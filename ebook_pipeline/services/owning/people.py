"""People and their roles: whom `ebooks users` lists, and in whose name the shell acts."""

import re
from collections import defaultdict

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects.postgresql import insert

from ebook_pipeline.books.owning.accounts import HOUSE, Membership, Person, Role, is_login
from ebook_pipeline.foundation.errors import Denied, NotFound, ServiceError
from ebook_pipeline.resources.database import Database, account_tables
from ebook_pipeline.services.audit_and_outbox import audit, emit
from ebook_pipeline.services.owning import accounts
from ebook_pipeline.services.owning.leaving import end_programs, end_sign_in

SETUP = "setup"
"""Who makes the first operator: nobody is known by then."""

_PERSON = account_tables.person.c
_MEMBERSHIP = account_tables.membership.c


def add(
    database: Database, login: str, membership: Membership, *, actor: str, name: str = ""
) -> Person:
    """Let `login` be what `membership` says, a person who is known already besides.

    ServiceError where the name can't be one, `NotFound` for an unknown account, `Denied` for an
    operator of another account than the house.
    """
    if not is_login(login):
        raise ServiceError(f"{login[:80]!r} can't be a user: use small letters, digits, . _ -")
    if membership.role is Role.OPERATOR and membership.account != HOUSE:
        raise Denied("operators look after the pipeline: they belong to the house's account")
    with database.begin() as connection:
        accounts.known(connection, membership.account)
        _write(connection, login, membership, actor, name.strip())
        detail = {"user": login, **membership.model_dump(mode="json")}
        audit(connection, actor, "user.add", "", detail)
    return person(database, login)


def leave(database: Database, login: str, *, actor: str) -> Person:
    """Let nothing be done in the name of `login` any more; what was done stays on record.

    Their sessions and the programs that they made end too (`leaving`).
    Raises `Denied` for the last operator: nobody could add another one.
    """
    with database.begin() as connection:
        if _operators(connection) == [login]:
            raise Denied(f"{login} is the only operator: add another one first")
        ended = end_programs(connection, login)
        end_sign_in(connection, login)
        detail = {"user": login, **ended.model_dump()}
        audit(connection, actor, "user.leave", "", detail)  # it may be the actor's own
        this = update(account_tables.person).where(_PERSON.login == login)
        if not connection.execute(this.values(left_at=func.now())).rowcount:
            raise NotFound(f"no user is called {login[:80]!r} (`ebooks users list`)")
    return person(database, login)


def login_of(name: str) -> str:
    """A login as near to the machine's own name for somebody as one may be."""
    plain = re.sub(r"[^a-z0-9._-]+", "-", name.lower()).lstrip("._-")[:63]
    return plain or "operator"


def first_operator(database: Database, login: str) -> str | None:
    """Make the operator of a home that has none; None where somebody else was there first."""
    membership = Membership(account=HOUSE, role=Role.OPERATOR)
    with database.begin() as connection:
        connection.exec_driver_sql("LOCK TABLE membership IN SHARE ROW EXCLUSIVE MODE")
        if _operators(connection):
            return None
        _write(connection, login, membership, SETUP, "")
    return login


def operators(database: Database) -> list[str]:
    """Everybody in whose name a shell of this home may act, in order of name."""
    with database.begin() as connection:
        return _operators(connection)


def shell_operator(database: Database, wanted: str | None) -> str:
    """The operator in whose name a shell of this home acts: `wanted`, or the only one there is.

    Raises `Denied` where there is none such, with what to do.
    """
    known = operators(database)
    if wanted is None and len(known) == 1:
        return known[0]
    if wanted in known:
        return str(wanted)
    if not known:
        raise Denied("this home has no operator: `ebooks users add NAME` makes the first one")
    what = f"{wanted!r} is no operator here" if wanted else "this home has several operators"
    raise Denied(f"{what}: set EBOOK_OPERATOR to one of {', '.join(known)}")


def person(database: Database, login: str) -> Person:
    """One user. Raises `NotFound` where there is none."""
    found = [user for user in people(database) if user.login == login]
    if not found:
        raise NotFound(f"no user is called {login[:80]!r} (`ebooks users list`)")
    return found[0]


def people(database: Database) -> tuple[Person, ...]:
    """Everybody who was ever added, in order of name."""
    roles: dict[str, list[Membership]] = defaultdict(list)
    with database.begin() as connection:
        whole = select(_PERSON.login, _PERSON.name, _PERSON.at, _PERSON.left_at)
        rows = connection.execute(whole.order_by(_PERSON.login)).mappings().all()
        query = select(account_tables.membership).order_by(_MEMBERSHIP.account, _MEMBERSHIP.role)
        for row in connection.execute(query):
            roles[row.person].append(Membership(account=row.account, role=row.role))
    return tuple(
        Person.model_validate({**row, "memberships": tuple(roles[row["login"]])}) for row in rows
    )


def _write(
    connection: Connection, login: str, membership: Membership, actor: str, name: str
) -> None:
    known = select(_PERSON.login).where(_PERSON.login == login)
    is_known = connection.execute(known).first() is not None
    person = insert(account_tables.person).values(login=login, name=name, actor=actor)
    back = {"left_at": None} | ({"name": name} if name else {})
    written = person.on_conflict_do_update(index_elements=["login"], set_=back)
    number = connection.execute(written.returning(_PERSON.id)).scalar_one()
    row = {"person": login, "actor": actor, **membership.model_dump(mode="json")}
    connection.execute(insert(account_tables.membership).values(row).on_conflict_do_nothing())
    if not is_known:
        facts = {"user": number, **membership.model_dump(mode="json")}
        emit(connection, "user.registered", f"user:{number}", facts)


def _operators(connection: Connection) -> list[str]:
    query = (
        select(_PERSON.login)
        .join(account_tables.membership, _MEMBERSHIP.person == _PERSON.login)
        .where(_MEMBERSHIP.role == Role.OPERATOR.value, _PERSON.left_at.is_(None))
    )
    return list(connection.execute(query.order_by(_PERSON.login)).scalars())
