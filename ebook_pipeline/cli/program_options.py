"""What the commands that make keys and clients have in common."""

from collections.abc import Callable
from typing import Any

import click

from ebook_pipeline.books.owning.accounts import HOUSE
from ebook_pipeline.books.owning.rights import Actor
from ebook_pipeline.cli.running import actor
from ebook_pipeline.foundation.errors import Denied
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.authorizing.programs import ProgramRights, ProgramRole
from ebook_pipeline.services.signing_in import principals


def program_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """NAME, and in which account it may do what."""
    options = (
        click.argument("name"),
        click.option("--account", default=HOUSE, show_default=True, help="Whose program it is."),
        click.option(
            "--role",
            type=click.Choice([role.value for role in ProgramRole]),
            default=ProgramRole.CLIENT.value,
            show_default=True,
            help="What it is there; client: a shop or partner.",
        ),
        click.option(
            "--scope",
            "scopes",
            multiple=True,
            required=True,
            help="What it may, as book:read or license:*; several times.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def wanted_rights(name: str, account: str, role: str, scopes: tuple[str, ...]) -> ProgramRights:
    """The options as the services take them."""
    return ProgramRights(name=name, account=account, role=ProgramRole(role), scopes=scopes)


def maker(database: Database) -> Actor:
    """The operator in whose name this shell makes programs. Raises `Denied` as `actor` does."""
    name = actor()
    door, _, login = name.partition(":")
    with database.begin() as connection:
        who = principals.actor_of(connection, login, door=door)
    if who is None:
        raise Denied(f"nobody is known as {name}")
    return who
