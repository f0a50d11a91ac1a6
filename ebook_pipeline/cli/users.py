"""``ebooks users``: people, what they are in which account, and in whose name a shell acts."""

import click
from rich.table import Table

from ebook_pipeline.books.owning.accounts import HOUSE, Membership, Person, Role
from ebook_pipeline.cli.event_delivery import changing
from ebook_pipeline.cli.local_services import Stack
from ebook_pipeline.cli.opening import opened
from ebook_pipeline.cli.running import actor
from ebook_pipeline.cli.terminal import as_json, console, messages, print_json, safe
from ebook_pipeline.desk.addresses import DeskAddresses
from ebook_pipeline.foundation.errors import Denied
from ebook_pipeline.resources import Resources
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.owning import people as service
from ebook_pipeline.services.signing_in.passwords import has_password
from ebook_pipeline.services.signing_in.recovery import recovery_of
from ebook_pipeline.settings import Settings


@click.group()
def users() -> None:
    """People and their roles: in whose name things are done, and who did them."""


@users.command("add")
@click.argument("login")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default="operator",
    show_default=True,
    help="What they are there.",
)
@click.option("--account", default=HOUSE, show_default=True, help="Where; operators: the house.")
@click.option("--name", default="", help="How people call them.")
@as_json
def add_user(login: str, role: str, account: str, name: str, as_json: bool) -> None:
    """Add a user, or a role of one who is known; a home's first operator is added by nobody.

    Who has no password yet is given a link at which to choose one.
    """
    membership = Membership(account=account, role=Role(role))
    with changing(Settings()) as resources:
        database = resources.database
        by = _actor(database, membership)
        added = service.add(database, login, membership, actor=by, name=name)
        link = "" if has_password(database, login) else _link(resources, login, by)
    _tell(added, as_json, link)


@users.command("link")
@click.argument("login")
def link(login: str) -> None:
    """Make a link at which LOGIN chooses a password; it works once, for three days."""
    with changing(Settings()) as resources:
        address = _link(resources, login, actor())
    console().print(address, soft_wrap=True, markup=False)


@users.command("leave")
@click.argument("login")
@as_json
def leave(login: str, as_json: bool) -> None:
    """Let nothing be done in the name of LOGIN any more; `users add` takes it back."""
    with changing(Settings()) as resources:
        gone = service.leave(resources.database, login, actor=actor())
    _tell(gone, as_json)
    if not as_json:
        messages().print("The keys and clients that they made have ended: `ebooks keys list`.")


@users.command("list")
@as_json
def list_users(as_json: bool) -> None:
    """Everybody with their roles, those who left too."""
    settings = Settings()
    with Stack(settings).borrowed():
        found = service.people(opened(settings).database)
    if as_json:
        print_json(found)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("user", "name", "roles", "left"):
        table.add_column(column, overflow="fold")
    for person in found:
        left = f"{person.left_at:%Y-%m-%d}" if person.left_at else ""
        table.add_row(person.login, safe(person.name), _roles(person), left)
    console().print(table)


def _actor(database: Database, membership: Membership) -> str:
    if service.operators(database):
        return actor()
    if membership.role is not Role.OPERATOR:
        raise Denied("this home has no operator: `ebooks users add NAME` makes the first one")
    return service.SETUP


def _roles(person: Person) -> str:
    return ", ".join(f"{one.role} of {one.account}" for one in person.memberships)


def _link(resources: Resources, login: str, by: str) -> str:
    origin = DeskAddresses.of(resources.settings).public
    return recovery_of(resources, origin).welcome(login, actor=by)


def _tell(person: Person, as_json: bool, link: str = "") -> None:
    if as_json:
        print_json([person.model_dump(mode="json") | ({"link": link} if link else {})])
        return
    left = f"; left on {person.left_at:%Y-%m-%d}" if person.left_at else ""
    console().print(f"{person.login}: {_roles(person) or 'no role'}{left}")
    if link:
        console().print(f"password  {link} (once, for three days)", soft_wrap=True, markup=False)
