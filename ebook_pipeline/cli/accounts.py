"""``ebooks accounts``: who submits, with a folder in the landing store, and whose a book is."""

from typing import Any

import click
from rich.table import Table

from ebook_pipeline.books.owning.accounts import Account
from ebook_pipeline.cli.event_delivery import changing
from ebook_pipeline.cli.known_books import known_book
from ebook_pipeline.cli.local_services import Stack
from ebook_pipeline.cli.opening import opened
from ebook_pipeline.cli.running import actor
from ebook_pipeline.cli.terminal import as_json, console, print_json, safe
from ebook_pipeline.services.owning import accounts as service
from ebook_pipeline.services.owning.accounts import AccountSummary
from ebook_pipeline.settings import Settings

_SHARE = click.FloatRange(0, 1)


@click.group()
def accounts() -> None:
    """Who submits books: each account has a folder, imprints and books of its own."""


@accounts.command("add")
@click.argument("account")
@click.option("--name", default="", help="How people call it.")
@click.option("--texts-per-day", type=click.IntRange(0), help="Text messages to its contacts.")
@click.option("--price-fall", type=_SHARE, help="The share by which a price may fall unseen.")
@as_json
def add_account(account: str, name: str, as_json: bool, **limits: Any) -> None:
    """Make an account; ACCOUNT is its folder in the landing store."""
    settings = Settings()
    wanted = {key: value for key, value in limits.items() if value is not None}
    with changing(settings) as resources:
        made = service.add(resources.database, account, actor=actor(), name=name, limits=wanted)
    if settings.env == "local":
        (settings.root / "landing" / account).mkdir(parents=True, exist_ok=True)
    _tell(made, as_json, f"its files go to landing/{account}/")


@accounts.command("change")
@click.argument("account")
@click.option("--name", help="How people call it.")
@click.option("--texts-per-day", type=click.IntRange(0), help="Text messages to its contacts.")
@click.option("--price-fall", type=_SHARE, help="The share by which a price may fall unseen.")
@click.option("--usual", is_flag=True, help="The limits of the settings again.")
@as_json
def change_account(account: str, usual: bool, as_json: bool, **said: Any) -> None:
    """Give an account another name, or other limits than the settings'."""
    changes = {"texts_per_day": None, "price_fall": None} if usual else {}
    changes |= {key: value for key, value in said.items() if value is not None}
    if not changes:
        raise click.UsageError("what should change?")
    with changing(Settings()) as resources:
        changed = service.change(resources.database, account, changes, actor=actor())
    _tell(changed, as_json, "changed")


@accounts.command("give")
@click.argument("account")
@click.argument("books", nargs=-1, required=True)
@as_json
def give_books(account: str, books: tuple[str, ...], as_json: bool) -> None:
    """Let BOOKS belong to ACCOUNT from now on, without an imprint until one is assigned."""
    with changing(Settings()) as resources:
        known_book(resources.database, *books)
        for book in books:
            service.give(resources.database, book, account, actor=actor())
            if as_json:
                print_json([{"book": book, "account": account}])
            else:
                console().print(f"{safe(book)} belongs to {account}")


@accounts.command("list")
@as_json
def list_accounts(as_json: bool) -> None:
    """Every account with its imprints and the number of its books."""
    settings = Settings()
    with Stack(settings).borrowed():
        found = service.summaries(opened(settings).database)
    print_json(map(_facts, found)) if as_json else _print(found)


def _facts(summary: AccountSummary) -> dict[str, Any]:
    owned = summary.model_dump(mode="json", exclude={"account"})
    return {**summary.account.model_dump(mode="json"), **owned}


def _print(found: tuple[AccountSummary, ...]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("account", "name", "books", "imprints"):
        table.add_column(name, overflow="fold")
    for summary in found:
        account = summary.account
        imprints = safe(", ".join(summary.imprints)) or "–"
        table.add_row(account.id, safe(account.name), str(summary.books), imprints)
    console().print(table)


def _tell(account: Account, as_json: bool, said: str) -> None:
    if as_json:
        print_json([account])
    else:
        console().print(f"{account.id} ({safe(account.name)}): {said}")
