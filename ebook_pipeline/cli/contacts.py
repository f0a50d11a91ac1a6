"""``ebooks contacts``: whom submissions named to be told, and who has confirmed it."""

from typing import Any

import click
from rich.table import Table

from ebook_pipeline.books.notifying.addresses import masked
from ebook_pipeline.books.owning.accounts import HOUSE
from ebook_pipeline.cli.event_delivery import changing
from ebook_pipeline.cli.local_services import Stack
from ebook_pipeline.cli.opening import opened
from ebook_pipeline.cli.running import actor
from ebook_pipeline.cli.terminal import as_json, console, print_json, print_rows
from ebook_pipeline.services.notifying import confirming
from ebook_pipeline.services.owning.contacts import Contact, list_contacts
from ebook_pipeline.settings import Settings


@click.group()
def contacts() -> None:
    """Addresses that submissions name: nothing is sent to one before it is confirmed."""


@contacts.command("list")
@click.option("--account", help="Only an account's.")
@as_json
def list_all(account: str | None, as_json: bool) -> None:
    """Every contact, the newest first; addresses are masked."""
    settings = Settings()
    with Stack(settings).borrowed():
        found = list_contacts(opened(settings).database, account)
    print_json(map(_facts, found)) if as_json else _print(found)


@contacts.command("confirm")
@click.argument("address")
@click.argument("code", required=False)
@click.option("--known", is_flag=True, help="Without a code: you know whose address it is.")
@click.option("--account", default=HOUSE, show_default=True, help="Who may write; with --known.")
@as_json
def confirm_contact(
    address: str, code: str | None, known: bool, account: str, as_json: bool
) -> None:
    """Confirm ADDRESS by the CODE that was sent there: what was held for it goes out."""
    if known == (code is not None):
        raise click.UsageError("give the code that was sent there, or --known")
    settings = Settings()
    with changing(settings) as resources:
        database, texts = resources.database, settings.texts_per_day
        confirmed: tuple[str, ...] = (account,)
        if code is None:
            confirming.vouch(database, account, address, texts, actor=actor())
        else:
            confirmed = confirming.confirm(database, address, code, texts, actor=actor())
    if as_json:
        print_json([{"address": masked(address), "accounts": confirmed}])
    else:
        console().print(f"{masked(address)} hears of the books of {', '.join(confirmed)}")


def _facts(contact: Contact) -> dict[str, Any]:
    return contact.model_dump(mode="json") | {"address": masked(contact.address)}


def _print(found: tuple[Contact, ...]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("contact", "account", "asked", "confirmed", "by"):
        table.add_column(name, overflow="fold")
    for contact in found:
        since = f"{contact.confirmed_at:%Y-%m-%d}" if contact.confirmed_at else "no"
        asked = f"{contact.asked_at:%Y-%m-%d}"
        by = contact.confirmed_by or ""
        table.add_row(masked(contact.address), contact.account, asked, since, by)
    print_rows(table, "nobody has given a contact")
