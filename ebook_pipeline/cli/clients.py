"""``ebooks clients``: programs that get tokens by OAuth, and the key that signs tokens."""

from typing import Any

import click
from rich.table import Table

from ebook_pipeline.cli.event_delivery import changing
from ebook_pipeline.cli.local_services import Stack
from ebook_pipeline.cli.opening import opened
from ebook_pipeline.cli.program_options import maker, program_options, wanted_rights
from ebook_pipeline.cli.running import actor
from ebook_pipeline.cli.terminal import as_json, console, messages, print_json, print_rows, safe
from ebook_pipeline.services.authorizing import clients as service
from ebook_pipeline.services.authorizing.clients import Client
from ebook_pipeline.services.protecting import signing_keys
from ebook_pipeline.settings import Settings


@click.group()
def clients() -> None:
    """OAuth clients: programs that get tokens, in their own name or in people's."""


@clients.command("add")
@program_options
@click.option("--redirect", "redirects", multiple=True, help="Where people come back to.")
@click.option("--public", is_flag=True, help="It runs on people's machines: no secret.")
@as_json
def add_client(redirects: tuple[str, ...], public: bool, as_json: bool, **said: Any) -> None:
    """Make a client for the program NAME; its secret is shown this once."""
    wanted = wanted_rights(**said)
    with changing(Settings()) as resources:
        who = maker(resources.database)
        made = service.add(
            resources.database, wanted, maker=who, redirect_uris=redirects, public=public
        )
    if as_json:
        print_json([{**made.client.model_dump(mode="json"), "secret": made.secret}])
        return
    console().print(f"client_id      {made.client.id}")
    if made.secret:
        messages().print("Keep the secret now: it is not shown again.")
        console().print(f"client_secret  {made.secret}", markup=False)


@clients.command("revoke")
@click.argument("client")
@as_json
def revoke_client(client: str, as_json: bool) -> None:
    """End CLIENT with all tokens that it was given."""
    with changing(Settings()) as resources:
        gone = service.end(resources.database, client, actor=actor())
    if as_json:
        print_json([gone])
    else:
        console().print(f"{gone.id} ({safe(gone.name)}) gets no tokens any more")


@clients.command("list")
@click.option("--account", help="Only this account's.")
@as_json
def list_clients(account: str | None, as_json: bool) -> None:
    """Every client with what it may, those that ended too."""
    settings = Settings()
    with Stack(settings).borrowed():
        found = service.list_clients(opened(settings).database, [account] if account else None)
    print_json(found) if as_json else _print(found)


@clients.command("rotate-key")
@click.option("--compromised", is_flag=True, help="Tokens of the keys before are void at once.")
@as_json
def rotate_key(compromised: bool, as_json: bool) -> None:
    """Sign tokens with a new key; the one before checks until its last token has ended."""
    with changing(Settings()) as resources:
        database, vault = resources.database, resources.key_vault
        kid = signing_keys.rotate(database, vault, actor=actor(), at_once=compromised)
    print_json([{"kid": kid}]) if as_json else console().print(f"tokens are signed with {kid}")


def _print(found: tuple[Client, ...]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("client", "name", "account", "role", "scopes", "comes back to", "by", "ended"):
        table.add_column(column, overflow="fold")
    for client in found:
        what = (client.account, client.role.value, " ".join(client.scopes))
        uris = safe(" ".join(client.redirect_uris))
        ended = f"{client.ended_at:%Y-%m-%d}" if client.ended_at else ""
        table.add_row(client.id, safe(client.name), *what, uris, client.person, ended)
    print_rows(table, "no client: `ebooks clients add` makes one")
