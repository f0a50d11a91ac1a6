"""``ebooks keys``: API keys of partners' programs, shown once when they are made."""

from datetime import UTC, datetime
from typing import Any

import click
from rich.table import Table

from ebook_pipeline.cli.event_delivery import changing
from ebook_pipeline.cli.local_services import Stack
from ebook_pipeline.cli.opening import opened
from ebook_pipeline.cli.program_options import maker, program_options, wanted_rights
from ebook_pipeline.cli.running import actor
from ebook_pipeline.cli.terminal import (
    Moment,
    as_json,
    console,
    messages,
    print_json,
    print_rows,
    safe,
)
from ebook_pipeline.services.authorizing import api_keys as service
from ebook_pipeline.services.authorizing.api_keys import ApiKey
from ebook_pipeline.settings import Settings


@click.group()
def keys() -> None:
    """API keys: what a partner's program may, until the key is revoked."""


@keys.command("add")
@program_options
@click.option("--until", type=Moment(), help="It opens nothing any more from this time on.")
@as_json
def add_key(until: datetime | None, as_json: bool, **said: Any) -> None:
    """Make a key for the program NAME; it is shown this once."""
    wanted = wanted_rights(**said)
    with changing(Settings()) as resources:
        who = maker(resources.database)
        made = service.add(resources.database, wanted, maker=who, ends_at=until)
    if as_json:
        print_json([{**made.key.model_dump(mode="json"), "text": made.text}])
        return
    messages().print("Keep it now: it is not shown again.")
    console().print(made.text, soft_wrap=True, markup=False)


@keys.command("revoke")
@click.argument("key")
@as_json
def revoke_key(key: str, as_json: bool) -> None:
    """Let KEY, by its id or as it is, open nothing any more."""
    with changing(Settings()) as resources:
        gone = service.end(resources.database, key, actor=actor())
    if as_json:
        print_json([gone])
    else:
        console().print(f"{gone.id} ({safe(gone.name)}) opens nothing any more")


@keys.command("list")
@click.option("--account", help="Only this account's.")
@as_json
def list_keys(account: str | None, as_json: bool) -> None:
    """Every key with what it may and when it was used, those that ended too."""
    settings = Settings()
    with Stack(settings).borrowed():
        found = service.list_keys(opened(settings).database, [account] if account else None)
    print_json(found) if as_json else _print(found)


def _print(found: tuple[ApiKey, ...]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("key", "name", "account", "role", "scopes", "made by", "used", "ended"):
        table.add_column(column, overflow="fold")
    for key in found:
        used = f"{key.last_used_at:%Y-%m-%d}" if key.last_used_at else "never"
        what = (key.account, key.role.value, " ".join(key.scopes))
        table.add_row(key.id, safe(key.name), *what, key.person, used, _end(key))
    print_rows(table, "no key: `ebooks keys add` makes one")


def _end(key: ApiKey) -> str:
    if key.ended_at:
        return f"{key.ended_at:%Y-%m-%d}"
    if key.ends_at is None:
        return ""
    return f"{'' if key.ends_at < datetime.now(UTC) else 'on '}{key.ends_at:%Y-%m-%d}"
